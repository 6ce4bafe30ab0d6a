"""The archive: every document's bytes as received, once, by content hash, in the order of first arrival."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
from dataclasses import asdict, dataclass
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


def content_hash(content: bytes) -> str:
    """SHA-256 of the bytes, in hexadecimal: the document_id."""
    return hashlib.sha256(content).hexdigest()


class Archive:
    """A folder of documents by hash, and `index.jsonl`, one line an arrival; nothing in it is ever changed or removed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.index = folder / "index.jsonl"

    def put(self, source: str, dataset: str, name: str, content: bytes, as_of_on: dt.date) -> Document:
        """Keep the bytes and return their entry; bytes already there under this source and dataset are not written again.

        A known document given with another as-of date gets one more index line: the newest date stands.
        """
        document_id = content_hash(content)
        known = next(
            (d for d in self.documents() if (d.source, d.dataset, d.document_id) == (source, dataset, document_id)),
            None,
        )
        if known and known.as_of_on == as_of_on:
            return known
        path = self._path(document_id)
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            _write_whole(path, content)
        line = {
            "source": source,
            "dataset": dataset,
            "document_id": document_id,
            "document_name": name,
            "as_of_on": as_of_on.isoformat(),
            "first_received_on": dt.datetime.now(dt.UTC).date().isoformat(),
            "bytes": len(content),
        }
        self._append(line)
        return next(
            d for d in self.documents() if (d.source, d.dataset, d.document_id) == (source, dataset, document_id)
        )

    def documents(self) -> list[Document]:
        """Every document ever received, in archive order; a line cut short by a crash is passed over."""
        found: dict[tuple[str, str, str], Document] = {}
        for line in self._lines():
            key = (line["source"], line["dataset"], line["document_id"])
            as_of_on = dt.date.fromisoformat(line["as_of_on"])
            if key in found:
                found[key] = Document(**{**asdict(found[key]), "as_of_on": as_of_on})
                continue
            first = dt.date.fromisoformat(line["first_received_on"])
            found[key] = Document(
                **{**line, "as_of_on": as_of_on, "first_received_on": first, "archive_order": len(found) + 1}
            )
        return list(found.values())

    def read(self, document_id: str) -> bytes:
        """The bytes of a document; raises ValueError if they no longer match their hash, FileNotFoundError if gone."""
        content = self._path(document_id).read_bytes()
        if content_hash(content) != document_id:
            raise ValueError(f"{self._path(document_id)}: the archived bytes do not match their hash; restore the file")
        return content

    def tidy(self) -> None:
        """Remove what a killed run left half-written; only the holder of the writer's lock may call this."""
        for partial in self.folder.glob("*/*.partial"):
            partial.unlink()

    def _path(self, document_id: str) -> Path:
        return self.folder / document_id[:2] / document_id

    def _lines(self) -> list[dict]:
        if not self.index.exists():
            return []
        lines = []
        for text in self.index.read_text(encoding="utf-8", errors="replace").split("\n"):
            try:
                lines.append(json.loads(text))
            except json.JSONDecodeError:
                continue
        return lines

    def _append(self, line: dict) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        torn = self.index.exists() and not self.index.read_bytes().endswith(b"\n") and self.index.stat().st_size > 0
        with self.index.open("a", encoding="utf-8") as file:
            file.write(("\n" if torn else "") + json.dumps(line, ensure_ascii=False) + "\n")
            file.flush()
            os.fsync(file.fileno())


def _write_whole(path: Path, content: bytes) -> None:
    """Write a file so that it is there whole or not at all."""
    partial = path.with_name(path.name + f".{os.getpid()}.partial")
    with partial.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
