-- Breaks found, not assumed: lines with no break, one and two, and which of them the data ask for.
-- Grain: one row per metric, selection and period searched (assumptions/break_searches.csv) and model.
-- Method: least squares over a grid of quarters; Schwarz's criterion chooses; intervals by bootstrap of runs and figures.
-- Caveat: runs of one time are alike, so the criterion finds breaks too easily; an interval of many years is no finding.
with

series as (
    select distinct
        series,
        metric,
        selection,
        period,
    from trends.series_points
),

intervals as (
    select
        series,
        break_model,
        count(*) as draws,
        quantile_disc(first_break_on, 0.025) as first_break_low_on,
        quantile_disc(first_break_on, 0.975) as first_break_high_on,
        quantile_disc(second_break_on, 0.025) as second_break_low_on,
        quantile_disc(second_break_on, 0.975) as second_break_high_on,
    from trends.break_draws
    group by series, break_model
)

select
    series.metric,
    series.selection,
    series.period,
    break_fits.break_model,
    break_fits.breaks,
    break_fits.runs,
    break_fits.quarters_tried,
    break_fits.residual_oom,
    break_fits.bic,
    break_fits.bic_over_no_break,
    break_fits.is_chosen,
    coalesce(intervals.draws, 0) as draws,
    break_fits.first_break_on,
    intervals.first_break_low_on,
    intervals.first_break_high_on,
    break_fits.second_break_on,
    intervals.second_break_low_on,
    intervals.second_break_high_on,
    break_fits.first_oom_per_year,
    break_fits.second_oom_per_year,
    break_fits.third_oom_per_year,
    doubling_months(break_fits.first_oom_per_year) as first_doubling_months,
    doubling_months(break_fits.second_oom_per_year) as second_doubling_months,
    doubling_months(break_fits.third_oom_per_year) as third_doubling_months,
from trends.break_fits
join series using (series)
left join intervals using (series, break_model)
order by series.metric, series.selection, series.period, break_fits.breaks, break_fits.break_model
