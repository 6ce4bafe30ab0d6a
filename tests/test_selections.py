"""Which runs stand in which selection, and the lines through them, against rules and fits done over in numpy."""

from __future__ import annotations

import csv
import datetime as dt
import math

import numpy as np
import pytest
import statsmodels.api as sm

from warehouse import derive

SEVILLA = "vega_cell1_out1_644fab_123rows.csv"
DAYS_PER_YEAR = 365.25


@pytest.fixture(scope="module")
def made(built, shared):
    return built("epoch", models=shared / "data" / "epoch" / "models_2025-06-20.csv")


@pytest.fixture(scope="module")
def runs(made):
    """Training runs of the real export that no source excludes, each a dict."""
    cursor = made.con.cursor().execute(
        "from compute.training_runs where not is_excluded_by_source and run_kind = 'training' order by run_id"
    )
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def members(made, selection: str) -> set[str]:
    return {run for (run,) in made.rows("select run_id from compute.run_selections where selection = ?", selection)}


def years(day: dt.date) -> float:
    return (day - dt.date(2000, 1, 1)).days / DAYS_PER_YEAR


def top_at_publication(runs: list[dict], figure: str, top: int) -> set[str]:
    """Runs with fewer than `top` larger ones published up to their own day, by counting them."""
    dated = [run for run in runs if run["published_on"] and run[figure]]
    day = np.array([run["published_on"].toordinal() for run in dated])
    flop = np.array([run[figure] for run in dated])
    larger = ((day[None, :] <= day[:, None]) & (flop[None, :] > flop[:, None])).sum(axis=1)
    return {run["run_id"] for run, count in zip(dated, larger, strict=True) if count < top}


def comparable(runs: list[dict]) -> list[dict]:
    """Runs whose compute is stated or estimated within a factor of 3."""

    def is_sure(run: dict) -> bool:
        high = run["estimated_training_compute_flop_high"]
        return high is not None and high <= 3.000001 * run["estimated_training_compute_flop"]

    return [run for run in runs if run["training_compute_source"] == "reported" or is_sure(run)]


def z_scores(days: list[dt.date], flop: list[float]) -> np.ndarray:
    """Distance from the mean of the runs of 364 days before and after, in their standard deviations."""
    day, y = np.array([d.toordinal() for d in days]), np.log10(flop)
    near = np.abs(day[None, :] - day[:, None]) <= 364
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.array([(y[i] - y[near[i]].mean()) / y[near[i]].std() for i in range(len(y))])


@pytest.mark.parametrize("top", [1, 5, 10, 20])
@pytest.mark.parametrize("field", ["frontier", "notable", "language"])
def test_tops_are_those_counted_one_by_one(made, runs, field, top):
    figure = "training_compute_flop" if field == "frontier" else "reported_training_compute_flop"
    field_runs = comparable(runs)
    if field != "frontier":
        field_runs = [run for run in field_runs if run["is_notable"]]
    if field == "language":
        field_runs = [run for run in field_runs if "language" in (run["domain"] or "").lower().split(";")]
    wanted = top_at_publication(field_runs, figure, top)
    assert len(wanted) > 20
    assert members(made, f"{field}_top_{top}") == wanted


def test_the_frontier_is_the_top_ten_and_records_are_those_of_the_frontier(made):
    assert members(made, "frontier_top_10") == members(made, "frontier")
    records = {run for (run,) in made.rows("select run_id from trends.frontier where is_record")}
    assert members(made, "record") == records
    assert records <= members(made, "frontier_top_1")


def test_large_runs_stand_out_among_those_of_their_time(made, runs):
    dated = [
        run for run in comparable(runs) if run["is_notable"] and run["published_on"] and run["training_compute_flop"]
    ]
    scores = z_scores([run["published_on"] for run in dated], [run["training_compute_flop"] for run in dated])
    large = {
        run["run_id"]
        for run, z in zip(dated, scores, strict=True)
        if z > 0.76 and run["published_on"] > dt.date(2015, 9, 1)
    }
    regular = {run["run_id"] for run, z in zip(dated, scores, strict=True) if not z < -2} - large
    assert members(made, "large_scale") == large
    assert members(made, "regular_scale") == regular


def test_openness_and_fine_tunes_divide_the_runs(made, runs):
    everyone = members(made, "all")
    assert members(made, "from_scratch") | members(made, "fine_tunes") == everyone
    assert not members(made, "from_scratch") & members(made, "fine_tunes")
    assert members(made, "weights:open") == {run["run_id"] for run in runs if run["openness"] == "open weights"}
    assert members(made, "weights:closed") == {run["run_id"] for run in runs if run["openness"] in ("api", "closed")}


SAMPLE = [
    ("all", "all"), ("all", "from_2010"), ("notable", "before_2010"), ("notable", "2010_to_2024_05"),
    ("frontier_top_1", "from_2010"), ("frontier_top_5", "from_2010"), ("frontier_top_20", "from_2018"),
    ("notable_top_10", "2010_to_2024_05"), ("large_scale", "2015_09_to_2022_01"), ("regular_scale", "2010_to_2022_01"),
    ("notable:domain:language", "2017_06_to_2024_05"), ("domain:vision", "from_2010"), ("country:china", "from_2020"),
    ("organisation_type:academia", "from_2010"), ("organisation_type:industry", "all"), ("weights:open", "from_2018"),
    ("weights:closed", "from_2010"), ("fine_tunes", "from_2020"), ("from_scratch", "before_2012"), ("record", "all"),
]  # fmt: skip


