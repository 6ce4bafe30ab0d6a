-- Producer price index that turns dollars of one month into those of another.
-- Grain: one row per month.
-- Method: the series PCU518210518210 (data processing, hosting) as archived.
-- Caveat: empty unless the file is given; the newest months are preliminary.
select
    month_on,
    price_index,
    document_id,
    row_number,
from raw.epoch_deflator
order by month_on
