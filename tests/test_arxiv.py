"""arXiv: live answers saved from its API against values read off them, pages made by hand, hostile bytes, and crawls."""

from __future__ import annotations

import datetime as dt
import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows import sources
from flows.http import FetchError
from flows.rows import Rows, SchemaBreak
from flows.sources import Ask, Scope, arxiv
from schemas.contract import check
from schemas.tables import LAYERS

HERE = Path(__file__).resolve().parent / "sources" / "arxiv"
TODAY = dt.date(2026, 3, 10)
# What was read off the saved files by eye: entries, all authors, and (id, first day, last day, authors) of some entries.
REAL = {
    "id_0000.0000_s0_m100_8b51d9633a68": (0, 0, {}),
    "id_0808.05394_1707.08567_s0_m100_42e5aa0ec3af": (1, 34, {0: ("1707.08567", "2017-07-27", "2017-07-27", 34)}),
    "id_0808.05394_s0_m100_7b0c7d0a7cdd": (0, 0, {}),
    "id_1605.08386_s0_m100_199195aa31ad": (1, 2, {0: ("1605.08386", "2016-05-26", "2016-05-26", 2)}),
    "id_1707.08567_s0_m100_6a1afebfc6a3": (1, 34, {0: ("1707.08567", "2017-07-27", "2017-07-27", 34)}),
    "id_2104.12255v1_s0_m100_6ae69987ffe1": (1, 1, {0: ("2104.12255", "2021-04-20", "2021-04-20", 1)}),
    "id_astro-ph_0601001_s0_m100_3150dca9dc76": (1, 4, {0: ("astro-ph/0601001", "2006-01-02", "2006-01-02", 4)}),
    "id_quant-ph_0201082v1_s0_m100_86989fe779ef": (1, 1, {0: ("quant-ph/0201082", "2002-01-18", "2002-01-18", 1)}),
    "q_testing_s0_m100_cfe7536492ca": (
        100,
        366,
        {
            0: ("2202.12139", "2022-02-24", "2022-02-24", 3),
            51: ("cs/0503050", "2005-03-21", "2005-03-21", 3),
            81: ("0804.0970", "2008-04-07", "2008-04-07", 2),
            88: ("hep-ph/0301050", "2003-01-08", "2003-06-30", 2),
            99: ("gr-qc/0103067", "2001-03-17", "2001-03-17", 2),
        },
    ),
    "q_testing_s0_m10_bc5a6c384fe9": (
        10,
        35,
        {
            0: ("2202.12139", "2022-02-24", "2022-02-24", 3),
            2: ("2005.14124", "2020-05-28", "2020-07-16", 5),
            9: ("1812.11470", "2018-12-30", "2018-12-30", 2),
        },
    ),
    "q_testing_s0_m15_80c242b59d59": (15, 50, {14: ("1912.04900", "2019-12-10", "2019-12-10", 5)}),
    "q_testing_s10_m10_34e56e15aaac": (10, 32, {0: ("2403.16981", "2024-03-25", "2025-05-24", 3)}),
    "q_testing_s20_m10_348a237fecab": (
        10,
        40,
        {5: ("2409.05654", "2024-09-09", "2025-05-08", 1), 9: ("2602.15552", "2026-02-17", "2026-02-17", 3)},
    ),
    "q_testing_s30_m10_f2e39f0143dc": (10, 42, {0: ("2101.12036", "2021-01-27", "2021-01-27", 9)}),
    "q_testing_s40_m10_96dd32eb854c": (10, 39, {5: ("2507.10541", "2025-07-14", "2025-07-15", 8)}),
    "q_testing_s50_m10_7f488ab8598c": (10, 37, {9: ("2101.09077", "2021-01-22", "2021-01-22", 4)}),
    "q_testing_s5_m10_c0e94a259d4a": (10, 29, {0: ("1202.4527", "2012-02-21", "2012-02-21", 2)}),
    "q_testing_s5_m15_bbcf6b23085b": (15, 46, {14: ("2202.06271", "2022-02-13", "2022-02-13", 3)}),
    "q_testing_s9_m15_0b78d4b4d476": (15, 54, {7: ("1605.01097", "2016-05-03", "2016-05-03", 1)}),
}


def saved(shared: Path, name: str) -> bytes:
    """The body as it was sent: whoever saved it took its UTF-8 for Latin-1."""
    path = shared / "data" / "apis" / "arxiv_atom" / f"{name}.json"
    return json.loads(path.read_text(encoding="utf-8"))["body"].encode("latin-1")


def read(dataset: str, content: bytes) -> Rows:
    (rows,) = arxiv.parse(dataset, content, "document").values()
    return rows


def accepted(rows: Rows) -> list[dict]:
    """Rows that keep the contract; the others must be accounted for."""
    checked = check(rows.frame, LAYERS["raw"]["arxiv_papers"])
    set_aside = {fault["row_number"] for fault in rows.ragged} | set(checked.broken["row_number"])
    assert rows.rows_read == checked.accepted.height + len(set_aside)
    return checked.accepted.to_dicts()


