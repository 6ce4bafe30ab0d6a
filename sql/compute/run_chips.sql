-- The hardware each run names, and the chip it is.
-- Grain: one row per run and hardware name.
-- Method: a curated chip; else listed spelling, chip's name, name without makers and counts, variant that fits or is usual.
-- Caveat: a name that leaves variants of unlike peak open is no chip; of several kinds the shares are unknown.
with

limits as (
    select
        max(limit_value) filter (where threshold = 'peaks_alike') as alike_factor,
        max(limit_value) filter (where threshold = 'hardware_memory_agrees') as memory_share,
    from assumptions.thresholds
),

-- Words of one source come from its newest document that has any, the first row of the run there; a column before notes.
listings as (
    select distinct
        run_id,
        quantity,
        source,
        value_text,
    from clean.run_facts
    where quantity = 'chip_id' and value_text is not null

    union all

    select
        run_id,
        quantity,
        source,
        arg_max(value_text, row(how <> 'text', as_of_on, document_id, -row_number)) as value_text,
    from clean.run_facts
    where quantity = 'training_hardware' and value_text is not null
    group by run_id, quantity, source
),

named as (
    select
        run_id,
        quantity,
        source,
        unnest(case when quantity = 'chip_id' then [value_text] else hardware_list(value_text) end) as hardware_name,
    from listings
),

given_names as (
    select distinct
        named.hardware_name,
        parts.hardware_core,
        parts.hardware_form,
        parts.memory_bytes,
        parts.slice_size,
        parts.chips_per_unit,
        parts.is_processor,
    from named
    left join compute.hardware_spellings as parts on parts.spelling = named.hardware_name
    where named.quantity = 'training_hardware'
),

-- Every spelling of a chip, those chosen by hand before its own names; an open spelling names several.
spelled as (
    select
        spelling,
        chip_id,
        1 as rank,
    from assumptions.hardware_names

    union all

    select
        spelling,
        chip_id,
        2 as rank,
    from assumptions.chip_names

    union all

    select
        chip_name as spelling,
        chip_id,
        3 as rank,
    from clean.chips
    where slug(chip_name) <> chip_id

    union all

    select
        chip_id as spelling,
        chip_id,
        4 as rank,
    from clean.chips
),

aliases as (
    select
        spelled.spelling,
        spelled.chip_id,
        spelled.rank,
        parts.hardware_core,
        parts.hardware_form,
        parts.memory_bytes,
    from spelled
    join clean.chips using (chip_id)
    join compute.hardware_spellings as parts using (spelling)
),

-- What is known of each chip's form and memory, against which a name is held.
variants as (
    select
        aliases.chip_id,
        max(aliases.hardware_form) filter (where aliases.rank >= 3) as hardware_form,
        coalesce(max(chips.memory_bytes), max(aliases.memory_bytes) filter (where aliases.rank >= 3)) as memory_bytes,
        max(chips.released_on) as released_on,
        max(chips.source = 'curated') as is_curated,
    from aliases
    join clean.chips using (chip_id)
    group by aliases.chip_id
),

cores as (
    select
        hardware_core,
        chip_id,
        min(precedence) as precedence,
    from (
        select
            hardware_core,
            chip_id,
            null::bigint as precedence,
        from aliases

        union all

        select
            parts.hardware_core,
            open_names.chip_id,
            open_names.precedence,
        from assumptions.open_chip_names as open_names
        join clean.chips using (chip_id)
        join compute.hardware_spellings as parts using (spelling)
    )
    group by hardware_core, chip_id
),

-- A plural is the chip where the list knows no chip of that very name: A100s, but V100S.
names as (
    select
        given_names.hardware_name,
        case
            when ends_with(given_names.hardware_core, 's')
                and given_names.hardware_core not in (select hardware_core from cores)
                and given_names.hardware_core[:-2] in (select hardware_core from cores)
                then given_names.hardware_core[:-2]
            else given_names.hardware_core
        end as hardware_core,
        given_names.hardware_form,
        given_names.memory_bytes,
        given_names.slice_size,
        given_names.chips_per_unit,
        given_names.is_processor,
    from given_names
),

