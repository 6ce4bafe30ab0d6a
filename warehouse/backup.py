"""What is kept beside the lake against damage: a copy of its SQLite catalogue, and the hash of every data file."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path

from warehouse.archive import content_hash
from warehouse.lake import COPY, Lake, LakeError, remedy

SUMS = "SHA256SUMS"


def catalogue_file(place: Lake) -> Path | None:
    """The SQLite file of a lake's catalogue; None where the catalogue is a server, whose own tools back it up."""
    return place.folder / "catalog.sqlite" if place.catalogue.startswith("sqlite:") else None


def data_folder(place: Lake) -> Path | None:
    """The folder of a lake's data files; None where they lie in an object store."""
    return None if "://" in place.data else Path(place.data)


def keep(place: Lake) -> None:
    """After a commit: hash the data files that are new, then copy the catalogue; raises LakeError where it is damaged."""
    keep_sums(place)
    file = catalogue_file(place)
    if file is not None and file.exists():
        copy_catalogue(file, file.with_name(COPY))


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


def sums(place: Lake) -> dict[str, str]:
    """SHA-256 of data files by their path from the data folder, as recorded when each was new."""
    file = place.folder / SUMS
    return read_sums(file) if file.exists() else {}


def read_sums(file: Path) -> dict[str, str]:
    """Hash by path of a file that `sha256sum` reads; lines that are none are passed over."""
    lines = (line.split("  ", 1) for line in file.read_text(encoding="utf-8").splitlines())
    return {line[1]: line[0] for line in lines if len(line) == 2}


def keep_sums(place: Lake) -> None:
    """Record the hash of data files that are new; those that are gone leave the list."""
    folder = data_folder(place)
    if folder is None or not place.folder.exists():
        return
    known = sums(place)
    there = {name: known.get(name) or content_hash((folder / name).read_bytes()) for name in files(folder)}
    if there != known:
        write_sums(place, there)


def write_sums(place: Lake, hashes: Mapping[str, str]) -> None:
    """Write the list of hashes whole or not at all."""
    partial = place.folder / f"{SUMS}.partial"
    partial.write_text("".join(f"{digest}  {name}\n" for name, digest in sorted(hashes.items())), encoding="utf-8")
    partial.replace(place.folder / SUMS)


def files(folder: Path) -> Iterator[str]:
    """Every file under a folder as its path from there, in order."""
    yield from sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def _opened(file: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)


def _fault(con: sqlite3.Connection) -> str:
    ((found,),) = con.execute("pragma quick_check(1)").fetchall()
    return "" if found == "ok" else str(found)
