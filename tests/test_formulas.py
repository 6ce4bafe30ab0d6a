"""The named formulas: every example is executed, and the judges are scipy, statsmodels and hypothesis."""

from __future__ import annotations

import datetime as dt
import math
import re
from pathlib import Path

import duckdb
import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st
from scipy import stats

from warehouse import derive

FORMULAS = (Path(derive.SQL_FOLDER) / "formulas.sql").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^-- example: (.+)$", FORMULAS, flags=re.MULTILINE)
MACROS = re.findall(r"^create or replace macro (\w+)", FORMULAS, flags=re.MULTILINE)
QUICK = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
MONTHS_PER_YEAR = 12


@pytest.fixture(scope="module")
def con() -> duckdb.DuckDBPyConnection:
    con = duckdb.connect()
    con.execute(FORMULAS)
    return con


def ask(con: duckdb.DuckDBPyConnection, query: str, *values: object):
    row = con.execute(f"select {query}", list(values)).fetchone()
    assert row is not None
    return row[0]


@pytest.mark.parametrize("line", EXAMPLES)
def test_the_example_is_true(con, line):
    assert ask(con, line) is True


@pytest.mark.parametrize("macro", MACROS)
def test_every_macro_has_an_example(macro):
    assert any(re.search(rf"\b{macro}\(", line) for line in EXAMPLES)


def test_the_essay_definitions(con):
    """Worked by hand from "AI and Compute": 86,400 s at 1e15 op/s; AlexNet 2 x 1.58 TF x 5.5 days x 0.33."""
    assert ask(con, "flop_of_pfs_days(1)") == 86_400e15
    assert ask(con, "pfs_days(hardware_flop(2 * 5.5 * 24, 1.58e12, 0.33))") == pytest.approx(0.0057354, rel=1e-12)
    # 6 N D of GPT-3: Brown et al. 2020, Table D.1 prints 3.14e23.
    assert ask(con, "dense_training_flop(174.6e9, 300e9)") == pytest.approx(3.14e23, rel=2e-3)
    assert ask(con, "dense_training_flop(15e12::bigint, 36e12::bigint)") == pytest.approx(3.24e27)


def test_a_years_growth_of_ten_doubles_in_3_61_months(con):
    assert ask(con, "doubling_months(1)") == pytest.approx(12 * math.log(2) / math.log(10), rel=1e-14)
    assert ask(con, "doubling_months(-1)") == pytest.approx(-12 * math.log(2) / math.log(10), rel=1e-14)
    assert ask(con, "doubling_months(0)") is None


def test_student_t_quantiles_are_scipys(con):
    freedoms = [*range(1, 501), 1_000, 1_890, 5_000, 100_000, 1_000_000]
    rows = con.execute(
        "select df, student_t_975(df) from unnest(?::bigint[]) as given(df) order by df", [freedoms]
    ).fetchall()
    assert [df for df, _ in rows] == freedoms
    ours = np.array([quantile for _, quantile in rows])
    assert np.abs(ours - stats.t.ppf(0.975, freedoms)).max() < 1e-10


@pytest.mark.parametrize("df", ["0", "-1", "null"])
def test_no_quantile_without_freedom(con, df):
    assert ask(con, f"student_t_975({df})") is None


# --- fits: the query of trends.metric_trends itself against statsmodels ---


@pytest.fixture(scope="module")
def trends():
    """A connection with every table empty, and a function that fits one series by the model's own query."""
    con = duckdb.connect()
    derive.load_assumptions(con)
    derive.load_raw(con, {})
    for _ in derive.build(con):
        pass
    query = next(model.query for model in derive.models() if model.name == "trends.metric_trends")

    def fit(days: list[dt.date], values: list[float], period: str = "all") -> dict | None:
        con.execute("delete from compute.measurements")
        con.execute("delete from compute.run_selections")
        years = [(day - dt.date(2000, 1, 1)).days / 365.25 for day in days]
        for at, (day, year, value) in enumerate(zip(days, years, values, strict=True)):
            run = f"run-{at}"
            con.execute(
                "insert into compute.measurements values (?, 'parameters', 'any', ?, ?, ?, null, null)",
                [run, day, year, value],
            )
            con.execute("insert into compute.run_selections values ('all', ?, ?)", [run, day])
        cursor = con.execute(f"select * from ({query}) where period = ?", [period])
        names = [column[0] for column in cursor.description]
        rows = cursor.fetchall()
        assert len(rows) <= 1
        return dict(zip(names, rows[0], strict=True)) if rows else None

    return fit


