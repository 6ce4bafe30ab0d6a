"""Tables of pages as grids: what the HTML standard says of spans, footnotes against exponents, real pages, hostile ones.

The small pages in this file are made by hand after the documentation of HTML and of MediaWiki's output.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from flows.grids import MOST_BYTES, MOST_CELLS, Grid, grids, html_grids, text_grids
from flows.rows import SchemaBreak


def page(body: str) -> bytes:
    return f"<!DOCTYPE html><html><head><meta charset=utf-8></head><body>{body}</body></html>".encode()


def only(body: str) -> Grid:
    """The single grid of a page."""
    (grid,) = html_grids(page(body), "page")
    return grid


def texts(grid: Grid) -> list[list[str]]:
    return [[cell.text for cell in row] for row in grid.rows]


def cell(inside: str, after: str = ""):
    return only(f"<table><tr><td>{inside}</td></tr></table>{after}").rows[0][0]


# ---- spans ----------------------------------------------------------------------------------------------------------


def test_a_cell_that_spans_is_one_object_in_each_of_its_places():
    grid = only("<table><tr><td rowspan=2 colspan=2>a</td><td>b</td></tr><tr><td>c</td></tr></table>")
    assert texts(grid) == [["a", "a", "b"], ["a", "a", "c"]]
    (a, again, _), (below, _, c) = grid.rows
    assert a is again and a is below
    assert (a.row, a.column, a.row_span, a.column_span) == (0, 0, 2, 2)
    assert (c.row, c.column, c.row_span, c.column_span) == (1, 2, 1, 1)


def test_a_span_of_no_rows_goes_to_the_end_of_the_group_of_rows():
    rows = "<tbody><tr><td rowspan=0>a<td>b<tr><td>c<tr><td>d</tbody><tbody><tr><td>e<td>f</tbody>"
    grid = only(f"<table>{rows}</table>")
    assert texts(grid) == [["a", "b"], ["a", "c"], ["a", "d"], ["e", "f"]]
    assert grid.rows[0][0].row_span == 3


def test_a_cell_ends_with_its_group_of_rows_as_browsers_show_it():
    grid = only("<table><thead><tr><th rowspan=9>a</thead><tr><td>b<tr><td>c</table>")
    assert texts(grid) == [["a"], ["b"], ["c"]]
    assert grid.rows[0][0].row_span == 1


def test_a_missing_cell_is_empty_and_a_footer_comes_last():
    grid = only("<table><tfoot><tr><td>z<td>y</tfoot><tr><td>a</table>")
    assert texts(grid) == [["a", ""], ["z", "y"]]
    empty = grid.rows[0][1]
    assert (empty.row, empty.column, empty.is_header, empty.notes, empty.raw) == (0, 1, False, (), "")


@pytest.mark.parametrize(
    ("said", "span"),
    [("2", 2), (" 2", 2), ("+2", 2), ("2.9", 2), ("2px", 2), ("002", 2), ("", 1), ("x", 1), ("-2", 1), ("0", 1)],
)
def test_a_span_is_read_as_html_reads_numbers(said, span):
    assert len(only(f'<table><tr><td colspan="{said}">a</table>').rows[0]) == span


def standard(groups: list[tuple[str, list[list[tuple[str, int, int]]]]]) -> list[list[str]]:
    """The HTML standard's algorithm for forming a table, step by step, over (text, colspan, rowspan).

    Rows without a tr, which it makes of a span beyond its group, are left out: nobody shows them. Where two cells lie in
    one slot, which it calls an error, the one that begins earlier counts: texts are numbered in that order.
    """
    slots: dict[tuple[int, int], list[str]] = {}
    width = height = current = 0
    with_row = []
    ordered = [g for g in groups if g[0] != "tfoot"] + [g for g in groups if g[0] == "tfoot"]
    for _, rows in ordered:
        growing: list[tuple[str, int, int]] = []

        def grow(at: int, growing: list[tuple[str, int, int]] = growing) -> None:
            for text, left, wide in growing:
                for x in range(left, left + wide):
                    slots.setdefault((x, at), []).append(text)

        for row in rows:
            if height == current:
                height += 1
            with_row.append(current)
            x = 0
            grow(current)
            for text, colspan, rowspan in row:
                while x < width and (x, current) in slots:
                    x += 1
                down, rowspan = rowspan == 0, rowspan or 1
                width, height = max(width, x + colspan), max(height, current + rowspan)
                for y in range(current, current + rowspan):
                    for column in range(x, x + colspan):
                        slots.setdefault((column, y), []).append(text)
                if down:
                    growing.append((text, x, colspan))
                x += colspan
            current += 1
        while current < height:
            grow(current)
            current += 1
    earliest = {place: min(cells, key=lambda text: (len(text), text)) for place, cells in slots.items()}
    return [[earliest.get((x, y), "") for x in range(width)] for y in with_row] if width else []


def markup(groups: list[tuple[str, list[list[tuple[str, int, int]]]]]) -> str:
    out = ["<table>"]
    for kind, rows in groups:
        out.append(f"<{kind}>")
        for row in rows:
            cells = (f'<td colspan="{wide}" rowspan="{tall}">{text}</td>' for text, wide, tall in row)
            out.append(f"<tr>{''.join(cells)}</tr>")
        out.append(f"</{kind}>")
    return "".join([*out, "</table>"])


@st.composite
def tables(draw: st.DrawFn) -> list[tuple[str, list[list[tuple[str, int, int]]]]]:
    number = iter(range(10_000))
    groups = []
    for kind in draw(st.lists(st.sampled_from(["thead", "tbody", "tbody", "tfoot"]), max_size=4)):
        spans = st.tuples(st.integers(1, 4), st.integers(0, 4))
        shape = draw(st.lists(st.lists(spans, max_size=5), max_size=5))
        rows = [[(f"c{next(number)}", wide, tall) for wide, tall in row] for row in shape]
        groups.append((kind, rows))
    return groups


@settings(max_examples=400, deadline=None)
@given(tables())
@example([("tbody", [[("a", 1, 2), ("b", 1, 1), ("c", 1, 2)], [("d", 3, 1)]])])  # d lies over c
def test_spans_are_expanded_as_the_standard_forms_a_table(groups):
    found = html_grids(page(markup(groups)), "page")
    assert ([texts(grid) for grid in found] or [[]]) == [standard(groups)]


# ---- text of cells --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("inside", "text"),
    [
        ("2×10<sup>15</sup>", "2×10^15"),
        ("2 x 10<sup>15</sup> FLOP", "2 x 10^15 FLOP"),
        ("10<sup>−12</sup>", "10^−12"),
        ("10<sup>2500</sup>", "10^2500"),
        ("5<sup>15 units</sup>", "5^15 units"),
        ("2<sup>10</sup>", "2^10"),
        ("10¹⁵", "10^15"),
        ("814 mm<sup>2</sup>", "814 mm^2"),
        ("814 mm²", "814 mm²"),
        ("s<sup>−1</sup>", "s^−1"),
        ("1<sup>st</sup> Tensor<sup>TM</sup>", "1st TensorTM"),
        ("H<sub>2</sub>O", "H2O"),
        ("80 GB<br>HBM2e", "80 GB\nHBM2e"),
        ("<p>a</p> <ul><li>b</li><li>c</li></ul>", "a\nb\nc"),
        ("1&nbsp;200 GB/s", "1\u00a0200 GB/s"),
        ("a \n\t <b> b</b>", "a b"),
        ("a&shy;b\u200bc", "abc"),
        ("2*10 3 * 4", "2*10 3 * 4"),
        ("*FP8", "*FP8"),
        ("&lt;td&gt;", "<td>"),
    ],
)
def test_text_of_a_cell(inside, text):
    found = cell(inside)
    assert (found.text, found.raw, found.notes) == (text, text, ())


@pytest.mark.parametrize(
    ("inside", "text", "raw", "notes"),
    [
        ("1,979 teraFLOPS*", "1,979 teraFLOPS", "1,979 teraFLOPS*", ("*",)),
        ("1,979 TFLOPS<sup>*</sup>", "1,979 TFLOPS", "1,979 TFLOPS*", ("*",)),
        ("989 / 1,979*", "989 / 1,979", "989 / 1,979*", ("*",)),
        ("624** | 312*", "624 | 312", "624** | 312*", ("**", "*")),
        ("19.5<sup>[1]</sup>", "19.5", "19.5[1]", ("[1]",)),
        ("19.5[1][note 2]", "19.5", "19.5[1][note 2]", ("[1]", "[note 2]")),
        ("19.5 †", "19.5", "19.5 †", ("†",)),
        ("67 teraFLOPS<sup>2</sup>", "67 teraFLOPS", "67 teraFLOPS^2", ("2",)),
        ("67 TFLOPS<sup>1, 2</sup>", "67 TFLOPS", "67 TFLOPS^1,2", ("1", "2")),
        ("67<sup>1,2</sup>", "67", "67^1,2", ("1", "2")),
        ("67 TFLOPS<sup>(1)</sup>", "67 TFLOPS", "67 TFLOPS(1)", ("(1)",)),
        ("67<sup>a</sup>", "67", "67^a", ("a",)),
        ("2×10<sup>15</sup><sup>*</sup>", "2×10^15", "2×10^15*", ("*",)),
        ('1,979<sup><a href="#fn3">3</a></sup>', "1,979", "1,979^3", ("3",)),
    ],
)
def test_footnote_marks_are_taken_out_of_the_text(inside, text, raw, notes):
    found = cell(inside)
    assert (found.text, found.raw, found.notes) == (text, raw, notes)


def test_a_raised_number_after_a_number_is_a_mark_only_where_a_footnote_has_it():
    assert cell("1,979<sup>2</sup>").text == "1,979^2"
    marked = cell("1,979<sup>2</sup>", "<p><sup>2</sup> With sparsity.</p>")
    assert (marked.text, marked.raw, marked.notes) == ("1,979", "1,979^2", ("2",))
    assert cell("3×10<sup>2</sup>", "<p>2. With sparsity.</p>").text == "3×10^2"


@pytest.mark.parametrize(
    "hidden",
    [
        '<span style="display:none">7</span>',
        '<span style="color:red; DISPLAY : none">7</span>',
        '<span style="visibility:hidden;color:transparent;">7</span>',
        "<span hidden>7</span>",
        '<span class="a sortkey">7</span>',
        '<sup class="noprint Inline-Template">[7]</sup>',
        '<span class="mw-editsection">7</span>',
        "<script>7</script><style>7</style><template>7</template>",
        "<!-- 7 -->",
        '<div style="display:none"><div>7<table><tr><td>7</table></div>7</div>',
    ],
)
def test_what_is_hidden_is_no_text(hidden):
    assert cell(f"1{hidden}23").text.replace("\n", "") == "123"


def test_a_sort_key_is_no_text_and_hidden_rows_and_cells_are_none():
    grid = only('<table><tr><td data-sort-value="9">1<td hidden>x<tr style="display:none"><td>y<tr><td>2</table>')
    assert texts(grid) == [["1"], ["2"]]


def test_a_table_in_a_cell_is_one_of_its_own():
    outer, inner = html_grids(page("<table><tr><td>a<table><tr><td>in</td></tr></table>b<td>c</table>"), "page")
    assert (outer.number, texts(outer)) == (1, [["a\nb", "c"]])
    assert (inner.number, texts(inner)) == (2, [["in"]])


def test_a_hidden_table_is_none_and_one_in_a_hidden_part_counts():
    body = (
        '<table hidden><tr><td>a</table><div style="display:none"><table><tr><td>b</table></div><table></table>'
        "<table><tr><td>c</table>"
    )
    assert [(grid.number, texts(grid)) for grid in html_grids(page(body), "page")] == [(1, [["b"]]), (3, [["c"]])]


# ---- headers, titles, footnotes -------------------------------------------------------------------------------------

CARDS = """
<h2>Data center<span class="mw-editsection">[edit]</span></h2>
<table class="wikitable"><tbody>
<tr><th rowspan="2">Model</th><th colspan="2">Processing power (TFLOPS)</th><th rowspan="2">Memory<br>bandwidth (GB/s)</th></tr>
<tr><th>Single</th><th>Half<sup id="cite_ref-h_1-0" class="reference"><a href="#cite_note-h-1">[a]</a></sup></th></tr>
<tr><th rowspan="2">A1</th><td>19.5</td><td>312*</td><td rowspan="2">1555</td></tr>
<tr><td>9.7</td><td>77<sup class="reference"><a href="#cite_note-2"><span>[</span>1<span>]</span></a></sup></td></tr>
<tr><th colspan="4">Next kind</th></tr>
<tr><td>B2</td><td>—</td><td></td><td>3350</td></tr>
<tr><td colspan="4">* Half of it without.<br>† Not used.</td></tr>
</tbody></table>
<h2>References</h2><ol class="references">
<li id="cite_note-h-1"><span class="mw-cite-backlink">^</span> <span class="reference-text">Dense.</span></li>
<li id="cite_note-2"><span class="mw-cite-backlink">^</span> <span class="reference-text">Tested 10<sup>3</sup> times.</span></li>
</ol>"""


def test_header_rows_labels_and_row_labels():
    grid = only(CARDS)
    assert (grid.title, grid.header_rows, len(grid.rows)) == ("Data center", 2, 6)
    assert [grid.labels(column) for column in range(4)] == [
        "Model",
        "Processing power (TFLOPS) / Single",
        "Processing power (TFLOPS) / Half",
        "Memory bandwidth (GB/s)",
    ]
    assert [grid.row_label(row) for row in range(2, 6)] == ["A1", "A1", "Next kind", "B2"]
    assert grid.data_rows() == [2, 3, 5]
    assert texts(grid)[2:4] == [["A1", "19.5", "312", "1555"], ["A1", "9.7", "77", "1555"]]


def test_footnotes_of_a_last_row_and_of_a_reference_list():
    grid = only(CARDS)
    assert grid.notes == {"[a]": "Dense.", "*": "Half of it without.", "[1]": "Tested 10^3 times.", "†": "Not used."}
    assert grid.rows[1][2].notes == ("[a]",)
    assert grid.rows[3][2].notes == ("[1]",)


def test_footnotes_below_a_table_end_at_the_next_table_or_heading():
    table = "<div><table><tr><td>1*</table></div>"
    below = "<div><p>About it.</p><small>* First words.</small></div>"
    first, second = html_grids(page(f"{table}{below}{table}<p>* Second words.</p><h3>On</h3><p>† No.</p>"), "page")
    assert first.notes == {"*": "First words."}
    assert second.notes == {"*": "Second words."}


def test_a_footnote_far_below_counts_where_it_is_the_only_one_of_its_mark():
    table, far = "<table><tr><td>1‡</table><h3>On</h3>", "<p>‡ Far words.</p>"
    assert html_grids(page(table + far), "page")[0].notes == {"‡": "Far words."}
    assert html_grids(page(f"{table}{far}<h3>Other</h3><p>‡ Other words.</p>"), "page")[0].notes == {}


def test_a_footnote_is_found_by_its_link():
    body = '<table><tr><td>5<sup><a href="#f1">1</a></sup></table><h3>On</h3><p id="f1"><sup>1</sup> With it. ↩</p><p>1. Not it.'
    assert only(body).notes == {"1": "With it."}


def test_a_part_of_the_page_that_is_linked_to_is_no_footnote():
    sup = '<sup><a href="#top">↑</a></sup>'
    table = f"<table><tr><td>5*{sup}</table>"
    first, second = html_grids(page(f'{table}<div id="top">Text.<h2>Next</h2>{table}<p>* With it.</p></div>'), "page")
    assert (first.title, first.notes) == ("", {"*": "With it."})
    assert (second.title, second.notes) == ("Next", {"*": "With it."})


def test_the_title_is_the_caption_or_else_the_nearest_heading_above():
    assert (
        only("<h1>a</h1><h3>b <i>c</i></h3><p>d</p><table><caption>e<br>f[1]</caption><tr><td>1</table>").title == "e f"
    )
    assert only("<h1>a</h1><h3>b <i>c</i></h3><p>d</p><table><tr><td>1</table>").title == "b c"
    assert only("<table><tr><td>1</table><h1>a</h1>").title == ""


@pytest.mark.parametrize(
    ("rows", "header_rows"),
    [
        ("<thead><tr><td>a<td>b</thead><tr><td>1<td>2", 1),
        ("<thead><tr><th>a<th>b</thead><tr><th>s<th>t<tr><td>1<td>2", 1),
        ("<tr><th>a<th>b<tr><td>1<td>2", 1),
        ("<tr><td><th>a<tr><th>b<td>1", 1),  # an empty corner
        ("<tr><th>a<td>1<tr><th>b<td>2", 0),  # row headers alone
        ("<tr><th colspan=2>t<tr><th>a<th>b<tr><td>1<td>2", 2),
        ("<tr><th>a<th>b<tr><th colspan=2>t<tr><td>1<td>2", 1),  # the second is the name of a section
        ("<tr><th rowspan=2>a<th colspan=2>b<tr><td>c<td>d<tr><td>1<td>2<td>3", 2),  # a header reaches into it
        ("<tr><td><td>A1<td>B2<tr><td>peak<td>1<td>2", 1),  # no th, an empty corner
        ("<tr><td><td>80 GB<tr><td>peak<td>1", 0),
        ("<tr><td>kind<td>Ampere<tr><td>peak<td>1", 0),
    ],
)
def test_header_rows(rows, header_rows):
    assert only(f"<table>{rows}</table>").header_rows == header_rows


def test_headers_repeated_within_a_table_are_in_force_below():
    rows = "<tr><th>a<th>b<tr><td>1<td>2<tr><th colspan=2>part<tr><th>c<th>d<tr><td>3<td>4<tr><th colspan=2>more<tr><td>5<td>6"
    grid = only(f"<table>{rows}</table>")
    assert grid.data_rows() == [1, 4, 6]
    assert [grid.labels(1, row) for row in grid.data_rows()] == ["b", "part / d", "part / d"]
    assert grid.labels(1) == "b"


# ---- bytes and broken pages -----------------------------------------------------------------------------------------

KANA = "<table><tr><td>メモリ 1\u00a0200</table>"


@pytest.mark.parametrize(
    "content",
    [
        KANA.encode(),
        b"\xef\xbb\xbf" + KANA.encode(),
        KANA.encode("utf-16"),
        b"\xfe\xff" + KANA.encode("utf-16-be"),
        b"<meta charset=iso-8859-1>" + KANA.encode(),  # wrongly declared
        b"<meta charset=no-such-thing>" + KANA.encode(),
        b"<meta charset=zlib>" + KANA.encode(),
        b'<?xml version="1.0" encoding="utf-16"?>' + KANA.encode(),
    ],
)
def test_charsets(content):
    assert texts(html_grids(content, "page")[0]) == [["メモリ 1\u00a0200"]]


def test_declared_charsets_and_bytes_that_are_in_none():
    sjis = "<meta charset=Shift_JIS><table><tr><td>メモリ</table>".encode("cp932")
    assert texts(html_grids(sjis, "page")[0]) == [["メモリ"]]
    latin = (
        b'<meta http-equiv="Content-Type" content="text/html; charset=ISO-8859-1"><table><tr><td>\x80 1\xa0200</table>'
    )
    assert texts(html_grids(latin, "page")[0]) == [["€ 1\u00a0200"]]
    assert texts(html_grids(b"<table><tr><td>a\xffb\0c</table>", "page")[0]) == [["a\ufffdb\ufffdc"]]


def test_tags_left_out_or_misplaced():
    assert texts(only("<table><td>1<td>2<tr><td>3<td>4</table>")) == [["1", "2"], ["3", "4"]]
    assert texts(only("<table><tr><td>1<b><i>2<tr><td>3</table>")) == [["12"], ["3"]]
    assert texts(only("<table><form><tr><td>1<td>2</form><tr><td>3</table>")) == [["1", "2"], ["3", ""]]
    assert texts(only("<table>stray<tr>text<td>1</b></p></table>")) == [["1"]]


@pytest.mark.parametrize(
    ("end", "inside"),
    [
        ("<table><tr><td>x</td><td>1,9", "table 1"),
        ("<table><tr><td>x</td></tr></table><table><tr><td>y</td></tr>", "table 2"),
        ('<table><tr><td>x</table><a href="', "a tag, a comment or a script"),
        ("<table><tr><td>x</table><!-- ", "a tag, a comment or a script"),
        ("<table><tr><td>x</table><script>", "a tag, a comment or a script"),
    ],
)
def test_a_page_cut_off_is_not_believed(end, inside):
    with pytest.raises(SchemaBreak, match=f"^page: a whole page was expected; it ends inside {inside}$"):
        html_grids(end.encode(), "page")


# Pages as large as they may be or larger, and what comes of each: the words of the error, or the text of a cell.
HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "colspan": (
        lambda: page("<table><tr><td colspan=999999999>x</table>"),
        "1,000 columns was expected; one spans 999999999",
    ),
    "rowspan": (
        lambda: page("<table><tr><td rowspan=999999999>x</table>"),
        "65,534 rows was expected; one spans 999999999",
    ),
    "digits": (lambda: page(f"<table><tr><td rowspan={'9' * 100_000}>x</table>"), "one spans 999999999999"),
    "spans": (
        lambda: page("<table><tr><td rowspan=65534 colspan=1000>x" + "<tr>" * 65_533 + "</table>"),
        "at most 200,000 cells were expected in all tables",
    ),
    "sparse": (
        lambda: page("<table><tr><td colspan=999>x" + "<tr><td>y" * 1_000 + "</table>"),
        "at most 200,000 cells were expected in all tables",
    ),
    "nested tags": (lambda: b"<div>" * 1_000_000, "tags at most 250 deep were expected"),
    "nested tables": (lambda: b"<table><tr><td>" * 300_000, "tags at most 250 deep were expected"),
    "elements": (lambda: page("<p>" * 3_000_000), "at most 1,000,000 tags was expected"),
    "columns": (
        lambda: page("<table><tr>" + "<td>x" * 100_000 + "</table>"),
        "at most 1,000 columns were expected; row 1",
    ),
    "empty rows": (lambda: page("<table>" + "<tr>" * 900_000 + "<td>x</table>"), "at most 200,000 cells were expected"),
    "many tables": (lambda: page("<table><tr><td>x<td>y</table>" * 110_000), "at most 200,000 cells were expected"),
    "size": (lambda: b"<p>x" * 12_500_000, "at most 10,000,000 bytes was expected; it has 50,000,000"),
    "laughs": (
        lambda: b'<!DOCTYPE lolz [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;">]><html><table><tr><td>&b;</table></html>',
        "its DOCTYPE declares entities of its own",
    ),
    "file": (
        lambda: (
            b'<?xml version="1.0"?>\n<!doctype x\n[<!ENTITY a SYSTEM "file:///etc/passwd">]><table><tr><td>&a;</table>'
        ),
        "its DOCTYPE declares entities of its own",
    ),
    "entities": (lambda: page("<table><tr><td>" + "&nosuch;" * 1_000_000 + "</table>"), "&nosuch;&nosuch;"),
    "attributes": (lambda: page(f"<table><tr><td {' '.join(f'a{i}' for i in range(900_000))}>x</table>"), "x"),
    "attribute": (lambda: page(f"<table><tr><td title='{'x' * 9_000_000}'>x</table>"), "x"),
    "doctypes": (lambda: b"<html>" + b"<!doctype " * 900_000, "it ends inside a tag, a comment or a script"),
    "brackets": (lambda: page("<table><tr><td>" + "<" * 900_000 + "</table>"), "<<<<"),
    "marks": (lambda: page("<table><tr><td>" + "a* " * 1_000_000 + "</table>"), "a a a"),
    "stars": (lambda: page("<table><tr><td>" + "*" * 5_000_000 + "</table>"), "****"),
    "raised": (lambda: page("<table><tr><td>" + "1<sup>2</sup>" * 100_000 + "</table>"), "1^21^2"),
    "raised in raised": (lambda: page("<table><tr><td>10" + "<sup>2" * 200 + "</table>"), "10^22222"),
    "places": (
        lambda: page(
            f"<table><tr><td>x{''.join(f'<sup><a href=#a{i}>{i}</a></sup>' for i in range(200))}</table>"
            f"{''.join(f'<div id=a{i}>' for i in range(200))}{'x ' * 4_000_000}"
        ),
        "x",
    ),
    "headings": (lambda: page("<h1>" * 200 + "y* " * 2_000_000 + "</h1>" * 200 + "<table><tr><td>x</table>"), "x"),
    "spaces": (lambda: page("<table><tr><td>a" + " " * 9_000_000 + "b</table>"), "a b"),
    "end tags": (lambda: page("<table><tr><td>" + "<b>" * 200 + "</i>" * 2_000_000 + "x</table>"), "x"),
    "lines": (lambda: b"a|b\n" * 2_000_000, "at most 500,000 lines were expected; it has 2,000,000"),
    "bars": (lambda: (b"|" * 4_000_000 + b"\n") * 2, "a row has 4,000,000 bars"),
    "text rows": (lambda: b"Aa 1\n" * 400_000, "at most 200,000 cells were expected in all tables"),
    "text tags": (lambda: (b"a | <sup>" + b"<" * 1_000_000 + b"\n") * 4, "a"),
    "text stars": (lambda: (b"a | **" + b"*a" * 1_000_000 + b"\n") * 4, "a"),
}


def outcome(name: str) -> str:
    """What comes of a hostile page: the error's words, or the beginning of its first cell."""
    content = HOSTILE[name][0]()
    try:
        return grids(content, name)[0].rows[0][0].text[:8]
    except SchemaBreak as error:
        return str(error)


