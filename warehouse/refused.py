"""The newest version that the gate refused: its tables in one DuckDB file beside the lake, to be looked at, never released."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb

from schemas.books import TABLES as BOOKS
from schemas.columns import COLUMNS
from schemas.contract import Table
from warehouse import lake
from warehouse.lake import quoted

FILE = "aicompute.duckdb"


def keep(
    con: duckdb.DuckDBPyConnection,
    folder: Path,
    tables: Mapping[str, Table],
    comments: Mapping[str, tuple[str, dict[str, str]]],
    about: Mapping[str, object],
    judged: Sequence[Mapping[str, object]],
) -> None:
    """Write the tables of `con`, what the gate found of them and one row of `versions`, in place of what was refused before.

    `about` has the version it would have been and what `lake.commit` is told of one. Written whole, then renamed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    partial = folder / f"{FILE}.partial"
    for left in folder.glob(f"{partial.name}*"):  # by a killed run, its write-ahead log too
        left.unlink()
    con.execute(f"attach '{quoted(partial)}' as refused (block_size 16384)")
    try:
        con.execute("begin")
        for name, shape in tables.items():
            lake.copy_table(con, name, "refused", name, shape, comments[name])
        for book in ("versions", "gate_results"):
            columns = ", ".join(f"{column} {COLUMNS[column].type}" for column in BOOKS[book].columns)
            con.execute(f"create table refused.main.{book} ({columns})")
        row = {
            **about,
            "published_at": dt.datetime.now(dt.UTC).replace(tzinfo=None),
            "message": f"refused: {about['message']}",
        }
        marks = ", ".join("?" * len(row))
        con.execute(f"insert into refused.main.versions ({', '.join(row)}) values ({marks})", list(row.values()))
        lake.write_judged(con, "refused", int(str(about["version"])), judged)
        con.execute("commit")
    except BaseException:
        con.execute("rollback")
        raise
    finally:
        con.execute("detach refused")
    partial.chmod(0o444)
    partial.replace(folder / FILE)


def judged(folder: Path, about: Mapping[str, object]) -> list[dict]:
    """What the gate found of a version of which all that `about` names is equal; nothing where another was refused, or none."""
    columns = [column for column in BOOKS["gate_results"].columns if column != "version"]
    file = folder / FILE
    if not file.exists():
        return []
    same = " and ".join(f"{column} = ?" for column in about)
    try:
        with duckdb.connect(str(file), read_only=True) as con:
            rows = con.execute(
                f"select {', '.join(columns)} from gate_results"
                f" where exists (select 1 from versions where {same})"
                " order by measure, table_name, column_name, measured_of, bound_kind",
                list(about.values()),
            ).fetchall()
    except duckdb.Error:
        return []  # of an older program, or damaged: it is judged again
    return [dict(zip(columns, row, strict=True)) for row in rows]


def forget(folder: Path, manifest: str) -> None:
    """Remove what was refused of the inputs that are now accepted."""
    if judged(folder, {"manifest": manifest}):
        for file in folder.glob(f"{FILE}*"):
            file.unlink()
        folder.rmdir()