@pytest.mark.parametrize(("selection", "period"), SAMPLE)
def test_lines_on_the_real_export_are_statsmodels(made, runs, selection, period):
    ((selection,),) = made.rows(
        "select distinct selection from compute.run_selections where lower(selection) = ?", selection
    )
    starts, ends = made.one("select starts_on, ends_on from assumptions.periods where period = ?", period)
    chosen = members(made, selection)
    points = [
        (years(run["published_on"]), math.log10(run["training_compute_flop"]))
        for run in runs
        if run["run_id"] in chosen
        and run["published_on"]
        and run["training_compute_flop"]
        and (starts or dt.date.min) <= run["published_on"] <= (ends or dt.date.max)
    ]
    x, y = np.array(points).T
    judged = sm.OLS(y, sm.add_constant(x)).fit()
    ours = made.one(
        """select runs, oom_per_year, standard_error_oom_per_year, oom_per_year_low, oom_per_year_high, intercept_log10,
            r_squared
        from trends.metric_trends where metric = 'training_compute' and selection = ? and period = ?""",
        selection,
        period,
    )
    assert ours[0] == len(points) > 3
    theirs = (judged.params[1], judged.bse[1], *judged.conf_int(0.05)[1], judged.params[0], judged.rsquared)
    assert ours[1:] == pytest.approx(theirs, rel=1e-9, abs=1e-9)


# --- Sevilla et al. 2022, on their own points ---


@pytest.fixture(scope="module")
def sevilla(shared, empty):
    """Our selections and lines made of their 123 systems: a function that runs a query on them."""
    with (shared / "data" / "sevilla-2022" / SEVILLA).open(encoding="utf-8", newline="") as file:
        rows = [(row["Publication date"][:10], float(row["Training compute (FLOPs)"])) for row in csv.DictReader(file)]
    assert len(rows) == 123
    con = empty.cursor()
    con.execute("begin transaction")
    con.executemany(
        """insert into compute.training_runs (run_id, run_name, run_kind, published_on, is_notable, is_frontier,
            is_excluded_by_source, training_compute_source, training_compute_flop, reported_training_compute_flop)
        values (?, 'system', 'training', ?, true, false, false, 'reported', ?, ?)""",
        [(f"system-{at}", day, flop, flop) for at, (day, flop) in enumerate(rows)],
    )
    queries = {model.name: model.query for model in derive.models()}
    for table in ("compute.run_selections", "compute.measurements", "trends.metric_trends"):
        con.execute(f"insert into {table} {queries[table]}")
    yield con
    con.execute("rollback")


def test_their_rule_finds_their_large_and_regular_systems(sevilla):
    """After 2015-09-01: 19 large, 60 regular, and 5 outliers in neither, as in their notebook."""
    query = """select selection, count(*) from compute.run_selections
        where since_on > date '2015-09-01' and selection in ('large_scale', 'regular_scale', 'notable') group by all"""
    assert dict(sevilla.execute(query).fetchall()) == {"large_scale": 19, "regular_scale": 60, "notable": 84}


@pytest.mark.parametrize(
    ("selection", "period", "runs", "months", "r_squared"),
    [
        ("notable", "before_2010", 19, 21.3, 0.77),  # their Table 2
        ("large_scale", "2015_09_to_2022_01", 19, 10.7, 0.66),  # their notebook
        ("regular_scale", "2015_09_to_2022_01", 60, 5.8, 0.48),  # their notebook
    ],
)
def test_their_lines_come_out_in_months_of_30_days(sevilla, selection, period, runs, months, r_squared):
    found = sevilla.execute(
        """select runs, doubling_months * 365.25 / 12 / 30, r_squared from trends.metric_trends
        where metric = 'reported_training_compute' and selection = ? and period = ?""",
        [selection, period],
    ).fetchone()
    assert found[0] == runs
    assert found[1:] == (pytest.approx(months, abs=0.06), pytest.approx(r_squared, abs=0.006))


# --- Sevilla and Roldan 2024, on the export of their time ---


@pytest.mark.slow
@pytest.mark.parametrize(
    ("selection", "period", "growth", "low", "high"),
    [
        ("notable", "2010_to_2024_05", 4.1, 3.7, 4.6),
        ("notable_top_10", "2010_to_2024_05", 5.3, 4.9, 5.7),
        ("notable_top_10", "2018_to_2024_05", 4.2, 3.6, 4.9),
        ("notable:domain:language", "2017_06_to_2024_05", 9.5, 7.4, 12.2),
    ],
)
def test_growth_of_may_2024_is_the_published_one(built, shared, selection, period, growth, low, high):
    made = built("epoch", models=shared / "data" / "epoch" / "models_2024-05-26.csv")
    found, found_low, found_high = made.one(
        """select growth_per_year, growth_per_year(oom_per_year_low), growth_per_year(oom_per_year_high)
        from trends.metric_trends where metric = 'reported_training_compute' and selection = ? and period = ?""",
        selection,
        period,
    )
    assert found == pytest.approx(growth, rel=0.02)
    assert low < found < high
    assert found_low < low < high < found_high  # ours holds 95%, theirs 90%
