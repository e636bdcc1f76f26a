"""A job array as one job: its rows of queue and database, and the marks its tasks left, put together. Pure.

Rows are called `123_4`, and `123_[5-9,11%2]` where tasks wait together; such a row may still name tasks that have
started since, so a row of a task's own counts before it. Asked with SLURM_BITSTR_LEN=0, or Slurm cuts long lists off.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from dkai.compute.job import Accounting, JobState, JobStatus, Outcome, TaskAccounting, TaskCounts
from dkai.compute.runner.words import SECOND_START

LAG_S = 60.0  # so long after the last known end, tasks that no source tells of may still be on their way to sacct
_ID = re.compile(r"^(\d+)_(?:(\d+)|\[([\d,:-]+?)(?:,?\.\.\.)?(?:%\d+)?\])$")
_MARK = re.compile(r"^(\d+)\.([a-z-]+)\.(\d{1,3})$")


@dataclass(frozen=True, slots=True)
class TaskRow:
    """What one source says of tasks: one of its own, or several that wait (or were cancelled) together."""

    array: str
    numbers: tuple[int, ...]
    together: bool
    status: JobStatus
    is_second: bool = False  # a second start of the same script, which did nothing


def numbers_in(job: str, most: int) -> tuple[str, tuple[int, ...], bool] | None:
    """The array's number, its tasks (below `most`), and whether the row is of several; None for another kind of id."""
    match = _ID.match(job)
    if match is None:
        return None
    array, one, several = match.groups()
    if one is not None:
        return array, (int(one),), False
    found: list[int] = []
    for part in several.split(","):
        first, _, rest = part.partition("-")
        last, _, step = rest.partition(":")
        if not first.isdecimal() or (rest and not last.isdecimal()):
            continue
        stop = min(int(last or first), most - 1)
        found += range(int(first), stop + 1, max(1, int(step or 1)) if step.isdecimal() or not step else 1)
    return array, tuple(found), True


@dataclass(frozen=True, slots=True)
class Mark:
    """How a task ended, as its runner left it in the job's folder: `4.failed.1`."""

    number: int
    outcome: Outcome
    exit_code: int


def read_marks(words: Iterable[str]) -> list[Mark]:
    """The marks among the names in a folder."""
    found = []
    for word in words:
        match = _MARK.match(word)
        if match is not None and match[2] in list(Outcome):
            found.append(Mark(int(match[1]), Outcome(match[2]), int(match[3])))
    return found


def array_status(
    total: int, queue: Sequence[TaskRow], database: Sequence[TaskRow], marks: Sequence[Mark], *,
    native: str | None, now: float | None,
) -> JobStatus | None:  # fmt: skip
    """Where the whole array stands; None where no source knows a task of it.

    A mark says how the work of a task ended, whichever start of the script did it. `now` is the place's clock.
    """
    rows = [row for row in (*queue, *database) if not row.is_second]
    if not rows and not marks:
        return None
    tasks = dict(_of_rows(total, queue, database))
    for mark in marks:
        if mark.number < total:
            seen = tasks.get(mark.number) or JobStatus(JobState.ENDED, evidence="folder")
            tasks[mark.number] = replace(seen, state=JobState.ENDED, outcome=mark.outcome, exit_code=mark.exit_code)
    counts = _count(total, tasks.values())
    known = [task for task in tasks.values() if task.started_at is not None or task.ended_at is not None]
    ends = [task.ended_at for task in known if task.ended_at is not None and task.state is JobState.ENDED]
    late = counts.unknown and not counts.cancelled and now is not None and ends and now - max(ends) < LAG_S
    if counts.queued or counts.running or late:
        state = JobState.RUNNING if counts.running or len(marks) or ends or late else JobState.QUEUED
    else:
        state = JobState.ENDED
    nodes = {task.node for task in tasks.values() if task.node}
    waiting = next((task for task in tasks.values() if task.state is JobState.QUEUED), None)
    lead = waiting if state is JobState.QUEUED else next(iter(_of_state(tasks.values(), state)), None)
    arrays = [row.array for row in rows]
    bad = {task.exit_code for task in tasks.values() if task.state is JobState.ENDED and task.exit_code}
    return JobStatus(
        state,
        _outcome(counts, [task.outcome for task in tasks.values()]) if state is JobState.ENDED else None,
        native if native in arrays or not arrays else arrays[0],
        lead.native_state if lead is not None else None,
        waiting.reason if waiting is not None and state is JobState.QUEUED else None,
        (bad.pop() if len(bad) == 1 else None) if state is JobState.ENDED else None,
        min((row.status.submitted_at for row in rows if row.status.submitted_at is not None), default=None),
        min((task.started_at for task in known if task.started_at is not None), default=None),
        max(ends, default=None) if state is JobState.ENDED else None,
        nodes.pop() if len(nodes) == 1 else None,
        rows[0].status.evidence if rows else "folder",
        waiting.start_guess if waiting is not None and state is JobState.QUEUED else None,
        counts,
    )  # fmt: skip


