"""Dated releases of Epoch AI's exports, found in a folder and loaded in order of date, one version each."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from flows import earlier as past
from flows import publish as publishing
from flows.collect import Request, collect
from flows.derive import code_hash, derive
from flows.runlog import RunLog
from flows.settings import Settings
from warehouse import lake, release
from warehouse.archive import Archive, content_hash
from warehouse.lake import Version

# Which dataset a file of Epoch's is, by how its name begins.
NAMES = {
    "all_ai_models": "models",
    "notable_ai_models": "models",
    "models": "models",
    "ml_hardware": "chips",
    "chips": "chips",
    "prices": "prices",
    "ppi": "deflator",
}
RUNS = """
select
    (select count(*) from clean.runs) as runs,
    count(*) filter (where change = 'added') as added,
    count(*) filter (where change = 'removed') as removed,
from trends.revisions
where table_name = 'clean.runs' and version = ?
"""


class BackfillFault(Exception):
    """The releases cannot be loaded here; the message says which and what to do."""


@dataclass
class Plan:
    """The files of a folder: by date and dataset, those without a date by dataset, and those that are none of Epoch's."""

    dated: dict[dt.date, dict[str, Path]] = field(default_factory=dict)
    undated: dict[str, Path] = field(default_factory=dict)
    unknown: list[Path] = field(default_factory=list)


@dataclass(frozen=True)
class Loaded:
    """One date of a backfill: its version and whether it is new, its files, and the runs before and after."""

    version: Version
    is_new: bool
    files: tuple[str, ...]
    runs: int = 0
    added: int = 0
    removed: int = 0


def plan(folder: Path) -> Plan:
    """The files of a folder by what their names say; raises BackfillFault where two stand for one date and dataset."""
    found = Plan()
    if not folder.is_dir():
        raise BackfillFault(f"{folder}: there is no such folder")
    for path in sorted(path for path in folder.iterdir() if path.is_file()):
        dataset = next((d for start, d in NAMES.items() if path.name.startswith(f"{start}_")), None)
        date = _date_in(path.name)
        if dataset is None or path.suffix != ".csv":
            found.unknown.append(path)
            continue
        files = found.undated if date is None else found.dated.setdefault(date, {})
        if dataset in files:
            raise BackfillFault(f"{path}: {files[dataset].name} stands for {dataset} of that date too; take one away")
        files[dataset] = path
    if not found.dated:
        raise BackfillFault(f"{folder}: no file is a dated export of Epoch AI, as models_2025-06-20.csv")
    return found


def _date_in(name: str) -> dt.date | None:
    match = re.search(r"_(\d{4}-\d{2}-\d{2})\.csv$", name)
    try:
        return dt.date.fromisoformat(match[1]) if match else None
    except ValueError:
        return None


def backfill(
    settings: Settings, found: Plan, names: tuple[str, ...], log: RunLog, on_model: Callable[[str], None]
) -> Iterator[Loaded]:
    """Load every date that is not loaded yet, in order, and yield each date; only versions that are kept get a release.

    Raises BackfillFault, before anything is done, where a date is older than the newest version; else as `run` does.
    """
    with lake.writer(settings.lake), log.failures():
        made = publishing.published(settings)
        there = {date: version for date in found.dated if (version := _loaded(made, date, found.dated[date]))}
        wanted = sorted(set(found.dated) - set(there))
        if made and wanted and wanted[0] < made[-1].as_of_on:
            raise BackfillFault(
                f"{wanted[0]} is older than version {made[-1].version}, as of {made[-1].as_of_on}: versions are only added"
                " at the end; load older releases into a data directory of their own (AICOMPUTE_DATA_DIR)"
            )
        Archive(settings.archive_dir).tidy()
        release.tidy(settings.releases_dir, 0)
        kept = set(wanted[-settings.keep_releases :])
        for date in sorted(found.dated):
            files = found.dated[date] | (_new(settings, found.undated) if date == min(wanted, default=None) else {})
            shown = tuple(path.name for path in files.values())
            if date in there:
                yield Loaded(there[date], False, shown)
                continue
            request = Request(names, {d: str(p) for d, p in files.items()}, date, is_offline=True, is_backfill=True)
            yield _load(settings, request, log, on_model, date in kept)
        publishing.mend(settings, log)  # a run killed between commit and release left the newest without one


def words(loaded: Loaded) -> str:
    """One line on a date that was loaded or was there already."""
    version = loaded.version
    named = f"version {version.version}, as of {version.as_of_on}: {', '.join(loaded.files)}"
    if not loaded.is_new:
        return f"{named}; loaded already"
    return f"{named}; {loaded.runs:,} runs, {loaded.added:,} added, {loaded.removed:,} removed"


def _load(
    settings: Settings, request: Request, log: RunLog, on_model: Callable[[str], None], is_released: bool
) -> Loaded:
    files = tuple(Path(name).name for name in request.files.values())
    collected = collect(settings, request, log)
    last = publishing.last_version(settings)
    if last is not None and last.manifest == publishing.manifest(collected):
        return Loaded(last, False, files)
    earlier = past.before(settings, last, collected.profile, code_hash()) if last is not None else None
    con = derive(collected, log, on_model, earlier)
    version = publishing.publish(settings, collected, con, log, allow_shrink=True, is_released=is_released)
    counts = release.rows(con, RUNS, [version.version])[0]
    con.close()
    log.write("end", version=version.version, new=True, seconds=log.seconds)
    return Loaded(version, True, files, **counts)


def _loaded(made: list[Version], date: dt.date, files: dict[str, Path]) -> Version | None:
    """The version as of a date that holds its files, if there is one."""
    ids = {content_hash(path.read_bytes()) for path in files.values()}
    for version in made:
        if version.as_of_on == date and ids <= {d["document_id"] for d in json.loads(version.manifest)["documents"]}:
            return version
    return None


def _new(settings: Settings, undated: dict[str, Path]) -> dict[str, Path]:
    """Undated files that were never loaded: they stand from the first version on."""
    archive = Archive(settings.archive_dir)
    there = {document.document_id for document in archive.documents("epoch")}
    return {d: path for d, path in undated.items() if content_hash(path.read_bytes()) not in there}
