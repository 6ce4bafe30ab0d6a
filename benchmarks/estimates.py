"""The estimate layer in SQL measured beside the same tables worked out in pandas: seconds, their ratio, equal results."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
from accuracy import tables
from pandas_estimates import estimate_tables

from warehouse import derive

EPOCH = Path(__file__).resolve().parents[2] / "shared" / "data" / "epoch"
TARGETS = {"seconds": 0.5, "ratio": 5}
EQUAL_WITHIN = 1e-9
# What both make, in order, of what both are given; and the other tables of the estimates, which SQL alone makes.
COMPARED = ("run_inputs", "run_counts", "profile_estimates", "estimates", "combined_estimates", "training_runs")
GIVEN = ("clean.runs", "clean.run_facts", "compute.run_domains", "compute.run_peaks", "compute.run_utilisations")
ASSUMED = ("thresholds", "source_precedence", "datapoint_units", "network_kinds", "profiles", "spreads")
BESIDE = (
    "chip_peaks", "hardware_spellings", "run_chips", "run_domains", "run_peaks", "run_utilisations", "method_disagreements",
)  # fmt: skip
TURNS = {1: 7, 10: 3, 100: 1}  # the least counts: whatever else the machine does only adds


def main() -> None:
    """Print seconds, ratio and the number of equal figures; exits 1 where a target is missed or a figure differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epoch", type=Path, default=EPOCH / "models_2025-06-20.csv", help="models export")
    parser.add_argument("--chips", type=Path, default=EPOCH / "chips_2025-06-20.csv", help="its chips export")
    parser.add_argument("--times", default="1,10,100", help="how many copies of every run, by commas")
    parser.add_argument("--json", action="store_true", help="print JSON alone")
    asked = parser.parse_args()
    for path in (asked.epoch, asked.chips):
        if not path.is_file():
            parser.error(f"no file {path}")
    with tables(asked.epoch, asked.chips) as con:
        whole: list[tuple[float, float]] = []
        rows = derive.raw_rows(con)
        for _ in range(TURNS[1]):
            models()
            with derive.fitting_threads(con, rows), clock(whole):
                made(con, (*BESIDE, *COMPARED))
        given = {name: con.table(name).to_arrow_table() for name in GIVEN}
        given |= {name: con.table(f"assumptions.{name}").to_arrow_table() for name in ASSUMED}
    cases = [measure(given, int(times), rows) for times in asked.times.split(",")]
    layer, processor = (min(column) for column in zip(*whole, strict=True))
    figures = {"layer_seconds": layer, "layer_processor": processor, "cases": cases, "targets": TARGETS}
    print(json.dumps(figures, indent=2)) if asked.json else print_table(figures)
    sys.exit(1 if missed(figures) else 0)


@cache
def models() -> list[derive.Model]:
    """The models of the sql folder in order, read once."""
    return derive.models()


def made(con: duckdb.DuckDBPyConnection, names: tuple[str, ...]) -> dict[str, float]:
    """Make tables of the compute layer again, in the order their SQL asks; seconds of each."""
    spent = {}
    for model in models():
        layer, name = model.name.split(".")
        if layer == "compute" and name in names:
            began = time.perf_counter()
            con.execute(f"create or replace table {model.name} as {model.query}")
            spent[name] = time.perf_counter() - began
    return spent


@contextmanager
def clock(turns: list[tuple[float, float]]) -> Iterator[None]:
    """Append seconds on the wall and of the processors (all threads) that the block takes."""
    wall, processor = time.perf_counter(), time.process_time()
    yield
    turns.append((time.perf_counter() - wall, time.process_time() - processor))


def measure(given: dict, times: int, raw_rows: int) -> dict:
    """SQL and pandas by turns on `times` copies of every run, in this process; the least of each, and what differs.

    SQL has the threads the build would have for so many times `raw_rows`.
    """
    with duckdb.connect(config={"preserve_insertion_order": "true"}) as con:
        for schema in ("clean", "compute", "assumptions"):
            con.execute(f"create schema {schema}")
        con.execute((derive.SQL_FOLDER / "formulas.sql").read_text(encoding="utf-8"))
        for name, table in given.items():
            con.register("incoming", table)
            con.execute(f"create table {name if '.' in name else 'assumptions.' + name} as {copies(con, times)}")
        frames = {name.split(".")[-1]: con.table(name if "." in name else f"assumptions.{name}").df() for name in given}
        found: dict[str, list[tuple[float, float]]] = {"sql": [], "pandas": []}
        for _ in range(TURNS.get(times, 1)):
            with derive.fitting_threads(con, raw_rows * times), clock(found["sql"]):
                spent = made(con, COMPARED)
            with clock(found["pandas"]):
                theirs = estimate_tables(frames)
        checked, different = compare(con, theirs)
        runs = len(frames["runs"])
    seconds = {kind: min(wall for wall, _ in turns) for kind, turns in found.items()}
    processor = {f"{kind}_processor": min(spent for _, spent in turns) for kind, turns in found.items()}
    return {
        "times": times,
        "runs": runs,
        **seconds,
        **processor,
        "ratio": seconds["pandas"] / seconds["sql"],
        "checked": checked,
        "different": different,
        "slowest": dict(sorted(spent.items(), key=lambda item: -item[1])[:3]),
    }


