"""Expected values by hand, from weights CPU=1, Mem=0.25 per GiB, GRES/gpu=16, unless said otherwise."""

from __future__ import annotations

from dataclasses import replace

import pytest
from clusters import cluster

from dkai.compute.cluster import Gres, NodeKind, Partition
from dkai.compute.job import Resources
from dkai.compute.quote.billing import Counting, billing, counting_of, fits, kinds, shapes
from dkai.compute.scheduler.slurm_request import Memory, SlurmRequest, request_for

WEIGHTS = {"CPU": 1.0, "Mem": 0.25, "GRES/gpu": 16.0}
H100 = NodeKind(1, 64, 512_000, (Gres("gpu", "h100", 4),))
A100 = NodeKind(1, 128, 1_024_000, (Gres("gpu", "a100", 8),))
PLAIN = NodeKind(1, 64, 256_000)
GPU = Partition("gpu", nodes=(H100, A100), billing_weights=WEIGHTS)


@pytest.mark.parametrize(
    ("tres", "expected"),
    [
        ({"cpu": 8, "mem": 8192, "gres/gpu": 1}, 26),  # 8 + 2 + 16
        ({"cpu": 1, "mem": 2000, "gres/gpu": 8}, 129),  # 1 + 0.488 + 128 = 129.488, cut off
        ({"cpu": 8, "mem": 16000, "gres/gpu": 1}, 27),  # 8 + 3.906 + 16 = 27.906
        ({"cpu": 16, "mem": 65536, "gres/gpu": 2}, 64),  # 16 + 16 + 32
        ({"cpu": 3, "mem": 1024}, 3),  # 3.25
        ({}, 0),
    ],
)
def test_sum_of_weights(tres: dict[str, float], expected: int) -> None:
    assert billing(tres, WEIGHTS) == expected


@pytest.mark.parametrize(
    ("tres", "expected"),
    [
        ({"cpu": 8, "mem": 8192, "gres/gpu": 1}, 16),  # max(8, 2, 16)
        ({"cpu": 40, "mem": 8192, "gres/gpu": 1}, 40),
        ({"cpu": 1, "mem": 512_000, "gres/gpu": 1}, 125),
    ],
)
def test_largest_with_max_tres(tres: dict[str, float], expected: int) -> None:
    assert billing(tres, WEIGHTS, rule="max") == expected


@pytest.mark.parametrize(
    ("tres", "expected"),
    [  # 25.05: GPUs are added to the largest of cores, memory and nodes
        ({"cpu": 8, "mem": 8192, "gres/gpu": 1}, 24),  # max(8, 2) + 16
        ({"cpu": 1, "mem": 512_000, "gres/gpu": 1}, 141),  # max(1, 125) + 16
        ({"cpu": 40, "mem": 8192}, 40),
    ],
)
def test_largest_and_gpus_with_max_tres_gres(tres: dict[str, float], expected: int) -> None:
    assert billing(tres, WEIGHTS, rule="max-gres") == expected


def test_max_tres_gres_adds_every_gres_and_what_is_not_of_a_node() -> None:
    weights = {"cpu": 1, "gres/gpu": 5, "gres/gpu:h100": 10, "license/x": 2, "billing": 100}
    held = {"cpu": 8, "gres/gpu": 2, "gres/gpu:h100": 2, "license/x": 3, "billing": 9}
    assert billing(held, weights, rule="max-gres") == 8 + 10 + 20 + 6
    assert billing(held, weights, rule="max") == 20 + 6
    assert billing(held, weights) == 8 + 10 + 20 + 6


def test_the_order_of_the_sum_is_slurms() -> None:
    # (0.1 + 0.2) + 0.7 is 1.0, and (0.7 + 0.2) + 0.1 is 0.9999999999999999: cut off, they differ by a whole unit
    weights = {"gres/gpu": 0.7, "mem": 0.2 * 1024, "cpu": 0.1}
    assert billing({"cpu": 1, "mem": 1, "gres/gpu": 1}, weights) == 1


def test_max_tres_adds_what_is_not_of_a_node() -> None:
    assert billing({"cpu": 8, "license/x": 3}, {"cpu": 1, "license/x": 2}, rule="max") == 14


def test_without_weights_cpus_count() -> None:
    assert billing({"cpu": 5, "mem": 1e6, "gres/gpu": 3}, {}) == 5


def test_typed_weights() -> None:
    tres = {"cpu": 1, "mem": 0, "gres/gpu": 2, "gres/gpu:a100": 2}
    assert billing(tres, {"CPU": 1, "GRES/gpu:a100": 20, "GRES/gpu:h100": 40}) == 41
    assert billing(tres, {"CPU": 1, "GRES/gpu": 5, "GRES/gpu:a100": 20}) == 51


