"""Papers: which records are one, against a plain replay of the rules; a whole chain by hand; what was, without paper sources."""

from __future__ import annotations

import gzip
import itertools
from collections import defaultdict
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb
import polars as pl
import pytest
import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from flows import sources
from flows.rows import SchemaBreak
from schemas.contract import check, empty_frame
from schemas.tables import LAYERS
from warehouse import derive

MODELS = {model.name: model.query for model in derive.models()}
IDENTITY = ("clean.paper_listings", "clean.paper_keys", "clean.paper_identities")
SOURCES = ("arxiv", "openalex", "semantic_scholar", "crossref")
PAPERS = (
    *IDENTITY, "clean.runs", *(f"clean.{source}_facts" for source in SOURCES), "clean.paper_facts", "clean.paper_citations",
    "clean.papers", "clean.paper_aliases", "clean.paper_disagreements",
)  # fmt: skip
SAME_PAPER = Path(derive.SQL_FOLDER) / "verify" / "every_identifier_leads_to_one_paper.sql"
QUICK = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def con(empty):
    """The database each test puts its own rows in."""
    return empty


def fill(con: duckdb.DuckDBPyConnection, table: str, rows: list[dict]) -> None:
    con.execute(f"delete from {table}")
    for row in rows:
        marks = ", ".join("?" * len(row))
        con.execute(f"insert into {table} ({', '.join(row)}) values ({marks})", list(row.values()))


def build(con: duckdb.DuckDBPyConnection, names: tuple[str, ...]) -> None:
    for name in names:
        con.execute(f"create or replace table {name} as {MODELS[name].strip()}")


# --- identity against a replay of the rules, document after document ---


@dataclass(frozen=True)
class Record:
    """One row of a document of a paper source or, where `source` says so, of the curated works or of linked runs."""

    source: str
    arxiv_id: str | None = None
    doi: str | None = None
    link: str | None = None
    title: str | None = None
    year: int | None = None

    def keys(self, place: str) -> list[str]:
        """The identifiers, the one that names the record first; its place where it has none."""
        if self.source in ("curated", "epoch"):
            return [self.link]
        arxiv, doi = self.arxiv_id, self.doi
        if doi and doi.startswith("10.48550/arxiv."):
            arxiv, doi = arxiv or doi.removeprefix("10.48550/arxiv."), None
        found = [f"arxiv:{arxiv}" if arxiv else "", f"doi:{doi}" if doi else ""]
        found = [key for key in (*found, f"openalex:{self.link}" if self.link else "") if key]
        return found or [f"listing:{place}"]

    @property
    def spans(self) -> list[str]:
        """The pairs of adjoining years the title falls into."""
        year, key = self.year, self.keys("")[0]
        if year is None and key.startswith("arxiv:"):
            year = 2000 + int(key[6:8])
        if self.source == "epoch" or not self.title or len(self.title) < 20 or year is None:
            return []
        return [f"{self.title} {first}" for first in (year - 1, year)]


class Sets:
    """Disjoint sets."""

    def __init__(self) -> None:
        self.parent: dict[str, str] = {}

    def root(self, one: str) -> str:
        self.parent.setdefault(one, one)
        while self.parent[one] != one:
            one = self.parent[one]
        return one

    def join(self, one: str, other: str) -> None:
        self.parent[self.root(one)] = self.root(other)


def replay(documents: list[list[Record]]) -> dict[tuple[int, int], str]:
    """paper_id of every (document, row), by reading the documents in their order as the rules are worded."""
    could_be, is_one = Sets(), Sets()
    minted: dict[str, tuple] = {}
    of_kind: dict[str, set[str]] = defaultdict(set)
    names = {}
    for at, records in enumerate(documents):
        for row, record in enumerate(records):
            keys = record.keys(f"d{at}-{row + 1}")
            named = names[at, row] = keys[0]
            rank = ["arxiv", "doi", "url", "openalex", "listing"].index(named.split(":")[0])
            minted.setdefault(named, (at, rank, named))
            for key in keys:
                could_be.join(named, key)
                is_one.join(named, key)
                if key.startswith(("arxiv:", "doi:")):
                    of_kind[key.split(":")[0]].add(key)
            if record.source == "curated":
                of_kind[f"curated {at}"].add(named)
            for span in record.spans:
                could_be.join(named, span)
        for row, record in enumerate(records):
            for span in record.spans:
                here = could_be.root(span)
                if all(sum(could_be.root(key) == here for key in keys) < 2 for keys in of_kind.values()):
                    is_one.join(names[at, row], span)
    first: dict[str, tuple] = {}
    for key, seen in minted.items():
        root = is_one.root(key)
        first[root] = min(first.get(root, seen), seen)
    return {place: first[is_one.root(named)][2] for place, named in names.items()}


