"""Publishing: versions, nothing new, failures that leave the old version, and what a killed run leaves behind."""

import csv
import datetime as dt
import json
from dataclasses import dataclass

import duckdb
import pytest

from flows import publish as publishing
from flows.collect import Request
from flows.http import Answer, Client, FetchError
from flows.rows import SchemaBreak
from flows.run import run
from flows.runlog import RunLog
from flows.settings import Settings
from schemas.tables import kept_tables
from warehouse import lake, release
from warehouse.page import build

# Every test here publishes whole versions, of a hundred and more tables; in the default suite test_cli does.
pytestmark = pytest.mark.slow

HEADER = ["Model", "Domain", "Publication date", "Parameters", "Training compute (FLOP)", "Notability criteria", "Link"]


def export(path, runs, year=2020):
    """A models export of `runs` made-up runs."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        for n in range(runs):
            writer.writerow(
                [
                    f"Made-up {n}",
                    "Language",
                    f"{year}-01-{n % 28 + 1:02d}",
                    1e6,
                    1e18 + n,
                    "",
                    f"https://example.org/{n}",
                ]
            )
    return path


def publish(settings, path, **options):
    request = Request(("epoch",), {"models": str(path)})
    return run(settings, request, RunLog(settings.log_file), **options)


def count(settings, table):
    with duckdb.connect(str(settings.latest / "aicompute.duckdb"), read_only=True) as con:
        return con.execute(f"select count(*) from {table}").fetchone()[0]


@pytest.fixture
def settings(tmp_path, catalogues):
    return Settings(data_dir=tmp_path / "data", catalogue=catalogues())


@dataclass(frozen=True)
class Published:
    """A warehouse of two versions: five runs as of 2020-01-01, six as of 2021-01-01."""

    settings: Settings
    files: tuple
    outcomes: tuple


@pytest.fixture(scope="module")
def published(tmp_path_factory, catalogues):
    folder = tmp_path_factory.mktemp("published")
    settings = Settings(data_dir=folder / "data", catalogue=catalogues())
    files = (export(folder / "models_2020-01-01.csv", 5), export(folder / "models_2021-01-01.csv", 6))
    return Published(settings, files, tuple(publish(settings, file) for file in files))


def test_equal_inputs_publish_nothing(published):
    again = publish(published.settings, published.files[1])
    assert (again.version.version, again.is_new) == (2, False)
    assert [outcome.is_new for outcome in published.outcomes] == [True, True]
    assert [str(outcome.version.as_of_on) for outcome in published.outcomes] == ["2020-01-01", "2021-01-01"]
    assert sorted(folder.name for folder in published.settings.releases_dir.iterdir()) == ["1", "2"]


def test_a_version_counts_its_rows(published):
    epoch = next(row for row in published.outcomes[1].sources if row["source"] == "epoch")
    assert (epoch["rows_read"], epoch["rows_accepted"], epoch["rows_quarantined"]) == (6, 6, 0)
    assert count(published.settings, "compute.training_runs") == 6


def test_all_tables_of_a_version_are_one_snapshot_with_a_message(published):
    second = published.outcomes[1].version
    with duckdb.connect() as con:
        lake.attach(con, published.settings.lake)
        snapshots = con.execute(
            "select snapshot_id, author, commit_message from ducklake_snapshots('lake') order by 1 desc limit 2"
        ).fetchall()
        assert snapshots[0] == (second.snapshot_id, "aicompute", second.message)
        assert snapshots[1][0] == second.snapshot_id - 1
        assert {name for name in lake.described(con) if not name.startswith("main.")} == set(kept_tables())
        assert con.execute("select count(*) from lake.compute.training_runs").fetchone() == (6,)
        assert [v.version for v in lake.versions(con)] == [1, 2]
        lake.attach(con, published.settings.lake, published.outcomes[0].version.snapshot_id, "first")
        assert con.execute("select count(*) from first.compute.training_runs").fetchone() == (5,)


def test_every_release_has_its_page(published):
    page = (published.settings.latest / "index.html").read_text(encoding="utf-8")
    assert "Version 2, as of 1 January 2021" in page
    cite = (published.settings.latest / "CITE.txt").read_text(encoding="utf-8")
    assert cite.split(". Contains")[0] in page
    with release.reader(published.settings.latest) as con:
        assert build.page(con) == page


@pytest.mark.parametrize(
    "table",
    ["compute.training_runs", "clean.run_facts", "trends.metric_trends", "assumptions.utilisation", "raw.documents"],
)
def test_the_release_holds_what_the_lake_holds(published, table):
    with duckdb.connect() as con:
        lake.attach(con, published.settings.lake, published.outcomes[1].version.snapshot_id)
        con.execute(f"attach '{published.settings.latest / 'aicompute.duckdb'}' as release (read_only)")
        for one, other in (("lake", "release"), ("release", "lake")):
            more = con.execute(f"select count(*) from (from {one}.{table} except all from {other}.{table})").fetchone()
            assert more == (0,)


def test_equal_files_of_two_releases_are_one_file(published):
    same = "parquet/assumptions/utilisation.parquet"
    first, second = (published.settings.releases_dir / n / same for n in "12")
    assert first.samefile(second)


def test_the_manifest_names_documents_and_code(published):
    version = published.outcomes[1].version
    made_of = json.loads(version.manifest)
    assert {(d["source"], d["dataset"]) for d in made_of["documents"]} == {
        ("curated", "chips"), ("curated", "chip_facts"), ("curated", "sources"), ("epoch", "models")
    }  # fmt: skip
    assert version.code_version.endswith(made_of["code"])


def test_the_log_tells_the_phases_in_order(published):
    lines = [json.loads(line) for line in published.settings.log_file.read_text(encoding="utf-8").splitlines()]
    first = [line["phase"] for line in lines if line["run"] == lines[0]["run"]]
    wanted = ["begin", "archive", "parse", "sql", "verify", "gate", "commit", "release", "rename", "end"]
    assert [phase for phase in first if phase in wanted][: len(wanted)] == wanted


def test_a_schema_break_leaves_the_old_version(settings, tmp_path):
    publish(settings, export(tmp_path / "a.csv", 5))
    broken = tmp_path / "b.csv"
    broken.write_text("Name,Domain\nX,Language\n", encoding="utf-8")
    with pytest.raises(SchemaBreak, match=r"b\.csv: required header 'Model' or 'System' is missing"):
        publish(settings, broken)
    assert count(settings, "compute.training_runs") == 5
    assert publish(settings, tmp_path / "a.csv").is_new is False


def test_two_writers_at_once_are_told(settings, tmp_path):
    path = export(tmp_path / "a.csv", 5)
    with lake.writer(settings.lake), pytest.raises(lake.LakeError, match="another run is writing"):
        publish(settings, path)


def test_a_version_without_its_release_gets_it_on_the_next_run(settings, tmp_path, monkeypatch):
    path = export(tmp_path / "a.csv", 5)
    with monkeypatch.context() as patched:
        patched.setattr(publishing, "make_release", lambda *args: (_ for _ in ()).throw(OSError("disk full")))
        with pytest.raises(OSError, match="disk full"):
            publish(settings, path)
    (settings.releases_dir / "1.partial").mkdir(parents=True)
    again = publish(settings, path)
    assert (again.version.version, again.is_new) == (1, False)
    assert [folder.name for folder in settings.releases_dir.iterdir()] == ["1"]
    assert count(settings, "compute.training_runs") == 5


def test_a_moved_warehouse_still_reads(settings, tmp_path):
    publish(settings, export(tmp_path / "a.csv", 5))
    moved = Settings(data_dir=tmp_path / "moved", catalogue=settings.catalogue)
    settings.folder.rename(moved.folder)
    with duckdb.connect() as con:
        lake.attach(con, moved.lake)
        assert con.execute("select sum(length(run_id)) > 0, count(*) from lake.compute.training_runs").fetchone() == (
            True,
            5,
        )
    assert publish(moved, tmp_path / "a.csv").is_new is False


def test_old_releases_go_versions_stay(tmp_path, catalogues):
    settings = Settings(data_dir=tmp_path / "data", catalogue=catalogues(), keep_releases=1)
    for n in range(2):
        publish(settings, export(tmp_path / f"{n}.csv", 5 + n))
    assert [folder.name for folder in settings.releases_dir.iterdir()] == ["2"]
    assert count(settings, "versions") == 2
    assert settings.latest.resolve().name == "2"


def test_a_run_without_flags_uses_the_setting_not_the_last_flags(settings, tmp_path):
    publish(settings, export(tmp_path / "a.csv", 500))
    outcome = run(settings, Request(tuple(settings.sources.split(","))), RunLog(settings.log_file), allow_shrink=True)
    assert [row["source"] for row in outcome.sources] == ["curated"]
    assert count(settings, "compute.training_runs") > 130
    with duckdb.connect(str(settings.latest / "aicompute.duckdb"), read_only=True) as con:
        assert con.execute("select count(*) from clean.runs where run_name like 'Made-up%'").fetchone() == (0,)


def test_a_broken_download_leaves_the_last_good_document_in_force(settings, tmp_path, monkeypatch):
    publish(settings, export(tmp_path / "models_2020-01-01.csv", 5))
    pages = {"models": b"<html>oops</html>\n", "chips": b"<html>oops</html>\n"}
    monkeypatch.setattr(
        Client, "get", lambda self, ask: Answer(pages[ask.page], ask.url, 200, {}, dt.datetime.now(dt.UTC))
    )
    with pytest.raises(SchemaBreak, match=r"chips: required header"):
        run(settings, Request(("epoch",)), RunLog(settings.log_file))
    chips = b"Hardware name,Release date,FP32 (single precision) performance (FLOP/s)\nMade-up chip,2020-01-01,1e12\n"
    pages["chips"] = chips
    outcome = run(settings, Request(("epoch",)), RunLog(settings.log_file))
    assert any("epoch/models: models: required header" in notice for notice in outcome.notices)
    assert count(settings, "compute.training_runs") == 5


def test_as_of_lets_no_later_document_in(settings, tmp_path):
    publish(settings, export(tmp_path / "models_2021-01-01.csv", 6))
    early = dt.date(2020, 6, 1)
    with pytest.raises(FetchError, match="curated: there is no document dated 2020-06-01 or before"):
        run(settings, Request(("curated",), as_of=early), RunLog(settings.log_file))


def test_a_folder_with_a_quote_and_a_space_holds_a_warehouse(tmp_path):
    settings = Settings(data_dir=tmp_path / "a b'c")
    publish(settings, export(tmp_path / "a.csv", 5))
    assert count(settings, "compute.training_runs") == 5
