"""READERS.md is true: every recipe in it, run as it stands there on two published versions, finds GPT-3's published figure."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from readers.environments import READERS, environment, two_versions

RECIPE = re.compile(r"^```\w+ recipe=(\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
BLOCKS = re.compile(r"^```\w", re.MULTILINE)
PYTHON = ("duckdb", "polars", "pandas", "pyarrow", "sqlalchemy", "ducklake")
SHELL = ("duckdb-cli", "frictionless")
SUPERSET = ("superset-requirements", "superset-address")
# Brown et al. 2020, table D.1: GPT-3 175B took 3.14E+23 FLOP; divided by 8.64e19 that is 3,634.26 petaflop/s-days.
GPT_3_FLOP = 3.14e23
# What a recipe shows besides: the comment on a table, another version's rows, a day's type.
ALSO = {
    "duckdb": ["3634.2"],
    "pyarrow": ["date32[day]", "datetime.date(2020, 5, 28)"],
    "sqlalchemy": ["Training compute of every run", "[FLOP]"],
}


@pytest.fixture(scope="module")
def recipes(root: Path) -> dict[str, str]:
    """The text of each recipe by its name."""
    return dict(RECIPE.findall((root / "READERS.md").read_text(encoding="utf-8")))


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> Path:
    """A data folder with two versions, the folder the recipes run in."""
    return two_versions(tmp_path_factory)


@pytest.fixture(scope="module")
def scripts(tmp_path_factory) -> Path:
    """Folder of scripts of an environment that has what READERS.md says to install, and nothing of this project."""
    return environment(tmp_path_factory.mktemp("readers"), "readers.lock")


def run(command: list[str], data: Path, scripts: Path, home: Path) -> str:
    """Standard output of a command run in the data folder as a reader without our settings would; it must end well."""
    path = f"{scripts}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(command, cwd=data, env={"PATH": path, "HOME": str(home)}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def figures(text: str) -> list[float]:
    """Numbers in a text that have an exponent."""
    return [float(number) for number in re.findall(r"\d(?:\.\d+)?e\+?\d+", text, re.IGNORECASE)]


def test_every_block_of_the_page_is_a_recipe_that_is_run(recipes, root):
    page = (root / "READERS.md").read_text(encoding="utf-8")
    assert len(BLOCKS.findall(page)) == len(RECIPE.findall(page)) == len(recipes)
    assert set(recipes) == {*PYTHON, *SHELL, *SUPERSET}


def test_the_readme_leads_to_the_recipes(root):
    assert "](READERS.md)" in (root / "README.md").read_text(encoding="utf-8")


def test_what_superset_is_said_to_need_is_what_it_is_tried_with(recipes):
    wanted = [line.split("#")[0].strip() for line in (READERS / "superset.in").read_text(encoding="utf-8").splitlines()]
    assert sorted(recipes["superset-requirements"].split()) == sorted(filter(None, wanted))


@pytest.mark.parametrize("lock", sorted(READERS.glob("*.lock")), ids=lambda path: path.stem)
def test_locks_have_hashes_and_name_no_address(lock):
    text = lock.read_text(encoding="utf-8")
    pins = re.findall(r"^[a-z0-9._-]+==\S+.*?(?=^[a-z0-9._-]+==|\Z)", text, re.MULTILINE | re.DOTALL | re.IGNORECASE)
    assert pins and all("--hash=sha256:" in pin for pin in pins)
    assert "://" not in text and "--index-url" not in text


@pytest.mark.slow
@pytest.mark.parametrize("name", PYTHON)
def test_a_recipe_in_python_finds_the_published_figure(name, recipes, data, scripts, tmp_path):
    said = run([str(scripts / "python"), "-c", recipes[name]], data, scripts, tmp_path)
    assert "GPT-3 175B" in said and GPT_3_FLOP in figures(said), said
    assert [words for words in ALSO.get(name, []) if words not in said] == []


@pytest.mark.slow
def test_the_recipe_for_an_old_version_reads_that_version(recipes, data, scripts, tmp_path):
    counts = []
    for number in (1, 2):
        with duckdb.connect(str(data / "releases" / str(number) / "aicompute.duckdb"), read_only=True) as con:
            counts.append(con.execute("select count(*) from compute.training_runs").fetchall()[0][0])
    assert counts[0] < counts[1], "the export adds runs"
    # The facts of a version, all of them, are those of its release: no row too many, none too few.
    compare = """
