"""What others published, met from their own points and from real exports; no verdict is typed."""

from __future__ import annotations

import csv
import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path

import duckdb
import numpy as np
import pytest
import statsmodels.api as sm
from typer.testing import CliRunner

from flows import reproduce
from flows.cli import app
from warehouse import derive

ASSUMPTIONS = Path(derive.SQL_FOLDER) / "assumptions"
MET = ("reproduced", "overlaps")
# Claims the issue names: over all releases and the points each must be met.
NAMED = {"C01", "C12", "C17", "C20", "C21", "C23", "C27", "C32", "C34", "C35", "C43", "C47"}
REGRESSIONS = {
    "All Pre Deep Learning Era": "C15", "Record Pre Deep Learning Era": "C16", "All Deep Learning Era": "C64",
    "All Large Scale Era": "C17", "Record Large Scale Era": "C18",
}  # fmt: skip
RELEASES = (
    ("models_2023-12-20.csv", "chips_2024-02-02.csv"),
    ("models_2024-03-22.csv", "chips_2024-02-02.csv"),
    ("models_2024-05-26.csv", "chips_2024-02-02.csv"),
    ("notable_ai_models_2025-02-24.csv", "chips_2025-06-20.csv"),
    ("all_ai_models_2025-04-23.csv", "chips_2025-06-20.csv"),
    ("models_2025-06-20.csv", "chips_2025-06-20.csv"),
    ("notable_ai_models_2025-11-03.csv", "ml_hardware_2025-12-14.csv"),
    ("notable_ai_models_2025-12-02.csv", "ml_hardware_2025-12-24.csv"),
)


@pytest.fixture(scope="module")
def sevilla(shared) -> Path:
    return shared / "data" / "sevilla-2022"


@pytest.fixture(scope="module")
def on_points(empty, sevilla) -> dict[str, dict]:
    """Every claim where nothing is known but the assumptions and Sevilla et al.'s points."""
    found = reproduce.results(empty, reproduce.sevilla_points(sevilla))
    return {row["claim_id"]: row for row in found}


@pytest.fixture(scope="module")
def release(built, shared) -> Callable:
    """Tables of one of Epoch AI's exports with a chip export, prices and deflator."""
    epoch = shared / "data" / "epoch"

    def make(models: str, chips: str):
        files = {
            "models": models,
            "chips": chips,
            "prices": "prices_2025-06-20.csv",
            "deflator": "ppi_PCU518210518210.csv",
        }
        return built("epoch", **{dataset: epoch / name for dataset, name in files.items()})

    return make


def met_claims(rows: list[dict]) -> set[str]:
    """Numbers of the claims all of whose parts are met."""
    unmet = {row["claim_id"][:3] for row in rows if row["result_verdict"] not in MET}
    return {row["claim_id"][:3] for row in rows} - unmet


# --- from Sevilla et al.'s own points ---


@pytest.mark.parametrize(("trend", "claim"), REGRESSIONS.items())
def test_the_regressions_of_sevilla_come_out(on_points, sevilla, trend, claim):
    """Number of systems and R² are equal to the last digit saved by their notebook, doubling times within 5%."""
    with (sevilla / "regression_table_cell1_out0.csv").open(encoding="utf-8") as file:
        saved = {row["Trend"]: row for row in csv.DictReader(file)}[trend]
    doubling, systems, fit = (on_points[claim + part] for part in "abc")
    assert systems["our_value"] == int(saved["n"])
    assert f"{fit['our_value']:.2f}" == saved["R2"]
    assert f"{doubling['our_value']:.1f}" == saved["Doubling time"].split()[0]
    assert {row["result_verdict"] for row in (doubling, systems, fit)} == {"reproduced"}


