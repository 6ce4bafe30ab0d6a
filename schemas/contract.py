"""A table as its columns, key and references; and the contract built from it: which rows keep it, which break it and how."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from schemas.columns import COLUMNS, COUNT, DATE, FLAG, NUMBER, TEXT

if TYPE_CHECKING:
    import pandera.polars as pa
    import polars as pl

GROUPED_NUMBER = r"^\$?\s*[-+]?\d{1,3}(,\d{3})+(\.\d+)?$"
TRUE_WORDS, FALSE_WORDS = ("true", "1", "checked", "yes"), ("false", "0", "no")


@dataclass(frozen=True)
class Table:
    """One table: column names in order, key columns, columns that must be filled, and references to other tables.

    `references` maps a column to the `schema.table.column` whose values it must be found among (nulls aside). A table
    not `kept` is a step on the way: built and checked, but in no version. One `restated` is told again, whole, by every
    edition of its document.
    """

    columns: tuple[str, ...]
    key: tuple[str, ...]
    required: tuple[str, ...] = ()
    references: dict[str, str] = field(default_factory=dict)
    kept: bool = True
    restated: bool = False

    def filled(self) -> tuple[str, ...]:
        """Columns that are never null: the key and the required ones."""
        return self.key + tuple(name for name in self.required if name not in self.key)


def table(
    columns: str, key: str, required: str = "", kept: bool = True, restated: bool = False, **references: str
) -> Table:
    """Write a table in words: names separated by white space; raises KeyError for a name the vocabulary lacks."""
    names = tuple(columns.split())
    unknown = [name for name in names if name not in COLUMNS]
    if unknown:
        raise KeyError(f"columns.py has no {', '.join(unknown)}")
    return Table(names, tuple(key.split()), tuple(required.split()), references, kept, restated)


@dataclass
class Checked:
    """Result of a contract: typed `accepted` rows, and one row of `broken` for each rule a row broke.

    `broken` has row_number, rule, column_name, raw_value.
    """

    accepted: pl.DataFrame
    broken: pl.DataFrame


def check(frame: pl.DataFrame, shape: Table) -> Checked:
    """Split a frame of text cells (with a `row_number`) by the contract of `shape`.

    Cells are cast by the vocabulary (dollar signs and thousands commas dropped, white space trimmed, empty is null);
    then pandera checks nulls, bounds, allowed values and the key. Rows that break anything are left out of `accepted`.
    """
    import polars as pl

    text = frame.with_columns(pl.col(pl.String).str.strip_chars().replace("", None))
    names = [name for name in shape.columns if name in text.columns and name != "row_number"]
    typed = text.select("row_number", *(_cast(name) for name in names))
    broken = [_uncast(text, typed, name) for name in names]
    broken += _pandera_breaks(text, typed, shape)
    faults = pl.concat([_no_breaks(), *broken])
    accepted = typed.join(faults.select("row_number").unique(), on="row_number", how="anti").sort("row_number")
    return Checked(accepted, faults.sort("row_number", maintain_order=True))


def empty_frame(shape: Table) -> pl.DataFrame:
    """A frame of no rows with the table's columns and types."""
    import polars as pl

    return pl.DataFrame(schema={name: _polars_type(name) for name in shape.columns})


def _polars_type(name: str):
    import polars as pl

    types = {TEXT: pl.String, NUMBER: pl.Float64, COUNT: pl.Int64, DATE: pl.Date, FLAG: pl.Boolean}
    return types.get(COLUMNS[name].type, pl.Datetime("us"))


def _cast(name: str) -> pl.Expr:
    import polars as pl

    cell, kind = pl.col(name), COLUMNS[name].type
    if name == "row_number" or kind == TEXT:
        return cell
    if kind == DATE:
        return cell.str.to_date("%Y-%m-%d", strict=False)
    if kind == FLAG:
        word = cell.str.to_lowercase()
        return pl.when(word.is_in(TRUE_WORDS)).then(True).when(word.is_in(FALSE_WORDS)).then(False).alias(name)
    plain = pl.when(cell.str.contains(GROUPED_NUMBER)).then(cell.str.replace_all(",", "")).otherwise(cell)
    number = plain.str.strip_prefix("$").str.strip_chars().cast(pl.Float64, strict=False)
    number = pl.when(number.is_finite()).then(number)
    if kind == COUNT:
        number = pl.when(number == number.round()).then(number).cast(pl.Int64, strict=False)
    return number.alias(name)


