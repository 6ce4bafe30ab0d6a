"""A full or read-only disk, a damaged file or catalogue: one sentence, the old version stays, the next run goes well."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import duckdb
import publisher
import pytest
from test_kills import check_tidy, command, environment, models_csv, released, succeed

from warehouse import faults, lake, release


@pytest.fixture(scope="module")
def first(tmp_path_factory) -> Path:
    """A warehouse of one version, to be copied."""
    folder = tmp_path_factory.mktemp("first")
    succeed(folder / "data", models_csv(folder, 0), "--plain")
    return folder / "data"


@pytest.fixture
def folder(tmp_path) -> Iterator[Path]:
    """An empty folder, in memory where there is room."""
    made = Path(tempfile.mkdtemp(prefix="aicompute-disk-", dir=publisher.memory_folder() or tmp_path))
    yield made
    release.remove(made)


@pytest.fixture
def data(folder, first) -> Path:
    """A copy of the warehouse of one version."""
    return copied(first, folder / "data")


def copied(first: Path, data: Path) -> Path:
    shutil.copytree(first, data, symlinks=True)
    return data


def attempt(data: Path, models: Path, *before: str, limit: int = 0) -> subprocess.CompletedProcess:
    """A run of the whole command, after words that put it in its place; no file may grow beyond `limit` bytes, if given."""

    def tighten() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    words = [*before, *command("--plain", "--json", "--epoch-models", str(models))]
    hook = tighten if limit else None
    return subprocess.run(words, env=environment(data), capture_output=True, text=True, preexec_fn=hook)


def check_refusal(done: subprocess.CompletedProcess, advice: str) -> None:
    """Exit code 1 and one line that says what to do."""
    assert done.returncode == 1, done.stderr
    assert len(done.stderr.splitlines()) == 1 and done.stdout == "", done.stderr
    assert done.stderr.startswith("aicompute: ") and advice in done.stderr, done.stderr


def check_recovery(data: Path, models: Path, before: tuple) -> None:
    """Readers still have the old version; the next run publishes what the last could not."""
    assert released(data) == before
    assert succeed(data, models, "--plain")["version"] == before[0] + 1
    assert released(data)[0] == before[0] + 1
    check_tidy(data)


@pytest.fixture
def small_disk(folder) -> Iterator[Path]:
    """A disk of its own of 200 MB; skipped where mounting is refused."""
    disk = folder / "disk"
    disk.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=200m", "tmpfs", str(disk)], capture_output=True, text=True
    )
    if done.returncode:
        pytest.skip(f"no disk may be mounted here ({done.stderr.strip()}); the limit of a file's size stands in for it")
    yield disk
    subprocess.run(["umount", "--lazy", str(disk)], check=True)


def fill(disk: Path, room: int) -> Path:
    """Fill a disk but for so many bytes; the file that does."""
    ballast, free = disk / "ballast", os.statvfs(disk)
    with ballast.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, free.f_bavail * free.f_frsize - room)
    return ballast


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("room", [0, 200_000, 5_000_000])
def test_a_full_disk(small_disk, first, folder, room):
    data, models = copied(first, small_disk / "data"), models_csv(folder, 1)
    before, ballast = released(data), fill(small_disk, room)
    check_refusal(attempt(data, models), "make room and run again; the last version stays as it was")
    ballast.unlink()
    check_recovery(data, models, before)


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("limit", [1_000, 150_000, 2_000_000])
def test_a_file_that_may_not_grow(data, folder, limit):
    models, before = models_csv(folder, 1), released(data)
    check_refusal(attempt(data, models, limit=limit), "make room and run again; the last version stays as it was")
    check_recovery(data, models, before)


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("part", [".", "lake", "releases"])
def test_a_read_only_folder(data, folder, part):
    models, before = models_csv(folder, 1), released(data)
    closed = [path for path in [data / part, *(data / part).rglob("*")] if not path.is_symlink()]
    modes = {path: path.stat().st_mode for path in closed}
    for path, mode in modes.items():
        path.chmod(mode & ~0o222)
    # The superuser may write anywhere, unless without that privilege.
    less = ("setpriv", "--bounding-set", "-dac_override,-dac_read_search") if os.getuid() == 0 else ()
    done = attempt(data, models, *less)
    for path, mode in modes.items():
        path.chmod(mode)
    check_refusal(
        done, "make the folder and its files writable for this user and run again; the last version stays as it was"
    )
    check_recovery(data, models, before)


def largest(data: Path) -> Path:
    """The largest data file of the lake that is not of the catalogue."""
    return max((data / "lake" / "data").rglob("*.parquet"), key=lambda path: path.stat().st_size)


def halve(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("damage", [halve, Path.unlink], ids=["cut short", "gone"])
def test_a_damaged_data_file(data, folder, damage):
    models, before, file = models_csv(folder, 1), released(data), largest(data)
    whole = file.read_bytes()
    damage(file)
    done = attempt(data, models)
    check_refusal(done, "restore it from a backup and run again; the last version stays as it was")
    assert file.name in done.stderr
    file.write_bytes(whole)
    check_recovery(data, models, before)


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    ("damage", "advice"),
    [
        (halve, "catalog-backup.sqlite over it"),
        (lambda path: path.write_bytes(b""), "restore it from a backup"),
        (Path.unlink, "restore it from a backup"),
    ],
    ids=["half", "empty", "gone"],
)
def test_a_damaged_catalogue(data, folder, damage, advice):
    models, before = models_csv(folder, 1), released(data)
    file = lake.Lake(data / "lake").file
    whole = file.read_bytes()
    damage(file)
    check_refusal(attempt(data, models), advice)
    file.write_bytes(whole)
    check_recovery(data, models, before)


def test_a_release_that_is_newer_than_the_catalogue_is_no_version_to_go_on_from(tmp_path):
    (tmp_path / "7").mkdir()
    (tmp_path / "8.partial").mkdir()
    release.hold_versions(tmp_path, 7)
    with pytest.raises(
        lake.LakeError, match=r"7 is released, but the catalogue knows 6 versions: restore it from a backup"
    ):
        release.hold_versions(tmp_path, 6)


def test_a_query_that_is_not_understood_is_no_fault_of_a_disk():

    with pytest.raises(duckdb.Error) as caught, duckdb.connect() as con:
        con.execute('select "no space left on device"')
    assert faults.sentence(caught.value) is None
    assert faults.sentence(ValueError("no space left on device")) is None
