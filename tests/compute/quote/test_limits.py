from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from clusters import CPU, GPU, choice, cluster

from dkai.compute.cluster import Association, Cluster, Limits, Qos, Reservation
from dkai.compute.job import Resources
from dkai.compute.quote.limit import Limit, Verdict, worst
from dkai.compute.quote.limits import check, check_machine


def judge(where: Cluster | None = None, **wishes: Any) -> dict[str, Limit]:
    place = where or cluster()
    made = choice(place, **wishes)
    assert made.ask is not None
    return {limit.id: limit for limit in check(made.ask, place)}


def options(limit: Limit) -> list[str]:
    return [remedy.options for remedy in limit.remedies]


def test_an_ordinary_job_passes_everything() -> None:
    found = judge()
    assert {limit.verdict for limit in found.values()} == {Verdict.OK}
    assert {"node", "partition-time", "qos-normal-time", "qos-normal-user-gres/gpu", "qos-normal-submit"} == set(found)


def test_too_long_for_the_partition() -> None:
    limit = judge(walltime_s=3 * 86_400)["partition-time"]
    assert limit.verdict is Verdict.REFUSED
    assert options(limit)[0] == "--time 2-00:00:00"
    # A day is too long for `big`, and fits `gpu`.
    limit = judge(walltime_s=86_400, partition="big", account="rich")["partition-time"]
    assert options(limit) == ["--time 01:00:00", "--partition gpu"]


def test_exactly_the_limit_is_allowed() -> None:
    assert judge(walltime_s=2 * 86_400)["partition-time"].verdict is Verdict.OK
    assert judge(walltime_s=2 * 86_400 + 1)["partition-time"].verdict is Verdict.REFUSED


@pytest.mark.parametrize(
    ("wishes", "says", "way"),
    [
        ({"gpus": 9}, "can hold", "--gpus 8"),
        ({"gpus": 5, "gpu_type": "h100"}, "can hold", "--gpus 4"),
        ({"gpu_type": "b200"}, "type b200", "--gpu-type a100"),
        ({"partition": "cpu"}, "no GPUs", "--partition gpu"),
        ({"cpus": 200}, "can hold", "--cpus 128"),
        ({"memory_mb": 2_000_000}, "can hold", "--memory 1024000M"),
        ({"gpus": 8, "cpus": 129}, "can hold", "--cpus 128"),
    ],
)
def test_what_no_node_can_hold_and_what_would_fit(wishes: dict[str, Any], says: str, way: str) -> None:
    limit = judge(**wishes)["node"]
    assert limit.verdict is Verdict.REFUSED
    assert says in limit.says
    assert way in options(limit)


def test_more_than_a_person_may_have_at_once() -> None:
    limit = judge(gpus=3, qos="debug", walltime_s=600)["qos-debug-user-gres/gpu"]
    assert limit.verdict is Verdict.REFUSED
    assert options(limit) == ["--gpus 2", "--qos normal"]
    assert options(judge(qos="debug")["qos-debug-time"]) == ["--time 00:30:00", "--qos normal"]


def test_jobs_of_mine_count() -> None:
    found = judge(cluster(my_jobs=2), qos="debug", walltime_s=600)
    assert found["qos-debug-submit"].verdict is Verdict.WAITS
    assert judge(cluster(my_jobs=1), qos="debug", walltime_s=600)["qos-debug-submit"].verdict is Verdict.OK
    assert judge(cluster(my_jobs=None))["qos-normal-submit"].verdict is Verdict.UNKNOWN


def test_a_partition_that_is_down_or_closed() -> None:
    down = cluster(partitions=(CPU, replace(GPU, up=False), replace(GPU, name="gpu2")))
    limit = judge(down, partition="gpu")["partition-state"]
    assert limit.verdict is Verdict.WAITS and options(limit) == ["--partition gpu2"]
    limit = judge(partition="big")["partition-account"]
    assert limit.verdict is Verdict.REFUSED and "--partition gpu" in options(limit)
    closed = cluster(partitions=(replace(GPU, deny_accounts=("a",)),))
    assert judge(closed, partition="gpu", account="a")["partition-account"].verdict is Verdict.REFUSED


