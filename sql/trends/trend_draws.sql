-- The lines of the headline series, drawn again many times.
-- Grain: one row per metric, selection, period, source of error and draw.
-- Method: runs drawn with replacement; figures off by log-normal errors, whose sums are drawn at once; and both.
-- Caveat: the scatter of runs holds the errors of their figures already, so both together err on the wide side.
with

series as (
    select
        series,
        any_value(metric) as metric,
        any_value(selection) as selection,
        any_value(period) as period,
        (min(published_on - date '2000-01-01') + max(published_on - date '2000-01-01')) // 2 as middle_day,
        round((min(log10_value) + max(log10_value)) / 2) as middle_log10,
    from trends.series_points
    join assumptions.headlines using (metric, selection, period)
    where runs >= 3
    group by series
),

-- What is added up of each run, worked out once and not in every draw. About their middle, days and millionths of an order
-- of magnitude are whole numbers so small that doubles add them up exactly: no figure hangs on the order of the rows.
products as (
    select
        series_points.series_row,
        (series_points.published_on - date '2000-01-01' - series.middle_day)::double as x,
        x * x as xx,
        round((series_points.log10_value - series.middle_log10) * 1e6) as y,
        x * y as xy,
        round(pow(series_points.log10_value_spread, 2) * 1e4) as variance,
        x * variance as x_variance,
        x * x * variance as xx_variance,
    from trends.series_points
    join series using (series)
),

-- At each place of a series, in each draw, one of its runs; draw 0 is the data themselves.
drawn_rows as (
    select
        series.series,
        0 as draw,
        series_points.series_row,
    from series
    join trends.series_points using (series)

    union all

    select
        series.series,
        draws.draw,
        series_points.series_row - series_points.place
        + drawn_row(draws.random_key, series_points.place, series_points.runs) as series_row,
    from series
    join trends.series_points using (series)
    cross join trends.draws
),

sums as (
    select
        drawn_rows.series,
        drawn_rows.draw,
        count(*) as n,
        sum(products.x) as x,
        sum(products.xx) as xx,
        sum(products.y) / 1e6 as y,
        sum(products.xy) / 1e6 as xy,
        sum(products.variance) / 1e4 as variance,
        sum(products.x_variance) / 1e4 as x_variance,
        sum(products.xx_variance) / 1e4 as xx_variance,
    from drawn_rows
    join products using (series_row)
    group by drawn_rows.series, drawn_rows.draw
),

moved as (
    select
        'runs' as error_source,
        sums.*,
        0 as error,
        0 as x_error,
    from sums
    where sums.draw > 0

    union all

    select
        'runs and figures' as error_source,
        sums.*,
        sum_of_errors(variance, drawn_error(draws.random_key, 0)) as error,
        sum_of_products(variance, x_variance, xx_variance, error, drawn_error(draws.random_key, 1)) as x_error,
    from sums
    join trends.draws using (draw)

    union all

    select
        'figures' as error_source,
        sums.* replace (draws.draw as draw),
        sum_of_errors(variance, drawn_error(draws.random_key, 2)) as error,
        sum_of_products(variance, x_variance, xx_variance, error, drawn_error(draws.random_key, 3)) as x_error,
    from sums, trends.draws
    where sums.draw = 0
),

lines as (
    select
        *,
        slope_of_sums(n, x, xx, y + error, xy + x_error) as oom_per_day,
    from moved
)

select
    series.metric,
    series.selection,
    series.period,
    lines.error_source,
    lines.draw,
    lines.oom_per_day * 365.25 as oom_per_year,
    series.middle_log10 - lines.oom_per_day * series.middle_day
    + (lines.y + lines.error - lines.oom_per_day * lines.x) / lines.n as intercept_log10,
from lines
join series using (series)
where lines.oom_per_day is not null
order by series.metric, series.selection, series.period, lines.error_source, lines.draw
