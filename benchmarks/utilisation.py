"""The shares of profile `aicompute`, fitted again on reported shares of the peak alone, beside the rows they are frozen in."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import duckdb
import polars as pl

from flows.collect import Request, collect
from flows.runlog import RunLog
from flows.settings import Settings
from warehouse import derive

# Later runs are kept back: the intervals are judged on them.
FITTED_TO = "2024-05-26"
FROZEN_WITHIN = 0.001

# What a run reports, with what is known of its chip; a share of no stated kind counts as model FLOP utilisation.
REPORTED = """
select
    run_inputs.run_id,
    run_inputs.published_on,
    training_runs.organisations,
    run_utilisations.chip_generation,
    run_inputs.chips,
    coalesce(run_inputs.mfu, run_inputs.utilisation) as share,
    run_inputs.hfu,
    run_utilisations.utilisation_share,
    run_utilisations.spread_factor,
from compute.run_inputs
join compute.training_runs using (run_id)
join compute.run_utilisations using (run_id)
where run_utilisations.is_in_force and coalesce(run_inputs.mfu, run_inputs.utilisation, run_inputs.hfu) > 0
"""

# Our own facts go before a later export before an earlier one; a hardware share, which counts recomputation, is left out.
# Sister runs (one day, organisation and generation) share engineers and figures: they are one point.
POINTS = """
create temp table points as
with chosen as (
    select *
    from reported
    where published_on <= $fitted_to
    qualify row_number() over (partition by run_id order by place) = 1
)
select
    chip_generation,
    published_on,
    string_agg(run_id, ', ' order by run_id) as run_ids,
    avg(ln(share)) as log_share,
    avg(log10(chips)) as log10_chips,
from chosen
where share > 0 and chip_generation is not null
group by chip_generation, published_on, organisations
"""

# Random effects of generation by the moments of the analysis of variance (Searle, Casella and McCulloch 1992, 3.6);
# each mean is drawn to that of all by n / (n + within / between), and its interval holds both scatters.
FIT = """
with
groups as (
    select chip_generation, count(*) as n, avg(log_share) as mean, sum(log_share) as total,
    from points
    group by all
),
totals as (
    select count(*) as n, avg(log_share) as mean, stddev_samp(log_share) as scatter,
    from points
),
squares as (
    select
        sum(pow(points.log_share - groups.mean, 2)) / (any_value(totals.n) - count(distinct chip_generation)) as within,
        any_value(totals.n) as n,
    from points join groups using (chip_generation) cross join totals
),
moments as (
    select
        within,
        greatest(0.0, (sum(groups.n * pow(groups.mean - totals.mean, 2)) / (count(*) - 1) - within)
            / ((any_value(totals.n) - sum(pow(groups.n, 2)) / any_value(totals.n)) / (count(*) - 1))) as between_groups,
    from groups cross join totals cross join squares
    group by within
),
fitted as (
    select groups.chip_generation, groups.n, groups.mean, totals.mean as overall, within, between_groups,
    from groups cross join totals cross join moments
    union all
    select 'all', totals.n, totals.mean, totals.mean, within, between_groups,
    from totals cross join moments
)
select
    chip_generation,
    n,
    exp(mean) as median_share,
    exp(case when chip_generation = 'all' or between_groups = 0 then overall
        else (n * mean + within / between_groups * overall) / (n + within / between_groups) end) as value_share,
    exp(1.6448536 * sqrt(within + case
        when chip_generation = 'all' then between_groups + (within + between_groups) / n
        when between_groups = 0 then 0
        else 1 / (n / within + 1 / between_groups) end)) as spread_factor,
    sqrt(within) as scatter_within,
    sqrt(between_groups) as scatter_between,
from fitted
order by chip_generation = 'all', chip_generation
"""

SCALE = """
select
    count(*) as n,
    regr_slope(log_share, log10_chips) as slope,
    sqrt(regr_syy(log_share, log10_chips) * (1 - regr_r2(log_share, log10_chips)) / (count(*) - 2)
        / regr_sxx(log_share, log10_chips)) as error,
from points
where log10_chips is not null
"""

# Runs later than those of the fit, each beside what its row assumes.
LATER = """
select
    run_id,
    published_on,
    share,
    utilisation_share,
    share between utilisation_share / spread_factor and utilisation_share * spread_factor as is_inside,
