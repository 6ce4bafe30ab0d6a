-- Peak rate of each chip in each number format, as the hardware method uses it.
-- Grain: one row per chip and format; format "unstated" is what a run is taken to use that does not say.
-- Method: the first column of assumptions/peak_choice.csv the chip has; dense only, sparse never stands in.
-- Caveat: rates of ordinary units are none of training where a chip has matrix units of unknown rate (matrix_chips.csv).
with

peaks as (
    unpivot (
        select
            chip_id,
            columns('^peak_.*'),
        from clean.chips
    )
    on columns(* exclude (chip_id))
    into name peak_column value peak_flop_per_second
),

has_matrix_units as (
    select distinct parts.spelling as chip_id
    from compute.hardware_spellings as parts
    join assumptions.matrix_chips on starts_with(parts.hardware_core, matrix_chips.hardware_core)
)

select
    peaks.chip_id,
    peak_choice.number_format,
    min_by(peaks.peak_flop_per_second, peak_choice.precedence) as peak_flop_per_second,
    min_by(peaks.peak_column, peak_choice.precedence) as peak_precision,
from peaks
join assumptions.peak_choice using (peak_column)
left join has_matrix_units using (chip_id)
where
    peaks.peak_flop_per_second > 0
    and not (
        has_matrix_units.chip_id is not null
        and peak_choice.number_format in ('bf16', 'fp16', 'unstated')
        and peaks.peak_column in ('peak_bf16_vector', 'peak_fp16_vector', 'peak_fp32')
    )
group by all
order by peaks.chip_id, peak_choice.number_format
