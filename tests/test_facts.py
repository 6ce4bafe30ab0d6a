"""Facts from words: sentences of our own with what a reader finds in them, and what must not be found."""

from __future__ import annotations

import csv
import io
import itertools
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.facts import COLUMNS, PAPER, Fact, facts_in, paper_facts, settled, stated
from schemas.columns import QUANTITIES
from tests.test_blind import FALSE_TOTALS

PARAMETERS, DATA, TIME, SHARES, BATCH, ABSTRACT = COLUMNS

HEADERS = {
    PARAMETERS: "Parameters notes", DATA: "Dataset size notes", TIME: "Training time notes", SHARES: "Utilization notes",
    BATCH: "Batch size notes", ABSTRACT: "Abstract",
}  # fmt: skip

FOUND = [
    # Mixtures.
    (PARAMETERS, "Of 90B parameters 7B are active per token", {"parameters": 90e9, "active_parameters": 7e9}),
    (PARAMETERS, "52B total, 9.5B active", {"parameters": 52e9, "active_parameters": 9.5e9}),
    (PARAMETERS, "It has 320 billion total parameters and activates 28 billion parameters",
     {"parameters": 320e9, "active_parameters": 28e9}),
    (PARAMETERS, "A mixture in which 13B of 47B used per token", {"active_parameters": 13e9}),
    (PARAMETERS, "Active parameters: 3.6B", {"active_parameters": 3.6e9}),
    (ABSTRACT, "The router activates only 2.4 billion parameters out of a total of 16 billion parameters.",
     {"active_parameters": 2.4e9, "parameters": 16e9}),
    (ABSTRACT, "We present a sparse model of 1T total parameters, of which 32B are activated for each token.",
     {"parameters": 1e12, "active_parameters": 32e9}),
    # Tokens read, tokens owned.
    (ABSTRACT, "The network was pre-trained on 1.6 trillion tokens of web text.", {"tokens_seen": 1.6e12}),
    (ABSTRACT, "We train it for 300 billion tokens.", {"tokens_seen": 300e9}),
    (DATA, "trained for 2T tokens", {"tokens_seen": 2e12}),
    (DATA, "About 450B tokens were seen", {"tokens_seen": 450e9}),
    (DATA, "During the run the model saw roughly 90 billion tokens", {"tokens_seen": 90e9}),
    (DATA, "2.5T tokens", {"dataset_tokens": 2.5e12}),
    (DATA, "~640 billion tokens (Table 3)", {"dataset_tokens": 640e9}),
    (DATA, "1 trillion (1T) tokens", {"dataset_tokens": 1e12}),
    (DATA, "3.1e11 tokens", {"dataset_tokens": 3.1e11}),
    (DATA, "7 × 10^10 tokens", {"dataset_tokens": 7e10}),
    (DATA, "The corpus contains 262B tokens after cleaning up", {"dataset_tokens": 262e9}),
    (DATA, "419,430,400 tokens", {"dataset_tokens": 419430400}),
    (ABSTRACT, "We assemble a corpus of 500B tokens from public sources.", {"dataset_tokens": 500e9}),
    (ABSTRACT, "A 30 billion token dataset of textbooks is built.", {"dataset_tokens": 30e9}),
    (ABSTRACT, "The model is trained on 400 billion tokens for 3 epochs.", {"dataset_tokens": 400e9, "epochs": 3}),
    (DATA, "800B tokens, or 600B words at 0.75 words/token", {"dataset_tokens": 800e9}),
    (DATA, "A dataset of 33 billion words", {"dataset_words": 33e9}),
    # Examples.
    (DATA, "400M image-text pairs", {"dataset_examples": 400e6}),
    (DATA, "The training set consists of 26,640 images", {"dataset_examples": 26640}),
    (DATA, "43M sequences", {"dataset_examples": 43e6}),
    (DATA, "1.4 billion molecules", {"dataset_examples": 1.4e9}),
    (ABSTRACT, "It is trained on 280 million protein sequences.", {"dataset_examples": 280e6}),
    (ABSTRACT, "The data we gathered has 5.2B noisy image-text pairs.", {"dataset_examples": 5.2e9}),
    # Steps, batches, sequences, epochs.
    (BATCH, "trained for 500k steps with a batch size of 2 million tokens",
     {"training_steps": 500e3, ("batch_size", "tokens"): 2e6}),
    (BATCH, "batch size of 1,024 sequences", {("batch_size", "examples"): 1024}),
    (BATCH, "global batch size 4M tokens", {("batch_size", "tokens"): 4e6}),
    (BATCH, "The batch size is set to 768", {("batch_size", "datapoints"): 768}),
    (BATCH, "256K tokens per batch", {("batch_size", "tokens"): 256e3}),
    (BATCH, "We use 2 million tokens as batch size", {("batch_size", "tokens"): 2e6}),
    (BATCH, "batch size of 1,024 (2,097,152 tokens)",
     {("batch_size", "datapoints"): 1024, ("batch_size", "tokens"): 2097152}),
    (BATCH, "Batch size 1920, sequence length 1024", {("batch_size", "datapoints"): 1920, "sequence_length": 1024}),
    (BATCH, "sequences of 4,096 tokens", {"sequence_length": 4096}),
    (BATCH, "we train with a 2048 token context window", {"sequence_length": 2048}),
    (BATCH, "Training was run for a total of 301,000 steps", {"training_steps": 301000}),
    (TIME, "The net was trained for 1 million iterations", {"training_steps": 1e6}),
    (TIME, "trained for 14 full epochs", {"epochs": 14}),
    (DATA, "The model is trained for one epoch", {"epochs": 1}),
    (DATA, "We train for 0.5 epochs", {"epochs": 0.5}),
    # Chips and time.
    (TIME, "21 days", {"training_hours": 504}),
    (TIME, "about two weeks", {"training_hours": 336}),
    (TIME, "1 month", {"training_hours": 730.5}),
    (TIME, "90 minutes", {"training_hours": 1.5}),
    (TIME, "6 weeks = 1008 hours", {"training_hours": 1008}),
    (TIME, "57.5 days * 24 hours/day", {"training_hours": 1380}),
    (TIME, "It trained for 3.5 days on 8 P100", {"training_hours": 84, "chips": 8}),
    (TIME, "64 V100 GPUs for 100 hours", {"training_hours": 100, "chips": 64}),
    (TIME, "Training took 10 days on a single GPU", {"training_hours": 240, "chips": 1}),
    (TIME, "trained on one machine with 8 NVIDIA P100 GPUs", {"chips": 8}),
    (TIME, "8x A100 80GB were used", {"chips": 8}),
    (TIME, "1024 TPU v4 chips for 15 days", {"chips": 1024, "training_hours": 360}),
    (TIME, "The run used 1.3M GPU hours of training", {"chip_hours": 1.3e6}),
    (TIME, "5,000 A100-days", {"chip_hours": 120000}),
    (TIME, "2.8M H800 GPU hours for training", {"chip_hours": 2.8e6}),
    (ABSTRACT, "It is trained on a cluster of 2048 Ascend 910 AI processors.", {"chips": 2048}),
    (ABSTRACT, "The model was trained in 4 days on 128 H100 GPUs.", {"training_hours": 96, "chips": 128}),
    (BATCH, "trained for 95 billion tokens over 120,000 steps on 96 A100 GPUs",
     {"tokens_seen": 95e9, "training_steps": 120000, "chips": 96}),
    # Shares of the peak.
    (SHARES, "an MFU of 38.5%", {"mfu": 0.385}),
    (SHARES, "We reach 46% model FLOPs utilization (MFU)", {"mfu": 0.46}),
    (SHARES, "57.8% HFU", {"hfu": 0.578}),
    (SHARES, "The overall utilization was 30.2% for all", {"utilisation": 0.302}),
    # Lines and quotations.
    (TIME, 'Training\n\n"was done on 4 Quadro\nRTX4000 GPUs\nfor 40 days"', {"chips": 4, "training_hours": 960}),
    (DATA, "See https://example.org/2T-tokens\n900B tokens", {"dataset_tokens": 900e9}),
]  # fmt: skip

