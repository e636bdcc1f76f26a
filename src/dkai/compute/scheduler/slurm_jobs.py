"""Where Slurm's jobs stand and what they used: squeue for those it knows, sacct for the others, and their own records.

Asked for by name, since a job's name is ours alone; numbers are used again when a cluster is set up anew.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from dkai.compute.host import CommandResult
from dkai.compute.job import Accounting, JobState, JobStatus, Outcome
from dkai.compute.scheduler import Command
from dkai.compute.scheduler.slurm_parse import mebibytes, moment, number, pairs, seconds
from dkai.compute.scheduler.slurm_reasons import state
from dkai.compute.scheduler.slurm_shell import Frame, frames, shell

_DIGITS = "0123456789abcdefghjkmnpqrstvwxyz"
FIRST = 1_767_225_600.0  # 2026-01-01: no job of ours is older
_SQUEUE = "%i|%j|%T|%V|%S|%e|%B|%r"
_SACCT = "JobIDRaw,JobName,State,ExitCode,Submit,Start,End,NodeList"

# $1: names, comma-separated; $2: the day before the first of them was made; then a name, a number and a folder each.
_STATUS = rf"""
names=$1
since=$2
shift 2
found=$($limit squeue -h -u "$me" -t all -n "$names" -o '{_SQUEUE}' 2>&1)
code=$?
tell queue "$code" "$found"
waiting=$(printf '%s\n' "$found" | awk -F'|' '$3 ~ /^(PENDING|CONFIGURING|RUNNING|SUSPENDED)$/ {{ print "|" $2 "|" }}')
rest=
while [ $# -ge 3 ]; do
  printf 'dkai-frame/1 job %s\n|%s\ndkai-close/1 0\n' "$1" "$2"
  case $waiting in
    *"|$1|"*) ;;
    *)
      rest=$rest,$1
      ask "record $1" tail -c 200000 "$3/record.json"
      ;;
  esac
  shift 3
done
[ -z "$rest" ] || ask ended $limit sacct -nPX -u "$me" --name="${{rest#,}}" -S "$since" -E now -o {_SACCT}
"""


def status(jobs: Sequence[tuple[str, str, str | None]]) -> Command:
    """Ask for all jobs at once; the database is left alone while squeue knows them all."""
    names = ",".join(job_id for job_id, _, _ in jobs)
    words = [word for job_id, folder, native in jobs for word in (job_id, native or "", folder)]
    return shell(_STATUS, names, _day_before(job_id for job_id, _, _ in jobs), *words, timeout=90)


def _day_before(job_ids: Iterable[str]) -> str:
    """sacct shows only today unless it is told since when; a job's name tells when it was made."""
    first = min((_made(job_id) for job_id in job_ids), default=FIRST)
    return f"{datetime.fromtimestamp(first, UTC) - timedelta(days=1):%Y-%m-%d}"


