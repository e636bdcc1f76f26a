"""Places that count in their own way: formulas by the name that the catalogue gives them, their numbers from there too.

Each takes what Slurm would give the job, as the places count what is allocated, and gives an amount an hour:

- `lumi-g`: LUMI user guide, “Billing policy”. GPUs: a shared partition counts factor × the largest of GCDs, cores ÷
  cores a GCD, and memory ÷ memory a GCD, each rounded up; one of whole nodes, nodes × GPU-hours a node-hour. Cores:
  in `small` the larger of cores and memory ÷ 2 GB, rounded up; else cores, where whole nodes count with all of theirs.
- `ucloud-gpu`: AAU's pages on UCloud. A whole GPU is 1, a MIG slice a seventh.
- `genomedk`: GenomeDK's price list. Cores or memory ÷ 8 GB, whichever is larger; a GPU is its price ÷ that of a core.
- `karolina`: IT4Innovations' documentation. GPUs ÷ GPUs a node; whole nodes without GPUs.
- `vega`: IZUM's documentation, “Billing”. Core-hours are half of the largest of CPUs, weight × GB and weight × GPUs.
- `leonardo`: CINECA's wiki, “Accounting”. The larger of cores and cores-a-GPU × GPUs; memory beyond the cores' own
  counts as cores too, which is not covered here: its weight is not published where we could read it.
- `gpu-hours`: GPUs. Where the place says how many cores and how much memory belong to a GPU, a job that asks for more
  is not covered: Discoverer's counter runs faster for it (its “Slurm GPU billing explainer”, read through a user's
  notes). Gefion: DCAI writes of GPU-hours; how other cores and memory count is not published.
- `core-hours`: cores; whole nodes count with all of theirs.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from dkai.compute.cluster import Partition
from dkai.core.i18n import t
from dkai.core.units import show_number


@dataclass(frozen=True, slots=True)
class Formula:
    """A place's formula: its name, its numbers, and where they are from."""

    name: str
    parameters: Mapping[str, float] = field(default_factory=dict)
    source: str = ""


@dataclass(frozen=True, slots=True)
class Given:
    """What a job is given: TRES by name (memory in MiB), of which GPU, and where."""

    tres: Mapping[str, float]
    gpu: str | None = None  # as the cluster or the driver calls it; None where it is not one kind
    partition: Partition | None = None  # None: there is no scheduler

    @property
    def gpus(self) -> int:
        """GPUs in all."""
        return int(self.tres.get("gres/gpu", 0))

    @property
    def cpus(self) -> int:
        """Cores in all."""
        return int(self.tres.get("cpu", 0))

    @property
    def gb(self) -> float:
        """Memory in all."""
        return self.tres.get("mem", 0) / 1024

    @property
    def whole_nodes(self) -> int | None:
        """Nodes, where the partition gives whole ones only."""
        return int(self.tres.get("node", 1)) if self.partition is not None and self.partition.exclusive else None


@dataclass(frozen=True, slots=True)
class Rate:
    """The amount an hour, in `unit`, and how it was computed with this job's numbers."""

    an_hour: float
    unit: str
    words: str


def rate(formula: Formula, given: Given) -> Rate | None:
    """What an hour of this job counts; None where the formula says nothing about such a job."""
    known = FORMULAS.get(formula.name)
    try:
        return None if known is None else known(formula.parameters, given)
    except KeyError:
        return None  # the catalogue lacks one of the formula's numbers


def price_an_hour(parameters: Mapping[str, float], given: Given) -> tuple[float, str] | None:
    """DKK an hour and how it was computed; None where no price is known for such a job.

    `dkk_per_gpu_hour_<type>` is for GPUs of one type; `dkk_per_billing_hour` for jobs without, where an hour counts the
    larger of cores and memory ÷ `memory_gb_per_unit`.
    """
    if given.gpus:
        price = parameters.get(_per_gpu(given))
        if price is None:
            return None
        words = t(
            "{n} GPUs × {price} DKK; whether their cores cost more is not stated", n=given.gpus,
            price=show_number(price),
        )  # fmt: skip
        return given.gpus * price, words
    price, per_core = parameters.get("dkk_per_billing_hour"), parameters.get("memory_gb_per_unit")
    if price is None or not per_core:
        return None
    words = t("max({cores} cores, {gb} GB / {per}) × {price} DKK", cores=given.cpus, gb=show_number(given.gb),
              per=show_number(per_core), price=show_number(price))  # fmt: skip
    return max(given.cpus, given.gb / per_core) * price, words


def _per_gpu(given: Given) -> str:
    return f"dkk_per_gpu_hour_{(given.gpu or '').lower()}"


def _lumi(numbers: Mapping[str, float], given: Given) -> Rate | None:
    nodes = given.whole_nodes
    if not given.gpus:
        return _lumi_cores(numbers, given)
    unit = t("GPU-hours")
    if nodes is not None:
        a_node = numbers["gpu_hours_per_node_hour"]
        return Rate(a_node * nodes, unit, t("{factor} × {n} whole nodes", factor=show_number(a_node), n=nodes))
    cores, memory = numbers["cpus_per_unit"], numbers["memory_gb_per_unit"]
    largest = max(given.gpus, math.ceil(given.cpus / cores), math.ceil(given.gb / memory))
    words = t("{factor} × max({gpus} GPU, {cpus} cores / {per_core} → {by_cores}, {gb} GB / {per_gb} → {by_memory})",
              factor=show_number(numbers["factor"], 3), gpus=given.gpus, cpus=given.cpus, per_core=show_number(cores),
              by_cores=math.ceil(given.cpus / cores), gb=show_number(given.gb), per_gb=show_number(memory),
              by_memory=math.ceil(given.gb / memory))  # fmt: skip
    return Rate(numbers["factor"] * largest, unit, words)