NOTHING = [
    # Guesses.
    (TIME, "Probably 30 days"),
    (TIME, "Assuming 512 A100 GPUs, this took 20 days"),
    (TIME, "maybe 3 weeks on 64 V100s"),
    (TIME, "We estimate that it took 40 days"),
    (TIME, "It might have been trained for 12 days"),
    (DATA, "Perhaps 100B tokens"),
    (DATA, "likely 2T tokens"),
    (DATA, "I think it was 300B tokens"),
    (TIME, "Trained for 10 days?"),
    (TIME, "If it ran on 1024 GPUs it took 30 days"),
    (TIME, "would take 5 days on 8 A100s"),
    (DATA, "1.5T tokens, according to rumours"),
    (TIME, "not stated, but 8 GPUs for 3 days seems plausible"),
    (TIME, "Training duration is unclear: 30 days or so"),
    # Bounds and ranges.
    (TIME, "less than 6 days"),
    (TIME, "between 24 and 48 hours"),
    (TIME, "<9 days"),
    (TIME, "5-7 days"),
    (TIME, "2 to 3 weeks"),
    (TIME, "at most 100 hours"),
    (TIME, "two to three days"),
    (TIME, "5/2.5 days on 8 A100"),
    (TIME, "trained on more than 10,000 GPUs"),
    (TIME, "trained on fewer than 30 GPUs"),
    (ABSTRACT, "They are trained on 3.3 to 4.3 trillion tokens."),
    (ABSTRACT, "It was trained on up to 2 trillion tokens."),
    (BATCH, "batch size of 1M to 4M tokens"),
    (TIME, "36 and 55 hours"),
    # Sums and products of the note's author.
    (TIME, "(14 + 158 + 68) hours"),
    (TIME, "2e22 / 3e15 = 1852 hours"),
    (DATA, "300M * 77 tokens = 23B tokens"),
    (TIME, "16 nodes x 8 A100 GPUs"),
    (DATA, "410B + 90B = 500B tokens"),
    (TIME, "June 25 to July 18 = 25 days"),
    # Other models, later stages, uses.
    (ABSTRACT, "Compared with a rival trained on 15T tokens it is small."),
    (ABSTRACT, "Unlike earlier work, which needed 512 TPUs for training, it is cheap."),
    (ABSTRACT, "We fine-tune on 35B tokens of code."),
    (TIME, "Fine-tuning took 20 hours on 16 A100s"),
    (TIME, "The instruction stage was trained for 3 days on 8 H100s"),
    (TIME, "Inference runs on 8 A100 GPUs"),
    (ABSTRACT, "One answer can be generated on a single GPU in an hour."),
    (TIME, "Evaluation was done on 4 V100 GPUs"),
    (ABSTRACT, "It is 3 times faster than the baseline trained on 64 GPUs."),
    (TIME, "Each ablation was trained on 8 GPUs for 2 days"),
    (ABSTRACT, "Training saves 4 million TPU hours."),
    (TIME, "RL training took 100 hours on 16 A100s"),
    (BATCH, "it is based on another one with a batch size of 4M"),
    # Parts of a whole.
    (TIME, "We train with 8 GPUs per node"),
    (TIME, "each server has 8 V100 GPUs"),
    (TIME, "3 hours per epoch"),
    (TIME, "trained on 2048 TPU v3 cores"),
    (TIME, "2,560 GPU Nvidia A100 80G days"),
    (TIME, "a TPU v3-32 pod"),
    (BATCH, "a batch size of 32 per GPU"),
    (BATCH, "batch size 512 until step 50k, then 1024"),
    (BATCH, "we gradually increase the batch size to 1536"),
    (BATCH, "a batch size of 512 and 256 for the small and large model"),
    (DATA, "10 epochs of warmup"),
    (BATCH, "warmed up over 10,000 steps"),
    (BATCH, "learning rate decays after 90k training iterations"),
    (DATA, "the test set has 10,000 images"),
    (DATA, "tokenized with a vocabulary of 32,000 tokens"),
    (DATA, "about 3 tokens per word"),
    (DATA, "680,000 hours of speech were used in training"),
    (TIME, "27 hours of walking data"),
    # Names and numbers that look like figures.
    (TIME, "trained on Ascend 910 GPUs"),
    (TIME, "see Table 1,240 hours"),
    (DATA, "58.000 tokens"),
    (PARAMETERS, "7B parameters"),
    (PARAMETERS, "an encoder of 12 active layers"),
    (ABSTRACT, "The vocabulary has 250,000 tokens and 3 hours pass."),
    (TIME, "2017-2019, training hardware: GPUs"),
    (DATA, "Whisper-400M pairs"),
    (BATCH, "220 (1,048,576) tokens per batch"),
    (TIME, "2 hours and 17 minutes of training time: 2 hours and 17 minutes"),
    # Compute.
    (TIME, "Training took 7.77e27 FLOP in total"),
    (SHARES, "5,000 petaflop/s-days"),
    (TIME, "312 teraFLOPs per GPU"),
    (TIME, "Compute = 4.4e24"),
    (TIME, "3e24 FLOP, with 64 GPUs for 30 days given that"),
]


