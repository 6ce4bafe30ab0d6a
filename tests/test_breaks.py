"""Breaks found by the SQL: hand-made ones are recovered, and numpy and scipy find the same on the real export."""

from __future__ import annotations

import datetime as dt
import itertools
import math

import numpy as np
import polars as pl
import pytest
from scipy import optimize

from warehouse import derive

STEPS = (
    "trends.series_points", "trends.draws", "trends.drawn_sums", "trends.break_sums", "trends.break_fits", "trends.break_draws",
    "trends.trend_breaks",
)  # fmt: skip
MODELS = {"no break": 2, "one continuous": 4, "one jump": 5, "two continuous": 6, "two jumps": 8}
FEWEST_RUNS, SHORTEST_DAYS = 5, 2 * 365.25


@pytest.fixture(scope="module")
def found(empty):
    """A function that searches one series of days and log10 values for breaks: rows of trend_breaks by model."""
    queries = {model.name: model.query for model in derive.models()}

    def search(days: list[dt.date], y: np.ndarray, spread: float = 0, draws: int = 1000) -> dict[str, dict]:
        empty.execute("update assumptions.thresholds set limit_value = ? where threshold = 'bootstrap_draws'", [draws])
        for table in ("assumptions.headlines", "assumptions.break_searches", "compute.measurements", *STEPS):
            empty.execute(f"delete from {table}")
        empty.execute("insert into assumptions.break_searches values ('parameters', 'all', 'all', 'test')")
        half = 1.6448536269514722 * spread
        names = [f"run-{at:05}" for at in range(len(y))]
        points = pl.DataFrame(
            {"run": names, "day": days, "low": 10 ** (y - half), "figure": 10**y, "high": 10 ** (y + half)}
        )
        empty.register("points", points.to_arrow())
        empty.execute(
            "insert into compute.measurements select run, 'parameters', 'any', day, 0, figure, low, high from points"
        )
        empty.execute("create or replace table compute.run_selections as"
                      " select 'all' as selection, run as run_id, day as since_on from points")  # fmt: skip
        for table in STEPS:
            empty.execute(f"insert into {table} {queries[table]}")
        cursor = empty.execute("from trends.trend_breaks")
        names = [column[0] for column in cursor.description]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
        return {row["break_model"]: row for row in rows}

    return search


def day_numbers(days: list[dt.date]) -> np.ndarray:
    return np.array([(day - dt.date(2000, 1, 1)).days for day in days], dtype=float)


def quarters_to_try(x: np.ndarray, days: list[dt.date]) -> list[dt.date]:
    """First days of the quarters that leave enough runs and years on each side."""
    kept = []
    for year, month in itertools.product(range(min(days).year, max(days).year + 1), (1, 4, 7, 10)):
        at = day_numbers([dt.date(year, month, 1)])[0]
        sides = (x < at).sum(), (x >= at).sum()
        if min(sides) >= FEWEST_RUNS and at - x.min() >= SHORTEST_DAYS and x.max() - at >= SHORTEST_DAYS:
            kept.append(dt.date(year, month, 1))
    return kept


def design(x: np.ndarray, breaks: tuple[float, ...], jumps: bool) -> np.ndarray:
    """Columns of a line with breaks: each bends it, and moves it too where it may jump."""
    columns = [np.ones_like(x), x]
    for at in breaks:
        columns.append(np.maximum(x - at, 0))
        if jumps:
            columns.append((x >= at).astype(float))
    return np.stack(columns, axis=1)


def squares_left(x: np.ndarray, y: np.ndarray, breaks: tuple[float, ...], jumps: bool) -> float:
    columns = design(x / 1000, tuple(at / 1000 for at in breaks), jumps)
    left = y - columns @ np.linalg.lstsq(columns, y, rcond=None)[0]
    return float(left @ left)


def judge(days: list[dt.date], y: np.ndarray) -> dict[str, tuple[float, tuple[dt.date, ...]]]:
    """Squares left and breaks of the best fit of each model, by numpy's least squares at every quarter and pair."""
    x = day_numbers(days)
    tried = quarters_to_try(x, days)
    places = dict(zip(tried, day_numbers(tried), strict=True))
    pairs = [
        (first, second)
        for first, second in itertools.combinations(tried, 2)
        if places[second] - places[first] >= SHORTEST_DAYS
        and ((x >= places[first]) & (x < places[second])).sum() >= FEWEST_RUNS
    ]
    best = {"no break": (squares_left(x, y, (), False), ())}
    for count, choices in (("one", [(quarter,) for quarter in tried]), ("two", pairs)):
        for word, jumps in (("continuous", False), ("jump" if count == "one" else "jumps", True)):
            fits = [(squares_left(x, y, tuple(places[q] for q in choice), jumps), choice) for choice in choices]
            best[f"{count} {word}"] = min(fits)
    return best


