"""A local server that behaves as the sources do: pages with ETags, arXiv's two interfaces, batches of papers, and every fault.

What it sends is made up after each source's documentation; nothing here was ever sent by one.
"""

from __future__ import annotations

import datetime as dt
import gzip
import json
import socket
import struct
import threading
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from email.utils import format_datetime
from functools import cache
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape


@dataclass
class Asked:
    """One request as the server saw it; `is_answered` once the whole good body was sent."""

    at: float
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes
    is_answered: bool = False


@dataclass
class StandIn:
    """The server: `asked` is its log, `faults` are served in turn before good answers, `pages` are path → (type, body)."""

    papers: int = 0
    oai_page: int = 1000
    faults: list[str] = field(default_factory=list)
    pages: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    robots: str | None = None
    asked: list[Asked] = field(default_factory=list)
    on_request: Callable[[int], None] = lambda number: None

    def __enter__(self) -> StandIn:
        outer = self

        class Handler(_Handler):
            stand_in = outer

        self.server = _Server(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        self.server.shutdown()
        self.server.server_close()

    @property
    def url(self) -> str:
        """Address without a slash at its end."""
        return f"http://127.0.0.1:{self.server.server_port}"

    def most_in(self, seconds: float) -> int:
        """The most requests that arrived in any window of so many seconds."""
        times = sorted(asked.at for asked in self.asked)
        return max((sum(start <= at < start + seconds for at in times) for start in times), default=0)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that was killed is no news."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    stand_in: StandIn
    disable_nagle_algorithm = True

    def log_message(self, *words: object) -> None:
        pass

    def parse_request(self) -> bool:
        self.came_at = time.monotonic()
        return super().parse_request()

    def do_GET(self) -> None:
        self._serve(b"")

    def do_POST(self) -> None:
        self._serve(self.rfile.read(int(self.headers.get("Content-Length", 0))))

    def _serve(self, body: bytes) -> None:
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
        asked = Asked(self.came_at, self.command, unquote(parts.path), query, dict(self.headers), body)
        outer = self.stand_in
        if asked.path == "/robots.txt":
            return self._send(404 if outer.robots is None else 200, "text/plain", (outer.robots or "").encode())
        outer.asked.append(asked)
        outer.on_request(len(outer.asked))
        try:
            if outer.faults:
                fault = outer.faults.pop(0)
                if fault != "ok":
                    return getattr(self, f"_fault_{fault.partition(' ')[0]}")(fault.partition(" ")[2])
            status, kind, content = self._good(asked)
            self._send(status, kind, content)
            asked.is_answered = status < 400
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def _good(self, asked: Asked) -> tuple[int, str, bytes]:
        outer = self.stand_in
        if asked.path == "/api/query":
            return arxiv_api(outer.papers, asked.query)
        if asked.path == "/oai":
            return arxiv_oai(outer.papers, outer.oai_page, asked.query)
        if asked.path == "/graph/v1/paper/batch":
            return semantic_scholar_batch(json.loads(asked.body)["ids"])
        if asked.path == "/openalex/works":
            return openalex_works(asked.query)
        if asked.path == "/crossref/works":
            return crossref_works(asked.query)
        if asked.path in outer.pages:
            return 200, *outer.pages[asked.path]
        return 404, "text/html", b"<html><body>no such page</body></html>"

    def _send(self, status: int, kind: str, content: bytes, **headers: str) -> None:
        etag = '"' + sha256(content).hexdigest()[:16] + '"'
        if status == 200 and self.command == "GET" and self.headers.get("If-None-Match") == etag:
            self.send_response(304)
            self.send_header("ETag", etag)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("ETag", etag)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(content)

    def _fault_status(self, words: str) -> None:
        """`status 429 2`: an error status, with Retry-After in seconds if a second number is given."""
        status, _, after = words.partition(" ")
        self._send(int(status), "text/plain", b"not now", **({"Retry_After": after} if after else {}))

    def _fault_later(self, words: str) -> None:
        """`later 2`: 429 whose Retry-After is a date so many seconds ahead."""
        date = format_datetime(dt.datetime.now(dt.UTC) + dt.timedelta(seconds=int(words)), usegmt=True)
        self._send(429, "text/plain", b"", Retry_After=date)

    def _fault_drip(self, words: str) -> None:
        """A byte at a time until the client gives up."""
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", "1000000")
        self.end_headers()
        for _ in range(1000):
            self.wfile.write(b"x")
            self.wfile.flush()
            time.sleep(0.05)

    def _fault_mute(self, words: str) -> None:
        """A header that never ends."""
        self.wfile.write(b"HTTP/1.1 200 OK\r\n")
        for number in range(1000):
            self.wfile.write(f"X-{number}: x\r\n".encode()[: None if number < 90 else 1])
            self.wfile.flush()
            time.sleep(0.05)

    def _fault_truncated(self, words: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self.wfile.write(b"half of it")
        self.close_connection = True

    def _fault_reset(self, words: str) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        self.close_connection = True

    def _fault_html(self, words: str) -> None:
        """A friendly page with status 200 where data were asked for."""
        self._send(200, "text/html; charset=utf-8", b"<html><body>We are down for maintenance.</body></html>")

    def _fault_huge(self, words: str) -> None:
        """Without end, and without a length said before."""
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        for _ in range(10_000):
            self.wfile.write(b"x" * 65536)

    def _fault_bomb(self, words: str) -> None:
        """A small body that unpacks to 32 MiB."""
        packer = zlib.compressobj(9, zlib.DEFLATED, 31)
        small = b"".join(packer.compress(bytes(1 << 20)) for _ in range(32)) + packer.flush()
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(small)))
        self.end_headers()
        self.wfile.write(small)

    def _fault_garbled(self, words: str) -> None:
        """Said to be gzip, and is not."""
        self._send(200, "text/html", b"this is no gzip", Content_Encoding="gzip")

    def _fault_redirect(self, words: str) -> None:
        """`redirect ADDRESS`."""
        self._send(302, "text/html", b"", Location=words)

    def _fault_zipped(self, words: str) -> None:
        self._send(200, "text/html", gzip.compress(words.encode()), Content_Encoding="gzip")


