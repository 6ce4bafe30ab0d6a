"""The curated facts: breadth, sources, agreement with what they were checked against, and the essay's own results."""

from __future__ import annotations

import csv
import math
import re
from collections import defaultdict
from functools import cache
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parent.parent / "flows" / "sources" / "curated"
NAME_COLUMNS = ("Model", "System", "Hardware name", "Name of the hardware", "result", "name", "chip_id")
NUMBER = re.compile(r"[-+]?\d[\d,]*(?:\.\d+)?(?:[eE][-+]?\d+)?")
NEAR = 0.01
# What a figure in words is multiplied by on its way to a fact's unit: days to hours, multiply-adds to operations …
SCALES = {
    "hours": (1, 24),
    "chip_hours": (1,),
    "flop": (1, 2),
    "flop_per_second": (1, 1e9, 1e12, 1e15),
    "op_per_second": (1, 1e9, 1e12, 1e15),
    "bytes": (1, 1e9, 2**30),
    "bytes_per_second": (1, 1e9, 1e12),
    "parameters": (1, 1e6, 1e9),
    "tokens": (1, 1e6, 1e9, 1e12),
    "examples": (1, 1e3, 1e6),
}
# Figures that follow from those in their words, worked out by hand.
MISTRAL_LAYER = (
    2 * 4096 * 4096 + 2 * 4096 * 8 * 128 + 3 * 4096 * 14_336 + 2 * 4096
)  # attention, feed-forward, two norms
WORKED_OUT = {
    ("dqn-2013", "forward_flop_per_example"): 2 * (1.23e6 + 0.66e6 + 0.66e6),
    ("dqn-2013", "examples_seen"): 5e6 * 32,
    ("deep-speech-2", "dataset_examples"): 12_000 * 3600 * 50,
    ("gnmt", "time_repeats"): math.sqrt(10 * 100),
    ("deepseek-67b", "chip_hours"): 300.6e3 * 2,  # a trillion tokens, of which there were 2
    ("deepseek-v2", "chip_hours"): 172.8e3 * 8.1,
    ("mistral-7b", "parameters"): 2 * 32_000 * 4096 + 32 * MISTRAL_LAYER + 4096,  # the sizes of Table 1
}
WORDS = ("chip_id", "number_format", "released_on")


@cache
def table(name: str) -> list[dict[str, str]]:
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def facts() -> list[dict[str, str]]:
    return [{"thing": row.get("run_id") or row["chip_id"], **row} for row in table("run_facts") + table("chip_facts")]


def checked_runs() -> set[str]:
    """Runs of which the figures one estimate follows from, or the printed total, were all compared."""
    known: dict[str, set[str]] = defaultdict(set)
    for row in table("run_facts"):
        if row["checked_against"]:
            known[row["run_id"]].add(row["quantity"])
    return {run for run, there in known.items() if any(ways <= there for ways in _ways())}


def _ways() -> list[set[str]]:
    counted = [
        {size, seen} for size in ("parameters", "active_parameters") for seen in ("tokens_seen", "dataset_tokens")
    ]
    forward = [{"forward_flop_per_example", seen} for seen in ("examples_seen", "dataset_examples")]
    return [{"training_compute_flop"}, {"chips", "training_hours"}, {"chip_hours"}, *counted, *forward]


def test_breadth():
    runs, chips = table("runs"), table("chips")
    assert len({row["run_id"] for row in runs}) == len(runs) >= 130
    assert len({row["chip_id"] for row in chips}) == len(chips) >= 90
    assert len(checked_runs()) >= 90


def test_the_record_begins_with_the_perceptron():
    first = min(table("runs"), key=lambda row: row["published_on"])
    assert first["published_on"].startswith("1958")
    assert first["run_name"].startswith("Perceptron")


def test_ids_are_plain():
    for row in table("runs"):
        assert re.fullmatch(r"[a-z0-9]+([.-][a-z0-9]+)*", row["run_id"]), row["run_id"]
    for row in table("chips"):
        assert re.fullmatch(r"[a-z0-9]+([.-][a-z0-9]+)*", row["chip_id"]), row["chip_id"]


def test_every_source_id_is_known_and_every_source_is_used():
    known = {row["source_id"] for row in table("sources")}
    assert len(known) == len(table("sources"))
    used = {row["source_id"] for row in (*table("runs"), *table("run_facts"), *table("chip_facts"))}
    assert used <= known, sorted(used - known)[:5]
    assert known <= used, sorted(known - used)[:5]


def test_every_fact_is_of_a_listed_run_or_chip():
    runs, chips = {row["run_id"] for row in table("runs")}, {row["chip_id"] for row in table("chips")}
    assert {row["run_id"] for row in table("run_facts")} <= runs
    assert {row["chip_id"] for row in table("chip_facts")} <= chips
    assert {row["value"] for row in table("run_facts") if row["quantity"] == "chip_id"} <= chips
    assert {row["base_run_id"] for row in table("runs")} - {""} <= runs