def test_an_untyped_gpu_is_counted_by_what_it_gets() -> None:
    part = Partition("gpu", nodes=(H100, A100), billing_weights={"GRES/gpu:a100": 10, "GRES/gpu:h100": 30})
    assert [s.billing for s in shapes(Resources(gpus=1), part)] == [30, 10]
    assert [s.billing for s in shapes(Resources(gpus=1, gpu_type="a100"), part)] == [10]
    assert [s.billing for s in shapes(Resources(gpus=5), part)] == [50]  # only the a100 node has five


def test_an_exclusive_node_comes_whole_but_for_memory() -> None:
    part = Partition("gpu", nodes=(H100,), billing_weights=WEIGHTS, exclusive=True)
    (shape,) = shapes(Resources(gpus=1, cpus=8, memory_mb=8192), part)
    assert shape.tres == {"cpu": 64, "mem": 8192, "node": 1, "gres/gpu": 4, "gres/gpu:h100": 4}
    assert shape.billing == 130  # 64 + 2 + 64, seen on a real cluster


def tres(want: SlurmRequest | Resources, part: Partition, how: Counting = Counting()) -> list[dict[str, float]]:  # noqa: B008
    return [shape.tres for shape in shapes(want, part, how)]


ALONE = Partition("p", nodes=(PLAIN,))
GPUS = Partition("g", nodes=(H100,))


def test_exclusive_is_asked_for_as_well_as_given() -> None:
    (found,) = tres(Resources(gpus=1, cpus=8, memory_mb=8192, exclusive=True), replace(GPUS, billing_weights=WEIGHTS))
    assert (found["cpu"], found["gres/gpu"], found["mem"]) == (64, 4, 8192)
    # memory by core or GPU is of all that the node has
    for memory, mem in ((Memory(100, "cpu"), 6400), (Memory(5000, "gpu"), 20_000), (Memory(7), 7)):
        (found,) = tres(SlurmRequest(memory=memory, gpus_per_node=1, exclusive=True), GPUS)
        assert found["mem"] == mem


def test_cores_by_gpu() -> None:
    # the figures of a real cluster: 1 GPU with 16 cores and 4 GB count 16 + 1 + 16 = 33, whatever --cpus-per-task says
    part = replace(GPUS, billing_weights=WEIGHTS)
    (shape,) = shapes(Resources(gpus=1, cpus=16, cpus_per_gpu=16, memory_mb=4096), part)
    assert (shape.tres["cpu"], shape.billing) == (16, 33)
    assert request_for(Resources(gpus=3, cpus=6, cpus_per_gpu=2)).options()[2] == ("cpus-per-gpu", "2")
    (found,) = tres(SlurmRequest(cpus_per_node=None, gpus_per_node=2), replace(GPUS, def_cpu_per_gpu=6))
    assert found["cpu"] == 12  # the partition's default
    (found,) = tres(SlurmRequest(cpus_per_node=1, gpus_per_node=2), replace(GPUS, def_cpu_per_gpu=6))
    assert found["cpu"] == 1  # and not where cores are asked for


def test_memory_that_was_not_said() -> None:
    one = SlurmRequest(cpus_per_node=4, gpus_per_node=2)
    (found,) = tres(one, replace(GPUS, def_mem_per_cpu_mb=2000))
    assert found["mem"] == 8000
    (found,) = tres(one, replace(GPUS, def_mem_per_cpu_mb=2000, def_mem_per_gpu_mb=7100))
    assert found["mem"] == 14_200
    (found,) = tres(one, replace(GPUS, def_mem_per_node_mb=3000))
    assert found["mem"] == 3000
    (found,) = tres(one, GPUS)
    assert found["mem"] == 512_000  # all of the node


def test_memory_0_is_all_of_the_node() -> None:
    (found,) = tres(Resources(cpus=4, memory_mb=0), replace(ALONE, def_mem_per_cpu_mb=2000))
    assert found["mem"] == 256_000


@pytest.mark.parametrize(
    ("want", "expected"),
    [  # what Slurm 22.05.8 gave, with at most 3000 MB a core
        (SlurmRequest(cpus_per_node=1, memory=Memory(20_000)), (7, 20_000)),
        (SlurmRequest(cpus_per_node=2, memory=Memory(20_000)), (6, 20_000)),
        (SlurmRequest(cpus_per_node=16, memory=Memory(103_796)), (32, 103_796)),
        (SlurmRequest(cpus_per_node=17, memory=Memory(60_416)), (17, 60_416)),
        (SlurmRequest(cpus_per_node=8, memory=Memory(20_000)), (8, 20_000)),
        (SlurmRequest(cpus_per_node=3, memory=Memory(20_000, "cpu")), (21, 60_018)),
        (SlurmRequest(cpus_per_node=2, memory=Memory(20_000), gpus_per_node=1), (2, 20_000)),
        (SlurmRequest(cpus_per_node=None, cpus_per_gpu=3, memory=Memory(20_000, "cpu"), gpus_per_node=2), (6, 17_148)),
    ],
)
def test_more_memory_than_the_cores_may_have(want: SlurmRequest, expected: tuple[int, int]) -> None:
    part = Partition("p", nodes=(H100,), max_mem_per_cpu_mb=3000)
    (found,) = tres(want, part)
    assert (found["cpu"], found["mem"]) == expected


