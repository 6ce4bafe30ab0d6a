"""The contract of a frame: what a cell becomes, which rows break which rule, and that no row is ever lost."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas.columns import COLUMNS
from schemas.contract import Table, check, table
from schemas.tables import LAYERS

RUN = table("row_number run_name parameters published_on is_notable openness mfu", key="run_name", required="run_name")
LISTED = table("document_id row_number run_name mfu", key="document_id row_number", required="run_name")


def frame(**columns: list[str | None]) -> pl.DataFrame:
    height = len(next(iter(columns.values())))
    schema = {"row_number": pl.Int64, **dict.fromkeys(columns, pl.String)}
    return pl.DataFrame({"row_number": list(range(1, height + 1)), **columns}, schema=schema)


def one(name: str, cell: str | None, shape: Table | None = None):
    """What one cell of one column becomes, or the rule it breaks."""
    shape = shape or Table(("row_number", name), ())
    result = check(frame(**{name: [cell]}), shape)
    if result.broken.height:
        assert result.accepted.height == 0
        return result.broken["rule"].to_list()
    return result.accepted[name][0]


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("$5412.00", 5412.0),
        ("$ 5,412.00", 5412.0),
        ("1,234.5", 1234.5),
        ("1,234,567", 1234567.0),
        ("6.12e+23", 6.12e23),
        ("6.12E23", 6.12e23),
        ("26956800000000000000.00", 2.69568e19),
        ("  42 ", 42.0),
        ("0", 0.0),
        (".5", 0.5),
        ("", None),
        ("   ", None),
        (None, None),
    ],
)
def test_cells_that_are_numbers(cell, value):
    assert one("parameters", cell) == value


@pytest.mark.parametrize(
    "cell",
    [
        "14180000,14180000",
        "1,23",
        "12,34,567",
        "Infinity",
        "-inf",
        "inf",
        "NaN",
        "nan",
        "1e999",
        "about 7",
        "7B",
        "0x10",
        "1_000",
        "5412 USD",
        "-",
        "$",
        "TRUE",
        "１２",
    ],
)
def test_cells_that_are_no_numbers(cell):
    assert one("parameters", cell) == ["parameters is a number"]


def test_a_number_below_its_bound_names_the_bound():
    assert one("parameters", "-1") == ["parameters is at least 0"]
    assert one("mfu", "72.0000") == ["mfu is at most 1"]
    assert one("mfu", "1") == 1.0
    assert one("mfu", "0") == 0.0


@pytest.mark.parametrize(("cell", "value"), [("1958", 1958), ("1958.0", 1958), ("2,017", 2017)])
def test_whole_numbers(cell, value):
    assert one("year", cell) == value


@pytest.mark.parametrize("cell", ["1958.5", "1e300", "nineteen"])
def test_cells_that_are_no_whole_numbers(cell):
    assert one("year", cell) == ["year is a whole number"]


@pytest.mark.parametrize(
    ("cell", "value"),
    [("2012-09-30", dt.date(2012, 9, 30)), (" 2024-02-29 ", dt.date(2024, 2, 29)), ("1950-01-01", dt.date(1950, 1, 1))],
)
def test_dates(cell, value):
    assert one("published_on", cell) == value


@pytest.mark.parametrize(
    "cell",
    ["2023-02-29", "2012-13-01", "30/09/2012", "2012", "2012-09", "Sept 2012", "2012-09-30T00:00:00", "20120930"],
)
def test_cells_that_are_no_dates(cell):
    assert one("published_on", cell) == ["published_on is a date YYYY-MM-DD"]


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("checked", True),
        ("True", True),
        ("true", True),
        ("1", True),
        ("yes", True),
        ("False", False),
        ("0", False),
        ("", None),
    ],
)
def test_flags(cell, value):
    assert one("is_notable", cell) is value


def test_a_flag_of_another_word_is_no_flag():
    assert one("is_notable", "maybe") == ["is_notable is true or false"]


def test_a_word_out_of_the_list_names_the_list():
    assert one("openness", "ajar") == ["openness is one of open weights, api, closed, unknown"]
    assert one("openness", "api") == "api"


def test_a_required_cell_that_is_empty():
    result = check(frame(run_name=["A", " ", None], mfu=["0.3", "0.4", "0.5"]), LISTED)
    assert result.accepted["run_name"].to_list() == ["A"]
    assert result.broken.select("row_number", "rule", "column_name").rows() == [
        (2, "run_name is filled", "run_name"),
        (3, "run_name is filled", "run_name"),
    ]


def test_a_row_that_breaks_two_rules_stands_twice_and_the_others_go_on():
    result = check(frame(run_name=["A", None, "C"], mfu=["0.3", "72", "1.5"]), LISTED)
    assert result.accepted.rows() == [(1, "A", 0.3)]
    broken = set(result.broken.select("row_number", "rule", "raw_value").rows())
    assert broken == {(2, "run_name is filled", None), (2, "mfu is at most 1", "72"), (3, "mfu is at most 1", "1.5")}


def test_the_offending_cell_is_kept_as_spelled():
    result = check(frame(run_name=["A"], parameters=["14180000,14180000"]), RUN)
    assert result.broken["raw_value"].to_list() == ["14180000,14180000"]
    assert result.broken["column_name"].to_list() == ["parameters"]


def test_rows_of_one_key_are_all_set_aside_as_none_is_the_right_one():
    shape = table("row_number run_id quantity value_text", key="run_id quantity")
    rows = frame(
        run_id=["a", "a", "a", "b"], quantity=["chips", "chips", "epochs", "chips"], value_text=["1", "2", "3", "4"]
    )
    result = check(rows, shape)
    assert result.accepted["row_number"].to_list() == [3, 4]
    assert sorted(set(result.broken["row_number"])) == [1, 2]
    assert set(result.broken["rule"]) == {"run_id and quantity stands once in the file"}
    assert set(result.broken["raw_value"]) == {"a | chips"}


def test_names_may_stand_twice_where_the_key_is_the_row():
    result = check(frame(run_name=["GPT", "GPT"], mfu=["0.1", "0.2"]), LISTED)
    assert result.accepted.height == 2


def test_a_column_the_document_lacks_breaks_nothing_unless_it_is_required():
    assert check(frame(run_name=["A"]), LISTED).accepted.rows() == [(1, "A")]


def test_a_frame_of_no_rows():
    result = check(frame(run_name=[], mfu=[]), LISTED)
    assert (result.accepted.height, result.broken.height) == (0, 0)
    assert result.accepted.schema == {"row_number": pl.Int64, "run_name": pl.String, "mfu": pl.Float64}


def test_a_table_of_unknown_words_cannot_be_written():
    with pytest.raises(KeyError, match="colour"):
        table("run_id colour", key="run_id")


KINDS = (
    "epoch_models",
    "epoch_chips",
    "epoch_prices",
    "epoch_deflator",
    "curated_runs",
    "curated_run_facts",
    "curated_sources",
)
HARD = [
    "",
    " ",
    "NaN",
    "inf",
    "1e400",
    "-0",
    "72.0000",
    "2012-02-30",
    "9999999-01-01",
    "checked",
    "$",
    ",",
    "\0",
    "1,000",
    "é" * 9,
]
CELLS = st.one_of(st.none(), st.sampled_from(HARD), st.floats().map(str), st.dates().map(str), st.text(max_size=12))


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_whatever_the_cells_hold_every_row_is_accepted_or_set_aside(kind, data):
    shape = LAYERS["raw"][kind]
    names = [name for name in shape.columns if name not in ("row_number", "document_id")]
    picked = data.draw(st.lists(st.sampled_from(names), min_size=1, max_size=5, unique=True))
    names = [name for name in names if name in picked or name in shape.filled()]
    height = data.draw(st.integers(0, 5))
    rows = frame(**{name: data.draw(st.lists(CELLS, min_size=height, max_size=height)) for name in names})
    result = check(rows, shape)
    accepted, broken = result.accepted["row_number"].to_list(), set(result.broken["row_number"])
    assert sorted([*accepted, *broken]) == list(range(1, height + 1))
    for name in names:
        _hold_bounds(result.accepted[name], name)
    assert result.broken["rule"].null_count() == 0
    assert all(rule and "None" not in rule for rule in result.broken["rule"])


def _hold_bounds(column: pl.Series, name: str) -> None:
    limits, values = COLUMNS[name], column.drop_nulls()
    if limits.type in ("DOUBLE", "BIGINT") and len(values):
        assert limits.minimum is None or values.min() >= limits.minimum
        assert limits.maximum is None or values.max() <= limits.maximum
        assert values.cast(pl.Float64).is_finite().all()
    if limits.allowed:
        assert set(values) <= set(limits.allowed)
