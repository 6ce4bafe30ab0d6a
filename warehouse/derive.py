"""The sql folder as tables: read what each file reads, order them, build them in a scratch DuckDB, check every one.

A model may read `earlier.<schema>.<table>`, the table as it was in the version before, and `recast.<schema>.<table>`, the
same made of that version's documents by today's code; both are databases of their own beside the one that is built.
"""

from __future__ import annotations

import csv
import json
import re
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from schemas.books import ABOUT
from schemas.books import TABLES as BOOKS
from schemas.columns import COLUMNS, QUANTITIES
from schemas.contract import Table, check, empty_frame
from schemas.tables import LAYERS, all_tables

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import polars as pl

SQL_FOLDER = Path(__file__).resolve().parent.parent / "sql"
MODEL_LAYERS = ("clean", "compute", "trends")
PAST = ("earlier", "recast")
# From which version to which this build leads, and whether recast differs from earlier; no row where it is the first.
STEPS = "main.steps"
STEPS_COLUMNS = "from_version BIGINT, version BIGINT, is_recast BOOLEAN"
ROWS_FOR_ONE_THREAD = 50_000  # of all raw tables; a row of an export becomes some twenty facts


@dataclass(frozen=True)
class Model:
    """One SQL file: the table it makes, its query, its header, and the tables it reads."""

    name: str
    query: str
    header: tuple[str, ...]
    reads: frozenset[str]

    @property
    def comment(self) -> str:
        """The first sentence of the header: what the table is."""
        return self.header[0] if self.header else ""


class DataError(Exception):
    """Something in the data or an assumption breaks a rule; the message names where, what, and what was expected."""


def models(folder: Path = SQL_FOLDER) -> list[Model]:
    """All models of the sql folder, each after everything it reads; raises DataError naming a cycle."""
    paths = [path for layer in MODEL_LAYERS for path in sorted((folder / layer).glob("*.sql"))]
    return list(
        _in_order(tuple((f"{path.parent.name}.{path.stem}", path.read_text(encoding="utf-8")) for path in paths))
    )


@cache
def _in_order(texts: tuple[tuple[str, str], ...]) -> tuple[Model, ...]:
    # A process reads the same texts many times, and parsing them all takes as long as building some of the tables.
    with duckdb.connect(config={"threads": 1}) as con:
        found = {name: Model(name, text, _header(text), frozenset(tables_read(con, text))) for name, text in texts}
    graph = {name: {read for read in model.reads if read in found} for name, model in found.items()}
    try:
        return tuple(found[name] for name in TopologicalSorter(graph).static_order())
    except CycleError as error:
        raise DataError(f"the models read each other in a circle: {' → '.join(error.args[1])}") from error


def checks(folder: Path = SQL_FOLDER) -> list[tuple[str, bool, str]]:
    """The verify queries as (true statement, whether a row stops the version, query)."""
    found = []
    for path in sorted((folder / "verify").glob("*.sql")):
        text = path.read_text(encoding="utf-8")
        found.append((path.stem.replace("_", " "), "-- On failure: warn" not in text, text))
    return found


def tables_read(con: duckdb.DuckDBPyConnection, query: str) -> set[str]:
    """Schema-qualified tables a query reads, found in DuckDB's own parse of it; those of the past with their database."""
    row = con.execute("select json_serialize_sql(?::varchar)", [_bare(query)]).fetchone()
    tree = json.loads(row[0]) if row else {"error": True, "error_message": "no parse"}
    if tree.get("error"):
        raise DataError(f"SQL does not parse: {tree.get('error_message')}")
    return {
        ".".join(filter(None, (node.get("catalog_name"), node["schema_name"], node["table_name"])))
        for node in _nodes(tree)
        if node.get("type") == "BASE_TABLE" and node.get("schema_name")
    }


def past_reads(folder: Path = SQL_FOLDER) -> dict[str, set[str]]:
    """Tables of the past that models and checks read, of `earlier` and of `recast`; found by parsing them."""
    read = {read for model in models(folder) for read in model.reads} | _reads_of_checks(tuple(checks(folder)))
    return {catalog: {r.removeprefix(f"{catalog}.") for r in read if r.startswith(f"{catalog}.")} for catalog in PAST}


def past_models(folder: Path = SQL_FOLDER) -> list[Model]:
    """The models that are made from the version before, themselves or through another one, in order."""
    found: dict[str, Model] = {}
    for model in models(folder):
        if any(read.split(".")[0] in PAST or read in found for read in model.reads):
            found[model.name] = model
    return list(found.values())


