"""Expected values by hand, from weights CPU=1, Mem=0.25 per GiB, GRES/gpu=16, unless said otherwise."""

from __future__ import annotations

import pytest

from dkai.compute.cluster import Gres, NodeKind, Partition
from dkai.compute.job import Resources
from dkai.compute.quote.billing import billing, fits, given, shapes

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


def test_memory_0_is_all_of_the_node() -> None:
    ask = Resources(cpus=4, memory_mb=0)
    assert given(ask, PLAIN, Partition("p", def_mem_per_cpu_mb=2000))["mem"] == 256_000


def test_what_fits() -> None:
    assert fits(Resources(cpus=64, memory_mb=256_000), PLAIN)
    assert not fits(Resources(cpus=65), PLAIN)
    assert not fits(Resources(memory_mb=256_001), PLAIN)
    assert not fits(Resources(gpus=1), PLAIN)
    assert fits(Resources(gpus=4, gpu_type="h100"), H100)
    assert not fits(Resources(gpus=4, gpu_type="H100x"), H100)
    assert fits(Resources(gpus=8, cpus=128, nodes=2), H100)


def test_weights_that_were_not_told() -> None:
    (shape,) = shapes(Resources(), Partition("p", nodes=(PLAIN,), billing_weights=None))
    assert shape.billing is None
