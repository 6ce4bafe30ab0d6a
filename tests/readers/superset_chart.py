"""Apache Superset on a release: database, dataset and chart made over its REST API, the chart asked; prints JSON.

Arguments: the database's address as Superset takes it; the link in it that names a release; a release to move it to.
"""

import http.cookiejar
import json
import os
import secrets
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

CONFIG = """\
SECRET_KEY = "{secret}"
SQLALCHEMY_DATABASE_URI = "sqlite:///{home}/superset.db"
TALISMAN_ENABLED = False
RATELIMIT_ENABLED = False
"""
QUERY = {
    "columns": ["domain"],
    "metrics": [
        {
            "label": "largest_flop",
            "expressionType": "SIMPLE",
            "aggregate": "MAX",
            "column": {"column_name": "training_compute_flop"},
        },
        {"label": "runs", "expressionType": "SQL", "sqlExpression": "count(*)"},
    ],
    "filters": [
        {"col": "training_compute_flop", "op": "IS NOT NULL"},
        {"col": "published_on", "op": "TEMPORAL_RANGE", "val": "2012-01-01 : 2021-06-01"},
    ],
    "orderby": [["largest_flop", False], ["domain", True]],
    "row_limit": 50,
}
FORBIDDEN = (
    "create table compute.mine as select 1 as one",
    "delete from compute.training_runs",
    "select count(*) from read_csv('/etc/hostname')",
)


def served(home: Path, password: str) -> str:
    """Set Superset up in an empty folder by its own commands and serve it on a free port; returns its API's address."""
    (home / "superset_config.py").write_text(CONFIG.format(secret=secrets.token_hex(32), home=home), encoding="utf-8")
    os.environ["SUPERSET_CONFIG_PATH"] = str(home / "superset_config.py")
    os.environ["SUPERSET_HOME"] = str(home)
    from superset.app import create_app
    from superset.cli.main import superset
    from werkzeug.serving import make_server

    app = create_app()
    admin = ["--username", "admin", "--firstname", "A", "--lastname", "B", "--email", "a@b.c", "--password", password]
    for command in (["db", "upgrade"], ["fab", "create-admin", *admin], ["init"]):
        done = app.test_cli_runner().invoke(superset, command)
        if done.exit_code:
            raise RuntimeError(f"superset {command[0]}: {done.output} {done.exception}")
    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}/api/v1"


class Api:
    """Superset's REST API as its administrator uses it."""

    def __init__(self, address: str, password: str) -> None:
        self.address, self.headers = address, dict[str, str]()
        cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self.opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), cookies)
        login = {"username": "admin", "password": password, "provider": "db"}
        self.headers["Authorization"] = f"Bearer {self.call('/security/login', login)['access_token']}"
        self.headers["X-CSRFToken"] = self.call("/security/csrf_token/")["result"]

    def call(self, path: str, body: dict | None = None) -> dict:
        """The JSON answer to a GET or, with a body, a POST; raises RuntimeError with what Superset said."""
        data = None if body is None else json.dumps(body).encode()
        kind = {} if body is None else {"Content-Type": "application/json"}
        request = urllib.request.Request(self.address + path, data, self.headers | kind)
        try:
            with self.opener.open(request, timeout=120) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise RuntimeError(f"{path}: {error.code} {error.read().decode()[:2000]}") from error


def charted(api: Api, address: str) -> tuple[int, int, dict[str, str]]:
    """Make the database, a dataset of its runs and a chart; returns ids of database and chart, the dataset's columns."""
    database = api.call(
        "/database/",
        {"database_name": "aicompute", "sqlalchemy_uri": address, "expose_in_sqllab": True, "allow_dml": True},
    )["id"]
    dataset = api.call("/dataset/", {"database": database, "schema": "compute", "table_name": "training_runs"})["id"]
    columns = api.call(f"/dataset/{dataset}")["result"]["columns"]
    source = {"id": dataset, "type": "table"}
    context = {"datasource": source, "queries": [QUERY], "result_format": "json", "result_type": "full"}
    chart = api.call(
        "/chart/",
        {
            "slice_name": "The largest run of each domain",
            "viz_type": "table",
            "datasource_id": dataset,
            "datasource_type": "table",
            "params": json.dumps({"viz_type": "table", "datasource": f"{dataset}__table"}),
            "query_context": json.dumps(context),
        },
    )["id"]
    return database, chart, {column["column_name"]: column["type"] for column in columns}


def rows(api: Api, chart: int) -> list[dict]:
    """The rows a saved chart draws, asked again and not out of a cache."""
    (answer,) = api.call(f"/chart/{chart}/data/?force=true")["result"]
    return answer["data"]


def said(api: Api, database: int, sql: str) -> str:
    """What SQL Lab answers to a statement: `done`, or the words of the refusal."""
    try:
        api.call("/sqllab/execute/", {"database_id": database, "sql": sql, "schema": "compute", "runAsync": False})
    except RuntimeError as error:
        return str(error)
    return "done"


def main(address: str, latest: Path, other: Path) -> dict:
    """Columns and rows of the chart before and after `latest` moved, what SQL Lab refuses, and how long it all took."""
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as home:
        password = secrets.token_hex(16)
        api = Api(served(Path(home), password), password)
        ready = time.monotonic()
        database, chart, columns = charted(api, address)
        found = {"columns": columns, "before": rows(api, chart)}
        found["allowed"] = said(api, database, "select count(*) from compute.training_runs")
        found["forbidden"] = {sql: said(api, database, sql) for sql in FORBIDDEN}
        latest.unlink()
        latest.symlink_to(other)
        found["after"] = rows(api, chart)
        found["seconds"] = {"to set up": ready - begun, "to ask": time.monotonic() - ready}
    return found


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))))
