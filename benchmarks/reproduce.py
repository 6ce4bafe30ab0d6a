"""Published results met over several of Epoch AI's exports and Sevilla et al.'s points: each claim's best verdict and where."""

from __future__ import annotations

import argparse
import json
import re
import sys
import tempfile
from pathlib import Path

import duckdb

from flows import reproduce
from flows.collect import Request, collect
from flows.derive import derive
from flows.runlog import RunLog
from flows.settings import Settings

MET = ("reproduced", "overlaps")
TARGET = 30


def dated(folder: Path, pattern: str) -> list[tuple[str, Path]]:
    """Files of a folder with the date in their name, oldest first."""
    found = [(re.findall(r"\d{4}-\d{2}-\d{2}", path.name), path) for path in folder.glob(pattern)]
    return sorted((days[-1], path) for days, path in found if days)


def built(files: dict[str, str]) -> duckdb.DuckDBPyConnection:
    """Tables of one export, in memory."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data_dir=Path(folder))
        log = RunLog(settings.log_file)
        return derive(collect(settings, Request(("epoch",), files), log), log)


def releases(folder: Path) -> list[dict[str, str]]:
    """Every export of models with the newest chip export not after it, else the oldest, and prices and deflator."""
    chips = dated(folder, "*chips*.csv") + dated(folder, "ml_hardware*.csv")
    fixed = {"prices": "prices*.csv", "deflator": "ppi*.csv"}
    beside = {dataset: str(next(folder.glob(pattern))) for dataset, pattern in fixed.items()}
    made = []
    for day, models in dated(folder, "*models*.csv"):
        earlier = [pair for pair in sorted(chips) if pair[0] <= day] or [min(chips)]
        made.append({"models": str(models), "chips": str(earlier[-1][1]), **beside})
    return made


def main() -> int:
    """Print one line a release and one a claim; 1 where fewer than thirty claims are met over all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epoch", type=Path, default=Path("../shared/data/epoch"))
    parser.add_argument("--sevilla", type=Path, default=Path("../shared/data/sevilla-2022"))
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    points = reproduce.sevilla_points(asked.sevilla)
    where: dict[str, list[str]] = {}
    for files in releases(asked.epoch):
        name = Path(files["models"]).stem
        rows = reproduce.results(built(files), points)
        unmet = {row["claim_id"][:3] for row in rows if row["result_verdict"] not in MET}
        met = sorted({row["claim_id"][:3] for row in rows} - unmet)
        print(f"{name}: {len(met)} met; {reproduce.counts(rows)}", file=sys.stderr)
        for claim in sorted({row["claim_id"][:3] for row in rows}):
            where.setdefault(claim, []).extend([name] if claim in met else [])
    met_somewhere = [claim for claim, names in where.items() if names]
    if asked.json:
        print(json.dumps({"met": len(met_somewhere), "where": where}, indent=1))
    else:
        for claim, names in where.items():
            print(f"{claim}  {', '.join(names) or 'nowhere'}")
        print(f"{len(met_somewhere)} of {len(where)} claims met on some release")
    return int(len(met_somewhere) < TARGET)


if __name__ == "__main__":
    sys.exit(main())
