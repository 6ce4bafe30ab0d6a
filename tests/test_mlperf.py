"""MLPerf Training: real and hand-made logs, what is refused, the crawl without a network, and the check in SQL."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.collect import Request, collect
from flows.derive import derive
from flows.http import FetchError
from flows.rows import Rows, SchemaBreak
from flows.runlog import RunLog
from flows.settings import Settings
from flows.sources import Ask, Scope, mlperf
from schemas.contract import check
from schemas.tables import LAYERS
from warehouse.archive import Archive
from warehouse.journal import Journal, Page

FOLDER = Path(__file__).parent / "sources" / "mlperf"
LOG = (FOLDER / "finished.txt").read_bytes()
SYSTEM = (FOLDER / "system.json").read_bytes()
LOG_PAGE = "v4.0/Anyone/results/box/resnet/result_3.txt"
SYSTEM_PAGE = "v4.0/Anyone/systems/box.json"
SHA = "0123456789abcdef0123456789abcdef01234567"


def only(content: bytes, page: str) -> tuple[str, Rows]:
    """The one table a document fills, and its rows."""
    ((table, rows),) = mlperf.parse("results", content, page).items()
    return table, rows


def accepted(content: bytes, page: str) -> dict:
    """The one row of a document, typed and without empty cells; the contract must not have refused it."""
    table, rows = only(content, page)
    checked = check(rows.frame, LAYERS["raw"][table])
    assert (checked.broken.height, rows.ragged, rows.rows_read) == (0, [], 1)
    (row,) = checked.accepted.drop("row_number").to_dicts()
    return {name: value for name, value in row.items() if value is not None}


def refused(content: bytes, page: str = LOG_PAGE) -> tuple[str, str]:
    """Rule and raw value of a document whose one row the parser refuses."""
    _, rows = only(content, page)
    assert rows.frame.height == 0 and rows.rows_read == 1
    (fault,) = rows.ragged
    return fault["rule"], fault["raw_value"]


# --- documents ---


def test_a_log_made_by_hand():
    """Two events on one line, words of other processes before and behind, the last evaluation counts."""
    assert accepted(LOG, LOG_PAGE) == {
        "run_name": "MLPerf Training v4.0 resnet, Anyone box",
        "benchmark_round": "v4.0",
        "submitter": "Anyone",
        "system_name": "box",
        "benchmark": "resnet",
        "result_number": 3,
        "division": "closed",
        "stated_system_name": "box",
        "run_start_ms": 1000000060000,
        "run_stop_ms": 1000003660000,
        "run_status": "success",
        "batch_size": 1600,
        "train_samples": 1281167,
        "samples_count": 44840845,
        "last_epoch_num": 35,
        "quality": 0.7594,
        "number_format": "bf16",
    }


def test_a_system_made_by_hand():
    assert accepted(SYSTEM, SYSTEM_PAGE) == {
        "benchmark_round": "v4.0",
        "submitter": "Anyone",
        "system_name": "box",
        "stated_system_name": "Any box",
        "division": "closed",
        "nodes": 2,
        "accelerators_per_node": 8,
        "training_hardware": "NVIDIA L40S",
    }


def test_the_real_systems(shared):
    found = {}
    for path in sorted((shared / "data" / "mlperf").glob("*.json")):
        row = accepted(path.read_bytes(), "v4.0/" + path.name.replace("__", "/"))
        assert row["system_name"] == row["stated_system_name"] and row["division"] == "closed"
        found[row["system_name"]] = (row["nodes"] * row["accelerators_per_node"], row["training_hardware"])
    assert found == {
        "R760xax4L40S": (4, "NVIDIA L40S"),
        "XE8640x4H100-SXM-80GB": (4, "NVIDIA H100-SXM5-80GB"),
        "XE9640x4H100-SXM-80GB": (4, "NVIDIA H100-SXM5-80GB"),
        "XE9680x8H100-SXM-80GB": (8, "NVIDIA H100-SXM5-80GB"),
    }


# Read off the two logs by eye: run_start, run_stop, batch, train_samples, last epoch_num, quality.
REAL = {
    "R760xax4L40S__resnet": (1712841900938, 1712847060577, 1600, 1281167, 35, 0.7608),
    "XE8640x4H100-SXM-80GB__bert": (1714089461276, 1714090028596, 576, 2248168, 2248168, 0.7206510305404663),
}


@pytest.mark.parametrize("name", REAL)
def test_the_real_logs(shared, name):
    path = shared / "data" / "mlperf" / f"Dell__results__{name}__result_0.txt"
    row = accepted(path.read_bytes(), "v4.0/" + path.name.replace("__", "/"))
    system, benchmark = name.split("__")
    assert row["run_name"] == f"MLPerf Training v4.0 {benchmark}, Dell {system}"
    assert row["stated_system_name"] == f"1x{system}"
    assert (row["division"], row["run_status"], row["number_format"]) == ("closed", "success", "fp16")
    names = ("run_start_ms", "run_stop_ms", "batch_size", "train_samples", "last_epoch_num", "quality")
    assert tuple(row[name] for name in names) == REAL[name]


def test_a_real_log_cut_off_before_its_end_is_refused(shared):
    content = (shared / "data" / "mlperf" / "Dell__results__R760xax4L40S__resnet__result_0.txt").read_bytes()
    page = "v4.0/Dell/results/R760xax4L40S/resnet/result_0.txt"
    stop = content.rindex(b":::MLLOG")  # run_stop is its last event
    assert refused(content[:stop], page) == ("the log has one run_start and one run_stop", "1 run_start, 0 run_stop")
    rule, raw = refused(content[: stop + 40], page)
    assert rule == "every MLLOG line is whole" and raw.startswith("line ")


CHANGED = {
    "aborted": (b'"status": "success"', b'"status": "aborted"', "run_stop says success", "aborted"),
    "no status": (b'{"status": "success"}', b"{}", "run_stop says success", "None"),
    "no end": (b'"run_stop"', b'"run_stopp"', "the log has one run_start and one run_stop", "1 run_start, 0 run_stop"),
    "two starts": (b'"train_samples"', b'"run_start"', "the log has one run_start and one run_stop", "2 run_start, 1 run_stop"),
    "an event cut off": (b'0.5, "metadata": {"epoch_num": 3}}', b'0.5, "meta', "every MLLOG line is whole", "line 8: {"),
    "an event that is none": (b'"time_ms": 1000001000000', b'"time_ms": "soon"', "every MLLOG line is whole", "line 8: {"),
    "too deep": (b'"value": 0.5', b'"value": ' + b"[" * 100_000, "every MLLOG line is whole", "line 8: {"),
    "another benchmark": (b'"value": "resnet"', b'"value": "ssd"', "the log is of the benchmark its folder names", "ssd"),
    "time runs backward": (b"1000000060000", b"1000009990000", "run_stop comes after run_start", "1000009990000, "),
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGED)
def test_a_log_its_run_does_not_stand_behind_is_refused(name):
    was, now, rule, raw = CHANGED[name]
    assert LOG.count(was) == 1
    found = refused(LOG.replace(was, now))
    assert found[0] == rule and found[1].startswith(raw)


def test_no_log_at_all_is_refused():
    for content in (b"", b"<html>404</html>", b"\x00\xff" * 100):
        assert refused(content) == ("the log has one run_start and one run_stop", "0 run_start, 0 run_stop")


def test_formats_that_contradict_each_other_are_none():
    assert "number_format" not in accepted(LOG.replace(b"--epochs", b"fp16=True --epochs"), LOG_PAGE)


def test_a_count_that_is_no_number_breaks_the_contract():
    table, rows = only(SYSTEM.replace(b'"2"', b'"two"'), SYSTEM_PAGE)
    assert check(rows.frame, LAYERS["raw"][table]).broken.rows()[0] == (1, "nodes is a whole number", "nodes", "two")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "JSON was expected; there is 'nothing'"),
        (b"404: Not Found", "JSON was expected; there is '404: Not Found'"),
        (b"[1]", "a JSON object was expected"),
        (b"[" * 100_000, "JSON was expected"),
        (b"{" + b'"a":{' * 100_000, "JSON was expected"),
        (b"\xff\xfe{}", "JSON was expected"),
        (b'{"status": "x"}', "'system_name' was expected in the system description; it has status"),
        (SYSTEM.replace(b'"2"', b"[2]"), "'number_of_nodes' was expected"),
    ],
)
def test_a_description_that_is_none_is_one_sentence(content, words):
    with pytest.raises(SchemaBreak) as error:
        mlperf.parse("results", content, SYSTEM_PAGE)
    assert str(error.value).startswith(SYSTEM_PAGE) and words in str(error.value)


@pytest.mark.parametrize(
    "page", ["", "v4.0", "v4.0/README.md", "v4.0/A/results/b/resnet/scaling.json", "A/systems/b.json"]
)
def test_a_document_of_another_name_is_refused_whole(page):
    with pytest.raises(SchemaBreak, match="neither a system description nor a result log"):
        mlperf.parse("results", LOG, page)


def test_a_listing_has_no_rows():
    _, rows = only(b'{"tree": []}', "v4.0?benchmarks=all&divisions=closed&files=40")
    assert (rows.rows_read, rows.frame.height) == (0, 0)


@given(st.integers(0, len(LOG)))
def test_a_log_cut_anywhere_is_whole_or_refused(at):
    """Only after its last event is a cut log the same run; before, it never gives a time."""
    _, rows = only(LOG[:at], LOG_PAGE)
    assert rows.rows_read == rows.frame.height + len(rows.ragged) == 1
    assert (rows.frame.height == 1) == (at >= len(LOG) - 1)


@pytest.mark.slow
@given(st.binary(max_size=400), st.integers(0, len(LOG)))
def test_bytes_thrown_into_a_log_never_fail_and_add_up(noise, at):
    table, rows = only(LOG[:at] + noise + LOG[at:], LOG_PAGE)
    broken = check(rows.frame, LAYERS["raw"][table]).broken["row_number"].n_unique()
    assert rows.rows_read == rows.frame.height + len(rows.ragged) == 1 and broken <= 1


VALUES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.lists(st.text(), max_size=2)


@given(st.dictionaries(st.sampled_from(sorted(json.loads(SYSTEM))), VALUES | st.just("\ud800")))
def test_a_description_of_any_values_is_a_row_or_one_sentence(changes):
    content = json.dumps({**json.loads(SYSTEM), **changes}).encode()
    try:
        table, rows = only(content, SYSTEM_PAGE)
    except SchemaBreak as error:
        assert SYSTEM_PAGE in str(error)
        return
    checked = check(rows.frame, LAYERS["raw"][table])
    assert rows.rows_read == 1 == checked.accepted.height + checked.broken["row_number"].n_unique()


# --- the crawl ---


class Site:
    """Stands in for `get`: two submitters of round v4.0 by path, what was asked, and errors by page."""

    def __init__(self, files: dict[str, bytes], errors: dict[str, int] | None = None, limit: int = 1000) -> None:
        self.files, self.errors, self.limit = files, errors or {}, limit
        self.asks: list[Ask] = []

    def __call__(self, ask: Ask) -> bytes:
        self.asks.append(ask)
        if ask.page in self.errors:
            raise FetchError(ask.url, status=self.errors[ask.page])
        if "/git/trees/" in ask.url:
            return json.dumps(self.tree(ask.url.rsplit("/", 1)[1], bool(ask.params))).encode()
        return self.files[ask.page.split("/", 1)[1]]

    def tree(self, sha: str, is_recursive: bool) -> dict:
        """What the API answers: a folder is known by the hash of its name, the root by HEAD."""
        folder = next((f for f in self.folders() if self.sha(f) == sha), "")
        below = [path.removeprefix(folder) for path in self.files if path.startswith(folder)]
        entries = {path: "blob" for path in below if is_recursive or "/" not in path}
        entries |= {path.split("/")[0]: "tree" for path in below if "/" in path}
        return {
            "truncated": is_recursive and len(below) > self.limit,
            "tree": [
                {"path": path, "type": kind, "sha": self.sha(f"{folder}{path}/")}
                for path, kind in sorted(entries.items())
            ][: self.limit if is_recursive else None],
        }

    def folders(self) -> set[str]:
        """Every folder there is, with a slash behind."""
        parts = [path.split("/") for path in self.files]
        return {"/".join(names[:depth]) + "/" for names in parts for depth in range(1, len(names))}

    @staticmethod
    def sha(folder: str) -> str:
        """A hash of a folder's name."""
        return folder.encode().hex().zfill(64)[-64:]

    @property
    def pages(self) -> list[str]:
        """Pages asked for beside the listings."""
        return [ask.page for ask in self.asks if "?" not in ask.page]


