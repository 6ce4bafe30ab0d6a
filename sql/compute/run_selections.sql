-- Named sets of runs that trends are told of.
-- Grain: one row per selection and training run.
-- Method: rules here, fixed lists in assumptions/selection_members.csv; excluded runs and benchmarks are in none.
-- Caveat: undated runs are members but outside every trend.
with

runs as (
    from compute.training_runs
    where not is_excluded_by_source and run_kind = 'training'
),

members as (
    select
        'all' as selection,
        run_id,
        published_on as since_on,
    from runs

    union all

    select
        'notable' as selection,
        run_id,
        published_on as since_on,
    from runs
    where is_notable

    union all

    select
        'frontier' as selection,
        run_id,
        published_on as since_on,
    from runs
    where is_frontier

    union all

    select
        'final_run' as selection,
        run_id,
        published_on as since_on,
    from runs
    where compute_scope = 'final_run'

    union all

    select distinct
        'domain:' || lower(run_domains.one_domain) as selection,
        run_id,
        runs.published_on as since_on,
    from runs
    join compute.run_domains using (run_id)

    union all

    select
        'country:' || run_countries.country as selection,
        run_id,
        runs.published_on as since_on,
    from runs
    join compute.run_countries using (run_id)

    union all

    select
        'openness:' || openness as selection,
        run_id,
        published_on as since_on,
    from runs
    where openness is not null

    union all

    select
        'organisation_type:' || organisation_type as selection,
        run_id,
        published_on as since_on,
    from runs
    where organisation_type is not null

    union all

    select
        selection_members.selection,
        run_id,
        runs.published_on as since_on,
    from runs
    join assumptions.selection_members using (run_id)
)

select
    selection,
    run_id,
    since_on,
from members
order by selection, run_id
