"""Where LSF's jobs stand and what they used: bjobs for those it knows, bhist for the others, and their own records.

Asked for by name, since a job's name is ours alone. bjobs forgets a job an hour after its end (CLEAN_PERIOD), and a
copy of mbatchd that is some seconds old (MBD_REFRESH_TIME) may answer it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from dkai.compute.host import CommandResult
from dkai.compute.job import Accounting, JobState, JobStatus, Outcome
from dkai.compute.scheduler import Command, Search, slurm_claim
from dkai.compute.scheduler.frames import Frame, exit_status, frames
from dkai.compute.scheduler.lsf_ended import Past, pasts
from dkai.compute.scheduler.lsf_parse import Clock, mebibytes, seconds, told
from dkai.compute.scheduler.lsf_reasons import LIVE, STATES, outcome_of, refusal, termination
from dkai.compute.scheduler.lsf_shell import FIELDS, shell
from dkai.compute.scheduler.own_record import SHOW_RECORDS, Record, texts
from dkai.compute.scheduler.queue_words import asked_about
from dkai.compute.scheduler.slurm_claim import SETTLE
from dkai.compute.scheduler.slurm_found import SEARCH

# stdin: lines `ask NAME NUMBER ATTEMPT FOLDER` (`-` for what is not known), and what slurm_found reads. $1: where to
# search, nothing for not at all. History is read from files that all share, so only of jobs that neither bjobs nor
# their own record can tell of, and only by number.
_STATUS = rf"""
{SETTLE}
{SEARCH}
{SHOW_RECORDS}
table=$(cat)
jobs=$(printf '%s\n' "$table" | sed -n 's/^ask //p')
all=$(listed -a -u "$me")
code=$?
[ "$code" -ne 0 ] || all=$(printf '%s\n' "$all" | awk -F'|' '$2 ~ /^dkai-/')
tell queue "$code" "$all"
[ "$code" -eq 0 ] || all=
tell now 0 "$(date '+%s %z')"
printf '%s\n' "$jobs" | settle
if [ -n "$1" ]; then
  # What is searched has the name second and the folder ninth; LSF writes the home folder as $HOME.
  queue=$(printf '%s\n' "$all" | awk -F'|' 'NF > 10 {{
    folder = $11
    for (i = 12; i <= NF; i++) folder = folder "|" $i
    if (substr(folder, 1, 5) == "$HOME") folder = ENVIRON["HOME"] substr(folder, 6)
    print $1 "|" $2 "|||||||" folder
  }}')
  found=$(search "$1")
  [ -z "$found" ] || printf '%s\n' "$found" | show_found
  jobs=$(printf '%s\n' "$jobs" "$found")
fi
tell jobs 0 "$(printf '%s\n' "$jobs" | awk '$1 != "" {{ print $1, $2 }}')"
rest=$(printf '%s\n' "$all" '' "$jobs" | awk '
  !table && $0 == "" {{ table = 1; next }}
  !table {{ split($0, cell, "|"); if (cell[3] ~ /^({LIVE})$/) live[cell[2]] = 1; next }}
  $1 != "" && !($1 in live)')
[ -n "$rest" ] || exit 0
printf '%s\n' "$rest" | show_records
forgotten=$(printf '%s\n' "$rest" | while read -r name number attempt folder; do
  case $all in *"|$name|"*) continue ;; esac
  ! grep -q '"state": "ended"' "$folder/record.json" 2>/dev/null || continue
  [ "$number" != - ] || number=$(head -c 40 "$folder/native_id" 2>/dev/null)
  case $number in '' | *[!0-9]*) ;; *) printf '%s ' "$number" ;; esac