def _of_state(tasks: Iterable[JobStatus], state: JobState) -> Iterator[JobStatus]:
    return (task for task in tasks if task.state is state)


def _of_rows(total: int, queue: Sequence[TaskRow], database: Sequence[TaskRow]) -> dict[int, JobStatus]:
    """Each task by its best row: what lives in the queue, what has ended in the database, then the rest."""
    tasks: dict[int, JobStatus] = {}

    def rank(row: TaskRow, source: int) -> tuple[int, int]:
        lives = row.status.state is not JobState.ENDED
        return (0 if lives and source == 0 else 1 if not lives else 2, -source)

    ranked = [(row.together, *rank(row, n), row) for n, rows in enumerate((queue, database)) for row in rows]
    for _, _, _, row in sorted((one for one in ranked if not one[3].is_second), key=lambda one: one[:3]):
        for number in row.numbers:
            if number < total:
                tasks.setdefault(number, row.status)
    return tasks


def _count(total: int, tasks: Iterable[JobStatus]) -> TaskCounts:
    counted = {"queued": 0, "running": 0, "completed": 0, "failed": 0, "cancelled": 0}
    for task in tasks:
        if task.state in (JobState.QUEUED, JobState.RUNNING):
            counted[task.state.value] += 1
        elif task.state is JobState.ENDED:
            alone = task.outcome in (Outcome.COMPLETED, Outcome.CANCELLED)
            counted[task.outcome.value if alone and task.outcome else "failed"] += 1
    return TaskCounts(total, **counted)


def _outcome(counts: TaskCounts, outcomes: Sequence[Outcome | None]) -> Outcome:
    """Completed only if all are; where all that went wrong went wrong in one way, that way."""
    if counts.completed == counts.total:
        return Outcome.COMPLETED
    if counts.cancelled:
        return Outcome.CANCELLED
    ways = {one for one in outcomes if one is not None and one is not Outcome.COMPLETED}
    if len(ways) == 1:
        return ways.pop()
    return Outcome.FAILED if counts.failed else Outcome.UNKNOWN


def array_accounting(native: str, rows: Sequence[tuple[int, Outcome | None, Accounting]]) -> Accounting:
    """The tasks' accounting as one."""
    each = [one for _, _, one in rows]
    seconds = [one.elapsed_s for one in each]
    whole = sum(s for s in seconds if s is not None) if None not in seconds else None
    billed = [(one.billing, one.elapsed_s) for one in each if one.billing is not None and one.elapsed_s is not None]
    span = sum(s for _, s in billed)
    nodes = {one.node for one in each if one.node}
    cpu = [one.cpu_time_used_s for one in each]
    return Accounting(
        native_id=native,
        state=each[0].state if len({one.state for one in each}) == 1 else "FAILED",
        exit_code=None if len({one.exit_code for one in each}) > 1 else each[0].exit_code,
        elapsed_s=whole,
        alloc_tres=next((one.alloc_tres for one in each if one.alloc_tres), {}),
        billing=sum(b * s for b, s in billed) / span if span else next((b for b, _ in billed), None),
        cpu_time_used_s=sum(c for c in cpu if c is not None) if None not in cpu else None,
        max_rss_mb=max((one.max_rss_mb for one in each if one.max_rss_mb is not None), default=None),
        started_at=min((one.started_at for one in each if one.started_at is not None), default=None),
        ended_at=max((one.ended_at for one in each if one.ended_at is not None), default=None),
        node=nodes.pop() if len(nodes) == 1 else None,
        tasks=tuple(
            TaskAccounting(number, outcome, one.exit_code, one.elapsed_s, one.max_rss_mb, max(1, len(one.starts)))
            for number, outcome, one in rows
        ),
    )


def is_second(code: str) -> bool:
    """Whether sacct's exit code is that of a second start."""
    return code == f"{SECOND_START}:0"
