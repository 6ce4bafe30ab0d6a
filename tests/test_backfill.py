"""Dated releases loaded in order, and what the versions they make say of each other: checked against the files' own cells."""

import csv
import datetime as dt
import io
import json
import math
import os
import subprocess
import sys
from decimal import Decimal, InvalidOperation
from pathlib import Path

import duckdb
import pytest

from flows import earlier as past
from flows.backfill import BackfillFault, backfill, plan, words
from flows.history import UnknownTable, difference, lines, moves, plain, total_lines
from flows.publish import published
from flows.runlog import RunLog
from flows.settings import Settings
from warehouse import lake, release
from warehouse.reader import Unknown

csv.field_size_limit(1 << 27)
HEADER = [
    "Model",
    "Domain",
    "Organization",
    "Publication date",
    "Parameters",
    "Training compute (FLOP)",
    "Notability criteria",
]


def export(path: Path, rows: list[tuple]) -> Path:
    """A models export: name, date, parameters, compute, notability a row."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        writer.writerows([name, "Language", "A Lab,B Lab", *rest] for name, *rest in rows)
    return path


def load(folder: Path, settings: Settings, sources: tuple[str, ...] = ("epoch",)) -> list:
    return list(backfill(settings, plan(folder), sources, RunLog(settings.log_file), lambda name: None))


def test_files_are_known_by_their_names(tmp_path):
    for name in (
        "models_2024-05-26.csv", "all_ai_models_2025-04-23.csv", "chips_2024-05-26.csv", "ml_hardware_2025-12-14.csv",
        "prices_2025-06-20.csv", "ppi_PCU518210518210.csv", "notes.txt", "models_2025-13-45.txt",
    ):  # fmt: skip
        (tmp_path / name).touch()
    found = plan(tmp_path)
    assert {date.isoformat(): {d: p.name for d, p in files.items()} for date, files in found.dated.items()} == {
        "2024-05-26": {"models": "models_2024-05-26.csv", "chips": "chips_2024-05-26.csv"},
        "2025-04-23": {"models": "all_ai_models_2025-04-23.csv"},
        "2025-06-20": {"prices": "prices_2025-06-20.csv"},
        "2025-12-14": {"chips": "ml_hardware_2025-12-14.csv"},
    }
    assert {d: p.name for d, p in found.undated.items()} == {"deflator": "ppi_PCU518210518210.csv"}
    assert [path.name for path in found.unknown] == ["models_2025-13-45.txt", "notes.txt"]


def test_two_files_of_one_date_and_dataset_are_refused(tmp_path):
    for name in ("models_2024-05-26.csv", "all_ai_models_2024-05-26.csv"):
        (tmp_path / name).touch()
    with pytest.raises(BackfillFault, match="stands for models of that date too"):
        plan(tmp_path)
    (tmp_path / "none").mkdir()
    with pytest.raises(BackfillFault, match="no file is a dated export"):
        plan(tmp_path / "none")


def test_the_real_releases_are_eleven_dates(shared):
    found = plan(shared / "data" / "epoch")
    assert len(found.dated) == 11 and set(found.undated) == {"deflator"} and not found.unknown
    assert set(found.dated[dt.date(2025, 6, 20)]) == {"models", "chips", "prices"}


def command(settings: Settings, *words: str) -> subprocess.Popen:
    """A command on a data folder, under way."""
    env = {**os.environ, "AICOMPUTE_DATA_DIR": str(settings.data_dir), "AICOMPUTE_KEEP_RELEASES": "1"}
    pipe = subprocess.PIPE
    return subprocess.Popen([sys.executable, "-m", "flows", *words], stdout=pipe, stderr=pipe, text=True, env=env)


def told(settings: Settings, *words: str) -> tuple[int, str, str]:
    """Exit code and what a command printed and complained of."""
    started = command(settings, *words)
    out, complaint = started.communicate(timeout=600)
    return started.returncode, out, complaint


def test_nothing_there_is_one_sentence_and_exit_code_1(tmp_path):
    settings = Settings(data_dir=tmp_path / "data")
    code, _, complaint = told(settings, "diff", "1", "2")
    assert (code, complaint) == (
        1,
        "aicompute: no version is published; `aicompute run` makes one\n",
    )
    code, _, complaint = told(settings, "backfill", str(tmp_path / "nowhere"))
    assert (code, complaint) == (1, f"aicompute: {tmp_path / 'nowhere'}: there is no such folder\n")


RUNS = [(f"Made-up {n}", f"{2010 + n}-03-01", 10 ** (n + 5), 10 ** (n + 15), "Highly cited") for n in range(5)]


@pytest.fixture(scope="module")
def made_up(tmp_path_factory):
    """Two dates of five runs; in the second one has ten times the compute, one is gone, one is new."""
    folder = tmp_path_factory.mktemp("dates")
    export(folder / "models_2020-01-01.csv", RUNS)
    revised = [
        (*RUNS[0][:3], 10**16, RUNS[0][4]),
        *RUNS[1:4],
        ("Made-up 5", "2016-03-01", 10**10, 10**20, "Highly cited"),
    ]
    export(folder / "models_2021-01-01.csv", revised)
    settings = Settings(data_dir=folder / "data", keep_releases=1)
    return folder, settings, load(folder, settings)


@pytest.mark.slow
class TestMadeUp:
    """What a backfill does, on two small files."""

    def test_one_version_a_date_dated_as_released(self, made_up):
        _, settings, loaded = made_up
        assert [(one.version.version, str(one.version.as_of_on), one.is_new) for one in loaded] == [
            (1, "2020-01-01", True),
            (2, "2021-01-01", True),
        ]
        assert (loaded[1].runs, loaded[1].added, loaded[1].removed) == (5, 1, 1)
        assert words(loaded[1]).endswith("as of 2021-01-01: models_2021-01-01.csv; 5 runs, 1 added, 1 removed")
        with duckdb.connect() as con:
            lake.attach(con, settings.lake)
            info = con.execute(
                "select commit_extra_info from ducklake_snapshots('lake') order by snapshot_id"
            ).fetchall()
        assert ['"as_of_on": "2020-01-01"' in (info[-2][0] or ""), '"as_of_on": "2021-01-01"' in info[-1][0]] == [
            True,
            True,
        ]

    def test_only_versions_that_are_kept_get_a_release(self, made_up):
        _, settings, _ = made_up
        assert [folder.name for folder in settings.releases_dir.iterdir()] == ["2"]
        with release.reader(settings.latest) as con:
            assert release.rows(con, "select version from versions order by all") == [{"version": 1}, {"version": 2}]

    def test_what_is_loaded_is_passed_over(self, made_up):
        folder, settings, _ = made_up
        again = load(folder, settings)
        assert [one.is_new for one in again] == [False, False] and words(again[0]).endswith("loaded already")
        assert len(published(settings)) == 2

    def test_an_older_date_changes_nothing(self, made_up, tmp_path):
        _, settings, _ = made_up
        export(tmp_path / "models_2020-06-01.csv", RUNS)
        with pytest.raises(BackfillFault, match=r"2020-06-01 is older than version 2, as of 2021-01-01"):
            load(tmp_path, settings)
        assert len(published(settings)) == 2

    def test_the_difference_of_the_two(self, made_up):
        _, settings, _ = made_up
        found = difference(settings, 1, 2)
        assert total_lines(found)[1] == "runs: 5 + 1 added - 1 removed = 5"
        told = {(row["table_name"], row["row_id"], row["column_name"]): row for row in found.revisions}
        compute = told["clean.run_facts", "made-up-0", "training_compute_flop"]
        assert (compute["revision_rank"], compute["factor"]) == (1, 10)
        assert (compute["old_value"], compute["new_value"]) == ("1000000000000000.0", "1e+16")
        assert told["clean.runs", "made-up-4", None]["change"] == "removed"
        assert told["clean.runs", "made-up-5", None]["circumstance"] == "new"
        names = {found.documents[compute[f"{side}_document_id"]]["document_name"] for side in ("old", "new")}
        assert names == {"models_2020-01-01.csv", "models_2021-01-01.csv"}
        worst = lines(found, 1)[0]
        assert (worst["what"], worst["old"], worst["new"]) == (
            "Made-up 0 training_compute_flop", "1000000000000000.0", "1e+16"
        )  # fmt: skip
        derived = [line for line in lines(found, 0) if line["source"] == "(derived)" and line["change"] == "changed"]
        assert derived and all(isinstance(line[side], float) for line in derived for side in ("old", "new"))
        assert plain(found)["totals"]["cells_changed"] == 1

    def test_the_other_way_round(self, made_up):
        _, settings, _ = made_up
        back = difference(settings, 2, 1, "clean.run_facts")
        assert [(row["row_id"], row["factor"]) for row in back.revisions] == [("made-up-0", 0.1)]
        assert difference(settings, 2, 2).revisions == []

    def test_a_table_outside_the_feed_is_compared_by_its_key(self, made_up):
        _, settings, _ = made_up
        cells = difference(settings, 1, 2, "compute.estimates").cells
        told = {(row["row_id"], row["column_name"]): row for row in cells}
        changed = told["made-up-0 | reported", "training_compute_flop"]
        assert (changed["change"], float(changed["old_value"]), float(changed["new_value"])) == ("changed", 1e15, 1e16)
        assert told["made-up-4 | reported", None]["change"] == "removed"

    def test_what_is_not_there_is_said(self, made_up):
        _, settings, _ = made_up
        with pytest.raises(Unknown, match=r"there is no version 7; there are 1 \(as of [0-9-]+\), 2 \(as of"):
            difference(settings, 1, 7)
        with pytest.raises(UnknownTable, match=r"no table 'clean.nothing'"):
            difference(settings, 1, 2, "clean.nothing")

    def test_the_command_prints_the_worst_first_and_json_alone(self, made_up):
        _, settings, _ = made_up
        code, out, complaint = told(settings, "diff", "1", "2", "--limit", "1")
        assert (code, complaint) == (0, "")
        assert "runs: 5 + 1 added - 1 removed = 5" in out and "Made-up 0 training_compute_flop" in out
        assert "as of 2020-01-01: " in out and "more; --limit 0 prints all" in out
        code, out, complaint = told(settings, "diff", "1", "2", "--json")
        assert (code, complaint) == (0, "") and json.loads(out)["revisions"][0]["row_id"] == "made-up-0"
        assert told(settings, "diff", "1")[0] == 2

    def test_other_code_reads_the_version_before_again(self, made_up):
        """A version made by another program: its documents are collected anew, and nothing is laid on the sources."""
        _, settings, _ = made_up
        first = published(settings)[0]
        earlier = past.before(settings, first, "aicompute", "another code")
        assert earlier.again is not None and earlier.notices == []
        with duckdb.connect() as con:
            assert past.load(con, earlier) == []
            assert con.execute("from earlier.main.steps").fetchall() == [(1, 2, True)]
            for table in ("clean.runs", "compute.measurements"):
                for one, other in (("recast", "earlier"), ("earlier", "recast")):
                    assert con.execute(f"from {one}.{table} except from {other}.{table}").fetchall() == [], table
                assert con.execute(f"select count(*) from recast.{table}").fetchone()[0] > 0

    def test_what_cannot_be_read_again_is_said_and_is_earlier_itself(self, made_up, monkeypatch):
        _, settings, _ = made_up
        first = published(settings)[0]
        monkeypatch.setattr(past, "collect_again", lambda *_: (_ for _ in ()).throw(FileNotFoundError("lost")))
        earlier = past.before(settings, first, "aicompute", "another code")
        assert earlier.again is None and "version 1 cannot be made again (lost)" in earlier.notices[0]
        with duckdb.connect() as con:
            past.load(con, earlier)
            assert con.execute("from earlier.main.steps").fetchall() == [(1, 2, False)]
            assert con.execute("select count(*) from recast.clean.runs").fetchone() == (5,)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_a_backfill_that_was_killed_goes_on(tmp_path):
    settings = Settings(data_dir=tmp_path / "data")
    for year in (2020, 2021):
        export(tmp_path / f"models_{year}-01-01.csv", RUNS[: year - 2017])
    killed = command(settings, "backfill", str(tmp_path))
    assert killed.stdout.readline().startswith("version 1, as of 2020-01-01: models_2020-01-01.csv; 3 runs")
    killed.kill()
    killed.communicate()
    code, out, complaint = told(settings, "backfill", str(tmp_path))
    assert (code, complaint) == (0, "")
    assert out.splitlines() == [
        "version 1, as of 2020-01-01: models_2020-01-01.csv; loaded already",
        "version 2, as of 2021-01-01: models_2021-01-01.csv; 4 runs, 1 added, 0 removed",
    ]


# Read by eye in the files: version (by date), table, row, column, change, old, new.
READ_BY_EYE = [
    ("2024-03-22", "xception", "training_compute_flop", "changed", 43623360000000000000.00, 4.36e20),
    ("2024-03-22", "megatron-bert", "training_compute_flop", "changed", 6.02700000000001e23, 6.027e22),
    ("2024-03-22", "t5-11b", "training_compute_flop", "changed", 4.05e22, 3.3e22),
    ("2024-03-22", "attend-infer-repeat", "training_compute_flop", "filled", None, 64488960000000000.00),
    ("2024-05-26", "bluelm-13b", "parameters", "changed", 7000000000000.00, 7000000000.00),
    ("2024-05-26", "grok-1", "parameters", "filled", None, 314000000000.00),
    ("2024-05-26", "swift", "parameters", "changed", 21124.00, 56804.00),
    ("2024-05-26", "falcon-180b", "run_name", "renamed", "Falcon 180B", "Falcon-180B"),
    ("2025-02-24", "palm-540b", "training_hours", "changed", 1368.0, 1536.0),
    ("2025-02-24", "pali-17b", "training_hours", "changed", 168.0, 240.0),
    ("2025-02-24", "hyenadna", "training_hours", "filled", None, 672.0),
    ("2025-06-20", "o3-mini", "published_on", "changed", "2024-01-31", "2025-01-31"),
    ("2025-06-20", "gpt-4.5", "training_compute_flop", "filled", None, 2.1000000999999995e26),
    ("2025-06-20", "deepseek-r1", "training_compute_flop", "changed", 5.17e24, 4.020010000000001e24),
    ("2025-11-03", "alphago-zero", "training_compute_flop", "changed", 3.41e23, 6.49439910290227e20),
    ("2025-11-03", "alphazero", "training_compute_flop", "changed", 3.6679273004682866e22, 1.0600000001e20),
    ("2025-11-03", "grok-3", "run_name", "renamed", "Grok-3", "Grok 3"),
    ("2025-11-03", "sora-turbo", "published_on", "changed", "2024-02-15", "2024-12-09"),
    ("2025-12-02", "gpt-4.5", "training_compute_flop", "changed", 2.1000001e26, 3.8e26),
    ("2025-12-02", "deep-belief-nets", "training_hours", "filled", None, 168.0),
    ("2025-12-02", "deep-belief-nets", "epochs", "filled", None, 330.0),
    ("2025-12-24", "google-tpu-v3", "tdp_watts", "changed", 220.0, 450.0),
    ("2025-12-24", "google-tpu-v5e", "tdp_watts", "emptied", 140.0, None),
    ("2025-12-24", "google-tpu-v2", "peak_tensor_16bit", "changed", 45000000000000.0, 46000000000000.0),
    ("2025-12-24", "huawei-ascend-910c", "peak_tensor_16bit", "filled", None, 800000000000000.0),
]


@pytest.fixture(scope="module")
def real(shared, tmp_path_factory):
    """Every dated release of Epoch AI's as a version: the settings, and a reader of the newest release."""
    settings = Settings(data_dir=tmp_path_factory.mktemp("real"), keep_releases=1)
    loaded = load(shared / "data" / "epoch", settings)
    assert [one.version.version for one in loaded] == list(range(1, 12))
    with release.reader(settings.latest) as con:
        yield settings, con