@cache
def _reads_of_checks(found: tuple[tuple[str, bool, str], ...]) -> frozenset[str]:
    with duckdb.connect(config={"threads": 1}) as con:
        return frozenset(read for _, _, query in found for read in tables_read(con, query))


def ancestors(names: set[str], folder: Path = SQL_FOLDER) -> frozenset[str]:
    """These models and all that they are made from."""
    reads = {model.name: model.reads for model in models(folder)}
    found: set[str] = set()
    rest = [name for name in names if name in reads]
    while rest:
        name = rest.pop()
        if name not in found:
            found.add(name)
            rest += [read for read in reads[name] if read in reads]
    return frozenset(found)


def build_over(con: duckdb.DuckDBPyConnection, names: frozenset[str], folder: Path = SQL_FOLDER) -> None:
    """Make some models anew over tables that are there, and before them the steps on the way that they are made from.

    Raises DataError where a table lacks what they read: then other code made it.
    """
    shapes = all_tables()
    wanted = set(names)
    for model in reversed(models(folder)):
        if model.name in wanted:
            wanted |= {read for read in model.reads if read in shapes and not shapes[read].kept}
    con.execute((folder / "formulas.sql").read_text(encoding="utf-8"))
    for model in models(folder):
        if model.name in wanted:
            make(con, model)


def profile_in_force(asked: str = "", folder: Path = SQL_FOLDER) -> str:
    """The profile of assumptions asked for, else the one profiles.csv puts in force; raises DataError listing those there are."""
    with (folder / "assumptions" / "profiles.csv").open(encoding="utf-8", newline="") as file:
        known = {row["profile"]: row["is_in_force"] == "true" for row in csv.DictReader(file)}
    if asked and asked not in known:
        raise DataError(f"no profile {asked!r}; there are {', '.join(sorted(known))}")
    return asked or next(name for name, is_in_force in known.items() if is_in_force)


def load_assumptions(con: duckdb.DuckDBPyConnection, folder: Path = SQL_FOLDER, profile: str = "") -> None:
    """Make the assumption tables from their CSVs, with one profile in force: the one named, else the one profiles.csv says.

    Raises DataError with file, row, column and value for the first bad cell, and for a profile there is none of.
    """
    in_force = profile_in_force(profile, folder)
    con.execute("create schema if not exists assumptions")
    for name in LAYERS["assumptions"]:
        store(con, f"assumptions.{name}", _assumption(name, (folder / "assumptions" / f"{name}.csv").read_bytes()))
    if profile:
        con.execute("update assumptions.profiles set is_in_force = profile = ?", [in_force])


@cache
def _assumption(name: str, content: bytes) -> pl.DataFrame:
    # Checked once a process for the same bytes: a test run builds hundreds of warehouses on one set of assumptions.
    import polars as pl

    shape = LAYERS["assumptions"][name]
    text = pl.read_csv(content, infer_schema=False)
    missing = [column for column in shape.columns if column not in text.columns]
    if missing:
        raise DataError(f"{name}.csv: missing column {missing[0]!r}")
    result = check(text.with_row_index("row_number", 1).with_columns(pl.col("row_number").cast(pl.Int64)), shape)
    for broken in result.broken.to_dicts():
        raise DataError(
            f"{name}.csv row {broken['row_number']}, {broken['column_name']} {broken['raw_value']!r}: {broken['rule']}"
        )
    return result.accepted.select(shape.columns)


def load_raw(con: duckdb.DuckDBPyConnection, frames: Mapping[str, pl.DataFrame]) -> None:
    """Make every raw table, empty where no frame is given; raw.quantities is the vocabulary itself."""
    import polars as pl

    words = [
        {
            "quantity": name,
            "subject": q.subject,
            "unit": q.unit or None,
            "meaning": q.meaning,
            "states_compute": q.states_compute,
        }
        for name, q in QUANTITIES.items()
    ]
    frames = {**frames, "quantities": pl.DataFrame(words)}
    con.execute("create schema if not exists raw")
    with fitting_threads(con, sum(frame.height for frame in frames.values())):
        for name, shape in LAYERS["raw"].items():
            whole = pl.concat([empty_frame(shape), *([frames[name]] if name in frames else [])], how="diagonal")
            store(con, f"raw.{name}", whole.select(shape.columns))


