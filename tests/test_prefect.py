"""The run as a Prefect flow: the same version as without Prefect, quiet, at home in the data folder, nothing left behind."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest

from schemas.tables import kept_tables
from warehouse import lake

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

MODELS = """\
Model,Domain,Organization,Publication date,Link,Notability criteria,Parameters,Training compute (FLOP)
First,Language,Some Organisation,2019-02-14,https://arxiv.org/abs/1902.00001,Highly cited,1.5e9,1.4e21
Second,Vision,Another Organisation,2020-10-22,https://arxiv.org/abs/2010.00001,,6.3e8,
,Language,Nameless,2020-01-01,,,1,1
"""
ASK_SETTINGS = """
import json, os
import flows.refresh
from prefect.settings import get_current_settings
settings = get_current_settings()
print(json.dumps({
    "home": str(settings.home),
    "database": settings.server.database.connection_url.get_secret_value(),
    "analytics": settings.server.analytics_enabled,
    "do_not_track": os.environ["DO_NOT_TRACK"],
}))
"""


ROOT = Path(lake.__file__).resolve().parent.parent


def call(data: Path, *command: str) -> subprocess.CompletedProcess:
    """A Python command on a data folder, with a home of its own and none of the caller's settings; it must end well."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("AICOMPUTE_", "PREFECT_")) and k != "DO_NOT_TRACK"}
    home = data.with_name("home")
    home.mkdir(exist_ok=True)
    environment = kept | {"AICOMPUTE_DATA_DIR": str(data), "HOME": str(home), "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, *command], env=environment, capture_output=True, text=True, cwd=home)
    assert done.returncode == 0, done.stderr
    return done


@pytest.fixture(scope="module")
def ran(tmp_path_factory) -> dict[str, tuple[Path, list[subprocess.CompletedProcess]]]:
    """Two versions with Prefect and two without, of the same inputs: the data folders and what the runs said."""
    folder = tmp_path_factory.mktemp("prefect")
    models = folder / "models_2020-12-01.csv"
    models.write_text(MODELS, encoding="utf-8")
    made = {}
    for name, flags in (("prefect", ()), ("plain", ("--plain",))):
        data = folder / name / "data"
        data.parent.mkdir()
        files = ("--sources", "curated,epoch", "--epoch-models", str(models))
        made[name] = data, [call(data, "-m", "flows", "run", *flags, "--json", *more) for more in ((), files)]
    return made


def test_the_flow_publishes_what_the_plain_run_publishes(ran):
    with duckdb.connect() as con:
        for name, (data, _) in ran.items():
            lake.attach(con, lake.Lake(data / "lake"), name=name)
        for table, shape in kept_tables().items():
            columns = ", ".join(shape.columns)
            order = f"order by {', '.join(shape.key)}"
            with_prefect, plain = (con.execute(f"select {columns} from {n}.{table} {order}").fetchall() for n in ran)
            assert with_prefect == plain, table
        columns = "version, snapshot_id, as_of_on, code_version, manifest, message"
        versions = (con.execute(f"select {columns} from {name}.main.versions order by all").fetchall() for name in ran)
        with_prefect, plain = versions
        assert with_prefect == plain and len(plain) == 2


def test_both_say_the_same_and_the_flow_tells_its_own_time(ran):
    said = {name: [json.loads(done.stdout) for done in runs] for name, (_, runs) in ran.items()}
    times = {name: [answer.pop("seconds") for answer in answers] for name, answers in said.items()}
    assert said["prefect"] == said["plain"]
    assert [answer["version"] for answer in said["plain"]] == [1, 2]
    (epoch,) = (row for row in said["plain"][1]["sources"] if row["source"] == "epoch")
    assert (epoch["rows_read"], epoch["rows_accepted"], epoch["rows_quarantined"]) == (3, 2, 1)
    assert all(spent["prefect"] > 0 for spent in times["prefect"])
    assert not any("prefect" in spent for spent in times["plain"])


def test_a_successful_run_is_quiet(ran):
    for name, (_, runs) in ran.items():
        assert [done.stderr for done in runs] == ["", ""], name


def test_no_process_outlives_the_flow(ran):
    if not Path("/proc/self/environ").exists():
        pytest.skip("processes are told apart by /proc, which this system lacks")
    data, _ = ran["prefect"]
    mark, until = f"AICOMPUTE_DATA_DIR={data}".encode(), time.monotonic() + 1
    while left := [folder for folder in Path("/proc").glob("[0-9]*") if mark in environment_of(folder)]:
        assert time.monotonic() < until, [(folder / "cmdline").read_bytes() for folder in left]
        time.sleep(0.1)


def environment_of(process: Path) -> list[bytes]:
    """Environment of a process under /proc; empty where it is gone or not ours."""
    try:
        return (process / "environ").read_bytes().split(b"\0")
    except OSError:
        return []


def test_prefect_lives_in_the_data_folder_and_reports_to_nobody(ran):
    data, _ = ran["prefect"]
    assert list((data / "prefect").glob("prefect.db"))
    assert not (data.with_name("home") / ".prefect").exists()
    found = json.loads(call(data, "-c", ASK_SETTINGS).stdout)
    assert found.pop("database").endswith(f"{data}/prefect/prefect.db")
    assert found == {"home": str(data / "prefect"), "analytics": False, "do_not_track": "1"}
    plain, _ = ran["plain"]
    assert not (plain / "prefect").exists()