def judge(days: list[dt.date], values: list[float]):
    """The same line by statsmodels' ordinary least squares."""
    x = np.array([(day - dt.date(2000, 1, 1)).days / 365.25 for day in days])
    return sm.OLS(np.log10(np.array(values)), sm.add_constant(x)).fit()


def hold_equal(row: dict, judged) -> None:
    slope, low, high = judged.params[1], *judged.conf_int(0.05)[1]
    near = {"rel": 1e-9, "abs": 1e-9}
    assert row["oom_per_year"] == pytest.approx(slope, **near)
    assert row["intercept_log10"] == pytest.approx(judged.params[0], **near)
    assert row["standard_error_oom_per_year"] == pytest.approx(judged.bse[1], **near)
    assert row["oom_per_year_low"] == pytest.approx(low, **near)
    assert row["oom_per_year_high"] == pytest.approx(high, **near)
    assert row["r_squared"] == pytest.approx(judged.rsquared, **near)
    assert row["growth_per_year"] == pytest.approx(10**slope, rel=1e-8)
    if abs(slope) > 1e-3:
        assert row["doubling_months"] == pytest.approx(MONTHS_PER_YEAR * math.log10(2) / slope, rel=1e-8)
    if low > 1e-3 or high < -1e-3:
        assert row["doubling_months_low"] == pytest.approx(MONTHS_PER_YEAR * math.log10(2) / high, rel=1e-6)
        assert row["doubling_months_high"] == pytest.approx(MONTHS_PER_YEAR * math.log10(2) / low, rel=1e-6)
    elif low < -1e-6 and high > 1e-6:
        assert row["doubling_months_low"] is row["doubling_months_high"] is None


SERIES = {
    "rising": (
        [dt.date(2012, 6, 1), dt.date(2014, 1, 15), dt.date(2016, 3, 9), dt.date(2017, 10, 19)],
        [1e17, 3e19, 8e20, 2e23],
    ),
    "falling": (
        [dt.date(2001, 1, 1), dt.date(2002, 2, 2), dt.date(2003, 3, 3), dt.date(2004, 4, 4)],
        [1e9, 2e8, 3e7, 1e6],
    ),
    "no sure growth": ([dt.date(2015, 1, 1), dt.date(2016, 1, 1), dt.date(2017, 1, 1)], [1e5, 3e9, 2e5]),
    "one day twice": ([dt.date(2010, 1, 1), dt.date(2010, 1, 1), dt.date(2019, 12, 31)], [1e10, 1e12, 1e20]),
    "before 2000": (
        [dt.date(1958, 11, 1), dt.date(1974, 5, 5), dt.date(1999, 12, 31), dt.date(2009, 1, 1)],
        [1e5, 1e9, 1e13, 3e16],
    ),
}


@pytest.mark.parametrize("name", SERIES)
def test_a_fit_by_hand_is_statsmodels(trends, name):
    days, values = SERIES[name]
    row = trends(days, values)
    assert (row["runs"], row["period_start_on"], row["period_end_on"]) == (len(days), min(days), max(days))
    hold_equal(row, judge(days, values))


def test_a_line_drawn_with_a_ruler(trends):
    """Ten times every 1461 days, four years of 365.25 days: 0.25 orders of magnitude a year, no error at all."""
    days = [dt.date(2000, 1, 1) + dt.timedelta(days=1461 * step) for step in range(5)]
    row = trends(days, [10.0 ** (3 + step) for step in range(5)])
    assert row["oom_per_year"] == pytest.approx(0.25, rel=1e-12)
    assert row["intercept_log10"] == pytest.approx(3, rel=1e-12)
    assert row["growth_per_year"] == pytest.approx(10**0.25, rel=1e-12)
    assert row["doubling_months"] == pytest.approx(48 * math.log10(2), rel=1e-12)
    assert row["standard_error_oom_per_year"] == pytest.approx(0, abs=1e-7)
    assert row["r_squared"] == pytest.approx(1, rel=1e-12)
    assert row["r_squared"] <= 1