def identify(con: duckdb.DuckDBPyConnection, documents: list[list[Record]]) -> dict[tuple[int, int], str]:
    """paper_id of every (document, row), by the models."""
    papers, runs = [], []
    for at, records in enumerate(documents):
        for row, record in enumerate(records):
            place = {"document_id": f"d{at}", "archive_order": at + 1, "row_number": row + 1}
            if record.source == "epoch":
                runs.append(place | {"source": "epoch", "run_name": "a run", "paper_link": link_of(record)})
            elif record.source == "curated":
                cells = {"title": record.title, "year": record.year, "paper_link": link_of(record)}
                papers.append(place | cells | {"source": "curated"})
            else:
                cells = {name: getattr(record, name) for name in ("arxiv_id", "doi", "title", "year")}
                papers.append(place | cells | {"source": "openalex", "paper_link": record.link})
    fill(con, "raw.paper_sightings", papers)
    fill(con, "raw.run_sightings", runs)
    build(con, IDENTITY)
    rows = con.execute("select document_id, row_number, paper_id from clean.paper_identities").fetchall()
    return {(int(document[1:]), row - 1): paper for document, row, paper in rows}


def link_of(record: Record) -> str:
    kind, _, rest = (record.link or "").partition(":")
    return {"arxiv": "https://arxiv.org/abs/", "doi": "https://doi.org/", "url": "https://"}[kind] + rest


ARXIV_IDS = ("2001.00001", "2002.00002", "2103.00003")
DOIS = ("10.1000/1", "10.1000/2", "10.48550/arxiv.2001.00001")
TITLES = ("a-title-of-enough-letters", "another-title-of-enough-letters", "short")
LINKS = ("arxiv:2001.00001", "arxiv:2002.00002", "doi:10.1000/1", "url:example.org/a", "url:example.org/b")
YEARS = st.sampled_from((None, 2020, 2021, 2022, 2023))
RECORDS = st.one_of(
    st.builds(
        Record,
        source=st.just("openalex"),
        arxiv_id=st.sampled_from((None, None, *ARXIV_IDS)),
        doi=st.sampled_from((None, None, *DOIS)),
        link=st.sampled_from((None, "w1", "w2", "w3")),
        title=st.sampled_from((None, *TITLES)),
        year=YEARS,
    ),
    st.builds(
        Record, source=st.just("curated"), link=st.sampled_from(LINKS), title=st.sampled_from(TITLES), year=YEARS
    ),
    st.builds(Record, source=st.just("epoch"), link=st.sampled_from(LINKS)),
)
DOCUMENTS = st.lists(st.lists(RECORDS, min_size=1, max_size=4), min_size=1, max_size=6)


@QUICK
@given(documents=DOCUMENTS)
@example([[Record("openalex", link="w1", title=TITLES[0], year=2020)], [Record("openalex", "2001.00001", link="w1")],
          [Record("openalex", "2002.00002", title=TITLES[0])]])  # fmt: skip
@example([[Record("openalex", doi="10.1000/1", title=TITLES[0], year=2021)], [Record("openalex", "2001.00001")],
          [Record("openalex", "2001.00001", title=TITLES[0])], [Record("openalex", "2001.00001", "10.1000/1")],
          [Record("openalex", doi="10.1000/2", title=TITLES[0], year=2022)]])  # fmt: skip
def test_identity_is_a_replay_of_the_rules(con, documents):
    assert identify(con, documents) == replay(documents)
    assert con.execute(SAME_PAPER.read_text(encoding="utf-8")).fetchall() == []


def partition(papers: dict[tuple[int, int], str], documents: list[list[Record]]) -> set[frozenset]:
    """The records that are one paper, as sets of (document, record)."""
    sets = defaultdict(set)
    for (at, row), paper in papers.items():
        sets[paper].add((at, documents[at][row]))
    return {frozenset(members) for members in sets.values()}