def test_a_qos_that_the_partition_or_the_account_does_not_allow() -> None:
    picky = cluster(partitions=(replace(GPU, allow_qos=("debug",)),))
    assert options(judge(picky, partition="gpu")["partition-qos"]) == ["--qos debug"]
    other = cluster(qos=(*cluster().qos, Qos("gold")))
    limit = judge(other, qos="gold")["account-qos"]
    assert limit.verdict is Verdict.REFUSED and "--qos normal" in options(limit)


def test_what_was_not_told_is_unknown_and_never_ok() -> None:
    found = judge(cluster(partitions=(replace(GPU, max_time_s=None, nodes=()),)), partition="gpu")
    assert found["partition-time"].verdict is Verdict.UNKNOWN
    assert found["node"].verdict is Verdict.UNKNOWN


def test_unlimited_is_no_limit() -> None:
    endless = cluster(partitions=(replace(GPU, max_time_s=float("inf")),), qos=())
    assert "partition-time" not in judge(endless, walltime_s=10**7)


def test_minutes_of_tres_a_job() -> None:
    capped = Qos("normal", Limits(max_tres_mins_per_job={"gres/gpu": 60}, grp_tres={"cpu": 2}))
    found = judge(cluster(qos=(capped,)))
    limit = found["qos-normal-job-minutes-gres/gpu"]
    assert limit.verdict is Verdict.REFUSED and options(limit) == ["--time 01:00:00"]
    assert options(found["qos-normal-group-cpu"])[0] == "--cpus 2"


def test_the_partitions_own_qos_counts_too() -> None:
    own = Qos("part", Limits(max_wall_s=60))
    place = cluster(partitions=(replace(GPU, qos="part"),), qos=(*cluster().qos, own))
    assert judge(place, partition="gpu")["qos-part-time"].verdict is Verdict.REFUSED


def test_an_exclusive_node_counts_whole() -> None:
    found = judge(partition="big", account="rich", walltime_s=600)
    assert found["qos-normal-user-gres/gpu"].asked == "8"


def test_worst() -> None:
    assert worst(()) is Verdict.OK
    limits = tuple(Limit("x", "x", "", "", v, "") for v in (Verdict.OK, Verdict.WAITS, Verdict.UNKNOWN))
    assert worst(limits) is Verdict.WAITS


def test_one_machine() -> None:
    machine = Cluster("m", "process", None, "u", "/h", None, cpus=4, memory_mb=8192, gpus=("H100",))
    found = {limit.id: limit for limit in check_machine(Resources(gpus=2, cpus=4, memory_mb=9000), machine)}
    assert found["cpus"].verdict is Verdict.OK
    assert found["memory"].verdict is Verdict.REFUSED and options(found["memory"])[0] == "--memory 8192M"
    assert options(found["gpus"])[0] == "--gpus 1"
    blind = Cluster("m", "process", None, "u", "/h", None)
    assert {limit.verdict for limit in check_machine(Resources(), blind)} == {Verdict.UNKNOWN}


def test_what_the_group_holds_now() -> None:
    held = Limits(grp_tres={"gres/gpu": 4}, used_tres={"gres/gpu": 3})
    place = cluster(associations=(Association("a", limits=held),))
    assert "account-in-use-gres/gpu" not in judge(place, gpus=1)
    limit = judge(place, gpus=2)["account-in-use-gres/gpu"]
    assert limit.verdict is Verdict.WAITS and options(limit) == ["--gpus 1"]
    assert judge(place, gpus=5)["account-group-gres/gpu"].verdict is Verdict.REFUSED  # would wait for ever


def test_a_limit_for_the_account_as_a_whole() -> None:
    place = cluster(qos=(Qos("normal", Limits(max_tres_per_account={"gres/gpu": 2})),))
    assert judge(place, gpus=3)["qos-normal-account-gres/gpu"].verdict is Verdict.REFUSED


