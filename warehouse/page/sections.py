"""What the page says, part by part: the words around numbers that the queries give."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from html import escape
from typing import Any

from warehouse import dataset
from warehouse.page import words
from warehouse.page.figures import Column, absent, anchor, figure, folded, section, table
from warehouse.page.tables import Tables

SUBJECTS = {
    "frontier": "the largest AI models",
    "notable": "notable AI models",
    "final_run": "AI models",
    "all": "AI models",
}
SELECTIONS = {
    "all": "All runs",
    "frontier": "The ten largest of their day",
    "notable": "Notable runs",
    "final_run": "Final runs alone",
    "from_scratch": "Trained from scratch",
    "fine_tunes": "Fine-tunes",
    "large_scale": "Far above the mean of their time",
    "openai_2018": "The essay’s own fifteen runs",
}
METRICS = {
    "peak_training": "Peak of a chip in training, FLOP/s",
    "peak_training_per_usd": "Peak per dollar",
    "peak_training_per_watt": "Peak per watt",
    "memory_bandwidth_bytes_per_second": "Memory bandwidth",
    "chips": "Chips in a frontier run",
    "training_hours": "Length of a frontier run",
    "cluster_flop_per_second": "Peak of a frontier cluster",
    "amortised_cost_usd_2024": "Cost of a frontier run, 2024 dollars",
    "peak_power_watts": "Power of a frontier run",
}
PARTS = {"chips": "More chips", "peak": "Faster chips", "time": "Longer runs", "utilisation": "Better use of the chips"}
VERDICTS = {"agrees": "✓ agrees", "below": "▼ below the claim", "above": "▲ above the claim", "too few": "too few runs"}
PROVEN = {"reproduced": "reproduced", "overlaps": "overlap", "differs": "differ"}
SCOPES = {
    "with_base_model": "with its base model",
    "with_self_play": "with self-play",
    "search": "with the search",
    "ensemble": "an ensemble",
}
EMPTY = "This version has no rows for this part: it takes sources that the version is not made of."


@dataclass
class Parts:
    """The page's text as HTML, its title and summary as plain text, and the rows its charts draw, by name.

    `dataset` is the version as a schema.org Dataset, or empty.
    """

    title: str = ""
    summary: str = ""
    front: str = ""
    contents: str = ""
    body: str = ""
    footer: str = ""
    data: dict[str, list[dict]] = field(default_factory=dict)
    dataset: dict = field(default_factory=dict)


def parts(tables: Tables) -> Parts:
    """All parts of the page."""
    made = Parts()
    sentence, interval, basis = headline(tables)
    made.title, made.summary = f"{sentence} {interval}".strip(), basis
    made.front = _front(tables, sentence, interval, basis)
    told = (
        ("runs", "Every run", _runs),
        ("doublings", "Doubling times", _doublings),
        ("eras", "Eras against claims", _eras),
        ("forces", "Hardware and cost", _forces),
        ("projections", "Where it leads", _projections),
        ("thresholds", "Thresholds of law", _thresholds),
        ("published", "Published results", _published),
        ("quality", "Data quality", _quality),
        ("cite", "How to cite", _cite),
    )
    made.contents = "".join(f'<li><a href="#{name}">{escape(title)}</a></li>' for name, title, _ in told)
    made.body = "".join(make(tables, made.data, name, title) for name, title, make in told)
    made.footer = _footer(tables)
    cited = edition(tables)
    made.dataset = dataset.described(cited) if cited else {}
    return made


def _front_fit(tables: Tables) -> dict:
    """The headline of the front page; the essay's own fit, which hangs on no data, is none."""
    return next((row for row in tables.rows("headlines") if row["metric"] == "training_compute"), {})


def headline(tables: Tables) -> tuple[str, str, str]:
    """The answer, its interval (together one sentence), what it is measured on; from the headlines of trends.metric_trends."""
    fit = _front_fit(tables)
    if not fit or fit["doubling_months"] is None:
        return "No growth can be told yet", "", "This version has too few dated runs for a headline fit."
    subject = SUBJECTS.get(fit["selection"], "AI models")
    between = f"{words.month(fit['period_start_on'])} and {words.month(fit['period_end_on'])}"
    span = f"{words.count(fit['runs'])} runs published between {between}"
    if fit["low"] is None or fit["doubling_months"] <= 0:
        return (
            f"No sure growth in the compute that trains {subject}",
            "",
            f"The fit to {span} does not tell growth from none.",
        )
    sentence = f"The compute that trains {subject} doubles every {words.tenths(fit['doubling_months'])} months"
    pace = f"{words.figure(fit['growth_per_year'], 2)} times a year"
    interval = f"(95% interval {words.interval(fit['low'], fit['high'], words.tenths)})"
    return sentence, interval, f"That is {pace}, measured on {span}."


