"""Crossref: a hand-made list with what must come of it, the saved answers, hostile ones, and the crawl without a network."""

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
from flows.sources import crossref, settings_of

CASE = yaml.safe_load((Path(__file__).parent / "sources" / "crossref" / "works.yaml").read_text(encoding="utf-8"))
DAY = dt.date.fromisoformat
HOST = "api.crossref.org"


def saved_works(shared) -> dict[str, list[dict]]:
    """The works of the saved answers by DOI, as often as they were sent."""
    works: dict[str, list[dict]] = {}
    for exchange in exchanges(shared, HOST):
        if exchange.content.startswith(b"{"):
            for work in read("crossref", exchange.content, exchange.url).accepted:
                works.setdefault(work["doi"], []).append(work)
    return works


def test_a_list_gives_what_was_worked_out_by_hand():
    found = read("crossref", json.dumps(CASE["answer"]).encode())
    assert found.accepted == CASE["accepted"]
    assert found.quarantined == CASE["quarantined"]
    assert found.is_whole and found.rows == 7


@pytest.mark.parametrize("number", range(5))
def test_a_single_work_reads_as_it_does_in_a_list(number):
    answer = {"status": "ok", "message-type": "work", "message": CASE["answer"]["message"]["items"][number]}
    assert read("crossref", json.dumps(answer).encode()).accepted == [CASE["accepted"][number]]


def test_every_saved_answer_is_read_whole_or_refused(shared):
    lists = singles = refused = 0
    for exchange in exchanges(shared, HOST):
        if exchange.status != 200 or "x-bibtex" in exchange.url:
            with pytest.raises(SchemaBreak, match="JSON was expected"):
                read("crossref", exchange.content, exchange.url)
            refused += 1
            continue
        found = read("crossref", exchange.content, exchange.url)
        message = json.loads(exchange.content)["message"]
        assert found.is_whole and found.rows == len(found.accepted) == len(message.get("items", [message]))
        lists += "items" in message
        singles += "items" not in message
    assert lists > 15 and singles > 15 and refused > 30


def test_saved_works_say_what_their_answers_say(shared):
    works = saved_works(shared)
    said = ("journal_published_on", "year", "journal", "work_kind", "citations", "is_retracted")
    pnas, review = (
        "Proceedings of the National Academy of Sciences",
        "Annual Review of Pathology: Mechanisms of Disease",
    )
    truth = {
        "10.1016/j.xgen.2025.100814": (None, 2025, "Cell Genomics", "journal-article", 2, False),
        "10.1016/j.semcdb.2016.08.024": (None, 2017, "Seminars in Cell & Developmental Biology", "journal-article", 7, False),
        "10.1038/s41598-018-27044-6": (DAY("2018-10-19"), 2018, "Scientific Reports", "journal-article", 55, False),
        "10.1023/a:1007154515475": (None, 2001, "Molecular and Cellular Biochemistry", "journal-article", 7, False),
        "10.1007/s40278-023-41815-2": (DAY("2023-06-24"), 2023, "Reactions Weekly", "journal-article", 0, False),
        "10.1101/2024.04.01.587366": (None, 2024, None, "posted-content", 2, False),
        "10.1146/annurev.pathol.4.110807.092311": (DAY("2009-02-01"), 2009, review, "journal-article", 1005, False),
        "10.1073/pnas.1205508109": (DAY("2012-09-04"), 2012, pnas, "journal-article", 261, False),
        "10.1186/1471-2148-11-4": (DAY("2011-01-05"), 2011, "BMC Evolutionary Biology", "journal-article", 79, False),
        "10.1073/pnas.1414271111": (DAY("2014-10-27"), 2014, pnas, "journal-article", 129, False),
    }  # fmt: skip
    for doi, values in truth.items():
        for work in works[doi]:
            if "work_kind" in work:  # not cut to fewer fields
                assert tuple(work.get(name) for name in said) == values, doi
    assert {work["citations"] for work in works["10.1063/1.4938384"]} == {9, 10}  # counted on several days
    (attention,) = works["10.18653/v1/n18-2074"]
    assert attention["title"] == "Self-Attention with Relative Position Representations"
    assert attention["authors"] == "Peter Shaw; Jakob Uszkoreit; Ashish Vaswani"
    assert (attention["year"], attention["citations"], attention["work_kind"]) == (2018, 1197, "proceedings-article")
    assert "journal_published_on" not in attention and "\n" not in attention["journal"]


