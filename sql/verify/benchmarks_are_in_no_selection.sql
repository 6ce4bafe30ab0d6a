-- A benchmark run that stands in a selection, a measurement or at the frontier, and so in a trend.
-- On failure: stop
with

placed as (
    select
        run_id,
        selection as place,
    from compute.run_selections

    union all

    select
        run_id,
        metric as place,
    from compute.measurements

    union all

    select
        run_id,
        'frontier' as place,
    from trends.frontier
)

select distinct
    run_id,
    placed.place,
from placed
join compute.training_runs using (run_id)
where training_runs.run_kind = 'benchmark'
