"""What Slurm will count for a job: the TRES it is given and the billing they amount to. Pure.

Formulas: slurm.conf(5), TRESBillingWeights and PriorityFlags=MAX_TRES; sbatch(1), --mem, --exclusive. Slurm keeps the
billing as a whole number and cuts the rest off.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dkai.compute.cluster import BillingRule, NodeKind, Partition
from dkai.compute.job import Resources

_NODE_LOCAL = ("cpu", "mem", "node")  # with `gres/…` these are what MAX_TRES takes the largest of


@dataclass(frozen=True, slots=True)
class Shape:
    """What a job would be given on one kind of node: TRES by name, memory in MiB."""

    node: NodeKind
    tres: dict[str, float]
    billing: int | None  # None: the partition did not tell its weights


def shapes(ask: Resources, partition: Partition, *, rule: BillingRule = "sum") -> tuple[Shape, ...]:
    """One shape for each kind of node in the partition that can hold the job; empty when none can."""
    found = []
    for node in partition.nodes:
        if fits(ask, node):
            tres = given(ask, node, partition)
            weights = partition.billing_weights
            found.append(Shape(node, tres, None if weights is None else billing(tres, weights, rule=rule)))
    return tuple(found)


def fits(ask: Resources, node: NodeKind) -> bool:
    """Whether an empty node of this kind could hold the job's part for one node."""
    return (
        -(-ask.cpus // ask.nodes) <= node.cpus
        and ask.memory_mb <= node.memory_mb
        and ask.gpus <= gpus_on(node, ask.gpu_type) * ask.nodes
    )


def gpus_on(node: NodeKind, gpu_type: str | None = None) -> int:
    """GPUs on such a node, of one type where one is asked for."""
    return sum(g.count for g in node.gres if g.name == "gpu" and (gpu_type is None or g.type == gpu_type))


def given(ask: Resources, node: NodeKind, partition: Partition) -> dict[str, float]:
    """The TRES the job is given on nodes of this kind.

    Exclusive nodes come with all their CPUs and GPUs, while memory stays what was asked for. dkai always says how much
    memory (a partition's default may be all of the node's); 0 is sbatch's way to ask for all of it.
    """
    nodes = ask.nodes
    memory = ask.memory_mb or node.memory_mb
    cpus, gpus = (node.cpus * nodes, gpus_on(node) * nodes) if partition.exclusive else (ask.cpus, ask.gpus)
    tres: dict[str, float] = {"cpu": cpus, "mem": memory * nodes, "node": nodes}
    if gpus:
        tres["gres/gpu"] = gpus
        for kind, count in _types(ask, node, gpus, exclusive=partition.exclusive).items():
            tres[f"gres/gpu:{kind}"] = count
    return tres


def _types(ask: Resources, node: NodeKind, gpus: int, *, exclusive: bool) -> dict[str, float]:
    """GPUs by type: what was asked for by name, else what the node has (the job is counted by what it gets)."""
    kinds = {g.type: g.count for g in node.gres if g.name == "gpu" and g.type}
    if exclusive:
        return {kind: count * ask.nodes for kind, count in kinds.items()}
    if ask.gpu_type is not None:
        return {ask.gpu_type: gpus}
    return {next(iter(kinds)): gpus} if len(kinds) == 1 else {}


def billing(tres: Mapping[str, float], weights: Mapping[str, float], *, rule: BillingRule = "sum") -> int:
    """Slurm's billing for these TRES. `weights` by TRES name in any case, memory per GiB; none at all: CPUs count.

    With MAX_TRES the largest of CPU, memory, node and GRES counts, and everything else is added to it.
    """
    if not weights:
        return int(tres.get("cpu", 0))
    largest = total = 0.0
    for name, weight in weights.items():
        key = name.lower()
        # Slurm keeps the memory weight per MiB; the same order of operations gives the same last bit.
        value = (weight / 1024 if key == "mem" else weight) * tres.get(key, 0)
        if rule != "sum" and (key in _NODE_LOCAL or key.startswith("gres/")):
            largest = max(largest, value)
        else:
            total += value
    return int(largest + total)
