"""One run's answer as a person would check it by hand: what was stated where, what was worked out how, what lost and why."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING, Any

from schemas.columns import QUANTITIES
from warehouse.release import rows

if TYPE_CHECKING:
    from collections.abc import Iterable

    import duckdb

    from flows.places import Places

# The tables an answer is read from; `estimate.py` makes the same ones for a run that is in no table.
READS = (
    "assumptions.chip_names", "assumptions.datapoint_units", "assumptions.peak_choice", "assumptions.profiles",
    "assumptions.source_precedence", "assumptions.utilisation", "clean.chip_facts", "clean.chips", "clean.papers",
    "clean.run_aliases", "clean.run_facts", "clean.runs", "clean.sources", "compute.chip_costs", "compute.chip_peaks",
    "compute.estimates", "compute.run_chips", "compute.run_costs", "compute.run_domains", "compute.run_inputs",
    "compute.training_runs", "compute.unresolved_runs", "raw.abouts", "raw.documents", "raw.headers",
)  # fmt: skip
# Columns of compute.run_inputs that say what the run is, not what is counted.
_ABOUT_THE_RUN = ("published_on", "domain", "compute_scope")
# What each method can be worked out from: a way is all of its parts, a part any one of its sets of quantities.
WAYS: dict[str, tuple[tuple[tuple[tuple[str, ...], ...], ...], ...]] = {
    "operation_counting": (
        (
            (("active_parameters",), ("parameters",)),
            (("tokens_seen",), ("dataset_tokens", "epochs"), ("dataset_datapoints",), ("dataset_gradients",)),
        ),
        ((("forward_flop_per_example",),), (("examples_seen",), ("dataset_examples", "epochs"))),
    ),
    "hardware_time": (((("chip_id",),), (("chip_hours",), ("chips", "training_hours"))),),
    "reported": (((("training_compute_flop",),),),),
}


class UnknownRun(Exception):
    """No run, or more than one, answers to a name; the message proposes names."""


def find(con: duckdb.DuckDBPyConnection, name: str) -> str:
    """The run_id of a run called by its id, name or another source's name, or by a part that no other run has.

    Raises UnknownRun, with names near to it where there are any.
    """
    known = rows(
        con,
        "select run_id, run_id as alias from clean.runs"
        " union select run_id, run_name from clean.runs union select run_id, alias from clean.run_aliases",
    )
    called: dict[str, set[str]] = {}
    for row in known:
        called.setdefault(_key(row["alias"]), set()).add(row["run_id"])
    if any(row["run_id"] == name for row in known):
        return name
    asked, spelled = _key(name), _letters(name)
    loosely = {run_id for key, found in called.items() if spelled and _letters(key) == spelled for run_id in found}
    inside = {run_id for key, found in called.items() if asked and asked in key for run_id in found}
    for meant in (called.get(asked, set()), loosely, inside):
        if len(meant) == 1:
            return next(iter(meant))
    near = [run_id for key in near_names(name, list(called)) for run_id in sorted(called[key])]
    raise UnknownRun(f"no run called {_short(name)!r}" + _did_you_mean(list(dict.fromkeys(near))[:6], len(inside)))


def near_names(name: str, known: list[str]) -> list[str]:
    """Of the known names, all in lower case, those that hold this one, as a word first, then those spelled nearly so."""
    asked = _letters(name)
    word = re.compile(rf"(^|[\W_]){re.escape(asked)}($|[\W_])")
    inside = [one for one in known if asked and asked in _letters(one)]
    inside.sort(key=lambda one: (word.search(one) is None, len(one), one))
    near = difflib.get_close_matches(_key(name), known, n=20, cutoff=0.6)
    words = set(asked.split("-"))
    return [*inside, *sorted(near, key=lambda one: -len(words & set(_letters(one).split("-"))))]


def _key(name: str) -> str:
    return re.sub(r"\s+", " ", name).strip().casefold()


def _letters(name: str) -> str:
    """A name without its punctuation: `GPT-3 175B` and `gpt 3 (175b)` are one."""
    return re.sub(r"[\W_]+", "-", name.casefold()).strip("-")


def _short(name: str) -> str:
    return name if len(name) <= 60 else name[:59] + "…"


def _did_you_mean(names: list[str], found: int) -> str:
    if not names:
        return '; `aicompute query "select run_id from compute.training_runs"` lists them'
    more = f" ({found} runs have it in their name)" if found > len(names) else ""
    return f"; did you mean {', '.join(_short(one) for one in names)}?{more}"


def explain(con: duckdb.DuckDBPyConnection, run_id: str, places: Places) -> dict[str, Any]:
    """Everything behind a run's figure, from public tables: one dict of plain values, as `--json` prints it."""
    run = _row(con, "select * from compute.training_runs where run_id = ?", run_id)
    chosen = _row(con, "select * from compute.run_inputs where run_id = ?", run_id)
    facts = _facts(con, run_id, places)
    inputs = _inputs(con, chosen, facts)
    methods = _methods(con, run)
    hardware = _hardware(con, run_id, chosen, facts, places)
    costs = _costs(con, run_id, places)
    answer = {
        "run": _about(con, run, chosen, facts),
        "answer": _answer(con, run, facts),
        "inputs": inputs,
        "not_used": _not_used(chosen, facts, inputs),
        "methods": methods,
        "missing_methods": _missing(chosen, methods),
        "assumptions": _assumptions(con, chosen, hardware, inputs, methods),
        "hardware": hardware,
        "costs": costs,
    }
    return answer | {"caveats": _caveats(con, run, answer), "sources": _abouts(con, facts)}


