"""Google Cloud's pages on its TPUs: key specifications of each generation's chip and pod."""

from __future__ import annotations

import re
from collections.abc import Callable

from pydantic import Field

from flows.rows import Rows
from flows.sources import About, Ask, Scope, SourceSettings
from flows.spec_sheets import Sheet, crawl_pages, spec_rows

ABOUT = About(
    title="Google Cloud documentation: TPU versions",
    licence="CC BY 4.0",
    attribution="Google Cloud, Cloud TPU documentation, docs.cloud.google.com/tpu/docs, CC BY 4.0; figures read from its tables",
    homepage="https://docs.cloud.google.com/tpu/docs/system-architecture-tpu-vm",
    rhythm="monthly",
    terms="text of the pages CC BY 4.0 (developers.google.com/terms/site-policies); robots.txt is obeyed",
    asks_robots=True,
)
DATASETS = {"specifications": "cloud_tpu_chips"}
SIGHTINGS: dict[str, tuple[str, dict[str, str]]] = {}  # chips are identified by the readings themselves

_GENERATION = re.compile(
    r"(?<![a-z0-9])(?:(?:tpu[ -]?)?(?P<letter>v\d+[a-z]?)|tpu[ -]?(?P<number>\d+x))(?![a-z0-9])(?: (?P<name>\([a-z]+\)))?",
    re.IGNORECASE,
)


class Settings(SourceSettings):
    """Where the documentation is and which of its pages are read: the generations by the names of their pages."""

    url: str = "https://docs.cloud.google.com/tpu/docs"
    rate: str = "1/2"
    pages: str = Field(default="v2,v3,v4,v5e,v5p,v6e,tpu7x", pattern=r"^\s*[\w-]+(\s*,\s*[\w-]+)*\s*$")


SETTINGS = Settings


def crawl(get: Callable[[Ask], bytes], scope: Scope, dataset: str) -> None:
    """Ask for each generation's page in English; raises FetchError where none is there or one cannot be had."""
    own = scope.settings
    pages = [page.strip() for page in own.pages.split(",")]
    crawl_pages(get, scope, [_ask(own.base, page) for page in pages])


def _ask(base: str, page: str) -> Ask:
    return Ask(f"{base}/{page}", page=page, params={"hl": "en"}, accepts=("text/html",))


def parse(dataset: str, content: bytes, document: str) -> dict[str, Rows]:
    """The figures of one page's tables; raises SchemaBreak where the chip's peak or memory is not there.

    A TPU's peak is that of its matrix units; where a table names no generation, the page's name does.
    """
    needs = ("peak_", "memory_bytes", "memory_bandwidth_bytes_per_second")
    sheet = Sheet(chip_of(document) or "TPU", chip_of, on_matrix_units=True, needs=needs)
    return {DATASETS[dataset]: spec_rows(content, document, sheet)}


def chip_of(label: str) -> str:
    """The generation that a header or a page's name tells, as `TPU v5e` or `TPU7x (Ironwood)`; "" where it tells none."""
    found = _GENERATION.search(label.replace("_", " "))
    if found is None:
        return ""
    chip = f"TPU {found['letter'].lower()}" if found["letter"] else f"TPU{found['number'].lower()}"
    return f"{chip} {found['name']}" if found["name"] else chip
