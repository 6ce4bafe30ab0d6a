"""What is kept stays whole: reading as of a version, rolling back, verifying, maintaining, rebuilding, releasing again."""

from __future__ import annotations

import datetime as dt
import errno
import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

import duckdb
import pytest
from pydantic import SecretStr
from typer.testing import CliRunner

from flows import keep
from flows import publish as publishing
from flows.cli import app
from flows.collect import Request
from flows.run import run
from flows.runlog import RunLog
from flows.settings import Settings
from schemas.columns import COLUMNS
from schemas.tables import all_tables, kept_tables
from warehouse import backup, lake, maintain, reader, release
from warehouse import verify as checking
from warehouse.archive import Archive
from warehouse.equality import compare
from warehouse.lake import Version

CHANGED = lake.LakeError("clean.runs of version 2 no longer holds what it held")
NAMES = ("raw.documents", "trends.sources", "clean.papers", "clean.runs", "clean.run_aliases")
SHAPES = {name: all_tables()[name] for name in NAMES}


@dataclass
class Tiny:
    """A warehouse of five tables, published by hand; its versions are dated 2020-01-01, 2021-01-01 …."""

    settings: Settings
    versions: list[Version] = field(default_factory=list)

    @property
    def log(self) -> RunLog:
        """The log of its runs."""
        return RunLog(self.settings.log_file)

    def publish(self, *runs: str, notable: bool = True) -> Version:
        """Commit and release a version of these runs, each listed by one archived document."""
        year = 2020 + len(self.versions)
        document = Archive(self.settings.archive_dir).put(
            "epoch", "models", f"{year}.csv", f"{year},{runs}".encode(), dt.date(year, 1, 1)
        )
        with duckdb.connect() as con:
            self._fill(con, document, runs, notable)
            lake.attach(con, self.settings.lake)
            about = {
                "as_of_on": document.as_of_on,
                "code_version": "1+made-up",
                "manifest": json.dumps({
                    "documents": [{"source": "epoch", "dataset": "models", "document_id": document.document_id,
                                   "as_of_on": str(document.as_of_on), "received_on": "2026-01-01"}],
                    "identity": [document.document_id], "profile": "aicompute", "code": "made-up"}),
                "message": f"as of {document.as_of_on}", "code_commit": "c0ffee", "lock_hash": "10cc",
            }  # fmt: skip
            self.versions.append(lake.commit(con, SHAPES, {}, about))
        publishing.make_release(self.settings, self.versions[-1], self.log)
        return self.versions[-1]

    def _fill(self, con, document, runs, notable) -> None:
        rows: dict[str, list[dict]] = {
            "raw.documents": [
                {"source": "epoch", "dataset": "models", "document_id": document.document_id, "is_in_force": True,
                 "document_name": document.document_name, "as_of_on": document.as_of_on, "archive_order": 1,
                 "rows_read": len(runs), "rows_accepted": len(runs), "rows_quarantined": 0}
            ],
            "trends.sources": [
                {"source": "epoch", "title": "Made-up export", "licence": "CC BY 4.0", "attribution": "Nobody",
                 "homepage": "https://example.org", "documents": 1, "rows_read": len(runs),
                 "rows_accepted": len(runs), "rows_quarantined": 0, "as_of_on": document.as_of_on}
            ],
            "clean.sources": [{"source_id": "s", "title": "A source", "url": "https://example.org"}],
            "clean.papers": [{"paper_id": f"doi:10/{run}", "runs": 1, "title": f"On {run}"} | self._later() for run in runs],
            "clean.runs": [
                {"run_id": run, "run_name": run.upper(), "run_kind": "training", "is_excluded_by_source": False,
                 "compute_scope": "final_run", "source": "epoch", "paper_id": f"doi:10/{run}", "row_number": n,
                 "is_notable": notable, "document_id": document.document_id} for n, run in enumerate(runs, 1)
            ],
            "clean.run_aliases": [
                {"run_id": run, "alias": run, "source": "epoch", "document_id": document.document_id} for run in runs
            ],
        }  # fmt: skip
        for name, shape in SHAPES.items():
            con.execute(f"create schema if not exists {name.split('.')[0]}")
            con.execute(f"create table {name} ({', '.join(f'{c} {COLUMNS[c].type}' for c in shape.columns)})")
            for row in rows[name]:
                con.execute(
                    f"insert into {name} ({', '.join(row)}) values ({', '.join('?' * len(row))})", list(row.values())
                )

    @staticmethod
    def _later() -> dict[str, str]:
        """The value of a column that came later, where the test has it."""
        return {"chip_name": "x"} if "chip_name" in SHAPES["clean.papers"].columns else {}

    def verify(self, number: int | None = None) -> checking.Findings:
        """What verify finds."""
        settings = self.settings
        return checking.verify(settings.lake, Archive(settings.archive_dir), settings.releases_dir, number)

    def rows(self, query: str, number: int | None = None) -> list[tuple]:
        """A query's answer at a version, else at the lake's head."""
        snapshot = None if number is None else made(self.settings)[number - 1].snapshot_id
        with duckdb.connect() as con:
            lake.attach(con, self.settings.lake, snapshot)
            con.execute("use lake")
            return con.execute(query).fetchall()

    def data_file(self, table: str) -> Path:
        """The largest Parquet file of a table."""
        folder = Path(self.settings.lake.data) / table.replace(".", "/")
        return max(folder.glob("*.parquet"), key=lambda path: path.stat().st_size)


def made(settings: Settings) -> list[Version]:
    """The versions of a lake."""
    with duckdb.connect() as con:
        return keep.made(settings, con)


def published(folder: Path) -> Tiny:
    """A tiny warehouse of three versions: two runs; one gone and two new; and one of these gone again."""
    tiny = Tiny(Settings(data_dir=folder / "data"))
    tiny.publish("ada", "bert")
    tiny.publish("bert", "clip", "dall-e")
    tiny.publish("bert", "clip")
    return tiny


