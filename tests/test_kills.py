"""`kill -9` in every phase of `aicompute run`: readers keep the old version whole, and the next run publishes."""

from __future__ import annotations

import csv
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import publisher
import pytest

from flows import publish
from flows.collect import Request
from flows.run import run
from flows.runlog import RunLog
from flows.settings import Settings
from schemas.tables import kept_tables
from warehouse import lake, release

PHASES = ("archive", "parse", "sql", "commit", "release", "rename")
KILLS, TRIES, SEED = 2, 15, 20180516
# Nearly all of the time of a run and all that readers could see of it: these are met on real exports and under Prefect too.
LATE = ("sql", "commit", "release", "rename")
REAL = ("models_2024-05-26.csv", "models_2025-06-20.csv")
ROW = {
    "Domain": "Language",
    "Organization": "Some Organisation",
    "Country (of organization)": "Some Country",
    "Notability criteria": "Highly cited",
    "Parameters": "1e6",
    "Training compute (FLOP)": "6e16",
    "Training dataset size (datapoints)": "1e10",
    "Epochs": "1",
}
# The whole command, told to end itself as by kill -9 at the nth event of a kind whose arguments match a pattern.
AT_EVENT = """
import os, re, signal, sys
event, pattern, left = sys.argv[1], sys.argv[2], [int(sys.argv[3])]
def hook(name, arguments):
    if name == event and re.search(pattern, " ".join(map(str, arguments))):
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(hook)
sys.argv[1:] = sys.argv[4:]
from flows.cli import main
main()
"""


@dataclass(frozen=True)
class Trial:
    """One kill: the phase it was meant for, the phase the log says it met, the wait, and what readers saw."""

    aimed: str
    met: str
    waited_ms: float
    before_reveal: bool
    outcome: str

    def line(self) -> str:
        """In words."""
        seen = "the old" if self.before_reveal else "the new"
        return (
            f"killed in {self.met}, {self.waited_ms:.0f} ms after {self.aimed} began: {seen} version is latest;"
            f" next run: {self.outcome}"
        )


def environment(data: Path) -> dict[str, str]:
    """The test's own environment with the data directory, and nothing of the caller's settings."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("AICOMPUTE_", "PREFECT_"))}
    return kept | {"AICOMPUTE_DATA_DIR": str(data), "PYTHONPATH": str(Path(lake.__file__).resolve().parent.parent)}


def command(*flags: str) -> list[str]:
    """`aicompute run` with flags."""
    return [sys.executable, "-m", "flows", "run", "--allow-shrink", *flags]


def succeed(data: Path, models: Path, *flags: str) -> dict:
    """A run that must end well; its JSON."""
    done = subprocess.run(
        command("--json", "--epoch-models", str(models), *flags), env=environment(data), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def models_csv(folder: Path, number: int) -> Path:
    """A small export of `number` + 2 runs, so that each number is a document never seen before."""
    path = folder / f"models_{number}_2024-01-01.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, ["Model", "Publication date", "Link", *ROW])
        writer.writeheader()
        for n in range(number + 2):
            link, published_on = f"https://arxiv.org/abs/{2000 + n:04}.{n:05}", f"20{10 + n % 14}-01-05"
            writer.writerow(ROW | {"Model": f"Run {n}", "Publication date": published_on, "Link": link})
    return path


def log_lines(data: Path) -> list[dict]:
    """Whole lines of the run log; the last may be cut short."""
    path = data / "log" / "runs.jsonl"
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    return [json.loads(line) for line in text.splitlines(keepends=True) if line.endswith("\n")]


def kill_at(data: Path, flags: list[str], phase: str, wait: float, whole_group: bool) -> str | None:
    """Start the command, SIGKILL it `wait` seconds after the log names the phase; the phase met, None if it ended before."""
    path = data / "log" / "runs.jsonl"
    seen, mark = path.stat().st_size, f'"phase": "{phase}"'.encode()
    streams = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE}
    process = subprocess.Popen(command(*flags), env=environment(data), start_new_session=True, **streams)
    with path.open("rb") as file:
        file.seek(seen)
        found = b""
        while mark not in found:
            if process.poll() is not None:
                raise AssertionError(f"the run ended ({process.returncode}) before {phase}: {process.stderr.read()!r}")
            found += file.read()
    until = time.perf_counter() + wait
    while time.perf_counter() < until:
        pass
    (os.killpg if whole_group else os.kill)(process.pid, signal.SIGKILL)
    killed = process.wait() == -signal.SIGKILL
    process.stderr.close()
    return log_lines(data)[-1]["phase"] if killed else None


def contents(con: duckdb.DuckDBPyConnection, database: str, names: list[str]) -> dict[str, tuple]:
    """Each table's rows and a sum over all its cells: every column is read from disk."""
    return {n: con.execute(f"select count(*), sum(hash(t)::hugeint) from {database}.{n} t").fetchone() for n in names}


