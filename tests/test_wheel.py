"""The wheel alone: built offline, installed by itself, run from another folder."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def wheel(root, tmp_path_factory) -> Path:
    """The built wheel."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    (made,) = folder.glob("aicompute-*.whl")
    return made


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory) -> Path:
    """Folder of scripts of an environment that has `aicompute` from the wheel and all else from this environment."""
    venv = tmp_path_factory.mktemp("installed") / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(venv)], check=True)
    scripts = next(folder for folder in (venv / "bin", venv / "Scripts") if folder.exists())
    install = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--offline", "--no-deps", "--python", str(venv)]
    done = subprocess.run([*install, str(wheel)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    # A line of a .pth file adds a folder, but not the .pth files in it: an editable install there stays out.
    (place,) = (folder.parent for folder in venv.rglob("aicompute-*.dist-info"))
    (place / "packages_of_the_tests.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return scripts


def call(folder: Path, *command: str) -> str:
    """Standard output of a command run in another folder, without our settings; it must end well."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("AICOMPUTE_", "PREFECT_", "PYTHON"))}
    done = subprocess.run(command, cwd=folder, env=kept, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_wheel_holds_code_and_data_and_nothing_else(wheel, root):
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    kinds = {
        "flows": ("py", "csv"),
        "schemas": ("py",),
        "sql": ("sql", "csv"),
        "warehouse": ("py", "md", "sql", "html", "css", "js", "json", "gz"),
    }
    wanted = {
        path.relative_to(root).as_posix()
        for folder, endings in kinds.items()
        for ending in endings
        for path in (root / folder).rglob(f"*.{ending}")
        if "data" not in path.relative_to(root).parts
    }
    assert (
        {"sql/formulas.sql", "flows/sources/curated/runs.csv", "warehouse/TABLES.md", "warehouse/page/page.js"}
        <= wanted
        <= names
    )
    assert not [name for name in names if name.startswith("warehouse/data/")]
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == set(kinds)
    assert any(name.endswith("LICENSE") for name in names)


def test_the_wheel_runs_from_another_folder_and_keeps_its_data_there(installed, root, tmp_path):
    where = call(tmp_path, str(installed / "python"), "-c", "import flows; print(flows.__file__)")
    assert Path(where.strip()).is_relative_to(installed.parent)
    call(tmp_path, str(installed / "aicompute"), "run", "--plain")
    data = tmp_path / "warehouse" / "data"
    assert (data / "latest").resolve() == data / "releases" / "1"
    assert (data / "latest" / "TABLES.md").exists() and (data / "latest" / "index.html").exists()
    count = "select count(*) n from compute.training_runs"
    answer = call(tmp_path, str(installed / "aicompute"), "query", count, "--json")
    with (root / "flows" / "sources" / "curated" / "runs.csv").open(newline="", encoding="utf-8") as file:
        assert json.loads(answer) == [{"n": sum(1 for _ in csv.DictReader(file))}]