# ------------------------------------------------------------------------------------------------ live answers, saved


@pytest.mark.parametrize("name", REAL)
def test_a_saved_answer_is_read_as_it_reads(shared, name):
    entries, authors, papers = REAL[name]
    found = accepted(read("search", saved(shared, name)))
    assert len(found) == entries
    assert sum(len(row["authors"].split("; ")) for row in found) == authors
    for place, (arxiv_id, first, last, count) in papers.items():
        row = found[place]
        days = (row["first_version_on"].isoformat(), row["last_version_on"].isoformat())
        assert (row["arxiv_id"], *days, len(row["authors"].split("; "))) == (arxiv_id, first, last, count)


def test_every_saved_answer_is_looked_at(shared):
    names = {path.stem for path in (shared / "data" / "apis" / "arxiv_atom").glob("*.json")}
    assert names == {*REAL, "id_abc_s0_m100_b79c8dcf6bc3"}


def test_the_saved_error_is_refused_with_what_it_says(shared):
    rows = read("by_id", saved(shared, "id_abc_s0_m100_b79c8dcf6bc3"))
    (fault,) = rows.ragged
    assert (rows.rows_read, rows.frame.height) == (1, 0)
    assert fault["rule"] == "the entry is a paper, not an error of the API"
    assert fault["raw_value"] == "incorrect id format for abc"


def test_words_of_saved_answers(shared):
    """Affiliations, DOI, journal, categories, letters beyond ASCII, and white space before an abstract."""
    jupiters = accepted(read("by_id", saved(shared, "id_astro-ph_0601001_s0_m100_3150dca9dc76")))[0]
    assert jupiters["authors"] == "Andrew Gould; Susan Dorsher; B. Scott Gaudi; Andrzej Udalski"
    assert jupiters["organisations"] == "Ohio State; CfA; Warsaw University Observatory"
    assert jupiters["journal_reference"] == "ActaAstron.56:1-50,2006"
    assert jupiters["abstract"].startswith("We derive the frequencies")
    assert jupiters["doi"] is None and jupiters["licence"] is None
    assert accepted(read("by_id", saved(shared, "id_2104.12255v1_s0_m100_6ae69987ffe1")))[0]["title"] == "0"
    page = accepted(read("search", saved(shared, "q_testing_s0_m100_cfe7536492ca")))
    anarchy, equivalence = page[88], page[99]
    assert anarchy["doi"] == "10.1016/j.physletb.2003.08.045"
    assert equivalence["authors"] == "Mark P. Haugan; C. Lämmerzahl"
    assert (page[0]["doi"], page[0]["primary_category"]) == ("10.1109/icstw55395.2022.00035", "cs.SE")
    assert page[0]["categories"] == "cs.SE; cs.LG"
    workshop = accepted(read("by_id", saved(shared, "id_1707.08567_s0_m100_6a1afebfc6a3")))[0]
    assert workshop["authors"].split("; ")[-2:] == ["Dirk Wübben", "Hirosuke Yamamoto"]


def test_the_same_places_of_a_list_hold_the_same_papers_however_it_is_cut(shared):
    """Pages of 10 and 15 from 0, 5, 9, 10 … of one query, saved within a minute."""
    whole = accepted(read("search", saved(shared, "q_testing_s0_m15_80c242b59d59")))
    whole += accepted(read("search", saved(shared, "q_testing_s10_m10_34e56e15aaac")))[5:]
    whole += accepted(read("search", saved(shared, "q_testing_s20_m10_348a237fecab")))
    for name, start in (
        ("q_testing_s0_m10_bc5a6c384fe9", 0),
        ("q_testing_s5_m10_c0e94a259d4a", 5),
        ("q_testing_s5_m15_bbcf6b23085b", 5),
        ("q_testing_s9_m15_0b78d4b4d476", 9),
    ):
        part = accepted(read("search", saved(shared, name)))
        same = whole[start : start + len(part)]
        assert [{**row, "row_number": 0} for row in part] == [{**row, "row_number": 0} for row in same]


def test_no_saved_paper_has_an_id_of_an_earlier_month_than_its_first_version(shared):
    """What the listing's reader goes by when it doubts a day."""
    for name in REAL:
        for row in accepted(read("search", saved(shared, name))):
            digits = row["arxiv_id"].rpartition("/")[2]
            month = int(("19" if digits[:2] > "90" else "20") + digits[:4])
            assert row["first_version_on"].year * 100 + row["first_version_on"].month <= month


# ---------------------------------------------------------------------------------------------------- pages by hand


