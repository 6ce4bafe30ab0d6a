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
    "sources": table(
        "source title licence attribution homepage documents rows_read rows_accepted rows_quarantined as_of_on",
        key="source",
        required="title documents rows_read rows_accepted rows_quarantined",
    ),
}
