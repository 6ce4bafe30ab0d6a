"""Every table of every layer, by its schema-qualified name."""

from schemas import assumptions, clean, compute, raw, trends
from schemas.contract import Table

LAYERS = {
    "raw": raw.TABLES,
    "assumptions": assumptions.TABLES,
    "clean": clean.TABLES,
    "compute": compute.TABLES,
    "trends": trends.TABLES,
}


def all_tables() -> dict[str, Table]:
    """Every table of the house as `schema.table` → its shape."""
    return {f"{layer}.{name}": shape for layer, tables in LAYERS.items() for name, shape in tables.items()}


def kept_tables() -> dict[str, Table]:
    """The tables a version holds: all but the steps on the way."""
    return {name: shape for name, shape in all_tables().items() if shape.kept}