def test_a_feed_made_by_hand():
    rows = read("search", (HERE / "feed.xml").read_bytes())
    first, second = accepted(rows)
    assert first == {
        "row_number": 1,
        "arxiv_id": "2401.00001",
        "title": "A title over two lines, with 2 < 3 & $x$",
        "authors": "Ada Invented; Boris Q. Made-Up, Jr.; The X, Y Collaboration",
        "organisations": "Institute One, Room 2; Institute Two",
        "first_version_on": dt.date(2024, 2, 1),  # 20:00 five hours behind UTC
        "last_version_on": dt.date(2024, 3, 10),
        "doi": "10.1234/abc.def",
        "journal_reference": "J. Inv. Res. 12 (2024) 1-9",
        "primary_category": "cs.LG",
        "categories": "cs.LG; cond-mat.dis-nn",
        "licence": None,
        "abstract": "An abstract over lines.",
    }
    assert (second["arxiv_id"], second["doi"]) == ("math.GT/0309136", "10.1000/first")
    assert [(fault["row_number"], fault["rule"]) for fault in rows.ragged] == [(3, "first_version_on is filled")]
    broken = check(rows.frame, LAYERS["raw"]["arxiv_papers"]).broken
    assert [(row["row_number"], row["rule"]) for row in broken.to_dicts()] == [
        (4, "arxiv_id is filled"),
        (5, "first_version_on is a date YYYY-MM-DD"),
    ]
    assert json.loads(rows.as_json(3))["title"] == "Without a day"


def test_a_listing_made_by_hand():
    rows = read("listing", (HERE / "listing_1.xml").read_bytes())
    first, revised = accepted(rows)
    assert first == {
        "row_number": 1,
        "arxiv_id": "2602.00001",
        "title": "A title over two lines: 2 < 3",
        "authors": "Ada B. of Nowhere; Boris Invented Jr; The Made-Up Collaboration",
        "organisations": "Institute One, Room 2; Institute Two",
        "first_version_on": dt.date(2026, 1, 31),  # submitted in January, announced in February
        "last_version_on": dt.date(2026, 2, 14),
        "doi": "10.1234/abc.def",
        "journal_reference": "J. Inv. Res. 12 (2026) 1-9",
        "primary_category": "cs.LG",
        "categories": "cs.LG; cs.CL; stat.ML",
        "licence": "http://creativecommons.org/licenses/by/4.0/",
        "abstract": "An abstract over lines.",
    }
    # An id of June 2022 was announced then, so a paper "created" in 2026 tells the day of its newest version.
    assert (revised["first_version_on"], revised["last_version_on"]) == (None, dt.date(2026, 2, 4))


@pytest.mark.parametrize(
    ("said", "doi"),
    [
        ("10.1234/A", "10.1234/a"),
        ("10.1234/a 10.1234/b", "10.1234/a"),
        ("10.1234/a;10.1234/b,", "10.1234/a"),
        ("doi:10.1234/a,", "10.1234/a"),
        (
            "10.1002/(SICI)1234-5678(1998)17:15&lt;1::AID-X2&gt;3.0.CO;2-2",
            "10.1002/(sici)1234-5678(1998)17:15<1::aid-x2>3.0.co;2-2",
        ),
        ("to appear", None),
    ],
)
def test_of_several_dois_the_first_is_read(said, doi):
    text = (HERE / "feed.xml").read_text(encoding="utf-8").replace("10.1234/ABC.Def", said)
    assert accepted(read("search", text.encode()))[0]["doi"] == doi


def test_a_deleted_record_is_refused_and_one_without_authors_breaks_the_contract():
    rows = read("listing", (HERE / "listing_2.xml").read_bytes())
    (old,) = accepted(rows)
    assert (old["arxiv_id"], old["first_version_on"]) == ("cs/9901001", dt.date(1999, 1, 5))
    (fault,) = rows.ragged
    assert (fault["row_number"], fault["rule"]) == (1, "the record is not deleted at its source")
    assert json.loads(rows.as_json(1)) == {"arxiv_id": "2602.00003"}
    broken = check(rows.frame, LAYERS["raw"]["arxiv_papers"]).broken.to_dicts()
    assert [(row["row_number"], row["rule"]) for row in broken] == [(3, "authors is filled")]


@pytest.mark.parametrize("name", ["listing_none", "listing_dead_token"])
def test_an_answer_without_records_has_no_rows(name):
    assert read("listing", (HERE / f"{name}.xml").read_bytes()).rows_read == 0


def test_any_other_error_of_oai_is_told():
    with pytest.raises(SchemaBreak, match=r"document: a list of records was expected.*badArgument: Set does not exist"):
        read("listing", (HERE / "listing_bad_argument.xml").read_bytes())


@pytest.mark.parametrize("path", sorted(HERE.iterdir()), ids=lambda path: path.name)
def test_a_fixture_says_that_it_is_made_by_hand(path):
    assert "made by hand after the source's documentation" in path.read_text(encoding="utf-8").splitlines()[0]


# -------------------------------------------------------------------------------------------------- hostile bytes

