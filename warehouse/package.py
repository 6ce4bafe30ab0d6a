"""The papers of a release: what is in it for machines and people, how to cite it, the hash of every file."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb

from schemas.columns import COLUMNS, COUNT, DATE, FLAG, NUMBER, TEXT, TIME, Column
from schemas.contract import Table
from warehouse import dataset, sums
from warehouse.dataset import CREATOR, DESCRIPTION, KEYWORDS, NAME, TITLE, known
from warehouse.lake import Version
from warehouse.page.tables import Tables
from warehouse.page.words import safe_url

MAIN_TABLE = "compute.training_runs"
KINDS = {TEXT: "string", NUMBER: "number", COUNT: "integer", DATE: "date", FLAG: "boolean", TIME: "datetime"}
# How DuckDB writes them to CSV, where that is not what Table Schema takes for granted.
SPELLINGS: dict[str, dict] = {
    FLAG: {"trueValues": ["true"], "falseValues": ["false"]},
    TIME: {"format": "any"},
}
MEDIA_TYPES = {
    ".csv": "text/csv",
    ".parquet": "application/vnd.apache.parquet",
    ".duckdb": "application/octet-stream",  # none is registered for a DuckDB file
}

Files = dict[str, tuple[int, str]]


@dataclass(frozen=True)
class Release:
    """A release folder as its papers need to know it.

    `comments` are what each table is and what each of its columns means; `files` are size and SHA-256 by path; `types` are
    DuckDB's, by table and column: a version made by other code may have columns that the vocabulary of today lacks.
    """

    version: Version
    edition: dataset.Edition
    tables: Mapping[str, Table]
    comments: Mapping[str, tuple[str, dict[str, str]]]
    files: Files
    types: dict[tuple[str, str], str]


def write(
    folder: Path,
    version: Version,
    tables: Mapping[str, Table],
    comments: Mapping[str, tuple[str, dict[str, str]]],
    sources: list[tuple[str, str, str, str]],
) -> None:
    """Write the papers of a release whose other files are all there; `sources` are (title, licence, attribution, homepage).

    `datapackage.json` (Frictionless), `dataset.jsonld` (schema.org), `SOURCES.md`, `CITE.txt`, `CITE.bib`, and last
    `SHA256SUMS`: a line for every file of the folder but itself, as `sha256sum --check` reads it.
    """
    described, (types, coverage) = files(folder), _looked_up(folder)
    on = version.published_at.date()
    edition = dataset.Edition(version.version, version.as_of_on, on, coverage, tuple(sources))
    made = Release(version, edition, tables, comments, described, types)
    papers = {
        "datapackage.json": _json(_package(made)),
        "dataset.jsonld": _json(_dataset(made)),
        "SOURCES.md": _sources(made),
        "CITE.txt": dataset.citation(made.edition) + "\n",
        "CITE.bib": _bibtex(made),
    }
    for name, text in papers.items():
        content = text.encode()
        (folder / name).write_bytes(content)
        described[name] = (len(content), hashlib.sha256(content).hexdigest())
    sums.write(folder / sums.NAME, {name: digest for name, (_, digest) in described.items() if name != sums.NAME})


def files(folder: Path) -> Files:
    """Size in bytes and SHA-256 of every file in a folder, by its path there with forward slashes, sorted by it."""
    return {name: ((folder / name).stat().st_size, sums.file_hash(folder / name)) for name in sums.files(folder)}


def _json(value: dict) -> str:
    return json.dumps(value, indent=1, ensure_ascii=False) + "\n"


def _looked_up(folder: Path) -> tuple[dict[tuple[str, str], str], str]:
    """The types of the columns in a release's DuckDB file, and the days its runs cover as an ISO 8601 interval, if any."""
    with duckdb.connect(str(folder / "aicompute.duckdb"), read_only=True) as con:
        columns = con.execute(
            "select schema_name || '.' || table_name, column_name, data_type from duckdb_columns() where not internal"
        ).fetchall()
        kinds = {(table, column): kind for table, column, kind in columns}
        return kinds, Tables(con).first("span").get("coverage") or ""


def _package(made: Release) -> dict:
    """The release as a Frictionless data package: each table is a resource, its CSV with size, hash, schema and keys."""
    return {
        "name": NAME,
        "title": TITLE,
        "description": DESCRIPTION,
        "version": str(made.version.version),
        "created": made.version.published_at.isoformat() + "Z",
        "keywords": list(KEYWORDS),
        "contributors": [{"title": CREATOR, "role": "author"}],
        "licenses": [{"name": name, "path": path} for name, path in dataset.licences(made.edition.sources)],
        "sources": [
            {"title": title, **known("path", safe_url(homepage)), "licence": licence, "attribution": attribution}
            for title, licence, attribution, homepage in made.edition.sources
        ],
        "resources": [_resource(made, name) for name in made.tables],
    }


