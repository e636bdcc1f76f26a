"""The limits of the partition and its nodes: is it up and open, does the job fit, is there time enough. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

from dkai.compute.cluster import Cluster, NodeKind, Partition
from dkai.compute.job import Resources
from dkai.compute.quote.billing import Counting, counting_of, fits, gpus_on, shapes
from dkai.compute.quote.limit import Ask, Limit, Remedy, Verdict, compare, less_time
from dkai.core.i18n import nt, t
from dkai.core.units import show_duration, show_memory


def of_partition(ask: Ask, cluster: Cluster) -> Iterator[Limit]:
    """Everything that the partition itself limits."""
    yield from _state(ask, cluster)
    yield from _fit(ask, cluster)
    yield from _nodes(ask)
    yield from _time(ask, cluster)


def _state(ask: Ask, cluster: Cluster) -> Iterator[Limit]:
    part = ask.partition
    name = t("partition {name}", name=part.name)
    if not part.up:
        others = [Remedy(t("use another partition"), f"--partition {p.name}") for p in _that_hold(ask, cluster)]
        yield Limit(
            "partition-state", name, "", "", Verdict.WAITS,
            t("{name} is down: the job would wait until it is up again", name=name), tuple(others[:2]),
        )  # fmt: skip
    account = ask.association.account if ask.association else None
    if account is not None:
        closed = (
            part.allow_accounts is not None and account not in part.allow_accounts
        ) or account in part.deny_accounts
        if closed:
            yield Limit(
                "partition-account", name, account, ", ".join(part.allow_accounts or ()), Verdict.REFUSED,
                t("{name} is not open to the account {account}", name=name, account=account),
                tuple(_other_partitions(ask, cluster)),
            )  # fmt: skip
    qos = ask.qos.name if ask.qos else None
    if qos is not None and (qos in part.deny_qos or (part.allow_qos is not None and qos not in part.allow_qos)):
        yield Limit(
            "partition-qos", name, qos, ", ".join(part.allow_qos or ()), Verdict.REFUSED,
            t("{name} does not take the QOS {qos}", name=name, qos=qos),
            tuple(Remedy(t("use the QOS {name}", name=q), f"--qos {q}") for q in (part.allow_qos or ())[:3]),
        )  # fmt: skip
    allowed = ask.association.qos if ask.association else ()
    if qos is not None and allowed and qos not in allowed:
        yield Limit(
            "account-qos", t("QOS {name}", name=qos), qos, ", ".join(allowed), Verdict.REFUSED,
            t("the account {account} may not use the QOS {qos}", account=account or "?", qos=qos),
            tuple(Remedy(t("use the QOS {name}", name=q), f"--qos {q}") for q in allowed[:3]),
        )  # fmt: skip


def _that_hold(ask: Ask, cluster: Cluster) -> list[Partition]:
    """Other partitions that are up, open to the account, long enough, and have nodes for the job."""
    account = ask.association.account if ask.association else None
    return [
        p
        for p in cluster.partitions
        if p.name != ask.partition.name
        and p.up
        and shapes(ask.resources, p, counting_of(cluster))
        and (p.allow_accounts is None or account is None or account in p.allow_accounts)
        and account not in p.deny_accounts
        and (p.max_time_s is None or ask.resources.walltime_s <= p.max_time_s)
    ]


def _other_partitions(ask: Ask, cluster: Cluster) -> list[Remedy]:
    return [
        Remedy(t("use the partition {name}", name=p.name), f"--partition {p.name}") for p in _that_hold(ask, cluster)
    ][:2]


def _fit(ask: Ask, cluster: Cluster) -> Iterator[Limit]:
    part, want = ask.partition, ask.resources
    name = t("nodes of {name}", name=part.name)
    if not part.nodes:
        yield Limit(
            "node", name, "", "", Verdict.UNKNOWN, t("the cluster did not say what nodes {name} has", name=part.name)
        )
        return
    asked = _show_ask(want)
    how = counting_of(cluster)
    holding = shapes(want, part, how)
    if holding:
        best = max((node for shape in holding for node, _ in shape.nodes), key=lambda n: n.count)
        says = t("fits on the nodes of {name}", name=part.name)
        yield Limit("node", name, asked, _show_node(best.cpus, best.memory_mb, gpus_on(best)), Verdict.OK, says)
        return
    biggest = max(part.nodes, key=lambda n: (gpus_on(n, want.gpu_type), n.cpus, n.memory_mb))
    types = sorted({g.type for n in part.nodes for g in n.gres if g.name == "gpu" and g.type})
    if want.gpus and not any(gpus_on(n) for n in part.nodes):
        says = t("{name} has no GPUs", name=part.name)
    elif want.gpus and want.gpu_type and want.gpu_type not in types:
        says = t("{name} has no GPU of type {kind}", name=part.name, kind=want.gpu_type)
    elif want.nodes > 1 and any(fits(want, node, part, how) for node in part.nodes):
        # Enough nodes of one kind or another, but not so many that hold it.
        says = t("{name} has too few nodes for {asked}", name=part.name, asked=asked)
    else:
        says = t("no node of {name} can hold {asked}", name=part.name, asked=asked)
    yield Limit(
        "node", name, asked, _show_node(biggest.cpus, biggest.memory_mb, gpus_on(biggest)), Verdict.REFUSED, says,
        (*_smaller(ask, types, how), *_other_partitions(ask, cluster)),
    )  # fmt: skip


def _smaller(ask: Ask, types: list[str], how: Counting) -> Iterator[Remedy]:
    """One change at a time that lets some node of the partition hold the job."""
    want, part = ask.resources, ask.partition
    nodes = part.nodes
    if want.gpus and want.gpu_type and types and want.gpu_type not in types:
        yield Remedy(t("ask for a type that is there"), f"--gpu-type {types[0]}")
        return
    for field, says, option in (
        ("gpus", t("ask for fewer GPUs"), "--gpus {}"),
        ("cpus", t("ask for fewer cores"), "--cpus {}"),
        ("memory_mb", t("ask for less memory"), "--memory {}M"),
    ):
        # The largest value that some node can hold together with everything else.
        for value in sorted({_most(n, field, want) for n in nodes}, reverse=True):
            less = _with(want, field, value)
            if 0 < value < getattr(want, field) and any(fits(less, n, part, how) for n in nodes):
                yield Remedy(says, option.format(value))
                break


def _with(want: Resources, field: str, value: int) -> Resources:
    if field == "gpus":
        return replace(want, gpus=value, cpus=(want.cpus_per_gpu or 0) * value or want.cpus)
    return replace(want, cpus=value) if field == "cpus" else replace(want, memory_mb=value)


def _most(node: NodeKind, field: str, want: Resources) -> int:
    """The most of it that a job on such nodes can ask for: GPUs and cores for all of them, memory for each."""
    gpus, cpus = gpus_on(node, want.gpu_type) * want.nodes, node.cpus * want.nodes
    return {"gpus": gpus, "cpus": cpus, "memory_mb": node.memory_mb}[field]


def _show_ask(want: Resources) -> str:
    """What is asked for on one node, which is what has to fit."""
    each = want.nodes
    one = _show_node(-(-want.cpus // each), want.memory_mb, -(-want.gpus // each), want.gpu_type)
    return one if each == 1 else t("{what} on each of {n} nodes", what=one, n=each)


def _show_node(cpus: int, memory_mb: float, gpus: int, kind: str | None = None) -> str:
    parts = [nt("{n} core", "{n} cores", cpus), show_memory(memory_mb)]
    if gpus:
        parts.insert(0, nt("{n} GPU", "{n} GPUs", gpus) + (f" ({kind})" if kind else ""))
    return ", ".join(parts)


def _nodes(ask: Ask) -> Iterator[Limit]:
    most = ask.partition.max_nodes
    if most is not None and math.isfinite(most) and ask.resources.nodes > most:
        name = t("nodes of a job in {name}", name=ask.partition.name)
        fewer = Remedy(t("ask for fewer nodes"), f"--nodes {int(most)}")
        yield compare(
            "partition-nodes", name, asked=str(ask.resources.nodes), allowed=str(int(most)), passes=False,
            remedies=(fewer,),
        )  # fmt: skip


def _time(ask: Ask, cluster: Cluster) -> Iterator[Limit]:
    part, wall = ask.partition, ask.resources.walltime_s
    name = t("time in {name}", name=part.name)
    if part.max_time_s is None:
        says = t("the cluster did not say how long jobs in {name} may run", name=part.name)
        yield Limit("partition-time", name, show_duration(wall), "", Verdict.UNKNOWN, says)
    elif math.isfinite(part.max_time_s):
        found = compare(
            "partition-time", name, asked=show_duration(wall), allowed=show_duration(part.max_time_s),
            passes=wall <= part.max_time_s,
            remedies=(less_time(part.max_time_s), *_other_partitions(ask, cluster)),
        )  # fmt: skip
        if found.verdict is not Verdict.OK and cluster.enforce_part_limits is False:
            # EnforcePartLimits=NO: it is taken, and never starts.
            found = replace(found, says=t("{says}; the cluster would take it and never start it", says=found.says))
        yield found
