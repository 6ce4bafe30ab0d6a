-- A sum with the base models that is less than the run's own part of it.
-- On failure: stop
select
    own.run_id,
    own.estimated_training_compute_flop as own_compute_flop,
    summed.estimated_training_compute_flop as with_base_compute_flop,
from compute.combined_estimates as own
join compute.combined_estimates as summed using (run_id)
where
    own.base_runs = 0
    and summed.base_runs > 0
    and summed.estimated_training_compute_flop < own.estimated_training_compute_flop
