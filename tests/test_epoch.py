"""Epoch's exports: hand-made editions with the facts that must come of them, and the real files with their counts."""

from __future__ import annotations

import csv
import datetime as dt
import math
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
import yaml

from flows.rows import SchemaBreak
from flows.sources import epoch

HERE = Path(__file__).resolve().parent / "sources" / "epoch"
EDITIONS = sorted(path.stem for path in HERE.glob("*.yaml"))
MODEL_EDITIONS = [name for name in EDITIONS if name.startswith("models")]
REAL = {
    "models_2023-12-20.csv": "models",
    "models_2024-03-22.csv": "models",
    "models_2024-05-26.csv": "models",
    "models_2025-06-20.csv": "models",
    "all_ai_models_2025-04-23.csv": "models",
    "notable_ai_models_2025-02-24.csv": "models",
    "notable_ai_models_2025-11-03.csv": "models",
    "notable_ai_models_2025-12-02.csv": "models",
    "chips_2024-02-02.csv": "chips",
    "chips_2025-06-20.csv": "chips",
    "ml_hardware_2025-12-14.csv": "chips",
    "ml_hardware_2025-12-24.csv": "chips",
    "prices_2025-06-20.csv": "prices",
    "ppi_PCU518210518210.csv": "deflator",
}
NAME_HEADERS = ("Model", "System", "Hardware name", "Name of the hardware", "Hardware model")
SHARE_HEADERS = ("Hardware utilization", "Hardware utilization (MFU)", "Hardware utilization (HFU)")


@pytest.fixture(scope="module")
def edition(built):
    """What one hand-made edition must give, and what it gives."""

    def read(name: str):
        expected = yaml.safe_load((HERE / f"{name}.yaml").read_text(encoding="utf-8"))
        return expected, built("epoch", **{expected["dataset"]: HERE / f"{name}.csv"})

    return read


OLDER = ("chips_2024-02-01", "models_2024-05-01", "models_2025-06-01")


def cases(names: list[str]) -> list:
    """Editions as parameters: what only older ones show is slow."""
    return [pytest.param(name, marks=pytest.mark.slow if name in OLDER else ()) for name in names]


@pytest.mark.parametrize("name", cases(EDITIONS))
def test_an_edition_is_counted_and_what_breaks_a_rule_is_set_aside(edition, name):
    expected, built = edition(name)
    read, accepted, quarantined, as_of_on = built.one(
        "select rows_read, rows_accepted, rows_quarantined, as_of_on from trends.sources where source = 'epoch'"
    )
    assert (read, quarantined) == (expected["rows_read"], len(expected["quarantined"]))
    assert accepted == read - quarantined
    assert as_of_on == expected["as_of_on"]
    broken = built.rows("select row_number, rule from raw.quarantine where source = 'epoch'")
    assert dict(broken) == expected["quarantined"]
    assert len(broken) == len(expected["quarantined"])


@pytest.mark.parametrize("name", cases(EDITIONS))
def test_headers_are_matched_and_kept_as_spelled(edition, name):
    expected, built = edition(name)
    headers = dict(built.rows("select column_name, header from raw.headers where source = 'epoch'"))
    assert expected["headers"].items() <= headers.items()
    unread = built.one("select coalesce(unread_columns, '') from raw.documents where source = 'epoch'")[0]
    assert [word for word in unread.split("; ") if word] == expected["unread"]
    for header in expected["unread"]:
        assert any(repr(header) in notice for notice in built.collected.notices)


@pytest.mark.parametrize("name", cases(EDITIONS))
def test_every_figure_of_an_edition_is_a_fact_and_there_is_no_other(edition, name):
    expected, built = edition(name)
    table = "clean.run_facts" if expected["dataset"] == "models" else "clean.chip_facts"
    facts = built.rows(f"select row_number, quantity, value, value_text from {table} where source = 'epoch'")
    figures: dict[int, dict] = {}
    words: dict[int, dict] = {}
    for row, quantity, value, text in facts:
        if value is None:
            words.setdefault(row, {})[quantity] = text
        else:
            figures.setdefault(row, {})[quantity] = value
    assert figures == {row: facts["figures"] for row, facts in expected["rows"].items()}
    for row, facts in expected["rows"].items():
        assert {quantity: words[row].get(quantity) for quantity in facts["words"]} == facts["words"]
    assert set(words) == set(expected["rows"])