FEED = (
    b'<feed xmlns="http://www.w3.org/2005/Atom" xmlns:o="http://a9.com/-/spec/opensearch/1.1/">'
    b"<o:totalResults>1</o:totalResults>%s</feed>"
)
ENTRY = (
    b"<entry><id>http://arxiv.org/abs/2401.00001v1</id><published>2024-01-01T00:00:00Z</published>"
    b"<author><name>Ada Invented</name></author><title>%s</title></entry>"
)
_LAUGHS = b"".join(b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 12))
HOSTILE = {
    "an XML bomb": b'<!DOCTYPE feed [<!ENTITY l0 "ha">' + _LAUGHS + b"]>" + FEED % (ENTRY % b"&l11;"),
    "a large entity often": b'<!DOCTYPE feed [<!ENTITY a "'
    + b"x" * 100_000
    + b'">]>'
    + FEED % (ENTRY % (b"&a;" * 50_000)),
    "a file": b'<!DOCTYPE feed [<!ENTITY f SYSTEM "file:///etc/passwd">]>' + FEED % (ENTRY % b"&f;"),
    "an address": b'<!DOCTYPE feed SYSTEM "http://127.0.0.1:9/evil.dtd">' + FEED % (ENTRY % b"t"),
    "a parameter entity": b'<!DOCTYPE feed [<!ENTITY % p SYSTEM "file:///etc/passwd"> %p;]>' + FEED % (ENTRY % b"t"),
    "a default attribute": b'<!DOCTYPE feed [<!ATTLIST feed a CDATA "x">]>' + FEED % (ENTRY % b"t"),
    "a DTD in UTF-16": (b"<!DOCTYPE feed [<!ENTITY a 'x'>]>" + FEED % (ENTRY % b"&a;")).decode().encode("utf-16"),
    "an entity nobody declared": FEED % (ENTRY % b"&nothing;"),
    "a million tags deep": FEED % (b"<a>" * 1_000_000),
    "a million tags side by side": FEED % (b"<a/>" * 1_000_000),
    "a million tags in an entry": FEED % (b"<entry>" + b"<author/>" * 1_000_000 + b"</entry>"),
    "one long word": FEED % (ENTRY % (b"x" * 20_000_000)),
    "cut short": (FEED % (ENTRY % b"t"))[:-20],
    "two documents": FEED % (ENTRY % b"t") + FEED % b"",
    "a page for people": b"<!doctype html><html><body><p>Rate exceeded.<br></body></html>",
    "a well-formed page for people": b"<html><body><p>Rate exceeded.</p></body></html>",
    "no feed of arXiv": b'<feed xmlns="http://www.w3.org/2005/Atom"><entry/></feed>',
    "JSON": b'{"error": "no"}',
    "words": b"Rate exceeded.",
    "nothing": b"",
    "zeros": b"\0" * 1000,
    "compressed": b"\x1f\x8b\x08\x00\x00\x00\x00\x00",
    "an encoding nobody has": b'<?xml version="1.0" encoding="x-none"?>' + FEED % b"",
}


@pytest.mark.parametrize("dataset", ["search", "listing"])
@pytest.mark.parametrize("kind", HOSTILE)
def test_what_is_no_answer_of_arxiv_gives_one_sentence(kind, dataset):
    with pytest.raises(SchemaBreak) as told:
        arxiv.parse(dataset, HOSTILE[kind], "the document")
    assert str(told.value).startswith("the document: ") and " was expected; " in str(told.value)
    assert len(str(told.value)) < 300 and "\n" not in str(told.value)
    assert "root:" not in str(told.value)


@pytest.mark.slow
def test_hostile_bytes_take_no_memory_to_speak_of(tmp_path):
    """In a process of its own, beside the largest of them (20 MB): the tree of one record, and no more."""
    if not Path("/proc/self/status").exists():
        pytest.skip("the peak of this process alone is read from /proc")
    for number, content in enumerate(HOSTILE.values()):
        (tmp_path / f"{number}").write_bytes(content)
    code = (
        "import contextlib, pathlib, sys\n"
        "from flows.rows import SchemaBreak\n"
        "from flows.sources import arxiv\n"
        "def peak():\n"
        "    text = pathlib.Path('/proc/self/status').read_text()\n"
        "    return int(text.partition('VmHWM:')[2].split()[0]) / 1024\n"
        "before = peak()\n"
        "for path in pathlib.Path(sys.argv[1]).iterdir():\n"
        "    with contextlib.suppress(SchemaBreak):\n"
        "        arxiv.parse('search', path.read_bytes(), 'document')\n"
        "print(peak() - before)\n"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    done = subprocess.run(command, cwd=HERE.parents[2], capture_output=True, text=True, check=True)
    assert 20 < float(done.stdout) < 120  # MB


def test_markup_within_words_is_read_as_its_words():
    row = read("search", FEED % (ENTRY % b"a <i>b</i> c")).frame.to_dicts()[0]
    assert row["title"] == "a b c"


def test_metadata_in_another_format_is_told():
    content = (
        (HERE / "listing_1.xml").read_bytes().replace(b"http://arxiv.org/OAI/arXiv/", b"http://arxiv.org/OAI/arXivRaw/")
    )
    with pytest.raises(SchemaBreak, match=r"metadata in the format arXiv was expected; there is arXiv$"):
        read("listing", content)


@given(st.sampled_from(["by_id", "search", "listing"]), st.binary(max_size=300))
def test_any_bytes_are_rows_or_one_sentence(dataset, content):
    _rows_or_sentence(dataset, content)


@settings(deadline=None)
@given(
    st.sampled_from([("search", "feed"), ("listing", "listing_1"), ("listing", "listing_2")]),
    st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 40), st.binary(max_size=12)), min_size=1, max_size=4),
)
def test_a_damaged_page_is_rows_or_one_sentence(page, damages):
    dataset, name = page
    content = (HERE / f"{name}.xml").read_bytes()
    for place, length, instead in damages:
        content = content[:place] + instead + content[place + length :]
    _rows_or_sentence(dataset, content)


