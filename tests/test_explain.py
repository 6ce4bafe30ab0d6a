"""Answers of one run: figures worked out by hand, places that lead to archived cells, names that are not known or hostile."""

import csv
import io
import json
import math
import re
import unicodedata
from statistics import NormalDist

import duckdb
import pytest

from flows import estimate as estimating
from flows import explain as explaining
from flows.answers import WIDTH, Page, figure, lines, safe
from flows.estimate import Stated, UnknownChip, estimate, number, stated_by
from flows.explain import READS, WAYS, explain
from flows.names import UnknownRun, find
from flows.places import COMMAND_LINE, Places
from flows.sources import curated
from schemas.tables import LAYERS
from warehouse import derive
from warehouse.archive import Archive
from warehouse.release import rows

HOSTILE = "\x1b[31mEvil\u202e\u009b2J"
NOTE = "A first try failed. The model was trained on 64 A100 GPUs for 10 days."
TOKENS = "The model was trained on 300B tokens."
HEADER = [
    "Model", "Domain", "Publication date", "Parameters", "Training compute (FLOP)", "Training dataset size (datapoints)",
    "Epochs", "Hardware utilization", "Exclude", "Training hardware", "Base model", "Organization", "Training time notes",
]  # fmt: skip
LISTED = [
    ["AlexNet", "Vision", "2012-09-30", "61000000", "4.70E+17", "1200000", "", "0.313", "", "", "", "Toronto", ""],
    [
        HOSTILE,
        "Language",
        "2021-01-01",
        "7e9",
        "",
        "1e12",
        "2",
        "",
        "true",
        "No\x07 chip\x1b]0;x\x07",
        "",
        "Ev\nil",
        "",
    ],
    ["Small tune", "Language", "2021-02-01", "1.3e9", "", "1e9", "3", "", "", "", HOSTILE, "Nobody", ""],
    ["Pictures", "Vision", "2021-03-01", "1e8", "", "1e6", "90", "", "", "NVIDIA A100", "", "Nobody", NOTE],
    ["At odds", "Language", "2021-04-01", "1e11", "", "1e12", "1", "", "", "NVIDIA A100", "", "Nobody", NOTE],
    ["Read thrice", "Language", "2021-05-01", "1e9", "", "1e11", "", "", "", "", "", "Nobody", TOKENS],
    ["Told tune", "Language", "2021-07-01", "1.3e9", "1e20", "1e9", "3", "", "", "", HOSTILE, "Nobody", ""],
    ["Read once", "Language", "2021-06-01", "1e9", "", "3e11", "1", "", "", "", "", "Nobody", TOKENS],
]


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """An export: a run the curated facts know otherwise, one named to harm, one on top of it, one of images, one at odds."""
    path = tmp_path_factory.mktemp("explain") / "models_2025-01-02.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([HEADER, *LISTED])
    return path


@pytest.fixture(scope="module")
def archive(tmp_path_factory, models):
    """An archive of just the documents the tables are made of."""
    archive = Archive(tmp_path_factory.mktemp("archive"))
    for dataset in curated.DATASETS:
        archive.put("curated", dataset, *curated.fetch(dataset))
    archive.put("epoch", "models", models.name, models.read_bytes())
    return archive


@pytest.fixture(scope="module")
def con(built, models):
    """Tables of the curated facts and the export."""
    return built("curated", "epoch", models=models).con


@pytest.fixture(scope="module")
def told(con, archive):
    """A function that explains a run by name."""
    places = Places(con, archive)
    return lambda name: explain(con, find(con, name), places)


@pytest.fixture(scope="module")
def latest(con, tmp_path_factory):
    """A release folder's database with the tables an answer is read from."""
    folder = tmp_path_factory.mktemp("release")
    with duckdb.connect(str(folder / "aicompute.duckdb")) as file:
        file.execute("create table versions as select 7 as version, date '2025-01-02' as as_of_on")
        for name in {*READS, *(r for model in derive.models() for r in model.reads)} - {"clean.runs"}:
            if name.startswith(("clean.", "raw.")):
                file.execute(f"create schema if not exists {name.split('.')[0]}")
                derive.store(file, name, con.execute(f"from {name}").pl())
    return folder


def method(answer, name):
    return next((row for row in answer["methods"] if row["method"] == name), None)


def used(answer, quantity):
    return next(row for row in answer["inputs"] if row["quantity"] == quantity)


def places_in(value):
    """Every place anywhere in an answer."""
    if isinstance(value, dict):
        if "document_id" in value:
            yield value
        for inner in value.values():
            yield from places_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from places_in(inner)