def _front(tables: Tables, sentence: str, interval: str, basis: str) -> str:
    version = tables.first("version")
    line = f"Version {version['version']}, as of {words.day(version['as_of_on'])}" if version else "No version"
    said = "".join(f"<p>{escape(told)}</p>" for told in (basis, _against_the_essay(tables), _largest(tables)) if told)
    return (
        f'<p class="dateline"><span>aicompute</span> <span>{escape(line)}</span></p>'
        f'<h1>{escape(sentence)} <small>{escape(interval)}</small></h1><div class="deck">{said}</div>'
    )


def _against_the_essay(tables: Tables) -> str:
    claim = tables.first("essay").get("claimed_doubling_months")
    own = next((row for row in tables.rows("headlines") if row["selection"] == "openai_2018"), None)
    if claim is None or own is None or own["doubling_months"] is None:
        return ""
    again = f"{words.tenths(own['doubling_months'])} months ({words.interval(own['low'], own['high'], words.tenths)})"
    return (
        f"OpenAI’s essay “AI and Compute” of 2018 counted {words.tenths(claim)} months for 2012 to 2018. Its own"
        f" {words.count(own['runs'])} runs, fitted again here, give {again}."
    )


def _rough(value: float) -> str:
    return words.figure(value, 2)


def _largest(tables: Tables) -> str:
    row = tables.first("growth")
    if not row:
        return ""
    between = f" ({words.interval(row['to_low'], row['to_high'], _rough)})" if row["to_low"] is not None else ""
    return (
        f"The largest run on record, {row['to_name']} of {words.month(row['to_on'])}, took {words.figure(row['to_value'])}"
        f" FLOP{between}: {words.large(row['growth_factor'])} times {row['from_name']} of {words.month(row['from_on'])}."
        f" A doubling every two years would have made it {words.figure(row['two_year_doubling_factor'])} times."
    )


def _runs(tables: Tables, data: dict, name: str, title: str) -> str:
    rows = tables.rows("runs")
    if not rows:
        return section(name, title, "", absent("This version has no dated run with a known compute."))
    data["runs"] = [_run(row) for row in rows]
    data["fits"] = [_fit(row) for row in tables.rows("fits")]
    data |= {part: tables.rows(part) for part in ("era_bands", "labels")}
    estimated = sum(row["known"] == "estimated" for row in rows)
    first, last = rows[0]["published_on"], rows[-1]["published_on"]
    lede = (
        f"{len(rows):,} training runs from {first.year} to {last.year}, each by the day it was published and the operations it"
        " took. Every step of the scale is a factor of ten."
    )
    about = (
        "Red: among the ten largest at their publication. Full: a source states the figure; open:"
        f" our own estimate ({estimated:,} runs). Blue: the fitted line with its 95% band. Point at a run, or walk with the"
        " arrow keys, to see who, when, how much and how surely; a click or Enter opens its source."
    )
    columns = [
        Column("run_name", "Run", link="url"),
        Column("organisations", "Organisations"),
        Column("published_on", "Published", words.iso),
        Column("training_compute_flop", "FLOP", words.aligned),
        Column("training_compute_flop_low", "low", words.aligned),
        Column("training_compute_flop_high", "high", words.aligned),
        Column("training_compute_source", "Known", words.text),
        Column("compute_scope", "Counts", words.spoken),
    ]
    largest = table("The runs of most training compute", tables.rows("largest"), columns, 40, "compute.training_runs")
    shown = figure(
        "runs",
        "Training compute of AI models",
        about,
        folded("Table: the largest runs", largest),
        _filters(rows, tables),
        True,
    )
    return section(name, title, lede, shown)


def _run(row: dict) -> dict:
    """A run as chart and card need it; what the card says is written out here, once for mouse, finger and keyboard."""
    by = row["stated_by"] or "a source"
    methods = words.spoken(row["methods"] or "").replace(";", " and ")
    known = f"stated by {by}" if row["known"] == "reported" else "our estimate" + (f" by {methods}" if methods else "")
    sure = f"; its confidence: {row['confidence'].lower()}" if row["confidence"] and row["known"] == "reported" else ""
    scope = f"; counted {SCOPES[row['scope']]}" if row["scope"] in SCOPES else ""
    kept = (
        "run_id",
        "name",
        "published_on",
        "organisation_type",
        "openness",
        "domains",
        "selections",
        "flop",
        "low",
        "high",
    )
    return {key: row[key] for key in (*kept, "known", "is_frontier")} | {
        "who": f"{words.text(row['organisations'])}, {words.day(row['published_on'])}",
        "much": f"{words.figure(row['flop'])} FLOP",
        "sure": f"90% interval {words.interval(row['low'], row['high'])}" if row["low"] is not None else "",
        "how": f"{known}{sure}{scope}",
        "url": words.safe_url(row["url"]),
    }