def _row(con: duckdb.DuckDBPyConnection, query: str, *values: object) -> dict[str, Any]:
    found = rows(con, query, list(values))
    return found[0] if found else {}


def _facts(con: duckdb.DuckDBPyConnection, run_id: str, places: Places) -> list[dict[str, Any]]:
    """Every fact stated of the run, each with its place; the source believed first comes first."""
    found = rows(
        con,
        """
        select
            run_facts.quantity, run_facts.value, run_facts.value_text, run_facts.unit, run_facts.source,
            run_facts.source_id, sources.title as source_title, sources.url as source_url, run_facts.how,
            run_facts.quote, run_facts.where_in_source, run_facts.checked_against, run_facts.document_id,
            run_facts.row_number, run_facts.column_name
        from clean.run_facts
        left join assumptions.source_precedence using (source)
        left join clean.sources using (source_id)
        where run_facts.run_id = ?
        order by precedence, as_of_on desc, document_id, row_number, quantity
        """,
        [run_id],
    )
    for fact in found:
        where = fact.pop("document_id"), fact.pop("row_number"), fact.pop("column_name")
        fact["place"] = places.place(*where)
        fact["option"] = where[2] if fact["place"] is None else None
    return found


def _states(fact: dict[str, Any]) -> Any:
    """What a fact says: its number, else its words."""
    return fact["value_text"] if fact["value"] is None else fact["value"]


def _of(facts: Iterable[dict], quantity: str, value: Any) -> dict[str, Any] | None:
    """The first fact that states just this value; dates are compared as written."""
    for fact in facts:
        if fact["quantity"] == quantity and (_states(fact) == value or fact["value_text"] == str(value)):
            return fact
    return None


def _about(con: duckdb.DuckDBPyConnection, run: dict, chosen: dict, facts: list[dict]) -> dict[str, Any]:
    names = (
        "run_id", "run_name", "run_kind", "published_on", "organisations", "countries", "organisation_type", "domain",
        "openness", "base_run_id",
    )  # fmt: skip
    aliases = rows(con, "select distinct alias from clean.run_aliases where run_id = ? order by alias", [run["run_id"]])
    stated = {name: _of(facts, name, run.get(name) or chosen.get(name)) for name in _ABOUT_THE_RUN}
    return {
        **{name: run.get(name) for name in names},
        "also_called": [row["alias"] for row in aliases if row["alias"] != run["run_name"]],
        "paper": _row(con, "select paper_id, title, url from clean.papers where paper_id = ?", run["paper_id"]) or None,
        "stated": [fact for fact in stated.values() if fact],
    }


