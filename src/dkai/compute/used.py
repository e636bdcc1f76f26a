"""What a job used, from the scheduler's accounting and from the job's own record. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dkai.compute.job import Accounting


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


def what_was_used(accounting: Accounting | None, record: Mapping[str, Any]) -> Used:
    """Time and billing as the scheduler counts them; what happened inside as the job saw it."""
    own_start, own_end = _number(record.get("started_at")), _number(record.get("ended_at"))
    elapsed = own_end - own_start if own_start is not None and own_end is not None else None
    cpu_s = _number(record.get("cpu_s"))
    memory = _number(record.get("max_rss_mb"))
    started, ended, billing, node = own_start, own_end, None, _text(record.get("node"))
    if accounting is not None:
        if accounting.elapsed_s is not None and (elapsed is None or accounting.source != "record"):
            elapsed = float(accounting.elapsed_s)
        cpu_s = accounting.cpu_time_used_s if cpu_s is None else cpu_s
        # Sampling can miss a peak; neither source can see too much.
        memory = max((m for m in (memory, accounting.max_rss_mb) if m is not None), default=None)
        started = accounting.started_at or started
        ended = accounting.ended_at or ended
        billing, node = accounting.billing, accounting.node or node
    # Whole seconds are too coarse for a job of a few: the job's own clock then says more about its cores.
    span = own_end - own_start if own_start is not None and own_end is not None else elapsed
    python = record.get("python")
    return Used(
        elapsed_s=elapsed,
        cores=cpu_s / span if cpu_s is not None and span else None,
        memory_mb=memory,
        billing=billing,
        gpu_load=_mean([s[2] for s in _samples(record)]),
        gpu_memory_mb=max((s[3] for s in _samples(record) if s[3] is not None), default=None),
        gpu_name=_gpu(record),
        started_at=started,
        ended_at=ended,
        node=node,
        python=_text(python.get("version")) if isinstance(python, Mapping) else None,
    )


def _samples(record: Mapping[str, Any]) -> list[list[float | None]]:
    found = record.get("samples")
    if not isinstance(found, list):
        return []
    return [[_number(v) for v in s] for s in found if isinstance(s, list) and len(s) == 4]


def _mean(values: list[float | None]) -> float | None:
    known = [v for v in values if v is not None]
    return sum(known) / len(known) if known else None


def _gpu(record: Mapping[str, Any]) -> str | None:
    names = record.get("gpus")
    return str(names[0]) if isinstance(names, list) and names else None


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None
