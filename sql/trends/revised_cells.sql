-- Cells of sources that differ from the version before, of rows that are in both.
-- Grain: one row per table, row, source and column.
-- Method: all values of a cell against all of it before; how a number is written, white space and order do not count.
-- Caveat: a row that a document lists twice has one cell of several values; a column read from another's cell is left out.
with

steps as (
    from earlier.main.steps
),

-- Most cells are the same to the letter: only the others are looked at.
touched as (
    select
        table_name,
        row_id,
        source,
        column_name,
    from trends.stated_cells
    join trends.stated_rows using (table_name, row_id, source)
    where stated_rows.is_in_earlier and stated_rows.is_in_now and stated_cells.edition <> 'recast'
    group by table_name, row_id, source, column_name
    having
        coalesce(sum(hash(value, value_text)) filter (where edition = 'earlier'), 0)
        <> coalesce(sum(hash(value, value_text)) filter (where edition = 'now'), 0)
),

readings as (
    select
        stated_cells.edition,
        table_name,
        row_id,
        source,
        column_name,
        stated_cells.value,
        coalesce(
            stated_cells.value::varchar,
            if(
                column_name in ('run_name', 'chip_name'),
                name_key(stated_cells.value_text),
                cell_key(stated_cells.value_text)
            )
        ) as cell_key,
        coalesce(stated_cells.value::varchar, trim(regexp_replace(stated_cells.value_text, '\s+', ' ', 'g'))) as printed,
        stated_cells.unit,
        stated_cells.document_id,
    from trends.stated_cells
    join touched using (table_name, row_id, source, column_name)
),

sides as (
    select
        edition,
        table_name,
        row_id,
        source,
        column_name,
        list_sort(list(distinct cell_key)) as keys,
        if(count(value) = count(*), list_sort(list(distinct value)), null) as figures,
        array_to_string(list_sort(list(distinct printed)), ' | ') as printed,
        any_value(unit) as unit,
        min(document_id) as document_id,
    from readings
    group by edition, table_name, row_id, source, column_name
),

wide as (
    select
        table_name,
        row_id,
        source,
        column_name,
        any_value(keys) filter (where edition = 'earlier') as old_keys,
        any_value(keys) filter (where edition = (select if(is_recast, 'recast', 'earlier') from steps)) as recast_keys,
        any_value(keys) filter (where edition = 'now') as new_keys,
        any_value(figures) filter (where edition = 'earlier') as old_figures,
        any_value(figures) filter (where edition = (select if(is_recast, 'recast', 'earlier') from steps)) as recast_figures,
        any_value(figures) filter (where edition = 'now') as new_figures,
        any_value(printed) filter (where edition = 'earlier') as old_value,
        any_value(printed) filter (where edition = 'now') as new_value,
        coalesce(any_value(unit) filter (where edition = 'now'), any_value(unit)) as unit,
        any_value(document_id) filter (where edition = 'earlier') as old_document_id,
        any_value(document_id) filter (where edition = 'now') as new_document_id,
    from sides
    group by table_name, row_id, source, column_name
),

-- A name that only stands beside the old one now is no renaming.
compared as (
    select
        wide.*,
        cells_agree(old_keys, old_figures, new_keys, new_figures, same_figure.limit_value) as is_same,
        not cells_agree(old_keys, old_figures, recast_keys, recast_figures, same_figure.limit_value) as is_by_code,
        not cells_agree(recast_keys, recast_figures, new_keys, new_figures, same_figure.limit_value) as is_by_sources,
        column_name in ('run_name', 'chip_name')
        and not list_has_all(new_keys, old_keys) and not list_has_all(old_keys, new_keys) as is_renamed,
    from wide
    cross join (select limit_value from assumptions.thresholds where threshold = 'same_cell_figure') as same_figure
),

changed as (
    from compared
    where not is_same
)

select
    table_name,
    row_id,
    source,
    column_name,
    if(changed.is_renamed, 'renamed', cell_change(changed.old_value, changed.new_value)) as change,
    changed.old_value,
    changed.new_value,
    if(len(changed.old_figures) = 1, changed.old_figures[1], null) as old_number,
    if(len(changed.new_figures) = 1, changed.new_figures[1], null) as new_number,
    changed.unit,
    revision_cause(changed.is_by_code, changed.is_by_sources) as revision_cause,
    case
        when not stated_columns.is_in_now then 'column gone'
        when not stated_columns.is_in_earlier then 'column new'
    end as circumstance,
    coalesce(changed.old_document_id, stated_rows.old_document_id) as old_document_id,
    coalesce(changed.new_document_id, stated_rows.new_document_id) as new_document_id,
from changed
join trends.stated_columns using (table_name, source, column_name)
join trends.stated_rows using (table_name, row_id, source)
left join assumptions.revision_exceptions on revision_exceptions.quantity = changed.column_name
anti join (select table_name, row_id, source, column_name as other_quantity from changed) as others
    using (table_name, row_id, source, other_quantity)
order by table_name, row_id, source, column_name
