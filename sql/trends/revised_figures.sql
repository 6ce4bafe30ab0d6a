-- Derived figures that differ from the version before: what follows from the cells and rows that do.
-- Grain: one row per table, row and column.
-- Method: compute and cost of runs in both versions, records, fits of the headlines and growth; a row that is not there is null.
-- Caveat: figures that agree to a billionth are the same; the cause compares the version before, recast and this one.
with

steps as (
    from earlier.main.steps
),

training_runs as (
    select
        'earlier' as edition,
        *,
    from earlier.compute.training_runs

    union all by name

    select
        'recast' as edition,
        *,
    from recast.compute.training_runs

    union all by name

    select
        'now' as edition,
        *,
    from compute.training_runs
),

run_costs as (
    select
        'earlier' as edition,
        *,
    from earlier.compute.run_costs

    union all by name

    select
        'recast' as edition,
        *,
    from recast.compute.run_costs

    union all by name

    select
        'now' as edition,
        *,
    from compute.run_costs
),

frontier as (
    select
        'earlier' as edition,
        *,
    from earlier.trends.frontier

    union all by name

    select
        'recast' as edition,
        *,
    from recast.trends.frontier

    union all by name

    select
        'now' as edition,
        *,
    from trends.frontier
),

metric_trends as (
    select
        'earlier' as edition,
        *,
    from earlier.trends.metric_trends

    union all by name

    select
        'recast' as edition,
        *,
    from recast.trends.metric_trends

    union all by name

    select
        'now' as edition,
        *,
    from trends.metric_trends
),

growth as (
    select
        'earlier' as edition,
        *,
    from earlier.trends.growth

    union all by name

    select
        'recast' as edition,
        *,
    from recast.trends.growth

    union all by name

    select
        'now' as edition,
        *,
    from trends.growth
),

figures as (
    select
        edition,
        'compute.training_runs' as table_name,
        run_id as row_id,
        unnest([
            { 'column_name': 'training_compute_flop', 'value': training_compute_flop, 'value_text': null, 'unit': 'FLOP' },
            {
                'column_name': 'estimated_training_compute_flop',
                'value': estimated_training_compute_flop,
                'value_text': null,
                'unit': 'FLOP'
            },
            { 'column_name': 'training_compute_source', 'value': null, 'value_text': training_compute_source, 'unit': null },
            { 'column_name': 'compute_scope', 'value': null, 'value_text': compute_scope, 'unit': null },
        ]) as cell,
    from training_runs

    union all

    select
        edition,
        'compute.run_costs' as table_name,
        run_id as row_id,
        {
            'column_name': 'amortised_cost_usd_2024',
            'value': amortised_cost_usd_2024,
            'value_text': null,
            'unit': 'USD of December 2024'
        } as cell,
    from run_costs

    union all

    select
        edition,
        'trends.frontier' as table_name,
        run_id as row_id,
        { 'column_name': 'is_record', 'value': null, 'value_text': 'true', 'unit': null } as cell,
    from frontier
    where is_record

    union all

    select
        metric_trends.edition,
        'trends.metric_trends' as table_name,
        concat_ws(' | ', metric, selection, period) as row_id,
        unnest([
            {
                'column_name': 'doubling_months',
                'value': metric_trends.doubling_months,
                'value_text': null,
                'unit': 'months'
            },
            { 'column_name': 'growth_per_year', 'value': metric_trends.growth_per_year, 'value_text': null, 'unit': 'times' },
        ]) as cell,
    from metric_trends
    join assumptions.headlines using (metric, selection, period)

    union all

    select
        edition,
        'trends.growth' as table_name,
        concat_ws(' | ', metric, selection) as row_id,
        { 'column_name': 'growth_factor', 'value': growth_factor, 'value_text': null, 'unit': 'times' } as cell,
    from growth
),

wide as (
    select
        table_name,
        row_id,
        cell.column_name as column_name,
        any_value(cell.value) filter (where edition = 'earlier') as old_number,
        any_value(cell.value) filter (where edition = 'recast') as recast_number,
        any_value(cell.value) filter (where edition = 'now') as new_number,
        any_value(cell.value_text) filter (where edition = 'earlier') as old_text,
        any_value(cell.value_text) filter (where edition = 'recast') as recast_text,
        any_value(cell.value_text) filter (where edition = 'now') as new_text,
        any_value(cell.unit) as unit,
    from figures
    where exists (from steps)
    group by all
),

-- The compute of a run that is new or gone follows from that, and is no news of its own.
told as (
    from wide
    where
        table_name in ('trends.frontier', 'trends.metric_trends', 'trends.growth')
        or row_id in (select run_id from earlier.compute.training_runs)
        and row_id in (select run_id from compute.training_runs)
),

read_back as (
    select
        *,
        coalesce(old_text, old_number::varchar) as old_value,
        coalesce(recast_text, recast_number::varchar) as recast_value,
        coalesce(new_text, new_number::varchar) as new_value,
        if(old_number is null, null, [old_number]) as old_figures,
        if(recast_number is null, null, [recast_number]) as recast_figures,
        if(new_number is null, null, [new_number]) as new_figures,
    from told
),

compared as (
    select
        read_back.*,
        cells_agree([old_value], old_figures, [new_value], new_figures, same_figure.limit_value) as is_same,
        not cells_agree([old_value], old_figures, [recast_value], recast_figures, same_figure.limit_value) as is_by_code,
        not cells_agree([recast_value], recast_figures, [new_value], new_figures, same_figure.limit_value) as is_by_sources,
    from read_back
    cross join (select limit_value from assumptions.thresholds where threshold = 'same_cell_figure') as same_figure
)

select
    table_name,
    row_id,
    column_name,
    cell_change(old_value, new_value) as change,
    old_value,
    new_value,
    old_number,
    new_number,
    unit,
    revision_cause(is_by_code, is_by_sources) as revision_cause,
from compared
where not is_same
order by table_name, row_id, column_name