OPEN = SYSTEM.replace(b'"closed"', b'"Open"')
FILES = {
    "README.md": b"words",
    "A co/benchmarks/resnet/run.sh": b"#!/bin/sh",
    "A co/results/box/bert/result_10.txt": LOG,
    "A co/results/box/bert/result_9.txt": LOG,
    "A co/results/box/resnet/result_0.txt": LOG,
    "A co/results/box/resnet/scaling.json": b"{}",
    "A co/results/box/ssd/result_0.txt": LOG,
    "A co/results/lost/resnet/result_0.txt": LOG,
    "A co/systems/box.json": SYSTEM,
    "A co/systems/unused.json": SYSTEM,
    "B/results/free/resnet/result_0.txt": LOG,
    "B/systems/free.json": OPEN,
}
BOX = [
    "A co/results/box/bert/result_9.txt",
    "A co/results/box/bert/result_10.txt",
    "A co/results/box/resnet/result_0.txt",
]
CLOSED = [f"v4.0/{path}" for path in ("A co/systems/box.json", *BOX, "B/systems/free.json")]


def scope(finished: tuple[str, ...] = (), expect: Callable[[int], None] = lambda pages: None, **own: object) -> Scope:
    settings = mlperf.SETTINGS(**{"rounds": "v4.0", **own})
    return Scope(settings, finished=dict.fromkeys(finished, dt.date(2026, 1, 1)), expect=expect)


