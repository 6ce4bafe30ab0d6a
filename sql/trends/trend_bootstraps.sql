-- How sure the headline lines are: intervals by bootstrap, the sources of error kept apart and together.
-- Grain: one row per metric, selection, period and source of error.
-- Method: 2.5% and 97.5% quantiles of the slopes drawn; standard error is their standard deviation.
-- Caveat: quantiles of few runs are too narrow; the scatter of runs holds the errors of their figures already.
with

-- Slopes to 14 places add up exactly.
slopes as (
    select
        *,
        oom_per_year::decimal(18, 14) as slope,
    from trends.trend_draws
),

summaries as (
    select
        metric,
        selection,
        period,
        error_source,
        count(*) as draws,
        quantile_cont(oom_per_year, 0.5) as oom_per_year_median,
        quantile_cont(oom_per_year, 0.025) as oom_low,
        quantile_cont(oom_per_year, 0.975) as oom_high,
        (sum(slope) / count(*))::decimal(18, 14) as mean_slope,
        sqrt(
            (sum(slope * slope) - mean_slope * (2 * sum(slope) - count(*) * mean_slope))::double / nullif(count(*) - 1, 0)
        ) as standard_error,
    from slopes
    group by metric, selection, period, error_source
)

select
    metric,
    selection,
    period,
    error_source,
    draws,
    oom_per_year_median,
    standard_error as standard_error_oom_per_year,
    oom_low as oom_per_year_low,
    oom_high as oom_per_year_high,
    growth_per_year(oom_low) as growth_per_year_low,
    growth_per_year(oom_high) as growth_per_year_high,
    sure_doubling_months(oom_high, oom_low) as doubling_months_low,
    sure_doubling_months(oom_low, oom_high) as doubling_months_high,
from summaries
order by metric, selection, period, error_source
