"""Every saved answer of ../shared/data through the whole pipeline: what was read, what was set aside and why, what is flagged.

`python benchmarks/saved.py [--epoch-chips FILE]`; the answers are archived as their sources' pages and a version is derived.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from saved_answers import DATASETS, archive_all  # noqa: E402

from flows.collect import Request, collect  # noqa: E402
from flows.derive import derive  # noqa: E402
from flows.runlog import RunLog  # noqa: E402
from flows.settings import Settings  # noqa: E402

SHARED = ROOT.parent / "shared"
AGAINST_EPOCH = """
with

figures as (
    select
        case when quantity like 'peak%' then 'peaks' else 'other figures' end as kind,
        value_over_known,
    from clean.chip_comparisons
    where source = 'epoch' and known_source = 'curated'
)

select
    coalesce(kind, 'all') as kind,
    count(*) as figures,
    sum((abs(value_over_known - 1) <= 0.01)::integer) as within_1_percent,
    round(avg((abs(value_over_known - 1) <= 0.01)::integer), 3) as share,
from figures
group by rollup (figures.kind)
order by all
"""
WHY = """
select verdict, count(*) as figures, sum((coalesce(explanation, '') = '')::integer) as unexplained,
from compute.chip_disagreements
where source = 'epoch' and abs(value_over_other - 1) > 0.01
group by all
order by all
"""


def show(con, title: str, query: str) -> None:
    print(f"\n{title}")
    con.sql(query).show(max_rows=100, max_width=190)


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--epoch-chips", default=str(SHARED / "data" / "epoch" / "ml_hardware_2025-12-24.csv"))
    chips = asked.parse_args().epoch_chips
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data_dir=Path(folder))
        for source, errors in sorted(archive_all(settings, SHARED).items()):
            for error in errors:
                print(f"refused  {source}: {error[-230:]}")
            print(f"{source}: {len(errors)} answers refused")
        request = Request(("curated", "epoch", *DATASETS, "arxiv", "cloud_tpu_chips", "nvidia_chips", "mlperf"),
                          {"chips": chips}, is_offline=True)  # fmt: skip
        log = RunLog(settings.log_file)
        con = derive(collect(settings, request, log), log)
        show(con, "Rows", "select source, count(*) as documents, sum(rows_read) as read, sum(rows_accepted) as accepted,"
             " sum(rows_quarantined) as set_aside from raw.documents group by all order by all")  # fmt: skip
        show(con, "Why rows are set aside", "select source, rule, count(*) as rows, any_value(raw_value) as for_example"
             " from raw.quarantine group by all order by all")  # fmt: skip
        show(con, "Flagged figures of spec sheets", "select chip_id, quantity, value, known_value, verdict, cell_text"
             " from clean.chip_flags order by all")  # fmt: skip
        show(con, "Our chips against Epoch's: figures in both, and the share equal within 1%", AGAINST_EPOCH)
        show(con, "Why they differ", WHY)
        show(con, "MLPerf: counted operations over chips x hours x peak x utilisation", "select run_id, chips,"
             " training_hours, counted_flop, counted_over_hardware_time, implied_utilisation_share"
             " from compute.benchmark_checks")  # fmt: skip


if __name__ == "__main__":
    main()