@pytest.mark.parametrize("name", cases(MODEL_EDITIONS))
def test_excluded_and_undated_rows_are_runs_but_in_no_trend(edition, name):
    expected, built = edition(name)
    runs = built.rows("select run_name, is_excluded_by_source, published_on from clean.runs where source = 'epoch'")
    assert len(runs) == expected["runs"]
    assert sorted(run for run, excluded, _ in runs if excluded) == expected["excluded"]
    assert sorted(run for run, _, day in runs if day is None) == expected["undated"]
    query = "select distinct run_name from {} join clean.runs using (run_id) where source = 'epoch' order by 1"
    assert [run for (run,) in built.rows(query.format("compute.measurements"))] == expected["measured"]
    assert [run for (run,) in built.rows(query.format("compute.run_selections"))] == expected["selected"]


def test_a_name_twice_is_two_runs_and_no_figure_wanders(edition):
    _, built = edition("models_2023-12-01")
    runs = built.rows(
        "select run_id, parameters from compute.training_runs where run_name = 'Twin' order by parameters"
    )
    assert runs == [("twin", 7e9), ("twin--2", 7e10)]


@pytest.mark.slow
def test_gradients_are_never_datapoints(edition):
    for name in MODEL_EDITIONS:
        expected, built = edition(name)
        quantities = {q for (q,) in built.rows("select distinct quantity from clean.run_facts where source = 'epoch'")}
        assert len(quantities & {"dataset_datapoints", "dataset_gradients"}) == 1
        assert ("dataset_gradients" in quantities) == ("dataset_gradients" in expected["headers"])
    _, built = edition("models_2025-11-01")
    inputs = built.rows("select dataset_datapoints, dataset_gradients from compute.run_inputs order by run_id")
    assert inputs == [(None, "20000000000000"), (None, "14180000,14180000")]


@pytest.mark.slow
def test_utilisation_of_no_stated_kind_is_neither_mfu_nor_hfu(edition):
    kinds = {"utilisation", "mfu", "hfu"}
    for name, there in (("models_2025-06-01", {"utilisation"}), ("models_2025-11-01", {"mfu", "hfu"})):
        _, built = edition(name)
        assert {
            q for (q,) in built.rows("select distinct quantity from clean.run_facts where source = 'epoch'")
        } & kinds == there


def test_no_header_serves_two_quantities():
    for dataset, names in epoch._HEADERS.items():
        spellings = [spelling for several in names.values() for spelling in several]
        assert len(spellings) == len(set(spellings)), dataset
        assert not set(spellings) & set(epoch._IGNORED[dataset]), dataset
        assert set(epoch._REQUIRED[dataset]) <= set(names), dataset


@pytest.mark.parametrize("pair", [("datapoints", "gradients"), ("2020 USD", "2023 USD"), ("MFU", "HFU")])
def test_different_quantities_share_no_line(pair):
    for names in epoch._HEADERS.values():
        for spellings in names.values():
            assert not all(any(word in spelling for spelling in spellings) for word in pair), spellings


@pytest.mark.parametrize("header", ["System", "Publication date", "Parameters", "Training compute (FLOP)", "Domain"])
def test_a_file_without_a_required_header_is_one_sentence_that_names_it(header):
    content = (HERE / "models_2023-12-01.csv").read_bytes().replace(header.encode(), b"Something else", 1)
    with pytest.raises(SchemaBreak, match=re.escape(repr(header))) as error:
        epoch.parse("models", content, "models_2023-12-01.csv")
    assert "\n" not in str(error.value)


