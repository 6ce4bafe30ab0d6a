"""One run from sources to a published version, as plain functions; `refresh.py` is the same run under Prefect."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field

from flows import collect as collecting
from flows import derive as deriving
from flows import earlier as past
from flows import publish as publishing
from flows.collect import Collected, Request
from flows.runlog import RunLog
from flows.settings import Settings
from warehouse import faults, lake, release
from warehouse.lake import Version

HEADLINES = """
select headlines.reason as what, metric, selection, period, runs, doubling_months, doubling_months_low,
    doubling_months_high, growth_per_year
from trends.metric_trends
join assumptions.headlines using (metric, selection, period)
where doubling_months is not null
order by selection, metric, period
"""
GROWTH = """
select metric, selection, from_run_id, to_run_id, months, growth_factor, two_year_doubling_factor
from trends.growth
where metric = 'published_training_compute' and selection = 'openai_2018' or metric = 'training_compute' and selection = 'all'
order by metric, selection
"""
SOURCES = (
    "select source, documents, rows_read, rows_accepted, rows_quarantined, as_of_on from trends.sources order by source"
)
GATE = """
select * exclude (version)
from gate_results
where version = (select max(version) from versions)
order by measure, table_name, column_name, measured_of, bound_kind
"""


# What the command line hands to the Prefect flow beside its parameters: its log, and whom to tell of each table.
# It lives here because Prefect pickles the module of a scheduled flow by value.
caller: ContextVar[tuple[RunLog, Callable[[str], None]] | None] = ContextVar("caller", default=None)


@dataclass
class Outcome:
    """What a run did: the version now in force, whether it is new, its profile, rows per source, headlines, notices, seconds.

    `gate` holds what the release gate found of the version, a row of main.gate_results each.
    """

    version: Version
    is_new: bool
    profile: str
    sources: list[dict] = field(default_factory=list)
    headlines: list[dict] = field(default_factory=list)
    growth: list[dict] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)
    gate: list[dict] = field(default_factory=list)


@dataclass(frozen=True)
class Steps:
    """The three steps of a run, and the crawl of one dataset within the first; Prefect's tasks stand in for the functions."""

    crawl: Callable = collecting.bring_up_to_date
    collect: Callable = collecting.collect
    derive: Callable = deriving.derive
    publish: Callable = publishing.publish


def run(
    settings: Settings,
    request: Request,
    log: RunLog,
    allow_shrink: bool = False,
    steps: Steps | None = None,
    on_model: Callable[[str], None] = lambda name: None,
) -> Outcome:
    """Collect, derive and publish under the writer's lock; equal inputs publish nothing.

    Raises SchemaBreak, FetchError, DataError, GateRefused or LakeError, each a sentence; the published version stays.
    """
    steps = steps or Steps()
    with faults.told(), lake.writer(settings.lake), log.failures():
        log.write("begin", sources=list(request.sources), files=dict(request.files))
        last = publishing.mend(settings, log)
        collected = steps.collect(settings, request, log, steps.crawl)
        if last is not None and last.manifest == publishing.manifest(collected):
            log.write("end", version=last.version, new=False)
            return _outcome(settings, last, False, collected, log)
        if not allow_shrink:
            publishing.refuse_again(settings, collected, last)
        earlier = past.before(settings, last, collected.profile, deriving.code_hash()) if last is not None else None
        con = steps.derive(collected, log, on_model, earlier)
        version = steps.publish(settings, collected, con, log, allow_shrink)
        log.write("end", version=version.version, new=True, seconds=log.seconds)
        return _outcome(settings, version, True, collected, log)


def _outcome(settings: Settings, version: Version, is_new: bool, collected: Collected, log: RunLog) -> Outcome:
    with release.reader(settings.latest) as con:
        sources, headlines, growth, gate = (release.rows(con, query) for query in (SOURCES, HEADLINES, GROWTH, GATE))
    return Outcome(version, is_new, collected.profile, sources, headlines, growth, collected.notices, log.seconds, gate)
