"""A release: one read-only folder a version, for readers who have only DuckDB, a Parquet reader or a spreadsheet."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import duckdb

from schemas.books import IN_MAIN as BOOKS
from schemas.contract import Table
from schemas.tables import all_tables
from warehouse import lake, package, sums
from warehouse.lake import Lake, LakeError, Version, quoted
from warehouse.page import build as page

# Raw source rows stay in the lake: they hold abstracts and notes that are their authors'.
RAW_FOR_READERS = ("raw.documents", "raw.quarantine", "raw.quantities", "raw.headers", "raw.abouts")

PINNED = "pinned"
LOCKED = ("enable_external_access", "autoinstall_known_extensions", "autoload_known_extensions")


def reader(folder: Path) -> duckdb.DuckDBPyConnection:
    """A connection to a release that cannot write, read other files, or load extensions; raises FileNotFoundError."""
    file = folder.resolve() / "aicompute.duckdb"
    if not file.exists():
        raise FileNotFoundError(f"no version is published in {folder.parent}; `aicompute run` makes one")
    con = duckdb.connect(str(file), read_only=True)
    for setting in (*LOCKED, "python_enable_replacements"):  # else a query could name our own variables
        con.execute(f"set {setting} = false")
    con.execute("set lock_configuration = true")
    return con


def released_tables(tables: Mapping[str, Table]) -> dict[str, Table]:
    """The tables a release holds: all but the source-shaped raw ones."""
    return {name: shape for name, shape in tables.items() if is_released(name)}


def is_released(name: str) -> bool:
    """Whether readers get a table of this name; source-shaped raw ones stay in the lake."""
    return not name.startswith("raw.") or name in RAW_FOR_READERS


def numbered(releases: Path) -> list[tuple[int, Path]]:
    """The release folders there are, by version, the oldest first."""
    there = releases.iterdir() if releases.exists() else ()
    return sorted((int(folder.name), folder) for folder in there if folder.name.isdigit())


def hold_versions(releases: Path, newest: int) -> None:
    """Raises LakeError where a release is newer than the catalogue: that is then empty, old or another warehouse's."""
    there = numbered(releases)
    if there and there[-1][0] > newest:
        raise LakeError(
            f"{there[-1][1]} is released, but the catalogue knows {newest or 'no'}"
            f" version{'' if newest == 1 else 's'}: restore it from a backup, or see that AICOMPUTE_CATALOGUE names"
            " the one of this data directory (`aicompute warehouse move` fills a new one)"
        )


def rows(con: duckdb.DuckDBPyConnection, query: str, values: list | None = None) -> list[dict]:
    """A query's answer as one dict a row."""
    cursor = con.execute(query, values or [])
    seen: Counter[str] = Counter()
    names = []
    for column, *_ in cursor.description or []:
        seen[column] += 1
        names.append(column if seen[column] == 1 else f"{column}_{seen[column]}")
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def make(place: Lake, releases: Path, version: Version, code: Path, has_page: bool = True) -> Path:
    """Write the release of a version beside the others, under a name readers do not see yet; returns that folder.

    It is made of the lake alone, so that of any version can be made, whatever code committed it.
    """
    partial = releases / f"{version.version}.partial"
    remove(partial)
    partial.mkdir(parents=True)
    with duckdb.connect() as con:
        lake.attach(con, place, version.snapshot_id)
        shapes, comments = shapes_of(con, version)
        twins = _twins(con, releases, version, shapes)
        # DuckDB 1.1 reads this; with the usual blocks of 256 KiB dozens of small tables take three times the bytes.
        con.execute(
            f"attach '{quoted(partial / 'aicompute.duckdb')}' as release (storage_version 'v1.0.0', block_size 16384)"
        )
        con.execute("begin")  # else every comment is a transaction of its own, flushed to disk
        for name, shape in shapes.items():
            _copy_table(con, partial, name, shape, comments[name], twins.get(name))
        con.execute("commit")
        sources = con.execute(
            "select title, licence, attribution, homepage from release.trends.sources order by source"
        ).fetchall()
        con.execute("detach release")
    if has_page:
        page.write(partial / "aicompute.duckdb", partial / "index.html")
    tables_page = code / "warehouse" / "TABLES.md"
    if tables_page.exists():
        shutil.copyfile(tables_page, partial / "TABLES.md")
    package.write(partial, version, shapes, comments, sources)  # last: it hashes what is there
    _link_equal_files(partial, releases, version.version)
    _make_read_only(partial)
    return partial


def shapes_of(
    con: duckdb.DuckDBPyConnection, version: Version
) -> tuple[dict[str, Table], dict[str, tuple[str, dict[str, str]]]]:
    """The shapes and comments of what a reader gets of a version: as the lake has them, with today's keys and order."""
    comments = lake.described(con)
    known = {**all_tables(), **BOOKS}
    # A table that later code gave up stays in the lake: the version's own list tells it apart. Older code kept none.
    listed = lake.recorded(con, version.version)
    shapes = {}
    for name, (_, there) in sorted(comments.items()):
        if not is_released(name):
            continue
        if listed and name not in listed and not name.startswith("main."):
            continue
        shape = known.get(name, Table((), ()))
        columns = [c for c in shape.columns if c in there] + [c for c in there if c not in shape.columns]
        key = shape.key if set(shape.key) <= set(there) else ()
        shapes[name] = Table(tuple(columns), key or tuple(columns), (), shape.references)
    return shapes, comments