@pytest.mark.slow
@QUICK
@given(documents=DOCUMENTS, data=st.data())
def test_the_order_of_rows_in_a_document_does_not_matter(con, documents, data):
    shuffled = [data.draw(st.permutations(records)) for records in documents]
    one, other = identify(con, documents), identify(con, shuffled)
    assert partition(one, documents) == partition(other, shuffled)
    named = [sorted(paper for paper in papers.values() if not paper.startswith("listing:")) for papers in (one, other)]
    assert named[0] == named[1]


@pytest.mark.slow
@QUICK
@given(documents=DOCUMENTS, data=st.data())
def test_later_documents_never_rename_a_paper(con, documents, data):
    """What was one paper stays one; its paper_id stays, or leads to that of a paper there before it."""
    earlier = documents[: data.draw(st.integers(1, len(documents)))]
    before, after = identify(con, earlier), identify(con, documents)
    first_row = {}
    for place, paper in sorted(before.items()):
        first_row.setdefault(paper, place[0])
    became = defaultdict(set)
    for place, paper in before.items():
        became[paper].add(after[place])
    for paper, now in became.items():
        assert len(now) == 1
        new = now.pop()
        assert new == paper or first_row[new] <= first_row[paper]
    kept = {new for news in became.values() for new in news}
    assert kept <= set(before), "an earlier paper has a paper_id that was not there"


@pytest.mark.slow
@QUICK
@given(documents=DOCUMENTS)
def test_no_title_joins_two_arxiv_ids_or_two_dois(con, documents):
    """All known at once, a paper that holds two of a kind holds them by identifiers alone: without titles it is the same."""
    at_once = [[record for records in documents for record in records]]
    found = identify(con, at_once)
    twice = con.execute(
        "select paper_id from clean.paper_keys where alias not like 'doi:10.48550/%'"
        " and (alias like 'arxiv:%' or alias like 'doi:%')"
        " group by paper_id, split_part(alias, ':', 1) having count(*) > 1"
    ).fetchall()
    untitled = identify(con, [[replace(record, title=None) for record in at_once[0]]])
    for (paper,) in twice:
        rows = {place for place in found if found[place] == paper}
        assert rows == {place for place in untitled if untitled[place] == paper}


def test_a_long_chain_and_a_crowded_title_are_followed_to_the_end(con):
    """A hundred records each tied to the next, and five hundred papers of one title."""
    chain = [[Record("openalex", f"2001.{n:05d}", f"10.1000/{n}")] for n in range(100)]
    chain += [[Record("openalex", f"2001.{n + 1:05d}", f"10.1000/{n}")] for n in range(100)]
    assert set(identify(con, chain).values()) == {"arxiv:2001.00000"}
    crowd = [[Record("crossref", doi=f"10.1000/{n}", title=TITLES[0], year=2020) for n in range(500)]]
    assert len(set(identify(con, crowd).values())) == 500


# --- the whole chain, by hand ---

DAYS = ("2026-01-10", "2026-02-10")


def document(source: str, order: int, day: str = DAYS[0]) -> dict:
    return {
        "source": source, "dataset": "by_id", "document_id": f"{source}-{order}", "document_name": "page",
        "as_of_on": day, "archive_order": order, "is_in_force": True,
    }  # fmt: skip


RESNET = "Deep Residual Learning for Image Recognition"
RESNET_DOI = "10.1109/cvpr.2016.90"


