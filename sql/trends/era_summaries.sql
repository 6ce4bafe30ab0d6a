-- The eras of each scheme: what the runs of a span look like, beside what the scheme's author claims.
-- Grain: one row per scheme, era and selection.
-- Method: percentiles over the dated runs of the span; a verdict is where our median lies against the claimed range.
-- Caveat: chips and peaks are known for some runs only (runs_with_chips); eras are half-open spans.
with

runs as (
    select
        training_runs.run_id,
        training_runs.published_on,
        training_runs.chips,
        training_runs.training_compute_pfs_days,
        chip_peaks.peak_flop_per_second / 1e12 as rated_tflops,
    from compute.training_runs
    join compute.run_inputs using (run_id)
    left join compute.chip_peaks
        on chip_peaks.chip_id = training_runs.chip_id and chip_peaks.number_format = run_inputs.number_format
    where training_runs.published_on is not null
),

summaries as (
    select
        eras.scheme,
        eras.era,
        any_value(eras.era_order) as era_order,
        run_selections.selection,
        any_value(eras.starts_on) as starts_on,
        any_value(eras.ends_on) as ends_on,
        count(*) as runs,
        count(runs.chips) as runs_with_chips,
        count(runs.training_compute_pfs_days) as runs_with_compute,
        (select limit_value from assumptions.thresholds where threshold = 'era_runs') as era_runs,
        quantile_cont(runs.chips, 0.1) as chips_p10,
        quantile_cont(runs.chips, 0.5) as chips_median,
        quantile_cont(runs.chips, 0.9) as chips_p90,
        any_value(eras.claimed_chips_low) as claimed_chips_low,
        any_value(eras.claimed_chips_high) as claimed_chips_high,
        count(runs.rated_tflops) as runs_with_peaks,
        quantile_cont(runs.rated_tflops, 0.1) as rated_tflops_p10,
        quantile_cont(runs.rated_tflops, 0.5) as rated_tflops_median,
        quantile_cont(runs.rated_tflops, 0.9) as rated_tflops_p90,
        any_value(eras.claimed_tflops_low) as claimed_tflops_low,
        any_value(eras.claimed_tflops_high) as claimed_tflops_high,
        quantile_cont(runs.training_compute_pfs_days, 0.1) as pfs_days_p10,
        quantile_cont(runs.training_compute_pfs_days, 0.5) as pfs_days_median,
        quantile_cont(runs.training_compute_pfs_days, 0.9) as pfs_days_p90,
        any_value(eras.claimed_pfs_days_low) as claimed_pfs_days_low,
        any_value(eras.claimed_pfs_days_high) as claimed_pfs_days_high,
        any_value(eras.claim) as claim,
    from assumptions.eras
    join runs
        on runs.published_on >= coalesce(eras.starts_on, runs.published_on)
        and runs.published_on < coalesce(eras.ends_on, runs.published_on + 1)
    join compute.run_selections using (run_id)
    where run_selections.selection in ('all', 'notable', 'frontier', 'openai_2018', 'openai_2018_charted')
    group by eras.scheme, eras.era, run_selections.selection
)

select
    scheme,
    era,
    era_order,
    selection,
    starts_on,
    ends_on,
    runs,
    runs_with_chips,
    chips_p10,
    chips_median,
    chips_p90,
    claimed_chips_low,
    claimed_chips_high,
    claim_verdict(chips_median, claimed_chips_low, claimed_chips_high, runs_with_chips, era_runs) as chips_verdict,
    runs_with_peaks,
    rated_tflops_p10,
    rated_tflops_median,
    rated_tflops_p90,
    claimed_tflops_low,
    claimed_tflops_high,
    claim_verdict(rated_tflops_median, claimed_tflops_low, claimed_tflops_high, runs_with_peaks, era_runs) as tflops_verdict,
    pfs_days_p10,
    pfs_days_median,
    pfs_days_p90,
    claimed_pfs_days_low,
    claimed_pfs_days_high,
    claim_verdict(pfs_days_median, claimed_pfs_days_low, claimed_pfs_days_high, runs_with_compute, era_runs) as pfs_days_verdict,
    claim,
from summaries
order by scheme, era_order, selection
