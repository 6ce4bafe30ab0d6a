-- Every measured figure of every dated run in long form: what the trends are fitted to.
-- Grain: one row per run, metric and list; "any" where the figure is the run's own, a list's name where its author's.
-- Method: a metric is one union branch here; every trend table follows from it.
-- Caveat: values above zero only, as trends are fitted to logarithms; excluded runs and benchmarks are left out.
with

runs as (
    from compute.training_runs
    where not is_excluded_by_source and published_on is not null and run_kind = 'training'
),

own as (
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

-- A published list is fitted on its own author's dates and values.
published as (
    select
        run_id,
        'published_training_compute' as metric,
        selection,
        published_on,
        flop_of_pfs_days(published_training_compute_pfs_days) as value,
    from assumptions.selection_members
),

everything as (
    select
        run_id,
        metric,
        'any' as selection,
        published_on,
        value,
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
from everything
where value > 0
order by metric, selection, run_id
