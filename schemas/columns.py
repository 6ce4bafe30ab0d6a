"""The vocabulary: every column and every fact quantity, once, with its type, unit, meaning and bounds.

One name means one thing in one unit wherever it stands; a table (`schemas/raw.py` … `schemas/trends.py`) is a list of
these names. COMMENT ON COLUMN, `warehouse/TABLES.md`, `datapackage.json` and the pandera contracts come from here.
"""

from __future__ import annotations

from dataclasses import dataclass

TEXT, NUMBER, COUNT, DATE, TIME, FLAG = "VARCHAR", "DOUBLE", "BIGINT", "DATE", "TIMESTAMP", "BOOLEAN"


@dataclass(frozen=True)
class Column:
    """One column of the vocabulary: DuckDB type, unit (empty for text), meaning, and inclusive bounds or allowed values."""

    type: str
    unit: str
    meaning: str
    minimum: float | None = None
    maximum: float | None = None
    allowed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Quantity:
    """One kind of fact: what it is first about, its unit (empty for text), meaning, bounds, and whether it states compute.

    `states_compute` marks the quantities an estimate may never read: they are only its judge.
    """

    subject: str
    unit: str
    meaning: str
    minimum: float | None = None
    maximum: float | None = None
    states_compute: bool = False


FORMATS = ("fp64", "fp32", "tf32", "fp16", "bf16", "fp8", "fp6", "fp4", "int8")
SCOPES = ("final_run", "with_self_play", "with_base_model", "search", "ensemble")
NETWORK_KINDS = ("dense", "mixture of experts", "no neural network", "lookup tables", "frozen base")
VERDICTS = (
    "agrees", "rounded", "binary units", "sparsity unmarked", "column slip", "variant", "unit slip", "differs", "unproven",
)  # fmt: skip
METHODS = ("operation_counting", "hardware_time", "reported", "combined")
OPENNESS = ("open weights", "api", "closed", "unknown")
ERROR_SOURCES = ("runs", "figures", "runs and figures")
BREAK_MODELS = ("no break", "one continuous", "one jump", "two continuous", "two jumps")
ORGANISATION_TYPES = ("industry", "academia", "government", "collective", "mixed")


def _text(meaning: str, *allowed: str) -> Column:
    return Column(TEXT, "", meaning, allowed=allowed)


def _number(unit: str, meaning: str, minimum: float | None = 0, maximum: float | None = None) -> Column:
    return Column(NUMBER, unit, meaning, minimum, maximum)


def _count(unit: str, meaning: str, minimum: float | None = 0) -> Column:
    return Column(COUNT, unit, meaning, minimum)


def _peak(label: str) -> Column:
    return _number("FLOP/s", f"Peak rate of one chip, {label}; an add and a multiply count one each.")


# Where a value was found.
_PROVENANCE = {
    "source": _text("Module of flows/sources that read the row: curated, epoch …"),
    "dataset": _text("Which of the source's files the row came from."),
    "document_id": _text("SHA-256 of the bytes received: the identity of a document."),
    "document_name": _text("File name or address the document was received under, first time."),
    "row_number": _count("", "Row in the document as a CSV reader counts them, the header not counted; from 1.", 1),
    "column_name": _text(
        "Header in the document, as spelled there; in raw tables and revisions what it is called here."
    ),
    "header": _text("Header of the document that the column was read from, as spelled there."),
    "subject_document_id": _text("Document in which the run or chip itself is listed."),
    "subject_row_number": _count("", "Row in which the run or chip itself is listed.", 1),
    "value": _number("", "The figure, in the unit of its quantity (column unit).", None),
    "value_text": _text("The words, where the quantity is not a number; else the cell as spelled."),
    "raw_value": _text("The offending cell as it stood in the document."),
    "unit": _text("Unit of the figure."),
    "subject": _text("What the fact is about: a run, a chip or a paper.", "run", "chip", "paper"),
    "quantity": _text("What is stated: a name of the vocabulary of quantities."),
    "meaning": _text("What the quantity means."),
    "states_compute": Column(
        FLAG, "", "Whether the quantity states compute or cost: no estimate reads it, it only judges."
    ),
    "quote": _text("Words of the source around the figure, or the cell as spelled."),
    "position": _count("characters", "Where in the cell the words of the figure begin; from 1.", 1),
    "how": _text("How the fact was taken: from a column, from words, or curated by hand.", "column", "text", "curated"),
    "where_in_source": _text("Table, section or page of the source; empty if nobody looked."),
    "checked_against": _text("Text or table with which the figure was really compared; empty if it was not."),
    "source_id": _text("Work that states the figure: arxiv:…, doi:… or a short name of clean.sources."),
    "as_of_on": Column(DATE, "", "Date the document speaks of: stated, else in its file name, else the day received."),
    "first_received_on": Column(DATE, "", "Day the bytes first came in (UTC)."),
    "archive_order": _count("", "Order in which documents were first received; from 1.", 1),
    "bytes": _count("bytes", "Size of the document."),
    "is_in_force": Column(FLAG, "", "Whether this version is made of it: the document, the profile of assumptions."),
    "rows_read": _count("rows", "Rows a CSV reader counts in the document, the header not counted."),
    "rows_accepted": _count("rows", "Rows that kept every rule of their contract."),
    "rows_quarantined": _count("rows", "Rows that broke a rule: they stand in raw.quarantine with the reason."),
    "row_json": _text("The row as received, as JSON."),
    "rule": _text("The rule that was broken, as a true statement."),
    "documents": _count("documents", "Documents in force."),
    "unread_columns": _text("Headers of the document that no part of this project reads, separated by semicolons."),
    "note": _text("What a reader should know: which of several figures was taken, and why."),
}