@pytest.fixture(scope="module")
def kept(tmp_path_factory) -> Tiny:
    """Three versions; no test of this module changes them."""
    return published(tmp_path_factory.mktemp("kept"))


@pytest.fixture
def copy(kept, tmp_path) -> Tiny:
    """The three versions once more, for tests that break or change them."""
    shutil.copytree(kept.settings.folder, tmp_path / "data", symlinks=True)
    return Tiny(Settings(data_dir=tmp_path / "data"), list(kept.versions))


def said(tiny: Tiny, *words: str, stdin: str = "") -> tuple[int, str, str]:
    """Exit code, output and errors of a command on a tiny warehouse."""
    done = CliRunner().invoke(app, list(words), input=stdin, env={"AICOMPUTE_DATA_DIR": str(tiny.settings.folder)})
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.stdout, done.stderr


# Reading as of a version


@pytest.mark.parametrize("has_release", [True, False])
def test_an_older_version_is_read_as_it_was(copy, has_release):
    if not has_release:
        release.remove(copy.settings.releases_dir / "1")
    query = "select run_id, version from clean.runs, (select max(version) as version from versions) order by run_id"
    for words in (["--version", "1"], ["--as-of", "2020-12-31"]):
        code, told, _ = said(copy, "query", query, "--json", *words)
        assert code == 0
        assert json.loads(told) == [{"run_id": "ada", "version": 1}, {"run_id": "bert", "version": 1}]
    code, told, _ = said(copy, "tables", "--json", "--version", "1")
    assert {row["table_name"]: row["rows"] for row in json.loads(told)}["clean.runs"] == 2
    assert "paper_id" in said(copy, "describe", "clean.runs", "--version", "1")[1]
    assert "ADA" in said(copy, "shell", "--version", "1", stdin="select run_name from clean.runs\n\n")[1]
    assert json.loads(said(copy, "query", query, "--json")[1])[0] == {"run_id": "bert", "version": 3}


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--version", "7"], "there is no version 7; there are 1 (as of 2020-01-01), 2 (as of 2021-01-01), 3 (as of"),
        (["--as-of", "2019-12-31"], "no version is as of 2019-12-31 or before; there are 1 (as of 2020-01-01), 2"),
    ],
)
def test_an_unknown_version_is_one_sentence(kept, words, sentence):
    code, told, error = said(kept, "query", "select 1", *words)
    assert (code, told, len(error.splitlines())) == (1, "", 1)
    assert sentence in error


def test_one_way_to_name_a_version_at_a_time(kept):
    assert said(kept, "query", "select 1", "--version", "1", "--as-of", "2020-01-01")[0] == 2
    assert said(kept, "query", "select 1", "--as-of", "soon")[0] == 2


def of(number: int, as_of: int, message: str = "") -> Version:
    """A version of a year."""
    return Version(number, number, dt.datetime(2026, 1, number), dt.date(as_of, 1, 1), "", "{}", message)


def test_the_version_in_force_on_a_day():
    made = [of(1, 2020), of(2, 2023), of(3, 2021)]  # 3 was published late, of an older export
    day = dt.date(2024, 1, 1)
    assert reader.chosen(made, as_of=day).version == 2
    assert reader.chosen(made, as_of=dt.date(2022, 1, 1)).version == 3
    back = [*made, of(4, 2020, reader.EQUAL_TO.format(1))]
    assert reader.chosen(back, as_of=day).version == 4  # 2 and 3 were taken back
    assert reader.chosen([*back, of(5, 2023)], as_of=day).version == 5
    lone = [of(1, 2022), of(2, 2020), of(3, 2022, reader.EQUAL_TO.format(1))]
    with pytest.raises(
        reader.Unknown, match=r"but for what was rolled back since, 2 \(as of 2020-01-01\), which --version reads"
    ):
        reader.chosen(lone, as_of=dt.date(2021, 1, 1))


HOSTILE = [
    "attach '{folder}/new.duckdb' as x",
    "attach '{folder}/lake/catalog.sqlite' as x (type sqlite)",
    "attach 'ducklake:sqlite:{folder}/lake/catalog.sqlite' as x",
    "copy (select 1) to '{folder}/out.csv'",
    "copy clean.runs from '/etc/passwd'",
    "export database '{folder}/out'",
    "import database '{folder}/out'",
    "install httpfs",
    "load sqlite",
    "load '{folder}/lake/extensions/x'",
    "from '/etc/passwd'",
    "from '{folder}/latest/csv/clean/runs.csv'",
    "select * from read_csv('/etc/passwd')",
    "select * from read_csv_auto('/etc/passwd')",
    "select * from sniff_csv('/etc/passwd')",
    "select * from read_text('/etc/passwd')",
    "select * from read_blob('/etc/passwd')",
    "select * from read_json('/etc/passwd')",
    "select * from read_json_objects('/etc/passwd')",
    "select * from read_ndjson('/etc/passwd')",
    "select * from glob('/etc/*')",
    "select * from read_duckdb('{folder}/latest/aicompute.duckdb')",
    "select * from read_parquet('{data}')",
    "select * from parquet_scan('{data}')",
    "select * from parquet_metadata('{data}')",
    "select * from parquet_schema('{data}')",
    "select * from parquet_file_metadata('{data}')",
    "select * from parquet_kv_metadata('{data}')",
    "select * from parquet_bloom_probe('{data}', 'run_id', 'x')",
    "select * from sqlite_scan('{folder}/lake/catalog.sqlite', 'ducklake_table')",
    "select * from sqlite_query('{folder}/lake/catalog.sqlite', 'select 1')",
    "call sqlite_attach('{folder}/lake/catalog.sqlite')",
    "select * from read_csv('https://example.org/x.csv')",
    "select * from read_parquet('s3://bucket/x.parquet')",
    "create table x as select 1",
    "create temp table x as select 1",
    "create view x as select 1",
    "create macro x() as 1",
    "create secret x (type s3, key_id 'a', secret 'b')",
    "create persistent secret x (type s3, key_id 'a', secret 'b')",
    "insert into clean.runs select * from clean.runs",
    "update clean.runs set run_name = 'x'",
    "delete from clean.runs",
    "truncate clean.runs",
    "merge into clean.runs using clean.runs as r on false when not matched then insert",
    "drop table clean.runs",
    "alter table clean.runs rename to x",
    "comment on table clean.runs is 'x'",
    "pragma enable_profiling",
    "pragma enable_external_access = true",
    "pragma temp_directory = '{folder}'",
    "set enable_external_access = true",
    "set global lock_configuration = false",
    "set home_directory = '{folder}'",
    "reset enable_external_access",
    "call enable_logging()",
    "call enable_profiling()",
    "call pragma_version()",
    "checkpoint",
    "vacuum",
    "use memory",
    "detach aicompute",
    "begin",
    "prepare x as select 1",
    "explain analyze copy (select 1) to '{folder}/out.csv'",
    "explain copy (select 1) to '{folder}/out.csv'",
    "select 1; drop table clean.runs",
    "select 1; select 2",
    "select getenv('HOME')",
    "select * from settings",
    "select * from con",
]


