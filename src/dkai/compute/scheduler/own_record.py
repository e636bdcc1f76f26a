"""What a job's own runner wrote of it in its folder, read at the place: the same under every scheduler with a queue."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any

from dkai.compute.job import JobState, JobStatus, Outcome
from dkai.compute.scheduler.frames import Frame

# Reads lines `NAME NUMBER ATTEMPT FOLDER`; of a record all is shown but its many samples.
SHOW_RECORDS = r"""
show_records() {
  printf 'dkai-frame/1 records\n'
  awk '{
    name = $1
    sub(/^[^ ]+ [^ ]+ [^ ]+ /, "")
    file = $0 "/record.json"
    size = 0
    while ((getline line < file) > 0 && (size += length(line)) < 200000) {
      sub(/"samples": \[[][0-9.,eE+ nul-]*\]/, "\"samples\": []", line)
      print "|" name "|" line
    }
    close(file)
  }'
  printf 'dkai-close/1 0\n'
}
"""
STALE_S = 300.0  # a running job's record is written anew every half minute


def texts(frame: Frame | None) -> dict[str, str]:
    """The records' texts by the job's name."""
    found: dict[str, str] = {}
    for line in frame.lines if frame else ():
        name, _, text = line.partition("|")
        found[name] = found.get(name, "") + text
    return found


@dataclass(frozen=True, slots=True)
class Record:
    """What the runner wrote of itself. `holder` is the scheduler's number of the start that has the lock, if told.

    `is_interrupted`: this start was told to end, and another may follow: whether it does, only the scheduler knows.
    """

    status: JobStatus | None = None
    holder: str | None = None
    is_interrupted: bool = False

    @classmethod
    def of(cls, text: str, name: str, now: float | None) -> Record:
        """From record.json; nothing where it cannot be read or is another job's. `now` is the place's clock."""
        try:
            found = json.loads(text)
        except (ValueError, RecursionError):
            return cls()
        states = ("ended", "interrupted", "running")
        if not isinstance(found, dict) or found.get("job_id") != name or found.get("state") not in states:
            return cls()

        def some(key: str, kind: type | tuple[type, ...]) -> Any:
            value = found.get(key)
            return value if isinstance(value, kind) and not isinstance(value, bool) else None

        holder = some("slurm_job_id", str) or some("lsf_job_id", str)
        holder = holder if holder is not None and holder.isascii() and holder.isdecimal() else None
        common = JobStatus(
            JobState.RUNNING, native_id=holder, started_at=some("started_at", (int, float)), node=some("node", str),
            evidence="record", restarts=min(max(0, some("restart", int) or 0), 10**6),
        )  # fmt: skip
        if found["state"] == "interrupted":
            ended = replace(common, state=JobState.ENDED, outcome=Outcome.CANCELLED)
            return cls(replace(ended, ended_at=some("ended_at", (int, float))), holder, is_interrupted=True)
        if found["state"] == "running":
            fresh = now is None or now - (some("updated_at", (int, float)) or 0) < STALE_S
            return cls(common if fresh else replace(common, state=JobState.UNKNOWN, reason="other-node"), holder)
        outcome = found.get("outcome")
        return cls(
            replace(
                common, state=JobState.ENDED, outcome=Outcome(outcome) if outcome in list(Outcome) else Outcome.UNKNOWN,
                reason=some("reason", str), exit_code=some("exit_code", int), ended_at=some("ended_at", (int, float)),
            ),
            holder,
        )  # fmt: skip
