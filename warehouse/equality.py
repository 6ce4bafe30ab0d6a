"""Whether tables made twice are the same: keys and text equal, numbers to a share of their size; the first differences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import duckdb

from schemas.columns import COLUMNS, NUMBER
from warehouse import lake

SHOWN = 5


@dataclass
class Compared:
    """One table in two databases: rows in both, the largest share by which a number differs, what differs beyond that."""

    table: str
    rows: int
    largest: float = 0.0
    differences: list[str] = field(default_factory=list)


def compare(
    con: duckdb.DuckDBPyConnection, name: str, one: str, other: str, key: Sequence[str], tolerance: float
) -> Compared:
    """Compare a table of the attached databases `one` and `other` by its key; columns that one lacks must be null."""
    here, there = (_columns(con, f"{database}.{name}") for database in (one, other))
    held = [lake.contents(con, f"{database}.{name}", columns) for database, columns in ((one, here), (other, there))]
    found = Compared(name, held[0].rows)
    if held[0] == held[1]:
        return found
    both = f"{one}.{name} as a full join {other}.{name} as b on ({' and '.join(_same(c) for c in key)})"
    found.differences += _alone(con, both, key, one, other)
    for column in sorted({*here, *there} - set(key)):
        if column not in here or column not in there:
            database = one if column in here else other
            ((filled,),) = con.execute(f"select count({column}) from {database}.{name}").fetchall()
            found.differences += [f"{column} is in {database} only"] if filled else []
            continue
        found.differences += _cells(con, both, key, column, tolerance)
        if COLUMNS[column].type == NUMBER:
            ((share,),) = con.execute(f"select coalesce(max({_share(column)}), 0) from {both}").fetchall()
            found.largest = max(found.largest, share)
    return found


def _columns(con: duckdb.DuckDBPyConnection, name: str) -> list[str]:
    return [row[0] for row in con.execute(f"describe {name}").fetchall()]


def _same(column: str) -> str:
    return f"a.{column} is not distinct from b.{column}"


def _share(column: str) -> str:
    """How far two numbers are apart, as a share of the larger; null where one is no finite number."""
    a, b = f"a.{column}", f"b.{column}"
    return f"case when isfinite({a}) and isfinite({b}) and {a} <> {b} then abs({a} - {b}) / greatest(abs({a}), abs({b})) end"


def _alone(con: duckdb.DuckDBPyConnection, both: str, key: Sequence[str], one: str, other: str) -> Iterator[str]:
    """Rows whose key stands in one of the databases only."""
    first = key[0]
    for mine, his, database in (("a", "b", one), ("b", "a", other)):
        words = ", ".join(f"{mine}.{column}" for column in key)
        query = f"select {words} from {both} where {his}.{first} is null and {mine}.{first} is not null limit {SHOWN}"
        for row in con.execute(query).fetchall():
            yield f"row {_named(key, row)} is in {database} only"


def _cells(
    con: duckdb.DuckDBPyConnection, both: str, key: Sequence[str], column: str, tolerance: float
) -> Iterator[str]:
    """Cells of rows in both that differ by more than the tolerance."""
    differs = f"a.{column} is distinct from b.{column}"
    if COLUMNS[column].type == NUMBER:
        differs += f" and coalesce({_share(column)} > {tolerance}, true)"
    words = ", ".join(f"a.{c}" for c in key)
    in_both = f"a.{key[0]} is not null and b.{key[0]} is not null"
    query = (
        f"select {words}, a.{column}, b.{column} from {both} where {in_both} and {differs} order by all limit {SHOWN}"
    )
    for *row, mine, his in con.execute(query).fetchall():
        yield f"row {_named(key, row)}: {column} is {mine!r} and {his!r}"


def _named(key: Sequence[str], row: Sequence[object]) -> str:
    return ", ".join(f"{column} {value}" for column, value in zip(key, row, strict=True))