# --- a run of the tables ---------------------------------------------------------------------------------------------


def test_alexnet_as_the_essay_counts_it(told):
    """2 GTX 580 for 5.5 days at 1.58 TFLOPS and a third: 0.0057 pfs-days; 1.2e6 × 90 × 0.75e9 × 2 × 3 = 4.86e17."""
    answer = told("alexnet")
    hardware = method(answer, "hardware_time")
    assert hardware["training_compute_pfs_days"] == pytest.approx(2 * 5.5 * 86400 * 1.581e12 * 0.33 / 8.64e19)
    assert round(hardware["training_compute_pfs_days"], 5) == 0.00574
    assert method(answer, "operation_counting")["training_compute_flop"] == pytest.approx(1.2e6 * 90 * 0.75e9 * 2 * 3)
    assert answer["answer"]["training_compute_source"] == "reported"
    assert answer["answer"]["stated_by"]["value"] == answer["answer"]["training_compute_flop"] == 4.7e17
    assumed = [row for row in answer["assumptions"] if row["table"] == "assumptions.utilisation"]
    assert [(row["row"]["value_share"], "essay" in row["reason"]) for row in assumed] == [(0.33, True)]


def test_inputs_stand_in_archived_cells(told, archive):
    """A CSV reader of our own finds in the archived bytes just the cell the answer prints."""
    answer = told("alexnet")
    found = [place for place in places_in(answer) if place["cell"] is not None]
    assert len(found) > 15
    for place in found:
        path = archive.folder.parent / archive.folder.name / place["archive_path"].removeprefix("archive/")
        header, *body = csv.reader(io.StringIO(path.read_text(encoding="utf-8"), newline=""))
        assert body[place["row_number"] - 1][header.index(place["column_name"])] == place["cell"]
    for row in answer["inputs"]:
        cell = row["fact"]["place"]["cell"]
        assert (float(cell) if isinstance(row["value"], float) else cell) == row["value"]


def test_a_figure_of_a_note_brings_its_sentence(told):
    """64 chips and 10 days stand in words alone: 64 × 240 h × 3600 × 312e12 × the share the profile assumes."""
    answer = told("Pictures")
    for quantity, value in (("chips", 64), ("training_hours", 240)):
        fact = used(answer, quantity)["fact"]
        assert (fact["value"], fact["how"], fact["place"]["column_name"]) == (value, "text", "Training time notes")
        assert fact["place"]["cell"] == NOTE
        assert fact["quote"].rstrip(".") == "The model was trained on 64 A100 GPUs for 10 days"
    share = next(r["row"]["value_share"] for r in answer["assumptions"] if r["table"] == "assumptions.utilisation")
    assert method(answer, "hardware_time")["training_compute_flop"] == pytest.approx(64 * 240 * 3600 * 312e12 * share)


def test_tokens_that_notes_alone_state_are_an_input_with_their_sentence(told):
    """Of a set of 1e11 tokens 3e11 were seen, says the note: 6 × 1e9 × 3e11 = 1.8e21."""
    answer = told("Read thrice")
    assert method(answer, "operation_counting")["training_compute_flop"] == pytest.approx(1.8e21)
    seen = used(answer, "tokens_seen")
    assert (seen["value"], seen["fact"]["place"]["cell"]) == (3e11, TOKENS)
    assert seen["fact"]["quote"].rstrip(".") == "The model was trained on 300B tokens"
    assert not [fact for fact in answer["not_used"] if fact["quantity"] == "tokens_seen"]


def test_what_a_note_says_again_is_told_apart_from_what_is_counted(told):
    """The size of the set is 3e11 datapoints, the note tells that they are tokens; a chip in a note yields to its column."""
    unused = {fact["quantity"]: fact["reason"] for fact in told("Read once")["not_used"]}
    assert unused == {"tokens_seen": "read only to tell whether the size of the set is in tokens or in words"}
    reasons = {fact["quantity"]: fact["reason"] for fact in told("At odds")["not_used"]}
    assert reasons["training_hardware"] == "the chip is stated by a column, which goes before notes"


def test_what_another_source_states_stands_beside(told):
    answer = told("alexnet")
    parameters = used(answer, "parameters")
    assert (parameters["value"], parameters["fact"]["source"]) == (6e7, "curated")
    assert [(f["value"], f["source"], f["place"]["cell"], f["is_equal"]) for f in parameters["also_stated"]] == [
        (6.1e7, "epoch", "61000000", False)
    ]
    unused = {fact["quantity"]: fact for fact in answer["not_used"]}
    assert unused["utilisation"]["place"]["cell"] == "0.313"
    assert "curated" in unused["utilisation"]["reason"]
    assert "also stated: 6.1e7 parameters" in "\n".join(lines(answer))