def test_a_round_is_listed_and_of_the_closed_systems_the_wanted_logs_are_asked_for():
    site, expected = Site(FILES), []
    assert mlperf.crawl(site, scope(expect=expected.append), "results") is None
    assert site.pages == CLOSED
    assert expected == [7]  # the listing, two descriptions and four logs; that one system is open shows later
    listing, first = site.asks[:2]
    assert listing.url == "https://api.github.com/repos/mlcommons/training_results_v4.0/git/trees/HEAD"
    assert first.url == "https://raw.githubusercontent.com/mlcommons/training_results_v4.0/HEAD/A%20co/systems/box.json"


def test_the_key_goes_to_the_api_alone_and_as_a_secret():
    site = Site(FILES)
    mlperf.crawl(site, scope(key="k3y"), "results")
    assert [ask.secret_headers for ask in site.asks[:2]] == [{"Authorization": "Bearer k3y"}, {}]
    assert not any("k3y" in f"{ask.url}{ask.page}{ask.params}" for ask in site.asks)


def test_a_finished_round_is_not_asked_again_and_another_choice_asks_for_what_is_new():
    site = Site(FILES)
    mlperf.crawl(site, scope(), "results")
    finished = tuple(ask.page for ask in site.asks)
    again = Site(FILES)
    mlperf.crawl(again, scope(finished), "results")
    assert again.asks == []
    wider = Site(FILES)
    mlperf.crawl(wider, scope(finished, benchmarks="", divisions=""), "results")
    assert wider.pages == [
        "v4.0/A co/systems/box.json", "v4.0/A co/results/box/ssd/result_0.txt",
        "v4.0/B/systems/free.json", "v4.0/B/results/free/resnet/result_0.txt",
    ]  # fmt: skip