def store(con: duckdb.DuckDBPyConnection, name: str, frame: pl.DataFrame) -> None:
    """Create one table from a frame."""
    con.register("incoming", frame.to_arrow())
    con.execute(f"create or replace table {name} as from incoming")
    con.unregister("incoming")


def attach_past(con: duckdb.DuckDBPyConnection, folder: Path = SQL_FOLDER) -> None:
    """Attach `earlier` and `recast` with the tables that are read of them, of today's shape and without a row."""
    shapes = all_tables()
    read = past_reads(folder)
    for catalog in PAST:
        con.execute(f"attach ':memory:' as {catalog}")
        # What recast is not made again for is a view on earlier.
        for name in sorted((read["earlier"] | read["recast"] if catalog == "earlier" else read["recast"]) - {STEPS}):
            columns = ", ".join(f"{column} {COLUMNS[column].type}" for column in shapes[name].columns)
            con.execute(f"create schema if not exists {catalog}.{name.split('.')[0]}")
            con.execute(f"create table {catalog}.{name} ({columns})")
    con.execute(f"create table earlier.{STEPS} ({STEPS_COLUMNS})")


def has_past(con: duckdb.DuckDBPyConnection) -> bool:
    """Whether `earlier` and `recast` are attached."""
    return ("earlier",) in con.execute("select database_name from duckdb_databases()").fetchall()


def build(
    con: duckdb.DuckDBPyConnection, folder: Path = SQL_FOLDER, only: frozenset[str] = frozenset()
) -> Iterator[str]:
    """Build every model in order, yielding each name when its table is there and has its declared shape.

    With `only`, these models alone are built; the tables of the others are empty. Without a past attached there is none:
    its tables are empty.
    """
    shapes = all_tables()
    if not only and not has_past(con):
        attach_past(con, folder)
    with fitting_threads(con):
        con.execute((folder / "formulas.sql").read_text(encoding="utf-8"))
        for layer in MODEL_LAYERS:
            con.execute(f"create schema if not exists {layer}")
        for model in models(folder):
            if only and model.name not in only:
                store(con, model.name, empty_frame(shapes[model.name]))
                continue
            make(con, model)
            yield model.name


def make(con: duckdb.DuckDBPyConnection, model: Model) -> None:
    """Build one table from those it reads; raises DataError where that fails or the table has not its declared shape."""
    try:
        con.execute(f"create or replace table {model.name} as {_bare(model.query)}")
    except duckdb.Error as error:
        raise DataError(f"{model.name}: {error}") from error
    _has_shape(con, model.name, all_tables())


@contextmanager
def fitting_threads(con: duckdb.DuckDBPyConnection, rows: int | None = None) -> Iterator[None]:
    """One thread while there are few `rows` (by default those of the raw tables), as many as before where there are more.

    DuckDB shares a scan out by row groups of 122,880 rows: below that a second thread mostly waits, and doubles the
    processor time of small queries. Reference: DuckDB, "Tuning workloads", on the effect of row groups on parallelism.
    """
    ((threads,),) = con.execute("select current_setting('threads')").fetchall()
    few = (raw_rows(con) if rows is None else rows) <= ROWS_FOR_ONE_THREAD
    con.execute(f"set threads = {1 if few else threads}")
    try:
        yield
    finally:
        con.execute(f"set threads = {threads}")


def raw_rows(con: duckdb.DuckDBPyConnection) -> int:
    """Rows of all raw tables together."""
    tables = "duckdb_tables() where schema_name = 'raw' and database_name = current_database()"
    ((rows,),) = con.execute(f"select coalesce(sum(estimated_size), 0)::bigint from {tables}").fetchall()
    return rows


def comments(folder: Path = SQL_FOLDER) -> Iterator[tuple[str, str, dict[str, str]]]:
    """For every table: its name, what it is, and each column's meaning with its unit."""
    said = {model.name: model.comment for model in models(folder)}
    raw_words = {
        "raw": "As received, typed",
        "assumptions": "Human judgement: one row a choice, with reason and reference",
    }
    for name, shape in all_tables().items():
        layer = name.split(".")[0]
        columns = {column: describe_column(column) for column in shape.columns}
        yield name, said.get(name, f"{raw_words.get(layer, '')}: {name.split('.')[1].replace('_', ' ')}."), columns


