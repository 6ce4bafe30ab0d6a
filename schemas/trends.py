"""What the runs say together: fits, eras, growth, the frontier, the forces, and the sources behind it all."""

from schemas.contract import Table, table

TABLES: dict[str, Table] = {
    "metric_trends": table(
        "metric selection period period_start_on period_end_on runs oom_per_year standard_error_oom_per_year"
        " oom_per_year_low oom_per_year_high intercept_log10 doubling_months doubling_months_low doubling_months_high"
        " growth_per_year r_squared headline",
        key="metric selection period",
        required="runs headline",
    ),
    "era_summaries": table(
        "scheme era era_order selection starts_on ends_on runs runs_with_chips chips_p10 chips_median chips_p90"
        " claimed_chips_low claimed_chips_high chips_verdict runs_with_peaks rated_tflops_p10"
        " rated_tflops_median rated_tflops_p90"
        " claimed_tflops_low claimed_tflops_high tflops_verdict pfs_days_p10 pfs_days_median pfs_days_p90"
        " claimed_pfs_days_low claimed_pfs_days_high pfs_days_verdict claim",
        key="scheme era selection",
        required="era_order runs chips_verdict tflops_verdict pfs_days_verdict",
    ),
    "growth": table(
        "metric selection from_run_id to_run_id from_on to_on months from_value to_value growth_factor"
        " endpoint_doubling_months two_year_doubling_factor",
        key="metric selection",
        required="from_run_id to_run_id months growth_factor",
    ),
    "frontier": table(
        "run_id run_name published_on training_compute_flop training_compute_pfs_days training_compute_source"
        " compute_scope rank_at_publication is_record factor_over_previous_record",
        key="run_id",
        required="published_on training_compute_flop rank_at_publication is_record",
        run_id="compute.training_runs.run_id",
    ),
    "drivers": table(
        "driver driver_status metric selection period runs growth_per_year doubling_months explanation",
        key="driver",
        required="driver_status explanation",
    ),
    "sources": table(
        "source title licence attribution homepage documents rows_read rows_accepted rows_quarantined as_of_on",
        key="source",
        required="title documents rows_read rows_accepted rows_quarantined",
    ),
}
