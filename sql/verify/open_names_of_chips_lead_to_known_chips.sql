-- A row of open_chip_names or chip_differences whose chip the curated lists do not have.
-- On failure: stop
with

named as (
    select
        'open_chip_names' as table_name,
        spelling,
        chip_id,
    from assumptions.open_chip_names

    union all

    select
        'chip_differences' as table_name,
        quantity as spelling,
        chip_id,
    from assumptions.chip_differences
)

select
    table_name,
    spelling,
    chip_id as missing_id,
from named
where chip_id not in (select chip_id from raw.curated_chips)
    and exists (select 1 from raw.chip_sightings where source = 'curated')
