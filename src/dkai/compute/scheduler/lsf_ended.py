"""What LSF knows of a job that bjobs has forgotten (CLEAN_PERIOD, an hour by default): `bhist -l`, `bacct -l`. Pure.

Both print a line that names the job, and below it what happened when, broken where the line is full.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dkai.compute.job import Accounting, JobState, JobStatus
from dkai.compute.scheduler.lsf_parse import Clock, mebibytes, number, unwrapped
from dkai.compute.scheduler.lsf_reasons import outcome_of, termination

_JOB = re.compile(r"^Job <(\d{1,12})(?:\[\d+\])?>(?:, Job Name <([^>]*)>)?")
_AT = re.compile(r"^([A-Z][a-z]{2} [A-Z][a-z]{2} +\d{1,2} \d{1,2}:\d{2}:\d{2}(?: \d{4})?): +(.*)$")
_HOST = re.compile(r"^(?:Dispatched|\[\d+\] [Dd]ispatched|Started).*?(?:Host\(s\)|to|on) <(?:\d+\*)?([^>]+)>")
_CODE = re.compile(r"^Exited with exit code (\d{1,3})\b")
_SIGNAL = re.compile(r"^Exited by signal (\d{1,2})\b")
_SLOTS = re.compile(r"Allocated (\d{1,6}) Slot")


@dataclass(frozen=True, slots=True)
class Past:
    """One job's past. Times are Unix seconds; `done` is None while nothing says that it ended."""

    native_id: str
    name: str
    submitted_at: float | None = None
    started_at: float | None = None
    ended_at: float | None = None
    done: bool | None = None
    exit_code: int | None = None
    term: str | None = None
    node: str | None = None
    slots: int | None = None
    cpu_s: float | None = None
    memory_mb: float | None = None

    @property
    def status(self) -> JobStatus | None:
        """Where it stands; None where the past does not tell that it ended."""
        if self.done is None:
            return None
        outcome = outcome_of("DONE" if self.done else "EXIT", self.term, started=self.started_at is not None)
        return JobStatus(
            JobState.ENDED, outcome, self.native_id, "DONE" if self.done else "EXIT", self.term,
            0 if self.done else self.exit_code, self.submitted_at, self.started_at, self.ended_at, self.node, "bhist",
        )  # fmt: skip

    @property
    def accounting(self) -> Accounting | None:
        """What it used; None where it has not ended."""
        if self.done is None:
            return None
        took = None if self.started_at is None or self.ended_at is None else round(self.ended_at - self.started_at)
        return Accounting(
            native_id=self.native_id, state="DONE" if self.done else "EXIT",
            exit_code=0 if self.done else self.exit_code, elapsed_s=took,
            alloc_tres={} if self.slots is None else {"cpu": str(self.slots)}, cpu_time_used_s=self.cpu_s,
            max_rss_mb=self.memory_mb, started_at=self.started_at, ended_at=self.ended_at, node=self.node,
            source="bacct",
        )  # fmt: skip


def pasts(lines: Sequence[str], clock: Clock) -> list[Past]:
    """Every job that the answer tells of."""
    return [_past(block, clock) for block in _blocks(unwrapped(lines))]


def _blocks(lines: Sequence[str]) -> Iterator[list[str]]:
    block: list[str] = []
    for line in lines:
        if _JOB.match(line):
            if block:
                yield block
            block = [line]
        elif line.startswith("SUMMARY:"):
            break
        elif block:
            block.append(line)
    if block:
        yield block


def _past(block: Sequence[str], clock: Clock) -> Past:
    head = _JOB.match(block[0])
    found: dict[str, object] = {}
    for line in block[1:]:
        match = _AT.match(line)
        if match is None:
            continue
        at, what = clock.moment(match[1]), match[2]
        if what.startswith("Submitted"):
            found.setdefault("submitted_at", at)
        elif host := _HOST.match(what):
            # The last start counts: a job that was put back starts again.
            found |= {"started_at": at, "node": host[1]}
            if slots := _SLOTS.search(what):
                found["slots"] = int(slots[1])
        elif what.startswith(("Done successfully", "Completed <done>")):
            found |= {"done": True, "ended_at": at}
        elif what.startswith(("Exited", "Completed <exit>")):
            code, signal = _CODE.match(what), _SIGNAL.match(what)
            found |= {"done": False, "ended_at": at}
            if code or signal:
                found["exit_code"] = int(code[1]) if code else 128 + int(signal[1] if signal else 0)
            if term := termination(what):
                found["term"] = term
        elif what.startswith("Completed"):
            # bhist names the reason in a line of its own: `Completed <exit>; TERM_…` or `Completed; TERM_…`.
            found["term"] = termination(what) or found.get("term")
    found |= _used(block)
    return Past(head[1] if head else "", (head[2] or "") if head else "", **found)  # type: ignore[arg-type]


def _used(block: Sequence[str]) -> dict[str, float | None]:
    """bacct's own line of numbers, below its heading `CPU_T WAIT TURNAROUND STATUS HOG_FACTOR MEM SWAP`."""
    for at, line in enumerate(block[:-1]):
        names = line.split()
        if names[:2] == ["CPU_T", "WAIT"]:
            row = dict(zip(names, block[at + 1].split(), strict=False))
            return {"cpu_s": number(row.get("CPU_T", "")), "memory_mb": mebibytes(row.get("MEM", ""), "M")}
    return {}
