"""The page of a release: the answer on top, hostile names harmless, nothing asked of any network, all of it in a real browser."""

import base64
import datetime as dt
import gzip
import hashlib
import html
import json
import os
import re
from html.parser import HTMLParser
from urllib.parse import unquote

import chromium
import pytest

from schemas.books import TABLES as BOOKS
from schemas.tables import all_tables, kept_tables
from warehouse import derive, release
from warehouse.page import build, words
from warehouse.page.tables import QUERIES, Tables

SCRIPT = "</script><script>window.stolen = 1</script>"
IMAGE = """"><img src=x onerror='window.stolen = 1'>"""
LIMIT_BYTES = 2_500_000


class Reader(HTMLParser):
    """What a browser would find in the page: tags with their attributes, texts of cells, scripts and styles."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict]] = []
        self.scripts: list[str] = []
        self.described: list[str] = []  # blocks of data, which no browser runs
        self.styles: list[str] = []
        self.words: list[str] = []
        self._in = ""
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self._in = "described" if dict(attrs).get("type") == "application/ld+json" else tag

    def handle_endtag(self, tag):
        self._in = ""

    def handle_data(self, data):
        kept = {"script": self.scripts, "style": self.styles, "described": self.described}.get(self._in, self.words)
        kept.append(data)

    @property
    def said(self) -> str:
        """All text outside of scripts and styles, white space as one blank."""
        return re.sub(r"\s+", " ", " ".join(self.words))


@pytest.fixture
def told(empty):
    """The tables of a version made up by hand: a headline fit, four runs, names and addresses out of a bad dream."""
    empty.execute("begin")
    empty.execute("create table versions as select 7::bigint as version, timestamp '2031-02-03 04:05:06' as published_at,"
                  " date '2031-01-02' as as_of_on, 'v' as code_version, '{\"profile\": \"p\"}' as manifest")  # fmt: skip

    def day(year):
        return "training", dt.date(year, 6, 1)

    def flop(value):
        return value, value / 2, value * 2

    insert = "insert into {} by name select * from (values {}) as made ({})"

    def add(table, columns, *rows):
        marks = ", ".join("(" + ", ".join("?" for _ in row) + ")" for row in rows)
        empty.execute(insert.format(table, marks, columns), [value for row in rows for value in row])

    add(
        "compute.training_runs",
        "run_id, run_name, run_kind, published_on, organisations, organisation_type, domain, openness, is_frontier,"
        " training_compute_flop, training_compute_flop_low, training_compute_flop_high, training_compute_source, compute_scope,"
        " paper_id",
        ("a", "Plain", *day(2012), "A;B", "academia", "Games", "closed", True, *flop(1e17), "reported", "final_run", "paper-a"),
        ("b", SCRIPT, *day(2016), IMAGE, SCRIPT, "Language", IMAGE, True, *flop(1e20), "reported", "final_run", "paper-b"),
        ("c", IMAGE, *day(2020), "D", "industry", "Language", "open", True, *flop(1e23), "estimated", "final_run", "paper-c"),
        ("d", "Last", *day(2024), "D", "industry", "Language", "open", True, *flop(1e26), "reported", "final_run", None),
    )  # fmt: skip
    add(
        "compute.run_domains", "run_id, one_domain", ("a", "Games"), ("b", SCRIPT), ("c", "Language"), ("d", "Language")
    )
    add(
        "clean.papers", "paper_id, title, url", ("paper-a", "A", "https://example.org/a?x=1&y=\"'<b>"),
        ("paper-b", "B", "javascript:window.stolen=1"), ("paper-c", "C", " JavaScript:window.stolen=1"),
    )  # fmt: skip
    add("trends.frontier", "run_id, run_name, published_on, training_compute_flop, is_record, rank_at_publication",
        ("a", "Plain", dt.date(2012, 6, 1), 1e17, True, 1), ("b", SCRIPT, dt.date(2016, 6, 1), 1e20, True, 1))  # fmt: skip
    add("trends.sources", "source, title, licence, attribution, homepage, documents, rows_read, rows_accepted, rows_quarantined",
        (SCRIPT, SCRIPT, IMAGE, IMAGE, "javascript:window.stolen=1", 1, 10, 9, 1))  # fmt: skip
    add(
        "raw.quarantine",
        "source, dataset, rule, column_name, raw_value, row_number",
        (SCRIPT, IMAGE, IMAGE, IMAGE, SCRIPT, 1),
    )
    add(
        "trends.metric_trends",
        "metric, selection, period, period_start_on, period_end_on, runs, oom_per_year, standard_error_oom_per_year,"
        " oom_per_year_low, oom_per_year_high, intercept_log10, doubling_months, doubling_months_low, doubling_months_high,"
        " growth_per_year, r_squared, headline, bootstrap_draws, bootstrap_doubling_months_low, bootstrap_doubling_months_high",
        ("training_compute", "frontier", "from_2010", dt.date(2010, 1, 1), dt.date(2024, 6, 1), 4, 0.75, 0.01, 0.7, 0.8, 8.0,
         4.8165, 4.5, 5.1, 5.62, 0.99, True, 1000, 4.24, 5.76),
        ("training_compute", "notable", "from_2010", dt.date(2010, 1, 1), dt.date(2024, 6, 1), 9, 0.75, 0.01, 0.7, 0.8, 8.0,
         9.9, 9.5, 10.1, 5.62, 0.99, True, None, None, None),
    )  # fmt: skip
    add("compute.run_selections", "selection, run_id", *(("frontier", run_id) for run_id in "abcd"))
    figures = [(r, "any", day(2012 + 4 * n)[1], 12.4 + 4 * n, 10.0 ** (17 + 3 * n)) for n, r in enumerate("abcd")]
    add("compute.measurements", "run_id, selection, published_on, years_since_2000, value", *figures)
    empty.execute("update compute.measurements set metric = 'training_compute' where selection = 'any'")
    yield empty
    empty.execute("rollback")


def test_a_version_of_nothing_says_so_part_by_part(empty):
    page = Reader(build.page(empty))
    assert "No growth can be told yet" in page.said
    parts = "runs doublings eras forces projections thresholds published quality cite"
    assert [attrs["id"] for tag, attrs in page.tags if tag == "section"] == parts.split()
    for absence in ("no dated run", "no rows for this part", "No version is published"):
        assert absence in page.said


def test_the_front_page_is_the_headline_fit_with_its_bootstrap_interval(told):
    page = build.page(told)
    front = re.search(r"<h1>(.*?)</h1>", page, re.DOTALL).group(1)
    assert re.sub(r"(<.*?>|\s)+", " ", front).strip() == (
        "The compute that trains the largest AI models doubles every 4.8 months (95% interval 4.2 to 5.8)"
    )
    assert "That is 5.6 times a year, measured on 4 runs published between January 2010 and June 2024." in page
    assert "Version 7, as of 2 January 2031" in page


def test_the_front_page_falls_back_to_other_runs_and_to_no_growth(told):
    told.execute("delete from trends.metric_trends where selection = 'frontier'")
    assert "The compute that trains notable AI models doubles every 9.9 months" in build.page(told)
    told.execute("update trends.metric_trends set doubling_months_low = null, doubling_months_high = null")
    assert "No sure growth in the compute that trains notable AI models" in build.page(told)


def test_names_and_addresses_from_data_are_only_ever_text(told):
    text = build.page(told)
    page = Reader(text)
    assert [tag for tag, _ in page.tags if tag in ("script", "img", "iframe", "object", "link", "base")] == [
        "script",
        "script",
        "script",
    ]
    assert not [key for _, attrs in page.tags for key in attrs if key.startswith("on")]
    addresses = [attrs["href"] for tag, attrs in page.tags if tag == "a" and not attrs["href"].startswith("#")]
    assert addresses and all(address.startswith("https://") for address in addresses)
    assert "https://example.org/a?x=1&y=\"'<b>" in addresses
    assert SCRIPT in " ".join(page.words) and IMAGE in " ".join(page.words)
    data = json.loads(re.search(r"^const DATA = (.*);$", page.scripts[1], re.MULTILINE).group(1))
    runs = [dict(zip(data["runs"]["columns"], row, strict=True)) for row in data["runs"]["rows"]]
    assert [(run["name"], run["url"] != "") for run in runs] == [
        ("Plain", True),
        (SCRIPT, False),
        (IMAGE, False),
        ("Last", False),
    ]


def test_the_page_may_run_its_own_scripts_and_fetch_nothing(told):
    page = Reader(build.page(told))
    (policy,) = (attrs["content"] for tag, attrs in page.tags if attrs.get("http-equiv") == "Content-Security-Policy")
    allowed = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert allowed["default-src"] == "'none'" and "connect-src" not in allowed and "unsafe-eval" not in policy
    hashes = [base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in page.scripts]
    assert allowed["script-src"].split() == [f"'sha256-{one}'" for one in hashes]
    assert not re.search(r"url\(|@import", " ".join(page.styles))


def test_search_engines_for_datasets_are_told_what_the_page_is_of(told):
    text = build.page(told)
    (described,) = map(json.loads, Reader(text).described)
    assert (described["@context"], described["@type"]) == ("https://schema.org/", "Dataset")
    assert (described["version"], described["dateModified"], described["datePublished"]) == (
        "7",
        "2031-01-02",
        "2031-02-03",
    )
    assert described["temporalCoverage"] == "2012-06-01/2024-06-01"
    assert described["isBasedOn"] == [
        {"@type": "CreativeWork", "name": SCRIPT, "usageInfo": IMAGE, "creditText": IMAGE}
    ]
    assert f'<blockquote id="citation">{html.escape(described["citation"])}</blockquote>' in text


def test_equal_tables_give_equal_bytes(told):
    assert build.page(told) == build.page(told)


def test_every_chart_has_words_and_a_table_beside_it(told):
    text = build.page(told)
    charts = re.findall(r'<figure id="figure-(\w+)">(.*?)</figure>', text, re.DOTALL)
    assert {"runs", "doublings", "coverage"} <= {name for name, _ in charts}
    for name, inner in charts:
        assert f'aria-labelledby="title-{name}" aria-describedby="words-{name}"' in inner
        assert len(re.search(rf'id="words-{name}">(.*?)</p>', inner, re.DOTALL).group(1)) > 60
        assert "<table><caption>" in inner and 'scope="col"' in inner and 'scope="row"' in inner
        assert 'data-save="svg"' in inner and 'data-save="png"' in inner


def test_a_long_table_shows_its_first_rows_and_how_many_there_are(told):
    many = (
        "insert into compute.training_runs by name select r.* replace (? || n as run_id)"
        " from compute.training_runs as r, range(20) as many (n) where run_id = 'a'"
    )
    pattern = re.compile(r"<caption>The runs of most training compute.*?</p>", re.DOTALL)
    told.execute(many, ["x"])
    assert pattern.search(build.page(told)).group(0).count("<tr>") == 24 + 1
    told.execute(many, ["y"])
    largest = pattern.search(build.page(told)).group(0)
    assert largest.count("<tr>") == 40 + 1 and "The first 40 of 44 rows." in largest


def test_the_band_of_a_line_is_narrowest_amid_its_runs(told):
    """By hand: slope 0.75, intercept 8, half-width of the slope 0.05; runs at 12.4, 16.4, 20.4, 24.4: mean 18.4, variance 20."""
    (first, *_, last) = [row for row in Tables(told).rows("fits") if row["selection"] == "frontier"]
    x = (first["on_day"] - dt.date(2000, 1, 1)).days / 365.25
    assert first["flop"] == pytest.approx(10 ** (8 + 0.75 * x))
    assert first["high"] / first["flop"] == pytest.approx(10 ** (0.05 * (20 + (x - 18.4) ** 2) ** 0.5))
    assert first["flop"] / first["low"] == pytest.approx(first["high"] / first["flop"])
    assert (last["on_day"], last["is_end"]) == (dt.date(2024, 6, 1), True)
    # The card says the same interval as the front page.
    assert (first["doubling_months_low"], first["doubling_months_high"]) == (4.24, 5.76)


@pytest.mark.parametrize("query", sorted(QUERIES.glob("*.sql")), ids=lambda path: path.stem)
def test_the_page_reads_public_tables_alone(empty, query):
    public = {*release.released_tables(kept_tables()), *BOOKS}
    text = query.read_text(encoding="utf-8")
    assert text.startswith("-- ")
    read = derive.tables_read(empty, text)
    awaited = {"trends.published_results", "trends.essay_claims"} - set(all_tables())
    assert read - awaited <= public
    tables = Tables(empty)
    tables.rows(query.stem)
    # A name that is wrong would else pass for a table that an old version lacks.
    assert (query.stem in tables.missing) == bool(read & awaited or "versions" in text.split())


def test_numbers_as_the_page_prints_them():
    told = [words.figure(value) for value in (None, 0, 0.0123, 45.64, 1234.5, 999999, float("nan"))]
    assert told == ["–", "0", "0.0123", "45.6", "1,230", "1,000,000", "–"]
    large = [words.figure(value).replace("\u00a0", " ") for value in (5e26, 1e25, 6.4e-9)]
    assert large == ["5 × 10²⁶", "10²⁵", "6.4 × 10⁻⁹"]
    prices = [words.dollars(value).replace("\u00a0", " ") for value in (1.0638e9, 294378286, 950)]
    assert prices == ["$1.06 billion", "$294 million", "$950"]
    assert words.aligned(5e26).replace("\u00a0", " ") == "5.00 × 10²⁶" and words.tenths(5.3064) == "5.3"
    assert words.share(-0.004) == "0%" and words.day(dt.date(2025, 7, 9)) == "9 July 2025"
    assert [words.safe_url(url) for url in ("http://a", "HTTPS://b", "ftp://c", "data:d", None)] == [
        "http://a",
        "HTTPS://b",
        "",
        "",
        "",
    ]


@pytest.mark.slow
def test_the_charts_are_what_altair_makes_of_charts_py():
    from warehouse.page import charts

    assert charts.SPECS.read_text(encoding="utf-8") == charts.text(), "run: python -m warehouse.page.charts"
    assert gzip.decompress(charts.BUNDLE.read_bytes()) == gzip.decompress(charts.bundle())


@pytest.mark.slow
def test_the_whole_export_makes_a_page_of_less_than_two_and_a_half_megabytes(built, shared):
    epoch = shared / "data" / "epoch"
    made = built(
        "curated", "epoch", models=epoch / "models_2025-06-20.csv", chips=epoch / "ml_hardware_2025-12-24.csv",
        prices=epoch / "prices_2025-06-20.csv", deflator=epoch / "ppi_PCU518210518210.csv",
    )  # fmt: skip
    size = len(build.page(made.con).encode())
    assert 1_500_000 < size < LIMIT_BYTES


@pytest.fixture
def browser(tmp_path):
    """A headless Chromium; without one the test is skipped, under CI it fails."""
    program = chromium.found()
    if program is None:
        reason = "no Chromium on this machine: apt-get install chromium"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
    with chromium.Chromium(program, tmp_path / "profile") as opened:
        yield opened


@pytest.fixture
def opened(browser, told, tmp_path):
    """The page of the hand-made version, open in a browser."""
    file = tmp_path / "page.html"
    file.write_text(build.page(told), encoding="utf-8")
    browser.screen(1280, 900)
    browser.open(file)
    browser.ask("window.open = (address) => { window.wentTo = address; }, 0")
    yield browser
    assert browser.faults == []
    assert [address for address in browser.requests if address != file.as_uri()] == []
    assert browser.ask("window.stolen === undefined")


def _choose(page, name, value):
    page.ask(f"(() => {{ const box = document.querySelector('select[name={name}]'); box.value = {json.dumps(value)};"
             " box.dispatchEvent(new Event('change', { bubbles: true })); })()")  # fmt: skip


def _card(page):
    return page.ask(
        "document.getElementById('card-runs').hidden ? null : document.getElementById('card-runs').innerText"
    )


@pytest.mark.slow
def test_a_browser_filters_the_runs(opened):
    shown = "document.getElementById('shown-runs').textContent"
    assert opened.ask(shown).startswith(
        "4 of 4 runs; line over 4 runs since 2010: doubles every 4.8 months (4.2 to 5.8)"
    )
    for name, value, runs in (
        ("domain", "language", 2),
        ("organisation", "academia", 1),
        ("openness", IMAGE, 1),
        ("selection", "frontier", 4),
    ):
        _choose(opened, name, value)
        opened.until(f"{shown}.startsWith('{runs} of 4 runs')")
        opened.ask("document.querySelector('form.filters').reset()")
        opened.until(f"{shown}.startsWith('4 of 4 runs')")
    _choose(opened, "span", "2018")
    opened.until(f"{shown}.startsWith('2 of 4 runs')")


@pytest.mark.slow
def test_a_browser_shows_who_when_how_much_and_how_surely(opened):
    """The right-most dot, Last, is the only one in the upper right corner; the mouse looks for it from there."""
    opened.ask("document.getElementById('chart-runs').scrollIntoView({ behavior: 'instant' }), 0")
    left, top, width = opened.ask(
        "(({ x, y, width }) => [x, y, width])(document.getElementById('chart-runs').getBoundingClientRect())"
    )
    places = ((left + width - 10 - 12 * across, top + 10 + 12 * down) for across in range(12) for down in range(5))
    while not _card(opened):
        opened.move(*next(places))
    assert _card(opened).splitlines() == [
        "Last", "D, 1 June 2024", "10²⁶ FLOP", "90% interval 5\u00a0×\u00a010²⁵ to 2\u00a0×\u00a010²⁶", "stated by a source",
    ]  # fmt: skip
    opened.move(left + 5, top + 400)
    opened.until("document.getElementById('card-runs').hidden")


@pytest.mark.slow
def test_a_finger_shows_a_run_with_a_link_to_its_source(opened, tmp_path):
    """The first run, Plain, is the lowest one, far left; the card stands below the chart and stays."""
    opened.screen(390, 844, is_phone=True)
    opened.open(tmp_path / "page.html")
    opened.ask("document.getElementById('chart-runs').scrollIntoView({ behavior: 'instant' }), 0")
    box = opened.ask(
        "(({ x, y, height }) => [x, y, height])(document.getElementById('chart-runs').getBoundingClientRect())"
    )
    opened.tap(box[0] + 60, box[1] + box[2] - 45)
    assert _card(opened).startswith("Plain")
    link = opened.ask("(({ href, rel }) => [href, rel])(document.querySelector('#card-runs a'))")
    assert link == ["https://example.org/a?x=1&y=%22%27%3Cb%3E", "noopener noreferrer"]
    assert opened.ask("getComputedStyle(document.getElementById('card-runs')).position") == "static"


@pytest.mark.slow
def test_the_keyboard_walks_from_run_to_run_and_opens_the_source(opened):
    opened.ask("document.getElementById('chart-runs').focus()")
    opened.key("ArrowRight")
    assert _card(opened).startswith("Plain\nA, B, 1 June 2012\n10¹⁷ FLOP")
    opened.key("Enter")
    assert opened.ask("window.wentTo") == "https://example.org/a?x=1&y=\"'<b>"
    opened.key("ArrowRight")
    assert _card(opened).startswith(SCRIPT)
    opened.ask("window.wentTo = ''")
    opened.key("Enter")
    assert opened.ask("window.wentTo") == ""
    opened.key("End")
    assert _card(opened).startswith("Last")
    opened.key("Escape")
    assert _card(opened) is None


@pytest.mark.slow
def test_a_browser_reads_the_tables_and_saves_pictures(opened):
    rows = "[...document.querySelectorAll('#figure-runs table tbody tr')].map((row) => row.cells[0].innerText)"
    opened.ask("document.querySelector('#figure-runs summary').click()")
    assert opened.ask(rows) == ["Last", IMAGE, SCRIPT, "Plain"]
    opened.ask(
        "window.saved = {}, HTMLAnchorElement.prototype.click = function () { window.saved[this.download] = this.href; }, 0"
    )
    for kind in ("svg", "png"):
        opened.ask(f"document.querySelector('button[data-save={kind}][data-of=runs]').click()")
        opened.until(f"'aicompute-runs.{kind}' in window.saved")
    saved = opened.ask("window.saved")
    drawing = unquote(saved["aicompute-runs.svg"])
    assert "<svg" in drawing and "var(--" not in drawing and "aicompute, version 7" in drawing
    assert base64.b64decode(saved["aicompute-runs.png"].split(",")[1]).startswith(b"\x89PNG")


@pytest.mark.slow
@pytest.mark.parametrize("is_phone", [False, True], ids=["desktop", "phone"])
@pytest.mark.parametrize("is_dark", [False, True], ids=["light", "dark"])
def test_the_page_fits_desktop_and_phone_light_and_dark(opened, tmp_path, is_dark, is_phone):
    opened.screen(390 if is_phone else 1280, 844, is_dark, is_phone)
    opened.open(tmp_path / "page.html")
    assert opened.ask("document.documentElement.scrollWidth") == (390 if is_phone else 1280)
    paper, ink = opened.ask(
        "(({ backgroundColor, color }) => [backgroundColor, color])(getComputedStyle(document.body))"
    )
    lightness = [sum(map(int, re.findall(r"\d+", colour))) for colour in (paper, ink)]
    assert (lightness[0] < lightness[1]) == is_dark
    assert opened.ask("[...document.querySelectorAll('.chart')].every((chart) => chart.querySelector('svg'))")


@pytest.mark.slow
def test_the_page_of_the_embedded_facts_opens_without_a_fault(browser, built, tmp_path):
    file = tmp_path / "page.html"
    file.write_text(build.page(built("curated").con), encoding="utf-8")
    browser.screen(1280, 900)
    browser.open(file)
    assert (
        browser.ask("[...document.querySelectorAll('.chart')].filter((chart) => chart.querySelector('svg')).length")
        >= 6
    )
    assert browser.faults == []
    assert browser.requests == [file.as_uri()]
