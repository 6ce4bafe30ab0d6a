"""Tables that every edition of a document tells again: read back as they were, stored as what changed."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from schemas.contract import table
from warehouse import editions, lake

FACTS = table(
    "run_id quantity value document_id source_id as_of_on",
    key="run_id quantity document_id",
    required="as_of_on",
    restated=True,
)
TABLES = {"clean.run_facts": FACTS}
COMMENTS = {"clean.run_facts": ("What sources state.", {"value": "The figure."})}
OLD, NEW, OURS = dt.date(2025, 6, 20), dt.date(2025, 11, 3), dt.date(2024, 1, 1)


def told(con: duckdb.DuckDBPyConnection, document: str, day: dt.date, values: list[float]) -> None:
    """The tables of one version: an edition of Epoch's models, each figure a fact of it, and one fact of a page of ours."""
    con.execute("create schema if not exists raw; create schema if not exists clean")
    con.execute(
        "create or replace table raw.documents (source varchar, dataset varchar, document_id varchar, as_of_on date,"
        " is_in_force boolean)"
    )
    documents = [("epoch", "models", document, day, True), ("curated", "runs", "d0", OURS, False)]
    pages = [("arxiv", "papers", f"page-{n}", day, True) for n in (1, 2)]
    con.executemany("insert into raw.documents values (?, ?, ?, ?, ?)", documents + pages)
    con.execute(
        "create or replace table clean.run_facts (run_id varchar, quantity varchar, value double, document_id varchar,"
        " source_id varchar, as_of_on date)"
    )
    facts = [(f"run-{n}", "parameters", v, document, f"epoch-models-{day}", day) for n, v in enumerate(values)]
    # Facts that are not that edition's: an older document's, a page among several, and a date of their own.
    facts += [
        ("run-0", "chips", 8.0, "d0", "a-paper", OURS),
        ("run-0", "epochs", 2.0, "page-1", "epoch-models-2019-01-01", OURS),
        ("run-1", "chips", 4.0, document, "a-paper", OURS),
    ]
    con.executemany("insert into clean.run_facts values (?, ?, ?, ?, ?, ?)", facts)


def commit(place: lake.Lake, document: str, day: dt.date, values: list[float], tables: dict = TABLES) -> lake.Version:
    """Commit such a version."""
    with duckdb.connect() as con:
        told(con, document, day, values)
        lake.attach(con, place)
        about = {"as_of_on": day, "code_version": "0", "manifest": document, "message": document}
        return lake.commit(con, tables, COMMENTS, about)


def read(place: lake.Lake, version: lake.Version) -> list[tuple]:
    """The facts of a version as a reader of the lake has them."""
    with duckdb.connect() as con:
        lake.attach(con, place, version.snapshot_id)
        return con.execute("from lake.clean.run_facts order by all").fetchall()


def expected(document: str, day: dt.date, values: list[float]) -> list[tuple]:
    """The facts as they were told."""
    with duckdb.connect() as con:
        told(con, document, day, values)
        return con.execute("from clean.run_facts order by all").fetchall()


@pytest.fixture
def place(tmp_path: Path) -> lake.Lake:
    return lake.Lake(tmp_path / "lake")


def test_each_version_reads_as_it_was_told(place):
    first, second = commit(place, "d1", OLD, [1e9, 2e9, 3e9]), commit(place, "d2", NEW, [1e9, 2e9, 4e9])
    assert read(place, first) == expected("d1", OLD, [1e9, 2e9, 3e9])
    assert read(place, second) == expected("d2", NEW, [1e9, 2e9, 4e9])
    with duckdb.connect() as con:
        lake.attach(con, place)
        for version in (first, second):
            with duckdb.connect() as other:
                lake.attach(other, place, version.snapshot_id)
                held = lake.contents(other, "lake.clean.run_facts", FACTS.columns)
            assert lake.recorded(con, version.version) == {"clean.run_facts": held}


def test_a_new_edition_costs_what_it_changed(place):
    commit(place, "d1", OLD, [1e9, 2e9, 3e9])
    second = commit(place, "d2", NEW, [1e9, 2e9, 4e9])
    with duckdb.connect() as con:
        lake.attach(con, place)
        changes = con.execute(
            f"select change_type, run_id, value, document_id from ducklake_table_changes('lake', '{editions.SCHEMA}',"
            f" '{editions.stored('clean.run_facts').split('.')[1]}', {second.snapshot_id}, {second.snapshot_id}) order by 1"
        ).fetchall()
    assert changes == [("delete", "run-2", 3e9, "=epoch/models"), ("insert", "run-2", 4e9, "=epoch/models")]


def test_what_was_told_of_an_older_edition_goes_on_naming_it(place):
    """Equal rows under a new edition: they say another document is in force, and still name their own."""
    first = commit(place, "d1", OLD, [1e9])
    with duckdb.connect() as con:
        told(con, "d1", OLD, [1e9])
        con.execute("update raw.documents set document_id = 'd2', as_of_on = ? where source = 'epoch'", [NEW])
        lake.attach(con, place)
        about = {"as_of_on": NEW, "code_version": "0", "manifest": "d2", "message": "d2"}
        second = lake.commit(con, TABLES, COMMENTS, about)
    assert read(place, first) == read(place, second) == expected("d1", OLD, [1e9])


def test_a_lake_of_before_stays_readable(place):
    """Older code kept the same table as a plain one."""
    plain = {"clean.run_facts": replace(FACTS, restated=False)}
    first = commit(place, "d1", OLD, [1e9, 2e9], plain)
    second = commit(place, "d2", NEW, [1e9, 2e9])
    assert read(place, first) == expected("d1", OLD, [1e9, 2e9])
    assert read(place, second) == expected("d2", NEW, [1e9, 2e9])
    with duckdb.connect() as con:
        lake.attach(con, place)
        assert lake.described(con)["clean.run_facts"][0] == "What sources state."
        assert lake.described(con)["clean.run_facts"][1]["value"] == "The figure."


def test_restated_tables_date_every_row_or_none(root):
    """An empty as_of_on would read back as its document's."""
    from schemas.tables import kept_tables

    for name, shape in kept_tables().items():
        if shape.restated and "as_of_on" in shape.columns:
            assert "as_of_on" in shape.filled(), name
