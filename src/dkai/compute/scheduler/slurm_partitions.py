"""Partitions and their nodes, from scontrol and sinfo. Pure.

Written for Slurm 20.11 to 26.05: records are read by their keys, so fields that came later or went away do no harm.
"""

from __future__ import annotations

from collections.abc import Mapping

from dkai.compute.cluster import UNLIMITED, NodeKind, Partition
from dkai.compute.scheduler.slurm_parse import fields, gres, mebibytes, names, number, pairs, seconds, weights, whole
from dkai.compute.scheduler.slurm_shell import Frame

# sinfo's format: partition, up, time limit, nodes, state, CPUs, memory, GRES, sockets:cores:threads, features. `-e`
# keeps nodes that differ apart, so that no amount is the least of several.
SINFO = "%R|%a|%l|%D|%t|%c|%m|%G|%z|%f"


def partitions(table: Frame, nodes: Frame, config: Mapping[str, str]) -> tuple[Partition, ...]:
    """Every partition that may be seen. Where scontrol was denied sinfo knows less, and the rest stays unknown."""
    kinds: dict[str, list[NodeKind]] = {}
    times: dict[str, tuple[bool, float | None]] = {}
    for line in nodes.lines:
        cells = line.split("|", 9)
        if len(cells) < 8:
            continue
        name, up, longest = cells[:3]
        times[name] = (up == "up", seconds(longest))
        kind = _kind(cells)
        if kind is not None:
            kinds.setdefault(name, []).append(kind)
    records = [_record(line) for line in table.lines if line.startswith("PartitionName=")]
    if records:
        return tuple(_partition(one, tuple(kinds.get(one["PartitionName"], ())), config) for one in records)
    return tuple(
        Partition(name=name, up=up, max_time_s=longest, nodes=tuple(kinds.get(name, ())))
        for name, (up, longest) in times.items()
    )


def _record(line: str) -> dict[str, str]:
    """scontrol's line by key. A partition's name may hold blanks; what follows it is always AllowGroups."""
    name = line.removeprefix("PartitionName=").partition(" AllowGroups=")[0]
    return fields(line) | ({"PartitionName": name} if " AllowGroups=" in line else {})


def _kind(cells: list[str]) -> NodeKind | None:
    """One row of sinfo; None when its numbers cannot be read, as of a partition without nodes."""
    count, cpus, memory = whole(cells[3]), whole(cells[5]), mebibytes(cells[6].rstrip("+"))
    if not count or not cpus or memory is None or memory == UNLIMITED:
        return None
    threads = whole(cells[8].rpartition(":")[2]) if len(cells) > 8 else None
    features = names(cells[9]) if len(cells) > 9 else None
    return NodeKind(count, cpus, int(memory), gres(cells[7]), cells[4], threads or 1, features or ())


def _partition(one: Mapping[str, str], kinds: tuple[NodeKind, ...], config: Mapping[str, str]) -> Partition:
    per_cpu, per_node = _memory(one, config, "Def")
    most_per_cpu, most_per_node = _memory(one, config, "Max")
    return Partition(
        name=one["PartitionName"],
        is_default=one.get("Default") == "YES",
        up=one.get("State", "UP") == "UP",
        max_time_s=seconds(one.get("MaxTime", "")),
        default_time_s=seconds(one.get("DefaultTime", "")),
        nodes=kinds,
        billing_weights=weights(one.get("TRESBillingWeights", "")),
        max_cpus_per_node=number(one.get("MaxCPUsPerNode", "")),
        max_nodes=number(one.get("MaxNodes", "")),
        def_mem_per_cpu_mb=per_cpu,
        def_mem_per_node_mb=per_node,
        max_mem_per_cpu_mb=most_per_cpu,
        max_mem_per_node_mb=most_per_node,
        def_cpu_per_gpu=_default(one, config, "defcpupergpu"),
        def_mem_per_gpu_mb=_default(one, config, "defmempergpu"),
        allow_accounts=names(one.get("AllowAccounts", "")),
        deny_accounts=names(one.get("DenyAccounts", "")) or (),
        allow_qos=names(one.get("AllowQos", "")),
        deny_qos=names(one.get("DenyQos", "")) or (),
        qos=None if one.get("QoS", "N/A") in ("N/A", "(null)", "") else one["QoS"],
        exclusive=_exclusive(one),
    )


def _exclusive(one: Mapping[str, str]) -> bool:
    """Whether jobs get whole nodes: OverSubscribe=EXCLUSIVE until 25.11, Exclusive=NODE from 26.05 (slurm.conf(5)).

    One job for each part of the topology (ExclusiveTopo, 24.05 to 25.11; Exclusive=TOPO) gets whole nodes too.
    """
    return (
        one.get("OverSubscribe", "").upper() == "EXCLUSIVE"
        or one.get("Exclusive", "").upper() in ("NODE", "TOPO")
        or one.get("ExclusiveTopo", "").upper() == "YES"
    )


def _memory(one: Mapping[str, str], config: Mapping[str, str], which: str) -> tuple[float | None, float | None]:
    """MiB per core and per node. Slurm keeps one value for both: a partition has one of the two or the cluster's.

    UNLIMITED is Slurm's word for not set.
    """
    for place in (one, config):
        per_cpu, per_node = (number(place.get(f"{which}MemPer{unit}", "")) for unit in ("CPU", "Node"))
        if per_node not in (None, UNLIMITED):
            return None, per_node
        if per_cpu not in (None, UNLIMITED):
            return per_cpu, None
    return None, None


def _default(one: Mapping[str, str], config: Mapping[str, str], key: str) -> float | None:
    """An item of JobDefaults, the partition's own or else the cluster's; memory is MiB (slurm.conf(5))."""
    for place in (one, config):
        items = {name.lower(): value for name, value in pairs(place.get("JobDefaults", "")).items()}
        value = number(items.get(key, ""))
        if value not in (None, UNLIMITED, 0):
            return value
    return None
