"""The lake: DuckLake on a SQLite catalogue; one transaction a version, our own sequence of versions beside its snapshots."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
from filelock import FileLock, Timeout

from schemas.columns import COLUMNS
from schemas.contract import Table

VERSIONS = ["version", "snapshot_id", "published_at", "as_of_on", "code_version", "manifest", "message"]


@dataclass(frozen=True)
class Version:
    """One published version: its number, DuckLake snapshot, time, as-of date, code, manifest (JSON text) and message."""

    version: int
    snapshot_id: int
    published_at: dt.datetime
    as_of_on: dt.date
    code_version: str
    manifest: str
    message: str


class LakeError(Exception):
    """The lake cannot be used; the message says why and what to do."""


@contextmanager
def writer(folder: Path) -> Iterator[None]:
    """The one writer's lock of a data directory; raises LakeError where another run holds it. A dead process holds none."""
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / "writer.lock", timeout=0)
    try:
        lock.acquire()
    except Timeout as error:
        raise LakeError(f"another run is writing to {folder}; wait for it to end") from error
    try:
        yield
    finally:
        lock.release()


def attach(con: duckdb.DuckDBPyConnection, folder: Path, snapshot_id: int | None = None, name: str = "lake") -> None:
    """Attach the lake in `folder` under `name`; with a snapshot id, read-only and as it was then."""
    folder.mkdir(parents=True, exist_ok=True)
    _load_extensions(con, folder / "extensions")
    options = [f"data_path '{quoted(folder / 'data')}/'", "override_data_path true", "data_inlining_row_limit 0"]
    if snapshot_id is not None:
        options.append(f"snapshot_version {snapshot_id}")
    try:
        con.execute(f"attach 'ducklake:sqlite:{quoted(folder / 'catalog.sqlite')}' as {name} ({', '.join(options)})")
    except duckdb.Error as error:
        raise LakeError(
            f"{folder / 'catalog.sqlite'}: the catalogue cannot be opened ({_first_line(error)})"
        ) from error


def versions(con: duckdb.DuckDBPyConnection, name: str = "lake") -> list[Version]:
    """Every published version, oldest first; none in a new lake."""
    there = con.execute(
        "select count(*) from duckdb_tables() where database_name = ? and table_name = 'versions'", [name]
    ).fetchone()
    if not there or not there[0]:
        return []
    rows = con.execute(f"select {', '.join(VERSIONS)} from {name}.main.versions order by version").fetchall()
    return [Version(*row) for row in rows]


def commit(
    con: duckdb.DuckDBPyConnection,
    tables: Mapping[str, Table],
    comments: Mapping[str, tuple[str, dict[str, str]]],
    about: Mapping[str, object],
) -> Version:
    """Make the lake's tables equal to those of `con` in one transaction, and return the new version.

    `about` has as_of_on, code_version, manifest and message. Only rows that differ are written; nothing is seen by
    readers before the end, and an error leaves the lake as it was.
    """
    made = versions(con)
    number = made[-1].version + 1 if made else 1
    con.execute("begin transaction")
    try:
        said = _said(con)
        for name, shape in tables.items():
            _declare(con, name, shape, comments.get(name), said.get(name))
            _sync(con, name, shape)
        con.execute(f"create table if not exists lake.main.versions ({_definition(VERSIONS)})")
        row = con.execute("select coalesce(max(snapshot_id), 0) + 1 from ducklake_snapshots('lake')").fetchone()
        new = Version(number, int(row[0]) if row else 1, dt.datetime.now(dt.UTC).replace(tzinfo=None), **about)  # type: ignore[arg-type]
        con.execute(
            f"insert into lake.main.versions values ({', '.join('?' * len(VERSIONS))})",
            [getattr(new, column) for column in VERSIONS],
        )
        info = json.dumps({"version": number, "as_of_on": str(new.as_of_on), "code_version": new.code_version})
        con.execute("call lake.set_commit_message('aicompute', ?, extra_info => ?)", [new.message, info])
        con.execute("commit")
    except BaseException:
        con.execute("rollback")
        raise
    now = con.execute("select max(snapshot_id) from ducklake_snapshots('lake')").fetchone()
    if not now or now[0] != new.snapshot_id:
        raise LakeError(f"version {number} was to be snapshot {new.snapshot_id}, but the lake is at {now}")
    return new


