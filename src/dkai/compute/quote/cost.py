"""What a job costs, in the unit that the place counts in. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from dkai.compute.cluster import BillingRule, Partition
from dkai.compute.job import Resources
from dkai.compute.quote.balance import unit_of
from dkai.compute.quote.billing import Shape
from dkai.compute.quote.estimate import Estimate
from dkai.compute.quote.formulas import Formula, rate
from dkai.core.i18n import t


@dataclass(frozen=True, slots=True)
class Hours:
    """How long the job will run: at least (None: not known) and at most, in hours."""

    low: float | None
    high: float

    def of(self, low_rate: float, high_rate: float, unit: str) -> Estimate:
        """An amount an hour, over the time."""
        return Estimate(None if self.low is None else self.low * low_rate, self.high * high_rate, unit)


@dataclass(frozen=True, slots=True)
class Cost:
    """An amount, the formula it was computed with, and who says so."""

    amount: Estimate
    formula: str
    source: str  # `cluster`, or a catalogue source


def gpu_or_core_hours(ask: Resources, hours: Hours) -> Estimate:
    """GPU-hours for a job with GPUs, core-hours for one without: what everybody can compare."""
    if ask.gpus:
        return hours.of(ask.gpus, ask.gpus, t("GPU-hours"))
    return hours.of(ask.cpus, ask.cpus, t("core-hours"))


def by_billing(found: tuple[Shape, ...], hours: Hours, *, rule: BillingRule, has_weights: bool) -> Cost | None:
    """Slurm's billing over the time; None when the cluster did not tell its weights or no node fits."""
    rates = [shape.billing for shape in found if shape.billing is not None]
    if not rates:
        return None
    low, high = min(rates), max(rates)
    count = str(low) if low == high else f"{low}–{high}"
    if not has_weights:
        how = t("{n} an hour: the partition has no weights, so cores count", n=count)
    elif rule != "sum":
        how = t("{n} an hour: the largest of weight × amount", n=count)
    else:
        how = t("{n} an hour: the sum of weight × amount", n=count)
    return Cost(hours.of(low, high, unit_of("billing")), how, "cluster")


def by_formula(ask: Resources, partition: Partition, hours: Hours, formula: Formula) -> Cost | None:
    """The place's own formula over the time; None where dkai has none for such a job."""
    found = rate(formula, ask, partition)
    if found is None:
        return None
    return Cost(hours.of(found.an_hour, found.an_hour, found.unit), found.words, formula.source)
