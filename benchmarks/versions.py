"""Many versions measured: bytes of lake, archive and releases as they grow, and a publish beside a plain copy to Parquet.

Each version is the whole export of Epoch AI with one row in a hundred changed against the version before, made and published
as `aicompute run --plain` does it. Bootstraps are not drawn: they change with every figure and are not what is measured here.
"""

from __future__ import annotations

import argparse
import csv
import random
import tempfile
import time
from pathlib import Path

import duckdb

from flows.collect import Collected, Request
from flows.publish import publish
from flows.run import Steps, run
from flows.runlog import RunLog
from flows.settings import Settings
from schemas.tables import kept_tables
from warehouse import derive as sql
from warehouse.release import released_tables

EPOCH = Path(__file__).resolve().parents[2] / "shared" / "data" / "epoch"
MODELS, CHIPS = "models_2025-06-20.csv", "chips_2025-06-20.csv"
CHANGED_SHARE, SEED, MEGABYTE = 0.01, 20180516, 1e6
FIGURES = ("Parameters", "Training compute (FLOP)", "Training dataset size (datapoints)", "Training time (hours)")


def changed(rows: list[dict], chance: random.Random) -> int:
    """Change a figure in one row in a hundred, as a source that revises does; returns how many rows."""
    with_figures = [row for row in rows if any(row[name] for name in FIGURES)]
    picked = chance.sample(with_figures, round(CHANGED_SHARE * len(rows)))
    for row in picked:
        name = chance.choice([name for name in FIGURES if row[name]])
        row[name] = repr(float(row[name].replace(",", "")) * chance.uniform(0.5, 2))
    return len(picked)


def plain_copy(con: duckdb.DuckDBPyConnection, folder: Path) -> tuple[float, int]:
    """Seconds and bytes of copying the tables a reader gets to Parquet, and no more."""
    began = time.perf_counter()
    for name in released_tables(kept_tables()):
        con.execute(f"copy {name} to '{folder / name}.parquet' (format parquet, compression zstd)")
    return time.perf_counter() - began, unique_bytes(folder)


def unique_bytes(*folders: Path) -> int:
    """Bytes on disk under folders; files of several names count once."""
    files = {path.stat().st_ino: path.stat().st_size for f in folders for path in f.rglob("*") if path.is_file()}
    return sum(files.values())


def sizes(settings: Settings, version: int) -> dict[str, float]:
    """Megabytes of each part of the data directory after a version."""
    lake, newest = settings.lake.folder, settings.releases_dir / str(version)
    return {
        "lake": unique_bytes(lake / "data") / MEGABYTE,
        "catalogue": (lake / "catalog.sqlite").stat().st_size / MEGABYTE,
        "archive": unique_bytes(settings.archive_dir) / MEGABYTE,
        "releases": unique_bytes(settings.releases_dir) / MEGABYTE,
        "newest release": unique_bytes(newest) / MEGABYTE,
    }


def versions(folder: Path, number: int, keep: int) -> None:
    """Publish `number` versions and print what each part takes as they come."""
    settings = Settings(data_dir=folder / "data", keep_releases=keep)
    with (EPOCH / MODELS).open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    chance, copies = random.Random(SEED), []

    def publish_beside(settings: Settings, collected: Collected, con, log: RunLog, allow: bool):
        target = folder / "plain"
        target.mkdir(exist_ok=True)
        copies.append(plain_copy(con, target))
        return publish(settings, collected, con, log, allow)

    shown = {1, 2, 3, 5, 10, 20, 30, 50, 75, number}
    names = ("lake", "catalogue", "archive", "releases", "newest release")
    print(
        f"{'version':>7}"
        + "".join(f"{name:>15}" for name in names)
        + f"{'publish/copy, s':>24}{'time':>7}{'bytes':>7}{'SQL, s':>8}"
    )
    print(f"{'':>7}" + "".join(f"{'MB':>15}" for _ in names))
    for version in range(1, number + 1):
        if version > 1:
            changed(rows, chance)
        path = folder / f"models_{version}.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, rows[0].keys())
            writer.writeheader()
            writer.writerows(rows)
        log = RunLog(settings.log_file)
        files = {"models": str(path), "chips": str(EPOCH / CHIPS)}
        run(settings, Request(("epoch",), files), log, allow_shrink=True, steps=Steps(publish=publish_beside))
        path.unlink()
        if version in shown:
            spent = sum(log.seconds[phase] for phase in ("commit", "release", "rename"))
            seconds, copied = copies[-1]
            found = sizes(settings, version)
            words = f"{spent:.2f} / {seconds:.2f}"
            ratio = found["newest release"] * MEGABYTE / copied
            cells = "".join(f"{found[name]:>15.2f}" for name in names)
            print(
                f"{version:>7}{cells}{words:>24}{spent / seconds:>6.1f}x{ratio:>6.1f}x{log.seconds['sql']:>8.1f}",
                flush=True,
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--versions", type=int, default=100)
    parser.add_argument("--keep", type=int, default=10, help="release folders kept")
    parser.add_argument("--folder", type=Path, help="where to work; default a temporary folder")
    asked = parser.parse_args()
    whole = sql.load_assumptions

    def undrawn(con: duckdb.DuckDBPyConnection, *args, **named) -> None:
        whole(con, *args, **named)
        con.execute("update assumptions.thresholds set limit_value = 0 where threshold = 'bootstrap_draws'")

    sql.load_assumptions = undrawn
    if asked.folder:
        asked.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=asked.folder) as folder:
        versions(Path(folder), asked.versions, asked.keep)


if __name__ == "__main__":
    main()
