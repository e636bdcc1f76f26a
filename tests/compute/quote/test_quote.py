from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from clusters import GPU, account, choice, cluster, recipe

from dkai.compute.cluster import Cluster
from dkai.compute.quote.carbon import Power
from dkai.compute.quote.cost import Cost
from dkai.compute.quote.estimate import Estimate
from dkai.compute.quote.formulas import Formula
from dkai.compute.quote.limit import Verdict
from dkai.compute.quote.quote import Place, Price, Quote, make_quote, refuse
from dkai.core.i18n import use_language
from dkai.core.unknown import Unknown


def quote(where: Cluster | None = None, place: Place | None = None, low: float | None = None, **wishes: Any) -> Quote:
    there = where or cluster()
    return make_quote(choice(there, **wishes), there, place or Place("c"), low_minutes=low)


def test_cost_in_the_clusters_own_unit() -> None:
    found = quote()  # 1 GPU, 4 cores, 16 GB, 2 h: 4 + 4 + 16 = 24 an hour
    assert isinstance(found.cost, Cost)
    assert (found.cost.amount.low, found.cost.amount.high) == (None, 48)
    assert found.hours == Estimate(None, 2, "GPU-hours")
    assert (found.partition, found.account, found.qos, found.budget) == ("gpu", "a", "normal", "known")
    assert found.verdict is Verdict.OK


def test_a_measured_time_gives_the_lower_end() -> None:
    found = quote(low=30)
    assert found.hours == Estimate(0.5, 2, "GPU-hours")
    assert isinstance(found.cost, Cost) and found.cost.amount.low == 12
    assert quote(low=500).hours.low == 2  # never more than what is asked for


def test_a_range_over_kinds_of_node() -> None:
    weights = {"GRES/gpu:h100": 40.0, "GRES/gpu:a100": 20.0}
    found = quote(cluster(partitions=(replace(GPU, billing_weights=weights),)))
    assert isinstance(found.cost, Cost)
    assert found.cost.amount.high == 80
    assert "20–40" in found.cost.formula


def test_a_whole_node() -> None:
    found = quote(partition="big", account="rich", walltime_s=3600)
    # 128 cores + 4 + 128 (8 GPUs × 16) = 260 an hour
    assert isinstance(found.cost, Cost) and found.cost.amount.high == 260
    assert any("whole nodes" in line for line in found.warnings)


def test_what_is_not_told_stays_unknown() -> None:
    found = quote(cluster(partitions=(replace(GPU, billing_weights=None),), associations=None))
    assert isinstance(found.cost, Unknown)
    assert found.budget == "unknown" and found.balances == ()
    assert isinstance(found.price_dkk, Unknown)
    assert isinstance(found.start, Unknown)
    assert quote(account="rich").budget == "none"
    assert quote(cluster(associations=(account("a", 600, None),))).budget == "unknown"


def test_lumis_own_formula() -> None:
    numbers = {"factor": 0.5, "cpus_per_unit": 8, "memory_gb_per_unit": 64, "gpu_hours_per_node_hour": 4}
    place = Place("LUMI", formula=Formula("lumi-g", numbers, "docs"))
    # The examples of the user guide: 2 GCDs for 24 h are 24 GPU-hours; 1 GCD with 128 GB for 24 h is as much.
    found = quote(place=place, gpus=2, cpus=16, memory_mb=128 * 1024, walltime_s=86_400)
    assert isinstance(found.cost, Cost) and found.cost.amount.high == 24
    found = quote(place=place, gpus=1, cpus=8, memory_mb=128 * 1024, walltime_s=86_400)
    assert isinstance(found.cost, Cost) and found.cost.amount.high == 24
    assert found.cost.source == "docs"
    # 4 whole nodes for 24 h are 384; one for 1 h is 4.
    found = quote(place=place, partition="big", account="rich", walltime_s=3600)
    assert isinstance(found.cost, Cost) and found.cost.amount.high == 4
    # It says nothing about jobs without GPU: then the cluster's own weights count.
    found = quote(place=place, gpus=0)
    assert isinstance(found.cost, Cost) and found.cost.source == "cluster"


def test_a_known_price() -> None:
    found = quote(place=Place("x", price=Price(6.0, "1 GPUs × 6 DKK", "list of 2026")))
    assert found.price_dkk == Estimate(None, 12, "DKK")
    assert "2026" in found.price_how


def test_carbon_range() -> None:
    power = Power(gpu_watts=(400, 700), gpu_name="x", pue=1.2, grams_per_kwh=150, grid="DK 2023")
    found = quote(place=Place("x", power=power), low=60).carbon
    # least 1 h × 0.4 kW × 1.2 × 30 %, most 2 h × 0.7 kW × 1.2
    assert isinstance(found.energy_kwh, Estimate) and isinstance(found.co2e_kg, Estimate)
    assert found.energy_kwh.low == pytest.approx(0.144) and found.energy_kwh.high == pytest.approx(1.68)
    assert found.co2e_kg.high == pytest.approx(0.252)


@pytest.mark.parametrize(
    ("power", "energy", "carbon", "says"),
    [
        (Power(), False, False, "power"),
        (Power(gpu_watts=(400, 400)), True, False, "grid"),
        (Power(gpu_watts=(400, 400), grams_per_kwh=100), True, True, "PUE is not known"),
    ],
)
def test_carbon_says_what_is_missing(power: Power, energy: bool, carbon: bool, says: str) -> None:
    found = quote(place=Place("x", power=power)).carbon
    assert isinstance(found.energy_kwh, Estimate) is energy
    assert isinstance(found.co2e_kg, Estimate) is carbon
    assert says in f"{found.co2e_kg} {found.how}"


def test_refusals_name_the_amounts_and_every_way_out() -> None:
    there = cluster()
    made = choice(there, account="poor")
    error = refuse(make_quote(made, there, Place("c")), made, there)
    assert error is not None and error.code == "over-budget" and error.exit_code == 3
    assert error.message == "this job could use 2 GPU-hours; poor has 0.5 left"
    for option in ("--time 00:30:00", "--account a", "--account rich", "--allow-over"):
        assert option in (error.hint or "")
    made = choice(there, walltime_s=3 * 86_400)
    error = refuse(make_quote(made, there, Place("c")), made, there)
    assert error is not None and error.code == "over-budget" and "also: " in (error.hint or "")
    made = choice(there)
    assert refuse(make_quote(made, there, Place("c")), made, there) is None


def test_missing_probes_are_said() -> None:
    assert any("sacctmgr" in line for line in quote(cluster(missing={"associations": "sacctmgr: no"})).warnings)


def test_estimates_in_both_languages() -> None:
    assert str(Estimate(None, 1.5, "h")) == "at most 1.5 h"
    assert str(Estimate(0.0003, 0.5, "h")) == "0.0003–0.5 h"
    assert str(Estimate(2, 2, "h")) == "2 h"
    use_language("da")
    assert str(Estimate(0.4, 1.5)) == "0,4–1,5"


def test_a_recipe_without_gpu_has_core_hours() -> None:
    there = cluster()
    made = choice(there, of=recipe(gpus=0))
    assert make_quote(made, there, Place("c")).hours == Estimate(None, 8, "core-hours")
