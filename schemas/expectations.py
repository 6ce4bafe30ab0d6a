"""The release gate: Great Expectations on the public tables, each held to the ends that sql/trends/gate_bounds.sql gives."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

# What is measured on a table itself: Great Expectations' class, and what it is told beside column and ends.
ON_TABLES: dict[str, tuple[str, dict[str, Any]]] = {
    "rows": ("ExpectTableRowCountToBeBetween", {}),
    "filled_share": ("ExpectColumnProportionOfNonNullValuesToBeBetween", {}),
    "median": ("ExpectColumnMedianToBeBetween", {}),
    "first_decile": ("ExpectColumnQuantileValuesToBeBetween", {"quantiles": [0.1]}),
    "ninth_decile": ("ExpectColumnQuantileValuesToBeBetween", {"quantiles": [0.9]}),
    "largest": ("ExpectColumnMaxToBeBetween", {}),
}
# Of any other measure its SQL's figure, a frame of one row. Not ...ValuesToBeBetween, to which an absent figure is no fault.
ON_MEASURES: tuple[str, dict[str, Any]] = ("ExpectColumnMaxToBeBetween", {})
IN_SQL = "SQL"


@dataclass(frozen=True)
class Result:
    """One row of trends.gate_bounds (its columns mean what they mean there) and, once asked, what was found.

    Until then `observed_value` and `is_met` are those of the SQL, and `expectation` says so.
    """

    measure: str
    table_name: str
    column_name: str
    measured_of: str
    bound_kind: str
    observed_value: float | None
    observed_before: float | None
    expected_low: float | None
    expected_high: float | None
    is_met: bool
    reason: str
    expectation: str = IN_SQL
    was_allowed: bool = False

    def __str__(self) -> str:
        found, before = (_said(figure) for figure in (self.observed_value, self.observed_before))
        if self.measure == "rows":
            return (
                f"{self.table_name}: {before} rows in the last version, {found} now; {self._ends()} were expected"
                f" ({self.reason})"
            )
        was = f", {before} in the last version" if self.observed_before is not None else ""
        of = "" if self.measured_of == "all rows" else f" of {self.measured_of}"
        what = f"{self.table_name}.{self.column_name}, {self.measure.replace('_', ' ')}{of}"
        return f"{what}: {found}{was}; {self._ends()} was expected ({self.reason})"

    def _ends(self) -> str:
        if self.expected_high is None:
            return f"at least {_said(self.expected_low)}"
        if self.expected_low is None:
            return f"at most {_said(self.expected_high)}"
        return f"{_said(self.expected_low)} to {_said(self.expected_high)}"


class GateError(Exception):
    """An expectation could not be evaluated at all: that is an error, never a pass."""


def gate(bounds: Sequence[Result], frame_of: Callable[[str, str], pd.DataFrame], is_first: bool) -> list[Result]:
    """Ask Great Expectations about every bound; `frame_of` gives a column of a table (`*`: any) as pandas frame.

    In a first version there is nothing to compare. Where all its absolute ends are met by their SQL, that is the answer:
    Great Expectations takes seconds to import, and the tests hold that both find the same. Raises GateError where an
    expectation fails to evaluate, and where a later version has no rows before to be compared with.
    """
    if is_first and all(bound.is_met for bound in bounds):
        return list(bounds)
    if not is_first and not any(bound.measure == "rows" for bound in bounds):
        raise GateError("there is a version before, but of no table its rows: nothing can be compared with it")
    expectations, source = _great_expectations()
    batches: dict[tuple[str, str], Any] = {}
    return [_asked(bound, expectations, source, batches, frame_of) for bound in bounds]


def _great_expectations() -> tuple[Any, Any]:
    """Its expectations and a pandas source: in memory, without telemetry and progress bars."""
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
    import great_expectations as gx

    # It sets this one logger to INFO itself; under Prefect's logging that reaches standard error.
    logging.getLogger("great_expectations.data_context.types.base").setLevel(logging.WARNING)
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False, "metric_calculations": False}  # type: ignore[assignment]
    return gx.expectations, context.data_sources.add_pandas("version")


def _asked(
    bound: Result,
    expectations: Any,
    source: Any,
    batches: dict[tuple[str, str], Any],
    frame_of: Callable[[str, str], pd.DataFrame],
) -> Result:
    """One bound with what Great Expectations found."""
    is_on_table = bound.measure in ON_TABLES and bound.measured_of == "all rows"
    name, told = ON_TABLES[bound.measure] if is_on_table else ON_MEASURES
    try:
        if is_on_table:
            place = (bound.table_name, bound.column_name)
            if place not in batches:
                batches[place] = _batch(source, ".".join(place), frame_of(*place))
            batch = batches[place]
        else:
            batch = _batch(source, repr(bound), _frame_of_measure(bound))
        outcome = batch.validate(getattr(expectations, name)(**_words(bound, told)))
    except Exception as error:  # whatever it raises, the question was not answered
        raise GateError(f"{_what(bound)} could not be evaluated: {error}") from error
    if fault := _fault(outcome.exception_info or {}):
        raise GateError(f"{_what(bound)} could not be evaluated: {fault}")
    observed = _observed(outcome.result or {})
    return replace(bound, expectation=name, observed_value=observed, is_met=bool(outcome.success))


def _batch(source: Any, name: str, frame: pd.DataFrame) -> Any:
    asset = source.add_dataframe_asset(name)
    return asset.add_batch_definition_whole_dataframe("now").get_batch(batch_parameters={"dataframe": frame})


def _frame_of_measure(bound: Result) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame({bound.column_name: pd.Series([bound.observed_value], dtype="float64")})


def _words(bound: Result, told: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of an expectation."""
    low, high = bound.expected_low, bound.expected_high
    if bound.measure == "rows":
        return {"min_value": None if low is None else int(low), "max_value": None if high is None else int(high)}
    if quantiles := told.get("quantiles"):
        ranges = {"quantiles": quantiles, "value_ranges": [[low, high]]}
        # Between two figures the quantile lies on the line, as DuckDB's quantile_cont has it.
        return {"column": bound.column_name, "quantile_ranges": ranges, "allow_relative_error": "linear"}
    return {"column": bound.column_name, "min_value": low, "max_value": high}


def _observed(result: Mapping[str, Any]) -> float | None:
    value = result.get("observed_value")
    if isinstance(value, Mapping):
        (value,) = value["values"]
    return None if value is None or value != value else float(value)


def _fault(info: Mapping[str, Any]) -> str:
    """What an expectation raised, in the two forms in which it is told: of the whole, or of each metric."""
    for told in (info, *info.values()):
        if isinstance(told, Mapping) and told.get("raised_exception"):
            return str(told.get("exception_message") or told)
    return ""


def _what(bound: Result) -> str:
    return f"the expectation on {bound.measure} of {bound.table_name}.{bound.column_name}"


def _said(figure: float | None) -> str:
    if figure is None:
        return "nothing"
    return f"{figure:.0f}" if float(figure).is_integer() else f"{figure:.4g}"
