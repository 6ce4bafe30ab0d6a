-- How fast training data grow: distinct datapoints of a run's set, and tokens processed.
-- Grain: one row per metric, selection and period.
-- Method: lines of trends.force_trends; language runs alone, as units of other domains do not add up.
-- Caveat: where a source knows only words the count is up to a third low; tokens_seen holds repetitions.
select
    metric,
    selection,
    period,
    period_start_on,
    period_end_on,
    points,
    oom_per_year,
    standard_error_oom_per_year,
    oom_per_year_low,
    oom_per_year_high,
    intercept_log10,
    doubling_months,
    doubling_months_low,
    doubling_months_high,
    growth_per_year,
    growth_per_year_low,
    growth_per_year_high,
    r_squared,
from trends.force_trends
where force = 'data'
order by metric, selection, period
