-- The eras of each scheme: what the runs of a span look like, beside what the scheme's author claims.
-- Grain: one row per scheme, era and selection.
-- Method: percentiles and a line over the dated runs of the span; a verdict is where our figure lies against the claim.
-- Caveat: chips and peaks are known for some runs only (runs_with_chips); eras are half-open, and of one scheme may overlap.
with

runs as (
    select
        training_runs.run_id,
        training_runs.is_frontier,
        training_runs.published_on,
        (training_runs.published_on - date '2000-01-01')::bigint as x,
        training_runs.log10_training_compute_flop::decimal(18, 14) as y,
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
        coalesce(any_value(eras.claimed_selection), run_selections.selection) = run_selections.selection as is_claimed,
        any_value(eras.claimed_doubling_months) as claimed_doubling,
        any_value(eras.claimed_doubling_months_low) as claimed_doubling_low,
        any_value(eras.claimed_doubling_months_high) as claimed_doubling_high,
        first(run_id order by training_compute_pfs_days desc, run_id) filter (where is_frontier) as frontier_run_id,
        sum(runs.x) filter (where runs.y is not null) as x,
        sum(runs.x * runs.x) filter (where runs.y is not null) as xx,
        sum(runs.y) as y,
        sum(runs.x * runs.y) as xy,
        sum(runs.y * runs.y) as yy,
    from assumptions.eras
    join runs
        on runs.published_on >= coalesce(eras.starts_on, runs.published_on)
        and runs.published_on < coalesce(eras.ends_on, runs.published_on + 1)
    join compute.run_selections using (run_id)
    where
        run_selections.selection in (
            'all', 'notable', 'frontier', 'regular_scale', 'large_scale', 'openai_2018', 'openai_2018_charted'
        )
    group by eras.scheme, eras.era, run_selections.selection
),

-- Sums of squares about the means, days now as years.
squares as (
    select
        *,
        runs_with_compute as n,
        (y / n)::decimal(18, 14) as mean_y,
        squares_about_mean(n, x, xx) / pow(365.25, 2) as sxx,
        products_about_mean(n, x, y, xy) / 365.25 as sxy,
        squares_about(n, y, yy, mean_y) as syy,
    from summaries
),

lines as (
    select
        *,
        line_slope(n, sxx, sxy) as oom_per_year,
        oom_per_year - student_t_975(n - 2) * slope_standard_error(syy, sxy, sxx, n) as oom_low,
        oom_per_year + student_t_975(n - 2) * slope_standard_error(syy, sxy, sxx, n) as oom_high,
        case when is_claimed then claimed_doubling end as claimed_months,
        case when is_claimed then coalesce(claimed_doubling_low, claimed_doubling) end as claimed_months_low,
        case when is_claimed then coalesce(claimed_doubling_high, claimed_doubling) end as claimed_months_high,
    from squares
),

era_techniques as (
    select
        eras.scheme,
        eras.era,
        string_agg(techniques.technique, '; ' order by techniques.since_on, techniques.technique) as techniques,
    from assumptions.eras
    join assumptions.techniques
        on techniques.since_on >= coalesce(eras.starts_on, techniques.since_on)
        and techniques.since_on < coalesce(eras.ends_on, techniques.since_on + 1)
    group by eras.scheme, eras.era
)

select
    lines.scheme,
    lines.era,
    lines.era_order,
    lines.selection,
    lines.starts_on,
    lines.ends_on,
    lines.runs,
    lines.runs_with_chips,
    lines.chips_p10,
    lines.chips_median,
    lines.chips_p90,
    lines.claimed_chips_low,
    lines.claimed_chips_high,
    claim_verdict(
        lines.chips_median, lines.claimed_chips_low, lines.claimed_chips_high, lines.runs_with_chips, lines.era_runs
    ) as chips_verdict,
    lines.runs_with_peaks,
    lines.rated_tflops_p10,
    lines.rated_tflops_median,
    lines.rated_tflops_p90,
    lines.claimed_tflops_low,
    lines.claimed_tflops_high,
    claim_verdict(
        lines.rated_tflops_median, lines.claimed_tflops_low, lines.claimed_tflops_high, lines.runs_with_peaks,
        lines.era_runs
    ) as tflops_verdict,
    lines.pfs_days_p10,
    lines.pfs_days_median,
    lines.pfs_days_p90,
    lines.claimed_pfs_days_low,
    lines.claimed_pfs_days_high,
    claim_verdict(
        lines.pfs_days_median, lines.claimed_pfs_days_low, lines.claimed_pfs_days_high, lines.runs_with_compute,
        lines.era_runs
    ) as pfs_days_verdict,
    lines.claim,
    lines.runs_with_compute,
    doubling_months(lines.oom_per_year) as doubling_months,
    sure_doubling_months(lines.oom_high, lines.oom_low) as doubling_months_low,
    sure_doubling_months(lines.oom_low, lines.oom_high) as doubling_months_high,
    lines.claimed_months as claimed_doubling_months,
    lines.claimed_months_low as claimed_doubling_months_low,
    lines.claimed_months_high as claimed_doubling_months_high,
    doubling_verdict(
        lines.oom_low, lines.oom_high, lines.claimed_months_low, lines.claimed_months_high, lines.n, lines.era_runs
    ) as doubling_verdict,
    era_techniques.techniques,
    lines.frontier_run_id,
    largest.run_name as frontier_run_name,
    largest.training_compute_pfs_days as frontier_run_pfs_days,
from lines
left join era_techniques using (scheme, era)
left join compute.training_runs as largest on largest.run_id = lines.frontier_run_id
order by lines.scheme, lines.era_order, lines.selection
