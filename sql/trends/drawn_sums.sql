-- Sums over the runs of the series searched for breaks, in every draw, quarter by quarter.
-- Grain: one row per series, draw and quarter in which a run was drawn; draw 0 is the data themselves.
-- Method: runs drawn with replacement by hashes of a seed.
-- Caveat: logarithms are in hundred-millionths: whole numbers add up exactly, so no figure hangs on the order of the rows.
with

points as (
    select
        series_row,
        series,
        place,
        runs,
        4 * year(published_on) + quarter(published_on) - 1 as quarter,
        published_on - date '2000-01-01' as x,
        round(log10_value * 1e8)::bigint as y,
        round(pow(log10_value_spread, 2) * 1e8)::bigint as variance,
    from trends.series_points
    join assumptions.break_searches using (metric, selection, period)
),

-- At each place of a series, in each draw, one of its runs; draw 0 is the data themselves.
drawn_rows as (
    select
        series,
        0 as draw,
        series_row,
    from points

    union all

    select
        points.series,
        draws.draw,
        points.series_row - points.place + drawn_row(draws.random_key, points.place, points.runs) as series_row,
    from points
    cross join trends.draws
)

select
    drawn_rows.series,
    drawn_rows.draw,
    points.quarter,
    count(*) as runs,
    sum(points.x)::bigint as day_sum,
    sum(points.x * points.x)::bigint as day_squares,
    sum(points.y)::bigint as log10_sum,
    sum(points.x * points.y)::bigint as product_sum,
    sum(points.variance)::bigint as variance_sum,
    sum(points.x * points.variance)::bigint as day_variance_sum,
    sum(points.x * points.x * points.variance)::double as day_squares_variance_sum,
from drawn_rows
join points using (series_row)
group by drawn_rows.series, drawn_rows.draw, points.quarter
order by drawn_rows.series, drawn_rows.draw, points.quarter
