"""A document's bytes as text rows under the vocabulary's names; what does not fit is kept apart with the reason."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

csv.field_size_limit(1 << 27)


class SchemaBreak(Exception):
    """A document is not what its source used to send; the message names the document, what is missing and what is there."""


@dataclass
class Rows:
    """One raw table's rows out of one document.

    `frame` has row_number and one text column a name; `ragged` holds rows of another length than the header (row_number,
    rule, column_name, raw_value); `headers` maps a name to its spelling in the document; `unread` are headers nobody
    reads; `header` and `body` are the cells as received. `is_derived` marks rows read out of the words in another
    table's cells: they are no rows of the document, and their row_number is the row whose words they are.
    """

    frame: pl.DataFrame
    header: list[str]
    body: list[list[str]]
    ragged: list[dict] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    unread: list[str] = field(default_factory=list)
    is_derived: bool = False

    @property
    def rows_read(self) -> int:
        """Rows a CSV reader counts, the header not counted."""
        return len(self.body)

    def as_json(self, row_number: int) -> str:
        """The filled cells of one row by header, as JSON; a row that does not fit the header as a list."""
        row = self.body[row_number - 1]
        seen: Counter[str] = Counter()
        whole = {}
        for name, cell in zip(self.header, row, strict=False):
            seen[name] += 1
            if cell.strip():
                whole[name if seen[name] == 1 else f"{name} ({seen[name]})"] = cell
        return json.dumps(whole if len(row) == len(self.header) else row, ensure_ascii=False)


def read_rows(
    content: bytes,
    document: str,
    names: Mapping[str, tuple[str, ...]],
    required: Iterable[str],
    ignored: Iterable[str] = (),
) -> Rows:
    """Read a CSV by declared headers.

    `names` maps a vocabulary name to its spellings; the first one present counts. `ignored` are headers known and not
    used, so not reported. Raises SchemaBreak for bytes that are no UTF-8 CSV or where a required name has no header.
    """
    header, body = cells_of(content, document)
    where = {name: next((s for s in spellings if s in header), None) for name, spellings in names.items()}
    for name in required:
        if where.get(name) is None:
            known = " or ".join(repr(s) for s in names[name])
            there = " ".join(", ".join(header[:12]).split())
            raise SchemaBreak(f"{document}: required header {known} is missing; the file has {there} …")
    found = {name: spelling for name, spelling in where.items() if spelling is not None}
    places = {name: header.index(spelling) for name, spelling in found.items()}
    whole = [(number, row) for number, row in enumerate(body, 1) if len(row) == len(header)]
    columns = {name: [row[place] for _, row in whole] for name, place in places.items()}
    frame = pl.DataFrame(
        {"row_number": [number for number, _ in whole], **columns},
        schema={"row_number": pl.Int64, **dict.fromkeys(places, pl.String)},
    )
    ragged = [_ragged(number, row, len(header)) for number, row in enumerate(body, 1) if len(row) != len(header)]
    unread = sorted(set(header) - {s for spellings in names.values() for s in spellings} - set(ignored) - {""})
    return Rows(frame, header, body, ragged, found, unread)


def record_rows(
    records: Sequence[Mapping[str, str | None]],
    names: Sequence[str],
    refused: Mapping[int, tuple[str, str]] | None = None,
) -> Rows:
    """Rows of a document that is no table: one record a row, numbered from 1, each a mapping of vocabulary name to text.

    `refused` maps the number of a record the source itself does not stand behind (deleted, not found) to the rule it
    breaks and the raw value; such a record is set aside with that reason, as are those that break the table's contract.
    """
    refused = refused or {}
    kept = [number for number in range(1, len(records) + 1) if number not in refused]
    columns = {name: [records[number - 1].get(name) for number in kept] for name in names}
    frame = pl.DataFrame(
        {"row_number": kept, **columns}, schema={"row_number": pl.Int64, **dict.fromkeys(names, pl.String)}
    )
    faults = [
        {"row_number": number, "rule": rule, "column_name": "", "raw_value": raw}
        for number, (rule, raw) in refused.items()
    ]
    body = [[record.get(name) or "" for name in names] for record in records]
    return Rows(frame, list(names), body, faults, {name: name for name in names})


def cells_of(content: bytes, document: str) -> tuple[list[str], list[list[str]]]:
    """Header and rows of a CSV as received, empty lines left out; raises SchemaBreak for what is no UTF-8 CSV."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise SchemaBreak(f"{document} line {line}: byte {content[error.start]:#x} is not UTF-8") from error
    try:
        rows = [row for row in csv.reader(io.StringIO(text, newline="")) if row]
    except csv.Error as error:
        raise SchemaBreak(f"{document}: not a CSV ({error})") from error
    if not rows:
        raise SchemaBreak(f"{document}: the file is empty; a header row was expected")
    return [cell.strip() for cell in rows[0]], rows[1:]


def _ragged(number: int, row: list[str], width: int) -> dict:
    return {
        "row_number": number,
        "rule": f"the row has as many cells as the header ({width})",
        "column_name": "",
        "raw_value": f"{len(row)} cell{'' if len(row) == 1 else 's'}",
    }
