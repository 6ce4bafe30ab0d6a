"""The lake: DuckLake; one transaction a version, our own sequence of versions beside its snapshots."""

from __future__ import annotations

import datetime as dt
import importlib.util
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import duckdb
from filelock import FileLock, Timeout

from schemas.books import IN_MAIN
from schemas.books import TABLES as BOOKS
from schemas.columns import COLUMNS
from schemas.contract import Table
from warehouse import editions, faults
from warehouse.catalogue import LakeError, Postgres, Store, held

_ENTRIES = {"sqlite": "sqlite_scanner", "postgres": "postgres_scanner"}

# Beside the SQLite catalogue: as it was after the newest version.
COPY = "catalog-backup.sqlite"


@dataclass(frozen=True)
class Lake:
    """Where a lake is: its folder, and what lies elsewhere, a catalogue in PostgreSQL or data files on a store."""

    folder: Path
    postgres: Postgres | None = None
    store: Store | None = None

    @property
    def catalogue(self) -> str:
        """What DuckLake attaches."""
        return f"postgres:{self.postgres.words}" if self.postgres else f"sqlite:{self.file}"

    @property
    def file(self) -> Path:
        """The catalogue where it is a file."""
        return self.folder / "catalog.sqlite"

    @property
    def data(self) -> str:
        """Where its data files lie."""
        return f"{self.store.path if self.store else self.folder / 'data'}/"

    @property
    def extensions(self) -> tuple[str, ...]:
        """What DuckDB must load to attach it."""
        remote = ("httpfs",) if self.store and self.store.is_remote else ()
        return ("ducklake", "postgres" if self.postgres else "sqlite", *remote)

    def exists(self) -> bool:
        """Whether anything was ever committed to it; raises LakeError where its database does not answer."""
        if self.postgres is None:
            return self.file.exists()
        with connected(self) as con:
            self.postgres.attach(con, "database")
            query = "select to_regclass(''ducklake_snapshot'') is not null"
            return bool(con.execute(f"from postgres_query('database', '{query}')").fetchall()[0][0])


@dataclass(frozen=True)
class Version:
    """One published version: its number, DuckLake snapshot, time, as-of date, code, manifest (JSON text) and message.

    `code_commit` is the commit of a clone, with `+` where files differ from it; `lock_hash` that of the locked packages.
    """

    version: int
    snapshot_id: int
    published_at: dt.datetime
    as_of_on: dt.date
    code_version: str
    manifest: str
    message: str
    code_commit: str | None = None
    lock_hash: str | None = None


@dataclass(frozen=True)
class Contents:
    """What a table holds: its rows, and a hash of their cells that no order changes."""

    rows: int
    content_hash: str


@contextmanager
def writer(place: Lake) -> Iterator[None]:
    """The one writer's lock of a lake; raises LakeError where another run holds it. A dead process holds none.

    A data directory has a lock of its own, a catalogue in PostgreSQL one for all machines.
    """
    folder = place.folder.parent
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / "writer.lock", timeout=0)
    try:
        lock.acquire()
    except Timeout as error:
        raise LakeError(f"another run is writing to {folder}; wait for it to end") from error
    try:
        if place.postgres is None:
            yield
        else:
            with connected(place) as con, held(con, place.postgres):
                yield
    finally:
        lock.release()


def connected(*places: Lake) -> duckdb.DuckDBPyConnection:
    """A new connection that has the extensions of these lakes loaded, and none of them attached."""
    con = duckdb.connect()
    for place in places:
        _load_extensions(con, place.folder / "extensions", place.extensions)
    return con


def attach(con: duckdb.DuckDBPyConnection, place: Lake, snapshot_id: int | None = None, name: str = "lake") -> None:
    """Attach a lake under `name`; with a snapshot id, read-only and as it was then; raises LakeError where it cannot be."""
    place.folder.mkdir(parents=True, exist_ok=True)
    _load_extensions(con, place.folder / "extensions", place.extensions)
    options = [f"data_path '{quoted(place.data)}'", "override_data_path true", "data_inlining_row_limit 0"]
    if snapshot_id is not None:
        options.append(f"snapshot_version {snapshot_id}")
    if place.store and place.store.is_remote:
        place.store.open(con)
    if place.postgres and (secret := place.postgres.secret(con)):
        options.append(f"meta_secret '{secret}'")
    try:
        con.execute(f"attach 'ducklake:{quoted(place.catalogue)}' as {name} ({', '.join(options)})")
    except duckdb.Error as error:
        if place.postgres:
            raise place.postgres.unreachable(error) from None
        what = faults.advice(error)
        if what in (None, faults.DAMAGED):
            what = remedy(place.file)
        raise LakeError(
            f"{place.file}: the catalogue cannot be opened: {what}; {faults.KEPT} ({faults.first_line(error)})"
        ) from error


