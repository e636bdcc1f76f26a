"""The estimate beside what the job really cost, and what to ask for next time. Pure but for its inputs' origin.

Two sources are compared: the scheduler's accounting, and the record that the job wrote itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from dkai.compute.advice import advise
from dkai.compute.job import Accounting
from dkai.compute.ledger import Job
from dkai.compute.plan import Plan
from dkai.compute.quote import carbon
from dkai.compute.quote.balance import unit_of
from dkai.compute.quote.estimate import Estimate, show_amount
from dkai.compute.used import Used, what_was_used
from dkai.core.i18n import t
from dkai.core.units import show_duration, show_memory, show_number
from dkai.core.unknown import Unknown

_NOT_MEASURED = "–"


@dataclass(frozen=True, slots=True)
class Row:
    """One line: what was estimated or asked for, and what it was. `agrees` is None where nothing can be compared."""

    id: str
    name: str
    estimated: str
    actual: str
    agrees: bool | None


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
    sources: tuple[str, ...]  # `sacct`, `record`
    disagreements: tuple[str, ...]
    advice: tuple[str, ...]
    methods: str


def make_receipt(job: Job, plan: Plan, accounting: Accounting | None, record: Mapping[str, Any]) -> Receipt:
    """The receipt of an ended job; what no source tells stays unknown."""
    used = what_was_used(accounting, record)
    hours = None if used.elapsed_s is None else used.elapsed_s / 3600
    if hours is None:
        missing = Unknown(t("how long it ran is not known"))
        footprint = carbon.Carbon(missing, missing)
    else:
        footprint = carbon.estimate(plan.spec.resources.gpus, hours, hours, plan.quote.power)
    sources = [s for s in (accounting.source if accounting else "", "record" if record else "") if s]
    return Receipt(
        id=job.job_id,
        name=f"{plan.recipe_name} · {plan.site.id}",
        site=plan.site.id,
        native_id=job.native_id,
        outcome=job.outcome.value if job.outcome else "unknown",
        started_at=_when(used.started_at),
        ended_at=_when(used.ended_at),
        rows=tuple(_rows(plan, used, footprint)),
        used=used,
        energy_kwh=footprint.energy_kwh,
        co2e_kg=footprint.co2e_kg,
        sources=tuple(dict.fromkeys(sources)),
        disagreements=tuple(_disagreements(accounting, record)),
        advice=tuple(advise(plan.spec.resources, used, job.outcome)),
        methods=_methods(plan, used, footprint),
    )


def _when(moment: float | None) -> datetime | None:
    return None if moment is None else datetime.fromtimestamp(moment, UTC)


def _rows(plan: Plan, used: Used, footprint: carbon.Carbon) -> Iterator[Row]:
    want, quote = plan.spec.resources, plan.quote
    elapsed = used.elapsed_s
    took = _NOT_MEASURED if elapsed is None else show_duration(elapsed)
    within = None if elapsed is None else elapsed <= want.walltime_s + 60  # Slurm ends a job at its next look
    yield Row("time", t("time"), t("at most {time}", time=show_duration(want.walltime_s)), took, within)
    if elapsed is not None:
        amount = (want.gpus or want.cpus) * elapsed / 3600
        yield _against("hours", t("GPU-hours") if want.gpus else t("core-hours"), quote.hours, amount)
    if not isinstance(quote.cost, Unknown):
        yield from _cost_row(plan, used)
    cores = _NOT_MEASURED if used.cores is None else show_number(used.cores, 1)
    yield Row("cpus", t("cores"), str(want.cpus), cores, None)
    memory = _NOT_MEASURED if used.memory_mb is None else show_memory(used.memory_mb)
    yield Row("memory", t("memory"), show_memory(want.memory_mb), memory, None)
    if want.gpus:
        load = _NOT_MEASURED if used.gpu_load is None else t("{n} % busy", n=show_number(used.gpu_load, 0))
        yield Row("gpu", t("GPU"), str(want.gpus), load, None)
        if used.gpu_memory_mb is not None:
            yield Row("gpu-memory", t("GPU memory"), _NOT_MEASURED, show_memory(used.gpu_memory_mb), None)
    known = not isinstance(footprint.co2e_kg, Unknown)
    yield Row("carbon", t("CO₂e"), str(quote.carbon.co2e_kg), str(footprint.co2e_kg), True if known else None)


def _against(id_: str, name: str, estimate: Estimate, actual: float) -> Row:
    """Whether the amount is within the estimate. Its low end is the shortest time ever measured, and may be beaten."""
    agrees = actual <= estimate.high * 1.001
    bare = Estimate(estimate.low, estimate.high)
    return Row(id_, name, str(bare), show_amount(actual), agrees)


def _cost_row(plan: Plan, used: Used) -> Iterator[Row]:
    cost = plan.quote.cost
    if isinstance(cost, Unknown) or used.elapsed_s is None:
        return
    if cost.source == "cluster":
        if used.billing is not None:
            yield _against("billing", unit_of("billing"), cost.amount, used.billing * used.elapsed_s / 3600)
        return
    # The place's own formula gives an amount an hour; the time is the only thing that was not known before.
    rate = cost.amount.high / (plan.spec.resources.walltime_s / 3600)
    yield _against("cost", cost.amount.unit, cost.amount, rate * used.elapsed_s / 3600)


def _disagreements(accounting: Accounting | None, record: Mapping[str, Any]) -> Iterator[str]:
    """Where the scheduler and the job itself say different things."""
    if accounting is None or accounting.source == "record" or not record:
        return
    began, ended = record.get("started_at"), record.get("ended_at")
    if accounting.elapsed_s is not None and isinstance(began, (int, float)) and isinstance(ended, (int, float)):
        own = ended - began
        # sacct counts whole seconds, and the node's own work before and after the job.
        if abs(own - accounting.elapsed_s) > max(10, 0.05 * own):
            yield t("accounting counts {theirs}, the job itself {own}",
                    theirs=show_duration(accounting.elapsed_s), own=show_duration(own))  # fmt: skip
    code = record.get("exit_code")
    if accounting.exit_code is not None and isinstance(code, int) and (code == 0) != (accounting.exit_code == 0):
        yield t("accounting gives the exit code {theirs}, the job itself {own}", theirs=accounting.exit_code, own=code)


def _methods(plan: Plan, used: Used, footprint: carbon.Carbon) -> str:
    """A paragraph for a paper's methods section: only what is known."""
    want = plan.spec.resources
    what = t(
        "{gpus} GPU ({kind}) and {cpus} cores",
        gpus=want.gpus,
        kind=used.gpu_name or t("type not recorded"),
        cpus=want.cpus,
    )
    if not want.gpus:
        what = t("{cpus} cores", cpus=want.cpus)
    sentences = [
        t("The analysis “{recipe}” (version {version}, run with dkai {dkai}) ran on {site} with {what}",
          recipe=plan.spec.recipe, version=plan.versions.get("recipe", "?"), dkai=plan.versions.get("dkai", "?"),
          site=plan.site.provider or plan.site.id, what=what)
    ]  # fmt: skip
    if used.elapsed_s is not None and used.started_at is not None:
        day = datetime.fromtimestamp(used.started_at, UTC).date().isoformat()
        sentences.append(t("It took {time} on {day}", time=show_duration(used.elapsed_s), day=day))
    if used.python:
        sentences.append(t("It used Python {version}", version=used.python))
    energy, co2e = footprint.energy_kwh, footprint.co2e_kg
    if isinstance(energy, Estimate) and isinstance(co2e, Estimate):
        sentences.append(t("Its electricity is estimated at {energy}, its emissions at {co2e} ({how})",
                           energy=energy, co2e=co2e, how=footprint.how))  # fmt: skip
    else:
        sentences.append(t("Its electricity and emissions are not known"))
    return ". ".join(sentences) + "."
