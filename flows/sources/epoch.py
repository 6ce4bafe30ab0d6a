"""Epoch AI's exports: models, chips, prices and the deflator, whose headers drift between editions."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from flows.facts import COLUMNS, Fact, facts_in
from flows.network_kinds import active_parameters_in, kind_in
from flows.rows import Rows, read_rows
from flows.sources import About, Ask, Scope, SourceSettings

ABOUT = About(
    title="Epoch AI: AI models, machine learning hardware, prices",
    licence="CC BY 4.0",
    attribution="Epoch AI, “Data on AI Models” and “Machine Learning Hardware”, epoch.ai/data, CC BY 4.0",
    homepage="https://epoch.ai/data",
    rhythm="daily",
    terms="free to use with attribution",
    is_proven=True,
)
FILES = ("models", "chips", "prices", "deflator")
DATASETS = {"models": "epoch_models", "chips": "epoch_chips", "prices": "epoch_prices", "deflator": "epoch_deflator"}
SIGHTINGS = {
    "epoch_models": (
        "run",
        {
            "run_name": "run_name",
            "paper_link": "paper_link",
            "published_on": "published_on",
            "parameters": "parameters",
        },
    ),
    "epoch_chips": ("chip", {"chip_name": "chip_name"}),
}

# Two spellings share a line only where meaning and unit are the same. "datapoints" and "gradients", utilisation of no
# stated kind, MFU and HFU, and dollars of different years are different quantities and have lines of their own.
_HEADERS: dict[str, dict[str, tuple[str, ...]]] = {
    "models": {
        "run_name": ("Model", "System"),
        "domains": ("Domain",),
        "organisations": ("Organization",),
        "organisation_categories": ("Organization categorization",),
        "countries": ("Country (of organization)", "Country (from Organization)"),
        "published_on": ("Publication date",),
        "reference": ("Reference",),
        "paper_link": ("Link",),
        "notability_criteria": ("Notability criteria",),
        "parameters": ("Parameters",),
        "parameters_notes": ("Parameters notes",),
        "training_compute_flop": ("Training compute (FLOP)",),
        "training_compute_notes": ("Training compute notes",),
        "training_compute_flop_low": ("Training compute lower bound",),
        "training_compute_flop_high": ("Training compute upper bound",),
        "compute_estimation_method": ("Training compute estimation method",),
        "confidence": ("Confidence",),
        "training_dataset": ("Training dataset",),
        "dataset_datapoints": ("Training dataset size (datapoints)",),
        "dataset_gradients": ("Training dataset size (gradients)",),
        "dataset_size_notes": ("Dataset size notes",),
        "epochs": ("Epochs",),
        "training_hours": ("Training time (hours)",),
        "training_time_notes": ("Training time notes",),
        "training_hardware": ("Training hardware",),
        "chips": ("Hardware quantity",),
        "chip_hours": ("Training chip-hours",),
        "utilisation": ("Hardware utilization",),
        "mfu": ("Hardware utilization (MFU)",),
        "hfu": ("Hardware utilization (HFU)",),
        "utilisation_notes": ("Utilization notes",),
        "number_formats": ("Numerical format",),
        "base_run_name": ("Base model",),
        "finetune_compute_flop": ("Finetune compute (FLOP)",),
        "batch_size": ("Batch size",),
        "batch_size_notes": ("Batch size notes",),
        "model_accessibility": ("Model accessibility", "Open-source"),
        "is_frontier_by_source": ("Frontier model",),
        "is_excluded_by_source": ("Exclude",),
        "training_power_watts": ("Training power draw (W)",),
        "training_cost_usd_2020": ("Training compute cost (2020 USD)",),
        "training_cost_usd_2023": ("Training compute cost (2023 USD)",),
        "abstract": ("Abstract",),
    },
    "chips": {
        "chip_name": ("Hardware name", "Name of the hardware"),
        "vendor": ("Manufacturer",),
        "chip_kind_text": ("Type",),
        "released_on": ("Release date",),
        "launch_price_usd": ("Release price (USD)",),
        "peak_fp64": ("FP64 (double precision) performance (FLOP/s)", "FP64 (double precision) Performance (FLOP/s)"),
        "peak_fp32": ("FP32 (single precision) performance (FLOP/s)", "FP32 (single precision) Performance (FLOP/s)"),
        "peak_fp16_vector": (
            "FP16 (half precision) performance (FLOP/s)",
            "FP16 (half precision) Performance (FLOP/s)",
        ),
        "peak_tf32_dense": ("TF32 (TensorFloat-32) performance (FLOP/s)", "Tensor Float 32 (TF32)"),
        "peak_tensor_16bit": ("Tensor-FP16/BF16 performance (FLOP/s)", "FP16 Tensor Core"),
        "peak_int8": ("INT8 performance (OP/s)", "INT8 Performance (OP/s)"),
        "peak_fp8_dense": ("FP8 performance (FLOP/s)",),
        "peak_fp4_dense": ("FP4 performance (FLOP/s)",),
        "memory_bytes": ("Memory (bytes)", "Memory size per board (Byte)"),
        "memory_bandwidth_bytes_per_second": ("Memory bandwidth (byte/s)", "Memory Bandwidth (Byte/s)"),
        "tdp_watts": ("TDP (W)",),
        "process_nm": ("Process size (nm)", "Process Size (nm)"),
    },
    "prices": {
        "price_source": ("Price source",),
        "priced_on": ("Price date",),
        "chip_name": ("Hardware model",),
        "price_vendor": ("Vendor",),
        "price_location": ("Location",),
        "price_on_demand_usd": ("Price per chip-hour (on-demand)",),
        "price_commit_1_year_usd": ("Price per chip-hour (1-year CUD)",),
        "price_commit_3_years_usd": ("Price per chip-hour (3-year CUD)",),
        "price_purchase_usd": ("Price (hardware purchase)",),
        "note": ("Notes",),
    },
    "deflator": {"month_on": ("observation_date",), "price_index": ("PCU518210518210",)},
}
_REQUIRED = {
    "models": ("run_name", "published_on", "domains", "parameters", "training_compute_flop"),
    "chips": ("chip_name", "released_on", "peak_fp32"),
    "prices": ("chip_name", "priced_on"),
    "deflator": ("month_on", "price_index"),
}
_TEXT_FACT = ("column_name", "quantity", "value", "value_text", "unit", "quote", "position")
# Known and not used yet; any other header is new and is reported.
_IGNORED = {
    "models": (
        "Task", "Authors", "Notability criteria notes", "Citations", "Training dataset notes", "Inference compute (FLOP)",
        "Inference compute notes", "Name of the hardware (from Training hardware)", "Approach", "Compute cost notes",
        "Compute sponsor categorization", "Last modified", "Created By", "Benchmark data", "Organization (from Organization)",
        "Finetune compute notes", "Authors by country", "Training cost trends", "Training cost trends 2",
        "Training cost trends 3", "Training cloud compute vendor", "Training data center", "Archived links",
        "Foundation model", "Code accessibility", "Dataset accessibility", "Accessibility notes",
        "Organization categorization (from Organization)", "Possibly over 1e23 FLOP", "Training code accessibility",
        "Inference code accessibility", "Hugging Face developer id", "Post-training compute (FLOP)",
        "Post-training compute notes", "Hardware acquisition cost", "Training compute cost (cloud)",
        "Training compute cost (upfront)",
    ),
    "chips": (
        "INT16 Performance (OP/s)", "INT16 performance (OP/s)", "INT4 performance (OP/s)", "Intranode bandwidth (byte/s)",
        "Internode bandwidth (bit/s)", "LambdaLabs FP32 ResNet-50 Pytorch Throughput (samples/s)",
        "LambdaLabs FP32 ResNet-50 Pytorch throughput (samples/s)", "Die Size (mm^2)", "Base Clock (MHz)",
        "Base clock (MHz)", "Boost Clock (MHz)", "Boost clock (MHz)", "Memory Clock (MHz)", "Memory clock (MHz)",
        "Memory bus (bit)", "Shading units", "TMUs", "ROPs", "SM count", "Tensor cores", "RT cores", "Foundry",
        "Number of transistors in million", "Number of transistors (millions)", "Transistors (millions)",
        "Prominent Years of usage", "Prominent years of usage", "Google Cloud pricing ($ per hour) data from 17 dec 2022",
        "Link to datasheet", "Source for the Price", "Source for the price", "ALL ML SYSTEMS", "All ML Systems copy",
        "Hardware prices", "ML models", "ML hardware", "Last modified", "Number of ML models trained", "Max performance",
        "Energy efficiency", "Energy efficiency (16-bit)", "Created by", "Unverified", "Datasheet", "Bit length",
        "Performance (TOPS)", "Notes", "Total processing performance (bit-OP/s)", "Price-performance", "ML OP/s",
    ),
    "prices": ("Manufacturer", "Cloud GPU description", "Number of GPUs"),
    "deflator": (),
}  # fmt: skip


class Settings(SourceSettings):
    """Where Epoch's downloads are."""

    rate: str = "1/1"
    models_url: str = "https://epoch.ai/data/all_ai_models.csv"
    chips_url: str = "https://epoch.ai/data/ml_hardware.csv"


