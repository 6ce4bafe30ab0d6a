-- The rows of which sources state something, and in which edition they do.
-- Grain: one row per table, row and source.
-- Method: a row is there where a cell of it is; its documents are the first of each edition that hold it.
-- Caveat: a row that two sources hold stands twice here; of the version before and by today's code as in stated_cells.
select
    table_name,
    row_id,
    source,
    bool_or(edition = 'earlier') as is_in_earlier,
    bool_or(edition = if((select is_recast from earlier.main.steps), 'recast', 'earlier')) as is_in_recast,
    bool_or(edition = 'now') as is_in_now,
    min(document_id) filter (where edition = 'earlier') as old_document_id,
    min(document_id) filter (where edition = 'now') as new_document_id,
from trends.stated_cells
group by table_name, row_id, source
order by table_name, row_id, source
