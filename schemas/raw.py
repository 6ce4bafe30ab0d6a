"""Source-shaped tables: what each source's rows are once their headers are known and their cells typed."""

from schemas.contract import Table, table

_SPEC_SHEET = table(
    "document_id row_number chip_name table_number table_title row_label column_label cell_text quantity value unit"
    " sparsity note",
    key="document_id row_number",
    required="table_number cell_text",
)

TABLES: dict[str, Table] = {
    "abouts": table("source title licence attribution homepage", key="source", required="title licence"),
    "quantities": table(
        "quantity subject unit meaning states_compute", key="quantity", required="subject meaning states_compute"
    ),
    "documents": table(
        "source dataset document_id document_name url as_of_on first_received_on archive_order bytes is_in_force"
        " rows_read rows_accepted rows_quarantined unread_columns",
        key="source dataset document_id",
        required="document_name as_of_on archive_order is_in_force rows_read rows_accepted rows_quarantined",
    ),
    "version_dates": table("as_of_on", key="as_of_on"),
    "quarantine": table(
        "source dataset document_id row_number row_json rule column_name raw_value",
        key="source dataset document_id row_number rule column_name",
    ),
    "headers": table(
        "source dataset document_id column_name header", key="source dataset document_id column_name", required="header"
    ),
    "run_sightings": table(
        "source document_id archive_order row_number run_name stated_run_id paper_link published_on parameters",
        key="source document_id row_number",
        required="archive_order run_name",
    ),
    "chip_sightings": table(
        "source document_id archive_order row_number chip_name stated_chip_id",
        key="source document_id row_number",
        required="archive_order chip_name",
    ),
    "curated_runs": table(
        "document_id row_number run_id run_name published_on organisations countries organisation_type domain openness"
        " is_notable compute_scope base_run_id source_id note",
        key="run_id",
        required="run_name published_on organisations organisation_type domain openness compute_scope source_id",
    ),
    "curated_run_facts": table(
        "document_id row_number run_id quantity value_text unit source_id where_in_source checked_against note",
        key="run_id quantity",
        required="value_text source_id",
    ),
    "curated_chips": table(
        "document_id row_number chip_id chip_name vendor chip_kind note",
        key="chip_id",
        required="chip_name vendor chip_kind",
    ),
    "curated_chip_facts": table(
        "document_id row_number chip_id quantity value_text unit source_id where_in_source checked_against note",
        key="chip_id quantity",
        required="value_text source_id",
    ),
    "curated_sources": table("document_id row_number source_id title year url", key="source_id", required="title url"),
    "epoch_models": table(
        "document_id row_number run_name domains organisations organisation_categories countries published_on reference"
        " paper_link notability_criteria parameters parameters_notes training_compute_flop training_compute_notes"
        " training_compute_flop_low training_compute_flop_high compute_estimation_method confidence training_dataset"
        " dataset_datapoints dataset_gradients dataset_size_notes epochs training_hours training_time_notes"
        " training_hardware chips chip_hours utilisation mfu hfu utilisation_notes number_formats base_run_name"
        " finetune_compute_flop batch_size batch_size_notes model_accessibility is_frontier_by_source"
        " is_excluded_by_source training_power_watts training_cost_usd_2020 training_cost_usd_2023 abstract",
        key="document_id row_number",
        required="run_name",
        restated=True,
    ),
    "epoch_text_facts": table(
        "document_id row_number column_name quantity value value_text unit quote position",
        key="document_id row_number column_name quantity position",
        required="value_text quote",
        restated=True,
    ),
    "epoch_chips": table(
        "document_id row_number chip_name vendor chip_kind_text released_on launch_price_usd peak_fp64 peak_fp32"
        " peak_fp16_vector peak_tf32_dense peak_tensor_16bit peak_int8 peak_fp8_dense peak_fp4_dense memory_bytes"
        " memory_bandwidth_bytes_per_second tdp_watts process_nm",
        key="document_id row_number",
        required="chip_name",
        restated=True,
    ),
    "epoch_prices": table(
        "document_id row_number price_source priced_on chip_name price_vendor price_location price_on_demand_usd"
        " price_commit_1_year_usd price_commit_3_years_usd price_purchase_usd note",
        key="document_id row_number",
        required="chip_name",
        restated=True,
    ),
    "epoch_deflator": table(
        "document_id row_number month_on price_index", key="document_id row_number", required="month_on price_index"
    ),
    "arxiv_papers": table(
        "document_id row_number arxiv_id title authors organisations first_version_on last_version_on doi"
        " journal_reference primary_category categories licence abstract",
        key="document_id row_number",
        required="arxiv_id title authors",
    ),
    "openalex_works": table(
        "document_id row_number openalex_id doi arxiv_id title authors organisations countries journal_published_on year"
        " journal work_kind citations is_retracted",
        key="document_id row_number",
        required="openalex_id",
    ),
    "semantic_scholar_papers": table(
        "document_id row_number semantic_scholar_id arxiv_id doi title authors organisations first_version_on year journal"
        " citations",
        key="document_id row_number",
        required="semantic_scholar_id",
    ),
    "crossref_works": table(
        "document_id row_number doi title authors organisations journal_published_on year journal work_kind citations"
        " is_retracted",
        key="document_id row_number",
        required="doi",
    ),
    "wikipedia_chips": _SPEC_SHEET,
    "cloud_tpu_chips": _SPEC_SHEET,
    "nvidia_chips": _SPEC_SHEET,
    "amd_chips": _SPEC_SHEET,
    "mlperf_results": table(
        "document_id row_number run_name benchmark_round submitter system_name benchmark result_number division"
        " stated_system_name run_start_ms run_stop_ms run_status batch_size train_samples samples_count last_epoch_num"
        " quality number_format",
        key="document_id row_number",
        required="run_name benchmark_round submitter system_name benchmark result_number division run_start_ms run_stop_ms"
        " run_status",
    ),
    "mlperf_systems": table(
        "document_id row_number benchmark_round submitter system_name stated_system_name division nodes"
        " accelerators_per_node training_hardware",
        key="document_id row_number",
        required="benchmark_round submitter system_name nodes accelerators_per_node",
    ),
    "paper_sightings": table(
        "source document_id archive_order row_number arxiv_id doi title year paper_link",
        key="source document_id row_number",
        required="archive_order",
    ),
}
