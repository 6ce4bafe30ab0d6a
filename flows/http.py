"""The polite client of crawls: an agent with a contact, a rate for each source, bounded time and bytes, public hosts only."""

from __future__ import annotations

import contextlib
import datetime as dt
import ipaddress
import logging
import math
import random
import re
import socket
import threading
import time
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, quote_plus, unquote_plus, urlsplit

import requests
from protego import Protego
from pyrate_limiter import Limiter, Rate
from pyrate_limiter.buckets import SQLiteBucket
from pyrate_limiter.limiter import SingleBucketFactory
from requests.adapters import HTTPAdapter
from requests.compat import urljoin
from requests_cache import NEVER_EXPIRE, CachedSession, SQLiteCache
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError, InvalidHeader, NameResolutionError
from urllib3.util.retry import Retry

from flows.settings import PACKAGE_VERSION, Settings
from flows.sources import Ask

MAX_REDIRECTS = 5
ROBOTS_BYTES = 500 * 1024  # what RFC 9309 asks a crawler to read at least
RETRY_STATUS = (429, 500, 502, 503, 504)
# urllib3 logs whole addresses, with any key in them, when it tries again.
logging.getLogger("urllib3").setLevel(logging.ERROR)
logging.getLogger("requests_cache").setLevel(logging.ERROR)


class FetchError(Exception):
    """A source could not be fetched; the message names the address and what happened.

    `transient` says that later may do; `status` is the HTTP status, where there was an answer.
    """

    def __init__(self, message: str, transient: bool = False, status: int | None = None) -> None:
        super().__init__(message)
        self.transient = transient
        self.status = status


@dataclass(frozen=True)
class Answer:
    """A good answer: the body, the public address it came from, status, headers without secrets, and when (UTC).

    `is_unchanged` says that the server answered 304: the body is the one it sent before.
    """

    body: bytes
    url: str
    status: int
    headers: Mapping[str, str]
    received_at: dt.datetime
    is_unchanged: bool = False


class _Guard:
    """What a connection must pass and obey: the rate, public peers, and a deadline for each try."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.is_cut = False
        self.timer: threading.Timer | None = None

    def begin(self, connection: HTTPConnection) -> None:
        """Take the rate's permission, then give this try its seconds."""
        self.stop()
        self.limiter.try_acquire("request")
        self.is_cut = False
        self.timer = threading.Timer(self.settings.fetch_timeout_seconds, self._cut, [connection.sock])
        self.timer.daemon = True
        self.timer.start()

    def wait(self) -> None:
        """Sit the rate's interval out before there is a connection that could die of it; nothing is taken yet."""
        rate = self.bucket.rates[0]
        earlier = self.bucket.peek(rate.limit - 1)
        if earlier is not None:
            time.sleep(max(0.0, (earlier.timestamp + rate.interval - self.bucket.now()) / 1000))
        if len(self.answered) == self.answered.maxlen:
            time.sleep(max(0.0, self.answered[0] + self.seconds - time.monotonic()))

    def keep(self, bucket: SQLiteBucket, requests_: int, seconds: float) -> None:
        """Obey a rate from now on.

        The bucket counts when requests leave, in this process and the last. A server counts when they arrive, which is
        before it answers; so no request leaves within `seconds` of the answer to the one so many requests before, and
        none of a process within `seconds` of its start where another has just asked.
        """
        lately = [time.monotonic()] * requests_ if bucket.count() else []
        self.bucket = bucket
        self.limiter = Limiter(SingleBucketFactory(bucket, schedule_leak=False), buffer_ms=1)
        self.seconds = seconds
        self.answered: deque[float] = deque(lately, maxlen=requests_)

    def stop(self) -> None:
        """The try is over."""
        if self.timer is not None:
            self.timer.cancel()

    def check_peer(self, sock: socket.socket, host: str) -> None:
        """Raises FetchError for a peer that is not public, whatever name led to it."""
        try:
            self.check_public(ipaddress.ip_address(sock.getpeername()[0].split("%")[0]), host)
        except FetchError:
            sock.close()
            raise

    def check_public(self, address: ipaddress.IPv4Address | ipaddress.IPv6Address, host: str) -> None:
        """Raises FetchError for an address that is not public, unless the settings allow it."""
        if not self.settings.allow_private_hosts and not address.is_global:
            raise FetchError(f"{host} is not a public host")

    def _cut(self, sock: socket.socket | None) -> None:
        self.is_cut = True
        if sock is not None:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)


