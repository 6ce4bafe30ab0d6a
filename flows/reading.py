"""One archived document parsed, checked against its contract, and kept beside its bytes until the code that reads it changes."""

from __future__ import annotations

import hashlib
import inspect
import json
import shutil
import uuid
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import polars as pl

from flows import sources
from flows.rows import Rows
from schemas.contract import check
from schemas.tables import LAYERS
from warehouse.archive import Archive, Document

_BROKEN = {"row_number": pl.Int64, "rule": pl.String, "column_name": pl.String, "raw_value": pl.String}


def tidy(folder: Path) -> None:
    """Remove what other code than this read, and what a killed process left half-written."""
    for parsed in folder.glob("*-*-*"):
        if not parsed.name.endswith(_reader_hash()):
            shutil.rmtree(parsed, ignore_errors=True)


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


def parse_document(archive: Archive, folder: Path, document: Document) -> Parsed:
    """Parse and check one archived document; the result is kept in the folder by the document and the reading code.

    Raises SchemaBreak where the document is not what its source used to send.
    """
    module = sources.module(document.source)
    folder = folder / f"{document.document_id[:16]}-{document.source}-{document.dataset}-{_reader_hash()}"
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
    kept = sum(frame.height for name, frame in tables.items() if not parsed[name].is_derived)
    if rows_read != kept + whole.rows_quarantined:
        raise AssertionError(f"{rows_read} rows read, but {kept} accepted and {whole.rows_quarantined} quarantined")
    return whole


@cache
def _reader_hash() -> str:
    """Hash of the code that decides what a document's rows become."""
    folders = [Path(__file__).parent, Path(inspect.getfile(check)).parent]
    files = [path for folder in folders for path in sorted(folder.rglob("*.py"))]
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:16]


def _from_cache(folder: Path) -> Parsed | None:
    done = folder / "parsed.json"
    try:
        about = json.loads(done.read_text(encoding="utf-8"))
        tables = {name: pl.read_parquet(folder / f"{name}.parquet") for name in about["tables"]}
        broken = pl.read_parquet(folder / "broken.parquet")
    except (OSError, ValueError, pl.exceptions.PolarsError):
        return None  # not there, or cut short by a crash: it is made again
    return Parsed(tables, broken, about["rows_read"], about["headers"], about["unread"])


def _to_cache(folder: Path, parsed: Parsed) -> None:
    """Written beside and renamed whole: another process may read or write the same document, or tidy this away."""
    partial = folder.with_name(f"{folder.name}.{uuid.uuid4().hex}.partial")
    try:
        _write(partial, parsed)
    except FileNotFoundError:
        return  # tidied away; it is parsed again when it is needed
    try:
        partial.rename(folder)
    except OSError:  # there already, whole by another process or cut short by a crash
        if _from_cache(folder) is None:
            shutil.rmtree(folder, ignore_errors=True)
            with suppress(OSError):
                partial.rename(folder)
        shutil.rmtree(partial, ignore_errors=True)


def _write(folder: Path, parsed: Parsed) -> None:
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
    (folder / "parsed.json").write_text(json.dumps(about, ensure_ascii=False), encoding="utf-8")