def _fit(row: dict) -> dict:
    """A step of a fitted line; the last one says the line in words."""
    kept = ("fit", "metric", "selection", "period", "is_first", "is_end", "on_day", "flop", "low", "high")
    low, high = row["doubling_months_low"], row["doubling_months_high"]
    sure = f" ({words.interval(low, high, words.tenths)})" if low is not None else "; growth is not sure"
    pace = f"doubles every {words.tenths(row['doubling_months'])} months{sure}"
    said = f"line over {row['runs']:,} runs {_of_period(row['period'])}: {pace}" if row["is_end"] else None
    return {key: row[key] for key in kept} | {"said": said}


def _filters(rows: list[dict], tables: Tables) -> str:
    def listed(values: Any) -> list[tuple[str, str]]:
        return [(value, value) for value, _ in sorted(Counter(values).items(), key=lambda item: (-item[1], item[0]))]

    domains = listed(one for row in rows for one in (row["domains"] or "").split("|") if one)
    there = {one for row in rows for one in (row["selections"] or "").split("|")}
    first, last = rows[0]["published_on"].year, rows[-1]["published_on"].year
    whole, later = (
        ("0", f"since {first}"),
        [(str(year), f"since {year}") for year in (2010, 2018) if first < year <= last],
    )
    spans = [*later, whole] if first < 2010 else [whole, *later]
    schemes = list(dict.fromkeys(row["scheme"] for row in tables.rows("era_bands")))
    chosen = (
        ("domain", "Domain", [("", "every domain"), *domains]),
        (
            "organisation",
            "Organisation",
            [("", "every kind"), *listed(r["organisation_type"] for r in rows if r["organisation_type"])],
        ),
        ("openness", "Openness", [("", "open and closed"), *listed(r["openness"] for r in rows if r["openness"])]),
        ("selection", "Selection", [("", "all runs"), *((n, w.lower()) for n, w in SELECTIONS.items() if n in there)]),
        ("span", "Years", spans),
        (
            "scheme",
            "Eras",
            [
                *(
                    (s, words.spoken(s).replace("openai", "OpenAI").capitalize().replace("Openai", "OpenAI"))
                    for s in schemes
                ),
                ("", "none"),
            ],
        ),
    )
    fields = "".join(_select(*one) for one in chosen)
    return (
        f'<form class="filters" data-for="runs" hidden>{fields}<button type="reset">Reset</button></form>'
        '<p class="shown" id="shown-runs" role="status"></p>'
    )


def _select(name: str, label: str, options: list[tuple[str, str]]) -> str:
    told = "".join(f'<option value="{escape(value)}">{escape(said)}</option>' for value, said in options)
    return f'<label>{escape(label)} <select name="{name}">{told}</select></label>'


def _of_period(period: str) -> str:
    if period.startswith(("from_", "before_")):
        return period.replace("from_", "since ").replace("before_", "before ")
    return (
        "all years"
        if period == "all"
        else period.replace("_to_", " to ").replace("_", "–" if period.count("_") == 1 else "-")
    )


def _of_selection(row: dict) -> str:
    said = SELECTIONS.get(row["selection"]) or words.spoken(row["selection"]).capitalize()
    stated = ", as stated" if row["metric"] == "reported_training_compute" else ""
    own = ", its own values" if row["metric"] == "published_training_compute" else ""
    return f"{said}{stated}{own}"


def _doublings(tables: Tables, data: dict, name: str, title: str) -> str:
    rows = tables.rows("doublings")
    if not rows:
        return section(name, title, "", absent("No fit of this version tells growth from none."))
    first = _front_fit(tables)
    data["doublings"] = [
        row
        | {
            "row": n,
            "words": f"{_of_selection(row)}, {_of_period(row['period'])} ({row['runs']:,} runs)",
            "shown": f"{words.tenths(row['doubling_months'])} ({words.interval(row['low'], row['high'], words.tenths)})",
            "is_first": all(row[k] == first.get(k) for k in ("metric", "selection", "period")),
        }
        for n, row in enumerate(rows)
    ]
    data["essay"] = tables.rows("essay")
    about = (
        f"{len(rows)} fits, the headlines on top; dots are doubling times in months, bars their 95% intervals, for the headlines"
        " by bootstrap over runs and figures, else by Student’s t. The scale is logarithmic. Red is the front page’s."
    )
    claim = tables.first("essay").get("claimed_doubling_months")
    about += f" The dashed line is the essay’s {words.tenths(claim)} months." if claim is not None else ""
    inner = figure("doublings", "Months in which training compute doubles", about, _trend_tables(tables))
    lede = "How fast depends on which runs one counts, and since when. A shorter time is faster growth."
    return section(name, title, lede, inner)