@pytest.fixture
def resnet(con):
    """One paper in four sources, OpenAlex on two days, a run that links its DOI, and a paper that was retracted."""
    documents = [document("epoch", 1), document("arxiv", 2), document("openalex", 3), document("crossref", 4)]
    documents += [document("semantic_scholar", 5), document("openalex", 6, DAYS[1])]
    fill(con, "raw.documents", documents)
    fill(con, "raw.abouts", [{"source": s, "title": s, "licence": f"licence of {s}"} for s in ("epoch", *SOURCES)])
    rows = {
        "arxiv_papers": [{
            "document_id": "arxiv-2", "row_number": 1, "arxiv_id": "1512.03385", "title": RESNET,
            "authors": "Kaiming He; Xiangyu Zhang; Shaoqing Ren; Jian Sun", "first_version_on": "2015-12-10",
        }],
        "openalex_works": [
            {
                "document_id": place, "row_number": 1, "openalex_id": "W2194775991", "doi": RESNET_DOI,
                "arxiv_id": "1512.03385", "title": RESNET, "organisations": "Microsoft Research", "year": 2016,
                "journal_published_on": "2016-06-27", "work_kind": "article", "citations": citations, "is_retracted": False,
            }
            for place, citations in (("openalex-3", 200_000), ("openalex-6", 201_500))
        ],
        "crossref_works": [
            {
                "document_id": "crossref-4", "row_number": 1, "doi": RESNET_DOI, "title": RESNET.upper(), "year": 2016,
                "journal_published_on": "2016-06-01", "journal": "2016 IEEE CVPR", "citations": 120_000,
            },
            {
                "document_id": "crossref-4", "row_number": 2, "doi": "10.1000/taken-back", "title": "A result that did not hold",
                "year": 2019, "is_retracted": True,
            },
        ],
        "semantic_scholar_papers": [{
            "document_id": "semantic_scholar-5", "row_number": 1, "semantic_scholar_id": "2c03df8b48bf3fa3",
            "arxiv_id": "1512.03385", "title": "Deep Residual Learning", "first_version_on": "2015-01-10", "year": 2015,
            "citations": 199_000,
        }],
    }  # fmt: skip
    for table, records in rows.items():
        fill(con, f"raw.{table}", records)
    orders = {d["document_id"]: d["archive_order"] for d in documents}
    names = ("document_id", "row_number", "arxiv_id", "doi", "title", "year")
    sightings = [
        {"source": place[: place.rindex("-")], "archive_order": orders[place]}
        | {k: v for k, v in row.items() if k in names}
        for records in rows.values()
        for row in records
        for place in [row["document_id"]]
    ]
    fill(con, "raw.paper_sightings", sightings)
    run = {"source": "epoch", "document_id": "epoch-1", "row_number": 1}
    link = f"https://doi.org/{RESNET_DOI.upper()}"
    fill(con, "raw.run_sightings", [run | {"archive_order": 1, "run_name": "ResNet-152", "paper_link": link}])
    fill(con, "clean.known_runs", [{"run_id": "resnet-152", "run_name": "ResNet-152"}])
    words = {"run_name": "ResNet-152", "published_on": "2015-12-10", "paper_link": link, "reference": "ResNet paper"}
    stated = [
        run
        | {
            "run_id": "resnet-152",
            "quantity": quantity,
            "value_text": words[quantity],
            "how": "column",
            "as_of_on": DAYS[0],
        }
        for quantity in words
    ]
    fill(con, "clean.run_facts", stated)
    build(con, PAPERS)
    yield con
    for table in (*(f"raw.{t}" for t in (*rows, "documents", "abouts", "paper_sightings", "run_sightings")),
                  "clean.known_runs", "clean.run_facts"):  # fmt: skip
        con.execute(f"delete from {table}")
    build(con, PAPERS)


def test_one_paper_of_four_sources_and_a_run(resnet):
    row = resnet.execute("select * from clean.papers where runs > 0").fetchall()
    names = [column[0] for column in resnet.description]
    assert len(row) == 1
    paper = {name: str(cell) if cell is not None else None for name, cell in zip(names, row[0], strict=True)}
    assert paper == {
        "paper_id": f"doi:{RESNET_DOI}",  # the run's link came first
        "title": RESNET,
        "url": f"https://doi.org/{RESNET_DOI.upper()}",
        "published_on": "2015-12-10",
        "runs": "1",
        "authors": "Kaiming He; Xiangyu Zhang; Shaoqing Ren; Jian Sun",
        "organisations": "Microsoft Research",
        "first_version_on": "2015-12-10",
        "journal_published_on": "2016-06-27",
        "arxiv_id": "1512.03385",
        "doi": RESNET_DOI,
        "journal": "2016 IEEE CVPR",
        "citations": "201500",  # OpenAlex before Semantic Scholar and Crossref, its newer day
        "is_retracted": "False",
        "metadata_licence": "licence of arxiv",
        "source": "arxiv",
    }
    assert resnet.execute("select paper_id from clean.runs").fetchall() == [(f"doi:{RESNET_DOI}",)]


def test_a_paper_of_no_run_is_kept_and_a_retraction_stands(resnet):
    query = "select paper_id, runs, is_retracted, citations, published_on, url, source from clean.papers where runs = 0"
    assert resnet.execute(query).fetchall() == [
        ("doi:10.1000/taken-back", 0, True, None, None, "https://doi.org/10.1000/taken-back", "crossref")
    ]


