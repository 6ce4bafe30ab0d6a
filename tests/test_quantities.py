"""Figures in the text of spec sheets: numbers of several languages, units, precision and sparsity, and what is no figure."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.quantities import Figure, decimal_mark, figures, is_matrix, precisions_in, sparsity_in, unit_in

DIMENSIONS = {
    "flop_rate", "op_rate", "bytes", "bytes_per_second", "watts", "nm", "currency", "hertz", "count", "none",
}  # fmt: skip
STAR = {"*": "sparse"}


def one(text: str, unit: str = "", decimal: str = "", marks: dict[str, str] | None = None) -> Figure:
    found = figures(text, unit, decimal, marks)
    assert len(found) == 1, f"{text!r} gave {found}"
    return found[0]


def read(text: str, **how: str) -> list[tuple[float, str]]:
    return [(figure.value, figure.unit) for figure in figures(text, **how)]


@pytest.mark.parametrize(
    ("text", "value", "unit", "dimension", "base_value"),
    [
        ("1,979 teraFLOPS*", 1979, "teraFLOPS", "flop_rate", 1979e12),
        ("275 TeraFLOPS", 275, "TeraFLOPS", "flop_rate", 275e12),
        ("1.1 exaflops", 1.1, "exaflops", "flop_rate", 1.1e18),
        ("50.63 PFLOPs", 50.63, "PFLOPs", "flop_rate", 5.063e16),
        ("312 TF", 312, "TF", "flop_rate", 312e12),
        ("1 PFLOPS", 1, "PFLOPS", "flop_rate", 1e15),
        ("19.5 TFLOP/s", 19.5, "TFLOP/s", "flop_rate", 19.5e12),
        ("3 tera FLOPS", 3, "tera FLOPS", "flop_rate", 3e12),
        ("1.5 teraflops per second", 1.5, "teraflops per second", "flop_rate", 1.5e12),
        ("393 TOPs", 393, "TOPs", "op_rate", 393e12),
        ("100 PetaOps (Int8)", 100, "PetaOps", "op_rate", 1e17),
        ("2 trillion operations per second", 2, "trillion operations per second", "op_rate", 2e12),
        ("80GB HBM2e", 80, "GB", "bytes", 80e9),
        ("32 GiB", 32, "GiB", "bytes", 34_359_738_368),
        ("80 Go", 80, "Go", "bytes", 80e9),
        ("16 Gbit", 16, "Gbit", "bytes", 2e9),
        ("819 GBps", 819, "GBps", "bytes_per_second", 819e9),
        ("800 GiBps", 800, "GiBps", "bytes_per_second", 858_993_459_200),
        ("6.4 Tbps", 6.4, "Tbps", "bytes_per_second", 0.8e12),
        ("1.1 PB/s", 1.1, "PB/s", "bytes_per_second", 1.1e15),
        ("3,350 GB/sec", 3350, "GB/sec", "bytes_per_second", 3.35e12),
        ("1 200 Go/s", 1200, "Go/s", "bytes_per_second", 1.2e12),
        ("819 gigabytes per second", 819, "gigabytes per second", "bytes_per_second", 819e9),
        ("3.35TB/秒", 3.35, "TB/秒", "bytes_per_second", 3.35e12),
        ("毎秒 3.35TB", 3.35, "TB", "bytes_per_second", 3.35e12),
        ("2 TB s^-1", 2, "TB s^-1", "bytes_per_second", 2e12),
        ("~3.35 TB/s", 3.35, "TB/s", "bytes_per_second", 3.35e12),
        ("≥ 100 GB", 100, "GB", "bytes", 100e9),
        ("Up to 700W (configurable)", 700, "W", "watts", 700),
        ("最大700W", 700, "W", "watts", 700),
        ("6.5 kW", 6.5, "kW", "watts", 6500),
        ("250 Watts", 250, "Watts", "watts", 250),
        ("7nm", 7, "nm", "nm", 7),
        ("0.13 µm", 0.13, "µm", "nm", 130),
        ("1.41 GHz", 1.41, "GHz", "hertz", 1.41e9),
        ("1755 MHz", 1755, "MHz", "hertz", 1.755e9),
        ("256 chips", 256, "chips", "count", 256),
        ("80 billion transistors", 80, "billion", "count", 80e9),
        ("£1,299", 1299, "£", "currency", 1299),
        ("$ 29 999", 29999, "$", "currency", 29999),
        ("US$10,000", 10000, "US$", "currency", 10000),
        ("29 999 €", 29999, "€", "currency", 29999),
        ("$1.5 million", 1.5, "$ million", "currency", 1.5e6),
        ("$10k", 10, "$k", "currency", 10e3),
        ("5120-bit HBM3", 5120, "bit", "none", 5120),
        ("814 mm²", 814, "mm²", "none", 814),
        ("0.65x", 0.65, "x", "none", 0.65),
        ("19.5", 19.5, "", "none", 19.5),
        ("−40", -40, "", "none", -40),
    ],
)
def test_a_figure_with_its_unit(text, value, unit, dimension, base_value):
    figure = one(text)
    assert (figure.value, figure.unit, figure.dimension, figure.base_value) == (value, unit, dimension, base_value)
    assert not figure.is_range and figure.low is None and figure.high is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2×10^15", 2e15),
        ("2x10<sup>15</sup>", 2e15),
        ("2 × 10¹⁵", 2e15),
        ("2·10**15", 2e15),
        ("10^15", 1e15),
        ("4×10⁻³", 0.004),
        ("1.5e3", 1500),
        ("1,21E+12", 1.21e12),
        ("1,979", 1979),
        ("1,234,567.89", 1234567.89),
        ("1.234.567,89", 1234567.89),
        ("1.234.567", 1234567),
        ("1 200", 1200),
        ("1\u2009200", 1200),
        ("1\u202f200", 1200),
        ("1\u00a0200,5", 1200.5),
        ("1'555", 1555),
        ("１，９７９", 1979),
        ("0,5", 0.5),
        ("1.200", 1.2),
        ("2.0390", 2.039),
        ("12345.678", 12345.678),
    ],
)
def test_numbers_as_several_languages_write_them(text, value):
    assert one(text).value == value


@pytest.mark.parametrize("space", [" ", "\u2009", "\u202f", "\u00a0"])
def test_any_space_divides_thousands_and_stands_before_a_unit(space):
    figure = one(f"1{space}200{space}GB/s")
    assert (figure.value, figure.base_value) == (1200, 1.2e12)


@pytest.mark.parametrize("minus", ["−", "–", "-", "‑"])
def test_every_dash_is_a_minus_sign_where_no_number_stands_before(minus):
    assert one(f"{minus}40 °C").value == -40


def test_the_mark_of_the_page_decides_what_the_number_leaves_open():
    assert [f.base_value for f in figures("32 GiB, 1.200 Gbit/s", decimal=",")] == [32 * 1024**3, 1.2e12 / 8]
    assert one("1.200 GB/s", decimal=".").value == 1.2
    assert one("1,200 GB/s", decimal=",").value == 1.2
    assert one("1.5 TB/s", decimal=",").value == 1.5, "one digit after the point is no group of thousands"
    assert one("0.500 TB/s", decimal=",").value == 0.5
    with pytest.raises(ValueError, match="decimal mark"):
        figures("1", decimal=";")


def test_a_cell_may_prove_its_own_mark():
    assert read("1.200 GB/s, 1,1 PB/s") == [(1200, "GB/s"), (1.1, "PB/s")]
    assert read("4.096 Chips") == [(4096, "Chips")]
    assert read("1.555 TB/s, 0,5 W, 0.5 W")[0] == (1.555, "TB/s"), "mixed evidence: the English reading"


def test_a_billion_of_another_language_is_not_believed():
    assert one("80 billion", decimal=".").base_value == 80e9
    assert one("80 billion", decimal=",").dimension == "none"
    assert one("1,2 Milliarden", decimal=",").base_value == 1.2e9


@pytest.mark.parametrize(
    "text",
    [
        "", "N/A", "TBA", "—", "–", "?", "GBps", "H100", "FP16", "HBM3", "INT8", "SXM5", "v5e", "TPU v4", "A100-80GB",
        "GA100-884F-A1", "PCIe 4.0", "PCIe Gen 5 x16", "NVLink 4", "4N", "3D-Mesh", "70B", "100Kfoo", "12e", "No.5",
        "1/2 lower", "1½", "2:4", "12:30", "16896:528:528", "2022-03-22", "2024-05", "12/05/2020", "1.2.3", "1,2,3",
        "12.34.56", "[1]", "±5 W", "80億", "2^30", "1,979^1", "400-300 W", "300 -350 W", "1-2-3", "1e999 W",
        "9" * 5000, "0." + "0" * 5000 + "1 GiB",
        "½", "١٢ GB", "1e308 TB - 1e305 GB", "300 W-350", "RTX 580 150 W",
    ],
)  # fmt: skip
def test_what_is_no_figure_or_could_be_two(text):
    assert figures(text) == []


def test_an_unknown_unit_is_kept_and_means_nothing():
    for text, unit in [("17 foobars", "foobars"), ("312 TFLOPS/W", "TFLOPS/W"), ("10 TFLOPS per watt", "TFLOPS per watt"),
                       ("900 GB/s/GPU", "GB/s/GPU"), ("80 gb", "gb"), ("100 GBPS", "GBPS"), ("$2.48/hr", "$/hr"),
                       ("10 € pro Monat", "€ pro Monat"), ("312 TFLOP", "TFLOP"), ("5 GB^2", "GB^2")]:  # fmt: skip
        figure = one(text, unit="W")
        assert (figure.unit, figure.dimension, figure.base_value) == (unit, "none", figure.value), text


def test_the_unit_of_the_header_serves_where_the_cell_has_none():
    figure = one("1,555", unit="GB/s")
    assert (figure.unit, figure.dimension, figure.base_value) == ("GB/s", "bytes_per_second", 1.555e12)
    assert one("700 W", unit="GB/s").dimension == "watts"
    assert one("312 dense", unit="TFLOPS").base_value == 312e12
    assert one("80 HBM2e", unit="GB").base_value == 80e9
    assert one("1499", unit="USD").dimension == "currency"
    assert read("32 GB 819", unit="GB/s") == [(32, "GB"), (819, "GB/s")]
    assert figures("1/32", unit="TFLOPS") == [], "a share of another rate"
    assert [f.base_value for f in figures("312/624", unit="TFLOPS")] == [312e12, 624e12]


@pytest.mark.parametrize(
    ("text", "low", "high", "base_value"),
    [
        ("300-350 W", 300, 350, 350),
        ("300 – 350 W", 300, 350, 350),
        ("300 W–350 W", 300, 350, 350),
        ("300~350 W", 300, 350, 350),
        ("300 to 350 W", 300, 350, 350),
        ("300 bis 350 W", 300, 350, 350),
        ("1555–2039 GB/s", 1555, 2039, 2.039e12),
        ("0,74 – 0,87 TFLOPS", 0.74, 0.87, 0.87e12),
        ("-40 to 85 °C", -40, 85, 85),
        ("$30,000–$40,000", 30000, 40000, 40000),
        ("$30,000-40,000", 30000, 40000, 40000),
        ("800 MB – 1 GB", 0.8, 1, 1e9),
        ("8 To 16 GB", 8, 16, 16e9),
    ],
)
def test_a_range_is_one_figure_with_both_ends(text, low, high, base_value):
    figure = one(text)
    assert (figure.low, figure.high, figure.value, figure.is_range) == (low, high, high, True)
    assert figure.base_value == base_value
    assert figure.text == text


def test_a_dash_between_figures_of_different_kinds_is_no_range():
    assert read("80 GB - 3.35 TB/s") == [(80, "GB"), (3.35, "TB/s")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("989.4 (1978.9 w/ sparsity)", [(989.4, ""), (1978.9, "")]),
        ("16 GB, 819 GBps", [(16, "GB"), (819, "GBps")]),
        ("90/170/192 W", [(90, "W"), (170, "W"), (192, "W")]),
        ("40 or 80 GB", [(40, "GB"), (80, "GB")]),
        ("250 / 300 W", [(250, ""), (300, "W")]),
        ("2 x 100 Gbps NIC", [(2, "x"), (100, "Gbps")]),
        ("8x16GB", [(8, "x"), (16, "GB")]),
        ("312 TFLOPS × 8", [(312, "TFLOPS"), (8, "")]),
        ("624 | 1248*", [(624, ""), (1248, "")]),
        ("80 GB HBM2e (5 stacks), 1.555 TB/s, 400 W", [(80, "GB"), (5, "stacks"), (1.555, "TB/s"), (400, "W")]),
        ("A100 40G SXM4: 40 GB HBM2", [(40, "GB")]),
        ("PCIe Gen5: 128GB/s", [(128, "GB/s")]),
    ],
)
def test_several_figures_of_a_cell_in_order(text, expected):
    assert read(text) == expected


def test_the_factor_of_a_product_is_a_count():
    factor, rate = figures("2 x 100 Gbps NIC")
    assert (factor.dimension, factor.base_value) == ("count", 2)
    assert rate.base_value == 12.5e9


def test_formats_of_the_same_part_belong_to_the_figure():
    figure = one("275 teraflops (bf16 or int8)")
    assert (figure.dimension, figure.precisions) == ("flop_rate", ("bf16", "int8"))
    assert one("FP16: 312 TFLOPS").precisions == ("fp16",)
    assert [f.precisions for f in figures("FP64: 9.7 TFLOPS, FP16: 312 TFLOPS")] == [("fp64",), ("fp16",)]
    assert [f.precisions for f in figures("312 TFLOPS (FP8 624 TFLOPS)")] == [(), ("fp8",)]
    assert [f.precisions for f in figures("67 TFLOPS FP64 34 TFLOPS FP32")] == [("fp64",), ("fp32",)]
    assert [f.precisions for f in figures("FP64 67 TFLOPS FP32 34 TFLOPS")] == [("fp64",), ("fp32",)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("989.4 (1978.9 w/ sparsity)", ["", "sparse"]),
        ("624 | 1248*", ["", "sparse"]),
        ("312*/624* TFLOPS", ["sparse", "sparse"]),
        ("312 | *624", ["", "sparse"]),
        ("312 *624", ["", "sparse"]),
        ("1,979* TFLOPS", ["sparse"]),
        ("1,979 teraFLOPS*", ["sparse"]),
        ("1,979 TFLOPS (FP8)*, 80 GB", ["sparse", ""]),
        ("312 (624)*", ["", "sparse"]),
        ("989 dense / 1979 sparse", ["dense", "sparse"]),
        ("dense 989 sparse 1979", ["dense", "sparse"]),
        ("1,979 TFLOPS, with sparsity", ["sparse"]),
        ("1979 TFLOPS (2:4 sparsity)", ["sparse"]),
        ("989 TFLOPS (without sparsity)", ["dense"]),
        ("624 without sparsity*", [""]),
        ("624**", [""]),
        ("312 TFLOPS", [""]),
    ],
)
def test_sparsity_is_said_by_words_and_by_the_marks_the_page_explains(text, expected):
    assert [figure.sparsity for figure in figures(text, marks=STAR)] == expected


def test_a_mark_means_nothing_until_the_page_explains_it():
    assert one("1,979 teraFLOPS*").sparsity == ""


def test_marks_may_come_with_the_words_of_their_footnotes():
    footnotes = {"1": "Shown with sparsity. Half as much without sparsity.", "2": "At boost clock."}
    assert one("1,979 TFLOPS¹", marks=footnotes).sparsity == "sparse"
    assert one("1,979¹ TFLOPS", marks=footnotes).base_value == 1979e12
    assert one("1,979^1", marks=footnotes).sparsity == "sparse"
    assert one("1,979 TFLOPS[1]", marks=footnotes).sparsity == "sparse"
    assert one("67 TFLOPS²", marks=footnotes).sparsity == ""
    assert one("67 TFLOPS²").base_value == 67e12
    assert one("1,979 TFLOPS¹", marks={"¹": "sparse"}).sparsity == "sparse"
    lettered = {"a": "Shown with sparsity."}
    assert one("1,979 TFLOPS[a]", marks=lettered).sparsity == "sparse"
    assert one("1,979 teraFLOPS at peak", marks=lettered).sparsity == "", "the letter a is in many words"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("w/ sparsity", "sparse"),
        ("with sparsity", "sparse"),
        ("Sparse", "sparse"),
        ("mit Sparsität", "sparse"),
        ("スパース性あり", "sparse"),
        ("no boost with sparsity", "sparse"),
        ("Shown with sparsity. Specifications lower without sparsity.", "sparse"),
        ("dense", "dense"),
        ("without sparsity", "dense"),
        ("w/o structured sparsity", "dense"),
        ("ohne Sparsität", "dense"),
        ("non-sparse", "dense"),
        ("スパース性なし", "dense"),
        ("Dense / Sparse", ""),
        ("with and without sparsity", ""),
        ("with/without sparsity", ""),
        ("SparseCores per chip", ""),
        ("memory density", ""),
        ("FP16 Tensor Core", ""),
        ("", ""),
    ],
)
def test_what_a_text_says_of_sparsity(text, expected):
    assert sparsity_in(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("BF16 / FP16", ("bf16", "fp16")),
        ("BFLOAT16 Tensor コア", ("bf16",)),
        ("TensorFloat-32", ("tf32",)),
        ("TF32 Tensor Core", ("tf32",)),
        ("Peak Half Precision (FP16)", ("fp16",)),
        ("double precision", ("fp64",)),
        ("倍精度 (FP64)", ("fp64",)),
        ("float32 and Float 16", ("fp32", "fp16")),
        ("NVFP4, MXFP6, FP8 (E4M3)", ("fp4", "fp6", "fp8")),
        ("Int8 INT4", ("int8", "int4")),
        ("FB8 / INT8", ("int8",)),
        ("FP128, INT80, TF320, 16-bit", ()),
        ("", ()),
    ],
)
def test_the_formats_a_text_names(text, expected):
    assert precisions_in(text) == expected


def test_what_speaks_of_matrix_units():
    for text in [
        "FP64 Tensor Core",
        "FP64 Tensor コア",
        "Peak Single Precision Matrix (FP32)",
        "MXU",
        "テンソル",
        "矩阵",
    ]:
        assert is_matrix(text), text
    for text in [
        "FP64",
        "Vector",
        "Peak FP16 (non-Tensor)",
        "TensorFloat-32",
        "TensorFlow",
        "H100 Tensor Core GPU",
        "",
    ]:
        assert not is_matrix(text), text


@pytest.mark.parametrize(
    ("header", "unit"),
    [
        ("Memory bandwidth (GB/s)", "GB/s"),
        ("Processing power (TFLOPS)", "TFLOPS"),
        ("Processing power (TFLOPS) / Half precision (boost)", "TFLOPS"),
        ("TDP (Watts)", "Watts"),
        ("TDP (W)", "W"),
        ("Leistung in W", "W"),
        ("Bandwidth, GB/s", "GB/s"),
        ("Bandwidth [GB/s]", "GB/s"),
        ("Single precision (MAD or FMA) GFLOPS", "GFLOPS"),
        ("Mémoire (Go)", "Go"),
        ("Fab (nm)", "nm"),
        ("Launch price (USD)", "USD"),
        ("Transistors (million)", "million"),
        ("Die size (mm²)", "mm²"),
        ("FP64 performance (FLOP/s)", "FLOP/s"),
        ("Peak compute per chip (bf16)", ""),
        ("HBM2 capacity and bandwidth", ""),
        ("GPU(s)", ""),
        ("Go To Market", ""),
        ("GFLOPS per watt", ""),
        ("Power (W) / Clock (MHz)", ""),
        ("Peak (×10^12 FLOP/s)", ""),
        ("", ""),
        ("W" * 20_000, ""),
    ],
)
def test_the_unit_a_header_names(header, unit):
    assert unit_in(header) == unit


@pytest.mark.parametrize(
    ("texts", "mark"),
    [
        (["1.200 Gbit/s", "4.096 Chips", "1,1 Exaflops"], ","),
        (["1.1 exaflops", "1,200 GBps"], "."),
        (["4,096 chips"], "."),
        (["1.234.567 GB"], ","),
        (["1,234.5"], "."),
        (["1,1 PB/s", "Version 4.0", "PCIe 4.0", "0.65x"], ","),
        (["1.200 Gbit/s", "3,350 GB/s"], ""),
        (["1,1 PB/s", "1.1 PB/s"], ""),
        (["80 GB", "FP16", ""], ""),
        ([], ""),
    ],
)
def test_the_decimal_mark_of_a_page_by_evidence_alone(texts, mark):
    assert decimal_mark(texts) == mark
    assert decimal_mark("\n".join(texts)) == mark


def _page(folder: Path, name: str) -> list[str]:
    return (folder / "data" / "spec_text" / name).read_text(encoding="utf-8").splitlines()[1:]


def test_the_stored_pages_of_one_chip_in_two_languages(shared):
    """One page in English and German: all figures are equal, save the bandwidth the German page slips to bits."""
    english, german = _page(shared, "tpu_v4_en.txt"), _page(shared, "tpu_v4_de.txt")
    assert (decimal_mark(english), decimal_mark(german)) == (".", ",")
    ours = [f.base_value for line in english for f in figures(line, decimal=".")]
    theirs = [f.base_value for line in german for f in figures(line, decimal=",")]
    same = [275e12, 32 * 1024**3, 1.2e12, 90, 170, 192, 4096, 1.1e18, 1.1e15, 24e12]
    assert ours == same
    assert theirs == [0.15e12 if value == 1.2e12 else value for value in same]


def test_the_stored_page_that_marks_its_sparse_peaks(shared):
    lines = _page(shared, "nvidia_h100_reseller_ja.txt")
    rates = [
        f for line in lines for cell in line.split("|") for f in figures(cell, marks=STAR) if f.dimension == "flop_rate"
    ]
    tera = [f.base_value / 1e12 for f in rates]
    assert tera == [34, 26, 67, 51, 67, 51, 989, 756, 1979, 1513, 1979, 1513, 3958, 3026, 3958, 3026]
    assert [f.sparsity for f in rates] == [""] * 6 + ["sparse"] * 10


# --- Hostile text ----------------------------------------------------------------------------------------------------

HOSTILE = [
    "1", "1 ", "111 ", "1,", "1.", "111,111", "1x", "1 x 10^", "1^", "1-", "1 - ", "1/", "1:", "1e", "1*", "1²", "$1", "(1",
    "(", ")", "[", " ", "\n", "-", "a/", "A", "A 1 ", "1 GB", "1 GB per ", "1 million ", "1 kilo ", "FP16 1 ", "1 FP16 dense ",
    "sparse ", "without ", "without structured ", "no-", "with or ", "sparse. dense ", "brain float ", "tensor ", "秒", "1'111",
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("piece", HOSTILE)
def test_a_hundred_thousand_hostile_characters_have_an_answer(piece):
    text = (piece * 100_000)[:100_000]
    with pytest.raises(ValueError, match="a cell of 100000 characters"):
        figures(text)
    assert unit_in(text) == ""
    assert decimal_mark([text]) in ("", ",", ".")
    assert precisions_in(text) == (("fp16",) if "FP16" in text else ())
    assert sparsity_in(text) in ("", "sparse", "dense")
    assert is_matrix(text) is ("tensor" in text)
    cell = text[:10_000]
    _holds(cell, figures(cell, "GB", "", {"*": "sparse", "1": "dense"}))


def test_a_row_of_ten_thousand_figures_is_read_whole():
    cell = "1;" * 5_000
    assert [figure.value for figure in figures(cell, marks=STAR)] == [1.0] * 5_000


# --- Any number, any text --------------------------------------------------------------------------------------------

FACTORS = {
    "FLOPS": 1, "GFLOPS": 10**9, "teraFLOPS": 10**12, "TFLOP/s": 10**12, "PFLOPs": 10**15, "exaflops": 10**18, "TOPS": 10**12,
    "PetaOps": 10**15, "bytes": 1, "kB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12, "PB": 10**15, "KiB": 2**10,
    "MiB": 2**20, "GiB": 2**30, "TiB": 2**40, "PiB": 2**50, "Gbit": Fraction(10**9, 8), "GB/s": 10**9, "GBps": 10**9,
    "TB/s": 10**12, "GiB/s": 2**30, "Gbps": Fraction(10**9, 8), "Gbit/s": Fraction(10**9, 8), "Tb/s": Fraction(10**12, 8),
    "W": 1, "kW": 1000, "mW": Fraction(1, 1000), "nm": 1, "µm": 1000, "Hz": 1, "MHz": 10**6, "GHz": 10**9, "chips": 1,
    "million": 10**6, "€": 1, "USD": 1,
}  # fmt: skip
LOCALES = {
    "English": (",", "."), "German": (".", ","), "French": ("\u202f", ","), "Czech": ("\u00a0", ","), "SI": ("\u2009", "."),
    "Swiss": ("’", "."), "plain": ("", "."),
}  # fmt: skip
NUMBERS = st.tuples(st.integers(0, 10**15), st.text("0123456789", max_size=6))


def _spelled(whole: int, decimals: str, group: str, mark: str) -> str:
    return f"{whole:,}".replace(",", group) + (mark + decimals if decimals else "")


@given(
    NUMBERS, st.sampled_from(sorted(LOCALES)), st.sampled_from(sorted(FACTORS)), st.sampled_from(["", " ", "\u00a0"])
)
def test_a_number_comes_back_from_every_spelling(number, locale, unit, space):
    whole, decimals = number
    group, mark = LOCALES[locale]
    truth = Fraction(Decimal(f"{whole}.{decimals or 0}"))
    figure = one(f"{_spelled(whole, decimals, group, mark)}{space}{unit}", decimal=mark)
    assert figure.unit == unit
    assert figure.value == float(truth)
    assert math.isclose(figure.base_value, float(truth * FACTORS[unit]), rel_tol=1e-12)


@given(
    st.decimals(1, 10, places=3), st.integers(-30, 30), st.sampled_from(["{}×10^{}", "{} x 10^{}", "{}e{}", "{}E{}"])
)
def test_a_power_of_ten_comes_back(mantissa, power, spelling):
    truth = float(Fraction(mantissa) * Fraction(10) ** power)
    figure = one(spelling.format(mantissa, power) + " TFLOPS")
    assert math.isclose(figure.value, truth, rel_tol=1e-12)
    assert math.isclose(figure.base_value, truth * 1e12, rel_tol=1e-12)


@pytest.mark.parametrize("unit", sorted(FACTORS))
def test_the_factor_of_every_unit_is_exact(unit):
    for value in (1, 3, 819, 2.5):
        assert one(f"{value} {unit}").base_value == float(Fraction(value) * FACTORS[unit])
        assert one(f"{value}", unit=unit).base_value == float(Fraction(value) * FACTORS[unit])


@given(
    st.integers(1, 10**6),
    st.sampled_from(["", " TFLOPS", " dense", " without sparsity", " (dense)", " FP16", " w/o sparsity (FP8)", " foo"]),
    st.sampled_from(
        ["{n}*{w}", "{n}{w}*", "{n}{w} *", "*{n}{w}", "12 | {n}{w}*", "12 dense ({n}{w}*)", "{n}*{w}, 80 GB"]
    ),
)
def test_what_carries_the_mark_of_sparsity_is_never_dense(value, words, form):
    found = figures(form.format(n=value, w=words), marks=STAR)
    marked = found[-2] if form.endswith("80 GB") else found[-1]
    assert marked.value == value
    assert marked.sparsity != "dense"


def _holds(cell: str, found: list[Figure]) -> None:
    """What is true of the figures of any text: finite, placed in the cell in order, apart from one another."""
    end = 0
    for figure in found:
        assert end <= figure.start < figure.end <= len(cell)
        assert figure.text == cell[figure.start : figure.end]
        assert any(character.isdigit() for character in figure.text)
        assert math.isfinite(figure.value) and math.isfinite(figure.base_value)
        assert figure.dimension in DIMENSIONS
        assert figure.dimension != "none" or figure.base_value == figure.value
        assert figure.sparsity in ("", "dense", "sparse")
        assert figure.is_range == (figure.low is not None) == (figure.high is not None)
        assert figure.low is None or figure.low <= figure.value
        end = figure.end


WORDS = st.sampled_from(
    ["1", "200", "1,5", ".5", "10^", "^", "e", "×", "x", "-", "–", "/", "|", "(", ")", "[", "]", "*", "²", "$", "€", "GB", "/s",
     " per ", "watt", "FP16", "dense", "w/ sparsity", "tera", "million", " ", "\u202f", "\n", ",", ".", ":", "To", "bis", "±",
     "PCIe ", "億", "秒", "°C", "½", "~", "…", "1e999", "0" * 40]
)  # fmt: skip
TEXTS = st.text(max_size=80) | st.lists(WORDS, max_size=14).map("".join)


@given(TEXTS, st.sampled_from(["", "GB/s", "TFLOPS", "foo", "€", "²"]), st.sampled_from(["", ".", ","]))
def test_any_text_has_an_answer(text, unit, decimal):
    _holds(text, figures(text, unit, decimal))
    _holds(text, figures(text, unit, decimal, {"*": "sparse", "2": "Without sparsity.", "": "x"}))
    assert sparsity_in(text) in ("", "dense", "sparse")
    assert unit_in(text) in text
    assert decimal_mark([text]) in ("", ".", ",")
    assert isinstance(precisions_in(text), tuple) and isinstance(is_matrix(text), bool)


@given(st.dictionaries(st.text(max_size=3), st.text(max_size=30), max_size=4), TEXTS)
def test_any_footnotes_have_an_answer(marks, text):
    _holds(text, figures(text, marks=marks))
