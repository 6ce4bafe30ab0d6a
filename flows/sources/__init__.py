"""The sources, one module each, found by being here.

A source module has

- `ABOUT`: what a reader must know of it;
- `DATASETS`: dataset → the raw table it fills;
- `SIGHTINGS`: which raw columns name a run, chip or paper (raw table → (kind, {sighting column: raw column}));
- `FILES`, if it has any: the datasets that are one document in many editions, so that a file may stand in for one;
- `parse(dataset, content, document)`, which gives the rows of one document by raw table;
- and one of
  - `fetch(dataset)`, which gives (document name, bytes): a source at hand, of one document a dataset;
  - `crawl(get, scope, dataset)`, which asks the source page after page through `get`.

A crawl is written as if nothing ever went wrong. `get` hands back the archived bytes of a page this crawl already has,
so that a crawl cut off anywhere goes on where it stopped, and raises FetchError where a page cannot be had.
"""

from __future__ import annotations

import datetime as dt
import importlib
import pkgutil
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from types import ModuleType
from typing import Any

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

_RATE = re.compile(r"[1-9]\d*/(\d*[1-9]\d*(\.\d+)?|0+\.\d*[1-9]\d*)")  # requests/seconds


class SourceSettings(BaseSettings):
    """Settings every live source has, each from AICOMPUTE_<SOURCE>_<NAME>; a source adds its own by a subclass."""

    model_config = SettingsConfigDict(env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True)

    url: str = ""
    rate: str = "1/3"
    page_size: int = Field(default=100, ge=1)
    key: SecretStr = SecretStr("")

    @field_validator("rate")
    @classmethod
    def _is_rate(cls, rate: str) -> str:
        if not _RATE.fullmatch(rate):
            raise ValueError("requests/seconds was expected, as 1/3")
        return rate

    @field_validator("key")
    @classmethod
    def _is_bare(cls, key: SecretStr) -> SecretStr:
        """A key read from a file brings its line end along."""
        return SecretStr(key.get_secret_value().strip())

    @property
    def base(self) -> str:
        """The address that paths are put behind, without a slash at its end."""
        return self.url.rstrip("/")

    @property
    def requests_per_second(self) -> float:
        """The rate as a number."""
        requests, seconds = self.rate.split("/")
        return int(requests) / float(seconds)


@dataclass(frozen=True)
class About:
    """What a reader must know of a source: name, licence, the attribution the licence asks for, home, terms, rhythm.

    `adds` names the datasets whose crawls add pages to those of earlier crawls; of the others the last whole crawl
    counts alone. `asks_robots` says that the pages are made for people, so robots.txt is obeyed; a documented API has
    its own terms. `is_proven` says whether the reader was ever run on bytes the live source sent, `unproven` of which
    datasets it was not.
    """

    title: str
    licence: str
    attribution: str
    homepage: str
    rhythm: str
    terms: str = ""
    adds: tuple[str, ...] = ()
    asks_robots: bool = False
    is_proven: bool = False
    unproven: tuple[str, ...] = ()


@dataclass(frozen=True)
class Ask:
    """One request: where, under which name its page is kept, and what it says.

    `page` is unique in its dataset and holds no address and no secret, so that a mirror's answer is the same page.
    `body` is sent as JSON by POST. `accepts` are the content types a good answer may have (empty: any). What is in
    `secrets` (query parameters) and `secret_headers` is sent, and written nowhere.
    """

    url: str
    page: str
    params: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    accepts: tuple[str, ...] = ()
    secrets: Mapping[str, str] = field(default_factory=dict)
    secret_headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Scope:
    """What a crawl is to gather: the source's settings, papers wanted (paper ids), since when, and what is there already.

    `finished` maps each page of the finished crawls of this dataset to the day its bytes last came in; `today` is the
    day the crawl began, also when it goes on later. `expect(pages)` tells the progress bar how many pages there will be.
    """

    settings: Any
    papers: tuple[str, ...] = ()
    since: dt.date | None = None
    finished: Mapping[str, dt.date] = field(default_factory=dict)
    today: dt.date = field(default_factory=lambda: dt.datetime.now(dt.UTC).date())
    contact: str = ""
    expect: Callable[[int], None] = lambda pages: None


class SettingsFault(ValueError):
    """Settings of a source that cannot be read; the message names each variable."""


def names() -> list[str]:
    """Names of all sources, sorted."""
    return sorted(info.name for info in pkgutil.iter_modules(__path__))


def named(asked: str) -> tuple[tuple[str, ...], bool]:
    """Sources named by commas, and whether `all` was among them: the curated facts and every live source.

    Raises ValueError for a name that is no source, and where none is named.
    """
    words = [name.strip() for name in asked.split(",") if name.strip()]
    # Only `all` asks each module whether it is live: to import them all takes a third of a second.
    found = tuple(dict.fromkeys(name for word in words for name in (["curated", *live()] if word == "all" else [word])))
    for name in found:
        if name not in names():
            raise ValueError(f"no source {name!r}; there are {', '.join(names())}, or all")
    if not found:
        raise ValueError("no source is named")
    return found, "all" in words


def live() -> list[str]:
    """Names of the sources that are asked over the network, sorted."""
    return [name for name in names() if hasattr(module(name), "crawl")]


@cache
def module(name: str) -> ModuleType:
    """The module of a source; raises KeyError naming the sources there are."""
    if name not in names():
        raise KeyError(f"no source {name!r}; there are {', '.join(names())}")
    return importlib.import_module(f"flows.sources.{name}")


def settings_of(name: str) -> SourceSettings:
    """The settings of a live source from the environment, over the defaults its module states (`SETTINGS`)."""
    prefix = f"AICOMPUTE_{name.upper()}_"
    try:
        return module(name).SETTINGS(_env_prefix=prefix)
    except ValidationError as error:
        faults = [
            f"{prefix}{'_'.join(map(str, f['loc'])).upper()} is {f['input']!r}: {f['msg']}" for f in error.errors()
        ]
        raise SettingsFault("; ".join(faults)) from None
