-- How fast models grow: parameters, all experts counted, and those used for one token.
-- Grain: one row per metric, selection and period.
-- Method: lines of trends.force_trends; what runs state, by the selections of assumptions/force_selections.csv.
-- Caveat: active_parameters is stated for mixtures of experts alone.
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
where force = 'parameters'
order by metric, selection, period
