-- Figures of chips beside what a better source knows: agreement, or the slip that explains the difference.
-- Grain: one row per figure that can be compared, or that nothing proves; a pod's peak counts as its chips' share.
-- Method: against curated, then Epoch, then two other pages that agree, then the page's own pod; assumptions/slips.csv.
-- Caveat: a matrix peak of an unknown chip whose page does not say dense, or of an open variant, is called unproven.
with

limits as (
    select
        max(limit_value) filter (where threshold = 'chip_figures_agree') as agree_share,
        max(limit_value) filter (where threshold = 'chip_slip_agrees') as slip_share,
        max(limit_value) filter (where threshold = 'chip_pages_agree') as pages_needed,
    from assumptions.thresholds
),

-- What a quantity may be compared with: itself, its joint columns, and its twin with or without sparsity.
kin as (
    select
        quantity,
        quantity as other_quantity,
        1.0::double as factor,
        0 as precedence,
    from raw.quantities
    where subject = 'chip'

    union all

    select
        quantity,
        other_quantity,
        factor,
        precedence,
    from assumptions.quantity_kin
),

halves as (
    select distinct
        quantity,
        factor,
    from assumptions.quantity_kin
    where factor < 1
),

readings as (
    select
        readings.source,
        readings.document_id,
        readings.row_number,
        readings.row_label,
        readings.column_label,
        readings.cell_text,
        readings.quantity,
        readings.value,
        readings.unit,
        readings.sparsity,
        identities.chip_id,
        identities.is_variant_open,
    from clean.spec_readings as readings
    join clean.chip_identities as identities using (source, document_id, row_number)
),

-- A pod's peak and its number of chips stand on one page without a quantity of ours.
pods as (
    select
        source,
        document_id,
        chip_id,
        max(value) as chips,
    from readings
    where quantity is null and regexp_matches(unit, '(?i)^chips?$')
    group by all
    having min(value) = max(value) and max(value) > 1
),

pod_shares as (
    select
        readings.chip_id,
        said.quantity,
        readings.value / pods.chips as value,
        said.unit,
        readings.source,
        readings.document_id,
        readings.row_number,
        null::date as as_of_on,
        null::varchar as sparsity,
        false as is_variant_open,
        pods.chips,
    from readings
    join pods using (source, document_id, chip_id)
    join (select quantity, unit, split_part(quantity, '_', 2) as format from raw.quantities) as said
        on said.quantity in ('peak_bf16_dense', 'peak_fp8_dense', 'peak_int8_dense')
        and contains(lower(concat_ws(' ', readings.row_label, readings.column_label, readings.cell_text)), said.format)
    where readings.quantity is null and regexp_matches(readings.unit, '(?i)(flop|ops)')
),

figures as (
    select
        facts.chip_id,
        facts.quantity,
        facts.value,
        facts.unit,
        facts.source,
        facts.document_id,
        facts.row_number,
        facts.as_of_on,
        readings.sparsity,
        coalesce(readings.is_variant_open, false) as is_variant_open,
        null::double as chips,
        readings.row_number is not null as is_page,
    from clean.chip_facts as facts
    left join readings using (source, document_id, row_number)
    where facts.value is not null

    union all by name

    select
        *,
        true as is_page,
    from pod_shares
),

judged as (
    select
        figures.*,
        source_precedence.precedence,
        halves.factor as half,
        limits.agree_share,
        limits.slip_share,
        limits.pages_needed,
    from figures
    join assumptions.source_precedence using (source)
    left join halves using (quantity)
    cross join limits
),

stated as (
    select
        chip_id,
        quantity,
        value,
        source,
        precedence,
    from judged
    where not is_page
    qualify
        row_number() over (
            partition by chip_id, quantity, source
            order by as_of_on desc, document_id, row_number
        ) = 1
),

beside as (
    select
        judged.source,
        judged.document_id,
        judged.row_number,
        judged.quantity,
        stated.source as known_source,
        stated.value * kin.factor as known_value,
    from judged
    join kin using (quantity)
    join stated
        on stated.chip_id = judged.chip_id
        and stated.quantity = kin.other_quantity
        and stated.precedence < judged.precedence
    qualify
        row_number() over (
            partition by judged.source, judged.document_id, judged.row_number, judged.quantity
            order by
                stated.precedence,
                figures_agree(judged.value, stated.value * kin.factor, judged.agree_share) desc,
                kin.precedence
        ) = 1
),

-- Pages speak for a figure of another page where nobody better does.
voters as (
    select *
    from judged
    where is_page and chips is null and not coalesce(half is not null and sparsity = 'unmarked', false)
),

unknown as (
    select *
    from judged
    anti join beside using (source, document_id, row_number, quantity)
    where is_page
),

votes as (
    select
        unknown.source,
        unknown.document_id,
        unknown.row_number,
        unknown.quantity,
        unknown.pages_needed,
        candidates.value as known_value,
        count(distinct voters.document_id) as pages,
        count(distinct voters.document_id) filter (
            where figures_agree(voters.value, candidates.value, unknown.agree_share)
        ) as pages_for,
    from unknown
    join voters as candidates
        on candidates.chip_id = unknown.chip_id
        and candidates.quantity = unknown.quantity
        and candidates.document_id <> unknown.document_id
    join voters
        on voters.chip_id = unknown.chip_id
        and voters.quantity = unknown.quantity
        and voters.document_id <> unknown.document_id
    group by all
),

