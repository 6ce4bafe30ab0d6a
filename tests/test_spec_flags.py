"""What spec pages claim against what is known: every planted or real error is flagged, nothing right is, and why."""

from __future__ import annotations

import csv
import datetime as dt
import math
from dataclasses import dataclass
from pathlib import Path

import duckdb
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.spec_sheets import Sheet, spec_rows
from schemas.contract import check, empty_frame
from schemas.tables import LAYERS
from warehouse import derive

HERE = Path(__file__).resolve().parent / "sources" / "spec_text"
SHAPE = LAYERS["raw"]["wikipedia_chips"]
SPARSITY_TRAP, LOCKWOOD, RESELLER, V4_DE, V4_EN, V5E_1, V5E_2 = (
    "gpu_datasheet_table_sparsity_trap.md", "nvidia_a100_lockwood_en.txt", "nvidia_h100_reseller_ja.txt", "tpu_v4_de.txt",
    "tpu_v4_en.txt", "tpu_v5e_en_rev1.md", "tpu_v5e_en_rev2.md",
)  # fmt: skip
# What each source's module says of these pages beside their tables.
SHEETS = {
    SPARSITY_TRAP: Sheet(""),
    LOCKWOOD: Sheet("A100", rate_unit="TFLOPS"),
    RESELLER: Sheet(""),
    **{name: Sheet("TPU v4", lambda label: "", on_matrix_units=True) for name in (V4_DE, V4_EN)},
    **{name: Sheet("TPU v5e", lambda label: "", on_matrix_units=True) for name in (V5E_1, V5E_2)},
}

# Read off the pages by eye, beside the makers' sheets: page, chip, quantity, value, the value it should be, verdict.
# H100, H200 and H800 SXM have one dense rate, 989.4 and 1978.9 TFLOPS; the pages print double without saying so.
HOPPER = ("nvidia-h100-sxm5-80gb", "nvidia-h200-sxm-141gb", "nvidia-h800-sxm5-80gb")
SLIPS = [
    *((SPARSITY_TRAP, c, "peak_tensor_16bit", 1979e12, 989.4e12, "sparsity unmarked") for c in HOPPER),
    *((SPARSITY_TRAP, c, "peak_fp8_dense", 3958e12, 1978.9e12, "sparsity unmarked") for c in HOPPER),
    *((SPARSITY_TRAP, c, "peak_int8", 3958e12, 1978.9e12, "sparsity unmarked") for c in HOPPER),
    (LOCKWOOD, "nvidia-a100-sxm4-40gb", "peak_tf32_dense", 312e12, 156e12, "column slip"),
    (LOCKWOOD, "nvidia-a100-sxm4-40gb", "peak_fp16_vector", 312e12, 77.97e12, "column slip"),
    (LOCKWOOD, "nvidia-a100-sxm4-40gb", "peak_fp16_dense", 624e12, 312e12, "column slip"),
    (LOCKWOOD, "nvidia-a100-sxm4-40gb", "peak_bf16_vector", 312e12, 39e12, "column slip"),
    (LOCKWOOD, "nvidia-a100-sxm4-40gb", "peak_bf16_dense", 624e12, 312e12, "column slip"),
    (LOCKWOOD, "nvidia-a100-sxm4-40gb", "peak_int8_dense", 1248e12, 624e12, "column slip"),
    (LOCKWOOD, "nvidia-a100-sxm4-80gb", "memory_bandwidth_bytes_per_second", 2.039e9, 2.039e12, "unit slip"),
    (V4_DE, "google-tpu-v4", "memory_bandwidth_bytes_per_second", 1200e9 / 8, 1200e9, "unit slip"),
    (V5E_2, "google-tpu-v5e", "memory_bandwidth_bytes_per_second", 800 * 2**30, 819e9, "unit slip"),
]
# Which chip each name of the pages is: the memory and the bandwidth beside it decide.
NAMES = {
    (SPARSITY_TRAP, "A100 40 GB"): ("nvidia-a100-sxm4-40gb", True),  # the PCIe card has the same figures
    (SPARSITY_TRAP, "A100 80 GB"): ("nvidia-a100-pcie-80gb", False),  # 1.94 TB/s is the PCIe card's
    (SPARSITY_TRAP, "A10"): ("nvidia-a10", False),
    (SPARSITY_TRAP, "A40"): ("nvidia-a40", False),
    (SPARSITY_TRAP, "H100"): ("nvidia-h100-sxm5-80gb", False),  # 3.35 TB/s is the SXM module's
    (SPARSITY_TRAP, "H200"): ("nvidia-h200-sxm-141gb", False),
    (SPARSITY_TRAP, "H800"): ("nvidia-h800-sxm5-80gb", False),
    (LOCKWOOD, "A100 40G SXM4"): ("nvidia-a100-sxm4-40gb", False),
    (LOCKWOOD, "A100 80G SXM4"): ("nvidia-a100-sxm4-80gb", False),
    (LOCKWOOD, "A100"): ("nvidia-a100-sxm4-40gb", True),
    (RESELLER, "NVIDIA H100 SXM"): ("nvidia-h100-sxm5-80gb", False),
    (RESELLER, "NVIDIA H100 PCIe"): ("nvidia-h100-pcie-80gb", False),
    **{(name, "TPU v4"): ("google-tpu-v4", False) for name in (V4_DE, V4_EN)},
    **{(name, "TPU v5e"): ("google-tpu-v5e", False) for name in (V5E_1, V5E_2)},
}
# Two editions of Epoch's table of chips, and the chips in it that we have too.
EDITIONS = ("ml_hardware_2025-12-24.csv", "chips_2025-06-20.csv")