def copies(con: duckdb.DuckDBPyConnection, times: int) -> str:
    """The query for a table of which every run is there so often, under names of its own."""
    columns = [name for (name,) in con.execute("select column_name from (describe incoming)").fetchall()]
    renamed = [name for name in ("run_id", "base_run_id") if name in columns]
    if not renamed or times == 1:
        return "from incoming"
    changes = ", ".join(f"{name} || '#' || copy as {name}" for name in renamed)
    return f"select incoming.* replace ({changes}) from incoming cross join range({times}) as copies (copy)"


def compare(con: duckdb.DuckDBPyConnection, theirs: dict[str, pd.DataFrame]) -> tuple[int, list[str]]:
    """How many cells were compared, and a line for each column that is not the same within 1e-9."""
    checked, different = 0, []
    for name in COMPARED:
        ours = con.table(f"compute.{name}").df()
        keys = [key for key in ("profile", "run_id", "method") if key in ours.columns]
        keys += ["compute_scope"] if name == "combined_estimates" else []
        left = ours.sort_values(keys).reset_index(drop=True)
        right = theirs[name].sort_values(keys).reset_index(drop=True)
        if len(left) != len(right):
            different.append(f"{name}: {len(left)} rows in SQL, {len(right)} in pandas")
            continue
        for column in left.columns:
            if column not in right.columns:
                different.append(f"{name}.{column}: not there in pandas")
                continue
            checked += len(left)
            wrong = ~_equal(left[column], right[column])
            if wrong.any():
                at = wrong.idxmax()
                different.append(
                    f"{name}.{column}: {wrong.sum()} differ, first {left.loc[at, keys].tolist()}: "
                    f"{left.loc[at, column]!r} in SQL, {right.loc[at, column]!r} in pandas"
                )
    return checked, different


def _equal(one: pd.Series, other: pd.Series) -> pd.Series:
    missing = one.isna() & other.isna()
    if pd.api.types.is_numeric_dtype(one) and not pd.api.types.is_bool_dtype(one):
        numbers = pd.to_numeric(other)
        return missing | pd.Series(np.isclose(one.astype(float), numbers.astype(float), rtol=EQUAL_WITHIN, atol=0))
    return missing | (one.astype(object) == other.astype(object))


def missed(figures: dict) -> list[str]:
    """The targets that the figures do not meet, a line each."""
    lines = [
        f"{case['runs']:,} runs: {line}" for case in figures["cases"] for line in case["different"]
    ]  # a ratio is of equal results or of nothing
    if figures["layer_seconds"] > TARGETS["seconds"]:
        lines.append(f"the layer took {figures['layer_seconds']:.2f} s; at most {TARGETS['seconds']} s was the target")
    for case in figures["cases"]:
        if case["ratio"] < TARGETS["ratio"]:
            lines.append(f"{case['runs']:,} runs: {case['ratio']:.1f} times as fast; {TARGETS['ratio']} was the target")
    return lines


def print_table(figures: dict) -> None:
    """Print the figures for people."""
    print(
        f"all {len(BESIDE) + len(COMPARED)} tables of the estimates in SQL: {figures['layer_seconds']:.3f} s, "
        f"{figures['layer_processor']:.3f} s of the processors"
    )
    print(f"{'':>9}{'wall':>26}{'processors':>26}\n{'runs':>9}{'SQL s':>9}{'pandas s':>10}{'ratio':>7}", end="")
    print(f"{'SQL s':>9}{'pandas s':>10}{'ratio':>7}{'cells equal':>13}")
    for case in figures["cases"]:
        equal = f"{case['checked']:,}" if not case["different"] else "no"
        print(f"{case['runs']:>9,}{case['sql']:>9.3f}{case['pandas']:>10.3f}{case['ratio']:>7.1f}", end="")
        spent = case["sql_processor"], case["pandas_processor"]
        print(f"{spent[0]:>9.3f}{spent[1]:>10.3f}{spent[1] / spent[0]:>7.1f}{equal:>13}")
        print("    slowest: " + ", ".join(f"{name} {seconds:.3f}" for name, seconds in case["slowest"].items()))
    print("\n".join(missed(figures)) or "all targets are met")


if __name__ == "__main__":
    main()