LARGE = ("attributes", "empty rows", "headings", "many tables", "places", "sparse", "stars", "text rows")
HOSTILE_CASES = [pytest.param(name, marks=pytest.mark.slow if name in LARGE else ()) for name in sorted(HOSTILE)]


@pytest.mark.parametrize("name", HOSTILE_CASES)
def test_a_hostile_page_gives_one_error_or_its_cells(name):
    said = outcome(name)
    assert HOSTILE[name][1][:8] in said if len(said) <= 8 else HOSTILE[name][1] in said and said.startswith(name)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="the limit on memory is Linux's")
def test_hostile_pages_are_read_within_bounded_memory():
    code = (
        "import resource, runpy, sys; here = runpy.run_path(sys.argv[1]);"
        "resource.setrlimit(resource.RLIMIT_AS, (2**30, 2**30));"
        "print(sum(bool(here['outcome'](name)) for name in here['HOSTILE']))"
    )
    done = subprocess.run([sys.executable, "-c", code, __file__], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr[-500:]) == (f"{len(HOSTILE)}\n", "")


@pytest.mark.parametrize(
    "content", [b"%PDF-1.7\n1 0 obj", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", b"PK\x03\x04\x14\0", b"\x1f\x8b\x08\0"]
)
def test_bytes_that_are_no_page(content):
    with pytest.raises(SchemaBreak, match=r"^page: a page of HTML or text was expected; the bytes begin with "):
        grids(content, "page")


@pytest.mark.parametrize("read", [grids, html_grids, text_grids])
@pytest.mark.parametrize("content", [b"", b" \n\t"])
def test_an_empty_page(read, content):
    with pytest.raises(SchemaBreak, match=r"^page: a page was expected; it is empty$"):
        read(content, "page")


def holds_together(found: list[Grid]) -> None:
    """Grids are rectangular, each cell stands in the places it says, and no sign of ours is left in a text."""
    assert sum(len(grid.rows) * len(grid.rows[0]) for grid in found) <= MOST_CELLS
    for grid in found:
        assert {len(row) for row in grid.rows} == {len(grid.rows[0])}
        assert 0 <= grid.header_rows <= len(grid.rows)
        for number, row in enumerate(grid.rows):
            for column, cell in enumerate(row):
                assert cell.row <= number < cell.row + cell.row_span
                assert cell.column <= column < cell.column + cell.column_span
                for text in (cell.text, cell.raw, *cell.notes):
                    assert not re.search("[\ud800-\udfff]", text)
            grid.row_label(number)
            grid.labels(len(row) - 1, number)
        assert not re.search("[\ud800-\udfff]", grid.title + "".join(grid.notes) + "".join(grid.notes.values()))


PIECES = [
    "<table>", "</table>", "<table hidden>", "<caption>", "</caption>", "<thead>", "</thead>", "<tbody>", "</tbody>", "<tfoot>",
    "<tr>", "</tr>", "<td>", "</td>", "<th>", "</th>", "<td rowspan=3>", "<td colspan=2>", "<th rowspan=0>", "<td hidden>",
    "<sup>", "</sup>", "<a href=#x>", "</a>", "<p id=x>", "</p>", "<div>", "</div>", "<b>", "</b>", "<br>", "<h2>", "</h2>",
    "<span style=display:none>", "</span>", "<form>", "</form>", "<select>", "<option>", "<svg>", "<math>", "<script>",
    "</script>", "<!--", "-->", "<![CDATA[", "]]>", "&nbsp;", "&amp", "&#xD800;", "&#1;", "10", "×10", "15", "1", "*", "†",
    "[1]", "(1)", " ", "\n", "x", "TFLOPS", "mm", "²", "¹⁵", "|", "|---|", ": ", "\\", "`", "**", "\0", "\ufeff",
]  # fmt: skip


@pytest.mark.slow
def test_labels_of_a_table_of_headers_alone_are_no_endless_work():
    grid = only("<table>" + "<tr><th>a<th>b" * 40_000 + "<tr><td>1<td>2" * 40_000 + "</table>")
    assert {grid.labels(1), *(grid.labels(1, row) for row in grid.data_rows())} == {"b"}


@settings(max_examples=600, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=60).map("".join))
@example("<table><tr><td>10<sup><table><tr><td><sup>1<br></table>x</table>")
@example("<table><td><h2>a<table><td>b</h2>c</table>d</table>")
def test_any_soup_of_tags_gives_grids_or_one_error(text):
    for read in (html_grids, text_grids, grids):
        try:
            holds_together(read(text.encode(), "page"))
        except SchemaBreak as error:
            assert str(error).startswith("page") and "\n" not in str(error)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=300))
