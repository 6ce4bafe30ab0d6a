"""The sources, one module each, found by being here.

A source module has `ABOUT`; `DATASETS`, a mapping of dataset → the raw table it fills; `SIGHTINGS`, which raw columns
name a run or chip (raw table → (kind, {sighting column: raw column})); `fetch(client, settings, dataset)`, which gives
(document name, bytes); and `parse(dataset, content, document)`, which gives the rows of one document.
"""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import dataclass
from types import ModuleType


@dataclass(frozen=True)
class About:
    """What a reader must know of a source: its name, licence, the attribution the licence asks for, where it lives."""

    title: str
    licence: str
    attribution: str
    homepage: str
    rhythm: str


def names() -> list[str]:
    """Names of all sources, sorted."""
    return sorted(info.name for info in pkgutil.iter_modules(__path__))


def module(name: str) -> ModuleType:
    """The module of a source; raises KeyError naming the sources there are."""
    if name not in names():
        raise KeyError(f"no source {name!r}; there are {', '.join(names())}")
    return importlib.import_module(f"flows.sources.{name}")
