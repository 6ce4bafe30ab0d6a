"""The judge of the estimates judged: scores, splits, blame and reasons of made-up runs, worked out by hand."""

import importlib.util
from math import log, log10, sqrt
from pathlib import Path

import duckdb
import pytest

from warehouse import derive

SCRIPT = Path(__file__).resolve().parent.parent / "benchmarks" / "accuracy.py"
A100_HOUR = 3600 * 312e12  # operations of an A100 in an hour at its 16-bit peak
HOURS = {"chips": 64, "training_hours": 100, "chip_id": "nvidia-a100", "number_format": "bf16"}
COUNTED = {"parameters": 1e9, "dataset_datapoints": 1e10, "counted_parameters": 1e9, "counted_tokens": 1e10}  # 6e19
COUNTING, HARDWARE = "operation_counting", "hardware_time"
# Name, domain, base, published FLOP, how the source came by it, inputs, answers as method → (FLOP, factor of the interval).
RUNS = [
    ("Exact", "Language", None, 6e19, "Operation counting", {**COUNTED, "epochs": 1}, {COUNTING: (6e19, 1.5)}),
    ("Low", "Language", None, 7e20, "Hardware", COUNTED, {COUNTING: (6e19, 5)}),
    ("Tuned", "Language;Vision", "Exact", 1.4e20, "Hardware,Operation counting", {**COUNTED, "epochs": 1},
     {COUNTING: (6e19, 1.5)}),
    ("Short", "Vision", None, 6400 * A100_HOUR * 1.6, "Operation counting", HOURS, {HARDWARE: (6400 * A100_HOUR * 0.4, 3)}),
    ("Vector", "Vision", None, 6400 * 3600 * 78e12 * 0.3, "Hardware", HOURS, {HARDWARE: (6400 * A100_HOUR * 0.4, 3)}),
    ("Noted", "Language", None, 2.4e21, "Operation counting", {**COUNTED, "epochs": 1}, {COUNTING: (6e19, 1.5)}),
    ("Doubted", "Language", None, 6400 * A100_HOUR * 0.4, "Hardware", {**HOURS, **COUNTED},
     {HARDWARE: (6400 * A100_HOUR * 0.4, 3), COUNTING: (6e19, 1.5, "the hardware did 48 times as much in its time")}),
    ("Bare", "Games", None, 1e18, None, {}, {}),
]  # fmt: skip
NOTES = {
    "Noted": {"training_compute_notes": "6 * 1B * 400B", "dataset_size_notes": "It saw 4*10^11 tokens."},
    "Bare": {"training_compute_notes": "1.6B, 300 billion, 3.4e12, 9*10^9, 5 × 10**8, 1,200 and 64"},
}


@pytest.fixture(scope="module")
def accuracy():
    """The script as a module."""
    spec = importlib.util.spec_from_file_location("accuracy", SCRIPT)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def figures(accuracy):
    """What the benchmark finds, told that an earlier export lists the first two."""
    with duckdb.connect() as con:
        derive.load_assumptions(con)
        derive.load_raw(con, {})
        list(derive.build(con))
        for number, run in enumerate(RUNS, 1):
            enter(con, number, *run)
        row(
            con, "clean.chips", chip_id="nvidia-a100", peak_bf16_dense=312e12, peak_fp16_vector=78e12, peak_fp32=19.5e12
        )
        found = accuracy.judge(con, ["Exact", " Low "], 3)
        of_notes = con.execute("select figure from figures where run_id = 'bare' order by figure").fetchall()
        return found | {"figures": [figure for (figure,) in of_notes]}


def row(con, table, **cells):
    known = {name for (name,) in con.execute(f"select column_name from (describe {table})").fetchall()}
    cells = {name: cell for name, cell in cells.items() if name in known}
    con.execute(
        f"insert into {table} ({', '.join(cells)}) values ({', '.join('?' * len(cells))})", list(cells.values())
    )