@example(b"\xff\xfe<")
@example(b"<meta charset=utf-7>+ADw-table+AD4-")
def test_any_bytes_give_grids_or_one_error(content):
    for read in (html_grids, text_grids, grids):
        for body in (
            content,
            b"<table><tr><td>" + content + b"</td></tr></table>",
            b"| a | b |\n| " + content + b" | c |",
        ):
            try:
                holds_together(read(body, "page"))
            except SchemaBreak as error:
                assert str(error).startswith("page")


def test_the_largest_page_is_read():
    row = "<tr><td>" + "x" * 480 + "</td><td>1</td></tr>"
    content = page("<table>" + row * ((MOST_BYTES - 200) // len(row)) + "</table>")
    assert len(html_grids(content, "page")[0].rows) == (MOST_BYTES - 200) // len(row)


# ---- text -----------------------------------------------------------------------------------------------------------


def read(text: str, *labels: str) -> list[Grid]:
    return text_grids(text.encode(), "page", labels)


def test_rows_between_bars_with_and_without_a_line_of_dashes():
    for text in ("| a | b |\n|---|:-:|\n| 1 | 2 |\n| 3 |", "a | b\n--- | ---\n1 | 2\n3", "a | b |\n1 | 2 |\n3 | |"):
        (grid,) = read(text if "3" in text.split("\n")[-1] and "|" in text.split("\n")[-1] else f"{text} |")
        assert (texts(grid), grid.header_rows) == ([["a", "b"], ["1", "2"], ["3", ""]], 1)
        assert (grid.labels(1), grid.row_label(1)) == ("b", "1")


def test_a_header_short_of_one_name_leaves_out_that_of_the_labels():
    (grid,) = read("X1 | X2 |\nPeak | 5 | 6 |\nSize | 7 | 8 |")
    assert [grid.labels(column) for column in range(3)] == ["", "X1", "X2"]


def test_markdown_within_cells():
    (grid,) = read(
        r"| **a** | b\|c |" + "\n|--|--|\n| [H9](https://x.org/y) `z` | 2×10<sup>15</sup> &amp; 7\\*<br>8** |"
    )
    assert texts(grid) == [["a", "b|c"], ["H9 z", "2×10^15 & 7\n8"]]
    assert grid.rows[1][1].notes == ("*", "**")


def test_a_row_with_more_cells_than_its_header_is_no_guess():
    with pytest.raises(SchemaBreak, match=r"^page line 5: 2 cells as in the header were expected; the row has 3$"):
        read("Above\n\n| a | b |\n|---|---|\n| 1 | 2 | 3 |")
    with pytest.raises(SchemaBreak, match=r"^page line 4: one line of dashes, under the header, was expected"):
        read("| a | b |\n|---|---|\n| 1 | 2 |\n|---|---|\n| 3 | 4 |")


def test_lines_of_label_and_value():
    (grid,) = read(
        "Chip Z9\n\nKey figures z9 values\nPeak per chip 275 teraflops (bf16)\nHBM2 size ~32 GiB, 5 GBps\nShape torus\n"
    )
    assert (grid.title, grid.header_rows) == ("Chip Z9", 1)
    assert texts(grid) == [
        ["Key figures", "z9 values"],
        ["Peak per chip", "275 teraflops (bf16)"],
        ["HBM2 size", "~32 GiB, 5 GBps"],
        ["Shape torus", ""],
    ]


def test_known_labels_say_where_the_value_begins():
    text = "Specification Values\nInterconnect topology torus\nPeak of 16 bit 275 TF\nSize 4 chips\n"
    (grid,) = read(text, "Specification", "interconnect  Topology", "Peak of 16 bit", "Peak")
    assert texts(grid) == [
        ["Specification", "Values"],
        ["Interconnect topology", "torus"],
        ["Peak of 16 bit", "275 TF"],
        ["Size", "4 chips"],
    ]


def test_lines_of_label_colon_value_and_prose_that_is_no_table():
    prose = "source: https://x.org/1\nThe chip has 2 cores and\nit has 4 units in 8 rows\nof 3.\n\n"
    (grid,) = read(f"{prose}X 40G: 40 GB, 400 W\nX 80G: 80 GB\n")
    assert (texts(grid), grid.header_rows) == ([["X 40G", "40 GB, 400 W"], ["X 80G", "80 GB"]], 0)


def test_footnotes_and_titles_of_a_text():
    text = "# First\n| a | b |\n|---|---|\n| x | 5* |\n* With it.\n\n## Second\nThese are:\na | b |\ny | 6* |\n\n* Without it.\n"
    first, second = read(text)
    assert [(grid.number, grid.title, grid.notes) for grid in (first, second)] == [
        (1, "First", {"*": "With it."}),
        (2, "Second", {"*": "Without it."}),
    ]
    assert first.rows[1][1].text == "5"


WORDS = st.text(st.characters(categories=["L", "Nd"], include_characters=" .,/%()-"), max_size=12).map(
    lambda text: " ".join(text.split(" ")).strip()
)


@settings(max_examples=200, deadline=None)
@given(st.integers(2, 5).flatmap(lambda width: st.lists(st.lists(WORDS, min_size=width, max_size=width), min_size=1)))
def test_a_table_written_as_markdown_is_read_back(rows):
    header = [f"h{column}" for column in range(len(rows[0]))]
    lines = [f"| {' | '.join(row)} |" for row in (header, ["---"] * len(header), *rows)]
    if any(set("".join(row)) <= set("-") and any(row) for row in rows):
        return  # a row of dashes
    (grid,) = read("\n".join(lines))
    assert texts(grid) == [header, *([re.sub(" +", " ", cell) for cell in row] for row in rows)]


def test_the_bytes_decide_which_of_the_two():
    assert texts(grids(b"<!-- a | b -->\n<div><table><tr><td>1 | 2</table></div>", "page")[0]) == [["1 | 2"]]
    assert texts(grids(b"<!-- made by hand -->\na | b |\n1 < 2 | 3 |", "page")[0]) == [["a", "b"], ["1 < 2", "3"]]


# ---- real pages -----------------------------------------------------------------------------------------------------

# The figures of every table of the stored pages, transcribed by hand: rows below the header, columns after the labels.
SPEC_TEXT: dict[str, list[tuple[int, str]]] = {
    "gpu_datasheet_table_sparsity_trap.md": [
        (2, "40 1.55 312 624; 80 1.94 312 624; 24 600 125 250; 48 696 149.7 299.3; 80 3.35 1979 3958; 141 4.8 1979 3958;"
            " 80 3.35 1979 3958"),
    ],
    "nvidia_a100_lockwood_en.txt": [
        (1, "40 5 1.555 400; 80 5 2.039"),
        (1, "9.7 19.5; 19.5; 156 312; 312 624; 312 624; 624 1248; 1248 2496"),
    ],
    "nvidia_h100_reseller_ja.txt": [
        (1, "; 5; 132 114; 34 26; 67 51; 67 51; 989 756; 1,979 1,513; 1,979 1,513; 3,958 3,026; 3,958 3,026; 5120 5120; 80 80;"
            " 3,350 2000; 700 300 350; 80 80"),
    ],
    "tpu_v4_de.txt": [(1, "275; 32 1.200; 90 170 192; 4.096; 3; 1,1; 1,1; 24")],
    "tpu_v4_en.txt": [(1, "275; 32 1200; 90 170 192; 4096; 3; 1.1; 1.1; 24")],
    "tpu_v5e_en_rev1.md": [(1, "197; 16 819; 400"), (1, "256; 2; 100; 51.2; 1.6; 6.4")],
    "tpu_v5e_en_rev2.md": [
        (1, "0.65; 197; 393; 16; 800; 400; 4; 512; 8; 256; 2; 50.63; 51.2; 1.6; 2 100; 6.4; 100"),
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def spec_text(shared):
    """The grids of a stored page by its name; its first line is the collector's."""

    def found(name: str) -> list[Grid]:
        return grids((shared / "data" / "spec_text" / name).read_bytes().split(b"\n", 1)[1], name)

    return found


def test_no_stored_page_is_left_out(shared):
    assert sorted(path.name for path in (shared / "data" / "spec_text").iterdir()) == sorted(SPEC_TEXT)


@pytest.mark.parametrize("name", sorted(SPEC_TEXT))
def test_every_figure_of_a_stored_page(spec_text, name):
    figures = [
        (
            labels,
            "; ".join(" ".join(_figures(cell.text for cell in grid.rows[row][labels:])) for row in grid.data_rows()),
        )
        for grid, (labels, _) in zip(spec_text(name), SPEC_TEXT[name], strict=True)
    ]
    assert figures == SPEC_TEXT[name]


def _figures(cells) -> list[str]:
    return [found for text in cells for found in re.findall(r"(?<![\w.,])\d+(?:[.,]\d+)*", text)]


def test_columns_of_stored_pages(spec_text):
    (japanese,) = spec_text("nvidia_h100_reseller_ja.txt")
    assert [japanese.labels(column) for column in range(3)] == ["", "NVIDIA H100 SXM", "NVIDIA H100 PCIe"]
    by_label = {japanese.row_label(row): japanese.rows[row] for row in japanese.data_rows()}
    assert [cell.raw[:5] for cell in by_label["FP8 Tensor コア"][1:]] == ["3,958", "3,026"]
    starred = [label for label, row in by_label.items() if row[1].notes == row[2].notes == ("*",)]
    assert [label.split()[0] for label in starred] == ["TF32", "BFLOAT16", "FP16", "FP8", "INT8"]
    assert re.search("with sparsity", japanese.notes["*"])
    pairs, formats = spec_text("nvidia_a100_lockwood_en.txt")
    assert (pairs.header_rows, len(pairs.rows), len(formats.rows)) == (0, 2, 8)
    assert [formats.labels(column) for column in range(1, 4)] == ["Vector", "Matrix", "Sparse"]
    assert [cell.text for cell in formats.rows[3]] == ["TF32", "156", "312", ""]
    for name in ("tpu_v4_en.txt", "tpu_v4_de.txt", "tpu_v5e_en_rev1.md"):
        assert re.match("v4|v5e", spec_text(name)[0].labels(1)), name
    (cards,) = spec_text("gpu_datasheet_table_sparsity_trap.md")
    assert [cards.rows[row][1].text for row in cards.data_rows()] == [
        "A100",
        "A100",
        "A10",
        "A40",
        "H100",
        "H200",
        "H800",
    ]


# File → rows of its large table, of them data; a chip → clock, memory clock, units: read off the pages by eye.
LISTS = {
    "bd1f61065eadd089c5e2d428a43cbf3243271513.html": (
        78,
        70,
        {"All-In-Wonder 9500": ("277 MHz", "270 MHz", "4 / 4 / 4 / 4")},
    ),
    "d7d72ef591abbc87d487878538119a89fd3bdabd.html": (
        107,
        101,
        {
            "Playstation 5 GPU": ("2233 MHz", "1750 MHz", "2304 / 144 / 64"),
            "Arc A770": ("2100 MHz", "2000 MHz", "4096 / 256 / 128"),
            "A800 PCIe 80 GB": ("1065 MHz", "1512 MHz", "6912 / 432 / 160"),
        },
    ),
    "e1026c881125eacc1c5a5804b45cdece1bd59b10.html": (
        15,
        9,
        {
            "3D Rage PRO AGP": ("75 MHz", "75 MHz", "1 / 0 / 1 / 1"),
            "Rage LT PRO AGP": ("75 MHz", "100 MHz", "1 / 0 / 1 / 1"),
            "Riva 128": ("100 MHz", "100 MHz", "1 / 0 / 1 / 1"),
        },
    ),
}


@pytest.mark.parametrize("name", sorted(LISTS))
def test_large_list_pages(shared, name):
    rows, data_rows, chips = LISTS[name]
    recent, large = html_grids((shared / "data" / "techpowerup_lists" / name).read_bytes(), name)
    assert (len(recent.rows), len(recent.rows[0])) == (30, 2)
    assert (len(large.rows), len(large.rows[0]), large.header_rows, len(large.data_rows())) == (rows, 8, 2, data_rows)
    by_name = {large.rows[row][0].text: row for row in large.data_rows()}
    for chip, figures in chips.items():
        assert tuple(cell.text for cell in large.rows[by_name[chip]][5:]) == figures
    last = large.data_rows()[-1]
    assert large.labels(5, last).endswith(" / GPU clock")
    assert large.labels(5, last) != large.labels(5)  # the list is headed anew for each maker


def test_the_maker_of_a_list_row_is_the_header_in_force(shared):
    name = "d7d72ef591abbc87d487878538119a89fd3bdabd.html"
    large = html_grids((shared / "data" / "techpowerup_lists" / name).read_bytes(), name)[1]
    by_name = {large.rows[row][0].text: row for row in large.data_rows()}
    makers = {"Playstation 5 GPU": "AMD", "Arc A770": "Intel", "A800 PCIe 80 GB": "NVIDIA"}
    assert {chip: large.labels(0, by_name[chip]).split(" / ")[0] for chip in makers} == makers
