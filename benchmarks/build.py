"""The SQL build measured: seconds, peak memory, ratio to the same SQL as one bare DuckDB script, and how cost grows."""

from __future__ import annotations

import argparse
import json
import math
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import duckdb
import polars as pl
import pyarrow.parquet as pq

from flows.collect import Request, collect
from flows.runlog import RunLog
from flows.settings import Settings
from schemas.contract import empty_frame
from schemas.tables import LAYERS
from warehouse import derive

EPOCH = Path(__file__).resolve().parents[2] / "shared" / "data" / "epoch"
SIZES = "10000,100000,1000000"
TARGETS = {"epoch_seconds": 1.0, "ratio": 1.5, "exponent": 1.05}
ONCE_FROM = 1_000_000  # rows from which a case is run once, not three times
# Bootstraps draw the same thousand times however long the rest takes: benchmarks/bootstrap.py measures them.
NO_BOOTSTRAPS = "update assumptions.thresholds set limit_value = 0 where threshold = 'bootstrap_draws'"
KEPT_OF_CURATED = ("curated_chips", "curated_chip_facts", "curated_sources", "chip_sightings", "documents", "abouts")

# Every draw is a hash of row and purpose, so the rows are the same however many threads make them.
SYNTHETIC = """
create macro draw(i, purpose) as hash(i, purpose) / 18446744073709551616.0;
create macro bell(i, purpose) as
    sqrt(-2 * ln(1 - draw(i, purpose || ' radius'))) * cos(2 * pi() * draw(i, purpose || ' angle'));
create macro given(i, purpose, share, figure) as case when draw(i, purpose || ' given') < share then figure end;
create macro one_of(i, purpose, words) as words[1 + floor(draw(i, purpose) * len(words))::bigint];

create table epoch_models as
with
runs as (
    select i, i - i % 5 % 2 as paper, (13300 * sqrt(draw(paper, 'day')))::integer as day, day / 365.25 as years,
        (select list(chip_name order by chip_name) from curated_chips) as chip_names,
        ['Language', 'Vision', 'Biology', 'Games', 'Speech', 'Image generation', 'Multimodal,Language,Vision'] as fields,
        ['Industry', 'Academia', 'Industry,Academia', 'Government', 'Academia,Academia', 'Research collective'] as kinds,
        ['China', 'France', 'Canada', 'Germany', 'Japan', 'United States of America'] as lands,
        ['Unreleased', 'API access', 'Open weights (unrestricted)', 'Hosted access (no API)'] as access,
    from range(1, $rows + 1) as numbers (i)
)
select sha256('synthetic models') as document_id, i as row_number, 'Model ' || i as run_name,
    one_of(i, 'domain', fields) as domains,
    'Organisation ' || (draw(i, 'maker') * 2000)::integer
        || coalesce(given(i, 'partner', 0.3, ',Organisation ' || (draw(i, 'partner') * 2000)::integer), '') as organisations,
    one_of(i, 'kind', kinds) as organisation_categories,
    one_of(i, 'land', lands) || coalesce(given(i, 'second land', 0.3, ',' || one_of(i, 'second', lands)), '') as countries,
    given(i, 'date', 0.99, date '1990-01-01' + day) as published_on, 'Paper on model ' || i as reference,
    'https://arxiv.org/abs/' || (paper // 100000 + 1000) || '.' || lpad((paper % 100000)::varchar, 5, '0') as paper_link,
    given(i, 'notable', 0.43, 'Highly cited') as notability_criteria,
    given(i, 'parameters', 0.67, pow(10, 4 + 0.2 * years + 0.7 * bell(i, 'parameters'))) as parameters,
    given(i, 'compute', 0.52, pow(10, 12 + 0.35 * years + 1.2 * bell(i, 'compute'))) as training_compute_flop,
    one_of(i, 'confidence', ['Confident', 'Likely', 'Speculative', 'Unknown']) as confidence,
    given(i, 'data', 0.55, pow(10, 4 + 0.25 * years + bell(i, 'data'))) as dataset_datapoints,
    given(i, 'epochs', 0.28, 1 + floor(draw(i, 'epochs') * 100)) as epochs,
    given(i, 'hours', 0.22, pow(10, 2 + 0.5 * bell(i, 'hours'))) as training_hours,
    given(i, 'hardware', 0.43, one_of(i, 'chip', chip_names)
        || coalesce(given(i, 'two kinds', 0.1, ',' || one_of(i, 'second chip', chip_names)), '')) as training_hardware,
    given(i, 'chips', 0.3, pow(2, floor(draw(i, 'chips') * 14))) as chips,
    given(i, 'chip hours', 0.09, pow(10, 4 + bell(i, 'chip hours'))) as chip_hours,
    given(i, 'utilisation', 0.03, 0.2 + 0.4 * draw(i, 'utilisation')) as utilisation,
    given(i, 'format', 0.15, one_of(i, 'format', ['BF16', 'FP16', 'FP32', 'FP8'])) as number_formats,
    given(i, 'base', 0.21, 'Model ' || (1 + floor(draw(i, 'base') * $rows)::bigint)) as base_run_name,
    given(i, 'batch', 0.09, pow(2, 8 + floor(draw(i, 'batch') * 14))) as batch_size,
    given(i, 'access', 0.74, one_of(i, 'access', access)) as model_accessibility,
    given(i, 'power', 0.27, pow(10, 5 + bell(i, 'power'))) as training_power_watts,
    given(i, 'cost', 0.08, pow(10, 4 + bell(i, 'cost'))) as training_cost_usd_2023,
from runs;

create table run_sightings as
select 'epoch' as source, document_id, 1000 as archive_order, row_number, run_name, paper_link, published_on, parameters,
from epoch_models;

create table headers as
select 'epoch' as source, 'models' as dataset, sha256('synthetic models') as document_id, column_name, column_name as header,
from (describe epoch_models) where column_name not in ('document_id', 'row_number');

insert into documents by name
select 'epoch' as source, 'models' as dataset, sha256('synthetic models') as document_id, 'synthetic.csv' as document_name,
    date '2026-06-30' as as_of_on, date '2026-06-30' as first_received_on, 1000 as archive_order, 0 as bytes,
    true as is_in_force, $rows as rows_read, $rows as rows_accepted, 0 as rows_quarantined, '' as unread_columns;

insert into abouts by name
select 'epoch' as source, 'Synthetic runs' as title, 'none' as licence, 'made by the benchmark' as attribution;
"""


