"""Our estimates judged by the compute an Epoch export publishes: coverage, ratios, intervals, and the worst runs."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import duckdb
import polars as pl

from flows.collect import Request, collect
from flows.runlog import RunLog
from flows.settings import Settings
from flows.sources import epoch
from warehouse import derive

# What was compared with published figures by hand may not stand by when the estimates are judged by them.
SET_ASIDE = ("run_names", "corrections")

BLAME_FILE = Path(__file__).resolve().parent / "blame.sql"

# Each run with published compute, beside each method's answer; the listing first in the file stands for a run.
# Published compute of a run on a base model counts the base model too: a method that answers in two scopes gives that one.
JUDGED = """
create temp table truths as
select
    run_id,
    models.run_name,
    models.published_on,
    models.base_run_name is not null as has_base_model,
    models.training_compute_flop as published_flop,
    models.document_id,
    models.row_number,
    coalesce(models.confidence, 'not stated') as confidence,
    coalesce(
        array_to_string(list_sort(list_words(models.compute_estimation_method, ',')), ', '), 'not stated'
    ) as published_by,
from raw.epoch_models as models
join clean.run_identities using (document_id, row_number)
where models.training_compute_flop > 0
qualify row_number() over (partition by run_id order by row_number) = 1;

create temp table answers as
with
-- A method's own answer, and for a run on a base model that with the base's estimate; none where the base has none.
methods_told as (
    select
        truths.run_id,
        estimates.method,
        estimates.training_compute_flop + coalesce(bases.estimated, 0) as training_compute_flop,
        exp(
            sum_log_spread(
                estimates.training_compute_flop, ln(estimates.spread_factor),
                coalesce(bases.estimated, 0), coalesce(ln(bases.spread_factor), 0)
            )
        ) as spread_factor,
        coalesce(estimates.set_aside_reason, '') as set_aside_reason,
        estimates.assumptions,
    from truths
    join compute.estimates using (run_id)
    join clean.runs using (run_id)
    left join (
        select
            run_id,
            estimated_training_compute_flop as estimated,
            spread_factor,
        from compute.combined_estimates
        qualify row_number() over (partition by run_id order by base_runs desc, compute_scope) = 1
    ) as bases on bases.run_id = runs.base_run_id
    where estimates.method <> 'reported' and truths.has_base_model = (bases.run_id is not null)
)

select
    run_id,
    method,
    training_compute_flop,
    training_compute_flop / spread_factor as training_compute_flop_low,
    training_compute_flop * spread_factor as training_compute_flop_high,
    assumptions,
from methods_told
where set_aside_reason = ''
union all
select
    run_id,
    method || ', set aside' as method,
    training_compute_flop,
    training_compute_flop / spread_factor as training_compute_flop_low,
    training_compute_flop * spread_factor as training_compute_flop_high,
    set_aside_reason as assumptions,
from methods_told
where set_aside_reason <> ''
union all
select
    run_id,
    'combined' as method,
    estimated_training_compute_flop,
    estimated_training_compute_flop_low,
    estimated_training_compute_flop_high,
    methods as assumptions,
from compute.training_runs
join truths using (run_id)
where estimated_training_compute_flop is not null and (estimated_compute_scope = 'with_base_model') = has_base_model;

create temp table methods as
select
    method,
    row_number() over (order by method = 'combined', method desc) as place,
from (select distinct method from answers);

create temp table judged as
select
    truths.*,
    answers.* exclude (run_id),
    log10(answers.training_compute_flop / truths.published_flop) as log10_ratio,
    abs(log10(answers.training_compute_flop / truths.published_flop)) as miss,
    truths.published_flop between answers.training_compute_flop_low and answers.training_compute_flop_high as is_inside,