@pytest.mark.parametrize(("trend", "claim"), REGRESSIONS.items())
def test_the_lines_through_the_points_are_those_of_statsmodels(on_points, sevilla, trend, claim):
    domain, era = trend.split(" ", 1)
    with (sevilla / "vega_cell1_out1_644fab_123rows.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if (row["Domain"], row["Era"]) == (domain, era)]
    days = np.array([dt.date.fromisoformat(row["Publication date"][:10]).toordinal() for row in rows])
    flop = np.array([float(row["Training compute (FLOPs)"]) for row in rows])
    fit = sm.OLS(np.log10(flop), sm.add_constant((days - days.mean()) / 30)).fit()
    low, high = np.log10(2) / fit.conf_int()[1][::-1]
    found = on_points[claim + "a"]
    assert found["our_value"] == pytest.approx(np.log10(2) / fit.params[1], rel=1e-9)
    assert on_points[claim + "c"]["our_value"] == pytest.approx(fit.rsquared, rel=1e-9)
    if low * high > 0:
        assert (found["our_value_low"], found["our_value_high"]) == pytest.approx((low, high), rel=1e-9)
    else:
        assert found["our_value_low"] is None


def test_the_z_score_rule_splits_the_systems_as_sevilla_do(on_points, sevilla):
    """19 large, 60 regular after 2015-09, 5 low outliers; here by their rule as they wrote it, a window in days at a time."""
    with (sevilla / "vega_cell1_out1_644fab_123rows.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    days = np.array([dt.date.fromisoformat(row["Publication date"][:10]).toordinal() for row in rows])
    figures = np.log10([float(row["Training compute (FLOPs)"]) for row in rows])
    start = dt.date(2015, 9, 1).toordinal()
    near = [figures[np.abs(days - day) <= 364] for day in days]
    z = np.array([(y - n.mean()) / n.std() if n.std() else 0 for y, n in zip(figures, near, strict=True)])
    large, outlier = (z > 0.76) & (days > start), z < -2
    counts = [large.sum(), (~large & ~outlier & (days > start)).sum(), outlier.sum()]
    assert counts == [19, 60, 5]
    assert [on_points["C20" + part]["our_value"] for part in "abc"] == counts


def test_every_claim_on_the_points_is_met(on_points):
    assert {f"C{n}" for n in range(12, 21)} | {"C64"} <= met_claims(list(on_points.values()))


def test_a_folder_without_the_points_is_one_clear_sentence(tmp_path):
    with pytest.raises(reproduce.PointsFault, match="no file vega_cell1"):
        reproduce.sevilla_points(tmp_path)
    header = "System,Publication date,Training compute (FLOPs),Domain,Era\n"
    (tmp_path / "vega_cell1_x_2rows.csv").write_text(header + "A,2020-01-01,1e3,All,Old\nB,2020-13-01,1e3,All,Old\n")
    with pytest.raises(reproduce.PointsFault, match=r"vega_cell1_x_2rows.csv row 2: a date and a number"):
        reproduce.sevilla_points(tmp_path)


# --- on nothing, and against typing ---


def test_what_needs_no_data_is_tested_on_nothing(empty):
    """The essay's own list and arithmetic printed by others stand without any source."""
    rows = reproduce.results(empty)
    assert {"C01", "C05", "C07", "C08", "C53", "C54", "C59", "C60", "C62"} == met_claims(rows)
    verdicts = {row["claim_id"]: row["result_verdict"] for row in rows}
    # Of the page's sixteen sums two are not the product of their factors: 0.129 is printed as 0.085, 0.101 as 0.12.
    assert (verdicts["C09"], verdicts["C06"]) == ("differs", "differs")
    assert all(row["explanation"] for row in rows if row["result_verdict"] != "reproduced")


def test_two_sums_of_the_page_are_slips(empty):
    with (ASSUMPTIONS / "sum_factors.csv").open(encoding="utf-8") as file:
        factors = list(csv.DictReader(file))
    with (ASSUMPTIONS / "worked_sums.csv").open(encoding="utf-8") as file:
        printed = {
            row["sum_name"]: float(row["printed_value"])
            for row in csv.DictReader(file)
            if row["sum_author"] == "openai_2018"
        }
    ratio = {
        name: np.prod([float(row["factor"]) ** float(row["exponent"]) for row in factors if row["sum_name"] == name])
        / value
        for name, value in printed.items()
    }
    assert len(ratio) == 16
    slips = {name: round(float(r), 2) for name, r in ratio.items() if not 1 / 1.05 < r < 1.05}
    assert slips == {"seq2seq by operations": 1.52, "vgg by time": 0.84}


def test_a_verdict_follows_the_figures(empty):
    """Another printed figure, another verdict: 3.44 against 3.4, 3, 7 months."""
    query = {model.name: model.query for model in derive.models()}["trends.published_results"]
    con = empty.cursor()
    found = []
    for printed in (3.4, 3, 7):
        con.execute("begin transaction")
        con.execute("update assumptions.published_results set published_value = ? where claim_id = 'C01'", [printed])
        found.append(con.execute(f"select result_verdict from ({query}) where claim_id = 'C01'").fetchone()[0])
        con.execute("rollback")
    assert found == ["reproduced", "overlaps", "differs"]
    for name in ("published_results", "essay_claims"):
        header = (ASSUMPTIONS / f"{name}.csv").read_text(encoding="utf-8").splitlines()[0]
        assert "verdict" not in header and "our_" not in header


def test_no_verdict_depends_on_a_known_reason(empty):
    """Without the reasons people gave, every verdict is the same."""
    query = {model.name: model.query for model in derive.models()}["trends.published_results"]
    con = empty.cursor()
    before = con.execute(f"select claim_id, result_verdict from ({query})").fetchall()
    con.execute("begin transaction")
    con.execute("update assumptions.published_results set difference = null, needed = null")
    after = con.execute(f"select claim_id, result_verdict from ({query})").fetchall()
    con.execute("rollback")
    assert after == before and len({verdict for _, verdict in after}) == 4


def test_every_claim_is_one_row(empty):
    assert empty.execute("select count(*), count(distinct claim_id) from trends.published_results").fetchone() == (
        90,
        90,
    )
    assert empty.execute("select count(distinct left(claim_id, 3)) from trends.published_results").fetchone() == (64,)


def test_on_nothing_the_essay_is_measured_on_its_own_list(empty):
    verdicts = {row["claim_id"]: row["essay_verdict"] for row in reproduce.sentences(empty)}
    assert [claim for claim, verdict in verdicts.items() if verdict != "not measurable"] == ["E01", "E03", "E05"]
    assert all(row["explanation"] for row in reproduce.sentences(empty) if row["essay_verdict"] == "not measurable")


def test_counts_take_a_claim_by_its_worst_part():
    rows = [("C01", "reproduced"), ("C02a", "overlaps"), ("C02b", "differs"), ("C03", "not testable here")]
    found = reproduce.counts([{"claim_id": claim, "result_verdict": verdict} for claim, verdict in rows])
    assert found == {"reproduced": 1, "overlaps": 0, "differs": 1, "not testable here": 1}


# --- on Epoch AI's exports ---


@pytest.mark.slow
def test_twenty_results_are_met_on_one_export(release):
    tables = release("models_2025-06-20.csv", "chips_2025-06-20.csv")
    rows = reproduce.results(tables.con)
    assert len(met_claims(rows)) >= 20
    found = {row["claim_id"]: row for row in rows}
    # A trend belongs to its snapshot; the value stands beside, but there is no verdict.
    for claim in ("C21", "C23", "C27", "C29", "C33a"):
        assert found[claim]["explanation"] == "belongs to the snapshot of 2024-05-26"
        assert found[claim]["result_verdict"] == "not testable here" and found[claim]["our_value"] is not None
    assert found["C22"]["our_value"] == pytest.approx(4.26, abs=0.005)  # published_results.md, measured
    assert found["C48"]["our_value"] == pytest.approx(29.6, abs=0.05)  # dense INT8 over FP32 of the H100
    assert found["C10"]["our_value"] == pytest.approx(3.41e23 / 8.64e19, rel=1e-9)
    # The trend did not go on: three years after the essay the largest run was twice AlphaGo Zero's, not 2000 times.
    essay = {row["claim_id"]: row for row in reproduce.sentences(tables.con)}
    assert essay["E25"]["essay_verdict"] == "does not hold"
    assert essay["E04"]["our_value"] == pytest.approx(3.41e23 / 4.7e17, rel=1e-9)


@pytest.mark.slow
def test_thirty_results_are_met_over_all_releases_and_the_points(release, empty, sevilla, on_points):
    met = met_claims(list(on_points.values()))
    for models, chips in RELEASES:
        rows = reproduce.results(release(models, chips).con)
        assert all(row["explanation"] for row in rows if row["result_verdict"] != "reproduced"), models
        assert not [row for row in rows if row["explanation"] == "no reason is known"], models
        met |= met_claims(rows)
    assert len(met) >= 30
    assert met >= NAMED


@pytest.mark.slow
def test_the_snapshot_itself_gives_what_was_published_of_it(release):
    rows = {
        row["claim_id"]: row for row in reproduce.results(release("models_2024-05-26.csv", "chips_2024-02-02.csv").con)
    }
    for claim in ("C21", "C23", "C24a", "C26", "C27"):
        assert rows[claim]["result_verdict"] == "reproduced", claim
    assert rows["C22"]["explanation"] == "belongs to snapshots from 2024-05-27 on"


# --- the command ---


@pytest.fixture
def published(empty, monkeypatch):
    """The command reads these tables whatever version it asks for; what it asks for."""
    con = empty.cursor()
    con.execute("create or replace temp view versions as select 7 as version, date '2025-06-20' as as_of_on")

    class Reader:
        def __init__(self, version: int | None, as_of: str) -> None:
            asked.append((version, as_of))

        def __enter__(self) -> duckdb.DuckDBPyConnection:
            return con

        def __exit__(self, *fault: object) -> None:
            return None

    asked: list[tuple[int | None, str]] = []
    monkeypatch.setattr("flows.cli_query.reader", Reader)
    return asked


def test_the_command_prints_both_tables_and_the_counts(published):
    done = CliRunner().invoke(app, ["reproduce"])
    assert done.exit_code == 0, done.output
    assert "What others published" in done.output and "What the essay says" in done.output
    assert "version 7, as of 2025-06-20: 8 reproduced, 1 overlaps, " in done.output and "of 64 claims" in done.output


def test_the_command_gives_json_with_the_points(published, sevilla):
    done = CliRunner().invoke(app, ["reproduce", "--json", "--sevilla", str(sevilla)])
    answer = json.loads(done.output)
    found = {row["claim_id"]: row["result_verdict"] for row in answer["published_results"]}
    assert found["C17a"] == found["C20b"] == "reproduced"
    assert sum(answer["claims"].values()) == 64 and len(answer["essay_claims"]) == 33


def test_the_command_says_what_is_wrong_with_a_folder(published, tmp_path):
    done = CliRunner().invoke(app, ["reproduce", "--sevilla", str(tmp_path)])
    assert done.exit_code == 2 and "no file" in done.output


@pytest.mark.parametrize(
    ("flags", "version"),
    [((), (None, "")), (("--version", "3"), (3, "")), (("--as-of", "2025-01-01"), (None, "2025-01-01"))],
)
def test_the_command_answers_of_any_version(published, flags, version):
    done = CliRunner().invoke(app, ["reproduce", "--json", *flags])
    assert done.exit_code == 0, done.output
    assert published == [version]