-- Rules that need the name alone.
listed as (
    select
        names.hardware_name,
        coalesce(hardware_names.chip_id, chip_names.chip_id) as chip_id,
    from names
    left join assumptions.hardware_names on hardware_names.spelling = name_key(names.hardware_name)
    left join assumptions.chip_names on chip_names.spelling = name_key(names.hardware_name)
    where hardware_names.chip_id is not null or chip_names.chip_id is not null
),

own_names as (
    select
        names.hardware_name,
        min_by(aliases.chip_id, row(-aliases.rank, aliases.chip_id)) as chip_id,
    from (
        select
            hardware_name,
            unnest([slug(hardware_name), name_key(hardware_name)]) as spelling,
            unnest([4, 3]) as rank,
        from names
    ) as names
    join aliases using (spelling, rank)
    group by names.hardware_name
),

normalised as (
    select
        names.hardware_name,
        min(aliases.chip_id) as chip_id,
    from names
    join aliases
        on aliases.hardware_core = names.hardware_core
        and aliases.hardware_form is not distinct from names.hardware_form
        and aliases.memory_bytes is not distinct from names.memory_bytes
    group by names.hardware_name, aliases.rank
    having count(distinct aliases.chip_id) = 1
    qualify row_number() over (partition by names.hardware_name order by aliases.rank) = 1
),

certain as (
    select
        names.*,
        coalesce(listed.chip_id, own_names.chip_id, normalised.chip_id) as chip_id,
        case
            when listed.chip_id is not null then 'listed name'
            when own_names.chip_id is not null then 'chip name'
            when normalised.chip_id is not null then 'normalised name'
        end as matched_by,
    from names
    left join listed using (hardware_name)
    left join own_names using (hardware_name)
    left join normalised using (hardware_name)
),

-- Names that begin the names of several chips and are none themselves.
families as (
    select certain.hardware_name
    from certain
    join cores on starts_with(cores.hardware_core, certain.hardware_core) and cores.hardware_core <> certain.hardware_core
    where certain.chip_id is null
    group by certain.hardware_name
    having count(distinct cores.chip_id) > 1
),

-- Names that leave the variant open: what fits the form and memory they do state.
candidates as (
    select
        certain.hardware_name,
        cores.chip_id,
        cores.precedence,
        coalesce(
            starts_with(variants.hardware_form, certain.hardware_form)
            or starts_with(certain.hardware_form, variants.hardware_form),
            true
        )
        and coalesce(
            abs(certain.memory_bytes - variants.memory_bytes) <= limits.memory_share * variants.memory_bytes, true
        ) as is_fit,
        coalesce(starts_with(variants.hardware_form, forms.hardware_form), false) as is_usual,
        variants.released_on,
        variants.is_curated,
        wide.peak_flop_per_second as peak_unstated,
        narrow.peak_flop_per_second as peak_fp32,
    from certain
    join cores using (hardware_core)
    join variants on variants.chip_id = cores.chip_id
    cross join limits
    left join assumptions.hardware_forms as forms on forms.hardware_core = certain.hardware_core
    left join compute.chip_peaks as wide on wide.chip_id = cores.chip_id and wide.number_format = 'unstated'
    left join compute.chip_peaks as narrow on narrow.chip_id = cores.chip_id and narrow.number_format = 'fp32'
    where certain.chip_id is null
),

-- A chip released after a run was published did not train it.
possible as (
    select distinct
        named.run_id,
        candidates.*,
        candidates.is_fit and coalesce(candidates.released_on <= runs.published_on, true) as is_possible,
    from named
    join candidates using (hardware_name)
    join clean.runs using (run_id)
),

ranked as (
    select
        *,
        is_possible and is_usual as is_likely,
        row_number() over (
            partition by run_id, hardware_name
            order by not is_possible, not is_usual, precedence is null, precedence, not is_curated, chip_id
        ) as place,
    from possible
),

