-- The hardware each run names.
-- Grain: one row per run and hardware name.
-- Method: the curated chip, else the words of the source split at commas, matched by assumptions/chip_names.csv or name.
-- Caveat: where a run names several kinds, their shares are unknown and the hardware method does not use them.
with

named as (
    select
        run_id,
        quantity,
        source,
        unnest(case when quantity = 'chip_id' then [value_text] else list_words(value_text, ',') end) as hardware_name,
    from clean.run_facts
    where quantity in ('chip_id', 'training_hardware') and value_text is not null and how <> 'text'
),

-- Each name once: a chip_id as it stands, words of a source by their spelling.
names as (
    select distinct
        quantity,
        hardware_name,
        case when quantity = 'chip_id' then hardware_name end as stated_chip_id,
        case when quantity <> 'chip_id' then name_key(hardware_name) end as spelling,
        case when quantity <> 'chip_id' then slug(hardware_name) end as slug,
    from named
),

known as (
    select
        names.quantity,
        names.hardware_name,
        coalesce(by_id.chip_id, chip_names.chip_id, by_name.chip_id) as chip_id,
    from names
    left join clean.chips as by_id on by_id.chip_id = names.stated_chip_id
    left join assumptions.chip_names on chip_names.spelling = names.spelling
    left join clean.chips as by_name on by_name.chip_id = names.slug
),

matched as (
    select
        named.run_id,
        named.hardware_name,
        known.chip_id,
        named.source,
    from named
    join known using (quantity, hardware_name)
)

select
    run_id,
    hardware_name,
    any_value(chip_id) as chip_id,
    case
        when count(*) over (partition by run_id, min(source)) = 1 then 'one'
        else 'several'
    end as chip_list,
from matched
group by run_id, hardware_name
order by run_id, hardware_name
