"""The command line: JSON alone, exit codes, errors of one line, and a reader that cannot write."""

import csv
import json
import os
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from flows.cli import app

HEADER = ["Model", "Domain", "Publication date", "Parameters", "Training compute (FLOP)"]


def aicompute(folder, *words, stdin=""):
    """Run a command on a data folder of its own."""
    env = {**os.environ, "AICOMPUTE_DATA_DIR": str(folder), "COLUMNS": "200"}
    return subprocess.run(
        [sys.executable, "-m", "flows", *words], capture_output=True, text=True, env=env, input=stdin, timeout=120
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A data folder with one version of five runs and one quarantined row."""
    base = tmp_path_factory.mktemp("cli")
    with (base / "models.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        writer.writerows([f"Run {n}", "Language", f"20{n + 10}-01-01", 1e6, 10.0 ** (18 + n)] for n in range(5))
        writer.writerow(["", "Language", "2020-01-01", 1e6, 1e18])
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AICOMPUTE_DATA_DIR", str(base / "data"))
        # In this process, where bootstraps are not drawn; every other command here is a process of its own.
        done = CliRunner().invoke(app, ["run", "--plain", "--epoch-models", str(base / "models.csv"), "--json"])
    assert done.exit_code == 0, done.output
    answer = json.loads(done.stdout)
    assert answer["version"] == 1
    assert next(s for s in answer["sources"] if s["source"] == "epoch") | {"as_of_on": ""} == {
        "source": "epoch", "documents": 1, "rows_read": 6, "rows_accepted": 5, "rows_quarantined": 1, "as_of_on": ""
    }  # fmt: skip
    return base / "data"


def test_query_json_is_a_list_of_objects(folder):
    done = aicompute(
        folder, "query", "select run_id, training_compute_flop from compute.training_runs order by 1 limit 1", "--json"
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout) == [{"run_id": "run-0", "training_compute_flop": 1e18}]


def test_report_says_where_the_page_is_or_writes_it(folder, tmp_path):
    page = folder / "latest" / "index.html"
    assert aicompute(folder, "report").stdout.strip() == str(page)
    file = tmp_path / "page.html"
    assert aicompute(folder, "report", "--out", str(file)).stdout.strip() == str(file)
    assert file.read_text(encoding="utf-8") == page.read_text(encoding="utf-8")
    failed = aicompute(folder, "report", "--out", str(tmp_path / "nowhere" / "page.html"))
    assert (failed.returncode, failed.stdout, len(failed.stderr.splitlines())) == (1, "", 1)


def test_query_of_no_rows_is_an_empty_list(folder):
    assert json.loads(aicompute(folder, "query", "select 1 as one where false", "--json").stdout) == []


@pytest.mark.parametrize("command", [["tables"], ["describe", "compute.training_runs"], ["versions"]])
def test_json_alone_on_standard_output(folder, command):
    done = aicompute(folder, *command, "--json")
    assert done.returncode == 0
    rows = json.loads(done.stdout)
    assert rows and all(isinstance(row, dict) for row in rows)


def test_describe_says_what_a_column_is(folder):
    rows = json.loads(aicompute(folder, "describe", "compute.training_runs", "--json").stdout)
    meaning = {row["column_name"]: row["meaning"] for row in rows}
    assert "petaflop/s-days" in meaning["training_compute_pfs_days"]
    assert all(meaning.values())


@pytest.mark.parametrize(
    "sql",
    [
        "create table x as select 1",
        "delete from compute.training_runs",
        "select * from read_csv('/etc/passwd')",
        "copy (select 1) to '/tmp/aicompute-test-never'",
        "attach '/tmp/aicompute-test-never.duckdb'",
        "install httpfs",
        "load sqlite",
        "set enable_external_access = true",
    ],
)
def test_the_reader_cannot_write_read_files_or_load(folder, sql):
    done = aicompute(folder, "query", sql)
    assert done.returncode == 1
    assert done.stdout == ""
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_wrong_query_is_one_line_and_exit_1(folder):
    done = aicompute(folder, "query", "select nothing from nowhere")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr and "nowhere" in done.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["run", "--sources", "nobody"], "no source 'nobody'"),
        (["run", "--as-of", "yesterday"], "yesterday"),
        (["run", "--sources", "curated", "--epoch-models", "x.csv"], "leaves out epoch"),
        (["describe"], "table"),
        (["fly"], "fly"),
    ],
)
def test_wrong_usage_is_exit_2(folder, words, said):
    done = aicompute(folder, *words)
    assert done.returncode == 2
    assert said in done.stderr and "Traceback" not in done.stderr


def test_a_missing_file_is_exit_1(folder):
    done = aicompute(folder, "run", "--plain", "--epoch-models", "nowhere.csv")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.strip() == "aicompute: nowhere.csv: No such file or directory"


def test_an_unknown_table_is_named(folder):
    done = aicompute(folder, "describe", "compute.nothing")
    assert done.returncode == 1 and "compute.nothing" in done.stderr


def test_nothing_published_yet(tmp_path):
    done = aicompute(tmp_path / "none", "tables")
    assert done.returncode == 1 and "aicompute run" in done.stderr


def test_explain_leads_to_the_archived_cell(folder):
    done = aicompute(folder, "explain", "run 3", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    answer = json.loads(done.stdout)
    assert (answer["run"]["run_id"], answer["version"]["version"]) == ("run-3", 1)
    assert answer["answer"]["training_compute_flop"] == 1e21
    place = answer["answer"]["stated_by"]["place"]
    header, *body = csv.reader((folder / place["archive_path"]).read_text(encoding="utf-8").splitlines())
    assert body[place["row_number"] - 1][header.index(place["column_name"])] == place["cell"] == "1e+21"
    told = aicompute(folder, "explain", "run-3").stdout
    assert "Training compute: 1e21 FLOP = 11.57 pfs-days" in told  # 1e21 / 8.64e19


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["explain", "run"], 1, "no run called 'run'; did you mean run-0"),
        (["explain", "\x1b[2J"], 1, r"no run called '\x1b[2J'"),
        (["estimate", "--parameters", "many"], 2, "'many' is no number"),
        (["estimate"], 2, "nothing is stated of the run"),
        (["estimate", "--chip", "H100x", "--hours", "1"], 1, "no chip called 'H100x'; did you mean"),
    ],
)
def test_what_cannot_be_explained_or_estimated(folder, words, code, said):
    done = aicompute(folder, *words)
    assert (done.returncode, done.stdout) == (code, "")
    assert said in done.stderr and "Traceback" not in done.stderr


def test_estimate_says_json_alone(folder):
    done = aicompute(folder, "estimate", "--parameters", "174.6B", "--tokens", "300B", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["answer"]["training_compute_flop"] == pytest.approx(3.1428e23)  # 6 × 174.6e9 × 300e9


def test_shell_answers_and_ends(folder):
    done = aicompute(folder, "shell", stdin="select count(*) as runs from compute.training_runs\nselect broken\n\n")
    assert done.returncode == 0
    assert "5" in done.stdout
    assert "broken" in done.stderr and "Traceback" not in done.stderr


def test_reading_commands_import_neither_prefect_nor_great_expectations(folder):
    code = (
        "import sys; sys.argv = ['aicompute', 'tables']\n"
        "from flows.cli import app\n"
        "try:\n    app()\nexcept SystemExit:\n    pass\n"
        "print([m for m in ('prefect', 'great_expectations', 'pandera', 'polars') if m in sys.modules], file=sys.stderr)"
    )
    env = {**os.environ, "AICOMPUTE_DATA_DIR": str(folder)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=env, timeout=60)
    assert done.stderr.strip().splitlines()[-1] == "[]"


def test_columns_of_one_name_are_all_shown(folder):
    assert json.loads(aicompute(folder, "query", "select 1 as a, 2 as a", "--json").stdout) == [{"a": 1, "a_2": 2}]


def test_a_setting_that_cannot_be_read_is_named(folder):
    env = {**os.environ, "AICOMPUTE_DATA_DIR": str(folder), "AICOMPUTE_KEEP_RELEASES": "abc"}
    command = [sys.executable, "-m", "flows", "tables"]
    done = subprocess.run(command, capture_output=True, text=True, env=env, timeout=60)
    assert done.returncode == 2
    assert done.stderr.startswith("aicompute: AICOMPUTE_KEEP_RELEASES is 'abc'") and "Traceback" not in done.stderr


def test_an_empty_query_is_wrong_usage(folder):
    assert aicompute(folder, "query", " ; ").returncode == 2