done | cut -c 1-4000)
# shellcheck disable=SC2086
[ -z "$forgotten" ] || ask ended $limit bhist -a -l -n 5 $forgotten
"""


def status(
    jobs: Sequence[tuple[str, str, str | None]],
    settle: Mapping[str, str] | None = None,
    search: Search | None = None,
) -> Command:
    """Ask for all jobs at once."""
    where, lines = asked_about(jobs, settle, search)
    return replace(shell(_STATUS, where, timeout=90), stdin=lines)


def parse_status(result: CommandResult) -> dict[str, JobStatus]:
    """By job id. What no source knows is absent; what could not be asked is unknown."""
    found = frames(result.stdout)
    clock = Clock((found["now"].lines or ("",))[0]) if "now" in found else Clock()
    queue, ended = found.get("queue"), found.get("ended")
    rows = _by_name(queue)
    records = texts(found.get("records"))
    past = {one.native_id: one for one in pasts(ended.lines if ended else (), clock)}
    answer: dict[str, JobStatus] = {}
    for line in found["jobs"].lines if "jobs" in found else ():
        name, _, given = line.partition(" ")
        native = None if given in ("-", "") else given
        record = Record.of(records.get(name, ""), name, clock.now)
        one = _one([_status(row, clock) for row in rows.get(name, [])], _past_of(past, name, native), record, native)
        one = one or slurm_claim.read(found.get(f"claim {name}"), refusal)
        if one is None and (queue is None or not queue.ok):
            one = JobStatus(JobState.UNKNOWN, native_id=native, reason="lsf-down")
        if one is not None:
            answer[name] = one
    return answer


def _past_of(past: Mapping[str, Past], name: str, native: str | None) -> JobStatus | None:
    """The past of this very job: numbers are used again when a cluster is set up anew, or have run out."""
    one = past.get(native or "") or next((one for one in past.values() if one.name == name), None)
    return one.status if one is not None and one.name == name else None


def _one(rows: Sequence[JobStatus], past: JobStatus | None, record: Record, native: str | None) -> JobStatus | None:
    """The best of what three sources say: bjobs while it lives, then its end there or in the past, then its record.

    Whoever took the lock in the job's folder does the work; an ended row of another number is a second start of the
    same script, which did nothing.
    """
    holder = record.holder
    if holder is not None and holder != native:
        rows = [row for row in rows if row.native_id == holder or row.state is not JobState.ENDED]
    row = _chosen(rows, holder or native)
    if row is not None and row.state is not JobState.ENDED:
        return row
    best = row or past
    own = record.status
    if best is None:
        other = holder is not None and holder != native
        return own if own is not None and (own.state is JobState.ENDED or other or native is not None) else None
    if own is None or own.state is not JobState.ENDED:
        return best
    # bjobs tells times to the minute.
    best = replace(best, started_at=own.started_at or best.started_at, ended_at=own.ended_at or best.ended_at)
    if best.outcome is not Outcome.FAILED:
        return best
    # LSF's exit code is the runner's, which says more of why.
    return replace(
        best, outcome=own.outcome if best.reason is None else best.outcome, reason=own.reason or best.reason,
        exit_code=own.exit_code if own.exit_code is not None else best.exit_code,
    )  # fmt: skip


def _chosen(rows: Sequence[JobStatus], native: str | None) -> JobStatus | None:
    """The row of the number that was given; else one that lives."""
    mine = [row for row in rows if row.native_id == native]
    return next(iter(mine or sorted(rows, key=lambda row: row.state is JobState.ENDED)), None)


def _by_name(frame: Frame | None) -> dict[str, list[list[str]]]:
    found: dict[str, list[list[str]]] = {}
    for line in frame.lines if frame else ():
        cells = line.split("|", FIELDS - 1)
        if len(cells) == FIELDS and cells[0].isascii() and cells[0].isdecimal():
            found.setdefault(cells[1], []).append(cells)
    return found


def _status(row: Sequence[str], clock: Clock) -> JobStatus:
    native, _, stat, code, submitted, start, end, host, why, waits, _ = row
    term = termination(why)
    state = STATES.get(stat, (JobState.UNKNOWN, None))[0]
    began = clock.moment(start)
    reason = term
    if state is JobState.QUEUED:
        reason = "held" if stat == "PSUSP" and told(waits) is None else told(waits)
    elif state is JobState.UNKNOWN:
        reason = "host-lost"
    return JobStatus(
        state, outcome_of(stat, term, started=began is not None), native, stat, reason,
        _code(stat, code), clock.moment(submitted), began if state is not JobState.QUEUED else None,
        clock.moment(end) if state is JobState.ENDED else None, _node(host), "bjobs",
    )  # fmt: skip


def _code(stat: str, text: str) -> int | None:
    return 0 if stat == "DONE" else exit_status(text.strip()) if stat == "EXIT" else None


def _node(text: str) -> str | None:
    """The first host of `4*hostA:2*hostB`."""
    first = text.partition(":")[0].strip()
    return told(first.partition("*")[2] or first)


# --- what an ended job used

# $1: name, $2: number, or nothing. bacct reads the whole cluster's log: only where bjobs knows no more.
_ACCOUNTING = r"""
tell now 0 "$(date '+%s %z')"
used='jobid job_name stat exit_code exec_host nalloc_slot cpu_used max_mem run_time'
tell job 0 "$1"
[ -n "$2" ] || exit 0
said=$($limit bjobs -a -noheader -o "$used delimiter='|'" "$2" 2>/dev/null | awk -F'|' -v name="$1" '$2 == name')
tell used 0 "$said"
[ -n "$said" ] || ask past $limit bacct -l "$2"
"""


def accounting(job_id: str, native_id: str | None) -> Command:
    """Ask for one job, by the number that it was given."""
    return shell(_ACCOUNTING, job_id, native_id or "", timeout=60)


def parse_accounting(result: CommandResult) -> Accounting | None:
    """None while the job has not ended, or when LSF remembers nothing of it."""
    found = frames(result.stdout)
    clock = Clock((found["now"].lines or ("",))[0]) if "now" in found else Clock()
    job = found["job"].lines[0] if "job" in found and found["job"].lines else ""
    for line in found["used"].lines if "used" in found else ():
        cells = line.split("|")
        if len(cells) == 9 and cells[1] == job and cells[2] in ("DONE", "EXIT"):
            return _used(cells)
    for past in pasts(found["past"].lines if "past" in found else (), clock):
        if past.name == job:
            return past.accounting
    return None


def _used(cells: Sequence[str]) -> Accounting:
    """bjobs tells times to the minute only: when the job ran its own record knows better."""
    native, _, stat, code, host, slots, cpu, memory, took = cells
    ran = seconds(took)
    return Accounting(
        native_id=native, state=stat, exit_code=_code(stat, code), elapsed_s=None if ran is None else round(ran),
        alloc_tres={"cpu": slots.strip()} if slots.strip().isdecimal() else {}, cpu_time_used_s=seconds(cpu),
        max_rss_mb=mebibytes(memory), node=_node(host), source="bjobs",
    )  # fmt: skip
