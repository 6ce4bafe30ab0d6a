"""The answer for a run that is in no table: the same SQL on one made-up run whose facts are what the asker states."""

from __future__ import annotations

import datetime as dt
import math
import re
import tempfile
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flows.explain import READS, explain
from flows.names import near_names
from flows.places import COMMAND_LINE, Places

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import duckdb

    from warehouse.archive import Archive
    from warehouse.derive import Model

RUN_ID, BASE_RUN_ID = "command-line", "command-line-base"
_SUFFIXES = {"": 0, "k": 3, "m": 6, "b": 9, "t": 12}
_NUMBER = re.compile(r"([0-9][0-9_,]*\.?[0-9]*|\.[0-9]+)(e[+-]?[0-9]{1,3})?\s*([kmbt]?)(%?)", re.IGNORECASE)
# Tables with a row a run (or paper): they hold the made-up run alone. All others are the newest version's.
_EMPTY = ("clean.papers", "clean.paper_keys", "clean.run_aliases")
_STATED = ("clean.run_facts", "clean.known_runs")


class UnknownChip(Exception):
    """No chip answers to a name; the message proposes names."""


@dataclass(frozen=True)
class Stated:
    """One thing the asker states of the run: its quantity, the option, the words, and the number where it is one."""

    quantity: str
    option: str
    words: str
    value: float | None = None


def number(text: str) -> float:
    """A number as people write it: 7e9, 7B, 1.5T, 300_000, 1,000, 40%. Raises ValueError with one sentence."""
    match = _NUMBER.fullmatch(text.strip())
    try:
        if match is None:
            raise ValueError
        digits, power, suffix, percent = match.groups()
        exact = Decimal(digits.replace(",", "").replace("_", "") + (power or "")).scaleb(_SUFFIXES[suffix.lower()])
        value = float(exact.scaleb(-2) if percent else exact)
    except (ValueError, InvalidOperation):
        raise ValueError(f"{text!r} is no number; as 7e9, 7B, 1.5T or 40%") from None
    if not 0 < value < float("inf"):
        raise ValueError(f"{text!r}: a number above zero was expected")
    return value


def stated_by(options: Mapping[str, Any]) -> list[Stated]:
    """What the options of the command line state, one fact each; raises ValueError for one that can't be.

    Tokens and examples are what the run saw, with epochs what the dataset holds. Without a date it is today.
    """
    from schemas.columns import FORMATS, NETWORK_KINDS, QUANTITIES

    if not set(options) - {"date", "domain"}:
        raise ValueError(
            "nothing is stated of the run; as --parameters 7B --tokens 2T, or --chip H100 --chips 512 --hours 300"
        )
    quantities: dict[str, str] = {
        "tokens": "dataset_tokens" if "epochs" in options else "tokens_seen",
        "examples": "dataset_examples" if "epochs" in options else "examples_seen",
        "forward_flop": "forward_flop_per_example",
        "chip": "training_hardware",
        "hours": "training_hours",
        "date": "published_on",
    }
    found = []
    today: dict[str, Any] = {"date": f"{dt.datetime.now(dt.UTC):%Y-%m-%d}"}
    for name, value in (today | dict(options)).items():
        option = "--" + name.replace("_", "-") if name in options else "today"
        quantity = quantities.get(name, name)
        if isinstance(value, str):
            words = value.strip().lower() if name in ("number_format", "network_kind") else value.strip()
            found.append(Stated(quantity, option, words))
            continue
        most = QUANTITIES[quantity].maximum if quantity in QUANTITIES else None
        if most is not None and value > most:
            raise ValueError(f"{option} is {value:g}; at most {most:g} was expected")
        found.append(Stated(quantity, option, repr(value), value))
    _check_day(next(fact.words for fact in found if fact.quantity == "published_on"))
    _check_together(options)
    for name, allowed in (("number_format", FORMATS), ("network_kind", NETWORK_KINDS)):
        if str(options.get(name, allowed[0])).strip().lower() not in allowed:
            option = "--" + name.replace("_", "-")
            raise ValueError(f"{option} is {options[name]!r}; one of {', '.join(allowed)} was expected")
    return found