from truths
join answers using (run_id);
"""

# A run is in every group it belongs to; a group of one method is scored for that method alone.
GROUPS = """
create temp table groups as
select 1 as place, 'all' as split, 'all' as part, run_id, null::varchar as only_method,
from truths
union all
select 2, 'published sound', part, run_id, null
from truths
anti join mistaken using (run_id)
join (
    values ('all', '%', false), ('no base model', '%', true), ('language, no base model', '%Language%', true)
) as parts (part, domain_like, is_alone) on not (is_alone and has_base_model)
where exists (
    from clean.runs where runs.run_id = truths.run_id and coalesce(runs.domain, '') like domain_like
)
union all
select 2, 'base model', case when has_base_model then 'named' else 'none' end, run_id, null,
from truths
union all
select 3, 'language', 'one of its domains, no base model', run_id, null,
from truths
join compute.run_domains using (run_id)
where one_domain = 'Language' and not has_base_model
union all
select 3, 'language', 'its only domain, no base model', run_id, null,
from truths
join clean.runs using (run_id)
where runs.domain = 'Language' and not has_base_model
union all
select 4, 'domain', one_domain, run_id, null,
from truths
join compute.run_domains using (run_id)
union all
select 5, 'decade', coalesce(year(published_on) // 10 * 10 || 's', 'undated'), run_id, null,
from truths
union all
select 6, 'published by', case when count(*) over (partition by published_by) < 10 then 'rarer mixtures'
    else published_by end, run_id, null,
from truths
union all
select 7, 'hard score', judge || scope, run_id, judged_method
from truths
join (
    values
    ('counting, judged by hardware', 'operation_counting', '%hardware%', '%operation counting%'),
    ('hardware, judged by counting', 'hardware_time', '%operation counting%', '%hardware%'),
) as judges (judge, judged_method, has_words, lacks_words)
    on published_by ilike has_words and published_by not ilike lacks_words
join (values (', all', false), (', no base model', true)) as scopes (scope, is_alone)
    on not (is_alone and has_base_model)
union all
select 8, 'confidence', confidence, run_id, null,
from truths
union all
select 9, 'assumed', case when method like '%set aside' then 'set aside' when assumptions = '' then 'nothing'
    else assumptions end, run_id, method,
from judged
union all
select 10, 'listed', case when name_key(run_name) in (select name_key from earlier) then 'before' else 'later' end,
    run_id, null,
from truths
where exists (from earlier);
"""

SCORES = """
select
    groups.split,
    groups.part,
    methods.method,
    count(distinct groups.run_id) as published,
    count(judged.run_id) as n,
    count(judged.run_id) / count(distinct groups.run_id) as coverage_share,
    avg((judged.miss <= log10(1.25))::integer) as within_1_25_share,
    avg((judged.miss <= log10(2))::integer) as within_2_share,
    avg((judged.miss <= log10(3))::integer) as within_3_share,
    median(judged.log10_ratio) as median_log10_ratio,
    median(judged.miss) as median_miss,
    quantile_cont(judged.miss, 0.9) as p90_miss,
    avg(judged.is_inside::integer) as inside_share,
    count(*) filter (where judged.miss <= log10(2)) / count(distinct groups.run_id) as sound_share,
from groups
join methods on groups.only_method is null or groups.only_method = methods.method
left join judged on judged.run_id = groups.run_id and judged.method = methods.method
group by groups.place, groups.split, groups.part, methods.method, methods.place
order by groups.place, groups.split, published desc, groups.part, methods.place
"""

WORST = """
select
    judged.method,
    run_name,
    published_flop,
    training_compute_flop,
    training_compute_flop / published_flop as ratio,
    published_by,
    is_inside,
    coalesce(fault, '') as fault,
    coalesce(reason, 'within 2x') as reason,
from judged
join methods using (method)
left join blamed using (run_id, method)
qualify row_number() over (partition by methods.place order by miss desc, run_id) <= $worst
order by methods.place, miss desc, run_id
"""

# Where each miss beyond 2x comes from, and what share of them.
BLAME = """
select
    blamed.method,
    blamed.fault,
    blamed.clue,
    count(*) as misses,
    count(*) filter (where mistaken.run_id is not null) as published_mistaken,
from blamed
join methods using (method)
left join mistaken using (run_id)
group by methods.place, blamed.method, blamed.fault, blamed.clue
order by methods.place, blamed.fault, misses desc, blamed.clue
"""

MISTAKEN = """
select
    count(mistaken.run_id) as runs,
    count(*) as published,
    count(*) filter (where mistaken.run_id is not null and exists (
        from judged where judged.run_id = truths.run_id and method = 'combined'
    )) as judged,
from truths
left join mistaken using (run_id)
"""

# Runs whose own cells are enough for some method by themselves, and how many of them it or any method answers.
SOUND = """
with
cells as (
    select
        truths.run_id,
        inputs.parameters > 0 and coalesce(inputs.tokens_seen, inputs.dataset_tokens, inputs.dataset_datapoints) > 0
        and (select bool_and(coalesce(tokens_per_datapoint > 0, false)) from compute.run_domains
            left join assumptions.datapoint_units using (one_domain) where run_domains.run_id = truths.run_id)
            as has_tokens,
        inputs.epochs > 0 or inputs.tokens_seen > 0 as has_passes,
        coalesce(inputs.chip_hours, inputs.chips * inputs.training_hours) > 0 as has_hours,
        peaks.peak_flop_per_second > 0 as has_chip,
        inputs.forward_flop_per_example > 0 as has_forward,
    from truths
    join compute.run_inputs as inputs using (run_id)
    left join compute.run_peaks as peaks using (run_id)
),

kinds as (
    select 1 as place, 'parameters, tokens and passes' as inputs, run_id from cells where has_tokens and has_passes
    union all
    select 2, 'parameters and tokens, passes not stated', run_id from cells where has_tokens and has_passes is not true
    union all
    select 3, 'a known chip and its hours', run_id from cells where has_hours and has_chip
    union all
    select 4, 'hours of no one known chip', run_id from cells where has_hours and has_chip is not true
    union all
    select 5, 'operations of a forward pass', run_id from cells where has_forward
    union all
    select 6, 'any of these but the fourth', run_id from cells where has_tokens or (has_hours and has_chip) or has_forward
    union all
    select 8, 'all', run_id
    from cells
    union all
    select 7, 'none of them', run_id
    from cells
    where not (coalesce(has_tokens, false) or coalesce(has_hours and has_chip, false) or coalesce(has_forward, false))
),

-- The run's own compute: a base model that nobody can estimate does not take it away.
answered as (
    select distinct run_id
    from compute.combined_estimates
)

select
    kinds.inputs,
    count(*) as runs,
    count(answered.run_id) as answered,
    count(judged.run_id) as answered_as_published,
from kinds
left join answered using (run_id)
left join judged on judged.run_id = kinds.run_id and judged.method = 'combined'
group by kinds.place, kinds.inputs
order by kinds.place
"""

# What issue and reference ask of the export of 2025-06-20; other exports are printed beside the same figures.
TARGETS = """
with
targets(split, part, method, figure, low, high) as (
    values
    ('all', 'all', 'combined', 'answered_share', 600 / 988, null),
    ('language', 'one of its domains, no base model', 'operation_counting', 'within_2_share', 0.88, null),
    ('language', 'one of its domains, no base model', 'operation_counting', 'within_1_25_share', 0.75, null),
    ('all', 'all', 'hardware_time', 'within_2_share', 0.85, null),
    ('all', 'all', 'combined', 'within_2_share', 0.88, null),
    ('all', 'all', 'combined', 'within_1_25_share', 0.72, null),
    ('all', 'all', 'operation_counting', 'inside_share', 0.86, 0.94),
    ('all', 'all', 'hardware_time', 'inside_share', 0.86, 0.94),
    ('all', 'all', 'combined', 'inside_share', 0.86, 0.94),
),

-- A run whose base model nobody can estimate has an estimate of its own compute, which no published value judges.
answers_of as (
    select
        scores.* exclude (coverage_share),
        case when method = 'combined' and split = 'all' then (
            select count(distinct answered.run_id) / count(*)
            from truths
            left join (select distinct run_id from compute.combined_estimates) as answered using (run_id)
        ) end as answered_share,
    from scores
),

found as (
    unpivot answers_of on answered_share, within_1_25_share, within_2_share, inside_share into name figure value share
)

select
    targets.*,
    found.share,
    coalesce(found.share >= targets.low and (targets.high is null or found.share <= targets.high), false) as is_met,
from targets
left join found using (split, part, method, figure)
"""


def main() -> None:
    """Judge the estimates of an export, or of a folder of them; print tables, or JSON with --json.

    Exits 1 where the one export misses a target; the targets are of one export, so none is held against a folder.
    """
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epoch", type=Path, help="models export of Epoch AI")
    parser.add_argument("--all", type=Path, help="a folder: one line for each models export in it")
    parser.add_argument("--chips", type=Path, help="chips export; without it the chips of our own record alone")
    parser.add_argument("--earlier", type=Path, help="an older export: runs it lists are scored apart from later ones")
    parser.add_argument("--worst", type=int, default=30, help="how many of the worst runs to print for each method")
    parser.add_argument("--json", action="store_true", help="print JSON alone")
    asked = parser.parse_args()
    for path in (asked.epoch, asked.chips, asked.earlier):
        if path is not None and not path.is_file():
            parser.error(f"no file {path}")
    if (asked.epoch is None) == (asked.all is None):
        parser.error("give either --epoch FILE or --all FOLDER")
    if asked.all:
        rows = [row for path in releases(asked.all) for row in _summary(path, asked.chips)]
        print(json.dumps(rows, indent=2)) if asked.json else _print_summaries(rows)
        return
    with tables(asked.epoch, asked.chips) as con:
        figures = judge(con, names(asked.earlier) if asked.earlier else [], asked.worst)
    print(json.dumps(figures, indent=2, default=str)) if asked.json else print_tables(figures)
    sys.exit(0 if all(target["is_met"] for target in figures["targets"]) else 1)


def tables(models: Path, chips: Path | None, spreads: Mapping[str, float] | None = None) -> duckdb.DuckDBPyConnection:
    """Every table made from one export (and a chip file) with our own chips, and nothing known of any run.

    `spreads` are factors by what they apply to, in place of those of assumptions/spreads.csv.
    """
    files = {"models": str(models)} | ({"chips": str(chips)} if chips else {})
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data_dir=Path(folder))
        frames = collect(settings, Request(("epoch",), files, is_offline=True), RunLog(settings.log_file)).frames
    frames["run_sightings"] = frames["run_sightings"].filter(pl.col("source") == "epoch")
    con = duckdb.connect(config={"preserve_insertion_order": "true"})
    derive.load_assumptions(con)
    for name in SET_ASIDE:
        con.execute(f"delete from assumptions.{name}")
    for applies_to, factor in (spreads or {}).items():
        con.execute("update assumptions.spreads set spread_factor = ? where applies_to = ?", [factor, applies_to])
    derive.load_raw(con, frames)
    for _ in derive.build(con):
        pass
    return con


def names(models: Path) -> list[str]:
    """Names of the runs an export lists."""
    frame = epoch.parse("models", models.read_bytes(), models.name)["epoch_models"].frame
    return frame["run_name"].drop_nulls().unique().sort().to_list()


def judge(con: duckdb.DuckDBPyConnection, earlier: list[str], worst: int) -> dict[str, list[dict]]:
    """Scores of every group, the targets, and the worst runs of each method, as rows."""
    con.register("earlier_names", pl.DataFrame({"run_name": earlier}, schema={"run_name": pl.String}).to_arrow())
    con.execute("create temp table earlier as select distinct name_key(run_name) as name_key from earlier_names")
    for script in (JUDGED, BLAME_FILE.read_text(encoding="utf-8"), GROUPS):
        con.execute(script)
    con.execute(f"create temp table scores as {SCORES}")
    found = {"scores": "from scores", "targets": TARGETS, "blame": BLAME, "sound": SOUND, "mistaken": MISTAKEN}
    figures = {name: con.sql(query).pl().to_dicts() for name, query in found.items()}
    return figures | {"worst": con.execute(WORST, {"worst": worst}).pl().to_dicts()}


def print_tables(figures: dict[str, list[dict]]) -> None:
    """Print the figures for people: a table of scores a split, the worst runs, the targets."""
    splits = dict.fromkeys(row["split"] for row in figures["scores"])
    for split in splits:
        _print_scores(split, [row for row in figures["scores"] if row["split"] == split])
    _print_blame(figures)
    print(f"\n{'runs with published compute that state':<46}{'runs':>6}{'answered':>10}{'in published scope':>20}")
    for row in figures["sound"]:
        print(f"{row['inputs']:<46}{row['runs']:>6}{row['answered']:>10}{row['answered_as_published']:>20}")
    for method in dict.fromkeys(row["method"] for row in figures["worst"]):
        print(f"\nworst runs of {method}\n{'run':<40}{'ours':>9}{'published':>11}{'ratio':>9}  in  at fault: reason")
        for row in figures["worst"]:
            if row["method"] == method:
                print(
                    f"{row['run_name'][:38]:<40}{row['training_compute_flop']:>9.2g}{row['published_flop']:>11.2g}"
                    f"{row['ratio']:>9.2g}  {'yes' if row['is_inside'] else 'no ':<3} "
                    f"{row['fault']}: {row['reason']}"
                )
    print("\ntargets for the export of 2025-06-20")
    for row in figures["targets"]:
        asked = f"at least {row['low']:.1%}" if row["high"] is None else f"{row['low']:.0%} to {row['high']:.0%}"
        place = row["method"] if row["split"] == "all" else f"{row['method']}, {row['split']} {row['part']}"
        share = "–" if row["share"] is None else f"{row['share']:.1%}"
        figure = row["figure"].removesuffix("_share").replace("1_25", "1.25x").replace("within_2", "within_2x")
        print(f"{'met   ' if row['is_met'] else 'MISSED'} {figure.replace('_', ' ')} {share}, {asked} ({place})")


def _print_blame(figures: dict[str, list[dict]]) -> None:
    print(f"\nmisses beyond 2x{'':<14}{'at fault':<18}{'misses':>6}{'mistaken':>10}  what shows it")
    for row in figures["blame"]:
        print(f"{row['method']:<30}{row['fault']:<18}{row['misses']:>6}{row['published_mistaken']:>10}  {row['clue']}")
    for row in figures["mistaken"]:
        print(
            f"{row['runs']} of {row['published']} published values are mistaken by their own arithmetic "
            f"({row['judged']} of them judged); without them the scores are those of 'published sound'"
        )


SUMMED = (
    ("all", "all", "operation_counting", "counting"),
    ("all", "all", "hardware_time", "hardware"),
    ("all", "all", "combined", "combined"),
    ("base model", "none", "combined", "combined, no base"),
    ("published sound", "all", "combined", "combined, published sound"),
    ("language", "one of its domains, no base model", "operation_counting", "counting, language"),
    ("hard score", "counting, judged by hardware, no base model", "operation_counting", "counting by hardware"),
    ("hard score", "hardware, judged by counting, no base model", "hardware_time", "hardware by counting"),
)


def releases(folder: Path) -> list[Path]:
    """The models exports of a folder, oldest name first: every CSV whose header has the columns of one."""
    found = []
    for path in sorted(folder.glob("*.csv")):
        with path.open(encoding="utf-8-sig") as file:
            header = file.readline()
        if "Training compute (FLOP)" in header and "Parameters" in header:
            found.append(path)
    return found


def _summary(path: Path, chips: Path | None) -> list[dict]:
    """The main scores of one export, each with the name of its file."""
    with tables(path, chips) as con:
        scores = {(row["split"], row["part"], row["method"]): row for row in judge(con, [], 0)["scores"]}
    rows = [(name, scores.get((split, part, method))) for split, part, method, name in SUMMED]
    return [{"release": path.stem, "score": name, **row} for name, row in rows if row is not None]


def _print_summaries(rows: list[dict]) -> None:
    print(f"{'export':<32}{'score':<27}{'of':>5}{'n':>5}{'1.25x':>7}{'2x':>6}{'3x':>6}{'p90':>6}{'inside':>8}")
    for row in rows:
        print(f"{row['release']:<32}{row['score']:<27}{row['published']:>5}{row['n']:>5}", end="")
        if row["n"]:
            print(f"{row['within_1_25_share']:>7.0%}{row['within_2_share']:>6.0%}{row['within_3_share']:>6.0%}", end="")
            print(f"{row['p90_miss']:>6.2f}{row['inside_share']:>8.0%}", end="")
        print()


def _print_scores(split: str, rows: list[dict]) -> None:
    wide = max(len(row["part"]) for row in rows) + 2
    print(f"\n{split:<{wide}}{'method':<31}{'of':>5}{'n':>5}{'cover':>7}", end="")
    print(f"{'1.25x':>7}{'2x':>6}{'3x':>6}{'bias':>7}{'median':>8}{'p90':>6}{'inside':>8}{'2x of all':>11}")
    for row in rows:
        print(f"{row['part']:<{wide}}{row['method']:<31}{row['published']:>5}{row['n']:>5}", end="")
        print(f"{row['coverage_share']:>7.0%}", end="")
        if row["n"]:
            print(f"{row['within_1_25_share']:>7.0%}{row['within_2_share']:>6.0%}{row['within_3_share']:>6.0%}", end="")
            print(f"{row['median_log10_ratio']:>+7.2f}{row['median_miss']:>8.2f}{row['p90_miss']:>6.2f}", end="")
            print(f"{row['inside_share']:>8.0%}{row['sound_share']:>11.0%}", end="")
        print()


if __name__ == "__main__":
    main()
