"""arXiv's papers: its Atom API by ids and by day of submission, and OAI-PMH by day of change.

The reader of Atom was run on answers of the live API; that of OAI-PMH only on pages made by hand after the documentation.
"""

from __future__ import annotations

import calendar
import datetime as dt
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from lxml import etree
from pydantic import Field

from flows import papers
from flows.http import FetchError
from flows.rows import Rows, SchemaBreak, record_rows
from flows.sources import About, Ask, Scope, SourceSettings

ABOUT = About(
    title="arXiv: metadata of e-prints",
    licence="CC0 1.0",
    attribution="arXiv.org; thank you to arXiv for use of its open access interoperability",
    homepage="https://info.arxiv.org/help/api/index.html",
    rhythm="daily",
    terms="one request in three seconds over one connection, API and OAI-PMH together; metadata free, e-prints not",
    adds=("by_id", "search", "listing"),
    is_proven=True,
    unproven=("listing",),
)
DATASETS = {"by_id": "arxiv_papers", "search": "arxiv_papers", "listing": "arxiv_papers"}
SIGHTINGS = {"arxiv_papers": ("paper", {"arxiv_id": "arxiv_id", "doi": "doi", "title": "title"})}

_NAMES = (
    "arxiv_id", "title", "authors", "organisations", "first_version_on", "last_version_on", "doi", "journal_reference",
    "primary_category", "categories", "licence", "abstract",
)  # fmt: skip
_XML = ("application/atom+xml", "application/xml", "text/xml")
_ATOM, _ARXIV, _OAI = (
    "{http://www.w3.org/2005/Atom}",
    "{http://arxiv.org/schemas/atom}",
    "{http://www.openarchives.org/OAI/2.0/}",
)
_OPENSEARCH, _META = "{http://a9.com/-/spec/opensearch/1.1/}", "{http://arxiv.org/OAI/arXiv/}"
_ATOM_TEXTS = {
    f"{_ATOM}title": "title", f"{_ATOM}summary": "abstract", f"{_ATOM}published": "first_version_on",
    f"{_ATOM}updated": "last_version_on", f"{_ARXIV}doi": "doi", f"{_ARXIV}journal_ref": "journal_reference",
}  # fmt: skip
_OAI_TEXTS = {
    f"{_META}id": "arxiv_id", f"{_META}title": "title", f"{_META}abstract": "abstract", f"{_META}doi": "doi",
    f"{_META}created": "first_version_on", f"{_META}updated": "last_version_on", f"{_META}license": "licence",
    f"{_META}journal-ref": "journal_reference", f"{_META}categories": "categories",
}  # fmt: skip
_PLACE = re.compile(r"https?://arxiv\.org/abs/(\S+?)(?:v\d+)?")
_ERROR_PLACE = "/api/errors#"
_CATEGORY = re.compile(r"[a-z]+(?:-[a-z]+)*(?:\.[A-Za-z]+(?:-[a-z]+)*)?")
_BETWEEN_DOIS = re.compile(r"[,;]?\s+|[,;](?=10\.\d)|[,;]$")  # a DOI may hold a semicolon
# Archives of the group physics; every other archive is a group of the same name.
_PHYSICS = {
    "astro-ph", "cond-mat", "gr-qc", "hep-ex", "hep-lat", "hep-ph", "hep-th", "math-ph", "nlin", "nucl-ex", "nucl-th",
    "physics", "quant-ph",
}  # fmt: skip
_WINDOW = re.compile(r"(\S+) (\d{4}-\d\d-\d\d)\.\.(\d{4}-\d\d-\d\d) #1")
_FIRST_DATESTAMP = dt.date(2005, 9, 16)  # OAI-PMH refuses an earlier `from`
# Days of the last harvest asked for again: papers are found by day of submission only once they are announced.
_OVERLAP_DAYS = {"search": 7, "listing": 1}
_MOST_IN_A_QUERY = 30_000
_MOST_IDS_IN_A_QUERY = 200  # an id_list travels in the address
_TRIES = 3
_MOST_ELEMENTS = 200_000  # in one record; the longest author lists have a few thousand names


