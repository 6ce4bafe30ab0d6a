"""Each source alone: fetch, archive the bytes, parse, check against the contract; what breaks a rule is set aside."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

import polars as pl

from flows import sources
from flows.crawl import Told, gather
from flows.http import Client, FetchError
from flows.reading import Parsed, parse_document, tidy
from flows.rows import SchemaBreak
from flows.runlog import RunLog
from flows.settings import Settings
from flows.sources import Ask
from warehouse.archive import Archive, Document
from warehouse.derive import profile_in_force
from warehouse.journal import Crawl, Journal

CURATED_RUNS = ("runs", "run_facts")


@dataclass(frozen=True)
class Request:
    """What a version is to be made of: sources by name, files or addresses by Epoch dataset, and the as-of date if stated.

    `since` narrows what live sources are asked for; `is_offline` asks none; `is_lenient` leaves out a source that has
    nothing instead of failing. Without a `profile` of assumptions the settings name it, or else profiles.csv.
    `is_backfill` is a day of the past: what no file is named for stands as the archive has it by that day, and our own
    facts stand although they were written later.
    """

    sources: tuple[str, ...]
    files: Mapping[str, str] = field(default_factory=dict)
    as_of: dt.date | None = None
    since: dt.date | None = None
    is_offline: bool = False
    is_lenient: bool = False
    profile: str = ""
    is_backfill: bool = False

    def names_file(self, source: str, dataset: str) -> bool:
        """Whether a file or address of the command line stands in for a dataset; only Epoch's can be named."""
        return source == "epoch" and dataset in self.files

    def leaves_out(self, source: str, dataset: str) -> bool:
        """Whether the files named leave a dataset of theirs out."""
        return source == "epoch" and bool(self.files) and dataset not in self.files and not self.is_backfill


@dataclass
class Collected:
    """All raw frames of a version, the documents it is made of, and one line on anything that went wrong or is new.

    `profile` is the profile of assumptions the version is worked out under, `as_of_on` the date it speaks of; none is known
    of a version that an older program made, read again by its manifest.
    """

    frames: dict[str, pl.DataFrame]
    in_force: list[Document]
    identity: list[Document]
    notices: list[str]
    profile: str
    as_of_on: dt.date | None


def collect(settings: Settings, request: Request, log: RunLog, crawl: Callable[..., Crawl] | None = None) -> Collected:
    """Gather the documents of a version and turn them into raw frames; `crawl` stands in for `bring_up_to_date`.

    Raises SchemaBreak or FetchError where a source the version needs has nothing that can be used, DataError for a
    profile there is none of.
    """
    profile = profile_in_force(request.profile or settings.profile)
    archive, journal = Archive(settings.archive_dir), Journal(settings.archive_dir)
    notices: list[str] = []
    tidy(settings.cache_dir)
    with log.phase("archive", sources=request.sources):
        wanted = received(settings, request, archive, notices, crawl or bring_up_to_date)
        candidates = choose(archive, journal, request, wanted, notices)
    with log.phase("parse", datasets=len(candidates)):
        parsed: dict[Document, Parsed] = {}
        in_force = []
        for documents in candidates:
            try:
                document, result = _first_good(archive, settings, request, documents, notices)
            except SchemaBreak as error:
                if not request.is_lenient:
                    raise
                notices.append(f"{error}; the version is made without it")
                continue
            in_force.append(document)
            parsed[document] = result
        counts = countable(archive, journal)
        for document in archive.documents():
            if document not in parsed and document in counts and _has_sightings(document):
                with suppress(SchemaBreak):
                    parsed[document] = parse_document(archive, settings.cache_dir, document)
        parsed = dict(sorted(parsed.items(), key=lambda item: item[0].archive_order))
        frames = assemble(parsed, set(in_force))
    for document in in_force:
        notices += [f"{document.document_name}: new header {name!r} is not read" for name in parsed[document].unread]
    documents_used = [f"{d.source}/{d.dataset} {d.document_name}" for d in in_force]
    log.write("collected", documents=documents_used, profile=profile)
    in_force.sort(key=lambda document: document.archive_order)
    as_of = request.as_of or max(d.as_of_on for d in in_force if d.source in request.sources)
    return _dated(Collected(frames, in_force, [d for d in parsed if _has_sightings(d)], notices, profile, as_of))


def _dated(collected: Collected) -> Collected:
    """With its date as a raw table."""
    days = [collected.as_of_on] if collected.as_of_on else []
    collected.frames["version_dates"] = pl.DataFrame({"as_of_on": days}, schema={"as_of_on": pl.Date})
    return collected


