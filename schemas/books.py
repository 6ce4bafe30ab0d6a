"""The lake's own books, in schema `main`: its versions, what each of their tables held, and what the gate found."""

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
    "gate_results": table(
        "version expectation measure table_name column_name measured_of bound_kind observed_value observed_before"
        " expected_low expected_high is_met was_allowed reason",
        key="version measure table_name column_name measured_of bound_kind",
        required="expectation is_met was_allowed reason",
    ),
}
ABOUT = {
    "versions": "Every published version up to this one.",
    "table_contents": "What each table of each version up to this one held when it was committed.",
    "gate_results": "What the release gate expected of each version up to this one, and what it found.",
}
# The same by their names in a database.
IN_MAIN = {f"main.{name}": shape for name, shape in TABLES.items()}
