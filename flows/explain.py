"""One run's answer as a person would check it by hand: what was stated where, what was worked out how, what lost and why,
and above which compute thresholds in law the figure lies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from schemas.columns import QUANTITIES
from warehouse.release import rows

if TYPE_CHECKING:
    from collections.abc import Iterable

    import duckdb

    from flows.places import Places

# The tables an answer is read from; `estimate.py` makes the same ones for a run that is in no table.
READS = (
    "assumptions.chip_names", "assumptions.compute_thresholds", "assumptions.datapoint_units", "assumptions.network_kinds",
    "assumptions.peak_choice", "assumptions.profiles", "assumptions.source_precedence", "assumptions.spreads",
    "assumptions.thresholds", "assumptions.utilisation", "clean.chip_facts", "clean.chips", "clean.papers", "clean.run_aliases",
    "clean.run_facts", "clean.runs", "clean.sources", "compute.chip_costs", "compute.combined_estimates",
    "compute.estimates", "compute.method_disagreements", "compute.profile_estimates", "compute.run_chips",
    "compute.run_costs", "compute.run_counts", "compute.run_domains", "compute.run_inputs", "compute.run_peaks",
    "compute.run_utilisations", "compute.threshold_crossings", "compute.training_runs", "compute.unresolved_runs",
    "raw.abouts", "raw.documents", "raw.headers",
)  # fmt: skip
# Columns of compute.run_inputs that say what the run is, not what is counted.
_ABOUT_THE_RUN = ("published_on", "domain", "compute_scope")
# Figures of notes by which sql/compute/run_counts.sql tells the unit of a set's size.
_TELL_THE_UNIT = ("tokens_seen", "dataset_tokens", "dataset_words")
# What each method can be worked out from: a way is all of its parts, a part any one of its sets of quantities.
WAYS: dict[str, tuple[tuple[tuple[tuple[str, ...], ...], ...], ...]] = {
    "operation_counting": (
        (
            (("active_parameters",), ("parameters",)),
            (
                ("tokens_seen",),
                ("dataset_tokens", "epochs"),
                ("dataset_datapoints", "epochs"),
                ("dataset_gradients", "epochs"),
            ),
        ),
        ((("forward_flop_per_example",),), (("examples_seen",), ("dataset_examples", "epochs"))),
    ),
    "hardware_time": (((("chip_id",),), (("chip_hours",), ("chips", "training_hours"))),),
    "reported": (((("training_compute_flop",),),),),
}


def explain(con: duckdb.DuckDBPyConnection, run_id: str, places: Places) -> dict[str, Any]:
    """Everything behind a run's figure, from public tables: one dict of plain values, as `--json` prints it."""
    run = _row(con, "select * from compute.training_runs where run_id = ?", run_id)
    chosen = _row(con, "select * from compute.run_inputs where run_id = ?", run_id)
    facts = _facts(con, run_id, places)
    counted = _row(con, "select * exclude (run_id) from compute.run_counts where run_id = ?", run_id)
    inputs = _inputs(con, chosen | _said_seen(counted), facts)
    methods = _methods(con, run)
    hardware = _hardware(con, run_id, chosen, facts, places)
    costs = _costs(con, run_id, places)
    answer = {
        "run": _about(con, run, chosen, facts),
        "profile": _row(con, "select profile from assumptions.profiles where is_in_force").get("profile"),
        "answer": _answer(con, run, facts),
        "thresholds": _thresholds(con, run),
        "inputs": inputs,
        "not_used": _not_used(chosen, facts, inputs, counted),
        "methods": methods,
        "missing_methods": _missing(con, chosen, methods),
        "disagreements": rows(con, _DISAGREEMENTS, [run_id]),
        "counted": counted or None,
        "assumptions": _assumptions(con, chosen, hardware, inputs, methods, counted),
        "hardware": hardware,
        "costs": costs,
    }
    return answer | {"caveats": _caveats(con, run, answer), "sources": _abouts(con, facts)}


