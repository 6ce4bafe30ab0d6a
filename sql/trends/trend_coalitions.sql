-- Each headline's line with some kinds of change made and the others not: all thirty-two ways.
-- Grain: one row per headline and set of changes, as a sum of 1 new, 2 removed runs, 4 compute, 8 dates, 16 selection.
-- Method: exact sums over the runs, each in the state that the set gives it; set 0 is the edition recast, 31 this version.
-- Caveat: a new run comes and a removed one goes with all its own; no slope under three runs.
with

states as (
    select
        trend_states.*,
        (old_published_on - date '2000-01-01')::bigint as old_x,
        (new_published_on - date '2000-01-01')::bigint as new_x,
        old_log10_value::decimal(18, 14) as old_y,
        new_log10_value::decimal(18, 14) as new_y,
        coalesce(periods.starts_on - date '2000-01-01', -9999999) as first_x,
        coalesce(periods.ends_on - date '2000-01-01', 9999999) as last_x,
    from trends.trend_states
    join assumptions.periods using (period)
),

-- A run in both editions stands in one of eight states; one that did not change in the same in all of them.
standings as (
    select
        metric,
        selection,
        period,
        run_standing,
        0 as changes,
        case when run_standing = 'new' then new_x else old_x end as x,
        case when run_standing = 'new' then new_y else old_y end as y,
        case when run_standing = 'new' then is_member else was_member end as is_in,
        first_x,
        last_x,
        was_member = is_member
        and coalesce(old_x = new_x, old_x is null and new_x is null)
        and coalesce(old_y = new_y, old_y is null and new_y is null) as is_same,
        old_x,
        new_x,
        old_y,
        new_y,
        was_member,
        is_member,
    from states
),

placed as (
    select
        metric,
        selection,
        period,
        case when run_standing = 'both' then 'same' else run_standing end as standing_group,
        -1 as changes,
        x,
        y,
        is_in and x between first_x and last_x and y is not null as is_in,
    from standings
    where run_standing <> 'both' or is_same

    union all

    select
        metric,
        selection,
        period,
        'changed' as standing_group,
        4 * compute.done + 8 * dates.done + 16 * members.done as changes,
        if(dates.done = 1, new_x, old_x) as x,
        if(compute.done = 1, new_y, old_y) as y,
        if(members.done = 1, is_member, was_member)
        and if(dates.done = 1, new_x, old_x) between first_x and last_x
        and if(compute.done = 1, new_y, old_y) is not null as is_in,
    from standings
    cross join (select unnest([0, 1]) as done) as compute
    cross join (select unnest([0, 1]) as done) as dates
    cross join (select unnest([0, 1]) as done) as members
    where run_standing = 'both' and not is_same
),

sums as (
    select
        metric,
        selection,
        period,
        standing_group,
        changes,
        count(*) as n,
        sum(x) as x,
        sum(x * x) as xx,
        sum(y) as y,
        sum(x * y) as xy,
    from placed
    where is_in
    group by metric, selection, period, standing_group, changes
),

sets as (
    select
        headlines.metric,
        headlines.selection,
        headlines.period,
        unnest(range(32)) as changes_made,
    from assumptions.headlines
    where exists (from earlier.main.steps)
),

whole as (
    select
        sets.metric,
        sets.selection,
        sets.period,
        sets.changes_made,
        coalesce(sum(sums.n), 0)::bigint as n,
        sum(sums.x) as x,
        sum(sums.xx) as xx,
        sum(sums.y) as y,
        sum(sums.xy) as xy,
    from sets
    left join sums
        on sums.metric = sets.metric and sums.selection = sets.selection and sums.period = sets.period
        and case sums.standing_group
            when 'same' then true
            when 'new' then sets.changes_made & 1 = 1
            when 'removed' then sets.changes_made & 2 = 0
            else sums.changes = sets.changes_made & 28
        end
    group by all
)

select
    metric,
    selection,
    period,
    changes_made,
    n as runs,
    slope_of_days(n, x, xx, y, xy) as oom_per_year,
    doubling_months(slope_of_days(n, x, xx, y, xy)) as doubling_months,
from whole
order by metric, selection, period, changes_made
