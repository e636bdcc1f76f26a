"""What the shipped catalogue gives a quote."""

from __future__ import annotations

import pytest

from dkai.catalogue.open import open_catalogue
from dkai.compute.job import Resources
from dkai.compute.quote.place import find_gpu, place_of
from dkai.compute.site import Site

GPU = Resources(gpus=1)


def at(provider: str | None) -> Site:
    return Site("x", host="ssh", scheduler="slurm", address="x", provider=provider)


def test_lumi() -> None:
    place = place_of(at("lumi"), GPU, {"mi250x"})
    assert place.formula is not None and place.formula.name == "lumi-g"
    assert "2024-10-15" in place.formula.source
    # Slurm's GPU is one half of the card: 500 W / 2.
    assert place.power.gpu_watts == (250, 250)
    assert place.power.grid == "FI 2023"
    assert any("job names" in fact.lower() for fact in place.facts)


def test_a_known_price_of_genomedk() -> None:
    place = place_of(at("genomedk"), GPU, {"l40s"})
    assert place.price is not None and place.price.dkk_an_hour == 6
    place = place_of(at("genomedk"), Resources(cpus=4, memory_mb=64 * 1024), set())
    assert place.price is not None and place.price.dkk_an_hour == pytest.approx(8 * 0.13)  # 64 GB / 8 is more than 4
    assert place_of(at("genomedk"), GPU, {"b200"}).price is None


def test_what_the_catalogue_does_not_know() -> None:
    for provider in (None, "no-such-place"):
        place = place_of(at(provider), GPU, {"no-such-gpu"})
        assert place.formula is None and place.price is None and place.power.gpu_watts is None
    assert place_of(at("lumi"), GPU, {"mi250x", "no-such-gpu"}).power.gpu_watts is None


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
