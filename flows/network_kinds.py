"""Kinds of network from words: what a name, a note on parameters or an abstract says of it, for a count of operations.

A family's abstract names kinds of which one member has one: where it speaks of dense models beside mixtures, or of a
mixture under another name than the run's, nothing is said of this run.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_MIXTURE = re.compile(
    r"(?i:\bmixtures?[- ]of[- ](?:[a-z0-9-]+[- ])?experts?\b)|(?<![\w-])S?MoEs?\b"
    r"|(?i:\bsparsely[- ](?:gated|activated)\b|\bsparse architecture\b)"
)
_NAMED_MIXTURE = re.compile(
    r"(?<![A-Za-z])S?MoE(?![a-z])|(?<![\w.])[0-9]{1,3}x[0-9]{1,4}(?:\.[0-9])?[BM]\b|(?i:mixture of experts)"
)
_OF_A_FAMILY = re.compile(
    r"(?i)\bdense\b[^.;]{0,60}\b(?:and|or|as well as|plus)\b|\band\b[^.;]{0,40}\bdense\b|\bboth\b[^.;]{0,60}\bdense\b"
    r"|\b(?:compared|relative|in contrast|unlike|say|than|like|outperforms?|outcompetes?|rivals?|competitors?)\b|\bvariants\b"
    r"|\bcorresponding\b|\bversion\b|\bsimilar(?:ity)?\b"
)
_NAMED_ACTIVE = re.compile(r"(?<![A-Za-z0-9])A([0-9]{1,4}(?:\.[0-9]{1,3})?)B\b")
_LOOKUP = re.compile(r"(?i)\b(?:n-?grams?|kneser|skip-?gram|hierarchical softmax|embedding tables?)\b|\bKN\b|\bCBOW\b")
_WORD_VECTORS = re.compile(r"(?i)\b(?:skip-?gram|hierarchical softmax|embedding tables?)\b")
_NAMED_DENSE = re.compile(r"(?i)\bdense\b")
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n\s*\n")


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of network (a word of `schemas.columns.NETWORK_KINDS`), with the words that say so and where they stand."""

    network_kind: str
    words: str
    sentence: str
    start: int


def kind_in(text: str, column: str) -> Kind | None:
    """The kind a text says its run's network is of; None where it says nothing of this run.

    `column` is `run_name`, `parameters_notes` or `abstract`. Tables of counts or vectors are believed of names and notes
    alone: abstracts speak of them to compare.
    """
    if column == "run_name":
        kinds = {"dense": _NAMED_DENSE, "mixture of experts": _NAMED_MIXTURE, "lookup tables": _LOOKUP}
        return next((found for kind, pattern in kinds.items() if (found := _first(text, kind, pattern))), None)
    mixture = _of_the_run(text)
    if mixture or column != "parameters_notes":
        return mixture
    return _first(text, "lookup tables", _WORD_VECTORS)


def active_parameters_in(run_name: str) -> tuple[float, str, int] | None:
    """Parameters a token meets where the name states them (`…-A22B`), with the words and their place; else None."""
    found = _NAMED_ACTIVE.search(run_name)
    return (float(found[1]) * 1e9, found[0], found.start()) if found else None


def _of_the_run(text: str) -> Kind | None:
    place = 0
    for sentence in _SENTENCE.split(text):
        start = text.index(sentence, place)
        place = start + len(sentence)
        found = _MIXTURE.search(sentence)
        if found and not _OF_A_FAMILY.search(sentence):
            return Kind("mixture of experts", found[0], " ".join(sentence.split()), start + found.start())
    return None


def _first(text: str, kind: str, pattern: re.Pattern[str]) -> Kind | None:
    found = pattern.search(text)
    return Kind(kind, found[0], " ".join(text.split()), found.start()) if found else None
