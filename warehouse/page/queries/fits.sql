-- Lines of metric_trends with the 95% band of the line itself, at every step of their period, to be drawn.
-- The band follows from the slope's standard error and where the runs lie in time: se * sqrt(var(x) + (x - mean x)^2).
with

lines as (
    select
        *,
        metric || '|' || selection || '|' || period as fit,
        case when headline and (selection = 'frontier' and period = 'from_2010' or period = 'before_2010') then 1 else 0 end
            as is_first,
    from trends.metric_trends
    where
        oom_per_year is not null
        and standard_error_oom_per_year > 0
        and (
            headline
            or metric = 'training_compute'
            and period = 'from_2010'
            and (
                selection in ('all', 'notable', 'frontier', 'large_scale', 'final_run', 'from_scratch', 'fine_tunes')
                or starts_with(selection, 'domain:')
                or starts_with(selection, 'organisation_type:')
                or starts_with(selection, 'openness:')
            )
        )
),

dated as (
    select metric, selection, published_on, years_since_2000
    from compute.measurements
    where selection <> 'any'

    union all

    select metric, run_selections.selection, published_on, years_since_2000
    from compute.measurements
    join compute.run_selections using (run_id)
    where measurements.selection = 'any'
),

places as (
    select
        fit,
        avg(years_since_2000) as mean_x,
        var_pop(years_since_2000) as var_x,
    from lines
    join dated
        on dated.metric = lines.metric
        and dated.selection = lines.selection
        and dated.published_on between lines.period_start_on and lines.period_end_on
    group by fit
),

steps as (
    select
        lines.*,
        mean_x,
        var_x,
        step,
        period_start_on + ((period_end_on - period_start_on) * step / 12)::integer as on_day,
        (oom_per_year_high - oom_per_year) as slope_reach,
    from lines
    join places using (fit)
    cross join range(13) as steps (step)
),

heights as (
    select
        *,
        (on_day - date '2000-01-01') / 365.25 as x,
    from steps
)

select
    fit,
    metric,
    selection,
    period,
    runs,
    doubling_months,
    case when bootstrap_draws is null then doubling_months_low else bootstrap_doubling_months_low end as doubling_months_low,
    case when bootstrap_draws is null then doubling_months_high else bootstrap_doubling_months_high end as doubling_months_high,
    headline as is_headline,
    is_first,
    on_day::date as on_day,
    step = 12 as is_end,
    pow(10, intercept_log10 + oom_per_year * x) as flop,
    pow(10, intercept_log10 + oom_per_year * x - slope_reach * sqrt(var_x + pow(x - mean_x, 2))) as low,
    pow(10, intercept_log10 + oom_per_year * x + slope_reach * sqrt(var_x + pow(x - mean_x, 2))) as high,
from heights
order by metric, selection, period, step