@dataclass(frozen=True)
class Tables:
    """Every table of a version that holds the pages beside the curated chips."""

    con: duckdb.DuckDBPyConnection

    def rows(self, query: str, *values: object) -> list[tuple]:
        """All rows a query gives."""
        return self.con.execute(query, list(values)).fetchall()


def _with_pages(built, source: str, pages: dict[str, pl.DataFrame]) -> Tables:
    """The curated version with some pages more, built and verified as a version is."""
    frames = dict(built("curated").collected.frames)
    frames[source] = pl.concat(
        [page.with_columns(document_id=pl.lit(name)) for name, page in pages.items()], how="diagonal"
    )
    documents = [
        {
            "source": source, "dataset": "pages", "document_id": name, "document_name": name, "as_of_on": dt.date(2026, 1, 1),
            "archive_order": 1000 + number, "is_in_force": True, "rows_read": page.height, "rows_accepted": page.height,
            "rows_quarantined": 0,
        }
        for number, (name, page) in enumerate(pages.items())
    ]  # fmt: skip
    frames["documents"] = pl.concat([frames["documents"], pl.DataFrame(documents)], how="diagonal_relaxed")
    listed = frames[source].select(
        "document_id", "row_number", "chip_name", source=pl.lit(source), archive_order=pl.lit(1000)
    )
    frames["chip_sightings"] = pl.concat([frames["chip_sightings"], listed], how="diagonal_relaxed")
    con = duckdb.connect()
    derive.load_assumptions(con)
    derive.load_raw(con, frames)
    list(derive.build(con))
    stops, _ = derive.verify(con)
    assert stops == []
    return Tables(con)


def _by_hand(name: str) -> pl.DataFrame:
    """The readings of a page as transcribed by hand; the labels are the numbers of row and column."""
    with (HERE / f"{Path(name).stem}.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    frame = pl.DataFrame(
        {
            "row_number": range(1, len(rows) + 1),
            "table_number": [row["table"] for row in rows],
            "row_label": [row["row"] for row in rows],
            "column_label": [row["column"] for row in rows],
            "cell_text": [f"table {row['table']}, row {row['row']}, column {row['column']}" for row in rows],
            **{c: [row[c] for row in rows] for c in ("chip_name", "quantity", "value", "unit", "sparsity", "note")},
        }
    )
    checked = check(frame, SHAPE)
    assert checked.broken.is_empty()
    return checked.accepted


