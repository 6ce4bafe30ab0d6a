"""Hashes of files, and lists of them that `sha256sum` reads."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

NAME = "SHA256SUMS"


def file_hash(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def files(folder: Path) -> list[str]:
    """Every file under a folder as its path from there, with forward slashes, in order."""
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def read(file: Path) -> dict[str, str]:
    """Hash by path of such a list, nothing where there is none; lines that are no line of it are passed over."""
    if not file.is_file():
        return {}
    lines = (line.split("  ", 1) for line in file.read_text(encoding="utf-8").splitlines())
    return {line[1]: line[0] for line in lines if len(line) == 2}


def write(file: Path, hashes: Mapping[str, str]) -> None:
    """Write such a list, by path, whole or not at all."""
    partial = file.with_name(f"{file.name}.partial")
    partial.write_text("".join(f"{digest}  {name}\n" for name, digest in sorted(hashes.items())), encoding="utf-8")
    partial.replace(file)
