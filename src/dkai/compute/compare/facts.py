"""What is read of the catalogue for a comparison: GPUs as the places count them, and the places' machines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from dkai.core.i18n import t
from dkai.core.text import Text

if TYPE_CHECKING:
    from dkai.catalogue.catalogue import Entry

FORMATS = ("fp64", "fp32", "tf32", "bf16", "fp16", "fp8", "int8")


@dataclass(frozen=True, slots=True)
class Cited:
    """Who says so, and on which day somebody looked; `copied` is the date of the copy that was read."""

    url: str = ""
    checked: str = ""
    copied: str | None = None


@dataclass(frozen=True, slots=True)
class Gpu:
    """One GPU as a place counts them: a card, or the part of it that is lent out. Memory in GB, bandwidth in GB/s."""

    id: str
    name: str
    accelerator: str
    memory_gb: float
    tflops: Mapping[str, float] = field(default_factory=dict)  # dense, by format
    bandwidth_gb_s: float | None = None
    part: str = ""  # which part of the card it is; empty: all of it
    cited: Cited = field(default_factory=Cited)  # of the arithmetic
    bandwidth_cited: Cited = field(default_factory=Cited)


@dataclass(frozen=True, slots=True)
class Machine:
    """One kind of node or machine at a place. None is not known."""

    gpu: Gpu | None
    gpus: int | None = None  # in one machine
    cpus: int | None = None
    memory_gb: float | None = None
    partition: str = ""
    note: Text | None = None
    cited: Cited = field(default_factory=Cited)
    units_per_gpu: float = 1  # how many of these make what the place's formula counts as one GPU


def read_gpus(entries: Iterable[Entry]) -> dict[str, Gpu]:
    """The GPUs by id. Where a card is lent out in parts of its own (an MI250X is two GCDs), the part is the GPU."""
    found = {}
    for entry in entries:
        parts = entry.get("partitions") or 1
        formats = entry.get("formats") or {}
        bandwidth = entry.get("memory_bandwidth_gb_s")
        found[entry.id] = Gpu(
            id=entry.id,
            name=str(entry.text("name")),
            accelerator=entry["accelerator"],
            memory_gb=entry["memory_gb"] / parts,
            tflops={name: formats[name] / parts for name in FORMATS if formats.get(name)},
            bandwidth_gb_s=bandwidth / parts if bandwidth else None,
            part="" if parts == 1 else t("1/{n} card", n=parts),
            cited=_source_of(entry, "TFLOPS", "tensor cores", "FP32"),
            bandwidth_cited=_source_of(entry, "bandwidth"),
        )
    return found


def _source_of(entry: Entry, *words: str) -> Cited:
    """The newest source that is said to be used for what the first of these words names; else the entry's first."""
    sources = list(entry["sources"].values())
    for word in words:
        for source in reversed(sources):
            what = source["what"] if isinstance(source["what"], str) else source["what"]["en"]
            if word in what:
                return cited(source)
    return cited(sources[0])


def cited(source: Mapping[str, Any]) -> Cited:
    """A source of an entry."""
    return Cited(str(source["url"]), str(source["checked"]), source.get("stored"))


def first_source(entry: Entry, claims: Mapping[str, Any] | None) -> Cited:
    """The first source that a group of claims names, with the day on which the group was checked."""
    names = (claims or {}).get("sources") or ()
    if not names:
        return Cited()
    found = cited(entry["sources"][names[0]])
    return replace(found, checked=str((claims or {}).get("checked") or found.checked))


def read_machines(entry: Entry, gpus: Mapping[str, Gpu], parts: Mapping[str, int]) -> tuple[Machine, ...]:
    """The place's machines; `parts` says how many schedulable parts a card has."""
    found = []
    for one in entry.get("hardware", ()):
        gpu = gpus.get(one["gpu"]) if one.get("gpu") else None
        if one.get("gpu") and gpu is None:
            continue  # a GPU that the catalogue lost; `dkai catalogue validate` says so
        cards = _number(one.get("gpus_per_node"))
        note = one.get("note")
        found.append(
            Machine(
                gpu=gpu,
                gpus=None if cards is None or gpu is None else int(cards) * parts.get(gpu.id, 1),
                cpus=None if (cpus := _number(one.get("cpus_per_node"))) is None else int(cpus),
                memory_gb=_number(one.get("memory_gb_per_node")),
                partition=str(one.get("partition") or ""),
                note=None if note is None else Text.of(note),
                cited=first_source(entry, one),
            )
        )
    return (*found, *_slices(entry, found))


def _slices(entry: Entry, machines: Iterable[Machine]) -> list[Machine]:
    """Slices of a GPU (MIG) that the place lends out, where its billing says how many a GPU has.

    A slice of one seventh has a seventh of the arithmetic and an eighth of the memory's bandwidth (NVIDIA's MIG user
    guide, “Supported MIG profiles”: 1g has 1/7 of the SMs and 1/8 of the memory).
    """
    numbers = (entry["cost"].get("billing") or {}).get("parameters") or {}
    count, memory = numbers.get("mig_slices_per_gpu"), numbers.get("mig_slice_memory_gb")
    if not count or not memory:
        return []
    made = []
    for machine in machines:
        if (gpu := machine.gpu) is None:
            continue
        part = replace(
            gpu,
            memory_gb=memory,
            tflops={name: value / count for name, value in gpu.tflops.items()},
            bandwidth_gb_s=None if gpu.bandwidth_gb_s is None else gpu.bandwidth_gb_s / (count + 1),
            part=t("MIG 1/{n}", n=int(count)),
        )
        each = 1 if machine.gpus is None else machine.gpus
        made.append(
            replace(
                machine, gpu=part, gpus=1, units_per_gpu=count,
                cpus=None if machine.cpus is None else int(machine.cpus / each / (count + 1)),
                memory_gb=None if machine.memory_gb is None else machine.memory_gb / each / (count + 1),
            )
        )  # fmt: skip
    return made


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None
