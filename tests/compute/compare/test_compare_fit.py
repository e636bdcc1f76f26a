"""Which machine would hold the job."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dkai.catalogue.open import open_catalogue
from dkai.compute.compare.facts import Gpu, Machine, read_gpus, read_machines
from dkai.compute.compare.fit import Fit, Reason, fit
from dkai.compute.compare.job import Job

T4 = Gpu("t4", "T4", "cuda", 16, {"fp16": 65})
L40S = Gpu("l40s", "L40S", "cuda", 48, {"bf16": 362})
A40 = Gpu("a40", "A40", "cuda", 48, {"bf16": 150})
MI250X = Gpu("mi250x", "MI250X", "rocm", 64)
JOB = Job("r", gpus=1, cpus=4, memory_mb=16 * 1024, walltime_s=3600, gpu="required", gpu_memory_gb=20)


def chosen(job: Job, *machines: Machine, priced: tuple[str, ...] = ()) -> str:
    found = fit(job, machines, priced=priced)
    assert isinstance(found, Fit), found
    return "none" if found.machine.gpu is None or not found.gpus else found.machine.gpu.id


def why(job: Job, *machines: Machine) -> str:
    found = fit(job, machines)
    assert isinstance(found, Reason), found
    return found.code


def test_the_smallest_that_is_large_enough() -> None:
    assert chosen(JOB, Machine(L40S), Machine(T4), Machine(A40)) == "a40"  # of two with 48 GB the slower
    assert chosen(replace(JOB, gpu_memory_gb=10), Machine(L40S), Machine(T4)) == "t4"
    assert chosen(JOB, Machine(A40), Machine(L40S), priced=("l40s",)) == "l40s"  # a price goes before size
    assert chosen(replace(JOB, only_gpus=("l40s",)), Machine(A40), Machine(L40S)) == "l40s"


@pytest.mark.parametrize(
    ("job", "machine", "expected"),
    [
        (JOB, None, "no-machines"),
        (JOB, Machine(None, cpus=64), "no-gpu"),
        (JOB, Machine(T4), "gpu-memory"),
        (replace(JOB, gpus=4), Machine(L40S, gpus=2), "gpu-count"),
        (replace(JOB, accelerators=("cuda",)), Machine(MI250X), "accelerator"),
        (replace(JOB, accelerators=("rocm",)), Machine(L40S), "accelerator"),
        (replace(JOB, only_gpus=("h100",)), Machine(L40S), "gpu-type"),
        (replace(JOB, memory_mb=900 * 1024), Machine(L40S, memory_gb=512), "memory"),
        (Job("r", 0, 128, 1024, 60), Machine(None, cpus=64), "memory"),
    ],
)
def test_why_not(job: Job, machine: Machine | None, expected: str) -> None:
    assert why(job, *([] if machine is None else [machine])) == expected


def test_several_nodes_share_the_gpus() -> None:
    assert chosen(replace(JOB, gpus=4, nodes=2), Machine(L40S, gpus=2)) == "l40s"


def test_a_recipe_that_can_do_without_runs_without() -> None:
    optional = replace(JOB, gpu="optional")
    assert chosen(optional, Machine(None, cpus=64)) == "none"
    assert chosen(optional, Machine(None, cpus=64), Machine(L40S)) == "l40s"
    assert why(optional, Machine(T4), Machine(None)) == "gpu-memory"  # there are GPUs, and they are too small


def test_cores_and_memory_are_the_gpus_share_of_their_machine() -> None:
    found = fit(replace(JOB, cpus=32, memory_mb=400 * 1024), [Machine(L40S, gpus=8, cpus=64, memory_gb=768)])
    assert isinstance(found, Fit) and (found.cpus, found.memory_gb) == (8, 96)


def test_what_is_not_known_is_a_doubt_and_no_refusal() -> None:
    found = fit(replace(JOB, gpus=2, gpu_memory_gb=None), [Machine(L40S)])
    assert isinstance(found, Fit) and len(found.doubts) == 2


def test_the_catalogues_machines() -> None:
    catalogue = open_catalogue()
    entries = list(catalogue.entries("gpu"))
    gpus = read_gpus(entries)
    parts = {entry.id: entry.get("partitions") or 1 for entry in entries}
    # LUMI: Slurm's GPU is half a card of 128 GB, and there are eight of them in a node of four cards.
    assert gpus["mi250x"].memory_gb == 64 and gpus["mi250x"].tflops["bf16"] == 383 / 2
    assert gpus["mi250x"].bandwidth_gb_s == 3280 / 2
    lumi = read_machines(catalogue.get("lumi", "provider"), gpus, parts)
    assert lumi[0].gpus == 8 and lumi[1].gpu is None
    # UCloud: a whole B200, nodes without GPU, and the MIG slice of a seventh.
    ucloud = read_machines(catalogue.get("ucloud", "provider"), gpus, parts)
    slice_ = ucloud[-1]
    assert slice_.gpu is not None and slice_.units_per_gpu == 7 and slice_.gpu.memory_gb == 21
    assert slice_.gpu.tflops["bf16"] == pytest.approx(2250 / 7) and slice_.gpu.bandwidth_gb_s == 1000
    assert (slice_.cpus, slice_.memory_gb) == (6, 36)  # as UCloud's product list has it: 6 vCPUs and 36 GB