def _check_together(options: Mapping[str, Any]) -> None:
    """Raises ValueError where what is stated of parameters, or of chips and time, contradicts itself."""
    active, whole = options.get("active_parameters"), options.get("parameters")
    if active and whole and active > whole:
        raise ValueError(f"--active-parameters is {active:g}; at most --parameters, {whole:g}, was expected")
    chips, hours, chip_hours = (options.get(name) for name in ("chips", "hours", "chip_hours"))
    if chips and hours and chip_hours and not math.isclose(chips * hours, chip_hours):
        product = f"--chips times --hours is {chips * hours:g}"
        raise ValueError(f"--chip-hours is {chip_hours:g}, but {product}; leave out the one that is not sure")


def _check_day(text: str) -> None:
    try:
        dt.date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"--date is {text!r}; a day as 2024-05-31 was expected") from None


def estimate(stated: Iterable[Stated], latest: Path, archive: Archive | None, profile: str = "") -> dict[str, Any]:
    """The answer of `explain.py` for a run that is nothing but what is stated.

    Chips and prices are those of the newest version, without one those of the curated facts. `profile` names
    the assumptions, else those in force. Raises UnknownChip, and DataError for a profile there is none of.
    """
    import duckdb

    from warehouse import derive as sql

    in_force = sql.profile_in_force(profile)
    known = {model.name: model for model in sql.models()}
    with duckdb.connect() as con:
        con.execute("set threads = 1")  # a second one costs more than it brings on a single run
        con.execute((sql.SQL_FOLDER / "formulas.sql").read_text(encoding="utf-8"))
        for layer in sql.MODEL_LAYERS:
            con.execute(f"create schema if not exists {layer}")
        wanted = _with_what_they_read(known, [name for name in READS if name.startswith("compute.")])
        read = {*READS, *(table for model in wanted for table in model.reads), "clean.runs"}
        read |= set(known["clean.runs"].reads)
        _assume(con, read)
        con.execute("update assumptions.profiles set is_in_force = (profile = ?)", [in_force])
        version = _take_over(con, known, _of_chips(read), latest)
        _state(con, list(stated))
        for model in (known["clean.runs"], *wanted):
            con.execute(f"create or replace table {model.name} as {model.query}")
        _know_the_chip(con)
        answer = explain(con, RUN_ID, Places(con, archive)) | {"version": version}
    # Nobody but the asker can state anything of this run.
    answer["missing_methods"] = [row for row in answer["missing_methods"] if row["method"] != "reported"]
    return answer


def _assume(con: duckdb.DuckDBPyConnection, read: Iterable[str]) -> None:
    """The assumption tables among these, by DuckDB alone: to check them anew takes as long as all the rest."""
    from schemas.columns import COLUMNS
    from schemas.tables import all_tables
    from warehouse.derive import SQL_FOLDER

    con.execute("create schema if not exists assumptions")
    for name in sorted(table for table in read if table.startswith("assumptions.")):
        file = SQL_FOLDER / "assumptions" / f"{name.removeprefix('assumptions.')}.csv"
        cells = ", ".join(f"nullif({c}, '')::{COLUMNS[c].type} as {c}" for c in all_tables()[name].columns)
        con.execute(
            f"create table {name} as select {cells} from read_csv(?, header = true, all_varchar = true)", [str(file)]
        )


def _with_what_they_read(known: Mapping[str, Model], names: Iterable[str], layer: str = "compute") -> list[Model]:
    """Models of one layer and all they read of it, each after what it reads; `known` is in such an order."""
    wanted: set[str] = set()
    todo = list(names)
    while todo:
        name = todo.pop()
        if name in known and name.startswith(f"{layer}.") and name not in wanted:
            wanted.add(name)
            todo += known[name].reads
    return [model for name, model in known.items() if name in wanted]


def _of_chips(read: Iterable[str]) -> list[str]:
    """The clean and raw tables among these that say nothing of runs."""
    of_runs = {*_EMPTY, *_STATED, "clean.runs"}
    return sorted(name for name in read if name.startswith(("clean.", "raw.")) and name not in of_runs)


def _take_over(
    con: duckdb.DuckDBPyConnection, known: Mapping[str, Model], names: list[str], latest: Path
) -> dict[str, Any] | None:
    """The tables on chips, prices and documents of the newest version, and which that is; else made from curated facts."""
    import duckdb

    from schemas.tables import all_tables
    from warehouse.lake import quoted
    from warehouse.release import rows

    file = latest.resolve() / "aicompute.duckdb"
    con.execute("create schema if not exists raw")
    if file.exists():
        con.execute(f"attach '{quoted(file)}' as published (read_only)")
        try:
            for name in names:
                columns = ", ".join(all_tables()[name].columns)
                con.execute(f"create or replace table {name} as select {columns} from published.{name}")
            return rows(con, "select version, as_of_on from published.versions order by version desc limit 1")[0]
        except (duckdb.BinderException, duckdb.CatalogException):
            pass  # made by other code than this: it lacks a table or column
    _from_curated(con, known, names)
    return None


