"""The Prefect flow over collect, derive and publish, and its schedule."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable

from flows import collect as collecting
from flows import derive as deriving
from flows import publish as publishing
from flows.collect import Request
from flows.run import Outcome, Steps, run
from flows.runlog import RunLog
from flows.settings import Settings

FLOW_NAME = "aicompute"


def prepare(settings: Settings) -> None:
    """Set Prefect's environment before its first import: our own home, no telemetry, quiet, time to start."""
    defaults = {
        "PREFECT_HOME": str(settings.prefect_home),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        "PREFECT_LOGGING_LEVEL": "ERROR",
        "PREFECT_SERVER_LOGGING_LEVEL": "CRITICAL",
        "PREFECT_LOGGING_TO_API_ENABLED": "false",
        "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",
        "PREFECT_CLI_COLORS": "false",
    }
    settings.prefect_home.mkdir(parents=True, exist_ok=True)
    for name, value in defaults.items():
        os.environ.setdefault(name, value)


def refresh(settings: Settings, request: Request, log: RunLog, allow_shrink: bool, on_model: Callable[[str], None]) -> Outcome:
    """The same run as `flows.run.run`, as a Prefect flow with a task a step; fetching is tried again, broken data is not."""
    prepare(settings)
    with log.phase("prefect"):
        from prefect import flow, task
        from prefect.artifacts import create_table_artifact
        from prefect.cache_policies import NO_CACHE

    def transient(_task, _run, state) -> bool:
        return isinstance(state.result(raise_on_failure=False), (OSError, TimeoutError))

    options = {"cache_policy": NO_CACHE, "persist_result": False}
    steps = Steps(
        collect=task(name="collect", retries=2, retry_delay_seconds=5, retry_condition_fn=transient, **options)(collecting.collect),
        derive=task(name="derive", **options)(deriving.derive),
        publish=task(name="publish", **options)(publishing.publish),
    )

    @flow(name=FLOW_NAME, validate_parameters=False, persist_result=False)
    def aicompute() -> Outcome:
        outcome = run(settings, request, log, allow_shrink, steps, on_model)
        create_table_artifact(key="rows-per-source", table=[_plain(row) for row in outcome.sources])
        create_table_artifact(key="headlines", table=[_plain(row) for row in outcome.headlines])
        return outcome

    return aicompute()


def _plain(row: dict) -> dict:
    return {key: str(value) if isinstance(value, dt.date) else value for key, value in row.items()}
