"""A release as its readers meet it: plain DuckDB, old DuckDB, Parquet, CSV, datapackage.json."""

from __future__ import annotations

import csv
import hashlib
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from readers.environments import environment, two_versions

from schemas.books import TABLES as BOOKS
from schemas.tables import kept_tables
from warehouse.release import released_tables

# Two whole versions are published for them.
pytestmark = pytest.mark.slow

READERS = Path(__file__).resolve().parent / "readers"


@pytest.fixture(scope="module")
def releases(tmp_path_factory) -> list[Path]:
    """The folders of two versions: curated facts alone, then with a small export of two awkward rows beside them."""
    folder = two_versions(tmp_path_factory) / "releases"
    return [folder / "1", folder / "2"]


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


def test_every_query_in_the_words_of_the_readme_answers(releases, root):
    queries = re.findall(r"`(select [^`]+)`", (root / "README.md").read_text(encoding="utf-8"))
    assert queries
    with duckdb.connect(str(releases[0] / "aicompute.duckdb"), read_only=True) as con:
        assert [query for query in queries if not con.execute(query).fetchall()] == []


def test_the_first_query_of_the_readme_answers_in_plain_duckdb(releases, first_query):
    for folder in releases:
        found = ask(sys.executable, folder, first_query)
        assert found["answer"] and any(cell != "None" for row in found["answer"] for cell in row)


@pytest.fixture(scope="module")
def old_python(tmp_path_factory) -> Path:
    """An interpreter with nothing but DuckDB 1.1.3, by hash."""
    return environment(tmp_path_factory.mktemp("old"), "duckdb-1.1.lock") / "python"


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
        assert {name for (name,) in there} == {*released_tables(kept_tables()), *(f"main.{book}" for book in BOOKS)}


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
    entry = (both / "CITE.bib").read_text(encoding="utf-8")
    assert entry.startswith("@misc{aicompute-2,") and "CC BY 4.0" in entry and entry.count("{") == entry.count("}")


