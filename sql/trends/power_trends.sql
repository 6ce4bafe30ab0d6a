-- How fast the power draw of runs grows: peak_power_watts as worked out, stated_power_watts as a source states it.
-- Grain: one row per metric, selection and period.
-- Method: lines of trends.force_trends; compute.run_costs where the chips are known, and the fact of the source of highest precedence.
-- Caveat: draw of chips, servers and data centre at the peak, not the average.
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
where force = 'power'
order by metric, selection, period
