-- A run whose figure is not the one its training_compute_source names.
-- On failure: stop
select
    run_id,
    training_compute_source,
    training_compute_flop,
from compute.training_runs
where
    training_compute_flop is distinct from case training_compute_source
        when 'reported' then reported_training_compute_flop
        when 'estimated' then estimated_training_compute_flop
    end
