"""The release gate: this version's tables against the last version's, as Great Expectations."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Result:
    """One expectation's outcome: the table, the share of rows kept against the last version, and the smallest share allowed."""

    table_name: str
    rows: int
    rows_before: int
    smallest_share: float
    is_met: bool

    def __str__(self) -> str:
        fall = f"{self.table_name}: {self.rows_before} rows in the last version, {self.rows} now"
        return f"{fall}; at least {self.smallest_share:.0%} were expected"


class GateError(Exception):
    """An expectation could not be evaluated at all: that is an error, never a pass."""


def gate(rows: Mapping[str, int], rows_before: Mapping[str, int], smallest_shares: Mapping[str, float]) -> list[Result]:
    """Hold each table's row count against the last version's; tables new in this version are not judged.

    Raises GateError where an expectation fails to evaluate.
    """
    judged = [name for name in smallest_shares if rows_before.get(name)]
    if not judged:
        return []
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
    import great_expectations as gx
    import pandas as pd

    # It sets this one logger to INFO itself; under Prefect's logging that reaches standard error.
    logging.getLogger("great_expectations.data_context.types.base").setLevel(logging.WARNING)

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False, "metric_calculations": False}  # type: ignore[assignment]
    frame = pd.DataFrame({name: [rows.get(name, 0) / rows_before[name]] for name in judged})
    asset = context.data_sources.add_pandas("version").add_dataframe_asset("shares_of_rows_kept")
    batch = asset.add_batch_definition_whole_dataframe("now").get_batch(batch_parameters={"dataframe": frame})
    results = []
    for name in judged:
        expectation = gx.expectations.ExpectColumnValuesToBeBetween(column=name, min_value=smallest_shares[name])
        outcome = batch.validate(expectation)
        info = outcome.exception_info or {}
        if info.get("raised_exception") or any(
            isinstance(v, dict) and v.get("raised_exception") for v in info.values()
        ):
            raise GateError(f"the expectation on {name} could not be evaluated: {info}")
        results.append(Result(name, rows.get(name, 0), rows_before[name], smallest_shares[name], bool(outcome.success)))
    return results
