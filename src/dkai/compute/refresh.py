"""Where jobs stand, asked of the place and written into the ledger; also what became of interrupted submissions."""

from __future__ import annotations

import platform
import time
from collections.abc import Sequence

from dkai.compute.job import JobState, JobStatus, Outcome
from dkai.compute.ledger import Event, Job, Ledger
from dkai.compute.link import Link
from dkai.core.i18n import t

# A submission that no source knows of after this long did not arrive; a job just accepted may not be shown yet.
NOT_ARRIVED_S = 60.0
NOT_SHOWN_YET_S = 30.0
_LIVE = (JobState.SENDING, JobState.SENT, JobState.QUEUED, JobState.RUNNING, JobState.UNKNOWN)


def refresh(jobs: Sequence[Job], ledger: Ledger, link: Link, now: float | None = None) -> list[Job]:
    """The jobs of one site as they stand now, asked with one command. Raises RemoteError or UserError."""
    moment = time.time() if now is None else now
    asked = [job for job in jobs if job.is_open and not _settled_here(job, ledger)]
    if asked:
        command = link.scheduler.status([(job.job_id, job.folder, job.native_id) for job in asked])
        found = link.scheduler.parse_status(link.run(command))
        for job in asked:
            status = found.get(job.job_id)
            if status is None:
                _absent(job, ledger, moment)
            else:
                seen(job, status, ledger)
    return [ledger.get(job.job_id) for job in jobs]


def seen(job: Job, status: JobStatus, ledger: Ledger) -> None:
    """Write down what a source said of the job."""
    same = status.state is job.state and status.outcome == job.outcome
    if same and status.reason == job.status.get("reason"):
        ledger.see(job.job_id, status)
        return
    ledger.move(
        job.job_id, status.state, expect=_LIVE, what="seen", outcome=status.outcome,
        native_id=status.native_id, status=status,
        evidence={"by": status.evidence, "said": status.native_state, "reason": status.reason},
    )  # fmt: skip


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
        )  # fmt: skip
    return not submitting


def _since_sending(job: Job, ledger: Ledger) -> list[Event]:
    events = ledger.events(job.job_id)
    return events[max(n for n, event in enumerate(events) if event.what == "sending") :]


def _absent(job: Job, ledger: Ledger, now: float) -> None:
    """No source knows the job."""
    events = ledger.events(job.job_id)
    age = now - max((e.at for e in events if e.what in ("submitting", "sent")), default=job.created_at)
    if job.native_id is None:
        if age >= NOT_ARRIVED_S:
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
