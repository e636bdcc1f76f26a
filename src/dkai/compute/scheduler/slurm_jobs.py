"""Where Slurm's jobs stand and what they used: squeue for those it knows, sacct for the others, and their own records.

Asked for by name, since a job's name is ours alone; numbers are used again when a cluster is set up anew.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from dkai.compute.host import CommandResult
from dkai.compute.job import FIRST, Accounting, JobState, JobStatus, Outcome, made_at
from dkai.compute.runner.words import SECOND_START
from dkai.compute.scheduler import Command, Search, slurm_claim
from dkai.compute.scheduler.slurm_claim import SETTLE
from dkai.compute.scheduler.slurm_found import SEARCH
from dkai.compute.scheduler.slurm_parse import mebibytes, moment, number, pairs, seconds, whole
from dkai.compute.scheduler.slurm_reasons import state
from dkai.compute.scheduler.slurm_shell import Frame, exit_status, frames, shell

_SQUEUE = "%i|%j|%T|%V|%S|%e|%B|%r|%Z"
_SACCT = "JobIDRaw,JobName,State,ExitCode,Submit,Start,End,NodeList"
_LIVE = "PENDING|CONFIGURING|RUNNING|SUSPENDED"

# stdin: lines `ask NAME NUMBER ATTEMPT FOLDER` (`-` for what is not known), and what slurm_found reads. $1: the day
# before the first of them was made; $2: where to search, nothing for not at all. Names do not come as words of a
# command line: a thousand of them are too long for one word. Of a record all is shown but its many samples.
_STATUS = rf"""
{SETTLE}
{SEARCH}
table=$(cat)
jobs=$(printf '%s\n' "$table" | sed -n 's/^ask //p')
queue=$($limit squeue -h -u "$me" -t all -o '{_SQUEUE}' 2>&1)
code=$?
[ "$code" -ne 0 ] || queue=$(printf '%s\n' "$queue" | awk -F'|' '$2 ~ /^dkai-/')
tell queue "$code" "$queue"
[ "$code" -eq 0 ] || queue=
tell now 0 "$(date +%s)"
printf '%s\n' "$jobs" | settle
if [ -n "$2" ]; then
  found=$(search "$2")
  [ -z "$found" ] || printf '%s\n' "$found" | show_found
  jobs=$(printf '%s\n' "$jobs" "$found")
fi
tell jobs 0 "$(printf '%s\n' "$jobs" | awk '$1 != "" {{ print $1, $2 }}')"
rest=$(printf '%s\n' "$queue" '' "$jobs" | awk '
  !table && $0 == "" {{ table = 1; next }}
  !table {{ split($0, cell, "|"); if (cell[3] ~ /^({_LIVE})$/) live[cell[2]] = 1; next }}
  $1 != "" && !($1 in live)')
if [ -n "$rest" ]; then
  names=$(printf '%s\n' "$rest" | awk '{{ printf "%s%s", comma, $1; comma = "," }}')
  ask ended $limit sacct -nPX -u "$me" --name="$names" -S "$1" -E now -o {_SACCT}
  printf 'dkai-frame/1 records\n'
  printf '%s\n' "$rest" | awk '{{
    name = $1
    sub(/^[^ ]+ [^ ]+ [^ ]+ /, "")
    file = $0 "/record.json"
    size = 0
    while ((getline line < file) > 0 && (size += length(line)) < 200000) {{
      sub(/"samples": \[[][0-9.,eE+ nul-]*\]/, "\"samples\": []", line)
      print "|" name "|" line
    }}
    close(file)
  }}'
  printf 'dkai-close/1 0\n'
