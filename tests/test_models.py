"""Every table's example: rows given, rows expected, in tests/models/<schema>.<table>.yaml.

A case may go through steps on the way: tables that are worked out from the rows given before the case's own. Rows of the
version before are given as `earlier.<schema>.<table>`, those by today's code as `recast.<schema>.<table>`.
"""

import datetime as dt
import math
from pathlib import Path

import pytest
import yaml

from warehouse import derive

CASES = [
    pytest.param(path.stem, case, id=f"{path.stem}: {case['case']}")
    for path in sorted((Path(__file__).parent / "models").glob("*.yaml"))
    for case in yaml.safe_load(path.read_text(encoding="utf-8"))
]
QUERIES = {model.name: model.query for model in derive.models()}


@pytest.mark.parametrize(("name", "case"), CASES)
def test_model(empty, name, case):
    con = empty.cursor()
    past = [table for table in case["given"] if table.startswith(("earlier.", "recast."))]
    for table in past:  # a transaction writes to one database only
        _give(con, table, case["given"][table])
    con.execute("begin transaction")
    try:
        for table, rows in case["given"].items():
            if table not in past:
                _give(con, table, rows)
        for step in _steps(case):
            con.execute(f"insert into {step} {QUERIES[step]}")
        cursor = con.execute(QUERIES[name])
        names = [column[0] for column in cursor.description]
        found = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    finally:
        con.execute("rollback")
        for table in past:
            con.execute(f"delete from {table}")
    expected = case["expect"]
    assert len(found) == len(expected), found
    for row, wanted in zip(found, expected, strict=True):
        for column, value in wanted.items():
            assert _same(row[column], value), f"{column}: {row[column]!r}, expected {value!r}, in {row}"


def _give(con, table: str, rows: list[dict]) -> None:
    con.execute(f"delete from {table}")
    for row in rows:
        columns = ", ".join(row)
        con.execute(f"insert into {table} ({columns}) values ({', '.join('?' * len(row))})", list(row.values()))


def _steps(case: dict) -> list[str]:
    through = case.get("through", [])
    return [through] if isinstance(through, str) else through


def _same(found, wanted) -> bool:
    if isinstance(wanted, str) and isinstance(found, dt.date):
        return found.isoformat() == wanted
    if isinstance(found, float) and isinstance(wanted, str):
        wanted = float(wanted)  # YAML reads 1e9 as words
    if isinstance(wanted, (int, float)) and not isinstance(wanted, bool) and found is not None:
        return math.isclose(found, wanted, rel_tol=1e-9)
    return found == wanted
