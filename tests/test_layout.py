"""The rules of the house, held by parsing it: who reads whom, headers, names, docstrings, and a build on no rows."""

from __future__ import annotations

import ast
import csv
import re
from pathlib import Path

import duckdb
import pytest

from schemas.books import TABLES as BOOKS
from schemas.columns import COLUMNS, QUANTITIES
from schemas.tables import LAYERS, all_tables
from warehouse import derive

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("flows", "schemas", "warehouse")
MODULES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py") if "data" not in path.parts)
MODELS = {model.name: model for model in derive.models()}
MAY_READ = {
    "clean": {"raw", "assumptions", "clean"},
    "compute": {"clean", "compute", "assumptions"},
    "trends": {"clean", "compute", "trends", "assumptions"},
}
# Of the version before, as it was and by today's code: what changed is told by trends alone.
PAST = re.compile(rf"^({'|'.join(derive.PAST)})\.")
# The one reading across layers: what was read and kept is known to the raw layer alone.
MAY_ALSO_READ = {"trends.sources": {"raw.documents", "raw.abouts"}}
MAY_IMPORT = {"schemas": {"schemas"}, "warehouse": {"warehouse", "schemas"}, "flows": {"flows", "warehouse", "schemas"}}
PREFECT_IN = {f"flows/{name}.py" for name in ("collect", "derive", "publish", "refresh")}
GREAT_EXPECTATIONS_IN = {"schemas/expectations.py"}
EMPTY_WORDS = {"utils", "util", "helpers", "helper", "base", "common", "manager", "misc"}
LONGEST_FUNCTION = 40


