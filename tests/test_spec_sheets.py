"""Spec sheets: readings against truth transcribed by hand, what is refused and why, crawls, and hostile pages."""

from __future__ import annotations

import csv
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows import sources, spec_sheets
from flows.http import FetchError
from flows.rows import SchemaBreak
from flows.sources import Ask, Scope, amd_chips, cloud_tpu_chips, nvidia_chips, wikipedia_chips
from flows.spec_sheets import Sheet, spec_rows
from schemas.contract import check
from schemas.tables import LAYERS

HERE = Path(__file__).parent / "sources"
MODULES = {
    "wikipedia_chips": wikipedia_chips,
    "cloud_tpu_chips": cloud_tpu_chips,
    "nvidia_chips": nvidia_chips,
    "amd_chips": amd_chips,
}
COLUMNS = ("table", "chip_name", "quantity", "value", "unit", "sparsity", "note")
# The page of the A100 says in a sentence, of which the stored excerpt has nothing, that its rates are in TFLOPS.
STORED = {
    "gpu_datasheet_table_sparsity_trap.md": Sheet("GPU"),
    "nvidia_a100_lockwood_en.txt": Sheet("A100", rate_unit="TFLOPS"),
    "nvidia_h100_reseller_ja.txt": Sheet("NVIDIA H100"),
    "tpu_v4_de.txt": None,
    "tpu_v4_en.txt": None,
    "tpu_v5e_en_rev1.md": None,
    "tpu_v5e_en_rev2.md": None,
}
FIXTURES = sorted(path for name in MODULES for path in (HERE / name).glob("*.csv"))