# Training runs and what is known of them.
_RUN = {
    "run_id": _text("Training run; never changes once published."),
    "run_name": _text("Name of the run as its first source writes it."),
    "stated_run_id": _text("Identity given by hand in the curated facts."),
    "alias": _text("A spelling under which a source lists the run."),
    "base_run_id": _text("Run this one starts from (fine-tune), where it is in the record."),
    "base_run_name": _text("Model this run starts from, as the source names it."),
    "published_on": Column(DATE, "", "First public version of the run's report."),
    "organisations": _text("Organisations of the authors, separated by semicolons."),
    "organisation": _text("One organisation of the authors."),
    "countries": _text("Countries of those organisations, separated by semicolons."),
    "country": _text("One country of those organisations."),
    "organisation_type": _text(
        "Kind of the organisations; mixed where industry and others share it.", *ORGANISATION_TYPES
    ),
    "organisation_categories": _text("Kinds of the organisations as the source lists them."),
    "domain": _text("Domains of the model, separated by semicolons."),
    "one_domain": _text("One domain of the model."),
    "domains": _text("Domains of the model as the source lists them."),
    "openness": _text("Whether the trained weights can be had.", *OPENNESS),
    "model_accessibility": _text("How the model can be had, in the source's own words."),
    "notability_criteria": _text("Why the source calls the run notable; empty if it does not."),
    "is_notable": Column(FLAG, "", "Whether a source calls the run notable."),
    "is_frontier": Column(FLAG, "", "Among the ten largest runs at its publication."),
    "is_frontier_by_source": Column(FLAG, "", "Whether the source marks the run as frontier."),
    "is_excluded_by_source": Column(
        FLAG, "", "Whether the source itself excludes the row; such runs are outside every selection."
    ),
    "compute_scope": _text("What the run's compute covers; the essay's number is final_run.", *SCOPES),
    "reported_compute_scope": _text("What the compute stated by a source covers.", *SCOPES),
    "paper_id": _text("Paper: arxiv:…, doi:…, url:…, else its source's own id, as first seen; never changes."),
    "paper_link": _text("Address of the paper or announcement, as the source gives it."),
    "title": _text("Title of the work."),
    "year": _count("year", "Year of publication.", 1900),
    "url": _text("Address of the work, or the one a document was received from; empty for a file."),
    "reference": _text("Title of the paper as the source gives it."),
    "runs": _count("runs", "Number of training runs."),
    "run_kind": _text(
        "Whether a model was trained for its own sake; a timed benchmark run is outside every selection and trend.",
        "training",
        "benchmark",
    ),
    "parameters": _number("parameters", "Trained parameters of the model, all experts counted."),
    "active_parameters": _number("parameters", "Parameters used for one token or example, in a mixture of experts."),
    "tokens_seen": _number("tokens", "Tokens processed in training, repetitions included."),
    "dataset_tokens": _number("tokens", "Distinct tokens of the training set."),
    "dataset_words": _number("words", "Distinct words of the training set."),
    "dataset_examples": _number("examples", "Distinct examples of the training set (images, clips, positions …)."),
    "dataset_datapoints": _number(
        "datapoints", "Size of the training set as Epoch counts it: tokens, words, images … by domain."
    ),
    "dataset_gradients": _text(
        "Datapoints that gave gradients, as Epoch has counted since 2025-11; one figure or several separated by commas."
    ),
    "dataset_size": _number(
        "datapoints", "Distinct datapoints of the training set: tokens, words, images … by domain."
    ),
    "examples_seen": _number("examples", "Examples processed in training, repetitions included."),
    "epochs": _number("epochs", "Passes over the training set."),
    "forward_flop_per_example": _number(
        "FLOP", "Operations of one forward pass over one example; a multiply-add counts two."
    ),
    "training_repeats": _number(
        "times", "How many times over the stated examples were spent: models trained in a search …"
    ),
    "time_repeats": _number(
        "times", "How many times over the stated hours were spent, where the author scales a run up."
    ),
    "batch_size": _number("datapoints", "Datapoints a training step."),
    "training_steps": _number("steps", "Optimiser steps."),
    "tokens_per_second": _number("tokens/s", "Tokens trained on in a second at the steady rate of all chips."),
    "sequence_length": _number("tokens", "Tokens of one training sequence."),
    "chips": _number("chips", "Accelerators (or CPUs) working on the run at the same time."),
    "training_hardware": _text("Hardware of the run in the source's words."),
    "training_hours": _number("hours", "Wall-clock time of the training run."),
    "chip_hours": _number("chip-hours", "Chips times hours."),
    "mfu": _number(
        "share", "Model FLOP utilisation: useful operations over the peak; recomputation not counted.", 0, 1
    ),
    "hfu": _number("share", "Hardware FLOP utilisation: operations done over the peak; recomputation counted.", 0, 1),
    "utilisation": _number("share", "Share of the peak used; of a kind its source does not say.", 0, 1),
    "number_format": _text("Number format of most matrix multiplications.", *FORMATS, "unstated"),
    "number_formats": _text("Number formats as the source lists them."),
    "confidence": _text("How sure the source is of its figures, in its words: Confident, Likely, Speculative …"),
    "training_power_watts": _number("W", "Power draw of the training cluster."),
    "training_cost_usd": _number("USD", "Cost of the training run in dollars of its day, as its developer prints it."),
    "training_cost_usd_2020": _number("USD of 2020", "Cost of the training run in the source's 2020 dollars."),
    "training_cost_usd_2023": _number("USD of 2023", "Cost of the training run under the source's header '2023 USD'."),
    "training_compute_flop": _number(
        "FLOP", "Operations spent in training the one model; add and multiply count one each."
    ),
    "training_compute_flop_low": _number("FLOP", "Low end of the 90% interval of the training compute."),
    "training_compute_flop_high": _number("FLOP", "High end of the 90% interval of the training compute."),
    "training_compute_pfs_days": _number("petaflop/s-days", "Training compute over 8.64e19 FLOP."),
    "log10_training_compute_flop": _number("log10 FLOP", "Decimal logarithm of the training compute.", None),
    "training_compute_source": _text(
        "Where the figure comes from: reported by a source, or our own estimate.", "reported", "estimated"
    ),
    "training_compute_source_id": _text(
        "Work that states the figure: who says so; epoch-… where it is Epoch AI's own estimate."
    ),
    "network_kind": _text(
        "Kind of model where it is no dense network: what a count of operations must know.", *NETWORK_KINDS
    ),
    "reported_training_compute_flop": _number(
        "FLOP", "Training compute as the source of highest precedence states it."
    ),
    "estimated_training_compute_flop": _number("FLOP", "Our methods alone, combined; no stated compute is read."),
    "estimated_training_compute_flop_low": _number("FLOP", "Low end of the 90% interval of our estimate."),
    "estimated_training_compute_flop_high": _number("FLOP", "High end of the 90% interval of our estimate."),
    "disagreement_factor": _number(
        "times", "Larger over smaller of the stated and the estimated compute of one scope; 1 is agreement.", 1
    ),
    "finetune_compute_flop": _number("FLOP", "Compute of the fine-tune alone, as the source states it."),
    "compute_estimation_method": _text("How the source came to its compute, in its words."),
    "published_training_compute_pfs_days": _number("petaflop/s-days", "The value the list's own author used."),
    "method": _text("Method of an estimate.", *METHODS),
    "methods": _text("Methods behind the estimate, separated by semicolons."),
    "formula": _text("Formula of the estimate, in words."),
    "calculation": _text("The formula with the numbers in it and what they give."),
    "weight_share": _number("share", "Share of the method in the joined estimate; 0 where it is set aside.", 0, 1),
    "set_aside_reason": _text("Why a method's answer has no part in the joined estimate; empty where it has."),
    "estimated_compute_scope": _text("What our estimate covers; the essay's number is final_run.", *SCOPES),
    "base_runs": _count("runs", "Base models whose estimate is part of the figure."),
    "count_rule": _text("How tokens or passes were counted: a row of sql/assumptions/spreads.csv."),
    "which_parameters": _text(
        "Which parameters meet a token: all, the active ones, or none that can be counted.", "all", "active", "none"
    ),
    "counted_parameters": _number("parameters", "Parameters that meet each token."),
    "counted_tokens": _number("tokens", "Tokens the network was trained on, each time it met them."),
    "counted_examples": _number("examples", "Examples the network was trained on, each time it met them."),
    "repeats": _number("times", "How many times the whole was trained."),
    "has_active_parameters": Column(FLAG, "", "Whether only the parameters a token meets are counted."),
    "is_counted_in_words": Column(FLAG, "", "Whether the data are words, taken as four thirds of a token each."),
    "other_method": _text("The method whose answer it is held against."),
    "other_training_compute_flop": _number("FLOP", "The other method's answer."),
    "disagreement_place": _count("", "Place among all disagreements, the widest gap first.", 1),
    "gap_factor": _number("times", "How far apart the ends of the two intervals are.", 1),
    "may_be_tokens": Column(
        FLAG, "", "Whether the notes of a run may call its datapoints tokens, beside a language domain."
    ),
    "flop_per_parameter": _number(
        "FLOP", "Operations of training a parameter a token; empty where none can be counted."
    ),
    "inputs": _text("Inputs of the estimate with their values, and where they stand."),
    "assumptions": _text("What had to be assumed, and by which row of sql/assumptions."),
    "spread_factor": _number(
        "times",
        "Half-width of the 90% interval as a factor: high is best times it, low best over it. Empty where a source states"
        " bounds of its own.",
        1,
    ),
    "selection": _text("A named set of runs or chips: all, notable, frontier, openai_2018, gpus …"),
    "since_on": Column(DATE, "", "Day from which the run belongs to the selection."),
    "metric": _text("What is measured: training_compute, parameters …"),
    "value_low": _number("", "Low end of the 90% interval of the figure.", None),
    "value_high": _number("", "High end of the 90% interval of the figure.", None),
    "years_since_2000": _number("years", "(date − 2000-01-01) / 365.25.", None),
    "reason": _text("Why."),
    "other_run_id": _text("The other run of an ambiguous pair."),
}

