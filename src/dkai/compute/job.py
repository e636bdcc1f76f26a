"""What a job is: what it asks for, where it stands, how it ended. Values only."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

_BASE32 = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's: no i, l, o, u, so it can be read aloud


def new_job_id(now: float | None = None) -> str:
    """`dkai-` and 10 characters that sort by time: 5 for the half-minute, 5 random (33 million a half-minute)."""
    ticks = int((time.time() if now is None else now) // 30) % 32**5
    chance = int.from_bytes(os.urandom(4)) % 32**5
    number, word = ticks * 32**5 + chance, ""
    for _ in range(10):
        number, digit = divmod(number, 32)
        word = _BASE32[digit] + word
    return f"dkai-{word}"


FIRST = 1_767_225_600.0  # 2026-01-01: no job of ours is older


def made_at(job_id: str) -> float:
    """When a job's name was made, in Unix seconds, to the half-minute; 2026-01-01 for a name that is none of ours.

    The first five digits count half-minutes, anew every 32 years: it is the first such time since dkai is.
    """
    digits = job_id.removeprefix("dkai-")[:5]
    if len(digits) < 5 or any(digit not in _BASE32 for digit in digits):
        return FIRST
    ticks = 0
    for digit in digits:
        ticks = ticks * 32 + _BASE32.index(digit)
    span = 32**5 * 30
    return ticks * 30 + span * -(-(FIRST - ticks * 30) // span)


@dataclass(frozen=True, slots=True)
class Resources:
    """What a job asks the scheduler for: GPUs and cores of all nodes together, memory in MiB on each node.

    Walltime is seconds for one start; `starts` is how often it may be started for so long, where it goes on from its
    checkpoint after its time was up.
    """

    gpus: int = 0
    cpus: int = 1
    memory_mb: int = 2048
    walltime_s: int = 600
    nodes: int = 1
    gpu_type: str | None = None  # as the cluster writes it in GRES, e.g. `h100`; None takes any
    exclusive: bool = False  # whole nodes, whatever the partition does
    cpus_per_gpu: int | None = None  # cores bound to each GPU; `cpus` is then what they amount to
    starts: int = 1

    @property
    def longest_s(self) -> int:
        """Seconds that it may run in all."""
        return self.walltime_s * self.starts

    @property
    def warning_s(self) -> int:
        """Seconds before its time is up at which a job that writes checkpoints is told: a tenth, at most 5 minutes."""
        return max(10, min(300, self.walltime_s // 10))


@dataclass(frozen=True, slots=True)
class JobSpec:
    """One job as decided: nothing in it is looked up again later."""

    job_id: str
    recipe: str
    recipe_version: str
    site: str
    resources: Resources
    parameters: dict[str, Any] = field(default_factory=dict)
    partition: str | None = None
    account: str | None = None
    qos: str | None = None
    tasks: tuple[dict[str, Any], ...] = ()  # of a job array: for each task the parameters that are its own
    at_once: int | None = None  # so many of them run at once; None: as many as there is room for
    checkpoint: bool = False  # it goes on from what it has written when it is started again
    place: dict[str, str] = field(default_factory=dict)  # what its kind of place wants beside, in that place's words


class JobState(StrEnum):
    """The ledger's states, in order; `unknown` may stand between any two."""

    PLANNED = "planned"  # shown to the person, nothing sent
    HANDED_OVER = "handed-over"  # written into a folder for the person to start; whether they did is not known
    SENDING = "sending"  # the intent is written, files and submission are under way
    SENT = "sent"  # the scheduler accepted it; not seen in its queue yet
    QUEUED = "queued"
    RUNNING = "running"
    ENDED = "ended"
    UNKNOWN = "unknown"


class Outcome(StrEnum):
    """How an ended job ended."""

    COMPLETED = "completed"
    FAILED = "failed"
    TIMEOUT = "timeout"
    CANCELLED = "cancelled"
    OUT_OF_MEMORY = "out-of-memory"
    NODE_FAIL = "node-fail"
    NOT_SUBMITTED = "not-submitted"  # it never reached the scheduler
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class TaskCounts:
    """Where the tasks of a job array stand. What no source tells of is in none of the counts."""

    total: int
    queued: int = 0
    running: int = 0
    completed: int = 0
    failed: int = 0  # ended in any way but the two others
    cancelled: int = 0

    @property
    def unknown(self) -> int:
        """Those that no source tells of."""
        return max(0, self.total - self.queued - self.running - self.completed - self.failed - self.cancelled)


@dataclass(frozen=True, slots=True)
class JobStatus:
    """Where a job stands, and who says so. Times are Unix seconds; None is not known (yet)."""

    state: JobState
    outcome: Outcome | None = None
    native_id: str | None = None  # the scheduler's own number
    native_state: str | None = None  # its own word, e.g. `PENDING`
    reason: str | None = None  # its own pending or failure reason, e.g. `AssocGrpGRESMinutes`
    exit_code: int | None = None
    submitted_at: float | None = None
    started_at: float | None = None
    ended_at: float | None = None
    node: str | None = None
    evidence: str = ""  # which source said it: squeue, sacct, record, runner
    start_guess: float | None = None  # of a job that waits: when the scheduler guesses that it will start
    tasks: TaskCounts | None = None  # of a job array
    restarts: int = 0  # how often it went back into the queue after it had started, as far as that was told


@dataclass(frozen=True, slots=True)
class TaskAccounting:
    """What accounting says of one task of a job array."""

    number: int
    outcome: Outcome | None
    exit_code: int | None
    elapsed_s: int | None
    max_rss_mb: float | None = None
    starts: int = 1


@dataclass(frozen=True, slots=True)
class StartAccounting:
    """What accounting says of one start of a job that was put back into the queue. `state` is the scheduler's word."""

    state: str
    elapsed_s: int | None
    billing: float | None = None  # an hour
    node: str | None = None


@dataclass(frozen=True, slots=True)
class Accounting:
    """What the scheduler's accounting says an ended job used. None where it does not say.

    Of a job that started several times seconds are summed over its starts, and billing is their mean over time. Of a
    job array seconds are summed over its tasks, billing is their mean over time, and memory that of the largest.
    """

    native_id: str
    state: str
    exit_code: int | None
    elapsed_s: int | None
    alloc_tres: dict[str, str] = field(default_factory=dict)  # e.g. {"cpu": "8", "mem": "8G", "gres/gpu": "1"}
    billing: float | None = None
    cpu_time_used_s: float | None = None
    max_rss_mb: float | None = None
    started_at: float | None = None
    ended_at: float | None = None
    node: str | None = None
    source: str = "sacct"
    tasks: tuple[TaskAccounting, ...] = ()
    starts: tuple[StartAccounting, ...] = ()  # where there was more than one