def made(slopes: list[float], breaks: list[dt.date], jumps: list[float], noise: float, runs: int = 120):
    """Days over 2005 to 2020 and log10 values: slopes in orders of magnitude a year, each break bends and jumps."""
    random = np.random.default_rng(11)
    days = [dt.date(2005, 1, 1) + dt.timedelta(int(day)) for day in np.linspace(0, 15 * 365, runs)]
    x, places = day_numbers(days), day_numbers(breaks)
    y = 15 + slopes[0] * x / 365.25
    for at, before, after, jump in zip(places, slopes[:-1], slopes[1:], jumps, strict=True):
        y = y + (after - before) * np.maximum(x - at, 0) / 365.25 + jump * (x >= at)
    return days, y + random.normal(0, noise, runs) if noise else y


def months(oom_per_year: float) -> float:
    return 12 * math.log10(2) / oom_per_year


CASES = {
    "no break": ([0.5], [], []),
    "one continuous": ([0.15, 0.7], [dt.date(2012, 1, 1)], [0.0]),
    "one jump": ([0.6, 0.6], [dt.date(2014, 7, 1)], [2.0]),
    "two continuous": ([0.1, 1.0, 0.3], [dt.date(2010, 4, 1), dt.date(2015, 10, 1)], [0.0, 0.0]),
    "two jumps": ([0.3, 0.3, 0.3], [dt.date(2009, 1, 1), dt.date(2013, 1, 1)], [2.0, -3.0]),
}


@pytest.mark.parametrize("model", CASES)
def test_a_break_made_by_hand_is_found_to_the_day(found, model):
    slopes, breaks, jumps = CASES[model]
    row = found(*made(slopes, breaks, jumps, noise=0), draws=10)[model]
    assert [row["first_break_on"], row["second_break_on"]][: len(breaks)] == breaks
    ours = [row[f"{which}_oom_per_year"] for which in ("first", "second", "third")]
    assert ours[: len(slopes)] == pytest.approx(slopes, rel=1e-6)
    assert ours[len(slopes) :] == [None] * (3 - len(slopes))
    assert row["first_doubling_months"] == pytest.approx(months(slopes[0]), rel=1e-6)
    assert row["residual_oom"] < 1e-6


@pytest.mark.parametrize("model", CASES)
def test_among_noise_the_criterion_chooses_what_was_made_and_the_interval_holds_it(found, model):
    slopes, breaks, jumps = CASES[model]
    rows = found(*made(slopes, breaks, jumps, noise=0.25))
    assert [name for name, row in rows.items() if row["is_chosen"]] == [model]
    row = rows[model]
    assert row["residual_oom"] == pytest.approx(0.25, rel=0.15)
    for which, day in zip(("first", "second"), breaks, strict=False):
        assert abs((row[f"{which}_break_on"] - day).days) <= 366
        assert row[f"{which}_break_low_on"] <= day <= row[f"{which}_break_high_on"]
        assert row["draws"] == 1000


@pytest.mark.parametrize("model", CASES)
def test_every_model_is_the_best_of_numpys_fits(found, model):
    days, y = made(*CASES[model], noise=0.4, runs=60)
    hold_equal(found(days, y, draws=10), days, y)


def hold_equal(rows: dict[str, dict], days: list[dt.date], y: np.ndarray) -> None:
    judged = judge(days, y)
    n = len(y)
    none = n * math.log(judged["no break"][0] / n) + 2 * math.log(n)
    for name, (left, breaks) in judged.items():
        row = rows[name]
        assert row["runs"] == n
        assert row["residual_oom"] == pytest.approx(math.sqrt(left / n), rel=1e-6), name
        assert [row["first_break_on"], row["second_break_on"]] == [*breaks, None, None][:2], name
        bic = n * math.log(left / n) + MODELS[name] * math.log(n)
        assert row["bic"] == pytest.approx(bic, abs=1e-4)
        assert row["bic_over_no_break"] == pytest.approx(bic - none, abs=1e-4)
        parts = design(day_numbers(days) / 365.25, tuple(day_numbers(list(breaks)) / 365.25), "jump" in name)
        fit = np.linalg.lstsq(parts, y, rcond=None)[0]
        slopes = np.cumsum([fit[1], *fit[2 :: 2 if "jump" in name else 1]])
        ours = [row[f"{which}_oom_per_year"] for which in ("first", "second", "third")][: len(slopes)]
        assert ours == pytest.approx(list(slopes), rel=1e-5, abs=1e-6), name
    assert min(rows, key=lambda name: rows[name]["bic"]) == next(name for name in rows if rows[name]["is_chosen"])