# Chips.
_CHIP = {
    "chip_id": _text("Chip and variant; never changes once published."),
    "stated_chip_id": _text("Identity given by hand in the curated facts."),
    "chip_name": _text("Name of the chip."),
    "vendor": _text("Maker or designer."),
    "chip_kind": _text("Kind of processor.", "gpu", "tpu", "cpu", "accelerator"),
    "chip_kind_text": _text("Kind of processor in the source's words."),
    "released_on": Column(DATE, "", "Day the chip was released."),
    "process_nm": _number("nm", "Process node, as marketed."),
    "peak_fp64": _peak("FP64 on ordinary units"),
    "peak_fp32": _peak("FP32 on ordinary units"),
    "peak_fp16_vector": _peak("FP16 on ordinary units"),
    "peak_bf16_vector": _peak("BF16 on ordinary units"),
    **{f"peak_{f}_dense": _peak(f"{f.upper()} on matrix units, no sparsity") for f in FORMATS if f != "int8"},
    **{
        f"peak_{f}_sparse": _peak(f"{f.upper()} on matrix units, structured sparsity")
        for f in ("tf32", "fp16", "bf16", "fp8", "fp6", "fp4")
    },
    "peak_int8_dense": _number("op/s", "Peak rate of one chip, INT8 on matrix units, no sparsity."),
    "peak_int8_sparse": _number("op/s", "Peak rate of one chip, INT8 on matrix units, structured sparsity."),
    "peak_int8": _number("op/s", "Peak INT8 rate as the source lists it; dense or sparse not said."),
    "peak_tensor_16bit": _peak("FP16 or BF16 on tensor cores, as Epoch lists it"),
    "memory_bytes": _number("bytes", "Memory of one chip or board."),
    "memory_bandwidth_bytes_per_second": _number("bytes/s", "Peak memory bandwidth of one chip or board."),
    "tdp_watts": _number("W", "Thermal design power of one chip or board."),
    "launch_price_usd": _number("USD", "Launch or first cited price, dollars of its day."),
    "peak_flop_per_second": _peak("at the precision the calculation uses"),
    "peak_precision": _text("Format and unit kind of the peak the calculation uses."),
    "priced_on": Column(DATE, "", "Day of the price."),
    "price_vendor": _text("Seller or cloud."),
    "price_kind": _text("What the price buys.", "purchase", "on_demand", "commit_1_year", "commit_3_years"),
    "price_usd": _number("USD", "Price of one chip, or of one chip-hour, dollars of its day."),
    "price_location": _text("Place or region of the price."),
    "price_on_demand_usd": _number("USD/chip-hour", "Cloud price, on demand."),
    "price_commit_1_year_usd": _number("USD/chip-hour", "Cloud price, one-year commitment."),
    "price_commit_3_years_usd": _number("USD/chip-hour", "Cloud price, three-year commitment."),
    "price_purchase_usd": _number("USD", "Price of buying the hardware."),
    "price_source": _text("Address of the price."),
    "month_on": Column(DATE, "", "First day of the month."),
    "price_index": _number("index", "Producer price index of the month."),
    "hardware_name": _text("Hardware as a source spells it."),
    "chip_list": _text(
        "Whether the run names one kind of chip; several alike in the peak used; accelerators beside their host's"
        " processor; or several (told apart further in run_peaks alone).",
        "one",
        "alike",
        "with_host",
        "several",
    ),
    "matched_by": _text(
        "The rule by which a name became a chip: an identity; a spelling in the lists; the chip's own name; the name without"
        " makers, brands, counts and units; the only variant that fits; the only one released by then; variants alike in"
        " peak; the usual form of servers.",
        "chip_id",
        "listed name",
        "chip name",
        "normalised name",
        "only variant",
        "released by then",
        "alike variants",
        "usual form",
    ),
    "unmatched_reason": _text(
        "Why a name is no chip of known peak.",
        "no such chip",
        "names a family",
        "no such variant",
        "variants differ in peak",
        "not released by then",
        "unknown processor",
        "peak unknown",
    ),
    "chips_per_unit": _number("chips", "Chips of what the name counts, where that is a box or slice of known size.", 0),
    "hardware_core": _text("What is left of a name without makers, brands, form, memory, counts and units."),
    "hardware_form": _text("Form of a chip's board in a name: sxm, sxm5, pcie, nvl, oam."),
    "is_processor": Column(FLAG, "", "Whether a name is of a processor, which beside accelerators is their host."),
    "slice_size": _number("", "Number that a name gives a slice of a TPU pod, as 128 in v3-128.", 1),
    "near_chip_id": _text("Known chip whose name is closest: a hint for the eye, never used."),
    "number_format_rule": _text(
        "How the number format used was found: as stated; of several stated; the rate at which the chip runs the stated"
        " one; 16 bits where the chip has matrix units; ordinary units where it has none.",
        "stated",
        "one of several stated",
        "rate of the stated format",
        "unstated: matrix units",
        "unstated: no matrix units",
    ),
}

# Papers and the figures of spec sheets.
_PAPER = {
    "arxiv_id": _text("arXiv identifier without version: 1706.03762, hep-th/9901001."),
    "doi": _text("Digital object identifier, lower case, without resolver: 10.1038/…"),
    "openalex_id": _text("Identifier of the work at OpenAlex: W…"),
    "semantic_scholar_id": _text("Identifier of the paper at Semantic Scholar, 40 hexadecimal digits."),
    "authors": _text("Authors in order, separated by semicolons."),
    "first_version_on": Column(DATE, "", "Day of the first public version."),
    "last_version_on": Column(DATE, "", "Day of the newest version the source knows."),
    "journal_published_on": Column(
        DATE, "", "Day of the formal publication (journal, proceedings), where the whole day is known."
    ),
    "journal": _text("Journal, proceedings or venue."),
    "journal_reference": _text("Journal, volume and pages as the authors gave them."),
    "primary_category": _text("First subject category: cs.LG …"),
    "categories": _text("All subject categories, separated by semicolons."),
    "work_kind": _text("Kind of work in the source's words: journal-article, preprint …"),
    "citations": _count("citations", "Works that cite the paper, as the source counted on the day received."),
    "is_retracted": Column(FLAG, "", "Whether the source marks the work as retracted."),
    "counted_on": Column(DATE, "", "Day on which the source had counted so many citations."),
    "metadata_licence": _text("Licence of the data of the source whose title is shown."),
    "other_source": _text("The source that states something else, or the same one in another record."),
    "other_value_text": _text("What it states instead."),
    "paper_key": _text("Identifier a listing names its paper by: arxiv:…, doi:…, url:…, else its own id or place."),
    "arxiv_key": _text("arXiv identifier of the listing as a key: arxiv:…"),
    "doi_key": _text("DOI of the listing as a key: doi:…; arXiv's own DOIs are arXiv identifiers."),
    "link_key": _text("Address or own identifier of the listing as a key: url:…, openalex:…"),
    "title_key": _text("Title as it is compared; empty where it is too short or too common to name a paper."),
    "table_number": _count("", "Which table of the page; from 1.", 1),
    "table_title": _text("Caption or heading above the table."),
    "row_label": _text("Header of the cell's row, as it stands."),
    "column_label": _text("Header of the cell's column, as it stands; levels joined by ' / '."),
    "cell_text": _text("Words of the cell as they stand, exponents written with ^, footnote marks kept."),
    "sparsity": _text(
        "Whether the page marks the peak as dense, as with sparsity, or not at all.", "dense", "sparse", "unmarked"
    ),
}