def read(text: str, column: str, **how: str) -> dict:
    """Values by quantity; of batches by quantity and unit."""
    found = facts_in(text, column, **how)
    return {(f.quantity, f.unit) if f.quantity == "batch_size" else f.quantity: f.value for f in found}


@pytest.mark.parametrize(("column", "text", "expected"), FOUND, ids=[text[:60] for _, text, _ in FOUND])
def test_a_sentence_states(column, text, expected):
    assert read(text, column) == pytest.approx(expected)


@pytest.mark.parametrize(("column", "text"), NOTHING, ids=[text[:60] for _, text in NOTHING])
def test_a_sentence_states_nothing(column, text):
    assert read(text, column) == {}


def test_there_are_cases_enough():
    assert len(FOUND) >= 60 and len(NOTHING) >= 60


@pytest.mark.parametrize(("column", "text"), [(c, t) for c, t, _ in FOUND] + NOTHING)
@pytest.mark.parametrize("end", ["", "."])
def test_amounts_of_compute_before_or_after_change_nothing(column, text, end):
    plain = [(f.quantity, f.value, f.unit, f.words) for f in facts_in(text, column)]
    for total in (*FALSE_TOTALS, "total 3e24 FLOP"):
        for planted in (f"{text}{end} {total}", f"{total.rstrip('.')}. {text}", f"{total}\n{text}"):
            assert [(f.quantity, f.value, f.unit, f.words) for f in facts_in(planted, column)] == plain, planted


