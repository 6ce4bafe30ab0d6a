"""Fixtures of all tests: the shared real inputs, a data folder of their own, and tables built once a session."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import duckdb
import hypothesis
import postgres
import pytest

from flows.collect import Collected, Request, collect
from flows.derive import derive
from flows.runlog import RunLog
from flows.settings import Settings
from warehouse import derive as sql

# A machine that does other work too is slow now and then: no test fails for its time.
hypothesis.settings.register_profile("patient", deadline=None)
hypothesis.settings.load_profile("patient")

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"


@dataclass(frozen=True)
class Built:
    """Tables of one version in memory (`con`, not to be written to) and what they were made of."""

    con: duckdb.DuckDBPyConnection
    collected: Collected

    def rows(self, query: str, *values: object) -> list[tuple]:
        """All rows a query gives."""
        return self.con.execute(query, list(values)).fetchall()

    def one(self, query: str, *values: object) -> tuple:
        """The single row a query gives."""
        found = self.rows(query, *values)
        assert len(found) == 1, f"{len(found)} rows where one was expected: {query}"
        return found[0]


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository."""
    return ROOT


@pytest.fixture(scope="session")
def shared() -> Path:
    """The real inputs beside the repository; without them the test is skipped, under CI it fails."""
    if not SHARED.is_dir():
        reason = "../shared is not here: the real inputs come with the development checkout only"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
    return SHARED


@pytest.fixture
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder of this test alone, where AICOMPUTE_DATA_DIR points."""
    folder = tmp_path / "data"
    monkeypatch.setenv("AICOMPUTE_DATA_DIR", str(folder))
    return folder


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[postgres.Server]:
    """A PostgreSQL server of this session; without its programs the test is skipped, under CI it fails."""
    programs = postgres.binaries()
    if programs is None:
        pytest.fail(postgres.MISSING) if os.environ.get("CI") else pytest.skip(postgres.MISSING)
    running = postgres.Server(programs)
    yield running
    running.stop()


@pytest.fixture(params=["sqlite", "postgres"], scope="module")
def catalogues(request: pytest.FixtureRequest) -> Callable[[], str]:
    """A factory of settings AICOMPUTE_CATALOGUE, each for a new warehouse: empty for SQLite, then PostgreSQL databases."""
    if request.param == "sqlite":
        return lambda: ""
    return request.getfixturevalue("postgres_server").database


@pytest.fixture
def failing_proof(monkeypatch: pytest.MonkeyPatch) -> Callable[[int, Exception], AbstractContextManager[None]]:
    """Within it one proof of a maintenance raises an error, after it was carried out: 1 before anything is deleted, 2 after."""
    from warehouse import maintain

    prove = maintain._prove

    @contextmanager
    def failing_at(when: int, error: Exception) -> Iterator[None]:
        times = count(1)

        def failing(*args: Any) -> None:
            prove(*args)
            if next(times) == when:
                raise error

        with monkeypatch.context() as patch:
            patch.setattr(maintain, "_prove", failing)
            yield

    return failing_at


@pytest.fixture
def measured(record_property) -> Callable[[str], None]:
    """Takes a line that is printed when all tests are over, whatever process this one runs in."""
    return lambda line: record_property("measured", line)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what tests measured, each under its name."""
    for report in terminalreporter.getreports("passed"):
        lines = [line for name, line in report.user_properties if name == "measured"]
        if lines and report.when == "call":
            terminalreporter.write_line("\n  ".join([report.nodeid, *lines]))


@pytest.fixture(scope="session", autouse=True)
def unsigned_extensions() -> Iterator[None]:
    """Connections of this process hash no extension: 70 MB at each lake would be a third of a second a time.

    Commands that tests run as processes of their own check the signatures as users do.
    """
    connect = duckdb.connect

    def quick(database: Any = ":memory:", read_only: bool = False, config: dict | None = None) -> Any:
        return connect(database, read_only=read_only, config={"allow_unsigned_extensions": "true", **(config or {})})

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(duckdb, "connect", quick)
        yield


class Draws:
    """How often bootstraps draw in the tables of tests: not at all, for a thousand take two seconds a version."""

    FEW = 0
    limit = FEW


@pytest.fixture(scope="session", autouse=True)
def few_draws() -> Iterator[None]:
    """No tables in this process draw more than `Draws.limit` times; tests of bootstraps ask `built` for all of them."""
    whole = sql.load_assumptions

    def limited(con: duckdb.DuckDBPyConnection, *args: Any, **named: Any) -> None:
        whole(con, *args, **named)
        con.execute(
            "update assumptions.thresholds set limit_value = least(limit_value, ?) where threshold = 'bootstrap_draws'",
            [Draws.limit],
        )

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sql, "load_assumptions", limited)
        yield


@pytest.fixture(scope="module")
def empty() -> Iterator[duckdb.DuckDBPyConnection]:
    """A scratch database of this module alone, in which every table is built on nothing."""
    con = duckdb.connect()
    sql.load_assumptions(con)
    sql.load_raw(con, {})
    list(sql.build(con))
    yield con
    con.close()


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Built]:
    """A factory: `built("curated")`, `built("epoch", models=path)`, `built("curated", profile="epoch")`.

    Equal requests are built once a session; with `draws=1000` the bootstraps draw that often.
    """
    known: dict[tuple, Built] = {}
    parsed = tmp_path_factory.mktemp("parsed")

    def build(*sources: str, profile: str = "", draws: int = Draws.FEW, **files: Path) -> Built:
        key = (sources, profile, draws, tuple(sorted(files.items())))
        if key not in known:
            folder = tmp_path_factory.mktemp("built")
            (folder / "cache").symlink_to(parsed)  # a document is parsed once a session
            settings = Settings(data_dir=folder)
            log = RunLog(settings.log_file)
            request = Request(sources, {dataset: str(path) for dataset, path in files.items()}, profile=profile)
            collected = collect(settings, request, log)
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(Draws, "limit", draws)
                known[key] = Built(derive(collected, log), collected)
        return known[key]

    return build