def collect_again(settings: Settings, manifest: str) -> Collected:
    """What a published version was made of, read again from the archive by its manifest: nothing else, nobody is asked.

    Raises FileNotFoundError where the archive lacks a document, ValueError where its bytes are no longer those received,
    SchemaBreak where today's readers cannot read it.
    """
    made_of = json.loads(manifest)
    archive = Archive(settings.archive_dir)
    in_force = [_stated(archive, row) for row in made_of["documents"]]
    known = {(d.source, d.dataset, d.document_id): d for d in in_force}
    listed = Counter(made_of["identity"])
    identity = []
    for document in archive.documents():
        if _has_sightings(document) and listed[document.document_id]:
            listed[document.document_id] -= 1
            identity.append(known.get((document.source, document.dataset, document.document_id), document))
    if lost := [document_id for document_id, times in listed.items() if times]:
        raise FileNotFoundError(f"{archive.index}: the archive lists no document {lost[0]}")
    wanted = sorted({*in_force, *identity}, key=lambda document: document.archive_order)
    parsed = {document: parse_document(archive, settings.cache_dir, document) for document in wanted}
    as_of = dt.date.fromisoformat(made_of["as_of_on"]) if "as_of_on" in made_of else None
    return _dated(Collected(assemble(parsed, set(in_force)), in_force, identity, [], made_of["profile"], as_of))


def _stated(archive: Archive, row: Mapping[str, str]) -> Document:
    """A document of a manifest, with the dates it had when the version was made."""
    for document in archive.documents(row["source"], row["dataset"]):
        if document.document_id == row["document_id"]:
            as_of_on, received_on = (dt.date.fromisoformat(row[name]) for name in ("as_of_on", "received_on"))
            return replace(document, as_of_on=as_of_on, first_received_on=received_on)
    where = f"{row['source']}/{row['dataset']}"
    raise FileNotFoundError(f"{archive.index}: the archive lists no document {row['document_id']} of {where}")


def received(
    settings: Settings, request: Request, archive: Archive, notices: list[str], crawl: Callable[..., Crawl]
) -> list[Document]:
    """Archive what the request names and what its sources give now; returns the documents of datasets that are one document.

    A source that fails leaves what it gave before in force, with a notice.
    """
    documents = []
    for name in dict.fromkeys(("curated", *request.sources)):
        module = sources.module(name)
        for dataset in module.DATASETS:
            document: Document | None = None
            if request.names_file(name, dataset):
                document = _named(settings, archive, request, dataset)
            elif hasattr(module, "fetch"):
                file_name, content = module.fetch(dataset)
                document = archive.put(name, dataset, file_name, content)
            elif not request.is_offline and not request.leaves_out(name, dataset):
                document = _crawled(settings, archive, request, name, dataset, notices, crawl)
            if document is not None and _is_wanted(request, document):
                documents.append(document)
    return documents


def _named(settings: Settings, archive: Archive, request: Request, dataset: str) -> Document:
    """A file or address of the command line, archived."""
    named = request.files[dataset]
    if re.match(r"https?://", named, re.IGNORECASE):
        with Client(settings) as client:
            file_name, content = named, client.get(Ask(named, page=named)).body
    else:
        try:
            file_name, content = Path(named).name, Path(named).read_bytes()
        except OSError as error:
            raise FetchError(f"{named}: {error.strerror}") from error
    return archive.put("epoch", dataset, file_name, content, request.as_of or _date_in(file_name))


def _crawled(
    settings: Settings,
    archive: Archive,
    request: Request,
    name: str,
    dataset: str,
    notices: list[str],
    crawl: Callable[..., Crawl],
) -> Document | None:
    """Bring a live dataset up to date; returns its newest document where the dataset is one."""
    try:
        crawled = crawl(settings, name, dataset, request.since)
    except (FetchError, SchemaBreak) as error:
        there = countable(archive, Journal(archive.folder), name, dataset)
        if not there and not request.is_lenient:
            raise
        notices.append(f"{name}/{dataset}: {error}" + ("; what was received before stays in force" if there else ""))
        return None
    notices += [f"{name}/{dataset}: {page} could not be had: {error}" for page, error in crawled.missing.items()]
    if not is_single(name, dataset):
        return None
    ids = {page.document_id for page in crawled.pages.values()}
    return next((d for d in archive.documents(name, dataset) if d.document_id in ids), None)