def _rows_or_sentence(dataset: str, content: bytes) -> None:
    try:
        rows = read(dataset, content)
    except SchemaBreak as told:
        assert "\n" not in str(told)
    else:
        accepted(rows)


NEW_IDS = st.builds("{:02d}{:02d}.{:05d}".format, st.integers(15, 90), st.integers(1, 12), st.integers(0, 99_999))
OLD_IDS = st.builds(
    "{}/{:02d}{:02d}{:03d}".format,
    st.sampled_from(["cs", "math.GT", "quant-ph", "astro-ph", "hep-th", "q-bio.NC"]),
    st.sampled_from([*range(91, 100), *range(8)]),
    st.integers(1, 12),
    st.integers(0, 999),
)


@given(st.lists(st.tuples(NEW_IDS | OLD_IDS, st.sampled_from(["", "v1", "v12"])), max_size=8))
def test_ids_come_back_without_version(ids):
    entries = b"".join(ENTRY.replace(b"2401.00001v1", f"{name}{version}".encode()) % b"t" for name, version in ids)
    frame = read("search", FEED % entries).frame
    assert frame["arxiv_id"].to_list() == [name for name, _ in ids]


@given(NEW_IDS | OLD_IDS)
def test_an_id_wanted_is_asked_for_as_it_stands(name):
    asked = []
    got = api_without(set())
    arxiv.crawl(lambda ask: asked.append(ask) or got(ask), scope(papers=(f"arxiv:{name}",)), "by_id")
    assert [(ask.params["id_list"], ask.page) for ask in asked] == [(name, f"arxiv:{name}")]


# -------------------------------------------------------------------------------------------------------- crawls


class Get:
    """What a crawl calls: answers by a function of the request, each page once, as the archive gives it back."""

    def __init__(self, answer: Callable[[Ask], bytes]) -> None:
        self.answer = answer
        self.pages: dict[str, bytes] = {}
        self.asked: list[Ask] = []

    def __call__(self, ask: Ask) -> bytes:
        if ask.page not in self.pages:
            self.asked.append(ask)
            self.pages[ask.page] = self.answer(ask)
        return self.pages[ask.page]

    @property
    def names(self) -> list[str]:
        return [ask.page for ask in self.asked]


def scope(dataset: str = "", **given) -> Scope:
    """A scope of this test: settings by name, the rest as it is."""
    own = {name: given.pop(name) for name in list(given) if name in arxiv.Settings.model_fields and name != "since"}
    defaults = {"categories": "cs.LG", "list_by": {"search": "api", "listing": "oai"}.get(dataset, "none")}
    return Scope(settings=arxiv.Settings(**{**defaults, **own}), **{"today": TODAY, **given})


def feed(ids, total: int) -> bytes:
    entries = b"".join(ENTRY.replace(b"2401.00001v1", name.encode()) % b"t" for name in ids)
    return (FEED % entries).replace(b">1</o:totalResults>", b">%d</o:totalResults>" % total)


def api_without(refused: set[str], is_error_sent: bool = False) -> Callable[[Ask], bytes]:
    """An API that has every paper but those refused, of which one makes a whole request wrong."""

    def answer(ask: Ask) -> bytes:
        ids = ask.params["id_list"].split(",")
        if refused & set(ids):
            if is_error_sent:
                return (HERE / "feed_error.xml").read_bytes()
            raise FetchError(f"{ask.url}: status 400", status=400)
        return feed(ids, len(ids))

    return answer


def numbered(count: int) -> list[str]:
    return [f"2601.{number:05d}" for number in range(count)]


def test_ids_are_asked_in_batches():
    get, told = Get(api_without(set())), []
    wanted = (
        *(f"arxiv:{name}" for name in numbered(5)),
        "doi:10.1/x",
        "arxiv:9913.00001",
        "arxiv:abc",
        "arxiv:2601.00001v2",
    )
    arxiv.crawl(get, scope(papers=wanted, page_size=2, expect=told.append), "by_id")
    assert get.names == ["arxiv:2601.00000 arxiv:2601.00001", "arxiv:2601.00002 arxiv:2601.00003", "arxiv:2601.00004"]
    assert get.asked[0].url == "https://export.arxiv.org/api/query"
    assert get.asked[0].params == {"id_list": "2601.00000,2601.00001", "start": "0", "max_results": "2"}
    assert told == [3]


