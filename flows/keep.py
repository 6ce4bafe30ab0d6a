"""What is done with versions that are there: roll back to one, make its release again, rebuild it from the archive."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from flows import derive as deriving
from flows import earlier as past
from flows import publish as publishing
from flows.collect import Collected, collect_again
from flows.earlier import Earlier
from flows.runlog import RunLog
from flows.settings import Settings
from schemas.contract import Table
from schemas.tables import all_tables
from warehouse import derive as sql
from warehouse import lake, reader, release, verify
from warehouse.equality import Compared, compare
from warehouse.faults import first_line
from warehouse.lake import Contents, LakeError, Version

TOLERANCE = 1e-12
# What a version made by rolling back takes over from the one it is equal to.
TAKEN_OVER = ("as_of_on", "code_version", "manifest", "code_commit", "lock_hash")


class Refused(Exception):
    """What was asked cannot be done honestly; the message says why and what to do."""


@dataclass
class Rolled:
    """What a roll back did: the version now in force, whether it is new, what is worth knowing."""

    version: Version
    is_new: bool
    notices: list[str] = field(default_factory=list)


@dataclass
class Rebuilt:
    """A version made again from the archive: every table beside the lake's, and what is worth knowing."""

    version: Version
    tables: list[Compared]
    notices: list[str]

    @property
    def differing(self) -> list[Compared]:
        """Tables that are not the same."""
        return [table for table in self.tables if table.differences]


def made(settings: Settings, con: duckdb.DuckDBPyConnection) -> list[Version]:
    """Attach the lake; returns every version, oldest first; raises LakeError where there is none."""
    if not settings.lake.exists():
        raise LakeError(f"no version is published in {settings.folder}; `aicompute run` makes one")
    lake.attach(con, settings.lake)
    return lake.versions(con)


def rollback(settings: Settings, number: int, log: RunLog) -> Rolled:
    """Publish a new version equal to an older one; raises Unknown, LakeError.

    The tables that tell of changes from version to version are not taken back: they go on and tell of this change too.
    """
    with lake.writer(settings.lake), log.failures():
        publishing.mend(settings, log)
        with duckdb.connect(config={"preserve_insertion_order": "true"}) as con:
            versions = made(settings, con)
            wanted, newest = reader.chosen(versions, number), versions[-1]
            if _is_equal(con, wanted, newest):
                return Rolled(newest, False)
            log.write("begin", rollback=wanted.version)
            with log.phase("read", version=wanted.version):
                shapes = _take_back(con, settings, wanted, newest)
            with log.phase("earlier", version=newest.version):
                notices = _tell_of_change(con, settings, newest, shapes)
            with log.phase("commit"):
                about = {name: getattr(wanted, name) for name in TAKEN_OVER}
                about["message"] = reader.EQUAL_TO.format(wanted.version)
                version = lake.commit(con, shapes, {}, about)
        publishing.make_release(settings, version, log)
        log.write("end", version=version.version, new=True)
        return Rolled(version, True, notices)


def _is_equal(con: duckdb.DuckDBPyConnection, wanted: Version, newest: Version) -> bool:
    """Whether the newest version is the one wanted, or is made of the same and holds the same."""
    if wanted == newest:
        return True
    then, now = (_filled(lake.recorded(con, version.version)) for version in (wanted, newest))
    return bool(then) and then == now and wanted.manifest == newest.manifest


def _filled(recorded: dict[str, Contents]) -> dict[str, Contents]:
    """Tables that hold anything, but for those that tell of changes."""
    changes = telling()
    return {name: held for name, held in recorded.items() if held.rows and name not in changes}


def telling() -> frozenset[str]:
    """The tables that tell of changes since the version before."""
    return frozenset(model.name for model in sql.past_models())


def _take_back(
    con: duckdb.DuckDBPyConnection, settings: Settings, wanted: Version, newest: Version
) -> dict[str, Table]:
    """Copy the tables of a version, as it was committed, into `con`; tables and columns that came later are empty in it."""
    lake.attach(con, settings.lake, wanted.snapshot_id, "wanted")
    must = verify.expected(con, [wanted, newest])
    told, later = must[wanted.version], must[newest.version]
    shapes = {}
    for name in {**told, **later}:
        database = "wanted" if name in told else "lake"
        con.execute(f"create schema if not exists {name.split('.')[0]}")
        con.execute(f"create table {name} as from {database}.{name} {'' if name in told else 'limit 0'}")
        if what := verify.unlike(con, name, told.get(name)):
            place = f"{name} of version {wanted.version}"
            raise LakeError(f"{place}: {what}; `aicompute verify {wanted.version}` tells more")
        columns = _columns(con, name)
        for column, kind in _columns(con, f"lake.{name}").items() if name in later else ():
            if column not in columns:
                con.execute(f"alter table {name} add column {column} {kind}")
        known = all_tables().get(name, Table((), ()))
        key = known.key if known.key and set(known.key) <= set(columns) else tuple(columns)
        shapes[name] = replace(known, columns=tuple(_columns(con, name)), key=key)
    con.execute("detach wanted")
    return shapes


def _columns(con: duckdb.DuckDBPyConnection, name: str) -> dict[str, str]:
    return {row[0]: row[1] for row in con.execute(f"describe {name}").fetchall()}


def _tell_of_change(
    con: duckdb.DuckDBPyConnection, settings: Settings, newest: Version, shapes: dict[str, Table]
) -> list[str]:
    """Make the tables that read the version before once more, so that they tell of the roll back as of any change."""
    names = telling()
    try:
        notices = past.load(con, Earlier(settings.lake, newest, newest.version + 1))
        sql.build_over(con, names)
        return notices
    except (duckdb.Error, sql.DataError) as error:
        told = first_line(error)
    for name in names & set(verify.expected(con, [newest])[newest.version]):
        con.execute(f"create or replace table {name} as from lake.{name}")
    return [f"what the roll back changed is not told, for other code made that version ({told})"]


