"""An answer of `explain.py` as lines of text for a terminal: at most 100 columns, nothing in it can steer the terminal."""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Iterator
from typing import Any

from flows.explain import describe_scope

WIDTH = 100
# What of a character must not reach a terminal as it is: controls, invisible marks of direction, breaks of lines.
_STEERING = {"Cc", "Cf", "Cs", "Zl", "Zp"}
_COSTS = (
    ("amortised_cost_usd", "amortised hardware and energy"),
    ("purchase_cost_usd", "the cluster bought outright"),
    ("rental_cost_usd", "rent in a cloud"),
)
_IMPUTED = (
    ("has_imputed_chips", "the kind of chip is not known: the commonest of its year is taken"),
    ("has_imputed_chip_hours", "the chip-hours are not known: they follow from our own count of operations"),
    ("has_imputed_time", "the length of the run is not known: it is worked out or the median of others"),
    ("has_launch_price", "no price of the hardware was at hand but that of its launch"),
)


def safe(text: object) -> str:
    """Text with every character that could steer a terminal spelled out, as \\x1b."""
    return "".join(
        char.encode("unicode_escape").decode("ascii") if unicodedata.category(char) in _STEERING else char
        for char in str(text)
    )


def figure(value: float) -> str:
    """A number for people: six significant figures, from a million on and below a thousandth with a power of ten."""
    if value == 0 or 1e-3 <= abs(value) < 1e6:
        return f"{value:.6g}"
    digits, _, power = f"{value:.5e}".partition("e")
    return f"{digits.rstrip('0').rstrip('.')}e{int(power)}"


def short(value: float) -> str:
    """A number of an answer: four significant figures."""
    return figure(float(f"{value:.4g}"))


def lines(answer: dict[str, Any]) -> list[str]:
    """The whole answer, a line at a time."""
    return list(Page(answer).lines())