def test_papers_on_a_page_younger_than_the_refresh_are_not_asked_again():
    finished = {
        "arxiv:2601.00000 arxiv:2601.00001": TODAY - dt.timedelta(days=29),
        "arxiv:2601.00002 arxiv:2601.00003": TODAY - dt.timedelta(days=30),
    }
    get = Get(api_without(set()))
    arxiv.crawl(get, scope(papers=[f"arxiv:{name}" for name in numbered(5)], finished=finished), "by_id")
    assert get.names == ["arxiv:2601.00002 arxiv:2601.00003", "arxiv:2601.00004"]


@pytest.mark.parametrize("is_error_sent", [False, True])
def test_a_refused_id_is_found_by_halving_and_passed_over(is_error_sent):
    get = Get(api_without({"2601.00005"}, is_error_sent))
    arxiv.crawl(get, scope(papers=[f"arxiv:{name}" for name in numbered(8)]), "by_id")
    got = [name for name, content in get.pages.items() if b"errors#" not in content]
    assert sorted(" ".join(got).split()) == [f"arxiv:{name}" for name in numbered(8) if name != "2601.00005"]
    assert len(get.asked) == 7  # 8; 4 + 4; 2 + 2; 1 + 1


def test_another_error_ends_the_crawl_of_ids():
    def answer(ask: Ask) -> bytes:
        raise FetchError("status 503", True, 503)

    with pytest.raises(FetchError):
        arxiv.crawl(Get(answer), scope(papers=["arxiv:2601.00001"]), "by_id")


def test_ids_left_out_of_an_answer_that_counts_them_are_asked_again():
    get = Get(lambda ask: feed(numbered(1 if "try" not in ask.page else 3), 3))
    arxiv.crawl(get, scope(papers=[f"arxiv:{name}" for name in numbered(3)]), "by_id")
    names = " ".join(f"arxiv:{name}" for name in numbered(3))
    assert get.names == [names, f"{names} try 2"]


def searched(count: int, most: int = 2000) -> Callable[[Ask], bytes]:
    """An API that finds `count` papers in any window."""

    def answer(ask: Ask) -> bytes:
        start = int(ask.params["start"])
        return feed(numbered(count)[start : start + min(most, int(ask.params["max_results"]))], count)

    return answer


@pytest.mark.slow
def test_ten_thousand_papers_come_by_paging():
    get, told = Get(searched(10_000)), []
    given_ = {"since": dt.date(2026, 2, 1), "today": dt.date(2026, 3, 1), "page_size": 2000, "expect": told.append}
    arxiv.crawl(get, scope("search", **given_), "search")
    assert get.names == [f"cs.LG 2026-02-01..2026-02-28 #{number}" for number in range(1, 6)]
    assert [ask.params["start"] for ask in get.asked] == ["0", "2000", "4000", "6000", "8000"]
    assert get.asked[0].params["search_query"] == "cat:cs.LG AND submittedDate:[202602010000 TO 202602282359]"
    assert (get.asked[0].params["sortBy"], get.asked[0].params["sortOrder"]) == ("submittedDate", "ascending")
    assert told == [5]
    found = [row for content in get.pages.values() for row in read("search", content).frame["arxiv_id"]]
    assert found == numbered(10_000)


def test_short_pages_go_on_after_what_came():
    get = Get(searched(25, most=10))
    arxiv.crawl(get, scope("search", since=dt.date(2026, 3, 9)), "search")
    assert [ask.params["start"] for ask in get.asked] == ["0", "10", "20"]


def test_an_empty_page_before_the_end_is_asked_again_a_few_times():
    def flaky(empty: int) -> Callable[[Ask], bytes]:
        whole = searched(15)
        tries = iter([True] * empty)
        return lambda ask: feed([], 15) if ask.params["start"] == "10" and next(tries, False) else whole(ask)

    wanted = scope("search", since=dt.date(2026, 3, 9), page_size=10)
    get, name = Get(flaky(2)), "cs.LG 2026-03-09..2026-03-09"
    arxiv.crawl(get, wanted, "search")
    assert get.names == [f"{name} #1", f"{name} #2", f"{name} #2 try 2", f"{name} #2 try 3"]
    with pytest.raises(SchemaBreak, match=r"#2: 15 papers were counted and 0 sent, 3 times"):
        arxiv.crawl(Get(flaky(3)), wanted, "search")


def test_a_window_with_too_many_papers_is_cut_in_two():
    def answer(ask: Ask) -> bytes:
        first, last = re.findall(r"(\d{8})(?:0000|2359)", ask.params["search_query"])
        return feed(numbered(2), 40_000) if (first, last) == ("20260201", "20260228") else searched(2)(ask)

    get = Get(answer)
    arxiv.crawl(get, scope("search", since=dt.date(2026, 2, 1), today=dt.date(2026, 3, 1)), "search")
    windows = ("2026-02-01..2026-02-28", "2026-02-01..2026-02-14", "2026-02-15..2026-02-28")
    assert get.names == [f"cs.LG {window} #1" for window in windows]


def test_an_error_of_a_search_is_told():
    get = Get(lambda ask: (HERE / "feed_error.xml").read_bytes())
    with pytest.raises(SchemaBreak, match="papers were expected; the answer says incorrect id format"):
        arxiv.crawl(get, scope("search"), "search")


