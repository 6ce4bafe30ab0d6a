"""Estimates never see compute: they are the same when it is blanked, made false, or planted in the notes they may read."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from flows.collect import Request, collect
from flows.runlog import RunLog
from flows.settings import Settings
from warehouse import derive

pytestmark = pytest.mark.slow

RELEASES = ("models_2024-05-26.csv", "models_2025-06-20.csv", "notable_ai_models_2025-12-02.csv")
COMPUTE = (
    "Training compute (FLOP)", "Training compute lower bound", "Training compute upper bound",
    "Training compute notes", "Training compute estimation method", "Possibly over 1e23 FLOP",
    "Finetune compute (FLOP)", "Finetune compute notes", "Post-training compute (FLOP)", "Post-training compute notes",
    "Training compute cost (2020 USD)", "Training compute cost (2023 USD)", "Training compute cost (cloud)",
    "Training compute cost (upfront)", "Hardware acquisition cost", "Compute cost notes", "Training cost trends",
    "Training cost trends 2", "Training cost trends 3", "Training power draw (W)", "Inference compute (FLOP)",
    "Inference compute notes",
)  # fmt: skip
# All that an estimate may read of a run, in every spelling of the releases; the link tells runs apart.
NOTES = (
    "Parameters notes", "Dataset size notes", "Training dataset notes", "Training time notes", "Utilization notes",
    "Batch size notes", "Abstract",
)  # fmt: skip
ALLOWED = (
    "Model", "System", "Publication date", "Domain", "Link", "Parameters", "Training dataset",
    "Training dataset size (datapoints)", "Training dataset size (gradients)", "Epochs", "Batch size",
    "Training hardware", "Name of the hardware (from Training hardware)", "Hardware quantity", "Training chip-hours",
    "Training time (hours)", "Hardware utilization", "Hardware utilization (MFU)", "Hardware utilization (HFU)",
    "Numerical format", "Base model", *NOTES,
)  # fmt: skip
FALSE_TOTALS = (
    "Training took 7.77e27 FLOP in total.",
    "Total training compute: 2.7 × 10^26 FLOPs.",
    "The whole run used 5,000 petaflop/s-days.",
    "About 31 zettaFLOP of compute went into pre-training.",
    "It was trained with 1.2e25 floating point operations.",
    "Compute = 4.4e24.",
)
FALSE_FACTS = (
    "9e11 parameters (3e11 active), 6e13 tokens seen, 40 epochs, batch of 4M tokens for 1,000,000 steps, "
    "4096 H100 for 200 days, 2e7 GPU-hours, 77% MFU, FP8."
)
OURS = """
select * from compute.estimates where method <> 'reported' order by all
"""
COMBINED = """
select
    run_id, estimated_training_compute_flop, estimated_training_compute_flop_low,
    estimated_training_compute_flop_high, methods