def test_saved_names_keep_order_number_and_words(shared):
    works = saved_works(shared)
    authors = {doi: max(len(work.get("authors", "").split("; ")) for work in found) for doi, found in works.items()}
    assert authors["10.1056/nejmoa2404204"] == 36
    assert authors["10.1093/jamiaopen/ooae021"] == 11
    assert authors["10.1038/s42256-024-00832-8"] == 6
    (kinase,) = works["10.1073/pnas.1205508109"]
    assert kinase["title"].endswith("phosphoinositide 3-kinase p110α ( PIK3CA )")
    assert (
        kinase["organisations"]
        == "Laboratory of Molecular Biology, Medical Research Council, Cambridge CB2 0QH, United Kingdom"
    )
    copper = works["10.1063/1.4938384"][0]
    assert len(copper["organisations"].split("; ")) == 2
    assert "authors" not in works["10.1007/s40278-023-41815-2"][0]


def test_a_saved_correction_is_no_retraction_and_a_record_without_the_field_says_nothing(shared):
    works = saved_works(shared)
    assert [work["is_retracted"] for work in works["10.1073/pnas.1414271111"]] == [False]  # updated-by a correction
    (music,) = works["10.1155/2022/8341966"]  # asked for with four fields; its retraction is none of them
    assert "is_retracted" not in music and music["authors"] == "Jiaye Han"
    assert len(music["organisations"].split("; ")) == 2


@pytest.mark.parametrize("kind", ["retraction", "withdrawal", "removal"])
def test_a_notice_that_takes_a_work_back_is_a_retraction(kind):
    work = {"DOI": "10.5555/a", "updated-by": [{"type": "correction"}, {"type": kind, "source": "retraction-watch"}]}
    answer = {"message-type": "work", "message": work}
    assert read("crossref", json.dumps(answer).encode()).accepted == [{"doi": "10.5555/a", "is_retracted": True}]


def test_answers_of_other_sources_are_refused(shared):
    for host in ("api.unpaywall.org", "api.openalex.org", "api.semanticscholar.org"):
        for exchange in exchanges(shared, host):
            with pytest.raises(SchemaBreak):
                read("crossref", exchange.content, exchange.url)


@pytest.mark.parametrize("parts", [[["2020", 1, 1]], [2020], "2020-01-01", [[True]], [[{}]]])
def test_a_date_of_another_form_is_a_schema_break(parts):
    answer = {"message-type": "work", "message": {"DOI": "10.5555/a", "published": {"date-parts": parts}}}
    with pytest.raises(SchemaBreak, match=r"published\.date-parts: \[\[year, month, day\]\] was expected"):
        read("crossref", json.dumps(answer).encode())


@given(st.binary(max_size=60) | any_json().map(lambda value: json.dumps(value).encode()))
def test_any_answer_is_rows_or_one_schema_break(content):
    try:
        assert read("crossref", content).is_whole
    except SchemaBreak as error:
        assert str(error).startswith("a page")


@given(st.sampled_from(places(CASE["answer"])), any_json())
def test_any_change_to_an_answer_is_rows_or_one_schema_break(path, value):
    try:
        assert read("crossref", json.dumps(replaced(CASE["answer"], path, value)).encode()).is_whole
    except SchemaBreak as error:
        assert str(error).startswith("a page")


def works_of(ask, missing=(), rows=1000):
    """What Crossref answers: the works it has of those asked for, with a cursor whether or not there is more."""
    dois = [name.removeprefix("doi:") for name in ask.params["filter"].split(",")]
    works = [{"DOI": doi} for doi in dois if doi not in missing]
    start = 0 if ask.params["cursor"] == "*" else int(ask.params["cursor"].split("+")[1])
    part = works[start : start + rows]
    message = {"total-results": len(works), "items": part, "next-cursor": f"c+{start + rows}", "items-per-page": rows}
    return {"status": "ok", "message-type": "work-list", "message": message}


