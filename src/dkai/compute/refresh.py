"""Where jobs stand, asked of the place and written into the ledger; also what became of interrupted submissions."""

from __future__ import annotations

import platform
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from dkai.compute.adopt import adopt, search_for
from dkai.compute.host import CommandResult
from dkai.compute.job import JobState, JobStatus, Outcome
from dkai.compute.ledger import BROUGHT, Event, Job, Ledger
from dkai.compute.link import Link
from dkai.compute.scheduler import Search
from dkai.core.i18n import t

# A submission that no source knows of after this long did not arrive; a job just accepted may not be shown yet.
NOT_ARRIVED_S = 60.0
NOT_SHOWN_YET_S = 30.0
# How long a place may be about to take a job of which its folder says that sbatch was called, and nothing more.
IN_FLIGHT_S = 180.0
# So long after it, a job that was taken for never submitted is still looked for with the others.
STILL_LOOKED_FOR_S = 7 * 86400.0
MOST = 5000  # jobs in one question
_LIVE = (JobState.SENDING, JobState.SENT, JobState.QUEUED, JobState.RUNNING, JobState.UNKNOWN)


def refresh(
    jobs: Sequence[Job], ledger: Ledger, link: Link, now: float | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> list[Job]:  # fmt: skip
    """The jobs of one site as they stand now, asked with one command. Raises RemoteError or UserError.

    Only a job that seems not to have arrived is asked for twice.
    """
    ahead = 0.0 if now is None else now - time.time()
    asked = [job for job in jobs if job.is_open and not _settled_here(job, ledger)]
    for begin in range(0, len(asked), MOST):
        answer = _ask(asked[begin : begin + MOST], ledger, link)
        _ask_again(_note(answer, ledger, link, time.time() + ahead), ledger, link, ahead, sleep)
    return [ledger.get(job.job_id) for job in jobs]


def refresh_site(
    ledger: Ledger, link: Link, base: str | None = None, now: float | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> list[str]:  # fmt: skip
    """Bring a site's jobs up to date, and adopt those of this person that the ledger does not know; gives their ids.

    `base` is the folder for jobs there, as far as it is known. One command, unless there are jobs as in `refresh`.
    Raises RemoteError or UserError.
    """
    ahead = 0.0 if now is None else now - time.time()
    site, known = link.site.id, ledger.recent(1000, include_planned=True)
    theirs = [job for job in known if job.site == site]
    asked = [job for job in ledger.open_jobs(site) if not _settled_here(job, ledger)]
    asked += [job for job in theirs if _taken_for_lost(job, ledger, time.time() + ahead)]
    asked += ledger.handed_over(site)  # whoever started them did so under their name
    places = [job.folder for job in theirs]
    search = search_for(places, [job.job_id for job in known], base or link.site.base, time.time() + ahead)
    answer = _ask(asked[:MOST], ledger, link, search)
    doubtful = _note(answer, ledger, link, time.time() + ahead)
    statuses = link.scheduler.parse_status(answer.said)
    adopted = [
        one.job_id
        for one in link.scheduler.parse_found(answer.said)
        if adopt(one, statuses.get(one.job_id), link.site, ledger)
    ]
    _ask_again(doubtful, ledger, link, ahead, sleep)
    if asked[MOST:]:
        refresh(asked[MOST:], ledger, link, now, sleep)
    return adopted


@dataclass(frozen=True, slots=True)
class _Answer:
    asked: Sequence[Job]
    said: CommandResult


def _ask(asked: Sequence[Job], ledger: Ledger, link: Link, search: Search | None = None) -> _Answer:
    attempts = {job.job_id: attempt for job in asked if (attempt := _attempt(job, ledger))}
    jobs = [(job.job_id, job.folder, job.native_id) for job in asked]
    return _Answer(asked, link.run(link.scheduler.status(jobs, attempts, search)))


def _note(answer: _Answer, ledger: Ledger, link: Link, now: float) -> list[Job]:
    """Write down what was said; the jobs that nobody knows and that are to be asked for once more."""
    found = link.scheduler.parse_status(answer.said)
    doubtful = []
    with ledger.together():
        for job in answer.asked:
            status = found.get(job.job_id)
            if status is not None and not _overdue(job, status, ledger, now):
                seen(job, status, ledger)
            elif job.is_open and not _absent(job, ledger, now, link.scheduler.second_look_s):
                doubtful.append(job)
    return doubtful


def _ask_again(jobs: Sequence[Job], ledger: Ledger, link: Link, ahead: float, sleep: Callable[[float], None]) -> None:
    if jobs:
        sleep(link.scheduler.second_look_s)
        _note(_ask(jobs, ledger, link), ledger, link, time.time() + ahead)


def seen(job: Job, status: JobStatus, ledger: Ledger) -> None:
    """Write down what a source said of the job."""
    other = job.native_id is not None and status.native_id not in (None, job.native_id)
    before = job.status.get("restarts")
    if isinstance(before, int) and before > status.restarts and not other:
        status = replace(status, restarts=before)  # a job that runs again tells only at its end how often it started
    same = status.state is job.state and status.outcome == job.outcome and not other
    if same and status.reason == job.status.get("reason"):
        ledger.see(job.job_id, status)
        return
    evidence = {"by": status.evidence, "said": status.native_state, "reason": status.reason}
    if other:
        evidence["why"] = t(
            "another copy of this job does the work: number {runs}; {ours} ended without doing anything",
            runs=status.native_id, ours=job.native_id,
        )  # fmt: skip
    if not job.is_open and (status.state is JobState.UNKNOWN or status.outcome is Outcome.NOT_SUBMITTED):
        return
    if status.outcome is Outcome.NOT_SUBMITTED:
        evidence |= {"code": "never-arrived", "why": _why_not(status)}
    ledger.move(
        job.job_id, status.state, expect=_LIVE if job.is_open else [job.state], outcome=status.outcome,
        what="not-submitted" if status.outcome is Outcome.NOT_SUBMITTED else "seen", native_id=status.native_id,
        status=status, evidence=evidence,
    )  # fmt: skip


def _why_not(status: JobStatus) -> str:
    if status.reason == "never-arrived":
        return t("it was cut off before it reached the scheduler, and is kept from reaching it later")
    return status.reason or t("the scheduler did not take it")


def _overdue(job: Job, status: JobStatus, ledger: Ledger, now: float) -> bool:
    """Whether the folder says no more than that sbatch was called, and so long ago that it must have been killed."""
    return status.reason == "in-flight" and now - _handed_over(job, ledger) >= IN_FLIGHT_S


def _handed_over(job: Job, ledger: Ledger) -> float:
    events = ledger.events(job.job_id)
    return max((e.at for e in events if e.what in ("submitting", "sent", "held")), default=job.created_at)


def _attempt(job: Job, ledger: Ledger) -> str | None:
    """The attempt to send it that may still be under way."""
    if job.native_id is not None or not job.is_open:
        return None
    attempt = _since_sending(job, ledger)[0].evidence.get("attempt")
    return attempt if isinstance(attempt, str) else None


def _taken_for_lost(job: Job, ledger: Ledger, now: float) -> bool:
    """Whether the job was lately taken for never submitted although sbatch may have been called."""
    if job.outcome is not Outcome.NOT_SUBMITTED or now - job.created_at > STILL_LOOKED_FOR_S:
        return False
    return any(step.evidence.get("code") == "absent" for step in ledger.events(job.job_id))


def _settled_here(job: Job, ledger: Ledger) -> bool:
    """Whether the ledger alone tells: somebody is sending it right now, or was cut off before submitting it."""
    if job.state is not JobState.SENDING:
        return False
    steps = _since_sending(job, ledger)
    sender = steps[0].evidence
    submitting = any(step.what == "submitting" for step in steps)
    if sender.get("node") == platform.node():
        from dkai.compute.runner.processes import born

        pid, birth = sender.get("pid"), sender.get("born")
        if isinstance(pid, int) and birth is not None and born(pid) == birth:
            return True
    elif not submitting:
        # Another computer with the same home folder: it alone can see its process.
        return True
    if not submitting:
        ledger.move(
            job.job_id, JobState.ENDED, expect=[JobState.SENDING], what="not-submitted", outcome=Outcome.NOT_SUBMITTED,
            evidence={"why": t("dkai was stopped before the job was submitted"), "code": "interrupted"},
            attempt=sender.get("attempt"),
        )  # fmt: skip
    return not submitting


def _since_sending(job: Job, ledger: Ledger) -> list[Event]:
    events = ledger.events(job.job_id)
    return events[max((n for n, event in enumerate(events) if event.what == "sending"), default=0) :]


def _absent(job: Job, ledger: Ledger, now: float, again_s: float) -> bool:
    """No source knows the job: write down what that means; False when it is to be asked for once more before."""
    age = now - _handed_over(job, ledger)
    if any(event.what == BROUGHT for event in ledger.events(job.job_id)):
        return True  # what was brought home tells no more than it did; whether the job ran was never ours to know
    if job.native_id is None:
        if age >= NOT_ARRIVED_S:
            missed = [e.at for e in _since_sending(job, ledger) if e.what == "missed"]
            if again_s and not any(now - at >= again_s / 2 for at in missed):
                ledger.note(job.job_id, "missed", {})
                return False
            why = t("nobody there knows it, {n} seconds after it was sent", n=round(age))
            ledger.move(
                job.job_id, JobState.ENDED, expect=_LIVE, what="not-submitted", outcome=Outcome.NOT_SUBMITTED,
                evidence={"why": why, "code": "absent"},
            )  # fmt: skip
        elif job.state is not JobState.UNKNOWN:
            ledger.move(
                job.job_id, JobState.UNKNOWN, expect=_LIVE, what="unknown",
                evidence={"why": t("nobody there knows it yet; it is asked for again at the next refresh")},
            )  # fmt: skip
    elif age >= NOT_SHOWN_YET_S and job.state is not JobState.UNKNOWN:
        ledger.move(
            job.job_id, JobState.UNKNOWN, expect=_LIVE, what="unknown",
            evidence={"why": t("neither the queue, nor accounting, nor the job's folder knows it")},
        )  # fmt: skip
    return True
