"""One crawl of one dataset: page after page through the client into the archive, going on where the last one stopped."""

from __future__ import annotations

import datetime as dt
import json
import time
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from dataclasses import dataclass, field

from flows import sources
from flows.http import Client, FetchError
from flows.reading import parse_document
from flows.rows import SchemaBreak
from flows.settings import Settings
from flows.sources import Ask, Scope
from warehouse.archive import Archive
from warehouse.journal import Crawl, Journal, Page

# A page the source does not have; what else goes wrong ends the crawl, or the source asks in another way.
GONE = (404, 410)


@dataclass
class Progress:
    """How far a crawl is: pages it has, how many there will be (0: nobody knows), how many were asked for just now."""

    source: str
    dataset: str
    pages: int = 0
    expected: int = 0
    asked: int = 0
    began: float = field(default_factory=time.monotonic)

    @property
    def seconds_left(self) -> float | None:
        """What the pages to come will take at the pace of those asked for so far; None where that is not known."""
        if not self.asked or self.expected < self.pages:
            return None
        return (self.expected - self.pages) * (time.monotonic() - self.began) / self.asked


Told = Callable[[Progress], None]
# Whom to tell of each page where nobody is named: the command line sets it.
listener: ContextVar[Told] = ContextVar("listener", default=lambda progress: None)


def gather(
    settings: Settings,
    archive: Archive,
    name: str,
    dataset: str,
    since: dt.date | None = None,
    papers: Iterable[str] = (),
    told: Told | None = None,
) -> Crawl:
    """Bring a dataset of a live source up to date in the archive; the crawl is done when every page could be read.

    A crawl that was cut off goes on; if more is wanted now than it was begun for, one more follows it. Raises FetchError
    where the source cannot be had (what is there stays, and the crawl goes on next time), SchemaBreak where a page is
    not what the source used to send (the crawl is given up, and none of its pages counts).
    """
    journal, told = Journal(archive.folder), told or listener.get()
    # The papers are kept once by hash: thousands of ids need not stand in the journal again every day.
    listed = archive.keep(json.dumps(sorted(papers)).encode())
    wanted = {"since": since.isoformat() if since else None, "papers": listed}
    crawl = journal.unfinished(name, dataset)
    if crawl is not None:
        _walk(settings, archive, journal, crawl, told)
        is_of_today = crawl.began_at.date() == dt.datetime.now(dt.UTC).date()
        if is_of_today and (crawl.scope == wanted or dataset not in sources.module(name).ABOUT.adds):
            return crawl
    crawl = journal.begin(name, dataset, wanted)
    _walk(settings, archive, journal, crawl, told)
    return crawl


def _walk(settings: Settings, archive: Archive, journal: Journal, crawl: Crawl, told: Told) -> None:
    module, own = sources.module(crawl.source), sources.settings_of(crawl.source)
    progress = Progress(crawl.source, crawl.dataset)
    scope = Scope(
        settings=own,
        papers=tuple(json.loads(archive.read(crawl.scope["papers"]))),
        since=dt.date.fromisoformat(crawl.scope["since"]) if crawl.scope["since"] else None,
        finished=journal.finished(crawl.source, crawl.dataset),
        today=crawl.began_at.date(),
        contact=settings.contact,
        expect=lambda pages: setattr(progress, "expected", pages),
    )
    try:
        with Client(settings, crawl.source, own.rate, module.ABOUT.asks_robots) as client:
            module.crawl(_getter(client, archive, journal, crawl, progress, told), scope, crawl.dataset)
        _read_all(settings, archive, crawl)
    except FetchError as error:
        journal.end(crawl, "failed", str(error))
        raise
    except SchemaBreak as error:
        journal.end(crawl, "broken", str(error))
        raise
    journal.end(crawl, "done")


def _getter(
    client: Client, archive: Archive, journal: Journal, crawl: Crawl, progress: Progress, told: Told
) -> Callable[[Ask], bytes]:
    """What a source's crawl calls for each page: the archived bytes if this crawl has the page, else the source's answer."""

    def get(ask: Ask) -> bytes:
        progress.pages += 1
        there = crawl.pages.get(ask.page)
        if there is not None:
            return archive.read(there.document_id)
        progress.asked += 1
        try:
            answer = client.get(ask)
        except FetchError as error:
            if error.status in GONE:
                journal.miss(crawl, ask.page, str(error))
            raise
        received = {"url": answer.url, "status": answer.status}
        at, headers = answer.received_at, dict(answer.headers)
        stated = {"received_at": at.isoformat(), **received, "headers": headers}
        document = archive.put(crawl.source, crawl.dataset, ask.page, answer.body, received=stated)
        journal.page(crawl, ask.page, Page(document.document_id, at, answer.is_unchanged), **received)
        told(progress)
        return answer.body

    return get


def _read_all(settings: Settings, archive: Archive, crawl: Crawl) -> None:
    """Every page of a crawl is read before any of it counts; raises SchemaBreak naming the first that is not right."""
    ids = {page.document_id for page in crawl.pages.values()}
    for document in archive.documents(crawl.source, crawl.dataset):
        if document.document_id in ids:
            parse_document(archive, settings.cache_dir, document)
