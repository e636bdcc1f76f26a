"""The quote's arithmetic against Slurm's own, for jobs that really were given their nodes.

`benchmarks/billing.py` does it with hundreds of shapes by chance under three ways to bill.
"""

from __future__ import annotations

import time
from typing import Any

import billing_campaign as campaign
import pytest

from dkai.compute.cluster import Cluster
from dkai.compute.job import JobSpec, Resources, new_job_id
from dkai.compute.link import Link
from dkai.compute.quote.billing import counting_of, shapes
from dkai.compute.scheduler.slurm_request import Memory, SlurmRequest, request_for
from dkai.compute.scheduler.slurm_script import script
from dkai.compute.site import Site

# What the peers study measured, what dkai itself asks for, and where each rule bites.
OWN = [
    ("gpu", request_for(Resources(gpus=1, cpus=8, memory_mb=8192))),
    ("gpu", request_for(Resources(gpus=1, cpus=8, memory_mb=8192, exclusive=True, gpu_type="h100"))),
    ("gpu", request_for(Resources(gpus=1, cpus=16, cpus_per_gpu=16, memory_mb=4096))),
    ("gpu", request_for(Resources(gpus=3, cpus=5, memory_mb=4097))),
    ("gpu", request_for(Resources(gpus=2, cpus=3, memory_mb=10_001, nodes=2))),
    ("gpu", request_for(Resources(gpus=6, cpus=10, memory_mb=4097, nodes=2))),
    ("gpu", request_for(Resources(gpus=4, cpus=12, cpus_per_gpu=3, memory_mb=3000, nodes=2))),
    ("gpu", request_for(Resources(cpus=33, memory_mb=1111, nodes=2))),
    ("gpu", request_for(Resources(gpus=1, cpus=8, memory_mb=0, gpu_type="h100"))),
    ("gpu", SlurmRequest(cpus_per_node=3, gpus_per_node=1)),
    ("gpu", SlurmRequest(cpus_per_node=3, memory=Memory(1111, "cpu"), gpus_per_node=2)),
    ("gpu", SlurmRequest(cpus_per_node=3, memory=Memory(4444, "gpu"), gpus_per_node=2)),
    ("gpu-test", request_for(Resources(gpus=5, cpus=9, memory_mb=99_999))),
    ("cpu", request_for(Resources(cpus=17, memory_mb=100_000))),
    ("cpu", SlurmRequest(exclusive=True)),
    ("cpu", request_for(Resources(cpus=65))),
]
FRACTIONAL = [
    ("cpu", request_for(Resources(cpus=1, memory_mb=20_000))),
    ("cpu", request_for(Resources(cpus=16, memory_mb=103_796))),
    ("cpu", SlurmRequest(cpus_per_node=3, memory=Memory(7000, "cpu"))),
    ("cpu", request_for(Resources(memory_mb=0))),
    ("gpu", request_for(Resources(gpus=1, cpus=3, memory_mb=5001, gpu_type="a100"))),
    ("gpu", request_for(Resources(gpus=2, cpus=2, memory_mb=40_000, gpu_type="h100"))),
    ("gpu", request_for(Resources(gpus=4, cpus=6, memory_mb=20_001, nodes=2))),
    ("gpu-test", SlurmRequest(cpus_per_node=None, gpus_per_node=2)),
    ("gpu-test", SlurmRequest(cpus_per_node=2, gpus_per_node=1, exclusive=True)),
    ("whole", request_for(Resources(cpus=1, memory_mb=1000))),
    ("whole", SlurmRequest(memory=Memory(5000, "gpu"), gpus_per_node=1, gpu_type="h100")),
]


def discovered(link: Link) -> Cluster:
    return link.scheduler.parse_discovery(link.run(link.scheduler.discover()), time.time())


@pytest.mark.lab
def test_what_is_foreseen_is_what_sacct_says(lab: Any, lab_site: Site) -> None:
    with Link(lab_site) as link:
        trials = campaign.run(link, discovered(link), OWN, "project_a")
    assert [str(trial) for trial in trials if not trial.agrees] == []
    given = [trial.said for trial in trials]
    assert "billing=26" in given[0] and "billing=130" in given[1] and "billing=33" in given[2]
    assert trials[-1].number is None


@pytest.mark.lab(alone=True)
@pytest.mark.parametrize(("name", "wanted"), [("max-tres", OWN[:4]), ("fractional", FRACTIONAL)])
def test_other_ways_to_bill(lab: Any, lab_site: Site, name: str, wanted: list[tuple[str, SlurmRequest]]) -> None:
    with lab.weights(name), Link(lab_site) as link:
        trials = campaign.run(link, discovered(link), wanted, "project_a")
    assert [str(trial) for trial in trials if not trial.agrees] == []


@pytest.mark.lab
def test_the_script_asks_for_what_the_quote_is_about(lab: Any, lab_site: Site) -> None:
    """The job script's own head, given to sbatch as it stands: no other option changes what it is given."""
    with Link(lab_site) as link:
        cluster = discovered(link)
        part = next(p for p in cluster.partitions if p.name == "gpu")
        for ask in (Resources(gpus=2, cpus=3, memory_mb=3001, nodes=2), Resources(gpus=2, cpus=6, cpus_per_gpu=3)):
            spec = JobSpec(new_job_id(), "x", "1", "lab", ask, partition="gpu", account="project_a")
            head = [x for x in script(spec, lab_site.base or "", "python3").splitlines() if x.startswith("#")]
            answer = link.host.run(["sbatch", "--parsable"], stdin="\n".join([*head, "exit 0", ""]).encode())
            assert answer.returncode == 0, answer.stderr
            number = answer.stdout.strip()
            said = campaign.when_all_ended(link, [number])[number]
            foreseen = shapes(ask, part, counting_of(cluster))
            assert campaign.Trial("gpu", request_for(ask), foreseen, number, said).agrees, said
