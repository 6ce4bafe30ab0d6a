"""The data dictionary `warehouse/TABLES.md`: question → table, then every table with its columns; the public contract."""

from __future__ import annotations

import re
from pathlib import Path

from schemas.columns import COLUMNS
from schemas.tables import kept_tables
from warehouse.derive import describe_column, models

PAGE = Path(__file__).resolve().parent / "TABLES.md"

QUESTIONS = (
    ("How much compute did a run take, and how sure is that?", "compute.training_runs"),
    ("How was that figure come by, and what else would have been an answer?", "compute.estimates"),
    ("What did a run cost, in money, energy and power?", "compute.run_costs"),
    ("Which source states which figure, in which row of which document?", "clean.run_facts"),
    ("How fast does training compute grow?", "trends.metric_trends"),
    ("What did the essay say of its eras, and do the data agree?", "trends.era_summaries"),
    ("How much more compute than AlexNet?", "trends.growth"),
    ("Which runs were the largest of their day?", "trends.frontier"),
    ("How fast do chips get better, in what, and for how much money and power?", "trends.hardware_trends"),
    ("What is the growth of training compute made of?", "trends.growth_decomposition"),
    ("When would the largest run cost a billion dollars, draw a gigawatt, take every chip?", "trends.projections"),
    ("What became of the essay's expectation, and of others'?", "trends.forecast_checks"),
    ("What did others publish, and do these data give the same?", "trends.published_results"),
    ("What does the essay say, and is it so?", "trends.essay_claims"),
    ("How large is the largest run beside all chips in use?", "trends.fleet_shares"),
    ("How many models lie above the thresholds of laws, and how many will?", "trends.threshold_counts"),
    ("Above which thresholds does a run lie, and how surely?", "compute.threshold_crossings"),
    ("What does a chip do, and since when?", "clean.chips"),
    ("Which figures of spec sheets are not believed, and why?", "clean.chip_flags"),
    ("Who wrote a paper, when, and how often is it cited?", "clean.papers"),
    ("Where do sources contradict each other?", "clean.paper_disagreements"),
    ("How far is the hardware-time method off, on measured runs?", "compute.benchmark_checks"),
    ("What share of the peak would each profile assume for a run?", "compute.run_utilisations"),
    ("Do chips, hours and operations bear out the utilisation a run reports?", "compute.utilisation_checks"),
    ("Which rows were set aside, and why?", "raw.quarantine"),
    ("Where do the data come from, under which licence?", "trends.sources"),
    ("What changed since a figure was last cited, and who says so?", "trends.revisions"),
    ("Why did a headline trend move?", "trends.trend_revisions"),
    ("Which versions are there?", "versions"),
    ("What did the release gate find of each version?", "gate_results"),
)
ORDER = ("trends", "compute", "clean", "raw", "assumptions")


def page() -> str:
    """The whole page as Markdown."""
    headers = {model.name: model.header for model in models()}
    lines = [
        "# Tables",
        "",
        "Made by `python -m warehouse.dictionary` from schemas/ and sql/; a public name only grows.",
        "",
    ]
    lines += ["| question | table |", "|---|---|", *(f"| {question} | `{name}` |" for question, name in QUESTIONS), ""]
    tables = sorted(kept_tables().items(), key=lambda item: (ORDER.index(item[0].split(".")[0]), item[0]))
    for name, shape in tables:
        lines += [f"## {name}", "", *(f"{line}  " for line in headers.get(name, ())), ""]
        lines += [f"Key: {', '.join(f'`{column}`' for column in shape.key)}.", ""]
        lines += ["| column | type | meaning |", "|---|---|---|"]
        lines += [f"| `{c}` | {COLUMNS[c].type} | {_cell(describe_column(c))} |" for c in shape.columns]
        lines.append("")
    return "\n".join(lines)


def _cell(words: str) -> str:
    return re.sub(r"\s+", " ", words).replace("|", "\\|")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