def test_minutes_of_running_jobs() -> None:
    limits = Limits(grp_tres_run_mins={"gres/gpu": 240}, running_tres_mins={"gres/gpu": 180})
    place = cluster(associations=(Association("a", limits=limits),))
    limit = judge(place)["account-run-minutes-gres/gpu"]  # 120 more
    assert limit.verdict is Verdict.WAITS and options(limit) == ["--time 01:00:00"]
    limit = judge(place, walltime_s=5 * 3600)["account-run-minutes-gres/gpu"]  # 300 alone
    assert limit.verdict is Verdict.REFUSED and options(limit) == ["--time 04:00:00"]
    assert judge(place, walltime_s=3600)["account-run-minutes-gres/gpu"].verdict is Verdict.OK


def test_too_many_jobs_are_put_together() -> None:
    limit = judge(cluster(my_jobs=2), qos="debug", gpus=1, walltime_s=600)["qos-debug-submit"]
    assert limit.verdict is Verdict.WAITS
    assert any("several inputs" in str(remedy) for remedy in limit.remedies)


def reservation(starts_in: float, **more: Any) -> Reservation:
    fields: dict[str, Any] = {"nodes": "ALL", "flags": ("MAINT",), "ends_at": 1_800_000_000.0 + starts_in + 7200}
    return Reservation("maint", 1_800_000_000.0 + starts_in, **{**fields, **more})


def test_maintenance_ahead() -> None:
    limit = judge(cluster(reservations=(reservation(3600),)))["reservation-maint"]
    assert limit.verdict is Verdict.WAITS and options(limit) == ["--time 00:59:00"]
    assert "in 1 h" in limit.says
    for none in (
        cluster(reservations=(reservation(7200),)),  # it would have ended
        cluster(reservations=None),
        cluster(reservations=(reservation(3600, nodes="gpu01", node_count=1),)),  # others are left
        cluster(reservations=(reservation(3600, users=("alice",)),)),  # it is for this very person
        cluster(reservations=(reservation(-9000),)),  # over
    ):
        assert "reservation-maint" not in judge(none)
    now = judge(cluster(reservations=(reservation(-60),)))["reservation-maint"]
    assert now.verdict is Verdict.WAITS and options(now) == []
    # The cluster's clock counts, not this computer's.
    late = cluster(reservations=(reservation(7200),), clock_offset_s=600.0)
    assert judge(late)["reservation-maint"].verdict is Verdict.WAITS


def test_no_account_there() -> None:
    place = cluster(associations=(), enforced=("associations", "limits"))
    assert judge(place)["eligible"].verdict is Verdict.REFUSED
    assert "eligible" not in judge(cluster(associations=(), enforced=()))
    assert "eligible" not in judge(cluster(associations=None, enforced=("associations",)))


def test_a_partition_that_does_not_enforce_its_limits_lets_wait_for_ever() -> None:
    limit = judge(cluster(enforce_part_limits=False), walltime_s=3 * 86_400)["partition-time"]
    assert limit.verdict is Verdict.REFUSED and "never start it" in limit.says
    assert "never" not in judge(cluster(enforce_part_limits=True), walltime_s=3 * 86_400)["partition-time"].says


def test_qos_that_a_partition_denies_and_nodes_a_job_may_have() -> None:
    place = cluster(partitions=(CPU, replace(GPU, deny_qos=("normal",), max_nodes=1)))
    assert judge(place)["partition-qos"].verdict is Verdict.REFUSED
    assert "partition-nodes" not in judge(place)
    made = choice(place)
    assert made.ask is not None
    two = replace(made.ask, resources=replace(made.resources, nodes=2, cpus=2, gpus=2))
    assert {one.id: one for one in check(two, place)}["partition-nodes"].verdict is Verdict.REFUSED


def test_more_memory_than_a_nodes_cores_pay_for() -> None:
    place = cluster(partitions=(replace(CPU, max_mem_per_cpu_mb=2000),))
    assert judge(place, gpus=0, memory_mb=200_000)["node"].verdict is Verdict.REFUSED
