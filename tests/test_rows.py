"""Reading a CSV by declared headers: what drifts is understood, what is missing or broken is one clear sentence."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.rows import SchemaBreak, read_rows

NAMES = {"run_name": ("Model", "System"), "parameters": ("Parameters",), "note": ("Notes",)}


def read(text: str | bytes, required=("run_name",), ignored=()):
    content = text.encode() if isinstance(text, str) else text
    return read_rows(content, "models.csv", NAMES, required, ignored)


def cells(rows, name: str) -> list[str]:
    return rows.frame[name].to_list()


def test_byte_order_mark_is_no_part_of_the_header():
    rows = read(b"\xef\xbb\xbfModel,Parameters\nAlexNet,6e7\n")
    assert rows.headers == {"run_name": "Model", "parameters": "Parameters"}
    assert cells(rows, "run_name") == ["AlexNet"]


def test_an_alias_stands_for_its_column_and_is_kept_as_spelled():
    rows = read("System,Parameters\nAlexNet,6e7\n")
    assert cells(rows, "run_name") == ["AlexNet"]
    assert rows.headers["run_name"] == "System"
    assert rows.unread == []


def test_the_first_declared_spelling_wins_where_both_are_there():
    rows = read("System,Model\nold,new\n")
    assert cells(rows, "run_name") == ["new"]


def test_headers_may_stand_in_any_order_with_white_space_around():
    rows = read(" Parameters , Model \n6e7,AlexNet\n")
    assert (cells(rows, "run_name"), cells(rows, "parameters")) == (["AlexNet"], ["6e7"])


def test_a_missing_required_header_is_one_line_that_names_it():
    with pytest.raises(SchemaBreak) as error:
        read("Title,Parameters\nAlexNet,6e7\n")
    words = str(error.value)
    assert "\n" not in words
    for part in ("models.csv", "'Model'", "'System'", "missing", "Title"):
        assert part in words


def test_a_header_in_other_case_is_another_header():
    with pytest.raises(SchemaBreak, match="'Model'"):
        read("model\nAlexNet\n")


def test_an_optional_header_may_be_missing():
    rows = read("Model\nAlexNet\n")
    assert rows.frame.columns == ["row_number", "run_name"]
    assert "parameters" not in rows.headers


def test_a_new_header_is_reported_and_an_ignored_one_is_not():
    rows = read("Model,Colour,Authors,\nAlexNet,red,K.,\n", ignored=("Authors",))
    assert rows.unread == ["Colour"]
    assert cells(rows, "run_name") == ["AlexNet"]


def test_a_cell_may_hold_lines_commas_and_quotes():
    rows = read('Model,Notes\n"Alex, Net","two\nlines with ""quotes"" and, commas\r\nand a third"\nVGG,\n')
    assert cells(rows, "run_name") == ["Alex, Net", "VGG"]
    assert cells(rows, "note")[0] == 'two\nlines with "quotes" and, commas\r\nand a third'
    assert rows.frame["row_number"].to_list() == [1, 2]


def test_windows_line_ends_and_no_last_line_end():
    assert cells(read("Model,Notes\r\nA,1\r\nB,2"), "run_name") == ["A", "B"]


@pytest.mark.parametrize(("row", "seen"), [("lost", "1 cell"), ("a,b,c,d", "4 cells")])
def test_a_row_of_another_length_is_set_aside_with_its_number(row, seen):
    rows = read(f"Model,Parameters,Notes\nA,1,\n{row}\nB,2,\n")
    assert rows.rows_read == 3
    assert rows.frame["row_number"].to_list() == [1, 3]
    assert len(rows.ragged) == 1
    assert rows.ragged[0]["row_number"] == 2
    assert rows.ragged[0]["raw_value"] == seen
    assert "header (3)" in rows.ragged[0]["rule"]
    assert rows.as_json(2).startswith("[")


def test_blank_lines_are_no_rows_as_for_any_csv_reader():
    text = "Model,Notes\n\nA,1\n\n\nB,2\n\n"
    rows = read(text)
    assert rows.rows_read == len(list(csv.DictReader(io.StringIO(text)))) == 2
    assert rows.ragged == []


def test_of_headers_that_stand_twice_the_first_is_read():
    rows = read("Model,Parameters,Parameters\nA,1,2\n")
    assert cells(rows, "parameters") == ["1"]


def test_bytes_that_are_no_utf_8_are_named_with_their_line():
    with pytest.raises(SchemaBreak) as error:
        read(b"Model,Notes\nA,fine\nB,caf\xe9\n")
    assert "models.csv line 3" in str(error.value)
    assert "0xe9" in str(error.value)


@pytest.mark.parametrize("content", [b"", b"\xef\xbb\xbf", b"\n\n"])
def test_an_empty_file_says_so(content):
    with pytest.raises(SchemaBreak, match=r"models\.csv: the file is empty"):
        read(content)


def test_a_header_alone_is_a_document_of_no_rows():
    rows = read("Model,Parameters\n")
    assert (rows.rows_read, rows.frame.height) == (0, 0)
    assert rows.frame.columns == ["row_number", "run_name", "parameters"]


def test_a_huge_cell_is_read_whole():
    huge = "x" * 3_000_000
    assert cells(read(f"Model,Notes\nA,{huge}\n"), "note") == [huge]


def test_a_row_as_json_holds_its_filled_cells_by_header_as_spelled():
    rows = read("System,Parameters,Colour\nÉclair,,red\n")
    assert rows.as_json(1) == '{"System": "Éclair", "Colour": "red"}'


@given(st.lists(st.tuples(st.text(), st.text(), st.text()), max_size=8))
def test_what_a_csv_writer_writes_comes_back(table):
    """Whatever the cells hold, a row written is a row read, cell by cell."""
    clean = [tuple(cell.encode("utf-8", "ignore").decode().replace("\0", "") for cell in row) for row in table]
    text = io.StringIO(newline="")
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows([("Model", "Parameters", "Notes"), *clean])
    rows = read(text.getvalue().encode())
    got = list(zip(*(cells(rows, name) for name in ("run_name", "parameters", "note")), strict=True))
    assert got == clean
    assert rows.rows_read == len(clean)


@given(st.binary(max_size=200))
def test_any_bytes_are_rows_or_one_sentence(content):
    try:
        rows = read(content)
    except SchemaBreak as error:
        assert str(error).startswith("models.csv")
    else:
        assert rows.rows_read == rows.frame.height + len(rows.ragged)


@given(st.text(alphabet="Modelab,\"\n\r '", max_size=60).map("Model,Notes\n".__add__))
def test_any_text_under_a_header_is_counted(text):
    try:
        rows = read(text)
    except SchemaBreak as error:
        assert str(error).startswith("models.csv")
    else:
        assert rows.rows_read == rows.frame.height + len(rows.ragged)
        numbers = rows.frame["row_number"].to_list() + [row["row_number"] for row in rows.ragged]
        assert sorted(numbers) == list(range(1, rows.rows_read + 1))


def test_the_sentence_on_a_missing_header_stays_one_line_whatever_the_headers_hold():
    with pytest.raises(SchemaBreak) as error:
        read('"Title\nof work",Parameters\nA,1\n')
    assert "\n" not in str(error.value)