def test_bytes_that_are_not_here_are_said_to_be_elsewhere(con, tmp_path):
    answer = explain(con, "alexnet", Places(con, Archive(tmp_path)))
    assert {(p["is_in_archive"], p["cell"]) for p in places_in(answer)} == {(False, None)}
    assert "its bytes are not in the archive" in re.sub(r"\s+", " ", "\n".join(lines(answer)))


def test_archived_bytes_that_changed_are_named(con, tmp_path):
    archive = Archive(tmp_path)
    document = archive.put("curated", "run_facts", *curated.fetch("run_facts"))
    archive.path(document.document_id).write_bytes(b"run_id,quantity\n")
    answer = explain(con, "alexnet", Places(con, archive))
    faults = {p["fault"] for p in places_in(answer) if p["document_id"] == document.document_id}
    assert len(faults) == 1 and "do not match their hash" in faults.pop()


def test_a_page_that_is_no_table_gives_the_whole_row(root, tmp_path):
    """Of a maker's page there is no cell under a header, so the row its reader makes is given instead."""
    archive = Archive(tmp_path)
    page = (root / "tests/sources/amd_chips/mi900x.html").read_bytes()
    document = archive.put("amd_chips", "specifications", "mi900x.html", page)
    with duckdb.connect() as scratch:
        scratch.execute("create schema raw")
        scratch.execute(
            "create table raw.documents as select ? as document_id, 'amd_chips' as source, 'specifications' as dataset,"
            " 'mi900x.html' as document_name, null as as_of_on, 1 as archive_order",
            [document.document_id],
        )
        places = Places(scratch, archive)
    place = places.place(document.document_id, 1, None)
    assert place["cell"] is None and "MI900X" in json.loads(place["row"])["chip_name"]
    assert "no row 999" in places.place(document.document_id, 999, None)["fault"]


def test_a_run_that_only_we_estimate(told):
    """Own training 6 × 1.3e9 × 1e9 × 3 epochs = 2.34e19, base 6 × 7e9 × 1e12 × 2 = 8.4e22; its source counts both."""
    answer = told("Small tune")
    assert answer["answer"]["training_compute_source"] == "estimated"
    assert method(answer, "operation_counting")["training_compute_flop"] == pytest.approx(2.34e19)
    assert answer["answer"]["base_run"]["training_compute_flop"] == pytest.approx(8.4e22)
    assert answer["answer"]["training_compute_flop"] == pytest.approx(8.40234e22)
    assert answer["answer"]["compute_scope"] == "with_base_model"
    missing = {row["method"]: row for row in answer["missing_methods"]}
    assert missing["hardware_time"]["needs"] == [[["chip_id"], ["chip_hours", "chips and training_hours"]]]
    text = re.sub(r"\s+", " ", "\n".join(lines(answer)))
    assert "our estimate of the final run of one model: 2.34e19 FLOP" in text
    assert "hardware time: it would take chip id, with chip hours or chips and training hours" in text


def test_a_figure_below_that_of_the_base_model_is_said_to_count_no_base(told):
    """1e20 are stated on top of a base of 8.4e22; a tune without a figure of its own has nothing to be warned of."""
    assert any("alone, so it cannot count that model too" in text for text in told("Told tune")["caveats"])
    assert not any("cannot count that model" in text for text in told("Small tune")["caveats"])


def test_an_interval_that_a_source_states_has_no_factor(told):
    """Its two ends lie differently far from the figure; elsewhere the factor is the one the interval is made with."""
    answer = told("gpt-4")
    assert method(answer, "reported")["spread_factor"] is None
    assert "by bounds its source states" in re.sub(r"\s+", " ", "\n".join(lines(answer)))
    for row in told("alexnet")["methods"]:
        assert row["training_compute_flop_high"] == pytest.approx(row["training_compute_flop"] * row["spread_factor"])


def test_a_count_that_would_be_a_guess_says_why(told):
    """A million images are no tokens: parameters and epochs count nothing."""
    reasons = {row["method"]: row["reason"] for row in told("Pictures")["missing_methods"]}
    assert "a datapoint of Vision is one of examples, not a token" in reasons["operation_counting"]
    assert reasons["reported"] == "no source states the compute of this run"