def test_sums_cover_every_file_but_themselves_and_hold(releases):
    for folder in releases:
        lines = (folder / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
        sums = {name: known for known, name in (line.split("  ", 1) for line in lines)}
        there = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
        assert set(sums) == set(there) - {"SHA256SUMS"}
        assert [name for name, known in sums.items() if digest(there[name]) != known] == []


def test_the_dataset_for_search_engines_names_every_file_unit_and_source(releases):
    for number, folder in enumerate(releases, 1):
        dataset = json.loads((folder / "dataset.jsonld").read_text(encoding="utf-8"))
        assert (dataset["@context"], dataset["@type"]) == ("https://schema.org/", "Dataset")
        assert dataset["version"] == str(number) and 50 <= len(dataset["description"]) <= 5000
        assert "https://creativecommons.org/licenses/by/4.0/" in dataset["license"]
        assert dataset["citation"] == (folder / "CITE.txt").read_text(encoding="utf-8").strip()
        got = {part["contentUrl"]: part for part in dataset["distribution"]}
        assert set(got) == {"aicompute.duckdb"} | files(folder, "csv") | files(folder, "parquet")
        for path, part in got.items():
            assert part["contentSize"] == f"{(folder / path).stat().st_size} B"
            assert part["sha256"] == digest(folder / path) and "/" in part["encodingFormat"]
        units = {variable["name"]: variable.get("unitText") for variable in dataset["variableMeasured"]}
        assert units["training_compute_flop"] == "FLOP" and units["run_name"] is None
    assert {part["name"] for part in dataset["isBasedOn"]} == {
        "Curated facts of this project",
        "Epoch AI: AI models, machine learning hardware, prices",
    }
    first, last = dataset["temporalCoverage"].split("/")
    with duckdb.connect(str(releases[1] / "aicompute.duckdb"), read_only=True) as con:
        days = con.execute("select published_on::varchar from compute.training_runs where published_on is not null")
        assert (first, last) == ((ordered := sorted(day for (day,) in days.fetchall()))[0], ordered[-1])


@pytest.fixture(scope="module")
def scripts(tmp_path_factory) -> Path:
    """Folder of scripts of an environment with what readers of releases use, and nothing of this project."""
    return environment(tmp_path_factory.mktemp("readers"), "readers.lock")


def test_programs_that_know_nothing_of_us_read_the_papers(releases, scripts):
    for number, folder in enumerate(releases, 1):
        command = [str(scripts / "python"), "-I", str(READERS / "read_papers.py"), str(folder)]
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        found = json.loads(done.stdout)
        assert (found["unknown"], found["knows nonsense"]) == ([], False)
        assert {"Dataset", "DataDownload", "PropertyValue", "unitText", "temporalCoverage"} <= set(found["used"])
        # Every file says name, address, format, size and hash, every variable name and meaning, and both their type.
        dataset = json.loads((folder / "dataset.jsonld").read_text(encoding="utf-8"))
        assert found["statements"] > 7 * len(dataset["distribution"]) + 4 * len(dataset["variableMeasured"])
        (entry,) = found["entries"]
        assert (entry["ENTRYTYPE"], entry["ID"], entry["version"]) == ("misc", f"aicompute-{number}", str(number))


@pytest.fixture(scope="module")
def frictionless(scripts) -> list[str]:
    """The command that validates a data package and prints a report as JSON."""
    return [str(scripts / "frictionless"), "validate", "--type", "package", "--json"]


def problems(command: list[str], package: Path) -> tuple[int, set[tuple[str, str]]]:
    """How many tables the Frictionless validator read, and each with a problem of which kind."""
    done = subprocess.run([*command, str(package)], capture_output=True, text=True)
    report = json.loads(done.stdout)
    assert report["errors"] == []
    found = {(task["name"], error["type"]) for task in report["tasks"] for error in task["errors"]}
    assert report["valid"] == (not found) == (done.returncode == 0)
    return len(report["tasks"]), found


def test_frictionless_finds_nothing_wrong_with_a_release(releases, frictionless):
    tables = len(released_tables(kept_tables())) + len(BOOKS)
    assert problems(frictionless, releases[0] / "datapackage.json") == (tables, set())


def test_frictionless_finds_what_is_wrong_with_a_damaged_copy(releases, frictionless, tmp_path):
    """The validator reads the cells: of five tables, one is whole and each other has one fault of its own."""
    folder = tmp_path / "damaged"
    shutil.copytree(releases[1] / "csv", folder / "csv")
    package = json.loads((releases[1] / "datapackage.json").read_text(encoding="utf-8"))
    names = ["clean-runs", "clean-papers", "compute-run-domains", "compute-training-runs", "trends-metric-trends"]
    package["resources"] = [resource for resource in package["resources"] if resource["name"] in names]
    damage = {
        "csv/clean/papers.csv": lambda text: text,  # its hash alone is said to be another
        "csv/compute/run_domains.csv": lambda text: text + "no-such-run,Language\n",
        "csv/compute/training_runs.csv": lambda text: text.replace(",false,", ",perhaps,", 1),
        "csv/trends/metric_trends.csv": lambda text: text + text.splitlines()[-1] + "\n",
    }
    for resource in package["resources"]:
        path = folder / resource["path"]
        if change := damage.get(resource["path"]):
            path.chmod(0o644)
            path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")
        hashed = "0" * 64 if path.name == "papers.csv" else digest(path)
        resource |= {"bytes": path.stat().st_size, "hash": f"sha256:{hashed}"}
    (folder / "datapackage.json").write_text(json.dumps(package), encoding="utf-8")
    assert problems(frictionless, folder / "datapackage.json") == (
        5,
        {
            ("clean-papers", "hash-count"),
            ("compute-run-domains", "foreign-key"),
            ("compute-training-runs", "type-error"),
            ("trends-metric-trends", "primary-key"),
        },
    )