def release_again(settings: Settings, number: int, log: RunLog) -> tuple[Path, bool]:
    """Make the release of a version if it is not there, or not as it was, and pin it; returns it and whether it was made."""
    with lake.writer(settings.lake), log.failures():
        publishing.mend(settings, log)
        folder = settings.releases_dir / str(number)
        with duckdb.connect() as con:
            version = reader.chosen(made(settings, con), number)
            told = verify.expected(con, [version])[number]
        is_sound = folder.exists() and not verify.release_faults(folder, told)
        if not is_sound:
            with _sound_neighbours(settings) as releases:
                partial = publishing.written(settings, version, releases, log)
                if folder.exists():
                    folder.rename(folder.with_name(f"{number}.damaged.partial"))
                partial.rename(folder)
        release.pin(settings.releases_dir, number)
        release.tidy(settings.releases_dir, settings.keep_releases)
        return folder, not is_sound


@contextmanager
def _sound_neighbours(settings: Settings) -> Iterator[Path]:
    """Where a release is to be written: beside the others, whose equal files it shares, unless one of them is damaged."""
    if all(not verify.release_faults(folder, {}) for _, folder in release.numbered(settings.releases_dir)):
        yield settings.releases_dir
        return
    alone = settings.releases_dir / "alone.partial"
    alone.mkdir(parents=True, exist_ok=True)
    yield alone


def unpin(settings: Settings, number: int) -> bool:
    """Keep the release of a version no longer than any other; whether it was pinned."""
    with lake.writer(settings.lake):
        was = number in release.pinned(settings.releases_dir)
        release.pin(settings.releases_dir, number, is_pinned=False)
        release.tidy(settings.releases_dir, settings.keep_releases)
        return was


def rebuild(settings: Settings, number: int, log: RunLog) -> Rebuilt:
    """Make a version again from the archive alone and compare it with the lake's, table by table.

    Raises Refused where other code or other packages made it, Unknown, LakeError, and what collecting again raises.
    """
    with duckdb.connect() as con:
        versions = made(settings, con)
    wanted = reader.chosen(versions, number)
    _is_rebuildable(wanted)
    with TemporaryDirectory(prefix="aicompute-") as scratch:
        # Parsed anew: the archive alone is believed.
        (Path(scratch) / "archive").symlink_to(settings.archive_dir)
        bare = Settings(data_dir=Path(scratch))
        collected = collect_again(bare, wanted.manifest)
        before = next((v for v in reversed(versions) if v.version < number), None)
        earlier = _earlier(settings, bare, before, collected) if before else None
        con = deriving.derive(collected, log, earlier=earlier)
        notices = collected.notices + (_proved(settings, bare, before, log) if before else [])
        names = _attached(con, settings, wanted)
        found = [compare(con, name, "kept", "memory", all_tables()[name].key, TOLERANCE) for name in names]
        con.close()
    return Rebuilt(wanted, found, notices)


def _earlier(settings: Settings, bare: Settings, before: Version, collected: Collected) -> Earlier:
    """The version before as the lake has it, its documents read again from the archive where that is needed."""
    return replace(past.before(bare, before, collected.profile, deriving.code_hash()), place=settings.lake)


def _proved(settings: Settings, bare: Settings, before: Version, log: RunLog) -> list[str]:
    """Rebuild what is read of the version before, too, where this program made it; says what was found."""
    what = f"version {before.version}, with which the tables of changes compare,"
    if not _is_same_program(before):
        return [f"{what} was made by other code: it is taken from the lake"]
    read, changes = sql.past_reads(), telling()
    names = (read["earlier"] | read["recast"]) - changes - {sql.STEPS}
    if not names:
        return []
    collected = collect_again(bare, before.manifest)
    with duckdb.connect(config={"preserve_insertion_order": "true"}) as con:
        sql.load_assumptions(con, profile=collected.profile)
        sql.load_raw(con, collected.frames)
        list(sql.build(con, only=sql.ancestors(names)))
        there = names & set(_attached(con, settings, before))
        found = [compare(con, n, "kept", "memory", all_tables()[n].key, TOLERANCE) for n in sorted(there)]
    if wrong := [table.table for table in found if table.differences]:
        return [f"{what} is another when made again from the archive: {', '.join(wrong)}"]
    carried = f"; what it says of changes before is taken from the lake: rebuild {before.version} proves it"
    return [f"{what} is equal when made again from the archive ({len(found)} tables){carried}"]


def _attached(con: duckdb.DuckDBPyConnection, settings: Settings, version: Version) -> list[str]:
    """Attach a version as `kept`; returns its tables."""
    lake.attach(con, settings.lake, version.snapshot_id, "kept")
    return list(verify.expected(con, [version], "kept")[version.version])


def _is_same_program(version: Version) -> bool:
    code = json.loads(version.manifest)["code"]
    return (code, version.lock_hash) == (deriving.code_hash(), deriving.lock_hash())


def _is_rebuildable(version: Version) -> None:
    if not _is_same_program(version):
        commit = f"commit {version.code_commit}" if version.code_commit else "an unknown commit"
        raise Refused(
            f"version {version.version} was made by code {version.code_version} ({commit}, packages"
            f" {version.lock_hash or 'unknown'}), this is {publishing.code_version()} (packages {deriving.lock_hash()}):"
            " check out that commit, install its requirements.lock, and rebuild there"
        )
