"""The gate, one transaction, the release folder: a reader sees the old version or the new one."""

from __future__ import annotations

import datetime as dt
import json

import duckdb

from flows.collect import Collected, Request
from flows.derive import CODE, code_commit, code_hash, lock_hash
from flows.runlog import RunLog
from flows.settings import PACKAGE_VERSION, Settings
from schemas.expectations import gate
from schemas.tables import kept_tables
from warehouse import derive as sql
from warehouse import lake, release
from warehouse.archive import Archive
from warehouse.lake import Version


class GateRefused(Exception):
    """The new version falls too far from the last one; the message says where and how to let it pass."""


def manifest(collected: Collected) -> str:
    """What a version is made of, as JSON: documents in force and for identity, profile, hash of code and assumptions."""
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
    made_of = {"documents": documents, "identity": identity, "profile": collected.profile, "code": code_hash()}
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
    if not settings.lake.exists():
        return []
    with duckdb.connect() as con:
        lake.attach(con, settings.lake)
        return lake.versions(con)


def publish(
    settings: Settings,
    request: Request,
    collected: Collected,
    con: duckdb.DuckDBPyConnection,
    log: RunLog,
    allow_shrink: bool,
    is_released: bool = True,
) -> Version:
    """Commit the tables of `con` as the next version and release it; raises GateRefused before anything is written."""
    tables = kept_tables()
    comments = {name: (about, columns) for name, about, columns in [*sql.comments(), *sql.book_comments()]}
    lake.attach(con, settings.lake)
    with log.phase("gate"):
        _hold_gate(con, tables, log, allow_shrink)
    asked = [d.as_of_on for d in collected.in_force if d.source in request.sources]
    as_of = request.as_of or max(asked)
    with log.phase("commit"):
        version = lake.commit(
            con,
            tables,
            comments,
            {
                "as_of_on": as_of,
                "code_version": code_version(),
                "manifest": manifest(collected),
                "message": _message(collected, as_of),
                "code_commit": code_commit(),
                "lock_hash": lock_hash(),
            },
        )
    if is_released:
        make_release(settings, version, log)
    return version


def make_release(settings: Settings, version: Version, log: RunLog) -> None:
    """Write the release folder of a version, then show it."""
    with log.phase("release", version=version.version):
        settings.releases_dir.mkdir(parents=True, exist_ok=True)
        partial = release.make(settings.lake, settings.releases_dir, version, CODE)
    with log.phase("rename", version=version.version):
        release.reveal(partial, settings.latest)
    release.tidy(settings.releases_dir, settings.keep_releases)


def mend(settings: Settings, log: RunLog) -> None:
    """Finish what a killed run left: half-made folders go, a committed version without its release gets it."""
    Archive(settings.archive_dir).tidy()
    release.tidy(settings.releases_dir, 0)
    version = last_version(settings)
    if version is None:
        return
    folder = settings.releases_dir / str(version.version)
    if not folder.exists() or not settings.latest.exists() or settings.latest.resolve() != folder.resolve():
        make_release(settings, version, log)


def _hold_gate(con: duckdb.DuckDBPyConnection, tables: dict, log: RunLog, allow_shrink: bool) -> None:
    shares = dict(con.execute("select table_name, value_share from assumptions.gates order by table_name").fetchall())
    made = lake.versions(con)
    there = {
        f"{schema}.{table}"
        for schema, table in con.execute(
            "select schema_name, table_name from duckdb_tables() where database_name = 'lake'"
        ).fetchall()
    }
    before = {n: _rows(con, f"lake.{n}") for n in shares if made and n in there}
    results = gate({n: _rows(con, n) for n in shares}, before, shares)
    log.write("gated", results=[str(result) for result in results if not result.is_met])
    refused = [str(result) for result in results if not result.is_met]
    if refused and not allow_shrink:
        raise GateRefused("\n".join([*refused, "nothing was published; --allow-shrink publishes it all the same"]))


def _rows(con: duckdb.DuckDBPyConnection, name: str) -> int:
    row = con.execute(f"select count(*) from {name}").fetchone()
    return int(row[0]) if row else 0


def _message(collected: Collected, as_of: dt.date) -> str:
    made_of = sorted({f"{d.source}/{d.dataset}" for d in collected.in_force})
    return f"as of {as_of}: {', '.join(made_of)}; profile {collected.profile}"
