-- From the essay's first run to the largest one since, in the metric's own figures.
select
    from_run.run_name as from_name,
    to_run.run_name as to_name,
    growth.from_on,
    growth.to_on,
    growth.to_value,
    to_run.training_compute_flop_low as to_low,
    to_run.training_compute_flop_high as to_high,
    growth.growth_factor,
    growth.two_year_doubling_factor,
from trends.growth
join compute.training_runs as from_run on from_run.run_id = growth.from_run_id
join compute.training_runs as to_run on to_run.run_id = growth.to_run_id
where growth.metric = 'training_compute' and growth.selection = 'all'