def main() -> None:
    """Measure what the arguments ask for; print a table, or JSON with --json. Exits 1 where a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--epoch",
        type=Path,
        default=EPOCH / "models_2025-06-20.csv",
        help="models export; a file that is not there is left out",
    )
    parser.add_argument("--chips", type=Path, default=EPOCH / "chips_2025-06-20.csv", help="its chips export")
    parser.add_argument("--sizes", default=SIZES, help="numbers of synthetic runs, by commas; '' for none")
    parser.add_argument("--json", action="store_true", help="print JSON alone")
    parser.add_argument("--child", nargs=2, metavar=("KIND", "FOLDER"), help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.child:
        kind, folder = asked.child
        print(json.dumps(CHILDREN[kind](Path(folder))))
        return
    cases = []
    with tempfile.TemporaryDirectory() as scratch:
        if asked.epoch.is_file():
            write_epoch(asked.epoch, asked.chips, Path(scratch) / "epoch")
            cases.append(measure("epoch", Path(scratch) / "epoch", times=3))
        else:
            print(f"no file {asked.epoch}: the Epoch case is left out", file=sys.stderr)
        for size in [int(word) for word in asked.sizes.split(",") if word]:
            folder = Path(scratch) / f"synthetic-{size}"
            write_synthetic(size, Path(scratch), folder)
            cases.append(measure(f"synthetic {size:,}", folder, times=1 if size >= ONCE_FROM else 3) | {"runs": size})
    figures = {"cases": cases, "exponent": exponent(cases), "targets": TARGETS}
    print(json.dumps(figures, indent=2)) if asked.json else print_table(figures)
    sys.exit(1 if missed(figures) else 0)


def write_epoch(models: Path, chips: Path, folder: Path) -> None:
    """Write the raw and assumption tables of a version made of two Epoch exports."""
    request = Request(("epoch",), {"models": str(models), "chips": str(chips)})
    write_tables(_frames(request, folder.parent / "data-epoch"), folder)


def write_synthetic(size: int, scratch: Path, folder: Path) -> None:
    """Write the raw and assumption tables of a version of `size` synthetic runs on our own curated chips."""
    curated = _frames(Request(("curated",)), scratch / "data-curated")
    with duckdb.connect() as con:
        for name in KEPT_OF_CURATED:
            con.register("incoming", curated[name].to_arrow())
            con.execute(f"create table {name} as from incoming")
        for statement in SYNTHETIC.replace("$rows", str(size)).split(";\n"):
            con.execute(statement)
        made = (*KEPT_OF_CURATED, "epoch_models", "run_sightings", "headers")
        write_tables({name: _typed(name, con.table(name).pl()) for name in made}, folder)


def _typed(name: str, frame: pl.DataFrame) -> pl.DataFrame:
    """The frame's columns of a raw table in the types its contract says."""
    wanted = empty_frame(LAYERS["raw"][name]).schema
    return frame.select(pl.col(column).cast(kind) for column, kind in wanted.items() if column in frame.columns)