def _trend_tables(tables: Tables) -> str:
    columns = [
        Column("selection", "Selection", words.spoken),
        Column("period", "Period", _of_period),
        Column("runs", "Runs", words.count),
        Column("doubling_months", "Months", words.tenths),
        Column("doubling_months_low", "low", words.tenths),
        Column("doubling_months_high", "high", words.tenths),
        Column("growth_per_year", "a year", words.times),
        Column("standard_error_oom_per_year", "± orders a year", words.figure),
        Column("r_squared", "R²", words.figure),
    ]
    trends = table("Fits of training compute", tables.rows("trends"), columns, 40, "trends.metric_trends")
    columns = [
        Column("selection", "Selection", words.spoken),
        Column("metric", "Metric", words.spoken),
        Column("period", "Period", _of_period),
        Column("break_model", "Best model", words.spoken),
        Column("first_break_on", "Break", words.iso),
        Column("first_break_low_on", "from", words.iso),
        Column("first_break_high_on", "to", words.iso),
        Column("first_doubling_months", "Months before", words.tenths),
        Column("second_doubling_months", "after", words.tenths),
        Column("third_doubling_months", "after the second", words.tenths),
    ]
    breaks = table(
        "Where the slope changes, by BIC against no break", tables.rows("breaks"), columns, 25, "trends.trend_breaks"
    )
    return folded("Table: every fit", trends) + (folded("Table: breaks found", breaks) if tables.rows("breaks") else "")


def _eras(tables: Tables, data: dict, name: str, title: str) -> str:
    eras, claims = tables.rows("eras"), tables.rows("claims")
    if not eras:
        return section(name, title, "", absent("This version has no eras."))
    every = _eras_table(eras)
    if not claims:
        return section(name, title, "", every)
    data["claims"] = [
        row
        | {
            "row": n,
            "words": f"{row['figure']}, {row['era']}",
            "shown": VERDICTS.get(row["verdict"], words.text(row["verdict"])),
        }
        for n, row in enumerate(claims)
    ]
    verdicts = Counter(row["verdict"] for row in claims)
    about = (
        "Wide bars: the range the essay gave. Blue: what all runs of the span show, from the 10th to the 90th percentile,"
        f" with the median as a dot, on a logarithmic scale. {verdicts['agrees']} of the {len(claims)} ranges"
        " hold the median of the data."
    )
    lede = "The essay gave figures for its eras. Here they stand beside the runs that are on record today."
    return section(name, title, lede, figure("claims", "The essay’s ranges and the data", about, every))


def _eras_table(eras: list[dict]) -> str:
    columns = [
        Column("era", "Era"),
        Column("scheme", "By", words.spoken),
        Column("selection", "Runs counted", words.spoken),
        Column("runs", "Runs", words.count),
        Column("chips_median", "Chips", words.figure),
        Column("chips_verdict", "Verdict", words.verdict),
        Column("rated_tflops_median", "TFLOPS", words.figure),
        Column("tflops_verdict", "Verdict", words.verdict),
        Column("pfs_days_p10", "pfs-days, p10", words.figure),
        Column("pfs_days_p90", "p90", words.figure),
        Column("pfs_days_verdict", "Verdict", words.verdict),
        Column("doubling_months", "Months", words.tenths),
        Column("claimed_doubling_months", "claimed", words.tenths),
        Column("doubling_verdict", "Verdict", words.verdict),
        Column("claim", "What was claimed"),
    ]
    told = table("Eras and claims", eras, columns, 70, "trends.era_summaries")
    return folded("Table: eras of four schemes", told)


def _forces(tables: Tables, data: dict, name: str, title: str) -> str:
    drawn = _drawn_forces(tables, data) + _drawn_parts(tables, data) + _drawn_costs(tables, data)
    lede = "What makes compute grow: more chips, faster chips, longer runs; and what it takes in money and power."
    return section(name, title, lede if drawn else "", drawn or absent(EMPTY))


