-- Lines through the points that only claims are checked on.
-- Grain: one row per line and period.
-- Method: least squares of log10(value) on years since 2000, 95% interval by Student's t, as trends.metric_trends.
-- Caveat: under three points no line, only their number.
with

spans as (
    select
        period,
        starts_on,
        ends_on,
    from assumptions.periods

    union

    select
        period,
        starts_on,
        ends_on,
    from assumptions.force_periods
    where force = 'hardware' and period not in (select period from assumptions.periods)
),

-- Logarithms to 14 places and whole days add up exactly, so no figure hangs on the order of the rows.
points as (
    select
        line,
        dated_on,
        (dated_on - date '2000-01-01')::bigint as x,
        log10(value)::decimal(18, 14) as y,
    from trends.claim_points
),

sums as (
    select
        points.line,
        spans.period,
        count(*) as points,
        sum(points.x) as x,
        sum(points.x * points.x) as xx,
        sum(points.y) as y,
        sum(points.x * points.y) as xy,
        sum(points.y * points.y) as yy,
        (sum(points.y) / count(*))::decimal(18, 14) as mean_y,
    from points
    join spans
        on points.dated_on >= coalesce(spans.starts_on, points.dated_on)
        and points.dated_on <= coalesce(spans.ends_on, points.dated_on)
    group by points.line, spans.period
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
        student_t_975(points - 2) * slope_standard_error(syy, sxy, sxx, points) as half_width,
    from squares
)

select
    line,
    period,
    points,
    oom_per_year,
    oom_per_year - half_width as oom_per_year_low,
    oom_per_year + half_width as oom_per_year_high,
    line_r_squared(points, sxx, sxy, syy) as r_squared,
from lines
order by line, period