def _frames(request: Request, data: Path) -> dict[str, pl.DataFrame]:
    settings = Settings(data_dir=data)
    return collect(settings, request, RunLog(settings.log_file)).frames


def write_tables(frames: dict[str, pl.DataFrame], folder: Path) -> None:
    """Write every raw and assumption table as Parquet, and the whole build as one bare script beside them."""
    folder.mkdir()
    with duckdb.connect() as con:
        derive.load_assumptions(con)
        con.execute(NO_BOOTSTRAPS)
        derive.load_raw(con, frames)
        for layer in ("raw", "assumptions"):
            for name in LAYERS[layer]:
                con.execute(f"copy {layer}.{name} to '{folder}/{layer}.{name}.parquet'")
    (folder / "bare.sql").write_text(bare_script(), encoding="utf-8")


def bare_script() -> str:
    """The build as one script: raw tables from frames of the same name, the formulas, each model in order."""
    raw = [f"create table raw.{name} as from raw_{name}" for name in LAYERS["raw"]]
    tables = [f"create table {model.name} as {model.query.strip()}" for model in derive.models()]
    formulas = (derive.SQL_FOLDER / "formulas.sql").read_text(encoding="utf-8")
    schemas = [f"create schema {layer}" for layer in ("raw", *derive.MODEL_LAYERS)]
    return ";\n".join([*schemas, *raw, formulas.strip().rstrip(";"), *tables]) + ";"


def ours(folder: Path) -> dict[str, float]:
    """Build as the pipeline does, from frames in memory; seconds of raw tables and models, those of assumptions apart."""
    frames = {path.suffixes[0][1:]: pl.read_parquet(path) for path in folder.glob("raw.*.parquet")}
    con = duckdb.connect(config={"preserve_insertion_order": "true"})
    began = time.perf_counter()
    derive.load_assumptions(con)
    con.execute(NO_BOOTSTRAPS)
    assumed = time.perf_counter()
    derive.load_raw(con, frames)
    spent = {}
    loaded = last = time.perf_counter()
    for name in derive.build(con):
        now = time.perf_counter()
        spent[name] = now - last
        last = now
    slowest = dict(sorted(spent.items(), key=lambda item: -item[1])[:5])
    times = {"seconds": last - assumed, "raw": loaded - assumed, "assumptions": assumed - began}
    return times | {"peak_bytes": _peak_bytes(), "slowest": slowest}


