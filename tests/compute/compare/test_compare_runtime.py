"""Run times scaled between GPUs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dkai.catalogue.open import open_catalogue
from dkai.compute.compare.facts import Gpu, read_gpus
from dkai.compute.compare.job import Job, Reference
from dkai.compute.compare.runtime import WIDER, RunTime, scale
from dkai.core.unknown import Unknown

SLOW = Gpu("slow", "Slow", "cuda", 24, {"bf16": 100, "fp32": 10}, 500)
FAST = Gpu("fast", "Fast", "cuda", 80, {"bf16": 400}, 1000)
OLD = Gpu("old", "Old", "cuda", 16, {"fp32": 5})
BLANK = Gpu("blank", "Blank", "cuda", 16)
GPUS = {gpu.id: gpu for gpu in (SLOW, FAST, OLD, BLANK)}
JOB = Job("r", 1, 4, 1024, 3600, gpu="required")
HOUR = Reference(3600, "fast", 1, "somebody measured")


def scaled(reference: Reference | None, gpu: Gpu | None, job: Job = JOB) -> RunTime:
    found = scale(reference, gpu, job, GPUS)
    assert isinstance(found, RunTime), found
    return found


def test_between_arithmetic_and_memory_and_wider() -> None:
    # On a GPU with a quarter of the arithmetic and half the bandwidth: 2 to 4 hours, ÷ and × 1.5.
    found = scaled(HOUR, SLOW)
    assert (found.low_s, found.high_s) == (pytest.approx(2 * 3600 / 1.5), pytest.approx(4 * 3600 * 1.5))
    assert {f.value for f in found.figures} == {400, 100, 1000, 500}
    assert "arithmetic" in found.assumption and "memory" in found.assumption and "rarely halves" in found.assumption


def test_on_a_faster_gpu_little_may_be_gained() -> None:
    # 4 times the arithmetic and twice the bandwidth: 15 min at best ÷ 1.5; at worst the hour ÷ 1.5, not 30 min × 1.5.
    found = scaled(Reference(3600, "slow", 1, ""), FAST)
    assert found.low_s == pytest.approx(900 / WIDER)
    assert found.high_s == pytest.approx(max(1800 * WIDER, 3600 / WIDER))
    tenfold = scale(
        Reference(3600, "slow", 1, ""), replace(FAST, tflops={"bf16": 1000}, bandwidth_gb_s=5000), JOB, GPUS
    )  # fmt: skip
    assert isinstance(tenfold, RunTime) and tenfold.high_s == pytest.approx(2400) and "at least" in tenfold.formula


def test_the_same_gpu() -> None:
    found = scaled(HOUR, FAST)
    assert (found.low_s, found.high_s) == (2400, 5400) and not found.figures


def test_the_precision_of_the_job_comes_first_and_one_that_both_have_stands_in() -> None:
    base = {
        "a": Gpu("a", "A", "cuda", 1, {"fp32": 20, "bf16": 300}),
        "b": Gpu("b", "B", "cuda", 1, {"fp32": 10, "bf16": 100}),
    }
    in_fp32 = scale(Reference(60, "a", 1, ""), base["b"], replace(JOB, precision="fp32"), base)
    assert isinstance(in_fp32, RunTime) and in_fp32.low_s == pytest.approx(120 / WIDER)
    assert "bandwidth is not known" in in_fp32.assumption
    stands_in = scaled(Reference(60, "slow", 1, ""), OLD, replace(JOB, precision="fp8"))
    assert {f.what for f in stands_in.figures} == {"fp32, dense"}


@pytest.mark.parametrize(
    ("reference", "gpu"),
    [(None, FAST), (HOUR, None), (replace(HOUR, gpus=4), FAST), (replace(HOUR, gpu="gone"), FAST), (HOUR, BLANK)],
)
def test_what_is_not_known_stays_so(reference: Reference | None, gpu: Gpu | None) -> None:
    assert isinstance(scale(reference, gpu, JOB, GPUS), Unknown)


def test_figures_of_the_catalogue_have_a_source_and_a_day() -> None:
    gpus = read_gpus(open_catalogue().entries("gpu"))
    found = scale(Reference(3600, "a100-80gb", 1, ""), gpus["h100"], JOB, gpus)
    assert isinstance(found, RunTime)
    # 312 → 989 TFLOPS and 2.0 → 3.35 TB/s
    assert found.low_s == pytest.approx(3600 * 312 / 989 / WIDER)
    assert all(f.source.startswith("https://") and f.date >= "2026-11-23" for f in found.figures)
