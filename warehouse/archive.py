"""The archive: every document's bytes as received, once, by content hash, in the order of first arrival."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path


@dataclass(frozen=True)
class Document:
    """One archived document: whose it is, the hash of its bytes, what date it speaks of, and its place in the archive."""

    source: str
    dataset: str
    document_id: str
    document_name: str
    as_of_on: dt.date
    first_received_on: dt.date
    bytes: int
    archive_order: int
    url: str = ""


def content_hash(content: bytes) -> str:
    """SHA-256 of the bytes, in hexadecimal: the document_id."""
    return hashlib.sha256(content).hexdigest()


class Archive:
    """A folder of documents by hash, and `index.jsonl`, one line an arrival; nothing in it is ever changed or removed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.index = folder / "index.jsonl"
        self._known: dict[tuple[str, str, str], Document] = {}
        self._read_up_to = 0

    def put(
        self,
        source: str,
        dataset: str,
        name: str,
        content: bytes,
        as_of_on: dt.date | None = None,
        received: Mapping[str, object] | None = None,
    ) -> Document:
        """Keep the bytes and return their entry; bytes already there under this source and dataset are not written again.

        A known document given with another as-of date gets one more index line: the newest date stands. Without a date
        it is the day received, the first time. `received` is kept beside: url, status, headers, received_at.
        """
        document_id = content_hash(content)
        known = self._documents().get((source, dataset, document_id))
        if known and as_of_on in (None, known.as_of_on):
            return known
        self.keep(content)
        line = {
            "source": source,
            "dataset": dataset,
            "document_id": document_id,
            "document_name": name,
            "as_of_on": (as_of_on or dt.datetime.now(dt.UTC).date()).isoformat(),
            "first_received_on": dt.datetime.now(dt.UTC).date().isoformat(),
            "bytes": len(content),
            **(received or {}),
        }
        append_line(self.index, line)
        return self._documents()[source, dataset, document_id]

    def keep(self, content: bytes) -> str:
        """Write bytes that are not there yet, and list them nowhere; returns their hash."""
        document_id = content_hash(content)
        path = self.path(document_id)
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            _write_whole(path, content)
        return document_id

    def documents(self, source: str | None = None, dataset: str | None = None) -> list[Document]:
        """Documents ever received in archive order, all or those of a source and dataset.

        A line cut short by a crash is passed over.
        """
        known = self._documents().values()
        return [d for d in known if source in (None, d.source) and dataset in (None, d.dataset)]

    def _documents(self) -> dict[tuple[str, str, str], Document]:
        """Entries by source, dataset and hash; only what was added since the last look is read."""
        lines, self._read_up_to = read_lines(self.index, self._read_up_to)
        for line in lines:
            key = (line["source"], line["dataset"], line["document_id"])
            as_of_on = dt.date.fromisoformat(line["as_of_on"])
            if key in self._known:
                self._known[key] = replace(self._known[key], as_of_on=as_of_on)
                continue
            self._known[key] = Document(
                *key,
                line["document_name"],
                as_of_on,
                dt.date.fromisoformat(line["first_received_on"]),
                line["bytes"],
                len(self._known) + 1,
                line.get("url", ""),
            )
        return self._known

    def read(self, document_id: str) -> bytes:
        """The bytes of a document; raises ValueError if they no longer match their hash, FileNotFoundError if gone."""
        content = self.path(document_id).read_bytes()
        if content_hash(content) != document_id:
            raise ValueError(f"{self.path(document_id)}: the archived bytes do not match their hash; restore the file")
        return content

    def tidy(self) -> None:
        """Remove what a killed run left half-written; only the holder of the writer's lock may call this."""
        for partial in self.folder.glob("*/*.partial"):
            partial.unlink()

    def path(self, document_id: str) -> Path:
        """Where the bytes of a document lie, or would lie."""
        return self.folder / document_id[:2] / document_id


def append_line(path: Path, line: Mapping[str, object]) -> None:
    """Add one JSON line to a file and see it on disk; a line that a crash cut short is closed off first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab+") as file:
        size = file.seek(0, os.SEEK_END)
        torn = size > 0 and os.pread(file.fileno(), 1, size - 1) != b"\n"
        file.write((("\n" if torn else "") + json.dumps(line, ensure_ascii=False, default=str) + "\n").encode())
        file.flush()
        os.fsync(file.fileno())


def read_lines(path: Path, start: int = 0) -> tuple[list[dict], int]:
    """The JSON lines of a file from a byte on, and the byte after the last whole line; what is no JSON is passed over."""
    if not path.exists():
        return [], start
    with path.open("rb") as file:
        file.seek(start)
        content = file.read()
    whole = content[: content.rfind(b"\n") + 1]
    lines = []
    for text in whole.split(b"\n"):
        try:
            line = json.loads(text)
        except (json.JSONDecodeError, UnicodeDecodeError):
            continue
        if isinstance(line, dict):
            lines.append(line)
    return lines, start + len(whole)


def _write_whole(path: Path, content: bytes) -> None:
    """Write a file so that it is there whole or not at all."""
    partial = path.with_name(path.name + f".{os.getpid()}.partial")
    with partial.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