def test_works_are_asked_by_doi_and_arxiv_papers_never():
    site = Site(works_of)
    papers = ("doi:10.5555/B", "arxiv:2001.01234", "doi:10.48550/arXiv.1706.03762", "doi:10.5555/a")
    crossref.crawl(site, scope("crossref", *papers, contact="someone@example.org"), "works")
    (ask,) = site.asks
    assert (ask.url, ask.page) == ("https://api.crossref.org/works", "doi:10.5555/a doi:10.5555/b")
    assert {name: ask.params[name] for name in ("filter", "rows", "cursor")} == {
        "filter": "doi:10.5555/a,doi:10.5555/b",
        "rows": "2",
        "cursor": "*",
    }
    assert {"DOI", "updated-by", "is-referenced-by-count"} <= set(ask.params["select"].split(","))
    assert (ask.secrets, ask.secret_headers) == ({"mailto": "someone@example.org"}, {})


def test_nothing_is_asked_where_no_doi_is_wanted():
    site = Site(works_of)
    crossref.crawl(site, scope("crossref", "arxiv:2001.01234"), "works")
    assert site.asks == []


def test_a_contact_that_is_no_address_to_write_to_is_not_sent_and_a_members_key_is():
    site = Site(works_of)
    crossref.crawl(site, scope("crossref", "doi:10.5555/a", contact="https://example.org", key="token"), "works")
    assert site.asks[0].secrets == {}
    assert site.asks[0].secret_headers == {"Crossref-Plus-API-Token": "Bearer token"}


def test_cursors_are_followed_until_every_work_counted_is_there():
    site = Site(lambda ask: works_of(ask, missing={"10.5555/1"}, rows=2))
    crossref.crawl(site, scope("crossref", *(f"doi:10.5555/{n}" for n in range(6))), "works")
    assert [ask.params["cursor"] for ask in site.asks] == ["*", "c+2", "c+4"]
    assert [page.rpartition(" ")[2] for page in site.pages] == ["doi:10.5555/5", "#2", "#3"]


def test_a_batch_of_which_nothing_is_known_is_an_answer():
    site = Site(lambda ask: works_of(ask, missing={"10.5555/a"}))
    crossref.crawl(site, scope("crossref", "doi:10.5555/a"), "works")
    assert len(site.asks) == 1


@pytest.mark.parametrize("message", [{"total-results": 1, "items": [], "next-cursor": "x"}, {"items": []}])
def test_a_list_that_ends_too_soon_is_no_whole_answer(message):
    site = Site(lambda ask: {"message-type": "work-list", "message": message})
    with pytest.raises(SchemaBreak):
        crossref.crawl(site, scope("crossref", "doi:10.5555/a"), "works")


def test_a_doi_with_a_comma_is_asked_alone_and_may_be_unknown():
    site = Site(lambda ask: works_of(ask) if "filter" in ask.params else 404)
    crossref.crawl(site, scope("crossref", "doi:10.1001/jama.251.19.2504,2509", "doi:10.5555/a"), "works")
    assert site.pages == ["doi:10.5555/a", "alone doi:10.1001/jama.251.19.2504,2509"]
    assert site.asks[1].url == "https://api.crossref.org/works/10.1001%2Fjama.251.19.2504%2C2509"


def test_an_error_of_the_source_ends_the_crawl():
    with pytest.raises(FetchError):
        crossref.crawl(Site(lambda ask: 503), scope("crossref", "doi:10.5555/a"), "works")


def test_settings_come_from_the_environment(monkeypatch):
    monkeypatch.setenv("AICOMPUTE_CROSSREF_URL", "http://127.0.0.1:1")
    assert (settings_of("crossref").url, settings_of("crossref").rate) == ("http://127.0.0.1:1", "1/1")
