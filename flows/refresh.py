"""The Prefect flow over collect, derive and publish, and its schedule on a lasting local server."""

from __future__ import annotations

import datetime as dt
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from flows import collect as collecting
from flows import derive as deriving
from flows import publish as publishing
from flows import run as running
from flows.collect import Request
from flows.http import FetchError
from flows.run import Outcome, Steps
from flows.runlog import RunLog
from flows.settings import Settings
from flows.sources import named

START_SECONDS = 120
# Prefect reads these at its first import: our own home, no telemetry, quiet, time to start. A user's own values stand.
ENVIRONMENT = {
    "PREFECT_HOME": str(Settings().prefect_home),
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "DO_NOT_TRACK": "1",
    "PREFECT_LOGGING_LEVEL": "CRITICAL",
    "PREFECT_SERVER_LOGGING_LEVEL": "CRITICAL",
    "PREFECT_LOGGING_TO_API_ENABLED": "false",
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": str(START_SECONDS),
}
Settings().prefect_home.mkdir(parents=True, exist_ok=True)
for _name, _value in ENVIRONMENT.items():
    os.environ.setdefault(_name, _value)

from prefect import flow, task  # noqa: E402
from prefect.artifacts import create_table_artifact  # noqa: E402
from prefect.cache_policies import NO_CACHE  # noqa: E402
from prefect.client.schemas.schedules import CronSchedule  # noqa: E402
from prefect.settings import PREFECT_API_URL, temporary_settings  # noqa: E402

# Prefect's own temporary server outlives a parent that is killed; this one ends when its standard input closes,
# which the system sees to however the parent ends.
_TEMPORARY_SERVER = """
import os, socket, sys, threading
threading.Thread(target=lambda: (sys.stdin.buffer.read(), os._exit(0)), daemon=True).start()
import uvicorn
config = uvicorn.Config("prefect.server.api.server:create_app", factory=True, log_level="critical", lifespan="on")
uvicorn.Server(config).run(sockets=[socket.socket(fileno=int(sys.argv[1]))])
"""
_TEMPORARY_ENVIRONMENT = {"PREFECT_UI_ENABLED": "0", "PREFECT__SERVER_EPHEMERAL": "1", "PREFECT__SERVER_FINAL": "1"}


def _transient(_task: object, _run: object, state) -> bool:
    """Whether trying again can help: a network or a disk may come back, a broken file will not."""
    error = state.result(raise_on_failure=False)
    return isinstance(error, FetchError) and error.transient


STEPS = Steps(
    crawl=task(
        name="crawl",
        task_run_name="crawl-{name}-{dataset}",
        retries=2,
        retry_delay_seconds=5,
        retry_jitter_factor=0.5,
        retry_condition_fn=_transient,
        cache_policy=NO_CACHE,
        persist_result=False,
    )(collecting.bring_up_to_date),
    collect=task(name="collect", cache_policy=NO_CACHE, persist_result=False)(collecting.collect),
    derive=task(name="derive", cache_policy=NO_CACHE, persist_result=False)(deriving.derive),
    publish=task(name="publish", cache_policy=NO_CACHE, persist_result=False)(publishing.publish),
)


@flow(name="aicompute", validate_parameters=False, persist_result=False)
def refresh(
    sources: str = "",
    files: dict[str, str] | None = None,
    as_of: str = "",
    allow_shrink: bool = False,
    since: str = "",
    is_offline: bool = False,
    is_lenient: bool = False,
    profile: str = "",
) -> Outcome:
    """One run from sources to a published version; without parameters it is made of what the settings name."""
    settings = Settings()
    log, on_model = running.caller.get() or (RunLog(settings.log_file), lambda name: None)
    names, is_all = named(sources or settings.sources)
    first, then = (dt.date.fromisoformat(text) if text else None for text in (as_of, since))
    request = Request(names, files or {}, first, then, is_offline, is_lenient or is_all, profile)
    outcome = running.run(settings, request, log, allow_shrink, STEPS, on_model)
    create_table_artifact(key="rows-per-source", table=[_plain(row) for row in outcome.sources])
    create_table_artifact(key="headlines", table=[_plain(row) for row in outcome.headlines])
    return outcome


def refresh_now(request: Request, log: RunLog, allow_shrink: bool, on_model: Callable[[str], None]) -> Outcome:
    """Run the flow here and now; Prefect's share of the time is `seconds["prefect"]`."""
    token = running.caller.set((log, on_model))
    began = time.perf_counter()
    try:
        as_of, since = (day.isoformat() if day else "" for day in (request.as_of, request.since))
        kind = (request.is_offline, request.is_lenient, request.profile)
        with _server():
            outcome = refresh(",".join(request.sources), dict(request.files), as_of, allow_shrink, since, *kind)
    finally:
        running.caller.reset(token)
    log.seconds["prefect"] = time.perf_counter() - began - sum(log.seconds.values())
    return outcome


@contextmanager
def _server() -> Iterator[None]:
    """The server that the settings name, else a temporary one that ends with this process, killed or not."""
    if PREFECT_API_URL.value():
        yield
        return
    with socket.create_server(("127.0.0.1", 0)) as door:
        command = [sys.executable, "-c", _TEMPORARY_SERVER, str(door.fileno())]
        environment = {**os.environ, **_TEMPORARY_ENVIRONMENT}
        server = subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, pass_fds=(door.fileno(),))
        address = f"http://127.0.0.1:{door.getsockname()[1]}/api"
    try:
        _wait(address, server)
        with temporary_settings({PREFECT_API_URL: address}):
            yield
    finally:
        server.communicate()


def serve(cron: str, port: int) -> None:
    """Serve the flow by cron on the lasting local server of PREFECT_API_URL, started here unless one answers; both end together.

    Raises ValueError for a cron expression that is none, OSError where the server does not start.
    """
    try:
        CronSchedule(cron=cron)
    except ValueError as error:
        raise ValueError(f"--cron {cron!r} is no cron expression; five fields were expected, as '0 6 * * *'") from error
    address = f"http://127.0.0.1:{port}/api"
    if os.environ.get("PREFECT_API_URL") != address:
        raise ValueError(f"PREFECT_API_URL must be {address} before Prefect is imported")
    # Prefect's own handler of SIGTERM leaves this behind; nothing is lost by it.
    warnings.filterwarnings("ignore", message="coroutine 'Runner.astop' was never awaited")
    server = None if _answers(address) else _start_server(port)
    try:
        _wait(address, server)
        print(f"serving the deployment aicompute/refresh at {cron!r} (UTC) on {address}", flush=True)
        refresh.serve(name="refresh", cron=cron, print_starting_message=False)
    except KeyboardInterrupt:
        pass
    finally:
        if server is not None:
            server.send_signal(signal.SIGINT)
            try:
                server.wait(20)
            except subprocess.TimeoutExpired:
                server.kill()


def _start_server(port: int) -> subprocess.Popen:
    command = [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port)]
    # A session of its own: Ctrl-C reaches us first, and we end the server when the last run has been told.
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/health", timeout=2) as response:
            return response.status == 200
    except OSError:
        return False


def _wait(address: str, server: subprocess.Popen | None) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not _answers(address):
        if server is not None and server.poll() is not None:
            raise OSError(f"the Prefect server ended at once (code {server.returncode}); is the port taken?")
        if time.monotonic() > deadline:
            raise OSError(f"the Prefect server at {address} does not answer after {START_SECONDS} s")
        time.sleep(0.5)


def _plain(row: dict) -> dict:
    return {key: str(value) if isinstance(value, dt.date) else value for key, value in row.items()}