def state(folder: Path) -> dict[str, tuple[int, int]]:
    """Every file of a folder with its size and time of change."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            found[str(path)] = (path.stat().st_size, path.stat().st_mtime_ns)
    return found


@pytest.fixture(scope="module", params=["release", "taken out of the lake"])
def locked(request, kept, tmp_path_factory):
    """A tiny warehouse and a reader's connection to version 1: of its release, and where there is none."""
    releases = kept.settings.releases_dir if request.param == "release" else tmp_path_factory.mktemp("none")
    with reader.at(kept.settings.lake, releases, kept.versions[0]) as con:
        yield kept, con


@pytest.mark.parametrize("sql", HOSTILE)
def test_a_reader_can_do_nothing_but_read(locked, sql):
    kept, con = locked
    folder = kept.settings.folder
    before = state(folder)
    settings = con  # a variable that a query must not be able to name
    with pytest.raises((duckdb.Error, reader.Refused)) as refused:
        reader.ask(con, sql.format(folder=folder, data=kept.data_file("stored.clean_runs")))
    assert "root:" not in str(refused.value) and settings is con
    assert state(folder) == before
    assert reader.ask(con, "select count(*) as runs from clean.runs") == [{"runs": 2}]


def test_what_a_reader_may_ask(locked):
    _, con = locked
    for query in ("from clean.runs", "describe clean.runs", "show tables", "summarize clean.runs", "explain select 1",
                "with a as (select 1 as b) select * from a;", "values (1)", "select 1 -- and; no more"):  # fmt: skip
        assert reader.ask(con, query), query


@pytest.mark.slow
def test_query_and_shell_refuse_in_one_line(kept):
    before = state(kept.settings.folder)
    for query in ("select 1; select 2", "from '/etc/passwd'", "create temp table x as select 1", "select nothing"):
        code, told, error = said(kept, "query", query)
        assert (code, told, len(error.splitlines())) == (1, "", 1), query
    lines = ["select 1; select 2", "load sqlite", "from '/etc/passwd'", "select count(*) as answer from clean.runs", ""]
    code, told, error = said(kept, "shell", stdin="\n".join(lines) + "\n")
    assert code == 0 and "answer" in told and len(error.splitlines()) == 4
    assert state(kept.settings.folder) == before


# Rolling back


@pytest.mark.slow
def test_a_roll_back_is_a_new_version_equal_to_the_old_one(copy):
    before = [path.read_bytes() for path in sorted(copy.settings.releases_dir.rglob("*.csv"))]
    code, told, error = said(copy, "rollback", "1")
    assert (code, error) == (0, ""), error
    assert "published version 4, equal to version 1, as of 2020-01-01" in told
    fourth = made(copy.settings)[3]
    first = copy.versions[0]
    assert fourth.message == "equal to version 1"
    assert {name: getattr(fourth, name) for name in keep.TAKEN_OVER} == {n: getattr(first, n) for n in keep.TAKEN_OVER}
    with duckdb.connect() as con:
        lake.attach(con, copy.settings.lake)
        assert lake.recorded(con, 4) == lake.recorded(con, 1) != lake.recorded(con, 3)
        assert lake.recorded(con, 3) == {**lake.recorded(con, 3)}
    with release.reader(copy.settings.latest) as con:
        assert con.execute("select run_id from clean.runs order by 1").fetchall() == [("ada",), ("bert",)]
        assert con.execute("select max(version) from versions").fetchall() == [(4,)]
    older = [path.read_bytes() for n in "123" for path in sorted((copy.settings.releases_dir / n).rglob("*.csv"))]
    assert older == before
    assert copy.rows("select count(*) from clean.runs", 2) == [(3,)]
    assert copy.verify().faults == []


@pytest.mark.slow
def test_rolling_back_to_what_is_there_does_nothing(copy):
    code, told, _ = said(copy, "rollback", "3")
    assert (code, told) == (0, "nothing to do: version 3, the newest, is equal to version 3\n")
    assert json.loads(said(copy, "rollback", "1", "--json")[1])["version"] == 4
    assert json.loads(said(copy, "rollback", "1", "--json")[1]) | {"notices": []} == {
        "version": 4, "is_new": False, "equal_to": 1, "notices": []
    }  # fmt: skip
    assert len(made(copy.settings)) == 4
    code, _, error = said(copy, "rollback", "9")
    assert code == 1 and error.startswith("aicompute: there is no version 9; there are 1 (as of 2020-01-01)")