def test_what_was_not_measured_is_a_range() -> None:
    part = replace(ALONE, max_mem_per_cpu_mb=3000)
    want = SlurmRequest(cpus_per_node=2, memory=Memory(20_000))
    assert [one["cpu"] for one in tres(want, part, counting_of(cluster(version="25.05.3")))] == [2, 6, 7]
    assert [one["cpu"] for one in tres(want, part, counting_of(cluster(version="22.05.8")))] == [6]
    assert [one["cpu"] for one in tres(want, part, counting_of(cluster(version=None)))] == [2, 6, 7]


def test_more_memory_than_a_nodes_cores_pay_for_is_refused() -> None:
    part = replace(ALONE, max_mem_per_cpu_mb=3000)
    assert tres(Resources(memory_mb=0), part) == []
    assert tres(Resources(memory_mb=192_000), part) != []
    assert tres(Resources(memory_mb=2000), replace(ALONE, max_mem_per_node_mb=1000)) == []


def test_whole_cores() -> None:
    part = Partition("p", nodes=(replace(PLAIN, threads_per_core=2),))
    (found,) = tres(SlurmRequest(cpus_per_node=3, memory=Memory(100, "cpu")), part)
    assert (found["cpu"], found["mem"]) == (4, 400)
    (found,) = tres(Resources(cpus=3), part, Counting(whole_cores=False))
    assert found["cpu"] == 3


def test_a_job_over_several_kinds_of_node() -> None:
    found = tres(Resources(gpus=2, cpus=2, memory_mb=10, nodes=2), GPU)
    assert found == [
        {"cpu": 2, "mem": 20, "node": 2, "gres/gpu": 2, "gres/gpu:h100": 1, "gres/gpu:a100": 1},
    ]  # there is one node of each
    many = Partition(
        "gpu", nodes=(replace(H100, count=4), replace(A100, count=4)), billing_weights={"gres/gpu:h100": 2}
    )
    assert [shape.billing for shape in shapes(Resources(gpus=2, nodes=2), many)] == [4, 2, 0]
    assert tres(Resources(nodes=3, cpus=3), GPU) == []


def test_a_node_with_two_types() -> None:
    node = NodeKind(1, 64, 512_000, (Gres("gpu", "h100", 2), Gres("gpu", "a100", 1)))
    part = Partition("gpu", nodes=(node,), billing_weights={"gres/gpu:h100": 10, "gres/gpu:a100": 5})
    assert [shape.billing for shape in shapes(Resources(gpus=2), part)] == [20, 15]
    assert [shape.billing for shape in shapes(Resources(gpus=2, gpu_type="h100"), part)] == [20]


def test_before_21_08_types_are_counted_as_asked_for() -> None:
    part = Partition("gpu", nodes=(H100,), billing_weights={"gres/gpu:h100": 10})
    old = counting_of(cluster(version="20.11.9"))
    assert [shape.billing for shape in shapes(Resources(gpus=2), part, old)] == [0]
    assert [shape.billing for shape in shapes(Resources(gpus=2, gpu_type="h100"), part, old)] == [20]
    unknown = counting_of(cluster(version=None))
    assert [shape.billing for shape in shapes(Resources(gpus=2), part, unknown)] == [0, 20]


def test_states_are_no_kinds_of_node() -> None:
    found = kinds((replace(PLAIN, state="idle", count=3), replace(PLAIN, state="mix", count=2), H100))
    assert [(one.count, one.cpus) for one in found] == [(5, 64), (1, 64)]


def test_what_fits() -> None:
    assert fits(Resources(cpus=64, memory_mb=256_000), PLAIN, ALONE)
    assert not fits(Resources(cpus=65), PLAIN, ALONE)
    assert not fits(Resources(memory_mb=256_001), PLAIN, ALONE)
    assert not fits(Resources(gpus=1), PLAIN, ALONE)
    assert fits(Resources(gpus=4, gpu_type="h100"), H100, GPUS)
    assert not fits(Resources(gpus=4, gpu_type="H100x"), H100, GPUS)
    assert fits(Resources(gpus=8, cpus=128, nodes=2), H100, GPUS)
    assert not fits(Resources(cpus=9), PLAIN, replace(ALONE, max_cpus_per_node=8))


def test_weights_that_were_not_told() -> None:
    (shape,) = shapes(Resources(), Partition("p", nodes=(PLAIN,), billing_weights=None))
    assert shape.billing is None
