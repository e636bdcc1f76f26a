from __future__ import annotations

from dataclasses import replace

import pytest
from clusters import BIG, CPU, GPU, account, choice, cluster, recipe

from dkai.compute.cluster import Cluster, Gres, NodeKind, Partition
from dkai.compute.quote.choose import Wishes, on_machine
from dkai.compute.site import Site
from dkai.core.errors import Refused, RemoteError, UserError


def test_what_was_not_said_is_chosen_and_explained() -> None:
    made = choice()
    assert made.ask is not None
    assert made.ask.partition.name == "gpu"  # `big` is not open to the default account
    assert made.ask.association is not None and made.ask.association.account == "a"
    assert made.ask.qos is not None and made.ask.qos.name == "normal"
    assert len(made.why) == 2


def test_a_job_without_gpu_goes_where_there_are_none() -> None:
    made = choice(of=recipe(gpus=0))
    assert made.ask is not None and made.ask.partition.name == "cpu"
    only_gpu = cluster(partitions=(GPU,))
    made = choice(only_gpu, of=recipe(gpus=0))
    assert made.ask is not None and made.ask.partition.name == "gpu"


def test_the_smallest_partition_that_holds_the_job() -> None:
    small = Partition("small", max_time_s=3 * 86_400, nodes=(NodeKind(1, 16, 64_000, (Gres("gpu", "t4", 1),)),))
    both = cluster(partitions=(GPU, small))
    assert choice(both).ask.partition.name == "small"  # type: ignore[union-attr]
    assert choice(both, gpus=2).ask.partition.name == "gpu"  # type: ignore[union-attr]
    assert choice(both, gpu_type="h100").ask.partition.name == "gpu"  # type: ignore[union-attr]
    down = cluster(partitions=(GPU, replace(small, up=False)))
    assert choice(down).ask.partition.name == "gpu"  # type: ignore[union-attr]
    short = cluster(partitions=(GPU, replace(small, max_time_s=60)))
    assert choice(short).ask.partition.name == "gpu"  # type: ignore[union-attr]


def test_the_site_says_and_the_person_says_more() -> None:
    site = Site("c", scheduler="slurm", account="rich", partition="big", qos="debug")
    made = choice(site=site)
    assert made.ask is not None
    assert (made.ask.association.account, made.ask.partition.name, made.ask.qos.name) == ("rich", "big", "debug")  # type: ignore[union-attr]
    made = choice(site=site, account="a", partition="gpu", qos="normal")
    assert made.ask is not None
    assert (made.ask.association.account, made.ask.partition.name, made.ask.qos.name) == ("a", "gpu", "normal")  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("wishes", "code"),
    [
        ({"partition": "nope"}, "no-such-partition"),
        ({"account": "nope"}, "no-such-account"),
        ({"qos": "nope"}, "no-such-qos"),
    ],
)
def test_what_is_not_there_is_named(wishes: dict[str, str], code: str) -> None:
    with pytest.raises(UserError) as error:
        choice(**wishes)
    assert error.value.code == code
    assert error.value.hint


def test_an_account_is_taken_at_its_word_where_the_cluster_does_not_tell() -> None:
    made = choice(cluster(associations=None), account="secret")
    assert made.ask is not None and made.ask.association is not None
    assert made.ask.association.account == "secret"
    assert choice(cluster(associations=None)).ask.association is None  # type: ignore[union-attr]


def test_no_partition_at_all() -> None:
    with pytest.raises(UserError) as error:
        choice(cluster(partitions=()))
    assert error.value.code == "no-partition"
    with pytest.raises(RemoteError) as silent:
        choice(cluster(partitions=(), missing={"partitions": "Unable to contact slurm controller"}))
    assert silent.value.code == "slurm-down" and "Unable to contact" in silent.value.message


def test_cores_and_memory_are_at_most_the_gpus_share() -> None:
    # One of 4 GPUs of a node with 64 cores and 500 GB: at most 16 cores, 128,000 MiB.
    made = choice(of=recipe(cpus=40, memory_mb=400_000), gpu_type="h100")
    assert (made.resources.cpus, made.resources.memory_mb) == (16, 128_000)
    made = choice(of=recipe(cpus=40, memory_mb=400_000), gpu_type="h100", cpus=40, memory_mb=400_000)
    assert (made.resources.cpus, made.resources.memory_mb) == (40, 400_000)
    made = choice(of=recipe(cpus=2), gpu_type="h100")
    assert made.resources.cpus == 2


def test_without_gpus_the_recipe_runs_on_the_processor_if_it_can() -> None:
    bare = cluster(partitions=(CPU,))
    made = choice(bare)
    assert made.resources.gpus == 0 and any("without one" in line for line in made.why)
    assert choice(bare, of=recipe(gpu="required")).resources.gpus == 1  # the limits will refuse it


def test_an_association_for_one_partition_alone() -> None:
    place = cluster(associations=(account("a", partition="big"),), partitions=(GPU, replace(BIG, allow_accounts=None)))
    made = choice(place, account="a")
    assert made.ask is not None and made.ask.partition.name == "big"


def machine(**changes: object) -> Cluster:
    fields: dict[str, object] = {
        "name": "m", "scheduler": "process", "version": None, "user": "u", "home": "/h", "scratch": None, "cpus": 2,
        "memory_mb": 8000, "gpus": (),
    }  # fmt: skip
    return Cluster(**{**fields, **changes})  # type: ignore[arg-type]


def test_on_a_machine() -> None:
    made = on_machine(recipe(), Wishes(), machine())
    assert (made.resources.gpus, made.resources.cpus) == (0, 2)
    assert len(made.why) == 2
    made = on_machine(recipe(), Wishes(cpus=64, gpus=1), machine())
    assert (made.resources.gpus, made.resources.cpus) == (1, 64)  # what was said is asked for, and then judged
    with pytest.raises(Refused) as error:
        on_machine(recipe(gpu="required"), Wishes(), machine())
    assert error.value.code == "needs-gpu"
    assert on_machine(recipe(gpu="required"), Wishes(), machine(gpus=("NVIDIA H100",))).resources.gpus == 1
