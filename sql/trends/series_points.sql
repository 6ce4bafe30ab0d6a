-- The runs of the series that are drawn again: the headlines and those searched for breaks.
-- Grain: one row per metric, selection, period and run.
-- Method: as metric_trends takes them; numbered from 0 by date; spread in log10 from the figure's 90% interval.
-- Caveat: a figure without an interval has no spread; a series of more than bootstrap_most_runs runs is left out.
with

wanted as (
    select
        metric,
        selection,
        period,
    from assumptions.headlines

    union

    select
        metric,
        selection,
        period,
    from assumptions.break_searches
),

members as (
    select
        run_selections.selection,
        measurements.* exclude (selection),
    from compute.measurements
    join compute.run_selections using (run_id)
    where measurements.selection = 'any'

    union all

    select
        measurements.selection,
        measurements.* exclude (selection),
    from compute.measurements
    where measurements.selection <> 'any'
)

select
    dense_rank() over (order by wanted.metric, wanted.selection, wanted.period) as series,
    wanted.metric,
    wanted.selection,
    wanted.period,
    members.run_id,
    row_number() over (
        order by wanted.metric, wanted.selection, wanted.period, members.published_on, members.run_id
    ) as series_row,
    row_number() over (
        partition by wanted.metric, wanted.selection, wanted.period order by members.published_on, members.run_id
    ) - 1 as place,
    count(*) over (partition by wanted.metric, wanted.selection, wanted.period) as runs,
    members.published_on,
    log10(members.value) as log10_value,
    coalesce(log10_spread(members.value_low, members.value_high), 0) as log10_value_spread,
from wanted
join assumptions.periods using (period)
join members
    on members.metric = wanted.metric and members.selection = wanted.selection
    and is_in_period(members.published_on, periods.starts_on, periods.ends_on)
qualify runs <= (select limit_value from assumptions.thresholds where threshold = 'bootstrap_most_runs')
order by series, place