def _as_read(shared: Path, name: str) -> pl.DataFrame:
    """The readings of a page by the reader of spec sheets; line 1 of the file is the collector's note."""
    page = (shared / "data" / "spec_text" / name).read_bytes().split(b"\n", 1)[1]
    checked = check(spec_rows(page, name, SHEETS[name]).frame, SHAPE)
    assert checked.broken.is_empty()
    return checked.accepted


@pytest.fixture(scope="module", params=["by hand", "as read"])
def spec_text(request, built) -> Tables:
    """The seven pages: as transcribed by hand, and as the reader gives them from the real files."""
    if request.param == "by hand":
        return _with_pages(built, "wikipedia_chips", {name: _by_hand(name) for name in SHEETS})
    shared = request.getfixturevalue("shared")
    return _with_pages(built, "wikipedia_chips", {name: _as_read(shared, name) for name in SHEETS})


@pytest.fixture(scope="module")
def pods(built, shared) -> Tables:
    """The four pages on TPUs as read from the real files."""
    return _with_pages(built, "cloud_tpu_chips", {n: _as_read(shared, n) for n in (V4_DE, V4_EN, V5E_1, V5E_2)})


def test_each_slip_is_flagged_and_nothing_else(spec_text):
    found = spec_text.rows("select document_id, chip_id, quantity, value, known_value, verdict from clean.chip_flags")
    assert sorted(found) == sorted(SLIPS)


def test_the_names_of_the_pages_are_the_right_chips(spec_text):
    found = spec_text.rows(
        "select distinct document_id, chip_name, chip_id, is_variant_open from clean.chip_identities"
        " where source = 'wikipedia_chips'"
    )
    assert {(document, name): (chip, is_open) for document, name, chip, is_open in found} == NAMES


def test_a_flagged_figure_stays_as_an_observation_and_reaches_no_chip(spec_text):
    flagged = len(SLIPS)
    kept = spec_text.rows(
        "select count(*) from clean.chip_facts join clean.chip_flags using (source, document_id, row_number, quantity)"
    )
    assert kept == [(flagged,)]
    h100 = spec_text.rows(
        "select peak_bf16_dense, peak_bf16_sparse, peak_fp8_dense, peak_tensor_16bit, peak_int8 from clean.chips"
        " where chip_id = 'nvidia-h100-sxm5-80gb'"
    )
    # The curated rates stand; the page's 1979 and 3958 are nowhere, though no one else fills its joint columns.
    assert h100 == [(989.4e12, 1978.9e12, 1978.9e12, None, None)]
    assert spec_text.rows("select peak_tensor_16bit from clean.chips where chip_id = 'nvidia-a10'") == [(125e12,)]
    bandwidths = spec_text.rows(
        "select chip_id, memory_bandwidth_bytes_per_second from clean.chips where chip_id in"
        " ('nvidia-a100-sxm4-80gb', 'google-tpu-v4', 'google-tpu-v5e') order by chip_id"
    )
    assert bandwidths == [("google-tpu-v4", 1.2e12), ("google-tpu-v5e", 819e9), ("nvidia-a100-sxm4-80gb", 2.039e12)]


def test_the_pages_change_no_chip_of_the_curated_list(spec_text, built):
    columns = ", ".join(
        c for c in LAYERS["clean"]["chips"].columns if c not in ("peak_tensor_16bit", "peak_int8", "source")
    )
    query = f"select {columns} from clean.chips order by chip_id"
    before = [dict(zip(columns.split(", "), row, strict=True)) for row in built("curated").rows(query)]
    after = {row[0]: dict(zip(columns.split(", "), row, strict=True)) for row in spec_text.rows(query)}
    assert len(before) == len(after), "a page has added a chip"
    for chip in before:
        stated = {name: value for name, value in chip.items() if value is not None}
        assert stated.items() <= after[chip["chip_id"]].items()


