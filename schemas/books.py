"""The lake's own books, in schema `main`: which versions there are, and what each of their tables held when committed."""

from schemas.contract import Table, table

TABLES: dict[str, Table] = {
    "versions": table(
        "version snapshot_id published_at as_of_on code_version manifest message code_commit lock_hash",
        key="version",
        required="published_at as_of_on code_version manifest message",
    ),
    "table_contents": table(
        "version table_name rows content_hash", key="version table_name", required="rows content_hash"
    ),
}
ABOUT = {
    "versions": "Every published version up to this one.",
    "table_contents": "What each table of each version up to this one held when it was committed.",
}