_SCOPES = "select * exclude (run_id) from compute.combined_estimates where run_id = ? order by base_runs, compute_scope"
_DISAGREEMENTS = """
select * exclude (disagreement_place, run_id, run_name)
from compute.method_disagreements
where run_id = ?
order by disagreement_place
"""


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
        order by precedence, as_of_on desc, document_id, row_number, quantity, how = 'text'
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
        "estimated_training_compute_flop_low", "estimated_training_compute_flop_high", "estimated_compute_scope",
        "disagreement_factor", "methods", "confidence",
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
        "estimated_by_scope": rows(con, _SCOPES, [run["run_id"]]),
    }


_CROSSINGS = """
select
    thresholds.*,
    crossings.counted_compute_flop,
    crossings.counted_compute_flop_low,
    crossings.counted_compute_flop_high,
    crossings.crossing_probability,
    case
        when crossings.crossing_probability is null then null
        when abs(crossings.crossing_probability - 0.5) <= even.limit_value then 'about even'
        when crossings.crossing_probability > 0.5 then 'above'
        else 'below'
    end as standing,
from assumptions.compute_thresholds as thresholds
left join compute.threshold_crossings as crossings
    on crossings.compute_threshold = thresholds.compute_threshold and crossings.run_id = ?
left join assumptions.thresholds as even on even.threshold = 'about_even'
order by thresholds.limit_flop, thresholds.jurisdiction, thresholds.compute_threshold
"""


def _thresholds(con: duckdb.DuckDBPyConnection, run: dict) -> list[dict[str, Any]]:
    """Every compute threshold in law and how the run stands to it; none where the run is not held against them.

    `standing` is above, about even or below; `far below` where compute.threshold_crossings does not list the run,
    `not covered` where the law is for other domains.
    """
    if not _is_held_against_thresholds(run):
        return []
    found = rows(con, _CROSSINGS, [run["run_id"]])
    for row in found:
        covered = _is_covered(row["covered_domains"], run["domain"])
        row["standing"] = row["standing"] or ("far below" if covered else "not covered")
        row["is_lower_bound"] = covered and row["counting"] == "cumulative" and run["compute_scope"] == "final_run"
    return found


def _is_held_against_thresholds(run: dict) -> bool:
    """Whether the run is one of those compute.threshold_crossings looks at."""
    is_counted = run["run_kind"] == "training" and not run["is_excluded_by_source"]
    return is_counted and run["published_on"] is not None and (run["training_compute_flop"] or 0) > 0


def _is_covered(covered_domains: str | None, domain: str | None) -> bool:
    """Whether a law is for runs of one of these domains; both by semicolons, null is a law for all."""
    named = (domain or "").lower().split(";")
    return covered_domains is None or not set(covered_domains.split(";")).isdisjoint(named)


def _input_quantities(chosen: dict) -> list[str]:
    """The columns of compute.run_inputs that are quantities a method may count with."""
    return [
        name
        for name in chosen
        if name in QUANTITIES and not QUANTITIES[name].states_compute and name not in (*_ABOUT_THE_RUN, "confidence")
    ]


def _said_seen(counted: dict) -> dict[str, float]:
    """The tokens that only the notes state, where they are what is counted: compute.run_inputs holds those of columns."""
    is_counted = counted.get("count_rule") == "tokens_said_seen"
    return {"tokens_seen": counted["counted_tokens"]} if is_counted else {}


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


def _not_used(chosen: dict, facts: list[dict], inputs: list[dict], counted: dict) -> list[dict[str, Any]]:
    """Facts of quantities no method got a value of, each with the reason."""
    asked = {*_input_quantities(chosen), "training_hardware"}
    used = {row["quantity"] for row in inputs}
    stating = [row["fact"] for row in inputs if row["fact"]]
    rest = [fact for fact in facts if fact["quantity"] in asked - used and fact not in stating]
    chip = next((row["fact"] for row in inputs if row["quantity"] == "chip_id"), None)
    return [
        fact | {"reason": _why_not_used(fact, facts, [one["source"] for one in stating], chip, counted)}
        for fact in rest
    ]