def released(data: Path) -> tuple[int, dict[str, tuple]]:
    """What a reader with plain DuckDB finds under `latest`: the version's number and every table's contents."""
    with duckdb.connect(str(data / "latest" / "aicompute.duckdb"), read_only=True) as con:
        con.execute("set autoinstall_known_extensions = false")
        there = con.execute("select schema_name || '.' || table_name from duckdb_tables() order by all").fetchall()
        version = con.execute("select max(version) from versions").fetchone()[0]
        return version, contents(con, "aicompute", [name for (name,) in there])


def check_lake(data: Path, copy: Path, known: dict[int, dict[str, tuple]]) -> list[int]:
    """Open a copy of the lake as the kill left it, read its last versions whole, and hold them against their releases."""
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(data / "lake", copy, copy_function=_link_or_copy)
    with duckdb.connect(config=publisher.UNSIGNED) as con:
        lake.attach(con, lake.Lake(copy))
        made = lake.versions(con)
        row = con.execute("select max(snapshot_id) from ducklake_snapshots('lake')").fetchone()
        assert row == (made[-1].snapshot_id,), "a snapshot that is no version"
    assert [v.version for v in made] == list(range(1, len(made) + 1))
    names = list(release.released_tables(kept_tables()))
    for version in made[-2:]:
        with duckdb.connect(config=publisher.UNSIGNED) as con:
            lake.attach(con, lake.Lake(copy), version.snapshot_id)
            found = contents(con, "lake", names)
        if version.version in known:
            assert found == {name: known[version.version][name] for name in names}
    return [v.version for v in made]


def _link_or_copy(source: str, target: str) -> None:
    """Files of the lake never change, but those of its catalogue do."""
    (shutil.copy2 if Path(source).name.startswith("catalog") else os.link)(source, target)


def check_tidy(data: Path) -> None:
    """No half-made folder, file or pointer is left, and `latest` is the newest release."""
    assert not [path for path in data.rglob("*.partial") if "prefect" not in path.parts]
    folders = sorted(int(folder.name) for folder in (data / "releases").iterdir())
    assert (data / "latest").resolve() == (data / "releases" / str(folders[-1])).resolve()


def names_released(data: Path) -> set[str]:
    """Names of documents in force of the newest release."""
    with duckdb.connect(str(data / "latest" / "aicompute.duckdb"), read_only=True) as con:
        return {name for (name,) in con.execute("select document_name from raw.documents").fetchall()}


def survive(data: Path, models: Path, met: str, before: tuple[int, dict], flags: tuple[str, ...]) -> tuple[bool, str]:
    """After a kill: old or new version whole, the next run publishes the killed run's input; whether readers saw the old."""
    number, tables = released(data)
    old = number == before[0]
    assert old or met in ("rename", "end"), f"latest moved although the log only reached {met}"
    if old:
        assert tables == before[1]
    made = check_lake(data, data.with_name("copy"), {before[0]: before[1], number: tables})
    assert made[-1] in (before[0], before[0] + 1)
    done = succeed(data, models, *flags)
    after, now = released(data)
    assert after == done["version"] == before[0] + 1
    assert models.name in names_released(data)
    assert now["main.versions"][0] == after
    check_tidy(data)
    return old, "published" if done["is_new"] else "finished what was committed"


def trial(data, models, phase, wait, before, flags=("--plain",), whole_group=True) -> Trial | None:
    """One kill and what comes after it."""
    met = kill_at(data, [*flags, "--epoch-models", str(models)], phase, wait, whole_group)
    if met is None:
        return None
    return Trial(phase, met, wait * 1000, *survive(data, models, met, before, flags))


def usual_seconds(data: Path) -> dict[str, float]:
    """How long each phase took in the last run that ended with a new version."""
    return next(line["seconds"] for line in reversed(log_lines(data)) if line["phase"] == "end" and line["new"])


@pytest.fixture(scope="module")
def first(tmp_path_factory) -> Path:
    """A warehouse of one version, to be copied."""
    folder = tmp_path_factory.mktemp("first")
    succeed(folder / "data", models_csv(folder, 0), "--plain")
    return folder / "data"


@pytest.fixture
def folder(tmp_path) -> Iterator[Path]:
    """An empty folder, in memory where there is room."""
    made = Path(tempfile.mkdtemp(prefix="aicompute-kills-", dir=publisher.memory_folder() or tmp_path))
    yield made
    release.remove(made)