@pytest.mark.parametrize("name", ["alexnet", "gpt-3-175b", "Small tune"])
def test_the_printed_arithmetic_gives_the_printed_figure(told, name):
    """What stands left of the equals sign, multiplied out, is the answer, to the four digits it is printed with."""
    answer = told(name)
    checked = 0
    for line in lines(answer):
        found = re.fullmatch(r" *with numbers: ([0-9.e+× ]+) = ([0-9.e+]+)", line)
        if found:
            product = math.prod(float(factor) for factor in found[1].split(" × "))
            assert product == pytest.approx(float(found[2]), rel=2e-3)
            assert any(row["training_compute_flop"] == pytest.approx(product, rel=2e-3) for row in answer["methods"])
            checked += 1
    assert checked == len([row for row in answer["methods"] if row["method"] != "reported"]) > 0


def test_a_method_that_cannot_be_right_is_set_aside(told):
    """6 × 1e11 × 1e12 = 6e23 counted; 64 A100 at their whole peak for 10 days do 1.73e22, a thirtieth of it."""
    answer = told("At odds")
    counted = method(answer, "operation_counting")
    assert counted["training_compute_flop"] == pytest.approx(6e23)
    assert counted["training_compute_flop"] > 30 * 64 * 240 * 3600 * 312e12
    assert (counted["weight_share"], method(answer, "hardware_time")["weight_share"]) == (0, 1)
    assert answer["answer"]["methods"] == "hardware_time"
    text = re.sub(r"\s+", " ", "\n".join(lines(answer)))
    assert f"set aside: {counted['set_aside_reason']}" in text
    assert "operation counting and hardware time cannot both be right" in text


def test_the_parts_of_the_methods_make_a_whole(told):
    answer = told("alexnet")
    assert sum(row["weight_share"] or 0 for row in answer["methods"]) == pytest.approx(1)
    others = {one["profile"]: one["training_compute_flop"] for one in method(answer, "hardware_time")["other_profiles"]}
    # 40% of the peak where the profile "epoch" has no language model before it.
    assert others["epoch"] == pytest.approx(2 * 5.5 * 86400 * 1.581e12 * 0.4)


def test_the_answer_as_json_has_its_keys(told):
    answer = told("alexnet")
    assert set(answer) == {
        "run", "answer", "inputs", "not_used", "methods", "missing_methods", "assumptions", "hardware", "costs", "caveats",
        "sources", "disagreements", "counted", "profile", "thresholds",
    }  # fmt: skip
    for row in answer["inputs"]:
        assert set(row) == {"quantity", "meaning", "value", "unit", "fact", "also_stated"}
        place = row["fact"]["place"]
        assert {"document_id", "row_number", "column_name", "cell"} <= set(place)
        assert re.fullmatch(r"[0-9a-f]{64}", place["document_id"])


# --- thresholds in law -----------------------------------------------------------------------------------------------


def held(scratch, **about):
    """How one made-up run stands to each threshold, by name, and the lines that are printed of it."""
    run = {"run_id": "one", "run_kind": "training", "published_on": "2024-01-01", "domain": "Language"}
    run |= {"compute_scope": "final_run", "is_excluded_by_source": False, "training_compute_flop": 3.14e23} | about
    flop = run["training_compute_flop"]
    run |= {"training_compute_flop_low": flop / 3, "training_compute_flop_high": flop * 3}
    estimating._table(scratch, "compute.training_runs", [run])
    for name in ("compute.counted_runs", "compute.threshold_crossings"):
        query = next(model.query for model in derive.models() if model.name == name)
        scratch.execute(f"create or replace table {name} as {query}")
    found = explaining._thresholds(scratch, run)
    printed = Page({"thresholds": found, "run": run, "answer": {"training_compute_flop": flop}})._thresholds()
    return {row["compute_threshold"]: row for row in found}, [text for _, text in printed]


@pytest.fixture(scope="module")
def scratch():
    """The formulas and assumptions, and room for one run."""
    with duckdb.connect() as scratch:
        scratch.execute((derive.SQL_FOLDER / "formulas.sql").read_text(encoding="utf-8"))
        derive.load_assumptions(scratch)
        scratch.execute("create schema compute")
        yield scratch


