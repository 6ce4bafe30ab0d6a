-- Dated figures that a claim is checked on and no other trend is fitted to.
-- Grain: one row per line and run or chip.
-- Method: published lists whole and by the rules of run_selections; a developer's running top ten; FP16 of GPUs per dollar.
-- Caveat: a list's figures are its author's; a developer's runs are those whose organisations have one of its words.
with

list_runs as (
    select
        'list:' || selection as list,
        run_id as item_id,
        published_on as dated_on,
        published_on - date '2000-01-01' as x,
        flop_of_pfs_days(published_training_compute_pfs_days) as value,
        log10(flop_of_pfs_days(published_training_compute_pfs_days)) as y,
    from assumptions.selection_members
    where published_training_compute_pfs_days > 0
),

settings as (
    select
        max(limit_value) filter (where threshold = 'scale_window_days')::integer as window_days,
        max(limit_value) filter (where threshold = 'large_scale_z_score') as large_z_score,
        max(limit_value) filter (where threshold = 'low_outlier_z_score') as low_z_score,
    from assumptions.thresholds
),

list_scores as (
    select
        list_runs.*,
        settings.large_z_score,
        settings.low_z_score,
        (list_runs.y - avg(list_runs.y) over near_in_time)
        / nullif(stddev_pop(list_runs.y) over near_in_time, 0) as z_score,
        max(list_runs.value) over (
            partition by list_runs.list
            order by list_runs.dated_on range between unbounded preceding and current row
        ) as largest,
    from list_runs
    cross join settings
    window
        near_in_time as (
            partition by list_runs.list
            order by list_runs.x range between window_days preceding and window_days following
        )
),

list_scales as (
    select
        list_scores.*,
        case
            when z_score < low_z_score then 'low_outlier'
            when z_score > large_z_score and dated_on > eras.starts_on then 'large_scale'
            else 'regular_scale'
        end as scale,
    from list_scores
    left join assumptions.eras on eras.scheme = 'sevilla_2022' and eras.era = 'large scale'
),

developer_runs as (
    select distinct
        'developer:' || developers.developer as line,
        runs.run_id as item_id,
        runs.published_on as dated_on,
        runs.reported_training_compute_flop as value,
    from compute.training_runs as runs
    join compute.run_organisations using (run_id)
    join assumptions.developers
        on runs.published_on between developers.starts_on and developers.ends_on
        and list_bool_or(
            list_transform(
                string_split(developers.organisation_words, ';'), w -> contains(lower(run_organisations.organisation), w)
            )
        )
    where
        runs.is_notable and runs.reported_training_compute_flop > 0 and not runs.is_excluded_by_source
        and runs.run_kind = 'training'
),

developer_ranks as (
    select
        *,
        max(value, 10) over (
            partition by line order by dated_on range between unbounded preceding and current row
        ) as ten_largest,
    from developer_runs
)

select
    list as line,
    item_id,
    dated_on,
    value,
from list_scales

union all

select
    list || ':' || scale as line,
    item_id,
    dated_on,
    value,
from list_scales

union all

select
    list || ':record' as line,
    item_id,
    dated_on,
    value,
from list_scales
where value >= largest

union all

select
    line,
    item_id,
    dated_on,
    value,
from developer_ranks
where value >= list_min(ten_largest)

union all

select
    'gpus:fp16_per_usd' as line,
    chip_id as item_id,
    released_on as dated_on,
    peak_fp16_vector / launch_price_usd as value,
from clean.chips
where chip_kind = 'gpu' and released_on is not null and launch_price_usd > 0 and peak_fp16_vector >= peak_fp32
order by line, item_id
