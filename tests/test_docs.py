"""Documentation is complete and true: the dictionary, the README's commands and settings, the public names."""

import re
import subprocess
import sys

from flows import sources
from flows.settings import Settings
from schemas.tables import kept_tables
from warehouse import dictionary

PROMISED = {
    "clean": "runs run_facts chips chip_facts papers sources",
    "compute": "training_runs estimates run_selections",
    "trends": "metric_trends era_summaries growth frontier sources",
    "raw": "quarantine",
}
TRAINING_RUNS = """
run_id run_name published_on organisations countries organisation_type domain openness is_notable is_frontier paper_id base_run_id
parameters chip_id chips training_hours training_compute_flop training_compute_flop_low training_compute_flop_high
training_compute_pfs_days log10_training_compute_flop training_compute_source compute_scope estimated_training_compute_flop
estimated_training_compute_flop_low estimated_training_compute_flop_high confidence source
"""
METRIC_TRENDS = """
metric selection period period_start_on period_end_on runs oom_per_year standard_error_oom_per_year doubling_months
doubling_months_low doubling_months_high growth_per_year r_squared
"""


def test_the_dictionary_is_what_the_schemas_say():
    assert dictionary.PAGE.read_text(encoding="utf-8") == dictionary.page(), "run: python -m warehouse.dictionary"


def test_the_promised_names_are_there():
    tables = kept_tables()
    for schema, names in PROMISED.items():
        assert {f"{schema}.{name}" for name in names.split()} <= set(tables)
    assert set(TRAINING_RUNS.split()) <= set(tables["compute.training_runs"].columns)
    assert set(METRIC_TRENDS.split()) <= set(tables["trends.metric_trends"].columns)


def test_every_setting_is_in_the_readme(root):
    readme = (root / "README.md").read_text(encoding="utf-8")
    for name in Settings.model_fields:
        assert f"AICOMPUTE_{name.upper()}" in readme


def test_every_source_and_its_own_settings_are_in_the_readme(root):
    readme = (root / "README.md").read_text(encoding="utf-8")
    for name in sources.live():
        assert f"`{name}`" in readme
        own = set(sources.module(name).SETTINGS.model_fields) - set(sources.SourceSettings.model_fields)
        for field in own:
            assert f"AICOMPUTE_{name}_{field}".upper() in readme


def test_every_command_is_in_the_readme(root):
    readme = (root / "README.md").read_text(encoding="utf-8")
    said = subprocess.run([sys.executable, "-m", "flows", "--help"], capture_output=True, text=True, timeout=60).stdout
    commands = re.findall(r"^\W*([a-z]+) {2,}\S", said.split("Commands")[1], re.MULTILINE)
    assert len(commands) >= 7
    for command in commands:
        assert re.search(rf"`(aicompute )?{command}\b", readme), command


def test_every_folder_of_the_readme_is_there(root):
    readme = (root / "README.md").read_text(encoding="utf-8")
    house = readme.split("## The house")[1].split("##")[0]
    for name in re.findall(r"`([a-z_]+/)`", house):
        assert (root / name).is_dir() or any(root.glob(f"*/{name}")) or any(root.glob(f"flows/*/{name}")), name


def test_the_lock_names_no_address(root):
    assert "://" not in (root / "requirements.lock").read_text(encoding="utf-8")
