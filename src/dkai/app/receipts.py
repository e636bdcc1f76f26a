"""A receipt asked for: accounting, the job's own record, and the end of its log, from its site or as kept before."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any

from dkai.app.jobs import log_end, words
from dkai.app.submit_walk import must_be_ours, site_of
from dkai.app.sweep import tally_of
from dkai.compute.job import Accounting, JobState, Outcome
from dkai.compute.ledger import Job, Ledger, open_ledger
from dkai.compute.link import Ask, Link
from dkai.compute.news import News, Tell, silent
from dkai.compute.plan import Plan, read_plan
from dkai.compute.receipt import Receipt, make_receipt
from dkai.compute.refresh import refresh
from dkai.core.errors import DkaiError, RemoteError, UserError
from dkai.core.i18n import t
from dkai.core.plain import to_plain
from dkai.core.revive import revive

# Accounting is some seconds behind. What ended long ago is there or never will be, and what takes long is not repeated.
WAITS, LAG_S, PATIENCE_S = (0.0, 1.0, 2.0, 3.0), 30.0, 8.0


def receipt(word: str, tell: Tell = silent, ask: Ask | None = None) -> Receipt:
    """What a job cost beside its estimate, kept in the ledger. Where the site cannot be reached, the one kept before.

    Raises UserError (it has not ended, or was never submitted) or RemoteError.
    """
    with open_ledger() as ledger:
        job = ledger.find(word)
        try:
            made = _ask_for_receipt(job, ledger, tell, ask)
        except RemoteError as error:
            kept = _kept(ledger.receipt(job.job_id))
            if kept is None:
                raise
            tell(News("warning", t("{why}; this is the receipt as it was kept before", why=error.message)))
            return kept
        ledger.keep_receipt(job.job_id, json.dumps(to_plain(made), ensure_ascii=False))
        return made


def _kept(text: str | None) -> Receipt | None:
    """The receipt that was kept; None where there is none, or an older dkai wrote it in another shape."""
    try:
        return None if text is None else revive(Receipt, json.loads(text))
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def _ask_for_receipt(job: Job, ledger: Ledger, tell: Tell, ask: Ask | None) -> Receipt:
    plan = read_plan(ledger.plan(job.job_id))
    if job.outcome is Outcome.NOT_SUBMITTED or job.state is JobState.PLANNED:
        raise UserError(
            t("there is no receipt for {job}: {says}", job=job.job_id, says=words(job, ledger)),
            code="never-submitted",
            hint=t("it cost nothing"),
        )
    must_be_ours(job)
    tell(News("connecting", t("asking {site} …", site=job.site)))
    with Link(site_of(job, ledger), ask) as link:
        if job.is_open:
            job = refresh([job], ledger, link)[0]
        if job.state is JobState.ENDED:
            accounting, record = _accounting(link, job, tell), _record(link, job, plan)
            return make_receipt(job, plan, accounting, record, log=log_end(job, link), place=_place(plan.site.provider))
    raise UserError(
        t("there is no receipt for {job} yet: {says}", job=job.job_id, says=words(job, ledger)),
        code="not-ended",
        hint=t("wait for it with: dkai compute logs --follow {job}", job=job.job_id),
    )


def _accounting(link: Link, job: Job, tell: Tell) -> Accounting | None:
    """What the scheduler counted; None where it does not say: the job's own record still tells most of it."""
    scheduler, began = link.scheduler, time.monotonic()
    ended = job.status.get("ended_at")
    lags = not isinstance(ended, (int, float)) or time.time() - ended < LAG_S
    found = None
    for wait in WAITS if lags else WAITS[:1]:
        time.sleep(wait)
        try:
            answer = link.run(scheduler.accounting(job.job_id, job.folder, job.native_id))
            found = scheduler.parse_accounting(answer)
        except RemoteError as error:
            tell(News("warning", error.message))
            return None
        if (found is not None and found.ended_at is not None) or time.monotonic() - began > PATIENCE_S:
            break
    if found is None:
        tell(News("warning", t("the site's accounting does not tell of the job: this is what the job itself recorded")))
    return found


def _record(link: Link, job: Job, plan: Plan) -> Mapping[str, Any]:
    if plan.spec.tasks:
        return tally_of(job, plan, link).record
    data = link.host.read(f"{job.folder}/record.json", 0, 2_000_000)
    try:
        found = json.loads(data or b"{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _place(provider: str | None) -> str:
    """The place's own name from the catalogue; empty where it has none."""
    from dkai.catalogue.open import open_catalogue

    try:
        return str(open_catalogue().get(provider, "provider").text("name")) if provider else ""
    except DkaiError:
        return ""
