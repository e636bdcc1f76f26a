"""Where Slurm's jobs stand and what they used: squeue for those it knows, sacct for the others, and their own records.

Asked for by name, since a job's name is ours alone; numbers are used again when a cluster is set up anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from dkai.compute.host import CommandResult
from dkai.compute.job import FIRST, Accounting, JobState, JobStatus, Outcome, StartAccounting, made_at
from dkai.compute.runner.words import SECOND_START
from dkai.compute.scheduler import Command, Search, slurm_claim
from dkai.compute.scheduler.own_record import SHOW_RECORDS, Record, texts
from dkai.compute.scheduler.queue_words import asked_about
from dkai.compute.scheduler.slurm_array import (
    Mark,
    TaskRow,
    array_accounting,
    array_status,
    is_second,
    numbers_in,
    read_marks,
)
from dkai.compute.scheduler.slurm_claim import SETTLE
from dkai.compute.scheduler.slurm_found import SEARCH
from dkai.compute.scheduler.slurm_parse import mebibytes, moment, number, pairs, seconds, whole
from dkai.compute.scheduler.slurm_reasons import state
from dkai.compute.scheduler.slurm_shell import Frame, exit_status, frames, shell

_SQUEUE = "%i|%j|%T|%V|%S|%e|%B|%r|%Z"
_SACCT = "JobID,JobName,State,ExitCode,Submit,Start,End,NodeList"
_RUNS = "CONFIGURING|RUNNING|SUSPENDED"
_LIVE = f"PENDING|{_RUNS}"

# stdin: lines `ask NAME NUMBER ATTEMPT FOLDER` (`-` for what is not known), and what slurm_found reads. $1: the day
# before the first of them was made; $2: where to search, nothing for not at all. Names do not come as words of a
# command line: a thousand of them are too long for one word. Of a job array: how many tasks it has, and the marks of
# those that ended.
_STATUS = rf"""
{SETTLE}
{SEARCH}
{SHOW_RECORDS}
export SLURM_BITSTR_LEN=0
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
printf 'dkai-frame/1 tasks\n'
printf '%s\n' "$jobs" | while read -r name number attempt folder; do
  [ -f "$folder/tasks.jsonl" ] || continue
  marks=$(cd -- "$folder/ended" 2>/dev/null && printf '%s\n' * | grep -E '^[0-9]+[.][a-z-]+[.][0-9]+$' | tr '\n' ' ')
  printf '|%s %s %s\n' "$name" "$(($(wc -l <"$folder/tasks.jsonl")))" "$marks"
done
printf 'dkai-close/1 0\n'
# without STATES: the jobs that are in the queue in none of them.
without() {{
  printf '%s\n' "$queue" '' "$jobs" | awk -v states="^($1)\$" '
    !table && $0 == "" {{ table = 1; next }}
    !table {{ split($0, cell, "|"); if (cell[3] ~ states) live[cell[2]] = 1; next }}
    $1 != "" && !($1 in live)'
}}
rest=$(without '{_LIVE}')
if [ -n "$rest" ]; then
  names=$(printf '%s\n' "$rest" | awk '{{ printf "%s%s", comma, $1; comma = "," }}')
  ask ended $limit sacct -nPX -u "$me" --name="$names" -S "$1" -E now -o {_SACCT}
