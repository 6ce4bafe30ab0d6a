"""Our own cited facts: training runs and chips, each figure with its source, place and what it was compared with."""

from __future__ import annotations

from pathlib import Path

from flows.rows import Rows, read_rows
from flows.sources import About

FOLDER = Path(__file__).resolve().parent

ABOUT = About(
    title="Curated facts of this project",
    licence="Apache-2.0; figures taken from Epoch AI's tables: CC BY 4.0",
    attribution="aicompute contributors, each figure's own source beside it; Epoch AI, epoch.ai/data, CC BY 4.0",
    homepage="flows/sources/curated",
    rhythm="with each release of the code",
)
DATASETS = {
    "runs": "curated_runs",
    "run_facts": "curated_run_facts",
    "chips": "curated_chips",
    "chip_facts": "curated_chip_facts",
    "sources": "curated_sources",
}
SIGHTINGS = {
    "curated_runs": ("run", {"run_name": "run_name", "stated_run_id": "run_id", "published_on": "published_on"}),
    "curated_chips": ("chip", {"chip_name": "chip_name", "stated_chip_id": "chip_id"}),
    "curated_sources": ("paper", {"title": "title", "year": "year", "paper_link": "url"}),
}

_FACT = ("quantity", "unit", "source_id", "checked_against", "note")
_HEADERS = {
    "runs": (
        "run_id", "run_name", "published_on", "organisations", "countries", "organisation_type", "domain", "openness",
        "is_notable", "compute_scope", "base_run_id", "source_id", "note",
    ),
    "run_facts": ("run_id", *_FACT),
    "chips": ("chip_id", "chip_name", "vendor", "chip_kind", "note"),
    "chip_facts": ("chip_id", *_FACT),
    "sources": ("source_id", "title", "year", "url"),
}  # fmt: skip


def fetch(dataset: str) -> tuple[str, bytes]:
    """The CSV of one dataset as it lies in the package: its file name and bytes."""
    path = FOLDER / f"{dataset}.csv"
    return path.name, path.read_bytes()


def works() -> list[str]:
    """Ids of the works that state curated figures, as they stand in sources.csv."""
    return (
        read_rows(fetch("sources")[1], "sources.csv", {"source_id": ("source_id",)}, ("source_id",))
        .frame["source_id"]
        .to_list()
    )


def parse(dataset: str, content: bytes, document: str) -> dict[str, Rows]:
    """The rows of one curated CSV under the raw table of its dataset; raises SchemaBreak where a header is missing."""
    names = {name: (name,) for name in _HEADERS[dataset]}
    if dataset.endswith("_facts"):
        names |= {"value_text": ("value",), "where_in_source": ("where",)}
    return {DATASETS[dataset]: read_rows(content, document, names, required=names)}
