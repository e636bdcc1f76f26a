"""What a job costs, in the unit that the place counts in, and in money where a price is known. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dkai.compute.cluster import BillingRule
from dkai.compute.job import Resources
from dkai.compute.quote.balance import unit_of
from dkai.compute.quote.billing import Shape
from dkai.compute.quote.estimate import Estimate
from dkai.compute.quote.formulas import Formula, Given, Rate, rate
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


def gpu_or_core_hours(ask: Resources, hours: Hours, found: Sequence[Shape] = ()) -> Estimate:
    """GPU-hours for a job with GPUs, core-hours for one without: what everybody can compare.

    What is given counts, from the least to the most; without shapes, what was asked for.
    """
    key, asked, unit = ("gres/gpu", ask.gpus, t("GPU-hours")) if ask.gpus else ("cpu", ask.cpus, t("core-hours"))
    amounts = [shape.tres.get(key, 0) for shape in found] or [asked]
    return hours.of(min(amounts), max(amounts), unit)


def by_billing(found: tuple[Shape, ...], hours: Hours, *, rule: BillingRule, has_weights: bool) -> Cost | None:
    """Slurm's billing over the time, from the least to the most that it may be; None without weights or nodes."""
    rates = [shape.billing for shape in found if shape.billing is not None]
    if not rates:
        return None
    low, high = min(rates), max(rates)
    count = str(low) if low == high else f"{low}–{high}"
    if not has_weights:
        how = t("{n} an hour: the partition has no weights, so cores count", n=count)
    elif rule == "max":
        how = t("{n} an hour: the largest of weight × amount", n=count)
    elif rule == "max-gres":
        how = t("{n} an hour: the largest of weight × amount, and the GPUs' own added", n=count)
    else:
        how = t("{n} an hour: the sum of weight × amount", n=count)
    return Cost(hours.of(low, high, unit_of("billing")), how, "cluster")


def by_formula(formula: Formula, given: Sequence[Given], hours: Hours) -> Cost | None:
    """The place's own formula over the time; None where dkai has none for every way in which the job may run."""
    rates: list[Rate] = []
    for one in given:
        found = rate(formula, one)
        if found is None:
            return None
        rates.append(found)
    if not rates or len({one.unit for one in rates}) > 1:
        return None
    most = max(rates, key=lambda one: one.an_hour)
    least = min(one.an_hour for one in rates)
    return Cost(hours.of(least, most.an_hour, most.unit), most.words, formula.source)
