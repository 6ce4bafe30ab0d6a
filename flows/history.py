"""What differs between any two published versions, by the same SQL that tells what a version changed."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, replace

import duckdb

from flows import earlier as past
from flows.derive import code_hash
from flows.earlier import Earlier
from flows.publish import published
from flows.settings import Settings
from schemas.columns import COLUMNS, COUNT, NUMBER
from schemas.contract import Table, empty_frame
from schemas.tables import all_tables, kept_tables
from warehouse import derive as sql
from warehouse import reader, release
from warehouse.archive import Archive
from warehouse.lake import Version

# What the feed tells of; every other table is compared cell by cell on its key.
TOLD = (
    "clean.runs",
    "clean.run_facts",
    "clean.chip_facts",
    "clean.paper_facts",
    "clean.chip_prices",
    "compute.training_runs",
    "compute.run_costs",
    "trends.frontier",
    "trends.metric_trends",
    "trends.growth",
)
# Where a row stands is not what it says.
PLACES = ("document_id", "row_number", "subject_document_id", "subject_row_number")
TOTALS = """
select
    (select count(*) from earlier.clean.runs) as runs_before,
    count(*) filter (where table_name = 'clean.runs' and change = 'added')::bigint as runs_added,
    count(*) filter (where table_name = 'clean.runs' and change = 'removed')::bigint as runs_removed,
    (select count(*) from clean.runs) as runs_after,
    count(*) filter (where change = 'renamed')::bigint as renamed,
    count(*) filter (where not is_derived and change = 'filled')::bigint as cells_filled,
    count(*) filter (where not is_derived and change = 'emptied')::bigint as cells_emptied,
    count(*) filter (where not is_derived and change = 'changed')::bigint as cells_changed,
    count(*) filter (where is_derived)::bigint as derived_figures,
from trends.revisions
"""
REVISIONS = """
select
    revision_rank, table_name, row_id, column_name, run_name, source, change, old_value, new_value, old_number,
    new_number, factor, unit, is_derived, revision_cause, circumstance, old_document_id, new_document_id,
from trends.revisions
where ? in (table_name, '')
order by revision_rank
"""
TRENDS = """
select
    metric, selection, period, part, runs_before, runs_after, runs_concerned, oom_per_year_before, oom_per_year_after,
    oom_per_year_change, doubling_months_before, doubling_months_after, doubling_months_change, leading_run_id,
