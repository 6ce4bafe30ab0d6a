-- How fast chips get better: peak rates by number format, per dollar and per watt, memory and bandwidth.
-- Grain: one row per metric, selection and period.
-- Method: lines of trends.force_trends; selections are gpus, ml_gpus (named by a run or with matrix units), tpus, accelerators, ml_accelerators, leading.
-- Caveat: a trend belongs to the chips listed, wafers too; prices are launch prices, nominal; leading holds each metric's records.
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
where force = 'hardware'
order by metric, selection, period
