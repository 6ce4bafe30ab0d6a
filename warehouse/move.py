"""A lake moved from its SQLite catalogue to PostgreSQL, every version with it; the source is left as it was."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb

from warehouse import catalogue, lake
from warehouse.catalogue import Postgres, Store
from warehouse.lake import Lake, LakeError, Version, quoted

Connections = tuple[duckdb.DuckDBPyConnection, duckdb.DuckDBPyConnection]


def move(source: Lake, target: Lake, told: Callable[[str], None] = lambda words: None) -> list[Version]:
    """Copy the catalogue, and the data files where the target keeps them elsewhere; returns the versions, each proven equal.

    The caller holds the writer's lock of both. Raises LakeError where there is nothing to move, where the target has
    versions or where a version does not read equal; the target is then left without any.
    """
    if not source.exists():
        raise LakeError(f"there is no version in {source.file} to move; `aicompute run` makes one")
    if _is_used(target):
        raise LakeError(
            f"the catalogue in PostgreSQL ({_database(target).words}) has versions already; name an empty database"
        )
    if target.data != source.data:
        told(f"copying data files to {target.data}")
        _copy_files(source, target)
    # DuckLake makes its own tables there; what they hold of an empty lake is replaced.
    with duckdb.connect() as con:
        lake.attach(con, target)
    try:
        _copy_catalogue(source, target)
        made = lake.published(target)
        if made != lake.published(source):
            raise LakeError(f"the versions of {source.file} and of the copy differ; nothing was moved")
        with lake.connected(source) as here, lake.connected(target) as there:
            for version in made:
                _prove(source, target, version, (here, there))
                told(f"version {version.version} is equal")
    except BaseException:
        _clear(target)
        raise
    return made


def _is_used(target: Lake) -> bool:
    """Whether anything was ever committed to the target, wherever its data files may lie."""
    if not target.exists():
        return False
    with lake.connected(target) as con:
        _database(target).attach(con, "target")
        return con.execute("select max(snapshot_id) > 0 from target.ducklake_snapshot").fetchall()[0][0]


def _database(target: Lake) -> Postgres:
    if target.postgres is None:
        raise LakeError("a warehouse is moved to PostgreSQL; name a database, as postgresql://user@host/database")
    return target.postgres


def _copy_catalogue(source: Lake, target: Lake) -> None:
    """Every row of every table of DuckLake's, and where the data files lie now."""
    with lake.connected(target, source) as con:
        con.execute(f"attach '{quoted(source.file)}' as source (type sqlite, read_only)")
        _database(target).attach(con, "target", is_read_only=False)
        moved = f"update target.ducklake_metadata set value = '{quoted(target.data)}' where key = 'data_path'"
        catalogue.replace_rows(con, "source", "target", moved)


def _clear(target: Lake) -> None:
    """Take DuckLake's tables out of a target whose copy failed, so that the next try finds it empty."""
    with lake.connected(target) as con:
        _database(target).attach(con, "target", is_read_only=False)
        for table in sorted(catalogue.tables(con, "target")):
            con.execute(f"drop table target.{table}")


def _prove(source: Lake, target: Lake, version: Version, cons: Connections) -> None:
    """Read every table of a version in the target and hold it against what was recorded of it or the source holds."""
    for con, place in zip(cons, (source, target), strict=True):
        con.execute("detach database if exists lake")
        lake.attach(con, place, version.snapshot_id)
    here, there = cons
    recorded = lake.recorded(here, version.version)
    for table, (_, columns) in lake.described(here).items():
        found = lake.contents(there, f"lake.{table}", list(columns))
        # Of the lake's own books, and by older code, nothing is recorded: the rows of the source decide.
        if found != recorded.get(table) and found != lake.contents(here, f"lake.{table}", list(columns)):
            raise LakeError(f"{table} of version {version.version} differs in the copy; nothing was moved")


def _copy_files(source: Lake, target: Lake) -> None:
    """Every data file to the same place under the target's path."""
    if source.store and source.store.is_remote:
        raise LakeError(f"data files on an object store stay there; set AICOMPUTE_LAKE_DATA={source.store.path}")
    folder = Path(source.data)
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    if target.store and target.store.is_remote:
        _upload(folder, files, target, target.store)
        return
    for path in files:
        goal = Path(target.data) / path.relative_to(folder)
        goal.parent.mkdir(parents=True, exist_ok=True)
        partial = goal.with_name(f"{goal.name}.partial")
        shutil.copyfile(path, partial)
        os.replace(partial, goal)


def _upload(folder: Path, files: list[Path], target: Lake, store: Store) -> None:
    with lake.connected(target) as con:
        store.open(con)
        for path in files:
            goal = f"{target.data}{path.relative_to(folder).as_posix()}"
            con.execute(f"copy (select content from read_blob('{quoted(path)}')) to '{quoted(goal)}' (format blob)")
