"""The commands that gather and publish: run, fetch, sources, changes, backfill, schedule."""

from __future__ import annotations

import datetime as dt
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from flows.terminal import Json, app, date_of, fail, print_json, print_table, settings_or_exit, show


@app.command()
def run(
    sources: Annotated[
        str, typer.Option(help="Sources of the version, by commas, or all; default AICOMPUTE_SOURCES.")
    ] = "",
    epoch_models: Annotated[str, typer.Option(metavar="FILE|URL", help="Epoch's models export.")] = "",
    epoch_chips: Annotated[str, typer.Option(metavar="FILE|URL", help="Epoch's hardware export.")] = "",
    epoch_prices: Annotated[str, typer.Option(metavar="FILE|URL", help="Epoch's price table.")] = "",
    epoch_deflator: Annotated[
        str, typer.Option(metavar="FILE|URL", help="Producer price index (PCU518210518210).")
    ] = "",
    as_of: Annotated[str, typer.Option(metavar="DATE", help="Date the files speak of; else from their names.")] = "",
    since: Annotated[str, typer.Option(metavar="DATE", help="Ask live sources for what is newer only.")] = "",
    offline: Annotated[bool, typer.Option(help="Ask no source: what is in the archive.")] = False,
    allow_shrink: Annotated[
        bool, typer.Option(help="Publish although the gate finds less than the last version lets expect.")
    ] = False,
    plain: Annotated[bool, typer.Option(help="Without Prefect.")] = False,
    profile: Annotated[str, typer.Option(help="Profile of assumptions; default AICOMPUTE_PROFILE.")] = "",
    as_json: Json = False,
) -> None:
    """Gather the sources, work out the tables, publish a version if anything is new."""
    settings = settings_or_exit()
    from flows import sources as found
    from flows.collect import Request
    from warehouse.derive import DataError, profile_in_force

    named = {"models": epoch_models, "chips": epoch_chips, "prices": epoch_prices, "deflator": epoch_deflator}
    files = {dataset: name for dataset, name in named.items() if name}
    beside = f"{settings.sources},epoch" if files else settings.sources
    asked = sources or ("epoch" if "models" in files else beside)
    try:
        names, is_all = found.named(asked)
        if files and "epoch" not in names:
            raise ValueError("files of Epoch are given, but --sources leaves out epoch")
        in_force = profile_in_force(profile or settings.profile)
        request = Request(names, files, date_of(as_of), date_of(since), offline, is_all, in_force)
    except (ValueError, DataError) as error:
        raise typer.BadParameter(str(error)) from error
    outcome = _outcome(settings, request, allow_shrink, plain, as_json)
    print_json(_outcome_json(outcome)) if as_json else _print_outcome(outcome, settings.latest)


def _outcome(settings: Any, request: Any, allow_shrink: bool, plain: bool, quiet: bool) -> Any:
    from flows.http import FetchError
    from flows.publish import GateRefused
    from flows.rows import SchemaBreak
    from flows.runlog import RunLog
    from schemas.expectations import GateError
    from warehouse.derive import DataError
    from warehouse.lake import LakeError

    log = RunLog(settings.log_file)
    try:
        with progress(quiet) as on_model:
            if plain:
                from flows.run import run as run_plainly

                return run_plainly(settings, request, log, allow_shrink, on_model=on_model)
            from flows.refresh import refresh_now

            return refresh_now(request, log, allow_shrink, on_model)
    except (FetchError, SchemaBreak, DataError, GateRefused, GateError, LakeError, OSError) as error:
        fail(error)


def progress(quiet: bool) -> Any:
    """A bar of tables built, on standard error; yields the function to call with each table's name."""

    @contextmanager
    def bar():
        if quiet or not sys.stderr.isatty():
            yield lambda name: None
            return
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

        from flows.crawl import listener
        from schemas.tables import LAYERS

        total = sum(len(LAYERS[layer]) for layer in ("clean", "compute", "trends"))
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=Console(stderr=True), transient=True) as shown:
            row = shown.add_task("gathering", total=total)
            token = listener.set(lambda crawl: shown.update(row, description=crawl_words(crawl)))
            yield lambda name: shown.update(row, advance=1, description=name)
            listener.reset(token)

    return bar()


def _outcome_json(outcome: Any) -> dict:
    version = outcome.version
    return {
        "version": version.version,
        "is_new": outcome.is_new,
        "as_of_on": version.as_of_on,
        "profile": outcome.profile,
        "sources": outcome.sources,
        "headlines": outcome.headlines,
        "growth": outcome.growth,
        "gate": outcome.gate,
        "notices": outcome.notices,
        "seconds": {phase: round(s, 3) for phase, s in outcome.seconds.items()},
    }


