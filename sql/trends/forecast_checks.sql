-- What others expected, and what came: the essay's several more years, CSET's dates, counts of models above thresholds.
-- Grain: one row per forecast of assumptions/forecasts.csv.
-- Method: the largest figure or the count in the record by the day it fell due; a day after the last dated run is not due.
-- Caveat: what the record lacks counts as not there, so a count below is only fewer in the record; projections are lines.
with

last_day as (
    select max(published_on) as on_day
    from compute.measurements
    where metric = 'training_compute' and selection = 'any'
),

figures as (
    select
        metric,
        published_on,
        value,
    from compute.measurements
    where metric = 'training_compute' and selection = 'any'

    union all

    select
        metric,
        dated_on as published_on,
        value,
    from trends.force_points
    where force <> 'decomposition' and metric in (select metric from assumptions.forecasts)

    union all

    select
        'fleet_share' as metric,
        published_on,
        fleet_share as value,
    from trends.fleet_shares
    where fleet_share is not null
),

largest as (
    select
        forecasts.forecast,
        max(figures.value) as found_value,
    from assumptions.forecasts
    join figures on figures.metric = forecasts.metric and figures.published_on <= forecasts.due_on
    group by forecasts.forecast
),

lines as (
    select
        metric,
        oom_per_year,
        oom_per_year_low,
        oom_per_year_high,
    from trends.metric_trends
    join assumptions.current_trends using (metric, selection, period)

    union all

    select
        metric,
        oom_per_year,
        oom_per_year_low,
        oom_per_year_high,
    from trends.force_trends
    join assumptions.current_trends using (metric, selection, period)
    where force <> 'decomposition'
),

tops as (
    select
        metric,
        max(value) as value,
        arg_max(published_on, row(value, -epoch(published_on))) as published_on,
    from figures
    group by metric
),

ahead as (
    select
        forecasts.forecast,
        tops.value,
        (forecasts.due_on - tops.published_on) / 365.25 as years,
        lines.oom_per_year,
        lines.oom_per_year_low,
        lines.oom_per_year_high,
    from assumptions.forecasts
    join tops using (metric)
    join lines using (metric)
    join last_day on forecasts.due_on > last_day.on_day
),

-- A count by the first of January is that of the year before.
counts as (
    select
        forecasts.forecast,
        counts.count_basis,
        arg_max(counts.cumulative_runs, counts.year) as runs,
        arg_max(counts.cumulative_runs_low, counts.year) as runs_low,
        arg_max(counts.cumulative_runs_high, counts.year) as runs_high,
        max(counts.year) as year,
    from assumptions.forecasts
    join trends.threshold_counts as counts
        on counts.compute_threshold = forecasts.compute_threshold
        and counts.selection = forecasts.selection
        and counts.year <= year(forecasts.due_on - interval 1 day)
    where forecasts.metric = 'runs_above'
    group by forecasts.forecast, counts.count_basis
),

beside as (
    select
        forecasts.*,
        coalesce(largest.found_value, recorded.runs) as found_value,
        coalesce(ahead.value * pow(10.0::double, ahead.oom_per_year * ahead.years), projected.runs) as projected_value,
        coalesce(ahead.value * pow(10.0::double, ahead.oom_per_year_low * ahead.years), projected.runs_low) as projected_low,
        coalesce(ahead.value * pow(10.0::double, ahead.oom_per_year_high * ahead.years), projected.runs_high) as projected_high,
        forecasts.due_on <= last_day.on_day as is_due,
    from assumptions.forecasts
    cross join last_day
    left join largest using (forecast)
    left join ahead using (forecast)
    left join counts as recorded
        on recorded.forecast = forecasts.forecast and recorded.count_basis = 'record'
    left join counts as projected
        on projected.forecast = forecasts.forecast and projected.count_basis = 'projected'
        and forecasts.due_on > last_day.on_day
),

judged as (
    select
        *,
        forecast_verdict(found_value, claimed_low, claimed_high, is_due) as found_verdict,
        case when is_due then 'past' else forecast_verdict(projected_value, claimed_low, claimed_high, true) end
            as projected_verdict,
    from beside
)

select
    forecast,
    made_on,
    due_on,
    metric,
    selection,
    compute_threshold,
    claimed_low,
    claimed_high,
    found_value,
    is_due,
    case when metric = 'runs_above' then replace(found_verdict, 'below', 'fewer in the record') else found_verdict end
        as found_verdict,
    projected_value,
    projected_low,
    projected_high,
    case when metric = 'runs_above' then replace(projected_verdict, 'below', 'fewer in the record') else projected_verdict end
        as projected_verdict,
    claim,
    reference,
from judged
order by made_on, forecast