def test_a_factor_of_three_about_the_compute_of_gpt_3(scratch):
    """ln 3 is 1.6449 deviations, so ln 3.14 is 1.7131: 95.66%; 1e25 is 5.18 above, one in nine million, not listed."""
    found, printed = held(scratch)
    assert found["eu_general_purpose"]["crossing_probability"] == pytest.approx(0.95665, abs=5e-5)
    assert found["eu_general_purpose"]["standing"] == "above"
    assert (found["eu_systemic_risk"]["crossing_probability"], found["eu_systemic_risk"]["standing"]) == (
        None,
        "far below",
    )
    assert printed[1] == "1e23 FLOP: above, 96% or more"
    assert printed[2] == "European Union, in force: Commission guidelines on general-purpose AI models"
    assert printed[3] == "below all others looked at"
    assert [text for text in printed if "lower bound for laws that count cumulatively (European Union, " in text]
    assert printed[-1] == "for other domains, so not looked at: 1e23 FLOP (United States: biology)"


def test_what_includes_its_base_is_no_lower_bound(scratch):
    found, printed = held(scratch, compute_scope="with_base_model")
    assert printed[1] == "1e23 FLOP: above, 96%"
    assert not [row for row in found.values() if row["is_lower_bound"]]
    assert not [text for text in printed if "lower bound" in text]


@pytest.mark.parametrize(
    ("flop", "said"),
    # A third of the limit is 1.6449 deviations below it; 4/5 of it 0.334, 36.9%; nine times it 3.29 above.
    [(1e26 / 3, "below, 5%"), (1e26, "about even, 50%"), (8e25, "below, 37%"), (3e26, "above, 95%"), (9e26, "above, over 99%"),
     (1e26 / 9, "below, 0.05%")],
)  # fmt: skip
def test_probabilities_in_words_and_number(scratch, flop, said):
    _, printed = held(scratch, training_compute_flop=flop)
    laws = printed[printed.index(f"1e26 FLOP: {said}") + 1 :]
    assert laws[0].startswith("California, vetoed: SB 1047")
    assert "United States, rescinded: Executive Order 14110, section 4.2(b)" in laws


def test_a_run_without_a_domain_is_not_called_below_a_law_for_some(scratch):
    """What is for language and its like says nothing of a run of which no domain is known."""
    found, printed = held(scratch, domain=None)
    assert {name for name, row in found.items() if row["standing"] == "not covered"} == {
        "eu_general_purpose", "eu_systemic_risk", "us_eo_14110_biology",
    }  # fmt: skip
    assert printed[1] == "below all looked at"
    assert printed[-1].startswith(
        "for some domains, the run's is not stated, so not looked at: 1e23 FLOP (European Union:"
    )


def test_a_run_a_source_excludes_is_held_against_no_threshold(scratch):
    assert held(scratch, is_excluded_by_source=True) == (
        {},
        ["Thresholds in law: only dated training runs that no source excludes are held against them"],
    )


def test_the_runs_and_domains_are_those_of_the_tables(con):
    """What is called below, or not covered, is what compute.counted_runs holds and lacks, of every run and threshold."""
    there = con.execute(
        "select distinct compute_threshold, run_id from compute.counted_runs as counted"
        " join assumptions.compute_thresholds as laws on laws.limit_flop = counted.limit_flop"
        " and laws.counting = counted.counting and coalesce(laws.covered_domains, 'all') = counted.covered_domains"
    ).fetchall()
    runs = rows(con, "from compute.training_runs")
    laws = rows(con, "from assumptions.compute_thresholds")
    assert set(there) == {
        (law["compute_threshold"], run["run_id"])
        for run in runs
        for law in laws
        if explaining._is_held_against_thresholds(run) and explaining._is_covered(law["covered_domains"], run["domain"])
    }
    assert 0 < len(there) < len(runs) * len(laws)


# --- names -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["alexnet", "AlexNet", "  ALEXNET ", "alexne"])
def test_a_run_answers_to_its_spellings_and_to_a_part_no_other_has(con, name):
    assert find(con, name) == "alexnet"


def test_punctuation_does_not_count(con):
    assert find(con, "gpt 3 (175b)") == find(con, "GPT-3-175B") == "gpt-3-175b"


@pytest.mark.parametrize(("name", "proposed"), [("alexnett", "alexnet"), ("gpt-3", "gpt-3-175b")])
def test_near_names_are_proposed(con, name, proposed):
    with pytest.raises(UnknownRun, match="did you mean") as raised:
        find(con, name)
    assert proposed in str(raised.value)


@pytest.mark.parametrize("name", ["", "\x1b[2J", "zzzzzzzz", "'; drop table clean.runs; --", "x" * 5000])
def test_what_no_run_is_called_is_one_short_line(con, name):
    with pytest.raises(UnknownRun) as raised:
        find(con, name)
    assert "\x1b" not in str(raised.value) and "\n" not in str(raised.value) and len(str(raised.value)) < 500


