from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from clusters import CPU, GPU, account, choice, cluster, recipe

from dkai.compute.cluster import Allocation, Cluster
from dkai.compute.policy import Policy, Rule
from dkai.compute.quote.carbon import Power
from dkai.compute.quote.choose import Wishes, on_machine
from dkai.compute.quote.cost import Cost
from dkai.compute.quote.estimate import Estimate
from dkai.compute.quote.formulas import Formula
from dkai.compute.quote.limit import Verdict
from dkai.compute.quote.quote import Place, Price, Quote, make_quote, refuse
from dkai.compute.site import Site
from dkai.core.i18n import use_language
from dkai.core.text import Text
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
    found = quote(place=place, gpus=0)
    assert isinstance(found.cost, Cost) and found.cost.amount == Estimate(None, 8, "core-hours")
    # A formula that lacks its numbers says nothing: then the cluster's own weights count.
    found = quote(place=Place("LUMI", formula=Formula("lumi-g", {}, "docs")))
    assert isinstance(found.cost, Cost) and found.cost.source == "cluster"


def test_a_known_price() -> None:
    prices = Formula("", {"dkk_per_gpu_hour_h100": 6}, "list of 2026")
    found = quote(place=Place("x", numbers=prices), gpu_type="h100")
    assert found.price_dkk == Estimate(None, 12, "DKK")
    assert "2026" in found.price_how
    # of two kinds that it may get only one has a price: then there is none
    assert isinstance(quote(place=Place("x", numbers=prices)).price_dkk, Unknown)


def test_a_list_in_dollars_stays_in_dollars() -> None:
    found = quote(place=Place("x", listed=Price(2.0, 3.0, "USD", "list")), low=60)
    assert isinstance(found.price_dkk, Unknown)
    assert found.price_other == Estimate(2, 6, "USD")
    assert quote(place=Place("x", listed=Price(2.0, 3.0, "DKK", "list")), low=60).price_dkk == Estimate(2, 6, "DKK")


def test_a_rented_machine_is_not_free() -> None:
    made = on_machine(recipe(), Wishes(), cluster(gpus=("NVIDIA B200",), cpus=48, memory_mb=288 * 1024))
    rented = Place("x", listed=Price(5.0, 5.0, "USD", "list"), model="paid")
    found = make_quote(made, cluster(gpus=("NVIDIA B200",)), rented)
    assert not found.is_free and found.price_other == Estimate(None, 10, "USD")
    ucloud = Place("UCloud", formula=Formula("ucloud-gpu", {"factor": 1, "mig_slices_per_gpu": 7}, "docs"))
    found = make_quote(made, cluster(gpus=("NVIDIA B200",)), ucloud)
    assert not found.is_free and isinstance(found.cost, Cost) and found.cost.amount.high == 2
    own = make_quote(made, cluster(gpus=("NVIDIA B200",)), Place("x"))
    assert own.is_free and own.price_dkk == Estimate(0, 0, "DKK")


def test_three_ways_to_have_no_balance() -> None:
    assert quote(account="rich").budget == "none"
    assert quote(cluster(associations=None)).budget == "unknown"
    inside = Place("x", model="free-within-allocation")
    assert quote(place=inside, account="rich").budget == "free"
    assert quote(place=inside).budget == "known"


def test_the_places_own_allocations_count_where_slurm_has_no_budget() -> None:
    mine = Allocation("rich", "gpu-hour", 90.0, 100.0, "2027-03-31", "lumi-allocations")
    others = (
        Allocation("a", "gpu-hour", 0, 5),
        Allocation("rich", "core-hour", 0, 5),
        Allocation("rich", "tb-hour", 0, 1),
    )
    there = cluster(allocations=(mine, *others))
    numbers = {"factor": 0.5, "cpus_per_unit": 8, "memory_gb_per_unit": 64, "gpu_hours_per_node_hour": 4}
    place = Place("LUMI", formula=Formula("lumi-g", numbers, "docs"), model="free-within-allocation")
    found = quote(there, place, account="rich", walltime_s=86_400)
    (balance,) = found.balances
    # 0.5 GPU-hours an hour, by the place's formula, for a day: of 10 left, 12 are too many
    assert (balance.left, balance.need, balance.after, balance.ends) == (10, 12, -2, "2027-03-31")
    made = choice(there, account="rich", walltime_s=86_400)
    error = refuse(make_quote(made, there, place), made, there)
    assert error is not None and error.code == "over-budget" and "--time 20:00:00" in (error.hint or "")
    # Of the other accounts nothing is known but what the same command told of them.
    assert "--account" not in (error.hint or "")
    richer = replace(there, allocations=(mine, Allocation("a", "gpu-hour", 0.0, 50.0)))
    error = refuse(make_quote(made, richer, place), made, richer)
    assert error is not None and "--account a" in (error.hint or "")
    (balance,) = quote(there, Place("x"), account="rich").balances
    assert balance.need == 2
    assert quote(there, place, account="a").balances[0].source == ""  # Slurm's own budget comes first


def test_what_happens_when_the_time_is_up() -> None:
    assert quote().at_wall == "stopped after 2 h; what it has written by then stays; 2 GPU-hours are used then, 8 left"
    assert quote(account="rich").at_wall == "stopped after 2 h; what it has written by then stays"
    assert "used then" not in quote(account="poor").at_wall  # it would not get there


def test_memory_that_brings_cores_is_said() -> None:
    there = cluster(partitions=(replace(CPU, max_mem_per_cpu_mb=4000),), version="22.05.8")
    made = choice(there, gpus=0, memory_mb=32_000)
    assert made.resources.cpus == 8 and any("8 cores" in why for why in made.why)  # asked for at once
    found = quote(there, gpus=0, cpus=2, memory_mb=32_000)
    assert any("up to 8 cores" in line for line in found.warnings)
    assert isinstance(found.cost, Cost) and found.cost.amount.high == 16


def test_whole_nodes_and_cores_by_gpu() -> None:
    found = quote(exclusive=True, gpu_type="h100")
    # 64 cores + 4 + 64 (4 GPUs × 16) = 132 an hour, and all four GPUs count
    assert isinstance(found.cost, Cost) and found.cost.amount.high == 264
    assert found.hours == Estimate(None, 8, "GPU-hours")
    assert any("--exclusive" in line for line in found.warnings)
    found = quote(gpus=2, cpus_per_gpu=3)
    assert (found.resources.cpus, found.resources.cpus_per_gpu) == (6, 3)
    assert quote(gpus=0, cpus_per_gpu=3).resources.cpus == 4


def test_rules_of_the_place() -> None:
    source = Rule(Text("Kun med GPU.", "With a GPU only."), "docs, 2026-11-24")
    site = Site("x", host="ssh", scheduler="slurm", address="x")
    place = Place("x", site=site, policy=Policy(no_cpu_only=source, account_required=source))
    found = quote(place=place, gpus=0)
    assert found.verdict is Verdict.REFUSED
    (limit,) = [one for one in found.limits if one.id == "policy-cpu-only"]
    assert "docs" in limit.says and limit.remedies
    assert quote(place=place).verdict is Verdict.OK


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
