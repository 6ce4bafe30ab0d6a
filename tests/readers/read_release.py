"""What any reader can do: open a release with plain DuckDB, read every table whole, answer a query; prints JSON."""

import json
import sys
import tempfile

import duckdb


def read(path: str, query: str) -> dict:
    """DuckDB's version, rows and comment of each table, how many cells are filled, the query's answer, extensions fetched."""
    with tempfile.TemporaryDirectory() as empty:
        con = duckdb.connect(path, read_only=True)
        con.execute(f"set extension_directory = '{empty}'")
        con.execute("set autoinstall_known_extensions = false")
        con.execute("set autoload_known_extensions = false")
        tables = {}
        for schema, table, comment in con.execute(
            "select schema_name, table_name, comment from duckdb_tables() order by all"
        ).fetchall():
            name = f'{schema}."{table}"'
            cells = con.execute(f"select count(*), count(columns(*)) from {name}").fetchone()
            tables[f"{schema}.{table}"] = [cells[0], sum(cells[1:]), comment]
        answer = con.execute(query).fetchall() if query else []
        con.close()
    return {"duckdb": duckdb.__version__, "tables": tables, "answer": [[str(cell) for cell in row] for row in answer]}


if __name__ == "__main__":
    print(json.dumps(read(sys.argv[1], sys.stdin.read())))
