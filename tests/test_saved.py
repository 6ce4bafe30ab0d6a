"""Every saved answer of every source in one version: nothing is lost, nothing breaks a rule of the tables, errors are flagged."""

from __future__ import annotations

import pytest
from saved_answers import DATASETS, archive_all

from flows.collect import Request, collect
from flows.derive import derive
from flows.runlog import RunLog
from flows.settings import Settings


@pytest.mark.slow
def test_all_saved_answers_make_one_version(shared, tmp_path):
    """Counts read off the files: 20 feeds hold 221 papers and an error; 2 logs and 4 systems; no other answer is an error."""
    settings = Settings(data_dir=tmp_path)
    refused = archive_all(settings, shared)
    assert {source: len(errors) for source, errors in refused.items()} == {
        "semantic_scholar": 6,  # three titles not matched or unknown, a bad field, two ids that are none
        "openalex": 9,  # one 404 and Unpaywall's eight
        "crossref": 37,  # BibTeX, and the pages that say that there is none
        "nvidia_chips": 4,  # three lists of another site, and a page whose unit stands outside the table
    }
    assert not [error for errors in refused.values() for error in errors if len(error.splitlines()) != 1]
    names = ("curated", *DATASETS, "arxiv", "cloud_tpu_chips", "nvidia_chips", "mlperf")
    log = RunLog(settings.log_file)
    con = derive(collect(settings, Request(names, is_offline=True), log), log)  # verify would stop it
    rows = {
        source: counts
        for source, *counts in con.execute(
            "select source, sum(rows_read), sum(rows_accepted), sum(rows_quarantined) from raw.documents group by all"
        ).fetchall()
    }
    assert all(read == accepted + aside for read, accepted, aside in rows.values())
    assert rows["arxiv"] == [222, 221, 1] and rows["mlperf"] == [6, 6, 0]
    flagged = con.execute(
        "select chip_id, verdict, count(*) from clean.chip_flags group by all order by all"
    ).fetchall()
    assert flagged == [
        ("google-tpu-v4", "unit slip", 1),
        ("google-tpu-v5e", "unit slip", 1),
        ("nvidia-h100-sxm5-80gb", "sparsity unmarked", 3),
        ("nvidia-h200-sxm-141gb", "sparsity unmarked", 3),
        ("nvidia-h800-sxm5-80gb", "sparsity unmarked", 3),
    ]