# Timed runs of benchmarks.
_BENCHMARK = {
    "benchmark": _text("Benchmark as its logs name it: bert, resnet, gpt3 …"),
    "benchmark_round": _text("Round of the benchmark: v4.0 …"),
    "submitter": _text("Who submitted the result, as the folder of the round is named."),
    "system_name": _text("System as the folder of the round is named."),
    "stated_system_name": _text("System as its own description or log names it."),
    "division": _text("closed: model and method of the reference; open: any.", "closed", "open"),
    "nodes": _count("nodes", "Computers of the system.", 1),
    "accelerators_per_node": _count("chips", "Accelerators in one computer of the system."),
    "result_number": _count("", "Number of the result file; several files make one result."),
    "run_start_ms": _count("ms", "When the clock started, milliseconds since 1970 (UTC)."),
    "run_stop_ms": _count("ms", "When the clock stopped, milliseconds since 1970 (UTC)."),
    "run_status": _text("How the run ended, in the word of the log; the others are set aside.", "success"),
    "train_samples": _number(
        "", "train_samples of the log: by benchmark the size of the training set, or what was processed in training."
    ),
    "samples_count": _number("examples", "Examples processed up to the last evaluation, where the log counts them."),
    "last_epoch_num": _number("", "epoch_num of the last evaluation: by benchmark epochs, examples or tokens."),
    "quality": _number("", "Result of the last evaluation, in the measure of the benchmark.", None),
    "quality_at_least": _number("", "Least quality that ends a run; empty where less is better."),
    "quality_at_most": _number("", "Largest quality that ends a run; empty where more is better."),
    "result_files": _count("files", "Result files that make one result by the rules of the round.", 1),
    "samples_rule": _text(
        "How what was processed follows from the log.", "train_samples", "train_samples × last_epoch_num"
    ),
    "counted_flop": _number("FLOP", "Training compute by counted operations."),
    "hardware_time_flop": _number("FLOP", "Training compute by chips, time and a share of the peak."),
    "counted_over_hardware_time": _number("times", "Counted operations over what chips and time give; 1 is agreement."),
    "implied_utilisation_share": _number("share", "Counted operations over the peak of the chips in the time taken."),
    "reported_kind": _text("Kind of the reported share of the peak.", "mfu", "hfu", "utilisation"),
    "reported_share": _number("share", "The share of the peak as reported.", 0, 1),
    "span": _text("What hours and operations cover.", "whole run", "steady training"),
    "is_same_span": Column(FLAG, "", "Whether hours and operations cover what the reported share covers."),
    "implied_over_reported": _number("times", "Implied over reported share; 1 is agreement."),
    "expected_over_reported": _number("times", "Implied over reported share as far as the cause can be counted."),
    "cause": _text("Why the implied share differs from the reported one."),
}

# What runs cost.
_COST = {
    "chip_family": _text("Chips that one price serves: A100 …; the chip alone where it has no family."),
    "purchase_price_usd": _number("USD", "Price of one chip with its part of the server, dollars of its day."),
    "purchase_price_source": _text(
        "Where the price comes from: a price table, an assumption, or the chip's launch price.",
        "price table",
        "stand-in",
        "launch price",
    ),
    "first_purchase_on": Column(DATE, "", "Day from which the chip is taken to be bought in number."),
    "server_watts": _number("W", "Peak draw of one chip with its part of the server."),
    "average_power_share": _number("share", "Average over peak draw in training.", 0, 1),
    "rental_price_usd": _number("USD/chip-hour", "Cloud price under a three-year commitment, dollars of its day."),
    "rental_price_vendor": _text("Cloud whose price is used."),
    "rental_price_kind": _text(
        "Kind of price the three-year price follows from.", "on_demand", "commit_1_year", "commit_3_years"
    ),
    "rental_priced_on": Column(DATE, "", "Day of the cloud price that is used."),
    "rental_document_id": _text("Document that holds the cloud price."),
    "rental_row_number": _count("", "Row of the cloud price in its document.", 1),
    "training_started_on": Column(DATE, "", "Day the run began, worked out from its publication and length."),
    "chip_purchased_on": Column(DATE, "", "Day the chips are taken to be bought, never after the run began."),
    "amortised_hardware_cost_usd": _number(
        "USD", "What the cluster lost in value over the run's chip-hours, network included; dollars of its day."
    ),
    "energy_kwh": _number("kWh", "Energy of the run, data centre included."),
    "energy_cost_usd": _number("USD", "Price of that energy, dollars of the year of publication."),
    "amortised_cost_usd": _number("USD", "Amortised hardware and energy, dollars of its day."),
    "amortised_cost_usd_2024": _number("USD of 2024-12", "Amortised hardware and energy, December 2024 dollars."),
    "purchase_cost_usd": _number("USD", "Price of the whole cluster at full value, dollars of its day."),
    "purchase_cost_usd_2024": _number(
        "USD of 2024-12", "Price of the whole cluster at full value, December 2024 dollars."
    ),
    "rental_cost_usd": _number("USD", "Rent of the chip-hours in a cloud, dollars of its day."),
    "rental_cost_usd_2024": _number("USD of 2024-12", "Rent of the chip-hours in a cloud, December 2024 dollars."),
    "peak_power_watts": _number("W", "Peak power draw of the run's cluster, data centre included."),
    "deflated_from_on": Column(
        DATE, "", "Month whose price index turns the costs into December 2024 dollars; the last one known."
    ),
    "has_imputed_chips": Column(FLAG, "", "Whether the kind of chip is not known: the commonest of its year is taken."),
    "has_imputed_chip_hours": Column(
        FLAG, "", "Whether the chip-hours are not known: they are worked out from our own count of operations."
    ),
    "has_imputed_time": Column(
        FLAG, "", "Whether the length of the run is not known: it is worked out or the median of others."
    ),
    "has_launch_price": Column(FLAG, "", "Whether no price of the hardware was at hand but that of its launch."),
}

# Figures of chips beside each other.
_COMPARISON = {
    "known_source": _text("The better source: its module, or 'other pages', or 'same page'."),
    "known_value": _number("", "What the better source gives, turned into the same quantity and unit."),
    "value_over_known": _number("times", "The figure over the known one."),
    "other_value": _number("", "The figure it is compared with, in the same unit."),
    "value_over_other": _number("times", "The figure over the one it is compared with."),
    "verdict": _text(
        "How two figures of a chip relate: equal, equal once rounded, the slip that makes one of the other, or unexplained.",
        *VERDICTS,
    ),
    "is_variant_open": Column(
        FLAG, "", "Whether the name leaves the variant open and nothing beside it tells; the commonest is then taken."
    ),
    "other_quantity": _text("The quantity it is compared with, or whose cell it is read from too."),
}

