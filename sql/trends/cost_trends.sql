-- How fast runs get dearer: amortised hardware and energy, rent, hardware bought outright.
-- Grain: one row per metric, selection and period.
-- Method: lines of trends.force_trends; compute.run_costs of runs whose chips and chip-hours are known; _2024 is in December 2024 dollars.
-- Caveat: the _2024 metrics are empty without the price index; rent and purchase need prices.
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
where force = 'cost'
order by metric, selection, period
