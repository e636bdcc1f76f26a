"""What can be done with jobs that were submitted: list, look, read the log, cancel, fetch. Results are plain views."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dkai.app.submit_walk import must_be_ours, site_of
from dkai.compute.causes import LINES, Cause, cause_of
from dkai.compute.follow import describe, last_lines, log_pieces, status_of
from dkai.compute.job import JobState, Outcome, TaskCounts
from dkai.compute.ledger import Job, Ledger, open_ledger
from dkai.compute.link import Ask, Link, Links
from dkai.compute.news import News, Tell, silent
from dkai.compute.plan import Plan, read_plan
from dkai.compute.site import Site
from dkai.compute.sites_file import load_sites
from dkai.core.clean import no_controls
from dkai.core.errors import DkaiError, JobFailed, UserError
from dkai.core.i18n import nt, t
from dkai.core.numbers import utc

if TYPE_CHECKING:
    from dkai.compute.fetch import Fetched

CANCEL_WAITS = (0.0, 1.0, 2.0, 3.0)
SHOWN = 12  # lines of a failed job's log


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a job, as the ledger has it."""

    at: datetime
    what: str
    state: str | None
    evidence: dict[str, Any]


@dataclass(frozen=True, slots=True)
class JobView:
    """One job. `says` is where it stands in words; times are None where they are not known (yet)."""

    id: str
    name: str
    recipe: str
    site: str
    state: JobState
    outcome: Outcome | None
    says: str
    native_id: str | None
    node: str | None
    exit_code: int | None
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    seen_at: datetime | None
    folder: str
    fetched_to: str | None
    steps: tuple[Step, ...] = ()
    reason: str | None = None  # the scheduler's own word for it
    can_do: str = ""  # about a job that waits
    start_guess: datetime | None = None  # the scheduler's, of a job that waits
    cause: Cause | None = None  # of a job that failed
    log_end: tuple[str, ...] = ()  # of a job that failed, where its site was asked
    tasks: TaskCounts | None = None  # of a sweep: how many of its tasks stand how


@dataclass(frozen=True, slots=True)
class JobList:
    """Jobs, newest first. `problems` names sites that could not be asked, `notes` those that were not asked again."""

    items: tuple[JobView, ...]
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def list_jobs(
    limit: int = 20, *, site: str | None = None, ask_sites: bool = False, tell: Tell = silent, ask: Ask | None = None
) -> JobList:
    """The newest jobs. With `ask_sites` the sites are asked first, with one command each, also for unknown jobs."""
    problems: list[str] = []
    notes: list[str] = []
    with open_ledger() as ledger:
        if ask_sites:
            for name, one in _to_ask(ledger, site).items():
                problem, note = _ask_site(ledger, name, one, tell, ask)
                problems += problem
                notes += note
        jobs = ledger.recent(limit, site=site)
        return JobList(tuple(view(job, ledger) for job in jobs), tuple(problems), tuple(notes))


def _to_ask(ledger: Ledger, only: str | None) -> dict[str, Site | DkaiError]:
    """The sites with open jobs, and those where jobs may be that this ledger does not know."""
    wanted: dict[str, Site | DkaiError] = {}
    for job in ledger.open_jobs(only):
        if job.site not in wanted:
            try:
                wanted[job.site] = site_of(job, ledger)
            except DkaiError as error:
                wanted[job.site] = error
    for name, site in load_sites().items():
        if site.has_queue and only in (None, name) and _can_be_asked(site):
            wanted.setdefault(name, site)
    return wanted


def _can_be_asked(site: Site) -> bool:
    """Whether a place may be asked although no job there is known to be open: UCloud with a token that is kept."""
    if site.host != "ucloud":
        return True
    from dkai.compute.host.ucloud_token import kept_token

    return kept_token() is not None


def _ask_site(
    ledger: Ledger, name: str, site: Site | DkaiError, tell: Tell, ask: Ask | None
) -> tuple[list[str], list[str]]:
    """Bring one site's jobs up to date; why it could not be asked, and what there is to say beside."""
    from dkai.compute.pace import too_soon
    from dkai.compute.refresh import refresh_site

    try:
        if isinstance(site, DkaiError):
            raise site
        if note := too_soon(site):
            tell(News("warning", note))
            return [], [note]
        tell(News("connecting", t("asking {site} …", site=name)))
        with Link(site, ask) as link:
            adopted = refresh_site(ledger, link, _base(site))
    except DkaiError as error:
        return [f"{name}: {error.message}"], []
    if not adopted:
        return [], []
    note = nt(
        "{site}: {n} job of yours was not in this computer's list, and is now",
        "{site}: {n} jobs of yours were not in this computer's list, and are now",
        len(adopted), site=name,
    )  # fmt: skip
    tell(News("adopted", note))
    return [], [note]


