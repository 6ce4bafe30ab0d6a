"""The tables of the estimates in pandas, as a careful user would write them: what the SQL is measured and checked against."""

from __future__ import annotations

from datetime import date
from math import floor, log10

import numpy as np
import pandas as pd

PFS_DAY = 1e15 * 86400
COMPUTE_QUANTITIES = ("training_compute_flop", "training_compute_flop_high", "training_compute_flop_low")
NUMBERS = (
    "parameters", "active_parameters", "tokens_seen", "dataset_tokens", "dataset_words", "dataset_examples",
    "dataset_datapoints", "examples_seen", "epochs", "forward_flop_per_example", "training_repeats", "time_repeats",
    "batch_size", "chips", "training_hours", "chip_hours", "mfu", "hfu", "utilisation",
)  # fmt: skip
WORDS = ("dataset_gradients", "chip_id", "number_format", "network_kind")
ANSWER = [
    "run_id", "compute_scope", "training_compute_flop", "method", "applies_to", "assumed_factor", "formula", "calculation",
    "inputs", "assumptions",
]  # fmt: skip
HEARD = ("active_parameters", "epochs", "chips", "training_hours", "chip_hours", "mfu", "hfu", "utilisation")


def estimate_tables(given: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Every compared table by name, from the tables both are given."""
    limits = given["thresholds"].set_index("threshold")["limit_value"]
    made = {"run_inputs": run_inputs(given, limits)}
    made["run_counts"] = run_counts(given, limits, made["run_inputs"])
    made["profile_estimates"] = profile_estimates(given, made["run_inputs"], made["run_counts"])
    made["estimates"] = estimates(given, limits, made["run_inputs"], made["profile_estimates"])
    made["combined_estimates"] = combined_estimates(given, made["estimates"])
    made["training_runs"] = training_runs(given, limits, made)
    return made


def run_inputs(given: dict[str, pd.DataFrame], limits: pd.Series) -> pd.DataFrame:
    """One row a run: of every quantity the value that is used."""
    facts = _placed_facts(given)
    stated = facts[
        (facts["how"] != "text") & facts["quantity"].isin([*NUMBERS, *WORDS, "training_hardware"])
    ]  # what the notes say fills in later
    first = stated.groupby("run_id")["precedence"].min().rename("first_precedence").reset_index()
    stated = stated.merge(first, on="run_id")
    stated = stated[stated["precedence"] == stated["first_precedence"]].sort_values("place", kind="stable")
    stated = stated.drop_duplicates(["run_id", "quantity"])
    chosen = stated.pivot(index="run_id", columns="quantity", values="value").reindex(columns=list(NUMBERS))
    words = stated.pivot(index="run_id", columns="quantity", values="value_text")
    words = words.reindex(columns=list(WORDS)).astype(object)
    heard = _heard(facts, first, limits["spoken_figures_agree"])
    peaks = given["run_peaks"].merge(given["source_precedence"][["source", "precedence"]], on="source")
    peaks = peaks.merge(first, on="run_id")
    peaks = peaks[peaks["precedence"] == peaks["first_precedence"]].set_index("run_id")[["chip_id", "number_format"]]
    runs = given["runs"].set_index("run_id")[["published_on", "domain", "compute_scope"]]
    table = (
        runs.join(chosen)
        .join(words)
        .join(heard.add_prefix("heard_"))
        .join(peaks.add_prefix("placed_"))
        .join(_judged(facts))
    )
    return _filled(table).reset_index()


def _placed_facts(given: dict[str, pd.DataFrame]) -> pd.DataFrame:
    columns = [
        "run_id",
        "quantity",
        "value",
        "value_text",
        "source",
        "source_id",
        "how",
        "document_id",
        "row_number",
        "as_of_on",
        "quote",
    ]
    facts = given["run_facts"][columns]
    documents = facts[["source", "document_id", "as_of_on"]].drop_duplicates()
    documents = documents.merge(given["source_precedence"][["source", "precedence"]], on="source")
    documents = documents.sort_values(["precedence", "as_of_on", "document_id"], ascending=[True, False, True])
    documents["document_place"] = np.arange(1, len(documents) + 1)
    facts = facts.merge(documents, on=["source", "document_id", "as_of_on"])
    facts["place"] = facts["document_place"] * 10_000_000_000 + facts["row_number"]
    facts["origin"] = facts["place"].where(facts["source"] != "curated", 0)
    return facts


def _judged(facts: pd.DataFrame) -> pd.DataFrame:
    """Stated compute with bounds and confidence, all of the first listing that states any."""
    stating = facts[facts["quantity"].isin(COMPUTE_QUANTITIES)]
    first = stating.groupby("run_id")["origin"].min().rename("first_origin").reset_index()
    wanted = facts[facts["quantity"].isin([*COMPUTE_QUANTITIES, "confidence", "compute_scope"])].merge(
        first, on="run_id"
    )
    wanted = wanted[wanted["origin"] == wanted["first_origin"]]
    table = pd.DataFrame(index=first["run_id"])
    for quantity in COMPUTE_QUANTITIES:
        table[quantity] = wanted[wanted["quantity"] == quantity].groupby("run_id")["value"].max()
    table["confidence"] = wanted[wanted["quantity"] == "confidence"].groupby("run_id")["value_text"].max()
    scope = wanted[wanted["quantity"] == "compute_scope"]
    table["reported_compute_scope"] = scope.groupby("run_id")["value_text"].max()
    stated = wanted[wanted["quantity"] == "training_compute_flop"]
    table["training_compute_source_id"] = stated.groupby("run_id")["source_id"].max()
    return table


def _heard(facts: pd.DataFrame, first: pd.DataFrame, agree: float) -> pd.DataFrame:
    """What the notes of the source that is used say, where they say one thing."""
    spoken = facts[facts["how"] == "text"].merge(first, on="run_id")
    spoken = spoken[spoken["precedence"] == spoken["first_precedence"]]
    groups = spoken.groupby(["run_id", "quantity"])
    numbers, texts = groups["value"].agg(["min", "max"]), groups["value_text"].agg(["min", "max"])
    said = numbers.join(texts.add_suffix("_text")).join(groups["quote"].min()).reset_index()
    said["value"] = said["max"].where(said["max"] <= agree * said["min"])
    said["value_text"] = said["min_text"].where(said["min_text"] == said["max_text"])
    heard = said.pivot(index="run_id", columns="quantity", values="value").reindex(columns=list(HEARD)).astype(float)
    kinds = said[said["quantity"] == "network_kind"].set_index("run_id")["value_text"]
    quotes = said.pivot(index="run_id", columns="quantity", values="quote").reindex(columns=["chips", "training_hours"])
    together = quotes["chips"].notna() & (quotes["chips"] == quotes["training_hours"])
    return heard.assign(network_kind=kinds.astype(object), are_said_together=together)


def _filled(table: pd.DataFrame) -> pd.DataFrame:
    """The columns of a source, filled from its notes where a column says nothing."""
    t = table
    has_time = t["training_hours"].notna() | t["chip_hours"].notna()
    together = t["heard_are_said_together"].fillna(False).astype(bool)
    hears_time = t["training_hours"].notna() | together
    chips = t["chips"].where(t["chips"].notna() | t["chip_hours"].notna(), t["heard_chips"].where(hears_time))
    is_wall_time = (t["chips"] > 1) & (t["chip_hours"] == t["heard_training_hours"])
    may_hear = t["chips"].isna() | t["training_hours"].isna()
    chip_hours = t["chip_hours"].fillna(t["heard_chip_hours"].where(may_hear))
    shares = ["mfu", "hfu", "utilisation"]
    heard_shares = {
        name: t[name].fillna(
            t[f"heard_{name}"].where(t[[other for other in shares if other != name]].isna().all(axis=1))
        )
        for name in shares
    }
    active = t["heard_active_parameters"].where(t["heard_active_parameters"] < t["parameters"])
    return t.assign(
        active_parameters=t["active_parameters"].fillna(active),
        epochs=t["epochs"].fillna(t["heard_epochs"]),
        chips=chips,
        chip_id=t["placed_chip_id"].fillna(t["chip_id"]),
        training_hours=t["training_hours"].where(has_time, t["heard_training_hours"].where(together)),
        chip_hours=(t["chip_hours"] * t["chips"]).where(is_wall_time, chip_hours),
        **heard_shares,
        number_format=t["placed_number_format"].fillna(t["number_format"]).fillna("unstated"),
        network_kind=t["network_kind"].fillna(t["heard_network_kind"]),
    )


def two_digit_rounding(figure: float) -> float:
    """Half a unit in the second digit of a figure that has no more than two; else 0."""
    if not figure > 0:
        return 0.0
    unit = 10.0 ** (floor(log10(figure)) - 1)
    return 0.5 * unit if abs(figure / unit - round(figure / unit)) < 1e-6 else 0.0


def figures_agree(one: float, other: float, share: float) -> bool:
    """Whether two figures are one: within a share of the smaller, or one is the other rounded to two digits."""
    if pd.isna(one) or pd.isna(other):
        return False
    allowed = max(share * min(abs(one), abs(other)), two_digit_rounding(one), two_digit_rounding(other))
    return abs(one - other) <= 1.000000001 * allowed


def run_counts(given: dict[str, pd.DataFrame], limits: pd.Series, inputs: pd.DataFrame) -> pd.DataFrame:
    """One row a run that can be counted: which parameters, how many tokens, by which rule."""
    table = inputs.merge(_domains(given), on="run_id", how="left").merge(_figures(given), on="run_id", how="left")
    kinds = given["network_kinds"].set_index("network_kind")["which_parameters"]
    table["counts_of_kind"] = table["network_kind"].map(kinds).fillna("all")
    table["counted_parameters"] = table["active_parameters"].fillna(table["parameters"])
    table["data_size"] = table["dataset_datapoints"].fillna(pd.to_numeric(table["dataset_gradients"], errors="coerce"))
    table["datapoints"] = table["data_size"] * table["tokens_per_datapoint"]
    table["counted_examples"] = table["examples_seen"].fillna(table["dataset_examples"] * table["epochs"])
    for name in ("are_all_tokens", "may_be_tokens"):
        table[name] = table[name].fillna(False).astype(bool)
    table = table.join(table.apply(_said, axis=1, result_type="expand", limits=limits))
    per_word, is_words = limits["tokens_per_word"], table["is_counted_in_words"]
    table["owned_tokens"] = table["datapoints"] * np.where(is_words, per_word, 1)
    table["count_rule"] = _rules(table, limits)
    table["counted_tokens"] = _tokens(table)
    may_count = (table["counts_of_kind"] == "all") | (
        (table["counts_of_kind"] == "active") & (table["active_parameters"] > 0)
    )
    is_forward = table["count_rule"] == "forward_counted"
    table = table[is_forward | (table["count_rule"].notna() & (table["counted_parameters"] > 0) & may_count)].copy()
    is_forward = table["count_rule"] == "forward_counted"
    for name in ("forward_flop_per_example", "counted_examples"):
        table[name] = table[name].where(is_forward)
    table["counted_parameters"] = table["counted_parameters"].where(~is_forward)
    table["repeats"] = table["training_repeats"].fillna(1)
    table["has_active_parameters"] = table["active_parameters"].notna()
    return table


def _domains(given: dict[str, pd.DataFrame]) -> pd.DataFrame:
    units = given["datapoint_units"][["one_domain", "tokens_per_datapoint", "may_be_tokens"]]
    table = given["run_domains"].merge(units, on="one_domain", how="left")
    table["is_token"] = (table["tokens_per_datapoint"] > 0).fillna(False)
    table["may"] = table["may_be_tokens"].fillna(False).astype(bool)
    found = table.groupby("run_id").agg(
        are_all_tokens=("is_token", "all"),
        has_tokens=("is_token", "any"),
        may_all=("may", "all"),
        tokens_per_datapoint=("tokens_per_datapoint", "max"),
    )
    found["may_be_tokens"] = found["has_tokens"] & found["may_all"]
    return found[["are_all_tokens", "may_be_tokens", "tokens_per_datapoint"]].reset_index()


def _figures(given: dict[str, pd.DataFrame]) -> pd.DataFrame:
    facts = given["run_facts"]
    spoken = facts[facts["how"] == "text"]
    tokens = spoken[spoken["quantity"].isin(["tokens_seen", "dataset_tokens"])].groupby("run_id")["value"].unique()
    words = spoken[spoken["quantity"] == "dataset_words"].groupby("run_id")["value"].unique()
    seen = spoken[spoken["quantity"] == "tokens_seen"].groupby("run_id")["value"].agg(["min", "max"])
    table = pd.DataFrame({"said_tokens": tokens, "said_words": words}).join(seen, how="outer")
    return table.rename(columns={"min": "least_seen", "max": "most_seen"}).rename_axis("run_id").reset_index()


def _said(run: pd.Series, limits: pd.Series) -> dict:
    """What the notes call the figure of a run's data, and the tokens they say it saw."""
    share, per_word, data = limits["cell_equals_figure"], limits["tokens_per_word"], run["data_size"]
    tokens = run["said_tokens"] if isinstance(run["said_tokens"], np.ndarray) else []
    words = run["said_words"] if isinstance(run["said_words"], np.ndarray) else []
    is_tokens = any(figures_agree(said, data, share) for said in tokens)
    is_words_of_tokens = any(figures_agree(said, data * per_word, share) for said in tokens)
    is_words = any(figures_agree(said, data, share) for said in words)
    is_one = (
        run["most_seen"] <= run["least_seen"] * (1 + share) and run["least_seen"] >= limits["smallest_corpus_tokens"]
    )
    seen = run["most_seen"] if is_one else np.nan
    is_apart = (
        is_one
        and not (is_tokens and figures_agree(seen, run["datapoints"], share))
        and not figures_agree(seen, run["datapoints"] * per_word, share)
        and (run["are_all_tokens"] or run["may_be_tokens"])
    )
    return {
        "tokens_said_seen": seen,
        "is_counted_in_words": (is_words or is_words_of_tokens) and not is_tokens,
        "is_tokens": run["are_all_tokens"] or (run["may_be_tokens"] and (is_tokens or is_words_of_tokens)),
        "is_seen_apart": bool(is_apart),
    }


def _rules(t: pd.DataFrame, limits: pd.Series) -> pd.Series:
    """The first rule of counting that holds for each run; none where a count would be a guess."""
    is_large = t["owned_tokens"] >= limits["one_pass_tokens"]
    is_late = pd.to_datetime(t["published_on"]).dt.year >= limits["one_pass_year"]
    conditions = [
        ((t["forward_flop_per_example"] > 0) & (t["counted_examples"] > 0), "forward_counted"),
        (t["tokens_seen"] > 0, "tokens_seen"),
        ((t["dataset_tokens"] > 0) & (t["epochs"] > 0), "tokens_epochs"),
        (t["is_seen_apart"], "tokens_said_seen"),
        (~t["is_tokens"] | t["owned_tokens"].isna(), None),
        ((t["epochs"] > limits["large_set_epochs"]) & is_large, None),
        ((t["epochs"] > 0) & t["is_counted_in_words"], "words_epochs"),
        (t["epochs"] > 0, "datapoints_epochs"),
        (is_large & is_late, "one_pass"),
    ]
    return pd.Series(np.select([c for c, _ in conditions], [r for _, r in conditions], default=None), index=t.index)


def _tokens(t: pd.DataFrame) -> pd.Series:
    rule = t["count_rule"]
    by_rule = {
        "tokens_seen": t["tokens_seen"],
        "tokens_epochs": t["dataset_tokens"] * t["epochs"],
        "tokens_said_seen": t["tokens_said_seen"],
        "words_epochs": t["owned_tokens"] * t["epochs"],
        "datapoints_epochs": t["owned_tokens"] * t["epochs"],
        "one_pass": t["owned_tokens"],
    }
    return pd.Series(
        np.select([rule == name for name in by_rule], list(by_rule.values()), default=np.nan), index=t.index
    )


def profile_estimates(given: dict[str, pd.DataFrame], inputs: pd.DataFrame, counts: pd.DataFrame) -> pd.DataFrame:
    """What each method answers for a run under each profile."""
    kinds = given["network_kinds"].set_index("network_kind")["flop_per_parameter"]
    runs = inputs.assign(
        compute_scope=inputs["compute_scope"].replace("with_base_model", "final_run"),
        flop_per_parameter=inputs["network_kind"].map(kinds).fillna(6).astype(float),
    )
    table = pd.concat([_counted(given, runs, counts), _timed(given, runs)], ignore_index=True)
    table = table.merge(given["spreads"][["applies_to", "spread_factor"]], on="applies_to")
    joint = np.exp(np.sqrt(np.log(table["spread_factor"]) ** 2 + np.log(table["assumed_factor"]) ** 2))
    table["spread_factor"] = joint.where(table["assumed_factor"].notna(), table["spread_factor"])
    return table


def _counted(given: dict[str, pd.DataFrame], runs: pd.DataFrame, counts: pd.DataFrame) -> pd.DataFrame:
    columns = [
        "run_id", "count_rule", "counted_parameters", "counted_tokens", "counted_examples", "repeats",
        "has_active_parameters", "is_counted_in_words",
    ]  # fmt: skip
    forward = counts[["run_id", "forward_flop_per_example"]].rename(columns={"forward_flop_per_example": "forward"})
    scopes = runs[["run_id", "compute_scope", "flop_per_parameter"]]
    table = counts[columns].merge(forward, on="run_id").merge(scopes, on="run_id")
    by_tokens = table["flop_per_parameter"] * table["counted_parameters"] * table["counted_tokens"]
    by_examples = table["forward"] * 3 * table["counted_examples"]
    table["training_compute_flop"] = (
        by_tokens.where(table["count_rule"] != "forward_counted", by_examples) * table["repeats"]
    )
    table = table.join(table.apply(_counting_words, axis=1, result_type="expand"))
    table = table.assign(method="operation_counting", applies_to=table["count_rule"], assumed_factor=np.nan)
    return given["profiles"][["profile"]].merge(table[ANSWER], how="cross")


def _counting_words(run: pd.Series) -> dict[str, str]:
    """The count in words and figures, as a person would check it."""
    if run["count_rule"] == "forward_counted":
        formula, arithmetic = (
            "forward FLOP × 3 × examples seen",
            f"{run['forward']:.4g} × 3 × {run['counted_examples']:.4g}",
        )
        inputs = f"{run['forward']:.4g} FLOP forward; {run['counted_examples']:.4g} examples"
    else:
        used = " used a token" if run["has_active_parameters"] else ""
        formula = f"{run['flop_per_parameter']:g} × parameters{used} × tokens seen"
        figures = f"{run['counted_parameters']:.4g} × {run['counted_tokens']:.4g}"
        arithmetic = f"{run['flop_per_parameter']:g} × {figures}"
        inputs = f"{run['counted_parameters']:.4g} parameters; {run['counted_tokens']:.4g} tokens"
    if run["repeats"] != 1:
        formula, arithmetic = formula + " × repeats", arithmetic + f" × {run['repeats']:.4g}"
        inputs += f"; {run['repeats']:.4g} times"
    assumed = []
    if run["count_rule"] == "one_pass":
        assumed.append("one pass, as no epochs are stated")
    if run["count_rule"] == "tokens_said_seen":
        assumed.append("tokens seen as the notes say")
    if run["is_counted_in_words"]:
        assumed.append("words taken as four thirds of a token")
    calculation = f"{arithmetic} = {run['training_compute_flop']:.4g}"
    return {"formula": formula, "calculation": calculation, "inputs": inputs, "assumptions": "; ".join(assumed)}


def _timed(given: dict[str, pd.DataFrame], runs: pd.DataFrame) -> pd.DataFrame:
    peaks = given["run_peaks"][["run_id", "chip_id", "number_format_rule", "peak_precision", "peak_flop_per_second"]]
    assumed = given["run_utilisations"][["run_id", "profile", "utilisation_share", "spread_factor", "utilisation_rule"]]
    table = runs.drop(columns=["chip_id"]).merge(peaks, on="run_id").merge(assumed, on="run_id")
    stated = table["mfu"].fillna(table["utilisation"]).fillna(table["hfu"])
    table["hours"] = table["chip_hours"].fillna(table["chips"] * table["training_hours"])
    table["share"] = stated.fillna(table["utilisation_share"])
    table["repeats"] = table["time_repeats"].fillna(1)
    flop = table["hours"] * 3600 * table["peak_flop_per_second"] * table["share"] * table["repeats"]
    table = table.assign(
        method="hardware_time",
        training_compute_flop=flop,
        applies_to=np.where(stated.notna(), "hardware_stated", "hardware_assumed"),
        assumed_factor=table["spread_factor"].where(stated.isna()),
        is_assumed=stated.isna(),
        is_hfu=table["mfu"].isna() & table["utilisation"].isna() & table["hfu"].notna(),
    )
    table = table[(table["hours"] > 0) & (table["share"] > 0)]
    table = table.join(table.apply(_hardware_words, axis=1, result_type="expand"))
    return table[["profile", *ANSWER]]


def _hardware_words(run: pd.Series) -> dict[str, str]:
    """Chips, time and share in words and figures, as a person would check them."""
    formula = "chip-hours × 3600 × peak × utilisation"
    calculation = f"{run['hours']:.4g} × 3600 × {run['peak_flop_per_second']:.4g} × {run['share']:.3g}"
    inputs = (
        f"{run['hours']:.4g} chip-hours of {run['chip_id']}; peak {run['peak_flop_per_second']:.4g} FLOP/s "
        f"({run['peak_precision']}); utilisation {run['share']:.3g}"
    )
    if run["repeats"] != 1:
        formula, calculation = formula + " × repeats", calculation + f" × {run['repeats']:.4g}"
        inputs += f"; {run['repeats']:.4g} times"
    assumed = []
    if run["is_assumed"]:
        assumed.append(f"utilisation of profile {run['profile']}: {run['utilisation_rule']}")
    if run["is_hfu"]:
        assumed.append("hardware utilisation counts recomputation")
    if run["number_format_rule"] != "stated":
        assumed.append("number format " + run["number_format_rule"])
    calculation += f" = {run['training_compute_flop']:.4g}"
    return {"formula": formula, "calculation": calculation, "inputs": inputs, "assumptions": "; ".join(assumed)}


def estimates(
    given: dict[str, pd.DataFrame], limits: pd.Series, inputs: pd.DataFrame, answers: pd.DataFrame
) -> pd.DataFrame:
    """The answers of the profile in force, weighed, and what a source reports, each with its interval."""
    in_force = given["profiles"].loc[given["profiles"]["is_in_force"], "profile"]
    ours = answers[answers["profile"].isin(in_force)]
    flop = ours.pivot(index="run_id", columns="method", values="training_compute_flop")
    apart = (flop["operation_counting"] / flop["hardware_time"]).rename("apart")
    ours = ours.merge(apart, left_on="run_id", right_index=True, how="left")
    far = limits["methods_far_apart"]
    is_counting = ours["method"] == "operation_counting"
    ours["set_aside_reason"] = ours["apart"].where(is_counting).apply(_set_aside, far=far)
    weight = (1 / np.log(ours["spread_factor"]) ** 2).where(ours["set_aside_reason"].isna())
    ours["weight_share"] = (weight / weight.groupby(ours["run_id"]).transform("sum")).fillna(0)
    reported = inputs[inputs["training_compute_flop"] > 0].copy()
    reported["applies_to"] = reported["confidence"].apply(_confidence)
    reported = reported.merge(given["spreads"][["applies_to", "spread_factor"]], on="applies_to")
    reported["compute_scope"] = reported["reported_compute_scope"].fillna(reported["compute_scope"])
    reported = reported.assign(
        method="reported",
        stated_low=reported["training_compute_flop_low"],
        stated_high=reported["training_compute_flop_high"],
        formula="as its source states it",
        inputs=reported["training_compute_flop"].apply("{:.4g} FLOP".format),
        assumptions="",
    )
    columns = ["run_id", "method", "training_compute_flop", "spread_factor", "compute_scope"]
    columns += ["formula", "inputs", "assumptions"]
    weighed = ours[[*columns, "calculation", "weight_share", "set_aside_reason"]]
    told = pd.concat([weighed, reported[[*columns, "stated_low", "stated_high"]]], ignore_index=True)
    return _with_interval(told)


def _set_aside(apart: float, far: float) -> str | None:
    if apart > far:
        return f"{apart:.3g} times what the hardware did in its time"
    if 1 / apart > far:
        return f"the hardware did {1 / apart:.3g} times as much in its time"
    return None


def _confidence(words: object) -> str:
    if pd.isna(words):
        return "reported:"
    return f"reported:{words}" if words in ("Confident", "Likely", "Speculative") else "reported:other"


def _with_interval(told: pd.DataFrame) -> pd.DataFrame:
    flop = told["training_compute_flop"]
    low = told["stated_low"].where(told["stated_low"] <= flop)
    high = told["stated_high"].where(told["stated_high"] >= flop)
    return told.assign(
        training_compute_flop_low=low.fillna(flop / told["spread_factor"]),
        training_compute_flop_high=high.fillna(flop * told["spread_factor"]),
        training_compute_pfs_days=flop / PFS_DAY,
        spread_factor=told["spread_factor"].where(low.isna() & high.isna()),
    )


def combined_estimates(given: dict[str, pd.DataFrame], told: pd.DataFrame) -> pd.DataFrame:
    """Our methods joined, for the run's own compute and for that with the base models it started from."""
    methods = told[(told["method"] != "reported") & told["set_aside_reason"].isna()].sort_values(["run_id", "method"])
    methods = methods.assign(
        part=np.log(methods["training_compute_flop"]) * methods["weight_share"],
        precision=1 / np.log(methods["spread_factor"]) ** 2,
    )
    own = methods.groupby("run_id").agg(
        ln_estimated=("part", "sum"),
        precision=("precision", "sum"),
        methods=("method", ";".join),
        compute_scope=("compute_scope", "first"),
    )
    methods = methods.merge(own[["ln_estimated"]], left_on="run_id", right_index=True)
    methods["off"] = (np.log(methods["training_compute_flop"]) - methods["ln_estimated"]).abs()
    own["estimated"] = np.exp(own["ln_estimated"])
    own["ln_spread"] = np.maximum(np.sqrt(1 / own["precision"]), methods.groupby("run_id")["off"].max())
    own["base_runs"] = 0
    columns = ["run_id", "compute_scope", "estimated", "ln_spread", "methods", "base_runs"]
    table = pd.concat([own.reset_index()[columns], _with_bases(given["runs"], own)], ignore_index=True)
    return table.assign(
        estimated_training_compute_flop=table["estimated"],
        estimated_training_compute_flop_low=table["estimated"] / np.exp(table["ln_spread"]),
        estimated_training_compute_flop_high=table["estimated"] * np.exp(table["ln_spread"]),
        spread_factor=np.exp(table["ln_spread"]),
    )


def _with_bases(runs: pd.DataFrame, own: pd.DataFrame) -> pd.DataFrame:
    """The sum of each run and the line of models it came from, where each of them has an estimate."""
    known = dict(zip(own.index, zip(own["estimated"], own["ln_spread"], strict=True), strict=True))
    is_first = runs["base_run_name"].isna()
    lines = {run: (*known[run], 0) for run in runs.loc[is_first, "run_id"] if run in known}
    based = runs[runs["base_run_id"].notna() & runs["run_id"].isin(known)]
    waiting = dict(zip(based["run_id"], based["base_run_id"], strict=True))
    while ready := [run for run, base in waiting.items() if base in lines and run not in lines]:
        for run in ready:
            base, base_spread, base_runs = lines[waiting.pop(run)]
            flop, spread = known[run]
            joint = np.sqrt((base * base_spread) ** 2 + (flop * spread) ** 2) / (base + flop)
            lines[run] = (base + flop, joint, base_runs + 1)
    rows = [(run, *line) for run, line in lines.items() if line[2] > 0]
    table = pd.DataFrame(rows, columns=["run_id", "estimated", "ln_spread", "base_runs"])
    return table.merge(own[["methods"]], left_on="run_id", right_index=True).assign(compute_scope="with_base_model")


def training_runs(given: dict[str, pd.DataFrame], limits: pd.Series, made: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """One row a run: its training compute, reported or else estimated, with our own estimate beside it."""
    runs, inputs = given["runs"], made["run_inputs"]
    columns = [
        "run_id", "confidence", "training_compute_source_id", "parameters", "chip_id", "chips", "training_hours",
        "chip_hours", "tokens_seen", "epochs", "dataset_tokens", "dataset_words", "dataset_examples", "dataset_datapoints",
    ]  # fmt: skip
    table = runs.rename(columns={"compute_scope": "run_scope"}).merge(inputs[columns], on="run_id")
    table = table.merge(_one_scope(runs, made["combined_estimates"]), on="run_id", how="left")
    table = table.merge(_reported(made["estimates"]), on="run_id", how="left")
    flop = table["reported_training_compute_flop"].fillna(table["estimated_training_compute_flop"])
    both = table[["reported_training_compute_flop", "estimated_training_compute_flop"]]
    is_one_scope = table["reported_scope"] == table["estimated_compute_scope"]
    is_reported = table["reported_training_compute_flop"].notna()
    source = np.where(is_reported, "reported", np.where(flop.notna(), "estimated", None))
    seen = table["tokens_seen"]
    sizes = [seen / table["epochs"].replace(0, np.nan), seen]
    sizes += [table[name] for name in ("dataset_tokens", "dataset_words", "dataset_examples", "dataset_datapoints")]
    table = table.assign(
        training_compute_flop=flop,
        training_compute_flop_low=table["reported_low"].fillna(table["estimated_training_compute_flop_low"]),
        training_compute_flop_high=table["reported_high"].fillna(table["estimated_training_compute_flop_high"]),
        training_compute_pfs_days=flop / PFS_DAY,
        log10_training_compute_flop=np.log10(flop),
        training_compute_source=source,
        compute_scope=table["reported_scope"].fillna(table["estimated_compute_scope"]).fillna(table["run_scope"]),
        disagreement_factor=(both.max(axis=1) / both.min(axis=1)).where(is_one_scope),
        training_compute_source_id=table["training_compute_source_id"].where(is_reported),
        dataset_size=pd.concat(sizes, axis=1).bfill(axis=1).iloc[:, 0],
        chips=table["chips"].fillna(table["chip_hours"] / table["training_hours"].replace(0, np.nan)),
    )
    return table.assign(is_frontier=_frontier(table, limits["frontier_spread"]))


def _one_scope(runs: pd.DataFrame, combined: pd.DataFrame) -> pd.DataFrame:
    """Our estimate in the scope the run's source speaks of, else the run's own."""
    table = combined.rename(columns={"compute_scope": "estimated_compute_scope"})
    table = table.merge(runs[["run_id", "compute_scope"]], on="run_id")
    table["is_its_own"] = table["estimated_compute_scope"] == table["compute_scope"]
    table = table.sort_values(["is_its_own", "base_runs"], ascending=[False, True], kind="stable").drop_duplicates(
        "run_id"
    )
    return table.drop(columns=["compute_scope", "is_its_own", "estimated", "ln_spread", "base_runs"])


def _reported(told: pd.DataFrame) -> pd.DataFrame:
    names = {
        "training_compute_flop": "reported_training_compute_flop",
        "training_compute_flop_low": "reported_low",
        "training_compute_flop_high": "reported_high",
        "compute_scope": "reported_scope",
    }
    return told.loc[told["method"] == "reported", ["run_id", *names]].rename(columns=names)


def _frontier(table: pd.DataFrame, spread: float) -> pd.Series:
    """Whether a run was among the ten largest of all dated training runs up to its day."""
    may_count = (
        (table["training_compute_flop"] > 0)
        & table["published_on"].notna()
        & ~table["is_excluded_by_source"].astype(bool)
        & (table["run_kind"] == "training")
        & ((table["training_compute_source"] == "reported") | (table["spread_factor"] <= spread))
    )
    dated = table.loc[may_count, ["published_on", "training_compute_flop"]]
    largest: list[float] = []
    bars: dict[date, float] = {}
    for day, flop in dated.sort_values("published_on").groupby("published_on")["training_compute_flop"]:
        largest = sorted([*largest, *flop], reverse=True)[:10]
        bars[day] = largest[-1]
    bar = table["published_on"].map(bars)
    return may_count & (table["training_compute_flop"] >= bar)
