"""Carry out a plan exactly once.

Each step is in the ledger before it is taken. Once the submission has been under way, nothing is ever tried again on a
guess: the scheduler is asked, by the job's own name, what it knows. Should a job be started twice after all, the lock
in its folder ends the second one.
"""

from __future__ import annotations

import hashlib
import os
import platform
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from dkai.compute.host import Upload
from dkai.compute.job import JobState, Outcome
from dkai.compute.ledger import Job, Ledger
from dkai.compute.link import Link
from dkai.compute.news import News, Tell, silent
from dkai.compute.plan import Plan, PlannedFile, plan_text
from dkai.core.errors import DkaiError, Interrupted, Refused, RemoteError, UserError
from dkai.core.i18n import t
from dkai.core.units import show_bytes

# How long the scheduler is asked about a submission whose answer was lost. sacct is about 3 s behind.
DOUBT_WAITS = (0.0, 1.0, 2.0, 4.0, 8.0)


def record(plan: Plan, ledger: Ledger) -> None:
    """Put the plan into the ledger, as shown and not yet sent."""
    ledger.add(
        job_id=plan.job_id, recipe=plan.spec.recipe, recipe_version=plan.spec.recipe_version, site=plan.site.id,
        folder=plan.folder, plan=plan_text(plan), evidence={"overrides": list(plan.overrides)},
    )  # fmt: skip


def carry_out(
    plan: Plan, ledger: Ledger, link: Link, tell: Tell = silent, sleep: Callable[[float], None] = time.sleep
) -> Job:
    """Send the files and submit the job, once; returns its line in the ledger.

    Raises Refused (the scheduler does not take it), RemoteError, UserError (an input file has changed) or Interrupted;
    in each case the ledger says what is known, and `dkai compute jobs --refresh` finds out the rest.
    """
    check_files(plan)
    job_id = plan.job_id
    mine = {"pid": os.getpid(), "born": _born(), "node": platform.node()}
    if not ledger.move(job_id, JobState.SENDING, expect=_may_send(ledger.get(job_id)), what="sending", evidence=mine):
        raise _already_sent(job_id)
    try:
        _send(plan, link, tell)
    except BaseException as error:
        _not_submitted(ledger, job_id, error)
        raise _explained(error, job_id) from error
    command = link.scheduler.submit(plan.spec, plan.folder, plan.python)
    # Also the last look at the ledger: should a `--refresh` elsewhere have taken us for dead, nothing is submitted.
    evidence = {"argv": list(command.argv)}
    if not ledger.move(job_id, JobState.SENDING, expect=[JobState.SENDING], what="submitting", evidence=evidence):
        raise _already_sent(job_id)
    tell(News("submitting", t("submitting …")))
    try:
        try:
            answer = link.run(command)
        except RemoteError as error:
            # It was on its way: whatever went wrong after that, the scheduler may have it.
            return _Doubt(plan, ledger, link, tell, sleep).settle(error)
        try:
            native_id = link.scheduler.parse_submit(answer)
        except (Refused, RemoteError) as error:
            if error.code == "submission-uncertain":
                return _Doubt(plan, ledger, link, tell, sleep).settle(error)
            _not_submitted(ledger, job_id, error)
            raise _explained(error, job_id) from error
    except KeyboardInterrupt:
        ledger.move(job_id, JobState.UNKNOWN, expect=[JobState.SENDING], what="interrupted", evidence={"by": "Ctrl-C"})
        raise Interrupted(
            t("stopped while {job} was being submitted: it may have been accepted", job=job_id),
            code="interrupted",
            hint=t("find out with: dkai compute jobs --refresh"),
        ) from None
    return _sent(ledger, job_id, native_id, "answer", tell)


def _already_sent(job_id: str) -> UserError:
    return UserError(
        t("{job} has been sent already, or is being sent by another dkai", job=job_id),
        code="already-sent",
        hint=t("see where it stands: dkai compute status {job}", job=job_id),
    )


def check_files(plan: Plan) -> None:
    """Raise UserError when a file is not as it was when the plan was made."""
    for file in plan.files:
        if file.source is None:
            continue
        try:
            with Path(file.source).open("rb") as stream:
                same = hashlib.file_digest(stream, "sha256").hexdigest() == file.sha256
        except OSError:
            same = False
        if not same:
            raise UserError(
                t("{path} has changed since the plan was shown", path=file.source),
                code="file-changed",
                hint=t("nothing was sent; submit again to see a plan of the file as it is now"),
            )


