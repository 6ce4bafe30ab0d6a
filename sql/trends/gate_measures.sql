-- What tells a broken version from a grown one, of this version and of the one before, by the same formulas.
-- Grain: one row per measure, table, column and what within it is measured.
-- Method: counts, filled shares, quantiles, days to the as-of date, headline trends, and the Kolmogorov-Smirnov distance.
-- Caveat: nothing stands before in a first version, nor where an older program published the version before.
with

runs as (
    select
        'now' as side,
        run_id,
        published_on,
        organisations,
        is_notable,
        parameters,
        training_compute_flop,
        training_compute_flop_low,
        log10_training_compute_flop,
    from compute.training_runs

    union all

    select
        'before' as side,
        run_id,
        published_on,
        organisations,
        is_notable,
        parameters,
        training_compute_flop,
        training_compute_flop_low,
        log10_training_compute_flop,
    from earlier.compute.training_runs
),

as_of_dates as (
    select
        'now' as side,
        as_of_on,
    from clean.version_dates

    union all

    select
        'before' as side,
        as_of_on,
    from earlier.clean.version_dates
),

table_rows as (
    select
        'now' as side,
        'clean.run_facts' as table_name,
    from clean.run_facts

    union all

    select
        'before' as side,
        'clean.run_facts' as table_name,
    from earlier.clean.run_facts

    union all

    select
        'now' as side,
        'clean.chips' as table_name,
    from clean.chips

    union all

    select
        'before' as side,
        'clean.chips' as table_name,
    from earlier.clean.chips

    union all

    select
        'now' as side,
        'compute.estimates' as table_name,
    from compute.estimates

    union all

    select
        'before' as side,
        'compute.estimates' as table_name,
    from earlier.compute.estimates

    union all

    select
        side,
        'compute.training_runs' as table_name,
    from runs

    union all

    select
        'now' as side,
        'trends.metric_trends' as table_name,
    from trends.metric_trends

    union all

    select
        'before' as side,
        'trends.metric_trends' as table_name,
    from earlier.trends.metric_trends
),

sizes as (
    select
        side,
        'rows' as measure,
        table_name,
        '*' as column_name,
        'all rows' as measured_of,
        count(*) as counted_rows,
        count(*)::double as value,
    from table_rows
    group by all
),

-- A share is of the rows of the side; of no rows there is none.
filled as (
    select
        side,
        'filled_share' as measure,
        'compute.training_runs' as table_name,
        unnest([
            { column_name: 'published_on', measured_of: 'all rows', filled: count(published_on), counted: count(*) },
            { column_name: 'organisations', measured_of: 'all rows', filled: count(organisations), counted: count(*) },
            {
                column_name: 'training_compute_flop',
                measured_of: 'all rows',
                filled: count(training_compute_flop),
                counted: count(*)
            },
            {
                column_name: 'training_compute_flop',
                measured_of: 'notable runs',
                filled: count(training_compute_flop) filter (where is_notable),
                counted: count_if(is_notable)
            },
            {
                column_name: 'training_compute_flop_low',
                measured_of: 'runs with compute',
                filled: count(training_compute_flop_low) filter (where training_compute_flop is not null),
                counted: count(training_compute_flop)
            }
        ]) as told,
    from runs
    group by side
),

shares as (
    select
        side,
        measure,
        table_name,
        told.column_name,
        told.measured_of,
        told.counted as counted_rows,
        told.filled / nullif(told.counted, 0) as value,
    from filled
),

figures as (
    select
        side,
        'log10_training_compute_flop' as column_name,
        log10_training_compute_flop as figure,
    from runs
    where log10_training_compute_flop is not null

    union all

    select
        side,
        'parameters' as column_name,
        parameters as figure,
    from runs
    where parameters is not null
),

places as (
    select
        side,
        column_name,
        count(*) as counted_rows,
        unnest([
            { measure: 'first_decile', figure: quantile_cont(figure, 0.1) },
            { measure: 'median', figure: quantile_cont(figure, 0.5) },
            { measure: 'ninth_decile', figure: quantile_cont(figure, 0.9) },
            { measure: 'largest', figure: max(figure) }
        ]) as told,
    from figures
    group by side, column_name
),

