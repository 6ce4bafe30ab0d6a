"""The release gate: each kind of expectation met and not, one that errs, and what becomes of a version it refuses."""

import csv
import json
import math
import os
import stat
import subprocess
import sys
from dataclasses import asdict, replace

import duckdb
import pandas as pd
import pytest

from flows.cli_gather import gate_line
from flows.collect import Request, collect
from flows.publish import GateRefused
from flows.run import run
from flows.runlog import RunLog
from flows.settings import Settings
from schemas.expectations import IN_SQL, GateError, Result, gate
from warehouse import derive as sql
from warehouse import lake, refused, release

HEADER = ["Model", "Domain", "Publication date", "Parameters", "Training compute (FLOP)", "Notability criteria", "Link"]
# Ten figures and two empty cells; the tenth parts of a list of eleven would lie on its figures, here they lie between.
FIGURES = pd.DataFrame({"figure": [3.0, None, 1, 2, 10, 5, 4, 9, 6, 8, 7, None], "word": ["a", None, "b", "c"] * 3})
ROWS = Result("rows", "made.up", "*", "all rows", "times before", 12, 12, 10, None, True, "test")


def bound(measure, low, high, value=None, column="figure", of="all rows"):
    """A bound as trends.gate_bounds gives it, of which the SQL's own verdict is not yet known."""
    return Result(measure, "made.up", column, of, "absolute", value, None, low, high, False, "test")


def frame_of(table, column):
    assert table == "made.up"
    return FIGURES.assign(any_column=True)[["any_column" if column == "*" else column]]


@pytest.mark.parametrize(
    ("measure", "column", "low", "high", "observed", "is_met"),
    [
        ("rows", "*", 12, None, 12, True),
        ("rows", "*", 13, None, 12, False),
        ("rows", "*", None, 11, 12, False),
        ("filled_share", "figure", 0.83, None, 10 / 12, True),
        ("filled_share", "figure", 0.84, None, 10 / 12, False),
        ("filled_share", "word", 0.75, 0.75, 0.75, True),
        ("median", "figure", 5.4, 5.6, 5.5, True),
        ("median", "figure", 5.6, None, 5.5, False),
        ("first_decile", "figure", 1.8, 2, 1.9, True),  # a tenth of the nine steps from the first figure
        ("first_decile", "figure", None, 1.8, 1.9, False),
        ("ninth_decile", "figure", 9, 9.2, 9.1, True),
        ("ninth_decile", "figure", 9.2, None, 9.1, False),
        ("largest", "figure", 10, 10, 10, True),
        ("largest", "figure", None, 9.9, 10, False),
    ],
)
def test_an_expectation_on_a_table_is_met_or_not(measure, column, low, high, observed, is_met):
    _, found = gate([ROWS, bound(measure, low, high, column=column)], frame_of, is_first=False)
    assert found.expectation.startswith("Expect")
    assert found.observed_value == pytest.approx(observed, rel=1e-12)
    assert found.is_met is is_met


@pytest.mark.parametrize(
    ("value", "low", "high", "is_met"),
    [(5.0, 4, 6, True), (5.0, 5.5, None, False), (5.0, None, 4, False), (0.0, 0, None, True), (None, 0, None, False)],
)
def test_a_measure_of_the_sql_is_met_or_not_and_an_absent_one_never(value, low, high, is_met):
    _, found = gate([ROWS, bound("headline", low, high, value)], frame_of, is_first=False)
    assert (found.observed_value, found.is_met) == (value, is_met)


def test_a_column_without_a_figure_meets_nothing():
    def nothing(table, column):
        return pd.DataFrame({"figure": pd.Series([None, None], dtype="float64")})

    asked = [bound(measure, 0, None) for measure in ("median", "first_decile", "largest")]
    found = gate([ROWS, *asked, bound("filled_share", 0.1, None)], nothing, is_first=False)
    assert [result.is_met for result in found] == [False] * 5  # two rows where ten were expected, too
    assert [result.observed_value for result in found] == [2, None, None, None, 0]


