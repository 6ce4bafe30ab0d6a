"""The journal of crawls: which pages each one has, on disk as soon as it has them, and whether it came to its end."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from warehouse.archive import append_line, read_lines

# A crawl that rested longer is begun anew: cursors and tokens die, and its first pages are old.
RESUME_DAYS = 7


@dataclass(frozen=True)
class Page:
    """One page of a crawl: the document it was, when it was received (UTC), and whether the server said 304."""

    document_id: str
    received_at: dt.datetime
    is_unchanged: bool = False


@dataclass
class Crawl:
    """One crawl of a dataset: what it was to gather, its pages by name in order, and how it ended.

    `missing` maps the name of a page that could not be had to the reason.
    `ended` is "done", "failed" (the source could not be reached; the crawl goes on next time), "broken" (the source
    sent what it used not to send) or "" (still running, or killed).
    """

    crawl_id: str
    source: str
    dataset: str
    began_at: dt.datetime
    scope: dict
    pages: dict[str, Page] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)
    ended: str = ""
    ended_at: dt.datetime | None = None
    error: str = ""


class Journal:
    """`crawls.jsonl` beside the archive's index: one line when a crawl begins, has a page, and ends."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "crawls.jsonl"
        self._crawls: dict[str, Crawl] = {}
        self._read_up_to = 0

    def crawls(self, source: str | None = None, dataset: str | None = None) -> list[Crawl]:
        """Crawls in the order they began, all or those of a source and dataset."""
        lines, self._read_up_to = read_lines(self.path, self._read_up_to)
        for line in lines:
            self._take(line)
        return [
            crawl
            for crawl in self._crawls.values()
            if source in (None, crawl.source) and dataset in (None, crawl.dataset)
        ]

    def begin(self, source: str, dataset: str, scope: Mapping[str, object]) -> Crawl:
        """A new crawl."""
        now = dt.datetime.now(dt.UTC)
        crawl_id = f"{source}/{dataset}/{now:%Y%m%dT%H%M%S.%f}"
        self._write(crawl_id, "begin", source=source, dataset=dataset, at=now.isoformat(), scope=scope)
        return self._crawls[crawl_id]

    def unfinished(self, source: str, dataset: str) -> Crawl | None:
        """The last crawl of a dataset if it can go on where it stopped."""
        last = next(iter(reversed(self.crawls(source, dataset))), None)
        if last is None or last.ended in ("done", "broken"):
            return None
        return last if dt.datetime.now(dt.UTC) - last.began_at < dt.timedelta(days=RESUME_DAYS) else None

    def page(self, crawl: Crawl, name: str, page: Page, **received: object) -> None:
        """The crawl has a page; `received` is kept beside: url, status."""
        at = page.received_at.isoformat()
        facts = {"page": name, "document_id": page.document_id, "at": at, "is_unchanged": page.is_unchanged}
        self._write(crawl.crawl_id, "page", **facts, **received)

    def miss(self, crawl: Crawl, name: str, error: str) -> None:
        """The crawl could not have a page."""
        self._write(crawl.crawl_id, "missing", page=name, at=dt.datetime.now(dt.UTC).isoformat(), error=error)

    def end(self, crawl: Crawl, ended: str, error: str = "") -> None:
        """The crawl is done, failed or broken."""
        self._write(crawl.crawl_id, ended, at=dt.datetime.now(dt.UTC).isoformat(), error=error)

    def pages(self, source: str, dataset: str, adds: bool, as_of: dt.date | None = None) -> dict[str, list[Page]]:
        """Page name → its documents in the crawls finished by a day, newest first, each with the day it came to stand there.

        Where crawls do not add to each other, only the names of the last finished one; a page it could not have keeps
        its last document.
        """
        done = [
            crawl
            for crawl in self.crawls(source, dataset)
            if crawl.ended == "done" and crawl.ended_at and (as_of is None or crawl.ended_at.date() <= as_of)
        ]
        names = {name for crawl in (done if adds else done[-1:]) for name in (*crawl.pages, *crawl.missing)}
        found: dict[str, list[Page]] = {}
        for crawl in reversed(done):
            for name, page in crawl.pages.items():
                known = found.setdefault(name, []) if name in names else []
                if known and known[-1].document_id == page.document_id:
                    known[-1] = page
                elif page.document_id not in (other.document_id for other in known):
                    known.append(page)
        return found

    def finished(self, source: str, dataset: str) -> dict[str, dt.date]:
        """Page name → the day it was last received, or last said to be gone, in a finished crawl."""
        done = [crawl for crawl in self.crawls(source, dataset) if crawl.ended == "done"]
        found: dict[str, dt.date] = {}
        for crawl in done:
            found |= dict.fromkeys(crawl.missing, (crawl.ended_at or crawl.began_at).date())
            found |= {name: page.received_at.date() for name, page in crawl.pages.items()}
        return found

    def _write(self, crawl_id: str, event: str, **facts: object) -> None:
        append_line(self.path, {"crawl": crawl_id, "event": event, **facts})
        self.crawls()

    def _take(self, line: dict) -> None:
        at = dt.datetime.fromisoformat(line["at"])
        if line["event"] == "begin":
            self._crawls[line["crawl"]] = Crawl(line["crawl"], line["source"], line["dataset"], at, line["scope"])
            return
        crawl = self._crawls.get(line["crawl"])
        if crawl is None:
            return
        if line["event"] == "page":
            crawl.pages[line["page"]] = Page(line["document_id"], at, line["is_unchanged"])
            crawl.missing.pop(line["page"], None)
            crawl.ended = ""  # a failed crawl that goes on has not failed
        elif line["event"] == "missing":
            crawl.missing[line["page"]] = line["error"]
        else:
            crawl.ended, crawl.ended_at, crawl.error = line["event"], at, line["error"]
