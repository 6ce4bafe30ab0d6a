"""What `aicompute sources`, `fetch` and `changes` say of sources that answer, fail, and change their pages."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from stand_in import StandIn
from test_crawl import environment
from typer.testing import CliRunner

from flows import sources
from flows.cli import app
from warehouse.journal import Journal

CHIPS = (
    b"Hardware name,Release date,FP32 (single precision) performance (FLOP/s)\nA,2020-01-01,1e12\nB,2020-01-01,2e12\n"
)
LATER = (
    b"Hardware name,Release date,FP32 (single precision) performance (FLOP/s)\nA,2020-01-01,1.5e12\nC,2021-01-01,3e12\n"
)


@pytest.fixture
def server(monkeypatch, data_dir: Path):
    with StandIn(pages={"/chips.csv": ("text/csv", CHIPS)}) as running:
        for name, value in environment(running.url, data_dir).items():
            monkeypatch.setenv(name, value)
        running.pages["/models.csv"] = (
            "text/csv",
            b"Model,Domain,Publication date,Parameters,Training compute (FLOP)\nM,Language,2020-01-01,1e9,1e21\n",
        )
        yield running


def call(*words: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, list(words))
    return result.exit_code, result.stdout, result.stderr


def standing(name: str) -> dict:
    code, out, _ = call("sources", "--json")
    assert code == 0
    return next(row for row in json.loads(out) if row["source"] == name)


def test_every_source_is_listed_with_licence_and_rate(server):
    code, out, _ = call("sources", "--json")
    assert code == 0
    found = {row["source"]: row for row in json.loads(out)}
    assert list(found) == sources.names()
    for name, row in found.items():
        assert row["licence"] and row["homepage"] and row["rhythm"], name
        if name in sources.live():
            assert row["terms"] and row["requests_per_second"] == 10000, name
            assert row["state"] == "never asked", name
    assert found["curated"]["state"] == "at hand"


@pytest.mark.slow
def test_fetch_archives_and_publishes_nothing(server, data_dir):
    code, out, err = call("fetch", "epoch")
    assert (code, err) == (0, "")
    assert "epoch/chips: 1 page" in out and "epoch/prices: nothing new to ask for" in out
    row = standing("epoch")
    assert (row["state"], row["documents"], row["rows"], row["quarantined"]) == ("fresh, 0 days old", 2, 3, 0)
    assert not (data_dir / "latest").exists() and not (data_dir / "lake").exists()
    assert "epoch/chips: 1 page, 1 unchanged" in call("fetch", "epoch")[1]


def test_a_source_that_fails_is_stale_and_the_others_are_fetched(server):
    call("fetch", "epoch")
    server.pages["/chips.csv"] = ("text/csv", LATER)
    server.faults = ["status 403"]
    code, out, err = call("fetch", "epoch")
    assert code == 1 and "epoch/models: " in err and "status 403" in err and "epoch/chips: 1 page" in out
    row = standing("epoch")
    assert row["state"].startswith("stale, 0 days old: models failed: ") and row["rows"] == 3
    assert "Traceback" not in err


@pytest.mark.slow
def test_what_changed_on_a_page_is_told_cell_by_cell(server):
    call("fetch", "epoch")
    assert json.loads(call("changes", "epoch", "--json")[1]) == []
    server.pages["/chips.csv"] = ("text/csv", LATER)
    call("fetch", "epoch")
    found = json.loads(call("changes", "epoch", "--json")[1])
    cells = {(c["page"], c["row"], c["column"]): (c["before"], c["now"]) for c in found}
    assert cells == {
        ("chips", "A", "peak_fp32"): ("1000000000000.0", "1500000000000.0"),
        ("chips", "B", "released_on"): ("2020-01-01", ""),
        ("chips", "B", "peak_fp32"): ("2000000000000.0", ""),
        ("chips", "C", "released_on"): ("", "2021-01-01"),
        ("chips", "C", "peak_fp32"): ("", "3000000000000.0"),
    }


@pytest.mark.slow
def test_offline_asks_nobody(server, data_dir):
    assert call("fetch", "epoch", "--offline")[0] == 0
    code, _, err = call("run", "--plain", "--sources", "epoch", "--offline")
    assert code == 1 and "epoch: there is no document" in err
    call("fetch", "epoch")
    asked = len(server.asked)
    assert call("run", "--plain", "--sources", "epoch", "--offline")[0] == 0
    assert len(server.asked) == asked


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("fetch", "nobody"), "no live source 'nobody'"),
        (("fetch", "curated"), "no live source 'curated'"),
        (("changes", "curated"), "no live source 'curated'"),
        (("fetch", "epoch", "--since", "yesterday"), "Invalid isoformat string"),
    ],
)
def test_wrong_use_is_one_sentence(server, words, said):
    code, _, err = call(*words)
    assert code == 2 and said in err and "Traceback" not in err


def test_a_crawl_that_was_cut_off_says_that_it_goes_on(server, data_dir):
    journal = Journal(data_dir / "archive")
    journal.begin("epoch", "models", {})
    assert standing("epoch")["state"] == "models was cut off after 0 pages and goes on next time"
