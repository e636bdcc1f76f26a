"""The estimate beside what the job really cost, and what to ask for next time. Pure but for its inputs' origin.

Two sources are compared: the scheduler's accounting, and the record that the job wrote itself. A place without
accounting still gets a receipt from the record; what was then worked out rather than told says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from dkai.compute.advice import Advice, advise
from dkai.compute.causes import Cause, cause_of
from dkai.compute.footprint import Footprint, footprint
from dkai.compute.job import Accounting, Outcome
from dkai.compute.ledger import Job
from dkai.compute.methods import Declaration, declaration, paragraph, show_took
from dkai.compute.plan import Plan
from dkai.compute.quote.balance import unit_of
from dkai.compute.quote.estimate import Estimate, show_amount
from dkai.compute.quote.quote import Start
from dkai.compute.used import Used, what_was_used
from dkai.core.clean import one_line
from dkai.core.i18n import nt, t
from dkai.core.numbers import finite, utc
from dkai.core.units import show_dkk, show_duration, show_memory, show_number
from dkai.core.unknown import Unknown

_NOT_MEASURED = "–"


@dataclass(frozen=True, slots=True)
class Row:
    """One line: what was estimated or asked for, and what it was. `agrees` is None where nothing can be compared.

    `by` says where the actual amount is from: `sacct`, `record`, `worked-out` (from the time and the quoted rate).
    """

    id: str
    name: str
    estimated: str
    actual: str
    agrees: bool | None
    by: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What one job cost."""

    id: str
    name: str
    site: str
    native_id: str | None
    outcome: str
    started_at: datetime | None
    ended_at: datetime | None
    rows: tuple[Row, ...]
    used: Used
    energy_kwh: Estimate | Unknown
    co2e_kg: Estimate | Unknown
    energy_by: str  # `measured`, `estimated`, `unknown`
    energy_how: str
    sources: tuple[str, ...]  # `sacct`, `record`
    disagreements: tuple[str, ...]
    advice: tuple[Advice, ...]
    cause: Cause | None
    methods: str
    declaration: Declaration
    waited_s: float | None = None  # in the queue


def make_receipt(
    job: Job, plan: Plan, accounting: Accounting | None, record: Mapping[str, Any], *, log: str = "", place: str = ""
) -> Receipt:
    """The receipt of an ended job; what no source tells stays unknown.

    `log` is the end of its log, for a job that failed; `place` the place's full name, for the paper.
    """
    used = what_was_used(accounting, record)
    found = footprint(plan.spec.resources.gpus, used, plan.quote.power)
    waited = _waited(job)
    sources = [s for s in (accounting.source if accounting else "", "record" if record else "") if s]
    return Receipt(
        id=job.job_id,
        name=f"{plan.recipe_name} · {plan.site.id}",
        site=plan.site.id,
        native_id=job.native_id,
        outcome=job.outcome.value if job.outcome else "unknown",
        started_at=utc(used.started_at),
        ended_at=utc(used.ended_at),
        rows=tuple(_rows(job, plan, used, found)),
        used=used,
        energy_kwh=found.energy_kwh,
        co2e_kg=found.co2e_kg,
        energy_by=found.by,
        energy_how=found.how,
        sources=tuple(dict.fromkeys(sources)),
        disagreements=tuple(_disagreements(plan, accounting, record)),
        advice=(*advise(plan.spec.resources, used, job.outcome), *_again(plan, job)),
        cause=_with_rank(cause_of(job, log, used.machine.gpu_platform), record),
        methods=paragraph(plan, used, found, place),
        declaration=declaration(plan),
        waited_s=waited,
    )


def _again(plan: Plan, job: Job) -> Iterator[Advice]:
    """That a job that writes checkpoints can go on by itself, where nobody chose so."""
    may = plan.spec.checkpoint and plan.spec.resources.starts == 1 and plan.site.scheduler == "slurm"
    if job.outcome is Outcome.TIMEOUT and may:
        option = "--on-time-up requeue"
        says = t("It writes checkpoints: with {option} it goes on by itself", option=option)
        yield Advice("on-time-up", says, option)


def _with_rank(cause: Cause | None, record: Mapping[str, Any]) -> Cause | None:
    """The cause, with the process that failed first where the job had several."""
    told = record.get("failed_rank")
    if cause is None or not isinstance(told, Mapping) or not isinstance(told.get("rank"), int):
        return cause
    node = one_line(str(told.get("node")), 60)
    return replace(cause, says=t("{why} (first in process {rank}, on {node})", why=cause.says, rank=told["rank"],
                                 node=node))  # fmt: skip