def test_every_round_of_the_setting_is_asked_for():
    site = Site(FILES)
    mlperf.crawl(site, scope(rounds="v4.1, v4.0"), "results")
    assert [ask.url.split("/")[5] for ask in site.asks if "?" in ask.page] == [
        "training_results_v4.0",
        "training_results_v4.1",
    ]


def test_the_first_files_of_a_result_where_fewer_are_wanted():
    site = Site(FILES)
    mlperf.crawl(site, scope(files_per_result=1, benchmarks="bert"), "results")
    assert site.pages == ["v4.0/A co/systems/box.json", "v4.0/A co/results/box/bert/result_9.txt"]


def test_a_listing_too_long_for_one_answer_is_walked_folder_by_folder():
    site = Site(FILES, limit=6)
    mlperf.crawl(site, scope(), "results")
    assert site.pages == CLOSED
    listings = [ask.page for ask in site.asks if "?" in ask.page]
    assert len(set(listings)) == len(listings)
    assert not any("benchmarks/" in page.split("&folder=")[-1] for page in listings)


def test_a_log_that_is_listed_and_gone_leaves_the_others_and_an_error_does_not():
    gone = f"v4.0/{BOX[0]}"
    site = Site(FILES, {gone: 404})
    mlperf.crawl(site, scope(), "results")
    assert site.pages == CLOSED
    with pytest.raises(FetchError):
        mlperf.crawl(Site(FILES, {gone: 500}), scope(), "results")
    with pytest.raises(FetchError):
        mlperf.crawl(Site(FILES, {"v4.0/A co/systems/box.json": 404}), scope(), "results")


