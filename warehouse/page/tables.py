"""What the page reads: one query a file in queries/, each over public tables alone."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import duckdb

QUERIES = Path(__file__).resolve().parent / "queries"


@cache
def _query(name: str) -> str:
    return (QUERIES / f"{name}.sql").read_text(encoding="utf-8")


class Tables:
    """Answers of the page's queries, each asked once."""

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self._con = con
        self._known: dict[str, list[dict]] = {}
        self.missing: set[str] = set()

    def rows(self, name: str) -> list[dict]:
        """A query's answer as one dict a row; empty, and its name in `missing`, where this version lacks a table it reads."""
        if name not in self._known:
            try:
                cursor = self._con.execute(_query(name))
            except (duckdb.CatalogException, duckdb.BinderException):
                self.missing.add(name)
                self._known[name] = []
            else:
                columns = [column for column, *_ in cursor.description or []]
                self._known[name] = [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]
        return self._known[name]

    def first(self, name: str) -> dict:
        """The first row of an answer; an empty dict without one."""
        found = self.rows(name)
        return found[0] if found else {}