def _waited(job: Job) -> float | None:
    """Seconds between submission and start, by the scheduler's one clock."""
    since, until = job.status.get("submitted_at"), job.status.get("started_at")
    if job.status.get("evidence") == "runner" or not isinstance(since, (int, float)) or job.never_started:
        return None
    return max(0.0, until - since) if isinstance(until, (int, float)) else None


def _rows(job: Job, plan: Plan, used: Used, found: Footprint) -> Iterator[Row]:
    want, quote = plan.spec.resources, plan.quote
    elapsed = used.elapsed_s
    if plan.site.scheduler != "process":
        yield _wait_row(job, plan)
    took = _NOT_MEASURED if elapsed is None else show_took(elapsed)
    longest = elapsed if used.longest_s is None else used.longest_s
    # Slurm ends a job at its next look. What others put back into the queue ran longer than any quote foresees.
    within = None if longest is None else longest <= want.longest_s + 60 * want.starts
    within = None if within is False and len(used.starts) > want.starts else within
    most = t("at most {time}", time=show_duration(want.longest_s))
    tasks = len(plan.spec.tasks)
    if tasks and elapsed is not None:
        most = t("{n} tasks, each {time}", n=tasks, time=most)
        took = t("{time} together, the longest {longest}", time=took, longest=show_took(longest or 0))
    yield Row("time", t("time"), most, took, within)
    if used.starts:
        each = ", ".join(_NOT_MEASURED if one.elapsed_s is None else show_took(one.elapsed_s) for one in used.starts)
        yield Row("starts", t("starts"), t("at most {n}", n=want.starts) if want.starts > 1 else "1",
                  f"{len(used.starts)} ({each})", None)  # fmt: skip
    if elapsed is not None:
        amount = (want.gpus or want.cpus) * elapsed / 3600
        yield _against("hours", t("GPU-hours") if want.gpus else t("core-hours"), quote.hours, amount)
    yield from _cost_rows(plan, used)
    cores = _NOT_MEASURED if used.cores is None else show_number(used.cores, 1)
    yield Row("cpus", t("cores"), str(want.cpus), cores, None)
    memory = _NOT_MEASURED if used.memory_mb is None else show_memory(used.memory_mb)
    yield Row("memory", t("memory"), show_memory(want.memory_mb), memory, None, used.memory_by or "")
    if want.gpus:
        load = _NOT_MEASURED if used.gpu_load is None else t("{n} % busy", n=show_number(used.gpu_load, 0))
        yield Row("gpu", t("GPU"), str(want.gpus), load, None)
        if used.gpu_memory_mb is not None:
            sizes = [device.memory_mb for device in used.devices]
            whole = sum(size for size in sizes if size is not None) if sizes and None not in sizes else None
            there = _NOT_MEASURED if whole is None else t("{size} there", size=show_memory(whole))
            yield Row("gpu-memory", t("GPU memory"), there, show_memory(used.gpu_memory_mb), None)
    yield _energy_row("energy", t("energy"), quote.carbon.energy_kwh, found.energy_kwh, found.by)
    yield _energy_row("carbon", t("CO₂e"), quote.carbon.co2e_kg, found.co2e_kg, found.by)


def _wait_row(job: Job, plan: Plan) -> Row:
    """The time in the queue, beside what the scheduler guessed when the job was planned."""
    start, waited = plan.quote.start, _waited(job)
    guess = _NOT_MEASURED
    if isinstance(start, Start):
        ahead = max(0.0, start.at - job.created_at)
        when = t("none") if ahead < 60 else show_duration(ahead)
        guess = t("{time} (a guess)", time=when)
    return Row("wait", t("waiting"), guess, _NOT_MEASURED if waited is None else show_duration(waited), None)


def _energy_row(id_: str, name: str, quoted: Estimate | Unknown, found: Estimate | Unknown, by: str) -> Row:
    """What was measured is compared with the range of the quote; an estimate of the same formula cannot but agree."""
    agrees = None
    if by == "measured" and isinstance(quoted, Estimate) and isinstance(found, Estimate):
        agrees = found.high <= quoted.high * 1.001
    shown = [str(amount) if isinstance(amount, Estimate) else _NOT_MEASURED for amount in (quoted, found)]
    if isinstance(found, Estimate) and by == "estimated":
        shown[1] = t("{amount} (estimated)", amount=found)
    return Row(id_, name, shown[0], shown[1], agrees, by)


def _against(id_: str, name: str, estimate: Estimate, actual: float, by: str = "") -> Row:
    """Whether the amount is within the estimate. Its low end is the shortest time ever measured, and may be beaten."""
    agrees = actual <= estimate.high * 1.001
    bare = Estimate(estimate.low, estimate.high)
    return Row(id_, name, str(bare), show_amount(actual), agrees, by)


