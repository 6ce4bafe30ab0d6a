"""Crossref: works by DOI as their publishers registered them, with dates of publication, citations and retractions."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from urllib.parse import quote

from pydantic import Field

from flows.papers import (
    PaperSettings,
    Part,
    alone_name,
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
)
from flows.rows import Rows, SchemaBreak, record_rows
from flows.sources import About, Ask, Scope
from schemas.raw import TABLES


class CrossrefSettings(PaperSettings):
    """At most 1000 rows a page; fifty DOIs keep addresses short. A key is for Crossref's paying members alone."""

    url: str = "https://api.crossref.org"
    rate: str = "1/1"
    page_size: int = Field(default=50, ge=1, le=1000)


SETTINGS = CrossrefSettings
ABOUT = About(
    title="Crossref: works",
    licence="Bibliographic facts: Crossref claims no rights in them (as CC0 1.0); abstracts, not taken, are the publishers'",
    attribution="Crossref REST API, crossref.org; retractions also from Retraction Watch",
    homepage="https://www.crossref.org/documentation/retrieve-metadata/rest-api/",
    rhythm="daily",
    terms="No key. An address to write to (AICOMPUTE_CONTACT) brings requests into the polite pool. Limits are stated in "
    "x-rate-limit headers and obeyed. Works of other agencies, such as arXiv's own DOIs (DataCite), are not there.",
    adds=("works",),
    is_proven=True,  # lists and single works; an answer to a list of DOIs has the same form and was not at hand
)
DATASETS = {"works": "crossref_works"}
SIGHTINGS = {"crossref_works": ("paper", {name: name for name in ("doi", "title", "year")})}

_NAMES = TABLES["crossref_works"].columns[2:]
_FIELDS = "DOI,title,author,container-title,type,published,issued,is-referenced-by-count,updated-by"
_JSON = ("application/json",)
# The kinds of update that take a work back; corrections and concerns do not.
_TAKEN_BACK = {"retraction", "withdrawal", "removal"}


def crawl(get: Callable[[Ask], bytes], scope: Scope, dataset: str) -> None:
    """Ask for the papers wanted by DOI that are due, in batches; raises FetchError, and SchemaBreak where works are short."""
    dois = [paper for paper in paper_ids(scope.papers) if paper.startswith("doi:")]
    wanted = batches(scope, dois, scope.settings.page_size)
    scope.expect(len(wanted))
    # A comma parts filters and cannot be escaped.
    ask_in_batches(wanted, partial(_ask_for_many, get, scope), partial(_ask_for_one, get, scope), barred=",")


def parse(dataset: str, content: bytes, document: str) -> dict[str, Rows]:
    """The works of one answer, a list or a single work; raises SchemaBreak for anything else."""
    works = _works(read_json(content, short(document)), short(document))[0]
    return {DATASETS[dataset]: record_rows([_record(work) for work in works], _NAMES)}


def _reach(scope: Scope) -> dict[str, dict[str, str]]:
    """Who asks: an address, which is written nowhere, and the key of a member."""
    contact, key = scope.contact.removeprefix("mailto:"), scope.settings.key.get_secret_value()
    return {
        "secrets": {"mailto": contact} if "@" in contact else {},
        "secret_headers": {"Crossref-Plus-API-Token": f"Bearer {key}"} if key else {},
    }


def _ask_for_many(get: Callable[[Ask], bytes], scope: Scope, papers: list[str]) -> None:
    """All pages of one list; raises SchemaBreak where they hold fewer works than Crossref counts."""
    fixed = {"filter": ",".join(papers), "rows": str(len(papers)), "select": _FIELDS}
    cursor, number, had = "*", 1, 0
    while cursor:
        name = page_name(papers, number)
        ask = Ask(f"{scope.settings.base}/works", name, fixed | {"cursor": cursor}, accepts=_JSON, **_reach(scope))
        works, message = _works(read_json(get(ask), short(name)), short(name))
        had += len(works)
        count, cursor = message.number("total-results"), message.code("next-cursor")
        if not count.isdigit():
            raise SchemaBreak(
                f"{short(name)}: a count of works (total-results) was expected; there is {count or 'none'}"
            )
        if had >= int(count):
            return
        if not works:
            break
        number += 1
    raise SchemaBreak(f"{short(name)}: Crossref counts {count} works and its pages hold {had}")


def _ask_for_one(get: Callable[[Ask], bytes], scope: Scope, paper: str) -> None:
    url = f"{scope.settings.base}/works/{quote(paper.removeprefix('doi:'), safe='')}"
    get(Ask(url, alone_name(paper), accepts=_JSON, **_reach(scope)))


def _works(answer: object, document: str) -> tuple[list[Part], Part]:
    """The works of an answer, and the message they came in."""
    if isinstance(answer, dict) and isinstance(answer.get("message"), dict):
        message, kind = Part(answer["message"], document), answer.get("message-type")
        if kind == "work":
            return [message], message
        if kind == "work-list" and isinstance(answer["message"].get("items"), list):
            return parts_of(answer["message"]["items"], f"{document} items"), message
    raise surprise(document, "a work or a list of works (message-type work, work-list)", answer)


def _record(work: Part) -> dict[str, str]:
    authors = work.parts("author")
    places = [place.text("name") for author in authors for place in author.parts("affiliation")]
    year, day = _published(work)
    return {
        "doi": doi_of(work.code("DOI")),
        "title": next(iter(work.texts("title")), ""),
        "authors": listed(map(_name, authors)),
        "organisations": listed(dict.fromkeys(places)),
        "journal_published_on": "" if work.text("type") == "posted-content" else day,
        "year": year,
        "journal": next(iter(work.texts("container-title")), ""),
        "work_kind": work.text("type"),
        "citations": work.number("is-referenced-by-count"),
        "is_retracted": _is_retracted(work),
    }


def _name(author: Part) -> str:
    """A person in natural order, or a group."""
    person = " ".join(filter(None, (author.text("given"), author.text("family"), author.text("suffix"))))
    return person or author.text("name")


def _published(work: Part) -> tuple[str, str]:
    """Year and day of the first publication in print or online; no day where only the month or the year is registered."""
    date = work.part("published") if work.part("published").fields else work.part("issued")
    parts = date.fields.get("date-parts") or [[]]
    numbers = parts[0] if isinstance(parts, list) else None
    if not isinstance(numbers, list) or not all(isinstance(n, int | None) and not isinstance(n, bool) for n in numbers):
        raise SchemaBreak(f"{date.place}.date-parts: [[year, month, day]] was expected; there is something else")
    known = [number for number in numbers if number is not None]
    year = str(known[0]) if known else ""
    return year, "{:04}-{:02}-{:02}".format(*known) if len(known) == 3 else ""


def _is_retracted(work: Part) -> str:
    """Whether a notice takes the work back. A record cut to fields without its type cannot tell, so it says nothing.

    A work with `update-to` is itself the notice and takes another work back.
    """
    if any(update.text("type") in _TAKEN_BACK for update in work.parts("updated-by")):
        return "true"
    return "false" if work.text("type") else ""
