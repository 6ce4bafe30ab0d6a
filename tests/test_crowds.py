"""Many at once: readers that query without pause while versions are published, and two writers, on both catalogues."""

from __future__ import annotations

import os
import random
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from pathlib import Path

import duckdb
import publisher
import pytest

from flows.runlog import RunLog
from flows.settings import Settings
from warehouse import lake, release

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

READERS = (
    "plain DuckDB",
    "plain DuckDB",
    "plain DuckDB",
    "the command's",
    "the command's",
    "DuckLake",
    "DuckLake",
    "DuckLake",
)
VERSIONS, EACH, SEED, PATIENCE_SECONDS = 50, 5, 20180516, 600


@pytest.fixture
def folder() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="aicompute-crowd-", dir=publisher.memory_folder()))
    yield made
    shutil.rmtree(made, ignore_errors=True)


def seen(con: duckdb.DuckDBPyConnection, prefix: str = "") -> tuple[int, set]:
    """The newest version a reader is told of, and every mark in every marked table."""
    ((number,),) = con.execute(f"select max(version) from {prefix}main.versions").fetchall()
    parts = (f"select distinct {column} as mark from {prefix}{name}" for name, column in publisher.MARKED.items())
    return number, {mark for (mark,) in con.execute(" union all ".join(parts)).fetchall()}


def look(kind: str, settings: Settings) -> tuple[int, set]:
    """One reader's answer."""
    if kind == "plain DuckDB":
        with duckdb.connect(str(settings.latest / "aicompute.duckdb"), read_only=True) as con:
            return seen(con)
    if kind == "the command's":
        with release.reader(settings.latest) as con:
            return seen(con)
    with duckdb.connect() as con:
        lake.attach(con, settings.lake)
        con.execute("begin")  # what is asked within a transaction is of one snapshot
        return seen(con, "lake.")


def keep_reading(kind: str, settings: Settings, told: Connection) -> None:
    """Ask until told to stop; tell how many answers there were and what was wrong with any."""
    publisher.quickly()
    os.nice(10)  # eight that never pause would leave the one who writes a ninth of two processors
    answers, last, wrong, is_told = 0, 0, [], False
    while not is_told:
        is_told = told.poll()  # then there is one more look, at the newest version
        try:
            number, marks = look(kind, settings)
        except Exception as error:
            wrong.append(f"{kind}: {type(error).__name__}: {error}")
            break
        answers += 1
        if marks != {number} or number < last:
            wrong.append(f"{kind}: version {number} after {last} with marks {sorted(marks)}")
        last = number
    told.send((kind, answers, last, wrong))


def keep_publishing(settings: Settings, count: int, told: Connection) -> None:
    """Publish so many versions, trying again while another writes; tell their numbers and how often another was writing."""
    publisher.quickly()
    log, chance, made, refused = RunLog(settings.log_file), random.Random(SEED), [], 0
    while len(made) < count:
        try:
            with lake.writer(settings.lake):
                made.append(publisher.publish(settings, log, chance, is_marked=True).version)
        except lake.LakeError as error:
            assert "another run is writing" in str(error), error
            refused += 1
    told.send((made, refused))


def started(target: Callable, *arguments: object) -> tuple:
    """A process and the end of a pipe to it."""
    here, there = publisher.nursery().Pipe()
    process = publisher.nursery().Process(target=target, args=(*arguments, there))
    process.start()
    there.close()
    return process, here


def answer(process, told: Connection):
    """What a process has to tell at its end."""
    try:
        assert told.poll(PATIENCE_SECONDS), "a process hangs"
        found = told.recv()
        process.join()
        return found
    finally:
        process.kill()


def test_readers_see_whole_versions_while_versions_are_published(catalogues, folder, measured):
    settings = Settings(data_dir=folder, catalogue=catalogues())
    began = time.perf_counter()
    assert answer(*started(keep_publishing, settings, 1)) == ([1], 0)
    readers = [started(keep_reading, kind, settings) for kind in READERS]
    made, refused = answer(*started(keep_publishing, settings, VERSIONS))
    for _, told in readers:
        told.send("stop")
    found = [answer(*reader) for reader in readers]
    assert (made, refused) == (list(range(2, VERSIONS + 2)), 0)
    assert [words for *_, wrong in found for words in wrong] == []
    assert all(answers > 1 and last == VERSIONS + 1 for _, answers, last, _ in found), found
    counts = ", ".join(f"{kind} {answers}" for kind, answers, *_ in found)
    measured(f"{VERSIONS} versions in {time.perf_counter() - began:.0f} s; answers by reader: {counts}; 0 errors")


def test_two_writers_at_once_take_turns(catalogues, folder):
    catalogue = catalogues()
    # In PostgreSQL the two may be on two machines: only the data files are in one place.
    places = ("one", "other") if catalogue else ("one", "one")
    both = [Settings(data_dir=folder / p, catalogue=catalogue, lake_data=str(folder / "lake")) for p in places]
    writers = [started(keep_publishing, settings, EACH) for settings in both]
    (one, told_one), (other, told_other) = (answer(*writer) for writer in writers)
    assert sorted(one + other) == list(range(1, 2 * EACH + 1))
    # The lock of a file is refused at once; that of PostgreSQL is waited for, some seconds long.
    assert told_one + told_other > 0 or catalogue
    assert publisher.check_lake(both[0], 2 * EACH)[-1].version == 2 * EACH