def test_nothing_printed_steers_the_terminal(con, told):
    run_id = rows(con, "select run_id from clean.runs where starts_with(run_name, chr(27))")[0]["run_id"]
    for name in (run_id, "alexnet", "gpt-3-175b"):
        for line in lines(told(name)):
            assert len(line) <= WIDTH
            assert not [c for c in line if unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp")]
    text = "\n".join(lines(told(run_id)))
    assert "\\x1b[31mEvil\\u202e\\x9b2J" in text
    assert "No\\x07 chip" in text and "is no chip known here" in text
    assert "a source excludes this run" in text


def test_every_character_that_steers_is_spelled_out():
    steering = "".join(map(chr, [*range(32), *range(0x7F, 0xA0), 0xAD, 0x200B, 0x200E, 0x202E, 0x2028, 0x2066, 0xFEFF]))
    assert safe(steering).isascii() and safe(steering).isprintable()
    assert safe("Yi-34B “é” 北京 · 6×10²³") == "Yi-34B “é” 北京 · 6×10²³"


@pytest.mark.parametrize(
    ("value", "shown"),
    [(3.1428e23, "3.1428e23"), (0.33, "0.33"), (90.0, "90"), (1e6, "1e6"), (1.5e-5, "1.5e-5"), (0, "0")],
)
def test_figures_are_written_for_people(value, shown):
    assert figure(value) == shown


# --- a run of no table -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "value"),
    [("7e9", 7e9), ("7B", 7e9), ("1.5T", 1.5e12), ("174.6b", 174.6e9), ("300 M", 3e8), ("1,000", 1e3), ("2_000k", 2e6),
     ("40%", 0.4), (".5", 0.5), ("1E3", 1e3)],
)  # fmt: skip
def test_numbers_as_people_write_them(text, value):
    assert number(text) == value


@pytest.mark.parametrize("text", ["", "seven", "8x7B", "-1", "0", "1e999", "nan", "inf", "7BB", "1.2.3", "٣", "1e"])
def test_what_is_no_number_is_said(text):
    with pytest.raises(ValueError, match="number"):
        number(text)


def test_gpt3_by_its_parameters_and_tokens(latest):
    """6 × 174.6e9 × 300e9 = 3.1428e23."""
    answer = estimate(stated_by({"parameters": 174.6e9, "tokens": 300e9, "date": "2020-05-28"}), latest, None)
    assert answer["answer"]["training_compute_flop"] == pytest.approx(3.1428e23, rel=1e-12)
    assert answer["answer"]["training_compute_pfs_days"] == pytest.approx(3637.5)
    assert answer["answer"]["training_compute_source"] == "estimated"
    assert answer["version"]["version"] == 7
    assert [row["fact"]["option"] for row in answer["inputs"]] == ["--parameters", "--tokens"]
    assert [row["method"] for row in answer["missing_methods"]] == ["hardware_time"]
    assert any(line.startswith("Training compute: 3.143e23 FLOP = 363") for line in lines(answer))


def test_chips_for_a_time(latest, archive):
    """1024 A100 at 312 TFLOPS for 500 hours, 40% used: 1024 × 500 × 3600 × 312e12 × 0.4 = 2.3003136e23."""
    options = {"chip": "NVIDIA A100", "chips": 1024.0, "hours": 500.0, "utilisation": 0.4, "number_format": "BF16"}
    answer = estimate(stated_by(options), latest, archive)
    assert answer["answer"]["training_compute_flop"] == pytest.approx(2.3003136e23, rel=1e-12)
    peak = answer["hardware"]["peak"]
    assert (peak["peak_flop_per_second"], peak["fact"]["place"]["cell"]) == (312e12, "3.12e14")
    assert answer["costs"]["chip_hours"] == 512000
    assert not answer["costs"]["has_imputed_chip_hours"]


def test_a_profile_of_assumptions(latest):
    """8 GTX 580 for 10 hours at 1.581 TFLOPS, the essay's 33%: 8 × 10 × 3600 × 1.581e12 × 0.33."""
    options = {"chip": "nvidia-gtx-580", "chips": 8.0, "hours": 10.0}
    answer = estimate(stated_by(options), latest, None, "openai-2018")
    assert answer["answer"]["training_compute_flop"] == pytest.approx(8 * 10 * 3600 * 1.581e12 * 0.33)
    assert answer["profile"] == "openai-2018"
    with pytest.raises(derive.DataError, match=r"no profile 'guess'; there are .*openai-2018"):
        estimate(stated_by(options), latest, None, "guess")


