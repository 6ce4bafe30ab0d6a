"""Bootstraps of lines in SQL: the same as numpy's up to chance, the same on any number of threads, and what breaks them."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl
import pytest
from scipy import stats

from warehouse import derive

DRAWS = 1000
STEPS = ("trends.series_points", "trends.draws", "trends.trend_draws", "trends.trend_bootstraps")
# Four standard errors of a 2.5% quantile of a normal law from 1,000 draws, in its standard deviations.
QUANTILE_CHANCE = 4 * np.sqrt(0.025 * 0.975 / DRAWS) / stats.norm.pdf(stats.norm.ppf(0.975))


@pytest.fixture(scope="module")
def drawn(empty):
    """A function that draws one series again: days, log10 values and spreads in; the tables stand on the connection."""
    queries = {model.name: model.query for model in derive.models()}
    con = empty
    usual = dict(con.execute("select threshold, limit_value from assumptions.thresholds").fetchall())
    usual["bootstrap_draws"] = DRAWS

    def draw(days: list[dt.date], y: np.ndarray, spread: np.ndarray, threads: int = 2, **settings: float):
        con.execute(f"set threads = {threads}")
        for name, value in (usual | settings).items():
            con.execute("update assumptions.thresholds set limit_value = ? where threshold = ?", [value, name])
        for table in ("assumptions.headlines", "assumptions.break_searches", "compute.measurements", *STEPS):
            con.execute(f"delete from {table}")
        con.execute("insert into assumptions.headlines values ('parameters', 'all', 'all', 'test')")
        half = 1.6448536269514722 * spread
        rows = [
            (f"run-{at:05}", day, 10.0**value, 10.0 ** (value - width), 10.0 ** (value + width))
            for at, (day, value, width) in enumerate(zip(days, y, half, strict=True))
        ]
        points = pl.DataFrame(rows, schema=["run", "day", "value", "low", "high"], orient="row").to_arrow()
        con.register("points", points)
        con.execute(
            "insert into compute.measurements select run, 'parameters', 'any', day, 0, value, low, high from points"
        )
        con.execute("create or replace table compute.run_selections as select 'all' as selection, run as run_id,"
                    " day as since_on from points")  # fmt: skip
        for table in STEPS:
            con.execute(f"insert into {table} {queries[table]}")
        return con

    return draw


def series(runs: int, seed: int = 1):
    """Days, log10 values about a line and spreads of so many runs."""
    random = np.random.default_rng(seed)
    days = [dt.date(2010, 1, 1) + dt.timedelta(int(day)) for day in np.sort(random.integers(0, 5000, runs))]
    x = np.array([(day - dt.date(2000, 1, 1)).days / 365.25 for day in days])
    return days, x, 20 + 0.6 * x + random.normal(0, 1, runs), random.uniform(0.1, 1.2, runs)


def without_time(made: tuple) -> tuple:
    days, _, y, spread = made
    return days, y, spread


def slopes(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Least-squares slope of each row."""
    x = np.broadcast_to(x, y.shape)
    x = x - x.mean(axis=1, keepdims=True)
    return (x * y).sum(axis=1) / (x * x).sum(axis=1)


def by_numpy(x: np.ndarray, y: np.ndarray, spread: np.ndarray, draws: int = 20_000) -> dict[str, np.ndarray]:
    """Slopes of many draws by numpy for each source of error; a run drawn twice errs twice."""
    random = np.random.default_rng(7)
    place = random.integers(0, len(x), (draws, len(x)))
    normal = random.normal(size=(draws, len(x)))
    return {
        "runs": slopes(x[place], y[place]),
        "figures": slopes(x, y + spread * normal),
        "runs and figures": slopes(x[place], y[place] + spread[place] * normal),
    }


@pytest.mark.parametrize("runs", [16, 60, 400])
def test_intervals_are_those_of_numpy_up_to_chance(drawn, runs):
    days, x, y, spread = series(runs)
    con = drawn(days, y, spread)
    judged = by_numpy(x, y, spread)
    found = con.execute(
        "select error_source, draws, oom_per_year_low, oom_per_year_high, standard_error_oom_per_year, oom_per_year_median"
        " from trends.trend_bootstraps"
    ).fetchall()
    assert {row[0] for row in found} == set(judged)
    for source, draws, low, high, error, median in found:
        assert draws == DRAWS
        wide = judged[source].std()
        # The ends of few runs' laws are longer than a normal law's, so they hang more on chance.
        chance = QUANTILE_CHANCE * wide * (1.5 if runs < 30 else 1)
        assert low == pytest.approx(np.quantile(judged[source], 0.025), abs=chance), source
        assert high == pytest.approx(np.quantile(judged[source], 0.975), abs=chance), source
        assert median == pytest.approx(np.median(judged[source]), abs=4 * 1.2533 * wide / np.sqrt(DRAWS)), source
        assert error == pytest.approx(wide, rel=0.12), source