# Trends, eras and the run of the pipeline.
_TREND = {
    "period": _text("Span of publication dates the fit uses."),
    "period_start_on": Column(DATE, "", "First day of the span; of the data where open."),
    "period_end_on": Column(DATE, "", "Last day of the span, inclusive; of the data where open."),
    "oom_per_year": _number("orders of magnitude/year", "Slope of the least-squares line of log10 on time.", None),
    "standard_error_oom_per_year": _number("orders of magnitude/year", "Standard error of the slope."),
    "oom_per_year_low": _number(
        "orders of magnitude/year", "Low end of the slope's 95% interval: by Student's t, in bootstraps by draws.", None
    ),
    "oom_per_year_high": _number(
        "orders of magnitude/year",
        "High end of the slope's 95% interval: by Student's t, in bootstraps by draws.",
        None,
    ),
    "intercept_log10": _number("log10", "Value of the line at 2000-01-01.", None),
    "doubling_months": _number(
        "months", "Time in which the line doubles, months of 365.25/12 days; negative if it falls.", None
    ),
    "doubling_months_low": _number(
        "months", "Low end of its 95% interval; null where the slope's interval holds zero.", None
    ),
    "doubling_months_high": _number(
        "months", "High end of its 95% interval; null where the slope's interval holds zero.", None
    ),
    "growth_per_year": _number("times/year", "Factor a year."),
    "growth_per_year_low": _number("times/year", "Low end of its 95% interval."),
    "growth_per_year_high": _number("times/year", "High end of its 95% interval."),
    "oom_per_year_median": _number("orders of magnitude/year", "Median of the slopes drawn.", None),
    "error_source": _text("What the draws leave to chance: which runs, their figures, or both.", *ERROR_SOURCES),
    "draw": _count("", "Number of the draw, from 1; 0 is the data themselves.", 0),
    "random_key": _count("", "Where the random numbers of the draw begin."),
    "draws": _count("draws", "Draws the interval is taken from."),
    "bootstrap_draws": _count("draws", "Draws of the bootstrap of runs and figures together."),
    "bootstrap_oom_per_year_low": _number(
        "orders of magnitude/year", "Low end of the slope's 95% interval by bootstrap of runs and figures.", None
    ),
    "bootstrap_oom_per_year_high": _number(
        "orders of magnitude/year", "High end of the slope's 95% interval by bootstrap of runs and figures.", None
    ),
    "bootstrap_doubling_months_low": _number(
        "months", "Low end of its 95% interval by bootstrap; null where the slope's interval holds zero.", None
    ),
    "bootstrap_doubling_months_high": _number(
        "months", "High end of its 95% interval by bootstrap; null where the slope's interval holds zero.", None
    ),
    "runs_error_oom_per_year": _number(
        "orders of magnitude/year", "Standard error of the slope from which runs were sampled, by bootstrap."
    ),
    "figures_error_oom_per_year": _number(
        "orders of magnitude/year", "Standard error of the slope from how uncertain each figure is, by bootstrap."
    ),
    "series_row": _count("", "Place of the run among those of all series, one series after the other; from 1.", 1),
    "place": _count("", "Place of the run in its series, by date; from 0.", 0),
    "log10_value": _number("log10", "Logarithm of the figure.", None),
    "log10_value_spread": _number("log10", "Standard deviation of the figure's logarithm, from its 90% interval."),
    "series": _count("", "Number of a series: metric, selection and period in the order of their names.", 1),
    "quarter": _count("quarters", "Quarter of publication: four times the year, and 0 to 3.", None),
    "day_sum": _count("days", "Sum over the runs of days since 2000-01-01.", None),
    "day_squares": _count("days²", "Sum of their squares."),
    "log10_sum": _count("log10 / 1e8", "Sum of the logarithms of the figures, in hundred-millionths.", None),
    "product_sum": _count("days × log10 / 1e8", "Sum of days times logarithm.", None),
    "variance_sum": _count("log10² / 1e8", "Sum of the variances of the logarithms' errors, in hundred-millionths."),
    "day_variance_sum": _count("days × log10² / 1e8", "Sum of days times variance.", None),
    "day_squares_variance_sum": _number("days² × log10² / 1e8", "Sum of squared days times variance."),
    "break_on": Column(DATE, "", "First day of a quarter at which a break may lie."),
    "break_day": _count("days", "Days from 2000-01-01 to that day.", None),
    "time_sum": _number("days", "Sum over the runs of days since 2000-01-01.", None),
    "time_squares": _number("days²", "Sum of their squares."),
    "y_sum": _number("log10", "Sum of the logarithms of the figures.", None),
    "time_y_sum": _number("days × log10", "Sum of days times logarithm.", None),
    "later_runs": _count("runs", "Runs on that day or after."),
    "later_time_sum": _number("days", "The same sum over the runs on that day or after.", None),
    "later_time_squares": _number("days²", "The same sum over the runs on that day or after."),
    "later_y_sum": _number("log10", "The same sum over the runs on that day or after.", None),
    "later_time_y_sum": _number("days × log10", "The same sum over the runs on that day or after.", None),
    "bend_sum": _number("days", "Sum of the days since that day, zero before it: the bend of a line there."),
    "bend_time_products": _number("days²", "Products of bend and day about their means.", None),
    "bend_left_squares": _number("days²", "Squares of the bend that a straight line leaves.", None),
    "bend_left_products": _number("days × log10", "Products of bend and logarithm that a straight line leaves.", None),
    "break_model": _text("Breaks in the line, and whether it is continuous there or may jump.", *BREAK_MODELS),
    "breaks": _count("breaks", "Number of breaks.", 0),
    "quarters_tried": _count("quarters", "Quarters at which a break was tried; of few, an interval says little."),
    "residual_oom": _number("orders of magnitude", "Root mean square distance of the runs from the line."),
    "bic": _number("", "Schwarz's criterion, up to a constant: the least is the best.", None),
    "bic_over_no_break": _number(
        "", "Its difference from a line without breaks; below zero a break is worth it.", None
    ),
    "is_chosen": Column(FLAG, "", "Whether Schwarz's criterion chooses the model for the series."),
    "first_break_on": Column(DATE, "", "First day after the first break; quarters are tried."),
    "first_break_low_on": Column(DATE, "", "Low end of its 95% interval by bootstrap of runs and figures."),
    "first_break_high_on": Column(DATE, "", "High end of its 95% interval by bootstrap of runs and figures."),
    "second_break_on": Column(DATE, "", "First day after the second break."),
    "second_break_low_on": Column(DATE, "", "Low end of its 95% interval by bootstrap of runs and figures."),
    "second_break_high_on": Column(DATE, "", "High end of its 95% interval by bootstrap of runs and figures."),
    "first_oom_per_year": _number("orders of magnitude/year", "Slope before the first break.", None),
    "second_oom_per_year": _number("orders of magnitude/year", "Slope after the first break.", None),
    "third_oom_per_year": _number("orders of magnitude/year", "Slope after the second break.", None),
    "first_doubling_months": _number("months", "Doubling time before the first break; negative if it falls.", None),
    "second_doubling_months": _number("months", "Doubling time after the first break; negative if it falls.", None),
    "third_doubling_months": _number("months", "Doubling time after the second break; negative if it falls.", None),
    "r_squared": _number("share", "Share of the variance of log10 the line explains.", 0, 1),
    "scheme": _text("A way of telling eras apart, with its author."),
    "era": _text("One span of a scheme."),
    "era_order": _count("", "Place of the era in its scheme.", 1),
    "starts_on": Column(DATE, "", "First day of the era; null if open."),
    "ends_on": Column(DATE, "", "First day after the era; null if open."),
    "chips_p10": _number("chips", "Chips a run, 10th percentile."),
    "chips_median": _number("chips", "Chips a run, median."),
    "chips_p90": _number("chips", "Chips a run, 90th percentile."),
    "runs_with_chips": _count("runs", "Runs whose number of chips is known."),
    "runs_with_peaks": _count("runs", "Runs whose chips' rated peak is known."),
    "rated_tflops_median": _number("TFLOPS", "Rated peak of the runs' chips, median; 1e12 FLOP/s."),
    "rated_tflops_p10": _number("TFLOPS", "Rated peak of the runs' chips, 10th percentile."),
    "rated_tflops_p90": _number("TFLOPS", "Rated peak of the runs' chips, 90th percentile."),
    "pfs_days_p10": _number("petaflop/s-days", "Training compute, 10th percentile."),
    "pfs_days_median": _number("petaflop/s-days", "Training compute, median."),
    "pfs_days_p90": _number("petaflop/s-days", "Training compute, 90th percentile."),
    "claimed_chips_low": _number("chips", "Low end of the author's claim."),
    "claimed_chips_high": _number("chips", "High end of the author's claim."),
    "claimed_tflops_low": _number("TFLOPS", "Low end of the author's claim."),
    "claimed_tflops_high": _number("TFLOPS", "High end of the author's claim."),
    "claimed_pfs_days_low": _number("petaflop/s-days", "Low end of the author's claim."),
    "claimed_pfs_days_high": _number("petaflop/s-days", "High end of the author's claim."),
    "chips_verdict": _text(
        "Does the median lie in the claimed range?", "agrees", "below", "above", "too few", "no claim"
    ),
    "tflops_verdict": _text(
        "Does the median lie in the claimed range?", "agrees", "below", "above", "too few", "no claim"
    ),
    "pfs_days_verdict": _text(
        "Does the median lie in the claimed range?", "agrees", "below", "above", "too few", "no claim"
    ),
    "runs_with_compute": _count("runs", "Runs whose training compute is known."),
    "claimed_doubling_months": _number("months", "Doubling time the author gives."),
    "claimed_doubling_months_low": _number("months", "Low end of the author's claim."),
    "claimed_doubling_months_high": _number("months", "High end of the author's claim."),
    "claimed_selection": _text("Selection the claimed doubling time is about; any where empty."),
    "doubling_verdict": _text(
        "Does our 95% interval of the doubling time meet the claimed one? Below is faster.",
        "agrees",
        "below",
        "above",
        "too few",
        "no claim",
    ),
    "techniques": _text("What lifted the limits in the span, separated by semicolons."),
    "frontier_run_id": _text("Largest run of the span, among the ten largest at their publication."),
    "frontier_run_name": _text("Its name."),
    "frontier_run_pfs_days": _number("petaflop/s-days", "Its training compute."),
    "claim": _text("What the author says, in our words."),
    "from_run_id": _text("Earlier run of the comparison."),
    "to_run_id": _text("Later run of the comparison."),
    "from_on": Column(DATE, "", "Date of the earlier run."),
    "to_on": Column(DATE, "", "Date of the later run."),
    "months": _number("months", "Time between the two, months of 365.25/12 days."),
    "from_value": _number("", "Value of the earlier run, in the metric's unit."),
    "to_value": _number("", "Value of the later run, in the metric's unit."),
    "growth_factor": _number("times", "Later over earlier."),
    "two_year_doubling_factor": _number("times", "What a doubling every 24 months gives over the same time."),
    "endpoint_doubling_months": _number(
        "months", "Doubling time that leads from the one to the other; negative if it falls.", None
    ),
    "is_record": Column(FLAG, "", "Larger than every earlier run."),
    "rank_at_publication": _count("", "Place among the runs published up to that day; 1 is the largest.", 1),
    "factor_over_previous_record": _number("times", "Over the largest earlier run; null for the first."),
    "driver": _text("One of the three forces the essay names.", "compute", "data", "algorithms"),
    "driver_status": _text("Whether this record measures it.", "measured", "out of reach"),
    "explanation": _text("What is measured, or why it can't be; of two figures, why they differ."),
    "licence": _text("Licence of the source's data, or of the paper itself where the fact is of a paper."),
    "attribution": _text("Words its licence asks for."),
    "homepage": _text("Where the source's terms and data stand."),
    "version": _count("", "Our own sequence of published versions: 1, 2, 3 …", 1),
    "snapshot_id": _count("", "DuckLake snapshot of the version.", 0),
    "published_at": Column(TIME, "", "When the version was committed (UTC)."),
    "code_version": _text("Version of the code and a hash of its SQL, assumptions and modules."),
    "manifest": _text("What the version is made of: documents in force, as JSON."),
    "message": _text("One line on the version."),
    "code_commit": _text("Commit of the program that made the version; a + where files differed from it."),
    "lock_hash": _text("Hash of the locked packages the version was made with."),
    "rows": _count("rows", "Rows of a table."),
    "content_hash": _text(
        "Hash of a table's rows, whatever their order: MD5 of each row as JSON, all combined by XOR."
    ),
    "table_name": _text("Schema and table."),
}

