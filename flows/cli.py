"""`aicompute …`: run the pipeline, and ask the newest version without being able to change it."""

from __future__ import annotations

import datetime as dt
import json
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    import duckdb

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="The open record of AI training compute.",
)
Json = Annotated[bool, typer.Option("--json", help="Print JSON alone on standard output.")]
Number = Annotated[int | None, typer.Option("--version", metavar="N", help="Of this version; default the newest.")]
AsOf = Annotated[str, typer.Option("--as-of", metavar="DATE", help="Of the version in force on that day.")]


def main() -> None:
    """Entry point: 0 done or nothing new, 1 failed, 2 wrong usage; an error is one sentence on standard error."""
    try:
        app()
    except BrokenPipeError:
        sys.exit(0)
    except _plain_faults() as error:
        print(f"aicompute: {_sentence(error) or error}", file=sys.stderr)
        sys.exit(2 if type(error).__name__ == "SettingsFault" else 1)
    except Exception as error:
        if words := _sentence(error):
            print(f"aicompute: {words}", file=sys.stderr)
            sys.exit(1)
        sys.exit(_unexpected(error))


def _plain_faults() -> tuple[type[Exception], ...]:
    """What a disk, a full one too, and settings bring about: no fault of the program."""
    import sqlite3

    from flows.sources import SettingsFault
    from warehouse.lake import LakeError

    return OSError, sqlite3.Error, SettingsFault, LakeError


def _sentence(error: Exception) -> str | None:
    from warehouse import faults

    return faults.sentence(error)


def _unexpected(error: Exception) -> int:
    """A fault of ours: one line for the user, the traceback in the log for whoever mends it."""
    import traceback
    from contextlib import suppress

    from flows.runlog import RunLog

    words = (str(error).splitlines() or [""])[0]
    print(f"aicompute: a fault in the program: {type(error).__name__}: {words}", file=sys.stderr)
    with suppress(OSError):
        log = settings_or_exit().log_file
        RunLog(log).write("fault", traceback=traceback.format_exception(error))
        print(f"the details are the last line of {log}", file=sys.stderr)
    return 1


def settings_or_exit() -> Any:
    """The settings; a variable that can't be read is one sentence and exit code 2."""
    from pydantic import ValidationError

    from flows.settings import Settings

    try:
        return Settings()
    except ValidationError as error:
        for fault in error.errors():
            name = "AICOMPUTE_" + "_".join(str(part) for part in fault["loc"]).upper()
            print(f"aicompute: {name} is {fault['input']!r}: {fault['msg'].lower()}", file=sys.stderr)
        sys.exit(2)


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
        request = Request(names, files, _date(as_of), _date(since), offline, is_all, in_force)
    except (ValueError, DataError) as error:
        raise typer.BadParameter(str(error)) from error
    outcome = _outcome(settings, request, allow_shrink, plain, as_json)
    print_json(_outcome_json(outcome)) if as_json else _print_outcome(outcome, settings.latest)


def _date(text: str) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


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
        day = _date(since)
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
def query(
    sql: Annotated[str, typer.Argument(help="A SELECT over the version.")],
    version: Number = None,
    as_of: AsOf = "",
    refused: Annotated[bool, typer.Option("--refused", help="Ask what the gate refused last instead.")] = False,
    as_json: Json = False,
) -> None:
    """Answer one SQL query on the newest version, an older one or a refused one, read-only."""
    import duckdb

    from warehouse.reader import Refused, ask

    if not sql.strip(" ;\n"):
        raise typer.BadParameter("the query is empty")
    with reader(version, as_of, refused) as con:
        try:
            found = ask(con, sql)
        except (duckdb.Error, Refused) as error:
            fail(str(error).splitlines()[0])
    show(found, as_json)


@app.command()
def explain(
    run: Annotated[str, typer.Argument(help="A run by its id or name, or a part of it no other has.")],
    version: Number = None,
    as_of: AsOf = "",
    as_json: Json = False,
) -> None:
    """A run's figure as one would check it by hand: inputs with their place in archived bytes, formula, interval, cost."""
    import duckdb

    from flows.explain import explain as explained
    from flows.names import UnknownRun, find
    from flows.places import Places
    from warehouse.archive import Archive

    settings = settings_or_exit()
    with reader(version, as_of) as con:
        try:
            run_id = find(con, run)
            stand = rows(con, "select version, as_of_on from versions order by version desc limit 1")[0]
            answer = explained(con, run_id, Places(con, Archive(settings.archive_dir))) | {"version": stand}
        except UnknownRun as error:
            fail(error)
        except (duckdb.CatalogException, duckdb.BinderException):
            fail("that version was made by an older program; `aicompute run` makes a new one")
    _tell(answer, as_json)


