"""The factors of assumptions/spreads.csv, fitted again on the older exports of Epoch AI and judged on the runs added later."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable
from pathlib import Path

import duckdb
import polars as pl
from accuracy import JUDGED, tables

EPOCH = Path(__file__).resolve().parents[2] / "shared" / "data" / "epoch"
FITTED_ON = ("models_2023-12-20.csv", "models_2024-03-22.csv", "models_2024-05-26.csv")
ADDED_LATER = (
    "models_2025-06-20.csv", "all_ai_models_2025-04-23.csv",
    "notable_ai_models_2025-11-03.csv", "notable_ai_models_2025-12-02.csv",
)  # fmt: skip
FROZEN_WITHIN = 0.005
# Shares of published values an interval has to hold.
HELD = (0.86, 0.94)

# Our own answer for each run with published compute, by rule; a run on a base model is told apart, for its published
# compute may count the base. Half-widths and distances are natural logs.
POINTS = """
select
    name_key(truths.run_name) as run,
    truths.has_base_model,
    estimates.method,
    profile_estimates.applies_to,
    ln(profile_estimates.training_compute_flop / truths.published_flop) as log_ratio,
    case when profile_estimates.applies_to like '%assumed%' then ln(run_utilisations.spread_factor) else 0 end as assumed,
from truths
join compute.estimates using (run_id)
join compute.profile_estimates using (run_id, method)
join assumptions.profiles using (profile)
left join compute.run_utilisations
    on run_utilisations.run_id = truths.run_id and run_utilisations.profile = profiles.profile
where profiles.is_in_force and estimates.set_aside_reason is null
"""

# Judged answers with their interval, in the scope of the published value.
ANSWERS = """
select
    name_key(judged.run_name) as run,
    judged.has_base_model,
    judged.method,
    coalesce(profile_estimates.applies_to, 'combined') as applies_to,
    ln(judged.training_compute_flop / judged.published_flop) as log_ratio,
    ln(judged.training_compute_flop_high / judged.training_compute_flop) as half_width,
    judged.is_inside,
from judged
left join (
    compute.profile_estimates join assumptions.profiles on profiles.profile = profile_estimates.profile and is_in_force
) on profile_estimates.run_id = judged.run_id and profile_estimates.method = judged.method
where judged.method not like '%set aside'
"""

# Each run once, from its newest listing. An answer off by more than twenty is no matter of spread: a cell holds days for
# hours (24 times) or the data of another run, and no width a reader could use would hold it; such runs are counted and left
# out. What a rule needs beside the spread of an assumed share adds in squares, so its 90% point is that of what is left of
# each square. Of fewer than 50 runs, n / 50 is the rule's own half-width and the rest the one of all runs of its method.
# Rounded and made of the same cells, published values prove no factor below 1.1.
FIT = """
with
newest as (
    select *
    from points
    where not has_base_model
    qualify row_number() over (partition by run, method order by place desc) = 1
),

needed as (
    select
        *,
        greatest(pow(log_ratio, 2) - pow(assumed, 2), 0) as square,
    from newest
    where abs(log_ratio) <= ln(20)
),

wrong as (
    select
        method,
        applies_to,
        count(*) filter (where abs(log_ratio) > ln(20)) as wrong,
    from newest
    group by method, applies_to
),

pooled as (
    select
        method,
        sqrt(quantile_cont(square, 0.9)) as half_width,
    from needed
    group by method
),

rules as (
    select
        method,
        applies_to,
        count(*) as n,
        sqrt(quantile_cont(square, 0.9)) as half_width,
        max(assumed) > 0 as is_assumed,
    from needed
    group by method, applies_to
)

select
    rules.applies_to,
    rules.n,
    exp(rules.half_width) as own_factor,
    exp(pooled.half_width) as pooled_factor,
    round(
        exp(greatest(
            rules.half_width * least(rules.n / 50, 1) + pooled.half_width * (1 - least(rules.n / 50, 1)),
            case when rules.is_assumed then 0 else ln(1.1) end
        )), 2
    ) as spread_factor,
    case
        when rules.n < 50 then format(
            'Fitted: {:.2f} of {} runs, drawn to the {:.2f} of its method by n / 50', own_factor, rules.n, pooled_factor
        )
        else format('Fitted: holds 90% of {} runs', rules.n)
    end || format(' ({} off by more than twenty left out)', wrong.wrong)
    || case when rules.is_assumed then ', together with the spread of the assumed share' else '' end as reason,
    'Published compute of Epoch AI''s exports to 2024-05-26; benchmarks/spreads.py' as reference,
from rules
join pooled using (method)
join wrong using (method, applies_to)
order by rules.method desc, rules.applies_to
"""

# By rule, by method and joined; needed_times is how much wider in logs an interval would hold 90%.
HELD_BY = """
with
newest as (
    select *
    from answers
    where $known is null or run not in (select unnest($known))
    qualify row_number() over (partition by run, method order by place desc) = 1
),

parts as (
    select 1 as place, 'rule' as split, applies_to as part, * exclude (place) from newest where method <> 'combined'
    union all
    select 2, 'method', method, * exclude (place) from newest
    union all
    select 3, 'no base model', method, * exclude (place) from newest where not has_base_model
)