# What changed from version to version.
_HISTORY = {
    "edition": _text(
        "The version before, its documents by today's code, or this version.", "earlier", "recast", "now"
    ),
    "from_version": _count("", "The version that this one is compared with.", 1),
    "revision_rank": _count("", "Place of the change in its version: what matters most to readers first; from 1.", 1),
    "revision_class": _count("", "Order in which kinds of change are told; from 1.", 1),
    "row_id": _text("The row: run_id, chip_id, paper_id, or the parts of its key with bars between them."),
    "change": _text(
        "What became of a row (added, removed, renamed) or a cell (filled, emptied, changed); any in a rule.",
        "added", "removed", "renamed", "filled", "emptied", "changed", "any",
    ),
    "old_value": _text("As the version before has it, figures to the last digit that counts; the name of a row removed."),
    "new_value": _text("As this version has it; the name of a row added."),
    "old_number": _number("", "The figure before, in column unit; null for words and cells of several values.", None),
    "new_number": _number("", "The figure now.", None),
    "is_derived": Column(FLAG, "", "Whether it follows from changes of source cells or of the program."),
    "revision_cause": _text(
        "Whether sources say otherwise, or assumptions or code do, or both.", "sources", "assumptions or code", "both"
    ),
    "circumstance": _text(
        "Of a row added or removed, and of a column, how.",
        "new", "returned", "source taken in", "deleted", "outside the view", "source left out", "column new", "column gone",
    ),
    "old_document_id": _text("Document in which the old value stands."),
    "new_document_id": _text("Document in which the new value stands, or that of the source in which the row is not any more."),
    "run_standing": _text("Whether the run is in both editions, in the new or the old one only.", "both", "new", "removed"),
    "old_published_on": Column(DATE, "", "Day of publication as the version before has it."),
    "new_published_on": Column(DATE, "", "Day of publication now."),
    "old_log10_value": _number("", "log10 of the figure before.", None),
    "new_log10_value": _number("", "log10 of the figure now.", None),
    "was_member": Column(FLAG, "", "Whether the run was in the selection."),
    "is_member": Column(FLAG, "", "Whether the run is in the selection."),
    "changes_made": _count(
        "", "Sum of 1 new runs, 2 removed runs, 4 revised compute, 8 revised dates, 16 changed selection.", 0
    ),
    "part": _text(
        "What the trend moved for; not separable where too few runs are left on every way.",
        "new runs", "removed runs", "revised compute", "revised dates", "changed selection", "assumptions or code",
        "not separable",
    ),
    "runs_before": _count("runs", "Runs of the line in the version before."),
    "runs_after": _count("runs", "Runs of the line now."),
    "runs_concerned": _count("runs", "Runs the part is about."),
    "oom_per_year_before": _number("orders of magnitude/year", "Slope in the version before.", None),
    "oom_per_year_after": _number("orders of magnitude/year", "Slope now.", None),
    "oom_per_year_change": _number("orders of magnitude/year", "What the part, or the run alone, adds to the slope.", None),
    "doubling_months_before": _number("months", "Doubling time in the version before.", None),
    "doubling_months_after": _number("months", "Doubling time now.", None),
    "doubling_months_change": _number("months", "What the part adds to the doubling time.", None),
    "leading_run_id": _text("The run of the part that would move the earlier slope most, were it the only one to change."),
    "leading_oom_per_year_change": _number("orders of magnitude/year", "By how much that run alone would.", None),
    "is_in_earlier": Column(FLAG, "", "Whether the version before has the row."),
    "is_in_recast": Column(FLAG, "", "Whether today's code has the row of the earlier version's documents."),
    "is_in_now": Column(FLAG, "", "Whether this version has the row."),
}  # fmt: skip