def test_an_expectation_that_errs_is_an_error_and_no_verdict():
    with pytest.raises(GateError, match=r"on median of made\.up\.word could not be evaluated: .*"):
        gate([ROWS, bound("median", None, None, column="word")], frame_of, is_first=False)
    wrong = bound("largest", 0, None, column="lost")
    with pytest.raises(GateError, match='column "lost" in BatchData does not exist'):
        gate([ROWS, wrong], lambda table, column: FIGURES, is_first=False)


@pytest.mark.parametrize("is_of_a_metric", [False, True])
def test_a_success_that_raised_is_an_error(monkeypatch, is_of_a_metric):
    from great_expectations.core import ExpectationValidationResult
    from great_expectations.datasource.fluent.interfaces import Batch

    raised = {"raised_exception": True, "exception_message": "no such thing"}
    told = {"a metric": raised} if is_of_a_metric else raised
    answer = ExpectationValidationResult(success=True, exception_info=told)
    monkeypatch.setattr(Batch, "validate", lambda *args, **kwargs: answer)
    with pytest.raises(GateError, match="could not be evaluated: no such thing"):
        gate([ROWS], frame_of, is_first=False)


def test_a_later_version_that_is_compared_with_nothing_is_an_error():
    with pytest.raises(GateError, match="nothing can be compared"):
        gate([bound("median", 0, None)], frame_of, is_first=False)


FIRST = """
import sys
from schemas.expectations import Result, gate
made = Result("filled_share", "t", "c", "all rows", "absolute", 1.0, None, 0.5, None, True, "test")
assert gate([made], None, is_first=True) == [made]
assert not {"great_expectations", "pandas"} & set(sys.modules)
"""


