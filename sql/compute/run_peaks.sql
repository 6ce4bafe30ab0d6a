-- The peak rate of the hardware each run trained on, in the number format it used.
-- Grain: one row per run whose hardware gives one peak.
-- Method: kinds of run_chips from the first source that names any; format words by assumptions/format_words and format_rates.
-- Caveat: of kinds alike in peak the slowest counts, as steps in step wait for it (arXiv:1604.00981); dense, never sparse.
with

-- Hardware and format come from one source: the one of highest precedence that names hardware.
first_sources as (
    select
        run_chips.run_id,
        arg_min(run_chips.source, source_precedence.precedence) as source,
    from compute.run_chips
    join assumptions.source_precedence using (source)
    group by run_chips.run_id
),

kinds as (
    select
        run_chips.run_id,
        run_chips.source,
        run_chips.chip_id,
        run_chips.matched_by,
        run_chips.chips_per_unit,
        coalesce(chips.chip_kind = 'cpu', run_chips.unmatched_reason = 'unknown processor', false) as is_processor,
        chips.chip_kind,
    from compute.run_chips
    join first_sources using (run_id, source)
    left join clean.chips using (chip_id)
),

-- A processor beside accelerators feeds them and adds next to nothing.
hosts as (
    select
        run_id,
        count(*) as named,
        count(*) filter (where is_processor) as processors,
    from kinds
    group by run_id
),

trained_on as (
    select
        kinds.*,
        hosts.processors > 0 and hosts.named > hosts.processors as has_host,
    from kinds
    join hosts using (run_id)
    where not kinds.is_processor or hosts.named = hosts.processors
),

words as (
    select
        run_id,
        source,
        unnest(list_distinct(format_tokens(formats))) as word,
    from (
        select
            run_id,
            source,
            arg_max(value_text, row(as_of_on, document_id, -row_number, quantity)) as formats,
        from clean.run_facts
        where quantity in ('number_format', 'number_formats') and value_text is not null
        group by run_id, source
    )
),

stated as (
    select
        words.run_id,
        words.source,
        min_by(format_words.number_format, format_words.precedence) as number_format,
        count(distinct format_words.number_format) as formats,
    from words
    join assumptions.format_words using (word)
    group by words.run_id, words.source
),

-- A rate taken in place of the stated format counts only where the chip has it: no TF32 on a V100.
rated as (
    select
        trained_on.*,
        stated.number_format as stated_format,
        coalesce(stated.formats, 0) as formats,
        case
            when format_rates.rate_format = 'unstated'
                or contains(taken.peak_precision, format_rates.rate_format)
                or taken.peak_precision = 'peak_tensor_16bit'
                then format_rates.rate_format
            else coalesce(stated.number_format, 'unstated')
        end as number_format,
    from trained_on
    left join stated using (run_id, source)
    left join assumptions.format_rates
        on format_rates.number_format = stated.number_format and format_rates.chip_kind = trained_on.chip_kind
    left join compute.chip_peaks as taken
        on taken.chip_id = trained_on.chip_id and taken.number_format = format_rates.rate_format
),

-- A format the chip has no rate for is one it does not run: then the rate it is taken to train at.
peaks as (
    select
        rated.run_id,
        rated.source,
        rated.chip_id,
        rated.matched_by,
        rated.chips_per_unit,
        rated.has_host,
        coalesce(exact.number_format, usual.number_format) as number_format,
        coalesce(exact.peak_flop_per_second, usual.peak_flop_per_second) as peak_flop_per_second,
        coalesce(exact.peak_precision, usual.peak_precision) as peak_precision,
        case
            when rated.stated_format in (exact.number_format, 'unstated') and rated.formats > 1 then 'one of several stated'
            when rated.stated_format in (exact.number_format, 'unstated') then 'stated'
            when rated.stated_format is not null then 'rate of the stated format'
            when starts_with(usual.peak_precision, 'peak_fp32') then 'unstated: no matrix units'
            else 'unstated: matrix units'
        end as number_format_rule,
    from rated
    left join compute.chip_peaks as exact
        on exact.chip_id = rated.chip_id and exact.number_format = rated.number_format
    left join compute.chip_peaks as usual on usual.chip_id = rated.chip_id and usual.number_format = 'unstated'
),

-- A list with a kind of unknown peak, or of unlike ones, gives none; the slowest names the rest of the row.
settled as (
    select
        peaks.run_id,
        any_value(peaks.source) as source,
        arg_min(peaks, row(peaks.peak_flop_per_second, peaks.chip_id, peaks.matched_by, peaks.chips_per_unit)) as slowest,
        case
            when count(distinct peaks.chip_id) > 1 then 'alike'
            when bool_or(peaks.has_host) then 'with_host'
            else 'one'
        end as chip_list,
    from peaks
    cross join assumptions.thresholds
    where thresholds.threshold = 'peaks_alike'
    group by peaks.run_id
    having
        count(peaks.peak_flop_per_second) = count(*)
        and max(peaks.peak_flop_per_second) <= max(thresholds.limit_value) * min(peaks.peak_flop_per_second)
)

select
    run_id,
    source,
    slowest.chip_id as chip_id,
    slowest.matched_by as matched_by,
    slowest.chips_per_unit as chips_per_unit,
    slowest.number_format as number_format,
    slowest.number_format_rule as number_format_rule,
    slowest.peak_flop_per_second as peak_flop_per_second,
    slowest.peak_precision as peak_precision,
    chip_list,
from settled
order by run_id
