"""Watch a job until it ends: its state, and its log as it grows. The job never depends on the watcher."""

from __future__ import annotations

import codecs
import re
import time
from collections.abc import Callable, Iterator

from dkai.compute.job import JobState, JobStatus, Outcome, TaskCounts
from dkai.compute.ledger import Job, Ledger
from dkai.compute.link import Link
from dkai.compute.news import News, Tell
from dkai.compute.refresh import refresh
from dkai.core.clean import no_controls, one_line
from dkai.core.errors import RemoteError
from dkai.core.i18n import t

Sleep = Callable[[float], None]
PIECE = 200_000  # bytes of a log read at once
# A log that grows faster than it is read is caught up with little by little: so many pieces, a breath, and again; after
# so many rounds the job itself is looked at.
BURST, BREATH_S, ROUNDS = 10, 0.3, 20
OVERLAP = 64  # bytes read again each time, to see that it is still the same log
RETRY_S = (1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0)  # after a lost connection; the last one again and again
# What the person must mend: trying again would only repeat it.
_HOPELESS = ("unknown-host-key", "changed-host-key", "ssh-key-refused", "login-not-accepted", "second-factor-needed")


def follow(
    job: Job, ledger: Ledger, link: Link, tell: Tell, *, log: bool = True, sleep: Sleep = time.sleep,
    give_up_s: float | None = None, pause: Pause | None = None,
) -> Job:  # fmt: skip
    """The job once it has ended. A lost connection is opened again, for as long as it takes (or `give_up_s`).

    `pause` says how often the place is asked. Ctrl-C goes through to the caller: it ends the watching, not the job.
    """
    reader = LogReader(job, link)
    pause = pause or Pause(link)
    failures, rounds, lost_at, told = 0, 0, 0.0, ""
    while True:
        try:
            rounds = rounds + 1 if reader.has_more and rounds < ROUNDS else 0
            if not rounds:
                job = refresh([job], ledger, link)[0]
            pieces = reader.burst(final=not job.is_open) if log else []
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
        if reader.began_anew:
            tell(News("log-restarted", t("the log was begun anew; from here on it is the new one")))
            reader.began_anew = False
        for piece in pieces:
            tell(News("log", text=piece))
        if (says := describe(job, link)) != told:
            tell(News("state", says))
            told = says
            pause.reset()
        if pieces:
            pause.reset()
        if not job.is_open:
            if not pieces:
                return job
            continue  # what is left of its log
        sleep(BREATH_S if reader.has_more else pause.next())


class Pause:
    """How long to wait before asking again: short at first and when something happens, longer when nothing does.

    A login node is everybody's; squeue more than twice a minute for hours is what sites ask people not to do. A site
    with rules of its own gives `shortest` and `longest`, in seconds.
    """

    def __init__(self, link: Link, shortest: float | None = None, longest: float | None = None) -> None:
        local = link.site.host == "local" and link.site.scheduler == "process"
        first, last = (0.1, 1.0) if local else (1.0, 30.0)
        self._first = first if shortest is None else shortest
        self._last = max(self._first, last if longest is None else longest)
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
    """A job's log, piece by piece, as text that cannot steer the terminal.

    `began_anew` says that the log is another than the one that was read so far: shorter, or with another text where
    reading had stopped. It is then read from its beginning. `has_more` says that the last burst did not reach the end.
    """

    def __init__(self, job: Job, link: Link) -> None:
        self._path, self._link, self._offset = f"{job.folder}/log", link, 0
        self._seen = b""  # the last bytes before the offset
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self.began_anew, self.has_more = False, False

    def read(self, *, final: bool = False) -> str:
        """What is new; empty when there is nothing. Without `final` only whole lines."""
        seen = self._seen
        found = self._link.host.read(self._path, self._offset - len(seen), PIECE + len(seen))
        if found is None and not self._offset:
            return ""  # it has not started yet
        data = found or b""
        if not data.startswith(seen):
            self._offset, self._seen, self.began_anew = 0, b"", True
            self._decoder.reset()
            return self.read(final=final)
        data = data[len(seen) :]
        self.has_more = len(data) == PIECE
        if not final and not self.has_more:
            # A bar that shows progress goes back to the line's beginning without ending the line.
            data = data[: max(data.rfind(b"\n"), data.rfind(b"\r", 0, -1)) + 1]
        self._offset += len(data)
        self._seen = (seen + data)[-OVERLAP:]
        return _plain(self._decoder.decode(data))

    def burst(self, *, final: bool = False) -> list[str]:
        """The next pieces, at most `BURST` of them."""
        pieces: list[str] = []
        for _ in range(BURST):
            piece = self.read(final=final)
            if piece:
                pieces.append(piece)
            if not self.has_more:
                break
        return pieces


