-- Sums over the runs on and after each quarter: all that a line with breaks at quarters needs.
-- Grain: one row per series searched for breaks, draw and quarter where a break may lie; draw 0 is the data themselves.
-- Method: running sums of drawn_sums, runs and figures drawn, from the last quarter back; days since 2000, log10.
-- Caveat: quarters too near an end are no place; of many, draws try those with a run, of a year without one its first.
with

settings as (
    select
        max(limit_value) filter (where threshold = 'break_runs')::bigint as break_runs,
        max(limit_value) filter (where threshold = 'break_drawn_quarters')::bigint as drawn_quarters,
        max(limit_value) filter (where threshold = 'break_years') * 365.25 as break_days,
    from assumptions.thresholds
),

series as (
    select
        series,
        any_value(runs) as runs,
        min(published_on) as first_on,
        max(published_on) as last_on,
        4 * year(first_on) + quarter(first_on) - 1 as first_quarter,
        4 * year(last_on) + quarter(last_on) - 1 as last_quarter,
    from trends.series_points
    join assumptions.break_searches using (metric, selection, period)
    group by series
),

quarters as (
    select
        series.*,
        quarters.quarter,
        make_date(quarters.quarter // 4, 1 + 3 * (quarters.quarter % 4), 1) as break_on,
        drawn_sums.runs is not null as has_run,
        sum(coalesce(drawn_sums.runs, 0)) over (
            partition by series.series order by quarters.quarter desc rows between unbounded preceding and current row
        ) as later_runs,
    from series
    cross join range(series.first_quarter, series.last_quarter + 1) as quarters (quarter)
    left join trends.drawn_sums
        on drawn_sums.series = series.series and drawn_sums.draw = 0 and drawn_sums.quarter = quarters.quarter
),

places_of_breaks as (
    select
        quarters.series,
        quarters.quarter,
        quarters.break_on,
        quarters.break_on - date '2000-01-01' as break_day,
        quarters.has_run
        or (
            quarters.quarter % 4 = 0
            and not bool_or(quarters.has_run) over (partition by quarters.series, quarters.quarter // 4)
        )
        or count(*) over (partition by quarters.series) <= settings.drawn_quarters as is_drawn,
    from quarters, settings
    where
        quarters.break_on - quarters.first_on >= settings.break_days
        and quarters.last_on - quarters.break_on >= settings.break_days
        and quarters.later_runs >= settings.break_runs
        and quarters.runs - quarters.later_runs >= settings.break_runs
),

-- Figures off by log-normal errors, whose sums over a quarter are drawn at once; by nothing in draw 0.
moved_sums as (
    select
        drawn_sums.*,
        case when draw > 0 then drawn_error(draws.random_key, 2 * quarter) else 0 end as normal,
        case when draw > 0 then drawn_error(draws.random_key, 2 * quarter + 1) else 0 end as other_normal,
        variance_sum / 1e8 as variance,
        day_variance_sum / 1e8 as day_variance,
        day_squares_variance_sum / 1e8 as day_squares_variance,
        sum_of_errors(variance, normal) as error,
        sum_of_products(variance, day_variance, day_squares_variance, error, other_normal) as day_error,
        log10_sum + round(error * 1e8)::bigint as moved_log10_sum,
        product_sum + round(day_error * 1e8)::bigint as moved_product_sum,
    from trends.drawn_sums
    left join trends.draws using (draw)
    where series in (select series from places_of_breaks)
),

totals as (
    select
        series,
        draw,
        sum(runs)::bigint as runs,
        sum(day_sum)::double as time_sum,
        sum(day_squares)::double as time_squares,
        sum(moved_log10_sum)::double / 1e8 as y_sum,
        sum(moved_product_sum)::double / 1e8 as time_y_sum,
    from moved_sums
    group by series, draw
),

-- Every place of a break has a row in every draw, whether a run was drawn in its quarter or not.
rows_and_places as (
    select
        series,
        draw,
        quarter,
        false as is_place,
        runs::double as runs,
        day_sum::double as time_sum,
        day_squares::double as time_squares,
        moved_log10_sum / 1e8 as y_sum,
        moved_product_sum / 1e8 as time_y_sum,
    from moved_sums

    union all

    select
        places_of_breaks.series,
        totals.draw,
        places_of_breaks.quarter,
        true as is_place,
        0 as runs,
        0 as time_sum,
        0 as time_squares,
        0 as y_sum,
        0 as time_y_sum,
    from places_of_breaks
    join totals using (series)
    where totals.draw = 0 or places_of_breaks.is_drawn
),

on_and_after as (
    select
        series,
        draw,
        quarter,
        sum(runs) over quarter_and_later as later_runs,
        sum(time_sum) over quarter_and_later as later_time_sum,
        sum(time_squares) over quarter_and_later as later_time_squares,
        sum(y_sum) over quarter_and_later as later_y_sum,
        sum(time_y_sum) over quarter_and_later as later_time_y_sum,
    from rows_and_places
    window
        quarter_and_later as (
            partition by series, draw order by quarter desc, is_place rows between unbounded preceding and current row
        )
    qualify is_place
),

bends as (
    select
        on_and_after.*,
        places_of_breaks.break_on,
        places_of_breaks.break_day,
        totals.* exclude (series, draw),
        later_time_sum - break_day * later_runs as bend_sum,
        later_time_squares - break_day * (2 * later_time_sum - break_day * later_runs) as bend_squares,
        later_time_squares - break_day * later_time_sum as bend_time_sum,
        later_time_y_sum - break_day * later_y_sum as bend_y_sum,
        nullif(squares_about_mean(runs, time_sum, time_squares), 0) as sxx,
        products_about_mean(runs, time_sum, y_sum, time_y_sum) as sxy,
        products_about_mean(runs, time_sum, bend_sum, bend_time_sum) as sxh,
    from on_and_after
    join places_of_breaks using (series, quarter)
    join totals using (series, draw)
)

-- A bend is the time since the break, zero before it; what is left of it is what a straight line does not say already.
select
    series,
    draw,
    break_on,
    break_day,
    runs,
    time_sum,
    time_squares,
    y_sum,
    time_y_sum,
    later_runs::bigint as later_runs,
    later_time_sum,
    later_time_squares,
    later_y_sum,
    later_time_y_sum,
    bend_sum,
    sxh as bend_time_products,
    squares_about_mean(runs, bend_sum, bend_squares) - sxh * sxh / sxx as bend_left_squares,
    products_about_mean(runs, bend_sum, y_sum, bend_y_sum) - sxh * sxy / sxx as bend_left_products,
from bends
order by series, draw, break_on
