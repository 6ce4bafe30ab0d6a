"""The commands that compare and keep versions: diff, rollback, verify, rebuild, release, maintain, warehouse move."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from flows.terminal import Json, app, fail, print_json, print_table, settings_or_exit

if TYPE_CHECKING:
    from warehouse.maintain import Work
    from warehouse.verify import Findings

Which = Annotated[int, typer.Argument(metavar="N", help="A version, as `aicompute versions` numbers them.")]


def _plain_faults() -> tuple[type[Exception], ...]:
    """What cannot be done with a version, each told in a sentence."""
    from flows.keep import Refused
    from flows.rows import SchemaBreak
    from warehouse.derive import DataError
    from warehouse.lake import LakeError
    from warehouse.reader import Unknown

    return Refused, Unknown, LakeError, DataError, SchemaBreak, OSError, ValueError


def _log(settings: Any) -> Any:
    from flows.runlog import RunLog

    return RunLog(settings.log_file)


@app.command()
def diff(
    from_version: Annotated[int, typer.Argument(metavar="A", help="A version.")],
    version: Annotated[int, typer.Argument(metavar="B", help="The version to compare it with.")],
    table: Annotated[str, typer.Option(help="One table only, as clean.run_facts; any table of a version.")] = "",
    limit: Annotated[int, typer.Option(help="Changes printed; 0 is all. JSON has all.", min=0)] = 40,
    as_json: Json = False,
) -> None:
    """What changed from version A to B: totals, why the headline trends moved, and each change, worst first."""
    from flows.history import UnknownTable, difference, plain
    from warehouse.derive import DataError
    from warehouse.lake import LakeError
    from warehouse.reader import Unknown

    try:
        found = difference(settings_or_exit(), from_version, version, table)
    except (Unknown, UnknownTable, DataError, LakeError) as error:
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
def rollback(number: Which, as_json: Json = False) -> None:
    """Publish a new version equal to an older one; nothing that was published is rewritten."""
    from flows import keep

    settings = settings_or_exit()
    try:
        done = keep.rollback(settings, number, _log(settings))
    except _plain_faults() as error:
        fail(error)
    if as_json:
        about = {"version": done.version.version, "is_new": done.is_new, "equal_to": number, "notices": done.notices}
        print_json(about)
        return
    for notice in done.notices:
        print(f"note: {notice}")
    if done.is_new:
        print(f"published version {done.version.version}, equal to version {number}, as of {done.version.as_of_on}")
    else:
        print(f"nothing to do: version {done.version.version}, the newest, is equal to version {number}")


@app.command()
def verify(
    number: Annotated[int | None, typer.Argument(metavar="N", help="One version; default all of them.")] = None,
    as_json: Json = False,
) -> None:
    """Read everything again that is kept: data files, tables, archived documents, releases; exit code 1 for any fault."""
    from flows.publish import code_version
    from warehouse.archive import Archive
    from warehouse.verify import verify as verified

    settings = settings_or_exit()
    try:
        archive = Archive(settings.archive_dir)
        found = verified(settings.lake, archive, settings.releases_dir, number, code_version())
    except _plain_faults() as error:
        fail(error)
    _print_findings(found, as_json)
    if found.faults:
        raise typer.Exit(1)


def _print_findings(found: Findings, as_json: bool) -> None:
    from dataclasses import asdict

    from warehouse.verify import spans

    if as_json:
        print_json(asdict(found))
        return
    for fault in found.faults:
        print(f"fault: {fault}")
    for note in found.notes:
        print(f"note: {note}")
    print(
        f"versions {spans(found.versions)}: {found.tables} tables and {found.data_files} data files"
        f" ({found.bytes / 1e6:.1f} MB) read, {found.documents} archived documents, releases {spans(found.releases)}:"
        f" {len(found.faults) or 'no'} fault{'' if len(found.faults) == 1 else 's'}"
    )


@app.command()
def rebuild(number: Which, as_json: Json = False) -> None:
    """Make a version again from the archive alone and compare every table with the lake's; exit code 1 if any differs."""
    from flows import keep

    settings = settings_or_exit()
    try:
        done = keep.rebuild(settings, number, _log(settings))
    except _plain_faults() as error:
        fail(error)
    largest = max((table.largest for table in done.tables), default=0.0)
    rows, differing = sum(table.rows for table in done.tables), done.differing
    if as_json:
        told = {table.table: table.differences for table in differing}
        about = {"version": number, "tables": len(done.tables), "rows": rows, "largest_difference": largest}
        print_json({**about, "differences": told, "notices": done.notices})
    else:
        for table in differing:
            for line in table.differences:
                print(f"{table.table}: {line}")
        for notice in done.notices:
            print(f"note: {notice}")
        verdict = f"{len(differing)} tables differ" if differing else "identical"
        print(
            f"version {number} made again from the archive: {len(done.tables)} tables, {rows} rows compared, largest"
            f" difference of a number {largest:.1e} of its size: {verdict}"
        )
    if differing:
        raise typer.Exit(1)


@app.command()
def release(
    number: Which,
    unpin: Annotated[bool, typer.Option(help="Keep its folder no longer than any other.")] = False,
) -> None:
    """Make the folder of a version again where it is gone or damaged, and keep it; `latest` stays where it is."""
    from flows import keep

    settings = settings_or_exit()
    try:
        if unpin:
            was = keep.unpin(settings, number)
            print(f"version {number} is pinned no longer" if was else f"version {number} was not pinned")
            return
        folder, is_made = keep.release_again(settings, number, _log(settings))
    except _plain_faults() as error:
        fail(error)
    print(f"{folder} {'is made again' if is_made else 'is there, sound'}, and kept; --unpin lets it go")


@app.command()
def maintain(
    apply: Annotated[bool, typer.Option("--apply", help="Do it; without, only say what would be done.")] = False,
    as_json: Json = False,
) -> None:
    """Merge small files, drop snapshots no version needs, delete leftovers; every version is proved equal before and after."""
    from dataclasses import asdict

    from warehouse import lake
    from warehouse import maintain as maintaining

    settings = settings_or_exit()
    try:
        if not settings.lake.exists():
            raise lake.LakeError(f"no version is published in {settings.folder}; `aicompute run` makes one")
        with lake.writer(settings.lake):
            work = maintaining.apply(settings.lake) if apply else maintaining.plan(settings.lake)
    except _plain_faults() as error:
        fail(error)
    print_json(asdict(work)) if as_json else _print_work(work)


def _print_work(work: Work) -> None:
    done = work.is_applied
    files = sum(work.merge.values())
    print(f"{'merged' if done else 'may merge'} {files} files of {len(work.merge)} tables")
    ids = ", ".join(map(str, work.expire)) or "none"
    print(f"{'dropped' if done else 'drops'} snapshots that no version refers to: {ids}; a version is never dropped")
    print(
        f"{'deleted' if done else 'deletes'} {len(work.delete)} files that no version reads, {work.bytes / 1e6:.2f} MB"
    )
    if done:
        print(f"{work.tables} tables of {work.versions} versions hold what they held before")
    else:
        for path in work.delete[:20]:
            print(f"  {path}")
        print("nothing was changed; --apply does it")


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