facts, release = f"lake.clean.run_facts at (version => {snapshot})", "'releases/N/parquet/clean/run_facts.parquet'"
names = ", ".join(column for column, *_ in con.execute(f"from {release} limit 0").description)
for one, other in ((facts, release), (release, facts)):
    more = con.execute(f"select {names} from {one} except all select {names} from {other}").fetchall()
    assert more == [], more[:3]
"""
    before = (data / "lake" / "catalog.sqlite").read_bytes()
    for number, count in enumerate(counts, 1):
        recipe = recipes["ducklake"].replace("where version = 1", f"where version = {number}")
        checked = recipe + compare.replace("/N/", f"/{number}/")
        said = run([str(scripts / "python"), "-c", checked], data, scripts, tmp_path)
        assert said.strip().endswith(f": {count}")
    assert (data / "lake" / "catalog.sqlite").read_bytes() == before, "a reader wrote to the catalogue"


@pytest.mark.slow
def test_the_recipe_for_the_command_line_finds_the_published_figure(recipes, data, scripts, tmp_path):
    said = run(["sh", "-ec", recipes["duckdb-cli"]], data, scripts, tmp_path)
    assert "GPT-3 175B" in said and GPT_3_FLOP in figures(said), said


@pytest.mark.slow
def test_the_recipe_that_checks_a_release_finds_it_whole(recipes, data, scripts, tmp_path):
    said = run(["sh", "-ec", recipes["frictionless"]], data, scripts, tmp_path)
    assert "FAILED" not in said and "INVALID" not in said


@pytest.fixture(scope="module")
def dashboard(recipes, data, tmp_path_factory) -> dict:
    """What tests/readers/superset_chart.py found with Superset on version 1, then on version 2 behind the same link."""
    if sys.version_info >= (3, 13):
        pytest.skip("Superset 6.1 is made for Python 3.10 to 3.12")
    folder = tmp_path_factory.mktemp("superset")
    scripts = environment(folder, "superset.lock")
    latest = folder / "latest"
    latest.symlink_to(data / "releases" / "1")
    address = recipes["superset-address"].strip().replace("/path/to/warehouse/data/latest", str(latest))
    command = [str(scripts / "python"), "-I", str(READERS / "superset_chart.py"), address]
    said = run([*command, str(latest), str(data / "releases" / "2")], data, scripts, folder)
    return json.loads(said.splitlines()[-1])


@pytest.mark.slow
def test_a_chart_of_superset_shows_what_the_release_holds(dashboard, data):
    query = """
        select domain, max(training_compute_flop) as largest_flop, count(*) as runs
        from compute.training_runs
        where training_compute_flop is not null and published_on >= '2012-01-01' and published_on < '2021-06-01'
        group by domain order by largest_flop desc, domain limit 50
    """
    for number, shown in ((1, dashboard["before"]), (2, dashboard["after"])):
        with duckdb.connect(str(data / "releases" / str(number) / "aicompute.duckdb"), read_only=True) as con:
            expected = con.execute(query).fetchall()
        assert [(row["domain"], row["largest_flop"], row["runs"]) for row in shown] == expected
    assert dashboard["before"] != dashboard["after"], "the chart did not follow the link to the new version"
    assert GPT_3_FLOP in [row["largest_flop"] for row in dashboard["before"] if row["domain"] == "language"]


@pytest.mark.slow
def test_superset_finds_the_columns_of_a_table(dashboard, data):
    with duckdb.connect(str(data / "releases" / "1" / "aicompute.duckdb"), read_only=True) as con:
        names = [column[0] for column in con.execute("from compute.training_runs limit 0").description]
    assert list(dashboard["columns"]) == names
    assert dashboard["columns"]["published_on"] == "DATE" and dashboard["columns"]["is_notable"] == "BOOLEAN"


@pytest.mark.slow
def test_sql_lab_can_read_a_release_and_nothing_else(dashboard):
    assert dashboard["allowed"] == "done"
    create, delete, other_file = dashboard["forbidden"].values()
    assert "read-only mode" in create and "read-only mode" in delete
    assert "disabled by configuration" in other_file
