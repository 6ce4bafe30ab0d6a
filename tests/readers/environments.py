"""Environments of readers, each made from its lock file by hash, and the two versions that readers are tried on."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from flows.collect import Request
from flows.run import run
from flows.runlog import RunLog
from flows.settings import Settings

READERS = Path(__file__).resolve().parent
UNREACHABLE = re.compile(r"error sending request|failed to fetch|dns error|connection refused|timed out", re.IGNORECASE)
MODELS = """\
Model,Domain,Organization,Publication date,Link,Parameters,Training compute (FLOP)
"A name, with a comma and
a line break",Language,"An ""Organisation"", and another",2021-03-04,https://arxiv.org/abs/2103.00001,1e6,6e17
Nothing known,,,,,,
"""


def environment(folder: Path, lock: str) -> Path:
    """Folder of scripts of a new environment with what a lock file of this folder names, and nothing else.

    Skips the test where no package registry can be reached, outside CI.
    """
    uv = shutil.which("uv", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}")
    assert uv, "uv is missing; it comes with the development tools of requirements.lock"
    venv = folder / "venv"
    subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, str(venv)], check=True)
    scripts = next(place for place in (venv / "bin", venv / "Scripts") if place.exists())
    install = [uv, "pip", "install", "--quiet", "--python", str(venv), "--require-hashes", "-r", str(READERS / lock)]
    done = subprocess.run(install, capture_output=True, text=True)
    if done.returncode and UNREACHABLE.search(done.stderr) and not os.environ.get("CI"):
        pytest.skip(f"no package registry can be reached for {lock}")
    assert done.returncode == 0, done.stderr
    return scripts


def two_versions(factory: pytest.TempPathFactory) -> Path:
    """A data folder with two versions: curated facts alone, then a small export of two awkward rows beside them.

    They are made once a session. The folder was moved afterwards, as if it had been copied to another machine.
    """
    folder = factory.getbasetemp() / "two versions"
    if (folder / "data").exists():
        return folder / "data"
    folder.mkdir()
    models = folder / "models_2021-04-01.csv"
    models.write_text(MODELS, encoding="utf-8")
    settings = Settings(data_dir=folder / "made here")
    for request in (Request(("curated",)), Request(("curated", "epoch"), {"models": str(models)})):
        assert run(settings, request, RunLog(settings.log_file)).is_new
    return settings.data_dir.rename(folder / "data")