def _pools(guard: _Guard) -> dict[str, type]:
    """Connection pools whose connections are guarded: the peer is checked, and each request, also a retry, is counted."""

    def guarded(kind: type) -> type:
        class Guarded(kind):  # type: ignore[misc]
            def _new_conn(self) -> socket.socket:
                sock = super()._new_conn()
                if self.proxy is None:
                    guard.check_peer(sock, self.host)
                return sock

            def request(self, *args: Any, **kwargs: Any) -> None:
                guard.wait()
                if self._tunnel_host is None and not self.is_connected:
                    self.close()
                    self.connect()  # first, so that a slow handshake does not bring two requests closer together
                guard.begin(self)
                super().request(*args, **kwargs)

            def getresponse(self) -> Any:
                try:
                    return super().getresponse()
                finally:
                    guard.answered.append(time.monotonic())

        return Guarded

    def pool(base: type, kind: type) -> type:
        return type(f"Guarded{base.__name__}", (base,), {"ConnectionCls": guarded(kind)})

    return {"http": pool(HTTPConnectionPool, HTTPConnection), "https": pool(HTTPSConnectionPool, HTTPSConnection)}


class _Patience(Retry):
    """urllib3's Retry, but a server that says to come back much later is believed at once instead of waited for."""

    LONGEST_WAIT = 120.0

    def get_retry_after(self, response: Any) -> float | None:
        """Seconds the server asks for; raises FetchError where they are more than a run should wait."""
        try:
            seconds = super().get_retry_after(response)
        except InvalidHeader:
            return None
        if seconds is not None and seconds > self.LONGEST_WAIT:
            status = response.status
            response.close()
            raise FetchError(f"status {status}; the server asks to come back in {seconds:.0f} s or more", False, status)
        return seconds


