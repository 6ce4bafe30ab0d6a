"""AMD's product pages of its Instinct accelerators: the tables of specifications, as HTML."""

from __future__ import annotations

from collections.abc import Callable

from pydantic import Field

from flows.rows import Rows
from flows.sources import About, Ask, Scope, SourceSettings
from flows.spec_sheets import Sheet, crawl_pages, spec_rows

ABOUT = About(
    title="AMD: product pages of Instinct accelerators",
    licence="facts only",
    attribution="Advanced Micro Devices, product specifications, amd.com/en/products/accelerators/instinct",
    homepage="https://www.amd.com/en/products/accelerators/instinct.html",
    rhythm="monthly",
    terms="single figures are facts; no text of the pages is published again; robots.txt is obeyed",
    asks_robots=True,
)
DATASETS = {"specifications": "amd_chips"}
SIGHTINGS: dict[str, tuple[str, dict[str, str]]] = {}  # chips are identified by the readings themselves


class Settings(SourceSettings):
    """Where the pages are and which are read, by their paths below the address."""

    url: str = "https://www.amd.com/en/products/accelerators/instinct"
    rate: str = "1/5"
    pages: str = Field(
        default="mi350/mi355x,mi350/mi350x,mi300/mi325x,mi300/mi300x,mi300/mi300a,mi200/mi250x,mi200/mi250,mi200/mi210",
        pattern=r"^\s*[\w/-]+(\s*,\s*[\w/-]+)*\s*$",
    )


SETTINGS = Settings


def crawl(get: Callable[[Ask], bytes], scope: Scope, dataset: str) -> None:
    """Ask for each product's page; raises FetchError where none is there or one cannot be had."""
    own = scope.settings
    paths = [path.strip().strip("/") for path in own.pages.split(",")]
    asks = [Ask(f"{own.base}/{path}.html", page=path.split("/")[-1], accepts=("text/html",)) for path in paths]
    crawl_pages(get, scope, asks)


def parse(dataset: str, content: bytes, document: str) -> dict[str, Rows]:
    """The figures of one product page's tables; raises SchemaBreak where a peak or the memory is not there.

    A page is about one product, the one it is named after, where its tables do not name others.
    """
    sheet = Sheet(f"AMD Instinct {document.upper()}", needs=("peak_", "memory_bytes"))
    return {DATASETS[dataset]: spec_rows(content, document, sheet)}
