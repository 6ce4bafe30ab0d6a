"""The papers of a release, on a release of one small table written here."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from pathlib import Path

import duckdb
import pytest

from schemas.contract import Table
from warehouse import package
from warehouse.lake import Version

NAME = package.MAIN_TABLE
COLUMNS_OF_RUNS = ("run_id", "published_on", "is_notable", "chips", "training_compute_flop", "compute_scope", "bygone")
TABLES = {
    # As an older version may be: a column that the vocabulary has no more, a reference to a table that is not there.
    NAME: Table(
        COLUMNS_OF_RUNS,
        ("run_id",),
        ("published_on", "compute_scope"),
        {"run_id": "main.versions.message", "compute_scope": "clean.runs.compute_scope"},
    ),
    "main.versions": Table(("published_at", "message"), ("published_at",)),
}
VERSION = Version(7, 70, dt.datetime(2026, 3, 4, 5, 6, 7), dt.date(2026, 3, 1), "0.1.0", "{}", "as of a day")
SOURCES = [
    ("Ours", "Apache-2.0; some figures: CC BY 4.0", "us, and R&D at 100%", "flows/sources/curated"),
    ("Sheets", "facts only", "their makers", "https://example.org/sheets"),
    ("Lists", "CC BY 4.0", "listers", "http://example.org/lists"),
]


def released(folder: Path, *rows: str) -> Path:
    """A release folder with these runs (SQL values), before its papers are written."""
    with duckdb.connect(str(folder / "aicompute.duckdb")) as con:
        con.execute("create schema compute")
        con.execute(f"create table {NAME} as from (values {', '.join(rows)}) as runs({', '.join(COLUMNS_OF_RUNS)})")
        con.execute("create table versions as select timestamp '2026-03-04 05:06:07' as published_at, 'a' as message")
        for kind, options in (("csv", "format csv, header"), ("parquet", "format parquet")):
            (folder / kind / "compute").mkdir(parents=True)
            con.execute(f"copy {NAME} to '{folder / kind / 'compute' / 'training_runs'}.{kind}' ({options})")
            con.execute(f"copy versions to '{folder / kind / 'versions'}.{kind}' ({options})")
    return folder


def written(folder: Path) -> tuple[dict, dict]:
    """datapackage.json and dataset.jsonld of a release folder, once its papers are written."""
    comments = {name: ("Rows.", {column: f"What {column} is." for column in t.columns}) for name, t in TABLES.items()}
    package.write(folder, VERSION, TABLES, comments, SOURCES)
    found = (json.loads((folder / name).read_text(encoding="utf-8")) for name in ("datapackage.json", "dataset.jsonld"))
    return next(found), next(found)


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    first = "('a', date '2019-05-01', true, 8::double, 1e20, 'final_run', 1)"
    second = "('b', date '2012-06-30', false, null, null, 'search', 2::bigint)"
    return released(tmp_path_factory.mktemp("release"), first, second)


@pytest.fixture(scope="module")
def papers(folder) -> tuple[dict, dict]:
    return written(folder)


def test_a_resource_has_the_size_and_hash_of_its_file(papers, folder):
    runs, versions = papers[0]["resources"]
    assert (runs["name"], versions["name"]) == ("compute-training-runs", "versions")
    for resource in (runs, versions, *runs["alternates"], *versions["alternates"]):
        content = (folder / resource["path"]).read_bytes()
        assert resource["bytes"] == len(content)
        assert resource["hash"] == f"sha256:{hashlib.sha256(content).hexdigest()}"


def test_a_field_says_type_unit_and_bounds(papers):
    fields = {field["name"]: field for field in papers[0]["resources"][0]["schema"]["fields"]}
    types = ["string", "date", "boolean", "number", "number", "string", "integer"]
    assert [fields[name]["type"] for name in COLUMNS_OF_RUNS] == types
    assert fields["training_compute_flop"]["unit"] == "FLOP" and "unit" not in fields["run_id"]
    assert fields["training_compute_flop"]["constraints"] == {"minimum": 0}
    assert fields["published_on"]["constraints"] == {"required": True}
    assert "search" in fields["compute_scope"]["constraints"]["enum"]
    assert (fields["is_notable"]["trueValues"], fields["is_notable"]["falseValues"]) == (["true"], ["false"])


def test_what_csv_cannot_tell_is_not_asked_of_it(papers):
    """A missing text and an empty one are both nothing, so no text has to be filled; a day has to."""
    schema = papers[0]["resources"][0]["schema"]
    fields = {field["name"]: field.get("constraints", {}) for field in schema["fields"]}
    assert schema["missingValues"] == [""]
    assert "required" not in fields["compute_scope"] and "required" in fields["published_on"]


def test_times_are_said_to_be_spelled_as_duckdb_spells_them(papers):
    fields = {field["name"]: field for field in papers[0]["resources"][1]["schema"]["fields"]}
    assert (fields["published_at"]["type"], fields["published_at"]["format"]) == ("datetime", "any")


def test_what_today_s_schemas_lack_or_have_besides_does_no_harm(papers):
    schema = papers[0]["resources"][0]["schema"]
    assert [key["reference"]["resource"] for key in schema["foreignKeys"]] == ["versions"]
    assert schema["fields"][-1] == {"name": "bygone", "type": "integer", "description": "What bygone is."}


def test_open_licences_are_named_once_with_their_text(papers):
    by, apache = "https://creativecommons.org/licenses/by/4.0/", "https://www.apache.org/licenses/LICENSE-2.0"
    said = {(licence["name"], licence["path"]) for licence in papers[0]["licenses"]}
    assert said == {("Apache-2.0", apache), ("CC-BY-4.0", by)} and len(papers[0]["licenses"]) == 2
    ours, sheets, lists = papers[1]["isBasedOn"]
    assert (set(ours["license"]), lists["license"]) == ({by, apache}, [by])
    assert "license" not in sheets and sheets["usageInfo"] == "facts only"


def test_a_source_without_an_address_on_the_web_has_none(papers):
    assert ["path" in source for source in papers[0]["sources"]] == [False, True, True]
    assert ["url" in source for source in papers[1]["isBasedOn"]] == [False, True, True]


def test_the_dataset_covers_the_days_of_its_runs(papers):
    assert papers[1]["temporalCoverage"] == "2012-06-30/2019-05-01"
    assert (papers[1]["version"], papers[1]["datePublished"]) == ("7", "2026-03-04")


def test_a_release_without_a_dated_run_covers_no_days(tmp_path):
    _, dataset = written(released(tmp_path, "('a', null::date, true, 8::double, 1e20, 'final_run', 'x')"))
    assert "temporalCoverage" not in dataset and dataset["variableMeasured"]


def test_the_entry_for_bibtex_spells_what_tex_would_take_amiss(papers, folder):
    entry = (folder / "CITE.bib").read_text(encoding="utf-8")
    assert "@misc{aicompute-7," in entry and "year = {2026}" in entry and "As of 2026-03-01" in entry
    assert r"R\&D at 100\%" in entry and "R&D" not in entry


def test_the_sums_cover_every_file_in_the_order_of_their_names(papers, folder):
    lines = (folder / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    names = [line[66:] for line in lines]
    assert names == sorted(names) and "CITE.bib" in names and "csv/compute/training_runs.csv" in names
    assert set(names) | {"SHA256SUMS"} == {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}
    assert lines == [f"{hashlib.sha256((folder / n).read_bytes()).hexdigest()}  {n}" for n in names]


def test_papers_written_again_are_the_same(papers, folder):
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    written(folder)
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before