@pytest.mark.slow
@pytest.mark.parametrize("release", ["models_2024-05-26.csv", "models_2025-06-20.csv"])
def test_amounts_of_compute_in_real_notes_change_nothing(shared, release):
    rows = list(csv.DictReader(io.StringIO((shared / "data" / "epoch" / release).read_text(encoding="utf-8-sig"))))
    facts = 0
    for row, (column, header) in itertools.product(rows, HEADERS.items()):
        cell = (row.get(header) or "").strip()
        if not cell:
            continue
        plain, *others = (
            [(f.quantity, f.value, f.unit, f.words) for f in facts_in(text, column, row.get("Model") or row["System"])]
            for text in (cell, " ".join((FALSE_TOTALS[0], cell, *FALSE_TOTALS[1:])), f"{cell} total 3e24 FLOP")
        )
        assert all(other == plain for other in others), cell
        facts += len(plain)
    assert facts > 300


def test_every_fact_is_of_the_vocabulary_and_where_it_says():
    for column, text, _ in FOUND:
        for fact in facts_in(text, column):
            quantity = QUANTITIES[fact.quantity]
            assert not quantity.states_compute
            assert fact.unit in (
                ("tokens", "examples", "datapoints") if fact.quantity == "batch_size" else (quantity.unit,)
            )
            assert 0 <= fact.start < fact.end <= len(text)
            assert " ".join(text[fact.start : fact.end].split()) in fact.sentence