def remedy(catalogue: Path) -> str:
    """What to do about an SQLite catalogue that cannot be read."""
    copy = catalogue.with_name(COPY)
    if copy.exists():
        return f"copy {copy} over it: that is how it was after the newest version"
    return "restore it from a backup"


def versions(con: duckdb.DuckDBPyConnection, name: str = "lake") -> list[Version]:
    """Every published version, oldest first; none in a new lake."""
    there = _book_columns(con, "versions", name)
    if not there:
        return []
    # A lake that older code made lacks the columns that came later.
    columns = [column if column in there else f"null as {column}" for column in BOOKS["versions"].columns]
    rows = con.execute(f"select {', '.join(columns)} from {name}.main.versions order by version").fetchall()
    return [Version(*row) for row in rows]


def published(place: Lake) -> list[Version]:
    """Every version of a lake that is not attached, oldest first; none where there is no lake."""
    if not place.exists():
        return []
    with duckdb.connect() as con:
        attach(con, place)
        return versions(con)


def contents(con: duckdb.DuckDBPyConnection, name: str, columns: Sequence[str]) -> Contents:
    """What a table holds, whatever the order of rows and columns; every cell is read, and a null is as no cell.

    So a column that came later, empty in an older version, changes nothing. MD5, for DuckDB's own hash may change from
    release to release.
    """
    cells = ", ".join(f"'\"{column}\":' || to_json({column})" for column in sorted(columns))
    ((rows, digest),) = con.execute(
        f"select count(*), coalesce(bit_xor(md5_number(concat_ws(',', {cells}))), 0) from {name}"
    ).fetchall()
    return Contents(rows, f"{digest:032x}")


def recorded(con: duckdb.DuckDBPyConnection, version: int, name: str = "lake") -> dict[str, Contents]:
    """What each table of a version held when it was committed; nothing for versions that older code committed."""
    if not _book_columns(con, "table_contents", name):
        return {}
    query = f"select table_name, rows, content_hash from {name}.main.table_contents where version = ?"
    return {table: Contents(rows, digest) for table, rows, digest in con.execute(query, [version]).fetchall()}


def commit(
    con: duckdb.DuckDBPyConnection,
    tables: Mapping[str, Table],
    comments: Mapping[str, tuple[str, dict[str, str]]],
    about: Mapping[str, object],
    judged: Sequence[Mapping[str, object]] = (),
) -> Version:
    """Make the lake's tables equal to those of `con` in one transaction, and return the new version.

    `about` has as_of_on, code_version, manifest, message, code_commit and lock_hash; `judged` what the gate found, each
    with the columns of the book but the version. Only rows that differ are written; nothing is seen by readers before the
    end, and an error leaves the lake as it was.
    """
    made = versions(con)
    number = made[-1].version + 1 if made else 1
    before = recorded(con, number - 1)
    held = {name: contents(con, name, shape.columns) for name, shape in tables.items()}
    con.execute("begin transaction")
    try:
        are_same_editions = _sync_editions(con)
        _declare_all(con, {**tables, **IN_MAIN}, comments)
        changed = {name: shape for name, shape in tables.items() if before.get(name) != held[name]}
        if not are_same_editions:
            changed |= {name: shape for name, shape in tables.items() if shape.restated}
        for name, shape in changed.items():
            _sync(con, name, shape)
        row = con.execute("select coalesce(max(snapshot_id), 0) + 1 from ducklake_snapshots('lake')").fetchone()
        new = Version(number, int(row[0]) if row else 1, dt.datetime.now(dt.UTC).replace(tzinfo=None), **about)  # type: ignore[arg-type]
        _write_books(con, new, held, judged)
        info = json.dumps({"version": number, "as_of_on": str(new.as_of_on), "code_version": new.code_version})
        con.execute("call lake.set_commit_message('aicompute', ?, extra_info => ?)", [new.message, info])
        con.execute("commit")
    except BaseException:
        with suppress(duckdb.Error):  # a fault of the disk may have ended the transaction; it is what must be told
            con.execute("rollback")
        raise
    now = con.execute("select max(snapshot_id) from ducklake_snapshots('lake')").fetchone()
    if not now or now[0] != new.snapshot_id:
        raise LakeError(f"version {number} was to be snapshot {new.snapshot_id}, but the lake is at {now}")
    return new