def bring_up_to_date(
    settings: Settings, name: str, dataset: str, since: dt.date | None = None, told: Told | None = None
) -> Crawl:
    """Ask a live source for what is new in a dataset and archive it; raises FetchError and SchemaBreak as `gather` does."""
    papers = wanted_papers(settings) if _gathers_papers(name) else []
    return gather(settings, Archive(settings.archive_dir), name, dataset, since, papers, told)


def _is_wanted(request: Request, document: Document) -> bool:
    """A file named on the command line is in force whatever its date; else only documents not after the as-of date."""
    if request.names_file(document.source, document.dataset) or request.is_backfill:
        return True
    return document.source not in request.sources or not request.as_of or document.as_of_on <= request.as_of


def is_single(name: str, dataset: str) -> bool:
    """Whether a dataset is one document in many editions, which a file may stand in for; else it is many pages."""
    module = sources.module(name)
    return hasattr(module, "fetch") or dataset in getattr(module, "FILES", ())


def _gathers_papers(name: str) -> bool:
    return any(kind == "paper" for kind, _ in sources.module(name).SIGHTINGS.values())


def wanted_papers(settings: Settings) -> list[str]:
    """Ids of the papers of known runs: of the newest release, and of the curated works where there is none yet."""
    if not settings.papers_of_runs:
        return []
    from flows.sources import curated
    from warehouse import release

    found = {work for work in curated.works() if work.startswith(("arxiv:", "doi:"))}
    if settings.latest.exists():
        with release.reader(settings.latest) as con:
            rows = release.rows(con, "select paper_id from clean.papers where runs > 0")
        found |= {row["paper_id"] for row in rows}
    return sorted(found)


def _date_in(name: str) -> dt.date | None:
    match = re.search(r"(\d{4}-\d{2}-\d{2})", name)
    try:
        return dt.date.fromisoformat(match[1]) if match else None
    except ValueError:
        return None


def countable(
    archive: Archive, journal: Journal, source: str | None = None, dataset: str | None = None
) -> set[Document]:
    """Documents that were ever received whole, all or those of a dataset: files, and pages of crawls that came to their end."""
    done: set[tuple[str, str, str]] = set()
    open_: set[tuple[str, str, str]] = set()
    for crawl in journal.crawls(source, dataset):
        keys = {(crawl.source, crawl.dataset, page.document_id) for page in crawl.pages.values()}
        (done if crawl.ended == "done" else open_).update(keys)
    documents = archive.documents(source, dataset)
    return {d for d in documents if (d.source, d.dataset, d.document_id) not in open_ - done}


def standing(
    archive: Archive, journal: Journal, name: str, dataset: str, as_of: dt.date | None = None
) -> list[list[Document]]:
    """What stands in a dataset by a day: of one document its editions, of many pages each page's, newest first."""
    if is_single(name, dataset):
        counted = countable(archive, journal, name, dataset)
        editions = [d for d in counted if as_of is None or d.as_of_on <= as_of]
        return [sorted(editions, key=_newest_last(journal, name, dataset, as_of), reverse=True)] if editions else []
    by_id = {document.document_id: document for document in archive.documents(name, dataset)}
    pages = journal.pages(name, dataset, dataset in sources.module(name).ABOUT.adds, as_of)
    found: dict[str, list[Document]] = {}
    for versions in pages.values():
        received = [by_id[page.document_id] for page in versions if page.document_id in by_id]
        if received:
            found.setdefault(received[0].document_id, received)  # two pages of equal bytes are one document
    return list(found.values())


def _newest_last(journal: Journal, name: str, dataset: str, as_of: dt.date | None) -> Callable[[Document], tuple]:
    """Key that sorts the editions of a dataset by when each last came to stand: bytes may come back."""
    pages = journal.pages(name, dataset, True, as_of).values()
    stood = {page.document_id: page.received_at for versions in pages for page in versions}

    def key(document: Document) -> tuple:
        at = stood.get(document.document_id)
        day = max(document.as_of_on, at.date()) if at else document.as_of_on
        return day, at is not None, at.timestamp() if at else 0.0, document.archive_order

    return key


