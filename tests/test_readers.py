"""A release as its readers meet it: plain DuckDB, old DuckDB, Parquet, CSV, datapackage.json."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from flows.collect import Request
from flows.run import run
from flows.runlog import RunLog
from flows.settings import Settings
from schemas.tables import kept_tables
from warehouse.release import released_tables

# Two whole versions are published for them.
pytestmark = pytest.mark.slow

READERS = Path(__file__).resolve().parent / "readers"
UNREACHABLE = re.compile(r"error sending request|failed to fetch|dns error|connection refused|timed out", re.IGNORECASE)
MODELS = """\
Model,Domain,Organization,Publication date,Link,Parameters,Training compute (FLOP)
"A name, with a comma and
a line break",Language,"An ""Organisation"", and another",2021-03-04,https://arxiv.org/abs/2103.00001,1e6,6e17
Nothing known,,,,,,
"""


@pytest.fixture(scope="module")
def releases(tmp_path_factory) -> list[Path]:
    """The folders of two versions: curated facts alone, then with a small export of two awkward rows beside them."""
    folder = tmp_path_factory.mktemp("warehouse")
    models = folder / "models_2021-04-01.csv"
    models.write_text(MODELS, encoding="utf-8")
    settings = Settings(data_dir=folder / "data")
    requests = (Request(("curated",)), Request(("curated", "epoch"), {"models": str(models)}))
    return [_release(settings, request) for request in requests]


def _release(settings: Settings, request: Request) -> Path:
    assert run(settings, request, RunLog(settings.log_file)).is_new
    return settings.latest.resolve()


@pytest.fixture(scope="module")
def first_query(root: Path) -> str:
    """The first SQL that README.md shows."""
    found = re.search(r"```sql\n(.*?)```", (root / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    if not found:
        pytest.skip("README.md shows no SQL yet")
    return found[1]


def ask(python: Path | str, release: Path, query: str) -> dict:
    """What tests/readers/read_release.py finds with the DuckDB of an interpreter."""
    command = [str(python), "-I", str(READERS / "read_release.py"), str(release / "aicompute.duckdb")]
    done = subprocess.run(command, input=query, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_first_query_of_the_readme_answers_in_plain_duckdb(releases, first_query):
    for folder in releases:
        found = ask(sys.executable, folder, first_query)
        assert found["answer"] and any(cell != "None" for row in found["answer"] for cell in row)


@pytest.fixture(scope="module")
def old_python(tmp_path_factory) -> Path:
    """An interpreter with nothing but DuckDB 1.1.3, by hash."""
    uv = shutil.which("uv", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}")
    assert uv, "uv is missing; it comes with the development tools of requirements.lock"
    venv = tmp_path_factory.mktemp("old") / "venv"
    subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, str(venv)], check=True)
    python = next(path for path in (venv / "bin" / "python", venv / "Scripts" / "python.exe") if path.exists())
    lock = READERS / "duckdb-1.1.lock"
    command = [uv, "pip", "install", "--quiet", "--python", str(python), "--require-hashes", "-r", str(lock)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode and UNREACHABLE.search(done.stderr) and not os.environ.get("CI"):
        pytest.skip("no package registry can be reached for DuckDB 1.1.3")
    assert done.returncode == 0, done.stderr
    return python


def test_duckdb_1_1_reads_every_table_as_we_do(releases, old_python):
    for folder in releases:
        old, new = ask(old_python, folder, ""), ask(sys.executable, folder, "")
        assert old["duckdb"] == "1.1.3"
        assert old["tables"] == new["tables"]


def test_the_first_query_of_the_readme_answers_in_duckdb_1_1(releases, old_python, first_query):
    for folder in releases:
        found = ask(old_python, folder, first_query)
        assert found["answer"] == ask(sys.executable, folder, first_query)["answer"]


def test_a_release_holds_the_public_tables(releases):
    for folder in releases:
        with duckdb.connect(str(folder / "aicompute.duckdb"), read_only=True) as con:
            there = con.execute("select schema_name || '.' || table_name from duckdb_tables()").fetchall()
        assert {name for (name,) in there} == {*released_tables(kept_tables()), "main.versions", "main.table_contents"}


def test_parquet_and_csv_hold_the_rows_of_the_tables(releases):
    for folder in releases:
        with duckdb.connect(str(folder / "aicompute.duckdb"), read_only=True) as con:
            for schema, table in con.execute("select schema_name, table_name from duckdb_tables()").fetchall():
                place = table if schema == "main" else f"{schema}/{table}"
                rows = con.execute(f"from {schema}.{table}").fetchall()
                assert con.execute(f"from '{folder / 'parquet' / place}.parquet'").fetchall() == rows, place
                header, *lines = csv_rows(folder / "csv" / f"{place}.csv")
                assert header == [column[0] for column in con.execute(f"from {schema}.{table} limit 0").description]
                assert len(lines) == len(rows), place


def csv_rows(path: Path) -> list[list[str]]:
    """A CSV file as Python's own reader sees it."""
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))


