"""The bootstraps measured: the headline fits by SQL beside a statsmodels loop on the same draws, and how time grows."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import duckdb
import numpy as np
import statsmodels.api as sm

from flows.collect import Request, collect
from flows.runlog import RunLog
from flows.settings import Settings
from warehouse import derive

EPOCH = Path(__file__).resolve().parents[2] / "shared" / "data" / "epoch" / "models_2025-06-20.csv"
FITS = ("trends.draws", "trends.trend_draws", "trends.trend_bootstraps")
BREAKS = ("trends.drawn_sums", "trends.break_sums", "trends.break_fits", "trends.break_draws", "trends.trend_breaks")
DRAWS = (1000, 2000, 4000)
COPIES = (1, 2, 4)
TARGETS = {"ratio": 50, "exponent": 1.15, "seconds": 10}


def main() -> None:
    """Measure and print a table, or JSON with --json. Exits 1 where a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epoch", type=Path, default=EPOCH, help="models export")
    parser.add_argument("--loop-draws", type=int, default=100, help="draws of the statsmodels loop; its time is scaled")
    parser.add_argument("--times", type=int, default=5, help="repeats of the SQL; the median counts")
    parser.add_argument("--json", action="store_true", help="print JSON alone")
    asked = parser.parse_args()
    if not asked.epoch.exists():
        sys.exit(f"{asked.epoch} is not here: name a models export with --epoch")
    con = build(asked.epoch)
    result = measure(con, asked.times, asked.loop_draws)
    print(json.dumps(result) if asked.json else table(result))
    missed = [
        f"{name} {result[name]:.3g}, wanted {'at least' if name == 'ratio' else 'at most'} {limit:g}"
        for name, limit in TARGETS.items()
        if (result[name] < limit if name == "ratio" else result[name] > limit)
    ]
    if missed:
        sys.exit("missed: " + "; ".join(missed))


def build(models: Path) -> duckdb.DuckDBPyConnection:
    """Every table of the export in memory."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data_dir=Path(folder))
        collected = collect(settings, Request(("epoch",), {"models": str(models)}), RunLog(settings.log_file))
    con = duckdb.connect()
    derive.load_assumptions(con)
    derive.load_raw(con, collected.frames)
    for _ in derive.build(con):
        pass
    return con


def measure(con: duckdb.DuckDBPyConnection, times: int, loop_draws: int) -> dict:
    """Seconds of both, their ratio, how time grows with draws × rows, and how far the two slopes' spreads lie apart."""
    draws = set_draws(con, DRAWS[0])
    fits = seconds_of(con, FITS, times)
    breaks = seconds_of(con, BREAKS, max(1, times // 2))
    series = headline_series(con)
    began = time.perf_counter()
    spreads = {key: loop(*points, loop_draws) for key, points in series.items()}
    looped = (time.perf_counter() - began) * draws / loop_draws
    ours = {
        tuple(key): error
        for *key, error in con.execute(
            """select metric, selection, period, error_source, standard_error_oom_per_year from trends.trend_bootstraps
            where error_source <> 'figures'"""
        ).fetchall()
    }
    apart = max(abs(ours[(*key, source)] / spread - 1) for key in series for source, spread in spreads[key].items())
    rows, seconds = zip(*growth(con, times), strict=True)
    slope = np.polyfit(np.log(rows), np.log(seconds), 1)[0]
    return {
        "fits_seconds": fits,
        "loop_seconds": looped,
        "ratio": looped / fits,
        "breaks_seconds": breaks,
        "seconds": fits + breaks,
        "spreads_apart": apart,
        "draws": draws,
        "rows": sum(len(x) for x, *_ in series.values()),
        "growth": list(zip(rows, seconds, strict=True)),
        "exponent": float(slope),
    }


def set_draws(con: duckdb.DuckDBPyConnection, draws: int) -> int:
    con.execute("update assumptions.thresholds set limit_value = ? where threshold = 'bootstrap_draws'", [draws])
    return draws


def seconds_of(con: duckdb.DuckDBPyConnection, tables: tuple[str, ...], times: int) -> float:
    """Median time to make the tables by their own queries."""
    queries = {model.name: model.query for model in derive.models()}
    measured = []
    for _ in range(times):
        began = time.perf_counter()
        for name in tables:
            con.execute(f"create or replace table {name} as {queries[name]}")
        measured.append(time.perf_counter() - began)
    return median(measured)


def headline_series(con: duckdb.DuckDBPyConnection) -> dict[tuple, tuple[np.ndarray, ...]]:
    """Years, log10 values and their spreads of every headline."""
    rows = con.execute(
        """select metric, selection, period, list(years_since_2000(published_on) order by place),
            list(log10_value order by place), list(log10_value_spread order by place)
        from trends.series_points join assumptions.headlines using (metric, selection, period) group by all"""
    ).fetchall()
    return {tuple(key): (np.array(x), np.array(y), np.array(spread)) for *key, x, y, spread in rows}


def loop(x: np.ndarray, y: np.ndarray, spread: np.ndarray, draws: int) -> dict[str, float]:
    """The three bootstraps of one series by statsmodels, a fit at a time: spread of the slopes by source of error."""
    random = np.random.default_rng(1)
    slopes: dict[str, list[float]] = {"runs": [], "figures": [], "runs and figures": []}
    for _ in range(draws):
        place = random.integers(0, len(x), len(x))
        error = random.normal(size=len(x))
        for source, (times, values) in {
            "runs": (x[place], y[place]),
            "figures": (x, y + spread * error),
            "runs and figures": (x[place], y[place] + spread[place] * error),
        }.items():
            slopes[source].append(sm.OLS(values, sm.add_constant(times)).fit().params[1])
    return {source: float(np.std(found)) for source, found in slopes.items() if source != "figures"}


def growth(con: duckdb.DuckDBPyConnection, times: int) -> list[tuple[int, float]]:
    """Draws × rows and seconds of the fits, with more draws and with the runs taken two and four times."""
    con.execute("create table kept as from trends.series_points")
    rows = con.execute(
        "select count(*) from kept join assumptions.headlines using (metric, selection, period)"
    ).fetchone()
    found = []
    for draws in DRAWS:
        for copies in COPIES:
            set_draws(con, draws)
            con.execute(
                f"""create or replace table trends.series_points as
                select kept.* replace (
                    (series_row - place - 1) * {copies} + 1 + place + copy * runs as series_row,
                    place + copy * runs as place, runs * {copies} as runs
                ) from kept, range({copies}) as c (copy) order by series_row"""
            )
            found.append((draws * copies * (rows or (0,))[0], seconds_of(con, FITS, max(1, times // 2))))
    return found


def table(result: dict) -> str:
    """The result in words."""
    lines = [
        f"headline fits: {result['rows']:,} rows, {result['draws']:,} draws, three sources of error",
        f"  SQL                 {result['fits_seconds']:.3f} s",
        f"  statsmodels loop    {result['loop_seconds']:.1f} s (scaled to as many draws)",
        f"  ratio               {result['ratio']:.0f} (target {TARGETS['ratio']})",
        f"  standard errors of the two lie within {result['spreads_apart']:.0%} of each other",
        f"breaks: {result['breaks_seconds']:.2f} s; all bootstraps {result['seconds']:.2f} s (target {TARGETS['seconds']})",
        f"time grows as (draws × rows) to the {result['exponent']:.2f} (target {TARGETS['exponent']})",
    ]
    for rows, seconds in result["growth"]:
        lines.append(f"  {rows:>12,}  {seconds:.3f} s  {1e9 * seconds / rows:.1f} ns a row")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
