"""OpenAlex: a hand-made list with what must come of it, the saved answers, hostile ones, and the crawl without a network."""

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
from flows.sources import openalex, settings_of

CASE = yaml.safe_load((Path(__file__).parent / "sources" / "openalex" / "works.yaml").read_text(encoding="utf-8"))
DAY = dt.date.fromisoformat
PI3K = "10.1073/pnas.1414271111"


def test_a_list_gives_what_was_worked_out_by_hand():
    found = read("openalex", json.dumps(CASE["answer"]).encode())
    assert found.accepted == CASE["accepted"]
    assert found.quarantined == CASE["quarantined"]
    assert found.is_whole and found.rows == 5


@pytest.mark.parametrize("number", range(4))
def test_a_single_work_reads_as_it_does_in_a_list(number):
    found = read("openalex", json.dumps(CASE["answer"]["results"][number]).encode())
    assert found.accepted == [CASE["accepted"][number]]


def test_every_saved_answer_is_read_whole_or_refused(shared):
    records, lost = 0, []
    for exchange in exchanges(shared, "api.openalex.org"):
        try:
            found = read("openalex", exchange.content, exchange.url)
        except SchemaBreak:
            lost.append(exchange.status)
            continue
        answer = json.loads(exchange.content)
        assert found.is_whole and found.rows == len(answer.get("results", [answer]))
        records += found.rows
    # Five single works whole, three cut to fields without the id, three searches with 1, 1 and 2 works, one 404.
    assert (records, lost) == (12, [404])


def test_saved_works_say_what_their_answers_say(shared):
    works = {}
    cut = []
    for exchange in exchanges(shared, "api.openalex.org"):
        if exchange.status == 200:
            found = read("openalex", exchange.content, exchange.url)
            works |= {work["openalex_id"]: work for work in found.accepted}
            cut += found.quarantined.values()
    assert cut == [["openalex_id is filled"]] * 3
    said = ("doi", "arxiv_id", "journal_published_on", "year", "work_kind", "citations", "countries")
    assert {name: tuple(work.get(field) for field in said) for name, work in works.items()} == {
        "W4408732759": ("10.1016/j.xgen.2025.100814", None, None, 2025, "article", 3, "GB"),
        "W1554322594": ("10.1023/a:1007154515475", None, None, 2001, "article", 7, "IN"),
        "W4381738344": ("10.1007/s40278-023-41815-2", None, DAY("2023-06-23"), 2023, "article", 0, None),
        "W2033425827": ("10.1016/j.addr.2015.01.008", None, DAY("2015-02-07"), 2015, "review", 750, "US"),
        "W2109415576": (PI3K, None, DAY("2014-10-27"), 2014, "article", 138, "US"),
        "W2277923667": ("10.1063/1.4938384", None, DAY("2015-12-21"), 2015, "article", 9, "US"),
        "W4389761608": ("10.48550/arxiv.2312.07559", "2312.07559", None, 2023, "preprint", 27, None),
        "W4396723768": ("10.1038/s42256-024-00832-8", None, DAY("2024-05-08"), 2024, "article", 236, "CH; US"),
        "W4365597205": ("10.48550/arxiv.2304.05376", "2304.05376", None, 2023, "preprint", 106, None),
    }
    crow, preprint = works["W4396723768"], works["W4365597205"]
    assert crow["title"] == "Augmenting large language models with chemistry tools"
    assert crow["authors"].split("; ")[::5] == ["Andres M. Bran", "Philippe Schwaller"]
    assert crow["organisations"].split("; ") == [
        "École Polytechnique Fédérale de Lausanne",
        "University of Rochester",
        "IBM Research - Zurich",
    ]
    assert (crow["journal"], crow["is_retracted"]) == ("Nature Machine Intelligence", False)
    assert preprint["title"] == "ChemCrow: Augmenting large-language models with chemistry tools"
    assert preprint["authors"] == "Andres M Bran; Sam Cox; Andrew Dickson White; Philippe Schwaller"
    assert "organisations" not in preprint
    assert len(works["W4389761608"]["authors"].split("; ")) == 6


def test_answers_of_another_source_are_refused_with_what_they_are(shared):
    for exchange in exchanges(shared, "api.unpaywall.org"):
        with pytest.raises(SchemaBreak, match=r"a list of works \(meta, results\) or a work \(id\) was expected"):
            read("openalex", exchange.content, exchange.url)


def test_an_error_answer_is_quoted():
    with pytest.raises(SchemaBreak) as caught:
        read("openalex", b'{"error": "Invalid filter", "message": "Unknown filter field: author_name."}', "page")
    assert str(caught.value) == (
        "page: a list of works (meta, results) or a work (id) was expected; "
        "the answer says 'Invalid filter: Unknown filter field: author_name.'"
    )


def test_an_author_is_no_work():
    with pytest.raises(SchemaBreak, match=r"results\[0\]\.id: the id of a work \(W…\) was expected"):
        read("openalex", b'{"meta": {}, "results": [{"id": "https://openalex.org/A5023888391"}]}')


@given(st.binary(max_size=60) | any_json().map(lambda value: json.dumps(value).encode()))
def test_any_answer_is_rows_or_one_schema_break(content):
    try:
        assert read("openalex", content).is_whole
    except SchemaBreak as error:
        assert str(error).startswith("a page")


@given(st.sampled_from(places(CASE["answer"])), any_json())
def test_any_change_to_an_answer_is_rows_or_one_schema_break(path, value):
    try:
        assert read("openalex", json.dumps(replaced(CASE["answer"], path, value)).encode()).is_whole
    except SchemaBreak as error:
        assert str(error).startswith("a page")