def _drawn_forces(tables: Tables, data: dict) -> str:
    rows = tables.rows("drawn_forces")
    if not rows:
        return ""
    data["forces"] = [
        row
        | {
            "row": n,
            "words": f"{METRICS[row['metric']]} ({row['runs']:,})",
            "shown": f"{words.times(row['growth_per_year'])}"
            f" ({words.interval(row['growth_per_year_low'], row['growth_per_year_high'])})",
        }
        for n, row in enumerate(rows)
    ]
    columns = [
        Column("metric", "Metric", words.spoken),
        Column("selection", "Of", words.spoken),
        Column("period", "Period", _of_period),
        Column("points", "Points", words.count),
        Column("growth_per_year", "a year", words.times),
        Column("growth_per_year_low", "low", words.times),
        Column("growth_per_year_high", "high", words.times),
        Column("doubling_months", "Doubles in months", words.tenths),
        Column("r_squared", "R²", words.figure),
    ]
    every = table(
        "Growth of what drives compute", tables.rows("forces"), columns, 40, "trends.hardware_trends and its neighbours"
    )
    fastest = max(rows, key=lambda row: row["growth_per_year"])
    about = (
        f"Growth a year since 2010 with 95% intervals, on a logarithmic scale, and how many chips or runs each is fitted"
        f" to. Fastest: {METRICS[fastest['metric']].lower()},"
        f" {words.times(fastest['growth_per_year'])} a year."
    )
    return figure("forces", "What grows, and how fast", about, folded("Table: every force", every))


def _drawn_parts(tables: Tables, data: dict) -> str:
    rows = tables.rows("parts")
    shown = [row for row in rows if (row["selection"], row["period"]) == ("frontier", "from_2010")]
    if not shown:
        return ""
    data["parts"] = [
        row
        | {
            "row": n,
            "words": PARTS[row["growth_part"]],
            "shown": f"{words.share(row['part_of_whole'])}, {words.times(row['growth_per_year'])} a year",
        }
        for n, row in enumerate(row for row in shown if row["growth_part"] in PARTS)
    ]
    whole = next((row for row in shown if row["growth_part"] == "whole"), shown[0])
    about = (
        f"Of {words.count(whole['runs'])} frontier runs since 2010 whose chips and hours are known: together"
        f" {words.times(whole['growth_per_year'])} a year. The parts multiply to the whole exactly; their shares are of"
        " its logarithm."
    )
    columns = [
        Column("selection", "Selection", words.spoken),
        Column("period", "Period", _of_period),
        Column("growth_part", "Part"),
        Column("runs", "Runs", words.count),
        Column("growth_per_year", "a year", words.times),
        Column("growth_per_year_low", "low", words.times),
        Column("growth_per_year_high", "high", words.times),
        Column("part_of_whole", "Share", words.share),
    ]
    every = table("Growth split into its parts", rows, columns, 40, "trends.growth_decomposition")
    return figure("parts", "What the growth of the frontier is made of", about, folded("Table: the parts", every))


def _drawn_costs(tables: Tables, data: dict) -> str:
    rows = tables.rows("costs")
    if not rows:
        return ""
    kept = ("run_id", "name", "published_on", "usd", "is_frontier")
    data["costs"] = [
        {key: row[key] for key in kept}
        | {
            "who": f"{words.text(row['organisations'])}, {words.day(row['published_on'])}",
            "much": words.dollars(row["usd"]),
            "sure": "",
            "how": f"{words.count(row['chips'])} × {row['chip']}" if row["chips"] and row["chip"] else "",
            "url": words.safe_url(row["url"]),
        }
        for row in rows
    ]
    dearest = max(rows, key=lambda row: row["usd"])
    of = "in dollars of December 2024" if dearest["is_of_2024"] else "in dollars of their day"
    about = (
        f"Share of the hardware’s price for the time of the run, and its energy, {of}; no salaries, no failed tries."
        f" {len(rows):,} runs."
        f" Dearest: {dearest['name']}, {words.dollars(dearest['usd'])}. Red: among the ten of most compute at their publication."
    )
    columns = [
        Column("run_name", "Run"),
        Column("published_on", "Published", words.iso),
        Column("chip_name", "Chip"),
        Column("chips", "Chips", words.count),
        Column("training_hours", "Hours", words.count),
        Column("amortised_cost_usd", "Hardware and energy", words.dollars),
        Column("purchase_cost_usd", "Bought outright", words.dollars),
        Column("rental_cost_usd", "Rented", words.dollars),
        Column("energy_kwh", "kWh", words.figure),
        Column("peak_power_watts", "Watts", words.figure),
    ]
    every = table("The dearest runs", tables.rows("dearest"), columns, 25, "compute.run_costs")
    return figure("costs", "What a run costs", about, folded("Table: the dearest runs", every), pointed=True)


