"""OpenAlex: works found by DOI, an arXiv paper by the DOI arXiv gives it, with organisations, countries and citations."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from urllib.parse import quote

from pydantic import Field

from flows.papers import (
    ARXIV_DOI,
    PaperSettings,
    Part,
    alone_name,
    arxiv_id_of,
    ask_in_batches,
    batches,
    doi_of,
    listed,
    page_name,
    paper_ids,
    parts_of,
    read_json,
    short,
    surprise,
    whole_day,
)
from flows.rows import Rows, SchemaBreak, record_rows
from flows.sources import About, Ask, Scope
from schemas.raw import TABLES


class OpenAlexSettings(PaperSettings):
    """At most 100 works a page and 100 DOIs a filter; fifty keep addresses short. The key is free and asked for."""

    url: str = "https://api.openalex.org"
    rate: str = "5/1"
    page_size: int = Field(default=50, ge=1, le=100)


SETTINGS = OpenAlexSettings
ABOUT = About(
    title="OpenAlex: works",
    licence="CC0 1.0",
    attribution="OpenAlex, openalex.org, CC0 1.0",
    homepage="https://openalex.org",
    rhythm="daily",
    terms="A free key (AICOMPUTE_OPENALEX_KEY) is asked for since 2026-02-13: a dollar of use a day, a list request costs "
    "$0.0001, one work nothing; at most 100 requests a second. Without a key the allowance is for tests alone.",
    adds=("works",),
    is_proven=True,  # lists and single works; an answer to a list of DOIs has the same form and was not at hand
)
DATASETS = {"works": "openalex_works"}
SIGHTINGS = {
    "openalex_works": (
        "paper",
        {"paper_link": "openalex_id"} | {name: name for name in ("arxiv_id", "doi", "title", "year")},
    )
}

_NAMES = TABLES["openalex_works"].columns[2:]
_FIELDS = (
    "id,doi,ids,title,authorships,publication_date,publication_year,type,cited_by_count,is_retracted,"
    "primary_location,locations"
)
_JSON = ("application/json",)
_PER_PAGE = 100
_WORK_ID = re.compile(r"(?:https://openalex\.org/)?(W[0-9]+)")


def crawl(get: Callable[[Ask], bytes], scope: Scope, dataset: str) -> None:
    """Ask for the papers wanted that are due, by DOI, in batches; raises FetchError, and SchemaBreak where works are short."""
    wanted = batches(scope, paper_ids(scope.papers), scope.settings.page_size)
    scope.expect(len(wanted))
    # A comma or a bar parts the values of a filter and cannot be escaped.
    ask_in_batches(wanted, partial(_ask_for_many, get, scope), partial(_ask_for_one, get, scope), barred=",|")


def parse(dataset: str, content: bytes, document: str) -> dict[str, Rows]:
    """The works of one answer, a list or a single work.

    Raises SchemaBreak for anything else. Of a list OpenAlex names the first hundred authors of a work.
    """
    works = _works(read_json(content, short(document)), short(document))
    return {DATASETS[dataset]: record_rows([_record(work) for work in works], _NAMES)}


def _doi(paper: str) -> str:
    kind, _, name = paper.partition(":")
    return f"{ARXIV_DOI}{name.lower()}" if kind == "arxiv" else name


def _secrets(scope: Scope) -> dict[str, str]:
    key = scope.settings.key.get_secret_value()
    return {"api_key": key} if key else {}


def _ask_for_many(get: Callable[[Ask], bytes], scope: Scope, papers: list[str]) -> None:
    """All pages of one list; without a key OpenAlex pages by number only."""
    fixed = {"filter": "doi:" + "|".join(map(_doi, papers)), "per_page": str(_PER_PAGE), "select": _FIELDS}
    secrets = _secrets(scope)
    turn: dict[str, str] | None = {"cursor": "*"} if secrets else {"page": "1"}
    number, had = 1, 0
    while turn is not None:
        name = page_name(papers, number)
        ask = Ask(f"{scope.settings.base}/works", name, fixed | turn, accepts=_JSON, secrets=secrets)
        answer = read_json(get(ask), short(name))
        works = _works(answer, short(name))
        had += len(works)
        number += 1
        turn = _next_turn(answer, short(name), turn, number, had, bool(works))


def _next_turn(
    answer: dict, name: str, turn: dict[str, str], number: int, had: int, more: bool
) -> dict[str, str] | None:
    """What names the next page; None where all works counted are there. Raises SchemaBreak where the list ends too soon."""
    meta = Part(answer, name).part("meta")
    count, cursor = meta.number("count"), meta.code("next_cursor")
    if not count.isdigit():
        raise surprise(name, "a count of works (meta.count)", answer)
    if had >= int(count):
        return None
    if not more or ("cursor" in turn and not cursor):
        raise SchemaBreak(f"{name}: OpenAlex counts {count} works and its pages hold {had}")
    return {"cursor": cursor} if "cursor" in turn else {"page": str(number)}


def _ask_for_one(get: Callable[[Ask], bytes], scope: Scope, paper: str) -> None:
    url = f"{scope.settings.base}/works/https://doi.org/{quote(_doi(paper), safe='')}"
    get(Ask(url, alone_name(paper), {"select": _FIELDS}, accepts=_JSON, secrets=_secrets(scope)))


def _works(answer: object, document: str) -> list[Part]:
    """The works of an answer: `results` beside `meta`, or the answer itself."""
    if isinstance(answer, dict):
        results = answer.get("results")
        if isinstance(results, list) and isinstance(answer.get("meta"), dict):
            return parts_of(results, f"{document} results")
        doi = answer.get("doi")
        if "id" in answer or (isinstance(doi, str) and doi.startswith("https://doi.org/")):
            return [Part(answer, document)]
    raise surprise(document, "a list of works (meta, results) or a work (id)", answer)


def _record(work: Part) -> dict[str, str]:
    authorships = work.parts("authorships")
    institutions = [place for person in authorships for place in person.parts("institutions")]
    stated = [land for person in authorships for land in person.texts("countries")]
    countries = stated or [place.code("country_code") for place in institutions]
    return {
        "openalex_id": _work_id(work),
        "doi": doi_of(work.code("doi")),
        "arxiv_id": _arxiv_id(work),
        "title": work.text("title"),
        "authors": listed(p.part("author").text("display_name") or p.text("raw_author_name") for p in authorships),
        "organisations": listed(dict.fromkeys(place.text("display_name") for place in institutions)),
        "countries": listed(dict.fromkeys(countries)),
        "journal_published_on": _published_on(work),
        "year": work.number("publication_year"),
        "journal": work.part("primary_location").part("source").text("display_name"),
        "work_kind": work.text("type"),
        "citations": work.number("cited_by_count"),
        "is_retracted": work.flag("is_retracted"),
    }


def _work_id(work: Part) -> str:
    stated = work.code("id")
    found = _WORK_ID.fullmatch(stated)
    if stated and not found:
        raise SchemaBreak(f"{work.place}.id: the id of a work (W…) was expected; there is {stated[:60]!r}")
    return found[1] if found else ""


def _arxiv_id(work: Part) -> str:
    """From the work's DOI, else its ids, else its places, where these agree."""
    stated = arxiv_id_of(work.code("doi")) or arxiv_id_of(work.part("ids").code("arxiv"))
    places = {arxiv_id_of(place.code("landing_page_url")) for place in work.parts("locations")} - {""}
    return stated or (places.pop() if len(places) == 1 else "")


def _published_on(work: Part) -> str:
    """The day of formal publication; a preprint has none."""
    return "" if work.text("type") == "preprint" else whole_day(work.code("publication_date"))
