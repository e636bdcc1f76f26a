from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from clusters import account, choice, cluster

from dkai.compute.cluster import Association, Cluster, Limits
from dkai.compute.quote.balance import Balance, balances, remedies


def found(where: Cluster, **wishes: Any) -> list[Balance]:
    made = choice(where, **wishes)
    assert made.ask is not None
    return list(balances(made.ask, where))


def ways(where: Cluster, **wishes: Any) -> list[str]:
    made = choice(where, **wishes)
    assert made.ask is not None
    over = next(b for b in balances(made.ask, where) if b.is_over)
    return [remedy.options for remedy in remedies(made.ask, where, over)]


def test_before_and_after() -> None:
    (balance,) = found(cluster())  # 2 h on 1 GPU, of 10 hours
    assert (balance.limit, balance.used, balance.left, balance.need, balance.after) == (10, 0, 10, 2, 8)
    assert balance.owner == "a" and not balance.is_over
    (balance,) = found(cluster(), account="poor")
    assert (balance.left, balance.after) == (0.5, -1.5)
    assert balance.is_over


def test_no_budget_is_not_an_unknown_one() -> None:
    assert found(cluster(), account="rich") == []
    (balance,) = found(cluster(associations=(account("a", 600, None),)))
    assert balance.left is None and balance.after is None and not balance.is_over


def test_a_job_without_gpus_does_not_touch_the_gpu_budget() -> None:
    assert found(cluster(), gpus=0) == []


def test_what_would_fit() -> None:
    # 0.5 GPU-hours left: half an hour on one GPU; `a` has 10 left, `rich` no limit.
    assert ways(cluster(), account="poor") == ["--time 00:30:00", "--account a", "--account rich"]
    # 8 GPUs for 2 h are 16 GPU-hours; 10 are left: 75 minutes, or 5 GPUs.
    assert ways(cluster(), gpus=8) == ["--time 01:15:00", "--gpus 5", "--account rich"]


def test_nothing_left_leaves_other_accounts_only() -> None:
    empty = cluster(associations=(account("a", 60, 72, is_default=True), account("rich")))
    assert ways(empty) == ["--account rich"]
    assert ways(cluster(associations=(account("a", 60, 72),))) == []


def test_the_time_that_is_proposed_fits() -> None:
    place = cluster(associations=(account("a", 97, 3),))
    for gpus in (1, 3, 7):
        proposed = ways(place, gpus=gpus)[0]
        hours, minutes, seconds = (int(n) for n in proposed.removeprefix("--time ").split(":"))
        wall = hours * 3600 + minutes * 60 + seconds
        assert not any(b.is_over for b in found(place, gpus=gpus, walltime_s=wall))
        assert any(b.is_over for b in found(place, gpus=gpus, walltime_s=wall + 60))


@pytest.mark.parametrize(
    ("key", "limit", "need"),
    [
        ("cpu", 1000 * 60, 8),  # 4 cores for 2 h
        ("mem", 1000 * 60 * 1024, 32),  # 16 GB for 2 h
        ("node", 60_000, 2),
        ("billing", 60_000, 48),  # 4 + 4 + 16 = 24 an hour
        ("gres/gpu:h100", 60_000, 2),
    ],
)
def test_every_tres_that_is_touched(key: str, limit: float, need: float) -> None:
    limits = Limits(grp_tres_mins={key: limit}, used_tres_mins={})
    (balance,) = found(cluster(associations=(Association("a", limits=limits),)), gpu_type="h100")
    assert balance.need == need
    assert balance.left == 1000


def test_a_qos_budget_counts_too() -> None:
    place = cluster()
    limits = Limits(grp_tres_mins={"gres/gpu": 60}, used_tres_mins={"gres/gpu": 0})
    place = replace(place, qos=(replace(place.qos[0], limits=limits), place.qos[1]))
    assert [b.owner for b in found(place)] == ["a", "QOS normal"]
    assert found(place)[1].is_over


def test_what_running_jobs_may_still_use_is_set_aside() -> None:
    limits = Limits(
        grp_tres_mins={"gres/gpu": 600}, used_tres_mins={"gres/gpu": 60}, running_tres_mins={"gres/gpu": 480}
    )
    (balance,) = found(cluster(associations=(Association("a", limits=limits),)))
    assert (balance.used, balance.running, balance.left, balance.after) == (1, 8, 1, -1)
    assert ways(cluster(associations=(Association("a", limits=limits),)))[0] == "--time 01:00:00"


def test_what_a_qos_makes_of_an_hour() -> None:
    place = cluster()
    for factor, need in ((0.5, 1), (2.0, 4), (0.0, 0), (None, 2)):
        of_normal = replace(place.qos[0], usage_factor=factor)
        assert found(replace(place, qos=(of_normal,)))[0].need == need


def test_whole_nodes_cannot_be_had_with_fewer_gpus() -> None:
    place = cluster(associations=(account("a", 60),))
    assert "--gpus 1" in ways(place, gpus=2, walltime_s=3600)
    assert not [way for way in ways(place, gpus=2, exclusive=True, walltime_s=3600) if way.startswith("--gpus")]