from trends.trend_revisions
order by metric, selection, period, abs(oom_per_year_change) desc, part
"""


class UnknownTable(Exception):
    """There is no such table; the message says where they are listed."""


@dataclass
class Difference:
    """Two versions, counts of what differs, why the headline trends moved, each revision, worst first, and the documents.

    `cells` are those of a table outside the feed: row, column_name, change, old_value, new_value. `documents` are by id:
    name and date.
    """

    before: Version
    after: Version
    totals: dict[str, int]
    trends: list[dict]
    revisions: list[dict]
    cells: list[dict] = field(default_factory=list)
    documents: dict[str, dict] = field(default_factory=dict)
    notices: list[str] = field(default_factory=list)


def difference(settings: Settings, from_version: int, version: int, table: str = "") -> Difference:
    """What differs in `version` from `from_version`, all of it or one table; either may be the older one.

    Raises reader.Unknown or UnknownTable for a version or a table there is none of, LakeError where the lake cannot be read.
    """
    made = published(settings)
    old, new = (reader.chosen(made, number) for number in (from_version, version))
    if table and table not in kept_tables():
        raise UnknownTable(f"no table {table!r} among those that are made now; `aicompute tables` lists them")
    with duckdb.connect(config={"preserve_insertion_order": "true"}) as con:
        found = Difference(old, new, {}, [], [], notices=_compare(con, settings, old, new))
        found.totals = release.rows(con, TOTALS)[0]
        found.trends = release.rows(con, TRENDS)
        found.revisions = release.rows(con, REVISIONS, [table])
        if table and table not in TOLD:
            found.cells = _cells(con, settings, old, new, table)
    ids = {row[name] for row in found.revisions for name in ("old_document_id", "new_document_id")}
    found.documents = {
        d.document_id: {"document_name": d.document_name, "as_of_on": d.as_of_on}
        for d in Archive(settings.archive_dir).documents()
        if d.document_id in ids
    }
    return found


def _compare(con: duckdb.DuckDBPyConnection, settings: Settings, old: Version, new: Version) -> list[str]:
    """Make the tables of what differs in a scratch database, under today's assumptions; returns the notices.

    What a version told of the one before it, when it was made, is taken as it was told.
    """
    needed = sql.ancestors({"trends.revisions", "trends.trend_revisions"})
    models = [model for model in sql.past_models() if model.name in needed]
    mine = frozenset(model.name for model in models)
    sql.load_assumptions(con)
    con.execute((sql.SQL_FOLDER / "formulas.sql").read_text(encoding="utf-8"))
    for layer in sql.MODEL_LAYERS:
        con.execute(f"create schema if not exists {layer}")
    if new.version == old.version + 1 and _is_told(con, settings, old, new):
        return []
    wanted = {read for model in models for read in model.reads if read.split(".")[0] in sql.MODEL_LAYERS} - mine
    for name in sorted(wanted):
        sql.store(con, name, empty_frame(all_tables()[name]))
    past.copy(con, settings.lake, new, "memory", wanted)
    earlier, notices = _earlier(settings, old, new)
    notices += past.load(con, earlier, left_out=mine)
    with sql.fitting_threads(con, 0):
        for model in models:
            sql.make(con, model)
    return notices


def _is_told(con: duckdb.DuckDBPyConnection, settings: Settings, old: Version, new: Version) -> bool:
    """Fill the tables of what differs with what the newer version says of the older one; False where it says nothing."""
    told = {"trends.revisions", "trends.trend_revisions"}
    for name in told | {"clean.runs"}:
        sql.store(con, name, empty_frame(all_tables()[name]))
    past.copy(con, settings.lake, new, "memory", told | {"clean.runs"})
    rows = 0
    for name in told:
        con.execute(f"delete from {name} where (version, from_version) <> (?, ?)", [new.version, old.version])
        rows += con.execute(f"select count(*) from {name}").fetchall()[0][0]
    if rows:
        sql.attach_past(con)
        past.copy(con, settings.lake, old, "earlier", {"clean.runs"})
    return rows > 0


def _earlier(settings: Settings, old: Version, new: Version) -> tuple[Earlier, list[str]]:
    """The older of the pair for `load`; its documents are read again only where the newer one is made by today's code."""
    one, other = (json.loads(version.manifest) for version in (old, new))
    is_same = (one["code"], one["profile"]) == (other["code"], other["profile"])
    if is_same or other["code"] != code_hash():
        told = "the two versions were made by different programs: what those changed counts as the sources'"
        return Earlier(settings.lake, old, new.version), [] if is_same else [told]
    return replace(past.before(settings, old, other["profile"], code_hash()), next_version=new.version), []


def _cells(con: duckdb.DuckDBPyConnection, settings: Settings, old: Version, new: Version, name: str) -> list[dict]:
    """Rows and cells of any table that differ between two versions, matched by its key; another way of writing is the same."""
    shape, schema = all_tables()[name], name.split(".")[0]
    for side, version in (("old", old), ("new", new)):
        con.execute(f"attach ':memory:' as {side}_side")
        con.execute(f"create schema if not exists {side}_side.{schema}")
        con.execute(f"create table {side}_side.{name} ({', '.join(f'{c} {COLUMNS[c].type}' for c in shape.columns)})")
        past.copy(con, settings.lake, version, f"{side}_side", {name})
    return release.rows(con, _cells_query(name, shape))


def _cells_query(name: str, shape: Table) -> str:
    """The comparison as SQL: a full join by key, then one branch a column."""
    columns = [column for column in shape.columns if column not in shape.key and column not in PLACES]
    key = ", ".join(f"{column}::varchar" for column in shape.key)
    sides = ", ".join(f"old.{column} as old_{column}, new.{column} as new_{column}" for column in columns)
    branches = [
        "select row_id, 0 as place, null as column_name, if(is_new, 'added', 'removed') as change, null as old_value,"
        " null as new_value from pairs where is_old is distinct from is_new"
    ]
    branches += [_cell_query(column, place) for place, column in enumerate(columns, 1)]
    return f"""
with pairs as (
    select concat_ws(' | ', {key}) as row_id, same_within, old.is_old, new.is_new{", " if sides else ""}{sides}
    from (select *, true as is_old from old_side.{name}) as old
    full join (select *, true as is_new from new_side.{name}) as new using ({", ".join(shape.key)})
    cross join (select limit_value as same_within from assumptions.thresholds where threshold = 'same_cell_figure')
)
select row_id, column_name, change, old_value, new_value from ({" union all ".join(branches)}) order by row_id, place
"""