spreads as (
    select
        side,
        told.measure,
        'compute.training_runs' as table_name,
        column_name,
        'all rows' as measured_of,
        counted_rows,
        told.figure as value,
    from places
),

-- At each figure the share of runs up to it, of this version less that of the one before; equal figures are one step.
steps as (
    select
        column_name,
        count_if(side = 'before') over () as runs_before,
        (count_if(side = 'now') over (order by figure)) / nullif(count_if(side = 'now') over (), 0)
        - (count_if(side = 'before') over (order by figure)) / nullif(count_if(side = 'before') over (), 0) as gap,
    from figures
    where column_name = 'log10_training_compute_flop'
),

distances as (
    select
        'now' as side,
        'distance_to_last' as measure,
        'compute.training_runs' as table_name,
        column_name,
        'all rows' as measured_of,
        max(runs_before) as counted_rows,
        max(abs(gap)) as value,
    from steps
    group by column_name
),

ages as (
    select
        as_of_dates.side,
        'newest_run_days' as measure,
        'compute.training_runs' as table_name,
        'published_on' as column_name,
        'all rows' as measured_of,
        count(runs.published_on) as counted_rows,
        (any_value(as_of_dates.as_of_on) - max(runs.published_on))::double as value,
    from as_of_dates
    join runs using (side)
    group by as_of_dates.side

    union all

    select
        'now' as side,
        'newest_document_days' as measure,
        'trends.sources' as table_name,
        'as_of_on' as column_name,
        'all rows' as measured_of,
        count(*) as counted_rows,
        (any_value(as_of_dates.as_of_on) - max(sources.as_of_on))::double as value,
    from as_of_dates
    cross join trends.sources as sources
    where as_of_dates.side = 'now'
    having count(*) > 0

    union all

    select
        'now' as side,
        'days_since_last' as measure,
        'main.versions' as table_name,
        'as_of_on' as column_name,
        'all rows' as measured_of,
        count(*) as counted_rows,
        (
            any_value(as_of_on) filter (where side = 'now') - any_value(as_of_on) filter (where side = 'before')
        )::double as value,
    from as_of_dates
    having count(distinct side) = 2
),

headlines as (
    select
        'now' as side,
        metric_trends.metric,
        metric_trends.selection,
        metric_trends.period,
        metric_trends.runs,
        metric_trends.doubling_months,
    from trends.metric_trends
    join assumptions.headlines using (metric, selection, period)

    union all

    select
        'before' as side,
        metric_trends.metric,
        metric_trends.selection,
        metric_trends.period,
        metric_trends.runs,
        metric_trends.doubling_months,
    from earlier.trends.metric_trends as metric_trends
    join assumptions.headlines using (metric, selection, period)
),

doublings as (
    select
        side,
        'headline' as measure,
        'trends.metric_trends' as table_name,
        'doubling_months' as column_name,
        concat_ws(', ', metric, selection, period) as measured_of,
        runs as counted_rows,
        doubling_months as value,
    from headlines
),

measured as (
    from sizes
    union all by name
    from shares
    union all by name
    from spreads
    union all by name
    from distances
    union all by name
    from ages
    union all by name
    from doublings
)

select
    measure,
    table_name,
    column_name,
    measured_of,
    coalesce(any_value(counted_rows) filter (where side = 'now'), 0)::bigint as counted_rows,
    coalesce(any_value(counted_rows) filter (where side = 'before'), 0)::bigint as counted_rows_before,
    -- A table that is empty now has no rows to be counted by.
    coalesce(any_value(value) filter (where side = 'now'), if(measure = 'rows', 0, null)) as value,
    any_value(value) filter (where side = 'before') as value_before,
from measured
group by measure, table_name, column_name, measured_of
order by measure, table_name, column_name, measured_of
