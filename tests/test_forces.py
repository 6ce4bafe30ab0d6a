"""Forces, projections, thresholds: the fit against statsmodels, statistics against scipy, results against what others found."""

from __future__ import annotations

import datetime as dt
import math
from pathlib import Path

import duckdb
import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from scipy import stats

from warehouse import derive

FORMULAS = (Path(derive.SQL_FOLDER) / "formulas.sql").read_text(encoding="utf-8")
QUICK = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
PARTS = ("chips", "peak", "time", "utilisation")


@pytest.fixture(scope="module")
def con() -> duckdb.DuckDBPyConnection:
    con = duckdb.connect()
    con.execute(FORMULAS)
    return con


def ask(con: duckdb.DuckDBPyConnection, query: str, *values: object):
    row = con.execute(f"select {query}", list(values)).fetchone()
    assert row is not None
    return row[0]


# --- formulas ---


def test_the_normal_is_scipys(con):
    """Hart's algorithm is good to double precision; the published bound of West 2005 is 1e-15."""
    points = [*np.linspace(-9, 9, 1801), -37, -20, 20, 40]
    rows = con.execute("select x, normal_cdf(x) from unnest(?::double[]) as given(x) order by x", [points]).fetchall()
    x, found = np.array(rows).T
    assert np.abs(found - stats.norm.cdf(x)).max() < 1e-15
    below = x < -1e-3
    assert np.abs(found[below] / stats.norm.cdf(x[below]) - 1).max() < 1e-7


def test_the_half_width_of_a_90_per_cent_interval(con):
    assert ask(con, "normal_95()") == pytest.approx(stats.norm.ppf(0.95), rel=1e-15)
    assert ask(con, "log10_spread(1e24, 9e24)") == pytest.approx(math.log10(3) / stats.norm.ppf(0.95), rel=1e-14)


@pytest.mark.parametrize(("figure", "low", "high", "limit"), [(2.1e25, 0.7e25, 6.3e25, 1e25), (1e24, 1e23, 1e25, 1e25)])
def test_the_chance_to_lie_above_is_the_log_normals(con, figure, low, high, limit):
    law = stats.lognorm(s=math.log(high / low) / 2 / stats.norm.ppf(0.95), scale=figure)
    found = ask(
        con, "probability_above(?::double, ?::double, log10_spread(?::double, ?::double))", figure, limit, low, high
    )
    assert found == pytest.approx(law.sf(limit), rel=1e-12)


def test_a_figure_without_spread_lies_above_or_not(con):
    assert [ask(con, f"probability_above({figure}, 2, 0)") for figure in (1, 2, 3)] == [0, 0, 1]
    assert ask(con, "probability_above(null, 2, 0)") is None


def exact_quantile(chances: list[float], share: float) -> int:
    """Smallest count whose distribution function reaches `share`, from the convolution of all chances."""
    weights = np.ones(1)
    for chance in chances:
        weights = np.convolve(weights, [1 - chance, chance])
    return int(np.searchsorted(np.cumsum(weights), share - 1e-12))


@QUICK
@given(chances=st.lists(st.floats(0, 1), min_size=1, max_size=60), share=st.sampled_from([0.05, 0.95]))
def test_a_count_is_within_one_of_the_exact_poisson_binomial(con, chances, share):
    mean, variance = sum(chances), sum(chance * (1 - chance) for chance in chances)
    z = stats.norm.ppf(share)
    found = ask(con, "count_quantile(?::double, ?::double, ?::double)", mean, math.sqrt(variance), z)
    assert abs(min(found, len(chances)) - exact_quantile(chances, share)) <= 1


def test_picks_of_a_draw_are_even(con):
    """Chi-squared of 20,000 picks among 50 places; 99.9% of honest dice stay below."""
    counts = con.execute(
        "select count(*) from range(400) as d(draw), range(50) as p(place) group by drawn_row(draw_key(1, draw), place, 50)"
    ).fetchall()
    observed = np.array(counts).ravel()
    assert len(observed) == 50
    assert ((observed - 400) ** 2 / 400).sum() < stats.chi2.ppf(0.999, 49)


def test_draws_know_nothing_of_each_other(con):
    """How often two draws pick the same at a place: one in 50, by chance; tied draws would agree everywhere or nowhere."""
    agree, pairs = con.execute(
        """
        with picks as (
            select draw, place, drawn_row(draw_key(1, draw), place, 50) as pick
            from range(100) as d(draw), range(50) as p(place)
        ),
        agreements as (
            select a.draw, b.draw, count(*) filter (where a.pick = b.pick) as n
            from picks as a join picks as b on a.place = b.place and a.draw < b.draw group by all
        )
        select avg(n), count(*) filter (where n = 0) / count(*) from agreements
        """
    ).fetchone()
    assert agree == pytest.approx(1, abs=0.06)
    assert pairs == pytest.approx((1 - 1 / 50) ** 50, abs=0.04)


