-- Named sets of runs that trends are told of.
-- Grain: one row per selection and training run.
-- Method: rules here, fixed lists in assumptions/selection_members.csv; excluded runs and benchmarks are in none.
-- Caveat: undated runs are members but outside every trend; notable and language tops rank stated compute alone.
with

runs as (
    from compute.training_runs
    where not is_excluded_by_source and run_kind = 'training'
),

based_runs as (
    select distinct run_id
    from clean.run_facts
    where quantity = 'base_run_name'
),

-- An estimate that may be far off makes no record; the rounding undoes that of the division.
comparable as (
    select
        *,
        log10(training_compute_flop) as y,
    from runs
    where
        training_compute_flop > 0 and published_on is not null
        and (
            training_compute_source = 'reported'
            or round(estimated_training_compute_flop_high / estimated_training_compute_flop, 9) <= (
                select limit_value from assumptions.thresholds where threshold = 'frontier_spread'
            )
        )
),

contenders as (
    select
        'frontier' as field,
        run_id,
        published_on,
        training_compute_flop,
    from comparable

    union all

    select
        'notable' as field,
        run_id,
        published_on,
        reported_training_compute_flop as training_compute_flop,
    from comparable
    where is_notable and reported_training_compute_flop is not null

    union all

    select
        'language' as field,
        run_id,
        published_on,
        reported_training_compute_flop as training_compute_flop,
    from comparable
    join compute.run_domains using (run_id)
    where is_notable and reported_training_compute_flop is not null and lower(run_domains.one_domain) = 'language'
),

-- Whatever is below the twenty largest of its own day is below the twenty largest up to any later day.
largest_of_day as (
    select
        field,
        published_on,
        unnest(max(training_compute_flop, 20)) as training_compute_flop,
    from contenders
    group by field, published_on
),

largest_so_far as (
    select distinct
        field,
        published_on,
        list_reverse_sort(
            max(training_compute_flop, 20) over (
                partition by field order by published_on range between unbounded preceding and current row
            )
        ) as largest,
    from largest_of_day
),

tops as (
    select
        contenders.field || '_top_' || tops.top as selection,
        contenders.run_id,
        contenders.published_on,
    from contenders
    join largest_so_far using (field, published_on)
    cross join assumptions.tops
    where contenders.training_compute_flop >= largest_so_far.largest[least(tops.top, len(largest_so_far.largest))]
),

records as (
    select
        run_id,
        published_on,
        training_compute_flop,
        max(training_compute_flop) over (
            order by published_on range between unbounded preceding and current row
        ) as largest,
        max(training_compute_flop) over (
            order by published_on range between unbounded preceding and interval 1 day preceding
        ) as largest_before,
    from comparable
),

settings as (
    select
        max(limit_value) filter (where threshold = 'scale_window_days')::integer as window_days,
        max(limit_value) filter (where threshold = 'large_scale_z_score') as large_z_score,
        max(limit_value) filter (where threshold = 'low_outlier_z_score') as low_z_score,
    from assumptions.thresholds
),

-- How far a run lies from the runs of about its time, in their standard deviations.
scaled as (
    select
        comparable.run_id,
        comparable.published_on,
        comparable.published_on - date '2000-01-01' as x,
        settings.large_z_score,
        settings.low_z_score,
        (comparable.y - avg(comparable.y) over near_in_time)
        / nullif(stddev_pop(comparable.y) over near_in_time, 0) as z_score,
    from comparable
    cross join settings
    where comparable.is_notable
    window
        near_in_time as (
            order by x range between window_days preceding and window_days following
        )
),

scales as (
    select
        scaled.run_id,
        scaled.published_on,
        case
            when scaled.z_score < scaled.low_z_score then 'low_outlier'
            when scaled.z_score > scaled.large_z_score and scaled.published_on > eras.starts_on then 'large_scale'
            else 'regular_scale'
        end as selection,
    from scaled
    left join assumptions.eras on eras.scheme = 'sevilla_2022' and eras.era = 'large scale'
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
        'notable:domain:language' as selection,
        run_id,
        runs.published_on as since_on,
    from runs
    join compute.run_domains using (run_id)
    where runs.is_notable and lower(run_domains.one_domain) = 'language'

    union all

    select
        case when openness = 'open weights' then 'weights:open' else 'weights:closed' end as selection,
        run_id,
        published_on as since_on,
    from runs
    where openness in ('open weights', 'api', 'closed')

    union all

    select
        case when based_runs.run_id is null then 'from_scratch' else 'fine_tunes' end as selection,
        runs.run_id,
        runs.published_on as since_on,
    from runs
    left join based_runs on based_runs.run_id = runs.run_id

    union all

    select
        selection,
        run_id,
        published_on as since_on,
    from tops

    union all

    select
        'record' as selection,
        run_id,
        published_on as since_on,
    from records
    where training_compute_flop = largest and training_compute_flop > coalesce(largest_before, 0)

    union all

    select
        selection,
        run_id,
        published_on as since_on,
    from scales
    where selection <> 'low_outlier'

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
