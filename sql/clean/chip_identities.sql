-- Which rows of all documents ever received are one chip.
-- Grain: one row per listing of a chip in a document.
-- Method: the curated chip_id; else assumptions/chip_names.csv; else the name itself, written as an identity.
-- Caveat: a source that lists one name twice means one chip by it.
select
    chip_sightings.source,
    chip_sightings.document_id,
    chip_sightings.row_number,
    coalesce(chip_sightings.stated_chip_id, chip_names.chip_id, slug(chip_sightings.chip_name)) as chip_id,
    trim(chip_sightings.chip_name) as chip_name,
from raw.chip_sightings
left join assumptions.chip_names on chip_names.spelling = name_key(chip_sightings.chip_name)
order by chip_sightings.source, chip_sightings.document_id, chip_sightings.row_number
