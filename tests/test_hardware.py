"""Names of hardware in spellings no list holds, and every spelling of the exports at hand, become chips or stay named."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

# What each spelling means was set down from the makers' pages; None where the name leaves unlike chips open or names none.
MEANT = {
    "A100 80GB SXM": "nvidia-a100-sxm4-80gb",
    "NVIDIA A100-SXM4-80GB": "nvidia-a100-sxm4-80gb",
    "NVIDIA A100-SXM4-40GB (400W)": "nvidia-a100-sxm4-40gb",
    "A100 40G": "nvidia-a100-sxm4-40gb",
    "A100 PCIe 80 GiB": "nvidia-a100-pcie-80gb",
    "8×A100 80GB": "nvidia-a100-sxm4-80gb",
    "H100-80GB-HBM3": "nvidia-h100-sxm5-80gb",
    "NVIDIA H100 Tensor Core GPU": "nvidia-h100-sxm5-80gb",
    "H100s": "nvidia-h100-sxm5-80gb",
    "NVIDIA H100 PCIe 80GB": "nvidia-h100-pcie-80gb",
    "NVIDIA GB200 NVL72": "nvidia-gb200",
    "8x V100 32GB": "nvidia-v100-sxm2-32gb",
    "Tesla V100-PCIE-32GB": "nvidia-v100-pcie-32gb",
    "Tesla V100-SXM3-32GB (450W)": "nvidia-v100-sxm3-32gb",
    "Tesla K40c": "nvidia-k40",
    "GeForce RTX 3090": "nvidia-rtx-3090",
    "RTX 3090 24GB": "nvidia-rtx-3090",
    "NVIDIA GeForce GTX1080Ti": "nvidia-gtx-1080-ti",
    "NVIDIA A10G": "nvidia-a10g",
    "A10": "nvidia-a10",
    "TPUv3 pod": "google-tpu-v3",
    "TPU-V3": "google-tpu-v3",
    "TPU v4 (512 cores)": "google-tpu-v4",
    "64 TPU v4 chips": "google-tpu-v4",
    "Google Cloud TPU v5p": "google-tpu-v5p",
    "Cloud TPU v5 lite": "google-tpu-v5e",
    "Huawei Ascend 910B": "huawei-ascend-910b",
    "AMD Instinct MI300X OAM": "amd-mi300x",
    "MI-250X": "amd-mi250x",
    "Intel Gaudi 3": "intel-gaudi3",
    "AWS Trainium 2": "aws-trainium2",
    "DGX H100": "nvidia-h100-sxm5-80gb",
    "TPU v5": None,
    "TPU": None,
    "GPU": None,
    "MI300": None,
    "RTX 4060": None,
    "RTX 6000": None,
    "1080 Ti": None,
    "A100 96GB": None,
    "A100 SXM2": None,
    "H100 SXM4": None,
    "Abacus 3000": None,
}
REASONS = {
    "TPU v5": "names a family",
    "MI300": "names a family",
    "A100 96GB": "no such variant",
    "A100 SXM2": "no such variant",
    "RTX 4060": "no such chip",
    "Abacus 3000": "no such chip",
}
# Chips of a slice by Google's documentation, two cores a chip until v4, one in v5e; GPUs of NVIDIA's servers.
UNITS = {
    "TPU v3-128": 64,
    "TPU v4-512": 256,
    "v3-8": 4,
    "TPU v5litepod-256": 256,
    "DGX A100": 8,
    "DGX-2": 16,
    "TPUv3 pod": None,
}
RELEASES = "*models_*.csv"
# Chips our own record lacks, or whose training rate it does not know.
UNKNOWN = {
    "AMD EPYC 7413", "Cerebras CS-2", "Intel Core 2 Quad Q9450", "Intel Core i5-11600K", "Intel Pentium 4 2.40",
    "Intel Pentium 4 HT 630", "NVIDIA A10G", "NVIDIA GeForce GTX 285", "NVIDIA GeForce GTX 590", "NVIDIA GeForce RTX 2080",
    "NVIDIA GeForce RTX 3060", "NVIDIA GeForce RTX 3070", "NVIDIA GeForce RTX 4060 Ti", "NVIDIA Quadro K1200",
    "NVIDIA Quadro K4000", "NVIDIA Quadro RTX 4000", "NVIDIA RTX 6000 Ada Generation", "NVIDIA RTX A1000",
    "NVIDIA RTX A5000", "NVIDIA Tesla C2075", "NVIDIA Tesla S1070",
}  # fmt: skip


def _write(path: Path, names: list[str]) -> Path:
    """An export in Epoch's headers with one run of 2026 for each name of hardware."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(
            ["Model", "Publication date", "Domain", "Parameters", "Training compute (FLOP)", "Training hardware"]
        )
        writer.writerows(
            [f"run {number}", "2026-01-01", "Language", "", "", name] for number, name in enumerate(names, 1)
        )
    return path


@pytest.fixture(scope="module")
def matched(built, tmp_path_factory):
    """From a made-up name to its row of compute.run_chips."""
    folder = tmp_path_factory.mktemp("hardware")
    tables = built("epoch", models=_write(folder / "models_2026-01-01.csv", [*MEANT, *UNITS]))
    return dict(tables.rows("select hardware_name, run_chips from compute.run_chips"))


@pytest.mark.parametrize("name", MEANT)
def test_made_up_spellings_are_the_chip_meant_or_none(matched, name):
    row = matched[name]
    assert row["chip_id"] == MEANT[name], row
    assert (row["matched_by"] is None) == (MEANT[name] is None)
    if name in REASONS:
        assert row["unmatched_reason"] == REASONS[name]


@pytest.mark.parametrize("name", UNITS)
def test_boxes_and_slices_hold_so_many_chips(matched, name):
    assert matched[name]["chips_per_unit"] == UNITS[name]


def test_every_spelling_of_the_exports_is_a_chip_of_known_peak(built, shared, tmp_path):
    names = set()
    for path in (shared / "data" / "epoch").glob(RELEASES):
        with path.open(encoding="utf-8-sig", newline="") as file:
            for row in csv.DictReader(file):
                names.update(word.strip() for word in row["Training hardware"].split(",") if word.strip())
    assert len(names) > 90
    tables = built("epoch", models=_write(tmp_path / "models_2026-01-02.csv", sorted(names)))
    rows = tables.rows("select hardware_name, unmatched_reason from compute.run_chips")
    assert len(rows) == len(names)
    assert {name for name, reason in rows if reason} == UNKNOWN & names
