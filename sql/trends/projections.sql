-- When the largest run would cost, draw or take so much, were the trend of the frontier to go on, or a slower one.
-- Grain: one row per milestone and scenario.
-- Method: from the largest run whose figure is known along its line of assumptions/current_trends.csv; 90% by resampling.
-- Caveat: the interval holds the slope alone; no wall (power, money, data) stands in the way of a line.
with

levels as (
    select
        milestone,
        metric,
        level_value,
        level_on,
        log10(level_growth_per_year) as level_oom_per_year,
    from assumptions.milestones
),

-- The larger of two equal records is the earlier run.
largest as (
    select
        metric,
        arg_max(item_id, row(value, -epoch(dated_on), item_id)) as run_id,
        arg_max(dated_on, row(value, -epoch(dated_on), item_id)) as published_on,
        max(value) as value,
    from trends.force_points
    where force <> 'decomposition' and metric in (select metric from levels)
    group by metric
),

-- Billionths of logarithms and whole days add up exactly, so no figure hangs on the order of the rows.
frontier as materialized (
    select
        points.metric,
        dense_rank() over (order by points.metric) as seed,
        row_number() over (partition by points.metric order by points.dated_on, points.item_id) as place,
        count(*) over (partition by points.metric) as n,
        (points.dated_on - date '2000-01-01')::bigint as x,
        (log10(points.value) * 1e9)::bigint as y,
    from trends.force_points as points
    join assumptions.current_trends
        on current_trends.metric = points.metric
        and list_contains(string_split(points.selections, ';'), current_trends.selection)
    join assumptions.force_periods
        on force_periods.force = points.force and force_periods.period = current_trends.period
        and points.dated_on >= force_periods.starts_on
    where points.force <> 'decomposition' and points.metric in (select metric from levels)
),

draws as (
    select unnest(range(1, limit_value::bigint + 1)) as draw
    from assumptions.thresholds
    where threshold = 'projection_draws'
),

picks as materialized (
    select
        frontier.metric,
        draws.draw,
        1 + drawn_row(draw_key(frontier.seed, draws.draw), frontier.place, frontier.n) as place,
    from frontier
    cross join draws
    where frontier.n >= 3
),

sums as (
    select
        picks.metric,
        picks.draw,
        count(*) as n,
        sum(frontier.x) as x,
        sum(frontier.x * frontier.x) as xx,
        sum(frontier.y) as y,
        sum(frontier.x * frontier.y) as xy,
    from picks
    join frontier using (metric, place)
    group by picks.metric, picks.draw
),

resampled as (
    select
        metric,
        draw,
        365.25e-9 * slope_of_sums(n, x, xx, y, xy) as oom_per_year,
    from sums
),

-- The parts of the decomposition are the same figures of fewer runs.
fitted as (
    from trends.force_trends
    where force <> 'decomposition'
),

starts as (
    select
        levels.milestone,
        levels.metric,
        scenarios.scenario,
        scenarios.pace,
        levels.level_value,
        levels.level_oom_per_year,
        largest.run_id,
        largest.published_on,
        largest.value,
        log10(largest.value) as y,
        log10(levels.level_value)
        + levels.level_oom_per_year * (largest.published_on - levels.level_on) / 365.25 as level_y,
        lines.points,
        lines.oom_per_year * scenarios.pace as oom_per_year,
    from levels
    cross join assumptions.projection_scenarios as scenarios
    left join largest using (metric)
    left join assumptions.current_trends using (metric)
    left join fitted as lines using (metric, selection, period)
),

-- The steeper the line the sooner it is there, so the ends of the slope are those of the day.
slopes as (
    select
        metric,
        quantile_disc(oom_per_year, 0.05) as oom_per_year_low,
        quantile_disc(oom_per_year, 0.95) as oom_per_year_high,
        list(oom_per_year order by draw) as drawn,
    from resampled
    where oom_per_year is not null
    group by metric
),

ahead as (
    select
        starts.*,
        years_to_level(starts.y, starts.level_y, starts.oom_per_year, starts.level_oom_per_year) as years,
        years_to_level(
            starts.y, starts.level_y, slopes.oom_per_year_high * starts.pace, starts.level_oom_per_year
        ) as years_low,
        years_to_level(
            starts.y, starts.level_y, slopes.oom_per_year_low * starts.pace, starts.level_oom_per_year
        ) as years_high,
        len(list_filter(slopes.drawn, slope -> slope * starts.pace <= starts.level_oom_per_year)) / len(slopes.drawn)
            as never_share,
        (select limit_value from assumptions.thresholds where threshold = 'projection_years') as sight,
    from starts
    left join slopes using (metric)
)

select
    milestone,
    scenario,
    metric,
    level_value,
    run_id,
    published_on,
    value,
    points,
    oom_per_year,
    growth_per_year(oom_per_year) as growth_per_year,
    case when years <= sight then published_on + (years * 365.25)::integer end as reached_on,
    case when years_low <= sight then published_on + (years_low * 365.25)::integer end as earliest_on,
    case when years_high <= sight then published_on + (years_high * 365.25)::integer end as latest_on,
    never_share,
from ahead
order by milestone, scenario
