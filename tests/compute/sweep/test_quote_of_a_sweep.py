"""One quote for all tasks: amounts, budgets and limits of the whole, and how long it takes at best."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from clusters import NORMAL, choice, cluster, recipe

from dkai.compute.cluster import Cluster
from dkai.compute.quote.carbon import Power
from dkai.compute.quote.choose import Wishes, on_machine
from dkai.compute.quote.cost import Cost
from dkai.compute.quote.estimate import Estimate
from dkai.compute.quote.limit import Limit, Verdict
from dkai.compute.quote.quote import Place, Quote, make_quote, refuse

POWER = Power(gpu_watts=(700, 700), gpu_name="H100", pue=1.0, grams_per_kwh=100, grid="DK")


def quote(tasks: int, where: Cluster | None = None, low: float | None = None, **wishes: Any) -> Quote:
    there = where or cluster(max_array=2001)
    return make_quote(choice(there, tasks=tasks, **wishes), there, Place("c", power=POWER), low_minutes=low)


def limits(found: Quote) -> dict[str, Limit]:
    return {limit.id: limit for limit in found.limits}


def test_all_amounts_are_those_of_one_task_times_their_number() -> None:
    one, four = quote(1, low=30), quote(4, low=30)
    assert isinstance(one.cost, Cost) and isinstance(four.cost, Cost)
    assert one.hours == Estimate(0.5, 2, "GPU-hours")
    assert four.hours == one.hours.times(4)
    assert four.cost.amount == one.cost.amount.times(4)
    assert isinstance(one.carbon.co2e_kg, Estimate) and four.carbon.co2e_kg == one.carbon.co2e_kg.times(4)
    assert [b.need for b in four.balances] == [4 * b.need for b in one.balances]
    assert (one.tasks, four.tasks) == (1, 4)


def test_over_the_budget_as_a_whole() -> None:
    """Ten GPU-hours are left: five tasks of two hours fit, six do not; and what would make them fit is said."""
    assert quote(5).verdict is Verdict.OK
    there = cluster(max_array=2001)
    made = choice(there, tasks=6)
    found = make_quote(made, there, Place("c"))
    assert found.verdict is Verdict.REFUSED
    error = refuse(found, made, there)
    assert error is not None and error.code == "over-budget"
    assert "--time 01:40:00" in (error.hint or "") and "sweep at most 5 combinations" in (error.hint or "")


@pytest.mark.parametrize(("most", "verdict"), [(None, Verdict.UNKNOWN), (24, Verdict.OK), (23, Verdict.REFUSED)])
def test_the_largest_array(most: int | None, verdict: Verdict) -> None:
    found = limits(quote(24, cluster(max_array=most), account="rich"))["array"]
    assert found.verdict is verdict
    if verdict is Verdict.REFUSED:
        assert "split the grid into sweeps of at most 23 tasks; --at-once does not help" in str(found.remedies[0])


@pytest.mark.parametrize(
    ("mine", "tasks", "verdict"),
    [(0, 100, Verdict.OK), (1, 100, Verdict.WAITS), (0, 101, Verdict.REFUSED), (100, 1, Verdict.WAITS)],
)
def test_each_task_counts_as_a_job_in_the_queue(mine: int, tasks: int, verdict: Verdict) -> None:
    """Of other jobs' QOS nothing is known: only an array that alone is too large is certain to be refused."""
    qos = replace(NORMAL, limits=replace(NORMAL.limits, max_submit_per_user=100))
    found = limits(quote(tasks, cluster(max_array=2001, my_jobs=mine, qos=(qos,)), account="rich", gpus=0))
    assert found["qos-normal-submit"].verdict is verdict


def test_so_many_run_at_once() -> None:
    """By the wish, the QOS' GPUs a person (8), or its jobs a person."""
    assert quote(24, account="rich").at_once == 8
    assert quote(24, account="rich", gpus=2).at_once == 4
    assert quote(24, account="rich", at_once=3).at_once == 3
    assert quote(24, account="rich", gpus=0).at_once == 24
    qos = replace(NORMAL, limits=replace(NORMAL.limits, max_jobs_per_user=5))
    found = quote(24, cluster(max_array=2001, qos=(qos,)), account="rich")
    assert found.at_once == 5 and limits(found)["qos-normal-jobs"].verdict is Verdict.WAITS
    assert quote(1).at_once is None


def test_a_computer_without_scheduler_runs_what_it_has_room_for() -> None:
    machine = Cluster("m", "process", None, "me", "/home/me", None, cpus=16, memory_mb=64_000, gpus=("A", "A"))
    wishes = Wishes(tasks=8)
    assert on_machine(recipe(0), wishes, machine).at_once == 3  # by memory: 16 GB each
    assert on_machine(recipe(0, memory_mb=1000), wishes, machine).at_once == 4  # by cores
    assert on_machine(recipe(1, memory_mb=1000), wishes, machine).at_once == 2  # by GPUs
    assert on_machine(recipe(0), replace(wishes, at_once=1), machine).at_once == 1
    assert on_machine(recipe(0), wishes, replace(machine, cpus=None, memory_mb=None)).at_once == 1
    made = on_machine(recipe(0), wishes, machine)
    assert make_quote(made, machine, Place("m")).at_once == 3