def _projections(tables: Tables, data: dict, name: str, title: str) -> str:
    rows = tables.rows("projections")
    if not rows:
        return section(name, title, "", absent(EMPTY))
    drawn: list[dict] = []
    last = ""
    for row in rows:
        if row["milestone"] != last:
            last = row["milestone"]
            drawn.append({"row": len(drawn), "words": last[:1].upper() + last[1:], "shown": "", "scenario": None})
        drawn.append(row | {"row": len(drawn), "words": row["scenario"], "shown": _when(row)})
    names = list(dict.fromkeys(key for row in drawn for key in row))
    data["projections"] = [{key: row.get(key) for key in names} for row in drawn]
    about = (
        "From the largest run of each kind on record, on at the slope of the frontier since 2016 and at two slower ones; bars are"
        " 95% intervals over resampled runs. What lies past the right edge is cut off there."
    )
    columns = [
        Column("milestone", "Milestone"),
        Column("scenario", "Scenario"),
        Column("reached_on", "Reached", words.iso),
        Column("earliest_on", "earliest", words.iso),
        Column("latest_on", "latest", words.iso),
        Column("never_share", "Never", words.share),
        Column("growth_per_year", "a year", words.times),
        Column("value_now", "Largest now", words.figure),
        Column("largest_now", "Run"),
    ]
    every = folded("Table: milestones", table("Milestones", rows, columns, 40, "trends.projections"))
    lede = "No forecast, a ruler: what today’s pace would mean if it held, and if it slowed."
    inner = figure(
        "projections", "When the largest run reaches a milestone", about, every + _forecasts(tables) + _fleet(tables)
    )
    return section(name, title, lede, inner)


def _when(row: dict) -> str:
    if row["reached_on"] is None:
        return "not in a hundred years"
    latest = row["latest_on"].year if row["latest_on"] else "never"
    return (
        f"{row['reached_on'].year} ({row['earliest_on'].year} to {latest})"
        if row["earliest_on"]
        else str(row["reached_on"].year)
    )


def _forecasts(tables: Tables) -> str:
    rows = tables.rows("forecasts")
    columns = [
        Column("claim", "What was expected"),
        Column("made_on", "Said", words.iso),
        Column("due_on", "Due", words.iso),
        Column("claimed_low", "from", words.figure),
        Column("claimed_high", "to", words.figure),
        Column("found_value", "Found", words.figure),
        Column("found_verdict", "So far"),
        Column("projected_value", "Projected", words.figure),
        Column("projected_verdict", "On trend"),
        Column("reference", "Who"),
    ]
    return (
        folded("Table: what others expected", table("Forecasts", rows, columns, 40, "trends.forecast_checks"))
        if rows
        else ""
    )


def _fleet(tables: Tables) -> str:
    rows = tables.rows("fleet")
    columns = [
        Column("run_name", "Run"),
        Column("published_on", "Published", words.iso),
        Column("fleet", "Beside all chips of"),
        Column("chips", "Chips of the run", words.count),
        Column("cluster_flop_per_second", "Its peak, FLOP/s", words.aligned),
        Column("fleet_flop_per_second", "Peak of all, FLOP/s", words.aligned),
        Column("fleet_share", "Share", words.percent),
        Column("whole_fleet_hours", "Hours of all of them", words.tenths),
    ]
    told = table("The largest runs beside all chips in use", rows, columns, 25, "trends.fleet_shares")
    return folded("Table: the largest runs beside all chips in use", told) if rows else ""


def _thresholds(tables: Tables, data: dict, name: str, title: str) -> str:
    counts, laws = tables.rows("counts"), tables.rows("thresholds")
    if not laws:
        return section(name, title, "", absent(EMPTY))
    columns = [
        Column("jurisdiction", "Where"),
        Column("instrument", "Rule"),
        Column("threshold_status", "Status"),
        Column("limit_flop", "FLOP", words.figure),
        Column("counting", "Counts", words.spoken),
        Column("applies_on", "From", words.iso),
        Column("expected_runs", "Runs above", words.tenths),
        Column("likely_runs", "more likely than not", words.count),
        Column("reference", "Reference"),
    ]
    every = folded(
        "Table: thresholds", table("Compute thresholds of laws", laws, columns, 40, "compute.threshold_crossings")
    )
    lede = "Laws count operations too. Each run lies above a threshold with a probability, from the interval of its figure."
    if not counts:
        return section(name, title, lede, every)
    every = _counts_table(counts) + every
    data["counts"] = [row | {"limit": f"above {words.figure(row['limit_flop'])} FLOP"} for row in counts]
    recorded = [row for row in counts if row["count_basis"] == "record"]
    last = {row["limit_flop"]: row for row in recorded}
    told = "; ".join(
        f"above {words.figure(limit)} FLOP {words.figure(row['cumulative_runs'], 2)}"
        f" ({words.interval(row['cumulative_runs_low'], row['cumulative_runs_high'], words.count)})"
        for limit, row in last.items()
    )
    about = (
        f"Runs above, added up over the years, with 95% intervals; full lines are the record, dashed ones where the trend leads."
        f" On record by {max(row['year'] for row in recorded)}: {told}."
    )
    return section(name, title, lede, figure("counts", "Models above the thresholds", about, every))