def _answer(con: duckdb.DuckDBPyConnection, run: dict, facts: list[dict]) -> dict[str, Any]:
    """The figure, its 90% interval, and whose it is."""
    names = (
        "training_compute_flop", "training_compute_flop_low", "training_compute_flop_high", "training_compute_pfs_days",
        "training_compute_source", "compute_scope", "reported_training_compute_flop", "estimated_training_compute_flop",
        "estimated_training_compute_flop_low", "estimated_training_compute_flop_high", "disagreement_factor", "methods",
        "confidence",
    )  # fmt: skip
    base_run = _row(
        con,
        "select run_id, run_name, training_compute_flop, training_compute_source from compute.training_runs"
        " where run_id = ?",
        run["base_run_id"],
    )
    with_base = "select sum(training_compute_flop) as flop from compute.training_runs where run_id in (?, ?)"
    is_own = run["compute_scope"] == "final_run" and run["training_compute_flop"] is not None
    reported = run["reported_training_compute_flop"]
    stated = [fact for fact in facts if fact["quantity"] == "training_compute_flop" and fact["value"] is not None]
    by = next(
        (f for f in stated if f["value"] == reported and f["source_id"] == run["training_compute_source_id"]), None
    )
    return {
        **{name: run[name] for name in names},
        "stated_by": by,
        "also_stated": [fact for fact in stated if fact is not by],
        "base_run": base_run or None,
        "with_base_run_flop": _row(con, with_base, run["run_id"], base_run["run_id"])["flop"]
        if is_own and base_run and base_run["training_compute_flop"] is not None
        else None,
    }


def _input_quantities(chosen: dict) -> list[str]:
    """The columns of compute.run_inputs that are quantities a method may count with."""
    return [
        name
        for name in chosen
        if name in QUANTITIES and not QUANTITIES[name].states_compute and name not in (*_ABOUT_THE_RUN, "confidence")
    ]


def _inputs(con: duckdb.DuckDBPyConnection, chosen: dict, facts: list[dict]) -> list[dict[str, Any]]:
    """The value used of each quantity, the fact it is, and what else is stated of the same quantity."""
    found = []
    for quantity in _input_quantities(chosen):
        value = chosen[quantity]
        fact = _of(facts, quantity, value)
        if fact is None and quantity == "chip_id" and value is not None:
            fact = _named_chip(con, chosen["run_id"], value, facts)
        if value is None or (fact is None and quantity == "number_format"):
            continue
        about = QUANTITIES[quantity]
        others = [one for one in facts if one["quantity"] == quantity and one is not fact]
        found.append(
            {
                "quantity": quantity,
                "meaning": about.meaning,
                "value": value,
                "unit": about.unit or None,
                "fact": fact,
                "also_stated": [one | {"is_equal": _states(one) == value} for one in others],
            }
        )
    return found


def _named_chip(con: duckdb.DuckDBPyConnection, run_id: str, chip_id: str, facts: list[dict]) -> dict[str, Any] | None:
    """The fact whose words were matched to the chip."""
    named = rows(con, "select hardware_name from compute.run_chips where run_id = ? and chip_id = ?", [run_id, chip_id])
    for fact in facts:
        words = fact["value_text"] or ""
        if fact["quantity"] == "training_hardware" and any(row["hardware_name"] in words for row in named):
            return fact
    return None


def _not_used(chosen: dict, facts: list[dict], inputs: list[dict]) -> list[dict[str, Any]]:
    """Facts of quantities no method got a value of, each with the reason."""
    asked = {*_input_quantities(chosen), "training_hardware"}
    used = {row["quantity"] for row in inputs}
    origins = [row["fact"]["source"] for row in inputs if row["fact"]]
    found = []
    for fact in facts:
        if fact["quantity"] not in asked - used or fact in [row["fact"] for row in inputs]:
            continue
        if origins and fact["source"] not in origins:
            reason = f"inputs are all taken from {origins[0]}, the source believed first that states any"
        else:
            reason = "no figure of it that a method can count with"
        if fact["quantity"] == "training_hardware" and "chip_id" in used:
            reason = "the chip is stated by a source believed before this one"
        found.append(fact | {"reason": reason})
    return found


