-- Why each headline trend moved from version to version, split into parts that add up to the whole.
-- Grain: one row per version, headline and part; those of earlier versions are carried over as they were told.
-- Method: code is recast minus earlier; the rest of recast to now by Shapley values: averaged over the orders of changing.
-- Caveat: an order that passes a line of under three runs does not count; if all do, the whole is one part, not separable.
with

steps as (
    from earlier.main.steps
),

parts as (
    select
        unnest([1, 2, 4, 8, 16]) as bit,
        unnest(['new runs', 'removed runs', 'revised compute', 'revised dates', 'changed selection']) as part,
),

-- Five different bits and no others make 31: the 120 orders of the five parts.
orders as (
    select
        row_number() over (order by one.bit, two.bit, three.bit, four.bit, five.bit) as order_number,
        unnest([one.bit, two.bit, three.bit, four.bit, five.bit]) as bit,
        unnest([
            0, one.bit, one.bit | two.bit, one.bit | two.bit | three.bit, one.bit | two.bit | three.bit | four.bit
        ]) as made_before,
    from parts as one
    cross join parts as two
    cross join parts as three
    cross join parts as four
    cross join parts as five
    where one.bit | two.bit | three.bit | four.bit | five.bit = 31
),

moves as (
    select
        old.metric,
        old.selection,
        old.period,
        orders.order_number,
        orders.bit,
        new.oom_per_year - old.oom_per_year as slope_change,
        new.doubling_months - old.doubling_months as doubling_change,
    from orders
    join trends.trend_coalitions as old on old.changes_made = orders.made_before
    join trends.trend_coalitions as new
        on new.changes_made = orders.made_before | orders.bit
        and new.metric = old.metric and new.selection = old.selection and new.period = old.period
),

sound as (
    select
        *,
        count(slope_change) over one_order = 5 as has_slopes,
        count(doubling_change) over one_order = 5 as has_doublings,
    from moves
    window
        one_order as (
            partition by metric, selection, period, order_number
        )
),

shares as (
    select
        metric,
        selection,
        period,
        bit,
        avg(slope_change) filter (where has_slopes) as slope_change,
        avg(doubling_change) filter (where has_doublings) as doubling_change,
    from sound
    group by metric, selection, period, bit
),

leaders as (
    select
        metric,
        selection,
        period,
        part,
        count(*) as runs_concerned,
        arg_max(run_id, abs(oom_per_year_change)) as leading_run_id,
        arg_max(oom_per_year_change, abs(oom_per_year_change)) as leading_oom_per_year_change,
    from trends.revision_effects
    group by metric, selection, period, part
),

whole as (
    select
        headlines.metric,
        headlines.selection,
        headlines.period,
        coalesce(old.runs, 0) as runs_before,
        coalesce(new.runs, 0) as runs_after,
        old.oom_per_year as oom_per_year_before,
        new.oom_per_year as oom_per_year_after,
        old.doubling_months as doubling_months_before,
        new.doubling_months as doubling_months_after,
        recast.oom_per_year as recast_slope,
        recast.doubling_months as recast_doubling,
    from assumptions.headlines
    left join earlier.trends.metric_trends as old using (metric, selection, period)
    left join trends.metric_trends as new using (metric, selection, period)
    left join trends.trend_coalitions as recast
        on recast.metric = headlines.metric and recast.selection = headlines.selection
        and recast.period = headlines.period and recast.changes_made = 0
    where old.oom_per_year is not null or new.oom_per_year is not null
),

complete as (
    select
        metric,
        selection,
        period,
    from shares
    group by metric, selection, period
    having count(slope_change) = 5
),

separable as (
    select
        whole.*,
        whole.oom_per_year_before is not null and complete.metric is not null as is_separable,
    from whole
    left join complete using (metric, selection, period)
),

told as (
    select
        separable.* exclude (recast_slope, recast_doubling, is_separable),
        'assumptions or code' as part,
        null::bigint as runs_concerned,
        recast_slope - oom_per_year_before as oom_per_year_change,
        recast_doubling - doubling_months_before as doubling_months_change,
        null::varchar as leading_run_id,
        null::double as leading_oom_per_year_change,
    from separable
    where is_separable

    union all

    select
        separable.* exclude (recast_slope, recast_doubling, is_separable),
        parts.part,
        coalesce(leaders.runs_concerned, 0) as runs_concerned,
        shares.slope_change as oom_per_year_change,
        shares.doubling_change as doubling_months_change,
        leaders.leading_run_id,
        leaders.leading_oom_per_year_change,
    from separable
    join shares using (metric, selection, period)
    join parts using (bit)
    left join leaders using (metric, selection, period, part)
    where separable.is_separable

    union all

    select
        separable.* exclude (recast_slope, recast_doubling, is_separable),
        'not separable' as part,
        null as runs_concerned,
        oom_per_year_after - oom_per_year_before as oom_per_year_change,
        doubling_months_after - doubling_months_before as doubling_months_change,
        null as leading_run_id,
        null as leading_oom_per_year_change,
    from separable
    where not is_separable
),

everything as (
    from earlier.trends.trend_revisions

    union all by name

    select
        steps.version,
        steps.from_version,
        told.*,
    from told
    cross join steps
)

select
    version,
    from_version,
    metric,
    selection,
    period,
    part,
    runs_before,
    runs_after,
    runs_concerned,
    oom_per_year_before,
    oom_per_year_after,
    oom_per_year_change,
    doubling_months_before,
    doubling_months_after,
    doubling_months_change,
    leading_run_id,
    leading_oom_per_year_change,
from everything
order by version, metric, selection, period, part
