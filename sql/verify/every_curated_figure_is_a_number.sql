-- A curated figure whose cell is no number although its quantity has a unit.
-- On failure: stop
with

stated as (
    select run_id as subject_id, quantity, value_text from raw.curated_run_facts
    union all
    select chip_id as subject_id, quantity, value_text from raw.curated_chip_facts
)

select
    stated.subject_id,
    stated.quantity,
    stated.value_text,
from stated
join raw.quantities using (quantity)
where quantities.unit is not null and try_cast(stated.value_text as double) is null
