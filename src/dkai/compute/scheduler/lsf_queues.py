"""LSF's queues as partitions, from `bqueues -l` and `bqueues -w -u ME`. Pure.

The long format (command reference, bqueues, “Long Output (-l)”) is a block for each queue: `QUEUE: name`, a table of
numbers, and limits under a heading of their own: a line of names, and below it a line of values.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from dkai.compute.cluster import UNLIMITED, Limits, NodeKind, Partition
from dkai.compute.scheduler.lsf_hosts import of_hosts
from dkai.compute.scheduler.lsf_parse import limit, mebibytes, minutes, number, table

_SIZE = re.compile(r"\d+(?:\.\d+)?(?: ?[KMGTPE]\b)?")
_LIMIT_NAMES = re.compile(r"^[A-Z]+LIMIT(?:\s+[A-Z]+LIMIT)*$")
# Since 9.1.3 a limit of slots is one of tasks; both names are printed by versions around.
_SLOTS = ("TASKLIMIT", "PROCLIMIT")


@dataclass(frozen=True, slots=True)
class Queue:
    """One queue as LSF tells of it. Times are seconds; UNLIMITED where the block names no such limit."""

    name: str
    status: str = ""
    max_slots: float | None = None  # of all jobs in it
    max_slots_per_user: float | None = None
    max_time_s: float | None = None
    default_time_s: float | None = None
    max_slots_per_job: float = UNLIMITED
    max_memory_mb: float | None = None  # the most that -M may name
    hosts: tuple[str, ...] = ()


def queues(lines: Sequence[str]) -> tuple[Queue, ...]:
    """Every queue in the long format."""
    return tuple(_queue(block) for block in _blocks(lines))


def _blocks(lines: Sequence[str]) -> Iterator[list[str]]:
    block: list[str] = []
    for line in lines:
        if line.startswith("QUEUE:"):
            if block:
                yield block
            block = []
        if block or line.startswith("QUEUE:"):
            block.append(line)
    if block:
        yield block


def _queue(block: Sequence[str]) -> Queue:
    numbers = next(iter(table(block, "PRIO", "STATUS", "MAX", "JL/U")), {})
    longest, default, slots, memory = UNLIMITED, None, UNLIMITED, None
    part = "maximum"
    for at, raw in enumerate(block[:-1]):
        line = raw.strip()
        if line in ("DEFAULT LIMITS:", "MAXIMUM LIMITS:"):
            part = line.split()[0].lower()
        elif line.endswith(":") and line.isupper():
            part = "maximum" if part == "default" else part
        if not _LIMIT_NAMES.match(line):
            continue
        names, values = line.split(), block[at + 1].strip()
        if names == ["RUNLIMIT"]:
            found = minutes(values)
            if part == "default":
                default = found
            else:
                longest = found if found is not None else longest
        elif len(names) == 1 and names[0] in _SLOTS and part == "maximum":
            # One number, or the least, (the default,) and the most.
            given = [n for word in values.split() if (n := number(word)) is not None]
            slots = given[-1] if given else slots
        elif "MEMLIMIT" in names and part == "maximum":
            sizes = _SIZE.findall(values)
            memory = mebibytes(sizes[names.index("MEMLIMIT")]) if len(sizes) == len(names) else memory
    return Queue(
        name=block[0].partition(":")[2].strip(),
        status=numbers.get("STATUS", ""),
        max_slots=limit(numbers.get("MAX", "")),
        max_slots_per_user=limit(numbers.get("JL/U", "")),
        max_time_s=longest,
        default_time_s=default,
        max_slots_per_job=slots,
        max_memory_mb=memory,
        hosts=tuple(_words(block, "HOSTS")),
    )


def _words(block: Sequence[str], key: str) -> Iterator[str]:
    """The words after `HOSTS:`, which may go on for several lines, each indented."""
    going = False
    for line in block:
        if line.startswith(f"{key}:"):
            going = True
            yield from line.partition(":")[2].split()
        elif going and line.startswith(" ") and line.strip():
            yield from line.split()
        else:
            going = False


def open_to_me(lines: Sequence[str]) -> frozenset[str] | None:
    """The queues that `bqueues -w -u ME` lists; None where it told none."""
    rows = table(lines, "QUEUE_NAME", "STATUS")
    return frozenset(row["QUEUE_NAME"] for row in rows) if rows else None


def partitions(
    found: Sequence[Queue], mine: frozenset[str] | None, default: frozenset[str], *, hosts: Mapping[str, NodeKind],
    groups: Mapping[str, tuple[str, ...]], per_slot: bool,
) -> tuple[Partition, ...]:  # fmt: skip
    """As partitions, those that are not this person's left out. `hosts` by name, `groups` by the group's name.

    `per_slot`: a limit of memory is for each slot, so the most that may be named is, too.
    """
    open_ = [one for one in found if mine is None or one.name in mine]
    return tuple(_partition(one, one.name in default, hosts, groups, per_slot=per_slot) for one in open_)


def _partition(
    one: Queue, is_default: bool, hosts: Mapping[str, NodeKind], groups: Mapping[str, tuple[str, ...]], *,
    per_slot: bool,
) -> Partition:  # fmt: skip
    counted: dict[NodeKind, int] = {}
    for name in of_hosts(one.hosts, tuple(hosts), groups):
        counted[hosts[name]] = counted.get(hosts[name], 0) + 1
    all_jobs, each_user = one.max_slots, one.max_slots_per_user
    return Partition(
        name=one.name,
        is_default=is_default,
        # Closed takes no jobs; Inactive takes them, and starts none.
        up=one.status.startswith("Open") and one.status.endswith(":Active") if one.status else True,
        max_time_s=one.max_time_s,
        default_time_s=one.default_time_s,
        nodes=tuple(
            NodeKind(n, kind.cpus, kind.memory_mb, kind.gres, kind.state, features=kind.features)
            for kind, n in counted.items()
        ),
        # A job of dkai's is on one host, so the most slots of a job are the most of a node.
        max_cpus_per_node=one.max_slots_per_job,
        max_nodes=1,
        max_mem_per_cpu_mb=one.max_memory_mb if per_slot else None,
        max_mem_per_node_mb=None if per_slot else one.max_memory_mb,
        limits=Limits(
            grp_tres={} if all_jobs is None else {"cpu": all_jobs},
            max_tres_per_user={} if each_user is None else {"cpu": each_user},
        ),
    )
