"""What Slurm will count for a job: the TRES it is given and the billing they amount to. Pure.

Formulas: slurm.conf(5), TRESBillingWeights, PriorityFlags, DefMemPer…, MaxMemPerCPU, DefCpuPerGPU; sbatch(1), --mem,
--exclusive, --cpus-per-gpu; where these are vague, Slurm's source (`assoc_mgr_tres_weighted`, `_valid_pn_min_mem`).
Slurm keeps the billing as a whole number and cuts the rest off.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from dkai.compute.cluster import UNLIMITED, BillingRule, Cluster, NodeKind, Partition
from dkai.compute.job import Resources
from dkai.compute.scheduler.slurm_request import Memory, SlurmRequest, request_for

_NODE_LOCAL = ("cpu", "mem", "node")  # with `gres/…` these are what MAX_TRES takes the largest of
_ORDER = ("cpu", "mem", "energy", "node", "billing", "fs/disk", "vmem", "pages")  # Slurm's own ids; then what is GRES
_MOST_MIXES = 200  # ways to lay a job over several kinds of node; where there are more, only those of one kind


@dataclass(frozen=True, slots=True)
class Counting:
    """How one cluster counts; the defaults are those of the commonest settings."""

    rule: BillingRule = "sum"
    whole_cores: bool = True  # threads of one core go to one job (SelectTypeParameters=CR_Core…)
    is_measured: bool = True  # what memory beyond MaxMemPerCPU brings is known by measurement; else every way counts
    # Whether GPUs asked for without a type are counted by the type that was given (since 21.08: `gres_list_alloc`).
    by_given_type: bool | None = True


_COMMON = Counting()


def counting_of(cluster: Cluster) -> Counting:
    """How this cluster counts, by its settings and its version."""
    version = _version(cluster.version)
    return Counting(
        rule=cluster.billing_rule,
        whole_cores=cluster.whole_cores,
        # From 24.11 on `_valid_pn_min_mem` counts otherwise, and before 22.05 nothing was measured.
        is_measured=version is not None and (22, 5) <= version < (24, 11),
        by_given_type=None if version is None else version >= (21, 8),
    )


def _version(text: str | None) -> tuple[int, int] | None:
    """`22.05.8` as (22, 5)."""
    parts = (text or "").split(".")
    return (int(parts[0]), int(parts[1])) if len(parts) >= 2 and parts[0].isdecimal() and parts[1].isdecimal() else None


@dataclass(frozen=True, slots=True)
class Shape:
    """What a job would be given in one way to lay it over the nodes: TRES by name, memory in MiB."""

    nodes: tuple[tuple[NodeKind, int], ...]
    tres: dict[str, float]
    billing: int | None  # None: the partition did not tell its weights


def shapes(ask: Resources | SlurmRequest, partition: Partition, how: Counting = _COMMON) -> tuple[Shape, ...]:
    """Every way in which the job can be laid over the partition's kinds of node; empty when there is none."""
    want = ask if isinstance(ask, SlurmRequest) else request_for(ask)
    by_kind = [(kind, list(_on_node(want, kind, partition, how))) for kind in kinds(partition.nodes)]
    holding = [(kind, options) for kind, options in by_kind if options]
    found: dict[tuple[tuple[str, float], ...], Shape] = {}
    for counts in _mixes(want.nodes, [kind.count for kind, _ in holding]):
        used = [(kind, options, n) for (kind, options), n in zip(holding, counts, strict=True) if n]
        for tres in _sums([(options, n) for _, options, n in used]):
            weights = partition.billing_weights
            count = None if weights is None else billing(tres, weights, rule=how.rule)
            nodes = tuple((kind, n) for kind, _, n in used)
            found.setdefault(tuple(sorted(tres.items())), Shape(nodes, tres, count))
    return tuple(found.values())


def kinds(nodes: Sequence[NodeKind]) -> list[NodeKind]:
    """Nodes that are alike whatever their state, counted together."""
    found: dict[NodeKind, int] = {}
    for node in nodes:
        alike = replace(node, count=0, state="", features=())
        found[alike] = found.get(alike, 0) + node.count
    return [replace(node, count=count) for node, count in found.items()]


def fits(ask: Resources, node: NodeKind, partition: Partition, how: Counting = _COMMON) -> bool:
    """Whether an empty node of this kind could hold the job's part for one node."""
    return any(True for _ in _on_node(request_for(ask), node, partition, how))


def gpus_on(node: NodeKind, gpu_type: str | None = None) -> int:
    """GPUs on such a node, of one type where one is asked for."""
    return sum(g.count for g in node.gres if g.name == "gpu" and (gpu_type is None or g.type == gpu_type))