def _methods(con: duckdb.DuckDBPyConnection, run: dict) -> list[dict[str, Any]]:
    """Each method's answer as compute.estimates holds it, and its part in the figure."""
    found = rows(
        con, "select * exclude (run_id) from compute.estimates where run_id = ? order by method", [run["run_id"]]
    )
    combined = (run["methods"] or "").split(";")
    is_reported = run["training_compute_source"] == "reported"
    for row in found:
        if row["method"] == "reported":
            row["part"] = "is the answer: what a source states comes before our own estimate"
        elif row["method"] in combined:
            row["part"] = "is in our own estimate" + (
                ", which stands beside the reported figure" if is_reported else ""
            )
        else:
            row["part"] = "is not in our own estimate"
    return found


def _missing(chosen: dict, methods: list[dict]) -> list[dict[str, Any]]:
    """The methods that gave nothing: what is there, and what would allow them."""
    there = {row["method"] for row in methods}
    found = []
    for method, ways in WAYS.items():
        if method in there:
            continue
        open_parts = [[part for part in way if not any(_all(chosen, names) for names in part)] for way in ways]
        needed = [[[" and ".join(names) for names in part] for part in parts] for parts in open_parts]
        is_there = any(not parts for parts in open_parts)
        found.append({"method": method, "has_inputs": is_there, "needs": [] if is_there else needed})
    return found


def _all(chosen: dict, names: tuple[str, ...]) -> bool:
    return all(chosen.get(name) is not None for name in names)


def _hardware(
    con: duckdb.DuckDBPyConnection, run_id: str, chosen: dict, facts: list[dict], places: Places
) -> dict[str, Any]:
    """How the hardware named was matched, and the peak the hardware method uses with the fact behind it."""
    named = rows(
        con, "select * exclude (run_id) from compute.run_chips where run_id = ? order by hardware_name", [run_id]
    )
    stated = {fact["value_text"] for fact in facts if fact["quantity"] == "chip_id"}
    for row in named:
        row["is_stated_as_chip"] = row["hardware_name"] in stated
        row["chip_name_row"] = _row(
            con,
            "select spelling, chip_id, reason from assumptions.chip_names where lower(spelling) = lower(trim(?))",
            row["hardware_name"],
        )
    chip = _row(con, "select * from clean.chips where chip_id = ?", chosen["chip_id"])
    peak = _row(
        con,
        "select number_format, peak_flop_per_second, peak_precision from compute.chip_peaks"
        " where chip_id = ? and number_format = ?",
        chosen["chip_id"],
        chosen["number_format"],
    )
    if peak:
        peak["fact"] = _chip_fact(con, chosen["chip_id"], peak["peak_precision"], peak["peak_flop_per_second"], places)
    about = (
        {name: chip[name] for name in ("chip_id", "chip_name", "vendor", "chip_kind", "released_on")} if chip else None
    )
    return {"named": named, "chip": about, "peak": peak or None}


def _chip_fact(
    con: duckdb.DuckDBPyConnection, chip_id: str, quantity: str, value: float, places: Places
) -> dict[str, Any] | None:
    fact = _row(
        con,
        """
        select
            quantity, value, value_text, chip_facts.unit, source, source_id, sources.title as source_title,
            sources.url as source_url, how, quote, document_id, row_number, column_name
        from clean.chip_facts
        left join assumptions.source_precedence using (source)
        left join clean.sources using (source_id)
        where chip_id = ? and quantity = ? and value = ?
        order by precedence, as_of_on desc, document_id, row_number
        limit 1
        """,
        chip_id,
        quantity,
        value,
    )
    if not fact:
        return None
    return fact | {"place": places.place(fact.pop("document_id"), fact.pop("row_number"), fact.pop("column_name"))}


