"""Per-run compute: inputs chosen, each method's estimate, the answer, and which runs belong together."""

from schemas.contract import Table, table

_RUN = "compute.training_runs.run_id"

TABLES: dict[str, Table] = {
    "chip_peaks": table(
        "chip_id number_format peak_flop_per_second peak_precision",
        key="chip_id number_format",
        required="peak_flop_per_second peak_precision",
        chip_id="clean.chips.chip_id",
    ),
    "chip_disagreements": table(
        "chip_id quantity source value other_source other_value value_over_other verdict explanation reference document_id"
        " row_number",
        key="source document_id row_number quantity",
        required="chip_id value other_source other_value verdict",
        chip_id="clean.chips.chip_id",
    ),
    "run_inputs": table(
        "run_id published_on domain compute_scope parameters active_parameters tokens_seen dataset_tokens dataset_words"
        " dataset_examples dataset_datapoints dataset_gradients examples_seen epochs forward_flop_per_example"
        " training_repeats time_repeats batch_size chips chip_id training_hours chip_hours mfu hfu utilisation number_format"
        " network_kind confidence reported_compute_scope training_compute_flop training_compute_flop_low"
        " training_compute_flop_high training_compute_source_id",
        key="run_id",
        required="compute_scope",
        restated=True,
        run_id="clean.runs.run_id",
    ),
    "run_utilisations": table(
        "profile run_id is_in_force utilisation_share spread_factor utilisation_rule chip_generation peak_precision",
        key="profile run_id",
        required="is_in_force utilisation_share spread_factor utilisation_rule",
        profile="assumptions.profiles.profile",
        run_id="clean.runs.run_id",
    ),
    "run_counts": table(
        "run_id count_rule counted_parameters counted_tokens forward_flop_per_example counted_examples repeats"
        " has_active_parameters is_counted_in_words",
        key="run_id",
        required="count_rule repeats has_active_parameters is_counted_in_words",
        run_id="clean.runs.run_id",
    ),
    "profile_estimates": table(
        "profile run_id method training_compute_flop spread_factor compute_scope formula calculation inputs assumptions"
        " applies_to",
        key="profile run_id method",
        required="training_compute_flop spread_factor compute_scope formula calculation",
        profile="assumptions.profiles.profile",
        run_id=_RUN,
    ),
    "combined_estimates": table(
        "run_id compute_scope estimated_training_compute_flop estimated_training_compute_flop_low"
        " estimated_training_compute_flop_high spread_factor methods base_runs",
        key="run_id compute_scope",
        required="estimated_training_compute_flop spread_factor methods base_runs",
        run_id=_RUN,
    ),
    "method_disagreements": table(
        "disagreement_place run_id run_name method other_method compute_scope training_compute_flop"
        " other_training_compute_flop disagreement_factor gap_factor set_aside_reason",
        key="disagreement_place run_id method other_method compute_scope",
        required="run_name training_compute_flop other_training_compute_flop disagreement_factor gap_factor",
        run_id=_RUN,
    ),
    "utilisation_checks": table(
        "run_id reported_kind span source chip_id number_format chip_hours counted_flop peak_flop_per_second"
        " implied_utilisation_share reported_share implied_over_reported expected_over_reported is_same_span cause"
        " reference",
        key="run_id reported_kind span",
        required="chip_hours counted_flop peak_flop_per_second implied_utilisation_share reported_share"
        " implied_over_reported expected_over_reported is_same_span",
        run_id=_RUN,
        chip_id="clean.chips.chip_id",
    ),
    "estimates": table(
        "run_id method training_compute_flop training_compute_flop_low training_compute_flop_high"
        " training_compute_pfs_days spread_factor compute_scope formula calculation inputs assumptions weight_share"
        " set_aside_reason",
        key="run_id method",
        required="training_compute_flop training_compute_flop_low training_compute_flop_high compute_scope formula",
        run_id=_RUN,
    ),
    "training_runs": table(
        "run_id run_name run_kind published_on organisations countries organisation_type domain openness is_notable is_frontier"
        " paper_id base_run_id parameters dataset_size chip_id chips training_hours training_compute_flop"
        " training_compute_flop_low training_compute_flop_high training_compute_pfs_days log10_training_compute_flop"
        " training_compute_source compute_scope estimated_training_compute_flop estimated_training_compute_flop_low"
        " estimated_training_compute_flop_high estimated_compute_scope reported_training_compute_flop training_compute_source_id"
        " disagreement_factor methods confidence"
        " is_excluded_by_source source document_id row_number",
        key="run_id",
        required="run_name run_kind is_frontier compute_scope is_excluded_by_source source document_id row_number",
        restated=True,
        paper_id="clean.papers.paper_id",
    ),
    "run_selections": table("selection run_id since_on", key="selection run_id", run_id=_RUN),
    "measurements": table(
        "run_id metric selection published_on years_since_2000 value value_low value_high",
        key="run_id metric selection",
        required="published_on value",
    ),
    "run_organisations": table("run_id organisation", key="run_id organisation", run_id=_RUN),
    "run_countries": table("run_id country", key="run_id country", run_id=_RUN),
    "run_domains": table("run_id one_domain", key="run_id one_domain", run_id=_RUN),
    "hardware_spellings": table(
        "spelling hardware_core hardware_form memory_bytes slice_size chips_per_unit is_processor",
        key="spelling",
        required="hardware_core is_processor",
    ),
    "run_chips": table(
        "run_id hardware_name source chip_id matched_by chips_per_unit unmatched_reason chip_list",
        key="run_id hardware_name",
        required="source chip_list",
        run_id=_RUN,
    ),
    "run_peaks": table(
        "run_id source chip_id matched_by chips_per_unit number_format number_format_rule peak_flop_per_second"
        " peak_precision chip_list",
        key="run_id",
        required="source chip_id matched_by number_format number_format_rule peak_flop_per_second peak_precision chip_list",
        run_id=_RUN,
        chip_id="clean.chips.chip_id",
    ),
    "benchmark_checks": table(
        "run_id run_name chip_id chips training_hours number_format peak_flop_per_second counted_flop hardware_time_flop"
        " counted_over_hardware_time implied_utilisation_share",
        key="run_id",
        required="run_name",
        run_id=_RUN,
    ),
    "chip_costs": table(
        "chip_id chip_family purchase_price_usd purchase_price_source priced_on first_purchase_on server_watts"
        " average_power_share document_id row_number",
        key="chip_id",
        required="chip_family average_power_share",
        chip_id="clean.chips.chip_id",
    ),
    "rental_prices": table(
        "chip_id chip_family price_vendor priced_on price_kind price_usd rental_price_usd precedence document_id row_number",
        key="document_id row_number price_kind",
        required="chip_id chip_family price_vendor priced_on price_usd rental_price_usd",
    ),
    "run_costs": table(
        "run_id published_on chip_id chips training_hours chip_hours training_started_on chip_purchased_on"
        " purchase_price_usd purchase_price_source amortised_hardware_cost_usd energy_kwh energy_cost_usd"
        " amortised_cost_usd amortised_cost_usd_2024 purchase_cost_usd purchase_cost_usd_2024 rental_price_usd"
        " rental_price_vendor rental_price_kind rental_priced_on rental_document_id rental_row_number rental_cost_usd"
        " rental_cost_usd_2024 peak_power_watts deflated_from_on has_imputed_chips"
        " has_imputed_chip_hours has_imputed_time has_launch_price",
        key="run_id",
        required="published_on chip_id chips training_hours chip_hours training_started_on chip_purchased_on"
        " has_imputed_chips has_imputed_chip_hours has_imputed_time has_launch_price",
        run_id=_RUN,
        chip_id="clean.chips.chip_id",
    ),
    "unmatched_hardware": table(
        "hardware_name runs unmatched_reason near_chip_id",
        key="hardware_name unmatched_reason",
        required="runs unmatched_reason",
    ),
    "counted_runs": table(
        "limit_flop counting covered_domains run_id published_on is_notable compute_scope counted_compute_flop"
        " counted_compute_flop_low counted_compute_flop_high crossing_probability is_lower_bound",
        key="limit_flop counting covered_domains run_id",
        required="published_on compute_scope counted_compute_flop crossing_probability is_lower_bound",
        kept=False,
    ),
    "threshold_crossings": table(
        "compute_threshold run_id published_on limit_flop counting counted_compute_flop counted_compute_flop_low"
        " counted_compute_flop_high crossing_probability compute_scope is_lower_bound",
        key="compute_threshold run_id",
        required="published_on limit_flop counting counted_compute_flop crossing_probability compute_scope is_lower_bound",
        compute_threshold="assumptions.compute_thresholds.compute_threshold",
        run_id=_RUN,
    ),
    "unresolved_runs": table("run_id other_run_id reason", key="run_id other_run_id", required="reason"),
}
