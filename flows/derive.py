"""From raw frames to every table of a version, built from nothing in a scratch DuckDB and verified."""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Callable
from importlib.metadata import distributions
from pathlib import Path

import duckdb

from flows import earlier as past
from flows.collect import Collected
from flows.earlier import Earlier
from flows.runlog import RunLog
from warehouse import derive as sql

CODE = Path(__file__).resolve().parent.parent
CODE_FILES = (
    "sql/**/*.sql",
    "sql/assumptions/*.csv",
    "schemas/*.py",
    "flows/rows.py",
    "flows/collect.py",
    "flows/earlier.py",
    "flows/sources/**/*.py",
    "warehouse/derive.py",
)


def derive(
    collected: Collected,
    log: RunLog,
    on_model: Callable[[str], None] = lambda name: None,
    earlier: Earlier | None = None,
) -> duckdb.DuckDBPyConnection:
    """Build all tables and return the connection that holds them; raises DataError where one breaks its contract.

    `on_model` is told each table as it is done; `earlier` is the version before, if there is one. Facts that only warn
    are added to the notices.
    """
    con = duckdb.connect(config={"preserve_insertion_order": "true"})
    if earlier is not None:
        with log.phase("earlier", version=earlier.version.version, is_recast=earlier.again is not None):
            collected.notices += past.load(con, earlier)
    with log.phase("sql"):
        sql.load_assumptions(con, profile=collected.profile)
        sql.load_raw(con, collected.frames)
        for name in sql.build(con):
            on_model(name)
    with log.phase("verify"):
        stops, warns = sql.verify(con)
    collected.notices += warns
    if stops:
        raise sql.DataError("\n".join(stops[:10]) + (f"\n… and {len(stops) - 10} more" if len(stops) > 10 else ""))
    return con


def code_hash() -> str:
    """Hash of everything that decides what a version's tables hold, given its documents."""
    digest = hashlib.sha256()
    for pattern in CODE_FILES:
        for path in sorted(CODE.glob(pattern)):
            digest.update(path.relative_to(CODE).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:12]


def lock_hash() -> str:
    """Hash of the locked packages: of the lock file in a clone, else of the names and versions that are installed."""
    lock = CODE / "requirements.lock"
    if lock.exists():
        content = lock.read_bytes()
    else:
        content = "\n".join(sorted(f"{d.name}=={d.version}" for d in distributions())).encode()
    return hashlib.sha256(content).hexdigest()[:12]


def code_commit() -> str | None:
    """The commit of the clone, with `+` where files differ from it; None where the code lies in no clone of its own."""
    if not (CODE / ".git").exists():
        return None
    words = ["git", "-C", str(CODE), "describe", "--always", "--abbrev=40", "--exclude=*", "--dirty=+"]
    try:
        return subprocess.run(words, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return None
