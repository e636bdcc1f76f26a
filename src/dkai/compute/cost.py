"""What a job costs, in the unit that the place counts in. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass

from dkai.compute.balance import unit_of
from dkai.compute.billing import Shape
from dkai.compute.estimate import Estimate
from dkai.compute.job import Resources
from dkai.core.i18n import t
from dkai.core.units import show_number


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


@dataclass(frozen=True, slots=True)
class Formula:
    """A place's own way to count, from the catalogue: factor × hours × max of the shares of a unit."""

    unit: str
    factor: float = 1.0
    cpus_per_unit: float | None = None
    memory_gb_per_unit: float | None = None
    round_up: bool = True  # each share counts in whole units
    source: str = ""

    def rate(self, ask: Resources) -> float:
        """The amount an hour."""
        shares = [float(ask.gpus)] if ask.gpus else []
        if self.cpus_per_unit:
            shares.append(ask.cpus / self.cpus_per_unit)
        if self.memory_gb_per_unit:
            shares.append(ask.memory_mb / 1024 / self.memory_gb_per_unit)
        if self.round_up:
            shares = [float(math.ceil(share)) for share in shares]
        return self.factor * max(shares, default=1.0)

    def words(self, ask: Resources) -> str:
        """The formula with this job's numbers."""
        parts = [t("{n} GPUs", n=ask.gpus)] if ask.gpus else []
        if self.cpus_per_unit:
            parts.append(t("{n} cores / {per}", n=ask.cpus, per=show_number(self.cpus_per_unit)))
        if self.memory_gb_per_unit:
            gb = show_number(ask.memory_mb / 1024)
            parts.append(t("{n} GB / {per}", n=gb, per=show_number(self.memory_gb_per_unit)))
        largest = f"max({', '.join(parts)})" if len(parts) > 1 else "".join(parts)
        return t("{factor} × hours × {largest}", factor=show_number(self.factor, 3), largest=largest)


def gpu_or_core_hours(ask: Resources, hours: Hours) -> Estimate:
    """GPU-hours for a job with GPUs, core-hours for one without: what everybody can compare."""
    if ask.gpus:
        return hours.of(ask.gpus, ask.gpus, t("GPU-hours"))
    return hours.of(ask.cpus, ask.cpus, t("core-hours"))


def by_billing(found: tuple[Shape, ...], hours: Hours, *, is_max: bool, has_weights: bool) -> Cost | None:
    """Slurm's billing over the time; None when the cluster did not tell its weights or no node fits."""
    rates = [shape.billing for shape in found if shape.billing is not None]
    if not rates:
        return None
    low, high = min(rates), max(rates)
    count = str(low) if low == high else f"{low}–{high}"
    if not has_weights:
        how = t("{n} a hour: the partition has no weights, so cores count", n=count)
    elif is_max:
        how = t("{n} an hour: the largest of weight × amount", n=count)
    else:
        how = t("{n} an hour: the sum of weight × amount", n=count)
    return Cost(hours.of(low, high, unit_of("billing")), how, "cluster")


def by_formula(ask: Resources, hours: Hours, formula: Formula) -> Cost:
    """The place's own formula over the time."""
    rate = formula.rate(ask)
    return Cost(hours.of(rate, rate, formula.unit), formula.words(ask), formula.source)