from reported
where published_on > $fitted_to and share > 0
qualify row_number() over (partition by run_id order by place) = 1
order by published_on, run_id
"""

FROZEN = """
select utilisation_rule, coalesce(chip_generation, 'all') as chip_generation, value_share, spread_factor, reported_runs
from assumptions.utilisation
where profile = 'aicompute' and reported_runs is not null
order by utilisation_rule
"""


def main() -> None:
    """Print points, fit and frozen rows; exits 1 where a frozen row that is a plain fit differs from it by more than rounding."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epoch", type=Path, nargs="+", required=True, help="models exports of Epoch AI, oldest first")
    parser.add_argument("--chips", type=Path, help="chips export; without it the chips of our own record alone")
    parser.add_argument("--later", type=Path, nargs="+", help="exports whose runs after those of the fit judge it")
    asked = parser.parse_args()
    reported = gather(asked.epoch, asked.chips)
    with duckdb.connect() as con:
        fitted, slope = fit(con, reported)
        derive.load_assumptions(con)
        frozen = con.sql(FROZEN).pl().to_dicts()
        print_fit(con, fitted, slope)
        if asked.later:
            print_later(con, gather(asked.later, asked.chips))
    sys.exit(0 if compare(fitted, frozen) else 1)


def gather(exports: list[Path], chips: Path | None) -> pl.DataFrame:
    """Reported shares of our own record (place 0) and of each export, the last first (places 1, 2 …)."""
    found = [reported_in(("curated",), {})]
    for export in reversed(exports):
        files = {"models": str(export)} | ({"chips": str(chips)} if chips else {})
        found.append(reported_in(("epoch",), files))
    return pl.concat([frame.with_columns(place=pl.lit(place)) for place, frame in enumerate(found)])


def reported_in(sources: tuple[str, ...], files: dict[str, str]) -> pl.DataFrame:
    """What the runs of some sources report of their utilisation, a row a run."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data_dir=Path(folder))
        frames = collect(settings, Request(sources, files, is_offline=True), RunLog(settings.log_file)).frames
    with duckdb.connect() as con:
        derive.load_assumptions(con)
        derive.load_raw(con, frames)
        for _ in derive.build(con):
            pass
        return con.sql(REPORTED).pl()


def fit(con: duckdb.DuckDBPyConnection, reported: pl.DataFrame) -> tuple[list[dict], dict]:
    """Shares and spreads by generation, `all` last, and the slope of the log share over a tenfold of chips."""
    con.register("reported", reported.to_arrow())
    con.execute(POINTS, {"fitted_to": FITTED_TO})
    return con.sql(FIT).pl().to_dicts(), con.sql(SCALE).pl().to_dicts()[0]


def print_fit(con: duckdb.DuckDBPyConnection, fitted: list[dict], slope: dict) -> None:
    """Every point, then the fit."""
    for point in con.sql("from points order by chip_generation, published_on").pl().to_dicts():
        chips = f"{10 ** point['log10_chips']:,.0f}" if point["log10_chips"] is not None else "?"
        share = con.execute("select exp(?)", [point["log_share"]]).fetchall()[0][0]
        print(
            f"{point['chip_generation']:<24}{point['published_on']}  {share:.3f}  {chips:>7} chips  {point['run_ids']}"
        )
    print(f"\n{'generation':<24}{'n':>3}{'median':>9}{'drawn in':>10}{'90% factor':>12}")
    for row in fitted:
        print(
            f"{row['chip_generation']:<24}{row['n']:>3}{row['median_share']:>9.3f}{row['value_share']:>10.3f}"
            f"{row['spread_factor']:>12.2f}"
        )
    last = fitted[-1]
    print(
        f"scatter of ln share: {last['scatter_within']:.3f} within, {last['scatter_between']:.3f} between generations"
    )
    print(f"ln share over a tenfold of chips: {slope['slope']:+.3f} ± {slope['error']:.3f} ({slope['n']} points)")


def print_later(con: duckdb.DuckDBPyConnection, reported: pl.DataFrame) -> None:
    """Each later run's reported share beside the one assumed, and how many lie in the 90% interval."""
    con.register("reported", reported.to_arrow())
    found = con.execute(LATER, {"fitted_to": FITTED_TO}).pl().to_dicts()
    print(f"\n{'later run':<36}{'published':<12}{'share':>7}{'assumed':>9}")
    for row in found:
        outside = "" if row["is_inside"] else "  outside"
        print(
            f"{row['run_id'][:34]:<36}{row['published_on']!s:<12}{row['share']:>7.3f}{row['utilisation_share']:>9.3f}{outside}"
        )
    print(f"{sum(row['is_inside'] for row in found)} of {len(found)} inside the 90% interval")


def compare(fitted: list[dict], frozen: list[dict]) -> bool:
    """Print each frozen row beside the fit of its generation; whether they agree."""
    by_generation = {row["chip_generation"]: row for row in fitted}
    agreed = True
    print(f"\n{'frozen row':<44}{'share':>7}{'fit':>8}{'n':>4}")
    for row in frozen:
        now = by_generation.get(row["chip_generation"])
        same = now is not None and abs(now["value_share"] - row["value_share"]) <= FROZEN_WITHIN
        same = same and now["n"] == row["reported_runs"]
        agreed = agreed and same
        found = f"{now['value_share']:>8.3f}{now['n']:>4}" if now else f"{'none':>8}"
        print(f"{row['utilisation_rule']:<44}{row['value_share']:>7.3f}{found}{'' if same else '  differs'}")
    return agreed


if __name__ == "__main__":
    main()
