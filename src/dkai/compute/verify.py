"""`submit --verify`: a job is submitted held, Slurm's reading of it compared with the plan, and let go or cancelled.

What is compared is what a waiting job shows. Its billing is that of what it asks for; exclusive nodes and cores by GPU
are added only when it starts (measured on Slurm 22.05: held 26, running 130 for an exclusive node), so there it is
named as not compared.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dkai.compute.cluster import UNLIMITED
from dkai.compute.host import CommandResult
from dkai.compute.job import JobState, Outcome
from dkai.compute.ledger import Job, Ledger
from dkai.compute.link import Link
from dkai.compute.news import News, Tell, silent
from dkai.compute.plan import Plan
from dkai.compute.quote.balance import unit_of
from dkai.compute.quote.cost import Cost
from dkai.compute.scheduler import slurm_verify
from dkai.compute.scheduler.slurm_verify import Reading
from dkai.compute.site import Site
from dkai.core.errors import Refused, RemoteError, UserError
from dkai.core.i18n import t
from dkai.core.units import show_duration, show_memory, show_number

_HELD = (JobState.SENDING, JobState.SENT, JobState.QUEUED, JobState.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Sentences: where Slurm's reading differs from the plan, and what a waiting job does not show."""

    differences: tuple[str, ...]
    not_compared: tuple[str, ...]


def must_be_possible(site: Site) -> None:
    """Raises UserError where no scheduler can hold a job."""
    if site.scheduler != "slurm":
        raise UserError(
            t("{site} has no Slurm that could hold the job and tell how it reads it", site=site.id),
            code="verify-needs-slurm",
            hint=t("submit without --verify")
            if site.has_queue
            else t("submit without --verify: what the quote says is what this computer has"),
        )


def is_waiting(ledger: Ledger, job_id: str) -> bool:
    """Whether the job was submitted held and has not been let go yet, as far as the ledger knows."""
    waits = False
    for event in ledger.events(job_id):
        if event.what == "sending":
            waits = bool(event.evidence.get("verify"))
        elif event.what in ("released", "not-submitted", "verify-mismatch"):
            waits = False
    return waits


def held(
    plan: Plan, native_id: str, ledger: Ledger, link: Link, *, answer: CommandResult | None = None, tell: Tell = silent
) -> Job:
    """Compare a job that Slurm holds with its plan, and let it go; returns its line in the ledger.

    `answer` has Slurm's reading where the submission brought it along. Raises Refused `verify-mismatch` after the job
    was cancelled, or RemoteError: the job then waits, held, and `submit --resume` goes on from here.
    """
    job_id = plan.job_id
    ledger.move(
        job_id, JobState.SENT, expect=_HELD, what="held", evidence={"by": "asked" if answer is None else "answer"},
        native_id=native_id,
    )  # fmt: skip
    tell(News("verifying", t("held; comparing Slurm's reading of it with the quote …")))
    try:
        found = None if answer is None else slurm_verify.parse(answer, job_id)
        if found is None:
            found = slurm_verify.parse(link.run(slurm_verify.show(native_id)), job_id)
        if found is None:
            raise RemoteError(
                t("Slurm did not show the job it holds"),
                code="not-shown",
                hint=t("it is held, and costs nothing so; go on with it in a minute"),
            )
        result = compare(plan, found)
        seen = {"differences": list(result.differences), "not_compared": list(result.not_compared)}
        ledger.note(job_id, "compared", seen)
        if result.differences:
            raise _cancelled(plan, native_id, ledger, link, result)
        ledger.note(job_id, "releasing", {})
        slurm_verify.parse_release(link.run(slurm_verify.release(job_id, native_id)))
    except RemoteError as error:
        again = t("the job is held until then; go on with: dkai compute submit --resume {job}", job=job_id)
        hint = f"{error.hint}\n{again}" if error.hint else again
        raise RemoteError(error.message, code=error.code, hint=hint, details=error.details) from error
    ledger.note(job_id, "released", {"native_id": native_id})
    tell(News("submitted", t("compared and released: {job}, there called {native}", job=job_id, native=native_id)))
    return ledger.get(job_id)


