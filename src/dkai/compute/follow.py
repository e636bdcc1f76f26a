"""Watch a job until it ends: its state, and its log as it grows. The job never depends on the watcher."""

from __future__ import annotations

import codecs
import time
from collections.abc import Callable

from dkai.compute.job import JobState, JobStatus, Outcome
from dkai.compute.ledger import Job, Ledger
from dkai.compute.link import Link
from dkai.compute.news import News, Tell
from dkai.compute.refresh import refresh
from dkai.core.clean import no_controls
from dkai.core.errors import RemoteError
from dkai.core.i18n import t

Sleep = Callable[[float], None]
PIECE = 200_000  # bytes of a log read at once
RETRY_S = (1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0)  # after a lost connection; the last one again and again
# What the person must mend: trying again would only repeat it.
_HOPELESS = ("unknown-host-key", "changed-host-key", "ssh-key-refused", "login-not-accepted", "second-factor-needed")


def follow(
    job: Job, ledger: Ledger, link: Link, tell: Tell, *, log: bool = True, sleep: Sleep = time.sleep,
    give_up_s: float | None = None,
) -> Job:  # fmt: skip
    """The job once it has ended. A lost connection is opened again, for as long as it takes (or `give_up_s`).

    Ctrl-C goes through to the caller: it ends the watching, not the job.
    """
    reader = LogReader(job, link)
    pause = Pause(link)
    failures, lost_at, told = 0, 0.0, ""
    while True:
        try:
            job = refresh([job], ledger, link)[0]
            piece = reader.read() if log else ""
            if failures:
                tell(News("back", t("connected again")))
            failures = 0
        except RemoteError as error:
            if error.code in _HOPELESS:
                raise
            lost_at = lost_at if failures else time.monotonic()
            if give_up_s is not None and time.monotonic() - lost_at > give_up_s:
                raise
            wait = RETRY_S[min(failures, len(RETRY_S) - 1)]
            failures += 1
            link.drop()
            clock = time.strftime("%H:%M:%S")
            tell(News("lost", t("{why} ({clock}); trying again in {n} s (the job does not depend on this window)",
                                why=error.message, clock=clock, n=round(wait))))  # fmt: skip
            sleep(wait)
            continue
        if piece:
            tell(News("log", text=piece))
            pause.reset()
        if (says := describe(job, link)) != told:
            tell(News("state", says))
            told = says
            pause.reset()
        if not job.is_open:
            while log and (piece := reader.read(final=True)):
                tell(News("log", text=piece))
            return job
        sleep(pause.next())


class Pause:
    """How long to wait before asking again: short at first and when something happens, longer when nothing does.

    A login node is everybody's; squeue more than twice a minute for hours is what sites ask people not to do.
    """

    def __init__(self, link: Link) -> None:
        local = link.site.host == "local" and link.site.scheduler == "process"
        self._first, self._last = (0.1, 1.0) if local else (1.0, 30.0)
        self._now = self._first

    def next(self) -> float:
        """Seconds to wait now."""
        now = self._now
        self._now = min(self._now * 1.5, self._last)
        return now

    def reset(self) -> None:
        """Something happened: look again soon (but not as soon as at the beginning)."""
        self._now = max(self._first, min(self._now, self._last / 10))


class LogReader:
    """A job's log, piece by piece, as text that cannot steer the terminal."""

    def __init__(self, job: Job, link: Link) -> None:
        self._path, self._link, self._offset = f"{job.folder}/log", link, 0
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def read(self, *, final: bool = False) -> str:
        """What is new; empty when there is nothing. Without `final` only whole lines."""
        data = self._link.host.read(self._path, self._offset, PIECE) or b""
        if not final and len(data) < PIECE:
            data = data[: data.rfind(b"\n") + 1]
        self._offset += len(data)
        return no_controls(self._decoder.decode(data))


def last_lines(job: Job, link: Link, lines: int) -> str:
    """The end of the log; all of it with `lines` 0. Raises RemoteError."""
    reader, text = LogReader(job, link), ""
    while piece := reader.read(final=True):
        text += piece
        if lines:
            text = "\n".join(text.split("\n")[-(lines + 1) :])
    return text


def describe(job: Job, link: Link) -> str:
    """Where the job stands, as one sentence without its clock."""
    status = job.status
    node = status.get("node")
    if job.state is JobState.ENDED:
        return outcome_words(job.outcome)
    if job.state is JobState.RUNNING:
        return t("running on {node}", node=node) if node else t("running")
    if job.state is JobState.QUEUED:
        reason = link.scheduler.explain(_status_of(job))
        return t("queued: {reason}", reason=reason) if reason else t("queued")
    if job.state is JobState.UNKNOWN:
        return t("not known; asking again")
    return t("sent")


def outcome_words(outcome: Outcome | None) -> str:
    """How a job ended, in words."""
    return {
        Outcome.COMPLETED: t("finished"),
        Outcome.FAILED: t("failed"),
        Outcome.TIMEOUT: t("stopped: its time was up"),
        Outcome.CANCELLED: t("cancelled"),
        Outcome.OUT_OF_MEMORY: t("stopped: it used more memory than it asked for"),
        Outcome.NODE_FAIL: t("stopped: the node failed"),
        Outcome.NOT_SUBMITTED: t("never submitted"),
    }.get(outcome or Outcome.UNKNOWN, t("ended; how is not known"))


def _status_of(job: Job) -> JobStatus:
    from dkai.core.revive import revive

    return revive(JobStatus, {"state": job.state.value, **job.status})