def _cell_query(column: str, place: int) -> str:
    old, new = f"old_{column}", f"new_{column}"
    is_number = COLUMNS[column].type in (NUMBER, COUNT)
    figures = [f"if({side} is null, null, [{side}::double])" if is_number else "null::double[]" for side in (old, new)]
    keys = [f"[cell_key({side}::varchar)]" for side in (old, new)]
    return (
        f"select row_id, {place} as place, '{column}' as column_name, cell_change({old}::varchar, {new}::varchar) as change,"
        f" {old}::varchar as old_value, {new}::varchar as new_value from pairs"
        f" where is_old and is_new and not cells_agree({keys[0]}, {figures[0]}, {keys[1]}, {figures[1]}, same_within)"
    )


def lines(found: Difference, most: int) -> list[dict]:
    """Each revision for people, worst first, `most` of them or all where that is 0: what, change, old, new, times, why.

    Old and new are a source's own words, but a number where a figure is derived.
    """
    shown = found.revisions[: most or None]
    return [
        {
            "what": " ".join(filter(None, (row["run_name"] or row["row_id"], row["column_name"]))),
            "source": row["source"] or "(derived)",
            "change": row["change"],
            "old": _figure(row, "old"),
            "new": _figure(row, "new"),
            "times": row["factor"],
            "how": ", ".join(
                filter(
                    None, (row["circumstance"], None if row["revision_cause"] == "sources" else row["revision_cause"])
                )
            ),
        }
        for row in shown
    ]


def _figure(row: dict, edition: str) -> object:
    number = row[f"{edition}_number"] if row["is_derived"] else None
    return row[f"{edition}_value"] if number is None else number


def total_lines(found: Difference) -> list[str]:
    """The two versions and their counts, in words."""
    totals = found.totals
    kinds = ("renamed", "cells_changed", "cells_filled", "cells_emptied", "derived_figures")
    return [
        f"version {found.before.version}, as of {found.before.as_of_on}, to version {found.after.version},"
        f" as of {found.after.as_of_on}",
        f"runs: {totals['runs_before']:,} + {totals['runs_added']:,} added - {totals['runs_removed']:,} removed ="
        f" {totals['runs_after']:,}",
        ", ".join(f"{kind.replace('_', ' ')} {totals[kind]:,}" for kind in kinds),
    ]


def moves(found: Difference) -> list[dict]:
    """Why each headline trend moved, for people: a line a trend, with the parts that are not nothing."""
    trends: dict[tuple, list[dict]] = {}
    for row in found.trends:
        trends.setdefault((row["metric"], row["selection"], row["period"]), []).append(row)
    return [
        {
            "metric, selection, period": ", ".join(trend),
            "before": rows[0]["oom_per_year_before"],
            "after": rows[0]["oom_per_year_after"],
            "because of": "; ".join(
                f"{row['part']} {row['oom_per_year_change']:+.4f}"
                for row in rows
                if round(row["oom_per_year_change"] or 0, 4)
            ),
        }
        for trend, rows in trends.items()
    ]


def document_lines(found: Difference) -> list[str]:
    """The documents the two versions differ by: name, date and the beginning of the hash."""
    return [
        f"{document['document_name']}, as of {document['as_of_on']}: {document_id[:12]}"
        for document_id, document in sorted(found.documents.items(), key=lambda item: (item[1]["as_of_on"], item[0]))
    ]


def plain(found: Difference) -> dict:
    """All of a difference for JSON."""
    sides = {name: asdict(side) for name, side in (("from", found.before), ("to", found.after))}
    versions = {name: {k: side[k] for k in ("version", "as_of_on", "published_at")} for name, side in sides.items()}
    return {
        **versions,
        "totals": found.totals,
        "trend_revisions": found.trends,
        "revisions": found.revisions,
        "cells": found.cells,
        "documents": found.documents,
        "notices": found.notices,
    }