def test_a_first_version_whose_sql_meets_all_asks_nobody(root):
    done = subprocess.run([sys.executable, "-c", FIRST], cwd=root, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_first_version_that_breaks_an_absolute_bound_is_judged_like_any():
    (found,) = gate([bound("filled_share", 0.9, None)], frame_of, is_first=True)
    assert (found.expectation, found.is_met) == ("ExpectColumnProportionOfNonNullValuesToBeBetween", False)
    assert str(found) == "made.up.figure, filled share: 0.8333; at least 0.9 was expected (test)"


def test_a_run_says_in_one_line_what_was_met_and_what_was_let_pass():
    results = [asdict(ROWS), asdict(replace(ROWS, is_met=False, was_allowed=True))]
    assert gate_line([]) == "gate: nothing was asked of this version"
    assert gate_line(results[:1]) == "gate: 1 of 1 expectations met"
    assert gate_line(results) == "gate: 1 of 2 expectations met; not met, allowed by --allow-shrink: rows of made.up"
    share = asdict(replace(bound("filled_share", 0.9, None, of="notable runs")))
    assert gate_line([share]).endswith("filled_share of made.up.figure (notable runs)")


@pytest.mark.slow
def test_a_first_version_of_the_curated_facts_meets_every_bound(built):
    bounds = [Result(*row) for row in built("curated").rows("from trends.gate_bounds")]
    assert {found.bound_kind for found in bounds} == {"absolute"} and len(bounds) == 4
    assert all(found.is_met and found.expectation == IN_SQL for found in bounds)


def export(path, runs, compute=lambda n: 1e18 + n):
    """A models export of made-up runs, a day after the other."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        for n in range(runs):
            day = f"2020-{n // 28 + 1:02d}-{n % 28 + 1:02d}"
            writer.writerow([f"Made-up {n}", "Language", day, 1e6, compute(n), "", f"https://example.org/{n}"])
    return path


def publish(settings, path, **options):
    request = Request(("epoch",), {"models": str(path)})
    return run(settings, request, RunLog(settings.log_file), **options)


def query(settings, words, place):
    with release.reader(place(settings)) as con:
        return con.execute(words).fetchall()


def standing(settings):
    """What a reader can see of a warehouse: the lake's versions and snapshot, the releases, and where `latest` points."""
    with duckdb.connect() as con:
        lake.attach(con, settings.lake)
        ((snapshot,),) = con.execute("select max(snapshot_id) from ducklake_snapshots('lake')").fetchall()
        made = lake.versions(con)
    files = sorted(str(path.relative_to(settings.releases_dir)) for path in settings.releases_dir.rglob("*"))
    return made, snapshot, files, os.readlink(settings.latest)


def latest(settings):
    return settings.latest


def kept(settings):
    return settings.refused


@pytest.mark.slow
def test_a_refused_version_is_looked_at_beside_the_others_and_let_pass_by_hand(tmp_path):
    settings = Settings(data_dir=tmp_path / "data")
    publish(settings, export(tmp_path / "a_2020-06-01.csv", 100))
    before = standing(settings)
    small = export(tmp_path / "b_2020-07-01.csv", 7)
    with pytest.raises(GateRefused, match=r"compute\.training_runs: 100 rows in the last version, 7 now") as refusal:
        publish(settings, small)
    assert "--refused" in str(refusal.value) and "--allow-shrink" in str(refusal.value)
    assert standing(settings) == before
    assert [path.name for path in settings.refused.iterdir()] == [refused.FILE]
    assert not (settings.refused / refused.FILE).stat().st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH)
    assert query(settings, "select count(*) from compute.training_runs", kept) == [(7,)]
    assert query(settings, "select version, as_of_on::varchar from versions", kept) == [(2, "2020-07-01")]
    unmet = "select table_name, observed_value, observed_before, expected_low, was_allowed from gate_results"
    unmet += " where measure = 'rows' and table_name = 'compute.training_runs' and not is_met"
    assert query(settings, unmet, kept) == [("compute.training_runs", 7, 100, 80, False)]

    (settings.refused / refused.FILE).chmod(0o644)  # a second build would put another file in its place
    inode = (settings.refused / refused.FILE).stat().st_ino
    with pytest.raises(GateRefused, match=r"compute\.training_runs: 100 rows in the last version, 7 now"):
        publish(settings, small)
    lines = [json.loads(line) for line in settings.log_file.read_text(encoding="utf-8").splitlines()]
    last = [line["phase"] for line in lines if line["run"] == lines[-1]["run"]]
    assert "sql" not in last and (settings.refused / refused.FILE).stat().st_ino == inode

    outcome = publish(settings, small, allow_shrink=True)
    assert outcome.version.version == 2 and not settings.refused.exists()
    assert query(settings, unmet, latest) == [("compute.training_runs", 7, 100, 80, True)]
    assert any(row["was_allowed"] for row in outcome.gate)
    assert query(settings, "select distinct version from gate_results order by 1", latest) == [(1,), (2,)]
    page = (settings.latest / "index.html").read_text(encoding="utf-8")
    met = sum(row["is_met"] for row in outcome.gate)
    assert f"release gate, {met} of {len(outcome.gate)} expectations met; allowed by hand: " in page


@pytest.mark.slow
def test_another_set_of_inputs_leaves_the_refused_one_and_a_slip_of_units_is_stopped(tmp_path):
    settings = Settings(data_dir=tmp_path / "data")
    publish(settings, export(tmp_path / "a_2020-06-01.csv", 50))
    # PFLOP instead of FLOP: half of the runs a thousandfold and more away, their largest beyond any record.
    slipped = export(tmp_path / "b_2020-07-01.csv", 51, lambda n: 1e18 if n % 2 else 1e33)
    with pytest.raises(GateRefused) as refusal:
        publish(settings, slipped)
    told = str(refusal.value)
    assert "log10_training_compute_flop, largest: 33, 18 in the last version; 17 to 19.5 was expected" in told
    assert "log10_training_compute_flop, distance to last: 0.5" in told
    assert "rows in the last version" not in told
    publish(settings, export(tmp_path / "c_2020-08-01.csv", 52))
    assert query(settings, "select count(*) from compute.training_runs", kept) == [(51,)]


