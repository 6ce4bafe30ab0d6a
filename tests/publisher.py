"""A writer without sources, SQL, Prefect and page: a handful of tables, committed and released by the functions of a run."""

from __future__ import annotations

import datetime as dt
import os
import random
from functools import cache, partial
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path

import duckdb

from flows import publish as publishing
from flows.runlog import RunLog
from flows.settings import Settings
from schemas.columns import COLUMNS
from schemas.contract import Table
from schemas.tables import kept_tables
from warehouse import lake, release
from warehouse.lake import Version

# Each table with a column that is no key; where a version is marked, it holds the version's number in every row.
MARKED = {
    "trends.sources": "documents",
    "clean.runs": "row_number",
    "raw.documents": "rows_read",
}
NAMES = (*MARKED, "compute.run_organisations")
CELLS = {
    "BIGINT": "n",
    "DOUBLE": "n * 1.5",
    "DATE": "date '2020-01-01' + (n % 1000)::int",
    "BOOLEAN": "n % 2 = 0",
    "TIMESTAMP": "timestamp '2020-01-01' + to_seconds(n)",
}


# Else every connection hashes 70 MB of extensions to check their signatures; their packages are pinned by hash.
UNSIGNED = {"allow_unsigned_extensions": "true", "threads": "1"}


@cache
def tables() -> dict[str, Table]:
    """The tables that are published, as their schemas have them."""
    return {name: kept_tables()[name] for name in NAMES}


@cache
def nursery():
    """Where processes are forked from one that has everything imported, so that a kill costs no five seconds of imports."""
    context = get_context("forkserver")
    # Not this module: the forking process does not see pytest's path, and skips what it cannot find without a word.
    # DuckDB imports pandas and pyarrow at its first query with values.
    context.set_forkserver_preload(["flows.publish", "schemas.tables", "pandas", "pyarrow"])
    return context


def publish(settings: Settings, log: RunLog, chance: random.Random, is_marked: bool = False) -> Version:
    """The next version: rows of the last one deleted, changed and added at random, and all of them marked if so asked."""
    with duckdb.connect() as con:
        prepare(con, settings, chance, is_marked)
        return commit_and_release(con, settings, log)


def prepare(con: duckdb.DuckDBPyConnection, settings: Settings, chance: random.Random, is_marked: bool = False) -> None:
    """Attach the lake and make the tables of the next version in memory."""
    lake.attach(con, settings.lake)
    number = len(lake.versions(con)) + 1
    con.execute("select setseed(?)", [chance.random()])
    for name, shape in tables().items():
        _fill(con, name, shape, number, chance)
        if is_marked and name in MARKED:
            con.execute(f"update {name} set {MARKED[name]} = {number}")


def commit_and_release(con: duckdb.DuckDBPyConnection, settings: Settings, log: RunLog) -> Version:
    """What `flows.publish.publish` does once the gate is passed."""
    about = {"as_of_on": dt.date(2020, 1, 1), "code_version": "of a test", "manifest": "{}", "message": "a test's"}
    with log.phase("commit"):
        version = lake.commit(con, tables(), {}, about)
    publishing.make_release(settings, version, log)
    return version


def _fill(con, name: str, shape: Table, number: int, chance: random.Random) -> None:
    """One table of the version to be, in memory; keys hold the number of the version that added them."""
    made = ", ".join(f"{CELLS.get(COLUMNS[c].type, f'{c!r} || n')} as {c}" for c in shape.columns)
    new = f"select {made} from range({number * 1000}, {number * 1000 + chance.randint(1, 60)}) as numbers (n)"
    con.execute(f"create schema if not exists {name.split('.')[0]}")
    con.execute(f"create table {name} as {new if number == 1 else f'from lake.{name}'}")
    if number > 1 and chance.random() < 0.7:
        con.execute(f"delete from {name} where random() < 0.2")
        con.execute(f"insert into {name} {new}")
        if name in MARKED:
            con.execute(f"update {name} set {MARKED[name]} = {chance.randrange(10**6)} where random() < 0.2")


def quickly() -> None:
    """In this process releases have no page, which is made of a hundred tables that are not here, and extensions go unhashed."""
    release.page.write = lambda database, file: None
    duckdb.connect = partial(duckdb.connect, config=UNSIGNED)


def recover_then_publish(data: Path, catalogue: str, seed: int, told: Connection, is_last: bool) -> None:
    """What a process does that is to be killed: a run that must go well whatever the last kill left, then another.

    It tells the first's version and seconds of commit and release when the second is about to commit; the last process
    has no second.
    """
    quickly()
    settings, chance = Settings(data_dir=data, catalogue=catalogue), random.Random(seed)
    log = RunLog(settings.log_file)
    try:
        with lake.writer(settings.lake), duckdb.connect() as con:
            publishing.mend(settings, RunLog(settings.log_file))
            version = publish(settings, log, chance)
            told_of = (version.version, sum(log.seconds.values()))
            if not is_last:
                prepare(con, settings, chance)
                log.write("ready")
            told.send(told_of)
            if not is_last:
                commit_and_release(con, settings, log)
                log.write("end")
    except BaseException as error:
        told.send(f"{type(error).__name__}: {error}")
        os._exit(1)


def check_lake(settings: Settings, newest: int) -> list[Version]:
    """The lake as a kill left it: its versions in a row, no snapshot that is none, the last two holding what was recorded."""
    with duckdb.connect(config=UNSIGNED) as con:
        lake.attach(con, settings.lake)
        made = lake.versions(con)
        last = con.execute("select max(snapshot_id) from ducklake_snapshots('lake')").fetchone()
        assert last == (made[-1].snapshot_id,), "a snapshot that is no version"
        assert [v.version for v in made] == list(range(1, len(made) + 1))
        assert made[-1].version in (newest, newest + 1)
        for version in made[-2:]:
            con.execute("detach lake")
            lake.attach(con, settings.lake, version.snapshot_id)
            recorded = lake.recorded(con, version.version)
            assert set(recorded) == set(NAMES)
            for name, shape in tables().items():
                assert lake.contents(con, f"lake.{name}", shape.columns) == recorded[name], (name, version.version)
    return made


def check_release(settings: Settings, folder: Path) -> int:
    """A release read whole: every table and its Parquet file hold what the version recorded, every CSV its rows; its number."""
    with release.reader(folder) as con:
        ((number,),) = con.execute("select max(version) from versions").fetchall()
        recorded = {
            name: lake.Contents(rows, digest)
            for name, rows, digest in con.execute(
                "select table_name, rows, content_hash from table_contents where version = ?", [number]
            ).fetchall()
        }
        for name, shape in tables().items():
            assert lake.contents(con, name, shape.columns) == recorded[name], (name, number)
    with duckdb.connect() as con:
        for name, shape in tables().items():
            parquet, csv = (folder / kind / f"{name.replace('.', '/')}.{kind}" for kind in ("parquet", "csv"))
            assert lake.contents(con, f"'{parquet}'", shape.columns) == recorded[name], (name, number)
            assert con.execute(f"select count(*) from '{csv}'").fetchone() == (recorded[name].rows,)
    for page in ("datapackage.json", "SOURCES.md", "CITE.txt"):
        assert (folder / page).stat().st_size > 0
    return number


def memory_folder() -> str | None:
    """A folder in memory where there is room: killing a process loses nothing a disk would have kept, and is quicker there."""
    place = "/dev/shm"
    if not os.path.isdir(place) or not os.access(place, os.W_OK):
        return None
    free = os.statvfs(place)
    return place if free.f_bavail * free.f_frsize > 2 * 10**9 else None
