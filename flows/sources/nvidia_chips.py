"""NVIDIA's product pages of its data-center GPUs: the tables of specifications, as HTML."""

from __future__ import annotations

from collections.abc import Callable

from pydantic import Field

from flows.rows import Rows
from flows.sources import About, Ask, Scope, SourceSettings
from flows.spec_sheets import Sheet, crawl_pages, spec_rows

ABOUT = About(
    title="NVIDIA: product pages of data-center GPUs",
    licence="facts only",
    attribution="NVIDIA Corporation, product specifications, nvidia.com/en-us/data-center",
    homepage="https://www.nvidia.com/en-us/data-center/",
    rhythm="monthly",
    terms="single figures are facts; no text of the pages is published again; robots.txt is obeyed",
    asks_robots=True,
)
DATASETS = {"specifications": "nvidia_chips"}
SIGHTINGS: dict[str, tuple[str, dict[str, str]]] = {}  # chips are identified by the readings themselves


class Settings(SourceSettings):
    """Where the pages are and which are read, by their paths below the address."""

    url: str = "https://www.nvidia.com/en-us/data-center"
    rate: str = "1/5"
    pages: str = Field(
        default="h200,h100,a100,v100,l40s,l40,l4,a40,products/a30-gpu,products/a10-gpu,tesla-t4",
        pattern=r"^\s*[\w/-]+(\s*,\s*[\w/-]+)*\s*$",
    )


SETTINGS = Settings


def crawl(get: Callable[[Ask], bytes], scope: Scope, dataset: str) -> None:
    """Ask for each product's page; raises FetchError where none is there or one cannot be had."""
    own = scope.settings
    paths = [path.strip().strip("/") for path in own.pages.split(",")]
    asks = [Ask(f"{own.base}/{path}/", page=path.split("/")[-1], accepts=("text/html",)) for path in paths]
    crawl_pages(get, scope, asks)


def parse(dataset: str, content: bytes, document: str) -> dict[str, Rows]:
    """The figures of one product page's tables; raises SchemaBreak where a peak or the memory is not there.

    Where a table names no product, the page's name does.
    """
    sheet = Sheet(chip_of(document), needs=("peak_", "memory_bytes"))
    return {DATASETS[dataset]: spec_rows(content, document, sheet)}


def chip_of(page: str) -> str:
    """The product a page is named after: `NVIDIA L40S` of l40s, `NVIDIA A30` of a30-gpu."""
    return f"NVIDIA {page.removesuffix('-gpu').removeprefix('tesla-').upper()}"
