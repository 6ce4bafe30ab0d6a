"""The polite client against a local server: limits, faults, robots, redirects, conditional requests, secrets."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from stand_in import StandIn

from flows.http import Client, FetchError
from flows.settings import Settings
from flows.sources import Ask

FAST = "1000/1"


@pytest.fixture
def server() -> Iterator[StandIn]:
    with StandIn(pages={"/page": ("text/html", b"<html>good</html>"), "/data": ("application/json", b"{}")}) as running:
        yield running


def quick(tmp_path: Path, **others: object) -> Settings:
    settings = {"data_dir": tmp_path, "allow_private_hosts": True, "fetch_backoff_seconds": 0.01} | others
    return Settings(**settings)


def ask(server: StandIn, path: str = "/page", **others: object) -> Ask:
    return Ask(server.url + path, page=path, **others)


def get(tmp_path: Path, asked: Ask, **others: object):
    with Client(quick(tmp_path, **others), "test", FAST) as client:
        return client.get(asked)


@pytest.mark.parametrize(
    ("faults", "requests"),
    [
        (["status 500"], 2),
        (["status 503 0"], 2),
        (["status 502", "status 504", "status 500"], 4),
        (["truncated"], 2),
        (["reset"], 2),
        (["garbled"], 2),
        (["status 429 1"], 2),
    ],
)
def test_a_passing_fault_is_tried_again(server, tmp_path, faults, requests):
    server.faults = list(faults)
    answer = get(tmp_path, ask(server))
    assert (answer.body, answer.status) == (b"<html>good</html>", 200)
    assert len(server.asked) == requests


@pytest.mark.parametrize("fault", ["status 429 1", "later 2"])
def test_retry_after_is_honoured(server, tmp_path, fault):
    """Seconds as they stand; a date has whole seconds, so two seconds ahead are more than one."""
    server.faults = [fault]
    get(tmp_path, ask(server))
    assert server.asked[1].at - server.asked[0].at >= 1


def test_a_server_that_says_to_come_back_tomorrow_is_believed_at_once(server, tmp_path):
    server.faults = ["status 429 86400"]
    with pytest.raises(
        FetchError, match=r"/page: status 429; the server asks to come back in 21600 s or more"
    ) as caught:
        get(tmp_path, ask(server))
    assert not caught.value.transient and caught.value.status == 429 and len(server.asked) == 1


@pytest.mark.parametrize(
    ("faults", "words", "transient", "status", "requests"),
    [
        (["status 500"] * 9, "status 500: not now", True, 500, 4),
        (["status 403"], "status 403: not now", False, 403, 1),
        (["truncated"] * 9, "the answer broke off, 4 times", True, None, 4),
        (["reset"] * 9, "no answer", True, None, 4),
        (["huge"], "more than 1000000 bytes", False, None, 1),
        (["bomb"], "more than 1000000 bytes", False, None, 1),
        (["drip"], "not done after 0.5 s", True, None, 1),
        (["mute"], "not done after 0.5 s", True, None, 4),
        (["html"], "the answer is text/html; application/json was expected", False, None, 1),
        (["redirect file:///etc/passwd"], "only http and https addresses are fetched", False, None, 1),
        (["redirect /page"] * 9, "more than 5 redirects", False, None, 6),
    ],
)
def test_a_lasting_fault_is_one_clear_error(server, tmp_path, faults, words, transient, status, requests):
    server.faults = list(faults)
    # Where slowness is not what is tested, a busy machine may be slow.
    patience = 0.5 if "not done" in words else 60
    asked = ask(server, "/data", accepts=("application/json",))
    with pytest.raises(FetchError, match=words) as caught:
        get(tmp_path, asked, fetch_limit_bytes=1_000_000, fetch_timeout_seconds=patience)
    assert str(caught.value).startswith(f"{server.url}/data: ")
    assert (caught.value.transient, caught.value.status) == (transient, status)
    assert len(server.asked) <= requests


def test_a_redirect_is_followed_and_the_last_address_told(server, tmp_path):
    server.faults = ["redirect /page"]
    answer = get(tmp_path, ask(server, "/old"))
    assert (answer.body, answer.url) == (b"<html>good</html>", f"{server.url}/page")


def test_private_hosts_are_refused_by_address_and_by_name(server, tmp_path):
    for host in ("127.0.0.1", "localhost"):
        asked = Ask(f"http://{host}:{server.server.server_port}/page", page="x")
        with pytest.raises(FetchError, match=f"{host} is not a public host"):
            get(tmp_path, asked, allow_private_hosts=False)
    assert server.asked == []


@pytest.mark.parametrize("url", ["ftp://example.org/x", "file:///etc/passwd", "http://[::1", "nonsense", "http://"])
def test_other_schemes_and_broken_addresses_are_refused(tmp_path, url):
    with pytest.raises(FetchError, match=r"only http and https|not an address"):
        get(tmp_path, Ask(url, page="x"))


def test_an_unknown_host_is_said_to_be_unknown(tmp_path):
    with pytest.raises(FetchError, match=r"the host is not known here \(no network\?\)") as caught:
        get(tmp_path, Ask("http://no-such-host.invalid/", page="x"), fetch_retries=0)
    assert caught.value.transient


def test_an_unchanged_page_is_asked_for_conditionally_and_not_sent_again(server, tmp_path):
    first, second = get(tmp_path, ask(server)), get(tmp_path, ask(server))
    assert (first.is_unchanged, second.is_unchanged) == (False, True)
    assert (second.body, second.status) == (first.body, 304)
    assert "If-None-Match" not in server.asked[0].headers and "If-None-Match" in server.asked[1].headers
    server.pages["/page"] = ("text/html", b"<html>new</html>")
    third = get(tmp_path, ask(server))
    assert (third.body, third.is_unchanged, third.status) == (b"<html>new</html>", False, 200)


def test_the_agent_tells_who_asks(server, tmp_path):
    get(tmp_path, ask(server), contact="mailto:ada@example.org")
    agent = server.asked[0].headers["User-Agent"]
    assert agent.startswith("aicompute/") and agent.endswith("(+mailto:ada@example.org)")


def test_robots_txt_is_obeyed_where_pages_are_made_for_people(server, tmp_path):
    server.robots = "User-agent: *\nDisallow: /page\n"
    with Client(quick(tmp_path), "test", FAST, asks_robots=True) as client:
        with pytest.raises(FetchError, match=r"robots\.txt asks robots to stay away"):
            client.get(ask(server))
        assert client.get(ask(server, "/data")).body == b"{}"
    assert [asked.path for asked in server.asked] == ["/data"]


@pytest.mark.slow
def test_a_crawl_delay_slows_us_down(server, tmp_path):
    server.robots = "User-agent: *\nCrawl-delay: 1\n"
    with Client(quick(tmp_path), "test", FAST, asks_robots=True) as client:
        for _ in range(3):
            client.get(ask(server))
    gaps = [later.at - sooner.at for sooner, later in zip(server.asked, server.asked[1:], strict=False)]
    assert min(gaps) >= 1


@pytest.mark.slow
def test_a_limit_the_answer_states_is_kept_from_then_on(server, tmp_path):
    """As Crossref does; its header is x-rate-limit-interval: 1s."""
    import stand_in

    class Slow(stand_in._Handler):
        def _send(self, *args, **headers):
            super()._send(*args, X_Rate_Limit_Limit="5", X_Rate_Limit_Interval="1s", **headers)

    Slow.stand_in = server
    server.server.RequestHandlerClass = Slow
    with Client(quick(tmp_path), "test", FAST) as client:
        for _ in range(8):
            client.get(ask(server))
    assert server.most_in(1.0) <= 6  # the first was asked before the limit was known


def test_requests_and_retries_stay_below_the_rate(server, tmp_path):
    server.faults = ["status 500", "ok", "truncated", "ok", "reset"]
    with Client(quick(tmp_path), "test", "5/1") as client:
        for _ in range(12):
            client.get(ask(server))
    assert len(server.asked) == 15 and server.most_in(1.0) <= 5


@pytest.mark.slow
def test_the_rate_outlives_the_client(server, tmp_path):
    for _ in range(3):
        with Client(quick(tmp_path), "test", "1/1") as client:
            client.get(ask(server))
    assert server.most_in(1.0) == 1


def test_secrets_are_sent_and_written_nowhere(server, tmp_path, caplog):
    secret = "s3cr3t-k3y"
    asked = ask(
        server, secrets={"api_key": secret}, secret_headers={"x-api-key": f"Bearer {secret}"}, params={"q": "1"}
    )
    server.faults = ["ok", "status 500"]
    with caplog.at_level(0):
        answers = [get(tmp_path, asked), get(tmp_path, asked)]
        server.faults = ["reset"] * 9
        with pytest.raises(FetchError) as caught:
            get(tmp_path, asked)
    for one in server.asked:
        assert one.query == {"q": "1", "api_key": secret} and one.headers["x-api-key"] == f"Bearer {secret}"
    said = json.dumps([[answer.url, dict(answer.headers)] for answer in answers]) + str(caught.value) + caplog.text
    assert secret not in said and answers[0].url == f"{server.url}/page?q=1"
    for path in tmp_path.rglob("*"):
        assert path.is_dir() or secret.encode() not in path.read_bytes(), path
    with sqlite3.connect(tmp_path / "cache" / "http.sqlite") as con:
        assert con.execute("select count(*) from responses").fetchone() == (1,)


def test_a_secret_does_not_follow_a_redirect_to_another_host(server, tmp_path):
    with StandIn(pages={"/page": ("text/html", b"elsewhere")}) as other:
        server.faults = [f"redirect {other.url}/page"]
        get(tmp_path, ask(server, secrets={"api_key": "s3cr3t"}, secret_headers={"x-api-key": "s3cr3t"}))
        assert "api_key" not in other.asked[0].query and "x-api-key" not in other.asked[0].headers


def test_an_error_that_echoes_the_key_does_not_tell_it(server, tmp_path):
    server.pages = {}
    with StandIn() as other:
        other.faults = ["status 400"]
        asked = Ask(f"{other.url}/x", page="x", secrets={"key": "not now"})
        with pytest.raises(FetchError) as caught:
            get(tmp_path, asked)
    assert "not now" not in str(caught.value) and "status 400: …" in str(caught.value)


def test_a_slow_body_costs_no_more_than_the_limit(server, tmp_path):
    server.faults = ["drip"]
    began = time.monotonic()
    with pytest.raises(FetchError, match="not done after"):
        get(tmp_path, ask(server), fetch_timeout_seconds=0.3)
    assert time.monotonic() - began < 5
