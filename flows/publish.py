"""The gate, one transaction, the release folder: a reader sees the old version or the new one."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from flows.collect import Collected
from flows.derive import CODE, code_commit, code_hash, lock_hash
from flows.runlog import RunLog
from flows.settings import PACKAGE_VERSION, Settings
from schemas.expectations import Result, gate
from schemas.tables import kept_tables
from warehouse import backup, lake, refused, release
from warehouse import derive as sql
from warehouse.archive import Archive
from warehouse.faults import first_line
from warehouse.lake import Version

if TYPE_CHECKING:
    import pandas as pd


class GateRefused(Exception):
    """The new version falls too far from the last one; the message says where and how to let it pass."""


def manifest(collected: Collected) -> str:
    """What a version is made of, as JSON: documents in force and for identity, profile, date, hash of code and assumptions.

    Raises ValueError where the date is not known: nothing new is made of what an older program's manifest lists.
    """
    if collected.as_of_on is None:
        raise ValueError("a version has a date, and what was collected has none")
    documents = [
        {
            "source": d.source,
            "dataset": d.dataset,
            "document_id": d.document_id,
            "as_of_on": d.as_of_on.isoformat(),
            "received_on": d.first_received_on.isoformat(),
        }
        for d in collected.in_force
    ]
    identity = [d.document_id for d in collected.identity]
    made_of = {
        "documents": documents,
        "identity": identity,
        "profile": collected.profile,
        "as_of_on": collected.as_of_on.isoformat(),
        "code": code_hash(),
    }
    return json.dumps(made_of, sort_keys=True)


def code_version() -> str:
    """The package's version and the hash of everything that decides what the tables hold."""
    return f"{PACKAGE_VERSION}+{code_hash()}"


def last_version(settings: Settings) -> Version | None:
    """The newest version of the lake, or None."""
    made = published(settings)
    return made[-1] if made else None


def published(settings: Settings) -> list[Version]:
    """Every version of the lake, oldest first."""
    return lake.published(settings.lake)


def publish(
    settings: Settings,
    collected: Collected,
    con: duckdb.DuckDBPyConnection,
    log: RunLog,
    allow_shrink: bool,
    is_released: bool = True,
) -> Version:
    """Commit the tables of `con` as the next version and release it.

    Raises GateRefused before anything is written to the lake: the refused tables are kept beside it.
    """
    tables = kept_tables()
    comments = {name: (about, columns) for name, about, columns in [*sql.comments(), *sql.book_comments()]}
    lake.attach(con, settings.lake)
    about = {
        "as_of_on": collected.as_of_on,
        "code_version": code_version(),
        "manifest": manifest(collected),
        "message": _message(collected),
        "code_commit": code_commit(),
        "lock_hash": lock_hash(),
    }
    with log.phase("gate"):
        results = _hold_gate(con, log, allow_shrink)
    judged = [asdict(result) for result in results]
    if _unmet(results) and not allow_shrink:
        number = 1 + max((made.version for made in lake.versions(con)), default=0)
        refused.keep(con, settings.refused, tables, comments, {**about, "version": number}, judged)
        raise GateRefused(_refusal(results))
    with log.phase("commit"):
        version = lake.commit(con, tables, comments, about, judged)
    if is_released:
        make_release(settings, version, log)
    refused.forget(settings.refused, version.manifest)
    return version


def make_release(settings: Settings, version: Version, log: RunLog) -> None:
    """Keep copy and hashes of the lake, write the release folder of a version, then show it."""
    with log.phase("backup", version=version.version):
        backup.keep(settings.lake)
    with log.phase("release", version=version.version):
        partial = written(settings, version, settings.releases_dir, log)
    with log.phase("rename", version=version.version):
        release.reveal(partial, settings.latest)
    release.tidy(settings.releases_dir, settings.keep_releases)


def written(settings: Settings, version: Version, releases: Path, log: RunLog) -> Path:
    """Write the release of a version, not yet shown, among `releases`; returns its folder.

    The page speaks of today's tables: a version that other code made and that lacks one of them is released without it.
    """
    releases.mkdir(parents=True, exist_ok=True)
    try:
        return release.make(settings.lake, releases, version, CODE)
    except (duckdb.CatalogException, duckdb.BinderException) as error:
        if version.code_version == code_version():
            raise
        log.write("no page", version=version.version, error=first_line(error))
        return release.make(settings.lake, releases, version, CODE, has_page=False)


def mend(settings: Settings, log: RunLog) -> Version | None:
    """Finish what a killed run left: half-made folders go, a committed version without its release gets it.

    Returns the newest version, or None.
    """
    Archive(settings.archive_dir).tidy()
    release.tidy(settings.releases_dir, 0)
    version = last_version(settings)
    release.hold_versions(settings.releases_dir, version.version if version else 0)
    if version is None:
        return None
    folder = settings.releases_dir / str(version.version)
    if not folder.exists() or not settings.latest.exists() or settings.latest.resolve() != folder.resolve():
        make_release(settings, version, log)
    return version


def refuse_again(settings: Settings, collected: Collected, last: Version | None) -> None:
    """Raise GateRefused where the same inputs were refused after this very version: nothing is built a second time."""
    about = {"version": last.version + 1 if last else 1, "manifest": manifest(collected)}
    if rows := refused.judged(settings.refused, about):
        raise GateRefused(_refusal([Result(**row) for row in rows]))


def _hold_gate(con: duckdb.DuckDBPyConnection, log: RunLog, allow_shrink: bool) -> list[Result]:
    """What Great Expectations finds of the bounds that the SQL gives."""

    def frame_of(table: str, column: str) -> pd.DataFrame:
        return con.execute(f"select {'true as any_column' if column == '*' else column} from {table}").df()

    bounds = [Result(*row) for row in con.execute("from trends.gate_bounds").fetchall()]
    results = gate(bounds, frame_of, is_first=not lake.versions(con))
    log.write("gated", expectations=len(results), results=[str(result) for result in _unmet(results)])
    return [replace(result, was_allowed=allow_shrink and not result.is_met) for result in results]


def _unmet(results: Sequence[Result]) -> list[Result]:
    return [result for result in results if not result.is_met]


def _refusal(results: Sequence[Result]) -> str:
    ways = (
        "nothing was published; `aicompute query --refused` asks the refused tables, its main.gate_results says what was"
        " found; --allow-shrink publishes it all the same"
    )
    return "\n".join([*map(str, _unmet(results)), ways])


def _message(collected: Collected) -> str:
    made_of = sorted({f"{d.source}/{d.dataset}" for d in collected.in_force})
    return f"as of {collected.as_of_on}: {', '.join(made_of)}; profile {collected.profile}"
