"""How each source stands (when it last answered, what it holds) and what changed on its pages since the time before."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import polars as pl

from flows import sources
from flows.collect import standing
from flows.reading import parse_document
from flows.rows import SchemaBreak
from flows.settings import Settings
from warehouse.archive import Archive, Document
from warehouse.journal import Crawl, Journal

FRESH_DAYS = 7
# What names a row of a page rather than being stated of it, the first that the table has.
_NAMES = (
    ("arxiv_id",), ("openalex_id",), ("semantic_scholar_id",), ("doi",),
    ("chip_name", "table_number", "row_label", "column_label"),
    ("run_name",), ("chip_name",),
)  # fmt: skip


def standings(settings: Settings) -> list[dict[str, Any]]:
    """One row a source: state, last success and its age, pages, documents and rows in force, rate, terms, licence."""
    archive, journal = Archive(settings.archive_dir), Journal(settings.archive_dir)
    return [_standing(settings, archive, journal, name) for name in sources.names()]


def _standing(settings: Settings, archive: Archive, journal: Journal, name: str) -> dict[str, Any]:
    module = sources.module(name)
    about, is_live = module.ABOUT, hasattr(module, "crawl")
    documents = _documents(archive, journal, name)
    parsed = []
    for document in documents:
        try:
            parsed.append(parse_document(archive, settings.cache_dir, document))
        except SchemaBreak:
            continue
    done = [crawl for crawl in journal.crawls(name) if crawl.ended == "done" and _has_asked(crawl)]
    last = max((crawl.ended_at for crawl in done if crawl.ended_at), default=None)
    own = sources.settings_of(name) if is_live else None
    return {
        "source": name,
        "state": _state(journal, name, is_live, documents),
        "last_success_at": last.replace(microsecond=0) if last else None,
        "documents": len(documents),
        "rows": sum(result.rows_read - result.rows_quarantined for result in parsed),
        "quarantined": sum(result.rows_quarantined for result in parsed),
        "requests_per_second": own.requests_per_second if own else None,
        "proven": _proof(about) if is_live else "yes",
        "licence": about.licence,
        "terms": about.terms,
        "rhythm": about.rhythm,
        "homepage": about.homepage,
    }


def _proof(about: sources.About) -> str:
    if about.is_proven and not about.unproven:
        return "yes"
    return " ".join([*about.unproven, "not yet proven on live bytes"])


def _documents(archive: Archive, journal: Journal, name: str) -> list[Document]:
    """The newest document of each dataset that is one document, of each page of the others."""
    datasets = sources.module(name).DATASETS
    return [versions[0] for dataset in datasets for versions in standing(archive, journal, name, dataset)]


def _state(journal: Journal, name: str, is_live: bool, documents: list[Document]) -> str:
    if not is_live:
        return "at hand"
    crawls = [crawl for crawl in journal.crawls(name) if _has_asked(crawl)]
    last = {crawl.dataset: crawl for crawl in crawls}
    troubled = [crawl for crawl in last.values() if crawl.ended != "done"]
    if not crawls:
        return "from files" if documents else "never asked"
    if troubled:
        words = "; ".join(_trouble(crawl) for crawl in troubled)
        age = _age(crawls, {crawl.dataset for crawl in troubled})
        return f"stale, {age}: {words}" if age else words
    missing = sum(len(crawl.missing) for crawl in last.values())
    age = _age(crawls, set(last))
    word = "fresh" if int(age.split()[0]) <= FRESH_DAYS else "not asked lately"
    return f"{word}, {age}" + (f"; {missing} pages could not be had" if missing else "")


def _has_asked(crawl: Crawl) -> bool:
    """A crawl that had nothing to ask says nothing of its source."""
    return bool(crawl.pages or crawl.missing or crawl.ended != "done")


def _age(crawls: list[Crawl], datasets: set[str]) -> str:
    """Age of the dataset among these whose last success is longest ago; empty where one never had any."""
    success = {c.dataset: c.ended_at for c in crawls if c.ended == "done" and c.ended_at and c.dataset in datasets}
    if not success:
        return ""
    return f"{(dt.datetime.now(dt.UTC) - min(success.values())).days} days old"


def _trouble(crawl: Crawl) -> str:
    if not crawl.ended:
        return f"{crawl.dataset} was cut off after {len(crawl.pages)} pages and goes on next time"
    return f"{crawl.dataset} {crawl.ended}: {crawl.error}"


@dataclass(frozen=True)
class Change:
    """One cell of a page that is not what it was: where it stands, the value before ("" if new) and now ("" if gone)."""

    source: str
    page: str
    received_on: dt.date
    row: str
    column: str
    before: str
    now: str


def changes(settings: Settings, name: str) -> Iterator[Change]:
    """What differs between the last two documents of each page of a source, cell by cell, in the order of the page."""
    archive, journal = Archive(settings.archive_dir), Journal(settings.archive_dir)
    module = sources.module(name)
    by_id = {(d.dataset, d.document_id): d for d in archive.documents(name)}
    for dataset in module.DATASETS:
        for page, versions in journal.pages(name, dataset, dataset in module.ABOUT.adds).items():
            pair = [by_id[dataset, version.document_id] for version in versions[:2]]
            if len(pair) == 2:
                try:
                    now, before = (parse_document(archive, settings.cache_dir, document) for document in pair)
                except SchemaBreak:
                    continue  # today's reader cannot read one of them
                for table, frame in now.tables.items():
                    for row, column, old, new in _differences(before.tables.get(table, frame.clear()), frame):
                        yield Change(name, page, versions[0].received_at.date(), row, column, old, new)


def _differences(before: pl.DataFrame, now: pl.DataFrame) -> Iterator[tuple[str, str, str, str]]:
    named = next((names for names in _NAMES if set(names) <= set(now.columns)), ("row_number",))
    old, new = (_cells(frame, named) for frame in (before, now))
    for row in dict.fromkeys([*new, *old]):
        was, is_ = old.get(row, {}), new.get(row, {})
        for column in dict.fromkeys([*is_, *was]):
            if was.get(column, "") != is_.get(column, ""):
                yield row, column, was.get(column, ""), is_.get(column, "")


def _cells(frame: pl.DataFrame, named: tuple[str, ...]) -> dict[str, dict[str, str]]:
    """Row name → column → text; rows of one name are told apart by their order."""
    found: dict[str, dict[str, str]] = {}
    for record in frame.iter_rows(named=True):
        words = [str(record[name]) for name in named if record[name] is not None]
        base = " / ".join(word for word in words if word)
        row, place = base, 2
        while row in found:
            row, place = f"{base} ({place})", place + 1
        rest = {column: value for column, value in record.items() if column not in (*named, "row_number")}
        found[row] = {column: str(value) for column, value in rest.items() if value is not None}
    return found