def enter(con, number, name, domain, base, published, method, inputs, answers):
    run, place = name.lower(), {"document_id": "0" * 64, "row_number": number}
    base_run = base.lower() if base else None
    row(con, "raw.epoch_models", **place, run_name=name, base_run_name=base, training_compute_flop=published,
        compute_estimation_method=method, published_on=f"{2009 + number}-01-01", **NOTES.get(name, {}))  # fmt: skip
    row(con, "clean.run_identities", **place, source="epoch", run_id=run, run_name=name)
    row(con, "clean.runs", run_id=run, run_name=name, domain=domain, base_run_id=base_run)
    for word in domain.split(";"):
        row(con, "compute.run_domains", run_id=run, one_domain=word)
    row(con, "compute.run_inputs", run_id=run, **inputs)
    if "counted_tokens" in inputs:
        row(con, "compute.run_counts", run_id=run, count_rule="datapoints_epochs" if "epochs" in inputs else "one_pass",
            **inputs)  # fmt: skip
    if "chips" in inputs:
        row(con, "compute.run_peaks", run_id=run, chip_id="nvidia-a100", peak_precision="peak_bf16_dense",
            peak_flop_per_second=312e12)  # fmt: skip
    for kind, (flop, factor, *set_aside) in answers.items():
        row(con, "compute.estimates", run_id=run, method=kind, training_compute_flop=flop, spread_factor=factor,
            compute_scope="final_run", assumptions="", set_aside_reason=next(iter(set_aside), None))  # fmt: skip
    if answers:
        flop, factor, *_ = next(iter(answers.values()))
        scope = "final_run"
        row(con, "compute.combined_estimates", run_id=run, compute_scope=scope, estimated_training_compute_flop=flop,
            spread_factor=factor, base_runs=0)  # fmt: skip
        if base:  # the base counts 6e19 within 1.5x too: the sum of two equal parts has 1 / √2 of their spread
            flop, factor, scope = 2 * flop, factor ** sqrt(0.5), "with_base_model"
        row(con, "compute.training_runs", run_id=run, estimated_training_compute_flop=flop, methods=";".join(answers),
            estimated_training_compute_flop_low=flop / factor, estimated_training_compute_flop_high=flop * factor,
            estimated_compute_scope=scope)  # fmt: skip


@pytest.fixture(scope="module")
def scores(figures):
    return {(s["split"], s["part"], s["method"]): s for s in figures["scores"]}


def test_scores_of_a_method(scores):
    score = scores["all", "all", COUNTING]  # ratios 1, 3/35, 6/7 (with its base) and 1/40
    assert (score["published"], score["n"], score["coverage_share"]) == (8, 4, 0.5)
    assert score["within_1_25_share"] == score["within_2_share"] == score["within_3_share"] == 0.5
    assert score["median_log10_ratio"] == pytest.approx((log10(3 / 35) + log10(6 / 7)) / 2)
    assert score["median_miss"] == pytest.approx((log10(35 / 3) + log10(7 / 6)) / 2)
    assert score["p90_miss"] == pytest.approx(0.3 * log10(35 / 3) + 0.7 * log10(40))
    assert score["sound_share"] == pytest.approx(2 / 8)


def test_an_interval_is_of_the_run_with_its_base(scores):
    # 1.2e20 within 1.5 ** sqrt(0.5) = 1.33 holds 1.4e20; each half alone, 1.5 ** 0.5 = 1.22, would as well.
    assert log(1.4 / 1.2) < sqrt(0.5) * log(1.5)
    assert scores["base model", "named", COUNTING]["inside_share"] == 1
    assert scores["all", "all", COUNTING]["inside_share"] == 0.5


def test_what_is_set_aside_is_shown_apart(scores):
    assert scores["all", "all", f"{COUNTING}, set aside"]["n"] == 1
    assert scores["all", "all", "combined"]["n"] == 7


