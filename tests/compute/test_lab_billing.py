"""The quote's arithmetic against Slurm's own, for jobs that really were given their nodes."""

from __future__ import annotations

import time
from typing import Any

import pytest

from dkai.compute.job import JobSpec, Resources, new_job_id
from dkai.compute.link import Link
from dkai.compute.quote.billing import shapes
from dkai.compute.scheduler.slurm_script import script
from dkai.compute.site import Site

pytestmark = pytest.mark.lab

# partition, what is asked for
SHAPES = [
    ("gpu", Resources(gpus=1, cpus=1, memory_mb=1024)),
    ("gpu", Resources(gpus=1, cpus=8, memory_mb=8192)),
    ("gpu", Resources(gpus=1, cpus=8, memory_mb=16000)),
    ("gpu", Resources(gpus=1, cpus=7, memory_mb=60 * 1024, gpu_type="a100")),
    ("gpu", Resources(gpus=2, cpus=16, memory_mb=64 * 1024, gpu_type="h100")),
    ("gpu", Resources(gpus=4, cpus=64, memory_mb=500_000, gpu_type="h100")),
    ("gpu", Resources(gpus=8, cpus=128, memory_mb=1_000_000)),
    ("gpu", Resources(gpus=8, cpus=1, memory_mb=1)),
    ("gpu", Resources(gpus=3, cpus=5, memory_mb=4097)),
    ("gpu", Resources(gpus=1, cpus=3, memory_mb=4095)),
    ("gpu", Resources(gpus=1, cpus=3, memory_mb=4096)),
    ("gpu", Resources(gpus=0, cpus=3, memory_mb=12_345)),
    ("gpu", Resources(gpus=0, cpus=1, memory_mb=3)),
    ("gpu-test", Resources(gpus=1, cpus=2, memory_mb=2048)),
    ("gpu-test", Resources(gpus=5, cpus=9, memory_mb=99_999)),
    ("cpu", Resources(gpus=0, cpus=1, memory_mb=100)),
    ("cpu", Resources(gpus=0, cpus=17, memory_mb=100_000)),
    ("cpu", Resources(gpus=0, cpus=64, memory_mb=250_000)),
    ("gpu", Resources(gpus=2, cpus=4, memory_mb=2048, nodes=2)),
    ("gpu", Resources(gpus=2, cpus=2, memory_mb=10_001, nodes=2)),
    ("gpu", Resources(gpus=1, cpus=8, memory_mb=0, gpu_type="h100")),
]  # fmt: skip


def test_billing_and_tres_are_what_sacct_says(lab: Any, lab_site: Site) -> None:
    with Link(lab_site) as link:
        cluster = link.scheduler.parse_discovery(link.run(link.scheduler.discover()), time.time())
        jobs = {}
        for partition, ask in SHAPES:
            spec = JobSpec(new_job_id(), "x", "1", "lab", ask, partition=partition, account="project_a")
            head = [line for line in script(spec, lab_site.base or "", "python3").splitlines() if line.startswith("#")]
            text = "\n".join([*head, "exit 0", ""])
            answer = link.host.run(["sbatch", "--parsable"], stdin=text.encode())
            assert answer.returncode == 0, (ask, answer.stderr)
            jobs[answer.stdout.strip()] = (partition, ask)
    told = _when_all_ended(lab, list(jobs))
    parts = {p.name: p for p in cluster.partitions}
    wrong = {}
    for number, (partition, ask) in jobs.items():
        tres = dict(pair.split("=") for pair in told[number].split(","))
        found = shapes(ask, parts[partition], rule=cluster.billing_rule)
        expected = {shape.billing for shape in found}
        fits = int(tres["billing"]) in expected and any(
            int(tres["cpu"]) == s.tres["cpu"]
            and int(tres.get("gres/gpu", 0)) == s.tres.get("gres/gpu", 0)
            and int(tres["node"]) == s.tres["node"]
            for s in found
        )
        if not fits:
            wrong[number] = (ask, told[number], expected)
    assert wrong == {}


def _when_all_ended(lab: Any, numbers: list[str]) -> dict[str, str]:
    for _ in range(60):
        lines = lab.ssh(f"sacct -X -n -P -j {','.join(numbers)} -o jobidraw,state,alloctres").stdout.splitlines()
        rows = [line.split("|") for line in lines]
        ended = {number: tres for number, state, tres in rows if state == "COMPLETED" and tres}
        if len(ended) == len(numbers):
            return ended
        time.sleep(1)
    raise AssertionError(rows)