def _cost_rows(plan: Plan, used: Used) -> Iterator[Row]:
    """The amount in the place's own unit, and in DKK where the quote knew a price."""
    cost, price, elapsed = plan.quote.cost, plan.quote.price_dkk, used.elapsed_s
    if elapsed is None:
        return
    share = elapsed / plan.longest_s  # the time alone was not known before
    if not isinstance(cost, Unknown):
        from_slurm = cost.source == "cluster"
        unit, id_ = (unit_of("billing"), "billing") if from_slurm else (cost.amount.unit, "cost")
        if from_slurm and used.billing is not None:
            yield _against(id_, unit, cost.amount, used.billing * elapsed / 3600, "sacct")
        else:
            amount = cost.amount.high * share
            actual = show_amount(amount) if not from_slurm else t("{amount} (quoted rate × time)",
                                                                   amount=show_amount(amount))  # fmt: skip
            agrees = None if from_slurm else amount <= cost.amount.high * 1.001
            yield Row(id_, unit, str(Estimate(cost.amount.low, cost.amount.high)), actual, agrees, "worked-out")
    if isinstance(price, Estimate) and not plan.quote.is_free:
        amount = price.high * share
        yield Row("price", t("price"), t("at most {amount}", amount=show_dkk(price.high)), show_dkk(amount),
                  amount <= price.high * 1.001, "worked-out")  # fmt: skip


def _disagreements(plan: Plan, accounting: Accounting | None, record: Mapping[str, Any]) -> Iterator[str]:
    """Where the scheduler, the job itself and the quote say different things."""
    yield from _put_back(what_was_used(accounting, record))
    again = sum(one.starts > 1 for one in accounting.tasks) if accounting is not None else 0
    if again:
        yield nt(
            "{n} task was put back into the queue; the amounts are those of all its starts",
            "{n} tasks were put back into the queue; the amounts are those of all their starts",
            again,
        )
    if accounting is None or accounting.source == "record":
        return
    yield from _other_than_asked(plan, accounting)
    if not record:
        return
    began, ended = finite(record.get("started_at")), finite(record.get("ended_at"))
    if accounting.elapsed_s is not None and began is not None and ended is not None and not accounting.starts:
        own = finite(record.get("elapsed_s")) or ended - began
        # sacct counts whole seconds, and the node's own work before and after the job.
        if abs(own - accounting.elapsed_s) > max(10, 2 * len(plan.spec.tasks), 0.05 * own):
            yield t("accounting counts {theirs}, the job itself {own}",
                    theirs=show_duration(accounting.elapsed_s), own=show_duration(own))  # fmt: skip
    code = record.get("exit_code")
    if accounting.exit_code is not None and isinstance(code, int) and (code == 0) != (accounting.exit_code == 0):
        yield t("accounting gives the exit code {theirs}, the job itself {own}", theirs=accounting.exit_code, own=code)


def _put_back(used: Used) -> Iterator[str]:
    """Why each start but the last ended."""
    words = {
        "requeue": t("its time was up, and it went back into the queue as you chose"),
        "NODE_FAIL": t("its node failed"),
        "PREEMPTED": t("a job with a higher priority took its place"),
    }
    for number, one in enumerate(used.starts[:-1], 1):
        how = words.get(one.why or "", t("it was put back into the queue, by Slurm or the cluster's staff"))
        took = _NOT_MEASURED if one.elapsed_s is None else show_took(one.elapsed_s)
        yield t("start {n} ended after {time}: {how}", n=number, time=took, how=how)


def _other_than_asked(plan: Plan, accounting: Accounting) -> Iterator[str]:
    """What Slurm gave and counted beside what was asked for and quoted."""
    given, cost = accounting.alloc_tres.get("cpu", ""), plan.quote.cost
    if given.isdecimal() and len(given) < 10 and int(given) != plan.spec.resources.cpus:
        yield t("you asked for {asked} cores and were given {given}", asked=plan.spec.resources.cpus, given=given)
    if accounting.billing is not None and not isinstance(cost, Unknown) and cost.source == "cluster":
        hours = plan.longest_s / 3600
        # A job may fit several kinds of node; only more than the dearest of them is another price than was quoted.
        if accounting.billing > cost.amount.high / hours * 1.001:
            yield t("the quote counted at most {quoted} an hour, accounting counts {billed}",
                    quoted=show_amount(cost.amount.high / hours), billed=show_amount(accounting.billing))  # fmt: skip