def test_each_figure_of_a_pod_agrees_with_its_chips(pods):
    """By hand: 1.1e18 / 4096 is 268.6e12, the two digits of 275e12 x 4096; 100e15 / 256 and 50.63e15 / 256 are within 1%."""
    found = pods.rows(
        "select document_id, shares.quantity, round(shares.value / 1e12, 1), known_value / 1e12, verdict"
        " from clean.chip_comparisons as shares"
        " join clean.spec_readings as readings using (source, document_id, row_number) where readings.quantity is null"
    )
    v4 = [(n, q, 268.6, 275, "rounded") for n in (V4_DE, V4_EN) for q in ("peak_bf16_dense", "peak_int8_dense")]
    v5e = [(n, "peak_int8_dense", 390.6, 393, "agrees") for n in (V5E_1, V5E_2)]
    assert sorted(found) == sorted([*v4, *v5e, (V5E_2, "peak_bf16_dense", 197.8, 197, "agrees")])


def test_an_unknown_chip_is_believed_where_the_page_says_dense_and_minted_only_with_a_peak(built):
    def reading(number: int, chip: str, quantity: str | None, value: float, sparsity: str | None = None) -> dict:
        return {
            "row_number": number, "chip_name": chip, "table_number": 1, "row_label": str(number), "column_label": chip,
            "cell_text": f"{value:g}", "quantity": quantity, "value": value, "sparsity": sparsity,
        }  # fmt: skip

    page = [
        reading(1, "Chip Marked", "peak_fp16_dense", 500e12, "dense"),
        reading(2, "Chip Marked", "peak_fp16_sparse", 1000e12, "sparse"),
        reading(3, "Chip Unmarked", "peak_fp16_dense", 1000e12, "unmarked"),
        reading(4, "Chip Half", "peak_fp32", 50e12),
        reading(5, "Chip Half", "peak_fp16_dense", 1000e12, "unmarked"),
        reading(6, "Transistors", None, 80e9),
        reading(7, "GH100", "process_nm", 4),
    ]
    frame = pl.concat([empty_frame(SHAPE), pl.DataFrame(page)], how="diagonal_relaxed")
    tables = _with_pages(built, "nvidia_chips", {"page": frame})
    minted = tables.rows(
        "select chip_id, chip_name, vendor, peak_fp16_dense, peak_fp16_sparse, peak_fp32, source from clean.chips"
        " where source = 'nvidia_chips' order by chip_id"
    )
    assert minted == [
        ("chip-half", "Chip Half", "NVIDIA", None, None, 50e12, "nvidia_chips"),
        ("chip-marked", "Chip Marked", "NVIDIA", 500e12, 1000e12, None, "nvidia_chips"),
    ]
    flags = tables.rows("select chip_id, quantity, verdict, known_value from clean.chip_flags")
    assert flags == [("chip-half", "peak_fp16_dense", "unproven", None)]


