"""The places' own formulas against the worked examples of their documentation."""

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
    assert rate(Formula("no-such"), Given({"cpu": 1})) is None


def test_every_formula_of_the_catalogue_is_known() -> None:
    named = {(entry["cost"].get("billing") or {}).get("formula") for entry in open_catalogue().entries("provider")} - {
        None
    }
    assert named == set(FORMULAS)