_COLOURS = re.compile(r"\x1b\[[0-9;:?]*[A-Za-z]")


def _plain(text: str) -> str:
    """Without colours, and of a line that was written over again and again only what it ended as."""
    lines = _COLOURS.sub("", text).replace("\r\n", "\n").split("\n")
    # The line's end that a bar waits behind is kept as one.
    shown = [line.rstrip("\r").rpartition("\r")[2] + "\n" * line.endswith("\r") for line in lines]
    return no_controls("\n".join(shown))


def log_pieces(job: Job, link: Link) -> Iterator[str]:
    """The whole log, a piece at a time: it may be larger than the memory. Raises RemoteError."""
    reader = LogReader(job, link)
    while piece := reader.read(final=True):
        yield piece


def last_lines(job: Job, link: Link, lines: int, most: int = 5_000_000) -> str:
    """The last lines of the log, read from its end (of at most `most` bytes). Raises RemoteError."""
    size = 100 * (lines + 1)
    while True:
        size = min(max(size * 4, 16_000), most)
        data = link.host.read(f"{job.folder}/log", -size, size) or b""
        # One more than was asked for: the first is cut off, and a line may have been written over many times.
        rows = _plain(data.decode("utf-8", "replace")).split("\n")
        ends = not rows[-1]  # with a newline
        if len(data) < size or size == most or len(rows) - ends > lines:
            return "\n".join(rows[-(lines + ends) :])


def describe(job: Job, link: Link) -> str:
    """Where the job stands, as one sentence without its clock; of a sweep with how many tasks stand how."""
    counts, says = status_of(job).tasks, _describe(job, link)
    if counts is None or job.state in (JobState.SENT, JobState.UNKNOWN):
        return says
    return t("{how} · {counts}", how=says, counts=show_counts(counts))


def show_counts(counts: TaskCounts) -> str:
    """How many tasks stand how."""
    parts = [t("{n} of {total} tasks done", n=counts.completed, total=counts.total)]
    parts += [t("{n} failed", n=counts.failed)] if counts.failed else []
    parts += [t("{n} cancelled", n=counts.cancelled)] if counts.cancelled else []
    parts += [t("{n} running", n=counts.running)] if counts.running else []
    if counts.unknown:
        parts.append(t("{n} ended, how is not known", n=counts.unknown))
    return ", ".join(parts)


def _queued(reason: str, restarts: int) -> str:
    if restarts:
        again = t("was put back into the queue, for start {n}", n=restarts + 1)
        return f"{again}: {reason}" if reason else again
    return t("queued: {reason}", reason=reason) if reason else t("queued")


def _describe(job: Job, link: Link) -> str:
    status = job.status
    node, restarts = status.get("node"), status.get("restarts") or 0
    if job.state is JobState.ENDED:
        return outcome_words(job.outcome)
    if job.state is JobState.RUNNING:
        says = t("running on {node}", node=one_line(str(node))) if node else t("running")
        return t("{how} (start {n})", how=says, n=restarts + 1) if restarts else says
    if job.state is JobState.QUEUED:
        return _queued(link.scheduler.explain(status_of(job)), restarts)
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


def status_of(job: Job) -> JobStatus:
    """What was last seen of the job."""
    from dkai.core.revive import revive

    return revive(JobStatus, {"state": job.state.value, **job.status})
