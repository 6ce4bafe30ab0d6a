"""Maintenance of the lake: merge small files, drop snapshots no version needs, delete what is left over; proved by content."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

import duckdb

from warehouse import backup, lake, sums
from warehouse.faults import first_line
from warehouse.lake import Contents, Lake, LakeError, Version
from warehouse.verify import LIVE, data_files, expected, files_of, rows_of

BEFORE = "catalog-before-maintenance"
SPARED = "spared"
FAULTS = (duckdb.Error, LakeError, OSError)

Holdings = dict[tuple[int, str], Contents]


@dataclass
class Work:
    """What maintenance would do or has done: files to merge by table, snapshots to expire, files to delete and their bytes.

    `read` and `versions` are the tables compared before and after, and the versions they belong to.
    """

    merge: dict[str, int] = field(default_factory=dict)
    expire: list[int] = field(default_factory=list)
    delete: list[str] = field(default_factory=list)
    bytes: int = 0
    is_applied: bool = False
    versions: int = 0
    tables: int = 0


def plan(place: Lake) -> Work:
    """What maintenance would do now; nothing is changed. Merging leaves further files to delete, not yet counted."""
    with duckdb.connect() as con:
        lake.attach(con, place)
        work = Work(_mergeable(con), _spare_snapshots(con, lake.versions(con)))
        work.delete = sorted({*_leftover(con, "cleanup_old_files"), *_leftover(con, "delete_orphaned_files")})
        work.bytes = _bytes(work.delete)
    return work


def apply(place: Lake) -> Work:
    """Do it, under the writer's lock held by the caller.

    Nothing is deleted before every table of every version was read again and found equal; else, or if anything fails,
    the catalogue is put back as it was and LakeError says so. Only what an object store has deleted cannot come back:
    then the catalogue stays as it was proved. Raises LakeError too where a version no longer holds what it held when
    it was made.
    """
    copy, spared = place.folder / (BEFORE + (".duckdb" if place.postgres else ".sqlite")), place.folder / SPARED
    with duckdb.connect() as con:
        lake.attach(con, place)
        made = lake.versions(con)
        recorded = expected(con, made)
    before = holdings(place, made)
    _compare_with_books(before, recorded)
    shutil.rmtree(spared, ignore_errors=True)
    backup.copy_whole(place, copy)
    try:
        work = _merge_and_expire(place, made)
        _prove(place, made, before)
    except BaseException as error:
        _put_back(place, copy, spared, error)
    try:
        _delete(place, work, made, spared)
        _prove(place, made, before)
    except BaseException as error:
        if backup.data_folder(place) is not None:
            _put_back(place, copy, spared, error)
        if not isinstance(error, FAULTS):
            raise
        raise LakeError(
            f"maintenance failed ({first_line(error)}) while it deleted files that no version reads, which an object store gives"
            " none of back; the catalogue stays as it was proved: `aicompute verify` tells whether all is well"
        ) from error
    shutil.rmtree(spared, ignore_errors=True)
    backup.keep(place)
    copy.unlink()
    work.is_applied, work.versions, work.tables = True, len(made), len(before)
    return work


def holdings(place: Lake, made: Sequence[Version]) -> Holdings:
    """What each table of each version holds, read from its files; those with equal files are read once."""
    found: Holdings = {}
    read: dict[tuple, Contents] = {}
    with duckdb.connect() as con:
        lake.attach(con, place)
        held = data_files(con, place)
        tables = expected(con, made)
        for version in made:
            lake.attach(con, place, version.snapshot_id, "kept")
            for name in tables[version.version]:
                columns = tuple(row[0] for row in con.execute(f"describe kept.{name}").fetchall())
                state = (name, rows_of(files_of(name, held, version), version), columns)
                if state not in read:
                    read[state] = lake.contents(con, f"kept.{name}", columns)
                found[version.version, name] = read[state]
            con.execute("detach kept")
    return found


def _compare_with_books(found: Holdings, recorded: Mapping[int, Mapping[str, Contents | None]]) -> None:
    """Raise LakeError where a version is not what was made."""
    for (version, name), held in found.items():
        if recorded[version][name] not in (None, held):
            raise LakeError(
                f"{name} of version {version} is not what was made; `aicompute verify {version}` tells more"
            )


def _merge_and_expire(place: Lake, made: list[Version]) -> Work:
    with duckdb.connect() as con:
        lake.attach(con, place)
        spare = _spare_snapshots(con, made)
        if spare:
            con.execute(f"call ducklake_expire_snapshots('lake', versions => {spare})")
        merged = con.execute("call ducklake_merge_adjacent_files('lake')").fetchall()
    return Work({f"{schema}.{table}": files for schema, table, files, _ in merged}, spare)


def _delete(place: Lake, work: Work, made: list[Version], spared: Path) -> None:
    """Delete what no version reads, keeping a second name of each file until the end."""
    folder = backup.data_folder(place)
    with duckdb.connect() as con:
        lake.attach(con, place)
        for call in ("cleanup_old_files", "delete_orphaned_files"):
            files = _leftover(con, call)
            needed = {f.path for f in data_files(con, place) if any(f.is_seen(v.snapshot_id) for v in made)}
            if wrong := needed.intersection(files):
                raise LakeError(f"{min(wrong)} was to be deleted, though a version reads it")
            work.delete += files
            work.bytes += _bytes(files)
            for path in map(Path, files):
                if folder is not None and path.is_file():
                    _second_name(path, spared / path.relative_to(folder))
            con.execute(f"call ducklake_{call}('lake', cleanup_all => true)")


def _second_name(path: Path, second: Path) -> None:
    """Another name of a file, or a copy of it where that lies on another file system."""
    second.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(path, second)
    except OSError:
        shutil.copy2(path, second)


def _put_back(place: Lake, copy: Path, spared: Path, error: BaseException) -> NoReturn:
    """Make files and catalogue what they were, and raise the error, told where it is a fault one can meet."""
    folder = backup.data_folder(place)
    try:
        for name in sums.files(spared) if spared.exists() else ():
            if folder is not None and not (folder / name).exists():
                _second_name(spared / name, folder / name)
        backup.restore_whole(place, copy)
    except FAULTS as fault:
        told = f"maintenance failed ({first_line(error)}), and so did putting the lake back ({first_line(fault)})"
        raise LakeError(
            f"{told}: {copy} is the catalogue from before, {spared} has what was deleted;"
            " `aicompute verify` tells whether they are needed"
        ) from error
    shutil.rmtree(spared, ignore_errors=True)
    copy.unlink()
    if not isinstance(error, FAULTS):
        raise error
    raise LakeError(
        f"maintenance failed ({first_line(error)}); the lake was put back as it was before, nothing is lost"
    ) from error


def _prove(place: Lake, made: list[Version], before: Mapping[tuple[int, str], Contents]) -> None:
    """Raise LakeError where a table of a version no longer holds what it held."""
    after = holdings(place, made)
    for (version, name), held in before.items():
        if after.get((version, name)) != held:
            raise LakeError(f"{name} of version {version} no longer holds what it held")


def _spare_snapshots(con: duckdb.DuckDBPyConnection, made: list[Version]) -> list[int]:
    """Snapshots that no version refers to, but for the newest: it is the lake as it stands."""
    there = [row[0] for row in con.execute("select snapshot_id from ducklake_snapshots('lake') order by 1").fetchall()]
    return sorted(set(there[:-1]) - {version.snapshot_id for version in made})


def _mergeable(con: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Tables with several files in force from which no row was deleted, and how many: what merging may take together."""
    books = "__ducklake_metadata_lake"
    ((newest,),) = con.execute("select max(snapshot_id) from ducklake_snapshots('lake')").fetchall()
    live = LIVE.format(snapshot=newest)
    rows = con.execute(
        f"""select schema_name || '.' || table_name, count(*)
        from (from {books}.ducklake_data_file where {live} and data_file_id not in
            (select data_file_id from {books}.ducklake_delete_file))
        join (from {books}.ducklake_table where {live}) using (table_id)
        join (from {books}.ducklake_schema where {live}) using (schema_id)
        group by all having count(*) > 1 order by 1"""
    ).fetchall()
    return dict(rows)


def _leftover(con: duckdb.DuckDBPyConnection, call: str) -> list[str]:
    """Files that DuckLake would delete."""
    return [
        row[0] for row in con.execute(f"call ducklake_{call}('lake', dry_run => true, cleanup_all => true)").fetchall()
    ]


def _bytes(files: Iterable[str]) -> int:
    return sum(path.stat().st_size for path in map(Path, files) if path.is_file())
