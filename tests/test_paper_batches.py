"""Papers by their ids: ids understood, batches that keep their names, bad requests narrowed down, JSON read safely."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st
from saved_answers import TODAY, any_json, scope

from flows.http import FetchError
from flows.papers import (
    Part,
    arxiv_id_of,
    ask_in_batches,
    batches,
    clean,
    doi_of,
    ids_in,
    listed,
    page_name,
    paper_ids,
    read_json,
    short,
    whole_day,
)
from flows.rows import SchemaBreak

NEW_IDS = st.from_regex(r"[0-9]{4}\.[0-9]{4,5}", fullmatch=True)
OLD_IDS = st.from_regex(r"[a-z]{2,5}(-[a-z]{2,3})?(\.[A-Z]{2})?/[0-9]{7}", fullmatch=True)
VERSIONS = st.sampled_from(["", "v1", "v12"])


@pytest.mark.parametrize(
    ("text", "arxiv_id"),
    [
        ("1706.03762", "1706.03762"),
        ("1706.03762v5", "1706.03762"),
        ("0808.0539", "0808.0539"),
        ("quant-ph/0201082v1", "quant-ph/0201082"),
        ("math.GT/0309136", "math.GT/0309136"),
        ("http://arxiv.org/abs/2304.05376", "2304.05376"),
        ("https://arxiv.org/pdf/2304.05376v2.pdf", "2304.05376"),
        ("https://arxiv.org/abs/astro-ph/0601001", "astro-ph/0601001"),
        ("https://doi.org/10.48550/arXiv.2312.07559", "2312.07559"),
        ("https://api.datacite.org/dois/10.48550/arxiv.2304.05376", "2304.05376"),
        ("10.1038/s41586-021-03819-2", ""),
        ("https://arxiv.org/abs/17060.37621", ""),
        ("1706.037621", ""),
        ("١٧٠٦.٠٣٧٦٢", ""),
        ("", ""),
    ],
)
def test_arxiv_ids_are_found_where_they_stand(text, arxiv_id):
    assert arxiv_id_of(text) == arxiv_id


@given(
    NEW_IDS | OLD_IDS,
    VERSIONS,
    st.sampled_from(["", "https://arxiv.org/abs/", "http://arxiv.org/pdf/", "10.48550/arXiv."]),
)
def test_an_arxiv_id_comes_back_from_every_spelling(arxiv_id, version, before):
    assert arxiv_id_of(f"{before}{arxiv_id}{version}") == arxiv_id


@pytest.mark.parametrize(
    ("text", "doi"),
    [
        ("https://doi.org/10.1038/S41586-021-03819-2", "10.1038/s41586-021-03819-2"),
        ("http://dx.doi.org/10.1023/A:1007154515475", "10.1023/a:1007154515475"),
        ("doi:10.1000.10/123", "10.1000.10/123"),
        ("10.1002/(SICI)1099(199806)11:2<107::AID-B>3.0.CO;2-Y", "10.1002/(sici)1099(199806)11:2<107::aid-b>3.0.co;2-y"),
        ("11.1038/x", ""),
        ("10.1038/with space", ""),
        ("10.1038/", ""),
    ],
)  # fmt: skip
def test_a_doi_is_lower_case_and_without_resolver(text, doi):
    assert doi_of(text) == doi


def test_papers_wanted_are_arxiv_ids_and_dois_each_once():
    wanted = [
        "doi:10.48550/arXiv.1706.03762",
        "arxiv:1706.03762v5",
        "arxiv:1706.03762",
        "doi:10.1/x",
        "doi:10.5555/B",
        "url:https://x.y",
    ]
    assert paper_ids([*wanted, "arxiv:nonsense", "doi:10.5555/b", "", "arxiv:quant-ph/0201082"]) == [
        "arxiv:1706.03762",
        "arxiv:quant-ph/0201082",
        "doi:10.5555/b",
    ]  # fmt: skip


def test_a_title_loses_markup_and_gaps_but_no_words():
    assert clean("p110α (\n            <i>PIK3CA</i>\n            )") == "p110α ( PIK3CA )"
    assert clean('<mml:math xmlns:mml="x"><mml:mi>O</mml:mi></mml:math>(<sub>n</sub>)<br/>') == "O(n)"
    assert clean("Cell &amp;amp; Gene, a &lt; b and c > d, x<y") == "Cell & Gene, a < b and c > d, x<y"
    assert clean("half a pair \ud83d\x00 here") == "half a pair \ufffd here"


def test_no_name_falls_in_two():
    assert listed(["Ada One", "", "St. Jude, Memphis;", "Two; Bo"]) == "Ada One; St. Jude, Memphis; Two, Bo"


def test_a_first_of_a_month_is_no_whole_day():
    assert [whole_day(day) for day in ("2023-06-01", "2023-06-24", "")] == ["", "2023-06-24", ""]


def test_a_message_does_not_tell_a_hundred_ids():
    ids = [f"doi:10.5555/{n}" for n in range(100)]
    assert short(page_name(ids)) == " ".join(ids[:7]) + " …"
    assert short(page_name(ids[:3], 2)) == page_name(ids[:3], 2)
    assert len(short("x" * 1000)) == 102


PAPERS = [f"doi:10.5555/{letter}" for letter in "abcdefg"]
YOUNG, OLD = TODAY - dt.timedelta(days=29), TODAY - dt.timedelta(days=30)


def batched(finished=None, papers=PAPERS, size=3):
    return batches(scope("crossref", finished=finished), papers, size)


def test_papers_are_asked_in_order():
    assert batched() == [PAPERS[:3], PAPERS[3:6], PAPERS[6:]]


def test_a_paper_asked_within_the_month_is_left_out_whatever_page_it_stands_on():
    finished = {page_name(PAPERS[:2], 2): YOUNG, f"alone {PAPERS[4]}": YOUNG, page_name(PAPERS[5:]): OLD}
    assert batched(finished) == [PAPERS[5:], PAPERS[2:4]]


def test_papers_asked_together_are_asked_together_again_and_new_ones_follow():
    finished = {page_name([PAPERS[4], PAPERS[1]]): OLD, page_name([PAPERS[4], PAPERS[1]], 2): OLD}
    assert batched(finished) == [[PAPERS[4], PAPERS[1]], [PAPERS[0], PAPERS[2], PAPERS[3]], [PAPERS[5], PAPERS[6]]]


def test_a_batch_larger_than_the_setting_or_no_longer_wanted_whole_is_made_anew():
    assert batched({page_name(PAPERS[:4]): OLD}) == batched()
    assert batched({page_name(["doi:10.5555/z", PAPERS[0]]): OLD}) == batched()


@given(
    st.permutations(PAPERS), st.integers(1, 8), st.dictionaries(st.sampled_from(PAPERS), st.sampled_from([YOUNG, OLD]))
)
def test_batches_follow_from_the_papers_alone_and_hold_each_due_one_once(papers, size, finished):
    wanted = batched(finished, paper_ids(papers), size)
    assert wanted == batched(finished, paper_ids(sorted(papers)), size)
    assert all(0 < len(batch) <= size and ids_in(page_name(batch, 2)) == batch for batch in wanted)
    assert sorted(paper for batch in wanted for paper in batch) == [
        paper for paper in PAPERS if finished.get(paper) != YOUNG
    ]


class Refusing:
    """A source that refuses batches with a paper it calls bad, and papers alone by a status of their own."""

    def __init__(self, bad=(), alone=(), status=400):
        self.bad, self.statuses, self.status = set(bad), dict(alone), status
        self.good, self.single = [], []

    def many(self, papers):
        if self.bad & set(papers):
            raise FetchError("refused", status=self.status)
        self.good.append(papers)

    def alone(self, paper):
        self.single.append(paper)
        if paper in self.statuses:
            raise FetchError("refused", status=self.statuses[paper])

    def ask(self, *batches, barred=""):
        ask_in_batches(batches, self.many, self.alone, barred)


def test_a_bad_request_is_narrowed_down_to_the_paper_at_fault():
    source = Refusing(bad="c", alone={"c": 404})
    source.ask(list("abcdef"), list("gh"))
    assert (source.good, source.single) == ([["a"], ["b"], list("def"), list("gh")], ["c"])


def test_another_error_is_raised_at_once():
    for source in (Refusing(bad="a", status=401), Refusing(bad="a", status=None), Refusing(bad="a", alone={"a": 400})):
        with pytest.raises(FetchError):
            source.ask(list("ab"))
        assert source.good == []


def test_a_paper_that_would_spoil_a_filter_is_asked_alone():
    source = Refusing()
    source.ask(["a", "b,c", "d"], ["e|f"], barred=",|")
    assert (source.good, source.single) == ([["a", "d"]], ["b,c", "e|f"])


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "page: JSON was expected (Expecting value"),
        (b"<html>", "page: JSON was expected (Expecting value"),
        (b'{"a": \xff}', "page: JSON was expected; byte 6 is not UTF-8"),
        (b'{"a": ' + b"9" * 5000 + b"}", "page: JSON was expected (a number of 5000 digits)"),
        (b'{"a": 1e999}', "page: JSON was expected (the number 1e999 is too large)"),
        (b'{"a": NaN}', "page: JSON was expected (NaN is no JSON number)"),
        (b"[" * 200_000, "page: JSON was expected; it is nested too deeply to be an answer"),
        (b'{"a":' * 200_000, "page: JSON was expected; it is nested too deeply to be an answer"),
    ],
)
def test_what_is_no_json_is_one_sentence(content, reason):
    with pytest.raises(SchemaBreak) as caught:
        read_json(content, "page")
    assert str(caught.value).startswith(reason)


def test_a_field_of_another_type_is_named_with_its_place():
    part = Part({"title": ["x"], "is_open": 1, "year": True, "authors": [{"name": "A"}, None]}, "page results[3]")
    for read, name, reason in [
        (part.text, "title", "page results[3].title: a text was expected; there is a list"),
        (part.flag, "is_open", "page results[3].is_open: true or false was expected; there is a number"),
        (part.number, "year", "page results[3].year: a number was expected; there is true or false"),
        (part.parts, "authors", "page results[3].authors[1]: an object was expected; there is nothing"),
    ]:
        with pytest.raises(SchemaBreak) as caught:
            read(name)
        assert str(caught.value) == reason


def test_a_field_that_is_absent_or_null_reads_as_nothing():
    part = Part({"title": None}, "page")
    assert (part.text("title"), part.number("year"), part.flag("is_open"), part.parts("authors")) == ("", "", "", [])
    assert part.part("source").part("deeper").text("name") == ""


@given(any_json() | st.none())
def test_any_value_reads_as_itself_or_is_one_schema_break(value):
    part = Part({"field": value}, "page")
    for read in (part.text, part.code, part.number, part.flag, part.part, part.parts, part.texts):
        try:
            read("field")
        except SchemaBreak as error:
            assert str(error).startswith("page.field")
