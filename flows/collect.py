"""Each source alone: fetch, archive the bytes, parse, check against the contract; what breaks a rule is set aside."""

from __future__ import annotations

import datetime as dt
import hashlib
import inspect
import json
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from flows import rows as rows_module
from flows import sources
from flows.http import Client, FetchError
from flows.rows import Rows, SchemaBreak
from flows.runlog import RunLog
from flows.settings import Settings
from schemas.contract import check
from schemas.tables import LAYERS
from warehouse.archive import Archive, Document

SCHEMAS_FOLDER = Path(inspect.getfile(check)).parent
_BROKEN = {"row_number": pl.Int64, "rule": pl.String, "column_name": pl.String, "raw_value": pl.String}


@dataclass(frozen=True)
class Request:
    """What a version is to be made of: sources by name, files or addresses by Epoch dataset, and the as-of date if stated."""

    sources: tuple[str, ...]
    files: Mapping[str, str] = field(default_factory=dict)
    as_of: dt.date | None = None


@dataclass
class Parsed:
    """One document parsed and checked: accepted rows by raw table, broken rows, and what its header held."""

    tables: dict[str, pl.DataFrame]
    broken: pl.DataFrame
    rows_read: int
    headers: dict[str, str]
    unread: list[str]

    @property
    def rows_quarantined(self) -> int:
        """Rows with at least one broken rule."""
        return self.broken["row_number"].n_unique()


@dataclass
class Collected:
    """All raw frames of a version, the documents it is made of, and one line on anything that went wrong or is new."""

    frames: dict[str, pl.DataFrame]
    in_force: list[Document]
    identity: list[Document]
    notices: list[str]


def collect(settings: Settings, request: Request, log: RunLog) -> Collected:
    """Gather the documents of a version and turn them into raw frames.

    Raises SchemaBreak or FetchError where a source the version needs has nothing that can be used.
    """
    archive = Archive(settings.archive_dir)
    notices: list[str] = []
    with log.phase("archive", sources=request.sources):
        wanted = received(settings, request, archive, notices)
        candidates = choose(archive, request, wanted)
    with log.phase("parse", datasets=len(candidates)):
        parsed: dict[Document, Parsed] = {}
        in_force = []
        for documents in candidates:
            document, result = _first_good(archive, settings, request, documents, notices)
            in_force.append(document)
            parsed[document] = result
        for document in archive.documents():
            if document not in parsed and _has_sightings(document):
                with suppress(SchemaBreak):
                    parsed[document] = parse_document(archive, settings.cache_dir, document)
        parsed = dict(sorted(parsed.items(), key=lambda item: item[0].archive_order))
        frames = assemble(parsed, set(in_force))
    for document in in_force:
        notices += [f"{document.document_name}: new header {name!r} is not read" for name in parsed[document].unread]
    log.write("collected", documents=[f"{d.source}/{d.dataset} {d.document_name}" for d in in_force])
    in_force.sort(key=lambda document: document.archive_order)
    return Collected(frames, in_force, [d for d in parsed if _has_sightings(d)], notices)


def received(settings: Settings, request: Request, archive: Archive, notices: list[str]) -> list[Document]:
    """Archive what the request names and what its sources give now; a source that fails leaves its last document in force."""
    client = Client(settings)
    documents = []
    for name in dict.fromkeys(("curated", *request.sources)):
        module = sources.module(name)
        for dataset in module.DATASETS:
            named = request.files.get(dataset) if name == "epoch" else None
            if named is None and name == "epoch" and (request.files or dataset in ("prices", "deflator")):
                continue
            try:
                file_name, content = _bytes_of(named, client, settings, module, dataset)
            except FetchError as error:
                if named is not None or not _archived(archive, name, dataset, request.as_of):
                    raise
                notices.append(f"{name}/{dataset}: {error}; the last document received stays in force")
                continue
            as_of = request.as_of if named is not None and request.as_of else _date_in(file_name)
            document = _put(archive, name, dataset, file_name, content, as_of)
            if (
                named is not None
                or name not in request.sources
                or not request.as_of
                or document.as_of_on <= request.as_of
            ):
                documents.append(document)
    return documents


def _bytes_of(named: str | None, client: Client, settings: Settings, module, dataset: str) -> tuple[str, bytes]:
    if named is None:
        return module.fetch(client, settings, dataset)
    if re.match(r"https?://", named, re.IGNORECASE):
        return named, client.get(named)
    try:
        return Path(named).name, Path(named).read_bytes()
    except OSError as error:
        raise FetchError(f"{named}: {error.strerror}") from error


def _put(archive: Archive, source: str, dataset: str, name: str, content: bytes, as_of: dt.date | None) -> Document:
    if as_of is None:
        from warehouse.archive import content_hash

        known = [
            d
            for d in archive.documents()
            if (d.source, d.dataset, d.document_id) == (source, dataset, content_hash(content))
        ]
        as_of = known[0].as_of_on if known else dt.datetime.now(dt.UTC).date()
    return archive.put(source, dataset, name, content, as_of)


def _date_in(name: str) -> dt.date | None:
    match = re.search(r"(\d{4}-\d{2}-\d{2})", name)
    try:
        return dt.date.fromisoformat(match[1]) if match else None
    except ValueError:
        return None


