-- Peak rate of each chip in each number format, as the hardware method uses it.
-- Grain: one row per chip and format; format "unstated" is what a run is taken to use that does not say.
-- Method: the first column of assumptions/peak_choice.csv the chip has; dense only, sparse never stands in.
-- Caveat: vector rates of 16-bit formats serve only where the run states the format.
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
)

select
    peaks.chip_id,
    peak_choice.number_format,
    min_by(peaks.peak_flop_per_second, peak_choice.precedence) as peak_flop_per_second,
    min_by(peaks.peak_column, peak_choice.precedence) as peak_precision,
from peaks
join assumptions.peak_choice using (peak_column)
where peaks.peak_flop_per_second > 0
group by all
order by peaks.chip_id, peak_choice.number_format