fi
"""
STALE_S = 300.0  # a running job's record is written anew every half minute
MOST = 5000  # jobs in one question: their names are one word of sacct's, which Linux ends at 128 KiB


def status(
    jobs: Sequence[tuple[str, str, str | None]],
    settle: Mapping[str, str] | None = None,
    search: Search | None = None,
) -> Command:
    """Ask for all jobs at once; the database is left alone while squeue knows them all."""
    attempts = settle or {}
    lines = [f"ask {job_id} {native or '-'} {attempts.get(job_id, '-')} {folder}" for job_id, folder, native in jobs]
    where = ""
    made = [made_at(job_id) for job_id, _, _ in jobs]
    if search is not None:
        where = search.base or "-"
        lines += [f"place {place}" for place in search.more] + [f"known {job_id}" for job_id in search.known]
        # How old those are that are yet to be found nobody knows; what is older tells by its own record how it ended.
        made.append(search.since)
    text = "".join(f"{line}\n" for line in lines if "\n" not in line and "\0" not in line)
    return replace(shell(_STATUS, _day(made), where, timeout=90), stdin=text.encode("utf-8", "surrogateescape"))


def _day_before(job_ids: Iterable[str]) -> str:
    """sacct shows only today unless it is told since when; a job's name tells when it was made."""
    return _day([made_at(job_id) for job_id in job_ids])


def _day(made: Sequence[float]) -> str:
    return f"{datetime.fromtimestamp(min(made, default=FIRST), UTC) - timedelta(days=1):%Y-%m-%d}"


def parse_status(result: CommandResult) -> dict[str, JobStatus]:
    """By job id. What no source knows is absent; what could not be asked is unknown."""
    found = frames(result.stdout)
    queue, ended = found.get("queue"), found.get("ended")
    in_queue, in_database = _by_name(queue, 9, 1), _by_name(ended, 8, 1)
    records = _records(found.get("records"))
    now = moment((found["now"].lines or ("",))[0]) if "now" in found else None
    answer: dict[str, JobStatus] = {}
    for line in found["jobs"].lines if "jobs" in found else ():
        name, _, number_given = line.partition(" ")
        native = None if number_given in ("-", "") else number_given
        one = _one(
            in_queue.get(name, []), in_database.get(name, []), Record.of(records.get(name, ""), name, now), native
        ) or slurm_claim.read(found.get(f"claim {name}"))
        down = _down(queue, ended)
        if one is None and down is not None:
            one = JobStatus(JobState.UNKNOWN, native_id=native, reason=down)
        if one is not None:
            answer[name] = one
    return answer


def _one(queue: list[list[str]], database: list[list[str]], record: Record, native: str | None) -> JobStatus | None:
    """Where one job stands: by its rows of the queue and of the database, and its own record.

    The work is what counts. Whoever took the lock in the job's folder does it, and its number is in the record: an
    ended row of another number is a second start of the same script, which did nothing.
    """
    holder = record.holder
    if holder is not None and holder != native:
        queue = [row for row in queue if row[0] == holder or state(row[2])[1] is not JobState.ENDED]
        database = [row for row in database if row[0] == holder]
    in_queue = _from_queue(_chosen(queue, holder or native))
    in_database = _from_database(_chosen(database, holder or native))
    if in_database is not None and in_database.exit_code == SECOND_START and record.status is not None:
        in_database = None
        in_queue = in_queue if in_queue is not None and in_queue.state is not JobState.ENDED else None
    return _best(in_queue, in_database, record.status, other=holder is not None and holder != native)


def _best(
    queue: JobStatus | None, database: JobStatus | None, record: JobStatus | None, *, other: bool
) -> JobStatus | None:
    """The best of what three sources say: the queue while it lives, the database once it ended, then its own record."""
    if queue is not None and queue.state is not JobState.ENDED:
        return queue
    ended = [one for one in (database, queue) if one is not None and one.state is JobState.ENDED]
    if ended:
        best = ended[0]
        own = record.reason if record is not None and best.outcome is Outcome.FAILED else None
        return replace(
            best,
            reason=own or best.reason,
            exit_code=_exit_code(best.exit_code, None if record is None else record.exit_code),
        )
    if record is not None and (record.state is JobState.ENDED or other):
        return record
    return database


