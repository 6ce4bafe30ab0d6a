"""What the tests of paper sources share: saved exchanges, one answer read and checked, and a stand-in for `get`."""

from __future__ import annotations

import datetime as dt
import gzip
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import polars as pl
import yaml
from hypothesis import strategies as st

from flows import sources
from flows.http import FetchError
from flows.reading import parse_document
from flows.rows import SchemaBreak
from flows.settings import Settings
from flows.sources import Ask, Scope
from schemas.contract import check
from schemas.tables import LAYERS
from warehouse.archive import Archive
from warehouse.journal import Crawl, Journal, Page

TODAY = dt.date(2026, 11, 24)


@dataclass(frozen=True)
class Exchange:
    """One saved request and its answer."""

    host: str
    url: str
    status: int
    content: bytes


@dataclass(frozen=True)
class Read:
    """One answer read: rows that keep the contract, rules broken by row, what the source does not stand behind by row."""

    accepted: list[dict]
    quarantined: dict[int, list[str]]
    refused: dict[int, str]
    rows: int

    @property
    def is_whole(self) -> bool:
        """Whether each record was accepted, quarantined or refused."""
        return self.rows == len(self.accepted) + len(self.quarantined) + len(self.refused)


def read(name: str, content: bytes, document: str = "a page") -> Read:
    """An answer through the parser of a source and the contract of its table."""
    module = sources.module(name)
    ((dataset, table),) = module.DATASETS.items()
    rows = module.parse(dataset, content, document)[table]
    checked = check(rows.frame, LAYERS["raw"][table])
    broken = checked.broken.group_by("row_number").agg(pl.col("rule").sort())
    accepted = [
        {k: v for k, v in row.items() if v is not None} for row in checked.accepted.drop("row_number").to_dicts()
    ]
    refused = {fault["row_number"]: fault["raw_value"] for fault in rows.ragged}
    return Read(accepted, dict(broken.iter_rows()), refused, rows.rows_read)


def exchanges(shared: Path, host: str) -> list[Exchange]:
    """The saved exchanges with a host, bodies unpacked, in the order of the files."""
    folder = shared / "data" / "apis"
    found = []
    for path in sorted([*(folder / "semantic_scholar").glob("*.yaml"), *(folder / "mixed").glob("*.yaml")]):
        for saved in yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader)["interactions"]:
            url, answer = saved["request"]["uri"], saved["response"]
            body = answer["body"]["string"] if "body" in answer else answer["content"]
            content = body.encode() if isinstance(body, str) else body
            content = gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content
            status = answer["status"]["code"] if "status" in answer else answer["status_code"]
            found.append(Exchange(urlsplit(url).netloc, url, status, content))
    return [exchange for exchange in found if exchange.host == host]


HOSTS = {
    "semantic_scholar": "api.semanticscholar.org", "openalex": "api.openalex.org", "crossref": "api.crossref.org",
    "unpaywall (no source; offered to openalex)": "api.unpaywall.org",
}  # fmt: skip
DATASETS = {"semantic_scholar": "papers", "openalex": "works", "crossref": "works"}


def answers(shared: Path) -> Iterator[tuple[str, str, str, bytes]]:
    """Source, dataset, name and bytes of every saved answer."""
    data = shared / "data"
    for path in sorted((data / "apis" / "arxiv_atom").glob("*.json")):
        # The collector stored UTF-8 read as Latin-1.
        yield "arxiv", "by_id", path.stem, json.loads(path.read_text(encoding="utf-8"))["body"].encode("latin-1")
    for name, host in HOSTS.items():
        source = name if name in DATASETS else "openalex"
        for exchange in exchanges(shared, host):
            yield source, DATASETS[source], exchange.url, exchange.content
    for path in sorted((data / "spec_text").iterdir()):
        source = "cloud_tpu_chips" if path.name.startswith("tpu") else "nvidia_chips"
        # Line 1 is the collector's; the page follows.
        yield source, "specifications", path.stem, path.read_bytes().partition(b"\n")[2]
    for path in sorted((data / "techpowerup_lists").glob("*.html")):
        yield "nvidia_chips", "specifications", f"techpowerup {path.stem[:12]} (parse test only)", path.read_bytes()
    for path in sorted((data / "mlperf").iterdir()):
        yield "mlperf", "results", f"v4.0/{path.name.replace('__', '/')}", path.read_bytes()


def archive_all(settings: Settings, shared: Path) -> dict[str, list[str]]:
    """Each answer as a page of a finished crawl of its source; by source what its reader refused, and why."""
    archive, journal = Archive(settings.archive_dir), Journal(settings.archive_dir)
    crawls: dict[tuple[str, str], Crawl] = {}
    refused: dict[str, list[str]] = {}
    for source, dataset, name, content in answers(shared):
        document = archive.put(source, dataset, name, content)
        try:
            parse_document(archive, settings.cache_dir, document)
        except SchemaBreak as error:
            refused.setdefault(source, []).append(str(error))
            continue
        crawl = crawls.get((source, dataset)) or journal.begin(source, dataset, {})
        crawls[source, dataset] = crawl
        journal.page(crawl, name, Page(document.document_id, dt.datetime.now(dt.UTC)))
    for crawl in crawls.values():
        journal.end(crawl, "done")
    return refused


@dataclass
class Site:
    """Stands in for `get`: answers each Ask by a function, which may give an HTTP error as a number, and keeps the Asks."""

    answer: Callable[[Ask], Any]
    asks: list[Ask] = field(default_factory=list)

    def __call__(self, ask: Ask) -> bytes:
        self.asks.append(ask)
        given = self.answer(ask)
        if isinstance(given, int):
            raise FetchError(f"{ask.url}: status {given}", status=given)
        return given if isinstance(given, bytes) else json.dumps(given).encode()

    @property
    def pages(self) -> list[str]:
        """Names of the pages asked for, in order."""
        return [ask.page for ask in self.asks]


def scope(
    name: str, *papers: str, finished: Mapping[str, dt.date] | None = None, contact: str = "", **own: Any
) -> Scope:
    """A scope with a source's own settings, some of them given here."""
    settings = sources.module(name).SETTINGS(**own)
    return Scope(settings, papers, finished=finished or {}, today=TODAY, contact=contact)


def any_json() -> st.SearchStrategy:
    """Any JSON value, with the texts and numbers that answers are known to trip over."""
    texts = st.text(max_size=12) | st.sampled_from(["\ud800", "\x00", "<i>&#xD800;</i>", "10.1/x; y", "2001.01234"])
    numbers = st.integers(1 - 10**19, 10**19 - 1) | st.floats(allow_nan=False, allow_infinity=False)
    leaves = st.none() | st.booleans() | numbers | texts
    return st.recursive(
        leaves, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4), max_leaves=12
    )


def places(value: Any, path: tuple = ()) -> list[tuple]:
    """The paths to every value within a JSON value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, item in inner for place in places(item, (*path, key)))]


def replaced(value: Any, path: tuple, new: Any) -> Any:
    """A copy of a JSON value with another value at the path."""
    if not path:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = replaced(value[path[0]], path[1:], new)
    return copy
