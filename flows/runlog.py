"""The log of runs: one JSON line a phase in `data/log/runs.jsonl`, on disk before the phase begins."""

from __future__ import annotations

import datetime as dt
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


class RunLog:
    """Writes the phases of one run and keeps their seconds in `seconds` (phase → wall-clock seconds)."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.run = f"{dt.datetime.now(dt.UTC):%Y%m%dT%H%M%S}-{os.getpid()}"
        self.seconds: dict[str, float] = {}

    def write(self, phase: str, **facts: object) -> None:
        """Append one line: when, which run, phase, and facts (rows kept, documents …)."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        line = {
            "at": dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds"),
            "run": self.run,
            "phase": phase,
            **facts,
        }
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line, ensure_ascii=False, default=str) + "\n")
            file.flush()
            os.fsync(file.fileno())

    @contextmanager
    def phase(self, name: str, **facts: object) -> Iterator[None]:
        """Log that a phase begins; add its seconds when it ends well."""
        self.write(name, **facts)
        began = time.perf_counter()
        yield
        self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - began

    @contextmanager
    def failures(self) -> Iterator[None]:
        """Log why a run failed, as far as the disk still takes a line; the error goes on."""
        try:
            yield
        except Exception as error:
            with suppress(OSError):
                self.write("failed", error=str(error), kind=type(error).__name__)
            raise