def _exit_code(theirs: int | None, own: int | None) -> int | None:
    """sacct takes 128 from a code that has it (`if (tmp_int >= 128) tmp_int -= 128`); the record has it whole."""
    return own if theirs is None or own == theirs + 128 else theirs


def _by_name(frame: Frame | None, width: int, column: int) -> dict[str, list[list[str]]]:
    """A table's rows by the job's name; rows of another shape are dropped."""
    found: dict[str, list[list[str]]] = {}
    for line in frame.lines if frame else ():
        cells = line.split("|", width - 1)
        if len(cells) == width:
            found.setdefault(cells[column], []).append(cells)
    return found


def _chosen(rows: list[list[str]], native: str | None) -> list[str] | None:
    """The row of the number that was given; else one that lives, else one that is not a second start."""
    mine = [row for row in rows if row[0] == native]
    rows = mine or sorted(rows, key=lambda row: (state(row[2])[1] is JobState.ENDED, row[3] == f"{SECOND_START}:0"))
    return rows[0] if rows else None


def _from_queue(row: list[str] | None) -> JobStatus | None:
    if row is None:
        return None
    native, _, word, submitted, start, end, node, why, _ = row
    own, now, outcome = state(word)
    begun = now is not JobState.QUEUED  # before that Slurm guesses the start
    return JobStatus(
        now, outcome, native, own, None if why in ("None", "") else why,
        submitted_at=moment(submitted), started_at=moment(start) if begun else None,
        ended_at=moment(end) if now is JobState.ENDED else None,
        node=_node(node), evidence="squeue", start_guess=None if begun else moment(start),
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
    own, given = exit_status(code), exit_status(number_of_signal) or 0
    return 128 + given if own == 0 and given else own


def _code_of(outcome: Outcome | None, text: str) -> int | None:
    """None where the program did not end by itself: Slurm then writes `0:0`, which reads like success."""
    code = exit_code(text)
    return code if code or outcome in (Outcome.COMPLETED, Outcome.FAILED) else None


def _records(frame: Frame | None) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in frame.lines if frame else ():
        name, _, text = line.partition("|")
        found[name] = found.get(name, "") + text
    return found


@dataclass(frozen=True, slots=True)
class Record:
    """What the runner wrote of itself. `holder` is Slurm's number of the start that has the lock, where it was told."""

    status: JobStatus | None = None
    holder: str | None = None

    @classmethod
    def of(cls, text: str, name: str, now: float | None) -> Record:
        """From record.json; nothing where it cannot be read or is another job's. `now` is the place's clock."""
        try:
            found = json.loads(text)
        except (ValueError, RecursionError):
            return cls()
        if not isinstance(found, dict) or found.get("job_id") != name or found.get("state") not in ("ended", "running"):
            return cls()

        def some(key: str, kind: type | tuple[type, ...]) -> Any:
            value = found.get(key)
            return value if isinstance(value, kind) and not isinstance(value, bool) else None

        holder = some("slurm_job_id", str)
        holder = holder if holder is not None and holder.isascii() and holder.isdecimal() else None
        common = JobStatus(
            JobState.RUNNING, native_id=holder, started_at=some("started_at", (int, float)), node=some("node", str),
            evidence="record",
        )  # fmt: skip
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
    jobs = [row for row in table if "." not in row[0] and row[1] == job.lines[0]]
    if not jobs:
        return None
    row = _chosen(jobs, None) or jobs[0]
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
        elapsed_s=whole(row[4]),
        alloc_tres=given,
        billing=number(given.get("billing", "")),
        cpu_time_used_s=seconds(row[6]),
        max_rss_mb=max(sizes) if sizes else None,
        started_at=moment(row[8]),
        ended_at=moment(row[9]),
        node=_node(row[10]),
        source="sacct",
    )