def _on_node(want: SlurmRequest, node: NodeKind, partition: Partition, how: Counting) -> Iterator[dict[str, float]]:
    """What the job is given of one such node; nothing when it cannot hold its part, several where it can differ."""
    want = _defaults(want, partition)
    if want.gpus_per_node > gpus_on(node, want.gpu_type):
        return
    asked = (want.cpus_per_gpu or 0) * want.gpus_per_node or want.cpus_per_node or 1
    whole = want.exclusive or partition.exclusive
    for least, each in _with_memory(want, asked, node, partition, how):
        threads = node.threads_per_core if how.whole_cores else 1
        cpus = -(-least // threads) * threads
        if cpus > min(node.cpus, partition.max_cpus_per_node or UNLIMITED):
            continue
        cpus = node.cpus if whole else cpus
        gpus = gpus_on(node) if whole else want.gpus_per_node
        mem = each.mb * {"node": 1, "cpu": cpus, "gpu": gpus}[each.per] or node.memory_mb
        if mem > min(node.memory_mb, partition.max_mem_per_node_mb or UNLIMITED):
            continue
        base: dict[str, float] = {"cpu": cpus, "mem": mem, "node": 1}
        if gpus:
            base["gres/gpu"] = gpus
        for types in _types(want, node, gpus, how):
            yield base | {f"gres/gpu:{kind}": n for kind, n in types.items()}


def _defaults(want: SlurmRequest, partition: Partition) -> SlurmRequest:
    """With what the partition gives where nothing was said."""
    if want.gpus_per_node and want.cpus_per_node is None and want.cpus_per_gpu is None and partition.def_cpu_per_gpu:
        want = replace(want, cpus_per_gpu=int(partition.def_cpu_per_gpu))
    if want.memory is not None:
        return want
    if want.gpus_per_node and partition.def_mem_per_gpu_mb:
        return replace(want, memory=Memory(int(partition.def_mem_per_gpu_mb), "gpu"))
    if partition.def_mem_per_cpu_mb:
        return replace(want, memory=Memory(int(partition.def_mem_per_cpu_mb), "cpu"))
    return replace(want, memory=Memory(int(partition.def_mem_per_node_mb or 0)))


def _with_memory(
    want: SlurmRequest, cpus: int, node: NodeKind, partition: Partition, how: Counting
) -> Iterator[tuple[int, Memory]]:
    """Cores and memory where there is more memory to a core than the partition allows; nothing when it cannot be.

    slurm.conf(5) says that more cores may be given. Measured with 22.05.8: for `--mem`, as many times those asked for
    as the memory pays for in full, and none where GPUs are asked for; for `--mem-per-cpu`, so many times the cores,
    but not with `--cpus-per-gpu`, where each is only left less memory.
    """
    memory = want.memory or Memory(0)
    most = int(partition.max_mem_per_cpu_mb or 0)
    if not most or memory.per == "gpu" or (memory.per == "cpu" and memory.mb <= most):
        yield cpus, memory
        return
    if memory.per == "cpu":
        times = -(-memory.mb // most)
        options = [cpus if want.cpus_per_gpu else cpus * times]
        memory, least = Memory(-(-memory.mb // times), "cpu"), cpus * times
    else:
        least = -(-(memory.mb or node.memory_mb) // most)
        if least > node.cpus:
            return
        least = max(least, cpus)
        options = [cpus if want.gpus_per_node else least // cpus * cpus]
    if not how.is_measured or (want.nodes > 1 and not want.gpus_per_node):
        options = sorted({cpus, *options, least})
    for option in options:
        yield option, memory


def _types(want: SlurmRequest, node: NodeKind, gpus: int, how: Counting) -> Iterator[dict[str, int]]:
    """GPUs by type: what was asked for by name, else every way in which the node's types can make up the number."""
    there = {g.type: g.count for g in node.gres if g.name == "gpu" and g.type}
    if want.gpu_type is not None and gpus == want.gpus_per_node:
        yield {want.gpu_type: gpus}
        return
    if not gpus or not there or not how.by_given_type:
        yield {}
    if gpus and there and how.by_given_type is not False:
        for counts in _mixes(gpus, list(there.values())):
            yield {kind: n for kind, n in zip(there, counts, strict=True) if n}


def _mixes(total: int, most: Sequence[int]) -> list[tuple[int, ...]]:
    """Every way to make `total` of so many kinds, at most `most` of each; beyond a bound, those of one kind alone."""
    found: list[tuple[int, ...]] = []
    for mix in _every_mix(total, most):
        found.append(mix)
        if len(found) > _MOST_MIXES:
            alone = [k for k in range(len(most)) if most[k] >= total]
            return [tuple(total if i == k else 0 for i in range(len(most))) for k in alone]
    return found


def _every_mix(total: int, most: Sequence[int]) -> Iterator[tuple[int, ...]]:
    if not most:
        if not total:
            yield ()
        return
    for first in range(min(total, most[0]), -1, -1):
        for rest in _every_mix(total - first, most[1:]):
            yield (first, *rest)


def _sums(parts: Sequence[tuple[list[dict[str, float]], int]]) -> Iterator[dict[str, float]]:
    """The TRES of all nodes together, for each way in which every kind of node can serve its part."""
    if not parts:
        yield {}
        return
    (options, count), *others = parts
    for one in options:
        for rest in _sums(others):
            yield {key: one.get(key, 0) * count + rest.get(key, 0) for key in (one | rest)}


def billing(tres: Mapping[str, float], weights: Mapping[str, float], *, rule: BillingRule = "sum") -> int:
    """Slurm's billing for these TRES. `weights` by TRES name in any case, memory per GiB; none at all: CPUs count.

    With MAX_TRES the largest of CPU, memory, node and GRES counts, and everything else is added to it. With
    MAX_TRES_GRES the GRES are no part of that largest: all of them are added.
    """
    if not weights:
        return int(tres.get("cpu", 0))
    largest = total = gres = 0.0
    for key, weight in sorted(((name.lower(), weight) for name, weight in weights.items()), key=_place):
        if key == "billing":
            continue
        # Slurm keeps the memory weight per MiB; the same order of operations gives the same last bit.
        value = (weight / 1024 if key == "mem" else weight) * tres.get(key, 0)
        is_gres = key.startswith("gres/")
        if is_gres and rule == "max-gres":
            gres += value
        elif rule != "sum" and (key in _NODE_LOCAL or is_gres):
            largest = max(largest, value)
        else:
            total += value
    return int(largest + gres + total)


def _place(item: tuple[str, float]) -> tuple[int, str]:
    """Where Slurm has this TRES in its array: sums of floating-point numbers depend on their order."""
    name = item[0]
    return (_ORDER.index(name) if name in _ORDER else len(_ORDER), name)
