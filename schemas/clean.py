"""Facts and identities: each source's rows as facts, then matched to runs, chips and papers."""

from schemas.contract import Table, table

_FACT = (
    " quantity value value_text unit source source_id where_in_source checked_against document_id row_number"
    " column_name quote how as_of_on"
)
_SOURCE_FACTS = table(
    "subject subject_document_id subject_row_number" + _FACT,
    key="source document_id row_number subject quantity",
    required="subject_document_id subject_row_number how",
    kept=False,
)
_PAPER_FACTS = table(
    "source document_id row_number source_id quantity value_text",
    key="source document_id row_number quantity",
    required="value_text",
    kept=False,
)

TABLES: dict[str, Table] = {
    "version_dates": table("as_of_on", key="as_of_on"),
    "run_identities": table(
        "source document_id row_number run_id run_name",
        key="source document_id row_number",
        required="run_id",
        kept=False,
    ),
    "known_runs": table("run_id run_name source document_id", key="run_id", required="run_name source document_id"),
    "chip_identities": table(
        "source document_id row_number chip_id chip_name is_variant_open",
        key="source document_id row_number",
        required="chip_id is_variant_open",
    ),
    "curated_facts": _SOURCE_FACTS,
    "epoch_facts": _SOURCE_FACTS,
    "epoch_text_facts": _SOURCE_FACTS,
    "spec_readings": table(
        "source document_id row_number subject_row_number vendor chip_name table_number table_title row_label column_label"
        " cell_text quantity value unit sparsity note",
        key="source document_id row_number",
        required="subject_row_number cell_text",
        kept=False,
    ),
    "spec_facts": _SOURCE_FACTS,
    "mlperf_facts": table(
        "subject subject_document_id subject_row_number" + _FACT,
        key="source subject_document_id subject_row_number document_id row_number quantity",
        required="subject how",
        kept=False,
    ),
    "runs": table(
        "run_id run_name run_kind published_on organisations countries organisation_type domain openness is_notable"
        " is_frontier_by_source is_excluded_by_source compute_scope base_run_id base_run_name paper_id source document_id"
        " row_number",
        key="run_id",
        required="run_name run_kind is_excluded_by_source compute_scope source",
        restated=True,
        paper_id="clean.papers.paper_id",
    ),
    "run_aliases": table(
        "run_id alias source document_id", key="run_id alias source", required="document_id", run_id="clean.runs.run_id"
    ),
    "run_facts": table(
        "run_id" + _FACT,
        key="run_id quantity source document_id row_number how",
        required="as_of_on",
        restated=True,
        run_id="clean.runs.run_id",
    ),
    "arxiv_facts": _PAPER_FACTS,
    "openalex_facts": _PAPER_FACTS,
    "semantic_scholar_facts": _PAPER_FACTS,
    "crossref_facts": _PAPER_FACTS,
    "paper_listings": table(
        "source document_id row_number archive_order paper_key arxiv_key doi_key link_key title_key year",
        key="source document_id row_number",
        required="archive_order paper_key",
        kept=False,
    ),
    "paper_keys": table("alias paper_id", key="alias", required="paper_id", kept=False),
    "paper_identities": table(
        "source document_id row_number paper_id", key="source document_id row_number", required="paper_id", kept=False
    ),
    "papers": table(
        "paper_id title url published_on runs authors organisations first_version_on journal_published_on arxiv_id doi"
        " journal citations is_retracted metadata_licence source",
        key="paper_id",
        required="runs",
    ),
    "paper_aliases": table(
        "paper_id alias source document_id",
        key="alias",
        required="paper_id document_id",
        paper_id="clean.papers.paper_id",
    ),
    "paper_facts": table(
        "paper_id" + _FACT,
        key="paper_id quantity source document_id row_number",
        required="how",
        paper_id="clean.papers.paper_id",
    ),
    "paper_citations": table(
        "paper_id source counted_on citations",
        key="paper_id source counted_on",
        required="citations",
        paper_id="clean.papers.paper_id",
    ),
    "paper_disagreements": table(
        "paper_id quantity source value_text other_source other_value_text",
        key="paper_id quantity source value_text other_source other_value_text",
        paper_id="clean.papers.paper_id",
    ),
    "chips": table(
        "chip_id chip_name vendor chip_kind released_on peak_fp64 peak_fp32 peak_fp16_vector peak_bf16_vector"
        " peak_fp64_dense peak_fp32_dense peak_tf32_dense peak_fp16_dense peak_bf16_dense peak_fp8_dense peak_fp6_dense"
        " peak_fp4_dense peak_int8_dense peak_tf32_sparse peak_fp16_sparse peak_bf16_sparse peak_fp8_sparse"
        " peak_fp6_sparse peak_fp4_sparse peak_int8_sparse peak_tensor_16bit peak_int8 memory_bytes"
        " memory_bandwidth_bytes_per_second tdp_watts launch_price_usd process_nm source",
        key="chip_id",
        required="chip_name source",
    ),
    "chip_facts": table(
        "chip_id" + _FACT,
        key="chip_id quantity source document_id row_number",
        required="how as_of_on",
        restated=True,
        chip_id="clean.chips.chip_id",
    ),
    "chip_comparisons": table(
        "chip_id quantity source value known_source known_value value_over_known verdict explanation document_id row_number",
        key="source document_id row_number quantity",
        required="chip_id value verdict",
        restated=True,
        chip_id="clean.chips.chip_id",
    ),
    "chip_flags": table(
        "chip_id quantity value known_source known_value value_over_known verdict explanation source document_id row_number"
        " table_number row_label column_label cell_text",
        key="source document_id row_number quantity",
        required="chip_id value verdict cell_text",
        chip_id="clean.chips.chip_id",
    ),
    "chip_prices": table(
        "chip_id chip_name priced_on price_vendor price_kind price_usd price_location price_source note document_id"
        " row_number",
        key="document_id row_number price_kind",
        required="price_usd",
        restated=True,
    ),
    "price_indices": table("month_on price_index document_id row_number", key="month_on", required="price_index"),
    "sources": table("source_id title year url", key="source_id", required="title url"),
}