@pytest.mark.slow
def test_a_gate_that_errs_leaves_the_old_version(tmp_path, monkeypatch):
    settings = Settings(data_dir=tmp_path / "data")
    publish(settings, export(tmp_path / "a_2020-06-01.csv", 5))
    before = standing(settings)
    build = sql.build

    def wrong(con, *args, **named):
        yield from build(con, *args, **named)
        con.execute(
            "update trends.gate_bounds set measure = 'median', column_name = 'run_name'"
            " where table_name = 'compute.training_runs' and measure = 'rows'"
        )

    monkeypatch.setattr(sql, "build", wrong)
    with pytest.raises(GateError, match=r"median of compute\.training_runs\.run_name could not be evaluated"):
        publish(settings, export(tmp_path / "b_2020-07-01.csv", 6))
    assert standing(settings) == before


@pytest.mark.slow
def test_the_refused_are_asked_with_a_flag_and_their_absence_is_said(tmp_path):
    env = {**os.environ, "AICOMPUTE_DATA_DIR": str(tmp_path)}
    words = [sys.executable, "-m", "flows", "query", "--refused", "select 1 as one"]

    def ask():
        return subprocess.run(words, env=env, capture_output=True, text=True)

    assert ask().stderr == "aicompute: no version is refused, or its inputs were accepted since\n"
    with duckdb.connect() as con:
        refused.keep(
            con,
            tmp_path / "refused",
            {},
            {},
            {"version": 2, "as_of_on": "2020-01-01", "code_version": "c", "manifest": "m", "message": "t"},
            [],
        )
    done = ask()
    assert (done.returncode, done.stderr) == (0, "") and "1 row" in done.stdout


EDITIONS = (
    ("models_2023-12-20", ""),
    ("models_2024-03-22", ""),
    ("models_2024-05-26", ""),
    # The notable models alone after all of them: a person has to let it pass.
    ("notable_ai_models_2025-02-24", "clean.run_facts compute.estimates compute.training_runs"),
    ("all_ai_models_2025-04-23", ""),
    ("models_2025-06-20", ""),
    ("notable_ai_models_2025-11-03", "clean.run_facts compute.estimates compute.training_runs"),
    ("notable_ai_models_2025-12-02", ""),
)


@pytest.mark.slow
def test_real_editions_in_order_pass_but_for_the_filtered_ones(shared, tmp_path):
    settings, last = Settings(data_dir=tmp_path), None
    for name, refused_tables in EDITIONS:
        con = _built_on(settings, shared / "data" / "epoch" / f"{name}.csv", last)
        bounds = [Result(*row) for row in con.execute("from trends.gate_bounds").fetchall()]
        found = gate(bounds, lambda table, column, con=con: _frame(con, table, column), is_first=last is None)
        assert {result.table_name for result in found if not result.is_met} == set(refused_tables.split()), name
        assert all(result.measure == "rows" for result in found if not result.is_met)
        for result, of_sql in zip(found, bounds, strict=True):
            assert math.isclose(result.observed_value, of_sql.observed_value, rel_tol=1e-12), result
            assert result.is_met == of_sql.is_met, result
        # Four absolute bounds; 20 bounds and five headlines of thirty runs and more where there is a version before.
        assert len(found) >= (4 if last is None else 25), name
        last = con


def _frame(con, table, column):
    return con.execute(f"select {'true as any_column' if column == '*' else column} from {table}").df()


def _built_on(settings, file, last):
    """Tables of one real edition, with those of the edition before as their past."""
    collected = collect(settings, Request(("epoch",), {"models": str(file)}), RunLog(settings.log_file))
    con = duckdb.connect()
    sql.attach_past(con)
    for table in sql.past_reads()["earlier"] - {sql.STEPS} if last else ():
        con.register("before", last.execute(f"from {table}").to_arrow_table())
        con.execute(f"insert into earlier.{table} by name from before")
        con.unregister("before")
    sql.load_assumptions(con)
    sql.load_raw(con, collected.frames)
    list(sql.build(con))
    return con
