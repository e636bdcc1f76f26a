"""What the shipped catalogue gives a quote."""

from __future__ import annotations

from unittest.mock import ANY

import pytest

from dkai.catalogue.open import open_catalogue
from dkai.compute.quote.formulas import Given, price_an_hour
from dkai.compute.quote.place import find_gpu, find_gpus, gpu_names, listed_prices, place_of
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


def test_a_bare_name_is_one_of_several() -> None:
    catalogue = open_catalogue()
    assert {gpu.id for gpu in find_gpus(catalogue, "a100")} >= {"a100-40gb", "a100-80gb", "a100-80gb-pcie"}
    assert {gpu.id for gpu in find_gpus(catalogue, "gh200")} == {"gh200-96gb", "gh200-144gb"}
    assert find_gpu(catalogue, "a100") is None and find_gpu(catalogue, "v100") is None
    # What the place has decides, where it has only one of them.
    assert (found := find_gpu(catalogue, "a100", {"a100-40gb"})) is not None and found.id == "a100-40gb"
    assert find_gpu(catalogue, "a100", {"a100-40gb", "a100-80gb"}) is None
    assert place_of(at("aau-ai-cloud"), {"a100"}).power.gpu_watts == (400, 400)
    assert place_of(at("ku-hendrix"), {"a100"}).power.gpu_watts == (400, 400)  # both kinds there use as much
    assert place_of(at(None), {"a100"}).power.gpu_watts is None  # of one of them the power is not known


def test_a_line_of_a_price_list_is_for_the_longest_name_that_it_begins_with() -> None:
    catalogue = open_catalogue()
    names = gpu_names(catalogue.entries("gpu"))

    def listed(provider: str, gpu: str) -> list[float]:
        return [one["usd"] for one in listed_prices(catalogue.get(provider, "provider"), names).get(gpu, [])]

    assert listed("lambda-cloud", "a100-40gb") == [1.99] and listed("lambda-cloud", "a100-80gb") == [2.79]
    assert listed("lambda-cloud", "h100-pcie") == [3.29] and listed("lambda-cloud", "h100") == [4.29]
    assert listed("nebius", "h100") == [3.85]  # the preemptible one may be taken back in the middle of a job
    assert listed("aws", "a100-80gb") == [3.4309]


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
