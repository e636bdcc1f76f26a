"""Carry out a plan exactly once.

Each step is in the ledger before it is taken. Files and submission travel as one stream, whose last piece, without
which nothing is submitted, is sent only when `submitting` is in the ledger. After that nothing is ever tried again on a
guess: the place is asked, by the job's own name, what it knows. Should a job be started twice after all, the lock in
its folder ends the second one.
"""

from __future__ import annotations

import hashlib
import os
import platform
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dkai.compute import verify
from dkai.compute.host import CommandResult, Progress, Upload
from dkai.compute.job import JobState, JobStatus, Outcome
from dkai.compute.ledger import Job, Ledger, open_ledger
from dkai.compute.link import Link
from dkai.compute.news import News, Tell, silent
from dkai.compute.plan import Plan, PlannedFile, plan_text, travelling
from dkai.compute.reconnect import Carrier
from dkai.compute.scheduler import Command
from dkai.core.errors import DkaiError, Interrupted, Refused, RemoteError, UserError
from dkai.core.i18n import t
from dkai.core.units import show_bytes

# How long the scheduler is asked about a submission whose answer was lost. sacct is about 3 s behind.
DOUBT_WAITS = (0.0, 1.0, 2.0, 4.0, 8.0)
AHEAD_BYTES = 4 << 20  # of more than this the person's files go before the rest, by the way that can be gone on with


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

    With `plan.verify` the job is submitted held, and let go once the scheduler's reading of it is the plan's. Raises
    Refused (the scheduler does not take it, or reads it otherwise), RemoteError, UserError (an input file has changed)
    or Interrupted; in each case the ledger says what is known, and `dkai compute jobs --refresh` finds out the rest.
    """
    check_files(plan)
    if plan.verify:
        verify.must_be_possible(plan.site)
    job_id, attempt = plan.job_id, os.urandom(4).hex()
    mine = {"pid": os.getpid(), "born": _born(), "node": platform.node(), "attempt": attempt, "verify": plan.verify}
    command = link.scheduler.submit(plan.spec, plan.folder, plan.python, attempt, hold=plan.verify)
    before = ledger.get(job_id)
    if not ledger.move(job_id, JobState.SENDING, expect=_may_send(before), what="sending", evidence=mine):
        raise _already_sent(job_id)
    words = [word for word in command.argv if "\n" not in word]
    gate = _Gate(ledger.path, job_id, attempt, {"argv": words}, tell)
    answer: CommandResult | None = None
    try:
        answer = _hand_over(plan, link, command, gate, tell, again=before.state is JobState.ENDED)
        native_id = link.scheduler.parse_submit(answer)
    except BaseException as error:
        if not gate.shut() or _did_not_run(error, answered=answer is not None):
            _not_submitted(ledger, job_id, attempt, error)
            raise _explained(error, job_id) from error
        # It was on its way: whatever went wrong after that, the scheduler may have it.
        if isinstance(error, KeyboardInterrupt):
            raise _interrupted(ledger, job_id) from None
        if not isinstance(error, RemoteError):
            raise
        answer, native_id = None, _settled(_Doubt(plan, ledger, link, tell, sleep, attempt), error)
    if plan.verify:
        return verify.held(plan, native_id, ledger, link, answer=answer, tell=tell)
    return _sent(ledger, job_id, native_id, "asked" if answer is None else "answer", tell)


class _Gate:
    """The last look at the ledger, when everything is under way and nothing runs yet; may be in another thread.

    Should a `--refresh` elsewhere have taken us for dead, or we ourselves have stopped, it does not open.
    """

    def __init__(self, path: Path, job_id: str, attempt: str, evidence: dict[str, Any], tell: Tell) -> None:
        self._path, self._job_id, self._attempt = path, job_id, attempt
        self._evidence, self._tell = evidence, tell
        self._lock = threading.Lock()
        self._opened = self._shut = False

    def open(self) -> None:
        """Write `submitting`. Raises UserError when that is not to be."""
        with self._lock:
            if self._shut:
                raise _already_sent(self._job_id)
            # A connection of its own: SQLite's belong to the thread that opened them.
            with open_ledger(self._path) as ledger:
                if not ledger.move(
                    self._job_id, JobState.SENDING, expect=[JobState.SENDING], what="submitting",
                    evidence=self._evidence, attempt=self._attempt,
                ):  # fmt: skip
                    raise _already_sent(self._job_id)
            self._opened = True
        self._tell(News("submitting", t("submitting …")))

    def shut(self) -> bool:
        """Let nobody through any more; whether somebody has gone through."""
        with self._lock:
            self._shut = True
            return self._opened


def _did_not_run(error: BaseException, *, answered: bool) -> bool:
    """Whether the error itself says that the scheduler does not have the job."""
    if isinstance(error, RemoteError):
        return error.code != "submission-uncertain" if answered else error.details.get("ran") is False
    return isinstance(error, (Refused, UserError))


def _interrupted(ledger: Ledger, job_id: str) -> Interrupted:
    ledger.move(job_id, JobState.UNKNOWN, expect=[JobState.SENDING], what="interrupted", evidence={"by": "Ctrl-C"})
    return Interrupted(
        t("stopped while {job} was being submitted: it may have been accepted", job=job_id),
        code="interrupted",
        hint=t("find out with: dkai compute jobs --refresh"),
    )


def _already_sent(job_id: str) -> UserError:
    return UserError(
        t("{job} has been sent already, or is being sent by another dkai", job=job_id),
        code="already-sent",
        hint=t("see where it stands: dkai compute status {job}", job=job_id),
    )


def check_files(plan: Plan) -> None:
    """Raise UserError when a file is not as it was when the plan was made."""
    for file in plan.files:
        if file.source is None and file.text is None:
            raise UserError(
                t("the files of {job} are not on this computer: it was submitted from another one", job=plan.job_id),
                code="files-elsewhere",
                hint=t("submit it anew from the recipe: dkai compute submit {recipe}", recipe=plan.spec.recipe),
            )
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


def _hand_over(plan: Plan, link: Link, command: Command, gate: _Gate, tell: Tell, *, again: bool) -> CommandResult:
    """The files and the submission, as one stream; of much the files go ahead (with `again`: are gone on with)."""
    tell(News("connecting", t("connecting to {site} …", site=plan.site.id)))
    uploads = [_upload(file) for file in (*plan.files, travelling(plan))]
    total = sum(upload.size for upload in uploads)
    says = t("sending {n} files, {size}", n=len(uploads), size=show_bytes(total))

    def progress(done: int, _: int = 0) -> None:
        tell(News("sending", says, done, total))

    progress(0)
    ahead = [upload for upload in uploads if isinstance(upload.source, Path)] if total > AHEAD_BYTES else []
    if ahead:
        _send_ahead(plan, link, ahead, tell, progress, again=again)
    gone = {upload.to for upload in ahead}
    ahead_size = sum(upload.size for upload in ahead)
    return link.host.send_and_run(
        plan.folder, [upload for upload in uploads if upload.to not in gone], command.argv, commit=gate.open,
        timeout=command.timeout, progress=lambda done, _: progress(ahead_size + done),
    )  # fmt: skip


def _send_ahead(
    plan: Plan, link: Link, files: Sequence[Upload], tell: Tell, progress: Progress, *, again: bool
) -> None:
    """Files, before anything is submitted: where the connection is lost, they are gone on with over another."""
    carrier = Carrier(link, tell)
    furthest = 0

    def show(done: int, total: int) -> None:
        nonlocal furthest
        carrier.moved(max(0, done - furthest))
        furthest = max(furthest, done)
        progress(done, total)

    carrier.run(lambda: link.host.send(plan.folder, files, show, again=again or carrier.again))


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


def _not_submitted(ledger: Ledger, job_id: str, attempt: str, error: BaseException) -> None:
    why = error.message if isinstance(error, DkaiError) else type(error).__name__
    code = error.code if isinstance(error, DkaiError) else "interrupted"
    ledger.move(
        job_id, JobState.ENDED, expect=[JobState.SENDING], what="not-submitted", outcome=Outcome.NOT_SUBMITTED,
        evidence={"why": why, "code": code}, attempt=attempt,
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
    attempt: str

    def ask(self, wait: float) -> JobStatus | None:
        """What the place knows of the job; None when nothing (yet), or it cannot be reached."""
        self.sleep(wait)
        scheduler, plan = self.link.scheduler, self.plan
        try:
            command = scheduler.status([(plan.job_id, plan.folder, None)], {plan.job_id: self.attempt})
            return scheduler.parse_status(self.link.run(command)).get(plan.job_id)
        except RemoteError:
            # The next question is asked over a new connection.
            self.link.drop()
            return None


def _settled(doubt: _Doubt, error: RemoteError) -> str:
    """The scheduler's number of a job whose answer was lost; RemoteError `submission-uncertain` when nobody knows.

    Where the place says that the submission never came so far, the error is the one that was had, with what it means.
    """
    job_id, ledger = doubt.plan.job_id, doubt.ledger
    cause = {"code": error.code, "why": error.message}
    ledger.note(job_id, "doubt", cause)
    doubt.tell(News("checking", t("the answer was lost; asking whether {job} was accepted …", job=job_id)))
    for wait in DOUBT_WAITS:
        try:
            status = doubt.ask(wait)
        except KeyboardInterrupt:
            raise _interrupted(ledger, job_id) from None
        if status is not None and status.outcome is Outcome.NOT_SUBMITTED:
            _not_submitted(ledger, job_id, doubt.attempt, error)
            raise _explained(error, job_id) from error
        if status is not None and status.native_id is not None:
            return status.native_id
    ledger.move(job_id, JobState.UNKNOWN, expect=[JobState.SENDING], what="unknown", evidence=cause)
    raise RemoteError(
        t("it is not known whether {job} was accepted: {why}", job=job_id, why=error.message),
        code="submission-uncertain",
        hint=t("do not submit it again; find out with: dkai compute jobs --refresh"),
        details={"job_id": job_id},
    ) from error
