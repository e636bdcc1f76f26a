"""The places' own formulas against the worked examples of their documentation, and numbers of our own, so marked."""

from __future__ import annotations

from typing import Any

import pytest

from dkai.catalogue.open import open_catalogue
from dkai.compute.cluster import Gres, NodeKind, Partition
from dkai.compute.quote.formulas import FORMULAS, Formula, Given, rate

SMALL = Partition("small")
STANDARD = Partition("standard", exclusive=True)


def numbers(provider: str) -> Formula:
    billing = open_catalogue().get(provider, "provider")["cost"]["billing"]
    return Formula(billing["formula"], billing.get("parameters") or {})


def amount(provider: str, hours: float, partition: Partition | None = None, gpu: str | None = None, **tres: Any) -> Any:
    """The amount that the shipped formula gives; memory in GB."""
    names = {"gpus": "gres/gpu", "cpus": "cpu", "gb": "mem", "nodes": "node"}
    given = {names[name]: n for name, n in tres.items()}
    given["mem"] = given.get("mem", 0) * 1024
    found = rate(numbers(provider), Given(given, gpu, partition))
    return None if found is None else pytest.approx(found.an_hour * hours), found and found.unit


@pytest.mark.parametrize(
    ("got", "expected"),
    [
        # LUMI user guide, “Billing policy”
        (amount("lumi", 2, Partition("debug"), cpus=32), 64),
        (amount("lumi", 12, STANDARD, nodes=16, cpus=16 * 128), 24_576),
        (amount("lumi", 24, SMALL, cpus=4, gb=4), 96),
        (amount("lumi", 24, SMALL, cpus=4, gb=32), 384),
        (amount("lumi", 24, Partition("small-g"), gpus=2, cpus=16, gb=128), 24),
        (amount("lumi", 24, Partition("small-g"), gpus=1, cpus=8, gb=128), 24),
        (amount("lumi", 24, Partition("standard-g", exclusive=True), gpus=32, nodes=4), 384),
        # UCloud: a whole B200 is 1 GPU-hour, which is 7 MIG-hours
        (amount("ucloud", 1, gpu="NVIDIA B200", gpus=1), 1),
        (amount("ucloud", 7, gpu="NVIDIA B200 MIG 1g.23gb", gpus=1), 1),
        # GenomeDK's price list: 6.00 / 0.13 = 46.15 for an L40S
        (amount("genomedk", 1, Partition("gpu"), gpu="l40s", gpus=1), 6.0 / 0.13),
        (amount("genomedk", 1, Partition("normal"), cpus=4, gb=64), 8),
        # Karolina: 4 GPUs for an hour are 0.5 node-hours
        (amount("karolina", 1, Partition("qgpu", nodes=(NodeKind(1, 128, 1, (Gres("gpu", None, 8),)),)), gpus=4), 0.5),
        (amount("karolina", 2, Partition("qcpu", exclusive=True, nodes=(NodeKind(1, 128, 1),)), nodes=3), 6),
        # Vega, https://en-doc.vega.izum.si/billing/: 256 CPUs, 250 GB and 4 GPUs for an hour are
        # 1/2 × MAX(256*1, 250*0.5, 4*64) = 128 core-hours, which is 256/256 = 1 node-hour
        (amount("vega", 1, cpus=256, gb=250, gpus=4), 128),
        # of our own, by the same formula and the page's weights:
        (amount("vega", 1, cpus=2, gb=500, gpus=1), 125),  # the memory: 500 GB × 0.5, halved
        (amount("vega", 2, Partition("cpu"), cpus=256, gb=250), 256),
        (amount("vega", 1, Partition("largemem"), cpus=64, gb=1000), 125),
        # Leonardo, CINECA's wiki (UG2.4: Accounting, the version for LEONARDO): cpus=24, gpus=1 are 24 cores;
        # cpus=6, gpus=1 are 8; cpus=24, gpus=4 are 32
        (amount("leonardo", 1, cpus=24, gpus=1), 24),
        (amount("leonardo", 1, cpus=6, gpus=1), 8),
        (amount("leonardo", 1, cpus=24, gpus=4), 32),
        (amount("leonardo", 3, cpus=112), 336),  # of our own
        # Gefion and Discoverer count GPU-hours, GPUs × hours; neither has a worked example that could be read
        (amount("gefion", 5, cpus=28, gb=250, gpus=8), 40),
        (amount("discoverer", 2, cpus=4 * 26, gb=4 * 257, gpus=4), 8),
        (amount("deic-large-memory-hippo", 3, Partition("p"), cpus=64), 192),
    ],
)
def test_worked_examples(got: Any, expected: float) -> None:
    assert got[0] == expected


def test_what_a_formula_does_not_cover() -> None:
    assert amount("ucloud", 1, gpu="NVIDIA B200 MIG 2g.45gb", gpus=1)[0] is None
    assert amount("ucloud", 1, cpus=8)[0] is None
    assert amount("genomedk", 1, gpu="b200", gpus=1)[0] is None
    assert (
        amount("karolina", 1, Partition("qviz", nodes=(NodeKind(1, 64, 1, (Gres("gpu", None, 2),)),)), gpus=1)[0]
        is None
    )
    assert amount("gefion", 1, cpus=8)[0] is None
    assert amount("discoverer", 1, cpus=27, gpus=1)[0] is None  # its counter runs faster then; how fast is not known
    assert amount("discoverer", 1, cpus=8, gb=258, gpus=1)[0] is None
    assert rate(Formula("no-such"), Given({"cpu": 1})) is None


def test_every_formula_of_the_catalogue_is_known() -> None:
    named = {(entry["cost"].get("billing") or {}).get("formula") for entry in open_catalogue().entries("provider")} - {
        None
    }
    assert named == set(FORMULAS)
