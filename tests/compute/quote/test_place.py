"""What the shipped catalogue gives a quote."""

from __future__ import annotations

from unittest.mock import ANY

import pytest

from dkai.catalogue.open import open_catalogue
from dkai.compute.quote.formulas import Given, price_an_hour
from dkai.compute.quote.place import find_gpu, place_of
from dkai.compute.site import Site


def at(provider: str | None) -> Site:
    return Site("x", host="ssh", scheduler="slurm", address="x", provider=provider)


def test_lumi() -> None:
    place = place_of(at("lumi"), {"mi250x"})
    assert place.formula is not None and place.formula.name == "lumi-g"
    assert "2024-10-15" in place.formula.source
    # Slurm's GPU is one half of the card: 500 W / 2.
    assert place.power.gpu_watts == (250, 250)
    assert place.power.grid == "FI 2023"
    assert any("job names" in fact.lower() for fact in place.facts)


def test_a_known_price_of_genomedk() -> None:
    place = place_of(at("genomedk"), {"l40s"})
    assert place.numbers is not None and place.model == "paid"
    numbers = place.numbers.parameters
    assert price_an_hour(numbers, Given({"gres/gpu": 1}, "l40s")) == (6, ANY)
    found = price_an_hour(numbers, Given({"cpu": 4, "mem": 64 * 1024}))
    assert found is not None and found[0] == pytest.approx(8 * 0.13)  # 64 GB / 8 is more than 4
    assert price_an_hour(numbers, Given({"gres/gpu": 1}, "b200")) is None


def test_a_price_list_in_another_currency_is_not_converted() -> None:
    listed = place_of(at("runpod"), {"NVIDIA H100 80GB HBM3"}).listed
    assert listed is not None and listed.currency == "USD" and listed.least < listed.most
    assert "2026-11-09" in listed.source
    assert place_of(at("runpod"), {"h100", "h200"}).listed is None  # which of them is not known
    assert place_of(at("lumi"), {"mi250x"}).listed is None


def test_rules_and_cost_model() -> None:
    place = place_of(at("lumi"), {"mi250x"})
    assert place.model == "free-within-allocation" and place.policy.account_required is not None
    assert place.eligible


def test_what_the_catalogue_does_not_know() -> None:
    for provider in (None, "no-such-place"):
        place = place_of(at(provider), {"no-such-gpu"})
        assert place.formula is None and place.listed is None and place.power.gpu_watts is None
    assert place_of(at("lumi"), {"mi250x", "no-such-gpu"}).power.gpu_watts is None


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("h100", "h100"),
        ("NVIDIA H100 80GB HBM3", "h100"),
        ("nvidia_h100_80gb_hbm3", "h100"),
        ("mi250x", "mi250x"),
        ("x", None),
    ],
)
def test_gpus_by_the_names_that_clusters_and_drivers_use(name: str, expected: str | None) -> None:
    found = find_gpu(open_catalogue(), name)
    assert (None if found is None else found.id) == expected
