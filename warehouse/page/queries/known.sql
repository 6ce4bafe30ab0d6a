-- How much of the record has a figure, and how well figure and estimate agree.
select
    count(*) as runs,
    count(training_compute_flop) as runs_with_compute,
    count(reported_training_compute_flop) as runs_reported,
    count(estimated_training_compute_flop) as runs_estimated,
    count(disagreement_factor) as runs_compared,
    count(*) filter (where disagreement_factor between 0.5 and 2) as runs_within_two,
from compute.training_runs
where run_kind = 'training'
