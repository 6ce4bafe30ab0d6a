-- A run whose methods, those set aside left out, do not count for one whole together.
-- On failure: stop
select
    run_id,
    sum(weight_share) as weight_shares,
from compute.estimates
where method <> 'reported'
group by run_id
having abs(sum(weight_share) - 1) > 1e-9
