"""A thousand `kill -9` at random points of commit and release, half on each catalogue: nothing torn, the next run goes well."""

from __future__ import annotations

import json
import os
import random
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path

import publisher
import pytest

from flows.settings import Settings

KILLS = int(os.environ.get("AICOMPUTE_KILLS", "500"))
# One warehouse is killed this often, then comes a new one: every version is one more file to read.
A_WAREHOUSE = 25
SEED, PATIENCE_SECONDS = 20180516, 120


@dataclass
class Tally:
    """What the kills of a test met: phases, versions that were committed all the same, what `latest` showed."""

    met: Counter[str] = field(default_factory=Counter)
    shown: Counter[str] = field(default_factory=Counter)

    def lines(self, catalogue: str, seconds: float) -> str:
        met, shown = (", ".join(f"{n} {words}" for words, n in c.most_common()) for c in (self.met, self.shown))
        return f"{sum(self.met.values())} kills on {catalogue} in {seconds:.0f} s. Met: {met}. Readers saw: {shown}."


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_no_kill_tears_a_version(catalogues: Callable[[], str], measured, request):
    tally, began = Tally(), time.perf_counter()
    folder = Path(tempfile.mkdtemp(prefix="aicompute-kills-", dir=publisher.memory_folder()))
    try:
        with ThreadPoolExecutor(2) as pool:
            counts = [min(A_WAREHOUSE, KILLS - done) for done in range(0, KILLS, A_WAREHOUSE)]
            made = [
                pool.submit(kill_often, folder / str(number), catalogues(), count, SEED + number, tally)
                for number, count in enumerate(counts)
            ]
            for warehouse in made:
                warehouse.result()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    kind = request.node.callspec.params["catalogues"]
    measured(tally.lines(kind, time.perf_counter() - began))
    assert sum(tally.met.values()) == KILLS
    if KILLS >= 500:
        assert {"commit", "release"} <= set(tally.met)
        assert {"the old version", "the new version"} <= set(tally.shown)


def kill_often(data: Path, catalogue: str, count: int, seed: int, tally: Tally) -> None:
    """Kill a warehouse's runs until `count` kills met a run under way; every kill is followed by a run that must go well."""
    settings, chance = Settings(data_dir=data, catalogue=catalogue), random.Random(seed)
    usual, done = 0.0, 0
    while done < count:
        met, number, seconds = kill_once(settings, catalogue, chance, usual)
        # A busy machine is slow now and then: the wait follows what the last runs took.
        usual = seconds if not usual else (usual + seconds) / 2
        made = publisher.check_lake(settings, number)
        shown = publisher.check_release(settings, settings.latest)
        assert shown in (number, made[-1].version), f"{shown} is latest, {made[-1].version} is the newest version"
        if met == "end":
            continue
        done += 1
        tally.met[met] += 1
        tally.shown["the old version" if shown == number else "the new version"] += 1
    finish(settings, catalogue, chance)


def kill_once(settings: Settings, catalogue: str, chance: random.Random, usual: float) -> tuple[str, int, float]:
    """Start a process; when its first version is out, kill it within its second: phase met, that first version, its seconds.

    Any moment is as likely as another, but one kill in five is aimed at phases that are over in a few milliseconds.
    """
    process, told = start(settings, catalogue, chance, is_last=False)
    try:
        number, seconds = ready(told)
        if chance.random() < 0.2:
            wait_for(chance.choice(("backup", "rename")), settings.log_file, process)
            time.sleep(chance.uniform(0, 0.002))
        else:
            time.sleep(chance.uniform(0, 1.1 * (usual or seconds)))
    finally:
        process.kill()
        process.join()
    with suppress(EOFError):
        raise AssertionError(f"the run failed before it was killed: {told.recv()}")
    return last_phase(settings.log_file), number, seconds


def wait_for(phase: str, log: Path, process: BaseProcess) -> None:
    """Until the log names the phase last, or the process is over."""
    while process.is_alive() and last_phase(log) not in (phase, "end"):
        time.sleep(0.0002)


def start(settings: Settings, catalogue: str, chance: random.Random, is_last: bool) -> tuple[BaseProcess, Connection]:
    """A process that recovers and publishes, and where it tells what it has done."""
    told, tells = publisher.nursery().Pipe(duplex=False)
    arguments = (settings.folder, catalogue, chance.randrange(2**32), tells, is_last)
    process = publisher.nursery().Process(target=publisher.recover_then_publish, args=arguments)
    process.start()
    tells.close()
    return process, told


def ready(told: Connection) -> tuple[int, float]:
    """The version that the run after a kill published, and its seconds."""
    assert told.poll(PATIENCE_SECONDS), "the run after a kill hangs"
    answer = told.recv()
    assert isinstance(answer, tuple), f"the run after a kill failed: {answer}"
    return answer


def last_phase(log: Path) -> str:
    """The phase the log names last; `ready` is the moment before a run."""
    with log.open("rb") as file:
        file.seek(-min(log.stat().st_size, 2000), os.SEEK_END)
        return json.loads(file.read().rpartition(b"\n")[0].rpartition(b"\n")[2])["phase"]


def finish(settings: Settings, catalogue: str, chance: random.Random) -> None:
    """After the last kill of a warehouse: a run goes well, and nothing half-made is left."""
    process, told = start(settings, catalogue, chance, is_last=True)
    number, _ = ready(told)
    process.join()
    assert process.exitcode == 0
    assert publisher.check_lake(settings, number)[-1].version == number
    assert publisher.check_release(settings, settings.latest) == number
    assert not list(settings.folder.rglob("*.partial"))
    shutil.rmtree(settings.folder)
