-- A curated figure in a unit that assumptions/units.csv does not turn into the unit of its quantity.
-- On failure: stop
with

stated as (
    select run_id as subject_id, quantity, value_text, unit from raw.curated_run_facts
    union all
    select chip_id as subject_id, quantity, value_text, unit from raw.curated_chip_facts
)

select
    stated.subject_id,
    stated.quantity,
    stated.value_text,
    stated.unit,
from stated
join raw.quantities using (quantity)
left join assumptions.units on units.unit_from = stated.unit and units.unit_to = quantities.unit
where quantities.unit is not null and units.unit_from is null
