"""Where a figure stands in archived bytes: document, row, column, and the cell as it is spelled there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import duckdb

    from flows.rows import Rows
    from warehouse.archive import Archive

COMMAND_LINE = "command line"


class Places:
    """Places of facts in the documents of one version; bytes are read from the archive only where they are asked for."""

    def __init__(self, con: duckdb.DuckDBPyConnection, archive: Archive | None) -> None:
        from warehouse.release import rows

        self._archive = archive
        self._documents: dict[str, dict[str, Any]] = {}
        self._tables: dict[str, list[Rows] | str] = {}
        found = "select * from raw.documents order by archive_order desc, dataset desc"
        for document in rows(con, found):
            self._documents[document["document_id"]] = document

    def place(self, document_id: str | None, row_number: int | None, column_name: str | None) -> dict[str, Any] | None:
        """One place as document, row and column, with the cell as spelled where the archive of this data folder holds it.

        `row_number` counts from 1 without the header. `cell` is null and `row` holds the filled cells of the row where
        the figure was worked out of several of them; `fault` says why bytes that should be there can't be read.
        """
        if document_id is None or row_number is None or document_id == COMMAND_LINE:
            return None
        document = self._documents.get(document_id, {})
        is_there = self._archive is not None and self._archive.path(document_id).exists()
        there = {
            "document_id": document_id,
            "document_name": document.get("document_name"),
            "source": document.get("source"),
            "dataset": document.get("dataset"),
            "as_of_on": document.get("as_of_on"),
            "archive_path": f"archive/{document_id[:2]}/{document_id}",
            "is_in_archive": is_there,
            "row_number": row_number,
            "column_name": column_name,
        }
        return there | self._cell(document, document_id, row_number, column_name, is_there)

    def _cell(
        self, document: dict, document_id: str, row_number: int, column_name: str | None, is_there: bool
    ) -> dict[str, Any]:
        nothing = {"cell": None, "row": None, "fault": None}
        if not is_there or not document:
            return nothing
        if document_id not in self._tables:
            self._tables[document_id] = self._read(document)
        tables = self._tables[document_id]
        if isinstance(tables, str):
            return nothing | {"fault": tables}
        there = [rows for rows in tables if 1 <= row_number <= len(rows.body)]
        for rows in there:
            row = rows.body[row_number - 1]
            if column_name in rows.header and rows.header.index(column_name) < len(row):
                return nothing | {"cell": row[rows.header.index(column_name)]}
        return nothing | ({"row": there[0].as_json(row_number)} if there else {"fault": f"it has no row {row_number}"})

    def _read(self, document: dict) -> list[Rows] | str:
        """The tables of a document, as its source's reader makes them where it is no CSV; or why they can't be had."""
        import polars as pl

        from flows import sources
        from flows.rows import Rows, SchemaBreak, cells_of

        assert self._archive is not None
        try:
            content = self._archive.read(document["document_id"])
            if document["document_name"].endswith(".csv"):
                return [Rows(pl.DataFrame(), *cells_of(content, document["document_name"]))]
            module = sources.module(document["source"])
            return list(module.parse(document["dataset"], content, document["document_name"]).values())
        except KeyError:
            return f"no source of this program reads {document['source']}/{document['dataset']}"
        except (OSError, ValueError, SchemaBreak) as error:
            return str(error)