def test_fewer_than_three_runs_give_no_line(trends):
    days = [dt.date(2012, 1, 1), dt.date(2014, 1, 1)]
    row = trends(days, [1e10, 1e12])
    assert row["runs"] == 2
    empty = {name for name, value in row.items() if value is None}
    assert empty == {
        "oom_per_year", "standard_error_oom_per_year", "oom_per_year_low", "oom_per_year_high", "intercept_log10",
        "doubling_months", "doubling_months_low", "doubling_months_high", "growth_per_year", "r_squared",
        "bootstrap_draws", "bootstrap_oom_per_year_low", "bootstrap_oom_per_year_high", "bootstrap_doubling_months_low",
        "bootstrap_doubling_months_high", "runs_error_oom_per_year", "figures_error_oom_per_year",
    }  # fmt: skip


def test_runs_of_one_day_give_no_line(trends):
    row = trends([dt.date(2012, 1, 1)] * 4, [1e10, 1e11, 1e12, 1e13])
    assert row["runs"] == 4
    assert row["oom_per_year"] is row["standard_error_oom_per_year"] is row["doubling_months"] is None


def test_equal_values_never_double(trends):
    row = trends([dt.date(2012, 1, 1), dt.date(2013, 1, 1), dt.date(2014, 1, 1)], [1e10] * 3)
    assert (row["oom_per_year"], row["growth_per_year"]) == (0, 1)
    assert row["doubling_months"] is row["doubling_months_low"] is row["doubling_months_high"] is None


def test_a_period_takes_its_last_day_and_not_the_next(trends):
    days = [dt.date(2001, 1, 1), dt.date(2005, 1, 1), dt.date(2009, 12, 31), dt.date(2010, 1, 1)]
    values = [1e3, 1e5, 1e6, 1e9]
    row = trends(days, values, "before_2010")
    assert (row["runs"], row["period_end_on"]) == (3, dt.date(2009, 12, 31))
    hold_equal(row, judge(days[:3], values[:3]))
    assert trends(days, values, "from_2010")["runs"] == 1


POINTS = st.lists(
    st.tuples(st.dates(dt.date(1950, 1, 1), dt.date(2035, 12, 31)), st.floats(-3, 28)), min_size=3, max_size=25
)


@QUICK
@given(points=POINTS)
def test_any_series_is_statsmodels(trends, points):
    days, values = [day for day, _ in points], [10.0**power for _, power in points]
    assume((max(days) - min(days)).days >= 365)
    judged = judge(days, values)
    # The residual of points on a line is rounding noise, of which no two programs have the same.
    assume(judged.ssr > 1e-6 * judged.centered_tss and judged.centered_tss > 1e-6)
    row = trends(days, values)
    assert row["runs"] == len(points)
    hold_equal(row, judged)


# --- names ---

WORDS = st.text(st.one_of(st.sampled_from("aB1 .-+_/\\\t\n éßİ\u00a0中"), st.characters(codec="utf-8")), max_size=25)


@QUICK
@given(words=WORDS)
@example("GPT-3 175B (davinci)")
@example("..a..")
@example("+")
def test_a_slug_is_plain_and_stays_as_it_is(con, words):
    once = ask(con, "slug(?::varchar)", words)
    assert re.fullmatch(r"([a-z0-9.]+(-[a-z0-9.]+)*)?", once), once
    assert ask(con, "slug(?::varchar)", once) == once


@pytest.mark.parametrize(
    ("words", "slug"),
    [
        ("AlexNet", "alexnet"),
        ("GPT-3 175B (davinci)", "gpt-3-175b-davinci"),
        ("Llama 3.1-405B", "llama-3.1-405b"),
        ("DALL·E", "dall-e"),
        ("Éclair", "eclair"),
        ("RoBERTa+", "roberta-plus"),
    ],
)
def test_slugs_by_hand(con, words, slug):
    assert ask(con, "slug(?)", words) == slug