fi
# A job that waits and has a record was put back into the queue.
rest=$(without '{_RUNS}')
[ -z "$rest" ] || printf '%s\n' "$rest" | show_records
"""
MOST = 5000  # jobs in one question: their names are one word of sacct's, which Linux ends at 128 KiB


def status(
    jobs: Sequence[tuple[str, str, str | None]],
    settle: Mapping[str, str] | None = None,
    search: Search | None = None,
) -> Command:
    """Ask for all jobs at once; the database is left alone while squeue knows them all."""
    where, lines = asked_about(jobs, settle, search)
    made = [made_at(job_id) for job_id, _, _ in jobs]
    # How old those are that are yet to be found nobody knows; what is older tells by its own record how it ended.
    made += [search.since] if search is not None else []
    return replace(shell(_STATUS, _day(made), where, timeout=90), stdin=lines)


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
    records, arrays = texts(found.get("records")), _arrays(found.get("tasks"))
    now = moment((found["now"].lines or ("",))[0]) if "now" in found else None
    answer: dict[str, JobStatus] = {}
    for line in found["jobs"].lines if "jobs" in found else ():
        name, _, number_given = line.partition(" ")
        native = None if number_given in ("-", "") else number_given
        rows = in_queue.get(name, []), in_database.get(name, [])
        if name in arrays:
            one = _array(*rows, arrays[name], native, now)
        else:
            one = _one(*rows, Record.of(records.get(name, ""), name, now), native, _down(queue, ended))
        one = one or slurm_claim.read(found.get(f"claim {name}"))
        down = _down(queue, ended)
        if one is None and down is not None:
            one = JobStatus(JobState.UNKNOWN, native_id=native, reason=down)
        if one is not None:
            answer[name] = one
    return answer


def _one(
    queue: list[list[str]], database: list[list[str]], record: Record, native: str | None, down: str | None
) -> JobStatus | None:
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
    own = record.status
    if record.is_interrupted and (down or (in_database is not None and in_database.state is not JobState.ENDED)):
        own = None  # whether another start follows is not for this one to say
    best = _best(in_queue, in_database, own, other=holder is not None and holder != native)
    if best is None or record.status is None:
        return best
    return replace(best, restarts=record.status.restarts + (best.state is JobState.QUEUED))


def _array(
    queue: list[list[str]], database: list[list[str]], told: tuple[int, list[Mark]], native: str | None,
    now: float | None,
) -> JobStatus | None:  # fmt: skip
    """Where a job array stands."""
    total, marks = told
    in_queue = list(_task_rows(queue, total, _from_queue))
    in_database = list(_task_rows(database, total, _from_database))
    return array_status(total, in_queue, in_database, marks, native=native, now=now)


def _task_rows(rows: list[list[str]], total: int, read: Callable[[list[str]], JobStatus | None]) -> Iterator[TaskRow]:
    for row in rows:
        numbers, status = numbers_in(row[0], total), read(row)
        if numbers is not None and status is not None:
            yield TaskRow(*numbers, status, is_second=is_second(row[3]))


def _arrays(frame: Frame | None) -> dict[str, tuple[int, list[Mark]]]:
    """How many tasks each job array has, and the marks of those that ended."""
    found = {}
    for line in frame.lines if frame else ():
        name, _, rest = line.partition(" ")
        total, _, marks = rest.partition(" ")
        if total.isascii() and total.isdecimal() and len(total) < 7:
            found[name] = int(total), read_marks(marks.split())
    return found


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
        # Slurm has one word for a program that ended with an error and for one that says that its time was up.
        late = best.outcome is Outcome.FAILED and record is not None and record.outcome is Outcome.TIMEOUT
        return replace(
            best,
            outcome=Outcome.TIMEOUT if late else best.outcome,
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


def _down(queue: Frame | None, ended: Frame | None) -> str | None:
    """Which source could not be asked; None when both answered, or the cluster keeps no accounts."""
    if queue is None or not queue.ok:
        return "slurm-down"
    if ended is None or not (ended.ok or "storage is disabled" in " ".join(ended.errors)):
        return "accounting-down"
    return None


# --- what an ended job used

_USED = "JobID,JobName,State,ExitCode,ElapsedRaw,AllocTRES,TotalCPU,MaxRSS,Start,End,NodeList"
_ACCOUNTING = rf"""
export SLURM_BITSTR_LEN=0
if [ -n "$3" ]; then
  ask used $limit sacct -nPD -u "$me" -j "$3" -S "$2" -o {_USED}
else
  ask used $limit sacct -nPD -u "$me" --name="$1" -S "$2" -E now -o {_USED}
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
    starts = _starts(table, job.lines[0])
    last = [one[-1].row for one in starts.values()]
    tasks = [(row, numbers) for row in last if (numbers := numbers_in(row[0], 10**6)) is not None]
    if tasks:
        # Rows of several name tasks that wait, or were cancelled before they began: they used nothing.
        alone = [(row, numbers) for row, numbers in tasks if not numbers[2] and not is_second(row[3])]
        if not alone or any(state(row[2])[1] is not JobState.ENDED for row, _ in tasks):
            return None
        each = [(numbers[1][0], state(row[2])[2], _used_by(starts[row[0]])) for row, numbers in alone]
        return array_accounting(alone[0][1][0], sorted(each, key=lambda one: one[0]))
    if not last:
        return None
    row = _chosen(last, None) or last[0]
    return _used_by(starts[row[0]]) if state(row[2])[1] is JobState.ENDED else None


@dataclass(frozen=True, slots=True)
class _Start:
    """A row of sacct's for one start of a job, and those of its steps."""

    row: list[str]
    steps: list[list[str]]


def _starts(table: list[list[str]], name: str) -> dict[str, list[_Start]]:
    """The starts of each job of this name, by its number: with `-D` a job that was put back has a row for each.

    sacct prints a start's steps below it.
    """
    found: dict[str, list[_Start]] = {}
    now: _Start | None = None
    for row in table:
        if "." not in row[0]:
            now = _Start(row, [])
            if row[1] == name:
                found.setdefault(row[0], []).append(now)
        elif now is not None and row[0].startswith(f"{now.row[0]}."):
            now.steps.append(row)
    for starts in found.values():
        # By their ends: the database does not always know when one that was cut short began.
        starts.sort(key=lambda one: [moment(one.row[at]) or float("inf") for at in (9, 8)])
    return found


def _used_by(starts: list[_Start]) -> Accounting:
    """The accounting of one job, or of one task of an array: what all of its starts used."""
    each = [_used_in(one) for one in starts]
    if len(each) == 1:
        return each[0]
    billed = [(one.billing, one.elapsed_s) for one in each if one.billing is not None and one.elapsed_s]
    span, cpu = sum(s for _, s in billed), [one.cpu_time_used_s for one in each]
    return replace(
        each[-1],
        elapsed_s=sum(one.elapsed_s or 0 for one in each),
        billing=sum(b * s for b, s in billed) / span if span else each[-1].billing,
        cpu_time_used_s=None if None in cpu else sum(c for c in cpu if c is not None),
        max_rss_mb=max((one.max_rss_mb for one in each if one.max_rss_mb is not None), default=None),
        started_at=each[0].started_at,
        starts=tuple(StartAccounting(one.state, one.elapsed_s, one.billing, one.node) for one in each),
    )


def _used_in(start: _Start) -> Accounting:
    """The accounting of one start, with what its steps used."""
    row = start.row
    own, _, outcome = state(row[2])
    sizes = [size for step in start.steps if (size := mebibytes(step[7], "K")) is not None]
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