def bare(folder: Path) -> dict[str, float]:
    """Run the bare script on the same frames with nothing of ours in the process's way."""
    con = duckdb.connect(config={"preserve_insertion_order": "true"})
    con.execute("create schema assumptions")
    for path in folder.glob("*.parquet"):
        layer, name, _ = path.name.split(".")
        if layer == "raw":
            con.register(f"raw_{name}", pq.read_table(path))
        else:
            con.execute(f"create table assumptions.{name} as from '{path}'")
    script = (folder / "bare.sql").read_text(encoding="utf-8")
    began = time.perf_counter()
    con.execute(script)
    return {"seconds": time.perf_counter() - began, "peak_bytes": _peak_bytes()}


CHILDREN = {"ours": ours, "bare": bare}


def _peak_bytes() -> int:
    """Largest resident memory of this process so far; Linux counts kibibytes, macOS bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def measure(case: str, folder: Path, times: int) -> dict:
    """One case: ours and the bare script by turns, each in a fresh process; medians."""
    found: dict[str, list[dict]] = {kind: [] for kind in CHILDREN}
    for _ in range(times):
        for kind, runs in found.items():
            command = [sys.executable, str(Path(__file__).resolve()), "--child", kind, str(folder)]
            done = subprocess.run(command, cwd=folder, check=True, stdout=subprocess.PIPE, text=True)
            runs.append(json.loads(done.stdout))
    middle = sorted(found["ours"], key=lambda run: run["seconds"])[times // 2]
    bare_seconds = median(run["seconds"] for run in found["bare"])
    return {
        "case": case,
        "times": times,
        **middle,
        "peak_bytes": max(run["peak_bytes"] for run in found["ours"]),
        "bare_seconds": bare_seconds,
        "bare_peak_bytes": max(run["peak_bytes"] for run in found["bare"]),
        "ratio": middle["seconds"] / bare_seconds,
    }


def exponent(cases: list[dict]) -> float | None:
    """Slope of log seconds on log runs over the synthetic cases, by least squares; None for fewer than two."""
    points = [(math.log(case["runs"]), math.log(case["seconds"])) for case in cases if "runs" in case]
    if len(points) < 2:
        return None
    mean_x, mean_y = (sum(column) / len(points) for column in zip(*points, strict=True))
    return sum((x - mean_x) * (y - mean_y) for x, y in points) / sum((x - mean_x) ** 2 for x, _ in points)


def missed(figures: dict) -> list[str]:
    """The targets that the figures do not meet, a line each."""
    lines = []
    for case in figures["cases"]:
        if case["case"] == "epoch" and case["seconds"] > TARGETS["epoch_seconds"]:
            lines.append(f"epoch took {case['seconds']:.2f} s; at most {TARGETS['epoch_seconds']} s was the target")
        if case["ratio"] > TARGETS["ratio"]:
            lines.append(
                f"{case['case']}: {case['ratio']:.2f} times the bare script; at most {TARGETS['ratio']} was the target"
            )
    if (slope := figures["exponent"]) is not None and slope > TARGETS["exponent"]:
        lines.append(f"the cost exponent is {slope:.3f}; at most {TARGETS['exponent']} was the target")
    return lines


def print_table(figures: dict) -> None:
    """Print the figures for people."""
    print(
        f"{'case':<20}{'times':>6}{'seconds':>9}{'bare':>9}{'ratio':>7}{'peak GB':>9}{'bare GB':>9}{'assumptions s':>15}"
    )
    for case in figures["cases"]:
        print(
            f"{case['case']:<20}{case['times']:>6}{case['seconds']:>9.3f}{case['bare_seconds']:>9.3f}{case['ratio']:>7.2f}"
            f"{case['peak_bytes'] / 1e9:>9.2f}{case['bare_peak_bytes'] / 1e9:>9.2f}{case['assumptions']:>15.3f}"
        )
        print("    slowest: " + ", ".join(f"{name} {seconds:.3f}" for name, seconds in case["slowest"].items()))
    if figures["exponent"] is not None:
        print(f"cost exponent {figures['exponent']:.3f}")
    print("\n".join(missed(figures)) or "all targets are met")


if __name__ == "__main__":
    main()
