-- A change that a version tells twice.
-- On failure: stop
select
    version,
    table_name,
    row_id,
    source,
    column_name,
    count(*) as times,
from trends.revisions
group by version, table_name, row_id, source, column_name
having count(*) > 1
