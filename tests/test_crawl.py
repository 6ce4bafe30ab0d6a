"""Crawls from end to end against a local server: every record, within the rate, over faults, and on after any kill."""

from __future__ import annotations

import datetime as dt
import json
import os
import random
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import polars as pl
import pytest
from stand_in import StandIn, arxiv_id

from flows import sources
from flows.collect import Request, collect, wanted_papers
from flows.crawl import Progress, gather
from flows.http import FetchError
from flows.reading import parse_document
from flows.rows import SchemaBreak
from flows.runlog import RunLog
from flows.settings import Settings
from warehouse.archive import Archive
from warehouse.journal import Journal

PAPERS = 10_000


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Callable[..., StandIn]]:
    """A factory of servers that stand in for every live source."""
    running: list[StandIn] = []

    def start(**others: object) -> StandIn:
        server = StandIn(**others).__enter__()
        running.append(server)
        for name, value in environment(server.url, tmp_path / "data").items():
            monkeypatch.setenv(name, value)
        return server

    yield start
    for server in running:
        server.__exit__()


def environment(url: str, data: Path) -> dict[str, str]:
    """Settings under which the server stands in for the sources, a rate far above what is needed."""
    own = {
        "ARXIV_URL": f"{url}/api/query", "ARXIV_OAI_URL": f"{url}/oai", "ARXIV_CATEGORIES": "cs.LG",
        "ARXIV_SINCE": "2026-01-01", "ARXIV_LIST_BY": "oai", "OPENALEX_URL": f"{url}/openalex",
        "SEMANTIC_SCHOLAR_URL": f"{url}/graph/v1", "CROSSREF_URL": f"{url}/crossref",
        "EPOCH_MODELS_URL": f"{url}/models.csv", "EPOCH_CHIPS_URL": f"{url}/chips.csv",
        "ALLOW_PRIVATE_HOSTS": "true", "FETCH_BACKOFF_SECONDS": "0.01", "DATA_DIR": str(data),
    }  # fmt: skip
    rates = {f"{name.upper()}_RATE": "10000/1" for name in sources.live()}
    return {f"AICOMPUTE_{name}": value for name, value in (own | rates).items()}


def archive_of(settings: Settings) -> Archive:
    return Archive(settings.archive_dir)


def ids(settings: Settings, dataset: str) -> list[str]:
    """arXiv ids of every page of the finished crawls of a dataset."""
    archive = archive_of(settings)
    pages = Journal(settings.archive_dir).pages("arxiv", dataset, True)
    documents = {d.document_id: d for d in archive.documents() if d.dataset == dataset}
    found = []
    for versions in pages.values():
        parsed = parse_document(archive, settings.cache_dir, documents[versions[0].document_id])
        found += [name for frame in parsed.tables.values() for name in frame["arxiv_id"]]
    return found


@pytest.mark.parametrize(
    ("dataset", "list_by", "pages"), [pytest.param("search", "api", 50, marks=pytest.mark.slow), ("listing", "oai", 10)]
)
def test_ten_thousand_records_arrive_each_once(stand_in, monkeypatch, dataset, list_by, pages):
    server = stand_in(papers=PAPERS)
    monkeypatch.setenv("AICOMPUTE_ARXIV_LIST_BY", list_by)
    settings, told = Settings(), []
    gather(
        settings, archive_of(settings), "arxiv", dataset, since=dt.date(2026, 1, 1), told=lambda p: told.append(p.pages)
    )
    assert sorted(ids(settings, dataset)) == [arxiv_id(number) for number in range(PAPERS)]
    assert len(told) == len(server.asked) >= pages
    again = len(server.asked)
    gather(settings, archive_of(settings), "arxiv", dataset, since=dt.date(2026, 1, 1))
    assert len(server.asked) == again, "a crawl of what is there asks for nothing"


@pytest.mark.slow
def test_the_rate_is_used_and_never_passed(stand_in, monkeypatch):
    """Limit 20 a second: 50 pages of ten thousand papers take at least 2 s; 95% of the limit is 2.63 s."""
    server = stand_in(papers=PAPERS)
    monkeypatch.setenv("AICOMPUTE_ARXIV_LIST_BY", "api")
    monkeypatch.setenv("AICOMPUTE_ARXIV_RATE", "20/1")
    settings = Settings()
    gather(settings, archive_of(settings), "arxiv", "search", since=dt.date(2026, 1, 1))
    assert server.most_in(1.0) <= 20