@pytest.fixture
def data(folder, first) -> Path:
    """A copy of the warehouse of one version."""
    shutil.copytree(first, folder / "data", symlinks=True)
    return folder / "data"


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("phase", PHASES)
def test_a_killed_run_leaves_the_old_version_and_the_next_run_publishes(phase, folder, data, measured):
    met, chance = 0, random.Random(f"{SEED} {phase}")
    for attempt in range(1, TRIES + 1):
        wait = chance.uniform(0, usual_seconds(data)[phase]) if attempt > 1 else 0.0
        made = trial(data, models_csv(folder, attempt), phase, wait, released(data))
        if made is not None:
            measured(made.line())
            met += made.met == phase
        else:
            check_tidy(data)
        if met == KILLS:
            number, tables = released(data)
            assert check_lake(data, data.with_name("copy"), {number: tables})[-1] == number
            return
    raise AssertionError(f"only {met} of {TRIES} kills met {phase}")


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_killed_runs_on_real_exports(folder, measured, shared):
    epoch, data, chance = shared / "data" / "epoch", folder / "data", random.Random(SEED)
    succeed(data, epoch / REAL[0], "--plain")
    for number, phase in enumerate(LATE, 1):
        wait = chance.uniform(0, usual_seconds(data)[phase])
        made = trial(data, epoch / REAL[number % 2], phase, wait, released(data))
        if made is not None:
            measured(made.line())


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_killed_under_prefect_no_process_stays(folder, data, measured):
    succeed(data, models_csv(folder, 1))
    assert outlived(data, 0) == [], "a normal run left a process"
    for attempt, phase in enumerate(LATE, 2):
        made = trial(data, models_csv(folder, attempt), phase, 0.0, released(data), flags=(), whole_group=False)
        if made is not None:
            measured(made.line())
        assert outlived(data, 20) == [], f"processes outlived a run that was killed in {phase}"


def outlived(data: Path, patience: float) -> list[str]:
    """Command lines of this data directory's processes that are still there after so many seconds; they are ended."""
    until = time.monotonic() + patience
    while (left := processes(data)) and time.monotonic() < until:
        time.sleep(0.1)
    for process in left:
        os.kill(process, signal.SIGKILL)
    return list(left.values())


def processes(data: Path) -> dict[int, str]:
    """Processes started for this data directory: id → command line."""
    if not Path("/proc/self/environ").exists():
        pytest.skip("processes are told apart by /proc, which this system lacks")
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if f"AICOMPUTE_DATA_DIR={data}".encode() in (folder / "environ").read_bytes().split(b"\0"):
                found[int(folder.name)] = (
                    (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                )
        except OSError:
            continue
    return found


# Where a run's last steps can be cut: event of the interpreter, what its arguments hold, which occurrence.
CUTS = {
    "the document is written but has no name yet": ("os.rename", r"archive/.*\.partial", 1),
    "the document has its name but is not in the index": ("open", r"index\.jsonl a", 1),
    "the parsed tables are written but not marked whole": ("os.rename", r"cache/.*\.partial", 1),
    "some files are linked, the next is unlinked": ("os.link", r"releases", 3),
    "half the files are read-only": ("os.chmod", r"releases/2\.partial", 40),
    "the folder is whole but has no public name": ("os.rename", r"releases/2\.partial", 1),
    "the folder has its name but no pointer is made": ("os.symlink", r"releases/2", 1),
    "the pointer is made but latest has not moved": ("os.rename", r"latest\.partial", 1),
    "latest has moved and an old release is about to go": ("os.rename", r"releases/1 ", 1),
    "latest has moved and an old release is half gone": ("os.rmdir", r"^(clean|csv|parquet|trends) ", 2),
}


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("cut", CUTS)
def test_a_run_cut_between_two_steps_on_disk(cut, folder, data):
    event, second, before = CUTS[cut], models_csv(folder, 1), released(data)
    # With one release kept, the second run ends by removing the first.
    keep = {"AICOMPUTE_KEEP_RELEASES": "1"} if cut.startswith("latest has moved") else {}
    flags = ["run", "--plain", "--allow-shrink", "--epoch-models", str(second)]
    killed = subprocess.run(
        [sys.executable, "-c", AT_EVENT, event[0], event[1], str(event[2]), *flags],
        env=environment(data) | keep,
        capture_output=True,
        text=True,
    )
    assert killed.returncode == -signal.SIGKILL, f"the run never came to {event}: {killed.stderr}"
    met = log_lines(data)[-1]["phase"]
    old, _ = survive(data, second, met, before, ("--plain",))
    assert old == (not keep)


@pytest.mark.slow
def test_a_version_left_by_other_code_is_released_then_followed(tmp_path, monkeypatch):
    settings, models = Settings(data_dir=tmp_path / "data"), models_csv(tmp_path, 0)
    request = Request(("epoch",), {"models": str(models)})

    def cut_short(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as cut:
        cut.setattr(publish, "make_release", cut_short)
        with pytest.raises(KeyboardInterrupt):
            run(settings, request, RunLog(settings.log_file))
    assert [version.version for version in lake.published(settings.lake)] == [1]
    assert not settings.latest.exists()
    monkeypatch.setattr(publish, "code_hash", lambda: "of later code")
    assert run(settings, request, RunLog(settings.log_file)).version.version == 2
    assert {folder.name for folder in settings.releases_dir.iterdir()} == {"1", "2"}
