"""Profiles of assumed utilisation: the flag, the setting, what they change and what they leave alone."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from flows.collect import Request
from flows.run import Outcome, run
from flows.runlog import RunLog
from flows.settings import Settings
from warehouse import derive

PEAK_A100, PEAK_K80 = 312e12, 8.74e12  # FLOP/s: NVIDIA's sheets, 16-bit dense and boosted FP32
CHIP_HOURS = 64 * 100
# Shares printed by the essay (GPU) and by Epoch AI's guide of 2022 (language, and all else).
ESSAY = {"a-timed-language-run": 0.33, "a-timed-vision-run": 0.33}
GUIDE = {"a-timed-language-run": 0.30, "a-timed-vision-run": 0.40}
HEADER = ["Model", "Domain", "Publication date", "Training hardware", "Hardware quantity", "Training time (hours)",
          "Hardware utilization", "Parameters", "Training compute (FLOP)"]  # fmt: skip
ROWS = [
    ["A timed language run", "Language", "2022-03-01", "NVIDIA A100", 64, 100, "", "", ""],
    ["A timed vision run", "Vision", "2016-03-01", "NVIDIA Tesla K80", 64, 100, "", "", ""],
    ["A run that states its share", "Language", "2022-03-02", "NVIDIA A100", 64, 100, 0.5, "", ""],
]


@pytest.fixture(scope="module")
def export(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("export") / "models_2023-01-01.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([HEADER, *ROWS])
    return path


def publish(settings: Settings, export: Path, profile: str = "") -> Outcome:
    return run(settings, Request(("epoch",), {"models": str(export)}, profile=profile), RunLog(settings.log_file))


@pytest.fixture(scope="module")
def ran(export, tmp_path_factory) -> tuple[Settings, list[Outcome]]:
    """Versions under the essay's profile, Epoch's, Epoch's again, and Epoch's by the setting."""
    settings = Settings(data_dir=tmp_path_factory.mktemp("profiles") / "data")
    outcomes = [publish(settings, export, profile) for profile in ("openai-2018", "epoch", "epoch")]
    by_setting = Settings(data_dir=settings.data_dir, profile="epoch")
    return settings, [*outcomes, publish(by_setting, export)]


def answers(settings: Settings, version: int) -> dict[str, float]:
    with duckdb.connect(str(settings.releases_dir / str(version) / "aicompute.duckdb"), read_only=True) as con:
        query = "select run_id, training_compute_flop from compute.estimates where method = 'hardware_time'"
        return dict(con.execute(query).fetchall())


def test_answers_of_two_profiles_differ_by_the_ratio_of_their_shares(ran):
    settings, _ = ran
    essay, guide = answers(settings, 1), answers(settings, 2)
    for name in ESSAY:
        assert guide[name] / essay[name] == pytest.approx(GUIDE[name] / ESSAY[name], rel=1e-12), name
    language, vision = (essay[f"a-timed-{kind}-run"] for kind in ("language", "vision"))
    assert language == pytest.approx(CHIP_HOURS * 3600 * PEAK_A100 * 0.33, rel=1e-12)
    assert vision == pytest.approx(CHIP_HOURS * 3600 * PEAK_K80 * 0.33, rel=0.01)


def test_a_stated_share_stands_under_every_profile(ran):
    settings, _ = ran
    stated = {answers(settings, version)["a-run-that-states-its-share"] for version in (1, 2)}
    assert stated == {CHIP_HOURS * 3600 * PEAK_A100 * 0.5}


def test_another_profile_is_a_new_version_the_same_is_nothing_new(ran):
    _, outcomes = ran
    assert [(o.version.version, o.is_new) for o in outcomes] == [(1, True), (2, True), (2, False), (2, False)]


def test_manifest_message_and_log_tell_the_profile(ran):
    settings, outcomes = ran
    for outcome, profile in zip(outcomes, ("openai-2018", "epoch", "epoch", "epoch"), strict=True):
        assert json.loads(outcome.version.manifest)["profile"] == profile == outcome.profile
        assert outcome.version.message.endswith(f"profile {profile}")
    lines = [json.loads(line) for line in settings.log_file.read_text(encoding="utf-8").splitlines()]
    told = [line["profile"] for line in lines if line["phase"] == "collected"]
    assert told == ["openai-2018", "epoch", "epoch", "epoch"]


def test_a_version_holds_what_each_profile_would_assume(ran):
    """The difference between two profiles is a query on either version."""
    settings, _ = ran
    query = """select run_id, utilisation_share from compute.run_utilisations where profile = ? order by run_id"""
    with duckdb.connect(str(settings.latest / "aicompute.duckdb"), read_only=True) as con:
        for profile, shares in (("openai-2018", ESSAY), ("epoch", GUIDE)):
            assert dict(con.execute(query, [profile]).fetchall()).items() >= shares.items()
        assert con.execute("select profile from assumptions.profiles where is_in_force").fetchall() == [("epoch",)]


def command(folder: Path, *words: str, **settings: str) -> subprocess.CompletedProcess:
    env = {**os.environ, "AICOMPUTE_DATA_DIR": str(folder), **settings}
    return subprocess.run([sys.executable, "-m", "flows", *words], capture_output=True, text=True, env=env, timeout=120)


@pytest.mark.parametrize(("words", "settings"), [(["--profile", "nobody"], {}), ([], {"AICOMPUTE_PROFILE": "nobody"})])
def test_an_unknown_profile_is_wrong_usage_and_the_known_ones_are_listed(tmp_path, words, settings):
    done = command(tmp_path, "run", "--plain", *words, **settings)
    assert done.returncode == 2 and "Traceback" not in done.stderr
    assert "no profile 'nobody'; there are aicompute, epoch, openai-2018" in " ".join(done.stderr.split())


def test_versions_show_the_profile(ran):
    settings, _ = ran
    found = json.loads(command(settings.data_dir, "versions", "--json").stdout)
    assert [row["profile"] for row in found] == ["openai-2018", "epoch"]


def test_the_table_says_which_profile_is_in_force():
    assert derive.profile_in_force() == "aicompute"
    with pytest.raises(derive.DataError, match="no profile 'x'; there are aicompute, epoch, openai-2018"):
        derive.profile_in_force("x")