def truth(path: Path) -> list[tuple]:
    """Expected readings in the page's order: table, chip, quantity, value, unit, sparsity, note."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [tuple((float(row[c]) if row[c] else None) if c == "value" else row[c] for c in COLUMNS) for row in rows]


def readings(frame: pl.DataFrame) -> list[tuple]:
    """What a parser made of a page, in the same shape."""
    names = ("table_number", *COLUMNS[1:])
    rows = frame.select(names).rows()
    return [
        tuple((float(v) if v else None) if n == "value" else v for n, v in zip(names, row, strict=True)) for row in rows
    ]


def html(*tables: str, before: str = "", after: str = "") -> bytes:
    return f"<!DOCTYPE html><html><body>{before}{''.join(tables)}{after}</body></html>".encode()


def table(*rows: str, cell: str = "td") -> str:
    """A table of rows whose cells are parted by `|`; two strokes part figures inside a cell."""
    cells = [[text.strip().replace("¦", "|") for text in row.split("|")] for row in rows]
    return (
        f"<table>{''.join('<tr>' + ''.join(f'<{cell}>{t}</{cell}>' for t in row) + '</tr>' for row in cells)}</table>"
    )


def read(content: bytes, sheet: Sheet | None = None) -> list[dict]:
    return spec_rows(content, "page", sheet or Sheet("Chip")).frame.rows(named=True)


def figures_of(content: bytes, sheet: Sheet | None = None) -> list[tuple]:
    return [
        (row["quantity"], float(row["value"]) if row["value"] else None, row["sparsity"], row["note"])
        for row in read(content, sheet)
    ]


# ---- truth ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(STORED))
def test_every_cell_of_the_stored_pages_is_as_transcribed(shared, name):
    content = (shared / "data" / "spec_text" / name).read_bytes().split(b"\n", 1)[1]  # line 1 is the collector's note
    sheet = STORED[name]
    if sheet is None:
        frame = cloud_tpu_chips.parse("specifications", content, name)["cloud_tpu_chips"].frame
    else:
        frame = spec_rows(content, name, sheet).frame
    expected = truth(HERE / "spec_text" / f"{Path(name).stem}.csv")
    assert readings(frame) == expected
    checked = check(frame, LAYERS["raw"]["cloud_tpu_chips"])
    assert checked.broken.is_empty()
    assert checked.accepted.height == len(expected)


@pytest.mark.parametrize("name", sorted(name for name in STORED if name.endswith(".md") or "ja" in name))
def test_no_cell_of_the_stored_pages_is_lost(shared, name):
    """The cells between strokes, split here without any reader, are the cells of the readings, in order."""
    text = (shared / "data" / "spec_text" / name).read_text(encoding="utf-8").split("\n", 1)[1]
    sheet = STORED[name] or Sheet("TPU v5e", cloud_tpu_chips.chip_of, on_matrix_units=True)
    lines = [line.strip().strip("|").split("|") for line in text.splitlines() if "|" in line and "---" not in line]
    by_name = name.startswith("gpu")  # there the second column names the chip
    body = [
        line for line in lines if not line[0].strip().startswith(("Architecture", "Key", "Specification", "NVIDIA"))
    ]
    there = [cell.strip() for line in body for place, cell in enumerate(line) if place != int(by_name) and cell.strip()]
    rows = spec_rows(text.encode(), name, sheet).frame.rows(named=True)
    places = [
        (row["table_number"], row["chip_name"], row["row_label"], row["column_label"], row["cell_text"]) for row in rows
    ]
    assert [place[-1] for place in dict.fromkeys(places)] == there


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_pages_made_by_hand(path):
    module = MODULES[path.parent.name]
    (dataset,) = module.DATASETS
    parsed = module.parse(dataset, path.with_suffix(".html").read_bytes(), path.stem)
    (rows,) = parsed.values()
    assert list(parsed) == [path.parent.name]
    expected = truth(path)
    assert readings(rows.frame) == expected
    checked = check(rows.frame, LAYERS["raw"][path.parent.name])
    assert (rows.rows_read, checked.accepted.height, checked.broken.height) == (len(expected), len(expected), 0)


def test_a_fixture_says_that_it_is_made_by_hand():
    pages = [path for name in MODULES for path in (HERE / name).glob("*.html")]
    assert len(pages) == len(FIXTURES)
    for path in pages:
        assert path.read_text(encoding="utf-8").splitlines()[0].startswith("<!-- made by hand after")


def test_a_reading_keeps_its_place_and_words():
    content = (HERE / "nvidia_chips" / "x9.html").read_bytes()
    rows = nvidia_chips.parse("specifications", content, "x9")["nvidia_chips"].frame.rows(named=True)
    (both,) = {
        (r["table_number"], r["table_title"], r["row_label"], r["column_label"], r["cell_text"])
        for r in rows
        if r["quantity"].startswith("peak_fp16_") and r["chip_name"] == "X9 PCIe" and r["sparsity"]
    }
    assert both == ("1", "Product Specifications", "FP16 Tensor Core", "X9 PCIe", "756 | 1,513* teraFLOPS")


# ---- what is never guessed ------------------------------------------------------------------------------------------


def test_two_chips_of_one_name_are_told_apart_by_their_memory():
    content = html(table("Name | Memory (GB) | FP16 (TFLOPS)", "A | 40 | 312", "A | 80 | 312", "B | 24 | 125"))
    assert [row["chip_name"] for row in read(content)] == ["A 40"] * 2 + ["A 80"] * 2 + ["B"] * 2


def test_a_rate_without_a_word_on_its_units_is_not_called_dense():
    content = html(table("Name | FP16 (TFLOPS) | INT8 (TOPS) | FP32 (TFLOPS)", "A | 312 | 624 | 19.5"))
    assert figures_of(content) == [
        ("peak_tensor_16bit", 312e12, "unmarked", ""),
        ("peak_int8", 624e12, "unmarked", ""),
        ("peak_fp32", 19.5e12, "", ""),
    ]


def test_plain_beside_tensor_is_of_ordinary_units_but_only_under_another_label():
    two = html(table("Name | FP16 (TFLOPS) | FP16 Tensor Core (TFLOPS)", "A | 78 | 312", "P | 21 | N/A"))
    assert [quantity for quantity, *_ in figures_of(two)] == [
        "peak_fp16_vector",
        "peak_fp16_dense",
        "peak_fp16_vector",
        "",
    ]
    one = html(table("Name | FP16", "A | 312 TFLOPS Tensor Core", "P | 21 TFLOPS"))
    assert figures_of(one)[1] == ("peak_tensor_16bit", 21e12, "unmarked", "")


def test_non_tensor_is_no_tensor():
    content = html(table("Name | FP16 (non-tensor) | FP16 dense tensor", "A | 78 TFLOPS | 312 TFLOPS"))
    assert [quantity for quantity, *_ in figures_of(content)] == ["peak_fp16_vector", "peak_fp16_dense"]


def test_a_mark_on_the_chip_speaks_of_its_rates_on_matrix_units_alone():
    content = html(table("| A*", "FP64 | 34 TFLOPS", "FP16 Tensor Core | 1979 TFLOPS"), after="<p>* With sparsity</p>")
    assert figures_of(content) == [("peak_fp64", 34e12, "", ""), ("peak_fp16_sparse", 1979e12, "sparse", "")]


@pytest.mark.parametrize(
    ("first", "second"),
    [("dense", "sparse"), ("sparse", "dense")],
)
def test_an_order_of_dense_and_sparse_in_the_label_counts(first, second):
    content = html(table("| A", f"FP8 Tensor Core ({first} ¦ {second}) | 10 ¦ 20 PFLOPS", "GPU memory | 80 GB"))
    assert [row[:3] for row in figures_of(content)][:2] == [
        (f"peak_fp8_{first}", 10e15, first),
        (f"peak_fp8_{second}", 20e15, second),
    ]


def test_formats_of_label_and_cell_must_not_contradict_each_other():
    content = html(table("Name | FP16 (TFLOPS) | Memory", "A | 312 (FP8) | 80 GB"))
    assert figures_of(content)[0] == ("", 312e12, "", spec_sheets.OTHER_FORMAT)


def test_the_format_of_the_sums_is_not_that_of_the_rate():
    content = html(table("Name | FP16 Tensor Core with FP32 accumulate (TFLOPS)", "A | 112"))
    assert [quantity for quantity, *_ in figures_of(content)] == ["peak_fp16_dense"]


def test_columns_without_a_name_are_not_given_the_page_s_chip():
    content = html(table("Memory | 80 GB | 40 GB", "FP32 | 19 TFLOPS | 9 TFLOPS", "TDP | 400 W | 250 W"))
    with pytest.raises(SchemaBreak, match="page: no table of specifications was found; the page has 1 table"):
        spec_rows(content, "page", Sheet("Chip"))


@pytest.mark.parametrize(
    ("label", "cell", "note"),
    [
        ("TDP", "300-350 W", spec_sheets.A_RANGE),
        ("Memory", "80", spec_sheets.NO_UNIT),
        ("Memory", "—", spec_sheets.NO_FIGURE),
        ("Measured min/mean/max power", "90/170/192 W", spec_sheets.MEASURED),
        ("Idle power", "50 W", spec_sheets.MEASURED),
        ("L2 cache memory", "50 MB", spec_sheets.NOT_OURS),
        ("Memory data rate", "2.4 Gbps", spec_sheets.NOT_OURS),
        ("DRAM per host", "512 GiB", spec_sheets.OF_THE_HOST),
        ("Peak compute per Pod (bf16)", "1.1 exaflops", spec_sheets.OF_THE_POD),
        ("Performance per watt (FP32)", "65 GFLOPS", spec_sheets.NOT_OURS),
        ("Peak compute", "100 TFLOPS", spec_sheets.NO_FORMAT),
        ("Memory", "2 x 16 GB", spec_sheets.OF_A_PART),
        ("Memory", "16 GB or 32 GB", spec_sheets.SEVERAL),
        ("Launch price", "€9,999", spec_sheets.OTHER_CURRENCY),
        ("FP8 (dense / sparse)", "3,958 TFLOPS", spec_sheets.SPARSE_OR_DENSE),
        ("Memory " + "1 GB " * 50, "1 GB " * 50, spec_sheets.SEVERAL),
        ("Memory", "x" * 10_001, spec_sheets.TOO_LONG),
    ],
)
def test_what_is_refused_says_why(label, cell, note):
    content = html(table("| A", "Peak FP32 | 19.5 TFLOPS", f"{label} | {cell}"))
    first, refused = figures_of(content)
    assert first == ("peak_fp32", 19.5e12, "", "")
    assert (refused[0], refused[2], refused[3]) == ("", "", note)


def test_a_system_is_no_chip():
    content = html(
        table("| A SXM | DGX A | A 8-GPU | 8x A | NVL72 A", *["GPU memory | 80 GB | 640 GB | 640 GB | 640 GB | 14 TB"])
    )
    assert [(row[0], row[3]) for row in figures_of(content)] == [("memory_bytes", "")] + [
        ("", spec_sheets.OF_A_SYSTEM)
    ] * 4


def test_a_header_over_the_whole_table_names_no_chip():
    whole = "<table><tr><th colspan=2>A Tensor Core GPU Specifications</th></tr><tr><td>FP32</td><td>30 TFLOPS</td></tr></table>"
    assert [row["chip_name"] for row in read(html(whole), Sheet("A"))] == ["A"]


def test_tables_that_tell_of_no_quantity_are_left_out():
    content = html(
        table("Topology | Chips | Hosts", "2x2 | 4 | 1", cell="th"),
        table("Components | Memory", "Memory | GDDR · HBM"),
        table("| A", "TDP | 400 W", "FP32 | 19.5 TFLOPS"),
    )
    assert {row["table_number"] for row in read(content)} == {"3"}


@given(
    dense=st.integers(1, 9999),
    spelled=st.sampled_from(
        [
            "{d} ({s} w/ sparsity) TFLOPS",
            "{d} TFLOPS ¦ {s} TFLOPS*",
            "{d} ¦ {s}* TFLOPS",
            "{s} TFLOPS*",
            "{s} TFLOPS with sparsity",
            "{s}* TFLOPS",
        ]
    ),
    label=st.sampled_from(["FP16 Tensor Core", "FP16", "BF16", "FP8", "TF32 Tensor Core", "INT8 Tensor Core", "FP4"]),
)
def test_with_sparsity_is_never_the_dense_peak(dense, spelled, label):
    sparse = 2 * dense + 1
    content = html(
        table("| A", f"{label} | {spelled.format(d=dense, s=sparse)}", "Memory | 80 GB"), after="<p>* With sparsity</p>"
    )
    found = {
        value: (quantity, sparsity)
        for quantity, value, sparsity, _ in figures_of(content)
        if quantity.startswith("peak")
    }
    quantity, sparsity = found.pop(sparse * 1e12)
    assert quantity.endswith("_sparse") and sparsity == "sparse"
    assert all(quantity.endswith("_dense") and sparsity == "dense" for quantity, sparsity in found.values())
    assert set(found) <= {dense * 1e12}


# ---- pages that surprise --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(MODULES))
def test_a_page_without_a_table_of_specifications_fails(name):
    module = MODULES[name]
    (dataset,) = module.DATASETS
    with pytest.raises(
        SchemaBreak, match=r"page: no table of specifications was found; the page has 1 table: Plan \| Price"
    ):
        module.parse(dataset, html(table("Plan | Price", "Small | $5")), "page")


@pytest.mark.parametrize(
    ("old", "new", "missing"),
    [("Peak compute", "Oomph", "peak"), ("HBM capacity and", "Goodness and", "memory_bytes")],
)
def test_a_header_that_moved_fails(old, new, missing):
    text = (HERE / "cloud_tpu_chips" / "v9e.html").read_text(encoding="utf-8")
    text = (
        text.replace(old, new).replace(" (BF16)", "").replace(" (Int8)", "")
        if missing == "peak"
        else text.replace(old, new)
    )
    with pytest.raises(SchemaBreak, match=f"^v9e: a figure of {missing} was expected; there are "):
        cloud_tpu_chips.parse("specifications", text.encode(), "v9e")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"%PDF-1.7 \x00\x01",
        b"\x00" * 1000,
        b'<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><html><table><tr><td>&b;</td></tr></table></html>',
        html("<table><tr><td colspan=999999999 rowspan=999999999>FP32</td><td>1 TFLOPS</td></tr></table>"),
        html("<div>" * 1_000_000),
        html(table("| A", "FP32 | 19 TFLOPS")).replace(b"</table>", b"").replace(b"</body></html>", b""),
        html("<table><tr><td>Memory</td>" + "<td>80 GB</td>" * 100_000 + "</tr></table>"),
        html(
            "<table><tr><th>Name<th>Memory"
            + f"<tr><td>A<td rowspan=20000>{'80 GB ' * 1000}"
            + "<tr><td>B" * 19_000
            + "</table>"
        ),
    ],
    ids=["empty", "pdf", "nul", "entities", "spans", "nested", "cut off", "columns", "text times span"],
)
def test_hostile_pages_give_one_sentence(content):
    with pytest.raises(SchemaBreak, match=r"^page( table 1)?: ") as caught:
        spec_rows(content, "page", Sheet("Chip"))
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 400


@pytest.mark.slow
def test_a_page_of_more_text_than_a_page_holds_is_refused():
    """A table is small as bytes and large once its labels stand beside each cell."""
    head = "".join(f"<th>Memory {'x' * 900} {column}" for column in range(200))
    page = html(f"<table><tr><th>Name{head}" + ("<tr><td>A" + "<td>80 GB" * 200) * 400 + "</table>")
    with pytest.raises(
        SchemaBreak, match=r"^page: cells of a spec sheet were expected; .* more than 50,000,000 characters$"
    ):
        spec_rows(page, "page", Sheet("Chip"))


_LABELS = ("FP16", "Memory", "TDP (W)", "Tensor Core", "A100", "Name", "w/ sparsity", "per Pod", "(GB/s)")
_FIGURES = ("80 GB", "1,979 TFLOPS*", "2×10^15", "300-350 W", "—", "/", "(", ")", "3.35 TB/s", "700 W")
WORDS = st.sampled_from(_LABELS + _FIGURES)
CELLS = st.lists(WORDS | st.text(max_size=8), max_size=4).map(" ".join)


@settings(max_examples=150, deadline=None)
@given(
    rows=st.lists(st.lists(CELLS, min_size=1, max_size=5), min_size=1, max_size=5), tag=st.sampled_from(["td", "th"])
)
def test_any_table_gives_rows_that_keep_the_contract_or_one_sentence(rows, tag):
    body = "".join("<tr>" + "".join(f"<{tag}>{cell}</{tag}>" for cell in row) + "</tr>" for row in rows)
    fixed = table("| A", "FP32 | 19.5 TFLOPS")
    try:
        found = spec_rows(html(fixed, f"<table>{body}</table>"), "page", Sheet("Chip"))
    except SchemaBreak as error:
        assert str(error).startswith("page: ")
        return
    checked = check(found.frame, LAYERS["raw"]["nvidia_chips"])
    assert checked.broken.is_empty()
    assert checked.accepted.height == found.rows_read >= 1
    assert checked.accepted["chip_name"].null_count() == 0


# ---- names ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("label", "chip"),
    [
        ("v5e values", "TPU v5e"),
        ("v4-Pod-Werte", "TPU v4"),
        ("Valores de v5e", "TPU v5e"),
        ("v6e (Trillium)", "TPU v6e (Trillium)"),
        ("TPU7x (Ironwood)", "TPU7x (Ironwood)"),
        ("tpu7x", "TPU7x"),
        ("tpu_v5e_en_rev2.md", "TPU v5e"),
        ("Values", ""),
        ("Specification", ""),
    ],
)
def test_a_generation_is_named_as_the_page_names_it(label, chip):
    assert cloud_tpu_chips.chip_of(label) == chip


def test_a_page_names_its_product():
    assert [nvidia_chips.chip_of(page) for page in ("l40s", "a30-gpu", "tesla-t4")] == [
        "NVIDIA L40S",
        "NVIDIA A30",
        "NVIDIA T4",
    ]
    assert [wikipedia_chips.tpu_name(label) for label in ("v5p", "TPUv4", "")] == ["TPU v5p", "TPUv4", ""]


# ---- crawls ---------------------------------------------------------------------------------------------------------


class Answers:
    """A `get` over canned answers by page; remembers what it was asked."""

    def __init__(self, failures: dict[str, FetchError] | None = None) -> None:
        self.failures = failures or {}
        self.asks: list[Ask] = []

    def __call__(self, ask: Ask) -> bytes:
        self.asks.append(ask)
        if ask.page in self.failures:
            raise self.failures[ask.page]
        return b"page"


def crawled(name: str, answers: Answers, **own: str) -> list[int]:
    module = MODULES[name]
    expected: list[int] = []
    (dataset,) = module.DATASETS
    module.crawl(answers, Scope(settings=module.SETTINGS(**own), expect=expected.append), dataset)
    return expected


@pytest.mark.parametrize(
    ("name", "page", "url"),
    [
        ("wikipedia_chips", "Tensor_Processing_Unit", "https://en.wikipedia.org/wiki/Tensor_Processing_Unit"),
        ("cloud_tpu_chips", "v5e", "https://docs.cloud.google.com/tpu/docs/v5e"),
        ("nvidia_chips", "a30-gpu", "https://www.nvidia.com/en-us/data-center/products/a30-gpu/"),
        ("amd_chips", "mi300x", "https://www.amd.com/en/products/accelerators/instinct/mi300/mi300x.html"),
    ],
)
def test_each_page_is_asked_for_once(name, page, url):
    answers = Answers()
    assert crawled(name, answers) == [len(answers.asks)]
    pages = [ask.page for ask in answers.asks]
    assert len(set(pages)) == len(pages)
    (ask,) = [ask for ask in answers.asks if ask.page == page]
    assert (ask.url, ask.accepts) == (url, ("text/html",))


def test_a_mirror_and_other_pages_are_settings(monkeypatch):
    monkeypatch.setenv("AICOMPUTE_NVIDIA_CHIPS_URL", "http://127.0.0.1:8/mirror/")
    monkeypatch.setenv("AICOMPUTE_NVIDIA_CHIPS_PAGES", "h100, products/a10-gpu")
    answers = Answers()
    nvidia_chips.crawl(answers, Scope(settings=sources.settings_of("nvidia_chips")), "specifications")
    assert [(ask.page, ask.url) for ask in answers.asks] == [
        ("h100", "http://127.0.0.1:8/mirror/h100/"),
        ("a10-gpu", "http://127.0.0.1:8/mirror/products/a10-gpu/"),
    ]


def test_a_title_with_other_letters_is_quoted():
    answers = Answers()
    crawled("wikipedia_chips", answers, pages="Hopper_(microarchitecture),Élan?x")
    assert [ask.url.rsplit("/", 1)[1] for ask in answers.asks] == ["Hopper_%28microarchitecture%29", "%C3%89lan%3Fx"]
    assert [ask.page for ask in answers.asks] == ["Hopper_(microarchitecture)", "Élan?x"]


@pytest.mark.parametrize("status", [404, 410])
def test_a_page_that_is_gone_leaves_the_others(status):
    answers = Answers({"v3": FetchError("gone", status=status)})
    crawled("cloud_tpu_chips", answers, pages="v2,v3,v4")
    assert [ask.page for ask in answers.asks] == ["v2", "v3", "v4"]


def test_pages_that_are_all_gone_fail():
    answers = Answers({page: FetchError("gone", status=404) for page in ("v2", "v3")})
    with pytest.raises(FetchError, match=r"^none of the pages asked for is there: v2, v3$"):
        crawled("cloud_tpu_chips", answers, pages="v2,v3")


@pytest.mark.parametrize("status", [403, 500, None])
def test_any_other_failure_ends_the_crawl(status):
    answers = Answers({"v3": FetchError("no", status=status)})
    with pytest.raises(FetchError, match=r"^no$"):
        crawled("cloud_tpu_chips", answers, pages="v2,v3,v4")
    assert [ask.page for ask in answers.asks] == ["v2", "v3"]


@pytest.mark.parametrize("name", sorted(MODULES))
def test_a_source_says_that_it_is_not_proven_and_asks_robots(name):
    module = MODULES[name]
    assert name in sources.live()
    assert module.ABOUT.asks_robots and not module.ABOUT.is_proven and not module.ABOUT.adds
    assert set(module.DATASETS.values()) == {name}
    assert module.SETTINGS().requests_per_second <= 1