SETTINGS = Settings


def crawl(get: Callable[[Ask], bytes], scope: Scope, dataset: str) -> None:
    """Ask for the current export of a dataset; prices and the deflator are no downloads and come as files only."""
    urls = {"models": scope.settings.models_url, "chips": scope.settings.chips_url}
    if dataset in urls:
        get(Ask(urls[dataset], page=dataset))


def parse(dataset: str, content: bytes, document: str) -> dict[str, Rows]:
    """The rows of one export under the raw table of its dataset, and what the notes of models state under another.

    Raises SchemaBreak where a required header is missing.
    """
    rows = read_rows(content, document, _HEADERS[dataset], _REQUIRED[dataset], _IGNORED[dataset])
    return {DATASETS[dataset]: rows, **({"epoch_text_facts": _text_facts(rows)} if dataset == "models" else {})}


def _text_facts(models: Rows) -> Rows:
    """What the notes and abstracts state, a fact a row; notes on compute are not read."""
    there = [name for name in COLUMNS if name in models.headers]
    frame = models.frame.select("row_number", "run_name", *there)
    records = [
        {"row_number": row["row_number"], "column_name": name, **_text_record(row[name], fact, quantity)}
        for row in frame.iter_rows(named=True)
        for name in there
        for fact in facts_in(row[name], name, row["run_name"])
        for quantity in (fact.quantity, *(["training_hardware"] if fact.words else []))
    ]
    records += [record for row in frame.iter_rows(named=True) for record in _kind_records(row)]
    types = {"row_number": pl.Int64, **dict.fromkeys(_TEXT_FACT, pl.String)}
    # Chips and the hours of chips may both name the hardware; a figure of a note goes before the same of the name.
    key = ["row_number", "column_name", "quantity", "unit"]  # a batch may be counted in tokens and in examples
    found = pl.DataFrame(records, schema=types).unique(key, keep="first")
    return Rows(found.sort(key), [], [], is_derived=True)