def _said(con: duckdb.DuckDBPyConnection) -> dict[str, tuple[str, dict[str, str]]]:
    """Each table of the lake with its comment and those of its columns, asked once: the whole catalogue is read for it."""
    there = "database_name = 'lake' and schema_name <> 'information_schema'"
    tables = con.execute(
        f"select schema_name || '.' || table_name, comment from duckdb_tables() where {there}"
    ).fetchall()
    found: dict[str, tuple[str, dict[str, str]]] = {name: (comment, {}) for name, comment in tables}
    columns = f"select schema_name || '.' || table_name, column_name, comment from duckdb_columns() where {there}"
    for name, column, comment in con.execute(columns).fetchall():
        if name in found:
            found[name][1][column] = comment
    return found


def _declare(
    con: duckdb.DuckDBPyConnection,
    name: str,
    shape: Table,
    comment: tuple[str, dict[str, str]] | None,
    said: tuple[str, dict[str, str]] | None,
) -> None:
    """Create the table or the columns it lacks, and bring its comments up to date; `said` is what the lake has of it."""
    if said is None:
        con.execute(f"create schema if not exists lake.{name.split('.')[0]}")
        con.execute(f"create table lake.{name} ({_definition(shape.columns)})")
        said = ("", dict.fromkeys(shape.columns, ""))
    for column in shape.columns:
        if column not in said[1]:
            con.execute(f"alter table lake.{name} add column {column} {COLUMNS[column].type}")
    if comment is None:
        return
    about, columns = comment
    if said[0] != about:
        con.execute(f"comment on table lake.{name} is '{quoted(about)}'")
    for column, meaning in columns.items():
        if said[1].get(column) != meaning:
            con.execute(f"comment on column lake.{name}.{column} is '{quoted(meaning)}'")


def _sync(con: duckdb.DuckDBPyConnection, name: str, shape: Table) -> None:
    """Delete rows that are gone or changed and insert what is new; an equal table is not touched."""
    columns, key = ", ".join(shape.columns), ", ".join(shape.key)
    con.execute(f"create or replace temp table old as select {columns} from lake.{name}")
    con.execute(f"create or replace temp table gone as from old except all select {columns} from {name}")
    con.execute(f"create or replace temp table fresh as select {columns} from {name} except all from old")
    if _count(con, "gone"):
        match = " and ".join(f"old.{column} = gone.{column}" for column in shape.key)
        con.execute(f"delete from lake.{name} as old where exists (select 1 from gone where {match})")
    if _count(con, "fresh"):
        con.execute(f"insert into lake.{name} ({columns}) select {columns} from fresh order by {key}")


def _count(con: duckdb.DuckDBPyConnection, table: str) -> int:
    row = con.execute(f"select count(*) from {table}").fetchone()
    return int(row[0]) if row else 0


def _definition(columns: tuple[str, ...] | list[str]) -> str:
    return ", ".join(f"{column} {COLUMNS[column].type}" for column in columns)


def _load_extensions(con: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Load ducklake and sqlite from their Python packages, never from the network."""
    folder.mkdir(parents=True, exist_ok=True)
    con.execute(f"set extension_directory = '{quoted(folder)}'")
    con.execute("set autoinstall_known_extensions = false")
    for extension in ("ducklake", "sqlite"):
        try:
            con.execute(f"load {extension}")
        except duckdb.Error:
            from duckdb_extensions import import_extension

            import_extension(extension, con=con)
            con.execute(f"load {extension}")


def quoted(text: object) -> str:
    """Text as it stands between the single quotes of an SQL literal."""
    return str(text).replace("'", "''")


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0]