def _tell(answer: dict, as_json: bool) -> None:
    """Print an answer of `explain` or `estimate`."""
    from flows.answers import lines

    if as_json:
        print_json(answer)
        return
    for line in lines(answer):
        print(line)


def _number(text: str) -> float:
    from flows.estimate import number

    try:
        return number(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


def _figure(words: str) -> Any:
    return typer.Option(parser=_number, metavar="NUMBER", help=words)


@app.command()
def estimate(
    parameters: Annotated[float | None, _figure("Parameters: 7e9, 7B.")] = None,
    active_parameters: Annotated[float | None, _figure("Parameters used a token, of a mixture of experts.")] = None,
    tokens: Annotated[float | None, _figure("Tokens seen in training; with --epochs those of the dataset.")] = None,
    examples: Annotated[float | None, _figure("Examples seen; with --epochs those of the dataset.")] = None,
    forward_flop: Annotated[float | None, _figure("Operations of a forward pass over one example.")] = None,
    epochs: Annotated[float | None, _figure("Passes over the dataset.")] = None,
    chip: Annotated[str, typer.Option(help="Kind of chip, by id or name.")] = "",
    chips: Annotated[float | None, _figure("Chips at work at the same time.")] = None,
    hours: Annotated[float | None, _figure("Length of the run in hours.")] = None,
    chip_hours: Annotated[float | None, _figure("Chips times hours.")] = None,
    number_format: Annotated[str, typer.Option(help="Number format of the multiplications: bf16, fp8 ….")] = "",
    utilisation: Annotated[float | None, _figure("Share of the peak that was used: 0.4, 40%.")] = None,
    date: Annotated[str, typer.Option(metavar="DATE", help="Day of publication, for prices; else today.")] = "",
    domain: Annotated[str, typer.Option(help="Domain, as language.")] = "",
    base_compute: Annotated[float | None, _figure("FLOP of the base model under a fine-tune.")] = None,
    network_kind: Annotated[str, typer.Option(help="dense, mixture of experts, frozen base ….")] = "",
    profile: Annotated[str, typer.Option(help="Profile of assumptions; default AICOMPUTE_PROFILE.")] = "",
    as_json: Json = False,
) -> None:
    """Training compute, cost and energy of a run that is in no table, from what is known of it."""
    options = {name: value for name, value in locals().items() if name not in ("as_json", "profile")}
    _tell(_estimated({name: value for name, value in options.items() if value not in (None, "")}, profile), as_json)


def _estimated(options: dict[str, Any], profile: str) -> Any:
    from flows.estimate import UnknownChip, stated_by
    from flows.estimate import estimate as estimated
    from warehouse.archive import Archive
    from warehouse.derive import DataError

    settings = settings_or_exit()
    archive, profile = Archive(settings.archive_dir), profile or settings.profile
    try:
        return estimated(stated_by(options), settings.latest, archive, profile)
    except UnknownChip as error:
        return fail(error)
    except (ValueError, DataError) as error:
        raise typer.BadParameter(str(error)) from error


@app.command()
def reproduce(
    sevilla: Annotated[
        str, typer.Option(metavar="DIR", help="Saved points of Sevilla et al. 2022, to check their own fits on.")
    ] = "",
    as_json: Json = False,
) -> None:
    """What others published and what the essay says, each beside this version's figure, with a computed verdict."""
    import duckdb

    from flows import reproduce as published

    with reader() as con:
        try:
            version = rows(con, "select version, as_of_on from versions order by version desc limit 1")[0]
            points = published.sevilla_points(Path(sevilla)) if sevilla else None
            found, said = published.results(con, points), published.sentences(con)
        except published.PointsFault as error:
            raise typer.BadParameter(str(error), param_hint="--sevilla") from error
        except (duckdb.CatalogException, duckdb.BinderException):
            fail("the newest version was made by an older program; `aicompute run` makes a new one")
    counts = published.counts(found)
    if as_json:
        print_json(version | {"claims": counts, "published_results": found, "essay_claims": said})
        return
    _print_reproduced(version, counts, published.result_lines(found), published.sentence_lines(said))


def _print_reproduced(version: dict, counts: dict[str, int], found: list[dict], said: list[dict]) -> None:
    from rich.console import Console

    console = Console() if sys.stdout.isatty() else Console(width=200)
    print_table(console, "What others published", found)
    print_table(console, "What the essay says", said)
    told = ", ".join(f"{number} {verdict}" for verdict, number in counts.items())
    print(f"version {version['version']}, as of {version['as_of_on']}: {told} of {sum(counts.values())} claims")


@app.command()
def shell(version: Number = None, as_of: AsOf = "") -> None:
    """Ask query after query, read-only; an empty line or Ctrl-D ends."""
    from contextlib import suppress

    import duckdb

    from warehouse.reader import Refused, ask

    with suppress(ImportError):
        import readline  # noqa: F401  (input() then has history and editing)
    with reader(version, as_of) as con:
        print("read-only; end a query with Enter, leave with an empty line", file=sys.stderr)
        while True:
            try:
                line = input("aicompute> ").strip()
            except EOFError:
                return
            if not line:
                return
            try:
                show(ask(con, line), False)
            except (duckdb.Error, Refused) as error:
                print(str(error).splitlines()[0], file=sys.stderr)


@app.command()
def tables(version: Number = None, as_of: AsOf = "", as_json: Json = False) -> None:
    """The public tables: what each is, and how many rows it has."""
    with reader(version, as_of) as con:
        found = rows(
            con,
            """select schema_name || '.' || table_name as table_name, estimated_size as rows, comment as meaning
            from duckdb_tables() where not internal
            order by list_position(['trends', 'compute', 'clean', 'assumptions', 'raw', 'main'], schema_name), table_name""",
        )
    show(found, as_json)


@app.command()
def describe(
    table: Annotated[str, typer.Argument(help="Schema and table, as compute.training_runs.")],
    version: Number = None,
    as_of: AsOf = "",
    as_json: Json = False,
) -> None:
    """The columns of a table: type and meaning with unit."""
    schema, _, name = table.rpartition(".")
    with reader(version, as_of) as con:
        found = rows(
            con,
            "select column_name, data_type, comment as meaning from duckdb_columns()"
            " where schema_name = ? and table_name = ? order by column_index",
            [schema or "main", name],
        )
    if not found:
        fail(f"no table {table!r}; `aicompute tables` lists them")
    show(found, as_json)


@app.command()
def versions(as_json: Json = False) -> None:
    """Every published version."""
    with reader() as con:
        found = rows(
            con,
            "select version, published_at, as_of_on, json_extract_string(manifest, '$.profile') as profile, code_version,"
            " message from versions order by version",
        )
    show(found, as_json)


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
def diff(
    from_version: Annotated[int, typer.Argument(metavar="A", help="A version.")],
    version: Annotated[int, typer.Argument(metavar="B", help="The version to compare it with.")],
    table: Annotated[str, typer.Option(help="One table only, as clean.run_facts; any table of a version.")] = "",
    limit: Annotated[int, typer.Option(help="Changes printed; 0 is all. JSON has all.", min=0)] = 40,
    as_json: Json = False,
) -> None:
    """What changed from version A to B: totals, why the headline trends moved, and each change, worst first."""
    from flows.history import UnknownVersion, difference, plain
    from warehouse.derive import DataError
    from warehouse.lake import LakeError

    try:
        found = difference(settings_or_exit(), from_version, version, table)
    except (UnknownVersion, DataError, LakeError) as error:
        fail(error)
    if as_json:
        print_json(plain(found))
        return
    _print_difference(found, limit, table)


def _print_difference(found: Any, limit: int, table: str) -> None:
    from rich.console import Console

    from flows.history import document_lines, lines, moves, total_lines

    console = Console() if sys.stdout.isatty() else Console(width=200)
    for line in [*total_lines(found), *found.notices]:
        print(line)
    if not table:
        print_table(console, "Why the headline trends moved (orders of magnitude a year)", moves(found))
    rows = found.cells if found.cells else lines(found, limit)
    print_table(console, "Changes, worst first", rows[: limit or None])
    hidden = len(found.cells or found.revisions) - len(rows[: limit or None])
    if hidden:
        print(f"… and {hidden:,} more; --limit 0 prints all, --json all there is to know of each")
    for line in document_lines(found):
        print(line)


@app.command()
def report(
    out: Annotated[
        str, typer.Option("--out", metavar="FILE", help="Write it there instead; - is standard output.")
    ] = "",
    version: Number = None,
    as_of: AsOf = "",
) -> None:
    """A version as one page that needs no network: says where its release has it, or writes it."""
    import duckdb

    from warehouse.page import build

    settings = settings_or_exit()
    with reader(version, as_of) as con:
        if out:
            try:
                page = build.page(con)
            except (duckdb.CatalogException, duckdb.BinderException):
                fail("that version was made by an older program, and today's page cannot be made of it")
            print(page, end="") if out == "-" else Path(out).write_text(page, encoding="utf-8")
        else:
            number = rows(con, "select max(version) as version from versions")[0]["version"]
            folder = settings.releases_dir / str(number) if version is not None or as_of else settings.latest
            if not (folder / "index.html").exists():
                fail("there is no page of that version among the releases; --out FILE writes one")
            out = str(folder / "index.html")
    if out != "-":
        print(out)


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


warehouse_commands = typer.Typer(no_args_is_help=True, help="Care of the warehouse itself.")
app.add_typer(warehouse_commands, name="warehouse")


@warehouse_commands.callback()
def _care() -> None:
    """Care of the warehouse itself."""


@warehouse_commands.command()
def move(
    postgres: Annotated[str, typer.Argument(metavar="POSTGRES", help="postgresql://user@host/database, or keywords.")],
    data: Annotated[
        str, typer.Option(metavar="PATH", help="Folder or s3://bucket/prefix the data files are copied to.")
    ] = "",
) -> None:
    """Copy the catalogue from SQLite to an empty PostgreSQL database, with every version."""
    settings = settings_or_exit()
    import duckdb

    from warehouse import catalogue, lake
    from warehouse.move import move as moved

    settings = settings_or_exit()
    try:
        place, database = settings.lake, catalogue.postgres(postgres)
        source = lake.Lake(place.folder, None, place.store)
        target = lake.Lake(place.folder, database, settings.store(data) or place.store)
        # The target's lock is every machine's, so its own file lock is not needed.
        with lake.writer(source), lake.connected(target) as con, catalogue.held(con, database):
            made = moved(source, target, lambda words: print(words, file=sys.stderr))
    except (lake.LakeError, duckdb.Error, OSError) as error:
        fail(error)
    count = f"{len(made)} version{'' if len(made) == 1 else 's'}"
    print(f"{count} moved, each table of each read and found equal; {source.file} is as it was. Now set")
    print(f"AICOMPUTE_CATALOGUE='{database.words}'{' with the password' if database.password else ''}")
    if data:
        print(f"AICOMPUTE_LAKE_DATA={target.data.rstrip('/')}")


@contextmanager
def reader(version: int | None = None, as_of: str = "", refused: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to a version, else the newest, that cannot write, read other files, or load extensions.

    With `refused` it is to what the gate refused last.
    """
    import duckdb

    from warehouse import reader as reading
    from warehouse import release
    from warehouse.lake import LakeError

    settings = settings_or_exit()
    if (version is not None) + bool(as_of) + refused > 1:
        raise typer.BadParameter("give one of --version, --as-of and --refused")
    try:
        day = _date(as_of)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    folder = settings.refused if refused else settings.latest
    with ExitStack() as stack:
        try:
            if version is None and day is None:
                con: AbstractContextManager = release.reader(folder)
            else:
                wanted = reading.chosen(reading.known(settings.lake, settings.latest), version, day)
                con = reading.at(settings.lake, settings.releases_dir, wanted)
            opened = stack.enter_context(con)
        except FileNotFoundError as error:
            fail("no version is refused, or its inputs were accepted since" if refused else error)
        except (OSError, LakeError, reading.Unknown) as error:
            fail(error)
        except duckdb.Error as error:
            words = str(error).splitlines()[0]
            fail(f"{folder.resolve()}: the release is damaged; `aicompute release N` makes it again ({words})")
        yield opened


def rows(con: duckdb.DuckDBPyConnection, sql: str, values: list | None = None) -> list[dict]:
    """A query's answer as one dict a row."""
    from warehouse import release

    return release.rows(con, sql, values)


def show(found: list[dict], as_json: bool) -> None:
    """Print rows as JSON (a list of objects) or as a table."""
    if as_json:
        print_json(found)
        return
    from rich.console import Console

    console = Console() if sys.stdout.isatty() else Console(width=200)
    print_table(console, "", found)
    print(f"{len(found)} row{'' if len(found) == 1 else 's'}")


def print_table(console: Any, title: str, found: list[dict]) -> None:
    """One rich table; numbers to four figures, the rest as it stands."""
    from rich.table import Table
    from rich.text import Text

    if not found:
        return
    table = Table(title=title or None, title_justify="left", header_style="bold")
    for name, value in found[0].items():
        table.add_column(name, justify="right" if isinstance(value, (int, float)) else "left", overflow="fold")
    for row in found:
        table.add_row(*(Text(cell(value)) for value in row.values()))
    console.print(table)


def cell(value: Any) -> str:
    """A value for people: floats to four significant figures, absent as nothing."""
    if value is None:
        return ""
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def print_json(value: Any) -> None:
    """JSON on standard output; dates as ISO text, what is no number as null."""

    def plain(item: Any) -> Any:
        if isinstance(item, dict):
            return {key: plain(inner) for key, inner in item.items()}
        if isinstance(item, (list, tuple)):
            return [plain(inner) for inner in item]
        if isinstance(item, (dt.date, dt.datetime)):
            return item.isoformat()
        if isinstance(item, float) and (item != item or item in (float("inf"), float("-inf"))):
            return None
        return item if item is None or isinstance(item, (str, int, float, bool)) else str(item)

    print(json.dumps(plain(value), ensure_ascii=False, indent=1))


def fail(error: object) -> Any:
    """Say what went wrong in one sentence on standard error and end with exit code 1."""
    print(f"aicompute: {error}", file=sys.stderr)
    raise typer.Exit(1)


import flows.cli_versions  # noqa: E402, F401  (its commands are registered here)
