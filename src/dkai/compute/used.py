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
class StartUse:
    """One start of a job that started several times. `why` is a word for how it ended: Slurm's, or the runner's."""

    elapsed_s: float | None
    node: str | None
    why: str | None


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
    memory_by: str | None = None  # `group`: the kernel's count; `processes`: their sum; `sacct`, `bjobs`, `bacct`
    group_peak_mb: float | None = None  # with the copies of files that the kernel keeps while there is room
    gpu_energy_wh: float | None = None
    gpu_energy_by: str | None = None  # `counter`: the devices' own; `power`: their power over time
    gpu_watts: float | None = None  # on average, of all together
    devices: tuple[DeviceUse, ...] = ()
    machine: Machine = Machine()
    packages: dict[str, str] = field(default_factory=dict)  # version by name
    runtime: tuple[str, ...] = ()  # what its interpreter came with, where that was no Python found there
    cores_given: float | None = None  # by the scheduler
    longest_s: float | None = None  # of a job array: its longest task; `elapsed_s` is of all together
    starts: tuple[StartUse, ...] = ()  # of a job that was put back into the queue; `elapsed_s` is of all together


def what_was_used(accounting: Accounting | None, record: Mapping[str, Any]) -> Used:
    """Time and billing as the scheduler counts them; what happened inside as the job saw it."""
    own_start, own_end = finite(record.get("started_at")), finite(record.get("ended_at"))
    # The record of a job array is its tasks' together.
    span = finite(record.get("elapsed_s"))
    if span is None and own_start is not None and own_end is not None:
        span = own_end - own_start
    before = _earlier(record)
    elapsed = None if span is None else span + sum(one.elapsed_s or 0 for one in before)
    cpu_s = finite(record.get("group_cpu_s")) or finite(record.get("cpu_s"))
    started, ended, billing, node = own_start, own_end, None, _text(record.get("node"))
    given = None
    if accounting is not None:
        if accounting.elapsed_s is not None and (elapsed is None or accounting.source != "record"):
            elapsed = float(accounting.elapsed_s)
        if cpu_s is None:  # accounting's count is of all starts, the job's own of the last
            cpu_s, span = accounting.cpu_time_used_s, span if not accounting.starts else None
        # Slurm gives a job that was cancelled while it waited the end for a start.
        started = (accounting.started_at if accounting.elapsed_s else None) or started
        ended = accounting.ended_at or ended
        billing, node = accounting.billing, accounting.node or node
        cpus = accounting.alloc_tres.get("cpu", "")
        given = float(cpus) if cpus.isdecimal() and len(cpus) < 10 else None
    memory, memory_by = _memory(accounting, record)
    # Whole seconds are too coarse for a job of a few: the job's own clock then says more about its cores.
    span = elapsed if span is None else span
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
        gpu_energy_wh=_energy(record),
        gpu_energy_by=_text(record.get("gpu_energy_by")),
        gpu_watts=_mean_over_time(columns, rows, "gpu_watts"),
        devices=devices,
        machine=_machine(record),
        packages=_packages(record),
        runtime=_runtime(record),
        cores_given=given,
        longest_s=_longest(accounting, record),
        starts=_starts(accounting, before, record),
    )


def _earlier(record: Mapping[str, Any]) -> list[StartUse]:
    """The starts before the last, as the job itself recorded them."""
    found = []
    for one in _earlier_records(record):
        began, ended = finite(one.get("started_at")), finite(one.get("ended_at")) or finite(one.get("updated_at"))
        took = max(0.0, ended - began) if began is not None and ended is not None else None
        found.append(StartUse(took, _text(one.get("node")), _text(one.get("stopped"))))
    return found


def _earlier_records(record: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    found = record.get("starts")
    return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []


def _starts(
    accounting: Accounting | None, before: Sequence[StartUse], record: Mapping[str, Any]
) -> tuple[StartUse, ...]:
    """Every start, where there was more than one: as accounting has it, else as the job recorded it.

    That a start asked to be put back itself only the job knows; to Slurm all of them were requeued.
    """
    if accounting is not None and accounting.starts:
        told = accounting.starts
        own = [one.why for one in before] if len(before) == len(told) - 1 else []
        asked = {n for n, why in enumerate(own) if why == "requeue"}
        return tuple(
            StartUse(one.elapsed_s, one.node, "requeue" if n in asked else one.state) for n, one in enumerate(told)
        )
    if not before:
        return ()
    began, ended = finite(record.get("started_at")), finite(record.get("ended_at"))
    took = ended - began if began is not None and ended is not None else None
    return (*before, StartUse(took, _text(record.get("node")), _text(record.get("outcome"))))


def _energy(record: Mapping[str, Any]) -> float | None:
    """What its GPUs measured in all of its starts; None where one of them did not."""
    each = [finite(one.get("gpu_energy_wh")) for one in [*_earlier_records(record), record]]
    known = [one for one in each if one is not None]
    return sum(known) if len(known) == len(each) else None


def _longest(accounting: Accounting | None, record: Mapping[str, Any]) -> float | None:
    counted = [one.elapsed_s for one in accounting.tasks if one.elapsed_s is not None] if accounting else []
    return float(max(counted)) if counted else finite(record.get("longest_s"))


def _memory(accounting: Accounting | None, record: Mapping[str, Any]) -> tuple[float | None, str | None]:
    """The most memory, and who says so. The kernel's count of the job's group has no process twice.

    Looking now and then can miss a peak, and neither source can see too much: the larger of two counts.
    """
    group, processes = finite(record.get("max_used_mb")), finite(record.get("max_rss_mb"))
    own, by = (group, "group") if group is not None else (processes, "processes")
    theirs = accounting.max_rss_mb if accounting is not None and accounting.source != "record" else None
    if own is None:
        return theirs, None if theirs is None or accounting is None else accounting.source
    return (theirs, accounting.source) if accounting is not None and theirs is not None and theirs > own else (own, by)


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


def _runtime(record: Mapping[str, Any]) -> tuple[str, ...]:
    """R's version, the container's image, the modules: what one must have to run it again."""
    found = record.get("environment")
    if not isinstance(found, Mapping):
        return ()
    names = [f"R {found.get('version')}"] if found.get("language") == "r" else []
    if image := _text(found.get("image")):
        names.append(image)
    modules = found.get("modules")
    return (*names, *(str(one) for one in (modules if isinstance(modules, list) else ())))


def _gpu(record: Mapping[str, Any]) -> str | None:
    names = record.get("gpus")
    return str(names[0]) if isinstance(names, list) and names else None


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None
