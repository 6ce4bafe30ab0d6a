"""Papers by their ids: which are due, asked in batches that keep their names, and JSON answers read without guessing."""

from __future__ import annotations

import datetime as dt
import html
import json
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import Field

from flows.http import FetchError
from flows.rows import SchemaBreak
from flows.sources import Scope, SourceSettings

ARXIV_DOI = "10.48550/arxiv."
_ARXIV_ID = r"(\d{4}\.\d{4,5}|[a-z][a-z-]*(?:\.[a-z]{2})?/\d{7})(?:v\d+)?"
_ARXIV_BARE = re.compile(_ARXIV_ID, re.IGNORECASE | re.ASCII)
_ARXIV_PLACE = re.compile(
    rf"(?:arxiv\.org/(?:abs|pdf)/|10\.48550/arxiv\.){_ARXIV_ID}(?=$|[/?#.\s])", re.IGNORECASE | re.ASCII
)
_RESOLVER = re.compile(r"^(?:https?://(?:dx\.)?doi\.org/|doi:)", re.IGNORECASE)
_DOI = re.compile(r"10\.[0-9]{4,9}(?:\.[0-9]+)*/\S+")
_TAG = re.compile(
    r"</?(?:(?:mml|jats):[\w.-]+|[biup]|em|strong|su[bp]|scp?|tt|ovl|font|span|br"
    r"|math|mrow|m[ion]|m(?:sub|sup|subsup|text|space|over|under|frac|sqrt|style))(?:\s+[\w:-]+\s*=[^<>]*)?\s*/?>",
    re.IGNORECASE,
)
_GAP = re.compile(r"[\s\x00-\x1f\x7f]+")
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_ALONE = "alone "
_LONGEST_NUMBER = 19
_LONGEST_NAME = 100


class PaperSettings(SourceSettings):
    """Settings of a source that is asked for papers by their ids, and again when what is there is so many days old."""

    refresh_days: int = Field(default=30, ge=0)  # citations grow


def clean(text: str) -> str:
    """The words of a title or name: entities resolved, markup taken away, white space collapsed."""
    plain = _TAG.sub("", html.unescape(html.unescape(text)))
    return _LONE_SURROGATE.sub("\ufffd", _GAP.sub(" ", plain)).strip()


def listed(names: Iterable[str]) -> str:
    """Names joined by '; ', in their order; a semicolon within a name becomes a comma, so that none falls in two."""
    return "; ".join(name for name in (n.replace(";", ",").strip(" ,") for n in names) if name)


def whole_day(date: str) -> str:
    """A date YYYY-MM-DD, or nothing where it is a first of a month: catalogues write 01 for a day they do not know."""
    return "" if date.endswith("-01") else date


def doi_of(text: str) -> str:
    """The DOI in lower case without resolver; empty where the text is none."""
    bare = _RESOLVER.sub("", text.strip()).lower()
    return bare if _DOI.fullmatch(bare) else ""


def arxiv_id_of(text: str) -> str:
    """The arXiv id, without version, of a bare id, an address at arxiv.org or a DOI of arXiv; empty where there is none."""
    found = _ARXIV_BARE.fullmatch(text.strip()) or _ARXIV_PLACE.search(text.strip().removesuffix(".pdf"))
    return found[1] if found else ""


def paper_ids(papers: Iterable[str]) -> list[str]:
    """The papers that arXiv ids and DOIs name, each once, sorted; a DOI of arXiv is its arXiv id, all else left out."""
    found = set()
    for paper in papers:
        kind, _, name = paper.strip().partition(":")
        arxiv_id = arxiv_id_of(name) if kind == "arxiv" or name.lower().startswith(ARXIV_DOI) else ""
        doi = doi_of(name) if kind == "doi" and not arxiv_id else ""
        found |= {f"arxiv:{arxiv_id}"} if arxiv_id else {f"doi:{doi}"} if doi else set()
    return sorted(found)


def page_name(ids: Sequence[str], number: int = 1) -> str:
    """Name of the page that answers for these papers, in this order; the second page of an answer ends in #2."""
    return " ".join(ids) + (f" #{number}" if number > 1 else "")


def alone_name(paper: str) -> str:
    """Name of the page that answers for one paper asked by itself."""
    return _ALONE + paper


def short(name: str) -> str:
    """The name of a page as messages give it: a hundred ids need not all be told."""
    return (
        name if len(name) <= _LONGEST_NAME else f"{name[:_LONGEST_NAME].rpartition(' ')[0] or name[:_LONGEST_NAME]} …"
    )


def ids_in(name: str) -> list[str]:
    """The papers a page was asked for, in the order asked."""
    return [word for word in name.split(" ") if word.startswith(("arxiv:", "doi:"))]


def batches(scope: Scope, papers: Sequence[str], size: int) -> list[list[str]]:
    """The papers to ask for, in batches of at most `size`.

    A paper on a page younger than the setting `refresh_days` is left out. Papers that were asked together are asked
    together again, so that the page keeps its name; the others follow in the order given.
    """
    oldest = scope.today - dt.timedelta(days=scope.settings.refresh_days)
    fresh = {paper for name, day in scope.finished.items() if day > oldest for paper in ids_in(name)}
    due = dict.fromkeys(paper for paper in papers if paper not in fresh)
    found = []
    for name in sorted(scope.finished):
        together = [] if name.startswith(_ALONE) else ids_in(name)
        if 0 < len(together) <= size and all(paper in due for paper in together):
            found.append(together)
            for paper in together:
                del due[paper]
    rest = list(due)
    return found + [rest[start : start + size] for start in range(0, len(rest), size)]