select
    split,
    part,
    count(*) as n,
    avg(is_inside::integer) as inside_share,
    avg((abs(log_ratio) <= ln(2))::integer) as within_2_share,
    exp(median(half_width)) as median_factor,
    quantile_cont(abs(log_ratio) / half_width, 0.9) as needed_times,
from parts
group by place, split, part
order by place, part
"""


def main() -> None:
    """Print the fit, the rows to freeze, and how they do; exits 1 where a frozen row differs from its fit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=EPOCH, help="where the exports are")
    parser.add_argument("--fitted", nargs="+", default=FITTED_ON, help="exports to fit on, oldest first")
    parser.add_argument("--later", nargs="+", default=ADDED_LATER, help="exports with runs added since, oldest first")
    parser.add_argument("--chips", default="chips_2025-06-20.csv", help="chips export")
    parser.add_argument("--frozen", action="store_true", help="judge the rows as they are frozen, not as fitted now")
    parser.add_argument("--json", action="store_true", help="print JSON alone")
    asked = parser.parse_args()
    for name in (*asked.fitted, *asked.later, asked.chips):
        if not (asked.folder / name).is_file():
            parser.error(f"no file {asked.folder / name}")
    chips = asked.folder / asked.chips
    points, frozen = gather((asked.folder / name for name in asked.fitted), chips, POINTS)
    fitted = fit(points)
    used = {} if asked.frozen else {row["applies_to"]: row["spread_factor"] for row in fitted}
    answers = [gather([asked.folder / name], chips, ANSWERS, used)[0] for name in asked.later]
    known = points["run"].unique().to_list()
    figures = {
        "fitted": [row | {"frozen": frozen[row["applies_to"]]} for row in fitted],
        "added_later": held(pl.concat([frame.with_columns(place=pl.lit(n)) for n, frame in enumerate(answers)]), known),
        "all_of_first": held(answers[0], None),
    }
    print(json.dumps(figures, indent=2)) if asked.json else print_tables(figures, asked.later[0], frozen)
    sys.exit(1 if differing(figures["fitted"]) else 0)


def gather(
    paths: Iterable[Path], chips: Path, query: str, spreads: dict[str, float] | None = None
) -> tuple[pl.DataFrame, dict[str, float]]:
    """Rows of a query on each export, with the place of the export in the list; and the factors as they are frozen."""
    frames, frozen = [], {}
    for place, path in enumerate(paths):
        with tables(path, chips, spreads) as con:
            con.execute(JUDGED)
            frames.append(con.sql(query).pl().with_columns(place=pl.lit(place)))
            frozen = dict(con.execute("select applies_to, spread_factor from assumptions.spreads").fetchall())
    return pl.concat(frames), frozen


def fit(points: pl.DataFrame) -> list[dict]:
    """The factor of each rule that has runs: n, its own, that of its method, and the one to freeze with its reason."""
    with duckdb.connect() as con:
        con.register("points", points.to_arrow())
        return con.sql(FIT).pl().to_dicts()


def held(answers: pl.DataFrame, known: list[str] | None) -> list[dict]:
    """Share of published values inside our intervals, of the runs that are not known, by rule, method and joined."""
    with duckdb.connect() as con:
        con.register("answers", answers.to_arrow())
        return con.execute(HELD_BY, {"known": known}).pl().to_dicts()


def differing(fitted: list[dict]) -> list[dict]:
    """The fitted rows whose frozen factor is another."""
    return [row for row in fitted if abs(row["frozen"] / row["spread_factor"] - 1) > FROZEN_WITHIN]


def print_tables(figures: dict, first: str, frozen: dict[str, float]) -> None:
    """Print the figures for people, and the rows as they go into assumptions/spreads.csv."""
    print(f"{'rule':<30}{'n':>4}{'own':>8}{'method':>8}{'fitted':>8}{'frozen':>8}")
    for row in figures["fitted"]:
        print(
            f"{row['applies_to']:<30}{row['n']:>4}{row['own_factor']:>8.2f}{row['pooled_factor']:>8.2f}"
            f"{row['spread_factor']:>8.2f}{row['frozen']:>8.2f}"
        )
    fitted = {row["applies_to"] for row in figures["fitted"]}
    kept = [name for name in frozen if name not in fitted and not name.startswith("reported")]
    print(f"no run of these exports, nothing to fit: {', '.join(kept)}\n\nrows to freeze")
    for row in figures["fitted"]:
        print(f'{row["applies_to"]},{row["spread_factor"]:g},"{row["reason"]}","{row["reference"]}"')
    for title, key in (("runs added later", "added_later"), (f"all runs of {first}", "all_of_first")):
        print(f"\n{title:<32}{'':<28}{'n':>5}{'inside':>8}{'2x':>6}{'factor':>8}{'wider':>7}")
        for row in figures[key]:
            is_held = HELD[0] <= row["inside_share"] <= HELD[1]
            print(
                f"{row['split']:<32}{row['part']:<28}{row['n']:>5}{row['inside_share']:>8.1%}{row['within_2_share']:>6.0%}"
                f"{row['median_factor']:>8.2f}{row['needed_times']:>7.2f}{'' if is_held else '  outside 86 to 94%'}"
            )
    for row in differing(figures["fitted"]):
        print(f"{row['applies_to']} is frozen at {row['frozen']:g}; the fit gives {row['spread_factor']:g}")


if __name__ == "__main__":
    main()
