"""The version before beside the new one: what changed, why a trend moved, and that what did not change is not told."""

import csv
import json

import duckdb
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as settings_of_hypothesis
from hypothesis import strategies as st

from flows import publish as publishing
from flows.collect import Request, collect, collect_again
from flows.derive import derive
from flows.runlog import RunLog
from flows.settings import Settings
from warehouse import derive as sql

HEADER = ["Model", "Domain", "Publication date", "Parameters", "Training compute (FLOP)", "Notability criteria", "Link"]


def export(path, rows):
    """A models export: name, date, parameters, compute, notability a row."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        for name, date, parameters, compute, notability in rows:
            writer.writerow([name, "Language", date, parameters, compute, notability, f"https://example.org/{name}"])
    return path


RUNS = [(f"Made-up {n}", f"20{n + 10}-03-01", 10 ** (n + 5), 10 ** (n + 15), "Highly cited") for n in range(5)]


@pytest.fixture
def settings(tmp_path):
    return Settings(data_dir=tmp_path / "data")


def collected_from(settings, path):
    request = Request(("epoch",), {"models": str(path)}, is_offline=True)
    return collect(settings, request, RunLog(settings.log_file))


def test_a_version_is_collected_again_from_its_manifest_alone(settings, tmp_path):
    first = collected_from(settings, export(tmp_path / "models_2020-01-01.csv", RUNS))
    collected_from(settings, export(tmp_path / "models_2021-01-01.csv", RUNS[1:]))
    again = collect_again(settings, publishing.manifest(first))
    assert again.in_force == first.in_force and again.identity == first.identity
    assert set(again.frames) == set(first.frames)
    for name, frame in first.frames.items():
        assert again.frames[name].equals(frame), name


def test_what_the_archive_lacks_is_said(settings, tmp_path):
    first = collected_from(settings, export(tmp_path / "models_2020-01-01.csv", RUNS))
    made_of = json.loads(publishing.manifest(first))
    made_of["documents"][0]["document_id"] = "0" * 64
    with pytest.raises(FileNotFoundError, match=f"lists no document {'0' * 64} of "):
        collect_again(settings, json.dumps(made_of))


def test_the_past_is_empty_for_a_first_version():
    with duckdb.connect() as con:
        sql.attach_past(con)
        for catalog, names in sql.past_reads().items():
            for name in names:
                assert con.execute(f"select count(*) from {catalog}.{name}").fetchone() == (0,), (catalog, name)


# A cell as a source may write it: the figure or the words, and other ways of writing the same.
figures = st.floats(min_value=1e-3, max_value=1e30, allow_nan=False)
lists = st.lists(
    st.text("abc XY-", min_size=1, max_size=6).filter(str.strip), min_size=1, max_size=4, unique_by=str.strip
)


def cells_of(con, edition, rows):
    for column, value, words in rows:
        con.execute(
            "insert into trends.stated_cells (edition, table_name, row_id, source, column_name, value, value_text, document_id,"
            " row_number) values (?, 'clean.run_facts', 'run', 'epoch', ?, ?, ?, ?, ?)",
            [edition, column, value, words, edition, 1 if edition == "earlier" else 77],
        )


@pytest.fixture(scope="module")
def models():
    return {model.name: model.query for model in sql.models()}


@pytest.fixture(scope="module")
def compared(empty, models):
    """Asks for the cells that differ between two editions of one run: `(column, value, words)` of each."""
    con = empty.cursor()
    con.execute("insert into earlier.main.steps values (1, 2, false)")

    def compare(before, after):
        con.execute("delete from trends.stated_cells")
        cells_of(con, "earlier", before)
        cells_of(con, "now", after)
        for step in ("stated_rows", "stated_columns"):
            con.execute(f"delete from trends.{step}")
        con.execute(f"insert into trends.stated_rows {models['trends.stated_rows']}")
        con.execute(
            "insert into trends.stated_columns (table_name, source, column_name, is_in_earlier, is_in_now)"
            " select distinct table_name, source, column_name, true, true from trends.stated_cells"
        )
        found = con.execute(f"select column_name, change from ({models['trends.revised_cells']})").fetchall()
        return dict(found)

    yield compare
    for table in ("earlier.main.steps", "trends.stated_cells", "trends.stated_rows", "trends.stated_columns"):
        con.execute(f"delete from {table}")


@settings_of_hypothesis(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(figure=figures, words=lists, data=st.data())
def test_another_way_of_writing_is_no_change(compared, figure, words, data):
    otherwise = float(data.draw(st.sampled_from([f"{figure:.17g}", f"{figure:.10e}", f"{figure:.40f}"])))
    shuffled = data.draw(st.permutations(words))
    spaces = data.draw(st.sampled_from(["", " ", "  "]))
    before = [
        ("parameters", figure, None),
        ("dataset_gradients", None, "2457600000"),
        ("organisations", None, ";".join(words)),
        ("run_name", None, "A  name"),
    ]
    after = [
        ("parameters", otherwise, None),
        ("dataset_gradients", None, f"{spaces}2457600000.00"),
        ("organisations", None, f"{spaces},{spaces}".join(f" {word} " for word in shuffled)),
        ("run_name", None, f"A name{spaces}"),
    ]
    assert compared(before, after) == {}


@settings_of_hypothesis(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(figure=figures, share=st.floats(min_value=1e-7, max_value=0.9), words=lists)
def test_another_figure_word_or_name_is_a_change(compared, figure, share, words):
    before = [("parameters", figure, None), ("organisations", None, ";".join(words)), ("run_name", None, "A name")]
    after = [
        ("parameters", figure * (1 - share), None),
        ("organisations", None, ";".join([*words, "Z"])),
        ("run_name", None, "Another name"),
    ]
    assert compared(before, after) == {"parameters": "changed", "organisations": "changed", "run_name": "renamed"}


def test_what_the_models_read_of_the_past_is_found_by_parsing_them():
    read = sql.past_reads()
    assert {"clean.run_facts", "trends.revisions", sql.STEPS} <= read["earlier"]
    assert {"clean.run_facts", "compute.measurements"} <= read["recast"]
    assert read["recast"] <= {
        name for name in read["earlier"] | read["recast"] if name.split(".")[0] in sql.MODEL_LAYERS
    }
    with duckdb.connect() as con:
        assert sql.tables_read(con, "from earlier.clean.runs join clean.runs using (run_id)") == {
            "earlier.clean.runs",
            "clean.runs",
        }
    names = [model.name for model in sql.past_models()]
    assert names.index("trends.stated_cells") < names.index("trends.revised_cells") < names.index("trends.revisions")
    assert "trends.metric_trends" not in names


@pytest.mark.slow
def test_the_version_before_reaches_the_tables(tmp_path):
    """One run's compute ten times as large: the feed leads with it, and the line's change is all of revised compute."""
    settings = Settings(data_dir=tmp_path / "data")
    log = RunLog(settings.log_file)
    before = derive(collected_from(settings, export(tmp_path / "models_2020-01-01.csv", RUNS)), log)
    revised = [*RUNS[:4], (*RUNS[4][:3], RUNS[4][3] * 10, RUNS[4][4])]
    with duckdb.connect() as con:
        sql.attach_past(con)
        for catalog, names in sql.past_reads().items():
            for name in names - {sql.STEPS}:
                con.register("then", before.execute(f"from {name}").to_arrow_table())
                con.execute(f'insert into {catalog}.{name} by name from "then"')
        con.execute("insert into earlier.main.steps values (1, 2, false)")
        collected = collected_from(settings, export(tmp_path / "models_2021-01-01.csv", revised))
        sql.load_assumptions(con)
        sql.load_raw(con, collected.frames)
        list(sql.build(con))
        first = con.execute(
            "select row_id, column_name, factor from trends.revisions order by revision_rank limit 1"
        ).fetchone()
        assert first[:2] == ("made-up-4", "training_compute_flop") and first[2] == pytest.approx(10)
        # Points a year apart from 2010 to 2014: the last one raised by 1 raises the slope by 2 / (4 + 1 + 0 + 1 + 4) = 0.2.
        parts = dict(
            con.execute(
                "select part, oom_per_year_change from trends.trend_revisions"
                " where selection = 'notable' and metric = 'training_compute' and period = 'from_2010'"
            ).fetchall()
        )
        assert parts.pop("revised compute") == pytest.approx(0.2, rel=1e-3)
        assert len(parts) == 5 and set(parts.values()) == {0}
        assert [line for line in sql.verify(con)[0] if "revis" in line or "removed" in line] == []