@pytest.mark.slow
def test_a_column_that_came_later_is_empty_after_a_roll_back(copy, monkeypatch):
    papers = SHAPES["clean.papers"]
    monkeypatch.setitem(SHAPES, "clean.papers", replace(papers, columns=(*papers.columns, "chip_name")))
    copy.publish("bert", "clip", "gpt")
    assert copy.rows("select distinct chip_name from clean.papers") == [("x",)]
    keep.rollback(copy.settings, 3, copy.log)
    wanted = [("doi:10/bert", None), ("doi:10/clip", None)]
    assert copy.rows("select paper_id, chip_name from clean.papers order by 1") == wanted
    assert copy.verify().faults == []


@pytest.mark.slow
def test_a_release_shares_no_file_that_lacks_a_later_column(copy, monkeypatch):
    """An empty column is no other content, but its files have another header."""
    shape = SHAPES["clean.papers"]
    monkeypatch.setitem(SHAPES, "clean.papers", replace(shape, columns=(*shape.columns, "vendor")))
    with duckdb.connect() as con:
        lake.attach(con, copy.settings.lake)
        before = lake.recorded(con, 3)
    version = copy.publish("bert", "clip")
    with duckdb.connect() as con:
        lake.attach(con, copy.settings.lake)
        assert lake.recorded(con, version.version)["clean.papers"] == before["clean.papers"]
    header = (copy.settings.latest / "csv" / "clean" / "papers.csv").read_text(encoding="utf-8").splitlines()[0]
    assert header.split(",")[-1] == "vendor"
    assert copy.verify().faults == []


@pytest.mark.slow
def test_a_table_that_came_later_is_empty_after_a_roll_back(copy, monkeypatch):
    monkeypatch.setitem(SHAPES, "clean.sources", all_tables()["clean.sources"])
    copy.publish("bert")
    keep.rollback(copy.settings, 3, copy.log)
    with duckdb.connect() as con:
        lake.attach(con, copy.settings.lake)
        then, now = lake.recorded(con, 3), lake.recorded(con, 5)
    assert now.pop("clean.sources").rows == 0
    assert now == then
    assert copy.rows("select count(*) from clean.sources", 4) == [(1,)]
    assert copy.verify().faults == []


@pytest.mark.slow
def test_a_roll_back_cut_off_before_its_release_gets_it_with_the_next_command(copy, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr(publishing, "make_release", lambda *args: (_ for _ in ()).throw(OSError("killed")))
        assert said(copy, "rollback", "1")[0] == 1
    assert copy.settings.latest.resolve().name == "3"
    code, told, _ = said(copy, "rollback", "1")
    assert (code, told) == (0, "nothing to do: version 4, the newest, is equal to version 1\n")
    assert copy.settings.latest.resolve().name == "4"


@pytest.mark.slow
def test_a_damaged_version_is_not_rolled_back_to(copy):
    with duckdb.connect() as con:
        lake.attach(con, copy.settings.lake)
        con.execute(
            "update lake.main.table_contents set content_hash = '0' where version = 1 and table_name = 'clean.runs'"
        )
    code, _, error = said(copy, "rollback", "1")
    assert (code, len(error.splitlines())) == (1, 1)
    assert "clean.runs of version 1: the 2 rows are not those that were committed; `aicompute verify 1`" in error
    assert len(made(copy.settings)) == 3


# Verifying


def flip(path: Path, at: int) -> None:
    """Change one bit of a file."""
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.chmod(0o644)
    path.write_bytes(content)


def test_a_whole_warehouse_has_no_fault(kept):
    found = kept.verify()
    assert found.faults == []
    assert (found.versions, found.releases, found.documents) == ([1, 2, 3], [1, 2, 3], 3)
    assert found.data_files == len(list(Path(kept.settings.lake.data).rglob("*.parquet")))
    code, told, _ = said(kept, "verify")
    assert code == 0 and told.splitlines()[-1].startswith("versions 1 to 3: ") and told.rstrip().endswith("no faults")
    assert json.loads(said(kept, "verify", "2", "--json")[1])["versions"] == [2]
    assert "there is no version 8; there are 1 to 3" in said(kept, "verify", "8")[2]


@pytest.mark.slow
def test_equal_tables_of_two_versions_are_read_once(kept):
    # Of fifteen tables trends.sources, clean.papers … differ in each version; none is read more than thrice.
    assert len(NAMES) < kept.verify().tables <= 3 * len(NAMES)


@pytest.mark.slow
def test_a_flipped_bit_in_a_data_file_is_found(copy):
    file = copy.data_file("clean.papers")
    whole = file.read_bytes()
    for place in (0.0, 0.3, 0.6, 0.999):  # magic number, values, statistics, footer
        file.write_bytes(whole)
        flip(file, int(place * len(whole)))
        (fault,) = copy.verify().faults
    assert str(fault).startswith(f"{file}: its bytes are not those that were written (clean.papers of version")
    assert "restore it from a backup" in fault.remedy and "`aicompute rebuild" in fault.remedy


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-10])


def _first_document(tiny: Tiny) -> Path:
    archive = Archive(tiny.settings.archive_dir)
    return archive.path(archive.documents()[0].document_id)


def _table_contents(tiny: Tiny) -> None:
    with duckdb.connect() as con:
        lake.attach(con, tiny.settings.lake)
        con.execute("update lake.main.table_contents set rows = 7 where version = 2 and table_name = 'clean.papers'")


def _release_csv(tiny: Tiny) -> None:
    file = tiny.settings.releases_dir / "2" / "csv/clean/papers.csv"
    file.chmod(0o644)
    file.write_text(file.read_text(encoding="utf-8").replace("clip", "blip"), encoding="utf-8")


def _release_database(tiny: Tiny) -> None:
    file = tiny.settings.releases_dir / "2" / "aicompute.duckdb"
    file.chmod(0o644)
    with duckdb.connect(str(file)) as con:
        con.execute("update clean.papers set title = 'x'")