def _base(site: Site) -> str | None:
    """The folder for jobs there, as far as it is known without asking."""
    from dkai.compute.discover import last_said
    from dkai.compute.plan import base_folder

    if site.base is not None:
        return site.base
    cluster = last_said(site)
    return base_folder(site, cluster) if cluster is not None and cluster.home else None


def look(word: str, *, ask_site: bool = True, tell: Tell = silent, ask: Ask | None = None) -> JobView:
    """One job as it stands now. Raises UserError or RemoteError."""
    with open_ledger() as ledger:
        job = ledger.find(word)
        if ask_site and job.is_open:
            from dkai.compute.pace import too_soon
            from dkai.compute.refresh import refresh

            site = site_of(job, ledger)
            if note := too_soon(site):
                tell(News("warning", note))
                return view(job, ledger, steps=True)
            tell(News("connecting", t("asking {site} …", site=job.site)))
            with Link(site, ask) as link:
                job = refresh([job], ledger, link)[0]
                return view(job, ledger, steps=True, log=log_end(job, link))
        if not ask_site or not has_failed(job):
            return view(job, ledger, steps=True)
        tell(News("connecting", t("asking {site} …", site=job.site)))
        with Link(site_of(job, ledger), ask) as link:
            return view(job, ledger, steps=True, log=log_end(job, link))


def has_failed(job: Job) -> bool:
    """Whether it ended in a way that its log may explain."""
    return job.outcome in (Outcome.FAILED, Outcome.TIMEOUT, Outcome.OUT_OF_MEMORY, Outcome.NODE_FAIL)


def log_end(job: Job, link: Link) -> str:
    """The end of a failed job's log; empty for any other job, and where the log cannot be read."""
    if not has_failed(job):
        return ""
    try:
        return last_lines(job, link, LINES, most=64_000)
    except DkaiError:
        return ""


def why_failed(error: JobFailed, word: str, links: Links | None = None) -> JobFailed:
    """The same error with the cause in it, where the end of the job's log tells one."""
    with open_ledger() as ledger:
        job = ledger.find(word)
        if not has_failed(job):
            return error
        with nullcontext(links) if links is not None else Links() as ways:
            cause = cause_of(job, log_end(job, ways.to(site_of(job, ledger))))
    if cause is None:
        return error
    hint = "\n".join(line for line in (cause.do, error.hint or "") if line)
    return JobFailed(
        t("{what}: {why}", what=error.message, why=cause.says), code=error.code, hint=hint,
        details={**error.details, "cause": cause.id, "line": cause.line},
    )  # fmt: skip


def view(job: Job, ledger: Ledger, *, steps: bool = False, log: str = "") -> JobView:
    """The job as people and programs see it. `log` is the end of its log, if it failed."""
    status = job.status
    events = ledger.events(job.job_id) if steps else []
    return JobView(
        id=job.job_id,
        name=job.recipe,
        recipe=job.recipe,
        site=job.site,
        state=job.state,
        outcome=job.outcome,
        says=words(job, ledger),
        native_id=job.native_id,
        node=status.get("node"),
        exit_code=status.get("exit_code"),
        created_at=datetime.fromtimestamp(job.created_at, UTC),
        started_at=None if job.never_started else utc(status.get("started_at")),
        ended_at=utc(status.get("ended_at")),
        seen_at=utc(status.get("seen_at")),
        folder=job.folder,
        fetched_to=job.fetched_to,
        steps=tuple(Step(datetime.fromtimestamp(e.at, UTC), e.what, e.state, e.evidence) for e in events),
        reason=status.get("reason"),
        can_do=_can_do(job, ledger) if steps else "",
        start_guess=utc(_ahead(status.get("start_guess"))) if job.state is JobState.QUEUED else None,
        cause=cause_of(job, log) if steps else None,
        log_end=tuple(no_controls(line.rstrip().expandtabs(4))[:200] for line in log.split("\n") if line.strip())[
            -SHOWN:
        ],
        tasks=status_of(job).tasks,
    )


def _ahead(moment: Any) -> float | None:
    """A guess that has not come to pass; one of the past says nothing."""
    return moment if isinstance(moment, (int, float)) and moment > time.time() else None


def _can_do(job: Job, ledger: Ledger) -> str:
    if job.state is not JobState.QUEUED:
        return ""
    with Link(site_of(job, ledger)) as link:  # not connected
        return link.scheduler.remedy(status_of(job))


