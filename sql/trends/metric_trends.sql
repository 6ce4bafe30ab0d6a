-- How fast each metric grows: least-squares lines of its logarithm on time.
-- Grain: one row per metric, selection and period.
-- Method: least squares of log10(value) on years since 2000; 95% interval by Student's t; no line under three runs.
-- Caveat: the interval holds the sampling of runs only, not the uncertainty of each run's figure.
with

-- Logarithms to 14 places and whole days add up exactly, so no figure hangs on the order of the rows.
points as (
    select
        measurements.metric,
        run_selections.selection,
        measurements.published_on,
        log10(measurements.value)::decimal(18, 14) as y,
    from compute.measurements
    join compute.run_selections using (run_id)
    where measurements.selection = 'any'

    union all

    select
        metric,
        selection,
        published_on,
        log10(value)::decimal(18, 14) as y,
    from compute.measurements
    where selection <> 'any'
),

days as (
    select
        metric,
        selection,
        published_on,
        published_on - date '2000-01-01' as x,
        count(*) as n,
        sum(y) as y,
        sum(y * y) as yy,
    from points
    group by all
),

sums as (
    select
        days.metric,
        days.selection,
        periods.period,
        min(days.published_on) as first_on,
        max(days.published_on) as last_on,
        any_value(periods.starts_on) as starts_on,
        any_value(periods.ends_on) as ends_on,
        sum(days.n)::bigint as runs,
        sum(days.n * days.x) as x,
        sum(days.n * days.x * days.x) as xx,
        sum(days.y) as y,
        sum(days.x * days.y) as xy,
        sum(days.yy) as yy,
        (sum(days.y) / sum(days.n))::decimal(18, 14) as mean_y,
    from days
    join assumptions.periods
        on days.published_on >= coalesce(periods.starts_on, days.published_on)
        and days.published_on <= coalesce(periods.ends_on, days.published_on)
    group by days.metric, days.selection, periods.period
),

-- Sums of squares about the means, days now as years.
squares as (
    select
        *,
        (runs * xx - x * x)::double / runs / pow(365.25, 2) as sxx,
        (runs * xy - x * y)::double / runs / 365.25 as sxy,
        (yy - mean_y * (2 * y - runs * mean_y))::double as syy,
    from sums
),

lines as (
    select
        *,
        case when runs >= 3 and sxx > 0 then sxy / sxx end as oom_per_year,
        case when runs >= 3 then slope_standard_error(syy, sxy, sxx, runs) end as standard_error,
        student_t_975(runs - 2) as quantile,
    from squares
),

intervals as (
    select
        *,
        oom_per_year - quantile * standard_error as oom_low,
        oom_per_year + quantile * standard_error as oom_high,
    from lines
)

select
    metric,
    selection,
    period,
    coalesce(starts_on, first_on) as period_start_on,
    coalesce(ends_on, last_on) as period_end_on,
    runs,
    oom_per_year,
    standard_error as standard_error_oom_per_year,
    oom_low as oom_per_year_low,
    oom_high as oom_per_year_high,
    (y - oom_per_year * x / 365.25) / runs as intercept_log10,
    doubling_months(oom_per_year) as doubling_months,
    case when oom_low * oom_high > 0 then doubling_months(oom_high) end as doubling_months_low,
    case when oom_low * oom_high > 0 then doubling_months(oom_low) end as doubling_months_high,
    growth_per_year(oom_per_year) as growth_per_year,
    case when oom_per_year is not null then least(coalesce(sxy * sxy / nullif(sxx * syy, 0), 1), 1) end as r_squared,
    headlines.reason is not null as headline,
from intervals
left join assumptions.headlines using (metric, selection, period)
order by metric, selection, period
