"""CONTRIBUTING.md is true: its steps, carried out on a copy of the repository, add a source that runs."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from stand_in import StandIn

BLOCK = re.compile(r"^```\w+ (file|add)=(\S+)(?: after=\"([^\n]+)\")?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def house(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the code with every block of CONTRIBUTING.md in its place."""
    copy = tmp_path_factory.mktemp("house")
    for name in ("flows", "schemas", "sql", "warehouse", "tests"):
        shutil.copytree(root / name, copy / name, ignore=shutil.ignore_patterns("data", "__pycache__"))
    blocks = BLOCK.findall((root / "CONTRIBUTING.md").read_text(encoding="utf-8"))
    assert len(blocks) == 9
    for kind, name, after, text in blocks:
        path = copy / name
        if kind == "file":
            assert not path.exists(), f"{name} is there already"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        else:
            before = path.read_text(encoding="utf-8")
            assert before.count(f"{after}\n") == 1, f"{name} has no single line {after!r}"
            path.write_text(before.replace(f"{after}\n", f"{after}\n{text}"), encoding="utf-8")
    return copy


def command(house: Path, *words: str) -> str:
    path = {**os.environ, "PYTHONPATH": str(house)}
    done = subprocess.run([sys.executable, *words], cwd=house, env=path, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.slow
def test_the_source_of_the_guide_is_read_and_published(house, data_dir, monkeypatch):
    folder = house / "tests" / "sources" / "owid"
    expected = yaml.safe_load((folder / "response.yaml").read_text(encoding="utf-8"))
    with StandIn(pages={"/chart.csv": ("text/csv", (folder / "response.csv").read_bytes())}) as server:
        monkeypatch.setenv("AICOMPUTE_OWID_URL", f"{server.url}/chart.csv")
        monkeypatch.setenv("AICOMPUTE_ALLOW_PRIVATE_HOSTS", "true")
        ran = json.loads(command(house, "-m", "flows", "run", "--plain", "--json", "--sources", "curated,owid"))
    row = next(row for row in ran["sources"] if row["source"] == "owid")
    assert (row["rows_read"], row["rows_quarantined"]) == (expected["read"], len(expected["quarantined"]))
    query = "select run_name, training_compute_flop from compute.training_runs where source = 'owid'"
    found = json.loads(command(house, "-m", "flows", "query", "--json", query))
    assert {run["run_name"]: run["training_compute_flop"] for run in found} == expected["training_compute_flop"]
    query = "select row_number, rule from raw.quarantine where source = 'owid'"
    found = json.loads(command(house, "-m", "flows", "query", "--json", query))
    assert {row["row_number"]: row["rule"] for row in found} == expected["quarantined"]
    standing = json.loads(command(house, "-m", "flows", "sources", "--json"))
    (owid,) = [row for row in standing if row["source"] == "owid"]
    assert (owid["state"], owid["rows"], owid["quarantined"]) == ("fresh, 0 days old", 1, 1)
    assert owid["proven"] == "not yet proven on live bytes" and owid["licence"] == "CC BY 4.0"


@pytest.mark.slow
def test_the_house_with_the_source_keeps_its_rules(house):
    command(
        house,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "-k",
        "owid or docstrings or short or schema",
        "tests/test_layout.py",
    )