def test_citations_of_each_source_and_day(resnet):
    rows = resnet.execute("select source, counted_on::varchar, citations from clean.paper_citations").fetchall()
    assert rows == [
        ("crossref", DAYS[0], 120_000),
        ("openalex", DAYS[0], 200_000),
        ("openalex", DAYS[1], 201_500),
        ("semantic_scholar", DAYS[0], 199_000),
    ]


def test_what_contradicts_is_kept(resnet):
    """26 days between June 1 and June 27 are no contradiction, eleven months are; upper case is none."""
    rows = resnet.execute("select * exclude (paper_id) from clean.paper_disagreements").fetchall()
    assert rows == [
        ("first_version_on", "arxiv", "2015-12-10", "semantic_scholar", "2015-01-10"),
        ("title", "arxiv", RESNET, "semantic_scholar", "Deep Residual Learning"),
        ("title", "openalex", RESNET, "semantic_scholar", "Deep Residual Learning"),
        ("title", "semantic_scholar", "Deep Residual Learning", "crossref", RESNET.upper()),
        ("year", "openalex", "2016", "semantic_scholar", "2015"),
        ("year", "semantic_scholar", "2015", "crossref", "2016"),
    ]


def test_every_identifier_is_an_alias(resnet):
    rows = resnet.execute("select alias, source from clean.paper_aliases where paper_id like '%cvpr%'").fetchall()
    assert rows == [("arxiv:1512.03385", "arxiv"), (f"doi:{RESNET_DOI}", "epoch")]


def test_facts_keep_their_place_and_keys(resnet):
    rows = resnet.execute(
        "select value, unit, source_id, document_id, row_number, column_name, as_of_on::varchar"
        " from clean.paper_facts where quantity = 'citations' and source = 'openalex'"
    ).fetchall()
    assert rows == [
        (200_000.0, "citations", "openalex:W2194775991", "openalex-3", 1, "citations", DAYS[0]),
        (201_500.0, "citations", "openalex:W2194775991", "openalex-6", 1, "citations", DAYS[1]),
    ]


# --- real answers of three sources ---


def answers(folder: Path) -> list[tuple[str, bytes]]:
    """(source, body) of every good answer of the saved exchanges."""
    found = []
    for path in sorted(folder.glob("*.yaml")):
        for exchange in yaml.safe_load(path.read_text(encoding="utf-8"))["interactions"]:
            host = exchange["request"]["uri"].split("/")[2]
            source = {"api.openalex.org": "openalex", "api.crossref.org": "crossref"}.get(host, "semantic_scholar")
            answer = exchange["response"]
            body = (answer.get("body") or {}).get("string") or answer.get("content") or b""
            body = body.encode() if isinstance(body, str) else body
            body = gzip.decompress(body) if body.startswith(b"\x1f\x8b") else body
            if host in ("api.openalex.org", "api.crossref.org", "api.semanticscholar.org") and body.startswith(b"{"):
                found.append((source, body))
    return found