# --- the fit behind all forces ---


@pytest.fixture(scope="module")
def fitted(empty):
    """A function that fits one series by the query of trends.force_trends."""
    query = next(model.query for model in derive.models() if model.name == "trends.force_trends")

    def fit(days: list[dt.date], values: list[float]) -> dict:
        con = empty.cursor()
        con.execute("begin transaction")
        try:
            con.execute("delete from trends.force_points")
            rows = [
                ("cost", "rent", str(at), "all", day, value)
                for at, (day, value) in enumerate(zip(days, values, strict=True))
            ]
            con.executemany("insert into trends.force_points values (?, ?, ?, ?, ?, ?)", rows)
            con.execute("delete from assumptions.force_periods")
            con.execute("insert into assumptions.force_periods values ('cost', 'all', null, null, 'test')")
            cursor = con.execute(query)
            names = [column[0] for column in cursor.description]
            (row,) = cursor.fetchall()
        finally:
            con.execute("rollback")
        return dict(zip(names, row, strict=True))

    return fit


POINTS = st.lists(
    st.tuples(st.dates(dt.date(1950, 1, 1), dt.date(2035, 12, 31)), st.floats(-3, 28)), min_size=3, max_size=25
)


@QUICK
@given(points=POINTS)
def test_any_series_of_a_force_is_statsmodels(fitted, points):
    days, values = [day for day, _ in points], [10.0**power for _, power in points]
    assume((max(days) - min(days)).days >= 365)
    x = np.array([(day - dt.date(2000, 1, 1)).days / 365.25 for day in days])
    judged = sm.OLS(np.log10(np.array(values)), sm.add_constant(x)).fit()
    # The residual of points on a line is rounding noise, of which no two programs have the same.
    assume(judged.ssr > 1e-3 * judged.centered_tss and judged.centered_tss > 1e-3)
    row, near = fitted(days, values), {"rel": 1e-9, "abs": 1e-9}
    low, high = judged.conf_int(0.05)[1]
    assert row["points"] == len(points)
    assert row["oom_per_year"] == pytest.approx(judged.params[1], **near)
    assert row["intercept_log10"] == pytest.approx(judged.params[0], **near)
    assert row["standard_error_oom_per_year"] == pytest.approx(judged.bse[1], **near)
    assert (row["oom_per_year_low"], row["oom_per_year_high"]) == pytest.approx((low, high), **near)
    assert (row["growth_per_year_low"], row["growth_per_year_high"]) == pytest.approx((10**low, 10**high), rel=1e-8)
    assert row["r_squared"] == pytest.approx(judged.rsquared, **near)


@pytest.mark.parametrize("n", [1, 2])
def test_fewer_than_three_points_give_no_line(fitted, n):
    row = fitted([dt.date(2012, 1, 1), dt.date(2014, 1, 1)][:n], [1e3, 1e5][:n])
    assert row["points"] == n
    assert row["oom_per_year"] is row["growth_per_year"] is row["r_squared"] is row["doubling_months"] is None


# --- what others found, on their data ---


@pytest.fixture(scope="module")
def tables(built, shared):
    """The export of 2025-06-20 with the table of all chips, prices and deflator of that day."""
    epoch = shared / "data" / "epoch"
    return built(
        "epoch",
        models=epoch / "models_2025-06-20.csv",
        chips=epoch / "chips_2025-06-20.csv",
        prices=epoch / "prices_2025-06-20.csv",
        deflator=epoch / "ppi_PCU518210518210.csv",
    )


def disagreement(one: float, other: float) -> float:
    return max(one / other, other / one)


def _growth(built, table: str, metric: str, selection: str, period: str) -> tuple:
    return built.one(
        f"""
        select points, growth_per_year, growth_per_year_low, growth_per_year_high, doubling_months / 12,
            doubling_months_low / 12, doubling_months_high / 12
        from trends.{table} where metric = ? and selection = ? and period = ?
        """,
        metric, selection, period,
    )  # fmt: skip


def test_power_of_frontier_training_doubles_in_a_year(tables):
    """Epoch AI 2024-09-19: 2.1x a year, 90% 1.9 to 2.2, 45 runs among the ten largest of their day from 2010."""
    points, growth, low, high, *_ = _growth(tables, "power_trends", "stated_power_watts", "frontier", "2010_to_2024_05")
    assert points == 45
    assert 1.9 <= growth <= 2.2
    assert low < 2.1 < high
    worked_out = _growth(tables, "power_trends", "peak_power_watts", "frontier", "2010_to_2024_05")
    assert 1.9 <= worked_out[1] <= 2.2