class Settings(SourceSettings):
    """Where arXiv's interfaces are and which part of arXiv is gathered.

    `categories` since `since` are gathered by OAI-PMH (`list_by` "oai"), by the API ("api"), or not at all ("none"); a
    paper asked for by its id is asked for again when what is there is `refresh_days` old.
    """

    url: str = "https://export.arxiv.org/api/query"
    oai_url: str = "https://oaipmh.arxiv.org/oai"
    page_size: int = Field(default=200, ge=1, le=2000)
    categories: str = Field(default="cs.LG,cs.CL,cs.CV", pattern=r"^\s*[A-Za-z.-]+(\s*,\s*[A-Za-z.-]+)*\s*$")
    since: dt.date = dt.date(2026, 1, 1)
    list_by: str = Field(default="oai", pattern="^(oai|api|none)$")
    refresh_days: int = Field(default=30, ge=1)


SETTINGS = Settings


@dataclass
class _Page:
    """What one answer holds: records, those the source does not stand behind, and how the list goes on."""

    records: list[dict[str, str | None]] = field(default_factory=list)
    refused: dict[int, tuple[str, str]] = field(default_factory=dict)
    total: int | None = None
    token: str = ""
    error: str = ""


def parse(dataset: str, content: bytes, document: str) -> dict[str, Rows]:
    """The papers of one answer of the API or of OAI-PMH; raises SchemaBreak where it is neither."""
    page = _read_oai(content, document) if dataset == "listing" else _read_atom(content, document)
    return {DATASETS[dataset]: record_rows(page.records, _NAMES, page.refused)}


def crawl(get: Callable[[Ask], bytes], scope: Scope, dataset: str) -> None:
    """Ask for the papers wanted by id, or for the categories' papers of all days that are not there yet.

    Raises FetchError where arXiv cannot be had, SchemaBreak where an answer is not what arXiv used to send.
    """
    if dataset == "by_id":
        _crawl_ids(get, scope)
    elif dataset == "search" and scope.settings.list_by == "api":
        _crawl_search(get, scope)
    elif dataset == "listing" and scope.settings.list_by == "oai":
        _crawl_listing(get, scope)


def _crawl_ids(get: Callable[[Ask], bytes], scope: Scope) -> None:
    """Batches of ids; a batch with an id arXiv refuses is halved until that id is alone, and it is passed over."""
    wanted = [paper for paper in papers.paper_ids(scope.papers) if _is_well_formed(paper)]
    size = min(scope.settings.page_size, _MOST_IDS_IN_A_QUERY)
    due = papers.batches(scope, wanted, size)
    scope.expect(len(due))

    def many(batch: list[str]) -> None:
        ids = [paper.removeprefix("arxiv:") for paper in batch]
        params = {"id_list": ",".join(ids), "start": "0", "max_results": str(len(ids))}
        page = _tried(get, scope, papers.page_name(batch), params, lambda page: len(page.records) == page.total)
        if page.refused:
            raise FetchError(f"{ids} holds an id that arXiv refuses", status=400)

    papers.ask_in_batches(due, many, alone=lambda paper: None)


def _is_well_formed(paper: str) -> bool:
    found = re.fullmatch(r"arxiv:(?:[^/]+/)?\d\d(\d\d)(?:\.\d{4,5}|\d{3})", paper)
    return found is not None and 1 <= int(found[1]) <= 12


