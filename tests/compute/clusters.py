"""A small cluster by hand: `gpu` (h100, a100), `big` (whole nodes), `cpu`; accounts with and without budget."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from dkai.compute.cluster import Association, Cluster, Gres, Limits, NodeKind, Partition, Qos
from dkai.compute.job import Resources
from dkai.compute.quote.choose import Choice, Wishes, on_cluster
from dkai.compute.recipes.recipe import Recipe, Run
from dkai.compute.site import Site
from dkai.core.text import Text

WEIGHTS = {"CPU": 1.0, "Mem": 0.25, "GRES/gpu": 16.0}
H100 = NodeKind(1, 64, 512_000, (Gres("gpu", "h100", 4),))
A100 = NodeKind(1, 128, 1_024_000, (Gres("gpu", "a100", 8),))
PLAIN = NodeKind(10, 64, 256_000)

CPU = Partition("cpu", is_default=True, max_time_s=86_400, nodes=(PLAIN,), billing_weights={})
GPU = Partition("gpu", max_time_s=2 * 86_400, nodes=(H100, A100), billing_weights=WEIGHTS)
BIG = Partition(
    "big", max_time_s=3600, nodes=(A100,), billing_weights=WEIGHTS, exclusive=True, allow_accounts=("rich",)
)

NORMAL = Qos("normal", Limits(max_wall_s=2 * 86_400, max_tres_per_user={"gres/gpu": 8}, max_submit_per_user=3000))
DEBUG = Qos(
    "debug", Limits(max_wall_s=1800, max_tres_per_user={"gres/gpu": 2}, max_submit_per_user=2), deny_on_limit=True
)


def account(name: str, gpu_minutes: float | None = None, used: float | None = 0, **more: Any) -> Association:
    """An account with a budget of GPU minutes, `used` of them used (None: not told)."""
    limits = Limits()
    if gpu_minutes is not None:
        told = None if used is None else {"gres/gpu": used}
        limits = Limits(grp_tres_mins={"gres/gpu": gpu_minutes}, used_tres_mins=told)
    return Association(name, qos=("normal", "debug"), default_qos="normal", limits=limits, **more)


def cluster(**changes: Any) -> Cluster:
    """The cluster, with alice's accounts: `a` has 10 of 10 GPU-hours left, `poor` a half of 1, `rich` no limit."""
    fields: dict[str, Any] = {
        "name": "c", "scheduler": "slurm", "version": "22.05", "user": "alice", "home": "/home/alice", "scratch": None,
        "partitions": (CPU, GPU, BIG), "qos": (NORMAL, DEBUG), "my_jobs": 0, "python": "/usr/bin/python3",
        "associations": (account("a", 600, is_default=True), account("poor", 60, 30), account("rich")),
        "asked_at": 1_800_000_000.0,
    }  # fmt: skip
    return Cluster(**{**fields, **changes})


def recipe(gpus: int = 1, gpu: str = "optional", **resources: Any) -> Recipe:
    """A recipe that asks for 1 GPU, 4 cores, 16 GB and 2 hours, unless changed."""
    asked = {"gpus": gpus, "cpus": 4, "memory_mb": 16 * 1024, "walltime_s": 7200, **resources}
    text = Text("r", "r")
    return Recipe("r", "1", text, text, Run("main.py"), Resources(**asked), Path("/nowhere"), gpu=gpu)


def choice(where: Cluster | None = None, site: Site | None = None, of: Recipe | None = None, **wishes: Any) -> Choice:
    """What would be asked for."""
    return on_cluster(of or recipe(), Wishes(**wishes), where or cluster(), site or Site("c", scheduler="slurm"))