def test_costs_of_frontier_runs_grow_as_published(tables):
    """Cottier et al. 2024: 2.4x a year, 90% 2.0 to 2.9, amortised, the ten largest of their day, to May 2024."""
    points, growth, low, high, *_ = _growth(
        tables, "cost_trends", "amortised_cost_usd_2024", "frontier", "2015_10_to_2024_05"
    )
    assert points >= 30
    assert 2.0 <= growth <= 2.9
    assert low < 2.4 < high


def test_parameters_double_and_language_data_grow_as_published(tables):
    """Epoch AI: parameters of notable models about 2x a year, language data about 3.6x, both since 2010."""
    _, growth, low, high, *_ = _growth(tables, "parameter_trends", "parameters", "notable", "from_2010")
    assert low < 2.0 < high and growth == pytest.approx(2.0, rel=0.1)
    _, growth, low, high, *_ = _growth(tables, "data_trends", "dataset_size", "domain:language", "from_2010")
    assert low < 3.6 < high and growth == pytest.approx(3.6, rel=0.1)


def test_drivers_of_the_frontier_since_the_essay(tables):
    """Epoch AI on frontier runs since 2018: more chips 1.7x, longer runs 1.5x, faster chips 1.4x a year; no interval."""
    rows = {
        part: figures
        for part, *figures in tables.rows(
            """
            select growth_part, growth_per_year, growth_per_year_low, growth_per_year_high
            from trends.growth_decomposition where selection = 'frontier' and period = 'from_2018'
            """
        )
    }
    for part, published in (("chips", 1.7), ("time", 1.5), ("peak", 1.4)):
        growth, low, high = rows[part]
        assert low < published < high or disagreement(growth, published) <= 1.25, part


def test_the_parts_of_growth_add_up(tables):
    rows = tables.rows("select selection, period, growth_part, points, oom_per_year from trends.growth_decomposition")
    slopes = {(selection, period, part): (n, slope) for selection, period, part, n, slope in rows}
    wholes = [key for key in slopes if key[2] == "whole" and slopes[key][1] is not None]
    assert len(wholes) == 6
    for selection, period, _ in wholes:
        n, whole = slopes[selection, period, "whole"]
        parts = [slopes[selection, period, part] for part in PARTS]
        assert {count for count, _ in parts} == {n}
        assert abs(sum(slope for _, slope in parts) - whole) < 1e-9


def _found(con: duckdb.DuckDBPyConnection, statement: str) -> list[tuple]:
    query = next(query for name, _, query in derive.checks() if name == statement)
    return con.execute(query).fetchall()


def test_parts_that_do_not_add_up_stop_the_version(empty):
    con = empty.cursor()
    con.execute("begin transaction")
    try:
        rows = [("whole", 0.5), ("chips", 0.2), ("peak", 0.2), ("time", 0.1), ("utilisation", 1e-8)]
        for part, slope in rows:
            con.execute(
                "insert into trends.growth_decomposition (selection, period, growth_part, points, oom_per_year)"
                " values ('all', 'all', ?, 9, ?)",
                [part, slope],
            )
        assert len(_found(con, "parts of growth add up")) == 1
        con.execute("update trends.growth_decomposition set oom_per_year = 0 where growth_part = 'utilisation'")
        assert _found(con, "parts of growth add up") == []
    finally:
        con.execute("rollback")


@pytest.mark.parametrize("change", ["threshold_status = 'vetoed'", "ended_on = '2025-01-01'", "applies_on = null"])
def test_a_rule_that_is_over_says_since_when(empty, change):
    con = empty.cursor()
    con.execute("begin transaction")
    try:
        assert _found(con, "rules with thresholds have their dates") == []
        con.execute(f"update assumptions.compute_thresholds set {change} where compute_threshold = 'eu_systemic_risk'")
        assert len(_found(con, "rules with thresholds have their dates")) == 1
    finally:
        con.execute("rollback")


def test_gpus_double_their_fp32_rate_in_2_3_years(tables):
    """Epoch AI 2023: 2.3 years over 1,948 GPUs of 2006 to 2021; per watt the same file gives 2.69 years (2.61 to 2.77)."""
    points, *_, doubling, low, high = _growth(tables, "hardware_trends", "peak_fp32", "gpus", "2006_to_2021")
    assert points > 1800
    assert doubling == pytest.approx(2.3, abs=0.05)
    assert low < 2.3 < high
    *_, doubling, low, high = _growth(tables, "hardware_trends", "peak_fp32_per_watt", "gpus", "2006_to_2021")
    assert (doubling, low, high) == pytest.approx((2.69, 2.61, 2.77), abs=0.02)