def _twins(
    con: duckdb.DuckDBPyConnection, releases: Path, version: Version, shapes: Mapping[str, Table]
) -> dict[str, Path]:
    """For each table that holds what it held in the newest older release, in the same columns: that release's folder."""
    last = _older(releases, version.version)
    if last is None:
        return {}
    now, before = lake.recorded(con, version.version), lake.recorded(con, int(last.name))
    return {
        name: last
        for name, shape in shapes.items()
        if name in now
        and before.get(name) == now[name]
        and _header(last / _place(name, "csv")) == ",".join(shape.columns)
    }


def _header(file: Path) -> str:
    """The first line of a CSV; nothing where there is none."""
    if not file.is_file():
        return ""
    with file.open(encoding="utf-8") as lines:
        return lines.readline().rstrip("\n")


def _place(name: str, kind: str) -> Path:
    """Where a release has a table as Parquet or CSV."""
    schema, table = name.split(".")
    return Path(kind, "" if schema == "main" else schema, f"{table}.{kind}")


def _older(releases: Path, version: int) -> Path | None:
    """The newest release older than a version."""
    return next((folder for number, folder in reversed(numbered(releases)) if number < version), None)


def reveal(partial: Path, latest: Path) -> Path:
    """Give the folder its public name and let `latest` point to it, each by one rename; returns the public folder."""
    final = show(partial)
    pointer = latest.with_name(f"{latest.name}.partial")
    with suppress(FileNotFoundError):
        pointer.unlink()
    pointer.symlink_to(os.path.relpath(final, latest.parent), target_is_directory=True)
    pointer.replace(latest)
    return final


def show(partial: Path) -> Path:
    """Give the folder its public name, by one rename; returns the public folder."""
    final = partial.with_suffix("")
    if final.exists():
        remove(partial)
    else:
        partial.rename(final)
    return final


def tidy(releases: Path, keep: int) -> None:
    """Remove what a killed run left half-made and all but the newest `keep` releases and the pinned ones."""
    if not releases.exists():
        return
    held = pinned(releases)
    for number, folder in numbered(releases)[:-keep] if keep > 0 else []:
        if number not in held:
            # A release has its public name only while it is whole.
            folder.rename(folder.with_suffix(".partial"))
    for folder in releases.glob("*.partial"):
        remove(folder)


def pinned(releases: Path) -> set[int]:
    """The versions whose releases are kept whatever comes: one number a line of `releases/pinned`."""
    file = releases / PINNED
    lines = file.read_text(encoding="utf-8").split() if file.exists() else []
    return {int(line) for line in lines if line.isdigit()}


def pin(releases: Path, version: int, is_pinned: bool = True) -> None:
    """Keep the release of a version whatever comes, or no longer."""
    held = pinned(releases) - {version} | ({version} if is_pinned else set())
    releases.mkdir(parents=True, exist_ok=True)
    partial = releases / f"{PINNED}.new"
    partial.write_text("".join(f"{number}\n" for number in sorted(held)), encoding="utf-8")
    partial.replace(releases / PINNED)


def remove(folder: Path) -> None:
    """Delete a release folder, read-only or not."""
    if not folder.exists():
        return
    for path in [folder, *folder.rglob("*")]:
        if path.is_dir():
            path.chmod(0o755)
    shutil.rmtree(folder)


def _copy_table(
    con: duckdb.DuckDBPyConnection,
    folder: Path,
    name: str,
    shape: Table,
    comment: tuple[str, dict[str, str]],
    twin: Path | None,
) -> None:
    """One table of the lake in the release's three forms; where an older release has equal files they are linked."""
    lake.copy_table(con, f"lake.{name}", "release", name, shape, comment)
    key = ", ".join(shape.key)
    for kind, options in (("parquet", "format parquet, compression zstd"), ("csv", "format csv, header")):
        place = _place(name, kind)
        (folder / place).parent.mkdir(parents=True, exist_ok=True)
        if twin is not None and (twin / place).is_file():
            os.link(twin / place, folder / place)
        else:
            con.execute(f"copy (from release.{name} order by {key}) to '{quoted(folder / place)}' ({options})")


def _link_equal_files(folder: Path, releases: Path, version: int) -> None:
    """Replace each file equal to the last release's by a hard link to it."""
    last = _older(releases, version)
    if last is None:
        return
    for path in [p for p in folder.rglob("*") if p.is_file() and p.stat().st_nlink == 1]:
        twin = last / path.relative_to(folder)
        if (
            twin.is_file()
            and twin.stat().st_size == path.stat().st_size
            and sums.file_hash(twin) == sums.file_hash(path)
        ):
            path.unlink()
            os.link(twin, path)


def _make_read_only(folder: Path) -> None:
    for path in folder.rglob("*"):
        path.chmod(0o555 if path.is_dir() else 0o444)