def _place(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _imports(tree: ast.AST) -> list[str]:
    """Full names of the modules a module imports, wherever in it; a relative import begins with a dot."""
    names = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names.append("." * node.level + (node.module or ""))
    return names


def _definitions(tree: ast.AST) -> list[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]:
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return [node for node in ast.walk(tree) if isinstance(node, kinds)]


def _public(tree: ast.Module) -> list[ast.AST]:
    """Public functions, classes and methods of a module; functions inside functions are not."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    top = [node for node in tree.body if isinstance(node, kinds)]
    methods = [n for c in top if isinstance(c, ast.ClassDef) for n in c.body if isinstance(n, kinds)]
    return [node for node in top + methods if not node.name.startswith("_")]


@pytest.fixture(scope="module")
def trees() -> dict[str, ast.Module]:
    return {_place(path): ast.parse(path.read_text(encoding="utf-8")) for path in MODULES}


@pytest.fixture(scope="module")
def empty() -> duckdb.DuckDBPyConnection:
    """Every table built on raw tables without a row."""
    con = duckdb.connect()
    derive.load_assumptions(con)
    derive.load_raw(con, {})
    assert list(derive.build(con)) == list(MODELS)
    return con


def test_every_model_builds_on_empty_tables(empty):
    stops, _ = derive.verify(empty)
    # The assumption files name runs and chips that are not there without sources; nothing else may be amiss.
    assert [line for line in stops if not line.startswith("not true that")] == []


@pytest.mark.parametrize("name", sorted(MODELS))
def test_a_model_reads_only_what_its_layer_may(name):
    layer = name.split(".")[0]
    past = {r for r in MODELS[name].reads if PAST.match(r)}
    assert layer == "trends" or not past, "only trends may read the version before"
    present = {PAST.sub("", r) for r in MODELS[name].reads} - {derive.STEPS}
    wrong = {r for r in present if r.split(".")[0] not in MAY_READ[layer]}
    assert wrong == MAY_ALSO_READ.get(name, set())
    assert present <= set(all_tables()), "a table read has no schema entry"


def test_nothing_reads_verify():
    assert not [m.name for m in MODELS.values() if any(read.startswith("verify.") for read in m.reads)]


@pytest.mark.parametrize("name", sorted(MODELS))
def test_a_model_begins_with_its_four_lines(name):
    text = (derive.SQL_FOLDER / f"{name.replace('.', '/')}.sql").read_text(encoding="utf-8").splitlines()
    header = MODELS[name].header
    assert len(header) == 4, "what it is, Grain, Method, Caveat: one line each"
    assert not text[4].startswith("--")
    starts = ("", "Grain: ", "Method: ", "Caveat: ")
    for line, start in zip(header, starts, strict=True):
        assert line.startswith(start) and len(line) > len(start)
        assert line.rstrip().endswith("."), f"not a sentence: {line!r}"


def test_models_and_schema_entries_are_the_same():
    declared = {name for name in all_tables() if name.split(".")[0] in derive.MODEL_LAYERS}
    assert declared == set(MODELS)


def test_assumption_files_and_schema_entries_are_the_same():
    assert {path.stem for path in (derive.SQL_FOLDER / "assumptions").glob("*.csv")} == set(LAYERS["assumptions"])


@pytest.mark.parametrize("name", sorted(LAYERS["assumptions"]))
def test_every_assumption_gives_its_reason(name):
    with (derive.SQL_FOLDER / "assumptions" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        said = [column for column in ("reason", "reference", "explanation") if column in (reader.fieldnames or [])]
        assert said, "no column for the reason or the reference"
        for number, row in enumerate(reader, 1):
            assert any((row[column] or "").strip() for column in said), f"{name}.csv row {number}: no reason"


def test_verify_queries_say_what_a_row_does():
    found = sorted((derive.SQL_FOLDER / "verify").glob("*.sql"))
    assert found, "no query holds the version back"
    for path in found:
        said = re.findall(r"^-- On failure: (stop|warn)\b", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
        assert len(said) == 1, path.name
        assert path.stem == path.stem.lower() and "_" in path.stem, f"{path.name}: the name is the true statement"


def test_verify_queries_read_tables_that_exist(empty):
    for statement, _, query in derive.checks():
        read = {PAST.sub("", name) for name in derive.tables_read(empty, query)} - {derive.STEPS}
        assert read <= set(all_tables()), statement


def test_python_imports_point_one_way(trees):
    for place, tree in trees.items():
        allowed = MAY_IMPORT[place.split("/")[0]]
        tops = {name.split(".")[0] for name in _imports(tree)}
        assert tops & set(PACKAGES) <= allowed, place
        assert "" not in tops, f"{place}: relative import"


def test_prefect_and_great_expectations_stay_in_their_files(trees):
    for place, tree in trees.items():
        tops = {name.split(".")[0] for name in _imports(tree)}
        assert "prefect" not in tops or place in PREFECT_IN, place
        assert "great_expectations" not in tops or place in GREAT_EXPECTATIONS_IN, place


def test_no_module_has_an_empty_name():
    names = {part for path in MODULES for part in path.relative_to(ROOT).with_suffix("").parts}
    assert not names & EMPTY_WORDS


def test_docstrings(trees):
    for place, tree in trees.items():
        assert ast.get_docstring(tree), f"{place}: no docstring"
        for node in _public(tree):
            assert ast.get_docstring(node), f"{place}:{node.lineno} {node.name}: no docstring"


def test_functions_are_short(trees):
    for place, tree in trees.items():
        for node in _definitions(tree):
            if not isinstance(node, ast.ClassDef):
                length = (node.end_lineno or 0) - node.lineno + 1
                assert length <= LONGEST_FUNCTION, f"{place}:{node.lineno} {node.name} has {length} lines"


def test_every_table_speaks_the_vocabulary():
    for name, shape in all_tables().items():
        spoken = {*shape.columns, *shape.key, *shape.required, *shape.references}
        assert spoken <= set(COLUMNS), name
        assert spoken == set(shape.columns), f"{name}: key, required or reference of a column it lacks"
        assert len(set(shape.columns)) == len(shape.columns), f"{name}: a column twice"
        for target in shape.references.values():
            table, column = target.rsplit(".", 1)
            assert column in all_tables()[table].columns, f"{name} refers to {target}"


def test_every_word_of_the_vocabulary_is_used():
    used = {column for shape in [*all_tables().values(), *BOOKS.values()] for column in shape.columns} | set(QUANTITIES)
    assert sorted(set(COLUMNS) - used) == []


def test_names_carry_their_units():
    """The suffix is the unit, so that the same name cannot mean two things."""
    units = {
        "_flop": "FLOP", "_flop_per_second": "FLOP/s", "_pfs_days": "petaflop/s-days", "_watts": "W", "_hours": "hours",
        "_bytes": "bytes", "_bytes_per_second": "bytes/s", "_months": "months", "_share": "share",
        "_oom_per_year": "orders of magnitude/year",
    }  # fmt: skip
    for name, column in COLUMNS.items():
        for suffix, unit in units.items():
            if name.endswith(suffix) and column.type == "DOUBLE" and not name.startswith("log10_"):
                whole = name == "chip_hours"
                assert column.unit == ("chip-hours" if whole else unit), name
        if name.endswith("_on"):
            assert column.type == "DATE", name
        if name.endswith("_at"):
            assert column.type == "TIMESTAMP", name
        if name.startswith(("is_", "has_")):
            assert column.type == "BOOLEAN", name
        assert column.meaning.strip(), name