def works_of(ask, per_page=100):
    """What OpenAlex answers: the works asked for, sliced by cursor or page number; a cursor page past the last is empty."""
    dois = ask.params["filter"].removeprefix("doi:").split("|")
    start = 0
    if "page" in ask.params:
        start = (int(ask.params["page"]) - 1) * per_page
    elif ask.params["cursor"] != "*":
        start = int(ask.params["cursor"])
    works = [{"id": f"https://openalex.org/W{n}", "doi": f"https://doi.org/{doi}"} for n, doi in enumerate(dois, 1)]
    more = start + per_page < len(works) or not works[start:]
    meta = {"count": len(works), "per_page": per_page, "next_cursor": str(start + per_page) if more else None}
    return {"meta": meta, "results": works[start : start + per_page]}


def test_papers_are_asked_by_doi_in_batches_with_the_key_apart():
    site = Site(works_of)
    papers = (
        "doi:10.5555/B",
        "arxiv:2001.01234",
        "arxiv:math.GT/0309136v2",
        "url:https://x.y",
        "doi:10.48550/arxiv.2001.01234",
    )
    openalex.crawl(site, scope("openalex", *papers, page_size=2, key="secret-key"), "works")
    assert site.pages == ["arxiv:2001.01234 arxiv:math.GT/0309136", "doi:10.5555/b"]
    first = site.asks[0]
    assert first.url == "https://api.openalex.org/works"
    assert first.params["filter"] == "doi:10.48550/arxiv.2001.01234|10.48550/arxiv.math.gt/0309136"
    assert (first.params["cursor"], first.params["per_page"]) == ("*", "100")
    assert "authorships" in first.params["select"].split(",")
    assert first.secrets == {"api_key": "secret-key"}
    assert "secret-key" not in repr((first.params, first.page, first.url))


def test_cursors_are_followed_until_every_work_counted_is_there():
    site = Site(lambda ask: works_of(ask, per_page=2))
    openalex.crawl(site, scope("openalex", *(f"doi:10.5555/{n}" for n in range(5)), key="k"), "works")
    name = " ".join(f"doi:10.5555/{n}" for n in range(5))
    assert site.pages == [name, f"{name} #2", f"{name} #3"]
    assert [ask.params["cursor"] for ask in site.asks] == ["*", "2", "4"]


def test_without_a_key_pages_are_asked_by_number():
    site = Site(lambda ask: works_of(ask, per_page=2))
    openalex.crawl(site, scope("openalex", *(f"doi:10.5555/{n}" for n in range(3))), "works")
    assert [(ask.params.get("page"), ask.params.get("cursor"), ask.secrets) for ask in site.asks] == [
        ("1", None, {}),
        ("2", None, {}),
    ]


@pytest.mark.parametrize(
    "meta", [{"count": 2, "next_cursor": None}, {"count": 2, "next_cursor": "x"}, {}, {"count": "2"}]
)
def test_a_list_that_ends_too_soon_is_no_whole_answer(meta):
    site = Site(lambda ask: {"meta": meta, "results": [{"id": "W1"}] if ask.params["cursor"] == "*" else []})
    with pytest.raises(SchemaBreak):
        openalex.crawl(site, scope("openalex", "doi:10.5555/a", "doi:10.5555/b", key="k"), "works")
    assert len(site.asks) <= 2


def test_a_doi_that_would_spoil_the_filter_is_asked_alone_and_may_be_unknown():
    site = Site(lambda ask: works_of(ask) if "filter" in ask.params else 404)
    openalex.crawl(site, scope("openalex", "doi:10.5555/a,b", "doi:10.5555/c", key="k"), "works")
    assert site.pages == ["doi:10.5555/c", "alone doi:10.5555/a,b"]
    assert site.asks[1].url == "https://api.openalex.org/works/https://doi.org/10.5555%2Fa%2Cb"
    assert site.asks[1].secrets == {"api_key": "k"}


def test_an_error_of_the_source_ends_the_crawl():
    site = Site(lambda ask: 401)
    with pytest.raises(FetchError):
        openalex.crawl(site, scope("openalex", "doi:10.5555/a"), "works")


def test_a_crawl_begun_again_asks_the_same_pages_and_one_finished_asks_none():
    site = Site(works_of)
    papers = [f"doi:10.5555/{n}" for n in range(7)]
    openalex.crawl(site, scope("openalex", *papers, page_size=3), "works")
    again = Site(works_of)
    openalex.crawl(again, scope("openalex", *reversed(papers), page_size=3), "works")
    assert again.asks == site.asks
    done = Site(works_of)
    yesterday = dict.fromkeys(site.pages, DAY("2026-11-23"))
    openalex.crawl(done, scope("openalex", *papers, page_size=3, finished=yesterday), "works")
    assert done.asks == []


def test_the_number_of_batches_is_told():
    told = []
    wanted = scope("openalex", *(f"doi:10.5555/{n}" for n in range(7)), page_size=3)
    openalex.crawl(Site(works_of), type(wanted)(**{**vars(wanted), "expect": told.append}), "works")
    assert told == [3]


def test_settings_come_from_the_environment(monkeypatch):
    monkeypatch.setenv("AICOMPUTE_OPENALEX_URL", "http://127.0.0.1:1/mirror/")
    monkeypatch.setenv("AICOMPUTE_OPENALEX_KEY", "k")
    monkeypatch.setenv("AICOMPUTE_OPENALEX_PAGE_SIZE", "7")
    own = settings_of("openalex")
    assert (own.url, own.key.get_secret_value(), own.page_size) == ("http://127.0.0.1:1/mirror/", "k", 7)
    assert own.requests_per_second == 5
    monkeypatch.setenv("AICOMPUTE_OPENALEX_PAGE_SIZE", "101")
    with pytest.raises(ValueError, match="less than or equal to 100"):
        settings_of("openalex")