def test_a_fine_tune_and_its_base(latest):
    """6 × 7e9 × 1e9 × 3 epochs = 1.26e20; with the base model of 8.4e22 it is 8.4126e22."""
    options = {"parameters": 7e9, "tokens": 1e9, "epochs": 3.0, "base_compute": 8.4e22}
    answer = estimate(stated_by(options), latest, None)["answer"]
    assert answer["training_compute_flop"] == pytest.approx(1.26e20)
    assert answer["with_base_run_flop"] == pytest.approx(8.4126e22)


def test_a_law_that_counts_cumulatively_counts_the_base_given(latest):
    """6 × 7e9 × 1e9 × 3 = 1.26e20 alone is far below 1e26; on a base of 4e26 it is above for the laws that add it."""
    options = {"parameters": 7e9, "tokens": 1e9, "epochs": 3.0, "base_compute": 4e26, "domain": "language"}
    found = {row["compute_threshold"]: row for row in estimate(stated_by(options), latest, None)["thresholds"]}
    assert found["ca_sb_53"]["counted_compute_flop"] == pytest.approx(4e26 + 1.26e20, rel=1e-12)
    assert (found["ca_sb_53"]["standing"], found["us_eo_14110"]["standing"]) == ("above", "far below")
    assert found["eu_systemic_risk"]["is_lower_bound"] and not found["us_eo_14110"]["is_lower_bound"]


def test_an_estimate_is_held_against_the_thresholds_it_is_printed_with(latest):
    """The probability is that of the printed interval: its logarithm is normal, its ends the 5th and 95th percentile."""
    answer = estimate(
        stated_by({"parameters": 13e9, "tokens": 1.2e12, "domain": "language", "date": "2023-05-01"}), latest, None
    )
    flop, low, high = (answer["answer"][f"training_compute_flop{end}"] for end in ("", "_low", "_high"))
    deviation = math.log(high / low) / 2 / NormalDist().inv_cdf(0.95)
    found = {row["compute_threshold"]: row for row in answer["thresholds"]}["eu_general_purpose"]
    assert found["crossing_probability"] == pytest.approx(NormalDist().cdf(math.log(flop / 1e23) / deviation), abs=1e-9)


def test_a_run_of_the_tables_is_estimated_alike(latest, told):
    """The same facts on the command line and in the tables give the same figures."""
    there = told("gpt-3-175b")
    names = {"tokens_seen": "tokens", "training_hours": "hours", "chip_id": "chip"}
    options = {names.get(row["quantity"], row["quantity"]): row["value"] for row in there["inputs"]}
    known = {"tokens", "parameters", "chips", "hours", "chip", "number_format", "chip_hours", "utilisation"}
    assert {"tokens", "parameters", "chip"} <= set(options)
    stated = stated_by({name: value for name, value in options.items() if name in known})
    stated += [Stated(name, "", "", value) for name, value in options.items() if name in ("mfu", "hfu")]
    answer = estimate(stated, latest, None)
    for name in ("operation_counting", "hardware_time"):
        assert method(answer, name)["training_compute_flop"] == method(there, name)["training_compute_flop"]
    assert answer["answer"]["training_compute_flop"] == pytest.approx(
        there["answer"]["estimated_training_compute_flop"]
    )


@pytest.mark.parametrize("options", [{"parameters": 1e200, "tokens": 1e200}, {"chips": 1e200, "hours": 1e200}])
def test_more_than_a_number_holds_is_no_estimate(latest, options):
    answer = estimate(stated_by({"chip": "nvidia-h100-sxm5-80gb", **options}), latest, None)
    assert answer["answer"]["training_compute_flop"] is None
    assert (answer["methods"], answer["costs"]) == ([], None)
    assert "Training compute: not known" in "\n".join(lines(answer))


def test_without_a_version_the_curated_chips_serve(tmp_path):
    answer = estimate(
        stated_by({"chip": "nvidia-gtx-580", "chips": 2.0, "hours": 132.0}), tmp_path / "none", Archive(tmp_path)
    )
    assert round(answer["answer"]["training_compute_pfs_days"], 5) == 0.00574
    assert answer["version"] is None
    assert any("there is no version" in line for line in lines(answer))
    assert answer["hardware"]["peak"]["fact"]["place"]["document_name"] == "chip_facts.csv"
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_chip_is_named_with_near_ones(latest):
    with pytest.raises(UnknownChip, match=r"no chip called 'nvidia-h100-sxm9'; did you mean .*nvidia-h100-sxm5-80gb"):
        estimate(stated_by({"chip": "nvidia-h100-sxm9", "chips": 1.0, "hours": 1.0}), latest, None)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({}, "nothing is stated"),
        ({"date": "2024-01-01"}, "nothing is stated"),
        ({"tokens": 1e9, "date": "yesterday"}, "--date is 'yesterday'"),
        ({"tokens": 1e9, "utilisation": 40.0}, "--utilisation is 40"),
        ({"tokens": 1e9, "number_format": "fp7"}, "--number-format is 'fp7'"),
        ({"parameters": 1e9, "active_parameters": 2e9}, r"--active-parameters is 2e\+09; at most --parameters, 1e\+09"),
        ({"chips": 8.0, "hours": 10.0, "chip_hours": 1000.0}, "--chip-hours is 1000, but --chips times --hours is 80"),
    ],
)
def test_what_cannot_be_stated_is_said(options, said):
    with pytest.raises(ValueError, match=said):
        stated_by(options)