def _made(job_id: str) -> float:
    """The first five digits of the name count half-minutes, anew every 32 years: the first such time since dkai is."""
    digits = job_id.removeprefix("dkai-")[:5]
    if len(digits) < 5 or any(digit not in _DIGITS for digit in digits):
        return FIRST
    ticks = 0
    for digit in digits:
        ticks = ticks * 32 + _DIGITS.index(digit)
    span = 32**5 * 30
    return ticks * 30 + span * -(-(FIRST - ticks * 30) // span)


def parse_status(result: CommandResult) -> dict[str, JobStatus]:
    """By job id. What no source knows is absent; what could not be asked is unknown."""
    found = frames(result.stdout)
    queue, ended = found.get("queue"), found.get("ended")
    in_queue = _by_name(queue, 8, 1)
    in_database = _by_name(ended, 8, 1)
    answer: dict[str, JobStatus] = {}
    for key, frame in found.items():
        kind, _, name = key.partition(" ")
        if kind != "job":
            continue
        native = next(iter(frame.lines), "") or None
        record = _record(found.get(f"record {name}"), name)
        one = _of_one(
            _from_queue(_chosen(in_queue.get(name, []), native)),
            _from_database(_chosen(in_database.get(name, []), native)),
            record,
        )
        if one is not None:
            answer[name] = one
        elif (down := _down(queue, ended)) is not None:
            answer[name] = JobStatus(JobState.UNKNOWN, native_id=native, reason=down)
    return answer


def _of_one(queue: JobStatus | None, database: JobStatus | None, record: JobStatus | None) -> JobStatus | None:
    """The best of what three sources say: the queue while it lives, the database once it ended, then its own record."""
    if queue is not None and queue.state is not JobState.ENDED:
        return queue
    ended = [one for one in (database, queue) if one is not None and one.state is JobState.ENDED]
    if ended:
        best = ended[0]
        own = record.reason if record is not None and best.outcome is Outcome.FAILED else None
        return JobStatus(
            best.state, best.outcome, best.native_id, best.native_state, own or best.reason,
            best.exit_code if best.exit_code is not None or record is None else record.exit_code,
            best.submitted_at, best.started_at, best.ended_at, best.node, best.evidence,
        )  # fmt: skip
    if record is not None and record.state is JobState.ENDED:
        return record
    return database


def _by_name(frame: Frame | None, width: int, column: int) -> dict[str, list[list[str]]]:
    """A table's rows by the job's name; rows of another shape are dropped."""
    found: dict[str, list[list[str]]] = {}
    for line in frame.lines if frame else ():
        cells = line.split("|", width - 1)
        if len(cells) == width:
            found.setdefault(cells[column], []).append(cells)
    return found


def _chosen(rows: list[list[str]], native: str | None) -> list[str] | None:
    """The row of the number that was given; else the one that is not a second start (which ends with 75)."""
    mine = [row for row in rows if row[0] == native]
    rows = mine or sorted(rows, key=lambda row: row[3] == "75:0")
    return rows[0] if rows else None


def _from_queue(row: list[str] | None) -> JobStatus | None:
    if row is None:
        return None
    native, _, word, submitted, start, end, node, why = row
    own, now, outcome = state(word)
    begun = now is not JobState.QUEUED  # before that Slurm guesses the start
    return JobStatus(
        now, outcome, native, own, None if why in ("None", "") else why,
        submitted_at=moment(submitted), started_at=moment(start) if begun else None,
        ended_at=moment(end) if now is JobState.ENDED else None,
        node=_node(node), evidence="squeue",
    )  # fmt: skip


def _from_database(row: list[str] | None) -> JobStatus | None:
    if row is None:
        return None
    native, _, word, code, submitted, start, end, node = row
    own, now, outcome = state(word)
    return JobStatus(
        now, outcome, native, own, None, _code_of(outcome, code),
        moment(submitted), moment(start), moment(end), _node(node), "sacct",
    )  # fmt: skip


def _node(text: str) -> str | None:
    return None if text.strip() in ("", "n/a", "None assigned", "(null)", "N/A") else text.strip()


def exit_code(text: str) -> int | None:
    """sacct's `code:signal` as a shell has it: 128 and the signal's number where a signal ended it."""
    code, _, number_of_signal = text.partition(":")
    if not code.isdecimal():
        return None
    given = int(number_of_signal) if number_of_signal.isdecimal() else 0
    return int(code) if int(code) or not given else 128 + given


def _code_of(outcome: Outcome | None, text: str) -> int | None:
    """None where the program did not end by itself: Slurm then writes `0:0`, which reads like success."""
    code = exit_code(text)
    return code if code or outcome in (Outcome.COMPLETED, Outcome.FAILED) else None


def _record(frame: Frame | None, name: str) -> JobStatus | None:
    """What the runner wrote of itself, once it has ended."""
    try:
        found = json.loads("\n".join(frame.lines)) if frame and frame.ok else None
    except ValueError:
        return None
    if not isinstance(found, dict) or found.get("job_id") != name or found.get("state") != "ended":
        return None

    def some(key: str, kind: type | tuple[type, ...]) -> Any:
        value = found.get(key)
        return value if isinstance(value, kind) and not isinstance(value, bool) else None

    outcome = found.get("outcome")
    return JobStatus(
        JobState.ENDED, Outcome(outcome) if outcome in list(Outcome) else Outcome.UNKNOWN,
        reason=some("reason", str), exit_code=some("exit_code", int), started_at=some("started_at", (int, float)),
        ended_at=some("ended_at", (int, float)), node=some("node", str), evidence="record",
    )  # fmt: skip


def _down(queue: Frame | None, ended: Frame | None) -> str | None:
    """Which source could not be asked; None when both answered, or the cluster keeps no accounts."""
    if queue is None or not queue.ok:
        return "slurm-down"
    if ended is None or not (ended.ok or "storage is disabled" in " ".join(ended.errors)):
        return "accounting-down"
    return None


# --- what an ended job used

_USED = "JobIDRaw,JobName,State,ExitCode,ElapsedRaw,AllocTRES,TotalCPU,MaxRSS,Start,End,NodeList"
_ACCOUNTING = rf"""
if [ -n "$3" ]; then
  ask used $limit sacct -nP -u "$me" -j "$3" -S "$2" -o {_USED}
else
  ask used $limit sacct -nP -u "$me" --name="$1" -S "$2" -E now -o {_USED}
fi
printf 'dkai-frame/1 job\n|%s\ndkai-close/1 0\n' "$1"
"""


def accounting(job_id: str, native_id: str | None) -> Command:
    """Ask the database for one job and its steps."""
    return shell(_ACCOUNTING, job_id, _day_before([job_id]), native_id or "", timeout=60)


def parse_accounting(result: CommandResult) -> Accounting | None:
    """None while the job has not ended there (sacct lags some seconds behind), or when there is no database."""
    found = frames(result.stdout)
    used, job = found.get("used"), found.get("job")
    if used is None or not used.ok or job is None or not job.lines:
        return None
    table = [cells for line in used.lines if len(cells := line.split("|")) == 11]
    whole = [row for row in table if "." not in row[0] and row[1] == job.lines[0]]
    if not whole:
        return None
    row = _chosen(whole, None) or whole[0]
    own, now, outcome = state(row[2])
    if now is not JobState.ENDED:
        return None
    steps = [step for step in table if step[0].startswith(f"{row[0]}.")]
    sizes = [size for step in steps if (size := mebibytes(step[7], "K")) is not None]
    given = pairs(row[5])
    return Accounting(
        native_id=row[0],
        state=own,
        exit_code=_code_of(outcome, row[3]),
        elapsed_s=int(row[4]) if row[4].isdecimal() else None,
        alloc_tres=given,
        billing=number(given.get("billing", "")),
        cpu_time_used_s=seconds(row[6]),
        max_rss_mb=max(sizes) if sizes else None,
        started_at=moment(row[8]),
        ended_at=moment(row[9]),
        node=_node(row[10]),
        source="sacct",
    )