@pytest.mark.parametrize(
    "fault",
    ["status 500", "status 503 0", "status 429 1", "later 1", "truncated", "reset", "garbled"],
)
def test_a_crawl_lives_through_a_passing_fault(stand_in, monkeypatch, fault):
    server = stand_in(papers=300)
    monkeypatch.setenv("AICOMPUTE_ARXIV_LIST_BY", "api")
    server.faults = ["ok", fault]
    settings = Settings()
    gather(settings, archive_of(settings), "arxiv", "search", since=dt.date(2026, 1, 1))
    assert sorted(ids(settings, "search")) == [arxiv_id(number) for number in range(300)]


@pytest.mark.parametrize(
    ("faults", "error", "words", "ended"),
    [
        (["ok", *["status 500"] * 9], FetchError, "status 500", "failed"),
        (["ok", "status 429 86400"], FetchError, "asks to come back", "failed"),
        pytest.param(["ok", *["truncated"] * 9], FetchError, "broke off", "failed", marks=pytest.mark.slow),
        pytest.param(["ok", "html"], FetchError, "the answer is text/html", "failed", marks=pytest.mark.slow),
        (["ok", "status 403"], FetchError, "status 403", "failed"),
    ],
)
def test_a_lasting_fault_ends_the_crawl_which_goes_on_next_time(stand_in, monkeypatch, faults, error, words, ended):
    server = stand_in(papers=1000)
    monkeypatch.setenv("AICOMPUTE_ARXIV_LIST_BY", "api")
    server.faults = list(faults)
    settings = Settings()
    with pytest.raises(error, match=words):
        gather(settings, archive_of(settings), "arxiv", "search", since=dt.date(2026, 1, 1))
    journal = Journal(settings.archive_dir)
    assert [crawl.ended for crawl in journal.crawls("arxiv", "search")] == [ended]
    assert ids(settings, "search") == [], "pages of a crawl that is not whole do not count"
    server.faults = []
    before = Counter(asked.path + str(asked.query) for asked in server.asked if asked.is_answered)
    gather(settings, archive_of(settings), "arxiv", "search", since=dt.date(2026, 1, 1))
    assert sorted(ids(settings, "search")) == [arxiv_id(number) for number in range(1000)]
    after = Counter(asked.path + str(asked.query) for asked in server.asked if asked.is_answered)
    assert all(after[page] == times for page, times in before.items()), "what was answered is not asked again"


@pytest.mark.slow
def test_a_page_that_is_not_what_it_used_to_be_gives_the_crawl_up_and_the_last_one_stays(stand_in):
    csv = b"Model,Domain,Publication date,Parameters,Training compute (FLOP)\nMade-up,Language,2020-01-01,1e9,1e21\n"
    chips = b"Hardware name,Release date,FP32 (single precision) performance (FLOP/s)\nMade-up chip,2020-01-01,1e12\n"
    server = stand_in(pages={"/models.csv": ("text/csv", csv), "/chips.csv": ("text/csv", chips)})
    settings = Settings()
    request, log = Request(("epoch",)), RunLog(settings.log_file)
    assert collect(settings, request, log).frames["epoch_models"].height == 1
    server.pages["/models.csv"] = ("text/csv", b"Name\nnothing known\n")
    collected = collect(settings, request, log)
    assert collected.frames["epoch_models"].height == 1
    assert any("epoch/models: models: required header" in notice for notice in collected.notices)
    assert [crawl.ended for crawl in Journal(settings.archive_dir).crawls("epoch", "models")] == ["done", "broken"]
    server.pages["/models.csv"] = ("text/csv", csv + b"Second,Language,2021-01-01,1e9,1e21\n")
    assert collect(settings, request, log).frames["epoch_models"].height == 2


def test_a_page_unchanged_is_not_sent_again_and_the_journal_says_so(stand_in):
    chips = b"Hardware name,Release date,FP32 (single precision) performance (FLOP/s)\nMade-up chip,2020-01-01,1e12\n"
    stand_in(pages={"/chips.csv": ("text/csv", chips)})
    settings = Settings()
    crawls = [gather(settings, archive_of(settings), "epoch", "chips") for _ in range(2)]
    assert [[page.is_unchanged for page in crawl.pages.values()] for crawl in crawls] == [[False], [True]]
    assert len(archive_of(settings).documents()) == 1
    line = json.loads((settings.archive_dir / "index.jsonl").read_text().splitlines()[0])
    assert (
        line["status"] == 200 and line["url"].endswith("/chips.csv") and line["headers"]["Content-Type"] == "text/csv"
    )
    assert dt.datetime.fromisoformat(line["received_at"]).tzinfo is not None


def test_one_source_that_fails_leaves_the_others(stand_in):
    chips = b"Hardware name,Release date,FP32 (single precision) performance (FLOP/s)\nMade-up chip,2020-01-01,1e12\n"
    stand_in(pages={"/chips.csv": ("text/csv", chips)})
    settings = Settings()
    request = Request(("curated", "epoch"), is_lenient=True)
    collected = collect(settings, request, RunLog(settings.log_file))
    assert collected.frames["curated_runs"].height > 0 and collected.frames["epoch_chips"].height == 1
    assert any(notice.startswith("epoch/models: ") and "status 404" in notice for notice in collected.notices)


