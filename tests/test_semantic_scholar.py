"""Semantic Scholar: a hand-made batch with what must come of it, the saved answers, hostile ones, and the crawl."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from saved_answers import Site, any_json, exchanges, places, read, replaced, scope

from flows.http import FetchError
from flows.rows import SchemaBreak
from flows.sources import semantic_scholar, settings_of

CASE = yaml.safe_load(
    (Path(__file__).parent / "sources" / "semantic_scholar" / "papers.yaml").read_text(encoding="utf-8")
)
DAY = dt.date.fromisoformat
HOST = "api.semanticscholar.org"


def read_all(shared) -> list[tuple]:
    """The saved exchanges with what was read of each; None where it was refused."""
    found = []
    for exchange in exchanges(shared, HOST):
        try:
            found.append((exchange, read("semantic_scholar", exchange.content, exchange.url)))
        except SchemaBreak:
            found.append((exchange, None))
    return found


def test_a_batch_gives_what_was_worked_out_by_hand():
    found = read("semantic_scholar", json.dumps(CASE["answer"]).encode(), CASE["page"])
    assert found.accepted == CASE["accepted"]
    assert found.refused == CASE["refused"]
    assert found.quarantined == CASE["quarantined"]
    assert found.is_whole and found.rows == 5


def test_a_paper_not_known_is_kept_with_the_id_asked_for():
    rows = semantic_scholar.parse("papers", json.dumps(CASE["answer"]).encode(), CASE["page"])[
        "semantic_scholar_papers"
    ]
    assert [json.loads(rows.as_json(number)) for number in (2, 4)] == [
        {"arxiv_id": "9912.99999"},
        {"doi": "10.5555/unknown"},
    ]
    assert {fault["rule"] for fault in rows.ragged} == {"Semantic Scholar knows the paper"}


@pytest.mark.parametrize("around", [lambda paper: paper, lambda paper: {"data": [paper]}, lambda paper: [paper]])
def test_a_paper_reads_alike_alone_in_a_search_and_in_a_batch(around):
    found = read("semantic_scholar", json.dumps(around(CASE["answer"][0])).encode(), "alone doi:10.5555/journal.1")
    assert found.accepted == [CASE["accepted"][0]]


def test_every_saved_answer_is_read_whole_or_refused(shared):
    records = 0
    for exchange, found in read_all(shared):
        assert (found is None) == (exchange.status != 200), exchange.url
        if found is not None:
            # Each record names its paper once; a paper not known is the word null in a list.
            named = exchange.content.count(b'"paperId"') + exchange.content.count(b"[null,")
            assert found.is_whole and found.rows == named, exchange.url
            records += found.rows
    assert records > 1000 + 3 * 100 + 47


def test_searches_hold_the_papers_they_count_for_the_page(shared):
    pages = {
        "search/bulk?query=kubernetes": 1000,
        "search?query=turing&fields=title&offset=0": 100,
        "search?query=turing&fields=title&offset=100": 100,
        "search?query=turing&year=1936-1937": 47,
        "search?query=n0+r3sult": 0,
        "search/match?query=empty+results": 0,
    }
    seen = set()
    for exchange, found in read_all(shared):
        for part, count in pages.items():
            if part in exchange.url:
                assert (len(found.accepted), found.rows) == (count, count)
                seen.add(part)
    assert seen == set(pages)


def test_a_saved_batch_names_what_is_not_known(shared):
    (found,) = [found for exchange, found in read_all(shared) if "paper/batch?fields=abstract" in exchange.url]
    assert found.refused == {1: "entry 1"}
    said = ("doi", "first_version_on", "year", "citations", "journal")
    assert [tuple(paper.get(field) for field in said) for paper in found.accepted] == [
        ("10.2139/ssrn.288970", None, 2001, 10670, "Experimental & Empirical Studies eJournal"),
        ("10.2139/ssrn.2250500", DAY("2013-04-10"), 2013, 2185, "ERN: Credit Risk (Topic)"),
        ("10.1257/rct.1355", None, 2023, 0, None),
    ]
    assert [len(paper["authors"].split("; ")) for paper in found.accepted] == [3, 4, 3]


def test_saved_papers_say_what_their_answers_say(shared):
    papers = {
        paper["semantic_scholar_id"]: paper
        for _, found in read_all(shared)
        for paper in (found.accepted if found else [])
        if "citations" in paper
    }
    attention = papers["204e3073870fae3d05bcbc2f6a8e263d9b72e776"]
    assert attention == {
        "semantic_scholar_id": "204e3073870fae3d05bcbc2f6a8e263d9b72e776",
        "arxiv_id": "1706.03762",
        "title": "Attention is All you Need",
        "authors": "Ashish Vaswani; Noam M. Shazeer; Niki Parmar; Jakob Uszkoreit; Llion Jones; Aidan N. Gomez; "
        "Lukasz Kaiser; I. Polosukhin",
        "first_version_on": DAY("2017-06-12"),
        "year": 2017,
        "journal": "Neural Information Processing Systems",
        "citations": 136941,
    }
    crow = papers["354dcdebf3f8b5feeed5c62090e0bc1f0c28db06"]
    assert (crow["arxiv_id"], crow["doi"], crow["first_version_on"]) == (
        "2304.05376",
        "10.1038/s42256-024-00832-8",
        DAY("2023-04-11"),
    )
    assert (crow["journal"], crow["citations"]) == ("Nature Machine Intelligence", 488)
    qa = papers["7e55d8701785818776323b4147cb13354c820469"]
    assert (qa["arxiv_id"], qa["doi"], qa["journal"]) == ("2312.07559", "10.48550/arxiv.2312.07559", "ArXiv")
    horseradish = papers["19807da5b11f3e641535cb72e465001b49b48ee5"]
    assert (horseradish["doi"], horseradish["year"]) == ("10.1023/a:1007154515475", 2001)
    assert "first_version_on" not in horseradish  # 2001-02-01 there; Crossref registered February alone


def test_answers_of_other_sources_are_refused(shared):
    others = [
        *exchanges(shared, "api.unpaywall.org"),
        *exchanges(shared, "api.crossref.org"),
        *exchanges(shared, "api.openalex.org"),
    ]
    assert len(others) > 80
    for exchange in others:
        with pytest.raises(SchemaBreak):
            read("semantic_scholar", exchange.content, exchange.url)


def test_an_error_answer_is_quoted():
    with pytest.raises(SchemaBreak) as caught:
        read("semantic_scholar", b'{"error":"Unrecognized or unsupported fields: [unknown]"}\n', "page")
    assert str(caught.value) == (
        "page: a list of papers, a page of a search (data) or a paper (paperId) was expected; "
        "the answer says 'Unrecognized or unsupported fields: [unknown]'"
    )


@given(st.binary(max_size=60) | any_json().map(lambda value: json.dumps(value).encode()))
def test_any_answer_is_rows_or_one_schema_break(content):
    try:
        assert read("semantic_scholar", content).is_whole
    except SchemaBreak as error:
        assert str(error).startswith("a page")


@given(st.sampled_from(places(CASE["answer"])), any_json())
def test_any_change_to_an_answer_is_rows_or_one_schema_break(path, value):
    try:
        assert read("semantic_scholar", json.dumps(replaced(CASE["answer"], path, value)).encode()).is_whole
    except SchemaBreak as error:
        assert str(error).startswith("a page")


KNOWN = {"ARXIV:2001.01234", "DOI:10.5555/a", "DOI:10.5555/b"}


def papers_of(ask):
    """What Semantic Scholar answers: papers in the order asked, null for one unknown, 400 where it knows none."""
    if ask.body is None:
        return 404
    found = [{"paperId": "p"} if name in KNOWN else None for name in ask.body["ids"]]
    return found if any(found) else 400


def test_papers_are_asked_in_batches_with_the_key_apart():
    site = Site(papers_of)
    papers = ("doi:10.5555/B", "arxiv:2001.01234", "doi:10.5555/a,", "doi:10.5555/a", "url:https://x.y")
    semantic_scholar.crawl(site, scope("semantic_scholar", *papers, page_size=3, key="secret-key"), "papers")
    first, second = site.asks
    assert first.url == "https://api.semanticscholar.org/graph/v1/paper/batch"
    assert first.body == {"ids": ["ARXIV:2001.01234", "DOI:10.5555/a", "DOI:10.5555/a,"]}
    assert first.page == "arxiv:2001.01234 doi:10.5555/a doi:10.5555/a,"
    assert second.body == {"ids": ["DOI:10.5555/b"]}
    assert "citationCount" in first.params["fields"].split(",")
    assert first.secret_headers == {"x-api-key": "secret-key"}
    assert "secret-key" not in repr((first.params, first.page, first.url, first.body))


def test_a_batch_of_unknown_papers_is_refused_whole_and_each_is_asked_alone():
    site = Site(papers_of)
    semantic_scholar.crawl(site, scope("semantic_scholar", "doi:10.5555/x", "doi:10.5555/y"), "papers")
    assert site.pages == [
        "doi:10.5555/x doi:10.5555/y",
        "doi:10.5555/x",
        "alone doi:10.5555/x",
        "doi:10.5555/y",
        "alone doi:10.5555/y",
    ]
    assert site.asks[2].url == "https://api.semanticscholar.org/graph/v1/paper/DOI:10.5555/x"


def test_a_field_the_source_no_longer_knows_ends_the_crawl():
    site = Site(lambda ask: 400)
    with pytest.raises(FetchError):
        semantic_scholar.crawl(site, scope("semantic_scholar", "doi:10.5555/x", "doi:10.5555/y"), "papers")
    assert len(site.asks) == 3


@pytest.mark.parametrize("answer", [[], [None, None], {"data": []}, {"error": "no"}])
def test_an_answer_of_another_length_is_no_answer_to_the_batch(answer):
    with pytest.raises(SchemaBreak, match="a list of 1 papers was expected"):
        semantic_scholar.crawl(Site(lambda ask: answer), scope("semantic_scholar", "doi:10.5555/a"), "papers")


def test_citations_are_asked_again_after_a_month_on_the_same_page():
    page = "arxiv:2001.01234 doi:10.5555/b"
    for day, pages in (("2026-10-26", []), ("2026-10-25", [page])):
        site = Site(papers_of)
        wanted = scope("semantic_scholar", *page.split(), finished={page: DAY(day)})
        semantic_scholar.crawl(site, wanted, "papers")
        assert site.pages == pages


def test_settings_come_from_the_environment(monkeypatch):
    monkeypatch.setenv("AICOMPUTE_SEMANTIC_SCHOLAR_RATE", "10/1")
    monkeypatch.setenv("AICOMPUTE_SEMANTIC_SCHOLAR_REFRESH_DAYS", "7")
    own = settings_of("semantic_scholar")
    assert (own.requests_per_second, own.refresh_days, own.page_size) == (10, 7, 100)
