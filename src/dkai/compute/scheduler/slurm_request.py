"""What Slurm is asked for, in sbatch's own words: the job script's options and the quote are made from the same values.

Nodes each run one task, so that `--cpus-per-task` is cores a node; GPUs are by node (`--gres`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from dkai.compute.job import Resources


@dataclass(frozen=True, slots=True)
class Memory:
    """Memory in MiB for each node, allocated core or GPU. 0 a node is all that the node has."""

    mb: int
    per: Literal["node", "cpu", "gpu"] = "node"


@dataclass(frozen=True, slots=True)
class SlurmRequest:
    """One job. What is None is left to the partition's defaults."""

    nodes: int = 1
    cpus_per_node: int | None = 1
    memory: Memory | None = None
    gpus_per_node: int = 0
    gpu_type: str | None = None
    cpus_per_gpu: int | None = None  # instead of cpus_per_node: sbatch takes no two of them
    exclusive: bool = False

    def options(self) -> list[tuple[str, str | None]]:
        """sbatch's options, without dashes; None for one that takes no value."""
        found: list[tuple[str, str | None]] = [("nodes", str(self.nodes)), ("ntasks", str(self.nodes))]
        if self.cpus_per_gpu:
            found.append(("cpus-per-gpu", str(self.cpus_per_gpu)))
        elif self.cpus_per_node:
            found.append(("cpus-per-task", str(self.cpus_per_node)))
        if self.memory is not None:
            per = "" if self.memory.per == "node" else f"-per-{self.memory.per}"
            found.append((f"mem{per}", f"{self.memory.mb}M"))
        if self.gpus_per_node:
            kind = f"{self.gpu_type}:" if self.gpu_type else ""
            found.append(("gres", f"gpu:{kind}{self.gpus_per_node}"))
        if self.exclusive:
            found.append(("exclusive", None))
        return found


def request_for(want: Resources) -> SlurmRequest:
    """What is asked of Slurm for these resources: CPUs and GPUs shared out over the nodes, rounded up on each."""
    gpus = -(-want.gpus // want.nodes)
    by_gpu = want.cpus_per_gpu if gpus else None
    return SlurmRequest(
        nodes=want.nodes,
        cpus_per_node=None if by_gpu else -(-want.cpus // want.nodes),
        memory=Memory(want.memory_mb),
        gpus_per_node=gpus,
        gpu_type=want.gpu_type if gpus else None,
        cpus_per_gpu=by_gpu,
        exclusive=want.exclusive,
    )