def _kind_records(row: dict) -> list[dict]:
    """The kind of network and the parameters a token meets, as name, notes and abstract tell them."""
    place = {"row_number": row["row_number"], "unit": None}
    texts = [(name, row[name]) for name in ("run_name", "parameters_notes", "abstract") if row.get(name)]
    records = [
        {
            **place,
            "column_name": name,
            "quantity": "network_kind",
            "value_text": kind.network_kind,
            "quote": kind.sentence,
            "position": str(kind.start + 1),
        }
        for name, text in texts
        if (kind := kind_in(text, name))
    ]
    if row["run_name"] and (named := active_parameters_in(row["run_name"])):
        value, words, start = named
        spelled = {"value": repr(value), "value_text": words, "unit": "parameters"}
        told = {"quote": row["run_name"], "position": str(start + 1)}
        records.append(place | {"column_name": "run_name", "quantity": "active_parameters", **spelled, **told})
    return records


def _text_record(text: str, fact: Fact, quantity: str) -> dict[str, str | None]:
    """The cells of one fact; the hardware of a count of chips is a fact of its own."""
    is_words = quantity == "training_hardware"
    return {
        "quantity": quantity,
        "value": None if is_words else repr(fact.value),
        "value_text": fact.words if is_words else " ".join(text[fact.start : fact.end].split()),
        "unit": None if is_words else fact.unit,
        "quote": fact.sentence,
        "position": str(fact.start + 1),
    }
