"""How much of its rate limit a crawl uses, and that it never passes it: arXiv's API and OAI-PMH on a local server."""

from __future__ import annotations

import datetime as dt
import os
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from stand_in import StandIn  # noqa: E402

from flows.crawl import gather  # noqa: E402
from flows.settings import Settings  # noqa: E402
from warehouse.archive import Archive  # noqa: E402

PAPERS, LIMIT = 10_000, 10  # requests a second


def measure(dataset: str, list_by: str) -> None:
    with StandIn(papers=PAPERS, oai_page=100) as server, tempfile.TemporaryDirectory() as folder:
        os.environ |= {
            "AICOMPUTE_ARXIV_URL": f"{server.url}/api/query", "AICOMPUTE_ARXIV_OAI_URL": f"{server.url}/oai",
            "AICOMPUTE_ARXIV_LIST_BY": list_by, "AICOMPUTE_ARXIV_PAGE_SIZE": "100", "AICOMPUTE_ARXIV_CATEGORIES": "cs.LG",
            "AICOMPUTE_ARXIV_RATE": f"{LIMIT}/1", "AICOMPUTE_ALLOW_PRIVATE_HOSTS": "true", "AICOMPUTE_DATA_DIR": folder,
        }  # fmt: skip
        settings = Settings()
        gather(settings, Archive(settings.archive_dir), "arxiv", dataset, since=dt.date(2026, 1, 1))
        times = [asked.at for asked in server.asked]
        # A log over any window allows LIMIT requests at once, so the first LIMIT of them cost no time.
        pace = (len(times) - LIMIT) / (times[-1] - times[0])
        print(
            f"{dataset:8} {PAPERS} records, {len(times)} requests in {times[-1] - times[0]:.2f} s: "
            f"{pace / LIMIT:.1%} of the limit; most in any second {server.most_in(1.0)} of {LIMIT}"
        )


if __name__ == "__main__":
    measure("search", "api")
    measure("listing", "oai")
