"""What others published beside the figures of a version, and beside the points of a published list read from a folder."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from schemas.columns import COLUMNS
from warehouse import derive as sql
from warehouse import release

RESULTS, ESSAY = "trends.published_results", "trends.essay_claims"
# What must be made anew for a list of points; everything else they read is left empty.
_MODELS = frozenset({"trends.claim_points", "trends.claim_lines", "trends.figures", RESULTS})
# Saved points of Sevilla et al. 2022: which output of their notebook a file is, and what its runs are called here.
_FILES = {"vega_cell1_*rows.csv": "sevilla_2022", "vega_cell3_*rows.csv": "sevilla_2022_scales"}
_HEADERS = ("System", "Publication date", "Training compute (FLOPs)", "Domain", "Era")
_POINTS = {
    "selection": pl.String,
    "run_id": pl.String,
    "published_on": pl.Date,
    "flop": pl.Float64,
    "reference": pl.String,
}


class PointsFault(ValueError):
    """A folder of points that cannot be read: file, row, column and what was expected."""


def sevilla_points(folder: Path) -> pl.DataFrame:
    """The saved points of Sevilla et al. 2022: selection, run_id, published_on, flop, reference.

    Each file is one selection; the runs of a file with one Domain and Era are a selection of their own, called
    `sevilla_2022:all:large scale era`. Raises PointsFault.
    """
    rows = []
    for pattern, name in _FILES.items():
        found = [path for path in sorted(folder.glob(pattern)) if _is_list(path)]
        if not found:
            raise PointsFault(f"{folder}: no file {pattern} with the columns {', '.join(_HEADERS)}")
        for path in found:
            rows += _members(path, name)
    return pl.DataFrame(rows, schema=_POINTS)


def _is_list(path: Path) -> bool:
    with path.open(encoding="utf-8", newline="") as file:
        return set(_HEADERS) <= set(next(csv.reader(file), []))


def _members(path: Path, name: str) -> list[dict[str, Any]]:
    rows = []
    with path.open(encoding="utf-8", newline="") as file:
        for number, row in enumerate(csv.DictReader(file), 1):
            try:
                flop, day = float(row["Training compute (FLOPs)"]), dt.date.fromisoformat(row["Publication date"][:10])
            except ValueError as error:
                raise PointsFault(
                    f"{path.name} row {number}: a date and a number of FLOP are needed: {error}"
                ) from error
            member = {
                "run_id": f"{row['System']}--{number}",
                "published_on": day,
                "flop": flop,
                "reference": path.name,
            }
            part = f"{name}:{row['Domain']}:{row['Era']}".lower()
            rows += [{"selection": selection, **member} for selection in (name, part)]
    return rows


def results(con: duckdb.DuckDBPyConnection, points: pl.DataFrame | None = None) -> list[dict[str, Any]]:
    """Every published result of a version, one dict a claim in order; claims on a list are checked on `points`, if given.

    `con` is a reader of a release, or the tables themselves; no version is changed.
    """
    if points is None:
        return release.rows(con, f"from {RESULTS} order by claim_id")
    with _on_points(points) as scratch:
        scratch.register("released", con.execute(f"from {RESULTS}").pl().to_arrow())
        return release.rows(
            scratch,
            f"""with listed as (
                select listed.*
                from {RESULTS} as listed
                join released using (claim_id)
                where released.our_value is null and listed.our_value is not null
            )
            from released where claim_id not in (select claim_id from listed)
            union all by name
            from listed
            order by claim_id""",
        )


def _on_points(points: pl.DataFrame) -> duckdb.DuckDBPyConnection:
    """Published results where nothing is known but the assumptions and these points."""
    con = duckdb.connect()
    sql.load_assumptions(con)
    con.register("points", points.to_arrow())
    con.execute((sql.SQL_FOLDER / "formulas.sql").read_text(encoding="utf-8"))
    con.execute(
        """insert into assumptions.selection_members by name
        select * exclude (flop), pfs_days(flop) as published_training_compute_pfs_days, 'exact' as bound from points"""
    )
    con.unregister("points")
    list(sql.build(con, only=_MODELS))
    return con


def counts(found: list[dict[str, Any]]) -> dict[str, int]:
    """Claims by verdict, a claim of several parts once: by its worst part, not testable counting as the worst."""
    order = COLUMNS["result_verdict"].allowed
    worst: dict[str, int] = {}
    for row in found:
        claim = row["claim_id"][:3]
        worst[claim] = max(worst.get(claim, 0), order.index(row["result_verdict"]))
    return {verdict: list(worst.values()).count(place) for place, verdict in enumerate(order)}


def sentences(con: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """What the essay says, with the verdict of the version's data; one dict a sentence in order."""
    return release.rows(con, f"from {ESSAY} order by claim_id")


def result_lines(found: list[dict[str, Any]]) -> list[dict[str, str]]:
    """Published results as a table for people."""
    return [
        {
            "claim": row["claim_id"],
            "what": f"{row['result']} ({row['subset']})",
            "by": row["claimant"],
            "unit": row["unit"],
            "published": _interval(row["published_value"], row["published_low"], row["published_high"]),
            "ours": _interval(row["our_value"], row["our_value_low"], row["our_value_high"]),
            "of": _number(row["our_items"]),
            "verdict": row["result_verdict"],
            "why": row["explanation"] or "",
        }
        for row in found
    ]


def sentence_lines(found: list[dict[str, Any]]) -> list[dict[str, str]]:
    """What the essay says as a table for people."""
    return [
        {
            "claim": row["claim_id"],
            "what": row["claim"],
            "read as": _range(row["true_from"], row["true_to"]),
            "ours": _interval(row["our_value"], row["our_value_low"], row["our_value_high"]),
            "unit": row["unit"] or "",
            "verdict": row["essay_verdict"],
            "why": row["explanation"] or row["reading"] or "",
        }
        for row in found
    ]


def _interval(value: float | None, low: float | None, high: float | None) -> str:
    return _number(value) + (f" [{_number(low)}, {_number(high)}]" if low is not None and high is not None else "")


def _range(low: float | None, high: float | None) -> str:
    if low is None or high is None:
        return f"at least {_number(low)}" if low is not None else f"at most {_number(high)}" if high is not None else ""
    return _number(low) if low == high else f"{_number(low)} to {_number(high)}"


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if 1e3 <= abs(value) < 1e7 else f"{value:.3g}"
