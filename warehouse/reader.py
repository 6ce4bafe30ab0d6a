"""Reading as of any version: its release where there is one, else its tables taken out of the lake; never writing."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from schemas.books import TABLES as BOOKS
from warehouse import lake, release
from warehouse.lake import Lake, Version, quoted

# What a version made by rolling back says of itself, and how it is known again.
EQUAL_TO = "equal to version {}"


class Unknown(Exception):
    """There is no such version; the message lists what there is."""


class Refused(Exception):
    """Readers ask one question at a time and change nothing; the message says which statement was more than that."""


def known(place: Lake, latest: Path) -> list[Version]:
    """The versions readers have, oldest first: as the newest release lists them, or the lake where there is no release."""
    try:
        with release.reader(latest) as con:
            there = [row[0] for row in con.execute("describe main.versions").fetchall()]
            columns = [c if c in there else f"null as {c}" for c in BOOKS["versions"].columns]
            rows = con.execute(f"select {', '.join(columns)} from main.versions order by version").fetchall()
            return [Version(*row) for row in rows]
    except (OSError, duckdb.Error):
        if not place.exists():
            raise
        return lake.published(place)


def chosen(made: Sequence[Version], number: int | None = None, as_of: dt.date | None = None) -> Version:
    """The version of a number, or the one in force on a day; raises Unknown.

    In force is what has the latest as-of date not after the day, of several the newest; what was rolled back since is not.
    """
    if not made:
        raise Unknown("no version is published; `aicompute run` makes one")
    if number is not None:
        for version in made:
            if version.version == number:
                return version
        raise Unknown(f"there is no version {number}; there are {listed(made)}")
    standing = [v for v in _standing(made) if as_of is None or v.as_of_on <= as_of]
    if not standing:
        back = [version for version in made if as_of is not None and version.as_of_on <= as_of]
        told = f", but for what was rolled back since, {listed(back)}, which --version reads" if back else ""
        raise Unknown(f"no version is as of {as_of} or before{told}; there are {listed(made)}")
    return max(standing, key=lambda version: (version.as_of_on, version.version))


def listed(made: Sequence[Version]) -> str:
    """Versions for people, with their as-of dates."""
    return ", ".join(f"{version.version} (as of {version.as_of_on})" for version in made)


def _standing(made: Sequence[Version]) -> list[Version]:
    """The versions that none later took back."""
    standing: list[Version] = []
    for version in made:
        back = re.match(EQUAL_TO.format(r"(\d+)"), version.message)
        if back:
            standing = [v for v in standing if v.version <= int(back[1])]
        standing.append(version)
    return standing


@contextmanager
def at(place: Lake, releases: Path, version: Version) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to a version that cannot write, read other files, or load extensions."""
    folder = releases / str(version.version)
    if (folder / "aicompute.duckdb").exists():
        with release.reader(folder) as con:
            yield con
        return
    with TemporaryDirectory(prefix="aicompute-") as scratch:
        take_out(place, version, Path(scratch) / "aicompute.duckdb")
        with release.reader(Path(scratch)) as con:
            yield con


def take_out(place: Lake, version: Version, file: Path) -> None:
    """Write the tables that readers get of a version to a DuckDB file."""
    with duckdb.connect() as con:
        lake.attach(con, place, version.snapshot_id)
        shapes, comments = release.shapes_of(con, version)
        con.execute(f"attach '{quoted(file)}' as taken (block_size 16384)")
        con.execute("begin")
        for name, shape in shapes.items():
            lake.copy_table(con, f"lake.{name}", "taken", name, shape, comments[name])
        con.execute("commit")


def ask(con: duckdb.DuckDBPyConnection, query: str) -> list[dict]:
    """The answer to one question as one dict a row; raises Refused for anything else than one."""
    statements = con.extract_statements(query)
    if len(statements) != 1:
        raise Refused("one statement at a time")
    kind = statements[0].type.name
    if kind not in ("SELECT", "EXPLAIN"):
        raise Refused(f"the tables can only be read; {kind} is refused")
    return release.rows(con, query)