def _may_send(job: Job) -> list[JobState]:
    if job.state is JobState.ENDED and job.outcome is Outcome.NOT_SUBMITTED:
        return [JobState.ENDED]
    return [JobState.PLANNED]


def _born() -> str | None:
    from dkai.compute.runner.processes import born

    return born(os.getpid())


def _send(plan: Plan, link: Link, tell: Tell) -> None:
    tell(News("connecting", t("connecting to {site} …", site=plan.site.id)))
    host = link.host
    total = plan.size
    says = t("sending {n} files, {size}", n=len(plan.files), size=show_bytes(total))
    tell(News("sending", says, 0, total))
    host.send(plan.folder, [_upload(f) for f in plan.files], lambda done, _: tell(News("sending", says, done, total)))


def _upload(file: PlannedFile) -> Upload:
    source: Path | bytes = Path(file.source) if file.source is not None else (file.text or "").encode("utf-8")
    return Upload(file.to, source, file.size, file.sha256, file.mode)


def _sent(ledger: Ledger, job_id: str, native_id: str, by: str, tell: Tell) -> Job:
    ledger.move(
        job_id, JobState.SENT, expect=[JobState.SENDING, JobState.UNKNOWN], what="sent", evidence={"by": by},
        native_id=native_id,
    )  # fmt: skip
    tell(News("submitted", t("submitted: {job}, there called {native}", job=job_id, native=native_id)))
    return ledger.get(job_id)


def _not_submitted(ledger: Ledger, job_id: str, error: BaseException) -> None:
    why = error.message if isinstance(error, DkaiError) else type(error).__name__
    code = error.code if isinstance(error, DkaiError) else "interrupted"
    ledger.move(
        job_id, JobState.ENDED, expect=[JobState.SENDING], what="not-submitted", outcome=Outcome.NOT_SUBMITTED,
        evidence={"why": why, "code": code},
    )  # fmt: skip


def _explained(error: BaseException, job_id: str) -> BaseException:
    """The same error, with what it means for the job."""
    again = t("nothing was submitted; try again with: dkai compute submit --resume {job}", job=job_id)
    if isinstance(error, KeyboardInterrupt):
        return Interrupted(t("stopped before the job was submitted"), code="interrupted", hint=again)
    if isinstance(error, DkaiError):
        hint = f"{error.hint}\n{again}" if error.hint else again
        return type(error)(error.message, code=error.code, hint=hint, details=error.details)
    return error


@dataclass(frozen=True, slots=True)
class _Doubt:
    """A submission whose answer was lost."""

    plan: Plan
    ledger: Ledger
    link: Link
    tell: Tell
    sleep: Callable[[float], None]

    def settle(self, error: Refused | RemoteError) -> Job:
        """Find out what became of it; RemoteError `submission-uncertain` when nobody knows (yet)."""
        job_id = self.plan.job_id
        cause = {"code": error.code, "why": error.message}
        self.ledger.note(job_id, "doubt", cause)
        self.tell(News("checking", t("the answer was lost; asking whether {job} was accepted …", job=job_id)))
        for wait in DOUBT_WAITS:
            native_id = self._ask(wait)
            if native_id is not None:
                return _sent(self.ledger, job_id, native_id, "asked", self.tell)
        self.ledger.move(job_id, JobState.UNKNOWN, expect=[JobState.SENDING], what="unknown", evidence=cause)
        raise RemoteError(
            t("it is not known whether {job} was accepted: {why}", job=job_id, why=error.message),
            code="submission-uncertain",
            hint=t("do not submit it again; find out with: dkai compute jobs --refresh"),
            details={"job_id": job_id},
        ) from error

    def _ask(self, wait: float) -> str | None:
        self.sleep(wait)
        scheduler = self.link.scheduler
        try:
            command = scheduler.status([(self.plan.job_id, self.plan.folder, None)])
            status = scheduler.parse_status(self.link.run(command)).get(self.plan.job_id)
        except RemoteError:
            # The next question is asked over a new connection.
            self.link.drop()
            return None
        return status.native_id if status is not None else None
