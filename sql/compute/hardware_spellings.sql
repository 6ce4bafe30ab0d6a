-- Every spelling of hardware taken apart: which chip, which form of board, how much memory, how many in a box.
-- Grain: one row per spelling: names that runs give, names and ids of chips, spellings of the assumption lists.
-- Method: formulas.sql takes out counts and sizes, assumptions/hardware_words.csv makers, brands, forms and units.
-- Caveat: the core keeps the order of its words; signs and spaces between them do not count.
with

spellings as (
    select unnest(hardware_list(value_text)) as spelling
    from clean.run_facts
    where quantity = 'training_hardware'

    union

    select spelling
    from assumptions.chip_names

    union

    select spelling
    from assumptions.open_chip_names

    union

    select spelling
    from assumptions.hardware_names

    union

    select chip_id as spelling
    from clean.chips

    union

    select chip_name as spelling
    from clean.chips
    where slug(chip_name) <> chip_id
),

listed as (
    select
        spelling,
        hardware_tokens(spelling) as words,
    from spellings
    where spelling is not null
),

left_out as (
    select list(word) as words
    from assumptions.hardware_words
    where role <> 'processor'
),

telling as (
    select
        tokens.spelling,
        min(words.hardware_form) as hardware_form,
        max(words.chips_per_unit) as chips_per_unit,
        bool_or(words.role = 'processor') as is_processor,
    from (
        select
            spelling,
            unnest(words) as word,
        from listed
    ) as tokens
    join assumptions.hardware_words as words using (word)
    where words.role <> 'left out'
    group by tokens.spelling
),

read as materialized (
    select
        listed.spelling,
        array_to_string(list_filter(listed.words, w -> not list_contains(left_out.words, w)), '') as hardware_core,
        telling.hardware_form,
        telling.chips_per_unit,
        coalesce(telling.is_processor, false) as is_processor,
    from listed
    cross join left_out
    left join telling using (spelling)
)

select
    read.spelling,
    read.hardware_core,
    read.hardware_form,
    hardware_memory_gb(read.spelling) * 1e9 as memory_bytes,
    hardware_slice_size(read.spelling) as slice_size,
    coalesce(hardware_names.chips_per_unit, read.chips_per_unit) as chips_per_unit,
    read.is_processor,
from read
left join assumptions.hardware_names using (spelling)
where read.hardware_core <> ''
order by read.spelling
