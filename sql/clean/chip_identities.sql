-- Which rows of all documents ever received are one chip.
-- Grain: one row per listing of a chip in a document; of a specification table one per reading.
-- Method: the curated chip_id; else the name by assumptions, an open one by the figures beside it; else the name.
-- Caveat: a name that leaves the variant open is marked; a new name of a page is a chip only if it brings a peak rate.
with

-- Modules of specification pages are named <whose>_chips; their rows are figures, not chips.
listed as materialized (
    select
        chip_sightings.source,
        chip_sightings.document_id,
        chip_sightings.row_number,
        coalesce(chip_sightings.stated_chip_id, chip_names.chip_id, slug(chip_sightings.chip_name)) as chip_id,
        trim(chip_sightings.chip_name) as chip_name,
        chip_key(trim(chip_sightings.chip_name)) as chip_key,
        chip_sightings.stated_chip_id,
    from raw.chip_sightings
    left join assumptions.chip_names on chip_names.spelling = name_key(chip_sightings.chip_name)
    where not ends_with(chip_sightings.source, '_chips')
),

open_names as (
    select distinct
        chip_key(spelling) as chip_key,
        chip_id,
        precedence,
    from assumptions.open_chip_names
),

closed_names as (
    select
        chip_key(spelling) as chip_key,
        chip_id,
    from assumptions.chip_names

    union

    select
        chip_key,
        chip_id,
    from listed
),

candidates as (
    select
        chip_key,
        chip_id,
        precedence,
    from open_names

    union all

    select
        chip_key,
        chip_id,
        row_number() over (partition by chip_key order by chip_id) as precedence,
    from closed_names
    anti join open_names using (chip_key)
),

-- Each name once; a name without a letter or digit is none.
page_names as (
    select
        chip_name,
        chip_key(chip_name) as chip_key,
    from (select distinct chip_name from clean.spec_readings)
    where chip_key(chip_name) <> ''
),

-- What is known of the chips that could be meant, against the figures of the listing.
known as (
    select
        chips.chip_id,
        facts.quantity,
        facts.value,
        thresholds.limit_value as agree_share,
    from clean.curated_facts as facts
    join raw.curated_chips as chips
        on chips.document_id = facts.subject_document_id and chips.row_number = facts.subject_row_number
    join assumptions.thresholds on thresholds.threshold = 'chip_figures_agree'
    where facts.subject = 'chip' and facts.value is not null
),

listings as (
    select distinct
        readings.source,
        readings.document_id,
        readings.subject_row_number,
        readings.chip_name,
        page_names.chip_key,
    from clean.spec_readings as readings
    join page_names using (chip_name)
),

scored as (
    select
        listings.source,
        listings.document_id,
        listings.subject_row_number,
        candidates.chip_id,
        candidates.precedence,
        count(known.value) as figures_shared,
    from listings
    join candidates using (chip_key)
    left join clean.spec_readings as readings
        on readings.source = listings.source
        and readings.document_id = listings.document_id
        and readings.subject_row_number = listings.subject_row_number
        and readings.chip_name = listings.chip_name
    left join known
        on known.chip_id = candidates.chip_id
        and known.quantity = readings.quantity
        and figures_agree(known.value, readings.value, known.agree_share)
    group by all
),

best as (
    select *
    from scored
    qualify rank() over (partition by source, document_id, subject_row_number order by figures_shared desc) = 1
),

matched as (
    select
        source,
        document_id,
        subject_row_number,
        min_by(chip_id, precedence) as chip_id,
        count(*) > 1 as is_variant_open,
    from best
    group by all
),

-- A peak that could as well be the one with sparsity makes no chip.
minted as (
    select distinct
        readings.source,
        readings.document_id,
        readings.subject_row_number,
    from clean.spec_readings as readings
    semi join assumptions.peak_choice on peak_choice.peak_column = readings.quantity
    where
        readings.value > 0
        and (
            readings.sparsity = 'dense'
            or readings.quantity not in (select quantity from assumptions.quantity_kin where factor < 1)
        )
),

named as (
    select
        listings.source,
        listings.document_id,
        listings.subject_row_number,
        listings.chip_name,
        coalesce(matched.chip_id, slug(listings.chip_name)) as chip_id,
        coalesce(matched.is_variant_open, false) as is_variant_open,
    from listings
    left join matched using (source, document_id, subject_row_number)
    left join minted using (source, document_id, subject_row_number)
    where matched.chip_id is not null or minted.document_id is not null
),

identified as (
    select
        source,
        document_id,
        row_number,
        chip_id,
        chip_name,
        stated_chip_id is null and chip_key in (select chip_key from open_names) as is_variant_open,
    from listed

    union all

    select
        named.source,
        named.document_id,
        readings.row_number,
        named.chip_id,
        named.chip_name,
        named.is_variant_open,
    from clean.spec_readings as readings
    join named using (source, document_id, subject_row_number, chip_name)
)

select
    source,
    document_id,
    row_number,
    chip_id,
    chip_name,
    is_variant_open,
from identified
order by source, document_id, row_number