def _print_outcome(outcome: Any, latest: Path) -> None:
    from rich.console import Console

    console = Console()
    print_table(
        console, "Rows by source", [{k.removeprefix("rows_"): v for k, v in row.items()} for row in outcome.sources]
    )
    print_table(console, "Doubling time (95% interval)", [_headline(h) for h in outcome.headlines])
    for row in outcome.growth:
        console.print(_growth(row), markup=False, highlight=False)
    console.print(gate_line(outcome.gate), markup=False, highlight=False, soft_wrap=True)
    for notice in outcome.notices:
        console.print(f"note: {notice}", markup=False, highlight=False)
    version = outcome.version
    state = "published" if outcome.is_new else "nothing new: still"
    under = f"as of {version.as_of_on}, profile {outcome.profile}"
    console.print(f"{state} version {version.version}, {under}", highlight=False)
    console.print(f"{latest / 'aicompute.duckdb'}", highlight=False, soft_wrap=True)
    spent = ", ".join(f"{phase} {seconds:.2f} s" for phase, seconds in outcome.seconds.items())
    console.print(f"time: {spent}", highlight=False, soft_wrap=True)


def gate_line(results: list[dict]) -> str:
    """How many expectations of the release gate are met, and which are not, of rows of main.gate_results."""
    if not results:  # of a version that was rolled back to, or that an older program made
        return "gate: nothing was asked of this version"
    unmet = ", ".join(_measured(row) for row in results if not row["is_met"])
    met = sum(row["is_met"] for row in results)
    but = f"; not met, allowed by --allow-shrink: {unmet}" if unmet else ""
    return f"gate: {met} of {len(results)} expectations met{but}"


def _measured(row: dict) -> str:
    column = "" if row["column_name"] == "*" else f".{row['column_name']}"
    of = "" if row["measured_of"] == "all rows" else f" ({row['measured_of']})"
    return f"{row['measure']} of {row['table_name']}{column}{of}"


def _headline(row: dict) -> dict:
    low, high = row["doubling_months_low"], row["doubling_months_high"]
    interval = f" ({low:.1f} to {high:.1f})" if low is not None else " (no sure growth)"
    return {
        "metric, selection, period": f"{row['metric']}, {row['selection']}, {row['period']}",
        "runs": row["runs"],
        "doubling, months": f"{row['doubling_months']:.2f}{interval}",
        "a year": f"{row['growth_per_year']:.2f}x",
    }


def _growth(row: dict) -> str:
    from warehouse.page.words import large

    # Nine digits of two figures that are known to a factor of three would promise too much.
    factor = row["growth_factor"]
    grown = f"{factor:,.0f}x" if factor < 1e6 else f"{large(factor)} times"
    return (
        f"{row['from_run_id']} to {row['to_run_id']} ({row['metric']}, {row['selection']}): {grown} in"
        f" {row['months']:.1f} months; a doubling every two years gives {row['two_year_doubling_factor']:.2f}x"
    )


@app.command()
def fetch(
    sources: Annotated[list[str] | None, typer.Argument(help="Live sources; default all of them.")] = None,
    since: Annotated[str, typer.Option(metavar="DATE", help="Ask for what is newer only.")] = "",
    offline: Annotated[bool, typer.Option(help="Ask nobody; say what the archive holds of them.")] = False,
) -> None:
    """Ask live sources and archive what they send; nothing is published."""
    settings = settings_or_exit()
    from flows import sources as found

    names = list(dict.fromkeys(sources or found.live()))
    unknown = [name for name in names if name not in found.live()]
    if unknown:
        raise typer.BadParameter(f"no live source {unknown[0]!r}; there are {', '.join(found.live())}")
    if offline:
        from flows.status import standings

        show([row for row in standings(settings) if row["source"] in names], False)
        return
    try:
        day = date_of(since)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    if not _fetch(settings, names, day):
        raise typer.Exit(1)


def _fetch(settings: Any, names: list[str], since: dt.date | None) -> bool:
    """Each source alone, one line for each dataset; whether all went well."""
    from flows import sources as found
    from flows.collect import bring_up_to_date
    from flows.http import FetchError
    from flows.rows import SchemaBreak
    from flows.runlog import RunLog
    from warehouse import lake

    log, well = RunLog(settings.log_file), True
    try:
        # Only the archive is written to, which is this data directory's alone.
        with lake.writer(lake.Lake(settings.lake.folder)):
            for name in names:
                for dataset in found.module(name).DATASETS:
                    try:
                        with log.phase("fetch", source=name, dataset=dataset), crawl_progress() as told:
                            crawl = bring_up_to_date(settings, name, dataset, since, told)
                    except (FetchError, SchemaBreak) as error:
                        well = False
                        log.write("fetch failed", source=name, dataset=dataset, error=str(error))
                        print(f"{name}/{dataset}: {error}", file=sys.stderr)
                        continue
                    print(f"{name}/{dataset}: {_crawl_words(crawl)}")
    except lake.LakeError as error:
        fail(error)
    return well