def real_series(made_tables, metric: str, selection: str, period: str):
    points = made_tables.rows(
        """select published_on, log10_value from trends.series_points
        where metric = ? and selection = ? and period = ? order by place""",
        metric,
        selection,
        period,
    )
    rows = made_tables.rows(
        "select unnest(t) from trends.trend_breaks as t where metric = ? and selection = ? and period = ?",
        metric,
        selection,
        period,
    )
    cursor = made_tables.con.execute("select * from trends.trend_breaks limit 0")
    names = [column[0] for column in cursor.description]
    found = [dict(zip(names, row, strict=True)) for row in rows]
    return [day for day, _ in points], np.array([y for _, y in points]), {row["break_model"]: row for row in found}


SEARCHED = [
    ("training_compute", "frontier", "from_2010"),
    ("reported_training_compute", "notable", "from_2010"),
    ("reported_training_compute", "notable_top_10", "2010_to_2024_05"),
]


@pytest.fixture(scope="module")
def real(built, shared):
    return built("epoch", models=shared / "data" / "epoch" / "models_2025-06-20.csv")


@pytest.mark.slow
@pytest.mark.parametrize("series", SEARCHED, ids=lambda series: " ".join(series))
def test_breaks_of_the_real_export_are_numpys(real, series):
    days, y, rows = real_series(real, *series)
    assert len(y) > 50
    hold_equal(rows, days, y)


@pytest.mark.parametrize("series", SEARCHED, ids=lambda series: " ".join(series))
def test_a_break_free_to_lie_on_any_day_is_within_the_quarter(real, series):
    """scipy's bounded search of the bend, about ours: no more than a quarter away, and hardly better."""
    days, y, rows = real_series(real, *series)
    x, ours = day_numbers(days), rows["one continuous"]
    at = day_numbers([ours["first_break_on"]])[0]
    free = optimize.minimize_scalar(
        lambda place: squares_left(x, y, (place,), False), bounds=(at - 366, at + 366), method="bounded"
    )
    left = ours["residual_oom"] ** 2 * len(y)
    assert abs(free.x - at) <= 92
    assert left * 0.998 <= free.fun <= left * (1 + 1e-9)


def test_the_frontier_broke_around_2018_as_published(real):
    """Sevilla and Roldan 2024 put the break with a jump between October 2016 and August 2019 (80%)."""
    *_, rows = real_series(real, "reported_training_compute", "notable_top_10", "2010_to_2024_05")
    assert rows["one jump"]["is_chosen"]
    assert dt.date(2016, 10, 1) <= rows["one jump"]["first_break_on"] <= dt.date(2019, 8, 31)


def test_breaks_drawn_are_numpys_up_to_chance(found, empty):
    days, y = made([0.2, 0.8], [dt.date(2012, 1, 1)], [0.0], noise=0.4, runs=80)
    found(days, y, spread=0.5)
    ours = empty.execute(
        "select (first_break_on - date '2000-01-01')::double from trends.break_draws where break_model = 'one continuous'"
    ).fetchnumpy()
    ours = np.asarray(next(iter(ours.values())))
    x, random = day_numbers(days), np.random.default_rng(3)
    places = day_numbers(quarters_to_try(x, days))
    theirs = []
    for _ in range(300):
        drawn = random.integers(0, len(x), len(x))
        moved = y[drawn] + random.normal(0, 0.5, len(x))
        theirs.append(min((squares_left(x[drawn], moved, (at,), False), at) for at in places)[1])
    error = math.hypot(ours.std() / math.sqrt(len(ours)), np.std(theirs) / math.sqrt(len(theirs)))
    assert len(ours) == 1000
    assert ours.mean() == pytest.approx(np.mean(theirs), abs=4 * error)
    assert ours.std() == pytest.approx(np.std(theirs), rel=0.2)


def test_a_series_too_short_for_two_lines_has_no_row(found):
    days, y = made([0.5], [], [], noise=0.1)
    assert found(days[:9], y[:9]) == {}