from compute.training_runs
order by all
"""

# Made up by hand: a counted run, one of chips and hours, a fine-tune, a mixture, and one of which only compute is stated.
HAND_MADE = [
    {
        "Model": "Counted", "Domain": "Language", "Publication date": "2021-03-01", "Parameters": "1e9",
        "Parameters notes": "1B", "Training dataset size (datapoints)": "2e10", "Epochs": "1.5",
        "Dataset size notes": "20B tokens, read one and a half times", "Training compute (FLOP)": "9e23",
        "Training compute notes": "6 * 1e9 * 2e10 * 1.5", "Training compute estimation method": "Operation counting",
        "Training compute lower bound": "3e23", "Training compute upper bound": "3e24", "Confidence": "Confident",
    },
    {
        "Model": "Timed", "Domain": "Vision", "Publication date": "2022-03-01", "Training hardware": "NVIDIA A100",
        "Hardware quantity": "64", "Training time (hours)": "100", "Hardware utilization": "0.4",
        "Numerical format": "BF16", "Training time notes": "64 A100 for 100 hours", "Utilization notes": "stated",
        "Training compute (FLOP)": "1e20", "Training compute cost (2023 USD)": "12000", "Confidence": "Likely",
    },
    {
        "Model": "Tuned", "Domain": "Language", "Publication date": "2022-06-01", "Base model": "Counted",
        "Parameters": "1e9", "Training dataset size (datapoints)": "5e7", "Epochs": "3",
        "Finetune compute (FLOP)": "8e18", "Finetune compute notes": "8e18", "Training compute (FLOP)": "9.1e23",
        "Post-training compute (FLOP)": "1e22", "Batch size": "1e6", "Batch size notes": "in tokens",
    },
    {
        "Model": "Mixed", "Domain": "Language", "Publication date": "2024-06-01", "Parameters": "4.6e10",
        "Parameters notes": "46B in all, of which 12B are used for a token", "Dataset size notes": "trained on 2T tokens",
        "Training dataset size (datapoints)": "2e12", "Abstract": "A sparse mixture of experts.",
        "Training compute (FLOP)": "1.5e23",
    },
    {
        "Model": "Totalled", "Domain": "Games", "Publication date": "2019-06-01", "Training compute (FLOP)": "3e22",
        "Training compute notes": "8 V100 for 9 days at 30%", "Confidence": "Speculative",
    },
]  # fmt: skip

Rows = list[dict[str, str]]


@pytest.fixture(scope="module")
def hand_made() -> Rows:
    other_spellings = ("System", "Training dataset size (gradients)")
    headers = [name for name in (*ALLOWED, *COMPUTE, "Confidence") if name not in other_spellings]
    return [{name: row.get(name, "") for name in headers} for row in HAND_MADE]


@pytest.fixture(scope="module", params=RELEASES)
def release(request: pytest.FixtureRequest, shared: Path) -> tuple[Rows, dict[str, list[tuple]]]:
    """The rows of a real release and what the estimates of it are."""
    text = (shared / "data" / "epoch" / request.param).read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    return rows, answers(rows)


def answers(rows: Rows) -> dict[str, list[tuple]]:
    """Every estimate made of such an export, method by method and combined."""
    with built(rows) as con:
        return {"methods": con.sql(OURS).fetchall(), "combined": con.sql(COMBINED).fetchall()}


def built(rows: Rows) -> duckdb.DuckDBPyConnection:
    """Every table made of such an export."""
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "models_2025-06-30.csv"
        path.write_text(out.getvalue(), encoding="utf-8")
        settings = Settings(data_dir=Path(folder) / "data")
        request = Request(("epoch",), {"models": str(path)}, is_offline=True)
        frames = collect(settings, request, RunLog(settings.log_file)).frames
    con = duckdb.connect()
    derive.load_assumptions(con)
    derive.load_raw(con, frames)
    for _ in derive.build(con):
        pass
    return con


def changed(rows: Rows, headers: tuple[str, ...], change: Callable[[str, str], str]) -> Rows:
    """The rows with the cells under some headers changed; `change` is told header and cell."""
    return [{name: change(name, cell) if name in headers else cell for name, cell in row.items()} for row in rows]


def blank(header: str, cell: str) -> str:
    return ""


def false(header: str, cell: str) -> str:
    """A wrong figure or word of the kind the column holds; empty cells are filled."""
    if header.endswith("notes"):
        return " ".join((*FALSE_TOTALS, FALSE_FACTS))
    if header == "Training compute estimation method":
        return "Hardware" if "Operation" in cell else "Operation counting"
    return "7.77e27" if "compute (FLOP)" in header or "bound" in header else "123456789"


def planted(header: str, cell: str) -> str:
    return " ".join((FALSE_TOTALS[0], cell, *FALSE_TOTALS[1:])).strip()


def same(one: dict[str, list[tuple]], other: dict[str, list[tuple]]) -> None:
    for kind in one:
        lost, new = set(one[kind]) - set(other[kind]), set(other[kind]) - set(one[kind])
        assert not lost and not new, f"{kind}: {sorted(lost, key=str)[:3]} became {sorted(new, key=str)[:3]}"


def test_a_hand_made_export_has_the_answers_worked_out_by_hand(hand_made):
    found = {(row[0], row[1]): row[2] for row in answers(hand_made)["methods"]}
    assert found["counted", "operation_counting"] == pytest.approx(6 * 1e9 * 2e10 * 1.5)
    assert found["timed", "hardware_time"] == pytest.approx(64 * 100 * 3600 * 312e12 * 0.4)
    assert not [run for run, _ in found if run == "totalled"], "nothing but compute is stated of it"


@pytest.mark.parametrize("change", [blank, false])
def test_compute_columns_of_a_hand_made_export_change_nothing(hand_made, change):
    same(answers(hand_made), answers(changed(hand_made, COMPUTE, change)))


@pytest.mark.parametrize("header", NOTES)
def test_a_false_total_in_a_note_of_a_hand_made_export_changes_nothing(hand_made, header):
    same(answers(hand_made), answers(changed(hand_made, (header,), planted)))


@pytest.mark.parametrize("change", [blank, false])
def test_compute_columns_of_a_release_change_nothing(release, change):
    rows, known = release
    assert len(known["methods"]) > 100
    assert set(COMPUTE) & set(rows[0]), "no compute column of this spelling"
    same(known, answers(changed(rows, COMPUTE, change)))


def test_columns_an_estimate_may_not_read_change_nothing(release):
    rows, known = release
    others = tuple(header for header in rows[0] if header not in ALLOWED)
    same(known, answers(changed(rows, others, blank)))


def test_false_totals_in_the_notes_of_a_release_change_nothing(release):
    rows, known = release
    assert len(set(NOTES) & set(rows[0])) >= 4, "notes are spelled otherwise"
    same(known, answers(changed(rows, NOTES, planted)))


def test_the_comparison_would_see_a_change(hand_made):
    bigger = changed(hand_made, ("Parameters", "Training time (hours)"), lambda _, cell: cell and str(float(cell) * 2))
    with pytest.raises(AssertionError, match="became"):
        same(answers(hand_made), answers(bigger))


def test_estimates_stand_without_any_fact_that_states_compute(hand_made):
    with built(hand_made) as con:
        before = con.sql(OURS).fetchall()
        con.execute(
            "delete from clean.run_facts"
            " where quantity in (select quantity from raw.quantities where states_compute) or quantity = 'confidence'"
        )
        for model in derive.models():
            if model.name.startswith("compute."):
                con.execute(f"create or replace table {model.name} as {model.query}")
        assert con.sql("select count(*) from compute.estimates where method = 'reported'").fetchall() == [(0,)]
        assert con.sql(OURS).fetchall() == before
