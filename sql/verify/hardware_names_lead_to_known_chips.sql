-- A row of hardware_names or slice_units whose chip the curated lists do not have.
-- On failure: stop
with

named as (
    select
        'hardware_names' as table_name,
        chip_id,
    from assumptions.hardware_names

    union all

    select
        'slice_units' as table_name,
        chip_id,
    from assumptions.slice_units
)

select
    table_name,
    chip_id as missing_id,
from named
where chip_id not in (select chip_id from raw.curated_chips)
    and exists (select 1 from raw.chip_sightings where source = 'curated')
