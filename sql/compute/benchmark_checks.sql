-- Benchmark runs, whose time is measured and whose operations can be counted: a check of the hardware-time method.
-- Grain: one row per run of kind benchmark.
-- Method: our two estimates side by side; the share of the peak that the counted operations imply is what was assumed.
-- Caveat: empty where chip, operations or hours are unknown; a log that hides FP8 shows as more of a 16-bit peak.
with

counted as (
    from compute.estimates
    where method = 'operation_counting'
),

timed as (
    from compute.estimates
    where method = 'hardware_time'
)

select
    runs.run_id,
    runs.run_name,
    runs.chip_id,
    runs.chips,
    runs.training_hours,
    run_inputs.number_format,
    chip_peaks.peak_flop_per_second,
    counted.training_compute_flop as counted_flop,
    timed.training_compute_flop as hardware_time_flop,
    counted.training_compute_flop / timed.training_compute_flop as counted_over_hardware_time,
    counted.training_compute_flop
    / hardware_flop(runs.chips * runs.training_hours, chip_peaks.peak_flop_per_second, 1) as implied_utilisation_share,
from compute.training_runs as runs
join compute.run_inputs using (run_id)
left join compute.chip_peaks
    on chip_peaks.chip_id = runs.chip_id and chip_peaks.number_format = run_inputs.number_format
left join counted using (run_id)
left join timed using (run_id)
where runs.run_kind = 'benchmark'
order by runs.run_id