def _assumptions(
    con: duckdb.DuckDBPyConnection, chosen: dict, hardware: dict, inputs: list[dict], methods: list[dict]
) -> list[dict[str, Any]]:
    """The rows of human judgement the methods rest on: table, row, reason, reference."""
    found: list[dict[str, Any]] = []

    def cite(table: str, where: str, *values: object) -> None:
        for row in rows(con, f"select * from assumptions.{table} where {where}", list(values)):
            said = {"reason": row.pop("reason", None), "reference": row.pop("reference", None)}
            found.append({"table": f"assumptions.{table}", "row": row, **said})

    names = {row["method"] for row in methods}
    if "hardware_time" in names and hardware["chip"] and hardware["peak"]:
        if all(chosen.get(name) is None for name in ("mfu", "utilisation", "hfu")):
            in_force = "profile in (select profile from assumptions.profiles where is_in_force)"
            cite("utilisation", f"chip_kind = ? and {in_force}", hardware["chip"]["chip_kind"])
        peak = hardware["peak"]
        cite("peak_choice", "number_format = ? and peak_column = ?", peak["number_format"], peak["peak_precision"])
    if "operation_counting" in names and not _all(chosen, ("tokens_seen",)) and _all(chosen, ("dataset_datapoints",)):
        domains = "select one_domain from compute.run_domains where run_id = ?"
        cite("datapoint_units", f"one_domain in ({domains}) order by one_domain", chosen["run_id"])
    for source in dict.fromkeys(row["fact"]["source"] for row in inputs if row["fact"]):
        cite("source_precedence", "source = ?", source)
    return found


def _costs(con: duckdb.DuckDBPyConnection, run_id: str, places: Places) -> dict[str, Any] | None:
    """What the run cost, with the prices behind it and what had to be imputed; null where chips or time are not known."""
    cost = _row(con, "select * exclude (run_id) from compute.run_costs where run_id = ?", run_id)
    if not cost:
        return None
    price = _row(con, "select document_id, row_number from compute.chip_costs where chip_id = ?", cost["chip_id"])
    bought = price.get("document_id"), price.get("row_number")
    rented = cost.pop("rental_document_id"), cost.pop("rental_row_number")
    cost["purchase_price_place"] = places.place(*bought, _header(con, bought[0], "price_purchase_usd"))
    cost["rental_price_place"] = places.place(
        *rented, _header(con, rented[0], f"price_{cost['rental_price_kind']}_usd")
    )
    return {name: value for name, value in cost.items() if name != "published_on"}


def _header(con: duckdb.DuckDBPyConnection, document_id: str | None, column_name: str) -> str | None:
    """How a document spells the header of a column."""
    query = "select header from raw.headers where document_id = ? and column_name = ?"
    return _row(con, query, document_id, column_name).get("header")


def _caveats(con: duckdb.DuckDBPyConnection, run: dict, answer: dict) -> list[str]:
    """What a reader must know before printing the figure."""
    found = []
    if run["compute_scope"] != "final_run":
        found.append(f"scope: {describe_scope(run['compute_scope'])}, more than the final run of one model")
    if run["is_excluded_by_source"]:
        found.append("a source excludes this run from its own analyses, so it is in no trend here")
    if run["run_kind"] != "training":
        found.append(f"a run of kind {run['run_kind']}: it is in no trend here")
    by = answer["answer"]["stated_by"]
    if by and (by["source_id"] or "").startswith("epoch"):
        found.append(
            "the reported figure stands in Epoch AI's table and may be Epoch's own estimate, not the developer's"
        )
    factor = run["disagreement_factor"]
    if factor is not None:
        found.append(f"reported and estimated differ by a factor of {factor:.3g}")
    base = answer["answer"]["base_run"]
    if base and answer["answer"]["training_compute_source"] == "estimated":
        found.append(f"trained on top of {base['run_name']}: what is estimated here is its own training alone")
    for row in rows(
        con,
        "select other_run_id, reason from compute.unresolved_runs where run_id = ? order by other_run_id",
        [run["run_id"]],
    ):
        found.append(f"may be the same run as {row['other_run_id']}: {row['reason']}")
    return found


def describe_scope(scope: str) -> str:
    """A compute scope in words."""
    return {
        "final_run": "the final run of one model",
        "with_self_play": "the final run and the self-play that made its data",
        "with_base_model": "the run and the base model under it",
        "search": "all runs of a search",
        "ensemble": "all models of an ensemble",
    }[scope]


def _abouts(con: duckdb.DuckDBPyConnection, facts: list[dict]) -> list[dict[str, Any]]:
    """The sources of the facts, with the attribution their licences ask for."""
    named = {fact["source"] for fact in facts}
    found = rows(con, "select source, title, licence, attribution from raw.abouts order by source")
    return [row for row in found if row["source"] in named]