def _archived(archive: Archive, source: str, dataset: str, as_of: dt.date | None) -> list[Document]:
    """Documents of a dataset not after the as-of date, oldest first."""
    found = [d for d in archive.documents() if (d.source, d.dataset) == (source, dataset)]
    return sorted(
        (d for d in found if as_of is None or d.as_of_on <= as_of), key=lambda d: (d.as_of_on, d.archive_order)
    )


def choose(archive: Archive, request: Request, wanted: list[Document]) -> list[list[Document]]:
    """For each dataset of the version its documents, the one to be tried first at the front.

    What was received for this run comes first, then the newest not after the as-of date. Curated chips and sources are
    always there; curated runs only where the request names the source. Raises FetchError where a source has nothing.
    """
    chosen = {(d.source, d.dataset): [d] for d in wanted}
    for name in request.sources:
        for dataset in sources.module(name).DATASETS:
            if name == "epoch" and request.files and dataset not in request.files:
                continue
            older = [d for d in reversed(_archived(archive, name, dataset, request.as_of)) if d not in wanted]
            if older or (name, dataset) in chosen:
                chosen[name, dataset] = chosen.get((name, dataset), []) + older
        if not any(source == name for source, _ in chosen):
            dated = f" dated {request.as_of} or before" if request.as_of else ""
            raise FetchError(f"{name}: there is no document{dated}")
    if "curated" not in request.sources:
        for dataset in sources.module("curated").RUN_DATASETS:
            chosen.pop(("curated", dataset), None)
    return list(chosen.values())


def _first_good(
    archive: Archive, settings: Settings, request: Request, documents: list[Document], notices: list[str]
) -> tuple[Document, Parsed]:
    """The first of a dataset's documents that can be read; a file named on the command line must be."""
    for document, older in zip(documents, [*documents[1:], None], strict=True):
        try:
            return document, parse_document(archive, settings.cache_dir, document)
        except SchemaBreak as error:
            if older is None or (document.source == "epoch" and document.dataset in request.files):
                raise
            notices.append(f"{error}; {older.document_name} as of {older.as_of_on} stays in force")
    raise AssertionError("a dataset has at least one document")


def _has_sightings(document: Document) -> bool:
    module = sources.module(document.source)
    return module.DATASETS.get(document.dataset) in module.SIGHTINGS


def parse_document(archive: Archive, cache: Path, document: Document) -> Parsed:
    """Parse and check one archived document; the result is cached by the document and the code that reads it."""
    module = sources.module(document.source)
    folder = cache / f"{document.document_id[:16]}-{document.dataset}-{_reader_hash(module)}"
    known = _from_cache(folder)
    if known is not None:
        return known
    content = archive.read(document.document_id)
    parsed = _checked(module.parse(document.dataset, content, document.document_name))
    _to_cache(folder, parsed)
    return parsed


def _checked(parsed: Mapping[str, Rows]) -> Parsed:
    tables: dict[str, pl.DataFrame] = {}
    headers: dict[str, str] = {}
    broken, unread, rows_read = [], [], 0
    for name, rows in parsed.items():
        result = check(rows.frame, LAYERS["raw"][name])
        tables[name] = result.accepted
        faults = pl.concat([result.broken.select(list(_BROKEN)), pl.DataFrame(rows.ragged, schema=_BROKEN)])
        words = [rows.as_json(number) for number in faults["row_number"]]
        broken.append(faults.with_columns(row_json=pl.Series(words, dtype=pl.String)))
        headers |= rows.headers
        unread += rows.unread
        rows_read += rows.rows_read
    whole = Parsed(tables, pl.concat(broken).sort("row_number"), rows_read, headers, unread)
    kept = sum(frame.height for frame in tables.values())
    if rows_read != kept + whole.rows_quarantined:
        raise AssertionError(f"{rows_read} rows read, but {kept} accepted and {whole.rows_quarantined} quarantined")
    return whole


def _reader_hash(module) -> str:
    """Hash of the code that decides what a document's rows become."""
    files = [Path(__file__), Path(module.__file__), Path(rows_module.__file__), *sorted(SCHEMAS_FOLDER.glob("*.py"))]
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:16]


def _from_cache(folder: Path) -> Parsed | None:
    done = folder / "parsed.json"
    if not done.exists():
        return None
    about = json.loads(done.read_text(encoding="utf-8"))
    tables = {name: pl.read_parquet(folder / f"{name}.parquet") for name in about["tables"]}
    broken = pl.read_parquet(folder / "broken.parquet")
    return Parsed(tables, broken, about["rows_read"], about["headers"], about["unread"])


def _to_cache(folder: Path, parsed: Parsed) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, frame in parsed.tables.items():
        frame.write_parquet(folder / f"{name}.parquet")
    parsed.broken.write_parquet(folder / "broken.parquet")
    about = {
        "tables": list(parsed.tables),
        "rows_read": parsed.rows_read,
        "headers": parsed.headers,
        "unread": parsed.unread,
    }
    partial = folder / "parsed.json.partial"
    partial.write_text(json.dumps(about, ensure_ascii=False), encoding="utf-8")
    partial.replace(folder / "parsed.json")


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
        **{c: getattr(document, c) for c in ("source", "dataset", "document_id", "document_name", "as_of_on")},
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
