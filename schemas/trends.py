"""What the runs say together: fits, eras, growth, the frontier, the forces, and the sources behind it all."""

from schemas.contract import Table, table

TABLES: dict[str, Table] = {
    "metric_trends": table(
        "metric selection period period_start_on period_end_on runs oom_per_year standard_error_oom_per_year"
        " oom_per_year_low oom_per_year_high intercept_log10 doubling_months doubling_months_low doubling_months_high"
        " growth_per_year r_squared headline bootstrap_draws bootstrap_oom_per_year_low bootstrap_oom_per_year_high"
        " bootstrap_doubling_months_low bootstrap_doubling_months_high runs_error_oom_per_year figures_error_oom_per_year",
        key="metric selection period",
        required="runs headline",
    ),
    "series_points": table(
        "series metric selection period run_id series_row place runs published_on log10_value log10_value_spread",
        key="metric selection period run_id",
        required="series series_row place runs published_on log10_value log10_value_spread",
        kept=False,
    ),
    "draws": table("draw random_key", key="draw", required="random_key", kept=False),
    "drawn_sums": table(
        "series draw quarter runs day_sum day_squares log10_sum product_sum variance_sum day_variance_sum"
        " day_squares_variance_sum",
        key="series draw quarter",
        required="runs day_sum day_squares log10_sum product_sum variance_sum day_variance_sum day_squares_variance_sum",
        kept=False,
    ),
    "trend_draws": table(
        "metric selection period error_source draw oom_per_year intercept_log10",
        key="metric selection period error_source draw",
        required="oom_per_year intercept_log10",
        kept=False,
    ),
    "trend_bootstraps": table(
        "metric selection period error_source draws oom_per_year_median standard_error_oom_per_year oom_per_year_low"
        " oom_per_year_high growth_per_year_low growth_per_year_high doubling_months_low doubling_months_high",
        key="metric selection period error_source",
        required="draws oom_per_year_median oom_per_year_low oom_per_year_high",
    ),
    "break_sums": table(
        "series draw break_on break_day runs time_sum time_squares y_sum time_y_sum later_runs later_time_sum"
        " later_time_squares later_y_sum later_time_y_sum bend_sum bend_time_products bend_left_squares bend_left_products",
        key="series draw break_on",
        required="break_day runs later_runs",
        kept=False,
    ),
    "break_fits": table(
        "series break_model breaks runs quarters_tried residual_oom bic bic_over_no_break is_chosen first_break_on"
        " second_break_on first_oom_per_year second_oom_per_year third_oom_per_year",
        key="series break_model",
        required="breaks runs quarters_tried residual_oom is_chosen",
        kept=False,
    ),
    "break_draws": table(
        "series break_model draw first_break_on second_break_on",
        key="series break_model draw",
        required="first_break_on",
        kept=False,
    ),
    "trend_breaks": table(
        "metric selection period break_model breaks runs quarters_tried residual_oom bic bic_over_no_break is_chosen draws"
        " first_break_on first_break_low_on first_break_high_on second_break_on second_break_low_on second_break_high_on"
        " first_oom_per_year second_oom_per_year third_oom_per_year first_doubling_months second_doubling_months"
        " third_doubling_months",
        key="metric selection period break_model",
        required="breaks runs quarters_tried residual_oom is_chosen draws",
    ),
    "era_summaries": table(
        "scheme era era_order selection starts_on ends_on runs runs_with_chips chips_p10 chips_median chips_p90"
        " claimed_chips_low claimed_chips_high chips_verdict runs_with_peaks rated_tflops_p10"
        " rated_tflops_median rated_tflops_p90"
        " claimed_tflops_low claimed_tflops_high tflops_verdict pfs_days_p10 pfs_days_median pfs_days_p90"
        " claimed_pfs_days_low claimed_pfs_days_high pfs_days_verdict claim runs_with_compute doubling_months"
        " doubling_months_low doubling_months_high claimed_doubling_months claimed_doubling_months_low"
        " claimed_doubling_months_high doubling_verdict techniques frontier_run_id frontier_run_name frontier_run_pfs_days",
        key="scheme era selection",
        required="era_order runs chips_verdict tflops_verdict pfs_days_verdict runs_with_compute doubling_verdict",
        frontier_run_id="compute.training_runs.run_id",
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
