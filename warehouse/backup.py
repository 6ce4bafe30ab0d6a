"""What is kept beside the lake against damage: a copy of its SQLite catalogue, and the hash of every data file."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from warehouse import catalogue, lake, sums
from warehouse.lake import COPY, Lake, LakeError, quoted, remedy


def catalogue_file(place: Lake) -> Path | None:
    """The SQLite file of a lake's catalogue; None where the catalogue is a server, whose own tools back it up."""
    return None if place.postgres else place.file


def data_folder(place: Lake) -> Path | None:
    """The folder of a lake's data files; None where they lie in an object store."""
    return None if place.store and place.store.is_remote else Path(place.data)


def keep(place: Lake) -> None:
    """After a commit: hash the data files that are new, then copy the catalogue; raises LakeError where it is damaged."""
    keep_sums(place)
    file = catalogue_file(place)
    if file is not None and file.exists():
        copy_catalogue(file, file.with_name(COPY))


def copy_whole(place: Lake, target: Path) -> None:
    """Copy a lake's catalogue, wherever it is, to a file that `restore_whole` reads; raises LakeError where it is damaged."""
    if place.postgres is None:
        copy_catalogue(place.file, target)
        return
    partial = target.with_name(f"{target.name}.partial")
    partial.unlink(missing_ok=True)
    with lake.connected(place) as con:
        place.postgres.attach(con, "source")
        con.execute(f"attach '{quoted(partial)}' as copy")
        con.execute("begin")
        for table in sorted(catalogue.tables(con, "source")):
            con.execute(f"create table copy.{table} as from source.{table}")
        con.execute("commit")
    partial.replace(target)


def restore_whole(place: Lake, copy: Path) -> None:
    """Make the catalogue again what it was when `copy_whole` wrote the copy, which stays."""
    if place.postgres is None:
        restore_catalogue(copy, place.file)
        return
    with lake.connected(place) as con:
        place.postgres.attach(con, "target", is_read_only=False)
        con.execute(f"attach '{quoted(copy)}' as copy (read_only)")
        catalogue.replace_rows(con, "copy", "target")


def copy_catalogue(file: Path, target: Path) -> None:
    """Copy an SQLite catalogue so that the copy is there whole or not at all, and sound; raises LakeError else."""
    partial = target.with_name(f"{target.name}.partial")
    partial.unlink(missing_ok=True)
    try:
        with closing(_opened(file)) as source, closing(sqlite3.connect(partial)) as copy:
            source.backup(copy)
            fault = _fault(copy)
    except sqlite3.DatabaseError as error:
        fault = str(error)
    if fault:
        partial.unlink(missing_ok=True)
        raise LakeError(f"{file}: the catalogue is damaged ({fault}); {remedy(file)}")
    with partial.open("rb") as written:
        os.fsync(written.fileno())
    partial.replace(target)


def restore_catalogue(copy: Path, file: Path) -> None:
    """Put a copy of the catalogue back in its place; the copy stays."""
    for suffix in ("-wal", "-shm", "-journal"):
        file.with_name(file.name + suffix).unlink(missing_ok=True)
    copy_catalogue(copy, file)


def catalogue_fault(place: Lake) -> str:
    """What is wrong with the catalogue file, in a line; empty where it is sound or a server's."""
    file = catalogue_file(place)
    if file is None:
        return ""
    if not file.exists():
        return "the file is missing"
    try:
        with closing(_opened(file)) as con:
            known = con.execute("select 1 from sqlite_master where name = 'ducklake_snapshot'").fetchall()
            return _fault(con) if known else "no lake is in it"
    except sqlite3.DatabaseError as error:
        return str(error)


def recorded_sums(place: Lake) -> dict[str, str]:
    """SHA-256 of data files by their path from the data folder, as recorded when each was new."""
    return sums.read(place.folder / sums.NAME)


def keep_sums(place: Lake) -> None:
    """Record the hash of data files that are new; those that are gone leave the list."""
    folder = data_folder(place)
    if folder is None or not place.folder.exists():
        return
    known = recorded_sums(place)
    there = {name: known.get(name) or sums.file_hash(folder / name) for name in sums.files(folder)}
    if there != known:
        sums.write(place.folder / sums.NAME, there)


def _opened(file: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)


def _fault(con: sqlite3.Connection) -> str:
    ((found,),) = con.execute("pragma quick_check(1)").fetchall()
    return "" if found == "ok" else str(found)
