"""Tables that every edition of a document tells again: the lake keeps rows that do not name the edition, and a view that does.

A new edition of an export changes the document and source id of all its rows and the content of few. Stored under the
name of the dataset instead (`=epoch/models`), the rows that say the same are the same, and a version costs what changed.
"""

from __future__ import annotations

from schemas.contract import Table

SCHEMA = "stored"
COLUMNS = "slot varchar, document_id varchar, source_id varchar, as_of_on date"
# Datasets that are one document in this version; ids as sql/clean/epoch_facts.sql forms them.
NOW = """
create or replace temp table editions_now as
select
    '=' || source || '/' || dataset as slot,
    any_value(document_id) as document_id,
    any_value(source || '-' || dataset || '-' || as_of_on) as source_id,
    any_value(as_of_on) as as_of_on,
from raw.documents
where is_in_force
group by source, dataset
having count(*) = 1
qualify count(*) over (partition by any_value(document_id)) = 1
order by slot
"""


def stored(name: str) -> str:
    """The table that holds the rows of a restated table."""
    return f"{SCHEMA}.{name.replace('.', '_')}"


def rows(name: str, shape: Table) -> str:
    """A query of the rows of a restated table as the lake keeps them, over the table itself and `editions_now`."""
    columns = ", ".join(_kept(column, shape) for column in shape.columns)
    return f"select {columns} from {name} as told{_joins(shape, 'editions_now', 'told.{column} = {edition}.{kind}')}"


def view(name: str, shape: Table) -> str:
    """A query that gives the rows back as they were."""
    columns = ", ".join(_named(column, shape) for column in shape.columns)
    return f"select {columns} from {stored(name)} as told{_joins(shape, f'{SCHEMA}.editions', 'told.{column} = {edition}.slot')}"


def _kind(column: str) -> str:
    """Which part of an edition a column names, if any."""
    return next((kind for kind in ("document_id", "source_id") if column == kind or column.endswith(f"_{kind}")), "")


def _kept(column: str, shape: Table) -> str:
    if _kind(column):
        return f"coalesce(of_{column}.slot, told.{column}) as {column}"
    if _is_dated(column, shape):
        dated = "of_document_id.as_of_on is distinct from told.as_of_on"
        return f"case when {dated} then told.as_of_on end as as_of_on"
    return f"told.{column}"


def _named(column: str, shape: Table) -> str:
    if _kind(column):
        return f"coalesce(of_{column}.{_kind(column)}, told.{column}) as {column}"
    if _is_dated(column, shape):
        return "coalesce(told.as_of_on, of_document_id.as_of_on) as as_of_on"
    return f"told.{column}"


def _is_dated(column: str, shape: Table) -> bool:
    """Whether a date is its document's: an empty one then stands for that, so none may be empty of itself."""
    return column == "as_of_on" and "document_id" in shape.columns and column in shape.filled()


def _joins(shape: Table, editions: str, on: str) -> str:
    parts = []
    for column in shape.columns:
        if kind := _kind(column):
            edition = f"of_{column}"
            condition = on.format(column=column, edition=edition, kind=kind)
            parts.append(f" left join {editions} as {edition} on {condition}")
    return "".join(parts)