def choose(
    archive: Archive, journal: Journal, request: Request, wanted: list[Document], notices: list[str]
) -> list[list[Document]]:
    """For each document of the version the candidates, the one to be tried first at the front.

    Of a dataset that is one document, what was received for this run comes first, then the newest not after the as-of
    date; of a live one, each page as it was last received. Curated chips and sources are always there; curated runs only
    where the request names the source. Raises FetchError where a source has nothing, unless the request is lenient.
    """
    chosen = [[d] for d in wanted if d.source not in request.sources and d.dataset not in CURATED_RUNS]
    for name in request.sources:
        of_source: list[list[Document]] = []
        for dataset in sources.module(name).DATASETS:
            if not request.leaves_out(name, dataset):
                mine = [d for d in wanted if (d.source, d.dataset) == (name, dataset)]
                there = standing(archive, journal, name, dataset, request.as_of)
                of_source += _first(mine, there) if mine else there
        if not of_source:
            dated = f" dated {request.as_of} or before" if request.as_of else ""
            if not request.is_lenient:
                raise FetchError(f"{name}: there is no document{dated}")
            notices.append(f"{name}: there is no document{dated}; the version is made without it")
        chosen += of_source
    return chosen


def _first(mine: list[Document], there: list[list[Document]]) -> list[list[Document]]:
    """What was received for this run before the other editions."""
    return [mine + [document for editions in there for document in editions if document not in mine]]


def _first_good(
    archive: Archive, settings: Settings, request: Request, documents: list[Document], notices: list[str]
) -> tuple[Document, Parsed]:
    """The first of a dataset's documents that can be read; a file named on the command line must be."""
    for document, older in zip(documents, [*documents[1:], None], strict=True):
        try:
            return document, parse_document(archive, settings.cache_dir, document)
        except SchemaBreak as error:
            if older is None or request.names_file(document.source, document.dataset):
                raise
            notices.append(f"{error}; {older.document_name} as of {older.as_of_on} stays in force")
    raise AssertionError("a dataset has at least one document")


def _has_sightings(document: Document) -> bool:
    module = sources.module(document.source)
    return module.DATASETS.get(document.dataset) in module.SIGHTINGS


def assemble(parsed: Mapping[Document, Parsed], in_force: set[Document]) -> dict[str, pl.DataFrame]:
    """Raw frames of all documents: source tables and quarantine of those in force, listings of runs and chips of all."""
    parts: dict[str, list[pl.DataFrame]] = {}
    for document, result in parsed.items():
        origin = [pl.lit(getattr(document, c)).alias(c) for c in ("source", "dataset", "document_id")]
        module = sources.module(document.source)
        for name, frame in result.tables.items():
            if name in module.SIGHTINGS:
                kind, names = module.SIGHTINGS[name]
                listed = frame.select(
                    "row_number", *(pl.col(column).alias(c) for c, column in names.items() if column in frame)
                )
                parts.setdefault(f"{kind}_sightings", []).append(
                    listed.with_columns(*origin, archive_order=pl.lit(document.archive_order, pl.Int64))
                )
            if document in in_force:
                parts.setdefault(name, []).append(frame.with_columns(document_id=pl.lit(document.document_id)))
        if document in in_force:
            parts.setdefault("quarantine", []).append(result.broken.with_columns(*origin))
            spelled = pl.DataFrame(
                {"column_name": list(result.headers), "header": list(result.headers.values())},
                schema={"column_name": pl.String, "header": pl.String},
            )
            parts.setdefault("headers", []).append(spelled.with_columns(*origin))
            parts.setdefault("documents", []).append(_document_row(document, result))
    parts["abouts"] = [_about_rows(sorted({document.source for document in in_force}))]
    return {name: pl.concat(frames, how="diagonal") for name, frames in parts.items()}


def _document_row(document: Document, result: Parsed) -> pl.DataFrame:
    row = {
        **{c: getattr(document, c) for c in ("source", "dataset", "document_id", "document_name", "url", "as_of_on")},
        "first_received_on": document.first_received_on,
        "archive_order": document.archive_order,
        "bytes": document.bytes,
        "is_in_force": True,
        "rows_read": result.rows_read,
        "rows_accepted": result.rows_read - result.rows_quarantined,
        "rows_quarantined": result.rows_quarantined,
        "unread_columns": "; ".join(result.unread),
    }
    return pl.DataFrame([row])


def _about_rows(names: list[str]) -> pl.DataFrame:
    abouts = {name: sources.module(name).ABOUT for name in names}
    return pl.DataFrame(
        [
            {"source": n, "title": a.title, "licence": a.licence, "attribution": a.attribution, "homepage": a.homepage}
            for n, a in abouts.items()
        ]
    )