class Page:
    """One answer being printed; documents get a number where they are first named and are listed at the end."""

    def __init__(self, answer: dict[str, Any]) -> None:
        self._answer = answer
        self._numbers: dict[str, int] = {}
        self._documents: dict[str, dict] = {}

    def lines(self) -> Iterator[str]:
        """Every section that has something to say, with an empty line between."""
        sections = (
            self._head, self._figure, self._thresholds, self._inputs, self._unused, self._methods, self._missing,
            self._hardware, self._assumptions, self._costs, self._caveats, self._archive,
        )  # fmt: skip
        is_first = True
        for section in sections:
            told = list(section())
            if told and not is_first:
                yield ""
            is_first = False
            for indent, text in told:
                yield from _wrapped(safe(text), indent)

    def _head(self) -> Iterator[tuple[int, str]]:
        run = self._answer["run"]
        yield 0, f"{run['run_name']} (run {run['run_id']})"
        words = ("organisations", "countries", "published_on", "domain", "openness")
        yield 2, "; ".join(str(run[name]).replace(";", ", ") for name in words if run[name] is not None)
        if run["also_called"]:
            yield 2, f"also called {', '.join(run['also_called'])}"
        paper = run["paper"]
        if paper:
            yield 2, f"paper: {paper['title'] or paper['paper_id']}"
            if paper["url"]:
                yield 2, str(paper["url"])
        for fact in run["stated"]:
            yield 2, f"{_word(fact['quantity'])}: {_states(fact)} {self._where(fact)}"
        version = self._answer.get("version")
        if version is None and "version" in self._answer:
            yield 2, "chips as curated, without prices: there is no version that this program made"
        if version:
            yield 2, f"version {version['version']}, as of {version['as_of_on']}"
        yield 2, f"assumptions of profile {self._answer['profile']}"

    def _figure(self) -> Iterator[tuple[int, str]]:
        found = self._answer["answer"]
        flop = found["training_compute_flop"]
        if flop is None:
            yield 0, "Training compute: not known; no source states it and no method has what it takes"
            return
        low, high = found["training_compute_flop_low"], found["training_compute_flop_high"]
        pfs_days = short(found["training_compute_pfs_days"])
        yield 0, f"Training compute: {short(flop)} FLOP = {pfs_days} pfs-days"
        yield 2, f"90% interval {short(low)} to {short(high)} FLOP; it counts {describe_scope(found['compute_scope'])}"
        if found["training_compute_source"] == "estimated":
            yield 2, f"estimated by us: no source states it ({_methods_words(found['methods'])})"
        else:
            yield from self._reported(found)
        yield from self._with_base(found)

    def _with_base(self, found: dict) -> Iterator[tuple[int, str]]:
        for row in found["estimated_by_scope"]:
            if row["compute_scope"] != found["estimated_compute_scope"]:
                flop, low, high = (short(row[f"estimated_training_compute_flop{end}"]) for end in ("", "_low", "_high"))
                scope = describe_scope(row["compute_scope"])
                yield 2, f"our estimate of {scope}: {flop} FLOP, 90% interval {low} to {high}"
        base = found["base_run"]
        if base and base["training_compute_flop"] is not None:
            whole = found["with_base_run_flop"]
            more = f"; with it {short(whole)} FLOP" if whole is not None else ""
            yield 2, f"the base model {base['run_name']} took {short(base['training_compute_flop'])} FLOP{more}"

    def _reported(self, found: dict) -> Iterator[tuple[int, str]]:
        by = found["stated_by"]
        sure = f", by its own word {found['confidence']}" if found["confidence"] else ""
        yield 2, f"reported{sure}"
        if by:
            yield from self._fact(by, 4)
        for other in found["also_stated"]:
            yield 4, f"also stated: {short(other['value'])} FLOP {self._where(other)}"
        if found["estimated_training_compute_flop"] is not None:
            ours = [found[f"estimated_training_compute_flop{end}"] for end in ("", "_low", "_high")]
            interval = f"90% interval {short(ours[1])} to {short(ours[2])}"
            is_other = found["estimated_compute_scope"] != found["compute_scope"]
            scope = f" of {describe_scope(found['estimated_compute_scope'])}" if is_other else ""
            yield 2, f"our own estimate{scope}: {short(ours[0])} FLOP, {interval} ({_methods_words(found['methods'])})"
        if found["disagreement_factor"] is not None:
            yield 4, f"a factor of {found['disagreement_factor']:.3g} from the reported figure"

    def _thresholds(self) -> Iterator[tuple[int, str]]:
        found = self._answer["thresholds"]
        if not found:
            if self._answer["answer"]["training_compute_flop"] is not None:
                yield 0, "Thresholds in law: only dated training runs that no source excludes are held against them"
            return
        yield 0, "Thresholds in law (by compute alone; dates, cost and use are not looked at)"
        listed = [row for row in found if row["crossing_probability"] is not None]
        for said in dict.fromkeys(map(_surely, listed)):
            yield 2, said
            for row in (row for row in listed if _surely(row) == said):
                yield 6, f"{row['jurisdiction']}, {row['threshold_status']}: {row['instrument']}"
        other = [row for row in found if row["standing"] == "not covered"]
        if any(row["standing"] == "far below" for row in found):
            yield 2, f"below all{' others' if listed else ''}{' looked at' if other else ''}"
        cumulative = dict.fromkeys(row["jurisdiction"] for row in found if row["is_lower_bound"])
        if cumulative:
            yield (
                2,
                (
                    f"a lower bound for laws that count cumulatively ({', '.join(cumulative)}): they add up all training of"
                    " a model, our figure is of the final run, with its base model where that is known"
                ),
            )
        if other:
            why = "for other domains" if self._answer["run"]["domain"] else "for some domains, the run's is not stated"
            named = (
                f"{short(row['limit_flop'])} FLOP ({row['jurisdiction']}: {row['covered_domains'].replace(';', ', ')})"
                for row in other
            )
            yield 2, f"{why}, so not looked at: {'; '.join(named)}"

    def _inputs(self) -> Iterator[tuple[int, str]]:
        if self._answer["inputs"]:
            yield 0, "Inputs"
        for row in self._answer["inputs"]:
            yield 2, f"{_word(row['quantity'])}: {_value(row['value'], row['unit'])}"
            if row["fact"]:
                yield from self._fact(row["fact"], 6)
            else:
                yield 6, "worked out from what is stated below; no source states just this"
            for other in row["also_stated"]:
                same = "the same is stated" if other["is_equal"] else f"also stated: {_states(other)}"
                yield 6, f"{same} {self._where(other)}"

    def _unused(self) -> Iterator[tuple[int, str]]:
        if self._answer["not_used"]:
            yield 0, "Stated, but not counted with"
        for fact in self._answer["not_used"]:
            yield 2, f"{_word(fact['quantity'])}: {_states(fact)} {self._where(fact)}"
            yield 6, fact["reason"]

    def _methods(self) -> Iterator[tuple[int, str]]:
        if self._answer["methods"]:
            yield 0, "Methods"
        for row in self._answer["methods"]:
            low, high = row["training_compute_flop_low"], row["training_compute_flop_high"]
            factor = row["spread_factor"]
            width = "by bounds its source states" if factor is None else f"a factor of {factor:.3g}"
            interval = f"90% interval {short(low)} to {short(high)} ({width})"
            yield 2, f"{_word(row['method'])}: {short(row['training_compute_flop'])} FLOP, {interval}"
            yield 6, f"formula: {row['formula']}"
            yield 6, f"with numbers: {row['calculation'] or row['inputs']}"
            if row["assumptions"]:
                yield 6, f"assumed: {row['assumptions']}"
            yield 6, row["part"]
            others = row["other_profiles"]
            if any(one["training_compute_flop"] != row["training_compute_flop"] for one in others):
                told = ", ".join(f"{one['profile']} {short(one['training_compute_flop'])}" for one in others)
                yield 6, f"under other profiles: {told} FLOP"

    def _missing(self) -> Iterator[tuple[int, str]]:
        if self._answer["missing_methods"]:
            yield 0, "Methods without an answer"
        for row in self._answer["missing_methods"]:
            yield 2, f"{_word(row['method'])}: {_needs_words(row)}"

    def _hardware(self) -> Iterator[tuple[int, str]]:
        found = self._answer["hardware"]
        if found["named"]:
            yield 0, "Hardware"
        for row in found["named"]:
            yield 2, _match_words(row)
            if row["chip_list"] == "several":
                yield 6, "one of several kinds, whose shares are not known: the hardware method cannot count with it"
        peak = found["peak"]
        if peak:
            rule, number_format = peak["number_format_rule"], found["number_format"]
            told = rule if rule.startswith(f"{number_format}:") else f"{number_format}: {rule}"
            kind = f"{peak['peak_precision']}; number format {told}"
            yield 2, f"peak: {short(peak['peak_flop_per_second'])} FLOP/s dense ({kind})"
            if peak["fact"]:
                yield from self._fact(peak["fact"], 6)

    def _assumptions(self) -> Iterator[tuple[int, str]]:
        if self._answer["assumptions"]:
            yield 0, "Assumptions (rows of sql/assumptions)"
        for row in self._answer["assumptions"]:
            cells = ", ".join(
                f"{_word(name)} {_value(cell, None)}" for name, cell in row["row"].items() if cell is not None
            )
            yield 2, f"{row['table'].removeprefix('assumptions.')}: {cells}"
            yield 6, f"{row['reason']}" + (f" [{row['reference']}]" if row["reference"] else "")

    def _costs(self) -> Iterator[tuple[int, str]]:
        cost = self._answer["costs"]
        if not cost:
            return
        yield 0, "Cost, energy, power"
        for name, words in _COSTS:
            if cost[name] is not None:
                real = f"{name}_2024"
                then = f" ({_dollars(cost[real])} in dollars of December 2024)" if cost[real] is not None else ""
                yield 2, f"{words}: {_dollars(cost[name])} of its day{then}"
        span = f"{short(cost['training_hours'])} hours from about {cost['training_started_on']}"
        yield 2, f"chip-hours: {short(cost['chip_hours'])}, {short(cost['chips'])} chips for {span}"
        if cost["energy_kwh"] is not None:
            yield 2, f"energy: {short(cost['energy_kwh'])} kWh, {_dollars(cost['energy_cost_usd'])}"
        if cost["peak_power_watts"] is not None:
            yield 2, f"peak power draw: {short(cost['peak_power_watts'])} W"
        yield from self._prices(cost)
        yield 2, "method and constants: sql/assumptions/cost_constants.csv, each with its reference"
        for name, words in _IMPUTED:
            if cost[name]:
                yield 2, f"imputed: {words}"

    def _prices(self, cost: dict) -> Iterator[tuple[int, str]]:
        if cost["purchase_price_usd"] is not None:
            bought = f"{cost['purchase_price_source']}, bought about {cost['chip_purchased_on']}"
            price = _dollars(cost["purchase_price_usd"])
            yield 2, f"price of a chip in its server: {price}, {bought} {self._at(cost['purchase_price_place'])}"
        if cost["rental_price_usd"] is not None:
            price = f"{_dollars(cost['rental_price_usd'])} an hour at three years' commitment"
            vendor = (
                f"{cost['rental_price_vendor']}'s price of {cost['rental_priced_on']} ({cost['rental_price_kind']})"
            )
            yield 2, f"rent of a chip: {price}, from {vendor} {self._at(cost['rental_price_place'])}"

    def _caveats(self) -> Iterator[tuple[int, str]]:
        if self._answer["caveats"]:
            yield 0, "Know before printing"
        for text in self._answer["caveats"]:
            yield 2, f"- {text}"

    def _archive(self) -> Iterator[tuple[int, str]]:
        if self._documents:
            yield 0, "Documents (rows are counted without the header)"
        for key, place in self._documents.items():
            name = f"{place['document_name']} of {place['source']}, as of {place['as_of_on']}"
            state = "" if place["is_in_archive"] else "; its bytes are not in the archive of this data folder"
            yield 2, f"[{self._numbers[key]}] {name}{state}"
            yield 6, place["archive_path"]
            if place["fault"]:
                yield 6, place["fault"]
        for row in self._answer["sources"]:
            if row["attribution"]:
                yield 2, f"{row['source']}: {row['attribution']}"

    def _fact(self, fact: dict, indent: int) -> Iterator[tuple[int, str]]:
        """Whose the figure is, in which place, in which words."""
        title = fact["source_title"] or fact["source_id"]
        said = f"{title}, {fact['where_in_source']}" if fact.get("where_in_source") else title
        yield indent, f"{said or fact['source']} {self._where(fact)}"
        if fact["quote"]:
            yield indent, f"{'note' if fact['how'] == 'curated' else 'quote'}: {fact['quote']}"
        if fact.get("checked_against"):
            yield indent, f"compared with {fact['checked_against']}"

    def _where(self, fact: dict) -> str:
        if fact["place"]:
            return self._at(fact["place"])
        return f"[{fact['option']}]" if fact.get("option") else ""

    def _at(self, place: dict | None) -> str:
        """A place in brackets: document by number, row, column, and the cell as spelled."""
        if place is None:
            return ""
        key = place["document_id"]
        self._documents.setdefault(key, place)
        number = self._numbers.setdefault(key, len(self._numbers) + 1)
        column = f", {place['column_name']}" if place["column_name"] else ""
        found = place["row"] if place["cell"] is None else place["cell"]
        cell = f" “{_cut(found)}”" if found is not None else ""
        return f"[{number}: row {place['row_number']}{column}{cell}]"