VALUES = {
    "parameters": 1e9, "active_parameters": 1e8, "tokens_seen": 1e10, "dataset_tokens": 1e10, "epochs": 2.0,
    "dataset_datapoints": 1e10, "dataset_gradients": 1e10, "forward_flop_per_example": 1e9, "examples_seen": 1e6,
    "dataset_examples": 1e6, "chips": 8.0, "training_hours": 10.0, "chip_hours": 80.0, "training_compute_flop": 1e20,
}  # fmt: skip


def methods_of(con, runs):
    """The methods that give an answer for each of these language runs, which are nothing but their quantities."""
    known = {model.name: model for model in derive.models()}
    listed, stated = [], []
    for run_id, quantities in enumerate(map(list, runs)):
        facts = [Stated(name, "", repr(VALUES[name]), VALUES[name]) for name in quantities if name in VALUES]
        facts += [Stated("chip_id", "", "nvidia-gtx-580")] if "chip_id" in quantities else []
        facts += [Stated("domain", "", "Language"), Stated("run_name", "", str(run_id))]
        stated += [estimating._fact(len(stated) + n, str(run_id), fact) for n, fact in enumerate(facts, 1)]
        listed.append({"row_number": run_id, "run_id": str(run_id), "run_name": str(run_id)})
    at = {"source": COMMAND_LINE, "document_id": COMMAND_LINE}
    with duckdb.connect() as scratch:
        scratch.execute((derive.SQL_FOLDER / "formulas.sql").read_text(encoding="utf-8"))
        derive.load_assumptions(scratch)
        for layer in derive.MODEL_LAYERS:
            scratch.execute(f"create schema {layer}")
        for name in ("clean.chips", "clean.chip_facts"):
            derive.store(scratch, name, con.execute(f"from {name}").pl())
        for name in estimating._EMPTY:
            estimating._table(scratch, name, [])
        estimating._table(scratch, "clean.known_runs", [row | at for row in listed])
        estimating._table(scratch, "clean.run_facts", [row | at for row in stated])
        for model in (known["clean.runs"], *estimating._with_what_they_read(known, ["compute.estimates"])):
            scratch.execute(f"create or replace table {model.name} as {model.query}")
        found = rows(scratch, "select run_id, method from compute.estimates")
    return [{row["method"] for row in found if row["run_id"] == str(run_id)} for run_id in range(len(runs))]


def test_what_a_method_needs_is_true(con):
    """Each way that is told to the asker gives the method its answer, and the same without any one part does not."""
    cases = []
    for name, ways in WAYS.items():
        for way in ways:
            for part in way:
                for chosen in part:
                    whole = [*chosen, *(q for other in way if other is not part for q in other[0])]
                    cases += [(name, whole, True), (name, [q for q in whole if q not in chosen], False)]
    assert len(cases) > 20
    for (name, quantities, is_enough), methods in zip(cases, methods_of(con, [c[1] for c in cases]), strict=True):
        assert (name in methods) is is_enough, (name, quantities)


def test_assumptions_are_those_the_warehouse_reads():
    """Read by DuckDB alone they are what the checked reading makes of them."""
    con = duckdb.connect()
    names = [f"assumptions.{name}" for name in LAYERS["assumptions"]]
    estimating._assume(con, names)
    # How often bootstraps draw is another number in tests: conftest.py.
    con.execute(
        "create macro told() as table select * from assumptions.thresholds where threshold <> 'bootstrap_draws'"
    )
    asked = {name: "told()" if name == "assumptions.thresholds" else name for name in names}
    quick = {name: con.execute(f"from {asked[name]}").fetchall() for name in names}
    derive.load_assumptions(con)
    assert {name: con.execute(f"from {asked[name]}").fetchall() for name in names} == quick