def test_time_left_is_that_of_the_pages_to_come():
    progress = Progress("arxiv", "search", pages=10, expected=40, asked=10)
    progress.began -= 20.0  # ten pages in twenty seconds: thirty more take sixty
    assert progress.seconds_left == pytest.approx(60, rel=0.01)
    assert Progress("arxiv", "search", pages=10, expected=0, asked=10).seconds_left is None


def test_a_listing_that_is_no_listing_breaks_its_crawl(stand_in, monkeypatch):
    server = stand_in(pages={"/elsewhere": ("text/xml", b"<unknown/>")})
    monkeypatch.setenv("AICOMPUTE_ARXIV_OAI_URL", f"{server.url}/elsewhere")
    settings = Settings()
    with pytest.raises(SchemaBreak, match="unknown"):
        gather(settings, archive_of(settings), "arxiv", "listing", since=dt.date(2026, 1, 1))
    assert [crawl.ended for crawl in Journal(settings.archive_dir).crawls()] == ["broken"]


def test_papers_of_known_runs_are_asked_of_every_source_once(stand_in, monkeypatch):
    """The stand-in knows every DOI, of Semantic Scholar's ids those that end in an even digit, of arXiv's none of these."""
    monkeypatch.setenv("AICOMPUTE_ARXIV_LIST_BY", "none")
    server = stand_in(papers=3)
    settings = Settings()
    request = Request(("curated", "arxiv", "openalex", "semantic_scholar", "crossref"), is_lenient=True)
    known = wanted_papers(settings)
    collected = collect(settings, request, RunLog(settings.log_file))
    even = sum(paper[-1] in "02468" for paper in known)
    dois = sum(paper.startswith("doi:") for paper in known)
    assert collected.frames["openalex_works"].height == len(known) > 150
    assert collected.frames["semantic_scholar_papers"].height == even
    assert collected.frames["crossref_works"].height == dois > 10
    read = {
        row["source"]: row["rows_read"]
        for row in collected.frames["documents"].group_by("source").agg(pl.sum("rows_read")).to_dicts()
    }
    assert read["semantic_scholar"] == len(known)
    asked = len(server.asked)
    collect(settings, request, RunLog(settings.log_file))
    assert len(server.asked) == asked, "papers that are there are not asked for again"


@pytest.mark.slow
@pytest.mark.parametrize(("dataset", "list_by"), [("search", "api"), ("listing", "oai")])
def test_twenty_kills_lose_no_page_and_fetch_none_twice(stand_in, monkeypatch, tmp_path, dataset, list_by):
    """Killed up to 30 ms after a request came in: on its way, in the archive or after; the next process goes on."""
    server = stand_in(papers=PAPERS, oai_page=200)
    monkeypatch.setenv("AICOMPUTE_ARXIV_LIST_BY", list_by)
    settings, dice = Settings(), random.Random(4)
    command = [sys.executable, "-m", "flows", "fetch", "arxiv", "--since", "2026-01-01"]
    kills = 0
    while kills < 20:
        crawler = subprocess.Popen(command, env={**os.environ, "AICOMPUTE_PAPERS_OF_RUNS": "false"})
        target = len(server.asked) + dice.randint(1, 3)

        def kill(number: int, crawler: subprocess.Popen = crawler, target: int = target) -> None:
            if number == target:
                threading.Timer(dice.random() * 0.03, crawler.kill).start()

        server.on_request = kill
        if crawler.wait(120) == -signal.SIGKILL:
            kills += 1
        else:
            break
    server.on_request = lambda number: None
    subprocess.run(command, env={**os.environ, "AICOMPUTE_PAPERS_OF_RUNS": "false"}, check=True)
    assert kills == 20
    assert sorted(ids(settings, dataset)) == [arxiv_id(number) for number in range(PAPERS)]
    journal = Journal(settings.archive_dir)
    names = [name for crawl in journal.crawls("arxiv", dataset) for name in crawl.pages]
    lines = [json.loads(line) for line in journal.path.read_text().splitlines()]
    fetched = Counter(line["page"] for line in lines if line["event"] == "page")
    assert set(fetched.values()) == {1} and len(names) == len(fetched), "a page archived is never fetched again"
    asked = Counter(str(sorted(one.query.items())) for one in server.asked)
    assert sum(times - 1 for times in asked.values()) <= kills, "only what was on its way at a kill is asked again"
    print(f"{dataset}: {kills} kills, {len(fetched)} pages, {sum(asked.values())} requests")