def _wrapped(text: str, indent: int) -> Iterator[str]:
    yield from textwrap.wrap(
        text,
        WIDTH,
        initial_indent=" " * indent,
        subsequent_indent=" " * (indent + 4),
        break_on_hyphens=False,
    ) or [""]


def _cut(cell: str) -> str:
    return cell if len(cell) <= 80 else cell[:79] + "…"


def _word(name: str) -> str:
    return name.replace("_", " ")


def _value(value: Any, unit: str | None) -> str:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return str(value)
    return f"{figure(value)} {unit}" if unit and unit != "share" else figure(value)


def _states(fact: dict) -> str:
    return _cut(str(fact["value_text"])) if fact["value"] is None else _value(fact["value"], fact["unit"])


def _dollars(value: float) -> str:
    return f"${value:,.2f}" if value < 1000 else f"${float(f'{value:.4g}'):,.0f}"


def _methods_words(methods: str | None) -> str:
    return " and ".join(_word(method) for method in (methods or "").split(";"))


def _needs_words(row: dict) -> str:
    """What would allow a method, the shortest way first."""
    if row["reason"]:
        return str(row["reason"])
    ways = sorted(row["needs"], key=len)
    told = (", with ".join(" or ".join(_word(names) for names in part) for part in parts) for parts in ways)
    return f"it would take {'; or '.join(told)}"


def _surely(row: dict) -> str:
    """How a run stands to a threshold and how likely it lies above it."""
    share = row["crossing_probability"]
    percent = f"{share:.0%}" if share >= 0.01 else f"{100 * share:.1g}%"
    surely = "over 99%" if share >= 0.995 else f"{percent} or more" if row["is_lower_bound"] else percent
    return f"{short(row['limit_flop'])} FLOP: {row['standing']}, {surely}"


def _match_words(row: dict) -> str:
    """How a name of hardware was matched to a chip."""
    unmatched = f": {row['unmatched_reason']}" if row.get("unmatched_reason") else ""
    if row["chip_id"] is None:
        return f"{row['hardware_name']!r} is no chip known here{unmatched}"
    if row["is_stated_as_chip"]:
        return f"stated as the chip {row['chip_id']}{unmatched}"
    rule = row["chip_name_row"].get("reason") or row.get("matched_by") or "by the chip's own name"
    several = f", {row['chips_per_unit']:g} chips to the unit" if row.get("chips_per_unit") else ""
    return f"{row['hardware_name']!r} is taken for {row['chip_id']}{several} ({rule}){unmatched}"
