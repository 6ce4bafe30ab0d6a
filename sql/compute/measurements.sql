-- Every measured figure of every dated run in long form: what the trends are fitted to.
-- Grain: one row per run, metric and list; "any" where the figure is the run's own, a list's name where its author's.
-- Method: a metric is one union branch here; every trend table follows from it.
-- Caveat: values above zero only, as trends are fitted to logarithms; only figures of compute have a 90% interval.
with

runs as (
    from compute.training_runs
    where not is_excluded_by_source and published_on is not null and run_kind = 'training'
),

figures as (
    unpivot (
        select
            run_id,
            published_on,
            training_compute_flop as training_compute,
            reported_training_compute_flop as reported_training_compute,
            estimated_training_compute_flop as estimated_training_compute,
            parameters,
            dataset_size,
            chips,
            training_hours,
        from runs
    )
    on columns(* exclude (run_id, published_on))
    into name metric value value
),

intervals as (
    select
        run_id,
        'training_compute' as metric,
        training_compute_flop_low as value_low,
        training_compute_flop_high as value_high,
    from runs

    union all

    select
        run_id,
        'reported_training_compute' as metric,
        training_compute_flop_low as value_low,
        training_compute_flop_high as value_high,
    from runs
    where training_compute_source = 'reported'

    union all

    select
        run_id,
        'estimated_training_compute' as metric,
        estimated_training_compute_flop_low as value_low,
        estimated_training_compute_flop_high as value_high,
    from runs
),

own as (
    select
        figures.*,
        intervals.value_low,
        intervals.value_high,
    from figures
    left join intervals using (run_id, metric)
),

-- A published list is fitted on its own author's dates and values.
published as (
    select
        run_id,
        'published_training_compute' as metric,
        selection,
        published_on,
        flop_of_pfs_days(published_training_compute_pfs_days) as value,
        value / (select limit_value from assumptions.thresholds where threshold = 'published_list_spread') as value_low,
        value * (select limit_value from assumptions.thresholds where threshold = 'published_list_spread') as value_high,
    from assumptions.selection_members
),

everything as (
    select
        run_id,
        metric,
        'any' as selection,
        published_on,
        value,
        value_low,
        value_high,
    from own

    union all

    from published
)

select
    run_id,
    metric,
    selection,
    published_on,
    years_since_2000(published_on) as years_since_2000,
    value,
    value_low,
    value_high,
from everything
where value > 0
order by metric, selection, run_id