def test_the_summary_is_numpys_of_the_draws(drawn):
    days, _, y, spread = series(40)
    con = drawn(days, y, spread)
    for source in ("runs", "figures", "runs and figures"):
        draws = con.execute("select oom_per_year from trends.trend_draws where error_source = ?", [source]).fetchnumpy()
        values = np.asarray(draws["oom_per_year"])
        ours = con.execute(
            "select oom_per_year_low, oom_per_year_median, oom_per_year_high, standard_error_oom_per_year"
            " from trends.trend_bootstraps where error_source = ?",
            [source],
        ).fetchone()
        assert ours[:3] == pytest.approx(tuple(np.quantile(values, [0.025, 0.5, 0.975])), rel=1e-12)
        assert ours[3] == pytest.approx(values.std(ddof=1), rel=1e-9)


def test_figures_without_an_interval_add_no_error(drawn):
    days, _, y, _ = series(40)
    con = drawn(days, y, np.zeros(40))
    rows = dict(
        con.execute(
            "select error_source, (oom_per_year_low, oom_per_year_high) from trends.trend_bootstraps"
        ).fetchall()
    )
    assert rows["runs"] == rows["runs and figures"]
    assert rows["figures"][0] == pytest.approx(rows["figures"][1], abs=1e-12)


@pytest.mark.parametrize("runs", [7, 16, 64])
def test_draws_are_independent_and_even(drawn, runs):
    """Each run equally often, draws unlike each other, also where the number of runs is a power of two."""
    con = drawn(*without_time(series(5)))
    places = con.execute(
        "select draw, place, drawn_row(draw_key(2018, draw), place, ?)::bigint as row"
        " from range(1, ?) as d (draw), range(?) as p (place)",
        [runs, DRAWS + 1, runs],
    ).fetchnumpy()
    table = np.zeros((DRAWS, runs), dtype=int)
    np.add.at(table, (places["draw"] - 1, places["row"]), 1)
    assert stats.chisquare(table.sum(axis=0)).pvalue > 1e-4
    # Counts of one run over the draws are binomial, and 1 in e draws leaves it out.
    assert table.var() == pytest.approx(1 - 1 / runs, rel=0.1)
    assert (table == 0).mean() == pytest.approx((1 - 1 / runs) ** runs, abs=0.02)
    sorted_counts = {tuple(sorted(row)) for row in table.tolist()}
    assert len(sorted_counts) > 10, "draws are the same up to the names of the runs"
    assert len({tuple(row) for row in table.tolist()}) > 0.7 * min(DRAWS, runs**3)


def test_errors_are_normal(drawn):
    con = drawn(*without_time(series(5)))
    found = con.execute(
        "select drawn_error(draw_key(2018, draw), place) as e from range(1, 101) as d (draw), range(200) as p (place)"
    ).fetchnumpy()
    assert stats.kstest(np.asarray(found["e"]), "norm").pvalue > 1e-4


def test_a_seed_gives_the_same_on_any_number_of_threads_and_another_seed_another(drawn):
    days, _, y, spread = series(300)
    tables = [
        drawn(days, y, spread, threads=threads).execute("from trends.trend_draws").fetchall() for threads in (1, 4)
    ]
    assert len(tables[0]) == 3 * DRAWS
    assert tables[0] == tables[1]
    other = drawn(days, y, spread, bootstrap_seed=5).execute("from trends.trend_draws").fetchall()
    assert other != tables[0]


def test_without_draws_there_are_no_intervals_and_nothing_else_is_missing(drawn):
    days, _, y, spread = series(40)
    con = drawn(days, y, spread, bootstrap_draws=0)
    assert con.execute("from trends.trend_bootstraps").fetchall() == []
    query = next(model.query for model in derive.models() if model.name == "trends.metric_trends")
    row = con.execute(f"select runs, headline, bootstrap_draws from ({query}) where period = 'all'").fetchone()
    assert row == (40, True, None)


@pytest.mark.slow
def test_headlines_of_the_real_export_have_both_intervals(built, shared):
    made = built("epoch", draws=1000, models=shared / "data" / "epoch" / "models_2025-06-20.csv")
    rows = made.rows(
        """select selection, bootstrap_draws, standard_error_oom_per_year, runs_error_oom_per_year, oom_per_year,
            bootstrap_oom_per_year_low, bootstrap_oom_per_year_high
        from trends.metric_trends where headline and oom_per_year is not null"""
    )
    assert len(rows) == made.one("select count(*) from assumptions.headlines")[0]
    for selection, draws, analytic, sampled, slope, low, high in rows:
        assert draws >= DRAWS
        # Resampling runs gives the error of least squares where the scatter is even; here it is not quite.
        assert sampled == pytest.approx(analytic, rel=0.4), selection
        assert low < slope < high
