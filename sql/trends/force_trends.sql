-- How fast each force moves: least-squares lines of the logarithm on time, the one fit behind the tables of the forces.
-- Grain: one row per force, metric, selection and period.
-- Method: least squares of log10(value) on years since 2000; 95% interval by Student's t; no line under three points.
-- Caveat: the interval holds the sampling of chips or runs only, not the uncertainty of each figure.
with

-- Logarithms to 12 places and whole days add up exactly, so no figure hangs on the order of the rows.
points as (
    select
        force,
        metric,
        selections,
        dated_on,
        dated_on - date '2000-01-01' as x,
        log10(value)::decimal(16, 12) as y,
    from trends.force_points
),

days as (
    select
        force,
        metric,
        selections,
        dated_on,
        x,
        count(*) as points,
        sum(y) as y,
        sum(y * y) as yy,
    from points
    group by all
),

-- First the points that are in the same selections, then those of each.
parts as (
    select
        days.force,
        days.metric,
        days.selections,
        force_periods.period,
        any_value(force_periods.starts_on) as starts_on,
        any_value(force_periods.ends_on) as ends_on,
        min(days.dated_on) as first_on,
        max(days.dated_on) as last_on,
        sum(days.points)::bigint as points,
        sum(days.points * days.x) as x,
        sum(days.points * days.x * days.x) as xx,
        sum(days.y) as y,
        sum(days.x * days.y) as xy,
        sum(days.yy) as yy,
    from days
    join assumptions.force_periods
        on force_periods.force = days.force
        and days.dated_on >= coalesce(force_periods.starts_on, days.dated_on)
        and days.dated_on <= coalesce(force_periods.ends_on, days.dated_on)
    group by days.force, days.metric, days.selections, force_periods.period
),

members as (
    select
        * exclude (selections),
        unnest(string_split(selections, ';')) as selection,
    from parts
),

sums as (
    select
        force,
        metric,
        selection,
        period,
        coalesce(any_value(starts_on), min(first_on)) as period_start_on,
        coalesce(any_value(ends_on), max(last_on)) as period_end_on,
        sum(points)::bigint as points,
        sum(x) as x,
        sum(xx) as xx,
        sum(y) as y,
        sum(xy) as xy,
        sum(yy) as yy,
        (sum(y) / sum(points))::decimal(16, 12) as mean_y,
    from members
    group by force, metric, selection, period
),

-- Days now as years.
squares as (
    select
        *,
        squares_about_mean(points, x, xx) / pow(365.25, 2) as sxx,
        products_about_mean(points, x, y, xy) / 365.25 as sxy,
        squares_about(points, y, yy, mean_y) as syy,
    from sums
),

lines as (
    select
        *,
        line_slope(points, sxx, sxy) as oom_per_year,
        slope_standard_error(syy, sxy, sxx, points) as standard_error,
        oom_per_year - student_t_975(points - 2) * standard_error as oom_low,
        oom_per_year + student_t_975(points - 2) * standard_error as oom_high,
    from squares
)

select
    force,
    metric,
    selection,
    period,
    period_start_on,
    period_end_on,
    points,
    oom_per_year,
    standard_error as standard_error_oom_per_year,
    oom_low as oom_per_year_low,
    oom_high as oom_per_year_high,
    (y::double - oom_per_year * x / 365.25) / points as intercept_log10,
    doubling_months(oom_per_year) as doubling_months,
    sure_doubling_months(oom_high, oom_low) as doubling_months_low,
    sure_doubling_months(oom_low, oom_high) as doubling_months_high,
    growth_per_year(oom_per_year) as growth_per_year,
    growth_per_year(oom_low) as growth_per_year_low,
    growth_per_year(oom_high) as growth_per_year_high,
    line_r_squared(points, sxx, sxy, syy) as r_squared,
from lines
order by force, metric, selection, period