def listing(records: int, token: str = "") -> bytes:
    text = (HERE / "listing_1.xml").read_text(encoding="utf-8")
    record = re.findall(r"<record>.*?</record>", text, flags=re.DOTALL)[0]
    head, tail = text.split("<record>", 1)[0], "</ListRecords></OAI-PMH>"
    said = f"<resumptionToken>{token}</resumptionToken>" if token else ""
    return f"{head}{record * records}{said}{tail}".encode()


def oai(pages: int, dies: Callable[[Ask], bool] = lambda ask: False) -> Callable[[Ask], bytes]:
    """A repository whose every list has so many pages; the token of a request that `dies` is not known any more."""

    def answer(ask: Ask) -> bytes:
        if dies(ask):
            return (HERE / "listing_dead_token.xml").read_bytes()
        number = int(ask.params.get("resumptionToken", "from%3D=1").partition("=")[2])
        return listing(2, f"from%3D={number + 1}" if number < pages else "")

    return answer


def test_a_listing_follows_its_tokens():
    get, told = Get(oai(3)), []
    wanted = scope("listing", since=dt.date(2026, 2, 1), today=dt.date(2026, 3, 1), expect=told.append)
    arxiv.crawl(get, wanted, "listing")
    assert get.names == [f"cs.LG 2026-02-01..2026-02-28 #{number}" for number in (1, 2, 3)]
    assert {ask.url for ask in get.asked} == {"https://oaipmh.arxiv.org/oai"}
    assert [dict(ask.params) for ask in get.asked] == [
        {
            "verb": "ListRecords", "metadataPrefix": "arXiv", "set": "cs:cs:LG", "from": "2026-02-01",
            "until": "2026-02-28",
        },
        {"verb": "ListRecords", "resumptionToken": "from%3D=2"},
        {"verb": "ListRecords", "resumptionToken": "from%3D=3"},
    ]  # fmt: skip
    assert told == [3]


def test_pages_to_come_are_foreseen_from_those_that_came():
    get, told = Get(oai(3)), []
    arxiv.crawl(get, scope("listing", expect=told.append), "listing")  # January, February, March
    assert told == [9, 9, 9] and len(get.asked) == 9


def test_a_window_without_records_is_there_all_the_same():
    get = Get(lambda ask: (HERE / "listing_none.xml").read_bytes())
    arxiv.crawl(get, scope("listing", since=dt.date(2026, 3, 1)), "listing")
    assert get.names == ["cs.LG 2026-03-01..2026-03-09 #1"]
    finished = dict.fromkeys(get.names, TODAY)
    again = Get(oai(1))
    arxiv.crawl(again, scope("listing", since=dt.date(2026, 3, 1), finished=finished), "listing")
    assert again.names == []


def test_a_window_whose_token_died_is_begun_anew_under_other_names():
    get = Get(oai(3, lambda ask: ask.page == "cs.LG 2026-03-09..2026-03-09 #2"))
    arxiv.crawl(get, scope("listing", since=dt.date(2026, 3, 9)), "listing")
    day = "cs.LG 2026-03-09..2026-03-09"
    assert get.names == [f"{day} #1", f"{day} #2", f"{day} pass 2 #1", f"{day} pass 2 #2", f"{day} pass 2 #3"]
    assert get.asked[2].params["from"] == "2026-03-09"
    assert sum(len(accepted(read("listing", content))) for content in get.pages.values()) == 8
    asked = len(get.asked)
    arxiv.crawl(get, scope("listing", since=dt.date(2026, 3, 9)), "listing")  # cut off and gone on: nothing asked twice
    assert len(get.asked) == asked


def test_tokens_that_die_again_and_again_are_told():
    get = Get(oai(3, lambda ask: "resumptionToken" in ask.params))
    with pytest.raises(SchemaBreak, match="tokens that live were expected; they died in 3 passes"):
        arxiv.crawl(get, scope("listing", since=dt.date(2026, 3, 9)), "listing")


def test_a_token_that_leads_nowhere_is_told():
    get = Get(lambda ask: listing(1, "again"))
    with pytest.raises(SchemaBreak, match="a new resumption token was expected; 'again' was there before"):
        arxiv.crawl(get, scope("listing", since=dt.date(2026, 3, 9)), "listing")
    assert len(get.asked) == 2


def test_a_crawl_cut_off_anywhere_asks_for_no_page_twice():
    whole = Get(oai(3))
    arxiv.crawl(whole, scope("listing", categories="cs.LG,cs.CL"), "listing")
    for cut in range(len(whole.asked)):
        get = Get(oai(3))
        answers = get.answer

        def stop(ask: Ask, left=iter(range(cut)), answers=answers) -> bytes:
            if next(left, None) is None:
                raise FetchError("cut off", transient=True)
            return answers(ask)

        get.answer = stop
        with pytest.raises(FetchError):
            arxiv.crawl(get, scope("listing", categories="cs.LG,cs.CL"), "listing")
        assert len(get.pages) == cut
        get.answer, before = answers, len(get.asked) - 1
        arxiv.crawl(get, scope("listing", categories="cs.LG,cs.CL"), "listing")
        assert get.pages == whole.pages
        assert len(get.asked) - 1 - before == len(whole.asked) - cut