def _lumi_cores(numbers: Mapping[str, float], given: Given) -> Rate:
    if given.partition is None or given.partition.name != "small":
        return _cores(numbers, given)
    per = numbers["memory_gb_per_core"]
    by_memory = math.ceil(given.gb / per)
    words = t("max({cores} cores, {gb} GB / {per} → {by_memory})", cores=given.cpus, gb=show_number(given.gb),
              per=show_number(per), by_memory=by_memory)  # fmt: skip
    return Rate(max(given.cpus, by_memory), t("core-hours"), words)


def _ucloud(numbers: Mapping[str, float], given: Given) -> Rate | None:
    name = (given.gpu or "").lower()
    if not given.gpus or "b200" not in name:
        return None
    if "mig" not in name:
        return Rate(numbers["factor"] * given.gpus, t("GPU-hours"), t("{n} whole B200", n=given.gpus))
    if "1g." not in name and "mig.1g" not in name:
        return None  # slices of another size are not in the catalogue
    slices = numbers["mig_slices_per_gpu"]
    words = t("{n} MIG slices / {slices}", n=given.gpus, slices=show_number(slices))
    return Rate(numbers["factor"] * given.gpus / slices, t("GPU-hours"), words)


def _genomedk(numbers: Mapping[str, float], given: Given) -> Rate | None:
    unit, core_price = t("billing hours"), numbers["dkk_per_billing_hour"]
    if given.gpus:
        price = numbers[_per_gpu(given)]
        words = t("{n} GPUs × {price} / {core_price}, price by a core's; whether their cores count is not stated",
                  n=given.gpus, price=show_number(price), core_price=show_number(core_price))  # fmt: skip
        return Rate(given.gpus * price / core_price, unit, words)
    per = numbers["memory_gb_per_unit"]
    words = t("max({cores} cores, {gb} GB / {per})", cores=given.cpus, gb=show_number(given.gb), per=show_number(per))
    return Rate(max(given.cpus, given.gb / per), unit, words)


def _karolina(numbers: Mapping[str, float], given: Given) -> Rate | None:
    unit, per = t("node-hours"), numbers["gpus_per_unit"]
    there = (
        {sum(g.count for g in n.gres if g.name == "gpu") for n in given.partition.nodes} if given.partition else set()
    )
    if given.gpus:
        # Nodes for visualisation have GPUs as well, and count in another way.
        return (
            Rate(given.gpus / per, unit, t("{n} GPUs / {per}", n=given.gpus, per=show_number(per)))
            if there == {per}
            else None
        )
    nodes = given.whole_nodes
    return None if nodes is None or there != {0} else Rate(nodes, unit, t("{n} whole nodes", n=nodes))


def _vega(numbers: Mapping[str, float], given: Given) -> Rate:
    part = "gpu" if given.gpus else "largemem" if given.partition and given.partition.name == "largemem" else "cpu"
    memory_weight, factor = numbers[f"memory_gb_weight_{part}"], numbers["core_hours_per_unit"]
    memory = t("{gb} GB × {weight}", gb=show_number(given.gb), weight=show_number(memory_weight))
    parts = [t("{n} CPUs", n=given.cpus), memory]
    largest = max(given.cpus, given.gb * memory_weight)
    if given.gpus:
        weight = numbers["gpu_weight"]
        parts.append(t("{n} GPUs × {weight}", n=given.gpus, weight=show_number(weight)))
        largest = max(largest, given.gpus * weight)
    return Rate(factor * largest, t("core-hours"), f"{show_number(factor)} × max({', '.join(parts)})")


def _leonardo(numbers: Mapping[str, float], given: Given) -> Rate:
    if not given.gpus:
        return _cores(numbers, given)
    each = numbers["cores_per_gpu"]
    words = t("max({cores} cores, {n} GPUs × {each}); much memory counts as more cores", cores=given.cpus,
              n=given.gpus, each=show_number(each))  # fmt: skip
    return Rate(max(given.cpus, given.gpus * each), t("core-hours"), words)


def _gpus(numbers: Mapping[str, float], given: Given) -> Rate | None:
    cores, memory = numbers.get("cpus_per_unit", math.inf), numbers.get("memory_gb_per_unit", math.inf)
    if not given.gpus or given.cpus > cores * given.gpus or given.gb > memory * given.gpus:
        return None
    return Rate(given.gpus, t("GPU-hours"), t("{n} GPUs", n=given.gpus))


def _cores(_numbers: Mapping[str, float], given: Given) -> Rate:
    return Rate(given.cpus, t("core-hours"), t("{n} cores", n=given.cpus))


FORMULAS: dict[str, Callable[[Mapping[str, float], Given], Rate | None]] = {
    "lumi-g": _lumi,
    "ucloud-gpu": _ucloud,
    "genomedk": _genomedk,
    "karolina": _karolina,
    "vega": _vega,
    "leonardo": _leonardo,
    "gpu-hours": _gpus,
    "core-hours": _cores,
}
