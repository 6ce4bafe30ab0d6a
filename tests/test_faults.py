"""What a sceptical reader tried against crawls and the client, and must not work again."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from stand_in import StandIn
from test_crawl import environment
from test_http import FAST, ask, get, quick

from flows.cli import main
from flows.collect import Request, standing
from flows.collect import collect as gather_all
from flows.http import Client, FetchError
from flows.reading import parse_document, tidy
from flows.runlog import RunLog
from flows.settings import Settings
from flows.sources import Ask, SettingsFault, settings_of
from warehouse.archive import Archive
from warehouse.journal import Journal, Page

CHIPS = "Hardware name,Release date,FP32 (single precision) performance (FLOP/s)\nA,2020-01-01,{}\n"


@pytest.fixture
def server(monkeypatch, data_dir: Path) -> Iterator[StandIn]:
    with StandIn(pages={"/page": ("text/html", b"good")}) as running:
        for name, value in environment(running.url, data_dir).items():
            monkeypatch.setenv(name, value)
        yield running


def day(number: int) -> dt.datetime:
    return dt.datetime(2026, 1, number, 12, tzinfo=dt.UTC)


def crawled(archive: Archive, journal: Journal, at: dt.datetime, pages: dict[str, bytes], dataset: str) -> None:
    """A finished crawl of a day, written as the journal has it."""
    crawl = journal.begin("epoch" if dataset == "chips" else "wikipedia_chips", dataset, {})
    for name, content in pages.items():
        document = archive.put(crawl.source, dataset, name, content, at.date())
        journal.page(crawl, name, Page(document.document_id, at))
    journal.end(crawl, "done")
    crawl.ended_at = at  # the journal takes the clock's; this is another day's


def test_bytes_that_come_back_are_the_newest_again(data_dir):
    settings = Settings()
    archive, journal = Archive(settings.archive_dir), Journal(settings.archive_dir)
    a, b = CHIPS.format("1e12").encode(), CHIPS.format("2e12").encode()
    for number, content in enumerate((a, b, a), 1):
        crawled(archive, journal, day(number), {"chips": content}, "chips")
    (documents,) = standing(archive, journal, "epoch", "chips")
    assert archive.read(documents[0].document_id) == a
    request = Request(("epoch",), is_offline=True)
    frames = gather_all(settings, request, RunLog(settings.log_file)).frames
    assert frames["epoch_chips"]["peak_fp32"].to_list() == [1e12]


def test_as_of_gives_the_pages_of_that_day(data_dir):
    settings = Settings()
    archive, journal = Archive(settings.archive_dir), Journal(settings.archive_dir)
    crawled(archive, journal, day(1), {"P1": b"one", "P2": b"two"}, "articles")
    crawled(archive, journal, day(5), {"P1": b"new"}, "articles")
    crawled(archive, journal, day(9), {"P1": b"one"}, "articles")

    def there(as_of: dt.date | None) -> list[bytes]:
        pages = standing(archive, journal, "wikipedia_chips", "articles", as_of)
        return sorted(archive.read(versions[0].document_id) for versions in pages)

    assert there(day(2).date()) == [b"one", b"two"]
    assert there(day(6).date()) == [b"new"]
    assert there(None) == [b"one"]


def test_a_crawl_of_another_day_that_goes_on_is_followed_by_one_of_today(server, data_dir):
    server.pages["/chips.csv"] = ("text/csv", CHIPS.format("1e12").encode())
    server.pages["/models.csv"] = (
        "text/csv",
        b"Model,Domain,Publication date,Parameters,Training compute (FLOP)\nM,Language,2020-01-01,1e9,1e21\n",
    )
    settings = Settings()
    archive, journal = Archive(settings.archive_dir), Journal(settings.archive_dir)
    crawl = journal.begin("epoch", "chips", {"since": None, "papers": archive.keep(b"[]")})
    old = archive.put("epoch", "chips", "chips", CHIPS.format("9e12").encode())
    journal.page(crawl, "chips", Page(old.document_id, day(1)))
    text = journal.path.read_text().replace(
        crawl.began_at.isoformat(), (crawl.began_at - dt.timedelta(days=2)).isoformat()
    )
    journal.path.write_text(text)
    frames = gather_all(settings, Request(("epoch",)), RunLog(settings.log_file)).frames
    assert frames["epoch_chips"]["peak_fp32"].to_list() == [1e12]
    assert [asked.path for asked in server.asked].count("/chips.csv") == 1


def test_a_parsed_document_cut_short_is_read_again(data_dir):
    settings = Settings()
    document = Archive(settings.archive_dir).put("epoch", "chips", "chips", CHIPS.format("1e12").encode())
    first = parse_document(Archive(settings.archive_dir), settings.cache_dir, document)
    (table,) = settings.cache_dir.rglob("epoch_chips.parquet")
    table.write_bytes(table.read_bytes()[:20])
    again = parse_document(Archive(settings.archive_dir), settings.cache_dir, document)
    assert again.tables["epoch_chips"].equals(first.tables["epoch_chips"])


def test_a_run_that_tidies_does_not_disturb_who_is_reading(data_dir, monkeypatch):
    """`sources` parses while a run, which holds the lock, removes what was left half-written."""
    settings, archive = Settings(), Archive(Settings().archive_dir)
    document = archive.put("epoch", "chips", "chips", CHIPS.format("1e12").encode())
    write = pl.DataFrame.write_parquet

    def tidied_meanwhile(frame: pl.DataFrame, path: Path) -> None:
        tidy(settings.cache_dir)
        write(frame, path)

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(pl.DataFrame, "write_parquet", tidied_meanwhile)
        first = parse_document(archive, settings.cache_dir, document)
    assert first.tables["epoch_chips"]["peak_fp32"].to_list() == [1e12]
    assert list(settings.cache_dir.iterdir()) == []
    assert parse_document(archive, settings.cache_dir, document).rows_read == 1


def test_an_address_with_a_password_is_refused_without_telling_it(server, tmp_path):
    url = server.url.replace("http://", "http://bob:s3cr3t@") + "/page"
    with pytest.raises(FetchError, match="a name or password in it is not fetched") as caught:
        get(tmp_path, Ask(url, page="x"))
    assert "s3cr3t" not in str(caught.value) and server.asked == []


def test_a_key_with_a_line_end_is_a_key(server, monkeypatch):
    monkeypatch.setenv("AICOMPUTE_OPENALEX_KEY", "k3y\r\n")
    assert settings_of("openalex").key.get_secret_value() == "k3y"


def test_a_redirect_that_repeats_the_query_does_not_tell_the_key(server, tmp_path):
    server.faults = ["redirect /page?token=s3cr3t%20k3y&x=1"]
    answer = get(tmp_path, ask(server, "/old", secrets={"token": "s3cr3t k3y"}))
    assert "s3cr3t" not in answer.url
    for path in tmp_path.rglob("*"):
        assert path.is_dir() or b"s3cr3t" not in path.read_bytes(), path


def test_a_proxy_is_no_way_around_the_rate(server, tmp_path, monkeypatch):
    """The server stands in for a proxy too: it is asked for whole addresses."""
    monkeypatch.setenv("http_proxy", server.url)
    monkeypatch.setenv("no_proxy", "")
    with Client(quick(tmp_path), "test", "1/1") as client:
        for _ in range(3):
            client.get(Ask("http://example.org/page", page="x"))
    assert [asked.path for asked in server.asked] == ["/page"] * 3 and server.most_in(1.0) == 1


def test_a_redirected_robots_txt_is_followed(server, tmp_path):
    with StandIn(robots="User-agent: *\nDisallow: /\n") as other:
        server.robots = None
        from stand_in import _Handler

        class Moved(_Handler):
            def _serve(self, body: bytes) -> None:
                if self.path == "/robots.txt":
                    return self._send(301, "text/plain", b"", Location=f"{other.url}/robots.txt")
                return super()._serve(body)

        Moved.stand_in = server
        server.server.RequestHandlerClass = Moved
        with (
            Client(quick(tmp_path), "test", FAST, asks_robots=True) as client,
            pytest.raises(FetchError, match="stay away"),
        ):
            client.get(ask(server))
    assert server.asked == []


@pytest.mark.parametrize(
    ("name", "value"),
    [("ARXIV_RATE", "fast"), ("ARXIV_PAGE_SIZE", "0"), ("EPOCH_RATE", "1/0"), ("ARXIV_SINCE", "soon")],
)
def test_a_source_s_setting_that_cannot_be_read_is_one_sentence(server, monkeypatch, capsys, name, value):
    monkeypatch.setenv(f"AICOMPUTE_{name}", value)
    with pytest.raises(SettingsFault, match=name):
        settings_of(name.split("_")[0].lower())
    monkeypatch.setattr("sys.argv", ["aicompute", "sources"])
    with pytest.raises(SystemExit) as caught:
        main()
    said = capsys.readouterr().err
    assert caught.value.code == 2 and f"AICOMPUTE_{name} is" in said and len(said.splitlines()) == 1


def test_the_journal_says_what_was_received(server, data_dir):
    server.pages["/chips.csv"] = ("text/csv", CHIPS.format("1e12").encode())
    settings = Settings()
    gather_all(settings, Request(("curated", "epoch"), is_lenient=True), RunLog(settings.log_file))
    lines = [json.loads(line) for line in Journal(settings.archive_dir).path.read_text().splitlines()]
    pages = [line for line in lines if line["event"] == "page"]
    assert [(page["page"], page["status"]) for page in pages] == [("chips", 200)]
    assert any(line["event"] == "failed" and "status 404" in line["error"] for line in lines)