def test_every_row_of_the_files_is_accepted(built):
    made = built("curated")
    assert made.one("select rows_quarantined from trends.sources where source = 'curated'") == (0,)
    stated = sum(len(table(name)) for name in ("runs", "run_facts", "chips", "chip_facts", "sources"))
    assert made.one("select rows_read from trends.sources where source = 'curated'") == (stated,)
    assert made.one("select count(*) from clean.runs") == (len(table("runs")),)
    assert made.one("select count(*) from clean.chips") == (len(table("chips")),)


def test_sparse_never_stands_in_for_dense():
    peaks = {
        (r["chip_id"], r["quantity"]): float(r["value"])
        for r in table("chip_facts")
        if r["quantity"].startswith("peak_")
    }
    pairs = [(chip, q, q.replace("_dense", "_sparse")) for chip, q in peaks if q.endswith("_dense")]
    both = [(peaks[chip, dense], peaks[chip, sparse], chip) for chip, dense, sparse in pairs if (chip, sparse) in peaks]
    assert len(both) > 30
    for dense, sparse, chip in both:
        assert dense < sparse, chip


# --- what a figure was checked against ---


def test_what_was_checked_says_where():
    for row in facts():
        if row["checked_against"]:
            place, *rest = row["checked_against"].split(" :: ")
            assert re.match(r"data/|reference/|https?://|arXiv:|doi:", place), row
            assert len(rest) == (2 if place.startswith(("data/", "reference/")) and place.endswith(".csv") else 1), row
            assert all(part.strip() for part in rest), row


@cache
def _rows(path: Path) -> dict[str, list[dict[str, str]]]:
    """Rows of a CSV by every name they go under."""
    named = defaultdict(list)
    with path.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            for name in {row.get(column) for column in NAME_COLUMNS} | {next(iter(row.values()))}:
                named[name].append(row)
    return named


@cache
def _text(path: Path) -> str:
    return " ".join(path.read_text(encoding="utf-8", errors="replace").split())


def _figures(words: str) -> list[float]:
    """Numbers in words, also with a magnitude behind them: 4.5 million, 300B, 7.52×109 (ten to the ninth)."""
    magnitudes = {"k": 1e3, "m": 1e6, "million": 1e6, "b": 1e9, "billion": 1e9, "t": 1e12, "trillion": 1e12}
    found = []
    for match in NUMBER.finditer(words):
        number = float(match[0].replace(",", "").rstrip("."))
        after = re.match(r"\s*[–-]?\s*(million|billion|trillion|[kKMBT]\b)", words[match.end() :])
        power = re.match(r"\s*[×·]\s*10(\d{1,2})\b", words[match.end() :])
        found += [number, *([number * magnitudes[after[1].lower()]] if after else [])]
        found += [number * 10.0 ** int(power[1])] if power else []
    return found


def _agrees(row: dict[str, str], words: str, scales: tuple[float, ...] = (1,)) -> bool:
    if row["quantity"] in WORDS:
        return row["value"].lower() in words.lower()
    value = float(row["value"])
    return any(math.isclose(figure * scale, value, rel_tol=NEAR) for figure in _figures(words) for scale in scales)


def _fault_in_table(row: dict[str, str], path: Path, name: str, column: str) -> str:
    rows = [found for found in _rows(path)[name] if column in found]
    if not rows:
        return f"no row {name!r} with a column {column!r}"
    cells = [found[column] or "" for found in rows]
    return "" if any(_agrees(row, cell) for cell in cells) else f"{row['value']} is not in {cells}"


def _fault_in_text(row: dict[str, str], path: Path, words: str) -> str:
    if " ".join(words.split()) not in _text(path):
        return "the words are not in the file"
    if row["quantity"] in WORDS:
        return ""  # a chip's name is spelled otherwise than its id
    figure = WORKED_OUT.get((row["thing"], row["quantity"]))
    if figure is not None:
        return "" if math.isclose(figure, float(row["value"]), rel_tol=NEAR) else f"{row['value']} is not {figure:g}"
    return (
        ""
        if _agrees(row, words, SCALES.get(row["unit"], (1,)))
        else f"{row['value']} {row['unit']} is not in {words!r}"
    )


def test_a_figure_checked_against_a_shared_file_agrees_with_it(shared):
    """Each such figure is followed to its cell or words, which hold it within 1%."""
    faults, followed = [], 0
    for row in facts():
        place, *rest = row["checked_against"].split(" :: ")
        if not place.startswith(("data/", "reference/")):
            continue
        followed += 1
        path = shared / place
        if not path.is_file():
            fault = "no such file"
        else:
            fault = (_fault_in_table if place.endswith(".csv") else _fault_in_text)(row, path, *rest)
        if fault:
            faults.append(f"{row['thing']}.{row['quantity']} ({place}): {fault}")
    assert followed > 1500
    assert faults == []


# --- the essay: "AI and Compute" (OpenAI, 2018), its worked runs and its chart ---