def test_the_words_of_a_chip_are_kept_where_it_is_named():
    facts = facts_in("It trained for 3.5 days on 8 NVIDIA A100-SXM4-80GB GPUs. Elsewhere we train nothing.", TIME)
    assert facts == [
        Fact("training_hours", 84.0, "hours", None, "It trained for 3.5 days on 8 NVIDIA A100-SXM4-80GB GPUs", 15, 23),
        Fact("chips", 8.0, "chips", "NVIDIA A100-SXM4-80GB GPUs",
             "It trained for 3.5 days on 8 NVIDIA A100-SXM4-80GB GPUs", 27, 55),
    ]  # fmt: skip
    assert facts_in("trained on 16 GPUs", TIME)[0].words is None


def test_a_text_that_contradicts_itself_states_nothing_of_that_quantity():
    text = "The small one was trained on 8 V100 GPUs. The large one was trained on 64 V100 GPUs for 5 days."
    assert [fact.value for fact in stated(text, TIME) if fact.quantity == "chips"] == [8, 64]
    assert read(text, TIME) == {"training_hours": 120}
    assert settled([]) == []


@pytest.mark.parametrize(
    ("run_name", "text", "expected"),
    [
        ("Aster-7B", "The 34B model was trained on 256 A100s", {}),
        ("Aster-34B", "The 34B model was trained on 256 A100s", {"chips": 256}),
        ("Aster 2", "Borealis was trained on 256 A100s", {}),
        ("Borealis XL", "Borealis was trained on 256 A100s", {"chips": 256}),
        ("Large Aster Model", "LAM was trained on 256 A100s", {"chips": 256}),
    ],
)
def test_another_model_is_not_the_run(run_name, text, expected):
    assert read(text, TIME, run_name=run_name) == expected


@pytest.mark.parametrize("column", ["training_compute_notes", "run_name", ""])
def test_notes_on_compute_are_never_read(column):
    with pytest.raises(ValueError, match="no text facts are read from"):
        facts_in("8 V100 for 9 days", column)


# --- Numbers written in many ways ------------------------------------------------------------------------------------

SCALES = {"thousand": 1e3, "million": 1e6, "M": 1e6, "billion": 1e9, "B": 1e9, "bn": 1e9, "trillion": 1e12, "T": 1e12}
SPACES = st.sampled_from([" ", "\u00a0", "\u2009"])


@settings(max_examples=60)
@given(st.integers(1, 9999), st.integers(0, 99), st.sampled_from(sorted(SCALES)), SPACES)
def test_a_number_with_a_scale_is_read_back(whole, parts, scale, space):
    number = f"{whole}.{parts:02d}"
    value = float(number) * SCALES[scale]
    found = read(f"The corpus contains {number}{space}{scale} tokens", DATA)
    assert found == ({"dataset_tokens": pytest.approx(value)} if 1e6 <= value <= 1e15 else {})


@settings(max_examples=60)
@given(st.integers(1_000_000, 999_999_999_999))
def test_a_number_with_commas_or_as_a_power_is_read_back(value):
    assert read(f"{value:,} tokens", DATA) == {"dataset_tokens": value}
    assert read(f"{value:.6e} tokens".replace("e+", "e"), DATA) == {"dataset_tokens": pytest.approx(value, rel=1e-6)}
    mantissa, _, power = f"{value:.6e}".partition("e+")
    assert read(f"{mantissa} × 10^{int(power)} tokens", DATA) == {"dataset_tokens": pytest.approx(value, rel=1e-6)}


