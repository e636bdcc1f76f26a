"""Which of a place's machines would hold the job: the smallest GPU that is large enough."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import ceil

from dkai.compute.compare.facts import Machine
from dkai.compute.compare.job import Job
from dkai.core.i18n import nt, t
from dkai.core.units import show_number


@dataclass(frozen=True, slots=True)
class Fit:
    """The machine, what the job would be given of it, and what is not known for certain."""

    machine: Machine
    gpus: int
    cpus: int
    memory_gb: float
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a place is not for this job. `code` is stable and kebab-case."""

    code: str
    says: str


def fit(job: Job, machines: Sequence[Machine], *, priced: Iterable[str] = ()) -> Fit | Reason:
    """The smallest machine that holds the job. A GPU with a known price (`priced`) goes before one without."""
    if not machines:
        return Reason("no-machines", t("no machine of its own that the catalogue knows of"))
    with_gpu = [m for m in machines if m.gpu is not None]
    if job.gpus and (with_gpu or job.gpu != "optional"):
        return _with_gpus(job, with_gpu, set(priced))
    found = _without(job, machines)
    if isinstance(found, Fit) and job.gpus:
        return Fit(found.machine, 0, found.cpus, found.memory_gb, (t("no GPU there: the recipe runs without one"),))
    return found


def _with_gpus(job: Job, machines: Sequence[Machine], priced: set[str]) -> Fit | Reason:
    each = ceil(job.gpus / job.nodes)
    if not machines:
        return Reason("no-gpu", t("no GPU there that the catalogue knows of"))
    left = list(machines)
    for keeps, why in _tests(job, each):
        kept = [m for m in left if keeps(m)]
        if not kept:
            return why(left)
        left = kept
    best = min(left, key=lambda m: _size(m, priced))
    doubts = []
    if best.gpus is None and each > 1:
        doubts.append(t("how many GPUs a machine has there is not known"))
    if job.gpu_memory_gb is None:
        doubts.append(t("how much GPU memory the job needs is not known; --gpu-memory says it"))
    cpus, memory = _share(job, best, each)
    return Fit(best, job.gpus, cpus, memory, tuple(doubts))


Test = tuple[Callable[[Machine], bool], Callable[[list[Machine]], Reason]]


def _tests(job: Job, each: int) -> Iterator[Test]:
    """What a machine must pass, one after the other, and what is said where none does."""
    need = job.gpu_memory_gb or 0
    yield (
        lambda m: m.gpu is not None and m.gpu.accelerator in job.accelerators,
        lambda _: Reason("accelerator", _wrong_maker(job)),
    )
    yield (
        lambda m: not job.only_gpus or (m.gpu is not None and m.gpu.id in job.only_gpus),
        lambda _: Reason("gpu-type", t("not the GPU that was asked for")),
    )
    yield (
        lambda m: m.gpu is not None and m.gpu.memory_gb >= need,
        lambda left: Reason("gpu-memory", _too_small(left, need)),
    )
    yield (lambda m: m.gpus is None or m.gpus >= each, lambda left: Reason("gpu-count", _too_few(left)))
    yield (
        lambda m: _holds(job, m),
        lambda _: Reason("memory", t("no machine there has that much memory or so many cores")),
    )


def _too_small(machines: Iterable[Machine], need: float) -> str:
    most = max(m.gpu.memory_gb for m in machines if m.gpu is not None)
    return t(
        "too little GPU memory: at most {most} GB, {need} needed", most=show_number(most, 0), need=show_number(need)
    )


def _too_few(machines: Iterable[Machine]) -> str:
    most = max(m.gpus or 0 for m in machines)
    return nt("at most {n} such GPU in a machine", "at most {n} such GPUs in a machine", most)


def _size(machine: Machine, priced: set[str]) -> tuple[bool, float, float]:
    gpu = machine.gpu
    if gpu is None:
        return (True, 0, 0)
    # Of two with as much memory the slower is the smaller one.
    return (bool(priced) and gpu.id not in priced, gpu.memory_gb, max(gpu.tflops.values(), default=0))


def _wrong_maker(job: Job) -> str:
    if job.accelerators == ("cuda",):
        return t("no NVIDIA GPU there, and the recipe needs CUDA")
    if job.accelerators == ("rocm",):
        return t("no AMD GPU there, and the recipe needs ROCm")
    return t("no GPU there of a kind that the recipe can use")


def _holds(job: Job, machine: Machine) -> bool:
    """Whether memory and cores suffice, as far as they are known; cores of a GPU job may be fewer than asked for."""
    gb = job.memory_mb / 1024
    if machine.memory_gb is not None and machine.memory_gb < gb:
        return False
    return bool(job.gpus and machine.gpu) or machine.cpus is None or machine.cpus >= job.cpus / job.nodes


def _share(job: Job, machine: Machine, each: int) -> tuple[int, float]:
    """Cores and memory in all: no more than the GPUs' share of their machines, as a quote has it."""
    cpus, memory = job.cpus, job.memory_mb / 1024 * job.nodes
    if machine.gpus:
        if machine.cpus is not None:
            cpus = min(cpus, max(1, machine.cpus * each // machine.gpus) * job.nodes)
        if machine.memory_gb is not None:
            memory = min(memory, machine.memory_gb * each / machine.gpus * job.nodes)
    return cpus, memory


def _without(job: Job, machines: Sequence[Machine]) -> Fit | Reason:
    """A machine for a job without GPU: one that has none, where there is such a one."""
    holding = [m for m in machines if _holds(job, m)]
    if not holding:
        return Reason("memory", t("no machine there has that much memory or so many cores"))
    best = min(holding, key=lambda m: (m.gpu is not None, m.memory_gb or float("inf"), m.cpus or 0))
    doubts = () if best.gpu is None else (t("only machines with GPUs there that the catalogue knows of"),)
    return Fit(best, 0, job.cpus, job.memory_mb / 1024 * job.nodes, doubts)
