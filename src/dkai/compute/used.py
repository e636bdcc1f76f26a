"""What a job used, from the scheduler's accounting and from the job's own record. Pure.

`samples` are rows whose columns `columns` names; records of the first dkai have four and no names.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dkai.compute.job import Accounting
from dkai.core.numbers import finite

_COLUMNS = ("t", "rss_mb", "gpu_load", "gpu_memory_mb")


@dataclass(frozen=True, slots=True)
class DeviceUse:
    """One accelerator: its memory and the most of it that was used in MiB, its mean load in per cent."""

    name: str
    memory_mb: float | None = None
    peak_mb: float | None = None
    load: float | None = None
    is_shared: bool = False  # a slice of a board, such as MIG


@dataclass(frozen=True, slots=True)
class Machine:
    """What the job ran on, in its own systems' words."""

    cpu: str | None = None
    os: str | None = None
    kernel: str | None = None
    gpu_driver: str | None = None
    gpu_platform: str | None = None  # `CUDA 12.4`: the newest that the driver supports; `ROCm 6.2.0`


@dataclass(frozen=True, slots=True)
class Used:
    """What was used; None where no source tells it. Memory in MiB, load in per cent."""

    elapsed_s: float | None
    cores: float | None  # on average
    memory_mb: float | None  # at most
    billing: float | None  # an hour
    gpu_load: float | None  # on average
    gpu_memory_mb: float | None  # at most
    gpu_name: str | None
    started_at: float | None
    ended_at: float | None
    node: str | None
    python: str | None
    memory_by: str | None = None  # `group`: the kernel's count; `processes`: their sum; `sacct`
    group_peak_mb: float | None = None  # with the copies of files that the kernel keeps while there is room
    gpu_energy_wh: float | None = None
    gpu_energy_by: str | None = None  # `counter`: the devices' own; `power`: their power over time
    gpu_watts: float | None = None  # on average, of all together
    devices: tuple[DeviceUse, ...] = ()
    machine: Machine = Machine()
    packages: dict[str, str] = field(default_factory=dict)  # version by name
    cores_given: float | None = None  # by the scheduler


def what_was_used(accounting: Accounting | None, record: Mapping[str, Any]) -> Used:
    """Time and billing as the scheduler counts them; what happened inside as the job saw it."""
    own_start, own_end = finite(record.get("started_at")), finite(record.get("ended_at"))
    elapsed = own_end - own_start if own_start is not None and own_end is not None else None
    cpu_s = finite(record.get("group_cpu_s")) or finite(record.get("cpu_s"))
    started, ended, billing, node = own_start, own_end, None, _text(record.get("node"))
    given = None
    if accounting is not None:
        if accounting.elapsed_s is not None and (elapsed is None or accounting.source != "record"):
            elapsed = float(accounting.elapsed_s)
        cpu_s = accounting.cpu_time_used_s if cpu_s is None else cpu_s
        # Slurm gives a job that was cancelled while it waited the end for a start.
        started = (accounting.started_at if accounting.elapsed_s else None) or started
        ended = accounting.ended_at or ended
        billing, node = accounting.billing, accounting.node or node
        cpus = accounting.alloc_tres.get("cpu", "")
        given = float(cpus) if cpus.isdecimal() and len(cpus) < 10 else None
    memory, memory_by = _memory(accounting, record)
    # Whole seconds are too coarse for a job of a few: the job's own clock then says more about its cores.
    span = own_end - own_start if own_start is not None and own_end is not None else elapsed
    python, columns, rows = record.get("python"), _columns(record), _samples(record)
    devices = tuple(_devices(record))
    return Used(
        elapsed_s=elapsed,
        cores=cpu_s / span if cpu_s is not None and span else None,
        memory_mb=memory,
        billing=billing,
        gpu_load=_mean_over_time(columns, rows, "gpu_load"),
        gpu_memory_mb=max(_known(columns, rows, "gpu_memory_mb"), default=None),
        gpu_name=_gpu(record),
        started_at=started,
        ended_at=ended,
        node=node,
        python=_text(python.get("version")) if isinstance(python, Mapping) else None,
        memory_by=memory_by,
        group_peak_mb=finite(record.get("group_peak_mb")),
        gpu_energy_wh=finite(record.get("gpu_energy_wh")),
        gpu_energy_by=_text(record.get("gpu_energy_by")),
        gpu_watts=_mean_over_time(columns, rows, "gpu_watts"),
        devices=devices,
        machine=_machine(record),
        packages=_packages(record),
        cores_given=given,
    )


def _memory(accounting: Accounting | None, record: Mapping[str, Any]) -> tuple[float | None, str | None]:
    """The most memory, and who says so. The kernel's count of the job's group has no process twice.

    Looking now and then can miss a peak, and neither source can see too much: the larger of two counts.
    """
    group, processes = finite(record.get("max_used_mb")), finite(record.get("max_rss_mb"))
    own, by = (group, "group") if group is not None else (processes, "processes")
    theirs = accounting.max_rss_mb if accounting is not None and accounting.source != "record" else None
    if own is None:
        return theirs, None if theirs is None else "sacct"
    return (theirs, "sacct") if theirs is not None and theirs > own else (own, by)


def _columns(record: Mapping[str, Any]) -> Sequence[str]:
    found = record.get("columns")
    return found if isinstance(found, list) and all(isinstance(name, str) for name in found) else _COLUMNS


def _samples(record: Mapping[str, Any]) -> list[list[float | None]]:
    found, width = record.get("samples"), len(_columns(record))
    if not isinstance(found, list):
        return []
    return [[finite(v) for v in s] for s in found if isinstance(s, list) and len(s) == width]


def _known(columns: Sequence[str], rows: Sequence[Sequence[float | None]], name: str) -> list[float]:
    if name not in columns:
        return []
    place = columns.index(name)
    return [value for row in rows if (value := row[place]) is not None]


def _mean_over_time(columns: Sequence[str], rows: Sequence[Sequence[float | None]], name: str) -> float | None:
    """The mean, each sample counting for the time since the one before: they lie closer at the beginning."""
    if name not in columns or "t" not in columns:
        return None
    place, clock, before = columns.index(name), columns.index("t"), 0.0
    total = weight = 0.0
    for row in rows:
        moment, value = row[clock], row[place]
        span = max(0.0, (moment or 0.0) - before)
        before = moment if moment is not None else before
        if value is not None:
            total, weight = total + value * span, weight + span
    known = _known(columns, rows, name)
    return total / weight if weight else sum(known) / len(known) if known else None


def _devices(record: Mapping[str, Any]) -> list[DeviceUse]:
    found = record.get("devices")
    return [
        DeviceUse(
            str(one.get("name"))[:100], finite(one.get("memory_mb")), finite(one.get("peak_mb")),
            finite(one.get("load")), one.get("shared") is True,
        )
        for one in (found if isinstance(found, list) else []) if isinstance(one, Mapping)
    ]  # fmt: skip


def _machine(record: Mapping[str, Any]) -> Machine:
    found = record.get("machine")
    if not isinstance(found, Mapping):
        return Machine()
    return Machine(*(_text(found.get(name)) for name in ("cpu", "os", "kernel", "gpu_driver", "gpu_platform")))


def _packages(record: Mapping[str, Any]) -> dict[str, str]:
    found = record.get("packages")
    return {str(k): str(v) for k, v in found.items()} if isinstance(found, Mapping) else {}


def _gpu(record: Mapping[str, Any]) -> str | None:
    names = record.get("gpus")
    return str(names[0]) if isinstance(names, list) and names else None


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None