@settings(max_examples=60)
@given(st.integers(1, 999), st.sampled_from(["hours", "days", "weeks"]), st.integers(2, 99_999))
def test_chips_and_time_are_read_back(time_, unit, chips):
    hours = time_ * {"hours": 1, "days": 24, "weeks": 168}[unit]
    found = read(f"trained for {time_} {unit} on {chips:,} A100 GPUs", TIME)
    assert found == {"chips": chips} | ({"training_hours": hours} if hours <= 20000 else {})


@settings(max_examples=100)
@given(st.text(), st.sampled_from((*COLUMNS, PAPER)))
def test_any_text_can_be_read(text, column):
    for fact in facts_in(text, column):
        assert 0 <= fact.start < fact.end <= len(text)


# --- Hostile texts ---------------------------------------------------------------------------------------------------

HOSTILE = {
    "digits": "1" * 1_000_000,
    "numbers": "1,000 " * 160_000,
    "words": "train on the " * 80_000,
    "figures": "trained on 1T 1T " * 60_000,
    "sentences": "We trained the model on 64 of 64 and 64 GPU. " * 20_000,
    "chips": "8 NVIDIA A100 80 GB GPUs GPUs " * 33_000,
    "brackets": "(" * 1_000_000,
    "quotes": '"\n' * 500_000,
    "lines": "\n" * 1_000_000,
    "points": ". " * 500_000,
    "spaces": "1" + " " * 1_000_000 + "tokens",
    "capitals": "A" * 1_000_000,
    "links": "https://" * 125_000,
    "compute": "3e24 FLOP " * 100_000,
    "nearly": "about around " * 75_000,
    "moduli": "9 " + "training " * 110_000 + "tokens",
    "names": "Aaa Bbb Ccc Ddd " * 60_000,
    "conversions": "1T tokens, or so at " * 50_000,
}


@pytest.mark.slow
@pytest.mark.parametrize("column", [DATA, TIME, PAPER])
@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_megabyte_of_anything_is_read_at_once(text, column):
    begun = time.process_time()
    stated(text, column, "Aster-7B")
    assert time.process_time() - begun < 5  # well under a second on an idle machine


# --- Papers ----------------------------------------------------------------------------------------------------------

MADE_UP = """An Aster in Every Garden

1 Introduction
Others trained on 512 GPUs for months.

4.2 Training Details
The model was trained on 64 H100
GPUs for 12 days.

4.3 Fine-tuning
The model was trained on 8 H100 GPUs for 3 hours.

References
[1] A model trained on 4096 TPU v4 chips for 9 days.
"""


def test_a_paper_is_read_by_section_and_line():
    found = [(place.where, place.line, place.fact.quantity, place.fact.value) for place in paper_facts(MADE_UP)]
    assert found == [
        ("4.2 Training Details, line 7", 7, "chips", 64),
        ("4.2 Training Details, line 8", 8, "training_hours", 288),
    ]


def of_paper(shared: Path, name: str) -> set[tuple[str, float]]:
    text = next((shared / "data" / "papers").glob(f"*{name}*")).read_text(encoding="utf-8", errors="replace")
    return {(place.fact.quantity, place.fact.value) for place in paper_facts(text)}


# Read by hand in the papers.
@pytest.mark.parametrize(
    ("name", "there", "quantities"),
    [
        ("1706.03762", {("chips", 8), ("training_hours", 84), ("training_steps", 100_000), ("training_steps", 300_000)},
         {"chips", "training_hours", "training_steps"}),
        ("2108.12409", {("chips", 128), ("epochs", 1)}, {"chips", "epochs", "training_steps", "dataset_tokens"}),
        ("2405.04434", {("active_parameters", 21e9), ("parameters", 236e9), ("dataset_tokens", 8.1e12),
                        ("active_parameters", 2.4e9), ("parameters", 15.7e9)},
         {"active_parameters", "parameters", "dataset_tokens", "tokens_seen", "sequence_length", "batch_size"}),
        ("2407.10671", {("active_parameters", 14e9), ("parameters", 57e9), ("dataset_tokens", 7e12)},
         {"active_parameters", "parameters", "dataset_tokens"}),
        ("2404.05892", {("dataset_tokens", 1.12e12)}, {"dataset_tokens", "sequence_length", "tokens_seen"}),
    ],
)  # fmt: skip
def test_papers_state_what_a_reader_finds_in_them(shared, name, there, quantities):
    found = of_paper(shared, name)
    assert there <= found
    assert {quantity for quantity, _ in found} <= quantities