def test_narrow_formats_are_as_much_faster_as_published(tables):
    """Epoch AI's page of 2025-01: TF32 5x, tensor FP16 9x, INT8 12x over FP32."""
    rows = {row[0]: row[2:] for row in tables.rows("from trends.format_gains")}
    for name, published in (("tf32", 5), ("fp16", 9), ("int8", 12)):
        middle, low, high = rows[name]
        assert low < published < high
        assert middle == pytest.approx(published, rel=0.15)


def test_counts_above_thresholds(tables):
    """Epoch AI counted more than 25 models above 1e25 of FLOP by mid 2025, and Grok-3 as the first above 1e26."""
    n, low, high = tables.one(
        """
        select cumulative_runs, cumulative_runs_low, cumulative_runs_high from trends.threshold_counts
        where compute_threshold = 'eu_systemic_risk' and selection = 'all' and year = 2025 and count_basis = 'record'
        """
    )
    assert low <= 25 <= high and n > 20
    surest = tables.rows(
        """
        select run_name, crossing_probability from compute.threshold_crossings join compute.training_runs using (run_id)
        where compute_threshold = 'us_eo_14110' and training_runs.published_on < '2025-02-27'
        order by crossing_probability desc limit 2
        """
    )
    assert surest[0][0] == "Grok-3"
    assert surest[0][1] > 0.5 > surest[1][1]


def test_projected_counts_stand_beside_the_published(tables):
    """Kumar and Manning 2025, arXiv:2504.16138, by the end of 2028: 103 to 306 above 1e25, 45 to 148 above 1e26."""
    rows = dict(tables.rows("select forecast, projected_value from trends.forecast_checks"))
    assert 103 <= rows["kumar_2025_1e25_2028"] <= 306
    assert 45 <= rows["kumar_2025_1e26_2028"] <= 148
    verdicts = dict(tables.rows("select forecast, found_verdict from trends.forecast_checks where is_due"))
    assert verdicts["openai_2018_several_years"] == "below"


def test_a_billion_dollar_run_falls_into_the_published_years(tables):
    """Cottier et al. 2024: by 2027 if growth goes on at 2.4x a year."""
    rows = {
        (milestone, scenario): (reached, earliest, latest)
        for milestone, scenario, reached, earliest, latest in tables.rows(
            "select milestone, scenario, reached_on, earliest_on, latest_on from trends.projections"
        )
    }
    reached, earliest, latest = rows["a billion dollars", "current trend"]
    assert earliest <= reached <= latest
    assert reached.year in (2026, 2027)
    dates = [rows["a billion dollars", name][0] for name in ("current trend", "slows as after 2018", "half the pace")]
    assert dates == sorted(dates)


def test_the_interval_of_a_date_is_numpys_bootstrap(tables):
    """Resampled with another generator, the slope of the frontier's costs has the same quantiles within their own error."""
    points = tables.rows(
        """
        select dated_on, value from trends.force_points
        where metric = 'amortised_cost_usd' and list_contains(string_split(selections, ';'), 'frontier')
            and dated_on >= '2016-01-01'
        """
    )
    x = np.array([(day - dt.date(2000, 1, 1)).days / 365.25 for day, _ in points])
    y = np.log10([value for _, value in points])
    rng = np.random.default_rng(1)
    slopes = [np.polyfit(x[at], y[at], 1)[0] for at in rng.integers(0, len(x), (4000, len(x)))]
    value, on, earliest, latest = tables.one(
        """
        select value, published_on, earliest_on, latest_on from trends.projections
        where milestone = 'ten billion dollars' and scenario = 'current trend'
        """
    )
    for share, end in ((0.95, earliest), (0.05, latest)):
        found = (10 - math.log10(value)) / ((end - on).days / 365.25)
        assert found == pytest.approx(np.quantile(slopes, share), rel=0.04)


def test_curated_facts_alone_give_lines_too(built):
    tables = built("curated")
    for table in ("hardware", "parallelism", "data", "parameter", "cost", "power"):
        (lines,) = tables.one(f"select count(*) from trends.{table}_trends where oom_per_year is not null")
        assert lines > 0, table
        assert tables.rows(f"from trends.{table}_trends where points < 3 and oom_per_year is not null") == []
    assert tables.one("select count(*) from trends.projections where reached_on is not null")[0] >= 12
    assert tables.one("select count(*) from trends.threshold_counts where count_basis = 'projected'")[0] > 0
