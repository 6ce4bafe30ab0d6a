"""Semantic Scholar: papers by arXiv id and DOI, asked in batches of its graph API, with citation counts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any
from urllib.parse import quote

from pydantic import Field

from flows.papers import (
    PaperSettings,
    Part,
    alone_name,
    arxiv_id_of,
    ask_in_batches,
    batches,
    doi_of,
    ids_in,
    listed,
    page_name,
    paper_ids,
    parts_of,
    read_json,
    short,
    surprise,
    whole_day,
)
from flows.rows import Rows, record_rows
from flows.sources import About, Ask, Scope
from schemas.raw import TABLES


class SemanticScholarSettings(PaperSettings):
    """At most 500 papers a batch; large ones are known to fail, a hundred pass."""

    url: str = "https://api.semanticscholar.org/graph/v1"
    rate: str = "1/1"
    page_size: int = Field(default=100, ge=1, le=500)


SETTINGS = SemanticScholarSettings
ABOUT = About(
    title="Semantic Scholar Academic Graph: papers",
    licence="Semantic Scholar API License Agreement (no open licence)",
    attribution="Semantic Scholar, semanticscholar.org, by the Allen Institute for Artificial Intelligence",
    homepage="https://www.semanticscholar.org/product/api",
    rhythm="weekly",
    terms="The licence of 2023-05-17 is limited, non-exclusive and not to be passed on; name and link Semantic Scholar where "
    "its data are shown. One request a second with a key (AICOMPUTE_SEMANTIC_SCHOLAR_KEY); without one all share a pool.",
    adds=("papers",),
    is_proven=True,
)
DATASETS = {"papers": "semantic_scholar_papers"}
SIGHTINGS = {
    "semantic_scholar_papers": (
        "paper",
        {"paper_link": "semantic_scholar_id"} | {name: name for name in ("arxiv_id", "doi", "title", "year")},
    )
}

_NAMES = TABLES["semantic_scholar_papers"].columns[2:]
_FIELDS = {
    "fields": "externalIds,title,authors.name,authors.affiliations,year,publicationDate,venue,journal,citationCount"
}
_JSON = ("application/json",)
_KNOWN = "Semantic Scholar knows the paper"


def crawl(get: Callable[[Ask], bytes], scope: Scope, dataset: str) -> None:
    """Ask for the papers wanted that are due, in batches; raises FetchError.

    Semantic Scholar refuses a batch of which it knows no paper (400): such papers are asked for one by one.
    """
    wanted = batches(scope, paper_ids(scope.papers), scope.settings.page_size)
    scope.expect(len(wanted))
    ask_in_batches(wanted, partial(_ask_for_many, get, scope), partial(_ask_for_one, get, scope))


def parse(dataset: str, content: bytes, document: str) -> dict[str, Rows]:
    """The papers of one answer: a batch, a page of a search, or a single paper; raises SchemaBreak for anything else.

    An entry of a batch that is null is a paper Semantic Scholar does not know: it is refused with the id asked for.
    """
    answer = read_json(content, short(document))
    if not isinstance(answer, list):
        records = [_record(paper) for paper in _papers(answer, short(document))]
        return {DATASETS[dataset]: record_rows(records, _NAMES)}
    asked = ids_in(document)
    asked = asked if len(asked) == len(answer) else [f"entry {number}" for number, _ in enumerate(answer, 1)]
    records, refused = [], {}
    for number, (paper, entry) in enumerate(zip(asked, answer, strict=True), 1):
        if entry is None:
            refused[number] = (_KNOWN, paper)
            records.append(_asked(paper))
        else:
            records.append(_record(parts_of([entry], f"{short(document)} entry {number}")[0]))
    return {DATASETS[dataset]: record_rows(records, _NAMES, refused)}


def _headers(scope: Scope) -> dict[str, str]:
    key = scope.settings.key.get_secret_value()
    return {"x-api-key": key} if key else {}


def _name_there(paper: str) -> str:
    kind, _, name = paper.partition(":")
    return f"{kind.upper()}:{name}"


def _ask_for_many(get: Callable[[Ask], bytes], scope: Scope, papers: list[str]) -> None:
    url, name = f"{scope.settings.base}/paper/batch", page_name(papers)
    body = {"ids": [_name_there(paper) for paper in papers]}
    answer = read_json(get(Ask(url, name, _FIELDS, body, _JSON, secret_headers=_headers(scope))), short(name))
    if not isinstance(answer, list) or len(answer) != len(papers):
        raise surprise(short(name), f"a list of {len(papers)} papers", answer)


def _ask_for_one(get: Callable[[Ask], bytes], scope: Scope, paper: str) -> None:
    url = f"{scope.settings.base}/paper/{quote(_name_there(paper), safe=':/')}"
    get(Ask(url, alone_name(paper), _FIELDS, accepts=_JSON, secret_headers=_headers(scope)))


def _asked(paper: str) -> dict[str, str]:
    """What is known of a paper that is not there: the id it was asked for by."""
    kind, _, name = paper.partition(":")
    return {"arxiv_id": name} if kind == "arxiv" else {"doi": name} if kind == "doi" else {}


def _papers(answer: Any, document: str) -> list[Part]:
    """The papers of an answer that is an object: `data` of a search, which has none where it found nothing, or itself."""
    if isinstance(answer, Mapping):
        if isinstance(answer.get("data"), list):
            return parts_of(answer["data"], f"{document} data")
        if "paperId" in answer:
            return [Part(answer, document)]
        if answer.get("total") == 0 and "offset" in answer:
            return []
    raise surprise(document, "a list of papers, a page of a search (data) or a paper (paperId)", answer)


def _record(paper: Part) -> dict[str, str]:
    ids, authors = paper.part("externalIds"), paper.parts("authors")
    return {
        "semantic_scholar_id": paper.code("paperId"),
        "arxiv_id": arxiv_id_of(ids.code("ArXiv")) or arxiv_id_of(ids.code("DOI")),
        "doi": doi_of(ids.code("DOI")),
        "title": paper.text("title"),
        "authors": listed(author.text("name") for author in authors),
        "organisations": listed(dict.fromkeys(place for author in authors for place in author.texts("affiliations"))),
        "first_version_on": whole_day(paper.code("publicationDate")),
        "year": paper.number("year"),
        "journal": paper.part("journal").text("name") or paper.text("venue"),
        "citations": paper.number("citationCount"),
    }