def _from_curated(con: duckdb.DuckDBPyConnection, known: Mapping[str, Model], names: list[str]) -> None:
    """The same tables from the curated facts alone, read in a folder that is gone afterwards."""
    from flows.collect import Request, collect
    from flows.runlog import RunLog
    from flows.settings import Settings
    from warehouse import derive as sql

    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data_dir=Path(folder))
        sql.load_raw(con, collect(settings, Request(("curated",)), RunLog(settings.log_file)).frames)
    made = _with_what_they_read(known, names, "clean")
    there = con.execute("select schema_name || '.' || table_name from duckdb_tables()").fetchall()
    _assume(con, {table for model in made for table in model.reads} - {name for (name,) in there})
    for model in made:
        con.execute(f"create or replace table {model.name} as {model.query}")


def _state(con: duckdb.DuckDBPyConnection, facts: list[Stated]) -> None:
    """The tables of the run: what is stated of it, and of its base model where its compute is given."""
    own = [(RUN_ID, fact) for fact in facts if fact.quantity != "base_compute"]
    names = {RUN_ID: "A run given on the command line"}
    for fact in (fact for fact in facts if fact.quantity == "base_compute"):
        names[BASE_RUN_ID] = f"given with {fact.option}"
        own.append((RUN_ID, Stated("base_run_name", fact.option, BASE_RUN_ID)))
        own.append((BASE_RUN_ID, Stated("training_compute_flop", fact.option, fact.words, fact.value)))
    own += [(run_id, Stated("run_name", "", name)) for run_id, name in names.items()]
    at = {"source": COMMAND_LINE, "document_id": COMMAND_LINE}
    listed = [at | {"row_number": n, "run_id": i, "run_name": name} for n, (i, name) in enumerate(names.items(), 1)]
    stated = [_fact(n, run_id, fact) | at for n, (run_id, fact) in enumerate(own, 1)]
    for name in _EMPTY:
        _table(con, name, [])
    _table(con, "clean.known_runs", listed)
    _table(con, "clean.run_facts", stated)


def _table(con: duckdb.DuckDBPyConnection, name: str, made: list[dict[str, Any]]) -> None:
    """One table of the contract's columns with the rows given; a column a row lacks is null."""
    from schemas.columns import COLUMNS
    from schemas.tables import all_tables

    columns = all_tables()[name].columns
    shape = ", ".join(f"{column} {COLUMNS[column].type}" for column in columns)
    con.execute(f"create or replace table {name} ({shape})")
    for row in made:
        marks = ", ".join("?" for _ in columns)
        con.execute(f"insert into {name} values ({marks})", [row.get(column) for column in columns])


def _fact(row_number: int, run_id: str, fact: Stated) -> dict[str, Any]:
    from schemas.columns import QUANTITIES

    return {
        "run_id": run_id,
        "quantity": fact.quantity,
        "value": fact.value,
        "value_text": fact.words,
        "unit": QUANTITIES[fact.quantity].unit or None,
        "row_number": row_number,
        "column_name": fact.option,
        "how": COMMAND_LINE,
        "as_of_on": dt.datetime.now(dt.UTC).date(),
    }


def _know_the_chip(con: duckdb.DuckDBPyConnection) -> None:
    """Raises UnknownChip where the hardware stated is matched to no chip."""
    from warehouse.release import rows

    unmatched = rows(con, "from compute.run_chips where run_id = ? and chip_id is null", [RUN_ID])
    if not unmatched:
        return
    asked = str(unmatched[0]["hardware_name"])
    called = {}
    for row in rows(
        con, "select chip_id, chip_id as called from clean.chips union select chip_id, chip_name from clean.chips"
    ):
        called[str(row["called"]).casefold()] = row["chip_id"]
    proposed = list(dict.fromkeys(called[name] for name in near_names(asked, list(called))))[:6]
    hint = f"; did you mean {', '.join(proposed)}?" if proposed else "; `select chip_id from clean.chips` lists them"
    why = unmatched[0].get("unmatched_reason")
    raise UnknownChip(f"no chip called {asked[:60]!r}{f' ({why})' if why and why != 'no such chip' else ''}{hint}")