def _cancelled(plan: Plan, native_id: str, ledger: Ledger, link: Link, result: Comparison) -> Refused:
    """Cancel the job; the error that says why."""
    link.scheduler.parse_cancel(link.run(link.scheduler.cancel(plan.job_id, plan.folder, native_id)))
    ledger.move(
        plan.job_id, JobState.ENDED, expect=_HELD, what="verify-mismatch", outcome=Outcome.CANCELLED,
        evidence={"differences": list(result.differences)},
    )  # fmt: skip
    return Refused(
        t("Slurm reads the job otherwise than it was quoted, so it was cancelled before it could start: {what}",
          what="; ".join(result.differences)),
        code="verify-mismatch",
        hint=t("the site may change jobs as they are submitted: see the quote anew (--ask-now), and ask the site's"
               " support; without --verify the job is taken as Slurm reads it"),
        details={"differences": list(result.differences), "not_compared": list(result.not_compared)},
    )  # fmt: skip


def compare(plan: Plan, found: Reading) -> Comparison:
    """Where Slurm's reading of a held job differs from its plan. Pure."""
    return Comparison(tuple(_differences(plan, found)), tuple(_not_compared(plan, found)))


def _grows(plan: Plan) -> bool:
    """Whether the job is given more at its start than it shows while it waits."""
    want = plan.spec.resources
    return want.exclusive or bool(want.cpus_per_gpu)


def _differences(plan: Plan, found: Reading) -> Iterator[str]:
    want, spec = plan.spec.resources, plan.spec
    names = (
        (t("partition"), spec.partition, found.partition),
        (t("account"), spec.account, found.account),
        ("QOS", plan.quote.qos or spec.qos, found.qos),
    )
    for what, ours, theirs in names:
        if ours is not None and theirs is not None and ours != theirs:
            yield t("{what}: quoted {ours}, Slurm reads {theirs}", what=what, ours=ours, theirs=theirs)
    # Slurm counts whole minutes, and rounds up.
    limit = found.walltime_s
    if limit is not None and limit != -(-want.walltime_s // 60) * 60:
        yield t("{what}: quoted {ours}, Slurm reads {theirs}", what=t("time"), ours=show_duration(want.walltime_s),
                theirs=t("no limit") if limit == UNLIMITED else show_duration(limit))  # fmt: skip
    amounts = [(t("nodes"), want.nodes, found.nodes), (t("GPUs"), want.gpus, found.tres.get("gres/gpu", 0))]
    if not _grows(plan):
        amounts.append((t("cores"), -(-want.cpus // want.nodes) * want.nodes, found.tres.get("cpu")))
    if want.gpus and want.gpu_type:
        kinds = {name: count for name, count in found.tres.items() if name.startswith("gres/gpu:")}
        if kinds:
            kind = want.gpu_type
            amounts.append((t("{kind} GPUs", kind=kind), want.gpus, kinds.get(f"gres/gpu:{kind.lower()}", 0)))
    for what, number, theirs_number in amounts:
        if theirs_number is not None and number != theirs_number:
            yield t("{what}: quoted {ours}, Slurm reads {theirs}", what=what, ours=show_number(number, 0),
                    theirs=show_number(theirs_number, 0))  # fmt: skip
    memory = found.tres.get("mem")
    if memory is not None and want.memory_mb and not want.exclusive and memory != want.memory_mb * want.nodes:
        yield t("{what}: quoted {ours}, Slurm reads {theirs}", what=t("memory"),
                ours=show_memory(want.memory_mb * want.nodes), theirs=show_memory(round(memory)))  # fmt: skip
    quoted, counted = _billing(plan), found.tres.get("billing")
    if quoted is not None and counted is not None and not _grows(plan) and counted > quoted + 0.5:
        yield t("billing an hour: quoted {ours}, Slurm reads {theirs}", ours=show_number(quoted, 0),
                theirs=show_number(counted, 0))  # fmt: skip


def _billing(plan: Plan) -> float | None:
    """The highest billing an hour that was quoted; None where the quote is in another unit."""
    # Of an array Slurm shows one task, and the quote is for all of them together.
    cost, hours = plan.quote.cost, plan.longest_s / 3600
    if not isinstance(cost, Cost) or cost.source != "cluster" or cost.amount.unit != unit_of("billing") or not hours:
        return None
    return cost.amount.high / hours


def _not_compared(plan: Plan, found: Reading) -> Iterator[str]:
    if _grows(plan):
        yield t("cores and billing: whole nodes and cores by GPU are added only when the job starts")
    elif "billing" not in found.tres:
        yield t("billing: this Slurm does not show it for a job that waits")
    elif _billing(plan) is None:
        yield t("billing: the quote is not in Slurm's own unit")
    if plan.quote.qos is None and plan.spec.qos is None:
        yield t("QOS: the cluster gave its default, {qos}", qos=found.qos or "–")