@pytest.mark.parametrize("name", ["1410.5401", "2310.06825", "2501.12599", "2312.00752", "2407.10671", "2404.05892"])
def test_papers_that_disclose_no_hardware_or_use_it_for_inference_alone_state_none(shared, name):
    quantities = {quantity for quantity, _ in of_paper(shared, name)}
    assert not quantities & {"chips", "training_hours", "chip_hours", "tokens_seen", "mfu", "hfu", "utilisation"}


@pytest.mark.parametrize("name", ["1410.5401", "2310.06825", "2501.12599"])
def test_papers_that_disclose_nothing_state_nothing(shared, name):
    assert of_paper(shared, name) == set()


# --- Epoch's notes ---------------------------------------------------------------------------------------------------

NOTED = """Model,Domain,Publication date,Parameters,Parameters notes,Dataset size notes,Training time notes,Abstract,\
Training compute (FLOP),Training compute notes
Aster,Language,2025-01-01,9e10,"90B in total, 7B active",Trained on 2T tokens.,3.5 days on 8 P100,Words.,1e24,4096 H100 for 9 days
Borealis,Language,2025-01-02,1e9,,,Perhaps 5 days,,not a number,
"""


def test_notes_become_a_raw_table_and_no_rows_of_the_document():
    from flows.sources import epoch

    tables = epoch.parse("models", NOTED.encode(), "models_2025-06-01.csv")
    rows = tables["epoch_text_facts"]
    assert rows.rows_read == 0 and rows.is_derived and tables["epoch_models"].rows_read == 2
    columns = ("row_number", "column_name", "quantity", "value", "value_text", "unit", "position")
    assert rows.frame.select(columns).rows() == [
        (1, "dataset_size_notes", "tokens_seen", "2000000000000.0", "2T tokens", "tokens", "12"),
        (1, "parameters_notes", "active_parameters", "7000000000.0", "7B active", "parameters", "15"),
        (1, "parameters_notes", "parameters", "90000000000.0", "90B in total", "parameters", "1"),
        (1, "training_time_notes", "chips", "8.0", "8 P100", "chips", "13"),
        (1, "training_time_notes", "training_hardware", None, "P100", None, "13"),
        (1, "training_time_notes", "training_hours", "84.0", "3.5 days", "hours", "1"),
    ]


@pytest.mark.slow
def test_facts_of_words_stand_beside_those_of_columns(tmp_path, built):
    path = tmp_path / "models_2025-06-01.csv"
    path.write_text(NOTED)
    tables = built("epoch", models=path)
    found = tables.rows(
        "select run_id, quantity, value, column_name, quote from clean.run_facts where how = 'text' order by all"
    )
    assert found == [
        ("aster", "active_parameters", 7e9, "Parameters notes", "90B in total, 7B active"),
        ("aster", "chips", 8, "Training time notes", "3.5 days on 8 P100"),
        ("aster", "parameters", 9e10, "Parameters notes", "90B in total, 7B active"),
        ("aster", "tokens_seen", 2e12, "Dataset size notes", "Trained on 2T tokens"),
        ("aster", "training_hardware", None, "Training time notes", "3.5 days on 8 P100"),
        ("aster", "training_hours", 84, "Training time notes", "3.5 days on 8 P100"),
    ]
    read = tables.rows("select rows_read, rows_accepted, rows_quarantined from raw.documents where source = 'epoch'")
    assert read == [(2, 1, 1)]
