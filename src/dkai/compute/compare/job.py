"""The job that is compared: what it needs, and what was measured of it."""

from __future__ import annotations

from dataclasses import dataclass

from dkai.core.levels import Level


@dataclass(frozen=True, slots=True)
class Job:
    """What the job needs at any place. Memory is MiB on each node, GPU memory GB for each GPU."""

    recipe: str
    gpus: int
    cpus: int
    memory_mb: int
    walltime_s: int
    nodes: int = 1
    gpu: str = "none"  # none, optional, required
    gpu_memory_gb: float | None = None  # None: not known
    accelerators: tuple[str, ...] = ("cuda", "rocm")
    precision: str | None = None  # of most of its arithmetic; None: not said
    only_gpus: tuple[str, ...] = ()  # catalogue ids, where the person asked for a kind of GPU
    level: Level | None = None  # of the person's own data; None: not said
    own_data: bool = False  # data of the person's own are sent
    institution: str | None = None  # catalogue id; None: not said


@dataclass(frozen=True, slots=True)
class Reference:
    """How long the job took somewhere, to be scaled from."""

    seconds: float
    gpu: str  # catalogue id
    gpus: int
    says: str  # who measured it, when, with what input
    date: str = ""