majority as (
    select
        source,
        document_id,
        row_number,
        quantity,
        'other pages' as known_source,
        known_value,
    from votes
    where pages_for >= pages_needed and 2 * pages_for > pages
    qualify
        row_number() over (
            partition by source, document_id, row_number, quantity
            order by pages_for desc, known_value
        ) = 1
),

own_pods as (
    select
        unknown.source,
        unknown.document_id,
        unknown.row_number,
        unknown.quantity,
        'same page' as known_source,
        min(pod_shares.value) as known_value,
    from unknown
    anti join majority using (source, document_id, row_number, quantity)
    join pod_shares using (source, document_id, chip_id, quantity)
    where unknown.chips is null
    group by all
),

known as (
    from beside
    union all by name
    from majority
    union all by name
    from own_pods
),

compared as (
    select
        judged.*,
        known.known_source,
        known.known_value,
        judged.value / known.known_value as value_over_known,
        figures_agree(
            judged.value * coalesce(judged.chips, 1), known.known_value * coalesce(judged.chips, 1), judged.agree_share
        ) as is_same,
    from judged
    left join known using (source, document_id, row_number, quantity)
    where
        known.known_value > 0
        or judged.is_variant_open
        or (judged.is_page and judged.half is not null and judged.sparsity = 'unmarked')
),

contrary as (
    from compared
    where not is_same
),

-- The chip's figure of another quantity; one of the same number format is the likelier slip.
columns_of as (
    select
        contrary.source,
        contrary.document_id,
        contrary.row_number,
        contrary.quantity,
        stated.quantity as slip_quantity,
    from contrary
    join stated on stated.chip_id = contrary.chip_id and stated.precedence < contrary.precedence
    anti join kin
        on kin.quantity = contrary.quantity and kin.other_quantity = stated.quantity and kin.factor = 1
    where
        starts_with(contrary.quantity, 'peak_')
        and starts_with(stated.quantity, 'peak_')
        and figures_agree(contrary.value, stated.value, contrary.agree_share)
    qualify
        row_number() over (
            partition by contrary.source, contrary.document_id, contrary.row_number, contrary.quantity
            order by
                split_part(stated.quantity, '_', 2) = split_part(contrary.quantity, '_', 2) desc,
                stated.precedence,
                stated.quantity
        ) = 1
),

siblings as (
    select distinct
        one.chip_id,
        other.chip_id as sibling_id,
    from assumptions.open_chip_names as one
    join assumptions.open_chip_names as other using (spelling)
    where one.chip_id <> other.chip_id
),

variants_of as (
    select
        contrary.source,
        contrary.document_id,
        contrary.row_number,
        contrary.quantity,
        min(siblings.sibling_id) as sibling_id,
    from contrary
    join siblings using (chip_id)
    join stated
        on stated.chip_id = siblings.sibling_id
        and stated.quantity = contrary.quantity
        and stated.precedence < contrary.precedence
        and figures_agree(contrary.value, stated.value, contrary.agree_share)
    group by all
),

slips_of as (
    select
        contrary.source,
        contrary.document_id,
        contrary.row_number,
        contrary.quantity,
        slips.verdict,
        slips.reason,
    from contrary
    join assumptions.slips on slips.unit = contrary.unit
    where abs(contrary.value_over_known / slips.factor - 1) <= contrary.slip_share
    qualify
        row_number() over (
            partition by contrary.source, contrary.document_id, contrary.row_number, contrary.quantity
            order by abs(contrary.value_over_known / slips.factor - 1)
        ) = 1
),

told as (
    select
        compared.*,
        columns_of.slip_quantity,
        variants_of.sibling_id,
        slips_of.reason,
        case
            when compared.known_value is null then 'unproven'
            when abs(compared.value - compared.known_value)
                <= compared.agree_share * least(compared.value, compared.known_value) then 'agrees'
            when compared.is_same then 'rounded'
            when compared.sparsity = 'unmarked'
                and figures_agree(compared.value * compared.half, compared.known_value, compared.agree_share)
                then 'sparsity unmarked'
            when columns_of.slip_quantity is not null then 'column slip'
            when slips_of.verdict = 'binary units' then 'binary units'
            when variants_of.sibling_id is not null then 'variant'
            when slips_of.verdict is not null then slips_of.verdict
            else 'differs'
        end as verdict,
    from compared
    left join columns_of using (source, document_id, row_number, quantity)
    left join variants_of using (source, document_id, row_number, quantity)
    left join slips_of using (source, document_id, row_number, quantity)
)

select
    chip_id,
    quantity,
    source,
    value,
    known_source,
    known_value,
    value_over_known,
    verdict,
    case verdict
        when 'unproven'
            then if(is_variant_open, 'the name leaves the variant open', 'not said to be dense, and no one else knows')
        when 'rounded' then 'the same figure with two digits'
        when 'sparsity unmarked' then 'twice the dense figure: with sparsity, which the page does not say'
        when 'column slip' then 'the figure of ' || slip_quantity
        when 'variant' then 'the figure of ' || sibling_id
        when 'binary units' then reason
        when 'unit slip' then reason
    end as explanation,
    document_id,
    row_number,
from told
order by chip_id, quantity, source, document_id, row_number