def _crawl_words(crawl: Any) -> str:
    if not crawl.pages and not crawl.missing:
        return "nothing new to ask for"
    unchanged = sum(page.is_unchanged for page in crawl.pages.values())
    words = f"{len(crawl.pages)} page{'' if len(crawl.pages) == 1 else 's'}"
    words += f", {unchanged} unchanged" if unchanged else ""
    return words + (f", {len(crawl.missing)} could not be had" if crawl.missing else "")


def crawl_words(progress: Any) -> str:
    """How far a crawl is, and the time left where that is known."""
    left, known = progress.seconds_left, progress.expected if progress.expected >= progress.pages else "?"
    words = f", {dt.timedelta(seconds=round(left))} left" if left is not None else ""
    return f"{progress.source}/{progress.dataset}: page {progress.pages} of {known}{words}"


def crawl_progress() -> Any:
    """Tells of pages and the time left on standard error: on a terminal as they come, else every half minute."""
    import time

    @contextmanager
    def line():
        if sys.stderr.isatty():
            from rich.console import Console

            with Console(stderr=True).status("asking") as status:
                yield lambda progress: status.update(crawl_words(progress))
            return
        said = time.monotonic()

        def told(progress: Any) -> None:
            nonlocal said
            if time.monotonic() - said > 30:
                said = time.monotonic()
                print(crawl_words(progress), file=sys.stderr, flush=True)

        yield told

    return line()


@app.command("sources")
def list_sources(as_json: Json = False) -> None:
    """How each source stands: last success, documents, rows, quarantined, rate, licence and terms."""
    from flows.status import standings

    found = standings(settings_or_exit())
    if as_json:
        print_json(found)
        return
    short = ("source", "state", "last_success_at", "documents", "rows", "quarantined", "requests_per_second", "proven")
    show([{name: row[name] for name in short} for row in found], False)
    show([{name: row[name] for name in ("source", "licence", "terms", "rhythm", "homepage")} for row in found], False)


@app.command()
def changes(source: Annotated[str, typer.Argument(help="A live source.")], as_json: Json = False) -> None:
    """What is different on a source's pages since the time before, cell by cell."""
    from dataclasses import asdict

    from flows import sources as found
    from flows.status import changes as changes_of

    if source not in found.live():
        raise typer.BadParameter(f"no live source {source!r}; there are {', '.join(found.live())}")
    show([asdict(change) for change in changes_of(settings_or_exit(), source)], as_json)


@app.command()
def backfill(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Dated exports, as models_2025-06-20.csv.")],
    sources: Annotated[str, typer.Option(help="Sources of the versions, by commas.")] = "epoch",
    as_json: Json = False,
) -> None:
    """Load dated releases of Epoch AI's exports in order of date, one version each; what is loaded already is passed over."""
    from dataclasses import asdict

    from flows import sources as found
    from flows.backfill import BackfillFault, plan, words
    from flows.backfill import backfill as backfilled
    from flows.rows import SchemaBreak
    from flows.runlog import RunLog
    from schemas.expectations import GateError
    from warehouse.derive import DataError
    from warehouse.lake import LakeError

    settings, made = settings_or_exit(), []
    try:
        names, _ = found.named(sources)
        if "epoch" not in names:
            raise ValueError("--sources leaves out epoch, whose exports are to be loaded")
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    try:
        files = plan(folder)
        for path in files.unknown:
            print(f"{path.name}: no export of Epoch AI by its name; left out", file=sys.stderr)
        with progress(as_json) as on_model:
            for loaded in backfilled(settings, files, names, RunLog(settings.log_file), on_model):
                made.append(asdict(loaded))
                print(words(loaded), file=sys.stderr if as_json else sys.stdout, flush=True)
    except (BackfillFault, SchemaBreak, DataError, GateError, LakeError, OSError) as error:
        fail(error)
    if as_json:
        print_json([{**row, "version": row["version"]["version"]} for row in made])


@app.command()
def schedule(
    cron: Annotated[str, typer.Option(help="When, as five cron fields (UTC).")] = "0 6 * * *",
    port: Annotated[int, typer.Option(help="Port of the local Prefect server.")] = 4200,
) -> None:
    """Serve the run on a schedule, with a lasting local Prefect server; Ctrl-C ends both."""
    import os

    settings_or_exit()
    # Prefect reads the address at its first import; a served flow on a temporary server would never be scheduled.
    os.environ["PREFECT_API_URL"] = f"http://127.0.0.1:{port}/api"
    from flows.refresh import serve

    try:
        serve(cron, port)
    except (ValueError, OSError) as error:
        fail(error)
