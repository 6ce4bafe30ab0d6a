"""Which run a name means, and which names are near to one that means none."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING

from warehouse.release import rows

if TYPE_CHECKING:
    import duckdb


class UnknownRun(Exception):
    """No run, or more than one, answers to a name; the message proposes names."""


def find(con: duckdb.DuckDBPyConnection, name: str) -> str:
    """The run_id of a run called by its id, name or another source's name, or by a part that no other run has.

    Raises UnknownRun, with names near to it where there are any.
    """
    known = rows(
        con,
        "select run_id, run_id as alias from clean.runs"
        " union select run_id, run_name from clean.runs union select run_id, alias from clean.run_aliases",
    )
    called: dict[str, set[str]] = {}
    for row in known:
        called.setdefault(_key(row["alias"]), set()).add(row["run_id"])
    if any(row["run_id"] == name for row in known):
        return name
    asked, spelled = _key(name), _letters(name)
    loosely = {run_id for key, found in called.items() if spelled and _letters(key) == spelled for run_id in found}
    inside = {run_id for key, found in called.items() if asked and asked in key for run_id in found}
    for meant in (called.get(asked, set()), loosely, inside):
        if len(meant) == 1:
            return next(iter(meant))
    near = [run_id for key in near_names(name, list(called)) for run_id in sorted(called[key])]
    raise UnknownRun(f"no run called {_short(name)!r}" + _did_you_mean(list(dict.fromkeys(near))[:6], len(inside)))


def near_names(name: str, known: list[str]) -> list[str]:
    """Of the known names, all in lower case, those that hold this one, as a word first, then those spelled nearly so."""
    asked = _letters(name)
    word = re.compile(rf"(^|[\W_]){re.escape(asked)}($|[\W_])")
    inside = [one for one in known if asked and asked in _letters(one)]
    inside.sort(key=lambda one: (word.search(one) is None, len(one), one))
    near = difflib.get_close_matches(_key(name), known, n=20, cutoff=0.6)
    words = set(asked.split("-"))
    return [*inside, *sorted(near, key=lambda one: -len(words & set(_letters(one).split("-"))))]


def _key(name: str) -> str:
    return re.sub(r"\s+", " ", name).strip().casefold()


def _letters(name: str) -> str:
    """A name without its punctuation: `GPT-3 175B` and `gpt 3 (175b)` are one."""
    return re.sub(r"[\W_]+", "-", name.casefold()).strip("-")


def _short(name: str) -> str:
    return name if len(name) <= 60 else name[:59] + "…"


def _did_you_mean(names: list[str], found: int) -> str:
    if not names:
        return '; `aicompute query "select run_id from compute.training_runs"` lists them'
    more = f" ({found} runs have it in their name)" if found > len(names) else ""
    return f"; did you mean {', '.join(_short(one) for one in names)}?{more}"