judged as (
    select
        ranked.run_id,
        ranked.hardware_name,
        min_by(ranked.chip_id, ranked.place) as first_chip_id,
        count(*) filter (where ranked.is_fit) as fits,
        count(*) filter (where ranked.is_possible) as possible,
        count(ranked.peak_unstated) filter (where ranked.is_possible) as rated,
        max(ranked.peak_unstated) filter (where ranked.is_possible)
        <= max(limits.alike_factor) * min(ranked.peak_unstated) filter (where ranked.is_possible) as is_alike_unstated,
        max(ranked.peak_fp32) filter (where ranked.is_possible)
        <= max(limits.alike_factor) * min(ranked.peak_fp32) filter (where ranked.is_possible) as is_alike_fp32,
        max(ranked.peak_unstated) filter (where ranked.is_likely)
        <= max(limits.alike_factor) * min(ranked.peak_unstated) filter (where ranked.is_likely) as is_usual_alike,
    from ranked
    cross join limits
    group by ranked.run_id, ranked.hardware_name
),

ruled as (
    select
        run_id,
        hardware_name,
        first_chip_id,
        fits,
        possible,
        case
            when possible = 1 and fits = 1 then 'only variant'
            when possible = 1 then 'released by then'
            when rated = possible and is_alike_unstated and coalesce(is_alike_fp32, true) then 'alike variants'
            when is_usual_alike then 'usual form'
        end as matched_by,
    from judged
),

resolved as (
    select
        run_id,
        hardware_name,
        case when matched_by is not null then first_chip_id end as chip_id,
        matched_by,
        case
            when fits = 0 then 'no such variant'
            when possible = 0 then 'not released by then'
            else 'variants differ in peak'
        end as unmatched_reason,
    from ruled
),

matched as (
    select
        named.run_id,
        named.hardware_name,
        named.source,
        case when named.quantity = 'chip_id' then by_id.chip_id else coalesce(certain.chip_id, resolved.chip_id) end as chip_id,
        case when named.quantity = 'chip_id' then 'chip_id' else coalesce(certain.matched_by, resolved.matched_by) end
            as matched_by,
        resolved.unmatched_reason,
        certain.slice_size,
        certain.chips_per_unit,
        certain.is_processor,
    from named
    left join clean.chips as by_id on by_id.chip_id = named.hardware_name
    left join certain on certain.hardware_name = named.hardware_name and named.quantity = 'training_hardware'
    left join resolved
        on resolved.run_id = named.run_id
        and resolved.hardware_name = named.hardware_name
        and named.quantity = 'training_hardware'
),

lists as (
    select
        run_id,
        source,
        count(*) as named,
    from matched
    group by run_id, source
),

weighed as (
    select
        matched.run_id,
        matched.hardware_name,
        matched.source,
        matched.chip_id,
        case when matched.chip_id is not null then matched.matched_by end as matched_by,
        coalesce(matched.chips_per_unit, matched.slice_size / slice_units.cores_per_chip) as chips_per_unit,
        case
            when matched.chip_id is null and matched.is_processor then 'unknown processor'
            when matched.chip_id is null and matched.unmatched_reason is null and families.hardware_name is not null
                then 'names a family'
            when matched.chip_id is null then coalesce(matched.unmatched_reason, 'no such chip')
            when chip_peaks.chip_id is null then 'peak unknown'
        end as unmatched_reason,
        case
            when lists.named = 1 then 'one'
            else 'several'
        end as chip_list,
        source_precedence.precedence,
    from matched
    join lists using (run_id, source)
    left join families using (hardware_name)
    left join assumptions.slice_units using (chip_id)
    left join compute.chip_peaks on chip_peaks.chip_id = matched.chip_id and chip_peaks.number_format = 'unstated'
    left join assumptions.source_precedence using (source)
)

select
    run_id,
    hardware_name,
    source,
    chip_id,
    matched_by,
    chips_per_unit,
    unmatched_reason,
    chip_list,
from weighed
qualify row_number() over (partition by run_id, hardware_name order by precedence, source) = 1
order by run_id, hardware_name
