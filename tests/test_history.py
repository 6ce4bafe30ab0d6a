"""The version before beside the new one: what changed, why a trend moved, and that what did not change is not told."""

import csv
import json

import duckdb
import pytest

from flows import publish as publishing
from flows.collect import Request, collect, collect_again
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