@pytest.mark.parametrize(
    "answer",
    [
        {"message": "API rate limit exceeded"}, [], {"tree": [{"path": "a"}]}, {"tree": {"a": 1}},
        {"tree": [{"path": "../../x", "type": "blob", "sha": SHA}]}, {"tree": [{"path": "\ud800", "type": "blob", "sha": SHA}]},
        {"tree": [{"path": "a", "type": "tree", "sha": "../.."}]},
    ],
)  # fmt: skip
def test_a_listing_that_is_none_is_one_sentence(answer):
    with pytest.raises(SchemaBreak, match="a git tree of path, type and sha was expected"):
        mlperf.crawl(lambda ask: json.dumps(answer).encode(), scope(), "results")


def test_a_listing_without_bottom_ends():
    answer = {"truncated": True, "tree": [{"path": "results", "type": "tree", "sha": SHA}]}
    with pytest.raises(SchemaBreak, match="folders more than 6 deep"):
        mlperf.crawl(lambda ask: json.dumps(answer).encode(), scope(), "results")


def test_a_link_is_no_file():
    tree = [
        {"path": path, "type": "blob", "sha": SHA, "mode": mode}
        for path, mode in (("A/systems/b.json", "120000"), ("A/results/b/resnet/result_0.txt", "100644"))
    ]
    asked = []
    mlperf.crawl(lambda ask: asked.append(ask) or json.dumps({"tree": tree}).encode(), scope(), "results")
    assert len(asked) == 1


# --- the check of the hardware-time method ---


@pytest.fixture(scope="module")
def made(shared, tmp_path_factory):
    """A version of the curated facts and the six real documents, as a finished crawl would have left them."""
    settings = Settings(data_dir=tmp_path_factory.mktemp("mlperf"))
    archive, journal = Archive(settings.archive_dir), Journal(settings.archive_dir)
    crawl = journal.begin("mlperf", "results", {"since": None, "papers": []})
    for path in sorted((shared / "data" / "mlperf").iterdir()):
        page = "v4.0/" + path.name.replace("__", "/")
        document = archive.put("mlperf", "results", page, path.read_bytes())
        journal.page(crawl, page, Page(document.document_id, dt.datetime.now(dt.UTC)))
    journal.end(crawl, "done")
    log = RunLog(settings.log_file)
    con = derive(collect(settings, Request(("curated", "mlperf"), is_offline=True, profile="openai-2018"), log), log)
    yield con
    con.close()