def _why_not_used(fact: dict, facts: list[dict], origins: list[str], chip: dict | None, counted: dict) -> str:
    is_text = fact["how"] == "text"
    told = {_states(one) for one in facts if one["quantity"] == fact["quantity"] and one["how"] == "text"}
    if fact["quantity"] == "training_hardware" and chip:
        is_of_one_source = is_text and chip["how"] != "text" and chip["source"] == fact["source"]
        believed = "a column, which goes before notes" if is_of_one_source else "a source believed before this one"
        return f"the chip is stated by {believed}"
    if is_text and len(told) > 1:
        return "the notes state several figures, so none of them is known to be the run's"
    if origins and fact["source"] not in origins:
        return f"inputs are all taken from {origins[0]}, the source believed first that states any"
    if is_text and fact["quantity"] in _TELL_THE_UNIT and counted.get("counted_tokens") is not None:
        return "read only to tell whether the size of the set is in tokens or in words"
    return "no figure of it that a method can count with"


def _methods(con: duckdb.DuckDBPyConnection, run: dict) -> list[dict[str, Any]]:
    """Each method's answer as compute.estimates holds it, its part in the figure, and what other profiles make of it."""
    run_id = run["run_id"]
    found = rows(con, "select * exclude (run_id) from compute.estimates where run_id = ? order by method", [run_id])
    under = rows(
        con,
        "select profile, method, training_compute_flop, calculation, assumptions, applies_to, is_in_force"
        " from compute.profile_estimates join assumptions.profiles using (profile) where run_id = ? order by profile",
        [run_id],
    )
    for row in found:
        mine = [one for one in under if one["method"] == row["method"]]
        row["applies_to"] = next((one["applies_to"] for one in mine if one["is_in_force"]), None)
        if row["method"] == "reported":
            sure = _row(con, "from assumptions.spreads where applies_to = ?", f"reported:{run['confidence'] or ''}")
            row["applies_to"] = sure.get("applies_to", "reported:other")
        names = ("profile", "training_compute_flop", "calculation", "assumptions")
        row["other_profiles"] = [{name: one[name] for name in names} for one in mine if not one["is_in_force"]]
        row["part"] = _part(row, run["training_compute_source"] == "reported")
    return found


def _part(row: dict, is_reported: bool) -> str:
    """What a method's answer has to do with the run's figure."""
    if row["method"] == "reported":
        return "is the answer: what a source states comes before our own estimate"
    if row["set_aside_reason"]:
        return f"set aside: {row['set_aside_reason']}"
    beside = ", which stands beside the reported figure" if is_reported else ""
    return f"counts for {row['weight_share']:.0%} of our own estimate{beside}"


def _missing(con: duckdb.DuckDBPyConnection, chosen: dict, methods: list[dict]) -> list[dict[str, Any]]:
    """The methods that gave nothing: what would allow them, or why what is there does not."""
    there = {row["method"] for row in methods}
    found = []
    for method, ways in WAYS.items():
        if method in there:
            continue
        open_parts = [[part for part in way if not any(_all(chosen, names) for names in part)] for way in ways]
        needs = [[[" and ".join(names) for names in part] for part in parts] for parts in open_parts if parts]
        reason = None
        if method == "reported":
            needs, reason = [], "no source states the compute of this run"
        elif len(needs) < len(ways):
            needs, reason = [], "what it counts with is there, but a count would be a guess"
        if method == "operation_counting":
            reason = _why_not_counted(con, chosen, is_there=not needs) or reason
        found.append({"method": method, "needs": needs, "reason": reason})
    return found


