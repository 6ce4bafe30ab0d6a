"""A release's tables as one page that needs nothing else: no network, no file beside it; the same bytes for the same tables."""

from __future__ import annotations

import base64
import datetime as dt
import gzip
import hashlib
import json
import math
from functools import cache
from html import escape
from pathlib import Path
from string import Template
from typing import Any

import duckdb

from warehouse.page import sections
from warehouse.page.tables import Tables

FOLDER = Path(__file__).resolve().parent
# Vega's licence asks that its notice goes with it.
NOTICE = (
    "/*! Vega, Vega-Lite, Vega-Embed: copyright (c) 2013-2025, University of Washington Interactive Data Lab. D3: copyright"
    " 2010-2025 Mike Bostock. BSD-3-Clause and ISC licences: redistribution and use in source and binary forms, with or"
    " without modification, are permitted provided that this notice is retained. Provided as is, without warranty. */\n"
)


def page(con: duckdb.DuckDBPyConnection) -> str:
    """The whole page as HTML, made of the public tables that `con` reads; parts whose tables are missing or empty say so."""
    tables = Tables(con)
    parts = sections.parts(tables)
    data = {name: columnar(rows) for name, rows in sorted(parts.data.items())}
    scripts = [NOTICE + _bundle(), _script(data)]
    style = (FOLDER / "page.css").read_text(encoding="utf-8")
    return Template((FOLDER / "page.html").read_text(encoding="utf-8")).substitute(
        title=escape(parts.title),
        summary=escape(parts.summary, quote=True),
        policy=escape(_policy([style], scripts)),
        dataset=_json(parts.dataset),
        style=style,
        front=parts.front,
        contents=parts.contents,
        body=parts.body,
        footer=parts.footer,
        bundle=scripts[0],
        script=scripts[1],
    )


def columnar(rows: list[dict]) -> dict[str, list]:
    """Rows as column names and lists of values: a third of the bytes."""
    return {
        "columns": list(rows[0]) if rows else [],
        "rows": [[_plain(value) for value in row.values()] for row in rows],
    }


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return float(f"{value:.6g}") if math.isfinite(value) else None
    return value.isoformat() if isinstance(value, dt.date) else value


@cache
def _bundle() -> str:
    return (
        gzip.decompress((FOLDER / "vega.js.gz").read_bytes())
        .decode()
        .replace("</script", "<\\/script")
        .replace("<!--", "<\\!--")
    )


def _script(data: dict[str, Any]) -> str:
    """Data, charts and behaviour."""
    charts = json.loads((FOLDER / "charts.json").read_text(encoding="utf-8"))
    lines = [f"const {name} = {_json(value)};" for name, value in (("DATA", data), ("CHARTS", charts))]
    return "\n".join([*lines, (FOLDER / "page.js").read_text(encoding="utf-8")])


def _json(value: Any) -> str:
    """JSON within a script: no `<` or `>` of data reaches the HTML parser."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    for plain in "<>&\u2028\u2029":
        text = text.replace(plain, f"\\u{ord(plain):04x}")
    return text


def _policy(styles: list[str], scripts: list[str]) -> str:
    """What a browser may do on the page: run these very scripts, fetch nothing."""
    ours = " ".join(f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'" for text in scripts)
    return (
        f"default-src 'none'; script-src {ours}; style-src 'unsafe-inline'; img-src data:; base-uri 'none';"
        " form-action 'none'"
    )


def write(database: Path, file: Path) -> None:
    """Write the page of a release's DuckDB file, read-only."""
    with duckdb.connect(str(database), read_only=True) as con:
        file.write_text(page(con), encoding="utf-8")
