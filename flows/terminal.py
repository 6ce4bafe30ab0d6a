"""What all commands share: the app they belong to, its options, settings, an opened version, and how answers are printed."""

from __future__ import annotations

import datetime as dt
import json
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

if TYPE_CHECKING:
    from pathlib import Path

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
        day = date_of(as_of)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    folder = settings.refused if refused else settings.latest
    with ExitStack() as stack:
        try:
            if version is None and day is None:
                con: AbstractContextManager = release.reader(folder)
            else:
                wanted = reading.chosen(reading.known(settings.lake, settings.latest), version, day)
                folder = settings.releases_dir / str(wanted.version)
                con = reading.at(settings.lake, settings.releases_dir, wanted)
            opened = stack.enter_context(con)
        except FileNotFoundError as error:
            fail("no version is refused, or its inputs were accepted since" if refused else error)
        except (OSError, LakeError, reading.Unknown) as error:
            fail(error)
        except duckdb.Error as error:
            _fail_for_damage(folder, error)
        yield opened


def _fail_for_damage(folder: Path, error: Exception) -> NoReturn:
    """Say that the release of this folder is damaged, or where there is none, its version in the lake."""
    from warehouse.faults import first_line

    words = first_line(error)
    if folder.exists():
        fail(f"{folder.resolve()}: the release is damaged; `aicompute release N` makes it again ({words})")
    fail(f"version {folder.name} cannot be read from the lake; `aicompute verify {folder.name}` tells more ({words})")


def date_of(text: str) -> dt.date | None:
    """A day as ISO 8601 has it, or None for an empty text; raises ValueError for another one."""
    return dt.date.fromisoformat(text) if text else None


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


def fail(error: object) -> NoReturn:
    """Say what went wrong in one sentence on standard error and end with exit code 1."""
    print(f"aicompute: {error}", file=sys.stderr)
    raise typer.Exit(1)