DAMAGES: dict[str, tuple[Callable[[Tiny], object], str]] = {
    "truncated data file": (lambda t: _cut(t.data_file("clean.papers")), "bytes where"),
    "missing data file": (lambda t: t.data_file("clean.papers").unlink(), "the file is missing (clean.papers of version"),
    "missing document": (lambda t: _first_document(t).unlink(), "the document is missing (epoch/models 2020.csv, of ver"),
    "changed document": (lambda t: flip(_first_document(t), 3), "the bytes do not match their hash (epoch/models 2020"),
    "contents recorded wrongly": (_table_contents, "clean.papers of version 2: 3 rows where 7 were committed"),
    "truncated catalogue": (
        lambda t: os.truncate(t.settings.lake.folder / "catalog.sqlite", 20_000),
        "catalog-backup.sqlite over it",
    ),
    "catalogue of nothing": (
        lambda t: (t.settings.lake.folder / "catalog.sqlite").write_bytes(b"x" * 50_000),
        "the catalogue is damaged (file is not a database)",
    ),
    "missing catalogue": (
        lambda t: (t.settings.lake.folder / "catalog.sqlite").unlink(),
        "catalog.sqlite: the catalogue is damaged (the file is missing); copy",
    ),
    "emptied catalogue": (
        lambda t: os.truncate(t.settings.lake.folder / "catalog.sqlite", 0),
        "catalog.sqlite: the catalogue is damaged (no lake is in it); copy",
    ),
    "changed release CSV": (_release_csv, "releases/2/csv/clean/papers.csv: the file is not as it was released"),
    "deleted release file": (
        lambda t: (t.settings.releases_dir / "2" / "parquet/clean/papers.parquet").unlink(),
        "releases/2/parquet/clean/papers.parquet: the file is missing; `aicompute release 2` makes the folder again",
    ),
    "cut release database": (
        lambda t: os.truncate(t.settings.releases_dir / "2" / "aicompute.duckdb", 5000),
        "releases/2/aicompute.duckdb",
    ),
    "changed release database": (_release_database, "releases/2/aicompute.duckdb"),
    "missing newest release": (
        lambda t: release.remove(t.settings.releases_dir / "3"),
        "releases/3: the release is missing; `aicompute release 3` makes it again",
    ),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_is_found_and_told_in_a_line(copy, damage):
    do, sentence = DAMAGES[damage]
    do(copy)
    code, told, error = said(copy, "verify")
    faults = [line for line in told.splitlines() if line.startswith("fault: ")]
    assert (code, error) == (1, "")
    assert any(sentence in line for line in faults), faults
    assert len(faults) == len(json.loads(said(copy, "verify", "--json")[1])["faults"]) == 1


@pytest.mark.slow
def test_a_broken_catalogue_is_mended_by_its_copy(copy):
    catalogue = copy.settings.lake.folder / "catalog.sqlite"
    os.truncate(catalogue, 20_000)
    (fault,) = copy.verify().faults
    assert fault.remedy == f"copy {catalogue.with_name(lake.COPY)} over it: that is how it was after the newest version"
    shutil.copyfile(catalogue.with_name(lake.COPY), catalogue)
    assert copy.verify().faults == []
    assert copy.publish("gpt").version == 4
    assert copy.verify().faults == []


@pytest.mark.slow
def test_a_damaged_catalogue_never_replaces_its_copy(copy):
    catalogue = copy.settings.lake.folder / "catalog.sqlite"
    whole = catalogue.with_name(lake.COPY).read_bytes()
    os.truncate(catalogue, 20_000)
    with pytest.raises(lake.LakeError, match="the catalogue is damaged"):
        backup.keep(copy.settings.lake)
    assert catalogue.with_name(lake.COPY).read_bytes() == whole


@pytest.mark.slow
def test_broken_rules_are_told(copy):
    with duckdb.connect() as con:
        lake.attach(con, copy.settings.lake)
        con.execute("begin; delete from lake.clean.papers where paper_id = 'doi:10/bert'")
        con.execute("insert into lake.clean.papers (paper_id, runs) values ('doi:10/clip', null); commit")
        ((snapshot,),) = con.execute("select max(snapshot_id) from ducklake_snapshots('lake')").fetchall()
        con.execute("update lake.main.versions set snapshot_id = ? where version = 3", [snapshot])
        holds = lake.contents(con, "lake.clean.papers", SHAPES["clean.papers"].columns)
        con.execute(  # as if it had been committed so
            "update lake.main.table_contents set rows = ?, content_hash = ? where version = 3 and table_name = 'clean.papers'",
            [holds.rows, holds.content_hash],
        )
    found = checking.verify(
        copy.settings.lake, Archive(copy.settings.archive_dir), copy.settings.releases_dir, 3, "1+made-up"
    )
    told = "\n".join(map(str, found.faults))
    assert "clean.papers: not true that runs is filled (1 rows)" in told
    assert "clean.papers: key (paper_id) stands more than once: ('doi:10/clip', 2)" in told
    assert "clean.runs: paper_id 'doi:10/bert' is not in clean.papers.paper_id" in told
    other = checking.verify(copy.settings.lake, Archive(copy.settings.archive_dir), copy.settings.releases_dir, 3, "2")
    assert [fault for fault in other.faults if "stands more than once" in str(fault)] == []
    assert any("made by other code: clean.papers: key" in note for note in other.notes)


@pytest.mark.slow
def test_leftover_files_are_a_note(copy):
    (Path(copy.settings.lake.data) / "clean/papers/orphan.parquet").write_bytes(b"left by a kill")
    found = copy.verify()
    assert found.faults == []
    assert any("1 files that no version needs, as clean/papers/orphan.parquet" in note for note in found.notes)


@pytest.mark.slow
def test_a_version_without_books_is_read_only(copy):
    with duckdb.connect() as con:
        lake.attach(con, copy.settings.lake)
        con.execute("delete from lake.main.table_contents where version = 1")
    found = copy.verify()
    assert found.faults == []
    assert any("version 1: an older program recorded no contents" in note for note in found.notes)


# Maintaining


def many(tiny: Tiny) -> None:
    """Four more small versions: each adds a run, so that tables come to lie in many files."""
    runs = ["bert", "clip"]
    for n in range(4):
        runs.append(f"run-{n}")
        tiny.publish(*runs)


def content(tiny: Tiny) -> maintain.Holdings:
    """What every table of every version holds."""
    return maintain.holdings(tiny.settings.lake, made(tiny.settings))


def parquet(tiny: Tiny) -> set[Path]:
    """The data files there are."""
    return set(Path(tiny.settings.lake.data).rglob("*.parquet"))


def test_what_is_damaged_is_named(copy):
    folder = copy.settings.releases_dir / "2"
    file = folder / "aicompute.duckdb"
    file.chmod(0o644)
    file.write_bytes(b"no database")
    code, _, error = said(copy, "query", "select 1", "--version", "2")
    assert (code, len(error.splitlines())) == (1, 1)
    assert f"{folder}: the release is damaged; `aicompute release N` makes it again" in error
    release.tidy(copy.settings.releases_dir, 1)
    assert not folder.exists()
    copy.data_file("clean.papers").unlink()
    code, _, error = said(copy, "query", "select 1", "--version", "2")
    assert (code, len(error.splitlines())) == (1, 1)
    assert "releases" not in error and "verify" in error


@pytest.mark.slow
def test_maintenance_changes_no_version(copy):
    many(copy)
    orphan = Path(copy.settings.lake.data) / "clean/papers/ducklake-orphan.parquet"
    orphan.write_bytes(b"left by a kill")
    before, files = content(copy), parquet(copy)
    code, told, _ = said(copy, "maintain")
    assert code == 0 and "nothing was changed; --apply does it" in told and str(orphan) in told
    assert (content(copy), parquet(copy)) == (before, files)
    code, told, error = said(copy, "maintain", "--apply")
    assert (code, error) == (0, "")
    assert f"{len(before)} tables of 7 versions hold what they held before" in told
    assert content(copy) == before
    assert not orphan.exists() and len(parquet(copy)) < len(files)
    assert copy.verify().faults == []
    assert [line for line in copy.verify().notes if "no version needs" in line] == []
    again = json.loads(said(copy, "maintain", "--apply", "--json")[1])
    assert (again["delete"], again["is_applied"]) == ([], True)
    assert copy.publish("ada").version == 8
    assert copy.rows("select count(*) from clean.runs", 7) == [(6,)]
    assert copy.verify().faults == []


@pytest.mark.slow
def test_maintenance_waits_for_no_writer(copy):
    with lake.writer(copy.settings.lake):
        code, _, error = said(copy, "maintain", "--apply")
    assert (code, len(error.splitlines())) == (1, 1)
    assert "another run is writing" in error


@pytest.mark.slow
@pytest.mark.parametrize("when", [1, 2])
def test_maintenance_that_would_change_a_version_is_undone(copy, failing_proof, when):
    many(copy)
    before, files = content(copy), parquet(copy)
    catalogue = (copy.settings.lake.folder / "catalog.sqlite").read_bytes()
    with failing_proof(when, CHANGED):
        code, _, error = said(copy, "maintain", "--apply")
    assert (code, len(error.splitlines())) == (1, 1)
    assert "clean.runs of version 2 no longer holds what it held" in error and "put back as it was" in error
    assert files <= parquet(copy)
    assert content(copy) == before
    with sqlite3.connect(copy.settings.lake.folder / "catalog.sqlite") as con:
        there = con.execute("select count(*) from ducklake_snapshot").fetchall()
    (copy.settings.lake.folder / "then.sqlite").write_bytes(catalogue)
    with sqlite3.connect(copy.settings.lake.folder / "then.sqlite") as con:
        assert con.execute("select count(*) from ducklake_snapshot").fetchall() == there
    assert copy.verify().faults == []
    assert said(copy, "maintain", "--apply")[0] == 0
    assert content(copy) == before


@pytest.mark.slow
def test_what_an_object_store_deleted_is_not_put_back_by_the_catalogue_alone(copy, monkeypatch, failing_proof):
    many(copy)
    before = content(copy)
    with failing_proof(2, duckdb.IOException("Connection timed out")), monkeypatch.context() as patch:
        patch.setattr(maintain.backup, "data_folder", lambda place: None)
        code, _, error = said(copy, "maintain", "--apply")
    assert (code, len(error.splitlines())) == (1, 1)
    assert "Connection timed out" in error and "stays as it was proved" in error
    assert content(copy) == before and copy.verify().faults == []


@pytest.mark.slow
def test_data_files_on_another_file_system_are_copied_where_they_cannot_have_a_second_name(
    copy, monkeypatch, failing_proof
):
    many(copy)
    before, files = content(copy), parquet(copy)
    monkeypatch.setattr(
        maintain.os, "link", lambda *_: (_ for _ in ()).throw(OSError(errno.EXDEV, "cross-device link"))
    )
    with failing_proof(2, CHANGED):
        assert "put back as it was" in said(copy, "maintain", "--apply")[2]
    assert content(copy) == before and files <= parquet(copy) and copy.verify().faults == []
    assert said(copy, "maintain", "--apply")[0] == 0
    assert content(copy) == before


@pytest.mark.slow
def test_where_putting_back_fails_the_copy_is_named_and_kept(copy, monkeypatch):
    many(copy)
    merge, restore = maintain._merge_and_expire, maintain.backup.restore_whole

    def losing(place: lake.Lake, made: list[Version]) -> maintain.Work:
        work = merge(place, made)
        with sqlite3.connect(place.file) as con:
            con.execute(
                "delete from ducklake_data_file where data_file_id = (select min(data_file_id) from ducklake_data_file)"
            )
        return work

    def unable(*_: object) -> None:
        raise lake.LakeError("the server is gone")

    before = content(copy)
    with monkeypatch.context() as patch:
        patch.setattr(maintain, "_merge_and_expire", losing)
        patch.setattr(maintain.backup, "restore_whole", unable)
        code, _, error = said(copy, "maintain", "--apply")
    kept = copy.settings.lake.folder / "catalog-before-maintenance.sqlite"
    assert (code, len(error.splitlines())) == (1, 1)
    assert "the server is gone" in error and str(kept) in error
    code, _, error = said(copy, "maintain", "--apply")
    assert code == 1 and "is not what was made" in error
    restore(copy.settings.lake, kept)
    assert content(copy) == before and copy.verify().faults == []


@pytest.mark.slow
def test_a_missing_leftover_does_not_stop_maintenance(copy):
    many(copy)
    before = content(copy)
    assert said(copy, "maintain", "--apply")[0] == 0
    copy.publish("ada")
    copy.publish("bert")
    for path in maintain.plan(copy.settings.lake).delete:
        Path(path).unlink()  # as where the process died between deleting files and writing it down
    assert said(copy, "maintain", "--apply")[0] == 0
    assert before.items() <= content(copy).items()


@pytest.mark.slow
def test_maintenance_killed_anywhere_loses_nothing(copy):
    many(copy)
    before = content(copy)
    code = (
        "import sys; from pathlib import Path; from warehouse import maintain; from warehouse.lake import Lake\n"
        "print('begun', flush=True); maintain.apply(Lake(Path(sys.argv[1])))"
    )
    dice, whole = random.Random(7), 0.0
    for kill in range(6):
        begun = time.monotonic()
        child = subprocess.Popen(
            [sys.executable, "-c", code, str(copy.settings.lake.folder)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        assert child.stdout and child.stdout.readline() == b"begun\n"
        with suppress(subprocess.TimeoutExpired):
            child.wait(dice.uniform(0.2, 1.0) * whole if kill else None)
        whole = whole or time.monotonic() - begun
        child.kill()
        child.communicate()
        assert copy.verify().faults == []
        copy.publish("ada", f"kill-{kill}")
        assert before.items() <= content(copy).items()
    assert said(copy, "maintain", "--apply")[0] == 0
    assert before.items() <= content(copy).items()
    assert copy.verify().faults == []


# Releasing again


@pytest.mark.slow
def test_a_release_is_made_again_and_kept(copy):
    settings = copy.settings
    csv = (settings.releases_dir / "1" / "csv/clean/runs.csv").read_bytes()
    release.remove(settings.releases_dir / "1")
    code, told, error = said(copy, "release", "1")
    assert (code, error) == (0, "") and "releases/1 is made again, and kept" in told
    assert (settings.releases_dir / "1" / "csv/clean/runs.csv").read_bytes() == csv
    assert settings.latest.resolve().name == "3"
    release.tidy(settings.releases_dir, 1)
    assert sorted(f.name for f in settings.releases_dir.iterdir()) == ["1", "3", "pinned"]
    assert "is there, sound" in said(copy, "release", "1")[1]
    assert "pinned no longer" in said(copy, "release", "1", "--unpin")[1]
    release.tidy(settings.releases_dir, 1)
    assert not (settings.releases_dir / "1").exists()
    assert "was not pinned" in said(copy, "release", "1", "--unpin")[1]
    assert "there is no version 9" in said(copy, "release", "9")[2]


@pytest.mark.slow
@pytest.mark.parametrize("number", ["1", "2", "3"])
def test_a_damaged_release_is_made_again_whole(copy, number):
    file = copy.settings.releases_dir / number / "parquet/clean/papers.parquet"
    twin = copy.settings.releases_dir / number / "csv/clean/papers.csv"
    whole = twin.read_bytes()
    for path in (file, twin):
        flip(path, 40)
    assert said(copy, "release", number)[0] == 0
    assert copy.verify(int(number)).faults == []
    assert twin.read_bytes() == whole


# Rebuilding


def test_a_version_of_other_code_is_not_rebuilt(kept):
    code, _, error = said(kept, "rebuild", "2")
    assert (code, len(error.splitlines())) == (1, 1)
    assert "version 2 was made by code 1+made-up (commit c0ffee, packages 10cc), this is" in error


@pytest.mark.parametrize(
    ("change", "differences", "largest"),
    [
        ("select 1", [], 0.0),
        ("update papers set citations = 3 where paper_id = 'b'", ["row paper_id b: citations is None and 3"], 0.0),
        ("delete from papers where paper_id = 'b'", ["row paper_id b is in kept only"], 0.0),
        ("insert into papers (paper_id) values ('c')", ["row paper_id c is in memory only"], 0.0),
        ("update papers set value = value * (1 + 1e-14)", [], 1e-14),
        ("update papers set value = 1.5 where paper_id = 'a'", ["row paper_id a: value is 1.0 and 1.5"], 1 / 3),
        ("update papers set value = null where paper_id = 'a'", ["row paper_id a: value is 1.0 and None"], 0.0),
        ("alter table papers add column title varchar", [], 0.0),
        ("alter table papers add column title varchar default 'x'", ["title is in memory only"], 0.0),
    ],
)  # fmt: skip
def test_two_tables_are_compared_by_key(change, differences, largest):
    with duckdb.connect() as con:
        con.execute("attach ':memory:' as kept")
        for database in ("kept", "memory"):
            con.execute(f"create table {database}.main.papers (paper_id varchar, citations bigint, value double)")
            con.execute(f"insert into {database}.main.papers values ('a', 2, 1.0), ('b', null, 'inf')")
        con.execute(change)
        found = compare(con, "main.papers", "kept", "memory", ("paper_id",), 1e-12)
    assert (found.rows, found.differences) == (2, differences)
    assert found.largest == pytest.approx(largest, rel=0.01)


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> Settings:
    """Three whole versions: five made-up runs, six, and the first again by rolling back."""
    folder = tmp_path_factory.mktemp("whole")
    settings = Settings(data_dir=folder / "data")
    header = "Model,Domain,Organization,Publication date,Parameters,Training compute (FLOP),Link\n"
    for year, runs in ((2020, 5), (2021, 6)):
        file = folder / f"models_{year}-01-01.csv"
        lines = [
            f"Made-up {n},Language,Nobody,201{n}-01-01,1e{n + 6},1e{n + 18},https://example.org/{n}\n"
            for n in range(runs)
        ]
        file.write_text(header + "".join(lines), encoding="utf-8")
        assert run(settings, Request(("epoch",), {"models": str(file)}), RunLog(settings.log_file)).is_new
    assert keep.rollback(settings, 1, RunLog(settings.log_file)).is_new
    return settings


@pytest.mark.slow
def test_a_whole_version_is_rolled_back_to(whole):
    with release.reader(whole.latest) as con:
        assert con.execute("select count(*) from compute.training_runs").fetchall() == [(5,)]
    assert (whole.latest / "index.html").exists()
    with duckdb.connect() as con:
        first, second, third = (versions := keep.made(whole, con))
        must = checking.expected(con, versions)
    assert (third.manifest, third.as_of_on) == (first.manifest, first.as_of_on) != (second.manifest, second.as_of_on)
    changes = keep.telling()
    assert {n: c for n, c in must[3].items() if n not in changes} == {
        n: c for n, c in must[1].items() if n not in changes
    }
    found = checking.verify(whole.lake, Archive(whole.archive_dir), whole.releases_dir, None, publishing.code_version())
    assert found.faults == []


@pytest.mark.slow
@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_version_is_rebuilt_from_the_archive_alone(whole, tmp_path, number):
    fresh = Settings(data_dir=tmp_path / "data")
    for name in ("archive", "lake"):
        shutil.copytree(whole.folder / name, fresh.folder / name)
    done = keep.rebuild(fresh, number, RunLog(fresh.log_file))
    assert [(table.table, table.differences) for table in done.differing] == []
    assert {table.table for table in done.tables} == set(kept_tables())
    assert sum(table.rows for table in done.tables) > 1000
    assert sorted(path.name for path in fresh.folder.iterdir()) == ["archive", "lake", "log"]


@pytest.mark.slow
def test_a_version_that_is_another_is_told(whole, tmp_path):
    folder = tmp_path / "data"
    shutil.copytree(whole.folder, folder, symlinks=True)
    with duckdb.connect() as con:
        lake.attach(con, Settings(data_dir=folder).lake)
        con.execute("update lake.compute.measurements set value = value * 1.5 where run_id = 'made-up-4'")
        ((snapshot,),) = con.execute("select max(snapshot_id) from ducklake_snapshots('lake')").fetchall()
        con.execute("update lake.main.versions set snapshot_id = ? where version = 1", [snapshot])
    done = CliRunner().invoke(app, ["rebuild", "1"], env={"AICOMPUTE_DATA_DIR": str(folder)})
    assert done.exit_code == 1
    assert "compute.measurements: row run_id made-up-4" in done.stdout and "tables differ" in done.stdout
    lost = next((folder / "archive").glob("[0-9a-f][0-9a-f]/*"))
    lost.unlink()
    done = CliRunner().invoke(app, ["rebuild", "1"], env={"AICOMPUTE_DATA_DIR": str(folder)})
    assert (done.exit_code, len(done.stderr.splitlines())) == (1, 1)
    assert lost.name in done.stderr


@pytest.mark.slow
def test_maintenance_of_a_catalogue_in_postgresql(postgres_server, tmp_path, failing_proof):
    tiny = Tiny(Settings(data_dir=tmp_path / "data", catalogue=SecretStr(postgres_server.database())))
    place = tiny.settings.lake
    many(tiny)
    with duckdb.connect() as con:  # two snapshots that no version refers to, beside the empty lake's; the newest stays
        lake.attach(con, place)
        con.execute("create schema lake.stray")
        con.execute("drop schema lake.stray")
    before, files = content(tiny), parquet(tiny)

    def snapshots() -> list[tuple]:
        with duckdb.connect() as con:
            lake.attach(con, place)
            return con.execute("select snapshot_id from ducklake_snapshots('lake') order by 1").fetchall()

    there = snapshots()
    with failing_proof(2, CHANGED), pytest.raises(lake.LakeError, match="put back as it was"):
        maintain.apply(place)
    assert (content(tiny), snapshots()) == (before, there) and files <= parquet(tiny)
    assert tiny.verify().faults == []
    done = maintain.apply(place)
    assert done.is_applied and done.merge and len(done.expire) == 2
    assert content(tiny) == before and len(parquet(tiny)) < len(files)
    assert not {(number,) for number in done.expire} & set(snapshots())
    assert tiny.publish("ada").version == 5
    assert tiny.verify().faults == []


@pytest.mark.slow
def test_what_is_kept_in_postgresql_is_verified_and_rolled_back_to(postgres_server, tmp_path):
    tiny = Tiny(Settings(data_dir=tmp_path / "data", catalogue=SecretStr(postgres_server.database())))
    tiny.publish("ada", "bert")
    tiny.publish("bert")
    found = tiny.verify()
    assert (found.faults, found.versions, found.releases) == ([], [1, 2], [1, 2])
    assert found.data_files == len(parquet(tiny))
    release.remove(tiny.settings.releases_dir / "1")
    with reader.at(tiny.settings.lake, tiny.settings.releases_dir, tiny.versions[0]) as con:
        assert reader.ask(con, "select count(*) as runs from clean.runs") == [{"runs": 2}]
    assert keep.rollback(tiny.settings, 1, tiny.log).version.version == 3
    assert tiny.rows("select count(*) from clean.runs") == [(2,)]
    file = tiny.data_file("clean.papers")
    file.unlink()
    (fault,) = tiny.verify().faults
    assert str(fault).startswith(f"{file}: the file is missing (clean.papers of version")
