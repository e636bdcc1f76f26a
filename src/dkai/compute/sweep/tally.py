"""What became of each task of a sweep: its own record, and where that ends too early the scheduler's accounting.

The runner in the job's folder reads the tasks' records there, so that a thousand of them come home as one answer.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dkai.compute.host import CommandResult
from dkai.compute.job import Accounting, Outcome, TaskAccounting
from dkai.compute.link import Link
from dkai.compute.runner.words import MARK
from dkai.compute.scheduler.own_reasons import own_reason
from dkai.core.errors import RemoteError
from dkai.core.i18n import t
from dkai.core.numbers import finite

# What is summed over the tasks where all that ran tell it, and what the largest of them is.
_SUMS = ("cpu_s", "group_cpu_s", "gpu_energy_wh")
_LARGEST = ("max_rss_mb", "max_used_mb")
_COLUMNS = ("t", "rss_mb", "gpu_load", "gpu_memory_mb", "cores", "gpu_watts")


@dataclass(frozen=True, slots=True)
class TaskResult:
    """One task. `state` is queued, running, ended or unknown; None is not known. Memory is the most, in MiB."""

    number: int
    state: str
    outcome: Outcome | None = None
    exit_code: int | None = None
    seconds: float | None = None
    memory_mb: float | None = None
    node: str | None = None
    reason: str = ""  # why it did not complete, where that is known


@dataclass(frozen=True, slots=True)
class Tally:
    """All tasks, and their records as one (see `runner/job.py`), for the receipt."""

    tasks: tuple[TaskResult, ...]
    record: Mapping[str, Any] = field(default_factory=dict)


def ask(link: Link, folder: str, python: str) -> dict[str, Any]:
    """The runner's answer; empty where it gives none. Raises RemoteError when the place cannot be reached."""
    from dkai.compute.scheduler.process import Process

    return answer(link.run(Process(link.host.is_local).tally(folder, python)))


def answer(result: CommandResult) -> dict[str, Any]:
    """The tally in what the place said; empty where there is none."""
    for line in result.stdout.splitlines():
        if line.startswith(MARK):
            try:
                found = json.loads(line.removeprefix(MARK))
            except (ValueError, RecursionError):
                continue
            if isinstance(found, dict) and isinstance(found.get("tasks"), list):
                return found
    return {}


def accounting_of(link: Link, job: tuple[str, str, str | None]) -> Accounting | None:
    """The scheduler's accounting of (job id, folder, number); None where it does not tell."""
    try:
        return link.scheduler.parse_accounting(link.run(link.scheduler.accounting(*job)))
    except RemoteError:
        return None


def make_tally(total: int, told: Mapping[str, Any], accounting: Accounting | None) -> Tally:
    """The tasks by what the runner told of them and what the scheduler counted. Pure."""
    rows = {row["task"]: row for row in told.get("tasks", ()) if isinstance(row, dict) and _is_number(row.get("task"))}
    counted = {} if accounting is None else {one.number: one for one in accounting.tasks}
    tasks = tuple(_task(number, rows.get(number, {}), counted.get(number)) for number in range(total))
    return Tally(tasks, _together([rows[n] for n in range(total) if n in rows], told.get("ran_on")))


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _task(number: int, row: Mapping[str, Any], counted: TaskAccounting | None) -> TaskResult:
    state, outcome, code = row.get("state"), row.get("outcome"), row.get("exit_code")
    began, ended, reason = finite(row.get("started_at")), finite(row.get("ended_at")), row.get("reason")
    seconds = ended - began if began is not None and ended is not None else None
    says = own_reason(reason if isinstance(reason, str) else None)
    if state != "ended" and counted is not None:  # it was ended from outside, before it could write so
        state, outcome, code = "ended", counted.outcome, counted.exit_code
        says = says or _ended_outside(counted.outcome)
    if seconds is None and counted is not None and counted.elapsed_s is not None:
        seconds = float(counted.elapsed_s)
    memory = finite(row.get("max_used_mb"))
    memory = finite(row.get("max_rss_mb")) if memory is None else memory
    if memory is None and counted is not None:
        memory = counted.max_rss_mb
    node = row.get("node")
    return TaskResult(
        number,
        state if state in ("running", "ended") else "queued" if state == "queued" else "unknown",
        Outcome(outcome) if outcome in list(Outcome) else None,
        code if _is_number(code) else None,
        None if seconds is None else round(max(0.0, seconds), 3),
        memory,
        node if isinstance(node, str) else None,
        says,
    )


def _ended_outside(outcome: Outcome | None) -> str:
    return {
        Outcome.TIMEOUT: t("its time was up"),
        Outcome.OUT_OF_MEMORY: t("it used more memory than it had asked for"),
        Outcome.NODE_FAIL: t("its node failed"),
    }.get(outcome or Outcome.UNKNOWN, "")


def _together(rows: Sequence[Mapping[str, Any]], ran_on: object) -> dict[str, Any]:
    """The records of tasks that ran as one: seconds and energy summed, memory of the largest, load over time."""
    ran = [row for row in rows if finite(row.get("started_at")) is not None and finite(row.get("ended_at")) is not None]
    if not ran:
        return {}
    spans = [float(row["ended_at"]) - float(row["started_at"]) for row in ran]
    record: dict[str, Any] = dict(ran_on) if isinstance(ran_on, dict) else {}
    record |= {
        "started_at": min(float(row["started_at"]) for row in ran),
        "ended_at": max(float(row["ended_at"]) for row in ran),
        "elapsed_s": sum(spans),
        "longest_s": max(spans),
        "gpu_energy_by": next((row.get("gpu_energy_by") for row in ran if row.get("gpu_energy_by")), None),
    }
    for name in _SUMS:
        values = [finite(row.get(name)) for row in ran]
        record[name] = sum(v for v in values if v is not None) if None not in values else None
    for name in _LARGEST:
        record[name] = max((v for row in ran if (v := finite(row.get(name))) is not None), default=None)
    nodes = {row.get("node") for row in ran}
    record["node"] = nodes.pop() if len(nodes) == 1 else None
    # One sample a task: each counts for as long as it ran.
    clock, samples = 0.0, []
    for row, span in zip(ran, spans, strict=True):
        clock += span
        peaks = row.get("peaks")
        found = peaks if isinstance(peaks, dict) else {}
        samples.append([clock, *(finite(found.get(name)) for name in _COLUMNS[1:])])
    return record | {"columns": list(_COLUMNS), "samples": samples}
