"""The commands that answer: query, shell, tables, describe, versions, explain, estimate, reproduce, report."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from flows.terminal import AsOf, Json, Number, app, fail, print_json, print_table, reader, rows, settings_or_exit, show

MADE_BEFORE = "that version was made by an older program and lacks tables this needs; `aicompute run` makes a new one"


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

    from warehouse.faults import first_line
    from warehouse.reader import Refused, ask

    if not sql.strip(" ;\n"):
        raise typer.BadParameter("the query is empty")
    with reader(version, as_of, refused) as con:
        try:
            found = ask(con, sql)
        except (duckdb.Error, Refused) as error:
            fail(first_line(error))
    show(found, as_json)


@app.command()
def shell(version: Number = None, as_of: AsOf = "") -> None:
    """Ask query after query, read-only; an empty line or Ctrl-D ends."""
    from contextlib import suppress

    import duckdb

    from warehouse.faults import first_line
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
                print(first_line(error), file=sys.stderr)


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
            fail(MADE_BEFORE)
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
    version: Number = None,
    as_of: AsOf = "",
    as_json: Json = False,
) -> None:
    """What others published and what the essay says, each beside this version's figure, with a computed verdict."""
    import duckdb

    from flows import reproduce as published

    with reader(version, as_of) as con:
        try:
            made = rows(con, "select version, as_of_on from versions order by version desc limit 1")[0]
            points = published.sevilla_points(Path(sevilla)) if sevilla else None
            found, said = published.results(con, points), published.sentences(con)
        except published.PointsFault as error:
            raise typer.BadParameter(str(error), param_hint="--sevilla") from error
        except (duckdb.CatalogException, duckdb.BinderException):
            fail(MADE_BEFORE)
    counts = published.counts(found)
    if as_json:
        print_json(made | {"claims": counts, "published_results": found, "essay_claims": said})
        return
    _print_reproduced(made, counts, published.result_lines(found), published.sentence_lines(said))


def _print_reproduced(version: dict, counts: dict[str, int], found: list[dict], said: list[dict]) -> None:
    from rich.console import Console

    console = Console() if sys.stdout.isatty() else Console(width=200)
    print_table(console, "What others published", found)
    print_table(console, "What the essay says", said)
    told = ", ".join(f"{number} {verdict}" for verdict, number in counts.items())
    print(f"version {version['version']}, as of {version['as_of_on']}: {told} of {sum(counts.values())} claims")


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
