-- How far each changed run alone would move the earlier line of a headline, were nothing else to change.
-- Grain: one row per headline, part and run: new or removed, with another figure, day or membership.
-- Method: the slope through the points of the edition recast with that one point changed, minus the slope without.
-- Caveat: of this version alone; effects of several runs do not add up exactly, the parts of trend_revisions do.
with

points as (
    select
        trend_states.*,
        years_since_2000(old_published_on) as old_x,
        years_since_2000(new_published_on) as new_x,
        is_in_period(old_published_on, periods.starts_on, periods.ends_on) as is_old_day_in,
        is_in_period(new_published_on, periods.starts_on, periods.ends_on) as is_new_day_in,
        was_member and old_log10_value is not null and run_standing <> 'new' and is_old_day_in as was_in,
        is_member and new_log10_value is not null and run_standing <> 'removed' and is_new_day_in as is_in,
    from trends.trend_states
    join assumptions.periods using (period)
),

lines as (
    select
        metric,
        selection,
        period,
        count(*) as n,
        sum(old_x) as x,
        sum(old_x * old_x) as xx,
        sum(old_log10_value) as y,
        sum(old_x * old_log10_value) as xy,
    from points
    where was_in
    group by metric, selection, period
    having n >= 3
),

changed as (
    select
        metric,
        selection,
        period,
        run_id,
        'new runs' as part,
        false as leaves,
        is_in as enters,
        old_x,
        old_log10_value as old_y,
        new_x as x,
        new_log10_value as y,
    from points
    where run_standing = 'new' and is_in

    union all

    select
        metric,
        selection,
        period,
        run_id,
        'removed runs' as part,
        true as leaves,
        false as enters,
        old_x,
        old_log10_value as old_y,
        new_x as x,
        new_log10_value as y,
    from points
    where run_standing = 'removed' and was_in

    union all

    select
        metric,
        selection,
        period,
        run_id,
        'revised compute' as part,
        was_in as leaves,
        was_member and is_old_day_in and new_log10_value is not null as enters,
        old_x,
        old_log10_value as old_y,
        old_x as x,
        new_log10_value as y,
    from points
    where
        run_standing = 'both' and (was_in or is_in)
        and (
            (old_log10_value is null) <> (new_log10_value is null)
            or abs(new_log10_value - old_log10_value)
            > (select limit_value from assumptions.thresholds where threshold = 'same_cell_figure')
        )

    union all

    select
        metric,
        selection,
        period,
        run_id,
        'revised dates' as part,
        was_in as leaves,
        was_member and coalesce(is_new_day_in, false) and old_log10_value is not null as enters,
        old_x,
        old_log10_value as old_y,
        new_x as x,
        old_log10_value as y,
    from points
    where run_standing = 'both' and (was_in or is_in) and old_published_on is distinct from new_published_on

    union all

    select
        metric,
        selection,
        period,
        run_id,
        'changed selection' as part,
        was_in as leaves,
        is_member and is_old_day_in and old_log10_value is not null as enters,
        old_x,
        old_log10_value as old_y,
        old_x as x,
        old_log10_value as y,
    from points
    where run_standing = 'both' and (was_in or is_in) and was_member <> is_member
),

moved as (
    select
        metric,
        selection,
        period,
        changed.part,
        changed.run_id,
        lines.n - if(changed.leaves, 1, 0) + if(changed.enters, 1, 0) as n,
        lines.x - if(changed.leaves, changed.old_x, 0) + if(changed.enters, changed.x, 0) as x,
        lines.xx - if(changed.leaves, pow(changed.old_x, 2), 0) + if(changed.enters, pow(changed.x, 2), 0) as xx,
        lines.y - if(changed.leaves, changed.old_y, 0) + if(changed.enters, changed.y, 0) as y,
        lines.xy - if(changed.leaves, changed.old_x * changed.old_y, 0)
        + if(changed.enters, changed.x * changed.y, 0) as xy,
        line_slope(
            lines.n,
            squares_about_mean(lines.n, lines.x, lines.xx),
            products_about_mean(lines.n, lines.x, lines.y, lines.xy)
        ) as old_slope,
    from changed
    left join lines using (metric, selection, period)
)

select
    metric,
    selection,
    period,
    part,
    run_id,
    line_slope(n, squares_about_mean(n, x, xx), products_about_mean(n, x, y, xy)) - old_slope as oom_per_year_change,
from moved
order by metric, selection, period, part, run_id