# Forces, thresholds of law and the look forward.
_AHEAD = {
    "force": _text(
        "What moves training compute.",
        "hardware",
        "parallelism",
        "data",
        "parameters",
        "cost",
        "power",
        "decomposition",
    ),
    "selections": _text("Selections the chip or run is in for the metric, separated by semicolons."),
    "item_id": _text("Chip or run of the point."),
    "dated_on": Column(DATE, "", "Day of the chip's release or the run's publication."),
    "points": _count("points", "Chips or runs the line is fitted to."),
    "growth_per_year_low": _number("times/year", "Low end of its 95% interval."),
    "growth_per_year_high": _number("times/year", "High end of its 95% interval."),
    "claim_id": _text(
        "Number of a published result (C01 …, a letter for a part of one) or of a sentence of the essay (E01 …)."
    ),
    "claimant": _text("Who published the result."),
    "result": _text("What was found, in our words."),
    "subset": _text("Runs or chips the result is about, in our words."),
    "comparison": _text(
        "How the figure is to be met: nearly, to the last digit printed, or as a lower bound.",
        "near",
        "exactly",
        "at least",
    ),
    "published_value": _number("", "The figure as published, in the unit of the row; empty where none was printed."),
    "published_low": _number("", "Low end of the published interval or range."),
    "published_high": _number("", "High end of it."),
    "published_share": _number(
        "share", "Probability the published interval is said to hold; empty for a mere range.", 0, 1
    ),
    "published_items": _count("", "Runs or chips the published figure rests on."),
    "last_digit": _number("", "Unit of the last digit printed."),
    "figure": _text(
        "Name of our figure: table, row and field, as metric_trends/parameters/notable/from_2010/growth_per_year."
    ),
    "needs_dataset": _text("Table of Epoch AI's that a claim can only be checked on.", "models", "chips"),
    "snapshot_since_on": Column(DATE, "", "Date of the oldest release of that table the claim is about; empty if any."),
    "snapshot_until_on": Column(DATE, "", "Date of the newest release of that table the claim is about; empty if any."),
    "needed": _text("What it takes to check the claim."),
    "difference": _text("Known reason why ours may differ; no verdict depends on it."),
    "our_value": _number("", "Our figure, in the unit of the claim.", None),
    "our_value_low": _number("", "Low end of its 95% interval.", None),
    "our_value_high": _number("", "High end of its 95% interval.", None),
    "our_items": _count("", "Runs or chips our figure rests on."),
    "our_over_published": _number("times", "Our figure over the published one.", None),
    "result_verdict": _text(
        "What becomes of a published result on this version.", "reproduced", "overlaps", "differs", "not testable here"
    ),
    "true_from": _number("", "Least figure that makes the sentence true; empty if open."),
    "true_to": _number("", "Largest figure that makes the sentence true; empty if open."),
    "reading": _text("How the sentence is read as a range."),
    "essay_verdict": _text("Whether the data bear the sentence out.", "holds", "does not hold", "not measurable"),
    "line": _text("Named points a line goes through: a published list, a developer's largest runs, chips per dollar."),
    "developer": _text("House whose runs are looked at together."),
    "organisation_words": _text(
        "Words, by semicolons, one of which is in the name of each of its organisations, in lower case."
    ),
    "sum_name": _text("A worked example printed by its author."),
    "sum_author": _text("Author of the example."),
    "sum_term": _count("", "Which product of the sum, from 1.", 1),
    "factor_order": _count("", "Place of the factor in its product, from 1.", 1),
    "exponent": _number("", "Power the factor is raised to: -1 divides.", None),
    "printed_value": _number("", "Result as printed by the author."),
    "growth_part": _text(
        "Factor of training compute: operations are chips x peak x utilisation x time.",
        "whole",
        "chips",
        "peak",
        "utilisation",
        "time",
    ),
    "part_of_whole": _number("", "Slope of the factor over that of training compute; the four add up to 1.", None),
    "chips_compared": _count("chips", "Chips that run the format faster than FP32."),
    "multiple_of_fp32": _number("times", "Peak rate of the format over FP32 on one chip, geometric mean."),
    "multiple_of_fp32_low": _number("times", "Low end of its 95% interval (Student's t on the logarithm)."),
    "multiple_of_fp32_high": _number("times", "High end of its 95% interval."),
    "compute_threshold": _text("A compute threshold of a law or proposal."),
    "limit_flop": _number("FLOP", "Operations above which a model falls under the rule."),
    "jurisdiction": _text("Where the rule holds or would hold."),
    "instrument": _text("Law, order or guideline that sets the threshold."),
    "threshold_status": _text(
        "What has become of the rule: adopted is signed and not yet applied.",
        "in force",
        "adopted",
        "rescinded",
        "vetoed",
        "proposed",
    ),
    "counting": _text(
        "Which operations count: of the run alone, or with those of the model it starts from.",
        "final_run",
        "cumulative",
    ),
    "covered_domains": _text("Domains the rule covers, in lower case, separated by semicolons; empty for all."),
    "adopted_on": Column(DATE, "", "Day the rule was signed or published; empty if it never was."),
    "applies_on": Column(DATE, "", "Day from which it applies, or would have applied."),
    "ended_on": Column(DATE, "", "Day it was vetoed or rescinded."),
    "counted_compute_flop": _number("FLOP", "Training compute as the threshold counts it."),
    "counted_compute_flop_low": _number("FLOP", "Low end of its 90% interval."),
    "counted_compute_flop_high": _number("FLOP", "High end of its 90% interval."),
    "crossing_probability": _number("", "Probability that the run lies above the threshold.", 0, 1),
    "is_lower_bound": Column(
        FLAG, "", "Whether the rule counts cumulatively and the figure is of a final run: the truth is no smaller."
    ),
    "count_basis": _text("Counted in the record, or projected from its last whole year.", "record", "projected"),
    "is_part_of_year": Column(FLAG, "", "Whether the record ends within the year."),
    "expected_runs": _number("runs", "Sum over the year's runs of the probability to lie above the threshold."),
    "expected_runs_low": _number(
        "runs", "Low end of the 90% interval of the year's count; a projected one at the low end of the slope."
    ),
    "expected_runs_high": _number(
        "runs", "High end of the 90% interval of the year's count; a projected one at the high end of the slope."
    ),
    "cumulative_runs": _number("runs", "The same over all years up to this one."),
    "cumulative_runs_low": _number("runs", "Low end of the 90% interval of that count."),
    "cumulative_runs_high": _number("runs", "High end of the 90% interval of that count."),
    "milestone": _text("What the largest run would reach."),
    "level_value": _number("", "The level, in the unit of the metric, on its day (level_on)."),
    "level_on": Column(DATE, "", "Day of the level, which may grow."),
    "level_growth_per_year": _number("times/year", "Factor a year by which the level itself grows; 1 if it does not."),
    "scenario": _text("How fast the trend goes on."),
    "pace": _number("", "Slope of the scenario over that of the trend.", 0),
    "reached_on": Column(DATE, "", "Day on which the line reaches the level; empty if never or out of sight."),
    "earliest_on": Column(DATE, "", "Early end of its 90% interval."),
    "latest_on": Column(DATE, "", "Late end of its 90% interval; empty if never or out of sight."),
    "never_share": _number("share", "Share of the resampled lines that never reach the level.", 0, 1),
    "fleet": _text("All chips of some designers in use on a day."),
    "fleet_flop_per_second": _number("FLOP/s", "Peak of the fleet, 16-bit formats, no sparsity."),
    "known_on": Column(DATE, "", "Day of the figure."),
    "valid_from_on": Column(DATE, "", "First day for which the growth was found."),
    "cluster_flop_per_second": _number("FLOP/s", "Peak of the run's chips together."),
    "fleet_share": _number("share", "Peak of the run's chips over that of the fleet."),
    "whole_fleet_hours": _number("hours", "Time in which the whole fleet at its peak would do the run."),
    "is_extrapolated": Column(FLAG, "", "Whether the run is younger than the figure of the fleet."),
    "forecast": _text("A published forecast."),
    "made_on": Column(DATE, "", "Day the forecast was published."),
    "due_on": Column(DATE, "", "Day for which it was made."),
    "claimed_low": _number("", "Low end of the forecast, in the unit of the metric; empty if open."),
    "claimed_high": _number("", "High end of the forecast; empty if open."),
    "found_value": _number("", "Largest figure or count in the record up to the day due."),
    "is_due": Column(FLAG, "", "Whether the record reaches to the day due."),
    "found_verdict": _text(
        "Where what was found lies against the forecast.",
        "agrees",
        "below",
        "above",
        "fewer in the record",
        "not yet due",
        "no data",
    ),
    "projected_value": _number("", "Where our own line stands on the day due; empty if that is past."),
    "projected_low": _number("", "Low end of its interval: 95% of the slope, of counts 90%."),
    "projected_high": _number("", "High end of its interval."),
    "projected_verdict": _text(
        "Where our own line lies against the forecast.",
        "agrees",
        "below",
        "above",
        "fewer in the record",
        "no data",
        "past",
    ),
}

