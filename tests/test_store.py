"""Data files on an object store: moto's server in an environment of its own stands in for Amazon's."""

from __future__ import annotations

import os
import random
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import duckdb
import publisher
import pytest

from flows.runlog import RunLog
from flows.settings import Settings
from warehouse import lake, maintain
from warehouse.move import move

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

LOCK = Path(__file__).resolve().parent / "store" / "moto.lock"
UNREACHABLE = re.compile(r"error sending request|failed to fetch|dns error|connection refused|timed out", re.IGNORECASE)
TIMED_OUT = duckdb.IOException("Connection timed out")
SECRET, START_SECONDS = "s3cr3t of the store", 120


@pytest.fixture(scope="module")
def python(tmp_path_factory) -> Path:
    """An interpreter that has moto's server, by hash."""
    uv = shutil.which("uv", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}")
    assert uv, "uv is missing; it comes with the development tools of requirements.lock"
    venv = tmp_path_factory.mktemp("moto") / "venv"
    subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, str(venv)], check=True)
    command = [
        uv,
        "pip",
        "install",
        "--quiet",
        "--python",
        str(venv / "bin" / "python"),
        "--require-hashes",
        "-r",
        str(LOCK),
    ]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode and UNREACHABLE.search(done.stderr) and not os.environ.get("CI"):
        pytest.skip("no package registry can be reached for moto")
    assert done.returncode == 0, done.stderr
    return venv / "bin" / "python"


@pytest.fixture(scope="module")
def store(python) -> Iterator[str]:
    """Address of a running store that has a bucket named `lake`."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        port = door.getsockname()[1]
    words = [str(python), "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    address, until = f"http://127.0.0.1:{port}", time.monotonic() + START_SECONDS
    while True:
        try:
            urllib.request.urlopen(urllib.request.Request(f"{address}/lake", method="PUT"))
            break
        except (urllib.error.URLError, ConnectionError):
            assert process.poll() is None and time.monotonic() < until, "moto's server does not answer"
            time.sleep(0.1)
    yield address
    process.kill()
    process.wait()


@pytest.fixture
def no_page(monkeypatch):
    monkeypatch.setattr("warehouse.page.build.write", lambda database, file: None)


def keys(address: str) -> list[str]:
    """Every object of the bucket."""
    with urllib.request.urlopen(f"{address}/lake?list-type=2&max-keys=1000") as answer:
        return re.findall(r"<Key>(.*?)</Key>", answer.read().decode())


def settings_at(address: str, data: Path, prefix: str, catalogue: str = "") -> Settings:
    return Settings(
        data_dir=data, catalogue=catalogue, lake_data=f"s3://lake/{prefix}", s3_endpoint=address, s3_region="us-east-1",
        s3_key_id="me", s3_secret=SECRET,
    )  # fmt: skip


def test_versions_on_an_object_store(store, tmp_path, catalogues, no_page, request):
    prefix = request.node.callspec.params["catalogues"]
    settings = settings_at(store, tmp_path / "data", prefix, catalogues())
    log = RunLog(settings.log_file)
    for number in (1, 2):
        assert publisher.publish(settings, log, random.Random(number)).version == number
        assert len(publisher.check_lake(settings, number)) == number
        assert publisher.check_release(settings, settings.latest) == number
    assert not (settings.lake.folder / "data").exists()
    assert [key for key in keys(store) if key.startswith(f"{prefix}/main/versions/")]
    for path in [path for path in settings.folder.rglob("*") if path.is_file()]:
        assert SECRET.encode() not in path.read_bytes(), path


def test_an_object_store_is_maintained(store, tmp_path, catalogues, no_page, request, failing_proof):
    prefix = f"kept-{request.node.callspec.params['catalogues']}"
    settings = settings_at(store, tmp_path / "data", prefix, catalogues())
    place = settings.lake
    for number in range(1, 5):
        publisher.publish(settings, RunLog(settings.log_file), random.Random(number))
    with duckdb.connect() as con:
        lake.attach(con, place)
        made = lake.versions(con)
    before, files = maintain.holdings(place, made), [key for key in keys(store) if key.startswith(prefix)]
    told = r"Connection timed out.*stays as it was proved"
    with failing_proof(2, TIMED_OUT), pytest.raises(lake.LakeError, match=told):
        maintain.apply(place)
    assert maintain.holdings(place, made) == before
    assert len([key for key in keys(store) if key.startswith(prefix)]) < len(files)
    assert maintain.apply(place).is_applied
    assert maintain.holdings(place, made) == before
    assert publisher.publish(settings, RunLog(settings.log_file), random.Random(5)).version == 5
    assert len(publisher.check_lake(settings, 5)) == 5


def test_data_files_move_to_an_object_store(store, tmp_path, postgres_server, no_page):
    old = Settings(data_dir=tmp_path / "data")
    for number in (1, 2):
        publisher.publish(old, RunLog(old.log_file), random.Random(number))
    new = settings_at(store, old.data_dir, "moved", postgres_server.database())
    assert [version.version for version in move(old.lake, new.lake)] == [1, 2]
    (old.lake.folder / "data").rename(tmp_path / "gone")
    assert publisher.check_lake(new, 2)[-1].version == 2
