"""Places that count in their own way: formulas by the name that the catalogue gives them, their numbers from there too.

`lumi-g`: LUMI user guide, “Billing policy”. A shared partition counts factor × hours × the largest of GCDs, cores ÷
cores a GCD, and memory ÷ memory a GCD, each rounded up; a partition of whole nodes counts nodes × hours × GPU-hours a
node-hour.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from dkai.compute.cluster import Partition
from dkai.compute.job import Resources
from dkai.core.i18n import t
from dkai.core.units import show_number


@dataclass(frozen=True, slots=True)
class Formula:
    """A place's formula: its name, its numbers, and where they are from."""

    name: str
    parameters: Mapping[str, float] = field(default_factory=dict)
    source: str = ""


@dataclass(frozen=True, slots=True)
class Rate:
    """The amount an hour, in `unit`, and how it was computed with this job's numbers."""

    an_hour: float
    unit: str
    words: str


def rate(formula: Formula, ask: Resources, partition: Partition) -> Rate | None:
    """What an hour of this job counts; None where the formula says nothing about such a job."""
    known = FORMULAS.get(formula.name)
    return None if known is None else known(formula.parameters, ask, partition)


def price_an_hour(parameters: Mapping[str, float], ask: Resources, gpu_type: str | None) -> tuple[float, str] | None:
    """DKK an hour and how it was computed; None where no price is known for such a job.

    `dkk_per_gpu_hour_<type>` is for GPUs of one type; `dkk_per_billing_hour` for jobs without, where an hour counts the
    larger of cores and memory ÷ `memory_gb_per_unit`.
    """
    if ask.gpus:
        price = parameters.get(f"dkk_per_gpu_hour_{(gpu_type or '').lower()}")
        if price is None:
            return None
        words = t(
            "{n} GPUs × {price} DKK; whether their cores cost more is not stated", n=ask.gpus, price=show_number(price)
        )
        return ask.gpus * price, words
    price, per_core = parameters.get("dkk_per_billing_hour"), parameters.get("memory_gb_per_unit")
    if price is None or not per_core:
        return None
    gb = ask.memory_mb / 1024
    words = t("max({cores} cores, {gb} GB / {per}) × {price} DKK", cores=ask.cpus, gb=show_number(gb),
              per=show_number(per_core), price=show_number(price))  # fmt: skip
    return max(ask.cpus, gb / per_core) * price, words


def _lumi_g(numbers: Mapping[str, float], ask: Resources, partition: Partition) -> Rate | None:
    if not ask.gpus:
        return None
    unit = t("GPU-hours")
    if partition.exclusive:
        a_node = numbers["gpu_hours_per_node_hour"]
        words = t("{factor} × {n} whole nodes", factor=show_number(a_node), n=ask.nodes)
        return Rate(a_node * ask.nodes, unit, words)
    cores, memory = numbers["cpus_per_unit"], numbers["memory_gb_per_unit"]
    gb = ask.memory_mb / 1024
    largest = max(ask.gpus, math.ceil(ask.cpus / cores), math.ceil(gb / memory))
    words = t("{factor} × max({gpus} GPU, {cpus} cores / {per_core} → {by_cores}, {gb} GB / {per_gb} → {by_memory})",
              factor=show_number(numbers["factor"], 3), gpus=ask.gpus, cpus=ask.cpus, per_core=show_number(cores),
              by_cores=math.ceil(ask.cpus / cores), gb=show_number(gb), per_gb=show_number(memory),
              by_memory=math.ceil(gb / memory))  # fmt: skip
    return Rate(numbers["factor"] * largest, unit, words)


FORMULAS: dict[str, Callable[[Mapping[str, float], Resources, Partition], Rate | None]] = {"lumi-g": _lumi_g}
