"""What the runs say together: fits, eras, growth, the frontier, the forces, and the sources behind it all."""

from schemas.contract import Table, table

# The tables of the forces are one fit told apart by force.
_LINE = (
    "metric selection period period_start_on period_end_on points oom_per_year standard_error_oom_per_year oom_per_year_low"
    " oom_per_year_high intercept_log10 doubling_months doubling_months_low doubling_months_high growth_per_year"
    " growth_per_year_low growth_per_year_high r_squared"
)


def _force() -> Table:
    return table(_LINE, key="metric selection period", required="points")


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
    "force_points": table(
        "force metric item_id selections dated_on value",
        key="force metric item_id",
        required="selections dated_on value",
        kept=False,
    ),
    "force_trends": table(f"force {_LINE}", key="force metric selection period", required="points", kept=False),
    "hardware_trends": _force(),
    "parallelism_trends": _force(),
    "data_trends": _force(),
    "parameter_trends": _force(),
    "cost_trends": _force(),
    "power_trends": _force(),
    "growth_decomposition": table(
        "selection period growth_part points oom_per_year standard_error_oom_per_year oom_per_year_low oom_per_year_high"
        " growth_per_year growth_per_year_low growth_per_year_high part_of_whole",
        key="selection period growth_part",
        required="points",
    ),
    "format_gains": table(
        "number_format chips_compared multiple_of_fp32 multiple_of_fp32_low multiple_of_fp32_high",
        key="number_format",
        required="chips_compared multiple_of_fp32",
    ),
    "fleet_shares": table(
        "fleet run_id run_name published_on is_record chips training_compute_flop cluster_flop_per_second"
        " fleet_flop_per_second fleet_share whole_fleet_hours is_extrapolated",
        key="fleet run_id",
        required="published_on is_record training_compute_flop fleet_flop_per_second whole_fleet_hours is_extrapolated",
        fleet="assumptions.fleets.fleet",
        run_id="compute.training_runs.run_id",
    ),
    "projections": table(
        "milestone scenario metric level_value run_id published_on value points oom_per_year growth_per_year reached_on"
        " earliest_on latest_on never_share",
        key="milestone scenario",
        required="metric level_value",
        milestone="assumptions.milestones.milestone",
        scenario="assumptions.projection_scenarios.scenario",
        run_id="compute.training_runs.run_id",
    ),
    "threshold_counts": table(
        "compute_threshold selection year count_basis is_part_of_year is_lower_bound expected_runs expected_runs_low"
        " expected_runs_high cumulative_runs cumulative_runs_low cumulative_runs_high",
        key="compute_threshold selection year count_basis",
        required="is_part_of_year is_lower_bound expected_runs cumulative_runs",
        compute_threshold="assumptions.compute_thresholds.compute_threshold",
    ),
    "forecast_checks": table(
        "forecast made_on due_on metric selection compute_threshold claimed_low claimed_high found_value is_due"
        " found_verdict projected_value projected_low projected_high projected_verdict claim reference",
        key="forecast",
        required="made_on due_on metric selection found_verdict projected_verdict claim reference",
        forecast="assumptions.forecasts.forecast",
        compute_threshold="assumptions.compute_thresholds.compute_threshold",
    ),
    "claim_points": table("line item_id dated_on value", key="line item_id", required="dated_on value", kept=False),
    "claim_lines": table(
        "line period points oom_per_year oom_per_year_low oom_per_year_high r_squared",
        key="line period",
        required="points",
        kept=False,
    ),
    "figures": table(
        "figure our_value our_value_low our_value_high our_items",
        key="figure",
        required="our_value our_items",
        kept=False,
    ),
    "published_results": table(
        "claim_id claimant result subset unit published_value published_low published_high published_share published_items"
        " figure our_value our_value_low our_value_high our_items our_over_published result_verdict explanation"
        " snapshot_since_on snapshot_until_on reference",
        key="claim_id",
        required="claimant result subset unit result_verdict reference",
        claim_id="assumptions.published_results.claim_id",
    ),
    "essay_claims": table(
        "claim_id claim reading unit true_from true_to figure our_value our_value_low our_value_high our_items essay_verdict"
        " explanation reference",
        key="claim_id",
        required="claim essay_verdict reference",
        claim_id="assumptions.essay_claims.claim_id",
    ),
    "stated_cells": table(
        "edition table_name row_id source column_name value value_text unit document_id row_number",
        key="edition table_name row_id source column_name document_id row_number",
        kept=False,
    ),
    "stated_columns": table(
        "table_name source column_name is_in_earlier is_in_now old_value new_value new_document_id",
        key="table_name source column_name",
        required="is_in_earlier is_in_now",
        kept=False,
    ),
    "stated_rows": table(
        "table_name row_id source is_in_earlier is_in_recast is_in_now old_document_id new_document_id",
        key="table_name row_id source",
        required="is_in_earlier is_in_recast is_in_now",
        kept=False,
    ),
    "revised_cells": table(
        "table_name row_id source column_name change old_value new_value old_number new_number unit revision_cause circumstance"
        " old_document_id new_document_id",
        key="table_name row_id source column_name",
        required="change revision_cause",
        kept=False,
    ),
    "revised_figures": table(
        "table_name row_id column_name change old_value new_value old_number new_number unit revision_cause",
        key="table_name row_id column_name",
        required="change revision_cause",
        kept=False,
    ),
    "revisions": table(
        "version from_version revision_rank table_name row_id column_name run_id run_name source change old_value new_value"
        " old_number new_number factor unit is_derived revision_cause circumstance old_document_id new_document_id",
        key="version revision_rank",
        required="from_version table_name row_id change is_derived revision_cause",
    ),
    "trend_states": table(
        "metric selection period run_id run_standing old_published_on new_published_on old_log10_value new_log10_value"
        " was_member is_member",
        key="metric selection period run_id",
        required="run_standing was_member is_member",
        kept=False,
    ),
    "trend_coalitions": table(
        "metric selection period changes_made runs oom_per_year doubling_months",
        key="metric selection period changes_made",
        required="runs",
        kept=False,
    ),
    "revision_effects": table(
        "metric selection period part run_id oom_per_year_change", key="metric selection period part run_id"
    ),
    "trend_revisions": table(
        "version from_version metric selection period part runs_before runs_after runs_concerned oom_per_year_before"
        " oom_per_year_after oom_per_year_change doubling_months_before doubling_months_after doubling_months_change"
        " leading_run_id leading_oom_per_year_change",
        key="version metric selection period part",
        required="from_version runs_before runs_after",
    ),
    "gate_measures": table(
        "measure table_name column_name measured_of counted_rows counted_rows_before value value_before",
        key="measure table_name column_name measured_of",
        required="counted_rows counted_rows_before",
    ),
    "gate_bounds": table(
        "measure table_name column_name measured_of bound_kind value value_before expected_low expected_high is_met reason",
        key="measure table_name column_name measured_of bound_kind",
        required="is_met reason",
        kept=False,
    ),
    "sources": table(
        "source title licence attribution homepage documents rows_read rows_accepted rows_quarantined as_of_on",
        key="source",
        required="title documents rows_read rows_accepted rows_quarantined",
    ),
}
