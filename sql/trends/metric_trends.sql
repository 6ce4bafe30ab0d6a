-- How fast each metric grows: least-squares lines of its logarithm on time.
-- Grain: one row per metric, selection and period.
-- Method: regr_* of log10(value) on years since 2000; 95% interval by Student's t; fewer than three runs give no line.
-- Caveat: the interval holds the sampling of runs only, not the uncertainty of each run's figure.
with

points as (
    select
        measurements.metric,
        run_selections.selection,
        measurements.run_id,
        measurements.published_on,
        measurements.years_since_2000 as x,
        log10(measurements.value) as y,
    from compute.measurements
    join compute.run_selections using (run_id)
    where measurements.selection = 'any'

    union all

    select
        metric,
        selection,
        run_id,
        published_on,
        years_since_2000 as x,
        log10(value) as y,
    from compute.measurements
    where selection <> 'any'
),

fits as (
    select
        points.metric,
        points.selection,
        periods.period,
        min(points.published_on) as first_on,
        max(points.published_on) as last_on,
        any_value(periods.starts_on) as starts_on,
        any_value(periods.ends_on) as ends_on,
        count(*) as runs,
        regr_slope(points.y, points.x order by points.x, points.y) as slope,
        regr_intercept(points.y, points.x order by points.x, points.y) as intercept,
        regr_r2(points.y, points.x order by points.x, points.y) as r_squared,
        regr_sxx(points.y, points.x order by points.x, points.y) as sxx,
        regr_sxy(points.y, points.x order by points.x, points.y) as sxy,
        regr_syy(points.y, points.x order by points.x, points.y) as syy,
    from points
    join assumptions.periods
        on points.published_on >= coalesce(periods.starts_on, points.published_on)
        and points.published_on <= coalesce(periods.ends_on, points.published_on)
    group by points.metric, points.selection, periods.period
),

lines as (
    select
        *,
        case when runs >= 3 and sxx > 0 then slope end as oom_per_year,
        case when runs >= 3 then slope_standard_error(syy, sxy, sxx, runs) end as standard_error,
        student_t_975(runs - 2) as quantile,
    from fits
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
    case when oom_per_year is not null then intercept end as intercept_log10,
    doubling_months(oom_per_year) as doubling_months,
    case when oom_low * oom_high > 0 then doubling_months(oom_high) end as doubling_months_low,
    case when oom_low * oom_high > 0 then doubling_months(oom_low) end as doubling_months_high,
    growth_per_year(oom_per_year) as growth_per_year,
    case when oom_per_year is not null then r_squared end as r_squared,
    headlines.reason is not null as headline,
from intervals
left join assumptions.headlines using (metric, selection, period)
order by metric, selection, period
