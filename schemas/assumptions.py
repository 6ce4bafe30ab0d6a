"""Tables of human judgement (`sql/assumptions/*.csv`): each row a figure or name a person chose, with reason and reference."""

from schemas.contract import Table, table

TABLES: dict[str, Table] = {
    "chip_names": table("spelling chip_id reason", key="spelling", required="chip_id reason"),
    "open_chip_names": table(
        "spelling chip_id precedence reason", key="spelling chip_id", required="precedence reason"
    ),
    "hardware_words": table("word role hardware_form chips_per_unit reason", key="word", required="role reason"),
    "hardware_names": table(
        "spelling chip_id chips_per_unit reason reference", key="spelling", required="chip_id reason reference"
    ),
    "hardware_forms": table(
        "hardware_core hardware_form reason reference", key="hardware_core", required="hardware_form reason reference"
    ),
    "matrix_chips": table("hardware_core reason reference", key="hardware_core", required="reason reference"),
    "slice_units": table(
        "chip_id cores_per_chip reason reference", key="chip_id", required="cores_per_chip reason reference"
    ),
    "format_words": table(
        "word number_format precedence reason", key="word", required="number_format precedence reason"
    ),
    "format_rates": table(
        "number_format chip_kind rate_format reason reference",
        key="number_format chip_kind",
        required="rate_format reason reference",
    ),
    "quantity_kin": table(
        "quantity other_quantity factor precedence reason",
        key="quantity other_quantity",
        required="factor precedence reason",
    ),
    "slips": table("verdict factor unit reason", key="verdict factor unit", required="reason"),
    "chip_differences": table(
        "chip_id quantity source value reason reference",
        key="chip_id quantity source value",
        required="reason reference",
    ),
    "run_names": table("spelling run_id reason", key="spelling", required="run_id reason"),
    "source_precedence": table("source precedence reason", key="source", required="precedence reason"),
    "profiles": table("profile is_in_force reason", key="profile", required="is_in_force reason"),
    "utilisation": table(
        "profile utilisation_rule chip_kind chip_generation peak_precision one_domain value_share spread_factor"
        " reported_runs reason reference",
        key="profile utilisation_rule",
        required="value_share spread_factor reason reference",
        profile="assumptions.profiles.profile",
    ),
    "utilisation_gaps": table(
        "run_id reported_kind span is_same_span expected_over_reported cause reason reference",
        key="run_id reported_kind span",
        required="is_same_span cause reason reference",
    ),
    "chip_generations": table(
        "chip_kind peak_column chip_generation precedence reason reference",
        key="chip_kind peak_column",
        required="chip_generation precedence reason",
    ),
    "spreads": table(
        "applies_to spread_factor reason reference", key="applies_to", required="spread_factor reason reference"
    ),
    "peak_choice": table(
        "number_format peak_column precedence reason", key="number_format precedence", required="peak_column reason"
    ),
    "datapoint_units": table(
        "one_domain data_unit tokens_per_datapoint may_be_tokens reason reference",
        key="one_domain",
        required="data_unit may_be_tokens reason reference",
    ),
    "network_kinds": table(
        "network_kind which_parameters flop_per_parameter reason reference",
        key="network_kind",
        required="which_parameters reason reference",
    ),
    "units": table("unit_from unit_to factor reason", key="unit_from unit_to", required="factor reason"),
    "thresholds": table("threshold limit_value unit reason", key="threshold", required="limit_value reason"),
    "generic_titles": table("title reason", key="title", required="reason"),
    "openness_names": table("spelling openness reason", key="spelling", required="openness reason"),
    "periods": table("period starts_on ends_on reason", key="period", required="reason"),
    "headlines": table("metric selection period reason", key="metric selection period", required="reason"),
    "break_searches": table("metric selection period reason", key="metric selection period", required="reason"),
    "tops": table("top reason", key="top", required="reason"),
    "techniques": table(
        "technique since_on limit_lifted reference", key="technique", required="since_on limit_lifted reference"
    ),
    "eras": table(
        "scheme era era_order starts_on ends_on claimed_chips_low claimed_chips_high claimed_tflops_low"
        " claimed_tflops_high claimed_pfs_days_low claimed_pfs_days_high claimed_doubling_months"
        " claimed_doubling_months_low claimed_doubling_months_high claimed_selection claim reference",
        key="scheme era",
        required="era_order claim reference",
    ),
    "selection_members": table(
        "selection run_id published_on published_training_compute_pfs_days bound reference",
        key="selection run_id",
        required="published_on published_training_compute_pfs_days bound reference",
    ),
    "corrections": table(
        "source dataset run_name column_name value_from value_to reason reference",
        key="source dataset run_name column_name",
        required="value_from reason reference",
    ),
    "benchmarks": table(
        "benchmark benchmark_round result_files data_unit samples_rule parameters forward_flop_per_example"
        " quality_at_least quality_at_most source_id reason reference",
        key="benchmark benchmark_round",
        required="reason reference",
    ),
    "growth_pairs": table("selection from_run_id to_run_id reason", key="selection", required="from_run_id reason"),
    "drivers": table("driver metric selection period explanation", key="driver", required="explanation"),
    "cost_constants": table(
        "constant applies_to value unit reason reference",
        key="constant applies_to",
        required="value unit reason reference",
    ),
    "cost_developers": table(
        "organisation_word power_usage_effectiveness price_vendor chip_kind reason reference",
        key="organisation_word",
        required="chip_kind reason reference",
    ),
    "cloud_vendors": table(
        "price_vendor precedence discount_1_year_share discount_3_years_share reason reference",
        key="price_vendor",
        required="precedence discount_1_year_share discount_3_years_share reason reference",
    ),
    "electricity_prices": table(
        "year electricity_price_usd reason reference", key="year", required="electricity_price_usd reason reference"
    ),
    "price_families": table(
        "chip_id chip_family reason reference", key="chip_id", required="chip_family reason reference"
    ),
    "stand_in_prices": table(
        "chip_id price_usd reason reference", key="chip_id", required="price_usd reason reference"
    ),
    "server_price_notes": table(
        "note_pattern precedence reason reference", key="note_pattern", required="precedence reason reference"
    ),
    "compute_thresholds": table(
        "compute_threshold limit_flop jurisdiction instrument threshold_status counting covered_domains adopted_on applies_on"
        " ended_on reason reference",
        key="compute_threshold",
        required="limit_flop jurisdiction instrument threshold_status counting reason reference",
    ),
    "force_selections": table("force selection reason", key="force selection", required="reason"),
    "force_periods": table("force period starts_on ends_on reason", key="force period", required="reason"),
    "current_trends": table("metric selection period reason", key="metric", required="selection period reason"),
    "milestones": table(
        "milestone metric level_value level_on level_growth_per_year reason reference",
        key="milestone",
        required="metric level_value level_on level_growth_per_year reason reference",
    ),
    "projection_scenarios": table("scenario pace reason reference", key="scenario", required="pace reason reference"),
    "fleets": table(
        "fleet fleet_flop_per_second known_on valid_from_on growth_per_year reason reference",
        key="fleet",
        required="fleet_flop_per_second known_on valid_from_on growth_per_year reason reference",
    ),
    "forecasts": table(
        "forecast made_on due_on metric selection compute_threshold claimed_low claimed_high claim reference",
        key="forecast",
        required="made_on due_on metric selection claim reference",
        compute_threshold="assumptions.compute_thresholds.compute_threshold",
    ),
    "published_results": table(
        "claim_id claimant result unit published_value published_low published_high published_share published_items last_digit"
        " subset figure comparison needs_dataset snapshot_since_on snapshot_until_on needed difference reference",
        key="claim_id",
        required="claimant result unit subset comparison reference",
    ),
    "essay_claims": table(
        "claim_id claim unit true_from true_to reading figure needs_dataset needed reference",
        key="claim_id",
        required="claim reference",
    ),
    "worked_sums": table(
        "sum_name sum_author unit printed_value reason reference",
        key="sum_name",
        required="sum_author unit reason reference",
    ),
    "sum_factors": table(
        "sum_name sum_term factor_order factor exponent reason",
        key="sum_name sum_term factor_order",
        required="factor exponent reason",
        sum_name="assumptions.worked_sums.sum_name",
    ),
    "developers": table(
        "developer organisation_words starts_on ends_on reason reference",
        key="developer",
        required="organisation_words starts_on ends_on reason reference",
    ),
    "revision_exceptions": table("quantity other_quantity reason", key="quantity", required="reason"),
    "revision_classes": table(
        "table_name column_name change revision_class reason",
        key="table_name column_name change",
        required="revision_class reason",
    ),
    "gates": table(
        "measure table_name column_name bound_kind value_share bound_low bound_high fewest_rows is_for_same_sources reason",
        key="measure table_name column_name bound_kind",
        required="fewest_rows is_for_same_sources reason",
    ),
}
