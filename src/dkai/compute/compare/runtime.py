"""How long the job would take on another GPU than it was measured on: a range between two simple assumptions.

As if arithmetic alone decided, times go by peak dense throughput; as if memory alone decided, by memory bandwidth (the
two ends of the roofline model: Williams, Waterman and Patterson, doi:10.1145/1498765.1498785). Real jobs lie between
them at best, and beyond them where reading files, start-up or the processor decide: the range is widened by WIDER on
both sides, and on a faster GPU its upper end is never below the measured time ÷ WIDER.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dkai.compute.compare.facts import Cited, Gpu
from dkai.compute.compare.job import Job, Reference
from dkai.core.i18n import t
from dkai.core.units import show_duration, show_number
from dkai.core.unknown import Unknown

WIDER = 1.5
_PREFERRED = ("bf16", "fp16", "tf32", "fp32")  # of a job that does not say: what both GPUs have a figure for


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of a GPU that the scaling used."""

    gpu: str
    what: str
    value: float
    unit: str
    source: str
    date: str


@dataclass(frozen=True, slots=True)
class RunTime:
    """From `low_s` to `high_s` seconds, how that was worked out, from what, and what it assumes."""

    low_s: float
    high_s: float
    formula: str
    assumption: str
    measured_s: float
    measured_on: str
    measured_says: str
    measured_date: str
    figures: tuple[Figure, ...] = ()


def scale(reference: Reference | None, gpu: Gpu | None, job: Job, gpus: Mapping[str, Gpu]) -> RunTime | Unknown:
    """The run time on `gpu`; unknown where nothing was measured, or the catalogue lacks figures."""
    if reference is None:
        return Unknown(t("not measured on a GPU; --took 2h@a100-80gb says what you know"))
    base = gpus.get(reference.gpu)
    if gpu is None or base is None:
        known = t("measured on a GPU only")
        return Unknown(known if base else t("the catalogue does not know the GPU {name}", name=reference.gpu))
    if reference.gpus != job.gpus:
        return Unknown(t("measured with {n} GPUs, not with {wanted}", n=reference.gpus, wanted=job.gpus))
    if base == gpu:
        return _same(reference, gpu)
    ratios, figures = _ratios(base, gpu, job.precision)
    if not ratios:
        return Unknown(t("the catalogue has no figures to compare {a} with {b}", a=base.name, b=gpu.name))
    low, high = min(ratios.values()), max(ratios.values())
    formula = t("{time} × {low}–{high}, ÷ and × {wider}", time=show_duration(reference.seconds), low=show_number(low),
                high=show_number(high), wider=show_number(WIDER))  # fmt: skip
    if high * WIDER < 1 / WIDER:
        formula += t(", the upper end at least {time}", time=show_duration(reference.seconds / WIDER))
    return RunTime(
        low_s=reference.seconds * low / WIDER,
        high_s=reference.seconds * max(high * WIDER, 1 / WIDER),
        formula=formula,
        assumption=_assumption(ratios),
        measured_s=reference.seconds,
        measured_on=base.name,
        measured_says=reference.says,
        measured_date=reference.date,
        figures=figures,
    )


def _same(reference: Reference, gpu: Gpu) -> RunTime:
    return RunTime(
        reference.seconds / WIDER, reference.seconds * WIDER,
        t("{time}, ÷ and × {wider}", time=show_duration(reference.seconds), wider=show_number(WIDER)),
        t("the same GPU; other disks, CPUs and neighbours change the time"),
        reference.seconds, gpu.name, reference.says, reference.date,
    )  # fmt: skip


def _ratios(base: Gpu, gpu: Gpu, precision: str | None) -> tuple[dict[str, float], tuple[Figure, ...]]:
    """Time there ÷ time here, by arithmetic and by memory, where both GPUs have the figure; and the figures."""
    ratios: dict[str, float] = {}
    figures: list[Figure] = []
    wanted = (precision, *_PREFERRED) if precision else _PREFERRED
    # A card without bfloat16 computes such a job in fp16, if at all: the next format that both have stands in.
    shared = next((name for name in wanted if name in base.tflops and name in gpu.tflops), None)
    if shared is not None:
        ratios["arithmetic"] = base.tflops[shared] / gpu.tflops[shared]
        figures += [_figure(one, f"{shared}, dense", one.tflops[shared], "TFLOPS", one.cited) for one in (base, gpu)]
    if base.bandwidth_gb_s and gpu.bandwidth_gb_s:
        ratios["memory"] = base.bandwidth_gb_s / gpu.bandwidth_gb_s
        figures += [
            _figure(one, "memory bandwidth", one.bandwidth_gb_s or 0, "GB/s", one.bandwidth_cited)
            for one in (base, gpu)
        ]
    return ratios, tuple(figures)


def _figure(gpu: Gpu, what: str, value: float, unit: str, source: Cited) -> Figure:
    return Figure(f"{gpu.id} ({gpu.part})" if gpu.part else gpu.id, what, value, unit, source.url, source.checked)


def _assumption(ratios: Mapping[str, float]) -> str:
    small = t("a GPU twice as fast rarely halves the time of a small job")
    if len(ratios) == 2:
        return t(
            "between × {arithmetic} as if bound by arithmetic and × {memory} as if bound by memory; {small}",
            arithmetic=show_number(ratios["arithmetic"]), memory=show_number(ratios["memory"]), small=small,
        )  # fmt: skip
    if "arithmetic" in ratios:
        return t("as if bound by arithmetic (× {ratio}); the memory's bandwidth is not known; {small}",
                 ratio=show_number(ratios["arithmetic"]), small=small)  # fmt: skip
    return t("as if bound by memory (× {ratio}); no arithmetic figure that both have is known; {small}",
             ratio=show_number(ratios["memory"]), small=small)  # fmt: skip