FIRST_DAY = dt.date(2026, 1, 1)


def arxiv_id(number: int) -> str:
    """Identifier of the made-up paper of a number, from 0."""
    return f"26{1 + number // 90000:02d}.{number % 90000 + 1:05d}"


def day_of(number: int, papers: int, days: int = 31) -> dt.date:
    """Day of a made-up paper: all of them spread evenly over January 2026."""
    return FIRST_DAY + dt.timedelta(days=number * days // max(papers, 1))


@cache
def numbers_between(papers: int, first: str, last: str) -> list[int]:
    """Numbers of the made-up papers of the days from first to last."""
    return [number for number in range(papers) if first <= day_of(number, papers).isoformat() <= last]


def arxiv_api(papers: int, query: dict[str, str]) -> tuple[int, str, bytes]:
    """An Atom feed for id_list, or for a search by category and submittedDate window."""
    start, most = int(query.get("start", 0)), int(query.get("max_results", 10))
    if query.get("id_list"):
        wanted = query["id_list"].split(",")
        known = {arxiv_id(number): number for number in range(papers)}
        numbers = [known[name] for name in wanted if name in known]
    else:
        window = query.get("search_query", "").partition("submittedDate:[")[2].partition("]")[0]
        first, _, last = window.partition(" TO ")
        numbers = numbers_between(
            papers, f"{first[:4]}-{first[4:6]}-{first[6:8]}", f"{last[:4]}-{last[4:6]}-{last[6:8]}"
        )
    entries = "".join(_atom_entry(number, papers) for number in numbers[start : start + most])
    feed = (
        '<?xml version="1.0" encoding="UTF-8"?><feed xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/"'
        ' xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns="http://www.w3.org/2005/Atom">'
        f"<id>https://arxiv.org/api/x</id><title>made up</title><updated>2026-02-01T00:00:00Z</updated>"
        f"<opensearch:itemsPerPage>{most}</opensearch:itemsPerPage>"
        f"<opensearch:totalResults>{len(numbers)}</opensearch:totalResults>"
        f"<opensearch:startIndex>{start}</opensearch:startIndex>{entries}</feed>"
    )
    return 200, "application/atom+xml; charset=utf-8", feed.encode()


def _atom_entry(number: int, papers: int) -> str:
    day = day_of(number, papers)
    return (
        f"<entry><id>http://arxiv.org/abs/{arxiv_id(number)}v1</id><title>Made-up paper {number}</title>"
        f"<updated>{day}T00:00:00Z</updated><published>{day}T00:00:00Z</published>"
        f"<summary>Words of {number}.</summary><author><name>Ada Example</name></author>"
        f'<category term="cs.LG" scheme="http://arxiv.org/schemas/atom"/><arxiv:primary_category term="cs.LG"/></entry>'
    )


def arxiv_oai(papers: int, size: int, query: dict[str, str]) -> tuple[int, str, bytes]:
    """One page of ListRecords; a resumption token is `from|until|place`."""
    if "resumptionToken" in query:
        first, until, place = query["resumptionToken"].split("|")
    else:
        first, until, place = query.get("from", "0000"), query.get("until", "9999"), "0"
    numbers = numbers_between(papers, first, until)
    here = numbers[int(place) : int(place) + size]
    token, after = "", int(place) + size
    if after < len(numbers):
        token = f"{first}|{until}|{after}"
    if here:
        records = "".join(_oai_record(number, papers) for number in here)
        last = f'<resumptionToken cursor="{place}" completeListSize="{len(numbers)}">{escape(token)}</resumptionToken>'
        inner = f"<ListRecords>{records}{last}</ListRecords>"
    else:
        inner = '<error code="noRecordsMatch">nothing</error>'
    page = (
        '<?xml version="1.0" encoding="UTF-8"?><OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">'
        f'<responseDate>2026-02-01T00:00:00Z</responseDate><request verb="ListRecords">x</request>{inner}</OAI-PMH>'
    )
    return 200, "text/xml; charset=utf-8", page.encode()


def _oai_record(number: int, papers: int) -> str:
    day, name = day_of(number, papers), arxiv_id(number)
    return (
        f"<record><header><identifier>oai:arXiv.org:{name}</identifier><datestamp>{day}</datestamp>"
        '<setSpec>cs:cs:LG</setSpec></header><metadata><arXiv xmlns="http://arxiv.org/OAI/arXiv/">'
        f"<id>{name}</id><created>{day}</created><authors><author><keyname>Example</keyname><forenames>Ada</forenames>"
        f"</author></authors><title>Made-up paper {number}</title><categories>cs.LG</categories>"
        f"<abstract>Words of {number}.</abstract></arXiv></metadata></record>"
    )


def semantic_scholar_batch(ids: list[str]) -> tuple[int, str, bytes]:
    """A record for each id that ends in an even digit, null for the others."""
    found = [
        {
            "paperId": sha256(name.encode()).hexdigest()[:40],
            "externalIds": {"ArXiv": name.removeprefix("ARXIV:")} if name.startswith("ARXIV:") else {"DOI": name[4:]},
            "title": f"Made-up work {name}",
            "year": 2026,
            "authors": [{"authorId": "1", "name": "Ada Example"}],
            "citationCount": 7,
        }
        if name[-1] in "02468"
        else None
        for name in ids
    ]
    return 200, "application/json", json.dumps(found).encode()


def openalex_works(query: dict[str, str], size: int = 25) -> tuple[int, str, bytes]:
    """Works by doi filter, cursor after cursor or by number of page."""
    dois = sorted(query["filter"].removeprefix("doi:").split("|"))
    place = 0 if query.get("cursor", "*") == "*" else int(query["cursor"])
    place = (int(query["page"]) - 1) * size if "page" in query else place
    here = dois[place : place + size]
    works = [
        {
            "id": f"https://openalex.org/W{1000 + place + at}",
            "doi": f"https://doi.org/{doi.lower().removeprefix('https://doi.org/')}",
            "title": f"Made-up work {doi}",
            "display_name": f"Made-up work {doi}",
            "publication_date": "2026-01-15",
            "publication_year": 2026,
            "type": "preprint",
            "cited_by_count": 5,
            "is_retracted": False,
            "authorships": [],
        }
        for at, doi in enumerate(here)
    ]
    cursor = str(place + size) if place + size < len(dois) else None
    answer = {"meta": {"count": len(dois), "per_page": size, "next_cursor": cursor}, "results": works}
    return 200, "application/json", json.dumps(answer).encode()


def crossref_works(query: dict[str, str]) -> tuple[int, str, bytes]:
    """Works by doi filter, all on one page."""
    dois = [part.removeprefix("doi:") for part in query["filter"].split(",")]
    place = 0 if query.get("cursor", "*") == "*" else len(dois)
    items = [
        {"DOI": doi, "title": [f"Made-up work {doi}"], "type": "journal-article", "is-referenced-by-count": 3}
        for doi in dois[place:]
    ]
    message = {"items": items, "total-results": len(dois), "next-cursor": "end"}
    answer = {"status": "ok", "message-type": "work-list", "message-version": "1.0.0", "message": message}
    return 200, "application/json", json.dumps(answer).encode()