@pytest.mark.slow
def test_a_preprint_and_its_journal_article_in_real_answers_are_one_paper(con, shared):
    """ChemCrow: arXiv 2304.05376 of 11 April 2023, in Nature Machine Intelligence of 8 May 2024 under another title.

    OpenAlex has it as two works, of which neither names the other's identifier; Semantic Scholar names both.
    """
    frames: dict[str, list] = defaultdict(list)
    documents = []
    for source, body in answers(shared / "data" / "apis" / "mixed"):
        module = sources.module(source)
        try:
            parsed = module.parse(next(iter(module.DATASETS)), body, "answer")
        except SchemaBreak:
            continue
        order = len(documents) + 1
        place = {"document_id": f"{source}-{order}", "source": source, "archive_order": order}
        documents.append(document(source, order))
        for table, rows in parsed.items():
            frame = check(rows.frame, LAYERS["raw"][table]).accepted
            frames[table].append(frame.with_columns(document_id=pl.lit(place["document_id"])))
            named = {name: column for name, column in module.SIGHTINGS[table][1].items() if column in frame.columns}
            marks = frame.select("row_number", *(pl.col(column).alias(name) for name, column in named.items()))
            frames["paper_sightings"].append(marks.with_columns(**{k: pl.lit(v) for k, v in place.items()}))
    for table, parts in frames.items():
        shape = LAYERS["raw"][table]
        derive.store(
            con, f"raw.{table}", pl.concat([empty_frame(shape), *parts], how="diagonal_relaxed").select(shape.columns)
        )
    fill(con, "raw.documents", documents)
    build(con, PAPERS)
    marked = "arxiv_id = '2304.05376' or doi in ('10.1038/s42256-024-00832-8', '10.48550/arxiv.2304.05376')"
    listed = con.execute(
        "select paper_id, count(distinct source), count(*) from clean.paper_identities"
        f" join raw.paper_sightings using (source, document_id, row_number) where {marked} group by all"
    ).fetchall()
    assert len(listed) == 1 and listed[0][1] == 3 and listed[0][2] > 3
    paper = con.execute(
        "select title, first_version_on::varchar, journal_published_on::varchar, journal, arxiv_id, doi, is_retracted"
        " from clean.papers where paper_id = ?", [listed[0][0]]
    ).fetchall()  # fmt: skip
    assert [row[1:] for row in paper] == [
        ("2023-04-11", "2024-05-08", "Nature Machine Intelligence", "2304.05376", "10.1038/s42256-024-00832-8", False)
    ]
    years = "select distinct value_text from clean.paper_disagreements where paper_id = ? and quantity = 'year'"
    assert sorted(con.execute(years, [listed[0][0]]).fetchall()) == [("2023",), ("2024",)]
    for table in (*frames, "documents"):
        con.execute(f"delete from raw.{table}")


# --- without paper sources the table of papers is what it was ---

BEFORE = """
    with titles as (
        select paper_key(url) as paper_id, min(title) as title, min(url) as url from clean.sources group by all
    ),
    stated as (
        select
            run_id,
            min(value_text) filter (where quantity = 'reference') as reference,
            min(value_text) filter (where quantity = 'paper_link') as paper_link,
        from clean.run_facts group by all
    ),
    linked as (
        select runs.*, paper_key(link.value_text) as linked_id,
        from clean.runs
        left join (
            select run_id, arg_min(value_text, if(source = 'curated', 1, 2)) as value_text
            from clean.run_facts where quantity = 'paper_link' group by all
        ) as link using (run_id)
    )
    select
        linked_id,
        coalesce(any_value(titles.title), min(stated.reference)),
        coalesce(any_value(titles.url), min(regexp_extract(trim(stated.paper_link), '^\\S+'))),
        min(linked.published_on),
        count(*),
    from linked
    left join titles on titles.paper_id = linked_id
    left join stated using (run_id)
    where linked_id is not null
    group by linked_id
    order by linked_id
"""


def same_as_before(one) -> None:
    now = one.rows("select paper_id, title, url, published_on, runs from clean.papers order by paper_id")
    assert now == one.rows(BEFORE)
    assert one.rows("select count(*) from clean.runs where paper_id is distinct from (select paper_id"
                    " from clean.papers where papers.paper_id = runs.paper_id)") == [(0,)]  # fmt: skip


def test_without_paper_sources_the_papers_are_those_of_the_curated_runs(built):
    one = built("curated")
    same_as_before(one)
    assert one.rows("select count(*) from clean.papers where citations is not null or authors is not null") == [(0,)]
    assert one.rows("select count(*) from clean.papers where source is distinct from 'curated'") == [(0,)]


@pytest.mark.slow
def test_without_paper_sources_the_papers_are_those_of_epochs_runs(built, shared):
    same_as_before(built("epoch", models=shared / "data" / "epoch" / "models_2025-06-20.csv"))


# --- rows that come in pairs of every kind ---


@pytest.mark.slow
def test_every_pair_of_marks_is_decided_as_the_rules_say(con):
    """Each pair of two listings under one title, one year apart: joined unless two arXiv ids or two DOIs differ."""
    marks = list(itertools.product((None, *ARXIV_IDS[:2]), (None, *DOIS[:2])))
    for (a, b), (c, d) in itertools.product(marks, marks):
        pair = [
            [Record("openalex", a, b, "w1", TITLES[0], 2020)],
            [Record("openalex", c, d, "w2", TITLES[0], 2021)],
        ]
        shares = (a is not None and a == c) or (b is not None and b == d)
        differs = (a and c and a != c) or (b and d and b != d)
        assert (len(set(identify(con, pair).values())) == 1) == bool(shares or not differs), pair