def test_a_price_row_is_one_row_a_filled_price(built):
    made = built("epoch", prices=HERE / "prices_2025-06-01.csv", deflator=HERE / "deflator_2025-06-01.csv")
    prices = made.rows(
        "select row_number, price_kind, price_usd, priced_on, price_vendor from clean.chip_prices order by 1, 2"
    )
    day = dt.date(2024, 1, 31)
    assert prices == [
        (1, "commit_1_year", 2.31, day, "Toy Cloud"),
        (1, "commit_3_years", 1.29, day, "Toy Cloud"),
        (1, "on_demand", 3.67, day, "Toy Cloud"),
        (2, "purchase", 5412.0, dt.date(2012, 5, 1), "Toy Shop"),
    ]
    months = made.rows("select month_on, price_index from clean.price_indices order by 1")
    assert months == [(dt.date(2024, 11, 1), 105.25), (dt.date(2024, 12, 1), 106.5)]


# --- the real files ---


@pytest.fixture(scope="module")
def real(built, shared):
    """A real file read by the pipeline, and its cells as Python's own CSV reader gives them."""

    def read(name: str):
        path = shared / "data" / "epoch" / name
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
        return built("epoch", **{REAL[name]: path}), rows

    return read


# Each real file is built whole; the newest of each kind stands for the others in the default suite.
FIRST = ("models_2025-06-20.csv", "chips_2025-06-20.csv", "prices_2025-06-20.csv", "ppi_PCU518210518210.csv")
REAL_CASES = [pytest.param(name, marks=() if name in FIRST else pytest.mark.slow) for name in REAL]


def test_no_real_file_is_left_out(shared):
    assert {path.name for path in (shared / "data" / "epoch").glob("*.csv")} == set(REAL)


@pytest.mark.parametrize("name", REAL_CASES)
def test_a_real_file_is_read_row_by_row(real, name):
    built, rows = real(name)
    read, accepted, quarantined = built.one(
        "select rows_read, rows_accepted, rows_quarantined from trends.sources where source = 'epoch'"
    )
    assert read == len(rows)
    assert read == accepted + quarantined
    assert built.one(f"select count(*) from raw.{epoch.DATASETS[REAL[name]]}") == (accepted,)
    assert built.one("select count(distinct row_number) from raw.quarantine where source = 'epoch'") == (quarantined,)
    assert [notice for notice in built.collected.notices if "not read" in notice] == []


@pytest.mark.parametrize("name", REAL_CASES)
def test_the_rows_set_aside_are_those_a_person_would_set_aside(real, name):
    """Rows without a name, of another length than the header, or with more than all of the hardware used; no others."""
    built, rows = real(name)
    wanted: dict[int, str] = {}
    for number, row in enumerate(rows, 1):
        shares = [float(row[h]) for h in SHARE_HEADERS if row.get(h)]
        names = [row[h] for h in NAME_HEADERS if h in row]
        if None in row or None in row.values():
            wanted[number] = f"the row has as many cells as the header ({len(row)})"
        elif names and not names[0].strip():
            wanted[number] = f"{'run' if REAL[name] == 'models' else 'chip'}_name is filled"
        elif any(share > 1 for share in shares):
            wanted[number] = "utilisation is at most 1"
    broken = built.rows("select row_number, rule from raw.quarantine where source = 'epoch' order by 1")
    if name.startswith("chips"):  # the header of 2024 names one column twice, which a dict holds once
        broken = [(number, re.sub(r"\(\d+\)", "", rule)) for number, rule in broken]
        wanted = {number: re.sub(r"\(\d+\)", "", rule) for number, rule in wanted.items()}
    assert broken == sorted(wanted.items())


def test_the_counts_of_june_2025(real):
    """1,892 models; 5,775 chips, one of them a row of a single cell, which some readers do not count."""
    built, _ = real("models_2025-06-20.csv")
    assert built.one("select rows_read, rows_quarantined from trends.sources where source = 'epoch'") == (1892, 1)
    assert built.one("select rule, column_name, raw_value from raw.quarantine") == (
        "utilisation is at most 1",
        "utilisation",
        "72.0000",
    )
    assert built.one("select row_json from raw.quarantine")[0].startswith('{"Model": "GPT3-2.7B (FlashAttention-2)"')
    built, _ = real("chips_2025-06-20.csv")
    assert built.one("select rows_read from trends.sources where source = 'epoch'") == (5775,)
    assert built.rows("select row_number, raw_value from raw.quarantine order by 1") == [(955, "1 cell"), (956, None)]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["models_2023-12-20.csv", "models_2024-03-22.csv", "models_2024-05-26.csv"])