@pytest.mark.parametrize(("list_by", "gathered"), [("oai", {"listing"}), ("api", {"search"}), ("none", set())])
def test_one_way_of_listing_at_most(list_by, gathered):
    for dataset in ("search", "listing"):
        get = Get(searched(1) if dataset == "search" else oai(1))
        arxiv.crawl(get, scope(list_by=list_by), dataset)
        assert bool(get.asked) == (dataset in gathered)


def windows(dataset: str, **given_) -> list[str]:
    return [f"{c} {first}..{last}" for c, first, last in arxiv._windows(scope(dataset, **given_), dataset)]


def test_windows_are_months_until_yesterday():
    assert windows("listing", categories="cs.LG, cs.CL") == [
        f"{category} {window}"
        for category in ("cs.LG", "cs.CL")
        for window in ("2026-01-01..2026-01-31", "2026-02-01..2026-02-28", "2026-03-01..2026-03-09")
    ]
    assert windows("listing", since=TODAY) == []


def test_the_next_harvest_goes_on_where_the_last_one_ended():
    """A day of the listing, and a week of submissions, is asked for once more: its papers may have come later."""
    finished = {
        "cs.LG 2026-01-01..2026-01-31 #1": dt.date(2026, 2, 20),
        "cs.LG 2026-02-01..2026-02-19 #1": dt.date(2026, 2, 20),
        "cs.LG 2026-02-01..2026-02-19 #2": dt.date(2026, 2, 20),
        "cs.CL 2026-01-01..2026-03-09 #1": TODAY,
    }
    both = {"finished": finished, "categories": "cs.LG,cs.CL"}
    assert windows("listing", **both) == ["cs.LG 2026-02-19..2026-02-28", "cs.LG 2026-03-01..2026-03-09"]
    assert windows("search", **both) == ["cs.LG 2026-02-13..2026-02-28", "cs.LG 2026-03-01..2026-03-09"]


def test_a_window_received_before_it_was_over_is_asked_again_from_its_start():
    finished = {"cs.LG 2026-03-01..2026-03-08 #1": dt.date(2026, 3, 8)}
    assert windows("listing", since=dt.date(2026, 3, 1), finished=finished) == ["cs.LG 2026-03-01..2026-03-09"]


def test_an_earlier_start_asks_for_the_days_before_alone():
    finished = {"cs.LG 2026-01-01..2026-03-09 #1": TODAY}
    assert windows("listing", since=dt.date(2025, 12, 20), finished=finished) == ["cs.LG 2025-12-20..2025-12-31"]


def test_the_listing_begins_where_oai_does():
    assert windows("listing", since=dt.date(1991, 8, 1), today=dt.date(2005, 10, 2)) == [
        "cs.LG 2005-09-16..2005-09-30",
        "cs.LG 2005-10-01..2005-10-01",
    ]


@pytest.mark.parametrize(
    ("category", "spec"),
    [
        ("cs.LG", "cs:cs:LG"),
        ("math.NA", "math:math:NA"),
        ("hep-lat", "physics:hep-lat"),
        ("math-ph", "physics:math-ph"),
        ("astro-ph.EP", "physics:astro-ph:EP"),
        ("stat.ML", "stat:stat:ML"),
        ("cs", "cs:cs"),
    ],
)
def test_sets_as_arxiv_documents_them(category, spec):
    assert arxiv._set_of(category) == spec


def test_a_whole_archive_is_searched_with_its_categories():
    get = Get(searched(1))
    arxiv.crawl(get, scope("search", categories="cs", since=dt.date(2026, 3, 9)), "search")
    query = "(cat:cs OR cat:cs.*) AND submittedDate:[202603090000 TO 202603092359]"
    assert get.asked[0].params["search_query"] == query


def test_settings_come_from_the_environment(monkeypatch):
    monkeypatch.setenv("AICOMPUTE_ARXIV_URL", "http://127.0.0.1:1/query")
    monkeypatch.setenv("AICOMPUTE_ARXIV_OAI_URL", "http://127.0.0.1:1/oai")
    monkeypatch.setenv("AICOMPUTE_ARXIV_SINCE", "2026-02-01")
    own = sources.settings_of("arxiv")
    assert (own.url, own.oai_url, own.since) == (
        "http://127.0.0.1:1/query",
        "http://127.0.0.1:1/oai",
        dt.date(2026, 2, 1),
    )
    assert (own.requests_per_second, own.list_by, own.categories) == (1 / 3, "oai", "cs.LG,cs.CL,cs.CV")
    for name, value in (("PAGE_SIZE", "2001"), ("LIST_BY", "rss"), ("CATEGORIES", "cs.LG;cs.CL")):
        with monkeypatch.context() as wrong:
            wrong.setenv(f"AICOMPUTE_ARXIV_{name}", value)
            with pytest.raises(ValueError, match=f"(?i){name}"):
                sources.settings_of("arxiv")
