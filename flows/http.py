"""The polite client that fetch() is handed: one agent with a contact, bounded time and bytes, public hosts only."""

from __future__ import annotations

import ipaddress
import socket
import time
from urllib.parse import urlparse

import requests
from requests.adapters import HTTPAdapter
from urllib3.util.retry import Retry

from flows.settings import PACKAGE_VERSION, Settings

MAX_REDIRECTS = 5


class FetchError(Exception):
    """A source could not be fetched; the message names the address and what happened; `transient` if later may do."""

    def __init__(self, message: str, transient: bool = False) -> None:
        super().__init__(message)
        self.transient = transient


class Client:
    """Gets documents over HTTP(S): retries with Retry-After honoured, a limit on bytes and on seconds."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.session = requests.Session()
        self.session.max_redirects = MAX_REDIRECTS
        retry = Retry(total=3, backoff_factor=1, backoff_jitter=0.5, status_forcelist=(429, 500, 502, 503, 504))
        for scheme in ("http://", "https://"):
            self.session.mount(scheme, HTTPAdapter(max_retries=retry))
        contact = f" (+{settings.contact})" if settings.contact else ""
        self.session.headers["User-Agent"] = f"aicompute/{PACKAGE_VERSION}{contact}"
        self.session.hooks["response"].append(lambda response, **_: self._check_redirect(response))

    def get(self, url: str) -> bytes:
        """The body at the address; raises FetchError for a refused host, an error status, or a limit passed."""
        self._check_host(url)
        deadline = time.monotonic() + self.settings.fetch_timeout_seconds
        try:
            with self.session.get(url, stream=True, timeout=(10, 30)) as response:
                response.raise_for_status()
                return self._read(response, url, deadline)
        except requests.RequestException as error:
            raise FetchError(f"{url}: {type(error).__name__}; nothing was read", transient=True) from error

    def _read(self, response: requests.Response, url: str, deadline: float) -> bytes:
        parts, size = [], 0
        for part in response.iter_content(1 << 16):
            size += len(part)
            if size > self.settings.fetch_limit_bytes:
                raise FetchError(
                    f"{url}: more than {self.settings.fetch_limit_bytes} bytes (AICOMPUTE_FETCH_LIMIT_BYTES)"
                )
            if time.monotonic() > deadline:
                raise FetchError(f"{url}: not done after {self.settings.fetch_timeout_seconds:g} s")
            parts.append(part)
        return b"".join(parts)

    def _check_redirect(self, response: requests.Response) -> None:
        target = response.headers.get("Location")
        if response.is_redirect and target:
            self._check_host(requests.compat.urljoin(response.url, target))

    def _check_host(self, url: str) -> None:
        try:
            parts = urlparse(url)
        except ValueError as error:
            raise FetchError(f"{url}: not an address ({error})") from error
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise FetchError(f"{url}: only http and https addresses are fetched")
        if self.settings.allow_private_hosts:
            return
        try:
            found = {info[4][0] for info in socket.getaddrinfo(parts.hostname, None)}
        except OSError as error:
            raise FetchError(
                f"{url}: the host {parts.hostname} is not known here (no network?)", transient=True
            ) from error
        if not all(ipaddress.ip_address(address).is_global for address in found):
            raise FetchError(f"{url}: {parts.hostname} is not a public host")
