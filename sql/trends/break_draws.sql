-- Where the breaks of the series fall when runs and figures are drawn again.
-- Grain: one row per series, model and draw.
-- Method: the search of break_fits on each draw; models of one break always, of two where they are chosen for the series.
-- Caveat: a draw in which no place leaves enough runs on each side has no row.
with

settings as (
    select
        max(limit_value) filter (where threshold = 'break_runs')::bigint as break_runs,
        max(limit_value) filter (where threshold = 'break_years') * 365.25 as break_days,
    from assumptions.thresholds
),

places as (
    select
        series,
        break_on,
        row_number() over (partition by series order by break_on) as place,
    from trends.break_sums
    where draw = 0
),

sums as (
    select
        break_sums.* exclude (break_on),
        places.place,
        chosen.break_model,
        break_day + settings.break_days as next_from_day,
        later_runs - settings.break_runs as next_most_runs,
        squares_about_mean(break_sums.runs, time_sum, time_squares) as sxx,
        line_explains(break_sums.runs, time_sum, time_squares, y_sum, time_y_sum) as explained_by_line,
        line_explains(
            break_sums.runs - later_runs, time_sum - later_time_sum, time_squares - later_time_squares, y_sum - later_y_sum,
            time_y_sum - later_time_y_sum
        ) as explained_before,
        line_explains(later_runs, later_time_sum, later_time_squares, later_y_sum, later_time_y_sum) as explained_after,
    from trends.break_sums
    join places using (series, break_on)
    join trends.break_fits as chosen using (series)
    cross join settings
    where
        chosen.is_chosen
        and break_sums.draw > 0
        and later_runs >= settings.break_runs
        and break_sums.runs - later_runs >= settings.break_runs
),

continuous_pairs as (
    select
        first.series,
        first.draw,
        first.place as first_place,
        second.place as second_place,
        two_bends_explain(
            first.bend_left_squares, first.bend_left_products, second.bend_left_squares, second.bend_left_products,
            bends_together(
                first.break_day, second.break_day, second.later_runs, second.later_time_sum, second.later_time_squares
            )
            - first.bend_sum * second.bend_sum / first.runs
            - first.bend_time_products * second.bend_time_products / first.sxx
        ) as gain,
    from sums as first
    join sums as second
        on second.series = first.series and second.draw = first.draw
        and second.break_day >= first.next_from_day and second.later_runs <= first.next_most_runs
    where first.break_model = 'two continuous' and second.break_model = 'two continuous'
),

jump_pairs as (
    select
        first.series,
        first.draw,
        first.place as first_place,
        second.place as second_place,
        first.explained_before
        + line_explains(
            first.later_runs - second.later_runs, first.later_time_sum - second.later_time_sum,
            first.later_time_squares - second.later_time_squares, first.later_y_sum - second.later_y_sum,
            first.later_time_y_sum - second.later_time_y_sum
        )
        + second.explained_after
        - first.explained_by_line as gain,
    from sums as first
    join sums as second
        on second.series = first.series and second.draw = first.draw
        and second.break_day >= first.next_from_day and second.later_runs <= first.next_most_runs
    where first.break_model = 'two jumps' and second.break_model = 'two jumps'
),

best as (
    select
        series,
        draw,
        'one continuous' as break_model,
        max(fit_and_places(bend_left_products * bend_left_products / nullif(bend_left_squares, 0), place, 0)) as best,
    from sums
    group by series, draw

    union all

    select
        series,
        draw,
        'one jump' as break_model,
        max(fit_and_places(explained_before + explained_after - explained_by_line, place, 0)) as best,
    from sums
    group by series, draw

    union all

    select
        series,
        draw,
        'two continuous' as break_model,
        max(fit_and_places(gain, first_place, second_place)) as best,
    from continuous_pairs
    group by series, draw

    union all

    select
        series,
        draw,
        'two jumps' as break_model,
        max(fit_and_places(gain, first_place, second_place)) as best,
    from jump_pairs
    group by series, draw
)

select
    best.series,
    best.break_model,
    best.draw,
    first.break_on as first_break_on,
    second.break_on as second_break_on,
from best
join places as first on first.series = best.series and first.place = first_place_of(best.best)
left join places as second on second.series = best.series and second.place = second_place_of(best.best)
order by best.series, best.break_model, best.draw