def test_an_awkward_cell_comes_back_whole_in_every_format(releases):
    folder, name = releases[1], "A name, with a comma and\na line break"
    header, *lines = csv_rows(folder / "csv" / "compute" / "training_runs.csv")
    assert [row for row in lines if row[header.index("run_name")] == name]
    for found in ("aicompute.duckdb", "parquet/compute/training_runs.parquet"):
        con = duckdb.connect(str(folder / found), read_only=True) if found.endswith(".duckdb") else duckdb.connect()
        table = "compute.training_runs" if found.endswith(".duckdb") else f"'{folder / found}'"
        with con:
            query = f"select training_compute_flop from {table} where run_name = ?"
            assert con.execute(query, [name]).fetchall() == [(6e17,)]


def test_datapackage_lists_and_describes_every_file(releases):
    for folder in releases:
        package = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
        resources = {resource["path"]: resource for resource in package["resources"]}
        others = {other["path"] for resource in resources.values() for other in resource["alternates"]}
        assert (set(resources), others) == (files(folder, "csv"), files(folder, "parquet"))
        assert len({resource["name"] for resource in resources.values()}) == len(resources)
        for path, resource in resources.items():
            fields = resource["schema"]["fields"]
            assert [field["name"] for field in fields] == csv_rows(folder / path)[0], path
            assert all(field["description"].strip() for field in fields) and resource["description"].strip(), path
            assert set(resource["schema"]["primaryKey"]) <= {field["name"] for field in fields}


def files(folder: Path, kind: str) -> set[str]:
    """Relative paths of the files of one format."""
    return {path.relative_to(folder).as_posix() for path in (folder / kind).rglob(f"*.{kind}")}


def test_foreign_keys_of_the_datapackage_lead_to_fields_that_are_there(releases):
    resources = json.loads((releases[1] / "datapackage.json").read_text(encoding="utf-8"))["resources"]
    fields = {resource["name"]: {field["name"] for field in resource["schema"]["fields"]} for resource in resources}
    keys = [key for resource in resources for key in resource["schema"].get("foreignKeys", [])]
    assert keys
    for key in keys:
        assert set(key["reference"]["fields"]) <= fields[key["reference"]["resource"]]


def test_equal_files_of_two_releases_are_one_file(releases):
    first, second = ({path.relative_to(f): path for path in f.rglob("*") if path.is_file()} for f in releases)
    shared = {name for name in first.keys() & second.keys() if digest(first[name]) == digest(second[name])}
    assert Path("csv/assumptions/eras.csv") in shared and Path("csv/versions.csv") not in shared
    for name in first.keys() & second.keys():
        assert first[name].samefile(second[name]) == (name in shared), name


def digest(path: Path) -> str:
    """SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_nothing_in_a_release_can_be_written_to(releases):
    for folder in releases:
        for path in folder.rglob("*"):
            assert path.stat().st_mode & 0o222 == 0, path


def test_every_table_and_column_says_what_it_is(releases):
    for folder in releases:
        with duckdb.connect(str(folder / "aicompute.duckdb"), read_only=True) as con:
            mute = con.execute(
                "select table_name, '' from duckdb_tables() where coalesce(trim(comment), '') = '' union all"
                " select table_name, column_name from duckdb_columns() where coalesce(trim(comment), '') = '' and not internal"
            ).fetchall()
        assert mute == []


def test_a_release_names_its_sources_with_licence_and_how_to_cite(releases):
    curated, both = releases
    # Curated figures taken from Epoch AI's tables carry its licence and attribution too.
    assert "CC BY 4.0" in (curated / "SOURCES.md").read_text(encoding="utf-8")
    page = (both / "SOURCES.md").read_text(encoding="utf-8")
    assert "Epoch AI" in page and "CC BY 4.0" in page
    assert "version 2" in (both / "CITE.txt").read_text(encoding="utf-8")
