-- Runs whose stated figure and our estimate lie furthest apart.
select
    run_name,
    published_on,
    reported_training_compute_flop,
    estimated_training_compute_flop,
    disagreement_factor,
    methods,
    compute_scope,
from compute.training_runs
where disagreement_factor > 0
order by abs(ln(disagreement_factor)) desc, run_id