RESNET = "mlperf-training-v4.0-resnet-dell-r760xax4l40s"
BERT = "mlperf-training-v4.0-bert-dell-xe8640x4h100-sxm-80gb"
# By hand. ResNet: 35 epochs of 1,281,167 images, 8.2e9 operations forward, thrice that in all: 1.10308e18; 5159.639 s of
# four chips of 362e12: 7.47116e18, of which 14.76% was used. BERT: 2,248,168 sequences, 2 x 340e6 x 256 forward:
# 1.17408e18; 567.320 s of four chips of 989.4e12: 2.24523e18, of which 52.29%. The essay's profile assumes 33% of both.
CHECKS = {
    RESNET: ("nvidia-l40s", 5159.639, 1.10308e18, 7.47116e18, 0.14765),
    BERT: ("nvidia-h100-sxm5-80gb", 567.320, 1.17408e18, 2.24523e18, 0.52292),
}


@pytest.mark.parametrize("run", CHECKS)
def test_operations_and_time_of_the_real_runs_are_as_worked_out_by_hand(made, run):
    chip, seconds, counted, peak, share = CHECKS[run]
    row = made.sql("select * exclude (run_name) from compute.benchmark_checks where run_id = $run", params={"run": run})
    (found,) = [dict(zip(row.columns, values, strict=True)) for values in row.fetchall()]
    assert (found["chip_id"], found["chips"], found["number_format"]) == (chip, 4, "fp16")
    assert found["training_hours"] == pytest.approx(seconds / 3600, rel=1e-9)
    assert found["counted_flop"] == pytest.approx(counted, rel=1e-5)
    assert found["hardware_time_flop"] == pytest.approx(peak * 0.33, rel=1e-5)
    assert found["implied_utilisation_share"] == pytest.approx(share, rel=1e-3)
    assert found["counted_over_hardware_time"] == pytest.approx(share / 0.33, rel=1e-3)


def test_benchmarks_are_runs_of_their_kind_and_nowhere_in_the_trends(made):
    kinds = "select run_kind, count(*) from compute.training_runs where source = 'mlperf' group by all"
    assert made.sql(kinds).fetchall() == [("benchmark", 2)]
    assert made.sql("select distinct run_kind from clean.runs where source = 'curated'").fetchall() == [("training",)]
    for table in ("compute.run_selections", "compute.measurements", "trends.frontier"):
        assert made.sql(f"select * from {table} where run_id in ('{RESNET}', '{BERT}')").fetchall() == []


@pytest.mark.slow
def test_no_trend_is_moved_by_the_benchmarks(made, built):
    plain = built("curated", profile="openai-2018")
    for table in ("metric_trends", "frontier", "era_summaries", "growth"):
        assert made.sql(f"from trends.{table}").fetchall() == plain.rows(f"from trends.{table}"), table


def test_each_fact_leads_to_the_document_that_states_it(made):
    facts = """select quantity, document_name, column_name, quote from clean.run_facts
        join raw.documents using (document_id) where run_id = $run and quantity in ('chips', 'training_hours')
        order by quantity"""
    assert made.sql(facts, params={"run": BERT}).fetchall() == [
        ("chips", "v4.0/Dell/systems/XE8640x4H100-SXM-80GB.json", "number_of_nodes × accelerators_per_node", None),
        ("training_hours", "v4.0/Dell/results/XE8640x4H100-SXM-80GB/bert/result_0.txt", "run_stop − run_start",
         "mean of 1 of 1 result files"),
    ]  # fmt: skip


def test_every_benchmark_taken_by_default_is_counted():
    import csv

    path = Path(__file__).parent.parent / "sql" / "assumptions" / "benchmarks.csv"
    with path.open(encoding="utf-8", newline="") as file:
        counted = {(row["benchmark"], row["benchmark_round"]) for row in csv.DictReader(file) if row["samples_rule"]}
    own = mlperf.SETTINGS()
    assert counted == {(b, r) for b in own.benchmarks.split(",") for r in own.rounds.split(",")}