def _counts_table(counts: list[dict]) -> str:
    columns = [
        Column("year", "Year", words.year),
        Column("limit_flop", "FLOP", words.figure),
        Column("count_basis", "Basis"),
        Column("cumulative_runs", "Runs above", words.tenths),
        Column("cumulative_runs_low", "low", words.count),
        Column("cumulative_runs_high", "high", words.count),
    ]
    told = table("Runs above, added up", counts, columns, 40, "trends.threshold_counts")
    return folded("Table: runs above, by year", told)


def _published(tables: Tables, data: dict, name: str, title: str) -> str:
    results, claims = tables.rows("published"), tables.rows("essay_claims")
    if not results and not claims:
        return section(name, title, "", absent("This version does not set published results beside its own."))
    counted = Counter(row["result_verdict"] for row in results)
    lede = f"Of {len(results)} results that others printed: {_counted(counted)}. Each is worked out again at every version."
    columns = [
        Column("claim_id", "No."),
        Column("claimant", "By"),
        Column("result", "Result"),
        Column("subset", "Of"),
        Column("unit", "Unit"),
        Column("published_value", "Published", words.figure),
        Column("our_value", "Ours", words.figure),
        Column("our_value_low", "low", words.figure),
        Column("our_value_high", "high", words.figure),
        Column("result_verdict", "Verdict", words.verdict),
        Column("explanation", "Why"),
        Column("reference", "Reference"),
    ]
    every = folded(
        "Table: published results", table("Published results", results, columns, 100, "trends.published_results")
    )
    tested = [row for row in results if row["result_verdict"] in PROVEN and (row["our_over_published"] or 0) > 0]
    every += _essay_table(claims)
    if not tested:
        return section(name, title, lede, every)
    data["published"] = [_tested(n, row) for n, row in enumerate(tested)]
    about = (
        f"Our figure over the published one for the {len(tested)} results that can be tested on this version, bars from our 95%"
        " interval, on a logarithmic scale; the dashed line is equality. Right: ours and the published figure."
    )
    return section(name, title, lede, figure("published", "Our figures and the published ones", about, every))


def _counted(verdicts: Counter) -> str:
    said = ", ".join(f"{verdicts[verdict]} {word}" for verdict, word in PROVEN.items() if verdicts[verdict])
    others = sum(number for verdict, number in verdicts.items() if verdict not in PROVEN)
    return said + (f"; {others} cannot be tested on this version" if others else "")


def _tested(n: int, row: dict) -> dict:
    kept = ("our_over_published", "low_over_published", "high_over_published", "result_verdict")
    return {key: row[key] for key in kept} | {
        "row": n,
        "words": f"{row['claimant']}: {row['result']}",
        "shown": f"{words.figure(row['our_value'])} / {words.figure(row['published_value'])}",
    }


def _essay_table(claims: list[dict]) -> str:
    columns = [
        Column("claim_id", "No."),
        Column("claim", "The essay says"),
        Column("reading", "Read as"),
        Column("our_value", "Ours", words.figure),
        Column("our_value_low", "low", words.figure),
        Column("our_value_high", "high", words.figure),
        Column("unit", "Unit"),
        Column("essay_verdict", "Verdict", words.verdict),
        Column("explanation", "Why"),
    ]
    verdicts = Counter(row["essay_verdict"] for row in claims)
    summary = f"Table: the essay’s sentences ({', '.join(f'{verdict}: {n}' for verdict, n in verdicts.most_common())})"
    return folded(summary, table("The essay’s claims", claims, columns, 60, "trends.essay_claims")) if claims else ""


def _quality(tables: Tables, data: dict, name: str, title: str) -> str:
    known = tables.first("known")
    if not known:
        return section(name, title, "", absent("This version has no runs."))
    lede = (
        f"{words.count(known['runs'])} runs: for {words.count(known['runs_reported'])} a source states the compute, for"
        f" {words.count(known['runs_estimated'])} we estimate it. Where both are there ({words.count(known['runs_compared'])}),"
        f" {words.count(known['runs_within_two'])} lie within a factor of two."
    )
    rows = tables.rows("coverage")
    order = {"reported": 0, "estimated": 1, "not known": 2}
    data["coverage"] = [row | {"place": order.get(row["known"], 3)} for row in rows]
    early = sum(row["runs"] for row in rows if row["year"] < 2000)
    about = (
        f"Runs by year of publication ({early:,} before 2000 are not drawn): blue where a source states the compute, red where it"
        " is our estimate alone, grey where it is not known."
    )
    inner = (
        figure("coverage", "How the compute of runs is known", about, _quality_tables(tables))
        if rows
        else _quality_tables(tables)
    )
    return section(name, title, lede, inner)


def _quality_tables(tables: Tables) -> str:
    columns = [Column("year", "Year", words.year), Column("known", "Compute is"), Column("runs", "Runs", words.count)]
    years = table("Runs by year", tables.rows("coverage")[::-1], columns, 60, "compute.training_runs")
    return folded("Table: runs by year", years) + _rows_tables(tables) + _gate_table(tables)