def words(job: Job, ledger: Ledger) -> str:
    """Where a job stands, as one sentence."""
    from dkai.compute.verify import is_waiting

    if job.state is JobState.SENDING:
        return t("being sent, or cut off while it was: --refresh finds out")
    if job.state is JobState.HANDED_OVER:
        return t("handed to you to start in the browser; whether you did is not known")
    if job.state is JobState.UNKNOWN:
        return t("not known: --refresh asks again")
    if job.outcome is Outcome.NOT_SUBMITTED:
        why = next(
            (e.evidence.get("why") for e in reversed(ledger.events(job.job_id)) if e.what == "not-submitted"), ""
        )
        return t("never submitted: {why}", why=why or "–")
    if job.state in (JobState.SENT, JobState.QUEUED) and is_waiting(ledger, job.job_id):
        return t(
            "held, and not yet compared with its quote: go on with dkai compute submit --resume {job}", job=job.job_id
        )
    with Link(site_of(job, ledger)) as link:  # not connected: only the scheduler's words are needed
        return describe(job, link)


def log_text(word: str, lines: int, ask: Ask | None = None) -> Iterator[str]:
    """The end of a job's log, or all of it with 0 lines, a piece at a time. Raises UserError or RemoteError."""
    with open_ledger() as ledger:
        job = ledger.find(word)
        must_be_ours(job)
        with Link(site_of(job, ledger), ask) as link:
            is_empty = True
            for piece in [last_lines(job, link, lines)] if lines else log_pieces(job, link):
                is_empty = is_empty and not piece
                yield piece
    if not is_empty:
        return
    if job.is_open:
        message, hint = (
            t("{job} has written no log yet", job=job.job_id),
            t("wait for it with: dkai compute logs --follow {job}", job=job.job_id),
        )
    else:
        message, hint = (
            t("{job} left no log", job=job.job_id),
            t("see what became of it: dkai compute status {job}", job=job.job_id),
        )
    raise UserError(message, code="no-log", hint=hint)


def cancel(word: str, tell: Tell = silent, ask: Ask | None = None) -> JobView:
    """End a job; returns it as it stands afterwards. Raises UserError or RemoteError."""
    from dkai.compute.refresh import refresh

    with open_ledger() as ledger:
        job = ledger.find(word)
        if job.state in (JobState.PLANNED, JobState.HANDED_OVER, JobState.ENDED):
            raise UserError(
                t("{job} cannot be cancelled: {says}", job=job.job_id, says=words(job, ledger)),
                code="not-running",
                hint=t("if you started it in the browser, stop it there")
                if job.state is JobState.HANDED_OVER
                else t("see what is running: dkai compute jobs"),
            )
        with Link(site_of(job, ledger), ask) as link:
            job = refresh([job], ledger, link)[0]
            if not job.is_open:
                return view(job, ledger, steps=True)
            ledger.note(job.job_id, "cancelling", {})
            tell(News("cancelling", t("cancelling {job} …", job=job.job_id)))
            scheduler = link.scheduler
            scheduler.parse_cancel(link.run(scheduler.cancel(job.job_id, job.folder, job.native_id)))
            # The processes are given time to end by themselves.
            for wait in CANCEL_WAITS:
                time.sleep(wait)
                job = refresh([job], ledger, link)[0]
                if not job.is_open:
                    break
        return view(job, ledger, steps=True)


def fetch(
    word: str, into: Path | None, tell: Tell = silent, ask: Ask | None = None, *, overwrite: bool = False
) -> Fetched:
    """Bring the results home. Raises UserError or RemoteError."""
    from dkai.app import sweep
    from dkai.compute.fetch import default_folder
    from dkai.compute.fetch import fetch as bring_home
    from dkai.compute.refresh import refresh

    with open_ledger() as ledger:
        job = ledger.find(word)
        must_be_ours(job)
        if job.outcome is Outcome.NOT_SUBMITTED or job.state is JobState.PLANNED:
            raise UserError(
                t("{job} was never submitted: there is nothing to fetch", job=job.job_id),
                code="nothing-to-fetch",
                hint=t("submit it with: dkai compute submit --resume {job}", job=job.job_id),
            )
        with Link(site_of(job, ledger), ask) as link:
            if job.is_open:
                job = refresh([job], ledger, link)[0]
            if job.is_open:
                tell(News("warning", t("{job} has not ended: these are its results so far", job=job.job_id)))
            where, plan = into or default_folder(job, Path.cwd()), _plan(job, ledger)
            if plan is None or not plan.spec.tasks:
                return bring_home(job, ledger, link, where, tell, overwrite=overwrite)
            sweep.must_be_free(where, overwrite=overwrite)
            found = bring_home(job, ledger, link, where, tell, overwrite=overwrite)
            return replace(found, table=sweep.gather(job, plan, link, where))


def _plan(job: Job, ledger: Ledger) -> Plan | None:
    """The job's plan; None where this dkai cannot read it: results can be had all the same."""
    try:
        return read_plan(ledger.plan(job.job_id))
    except UserError:
        return None
