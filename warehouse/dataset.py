"""What a version is as a dataset, in words for its page and for the papers of its release: title, licences, citation."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from warehouse.page.words import safe_url

NAME = "aicompute"
TITLE = "The open record of the compute used to train AI models"
DESCRIPTION = (
    "How much compute it took to train each AI model on record, what that is known from, how sure it is, and how fast the"
    " compute of training grows: runs, the facts stated of them with their sources, estimates with intervals, chips, costs,"
    " and trends. One petaflop/s-day is 8.64e19 operations; every table and column says what it means and in which unit."
)
KEYWORDS = ("AI training compute", "FLOP", "machine learning", "scaling", "accelerators", "training cost")
CREATOR = "aicompute contributors"
# Words of a source's licence → its Open Definition or SPDX name and its text; any other words stand in SOURCES.md alone.
LICENCES = {
    "Apache-2.0": ("Apache-2.0", "https://www.apache.org/licenses/LICENSE-2.0"),
    "CC BY 4.0": ("CC-BY-4.0", "https://creativecommons.org/licenses/by/4.0/"),
    "CC BY-SA 4.0": ("CC-BY-SA-4.0", "https://creativecommons.org/licenses/by-sa/4.0/"),
    "CC0 1.0": ("CC0-1.0", "https://creativecommons.org/publicdomain/zero/1.0/"),
}

Source = tuple[str, str, str, str]


@dataclass(frozen=True)
class Edition:
    """A version as it is cited.

    `coverage` is the days its runs were published on, as an ISO 8601 interval, or empty; `sources` are (title, licence,
    attribution, homepage).
    """

    version: int
    as_of_on: dt.date
    published_on: dt.date
    coverage: str
    sources: tuple[Source, ...]


def citation(edition: Edition) -> str:
    """How to cite a version, with the words its sources ask for."""
    attributions = "; ".join(attribution for _, _, attribution, _ in edition.sources)
    return (
        f"{CREATOR}. {TITLE}, version {edition.version}, as of {edition.as_of_on}."
        f" Published {edition.published_on}. Contains: {attributions}."
    )


def described(edition: Edition) -> dict:
    """A version as a schema.org Dataset, without its files."""
    cite = citation(edition)
    return {
        "@context": "https://schema.org/",
        "@type": "Dataset",
        "name": TITLE,
        "alternateName": NAME,
        "description": DESCRIPTION,
        "version": str(edition.version),
        "datePublished": edition.published_on.isoformat(),
        "dateModified": edition.as_of_on.isoformat(),
        **known("temporalCoverage", edition.coverage),
        "keywords": list(KEYWORDS),
        "isAccessibleForFree": True,
        "license": [address for _, address in licences(edition.sources)],
        "creator": {"@type": "Organization", "name": CREATOR},
        "creditText": cite,
        "citation": cite,
        "isBasedOn": [_based_on(*source) for source in edition.sources],
    }


def licences(sources: Iterable[Source]) -> list[tuple[str, str]]:
    """Names and addresses of the open licences that the sources' words name, each once."""
    found = {LICENCES[words]: None for _, said, _, _ in sources for words in LICENCES if words in (said or "")}
    return list(found)


def known(name: str, value: object) -> dict:
    """The property, or nothing where there is nothing to say."""
    return {name: value} if value else {}


def _based_on(title: str, licence: str, attribution: str, homepage: str) -> dict:
    addresses = [place for _, place in licences([(title, licence, attribution, homepage)])]
    return {
        "@type": "CreativeWork",
        "name": title,
        **known("url", safe_url(homepage)),
        **known("license", addresses),
        **known("usageInfo", "" if addresses else licence),
        "creditText": attribution,
    }