def ask_in_batches(
    wanted: Sequence[list[str]], many: Callable[[list[str]], None], alone: Callable[[str], object], barred: str = ""
) -> None:
    """Ask `many` for each batch, and `alone` for each paper whose id holds a barred character.

    A batch refused as a bad request (400) is halved until the paper at fault is asked alone. A paper its source does not
    know when asked alone (404) is passed over; any other FetchError is raised.
    """
    for batch in wanted:
        together = [paper for paper in batch if not set(barred) & set(paper)]
        if together:
            _ask_together(together, many, alone)
        for paper in batch:
            if set(barred) & set(paper):
                _ask_alone(paper, alone)


def _ask_together(papers: list[str], many: Callable[[list[str]], None], alone: Callable[[str], object]) -> None:
    try:
        many(papers)
    except FetchError as error:
        if error.status != 400:
            raise
        if len(papers) == 1:
            _ask_alone(papers[0], alone)
            return
        half = len(papers) // 2
        _ask_together(papers[:half], many, alone)
        _ask_together(papers[half:], many, alone)


def _ask_alone(paper: str, alone: Callable[[str], object]) -> None:
    try:
        alone(paper)
    except FetchError as error:
        if error.status != 404:
            raise


def read_json(content: bytes, document: str) -> Any:
    """The JSON value of a document; raises SchemaBreak for bytes that are none, numbers beyond all use and deep nesting."""
    try:
        text = content.decode("utf-8-sig")
        return json.loads(text, parse_int=_whole, parse_float=_decimal, parse_constant=_constant)
    except UnicodeDecodeError as error:
        raise SchemaBreak(f"{document}: JSON was expected; byte {error.start} is not UTF-8") from error
    except RecursionError as error:
        raise SchemaBreak(f"{document}: JSON was expected; it is nested too deeply to be an answer") from error
    except ValueError as error:
        start = " ".join(text[:60].split())
        raise SchemaBreak(f"{document}: JSON was expected ({error}); the document begins {start!r}") from error


def surprise(document: str, expected: str, there: Any) -> SchemaBreak:
    """The SchemaBreak of an answer that is not what its source used to send; quotes what the source says is wrong."""
    said = f"says {_said(there)!r}" if _said(there) else f"is {_kind(there)}"
    return SchemaBreak(f"{document}: {expected} was expected; the answer {said}")


@dataclass(frozen=True)
class Part:
    """A JSON object of an answer and its place in it; a field of another type than documented raises SchemaBreak.

    A field that is absent or null reads as nothing: empty text, no parts.
    """

    fields: Mapping[str, Any]
    place: str

    def text(self, name: str) -> str:
        """A text field made for people, cleaned."""
        return clean(self._value(name, str, "a text") or "")

    def code(self, name: str) -> str:
        """A text field made for machines (an id, an address, a cursor), as it stands."""
        return _LONE_SURROGATE.sub("\ufffd", self._value(name, str, "a text") or "").strip()

    def number(self, name: str) -> str:
        """A number field as plain text."""
        value = self._value(name, (int, float), "a number")
        return "" if value is None else str(value)

    def flag(self, name: str) -> str:
        """A true or false field as the words true and false."""
        value = self._value(name, bool, "true or false")
        return "" if value is None else str(value).lower()

    def part(self, name: str) -> Part:
        """An object field; a part without fields where there is none."""
        return Part(self._value(name, dict, "an object") or {}, f"{self.place}.{name}")

    def parts(self, name: str) -> list[Part]:
        """A field that is a list of objects."""
        values = self._value(name, list, "a list") or []
        return parts_of(values, f"{self.place}.{name}")

    def texts(self, name: str) -> list[str]:
        """A field that is a list of texts, each cleaned."""
        values = self._value(name, list, "a list") or []
        entries = {str(number): value for number, value in enumerate(values)}
        found = Part(entries, f"{self.place}.{name}")
        return [found.text(number) for number in entries]

    def _value(self, name: str, kinds: type | tuple[type, ...], expected: str) -> Any:
        value = self.fields.get(name)
        if value is None or (isinstance(value, kinds) and (kinds is bool or not isinstance(value, bool))):
            return value
        raise SchemaBreak(f"{self.place}.{name}: {expected} was expected; there is {_kind(value)}")


def parts_of(values: Sequence[Any], place: str) -> list[Part]:
    """The objects of a list; raises SchemaBreak where one is none."""
    for number, value in enumerate(values):
        if not isinstance(value, dict):
            raise SchemaBreak(f"{place}[{number}]: an object was expected; there is {_kind(value)}")
    return [Part(value, f"{place}[{number}]") for number, value in enumerate(values)]


def _whole(digits: str) -> int:
    if len(digits.lstrip("-")) > _LONGEST_NUMBER:
        raise ValueError(f"a number of {len(digits)} digits")
    return int(digits)


def _decimal(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise ValueError(f"the number {digits[:20]} is too large")
    return value


def _constant(word: str) -> float:
    raise ValueError(f"{word} is no JSON number")


def _said(value: Any) -> str:
    """What an answer that is an error says of itself."""
    said = [value.get(name) for name in ("error", "message")] if isinstance(value, dict) else []
    return ": ".join(clean(word)[:200] for word in said if isinstance(word, str))


def _kind(value: Any) -> str:
    if isinstance(value, dict):
        names = ", ".join(clean(name)[:40] for name in list(value)[:6])
        return f"an object with {names}" if names else "an object without fields"
    kinds = {list: "a list", str: "a text", bool: "true or false", int: "a number", float: "a number"}
    return kinds.get(type(value), "nothing")