def _write_books(
    con: duckdb.DuckDBPyConnection,
    new: Version,
    held: Mapping[str, Contents],
    judged: Sequence[Mapping[str, object]],
) -> None:
    """The version's own line, what each of its tables holds, and what the gate found."""
    columns = BOOKS["versions"].columns
    con.execute(
        f"insert into lake.main.versions ({', '.join(columns)}) values ({', '.join('?' * len(columns))})",
        [getattr(new, column) for column in columns],
    )
    con.execute(
        "insert into lake.main.table_contents (version, table_name, rows, content_hash)"
        " select ?, unnest(?::varchar[]), unnest(?::bigint[]), unnest(?::varchar[])",
        [new.version, list(held), [c.rows for c in held.values()], [c.content_hash for c in held.values()]],
    )
    write_judged(con, "lake", new.version, judged)


def write_judged(
    con: duckdb.DuckDBPyConnection, name: str, version: int, judged: Sequence[Mapping[str, object]]
) -> None:
    """Add what the gate found of a version to the book of a lake, or of a database that has it; in one go, for one file."""
    columns = [column for column in BOOKS["gate_results"].columns if column != "version"]
    lists = ", ".join(f"unnest(?::{COLUMNS[column].type}[])" for column in columns)
    values = [[result[column] for result in judged] for column in columns]
    con.execute(
        f"insert into {name}.main.gate_results (version, {', '.join(columns)}) select ?, {lists}", [version, *values]
    )


def _book_columns(con: duckdb.DuckDBPyConnection, book: str, name: str) -> set[str]:
    """The columns a book of the lake has; none where it is not there."""
    query = (
        "select column_name from duckdb_columns() where database_name = ? and schema_name = 'main' and table_name = ?"
    )
    return {column for (column,) in con.execute(query, [name, book]).fetchall()}


def described(con: duckdb.DuckDBPyConnection) -> dict[str, tuple[str, dict[str, str]]]:
    """Each table of the lake with its comment and those of its columns, asked once: the whole catalogue is read for it.

    A restated table is a view, and its columns' comments are those of the table it shows: DuckLake gives views none.
    """
    found = _described(con)
    for name, comment in _views(con).items():
        found[name] = (comment, found[editions.stored(name)][1])
    return {name: said for name, said in found.items() if not name.startswith(f"{editions.SCHEMA}.")}


