"""The version before the one that is made, for the tables that say what changed: as published, and by today's code."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import duckdb

from flows.collect import Collected, collect_again
from flows.rows import SchemaBreak
from flows.settings import Settings
from schemas.tables import all_tables
from warehouse import derive as sql
from warehouse import faults, lake
from warehouse.lake import Lake, LakeError, Version

# Until clean.known_runs was there, a version kept every listing of a run in every document.
_KNOWN_BY_LISTINGS = """
insert into {target}.clean.known_runs by name
select run_id, min(run_name) as run_name, min(source) as source, min(document_id) as document_id
from published.clean.run_identities
where run_id not in (select run_id from {target}.clean.known_runs)
group by run_id
"""


@dataclass(frozen=True)
class Earlier:
    """The version before: the lake it lies in, the number of the version that follows, and its documents read again.

    `again` is None where it was made by this code under this profile, or where today's code cannot read its documents.
    """

    place: Lake
    version: Version
    next_version: int
    again: Collected | None = None
    notices: list[str] = field(default_factory=list)


def before(settings: Settings, last: Version, profile: str, code: str) -> Earlier:
    """A published version as the one before the next; read again only where it was made by other code or profile.

    `code` is the hash of the code that runs, `profile` the profile of assumptions in force.
    """
    made_of = json.loads(last.manifest)
    earlier = Earlier(settings.lake, last, last.version + 1)
    if (made_of["code"], made_of["profile"]) == (code, profile):
        return earlier
    try:
        again = collect_again(settings, last.manifest)
    except (OSError, ValueError, SchemaBreak) as error:
        return replace(earlier, notices=[_not_again(last, error)])
    return replace(earlier, again=replace(again, profile=profile))


def load(con: duckdb.DuckDBPyConnection, earlier: Earlier, left_out: frozenset[str] = frozenset()) -> list[str]:
    """Attach `earlier` and `recast` to the scratch database, filled but for the tables left out, and return the notices.

    Raises LakeError where the lake cannot be read. Where recast cannot be made it is earlier itself, with a notice.
    """
    read = sql.past_reads()
    sql.attach_past(con)
    copy(con, earlier.place, earlier.version, "earlier", (read["earlier"] | read["recast"]) - {sql.STEPS} - left_out)
    is_recast = _is_recast(con, earlier, read["recast"])
    con.execute(
        f"insert into earlier.{sql.STEPS} values (?, ?, ?)", [earlier.version.version, earlier.next_version, is_recast]
    )
    return earlier.notices


def _is_recast(con: duckdb.DuckDBPyConnection, earlier: Earlier, names: set[str]) -> bool:
    """Fill `recast`; False where it is `earlier` itself."""
    if earlier.again is not None:
        try:
            _recast(con, earlier.again, names)
            return True
        except sql.DataError as error:
            earlier.notices.append(_not_again(earlier.version, error))
    for name in names:
        con.execute(f"drop table recast.{name}")
        con.execute(f"create view recast.{name} as from earlier.{name}")
    return False


def _not_again(version: Version, error: Exception) -> str:
    told = faults.first_line(error)
    return f"version {version.version} cannot be made again ({told}); what the program changed counts as the sources'"


def copy(con: duckdb.DuckDBPyConnection, place: Lake, version: Version, target: str, names: set[str]) -> None:
    """Copy tables of a version into empty ones of another database; what an older program lacked stays empty or null.

    But the runs it knew, where it kept every listing of them instead, are taken from there.

    Raises LakeError where the lake cannot be read.
    """
    lake.attach(con, place, version.snapshot_id, name="published")
    there: dict[str, set[str]] = {}
    columns = (
        "select schema_name || '.' || table_name, column_name from duckdb_columns() where database_name = 'published'"
    )
    try:
        for name, column in con.execute(columns).fetchall():
            there.setdefault(name, set()).add(column)
        with sql.fitting_threads(con, 0), _transaction(con):
            for name in sorted(names & set(there)):
                known = ", ".join(column for column in all_tables()[name].columns if column in there[name])
                con.execute(f"insert into {target}.{name} ({known}) select {known} from published.{name}")
            if "clean.known_runs" in names and "clean.run_identities" in there:
                con.execute(_KNOWN_BY_LISTINGS.format(target=target))
    except duckdb.Error as error:
        told = faults.first_line(error)
        words = faults.sentence(error) or f"version {version.version} of {place.folder} cannot be read ({told})"
        raise LakeError(words) from error
    finally:
        con.execute("detach published")


@contextmanager
def _transaction(con: duckdb.DuckDBPyConnection) -> Iterator[None]:
    con.execute("begin transaction")
    try:
        yield
    except BaseException:
        con.execute("rollback")
        raise
    con.execute("commit")


def _recast(con: duckdb.DuckDBPyConnection, again: Collected, names: set[str]) -> None:
    """Make tables of the earlier version's documents by today's code, without bootstraps."""
    with duckdb.connect(config={"preserve_insertion_order": "true"}) as other:
        sql.load_assumptions(other, profile=again.profile)
        other.execute("update assumptions.thresholds set limit_value = 0 where threshold = 'bootstrap_draws'")
        sql.load_raw(other, again.frames)
        for _ in sql.build(other, only=sql.ancestors(names)):
            pass
        for name in sorted(names):
            columns = ", ".join(all_tables()[name].columns)
            con.register("made_again", other.execute(f"select {columns} from {name}").to_arrow_table())
            con.execute(f"insert into recast.{name} ({columns}) select {columns} from made_again")
            con.unregister("made_again")