@pytest.mark.slow
@pytest.mark.timeout(1800)
class TestReal:
    """The dated releases of Epoch AI's exports against the cells of their own files."""

    @pytest.mark.parametrize("read", READ_BY_EYE, ids=lambda read: f"{read[0]} {read[1]} {read[2]}")
    def test_a_change_read_by_eye_is_told_so(self, real, read):
        _, con = real
        date, row_id, column, change, old, new = read
        query = (
            "select change, old_value, new_value from trends.revisions join versions using (version)"
            " where as_of_on = ? and row_id = ? and column_name = ? and not is_derived"
        )
        ((told, *values),) = con.execute(query, [date, row_id, column]).fetchall()
        assert told == change
        for found, wanted in zip(values, (old, new), strict=True):
            if isinstance(wanted, float):
                assert math.isclose(float(found), wanted, rel_tol=1e-12)
            else:
                assert found == wanted

    def test_runs_reconcile_for_every_pair(self, real):
        settings, con = real
        moved = {
            version: (added, removed)
            for version, added, removed in con.execute(
                "select version, count(*) filter (where change = 'added'), count(*) filter (where change = 'removed')"
                " from trends.revisions where table_name = 'clean.runs' group by version"
            ).fetchall()
        }
        made = published(settings)
        counts = []
        with duckdb.connect() as at:
            for version in made:
                lake.attach(at, settings.lake, version.snapshot_id, name="past")
                counts += at.execute("select count(*) from past.clean.runs").fetchone()
                at.execute("detach past")
        for version, before, after in zip(made[1:], counts, counts[1:], strict=False):
            added, removed = moved.get(version.version, (0, 0))
            assert before + added - removed == after, version

    def test_the_last_pair_of_models_is_told_whole(self, real):
        """By the names in the two files: one run gone, eleven come."""
        _, con = real
        query = (
            "select change, count(*), min(old_value) from trends.revisions join versions using (version)"
            " where as_of_on = '2025-12-02' and table_name = 'clean.runs' group by change order by change"
        )
        gone = "Self-Organizing Nets of Threshold Elements"
        assert con.execute(query).fetchall() == [("added", 11, None), ("removed", 1, gone)]

    def test_the_last_two_hardware_files_differ_in_two_tensor_peaks_and_six_tdps(self, real):
        _, con = real
        query = (
            "select column_name, count(*) from trends.revisions join versions using (version)"
            " where as_of_on = '2025-12-24' and column_name in ('tdp_watts', 'peak_tensor_16bit') group by 1 order by 1"
        )
        assert con.execute(query).fetchall() == [("peak_tensor_16bit", 2), ("tdp_watts", 6)]

    def test_a_view_of_notable_runs_deletes_no_other(self, real, shared):
        """The file of 2025-11-03 holds notable runs alone: what is gone and was notable is deleted, the rest is out of view."""
        _, con = real
        query = (
            "select old_value, circumstance from trends.revisions join versions using (version)"
            " where as_of_on = '2025-11-03' and table_name = 'clean.runs' and change = 'removed'"
        )
        content = (shared / "data/epoch/models_2025-06-20.csv").read_text(encoding="utf-8-sig")
        rows = csv.DictReader(io.StringIO(content, newline=""))
        notable = {row["Model"].strip(): bool(row["Notability criteria"].strip()) for row in rows}
        told = [(name, how) for name, how in con.execute(query).fetchall() if name in notable]
        assert len(told) > 900
        assert [name for name, how in told if how != ("deleted" if notable[name] else "outside the view")] == []

    def test_rows_that_came_back_are_told_from_new_ones(self, real):
        _, con = real
        query = (
            "select circumstance, count(*) from trends.revisions join versions using (version)"
            " where as_of_on = '2025-04-23' and table_name = 'clean.runs' and change = 'added' group by 1"
        )
        told = dict(con.execute(query).fetchall())
        # 676 of the full file of 2024-05-26 were outside the notable file of 2025-02-24.
        assert told["returned"] > 500 and told["new"] > 500

    def test_the_end_of_self_play_leads_and_what_it_did_to_each_trend(self, real):
        settings, con = real
        query = "select row_id, column_name from trends.revisions join versions using (version) where as_of_on = '2025-11-03'"
        assert con.execute(f"{query} order by revision_rank limit 1").fetchall() == [
            ("alphago-zero", "training_compute_flop")
        ]
        with duckdb.connect() as at:
            version = next(v for v in published(settings) if str(v.as_of_on) == "2025-11-03")
            lake.attach(at, settings.lake, version.snapshot_id, name="past")
            effects = at.execute(
                "select selection, oom_per_year_change from past.trends.revision_effects"
                " where run_id = 'alphago-zero' and part = 'revised compute' and period = 'from_2010'"
            ).fetchall()
        # It is of 2017, before the middle of the points: lower there, the line is steeper.
        assert {selection for selection, _ in effects} == {"notable", "final_run", "frontier"}
        assert all(effect > 0 for _, effect in effects)

    def test_the_parts_of_every_pair_add_up(self, real):
        _, con = real
        sums = con.execute(
            "select version, sum(oom_per_year_change), any_value(oom_per_year_after - oom_per_year_before),"
            " sum(doubling_months_change), any_value(doubling_months_after - doubling_months_before)"
            " from trends.trend_revisions group by version, metric, selection, period"
        ).fetchall()
        assert len(sums) == 10 * 7
        for _, slopes, slope, doublings, doubling in sums:
            assert abs(slopes - slope) < 1e-9 and abs(doublings - doubling) < 1e-9

    def test_any_two_versions_can_be_compared(self, real):
        settings, _ = real
        found = difference(settings, 1, 11)
        totals = found.totals
        assert totals["runs_before"] + totals["runs_added"] - totals["runs_removed"] == totals["runs_after"]
        assert totals["runs_before"] == 1135 and totals["runs_after"] == 952
        assert len(moves(found)) == 7

    def test_a_release_written_otherwise_differs_in_nothing(self, real, shared, tmp_path):
        """The newest models file, its numbers, lists, white space, columns and the name of one written otherwise."""
        settings, _ = real
        before = published(settings)[-1]
        content = (shared / "data/epoch/notable_ai_models_2025-12-02.csv").read_text(encoding="utf-8-sig")
        (tmp_path / "notable_ai_models_2025-12-31.csv").write_text(rewritten(content), encoding="utf-8")
        (loaded,) = load(tmp_path, settings)
        assert loaded.is_new and loaded.version.manifest != before.manifest
        found = difference(settings, before.version, loaded.version.version)
        assert found.revisions == []
        assert [row["oom_per_year_change"] for row in found.trends if abs(row["oom_per_year_change"]) > 1e-9] == []


LISTS = ("Organization", "Country (of organization)", "Domain", "Organization categorization")


def rewritten(content: str) -> str:
    """The same export with other number formats, list orders, white space, order of columns, and one header renamed."""
    header, *rows = list(csv.reader(io.StringIO(content)))
    order = sorted(range(len(header)), key=lambda place: header[place][::-1])
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["System" if header[place] == "Model" else header[place] for place in order])
    for row in rows:
        writer.writerow([_written_otherwise(header[place], row[place]) for place in order])
    return out.getvalue()


def _written_otherwise(header: str, cell: str) -> str:
    if header in LISTS:
        return " ,  ".join(reversed([word.strip() for word in cell.split(",")])) if cell.strip() else cell
    try:
        number = Decimal(cell)
    except InvalidOperation:
        return f" {cell}  " if header in ("Model", "Confidence", "Base model") else cell
    fixed = f"{number:.2f}"
    return fixed if Decimal(fixed) == number and abs(number) > 1 else f"{float(cell):.16e}"