class _Adapter(HTTPAdapter):
    """Sends what the session prepared, secrets added last, and reads the body within its limits."""

    def __init__(self, settings: Settings, guard: _Guard) -> None:
        self.settings = settings
        self.guard = guard
        self.ask: Ask | None = None
        self.error: Exception | None = None
        retry = _Patience(
            total=settings.fetch_retries,
            backoff_factor=settings.fetch_backoff_seconds,
            backoff_jitter=settings.fetch_backoff_seconds / 2,
            status_forcelist=RETRY_STATUS,
            allowed_methods=None,
            raise_on_status=False,
        )
        super().__init__(max_retries=retry)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """The pools of requests, guarded."""
        connections, maxsize = args[:2]
        self.poolmanager = PoolManager(num_pools=connections, maxsize=maxsize, block=True)
        self.poolmanager.pool_classes_by_scheme = _pools(self.guard)

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        """The pools to a proxy of the environment, guarded like the others."""
        manager = super().proxy_manager_for(*args, **kwargs)
        manager.pool_classes_by_scheme = _pools(self.guard)
        return manager

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        """One answer with its whole body; raises FetchError at a limit, requests' and urllib3's errors otherwise."""
        kwargs |= {"stream": True, "timeout": (10, self.settings.fetch_timeout_seconds)}
        try:
            response = super().send(self._with_secrets(request), **kwargs)
            with response:
                response._content = self._body(response)
                response._content_consumed = True  # type: ignore[attr-defined]
        except (FetchError, requests.RequestException, HTTPError, OSError) as error:
            self.error = error
            if self.guard.is_cut:
                limit = self.settings.fetch_timeout_seconds
                self.error = FetchError(f"not done after {limit:g} s (AICOMPUTE_FETCH_TIMEOUT_SECONDS)", True)
            raise self.error from error
        finally:
            self.guard.stop()
        response.request, response.url = request, str(request.url)
        return response

    def _with_secrets(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        ask = self.ask
        if ask is None or urlsplit(str(request.url))[:2] != urlsplit(ask.url)[:2]:
            return request  # a secret never follows a redirect to another host, nor from https to http
        secret = request.copy()
        if ask.secrets:
            secret.prepare_url(str(request.url), dict(ask.secrets))
        secret.headers.update(ask.secret_headers)
        return secret

    def _body(self, response: requests.Response) -> bytes:
        parts, size = [], 0
        for part in response.iter_content(1 << 16):
            size += len(part)
            if size > self.settings.fetch_limit_bytes:
                raise FetchError(f"more than {self.settings.fetch_limit_bytes} bytes (AICOMPUTE_FETCH_LIMIT_BYTES)")
            parts.append(part)
        if self.guard.is_cut:
            raise requests.ConnectionError("cut off")
        return b"".join(parts)


class Client:
    """Asks one source: within its rate, which outlives the process, and by its robots.txt where pages are made for people."""

    def __init__(self, settings: Settings, source: str = "any", rate: str = "1/1", asks_robots: bool = False) -> None:
        self.settings = settings
        self.source = source
        self.asks_robots = asks_robots
        requests_, seconds = rate.split("/")
        self._rate = (int(requests_), float(seconds))
        self._robots: dict[str, Protego] = {}
        settings.cache_dir.mkdir(parents=True, exist_ok=True)
        self.guard = _Guard(settings)
        self.guard.keep(self._bucket(), *self._rate)
        self.adapter = _Adapter(settings, self.guard)
        # Secrets are added below the cache, so neither its keys nor what it keeps can hold one.
        self.session = CachedSession(
            backend=SQLiteCache(settings.cache_dir / "http.sqlite"),
            expire_after=NEVER_EXPIRE,
            always_revalidate=True,
            allowable_codes=(200,),
            filter_fn=lambda response: "ETag" in response.headers or "Last-Modified" in response.headers,
        )
        for scheme in ("http://", "https://"):
            self.session.mount(scheme, self.adapter)
        contact = f" (+{settings.contact})" if settings.contact else ""
        self.session.headers["User-Agent"] = f"aicompute/{PACKAGE_VERSION}{contact}"

    def get(self, ask: Ask) -> Answer:
        """The answer to one request.

        Raises FetchError: a host or address refused, robots.txt against it, an error status, a wrong content type, a
        limit passed, or a network that stayed down over all tries.
        """
        try:
            return self._follow(ask)
        except FetchError as error:
            shown = re.sub(r"//[^/@]*@", "//…@", ask.url)
            raise FetchError(f"{shown}: {error}", error.transient, error.status) from error

    def close(self) -> None:
        """Close connections and cache."""
        self.session.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def _follow(self, ask: Ask) -> Answer:
        url = ask.url
        for _ in range(MAX_REDIRECTS + 1):
            self._check_address(url)
            if self.asks_robots:
                self._obey_robots(url)
            response = self._tries(ask, url)
            if not response.is_redirect:
                return self._answer(ask, response)
            if ask.body is not None:
                raise FetchError(f"a POST was redirected to {response.headers['Location']}")
            url = _without(ask.secrets, urljoin(url, response.headers["Location"]))
        raise FetchError(f"more than {MAX_REDIRECTS} redirects")

    def _check_address(self, url: str) -> None:
        """Raises FetchError for an address that is not to be asked.

        A host is checked once it is connected to; behind a proxy that is the proxy, so one that is a number is judged here.
        """
        try:
            parts = urlsplit(url)
            named = parts.scheme in ("http", "https") and parts.hostname
        except ValueError as error:
            raise FetchError(f"not an address ({error})") from error
        if not named:
            raise FetchError("only http and https addresses are fetched")
        if "@" in parts.netloc:
            raise FetchError("an address with a name or password in it is not fetched: addresses are published")
        with contextlib.suppress(ValueError):
            self.guard.check_public(ipaddress.ip_address(parts.hostname or ""), parts.hostname or "")

    def _tries(self, ask: Ask, url: str) -> requests.Response:
        """urllib3 tries again until an answer begins; an answer that breaks off midway is tried again here."""
        for attempt in range(self.settings.fetch_retries + 1):
            try:
                return self._send(ask, url)
            except (
                requests.exceptions.ChunkedEncodingError,
                requests.exceptions.ContentDecodingError,
                HTTPError,
            ) as error:
                what = error
            if attempt < self.settings.fetch_retries:
                time.sleep(self.settings.fetch_backoff_seconds * (2**attempt + random.random() / 2))
        raise FetchError(f"the answer broke off, {attempt + 1} times ({type(what).__name__})", True) from what

    def _send(self, ask: Ask, url: str) -> requests.Response:
        self.adapter.ask = ask
        method = "GET" if ask.body is None else "POST"
        params = dict(ask.params) if url == ask.url else None
        try:
            response = self.session.request(method, url, params=params, json=ask.body, allow_redirects=False)
            if getattr(response, "from_cache", False) and not getattr(response, "revalidated", False):
                raise self.adapter.error or FetchError("no answer")  # the cache would pass its copy off as an answer
            return response
        except (requests.exceptions.ChunkedEncodingError, requests.exceptions.ContentDecodingError):
            raise
        except requests.RequestException as error:
            raise FetchError(_reason(error), transient=True) from error
        except ValueError as error:  # its words may quote a key
            raise FetchError(f"a setting (contact, key) holds what no request may ({type(error).__name__})") from None

    def _answer(self, ask: Ask, response: requests.Response) -> Answer:
        headers = {k: self._clean(ask, v) for k, v in response.headers.items() if k.lower() != "set-cookie"}
        self._slow_down(headers)
        if not response.ok:
            raise FetchError(
                f"status {response.status_code}{self._words(ask, response)}",
                response.status_code in RETRY_STATUS,
                response.status_code,
            )
        kind = response.headers.get("Content-Type", "").split(";")[0].strip().lower()
        if ask.accepts and kind not in ask.accepts:
            raise FetchError(f"the answer is {kind or 'of no stated type'}; {' or '.join(ask.accepts)} was expected")
        return Answer(
            response.content,
            self._clean(ask, str(response.url)),
            304 if getattr(response, "revalidated", False) else response.status_code,
            headers,
            dt.datetime.now(dt.UTC),
            bool(getattr(response, "revalidated", False)),
        )

    def _words(self, ask: Ask, response: requests.Response) -> str:
        """What an error page says, in one short line."""
        if "html" in response.headers.get("Content-Type", ""):
            return ""
        text = re.sub(r"<[^>]*>", " ", response.content[:4000].decode("utf-8", "replace"))
        said = " ".join(self._clean(ask, text).split())
        return f": {said[:200]}" if said else ""

    def _clean(self, ask: Ask, text: str) -> str:
        for secret in (*ask.secrets.values(), *ask.secret_headers.values()):
            for word in (secret, secret.rpartition(" ")[2]):
                for spelling in filter(None, (word, quote(word, safe=""), quote_plus(word))):
                    text = text.replace(spelling, "…")
        return text

    def _obey_robots(self, url: str) -> None:
        parts = urlsplit(url)
        root = f"{parts.scheme}://{parts.netloc}"
        if root not in self._robots:
            self._robots[root] = self._read_robots(f"{root}/robots.txt")
            delay = self._robots[root].crawl_delay(self._agent)
            if delay and delay > _Patience.LONGEST_WAIT:
                raise FetchError(
                    f"{root}/robots.txt asks for {delay:g} s between requests; that is longer than a run should wait"
                )
            if delay:
                self._keep_rate(1, float(delay))
        if not self._robots[root].can_fetch(url, self._agent):
            raise FetchError(f"{root}/robots.txt asks robots to stay away")

    @property
    def _agent(self) -> str:
        return str(self.session.headers["User-Agent"])

    def _read_robots(self, url: str) -> Protego:
        """RFC 9309: no file, all may be read; a server in trouble, nothing may."""
        for _ in range(MAX_REDIRECTS + 1):
            self._check_address(url)
            response = self._tries(Ask(url, page=url), url)
            if not response.is_redirect:
                break
            url = urljoin(url, response.headers["Location"])
        if response.status_code >= 500:
            raise FetchError(f"{url} answers {response.status_code}", True, response.status_code)
        text = response.content[:ROBOTS_BYTES].decode("utf-8", "replace") if response.status_code == 200 else ""
        return Protego.parse(text)

    def _slow_down(self, headers: Mapping[str, str]) -> None:
        """Crossref and others state their present limit with each answer."""
        known = {name.lower(): value for name, value in headers.items()}
        limit, interval = known.get("x-rate-limit-limit", ""), known.get("x-rate-limit-interval", "").removesuffix("s")
        if limit.isdigit() and interval.isdigit() and int(limit) > 0 and int(interval) > 0:
            self._keep_rate(int(limit), float(interval))

    def _keep_rate(self, requests_: int, seconds: float) -> None:
        if requests_ / seconds < self._rate[0] / self._rate[1]:
            self._rate = (requests_, seconds)
            self.guard.keep(self._bucket(), *self._rate)

    def _bucket(self) -> SQLiteBucket:
        """The requests of the last interval on disk, so that the next process, after a kill too, knows when this one asked."""
        requests_, seconds = self._rate
        rates = [Rate(requests_, math.ceil(seconds * 1000))]
        path = self.settings.cache_dir / "rates.sqlite"
        bucket = SQLiteBucket.init_from_file(rates, f"rate_{self.source}", str(path), use_file_lock=True)
        bucket.leak(bucket.now())
        # What a clock set back since left in the future would be waited for.
        bucket.conn.execute(f"delete from '{bucket.table}' where item_timestamp > ?", [bucket.now()])
        bucket.conn.commit()
        return bucket


def _without(secrets: Mapping[str, str], url: str) -> str:
    """An address without the secret parameters that a redirect repeated."""
    parts = urlsplit(url)
    kept = [part for part in parts.query.split("&") if unquote_plus(part.partition("=")[0]) not in secrets]
    return parts._replace(query="&".join(kept)).geturl()


def _reason(error: requests.RequestException) -> str:
    cause: Any = error
    for link in _causes(error):
        if isinstance(link, NameResolutionError):
            return "the host is not known here (no network?)"
        cause = link
    if isinstance(error, requests.Timeout):
        return "no answer in time; nothing was read"
    return f"no answer ({type(cause).__name__}); nothing was read"


def _causes(error: BaseException) -> Iterator[BaseException]:
    """An error and what it wraps: requests and urllib3 put the cause in arguments and attributes."""
    seen: set[int] = set()
    todo: list[Any] = [error]
    while todo:
        link = todo.pop()
        if not isinstance(link, BaseException) or id(link) in seen:
            continue
        seen.add(id(link))
        yield link
        todo += [*link.args, getattr(link, "reason", None), link.__cause__]
