"""Spreads fitted and held against made-up runs, worked out by hand; and the pandas twin of the estimates, cell by cell."""

import importlib
from math import exp, log, sqrt
from pathlib import Path

import duckdb
import pandas as pd
import polars as pl
import pytest

BENCHMARKS = Path(__file__).resolve().parent.parent / "benchmarks"


@pytest.fixture
def script(monkeypatch):
    """A benchmark as a module, by name; they import each other as scripts of one folder do."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    return importlib.import_module


def points(rows):
    """Rows as (run, place, rule, ratio, assumed factor, on a base model)."""
    return pl.DataFrame(
        {
            "run": [run for run, *_ in rows],
            "place": [place for _, place, *_ in rows],
            "has_base_model": [based for *_, based in rows],
            "method": ["hardware_time" if "hardware" in rule else "operation_counting" for _, _, rule, *_ in rows],
            "applies_to": [rule for _, _, rule, *_ in rows],
            "log_ratio": [log(ratio) for _, _, _, ratio, *_ in rows],
            "assumed": [log(assumed) for *_, assumed, _ in rows],
        }
    )


def test_a_factor_holds_nine_of_ten_runs(script):
    # 51 runs off by 1, 2, … 51 e-folds of a twentieth; the 90% point of 51 squares is the 46th, (2.3)².
    rows = [(f"run {n}", 0, "one_pass", exp(-n / 20), 1, False) for n in range(1, 52)]
    rows += [("days for hours", 0, "one_pass", 24, 1, False)]
    (row,) = script("spreads").fit(points(rows))
    assert (row["n"], row["spread_factor"]) == (51, round(exp(2.3), 2))
    assert row["reason"] == "Fitted: holds 90% of 51 runs (1 off by more than twenty left out)"


def test_each_run_counts_once_by_its_newest_listing_and_none_on_a_base(script):
    rows = [
        ("Run", 0, "one_pass", 9, 1, False),
        ("Run", 2, "one_pass", 3, 1, False),
        ("Run", 1, "one_pass", 27, 1, False),
    ]
    rows += [("Tuned", 0, "one_pass", 100, 1, True)]
    (row,) = script("spreads").fit(points(rows))
    assert (row["n"], row["own_factor"]) == (1, pytest.approx(3))


def test_few_runs_are_drawn_to_their_method(script):
    rows = [(f"run {n}", 0, "one_pass", exp(1), 1, False) for n in range(95)]
    rows += [(f"other {n}", 0, "words_epochs", exp(2), 1, False) for n in range(5)]
    one_pass, words = script("spreads").fit(points(rows))
    # A tenth of its own 2 and nine tenths of the 1 that holds 90 of the 100.
    assert (one_pass["applies_to"], one_pass["spread_factor"]) == ("one_pass", round(exp(1), 2))
    assert words["spread_factor"] == round(exp(0.1 * 2 + 0.9 * 1), 2)


def test_a_factor_joins_with_that_of_the_assumed_share(script):
    rows = [(f"run {n}", 0, "hardware_assumed", exp(2.5), exp(2), False) for n in range(50)]
    (row,) = script("spreads").fit(points(rows))
    assert row["spread_factor"] == round(exp(sqrt(2.5**2 - 2**2)), 2)


def test_no_factor_is_below_a_tenth_and_an_assumed_share_may_be_enough(script):
    rows = [(f"run {n}", 0, "one_pass", 1, 1, False) for n in range(50)]
    rows += [(f"run {n}", 0, "hardware_assumed", 1.5, 2, False) for n in range(50)]
    factors = {row["applies_to"]: row["spread_factor"] for row in script("spreads").fit(points(rows))}
    assert factors == {"one_pass": 1.1, "hardware_assumed": 1}


def test_only_runs_added_later_are_held_against_the_intervals(script):
    rows = [
        ("old", 0, "one_pass", 9, 1, False),
        ("new", 0, "one_pass", 9, 1, False),
        ("new", 1, "one_pass", 1, 1, False),
    ]
    answers = points(rows).with_columns(half_width=pl.lit(log(3)), is_inside=pl.col("log_ratio") < log(3))
    found = {row["split"]: row for row in script("spreads").held(answers, ["old"])}
    assert (found["rule"]["n"], found["rule"]["inside_share"]) == (1, 1)
    found = {row["split"]: row for row in script("spreads").held(answers, None)}
    assert (found["method"]["n"], found["method"]["inside_share"]) == (2, 0.5)
    # Of |ln ratio| / ln 3 = 2 and 0 the 90% point is 1.8.
    assert found["method"]["needed_times"] == pytest.approx(1.8)


def test_a_changed_cell_is_found(script, monkeypatch):
    estimates = script("estimates")
    monkeypatch.setattr(estimates, "COMPARED", ("run_counts",))
    told = pd.DataFrame({"run_id": ["b", "a"], "counted_tokens": [1e9, None], "count_rule": ["one_pass", "gradients"]})
    with duckdb.connect() as con:
        con.execute("create schema compute; create table compute.run_counts as from told")
        assert estimates.compare(con, {"run_counts": told}) == (6, [])
        other = told.assign(counted_tokens=[1e9 * (1 + 2e-9), None])
        assert "counted_tokens: 1 differ, first ['b']" in estimates.compare(con, {"run_counts": other})[1][0]
        other = told.assign(counted_tokens=[1e9, 0.0])
        assert "counted_tokens: 1 differ, first ['a']" in estimates.compare(con, {"run_counts": other})[1][0]
        assert "count_rule: not there" in estimates.compare(con, {"run_counts": told.drop(columns="count_rule")})[1][0]
        assert "2 rows in SQL, 1 in pandas" in estimates.compare(con, {"run_counts": told.head(1)})[1][0]


def test_copies_have_names_of_their_own(script):
    with duckdb.connect() as con:
        con.execute("create table incoming as select 'a' as run_id, 'b' as base_run_id, 1 as n")
        found = con.sql(script("estimates").copies(con, 2)).fetchall()
        assert sorted(found) == [("a#0", "b#0", 1), ("a#1", "b#1", 1)]


@pytest.mark.slow
def test_pandas_finds_every_cell_that_sql_finds(script, shared):
    epoch = shared / "data" / "epoch"
    estimates = script("estimates")
    with estimates.tables(epoch / "models_2025-06-20.csv", epoch / "chips_2025-06-20.csv") as con:
        given = {name: con.table(name).to_arrow_table() for name in estimates.GIVEN}
        given |= {name: con.table(f"assumptions.{name}").to_arrow_table() for name in estimates.ASSUMED}
    case = estimates.measure(given, 1, 1)
    assert case["different"] == []
    assert case["checked"] > 100_000