def _gate_table(tables: Tables) -> str:
    """What the release gate found, told in the line that unfolds it."""
    rows = tables.rows("gate")
    if not rows:
        return ""
    columns = [
        Column("measure", "Measure", words.spoken),
        Column("table_name", "Table"),
        Column("column_name", "Column", words.spoken),
        Column("measured_of", "Of", words.spoken),
        Column("observed_value", "Found", words.figure),
        Column("observed_before", "Before", words.figure),
        Column("expected_low", "At least", words.figure),
        Column("expected_high", "At most", words.figure),
        Column("said", "Verdict"),
        Column("expectation", "Great Expectations"),
        Column("reason", "Why"),
    ]
    met = sum(row["is_met"] for row in rows)
    allowed = [f"{words.spoken(row['measure'])} of {row['table_name']}" for row in rows if not row["is_met"]]
    but = f"; allowed by hand: {', '.join(dict.fromkeys(allowed))}" if allowed else ""
    summary = f"Table: release gate, {met} of {len(rows)} expectations met{but}"
    return folded(summary, table("What the release gate found", rows, columns, 50, "gate_results"))


def _rows_tables(tables: Tables) -> str:
    columns = [
        Column("title", "Source"),
        Column("documents", "Documents", words.count),
        Column("rows_read", "Rows read", words.count),
        Column("rows_accepted", "accepted", words.count),
        Column("rows_quarantined", "set aside", words.count),
        Column("as_of_on", "As of", words.iso),
    ]
    read = folded(
        "Table: rows by source", table("Rows by source", tables.rows("sources"), columns, 40, "trends.sources"), True
    )
    columns = [
        Column("source", "Source"),
        Column("dataset", "Dataset"),
        Column("rule", "Rule that is broken"),
        Column("column_name", "Column", words.spoken),
        Column("raw_value", "As it stood"),
        Column("rows_quarantined", "Rows", words.count),
    ]
    aside = tables.rows("quarantine")
    broken = (
        folded("Table: rows set aside", table("Rows set aside", aside, columns, 25, "raw.quarantine")) if aside else ""
    )
    columns = [
        Column("run_name", "Run"),
        Column("published_on", "Published", words.iso),
        Column("reported_training_compute_flop", "Stated", words.aligned),
        Column("estimated_training_compute_flop", "Our estimate", words.aligned),
        Column("disagreement_factor", "Factor", words.figure),
        Column("methods", "Methods", words.spoken),
        Column("compute_scope", "Counts", words.spoken),
    ]
    apart = tables.rows("disagreements")
    told = table("Where figure and estimate lie furthest apart", apart, columns, 15, "compute.training_runs")
    return read + broken + (folded("Table: disagreements", told) if apart else "")


def edition(tables: Tables) -> dataset.Edition | None:
    """The version that the page is of; None where none is published."""
    version, sources = tables.first("version"), tables.rows("sources")
    if not version:
        return None
    told = tuple((row["title"], row["licence"], row["attribution"], row["homepage"]) for row in sources)
    coverage = tables.first("span").get("coverage") or ""
    return dataset.Edition(version["version"], version["as_of_on"], version["published_on"], coverage, told)


def _cite(tables: Tables, data: dict, name: str, title: str) -> str:
    version, sources, cited = tables.first("version"), tables.rows("sources"), edition(tables)
    if not version or not cited:
        return section(name, title, "", absent("No version is published."))
    cite = dataset.citation(cited)
    listed = "".join(
        f"<li>{_homepage(row)}. Licence: {escape(row['licence'] or words.NONE)}. {escape(row['attribution'] or '')}</li>"
        for row in sources
    )
    code = f"Code {version['code_version']}, profile {words.text(version['profile'])}."
    said = (
        f"<p>{escape(code)} Every number on this page is in the tables of the release: <code>aicompute.duckdb</code>, Parquet and"
        f' CSV beside it, columns explained in <code>TABLES.md</code>.</p><blockquote id="citation">{escape(cite)}</blockquote>'
        f'<ul class="sources">{listed}</ul>'
    )
    return section(name, title, "A trend belongs to a dated version: cite it with its number.", said)


def _homepage(row: dict) -> str:
    address, said = words.safe_url(row["homepage"]), escape(words.text(row["title"]))
    return anchor(address, said) if address else said


def _footer(tables: Tables) -> str:
    version = tables.first("version")
    said = (
        f"aicompute, version {version['version']}, as of {words.day(version['as_of_on'])}." if version else "aicompute."
    )
    return f"<p>{escape(said)} Made from public tables; nothing is loaded from anywhere.</p>"