def _crawl_search(get: Callable[[Ask], bytes], scope: Scope) -> None:
    """Windows of days, page after page; a window with more papers than a query may have is cut in two."""
    windows, pages = _windows(scope, "search"), []
    while windows:
        category, first, last = windows.pop(0)
        found, total, number = 0, 1, 0
        while found < total:
            number += 1
            page = _search(get, scope, f"{category} {first}..{last} #{number}", _query(category, first, last), found)
            total = page.total or 0
            found += len(page.records)
            if number > 1:
                continue
            if total > _MOST_IN_A_QUERY and first < last:
                middle = first + (last - first) // 2
                windows[:0] = [(category, first, middle), (category, middle + dt.timedelta(days=1), last)]
                total = 0
            pages.append(max(1, -(-total // scope.settings.page_size)))
            _foresee(scope, pages, len(windows))


def _foresee(scope: Scope, pages: list[int], left: int) -> None:
    """Pages there will be: those of the windows counted, and as many for each window left as these have in the mean."""
    scope.expect(sum(pages) + left * -(-sum(pages) // len(pages)))


def _query(category: str, first: dt.date, last: dt.date) -> str:
    subject = f"cat:{category}" if "." in category else f"(cat:{category} OR cat:{category}.*)"
    return f"{subject} AND submittedDate:[{first:%Y%m%d}0000 TO {last:%Y%m%d}2359]"


def _search(get: Callable[[Ask], bytes], scope: Scope, name: str, query: str, start: int) -> _Page:
    params = {
        "search_query": query,
        "sortBy": "submittedDate",
        "sortOrder": "ascending",
        "start": str(start),
        "max_results": str(scope.settings.page_size),
    }
    page = _tried(get, scope, name, params, lambda page: bool(page.records) or start >= (page.total or 0))
    if page.refused:
        raise SchemaBreak(f"{name}: papers were expected; the answer says {page.refused[1][1]}")
    return page


def _tried(
    get: Callable[[Ask], bytes], scope: Scope, name: str, params: Mapping[str, str], is_whole: Callable[[_Page], bool]
) -> _Page:
    """The API now and then leaves papers out that it counts; then it is asked again, under a name of its own."""
    for number in range(1, _TRIES + 1):
        tried = name if number == 1 else f"{name} try {number}"
        page = _read_atom(get(Ask(scope.settings.url, page=tried, params=params, accepts=_XML)), tried)
        if is_whole(page):
            return page
    raise SchemaBreak(f"{name}: {page.total} papers were counted and {len(page.records)} sent, {_TRIES} times")


def _crawl_listing(get: Callable[[Ask], bytes], scope: Scope) -> None:
    """Window after window; OAI-PMH does not say how long a list is until it ends."""
    windows, pages = _windows(scope, "listing"), []
    for number, (category, first, last) in enumerate(windows, 1):
        pages.append(_list_window(get, scope, category, first, last))
        _foresee(scope, pages, len(windows) - number)


def _list_window(get: Callable[[Ask], bytes], scope: Scope, category: str, first: dt.date, last: dt.date) -> int:
    """All pages of one window, and how many; where the token dies the window is begun anew, under page names of its own.

    The records of the pass that broke off stay valid: each is what arXiv held on that day.
    """
    whole = {"metadataPrefix": "arXiv", "set": _set_of(category), "from": str(first), "until": str(last)}
    asked = 0
    for attempt in range(1, _TRIES + 1):
        name = f"{category} {first}..{last}" + (f" pass {attempt}" if attempt > 1 else "")
        params, seen, number = whole, {""}, 0
        while True:
            number, asked = number + 1, asked + 1
            ask = Ask(scope.settings.oai_url, f"{name} #{number}", {"verb": "ListRecords", **params}, accepts=_XML)
            page = _read_oai(get(ask), ask.page)
            if page.token in seen:
                break
            seen.add(page.token)
            params = {"resumptionToken": page.token}
        if page.token:
            raise SchemaBreak(f"{ask.page}: a new resumption token was expected; {page.token[:80]!r} was there before")
        if page.error != "badResumptionToken":
            return asked
    raise SchemaBreak(f"{name}: resumption tokens that live were expected; they died in {_TRIES} passes")


def _set_of(category: str) -> str:
    """The OAI set of a category (cs.LG: cs:cs:LG) or of a whole archive (hep-th: physics:hep-th)."""
    archive, _, subject = category.partition(".")
    group = "physics" if archive in _PHYSICS else archive
    return f"{group}:{archive}:{subject}" if subject else f"{group}:{archive}"


def _windows(scope: Scope, dataset: str) -> list[tuple[str, dt.date, dt.date]]:
    """Category, first and last day of what is to be asked for, cut by month, until yesterday.

    A day is there once a window with it was received after the window's last day.
    """
    since, until = scope.since or scope.settings.since, scope.today - dt.timedelta(days=1)
    since = max(since, _FIRST_DATESTAMP) if dataset == "listing" else since
    overlap = dt.timedelta(days=_OVERLAP_DAYS[dataset])
    found = []
    for category in dict.fromkeys(word.strip() for word in scope.settings.categories.split(",")):
        there = _days_there(category, scope.finished)
        day, begins = since, None
        while day <= until:
            if day not in there and begins is None:
                begins = max(since, day - overlap) if day - dt.timedelta(days=1) in there else day
            following = day + dt.timedelta(days=1)
            if begins is not None and (following in there or following > until):
                found += [(category, *month) for month in _months(begins, day)]
                begins = None
            day = following
    return found


def _days_there(category: str, finished: Mapping[str, dt.date]) -> set[dt.date]:
    there: set[dt.date] = set()
    for name, received in finished.items():
        window = _WINDOW.fullmatch(name)
        if window is not None and window[1] == category:
            first, last = dt.date.fromisoformat(window[2]), dt.date.fromisoformat(window[3])
            if received > last:
                there |= {first + dt.timedelta(days=n) for n in range((last - first).days + 1)}
    return there


def _months(first: dt.date, last: dt.date) -> Iterator[tuple[dt.date, dt.date]]:
    while first <= last:
        end = min(last, first.replace(day=calendar.monthrange(first.year, first.month)[1]))
        yield first, end
        first = end + dt.timedelta(days=1)


def _read_atom(content: bytes, document: str) -> _Page:
    """The entries of a feed; an entry that is an error of the API is refused."""
    page = _Page()
    for element in _elements(content, document, f"{_ATOM}feed", (f"{_ATOM}entry", f"{_OPENSEARCH}totalResults")):
        if element.tag == f"{_ATOM}entry":
            place, record = _entry(element)
            page.records.append(record)
            if _ERROR_PLACE in place:
                said = record["abstract"] or place
                page.refused[len(page.records)] = ("the entry is a paper, not an error of the API", said)
            elif not record["first_version_on"]:
                page.refused[len(page.records)] = ("first_version_on is filled", "")
        else:
            page.total = _count(element.text)
    if page.total is None:
        raise SchemaBreak(f"{document}: a count of results (opensearch:totalResults) was expected; the feed has none")
    return page


def _entry(entry: etree._Element) -> tuple[str, dict[str, str | None]]:
    """The entry's id as it stands, and the paper."""
    record: dict[str, str | None] = dict.fromkeys(_NAMES)
    place, authors, affiliations, categories = "", [], [], []
    for child in entry:
        tag = child.tag
        if tag == f"{_ATOM}author":
            authors.append(_words(child.findtext(f"{_ATOM}name")))
            affiliations += [_words(part.text) for part in child.iterfind(f"{_ARXIV}affiliation")]
        elif tag in _ATOM_TEXTS:
            record[_ATOM_TEXTS[tag]] = _text(child)
        elif tag == f"{_ATOM}category":
            categories.append(child.get("term", ""))
        elif tag == f"{_ARXIV}primary_category":
            record["primary_category"] = child.get("term")
        elif tag == f"{_ATOM}id":
            place = _words(child.text)
    named = _PLACE.fullmatch(place)
    record["arxiv_id"] = papers.arxiv_id_of(named[1]) if named else None
    record["first_version_on"] = _day(record["first_version_on"])
    record["last_version_on"] = _day(record["last_version_on"])
    # Classes of the ACM and MSC stand among the categories, under the same scheme.
    _gather(record, authors, affiliations, [term for term in categories if _CATEGORY.fullmatch(term)])
    return place, record


def _read_oai(content: bytes, document: str) -> _Page:
    """The records of a ListRecords answer; a deleted one is refused. No records and a dead token are empty pages."""
    page, is_list = _Page(), False
    wanted = tuple(f"{_OAI}{name}" for name in ("record", "resumptionToken", "error", "ListRecords"))
    for element in _elements(content, document, f"{_OAI}OAI-PMH", wanted):
        if element.tag == wanted[0]:
            header = element.find(f"{_OAI}header")
            page.records.append(_record(element, header, document))
            if header is not None and header.get("status") == "deleted":
                page.refused[len(page.records)] = ("the record is not deleted at its source", "deleted")
        elif element.tag == wanted[1]:
            page.token = _words(element.text)
        elif element.tag == wanted[2]:
            page.error = element.get("code", "")
            if page.error not in ("noRecordsMatch", "badResumptionToken"):
                said = f"{page.error}: {_words(element.text)}"[:200]
                raise SchemaBreak(f"{document}: a list of records was expected; the answer is the error {said}")
        else:
            is_list = True
    if not is_list and not page.error:
        raise SchemaBreak(f"{document}: a list of records (ListRecords) was expected; the answer has none")
    return page


def _record(element: etree._Element, header: etree._Element | None, document: str) -> dict[str, str | None]:
    record: dict[str, str | None] = dict.fromkeys(_NAMES)
    authors, affiliations = [], []
    metadata = element.find(f"{_OAI}metadata")
    paper = None if metadata is None else metadata.find(f"{_META}arXiv")
    if metadata is not None and paper is None:
        there = next((_local(child.tag) for child in metadata), "nothing")
        raise SchemaBreak(f"{document}: metadata in the format arXiv was expected; there is {there}")
    for child in () if paper is None else paper:
        if child.tag in _OAI_TEXTS:
            record[_OAI_TEXTS[child.tag]] = _text(child)
        elif child.tag == f"{_META}authors":
            for author in child.iterfind(f"{_META}author"):
                parts = [author.findtext(f"{_META}{part}") for part in ("forenames", "keyname", "suffix")]
                authors.append(_words(" ".join(part for part in parts if part)))
                affiliations += [_words(part.text) for part in author.iterfind(f"{_META}affiliation")]
    name = record["arxiv_id"] or ("" if header is None else _words(header.findtext(f"{_OAI}identifier")))
    record["arxiv_id"] = papers.arxiv_id_of(name.rpartition(":")[2])
    categories = (record["categories"] or "").split()
    record["primary_category"] = categories[0] if categories else None
    _set_version_days(record)
    _gather(record, authors, affiliations, categories)
    return record


def _set_version_days(record: dict[str, str | None]) -> None:
    """`created` is the first version's day only if it is not after the month in the id.

    arXiv's server writes the day of the newest version there, and gives ids in the month of first announcement, which
    is never before that of the first submission; so a later `created` is the newest version's day, and the first one's
    is not said.
    """
    created, digits = record["first_version_on"] or "", (record["arxiv_id"] or "").rpartition("/")[2]
    if created and digits:
        century = "19" if digits[:2] > "90" else "20"
        if created[:7] > f"{century}{digits[:2]}-{digits[2:4]}":
            record["first_version_on"], record["last_version_on"] = None, created


def _gather(
    record: dict[str, str | None], authors: Iterable[str], affiliations: Iterable[str], categories: Iterable[str]
) -> None:
    """Fill in what both formats hold in several elements."""
    record["authors"] = papers.listed(authors)
    record["organisations"] = papers.listed(dict.fromkeys(affiliations))
    record["categories"] = "; ".join(dict.fromkeys(categories))
    words = _BETWEEN_DOIS.split(record["doi"] or "")
    record["doi"] = next((doi for doi in map(papers.doi_of, words) if doi), None)


def _elements(content: bytes, document: str, root: str, wanted: tuple[str, ...]) -> Iterator[etree._Element]:
    """The elements wanted, each when it ends and only until the next; raises SchemaBreak for what is no such document.

    Nothing is read but the bytes: no DTD, no entities, no files, no network. Elements are let go as they are read, and
    no record may have so many that memory would not be bounded.
    """
    expected = f"{document}: XML with the root {_local(root)} was expected"
    count = 0
    try:
        reading = etree.iterparse(
            io.BytesIO(content), events=("end",), resolve_entities=False, no_network=True, load_dtd=False,
            huge_tree=False, remove_comments=True, remove_pis=True, collect_ids=False,
        )  # fmt: skip
        for _, element in reading:
            if count == 0:
                _check_root(element, root, expected)
            count += 1
            if count % _MOST_ELEMENTS == 0:
                raise SchemaBreak(f"{expected}; it has {_MOST_ELEMENTS} elements and more in one record")
            if element.tag in wanted:
                yield element
                count = 1
                element.clear()
                parent = element.getparent()
                while parent is not None and element.getprevious() is not None:
                    del parent[0]
        if count == 0:
            raise SchemaBreak(f"{expected}; it is empty")
    except (etree.LxmlError, ValueError, LookupError) as error:
        said = _words(getattr(error, "msg", "") or str(error))[:120]
        raise SchemaBreak(f"{expected}; it is not whole ({said})") from error


def _check_root(element: etree._Element, root: str, expected: str) -> None:
    tree = element.getroottree()
    if tree.docinfo.internalDTD is not None or tree.docinfo.doctype:
        raise SchemaBreak(f"{expected}; it declares a document type, which no answer of arXiv does")
    if tree.getroot().tag != root:
        raise SchemaBreak(f"{expected}; the root is {_local(tree.getroot().tag)}")


def _local(tag: object) -> str:
    return str(tag).rpartition("}")[2][:40]


def _words(text: str | None) -> str:
    return " ".join((text or "").split())


def _text(element: etree._Element) -> str:
    """All words of an element, white space collapsed."""
    return _words(element.text) if len(element) == 0 else _words("".join(element.itertext()))


def _count(text: str | None) -> int | None:
    digits = _words(text)
    return int(digits) if re.fullmatch(r"[0-9]{1,9}", digits) else None


def _day(text: str | None) -> str | None:
    """The day (UTC) of a moment; what is no moment stays as it stands."""
    try:
        moment = dt.datetime.fromisoformat(text or "")
        return (moment.astimezone(dt.UTC) if moment.tzinfo else moment).date().isoformat()
    except (ValueError, OverflowError):
        return text
