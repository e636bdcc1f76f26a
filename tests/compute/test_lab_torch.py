"""Real PyTorch over two nodes of a real Slurm, started by srun and by torchrun; gloo, for the lab has no GPUs.

    DKAI_TORCH_PYTHON=/path/to/python make gpu-paths

It must be one that the lab's users may run. Without it these tests are skipped: PyTorch is gigabytes.
"""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dkai.compute.site import Site
from dkai.compute.sites_file import save_site

PYTHON = os.environ.get("DKAI_TORCH_PYTHON", "")
pytestmark = [
    pytest.mark.lab,
    pytest.mark.skipif(not PYTHON, reason="DKAI_TORCH_PYTHON names no interpreter with PyTorch"),
]


ASK = ("--site", "lab", "--gpus", "0", "--nodes", "2", "--cpus", "4", "--memory", "4G", "--level", "public", "--yes")
SUM = """
import json, os
import torch
import torch.distributed as group
group.init_process_group("gloo")
rank, world = group.get_rank(), group.get_world_size()
numbers = torch.arange(1000, dtype=torch.float64) * (rank + 1)
group.all_reduce(numbers)
nodes = [None] * world
group.all_gather_object(nodes, os.environ["SLURMD_NODENAME"])
if rank == 0:
    right = bool((numbers == torch.arange(1000, dtype=torch.float64) * (world * (world + 1) / 2)).all())
    with open("output/results.json", "w") as file:
        json.dump({"right": right, "world": world, "nodes": nodes}, file)
group.destroy_process_group()
"""


@pytest.fixture
def torch_site(lab_site: Site) -> None:
    save_site(replace(lab_site, python=PYTHON), replace=True)


@pytest.mark.usefixtures("torch_site")
def test_srun_starts_ranks_that_exchange_through_torch(dkai: Any, tmp_path: Path) -> None:
    params = ("--param", "backend=torch", "--param", "rounds=3", "--param", "kib=64")
    dkai("compute", "submit", "multi-gpu-check", *ASK, *params, "--follow", timeout=240)
    dkai("compute", "fetch", "--into", str(tmp_path / "out"))
    report = json.loads((tmp_path / "out" / "report.json").read_text(encoding="utf-8"))
    assert report["torch"]["backend"] == "gloo" and report["torch"]["sums"]["wrong"] == 0
    assert len(report["nodes"]) == 2 and report["processes"] == sum(report["nodes"].values()) >= 2
    assert report["wrong_sums"] == 0 and report["rounds"]["done"] == 3


@pytest.mark.usefixtures("torch_site")
def test_torchrun_starts_ranks_that_exchange_through_torch(dkai: Any, tmp_path: Path) -> None:
    folder = tmp_path / "sum"
    folder.mkdir()
    (folder / "recipe.yaml").write_text(
        "schema: dkai/recipe/1\nid: sum\nname: sum\nsummary: {da: a, en: b}\n"
        "run: {script: main.py, launcher: torchrun, imports: [torch]}\n"
        "resources: {cpus: 2, memory_gb: 2, minutes: 5, nodes: 2}\n",
        encoding="utf-8",
    )
    (folder / "main.py").write_text(SUM, encoding="utf-8")
    dkai("compute", "submit", str(folder), *ASK, "--follow", timeout=240)
    dkai("compute", "fetch", "--into", str(tmp_path / "out"))
    found = json.loads((tmp_path / "out" / "results.json").read_text(encoding="utf-8"))
    assert found["right"] and found["world"] >= 2 and len(set(found["nodes"])) == 2
