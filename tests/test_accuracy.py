"""The judge of the estimates judged: scores, splits and reasons of five made-up runs, worked out by hand."""

import importlib.util
from math import log10
from pathlib import Path

import duckdb
import pytest

from warehouse import derive

SCRIPT = Path(__file__).resolve().parent.parent / "benchmarks" / "accuracy.py"
A100_HOUR = 3600 * 312e12  # operations of an A100 in an hour at its 16-bit peak
COUNTED = {"parameters": 1e9, "dataset_datapoints": 1e10}  # 6·N·D = 6e19
# Name, domain, base, published FLOP, how the source came by it, inputs, answers as method → (FLOP, low, high).
RUNS = [
    ("Exact", "Language", None, 6e19, "Operation counting", {**COUNTED, "epochs": 1},
     {"operation_counting": (6e19, 4e19, 9e19)}),
    ("Low", "Language", None, 6e20, "Hardware", COUNTED, {"operation_counting": (6e19, 3e19, 3e20)}),
    ("Tuned", "Language;Vision", "Exact", 1.5e20, "Hardware,Operation counting", {**COUNTED, "epochs": 1},
     {"operation_counting": (6e19, 4e19, 9e19)}),
    ("Short", "Vision", None, 64 * 100 * A100_HOUR * 1.6, "Operation counting",
     {"chips": 64, "training_hours": 100, "chip_id": "a100", "number_format": "bf16"},
     {"hardware_time": (64 * 100 * A100_HOUR * 0.4, 1e21, 1e22)}),
    ("Bare", "Games", None, 1e18, None, {}, {}),
]  # fmt: skip


@pytest.fixture(scope="module")
def figures():
    """What the benchmark finds, told that an earlier export lists the first two."""
    spec = importlib.util.spec_from_file_location("accuracy", SCRIPT)
    assert spec is not None and spec.loader is not None
    accuracy = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(accuracy)
    with duckdb.connect() as con:
        derive.load_assumptions(con)
        derive.load_raw(con, {})
        list(derive.build(con))
        for number, run in enumerate(RUNS, 1):
            enter(con, number, *run)
        row(con, "compute.chip_peaks", chip_id="a100", number_format="bf16", peak_flop_per_second=312e12)
        return accuracy.judge(con, ["Exact", " Low "], 2)


def row(con, table, **cells):
    con.execute(
        f"insert into {table} ({', '.join(cells)}) values ({', '.join('?' * len(cells))})", list(cells.values())
    )


def enter(con, number, name, domain, base, published, method, inputs, answers):
    run, place = name.lower(), {"document_id": "0" * 64, "row_number": number}
    row(con, "raw.epoch_models", **place, run_name=name, base_run_name=base, training_compute_flop=published,
        compute_estimation_method=method, published_on=f"{2009 + number}-01-01")  # fmt: skip
    row(con, "clean.run_identities", **place, source="epoch", run_id=run, run_name=name)
    row(con, "clean.runs", run_id=run, run_name=name, domain=domain)
    for word in domain.split(";"):
        row(con, "compute.run_domains", run_id=run, one_domain=word)
    row(con, "compute.run_inputs", run_id=run, **inputs)
    for kind, (flop, low, high) in answers.items():
        row(con, "compute.estimates", run_id=run, method=kind, training_compute_flop=flop, training_compute_flop_low=low,
            training_compute_flop_high=high, compute_scope="final_run", assumptions="")  # fmt: skip
    flop, low, high = next(iter(answers.values()), (None, None, None))
    row(con, "compute.training_runs", run_id=run, estimated_training_compute_flop=flop, methods=";".join(answers),
        estimated_training_compute_flop_low=low, estimated_training_compute_flop_high=high)  # fmt: skip


@pytest.fixture(scope="module")
def scores(figures):
    return {(s["split"], s["part"], s["method"]): s for s in figures["scores"]}


def test_scores_of_a_method(scores):
    score = scores["all", "all", "operation_counting"]
    assert (score["published"], score["n"], score["coverage_share"]) == (5, 3, 0.6)
    assert score["within_1_25_share"] == score["within_2_share"] == pytest.approx(1 / 3)
    assert score["within_3_share"] == pytest.approx(2 / 3)
    assert score["median_miss"] == pytest.approx(log10(2.5))
    assert score["median_log10_ratio"] == pytest.approx(-log10(2.5))
    assert score["p90_miss"] == pytest.approx(log10(2.5) + 0.8 * (1 - log10(2.5)))
    assert score["inside_share"] == pytest.approx(1 / 3)
    assert score["sound_share"] == pytest.approx(1 / 5)


def test_scores_of_all_methods_together(scores):
    score = scores["all", "all", "combined"]
    assert (score["n"], score["within_3_share"], score["inside_share"]) == (4, 0.5, 0.25)


def test_splits(scores):
    counts = {key: (score["published"], score["n"]) for key, score in scores.items()}
    counting = "operation_counting"
    assert counts["language", "one of its domains, no base model", counting] == (2, 2)
    assert counts["base model", "named", counting] == (1, 1)
    assert counts["domain", "Vision", counting] == (2, 1)
    assert counts["domain", "Games", "combined"] == (1, 0)
    assert counts["decade", "2010s", "combined"] == (5, 4)
    assert counts["listed", "before", "combined"] == (2, 2)
    assert counts["listed", "later", "combined"] == (3, 2)
    assert counts["hard score", "counting, judged by hardware, all", counting] == (1, 1)
    assert counts["hard score", "hardware, judged by counting, all", "hardware_time"] == (2, 1)
    assert ("hard score", "counting, judged by hardware, all", "hardware_time") not in counts


def test_the_worst_come_with_a_reason_from_their_inputs(figures):
    worst = {(w["method"], w["run_name"]): w for w in figures["worst"]}
    assert list(worst) == [
        ("operation_counting", "Low"), ("operation_counting", "Tuned"), ("hardware_time", "Short"),
        ("combined", "Low"), ("combined", "Short"),
    ]  # fmt: skip
    assert worst["operation_counting", "Low"]["reason"] == "no epochs stated: published is 10 passes of 6·N·D"
    assert worst["operation_counting", "Tuned"]["reason"].startswith("names a base model: published is 2.5 times")
    assert worst["hardware_time", "Short"]["reason"].startswith("published needs 160% of peak")
    assert worst["hardware_time", "Short"]["ratio"] == pytest.approx(0.25)
    assert worst["combined", "Low"]["reason"] == worst["operation_counting", "Low"]["reason"]


def test_targets_are_held_against_the_scores(figures):
    share = {(t["split"], t["method"], t["figure"]): (t["share"], t["is_met"]) for t in figures["targets"]}
    assert share["all", "combined", "coverage_share"] == (0.8, True)
    assert share["all", "combined", "within_2_share"] == (0.25, False)
    assert share["language", "operation_counting", "within_2_share"] == (0.5, False)
