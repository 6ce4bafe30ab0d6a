"""English Wikipedia's lists of GPUs and TPUs: tables with merged cells, levels of headers and footnotes."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import quote

from pydantic import Field

from flows.rows import Rows
from flows.sources import About, Ask, Scope, SourceSettings
from flows.spec_sheets import Sheet, crawl_pages, plain_name, spec_rows

ABOUT = About(
    title="Wikipedia: lists of GPUs and TPUs",
    licence="CC BY-SA 4.0",
    attribution="Wikipedia contributors, en.wikipedia.org, CC BY-SA 4.0; figures read from the articles' tables",
    homepage="https://en.wikipedia.org/wiki/List_of_Nvidia_graphics_processing_units",
    rhythm="weekly",
    terms="one request at a time from an agent with a contact, as the Wikimedia user-agent policy asks; robots.txt is obeyed",
    asks_robots=True,
)
DATASETS = {"articles": "wikipedia_chips"}
SIGHTINGS: dict[str, tuple[str, dict[str, str]]] = {}  # chips are identified by the readings themselves


class Settings(SourceSettings):
    """Where the articles are and which are read, by their titles with underscores."""

    url: str = "https://en.wikipedia.org/wiki"
    rate: str = "1/1"
    pages: str = Field(
        default="List_of_Nvidia_graphics_processing_units,List_of_AMD_graphics_processing_units,Tensor_Processing_Unit,"
        "AMD_Instinct,Nvidia_DGX,Nvidia_Tesla",
        pattern=r"^\s*[^\s,]+(\s*,\s*[^\s,]+)*\s*$",
    )


SETTINGS = Settings


def crawl(get: Callable[[Ask], bytes], scope: Scope, dataset: str) -> None:
    """Ask for each article; raises FetchError where none is there or one cannot be had."""
    own = scope.settings
    titles = [title.strip() for title in own.pages.split(",")]
    asks = [Ask(f"{own.base}/{quote(title)}", page=title, accepts=("text/html",)) for title in titles]
    crawl_pages(get, scope, asks)


def parse(dataset: str, content: bytes, document: str) -> dict[str, Rows]:
    """The figures of one article's tables; raises SchemaBreak where no table has any."""
    name = tpu_name if document == "Tensor_Processing_Unit" else plain_name
    return {DATASETS[dataset]: spec_rows(content, document, Sheet(document.replace("_", " "), name))}


def tpu_name(label: str) -> str:
    """The TPU a header of the article on TPUs names: a bare `v5e` is a `TPU v5e`."""
    return f"TPU {label}" if re.match(r"v\d", label) else plain_name(label)