@QUICK
@given(words=WORDS)
@example("a \\ \\")
@example("  Yi-Lightning \\")
def test_a_name_key_stays_as_it_is(con, words):
    once = ask(con, "name_key(?::varchar)", words)
    assert ask(con, "name_key(?::varchar)", once) == once


@QUICK
@given(
    words=st.lists(st.text("abc-1.", min_size=1, max_size=5), min_size=1, max_size=4),
    gap=st.sampled_from([" ", "  ", "\n", "\t "]),
)
def test_white_space_does_not_make_another_name(con, words, gap):
    assert ask(con, "name_key(?)", f" {gap.join(words)}{gap}") == ask(con, "name_key(?)", " ".join(words))


PAPERS = [
    ("https://arxiv.org/abs/1706.03762", "arxiv:1706.03762"),
    ("https://arxiv.org/pdf/1706.03762v5.pdf", "arxiv:1706.03762"),
    ("http://ARXIV.org/abs/1706.03762v1", "arxiv:1706.03762"),
    ("arXiv:2001.08361", "arxiv:2001.08361"),
    ("arXiv: 2001.08361v1", "arxiv:2001.08361"),
    ("https://arxiv.org/html/2407.21783v3", "arxiv:2407.21783"),
    ("https://arxiv.org/abs/cs/0112017", "arxiv:cs/0112017"),
    ("https://doi.org/10.1038/nature16961", "doi:10.1038/nature16961"),
    ("https://dx.doi.org/10.1038/NATURE16961.", "doi:10.1038/nature16961"),
    ("doi: 10.1162/neco.1997.9.8.1735", "doi:10.1162/neco.1997.9.8.1735"),
    ("https://www.openai.com/index/ai-and-compute/", "url:openai.com/index/ai-and-compute"),
    ("http://openai.com/index/ai-and-compute and more", "url:openai.com/index/ai-and-compute"),
    ("", None),
    ("   ", None),
    (None, None),
]


@pytest.mark.parametrize(("link", "key"), PAPERS)
def test_papers_by_hand(con, link, key):
    assert ask(con, "paper_key(?::varchar)", link) == key


@QUICK
@given(words=WORDS)
def test_any_link_is_one_paper_or_none(con, words):
    key = ask(con, "paper_key(?::varchar)", words)
    assert key is None or re.match(r"(arxiv|doi|url):", key), key


@QUICK
@given(
    number=st.from_regex(r"[0-9]{4}\.[0-9]{4,5}", fullmatch=True),
    before=st.sampled_from(
        ["https://arxiv.org/abs/", "http://www.arxiv.org/pdf/", "arXiv:", "arXiv: ", "see https://arxiv.org/html/"]
    ),
    after=st.sampled_from(["", "v1", "v12", ".pdf", "v2.pdf", "#sec", "?x=1", " and others"]),
)
def test_every_spelling_of_an_arxiv_number_is_one_paper(con, number, before, after):
    key = ask(con, "paper_key(?)", f"{before}{number}{after}")
    assert key == f"arxiv:{number}"
    assert ask(con, "paper_key(?)", key) == key


@QUICK
@given(rest=st.from_regex(r"10\.[0-9]{4,9}/[A-Za-z0-9.]{0,8}[A-Za-z0-9]", fullmatch=True))
def test_every_spelling_of_a_doi_is_one_paper(con, rest):
    keys = {
        ask(con, "paper_key(?)", before + rest)
        for before in ("https://doi.org/", "http://dx.doi.org/", "doi:", "doi: ")
    }
    assert keys == {f"doi:{rest.lower()}"}
    assert ask(con, "paper_key(?)", *keys) == keys.pop()


@QUICK
@given(rest=st.from_regex(r"[a-z]{1,8}\.org(/[a-z0-9]{1,5}){0,3}", fullmatch=True))
def test_scheme_and_last_slash_do_not_make_another_address(con, rest):
    assume("arxiv" not in rest and "doi" not in rest)
    keys = {
        ask(con, "paper_key(?)", form.format(rest)) for form in ("https://{}", "http://www.{}/", "{}", " https://{}/ ")
    }
    assert keys == {f"url:{rest}"}