def _views(con: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """The views of the lake and their comments."""
    views = "duckdb_views() where database_name = 'lake' and not internal"
    return dict(con.execute(f"select schema_name || '.' || view_name, comment from {views}").fetchall())


def _described(con: duckdb.DuckDBPyConnection) -> dict[str, tuple[str, dict[str, str]]]:
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


def _declare_all(
    con: duckdb.DuckDBPyConnection,
    tables: Mapping[str, Table],
    comments: Mapping[str, tuple[str, dict[str, str]]],
) -> None:
    """Create what the lake lacks of tables, views and columns, and bring comments up to date."""
    said, shown = _described(con), _views(con)
    for name, shape in tables.items():
        if not shape.restated:
            _declare(con, name, shape, comments.get(name), said.get(name))
            continue
        stored = editions.stored(name)
        _declare(con, stored, shape, comments.get(name), said.get(stored))
        if name in shown and set(shape.columns) <= set(said[stored][1]):
            continue
        if name in said:  # a lake of before: what its versions hold stays readable
            con.execute(f"drop table lake.{name}")
        con.execute(f"create schema if not exists lake.{name.split('.')[0]}")
        con.execute(f"create or replace view lake.{name} as {editions.view(name, shape)}")
        con.execute(f"comment on view lake.{name} is '{quoted(comments.get(name, ('', {}))[0])}'")


def _sync_editions(con: duckdb.DuckDBPyConnection) -> bool:
    """Write down which document is in force in each dataset; whether that is as it was."""
    con.execute(f"create schema if not exists lake.{editions.SCHEMA}")
    con.execute(f"create table if not exists lake.{editions.SCHEMA}.editions ({editions.COLUMNS})")
    con.execute(editions.NOW)
    table, now = f"lake.{editions.SCHEMA}.editions", con.execute("from editions_now order by slot").fetchall()
    if con.execute(f"from {table} order by slot").fetchall() == now:
        return True
    con.execute(f"delete from {table}")
    con.execute(f"insert into {table} from editions_now order by slot")
    return False


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
    """Make a table of the lake hold the rows of this one: those gone or changed are deleted, the new ones inserted."""
    columns, key = ", ".join(shape.columns), ", ".join(shape.key)
    rows = editions.rows(name, shape) if shape.restated else f"select {columns} from {name}"
    name = editions.stored(name) if shape.restated else name
    # One pass over both: what stands on one side alone is gone or fresh.
    con.execute(
        f"create or replace temp table moved as select {columns}, sum(side) as side from"
        f" (select {columns}, 1 as side from lake.{name} union all by name select *, -1 as side from ({rows}))"
        " group by all having sum(side) <> 0"
    )
    if _count(con, "moved where side > 0"):
        match = " and ".join(f"kept.{column} = moved.{column}" for column in shape.key)
        gone = f"select 1 from moved where moved.side > 0 and {match}"
        con.execute(f"delete from lake.{name} as kept where exists ({gone})")
    if _count(con, "moved where side < 0"):
        con.execute(f"insert into lake.{name} ({columns}) select {columns} from moved where side < 0 order by {key}")


def copy_table(
    con: duckdb.DuckDBPyConnection,
    origin: str,
    database: str,
    name: str,
    shape: Table,
    comment: tuple[str, dict[str, str]],
) -> None:
    """Copy a table into another attached database, in the order of its key, with its comments."""
    con.execute(f"create schema if not exists {database}.{name.split('.')[0]}")
    columns, key = ", ".join(shape.columns), ", ".join(shape.key)
    con.execute(f"create table {database}.{name} as select {columns} from {origin} order by {key}")
    about, meanings = comment
    con.execute(f"comment on table {database}.{name} is '{quoted(about or '')}'")
    for column in shape.columns:
        con.execute(f"comment on column {database}.{name}.{column} is '{quoted(meanings[column] or '')}'")


def _count(con: duckdb.DuckDBPyConnection, table: str) -> int:
    row = con.execute(f"select count(*) from {table}").fetchone()
    return int(row[0]) if row else 0


def _definition(columns: tuple[str, ...] | list[str]) -> str:
    return ", ".join(f"{column} {COLUMNS[column].type}" for column in columns)


def _load_extensions(con: duckdb.DuckDBPyConnection, folder: Path, extensions: Sequence[str]) -> None:
    """Load extensions from their Python packages, never from the network; raises LakeError where a package is missing."""
    con.execute("set autoinstall_known_extensions = false")
    for extension in extensions:
        con.execute(f"load '{quoted(_extension(extension, folder))}'")


def _extension(name: str, folder: Path) -> Path:
    """A link to an extension's file in its package: DuckDB takes the name of its entry from that of the file."""
    package = importlib.util.find_spec(f"duckdb_extension_{name}")
    if package is None or package.origin is None:
        raise LakeError(f"the package duckdb-extension-{name} is not installed; it comes with requirements.lock")
    file = Path(package.origin).parent / "extensions" / f"v{duckdb.__version__}" / f"{name}.duckdb_extension"
    link = folder / f"{_ENTRIES.get(name, name)}.duckdb_extension"
    if not link.exists() or link.resolve() != file.resolve():
        folder.mkdir(parents=True, exist_ok=True)
        fresh = link.with_name(f"{link.name}.{os.getpid()}.partial")
        fresh.unlink(missing_ok=True)
        fresh.symlink_to(file)
        fresh.replace(link)
    return link


def quoted(text: object) -> str:
    """Text as it stands between the single quotes of an SQL literal."""
    return str(text).replace("'", "''")
