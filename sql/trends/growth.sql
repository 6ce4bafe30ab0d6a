-- Growth between two runs, and what a doubling every two years would have given over the same time.
-- Grain: one row per metric and selection: the pair that assumptions/growth_pairs.csv names.
-- Method: later value over earlier; the lists' own values stand beside ours.
-- Caveat: two end points, not a fit: one unusual run moves it; a selection without the first run has no row.
with

figures as (
    select
        measurements.metric,
        run_selections.selection,
        measurements.run_id,
        measurements.published_on,
        measurements.value,
    from compute.measurements
    join compute.run_selections using (run_id)
    where measurements.selection = 'any' and measurements.metric = 'training_compute'

    union all

    select
        metric,
        selection,
        run_id,
        published_on,
        value,
    from compute.measurements
    where selection <> 'any'
),

-- The pair named for the selection, else the one named for any; an open end is the largest run.
spans as (
    select
        figures.metric,
        figures.selection,
        coalesce(any_value(named.from_run_id), any_value(otherwise.from_run_id)) as from_run_id,
        coalesce(
            any_value(named.to_run_id), any_value(otherwise.to_run_id), max_by(figures.run_id, figures.value)
        ) as to_run_id,
    from figures
    left join assumptions.growth_pairs as named using (selection)
    left join assumptions.growth_pairs as otherwise on otherwise.selection = 'any'
    group by figures.metric, figures.selection
),

pairs as (
    select
        spans.metric,
        spans.selection,
        spans.from_run_id,
        spans.to_run_id,
        earlier.published_on as from_on,
        later.published_on as to_on,
        earlier.value as from_value,
        later.value as to_value,
        months_between(earlier.published_on, later.published_on) as months,
    from spans
    join figures as earlier
        on earlier.metric = spans.metric and earlier.selection = spans.selection and earlier.run_id = spans.from_run_id
    join figures as later
        on later.metric = spans.metric and later.selection = spans.selection and later.run_id = spans.to_run_id
    where later.published_on > earlier.published_on
)

select
    metric,
    selection,
    from_run_id,
    to_run_id,
    from_on,
    to_on,
    months,
    from_value,
    to_value,
    to_value / from_value as growth_factor,
    months / log2(to_value / from_value) as endpoint_doubling_months,
    growth_over(
        months, (select limit_value from assumptions.thresholds where threshold = 'doubling_compared_months')
    ) as two_year_doubling_factor,
from pairs
where to_value <> from_value
order by metric, selection