# Printed petaflop/s-days of the page's appendix by method: (a) counted operations, (b) GPU time.
WORKED = [
    ("alexnet", "hardware_time", 0.0058),
    ("alexnet", "operation_counting", 0.0054),
    ("dropout-imagenet", "hardware_time", 0.0021),
    ("zf-net", "hardware_time", 0.0062),
    ("dqn-2013", "operation_counting", 2.7e-5),
    ("seq2seq", "hardware_time", 0.093),
    ("seq2seq", "operation_counting", 0.129),  # printed 0.085, a slip: its factors multiply to 0.129
    ("vgg-16", "operation_counting", 0.098),
    ("vgg-16", "hardware_time", 0.101),  # printed 0.12, a slip: its factors multiply to 0.101
    ("resnet-152", "operation_counting", 0.117),
    ("deep-speech-2", "operation_counting", 0.30),
    ("deep-speech-2", "hardware_time", 0.25),
    ("xception", "hardware_time", 5.0),
    ("nas-cifar-10", "operation_counting", 22),
    ("nas-cifar-10", "hardware_time", 31),
    ("gnmt", "hardware_time", 79),
]
UNWORKED = ("googlenet", "openai-dota-1v1", "alphago-zero", "alphazero")


@pytest.mark.parametrize(("run", "method", "printed"), WORKED)
def test_a_worked_run_of_the_essay_is_within_a_quarter(built, run, method, printed):
    days = built("curated", profile="openai-2018").one(
        "select training_compute_pfs_days from compute.estimates where run_id = ? and method = ?", run, method
    )[0]
    assert days == pytest.approx(printed, rel=0.25)


def test_our_estimates_of_worked_runs_read_no_stated_compute(built):
    """The other way round: every estimate of the worked runs that is not `reported` is one the essay works out."""
    runs = sorted({run for run, _, _ in WORKED})
    found = built("curated").rows(
        "select run_id, method from compute.estimates where method <> 'reported' and list_contains(?, run_id)", runs
    )
    assert set(found) == {(run, method) for run, method, _ in WORKED}


@pytest.mark.parametrize("run", UNWORKED)
def test_charted_runs_without_a_worked_example_have_no_estimate_of_ours(built, run):
    made = built("curated")
    assert made.rows("select method from compute.estimates where run_id = ?", run) == [("reported",)]
    estimated, source = made.one(
        "select estimated_training_compute_flop, training_compute_source from compute.training_runs where run_id = ?",
        run,
    )
    assert (estimated, source) == (None, "reported")


def test_the_fitted_list_is_the_chart_without_its_five_modest_runs(built, shared):
    made = built("curated")
    members = {run for (run,) in made.rows("select run_id from compute.run_selections where selection = 'openai_2018'")}
    charted = {
        run for (run,) in made.rows("select run_id from compute.run_selections where selection = 'openai_2018_charted'")
    }
    assert (len(members), len(charted)) == (15, 20)
    assert members == {run for run, _, _ in WORKED} | set(UNWORKED)
    assert charted - members == {"word2vec", "vae", "gan", "adam-experiments", "transformer-big"}
    with (shared / "data" / "openai-2018" / "compute.csv").open(encoding="utf-8-sig", newline="") as file:
        chart = [(row["publication_date"], float(row["overall_peta_flop_days"])) for row in csv.DictReader(file)]
    ours = made.rows(
        """select published_on::varchar, published_training_compute_pfs_days from assumptions.selection_members
        where selection = 'openai_2018_charted'"""
    )
    assert sorted(ours) == sorted(chart)


def test_the_essays_doubling_time(built):
    """3.44 months on the fifteen runs it fitted, as its first edition prints 3.43; the 95% interval holds the 3.4."""
    runs, months, low, high = built("curated").one(
        """select runs, doubling_months, doubling_months_low, doubling_months_high from trends.metric_trends
        where metric = 'published_training_compute' and selection = 'openai_2018' and period = '2012_2018'"""
    )
    assert runs == 15
    assert months == pytest.approx(3.44, abs=0.005)
    assert low < 3.4 < high


def test_all_twenty_charted_rows_double_faster(built):
    runs, months = built("curated").one(
        """select runs, doubling_months from trends.metric_trends
        where metric = 'published_training_compute' and selection = 'openai_2018_charted' and period = '2012_2018'"""
    )
    assert runs == 20
    assert months == pytest.approx(3.31, abs=0.005)


def test_growth_from_alexnet_to_alphago_zero(built):
    """More than 300,000x where a doubling every two years gives 7x."""
    start, end, factor, two_year = built("curated").one(
        """select from_run_id, to_run_id, growth_factor, two_year_doubling_factor from trends.growth
        where metric = 'published_training_compute' and selection = 'openai_2018'"""
    )
    assert (start, end) == ("alexnet", "alphago-zero")
    assert factor == pytest.approx(321_726, abs=1)
    assert two_year == pytest.approx(6.46, abs=0.005)
