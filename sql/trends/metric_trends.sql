-- How fast each metric grows: least-squares lines of its logarithm on time.
-- Grain: one row per metric, selection and period.
-- Method: least squares of log10(value) on years since 2000; 95% interval by Student's t; no line under three runs.
-- Caveat: Student's interval holds the sampling of runs only; the headlines' bootstrap adds how sure each figure is.
with

-- Between two days on which some period begins or ends all runs belong to the same periods: they are added up once.
edges as (
    select coalesce(starts_on, date '-infinity') as edge_on
    from assumptions.periods

    union

    select coalesce(ends_on + 1, date 'infinity') as edge_on
    from assumptions.periods
),

-- Logarithms to 14 places and whole days add up exactly, so no figure hangs on the order of the rows.
figures as (
    select
        measurements.run_id,
        measurements.metric,
        measurements.selection,
        measurements.published_on,
        edges.edge_on,
        (measurements.published_on - date '2000-01-01')::bigint as x,
        log10(measurements.value)::decimal(18, 14) as y,
    from compute.measurements
    asof join edges on measurements.published_on >= edges.edge_on
),

points as (
    select
        figures.* exclude (run_id, selection),
        run_selections.selection,
    from figures
    join compute.run_selections using (run_id)
    where figures.selection = 'any'

    union all by name

    select * exclude (run_id)
    from figures
    where selection <> 'any'
),

spans as (
    select
        metric,
        selection,
        edge_on,
        min(published_on) as first_on,
        max(published_on) as last_on,
        count(*) as n,
        sum(x) as x,
        sum(x * x) as xx,
        sum(y) as y,
        sum(x * y) as xy,
        sum(y * y) as yy,
    from points
    group by metric, selection, edge_on
),

sums as (
    select
        spans.metric,
        spans.selection,
        periods.period,
        min(spans.first_on) as first_on,
        max(spans.last_on) as last_on,
        any_value(periods.starts_on) as starts_on,
        any_value(periods.ends_on) as ends_on,
        sum(spans.n)::bigint as runs,
        sum(spans.x) as x,
        sum(spans.xx) as xx,
        sum(spans.y) as y,
        sum(spans.xy) as xy,
        sum(spans.yy) as yy,
        (sum(spans.y) / sum(spans.n))::decimal(18, 14) as mean_y,
    from spans
    join assumptions.periods
        on spans.first_on >= coalesce(periods.starts_on, spans.first_on)
        and spans.last_on <= coalesce(periods.ends_on, spans.last_on)
    group by spans.metric, spans.selection, periods.period
),

-- Sums of squares about the means, days now as years.
squares as (
    select
        *,
        squares_about_mean(runs, x, xx) / pow(365.25, 2) as sxx,
        products_about_mean(runs, x, y, xy) / 365.25 as sxy,
        squares_about(runs, y, yy, mean_y) as syy,
    from sums
),

lines as (
    select
        *,
        line_slope(runs, sxx, sxy) as oom_per_year,
        slope_standard_error(syy, sxy, sxx, runs) as standard_error,
        student_t_975(runs - 2) as quantile,
    from squares
),

intervals as (
    select
        *,
        oom_per_year - quantile * standard_error as oom_low,
        oom_per_year + quantile * standard_error as oom_high,
    from lines
),

bootstraps as (
    select
        metric,
        selection,
        period,
        max(draws) filter (where error_source = 'runs and figures') as draws,
        max(oom_per_year_low) filter (where error_source = 'runs and figures') as drawn_low,
        max(oom_per_year_high) filter (where error_source = 'runs and figures') as drawn_high,
        max(doubling_months_low) filter (where error_source = 'runs and figures') as doubling_low,
        max(doubling_months_high) filter (where error_source = 'runs and figures') as doubling_high,
        max(standard_error_oom_per_year) filter (where error_source = 'runs') as runs_error,
        max(standard_error_oom_per_year) filter (where error_source = 'figures') as figures_error,
    from trends.trend_bootstraps
    group by metric, selection, period
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
    sure_doubling_months(oom_high, oom_low) as doubling_months_low,
    sure_doubling_months(oom_low, oom_high) as doubling_months_high,
    growth_per_year(oom_per_year) as growth_per_year,
    line_r_squared(runs, sxx, sxy, syy) as r_squared,
    headlines.reason is not null as headline,
    bootstraps.draws as bootstrap_draws,
    bootstraps.drawn_low as bootstrap_oom_per_year_low,
    bootstraps.drawn_high as bootstrap_oom_per_year_high,
    bootstraps.doubling_low as bootstrap_doubling_months_low,
    bootstraps.doubling_high as bootstrap_doubling_months_high,
    bootstraps.runs_error as runs_error_oom_per_year,
    bootstraps.figures_error as figures_error_oom_per_year,
from intervals
left join assumptions.headlines using (metric, selection, period)
left join bootstraps using (metric, selection, period)
order by metric, selection, period