def _why_not_counted(con: duckdb.DuckDBPyConnection, chosen: dict, is_there: bool) -> str | None:
    """The row of human judgement by which operations are not counted: the kind of network, or what a datapoint is."""
    kind = _row(con, "select * from assumptions.network_kinds where network_kind = ?", chosen["network_kind"])
    if kind and kind["which_parameters"] != "all":
        return f"{chosen['network_kind']}: {kind['reason']}"
    unit = _row(
        con,
        "select * from compute.run_domains join assumptions.datapoint_units using (one_domain)"
        " where run_id = ? and data_unit <> 'tokens' order by one_domain limit 1",
        chosen["run_id"],
    )
    if is_there and unit and chosen["dataset_datapoints"] is not None:
        return f"a datapoint of {unit['one_domain']} is one of {unit['data_unit']}, not a token: {unit['reason']}"
    return None


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
    used = "select chip_id from compute.run_peaks where run_id = ?"
    chip_id = _row(con, used, run_id).get("chip_id") or chosen["chip_id"]
    chip = _row(con, "select * from clean.chips where chip_id = ?", chip_id)
    peak = _row(
        con,
        "select peak_flop_per_second, peak_precision, number_format_rule from compute.run_peaks where run_id = ?",
        run_id,
    )
    if peak:
        peak["fact"] = _chip_fact(con, chip_id, peak["peak_precision"], peak["peak_flop_per_second"], places)
    about = (
        {name: chip[name] for name in ("chip_id", "chip_name", "vendor", "chip_kind", "released_on")} if chip else None
    )
    return {"named": named, "chip": about, "number_format": chosen["number_format"], "peak": peak or None}


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
    con: duckdb.DuckDBPyConnection, chosen: dict, hardware: dict, inputs: list[dict], methods: list[dict], counted: dict
) -> list[dict[str, Any]]:
    """The rows of human judgement the methods rest on: table, row, reason, reference."""
    found: list[dict[str, Any]] = []

    def cite(table: str, where: str, *values: object) -> None:
        for row in rows(con, f"select * from assumptions.{table} where {where}", list(values)):
            said = {"reason": row.pop("reason", None), "reference": row.pop("reference", None)}
            found.append({"table": f"assumptions.{table}", "row": row, **said})

    names = {row["method"] for row in methods}
    if "hardware_time" in names:
        if all(chosen.get(name) is None for name in ("mfu", "utilisation", "hfu")):
            rule = "select profile, utilisation_rule from compute.run_utilisations where run_id = ? and is_in_force"
            cite("utilisation", f"(profile, utilisation_rule) in ({rule})", chosen["run_id"])
        precision = (hardware["peak"] or {}).get("peak_precision")
        cite("peak_choice", "number_format = ? and peak_column = ?", chosen["number_format"], precision)
    if counted:
        cite("network_kinds", "network_kind = ?", chosen["network_kind"] or "dense")
        domains = "select one_domain from compute.run_domains where run_id = ?"
        if chosen["dataset_datapoints"] is not None and counted["counted_tokens"] is not None:
            cite("datapoint_units", f"one_domain in ({domains}) order by one_domain", chosen["run_id"])
        if counted["is_counted_in_words"]:
            cite("thresholds", "threshold = 'tokens_per_word'")
        if counted["count_rule"] == "one_pass":
            cite("thresholds", "threshold in ('one_pass_tokens', 'one_pass_year') order by threshold")
    if any(row["set_aside_reason"] for row in methods):
        cite("thresholds", "threshold = 'methods_far_apart'")
    for applies_to in dict.fromkeys(row["applies_to"] for row in methods):
        cite("spreads", "applies_to = ?", applies_to)
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
    for row in answer["disagreements"]:
        found.append(
            f"{row['method']} and {row['other_method']} cannot both be right: a factor of"
            f" {row['disagreement_factor']:.3g} apart, and their 90% intervals do not meet".replace("_", " ")
        )
    base = answer["answer"]["base_run"]
    if base and answer["answer"]["estimated_compute_scope"] == "final_run":
        found.append(f"trained on top of {base['run_name']}: what is estimated here is its own training alone")
    reported = run["reported_training_compute_flop"]
    if (
        reported
        and run["compute_scope"] == "with_base_model"
        and base
        and reported < (base["training_compute_flop"] or 0)
    ):
        found.append(
            f"the figure reported is below that of {base['run_name']} alone, so it cannot count that model too"
        )
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
