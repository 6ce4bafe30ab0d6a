-- Lines with no break, one and two, fitted to the series searched for breaks.
-- Grain: one row per series and model.
-- Method: every quarter and pair of quarters tried, least squares in closed form (break_sums); equal fits: the earliest.
-- Caveat: the day of a break counts as one more parameter in Schwarz's criterion, which is a convention.
with

settings as (
    select
        max(limit_value) filter (where threshold = 'break_runs')::bigint as break_runs,
        max(limit_value) filter (where threshold = 'break_years') * 365.25 as break_days,
    from assumptions.thresholds
),

-- Of the logarithms as drawn_sums rounds them, so that a line through all runs leaves nothing.
squares as (
    select
        series,
        sum(pow(round(log10_value * 1e8), 2)::hugeint)::double / 1e16 as log10_squares,
    from trends.series_points
    group by series
),

sums as (
    select
        *,
        line_explains(runs, time_sum, time_squares, y_sum, time_y_sum) as explained_by_line,
        products_about_mean(runs, time_sum, y_sum, time_y_sum) as sxy,
        squares_about_mean(runs, time_sum, time_squares) as sxx,
        runs - later_runs as earlier_runs,
        time_sum - later_time_sum as earlier_time_sum,
        time_squares - later_time_squares as earlier_time_squares,
        y_sum - later_y_sum as earlier_y_sum,
        time_y_sum - later_time_y_sum as earlier_time_y_sum,
        count(*) over (partition by series) as quarters_tried,
    from trends.break_sums
    where draw = 0
),

pairs as (
    select
        first.series,
        first.runs,
        first.quarters_tried,
        first.break_day,
        first.break_on as first_break_on,
        second.break_on as second_break_on,
        first.explained_by_line,
        first.sxx,
        first.sxy,
        first.bend_time_products as first_sxh,
        second.bend_time_products as second_sxh,
        first.bend_left_squares as first_squares,
        first.bend_left_products as first_products,
        second.bend_left_squares as second_squares,
        second.bend_left_products as second_products,
        bends_together(
            first.break_day, second.break_day, second.later_runs, second.later_time_sum, second.later_time_squares
        ) - first.bend_sum * second.bend_sum / first.runs - first_sxh * second_sxh / first.sxx as cross_products,
        line_explains(
            first.earlier_runs, first.earlier_time_sum, first.earlier_time_squares, first.earlier_y_sum,
            first.earlier_time_y_sum
        ) as explained_before,
        line_explains(
            first.later_runs - second.later_runs, first.later_time_sum - second.later_time_sum,
            first.later_time_squares - second.later_time_squares, first.later_y_sum - second.later_y_sum,
            first.later_time_y_sum - second.later_time_y_sum
        ) as explained_between,
        line_explains(
            second.later_runs, second.later_time_sum, second.later_time_squares, second.later_y_sum,
            second.later_time_y_sum
        ) as explained_after,
        slope_of_sums(
            first.earlier_runs, first.earlier_time_sum, first.earlier_time_squares, first.earlier_y_sum,
            first.earlier_time_y_sum
        ) as slope_before,
        slope_of_sums(
            first.later_runs - second.later_runs, first.later_time_sum - second.later_time_sum,
            first.later_time_squares - second.later_time_squares, first.later_y_sum - second.later_y_sum,
            first.later_time_y_sum - second.later_time_y_sum
        ) as slope_between,
        slope_of_sums(
            second.later_runs, second.later_time_sum, second.later_time_squares, second.later_y_sum,
            second.later_time_y_sum
        ) as slope_after,
        bend_of_two(first_squares, first_products, second_squares, second_products, cross_products) as first_bend,
        bend_of_two(second_squares, second_products, first_squares, first_products, cross_products) as second_bend,
    from sums as first
    cross join settings
    join sums as second
        on second.series = first.series
        and second.break_day - first.break_day >= settings.break_days
        and first.later_runs - second.later_runs >= settings.break_runs
),

models as (
    select distinct
        series,
        'no break' as break_model,
        0 as breaks,
        2 as parameters,
        runs,
        quarters_tried,
        0 as break_day,
        null::date as first_break_on,
        null::date as second_break_on,
        explained_by_line as explained,
        sxy / sxx as first_slope,
        null::double as second_slope,
        null::double as third_slope,
    from sums

    union all

    select
        series,
        'one continuous' as break_model,
        1 as breaks,
        4 as parameters,
        runs,
        quarters_tried,
        break_day,
        break_on as first_break_on,
        null as second_break_on,
        explained_by_line + bend_left_products * bend_left_products / bend_left_squares as explained,
        (sxy - bend_left_products / bend_left_squares * bend_time_products) / sxx as first_slope,
        first_slope + bend_left_products / bend_left_squares as second_slope,
        null as third_slope,
    from sums

    union all

    select
        series,
        'one jump' as break_model,
        1 as breaks,
        5 as parameters,
        runs,
        quarters_tried,
        break_day,
        break_on as first_break_on,
        null as second_break_on,
        line_explains(earlier_runs, earlier_time_sum, earlier_time_squares, earlier_y_sum, earlier_time_y_sum)
        + line_explains(later_runs, later_time_sum, later_time_squares, later_y_sum, later_time_y_sum) as explained,
        slope_of_sums(earlier_runs, earlier_time_sum, earlier_time_squares, earlier_y_sum, earlier_time_y_sum)
            as first_slope,
        slope_of_sums(later_runs, later_time_sum, later_time_squares, later_y_sum, later_time_y_sum) as second_slope,
        null as third_slope,
    from sums

    union all

    select
        series,
        'two continuous' as break_model,
        2 as breaks,
        6 as parameters,
        runs,
        quarters_tried,
        break_day,
        first_break_on,
        second_break_on,
        explained_by_line
        + two_bends_explain(first_squares, first_products, second_squares, second_products, cross_products) as explained,
        (sxy - first_bend * first_sxh - second_bend * second_sxh) / sxx as first_slope,
        first_slope + first_bend as second_slope,
        second_slope + second_bend as third_slope,
    from pairs

    union all

    select
        series,
        'two jumps' as break_model,
        2 as breaks,
        8 as parameters,
        runs,
        quarters_tried,
        break_day,
        first_break_on,
        second_break_on,
        explained_before + explained_between + explained_after as explained,
        slope_before as first_slope,
        slope_between as second_slope,
        slope_after as third_slope,
    from pairs
),

best as (
    select *
    from models
    where explained is not null
    qualify row_number() over (partition by series, break_model order by explained desc, break_day, second_break_on) = 1
),

judged as (
    select
        best.*,
        greatest(squares.log10_squares - best.explained, 0) as residual_squares,
        -- A line that leaves nothing has no criterion, and nothing fits better.
        bic_of_squares(best.runs, nullif(residual_squares, 0), best.parameters) as bic,
    from best
    join squares using (series)
)

select
    series,
    break_model,
    breaks::bigint as breaks,
    runs,
    quarters_tried,
    sqrt(residual_squares / runs) as residual_oom,
    bic,
    bic - max(bic) filter (where breaks = 0) over (partition by series) as bic_over_no_break,
    row_number() over (partition by series order by bic nulls first, parameters) = 1 as is_chosen,
    first_break_on,
    second_break_on,
    first_slope * 365.25 as first_oom_per_year,
    second_slope * 365.25 as second_oom_per_year,
    third_slope * 365.25 as third_oom_per_year,
from judged
order by series, parameters
