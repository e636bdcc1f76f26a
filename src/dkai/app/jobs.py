"""What can be done with jobs that were submitted: list, look, cancel, fetch, receipt. Results are plain views."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from dkai.app.submit_walk import site_of
from dkai.compute.fetch import Fetched, default_folder
from dkai.compute.fetch import fetch as bring_home
from dkai.compute.follow import describe, last_lines
from dkai.compute.job import Accounting, JobState, Outcome
from dkai.compute.ledger import Job, Ledger, open_ledger
from dkai.compute.link import Ask, Link
from dkai.compute.news import News, Tell, silent
from dkai.compute.plan import read_plan
from dkai.compute.receipt import Receipt, make_receipt
from dkai.compute.refresh import refresh
from dkai.core.errors import DkaiError, RemoteError, UserError
from dkai.core.i18n import t
from dkai.core.plain import to_plain
from dkai.core.revive import revive

ACCOUNTING_WAITS = (0.0, 1.0, 2.0, 3.0)
CANCEL_WAITS = (0.0, 1.0, 2.0, 3.0)


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


@dataclass(frozen=True, slots=True)
class JobList:
    """Jobs, newest first. `problems` names sites that could not be asked."""

    items: tuple[JobView, ...]
    problems: tuple[str, ...] = ()


def list_jobs(
    limit: int = 20, *, site: str | None = None, ask_sites: bool = False, tell: Tell = silent, ask: Ask | None = None
) -> JobList:
    """The newest jobs; with `ask_sites` every site with an open job is asked first, with one command each."""
    problems: list[str] = []
    with open_ledger() as ledger:
        if ask_sites:
            problems = _ask_sites(ledger, ledger.open_jobs(site), tell, ask)
        jobs = ledger.recent(limit, site=site)
        return JobList(tuple(view(job, ledger) for job in jobs), tuple(problems))


def _ask_sites(ledger: Ledger, jobs: Sequence[Job], tell: Tell, ask: Ask | None) -> list[str]:
    problems = []
    for name in dict.fromkeys(job.site for job in jobs):
        theirs = [job for job in jobs if job.site == name]
        tell(News("connecting", t("asking {site} …", site=name)))
        try:
            with Link(site_of(theirs[0], ledger), ask) as link:
                refresh(theirs, ledger, link)
        except DkaiError as error:
            problems.append(f"{name}: {error.message}")
    return problems


def look(word: str, *, ask_site: bool = True, tell: Tell = silent, ask: Ask | None = None) -> JobView:
    """One job as it stands now. Raises UserError or RemoteError."""
    with open_ledger() as ledger:
        job = ledger.find(word)
        if ask_site and job.is_open:
            tell(News("connecting", t("asking {site} …", site=job.site)))
            with Link(site_of(job, ledger), ask) as link:
                job = refresh([job], ledger, link)[0]
        return view(job, ledger, steps=True)


def view(job: Job, ledger: Ledger, *, steps: bool = False) -> JobView:
    """The job as people and programs see it."""
    status = job.status
    events = ledger.events(job.job_id) if steps else []
    return JobView(
        id=job.job_id,
        name=job.recipe,
        recipe=job.recipe,
        site=job.site,
        state=job.state,
        outcome=job.outcome,
        says=_words(job, ledger),
        native_id=job.native_id,
        node=status.get("node"),
        exit_code=status.get("exit_code"),
        created_at=datetime.fromtimestamp(job.created_at, UTC),
        started_at=_when(status.get("started_at")),
        ended_at=_when(status.get("ended_at")),
        seen_at=_when(status.get("seen_at")),
        folder=job.folder,
        fetched_to=job.fetched_to,
        steps=tuple(Step(datetime.fromtimestamp(e.at, UTC), e.what, e.state, e.evidence) for e in events),
    )


def _words(job: Job, ledger: Ledger) -> str:
    if job.state is JobState.SENDING:
        return t("being sent, or cut off while it was: --refresh finds out")
    if job.state is JobState.UNKNOWN:
        return t("not known: --refresh asks again")
    if job.outcome is Outcome.NOT_SUBMITTED:
        why = next(
            (e.evidence.get("why") for e in reversed(ledger.events(job.job_id)) if e.what == "not-submitted"), ""
        )
        return t("never submitted: {why}", why=why or "–")
    with Link(site_of(job, ledger)) as link:  # not connected: only the scheduler's words are needed
        return describe(job, link)


def _when(moment: Any) -> datetime | None:
    return datetime.fromtimestamp(moment, UTC) if isinstance(moment, (int, float)) else None


def log_text(word: str, lines: int, ask: Ask | None = None) -> str:
    """The end of a job's log (all of it with 0 lines). Raises UserError or RemoteError."""
    with open_ledger() as ledger:
        job = ledger.find(word)
        with Link(site_of(job, ledger), ask) as link:
            text = last_lines(job, link, lines)
    if text:
        return text
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
    with open_ledger() as ledger:
        job = ledger.find(word)
        if job.state is JobState.PLANNED or (job.state is JobState.ENDED):
            raise UserError(
                t("{job} cannot be cancelled: {says}", job=job.job_id, says=_words(job, ledger)),
                code="not-running",
                hint=t("see what is running: dkai compute jobs"),
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
    with open_ledger() as ledger:
        job = ledger.find(word)
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
            return bring_home(job, ledger, link, into or default_folder(job, Path.cwd()), tell, overwrite=overwrite)


def receipt(word: str, tell: Tell = silent, ask: Ask | None = None) -> Receipt:
    """What a job cost beside its estimate, kept in the ledger. Where the site cannot be reached, the one kept before.

    Raises UserError (it has not ended, or was never submitted) or RemoteError.
    """
    with open_ledger() as ledger:
        job = ledger.find(word)
        try:
            made = _ask_for_receipt(job, ledger, tell, ask)
        except RemoteError as error:
            kept = ledger.receipt(job.job_id)
            if kept is None:
                raise
            tell(News("warning", t("{why}; this is the receipt as it was kept before", why=error.message)))
            return revive(Receipt, json.loads(kept))
        ledger.keep_receipt(job.job_id, json.dumps(to_plain(made), ensure_ascii=False))
        return made


def _ask_for_receipt(job: Job, ledger: Ledger, tell: Tell, ask: Ask | None) -> Receipt:
    plan = read_plan(ledger.plan(job.job_id))
    if job.outcome is not Outcome.NOT_SUBMITTED and job.state is not JobState.PLANNED:
        tell(News("connecting", t("asking {site} …", site=job.site)))
        with Link(site_of(job, ledger), ask) as link:
            if job.is_open:
                job = refresh([job], ledger, link)[0]
            if job.state is JobState.ENDED:
                return make_receipt(job, plan, _accounting(link, job, tell), _record(link, job))
    raise UserError(
        t("there is no receipt for {job} yet: {says}", job=job.job_id, says=_words(job, ledger)),
        code="not-ended",
        hint=t("wait for it with: dkai compute logs --follow {job}", job=job.job_id),
    )


def _accounting(link: Link, job: Job, tell: Tell) -> Accounting | None:
    """What the scheduler counted. It is a few seconds behind; the job's own record still tells most of it."""
    scheduler, found = link.scheduler, None
    for wait in ACCOUNTING_WAITS:
        time.sleep(wait)
        try:
            answer = link.run(scheduler.accounting(job.job_id, job.folder, job.native_id))
            found = scheduler.parse_accounting(answer)
        except RemoteError as error:
            tell(News("warning", error.message))
            return None
        if found is not None and found.ended_at is not None:
            return found
    return found


def _record(link: Link, job: Job) -> dict[str, Any]:
    data = link.host.read(f"{job.folder}/record.json", 0, 2_000_000)
    try:
        found = json.loads(data or b"{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