def test_splits(scores):
    counts = {key: (score["published"], score["n"]) for key, score in scores.items()}
    assert counts["language", "one of its domains, no base model", COUNTING] == (4, 3)
    assert counts["base model", "named", COUNTING] == (1, 1)
    assert counts["domain", "Vision", COUNTING] == (3, 1)
    assert counts["domain", "Games", "combined"] == (1, 0)
    assert counts["decade", "2010s", "combined"] == (8, 7)
    assert counts["listed", "before", "combined"] == (2, 2)
    assert counts["listed", "later", "combined"] == (6, 5)
    assert counts["hard score", "counting, judged by hardware, all", COUNTING] == (3, 1)
    assert counts["hard score", "hardware, judged by counting, all", HARDWARE] == (3, 1)
    assert ("hard score", "counting, judged by hardware, all", HARDWARE) not in counts


def test_the_worst_come_with_a_fault_and_a_reason(figures):
    worst = {(w["method"], w["run_name"]): w for w in figures["worst"]}
    assert [name for method, name in worst if method == COUNTING] == ["Noted", "Low", "Tuned"]
    told = {
        name: (worst[key]["fault"], worst[key]["reason"]) for key in worst if (name := key[1]) and key[0] != "combined"
    }
    assert told["Low"] == ("inputs", "no epochs stated: published is 11.7 passes")
    assert told["Noted"] == ("our method", "published counts 4e+11 tokens; ours 1e+10")
    assert told["Short"] == ("inputs", "published needs 160% of peak")
    assert told["Vector"][0] == "published value" and "7.8e+13 FLOP/s × 0.3" in told["Vector"][1]
    assert worst[HARDWARE, "Short"]["ratio"] == pytest.approx(0.25)
    assert worst["combined", "Low"]["reason"] == f"{COUNTING}: {told['Low'][1]}"


def test_blame_is_counted_and_mistaken_values_are_left_out_once(figures, scores):
    blame = {(b["method"], b["fault"]): b["misses"] for b in figures["blame"]}
    assert blame[HARDWARE, "published value"] == blame[HARDWARE, "inputs"] == 1
    assert blame[COUNTING, "our method"] == blame[COUNTING, "inputs"] == 1
    assert sum(b["misses"] for b in figures["blame"] if b["method"] == "combined") == 4
    assert figures["mistaken"] == [{"runs": 1, "published": 8, "judged": 1}]
    assert scores["published sound", "all", "combined"]["n"] == 6


def test_figures_of_notes_are_read(figures):
    assert figures["figures"] == pytest.approx([64, 1200, 5e8, 1.6e9, 9e9, 3e11, 3.4e12])


def test_runs_with_sound_inputs(figures):
    told = {row["inputs"]: (row["runs"], row["answered"]) for row in figures["sound"]}
    assert told["parameters, tokens and passes"] == (2, 2)
    assert told["parameters and tokens, passes not stated"] == (2, 2)
    assert told["a known chip and its hours"] == (3, 3)
    assert told["none of them"] == (2, 1)
    assert told["all"] == (8, 7)


def test_targets_are_held_against_the_scores(figures):
    share = {(t["split"], t["method"], t["figure"]): (t["share"], t["is_met"]) for t in figures["targets"]}
    assert share["all", "combined", "answered_share"] == (7 / 8, True)
    assert share["all", "combined", "within_2_share"] == (3 / 7, False)
    assert share["language", COUNTING, "within_2_share"] == (1 / 3, False)


def test_exports_of_a_folder_are_told_by_their_header(accuracy, tmp_path):
    (tmp_path / "b.csv").write_text("Model,Parameters,Training compute (FLOP)\n", encoding="utf-8")
    (tmp_path / "a.csv").write_text("Hardware,FP32\n", encoding="utf-8")
    assert accuracy.releases(tmp_path) == [tmp_path / "b.csv"]