def _resource(made: Release, name: str) -> dict:
    shape, (about, _) = made.tables[name], made.comments[name]
    place = name.removeprefix("main.").replace(".", "/")
    keys = [_foreign_key(column, target) for column, target in shape.references.items() if _is_there(made, target)]
    schema = {
        "fields": [_field(made, name, column) for column in shape.columns],
        "missingValues": [""],
        "primaryKey": list(shape.key),
        **known("foreignKeys", keys),
    }
    return {
        "name": _resource_name(name),
        "description": about,
        "profile": "tabular-data-resource",
        **_file(f"csv/{place}.csv", "csv", made.files),
        "encoding": "utf-8",
        "alternates": [_file(f"parquet/{place}.parquet", "parquet", made.files)],
        "schema": schema,
    }


def _is_there(made: Release, target: str) -> bool:
    """Whether a version has the column that today's schemas refer to."""
    table, column = target.rsplit(".", 1)
    return table in made.tables and column in made.tables[table].columns


def _file(path: str, kind: str, described: Files) -> dict:
    size, digest = described[path]
    media_type = MEDIA_TYPES[f".{kind}"]
    return {"path": path, "format": kind, "mediatype": media_type, "bytes": size, "hash": f"sha256:{digest}"}


def _field(made: Release, table: str, column: str) -> dict:
    kind, said = made.types[table, column], COLUMNS.get(column)
    constraints = {
        # An empty text and a missing one look alike in CSV, so only other types can be told to be filled.
        **known("required", column in made.tables[table].filled() and kind != TEXT),
        **(_bounds(said) if said else {}),
    }
    return {
        "name": column,
        "type": KINDS[kind],
        "description": made.comments[table][1][column],
        **SPELLINGS.get(kind, {}),
        **known("unit", said.unit if said else ""),
        **known("constraints", constraints),
    }


def _bounds(said: Column) -> dict:
    bounds = {"minimum": said.minimum, "maximum": said.maximum, "enum": list(said.allowed) or None}
    return {name: bound for name, bound in bounds.items() if bound is not None}


def _foreign_key(column: str, target: str) -> dict:
    table, field = target.rsplit(".", 1)
    return {"fields": [column], "reference": {"resource": _resource_name(table), "fields": [field]}}


def _resource_name(table: str) -> str:
    return table.removeprefix("main.").replace(".", "-").replace("_", "-")


def _dataset(made: Release) -> dict:
    """The release as a schema.org Dataset, with the columns of its main table and every file."""
    downloads = [_download(path, size, digest) for path, (size, digest) in made.files.items() if _media_type(path)]
    return dataset.described(made.edition) | {"variableMeasured": _variables(made), "distribution": downloads}


def _variables(made: Release) -> list[dict]:
    """The columns of the main table; none where a version is without it."""
    columns = made.tables[MAIN_TABLE].columns if MAIN_TABLE in made.tables else ()
    return [
        {
            "@type": "PropertyValue",
            "name": column,
            "description": made.comments[MAIN_TABLE][1][column],
            **known("unitText", COLUMNS[column].unit if column in COLUMNS else ""),
        }
        for column in columns
    ]


def _media_type(path: str) -> str:
    return MEDIA_TYPES.get(Path(path).suffix, "")


def _download(path: str, size: int, digest: str) -> dict:
    return {
        "@type": "DataDownload",
        "name": path,
        "contentUrl": path,
        "encodingFormat": _media_type(path),
        "contentSize": f"{size} B",
        "sha256": digest,
    }


def _sources(made: Release) -> str:
    lines = [
        f"- {title}. Licence: {licence}. Attribution: {attribution}. {homepage}\n"
        for title, licence, attribution, homepage in made.edition.sources
    ]
    return "".join(["# Sources and licences of this release\n\n", *lines])


def _bibtex(made: Release) -> str:
    number, on = made.version.version, made.version.published_at.date()
    contains = "; ".join(re.sub(r"([&%$#_{}])", r"\\\1", attribution) for _, _, attribution, _ in made.edition.sources)
    return (
        f"@misc{{{NAME}-{number},\n"
        f"  author = {{{{{CREATOR}}}}},\n"
        f"  title = {{{{{TITLE}, version {number}}}}},\n"
        f"  year = {{{on.year}}},\n"
        f"  date = {{{on}}},\n"
        f"  version = {{{number}}},\n"
        f"  note = {{As of {made.version.as_of_on}. Contains: {contains}}},\n"
        "}\n"
    )