# The release gate: what it measures, what it asked, what it found.
_GATE = {
    "measure": _text("What the release gate measures: rows, filled_share, median, headline …"),
    "measured_of": _text("Which rows of the table are measured: all, or those of a kind, or a headline."),
    "counted_rows": _count("rows", "Rows the measure rests on; of a distance to the version before, its rows."),
    "counted_rows_before": _count("rows", "The same in the version before."),
    "value_before": _number("", "The figure in the version before; empty where there is none.", None),
    "bound_kind": _text(
        "What the ends of a band are: figures; from value_share to bound_high times the figure before; changes of it.",
        "absolute", "times before", "plus before",
    ),
    "bound_low": _number("", "Low end of the band, but of multiples (value_share); empty where there is none.", None),
    "bound_high": _number("", "High end of the band; empty where there is none.", None),
    "fewest_rows": _count("rows", "Rows a measure must rest on for the band to hold: before, or now of an absolute one."),
    "is_for_same_sources": Column(
        FLAG, "", "Whether the band holds only where the version before was made of the same sources."
    ),
    "expectation": _text("Great Expectations' name of what was asked; SQL where a first version met every band by its SQL."),
    "observed_value": _number("", "What the gate found; empty where there was nothing.", None),
    "observed_before": _number("", "The same in the version before, by the same formula; empty where there is none.", None),
    "expected_low": _number("", "Least that was expected; empty where there is no least.", None),
    "expected_high": _number("", "Most that was expected; empty where there is no most.", None),
    "is_met": Column(FLAG, "", "Whether the expectation is met."),
    "was_allowed": Column(FLAG, "", "Whether the version was published although this is not met, by --allow-shrink."),
}  # fmt: skip

# Notes kept for the estimates to come; never shown as numbers.
_NOTES = {
    "parameters_notes": _text("The source's notes on the parameters."),
    "training_compute_notes": _text("The source's notes on its compute figure; no estimate reads them."),
    "dataset_size_notes": _text("The source's notes on the dataset size."),
    "training_time_notes": _text("The source's notes on the training time."),
    "utilisation_notes": _text("The source's notes on utilisation."),
    "batch_size_notes": _text("The source's notes on the batch size."),
    "training_dataset": _text("Names of the training sets."),
    "abstract": _text("Abstract of the paper."),
}

# Columns of assumption rows alone.
_ASSUMPTION = {
    "spelling": _text("A name as some source spells it."),
    "word": _text("A word as compared, lower case."),
    "role": _text("What a word of a hardware name says.", "left out", "form", "unit", "processor"),
    "rate_format": _text("Format whose peak counts where another is stated.", *FORMATS, "unstated"),
    "cores_per_chip": _number("cores", "Cores that the number of a slice counts for each chip.", 1),
    "value_share": _number("share", "The assumed share.", 0, 1),
    "factor": _number("times", "One figure over another: as assumed, or new over old."),
    "applies_to": _text("What the row is about."),
    "data_unit": _text("What one datapoint is.", "tokens", "words", "examples", "unknown"),
    "tokens_per_datapoint": _number("tokens", "Tokens one datapoint stands for; empty where it is no text."),
    "precedence": _count("", "1 wins over 2.", 1),
    "profile": _text("Named set of assumptions."),
    "utilisation_rule": _text("Row of assumptions/utilisation.csv, in words."),
    "chip_generation": _text("Chips alike in the formats their matrix units take."),
    "utilisation_share": _number("share", "The assumed share of the peak.", 0, 1),
    "reported_runs": _count("runs", "Runs on whose reported shares the figure is fitted, sister runs counted once."),
    "value_from": _text("The wrong cell expected in the source."),
    "value_to": _text("What it should be."),
    "peak_column": _text("Column of clean.chips."),
    "bound": _text("exact, or upper where the author gives less-than.", "exact", "upper"),
    "headline": Column(FLAG, "", "Shown first to readers."),
    "unit_from": _text("Unit as stated."),
    "unit_to": _text("Unit of the quantity."),
    "threshold": _text("What the limit is for."),
    "constant": _text("What the figure is a constant of."),
    "organisation_word": _text("Word in lower case that tells a developer in the names of organisations."),
    "power_usage_effectiveness": _number("times", "Draw of the data centre over that of its computers.", 1),
    "discount_1_year_share": _number("share", "Discount on the price on demand for one year's commitment.", 0, 1),
    "discount_3_years_share": _number("share", "Discount on the price on demand for three years' commitment.", 0, 1),
    "electricity_price_usd": _number("USD/kWh", "Price of electricity, dollars of the year."),
    "note_pattern": _text("Regular expression that finds words in the note of a price."),
    "limit_value": _number("", "The limit.", None),
    "top": Column(COUNT, "runs", "How many of the largest at publication make the selection.", 1, 20),
    "technique": _text("A way of training more."),
    "limit_lifted": _text("What it is no longer limited by."),
}

COLUMNS: dict[str, Column] = {
    **_PROVENANCE,
    **_RUN,
    **_CHIP,
    **_PAPER,
    **_COST,
    **_COMPARISON,
    **_BENCHMARK,
    **_TREND,
    **_HISTORY,
    **_AHEAD,
    **_GATE,
    **_NOTES,
    **_ASSUMPTION,
}

_RUN_NUMBERS = (
    "parameters", "active_parameters", "tokens_seen", "dataset_tokens", "dataset_words", "dataset_examples",
    "dataset_datapoints", "examples_seen", "epochs", "forward_flop_per_example", "training_repeats", "time_repeats", "batch_size",
    "training_steps", "tokens_per_second", "sequence_length", "chips", "training_hours", "chip_hours", "mfu", "hfu",
    "utilisation", "training_power_watts",
)  # fmt: skip
_RUN_COMPUTE = (
    "training_compute_flop", "training_compute_flop_low", "training_compute_flop_high", "finetune_compute_flop",
    "training_cost_usd", "training_cost_usd_2020", "training_cost_usd_2023",
)  # fmt: skip
_RUN_TEXTS = (
    "run_name", "published_on", "organisations", "countries", "organisation_type", "domain", "openness", "is_notable",
    "is_frontier_by_source", "is_excluded_by_source", "compute_scope", "base_run_name", "paper_link", "reference",
    "run_kind", "training_hardware", "chip_id", "number_format", "number_formats", "dataset_gradients", "confidence",
    "network_kind",
)  # fmt: skip
_RUN_COMPUTE_TEXTS = ("compute_estimation_method",)
CHIP_NUMBERS = tuple(
    name for name, column in _CHIP.items()
    if column.type == NUMBER and name not in (
        "peak_flop_per_second", "price_usd", "price_index", "price_on_demand_usd", "price_commit_1_year_usd",
        "price_commit_3_years_usd", "price_purchase_usd")
)  # fmt: skip
_CHIP_TEXTS = ("chip_name", "vendor", "chip_kind", "released_on")
# Organisations and countries, which papers have too, stand among the quantities of runs.
_PAPER_QUANTITIES = (
    "arxiv_id", "doi", "title", "authors", "first_version_on", "journal_published_on", "year", "journal",
    "journal_reference", "work_kind", "licence", "citations", "is_retracted",
)  # fmt: skip


def _quantity(subject: str, name: str, states_compute: bool) -> Quantity:
    column = COLUMNS[name]
    unit = column.unit if column.type in (NUMBER, COUNT) else ""
    return Quantity(subject, unit, column.meaning, column.minimum, column.maximum, states_compute)


QUANTITIES: dict[str, Quantity] = {
    **{name: _quantity("run", name, False) for name in _RUN_NUMBERS + _RUN_TEXTS},
    **{name: _quantity("run", name, True) for name in _RUN_COMPUTE + _RUN_COMPUTE_TEXTS},
    **{name: _quantity("chip", name, False) for name in CHIP_NUMBERS + _CHIP_TEXTS},
    **{name: _quantity("paper", name, False) for name in _PAPER_QUANTITIES},
}