def test_rows_a_source_excludes_are_runs_outside_every_selection(real, name):
    built, rows = real(name)
    marked = [row for row in rows if row["Exclude"] == "1" and row["System"].strip()]
    assert marked
    facts = "select count(*) from clean.run_facts where quantity = 'is_excluded_by_source' and value_text = 'true'"
    assert built.one(facts) == (len(marked),)
    assert built.one("select count(*) from clean.runs where is_excluded_by_source")[0] > 0
    for table in ("compute.run_selections", "compute.measurements", "trends.frontier"):
        assert (
            built.rows(f"select run_id from {table} join clean.runs using (run_id) where is_excluded_by_source") == []
        )


@pytest.mark.slow
def test_names_of_accepted_rows_are_those_of_the_file(real):
    built, rows = real("notable_ai_models_2025-12-02.csv")
    ours = [name for (name,) in built.rows("select run_name from raw.epoch_models order by row_number")]
    assert ours == [row["Model"].strip() for row in rows]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["models_2025-06-20.csv", "notable_ai_models_2025-11-03.csv", "models_2023-12-20.csv"])
def test_every_stated_compute_is_a_fact_of_its_row(real, name):
    built, rows = real(name)
    facts = dict(built.rows("select row_number, value from clean.run_facts where quantity = 'training_compute_flop'"))
    aside = {number for (number,) in built.rows("select row_number from raw.quarantine")}
    stated = {
        number: float(row["Training compute (FLOP)"])
        for number, row in enumerate(rows, 1)
        if row["Training compute (FLOP)"].strip() and number not in aside
    }
    assert facts == stated


# --- the published growth of notable models, June 2025 ---


@pytest.fixture(scope="module")
def notable(shared) -> pd.DataFrame:
    """Dated notable models with stated compute, straight from the file by pandas."""
    path = shared / "data" / "epoch" / "models_2025-06-20.csv"
    frame = pd.read_csv(path, usecols=["Publication date", "Notability criteria", "Training compute (FLOP)"])
    frame = frame.dropna().rename(columns={"Publication date": "day", "Training compute (FLOP)": "flop"})
    day = pd.to_datetime(frame["day"])
    return frame.assign(
        day=day, x=(day - pd.Timestamp("2000-01-01")).dt.days / 365.25, y=np.log10(frame["flop"].astype(float))
    )


@pytest.mark.parametrize(("period", "runs", "months"), [("before_2010", 56, 20.3), ("from_2010", 428, 5.4)])
def test_doubling_of_notable_models_is_the_published_one_and_statsmodels(real, notable, period, runs, months):
    built, _ = real("models_2025-06-20.csv")
    n, slope, error, low, high, r_squared, doubling = built.one(
        """select runs, oom_per_year, standard_error_oom_per_year, oom_per_year_low, oom_per_year_high, r_squared,
            doubling_months
        from trends.metric_trends
        where metric = 'reported_training_compute' and selection = 'notable' and period = ?""",
        period,
    )
    assert n == runs
    assert doubling == pytest.approx(months, abs=0.05)
    rows = notable[(notable["day"] < "2010-01-01") == (period == "before_2010")]
    judged = sm.OLS(rows["y"].to_numpy(), sm.add_constant(rows["x"].to_numpy())).fit()
    assert len(rows) == runs
    ours = (slope, error, low, high, r_squared)
    theirs = (judged.params[1], judged.bse[1], *judged.conf_int(0.05)[1], judged.rsquared)
    assert ours == pytest.approx(theirs, rel=1e-9)
    assert doubling == pytest.approx(12 * math.log10(2) / judged.params[1], rel=1e-9)