@pytest.mark.slow
@pytest.mark.parametrize("edition", EDITIONS)
def test_our_chips_against_epochs(built, shared, edition):
    """Counted again from the two lists alone: pairs, those within 1%, and a reason for every other."""
    tables = built("curated", "epoch", chips=shared / "data" / "epoch" / edition)
    ours = {
        (c, q): v
        for c, q, v in tables.rows("select chip_id, quantity, value from clean.chip_facts where source = 'curated'")
    }
    joint = {"peak_tensor_16bit": ("peak_bf16_dense", "peak_fp16_dense"), "peak_int8": ("peak_int8_dense",)}
    pairs = []
    for chip, quantity, value in tables.rows(
        "select chip_id, quantity, value from clean.chip_facts where source = 'epoch' and value is not null"
    ):
        beside = [ours[chip, q] for q in joint.get(quantity, (quantity,)) if ours.get((chip, q)) is not None]
        if beside:
            pairs.append((quantity, min(max(value / v, v / value) for v in beside)))
    assert len(pairs) > 700
    counted = tables.rows(
        "select quantity, count(*), count(*) filter (where verdict = 'agrees') from clean.chip_comparisons group by all"
    )
    for quantity, compared, agreeing in counted:
        factors = [factor for name, factor in pairs if name == quantity]
        assert (compared, agreeing) == (len(factors), sum(factor <= 1.01 + 1e-9 for factor in factors)), quantity
    peaks = [factor for quantity, factor in pairs if quantity.startswith("peak_")]
    assert sum(factor <= 1.01 for factor in peaks) / len(peaks) >= 0.88
    differing = sum(factor > 1.01 + 1e-9 for _, factor in pairs)
    explained = tables.rows("select count(*), count(explanation) from compute.chip_disagreements")
    assert explained == [(differing, differing)]


def test_a_difference_comes_with_its_cause(built, shared):
    """Each cause by hand: units times clock, or a board divided."""
    tables = built("curated", "epoch", chips=shared / "data" / "epoch" / EDITIONS[0])
    causes = {
        (chip, quantity): (verdict, why)
        for chip, quantity, verdict, why in tables.rows(
            "select chip_id, quantity, verdict, explanation from compute.chip_disagreements"
        )
    }
    assert pytest.approx(5.046e12, rel=1e-3) == 2 * 2880 * 876e6
    assert "876 MHz" in causes["nvidia-k40", "peak_fp32"][1]
    assert pytest.approx(1.288e12, rel=1e-3) == 1.2e12 * 1.024**3
    assert causes["huawei-ascend-910", "memory_bandwidth_bytes_per_second"][0] == "unit slip"
    assert causes["google-tpu-v4", "memory_bytes"][0] == "binary units"
    assert causes["nvidia-a100-pcie-40gb", "memory_bandwidth_bytes_per_second"][0] == "variant"


@pytest.fixture(scope="module")
def formulas() -> duckdb.DuckDBPyConnection:
    con = duckdb.connect()
    con.execute((derive.SQL_FOLDER / "formulas.sql").read_text(encoding="utf-8"))
    return con


@settings(max_examples=100, deadline=None)
@given(one=st.floats(1, 1e18), factor=st.floats(1, 40), power=st.integers(-3, 3))
def test_figures_agree_alike_both_ways_and_never_far_apart(formulas, one, factor, power):
    other = one * factor

    def agree(a: float, b: float) -> bool:
        row = formulas.execute("select figures_agree(?::double, ?::double, 0.01)", [a, b]).fetchone()
        assert row is not None
        return row[0]

    assert agree(one, one)
    assert agree(one, other) == agree(other, one)
    if factor <= 1.0099:
        assert agree(one, other)
    if factor > 1.0527:  # half a unit in the second digit is at most one in twenty of the figure, 10 for 10.5
        assert not agree(one, other)
    if not math.isclose(factor, 1.01, rel_tol=1e-6):
        row = formulas.execute("select two_digit_rounding(?::double)", [one * 10.0**power]).fetchone()
        assert row is not None and 0 <= row[0] <= one * 10.0**power / 20 * (1 + 1e-9)


@settings(max_examples=100, deadline=None)
@given(
    words=st.lists(st.sampled_from(["A100", "SXM4", "80", "PCIe", "v5e", "Ti", "RTX"]), min_size=1, max_size=5),
    data=st.data(),
)
def test_a_chips_name_is_compared_without_maker_order_or_case(formulas, words, data):
    shuffled = data.draw(st.permutations(words))
    row = formulas.execute(
        "select chip_key(?), chip_key(?)", [" ".join(words), f"NVIDIA® {' '.join(shuffled)} GPU".lower()]
    ).fetchone()
    assert row is not None
    assert row[0] == row[1]