def book_comments() -> Iterator[tuple[str, str, dict[str, str]]]:
    """The same for the lake's own books."""
    for book, shape in BOOKS.items():
        yield f"main.{book}", ABOUT[book], {column: describe_column(column) for column in shape.columns}


def describe_column(name: str) -> str:
    """A column's meaning and unit in one line."""
    column = COLUMNS[name]
    return f"{column.meaning} [{column.unit}]" if column.unit else column.meaning


def verify(con: duckdb.DuckDBPyConnection, folder: Path = SQL_FOLDER) -> tuple[list[str], list[str]]:
    """Run the checks of every table and the verify queries: (what stops the version, what only warns), a line each."""
    warns: list[str] = []
    if not has_past(con):
        attach_past(con, folder)
    with fitting_threads(con):
        stops = [line for name, shape in all_tables().items() for line in table_faults(con, name, shape)]
        for statement, stop, query in checks(folder):
            rows = con.execute(_bare(query)).fetchmany(3)
            if rows:
                shown = "; ".join(str(row) for row in rows)
                (stops if stop else warns).append(f"not true that {statement}: {shown}")
    return stops, warns


def table_faults(con: duckdb.DuckDBPyConnection, name: str, shape: Table) -> list[str]:
    """Broken nulls, bounds, key and references of one table of the current database, a line each."""
    faults = []
    tests = [f"count(*) filter (where {column} is null)" for column in shape.filled()]
    labels = [f"{column} is filled" for column in shape.filled()]
    for column in shape.columns:
        limits = COLUMNS[column]
        if limits.minimum is not None:
            tests.append(f"count(*) filter (where {column} < {limits.minimum})")
            labels.append(f"{column} is at least {limits.minimum:g}")
        if limits.maximum is not None:
            tests.append(f"count(*) filter (where {column} > {limits.maximum})")
            labels.append(f"{column} is at most {limits.maximum:g}")
        if limits.allowed:
            words = ", ".join("'" + word.replace("'", "''") + "'" for word in limits.allowed)
            tests.append(f"count(*) filter (where {column} not in ({words}))")
            labels.append(f"{column} is one of {words}")
    counts = con.execute(f"select {', '.join(tests)} from {name}").fetchone() if tests else ()
    faults += [f"{name}: not true that {label} ({n} rows)" for label, n in zip(labels, counts or (), strict=True) if n]
    key = ", ".join(shape.key)
    twice = con.execute(f"select {key}, count(*) from {name} group by all having count(*) > 1 limit 1").fetchone()
    if twice:
        faults.append(f"{name}: key ({key}) stands more than once: {twice}")
    for column, target in shape.references.items():
        table, target_column = target.rsplit(".", 1)
        lost = con.execute(
            f"select {column} from {name} where {column} is not null"
            f" and {column} not in (select {target_column} from {table}) limit 1"
        ).fetchone()
        if lost:
            faults.append(f"{name}: {column} {lost[0]!r} is not in {target}")
    return faults


def _has_shape(con: duckdb.DuckDBPyConnection, name: str, shapes: Mapping[str, Table]) -> None:
    if name not in shapes:
        raise DataError(f"{name}: no entry in schemas/{name.split('.')[0]}.py")
    made = {row[0]: row[1] for row in con.execute(f"describe {name}").fetchall()}
    wanted = {column: COLUMNS[column].type for column in shapes[name].columns}
    if list(made) != list(wanted):
        raise DataError(f"{name}: columns {list(made)}, but the schema says {list(wanted)}")
    for column, kind in wanted.items():
        # An all-null column of an empty build comes out as INTEGER; the contract type is cast in place.
        if made[column] != kind:
            raise DataError(f"{name}.{column}: type {made[column]}, but columns.py says {kind}")


def _header(text: str) -> tuple[str, ...]:
    lines = []
    for line in text.splitlines():
        if not line.startswith("-- "):
            break
        lines.append(line[3:].strip())
    return tuple(lines)


def _bare(query: str) -> str:
    """The query without comment lines, which DuckDB's serialiser does not need."""
    return re.sub(r"^\s*--.*$", "", query, flags=re.MULTILINE).strip().rstrip(";")


def _nodes(tree: object) -> Iterator[dict]:
    rest = [tree]
    while rest:
        node = rest.pop()
        if isinstance(node, dict):
            yield node
            rest.extend(node.values())
        elif isinstance(node, list):
            rest.extend(node)