def _uncast(text: pl.DataFrame, typed: pl.DataFrame, name: str) -> pl.DataFrame:
    """Rows whose cell held something the column's type cannot take."""
    import polars as pl

    words = {NUMBER: "a number", COUNT: "a whole number", DATE: "a date YYYY-MM-DD", FLAG: "true or false"}
    lost = text[name].is_not_null() & typed[name].is_null()
    return text.filter(lost).select(
        "row_number",
        rule=pl.lit(f"{name} is {words.get(COLUMNS[name].type, 'text')}"),
        column_name=pl.lit(name),
        raw_value=pl.col(name),
    )


def _no_breaks() -> pl.DataFrame:
    import polars as pl

    return pl.DataFrame(
        schema={"row_number": pl.Int64, "rule": pl.String, "column_name": pl.String, "raw_value": pl.String}
    )


def _rule_words(name: str) -> dict[str, str]:
    """pandera's check names as true statements about the column."""
    column = COLUMNS.get(name)
    if column is None:
        return {}
    return {
        "not_nullable": f"{name} is filled",
        "greater_than_or_equal_to": f"{name} is at least {column.minimum:g}" if column.minimum is not None else "",
        "less_than_or_equal_to": f"{name} is at most {column.maximum:g}" if column.maximum is not None else "",
        "isin": f"{name} is one of {', '.join(column.allowed)}",
    }


@cache
def pandera_schema(shape_columns: tuple[str, ...], key: tuple[str, ...], filled: tuple[str, ...]) -> pa.DataFrameSchema:
    """The pandera contract of a table's columns: types, nulls, bounds, allowed values and key."""
    import pandera.polars as pa

    columns = {}
    for name in shape_columns:
        column = COLUMNS[name]
        checks = []
        if column.minimum is not None:
            checks.append(pa.Check.ge(column.minimum))
        if column.maximum is not None:
            checks.append(pa.Check.le(column.maximum))
        if column.allowed:
            checks.append(pa.Check.isin(list(column.allowed)))
        columns[name] = pa.Column(
            _polars_type(name), checks, nullable=name not in filled, description=column.meaning, required=True
        )
    return pa.DataFrameSchema(columns, unique=list(key) or None, strict=False)


def _pandera_breaks(text: pl.DataFrame, typed: pl.DataFrame, shape: Table) -> list[pl.DataFrame]:
    import pandera.polars as pa
    import polars as pl

    names = tuple(name for name in shape.columns if name in typed.columns)
    key = tuple(name for name in shape.key if name in names and "document_id" not in shape.key)
    schema = pandera_schema(names, key, tuple(n for n in shape.filled() if n in names))
    try:
        schema.validate(typed, lazy=True)
        return []
    except pa.errors.SchemaErrors as error:
        cases = error.failure_cases
    if cases["index"].null_count():
        raise ValueError(f"the contract itself failed: {cases.filter(pl.col('index').is_null())['check'][0]}")
    found = []
    for row in cases.unique(["index", "column", "check"], maintain_order=True).to_dicts():
        at, name = row["index"], row["column"]
        words = next((w for c, w in _rule_words(name).items() if str(row["check"]).startswith(c)), "")
        rule = words or f"{' and '.join(key)} stands once in the file"
        raw = text[name][at] if name in text.columns else " | ".join(str(text[k][at]) for k in key)
        found.append(
            {
                "row_number": typed["row_number"][at],
                "rule": rule,
                "column_name": name if words else key[0],
                "raw_value": raw,
            }
        )
    return [pl.DataFrame(found, schema=_no_breaks().schema)]
