"""Jobs over several nodes: what is asked for on each, what that costs, and what is said where it cannot be."""

from __future__ import annotations

from dataclasses import replace

import pytest
from clusters import GPU, choice, cluster, recipe

from dkai.app.requests import Words, make_request
from dkai.compute.cluster import Cluster
from dkai.compute.job import Resources
from dkai.compute.quote.choose import Wishes, on_machine
from dkai.compute.quote.limit import Verdict
from dkai.compute.quote.limits import check, check_machine
from dkai.compute.quote.place import Place
from dkai.compute.quote.quote import make_quote
from dkai.compute.recipes.recipe import Recipe
from dkai.compute.scheduler.slurm_request import request_for
from dkai.compute.site import Site
from dkai.core.errors import UsageError, UserError

MACHINE = Cluster(
    name="m", scheduler="process", version=None, user="u", home="/h", scratch=None, cpus=2, memory_mb=8000, gpus=()
)


def several(nodes: int = 2, gpus: int = 2, cpus: int = 8, **more: object) -> Recipe:
    """A recipe whose processes are started on all nodes."""
    made = recipe(gpus, nodes=nodes, cpus=cpus)
    return replace(made, run=replace(made.run, launcher="srun", checkpoint=True), **more)  # type: ignore[arg-type]


def test_gpus_and_cores_are_the_whole_jobs_and_memory_is_each_nodes() -> None:
    made = choice(of=several(), memory_mb=9000)
    asked = request_for(made.resources)
    assert (made.resources.gpus, made.resources.cpus, made.resources.memory_mb) == (2, 8, 9000)
    assert (asked.nodes, asked.gpus_per_node, asked.cpus_per_node) == (2, 1, 4)
    assert asked.memory is not None and (asked.memory.mb, asked.memory.per) == (9000, "node")
    # Each of the two nodes: 4 cores, 9000 MiB, 1 GPU; weights 1, 0.25 a GiB, 16: 8 + 4.39 + 32, cut off.
    assert made.ask is not None
    assert {shape.billing for shape in made.ask.shapes(cluster())} == {44}
    assert all(shape.tres["mem"] == 18_000 and shape.tres["node"] == 2 for shape in made.ask.shapes(cluster()))


def test_more_nodes_have_as_much_on_each() -> None:
    made = choice(of=several(), nodes=4)
    assert (made.resources.gpus, made.resources.cpus, made.resources.nodes) == (4, 16, 4)
    assert any("as much on each" in line for line in made.why)
    made = choice(of=several(), nodes=1)
    assert (made.resources.gpus, made.resources.cpus, made.resources.nodes) == (1, 4, 1)


def test_what_does_not_share_out_is_rounded_up_and_said() -> None:
    made = choice(of=several(), gpus=3, cpus=5)
    assert (made.resources.gpus, made.resources.cpus) == (4, 6)
    assert "4 GPUs: as many on each of 2 nodes" in made.why and "6 cores: as many on each of 2 nodes" in made.why
    made = choice(of=several(), gpus=8, cpus=2)
    assert made.resources.cpus == 8 and any("one for each GPU's process" in line for line in made.why)


def test_the_share_of_a_node_is_each_nodes() -> None:
    # 1 of 4 GPUs on each h100 node with 64 cores and 500 GB: 16 cores and 128,000 MiB there.
    made = choice(of=several(cpus=200), gpu_type="h100", memory_mb=None)
    assert made.resources.cpus == 32
    made = choice(of=replace(several(), resources=replace(several().resources, memory_mb=400_000)), gpu_type="h100")
    assert made.resources.memory_mb == 128_000


def test_a_recipe_that_starts_nothing_elsewhere_says_so() -> None:
    assert any("only the first would work" in line for line in choice(of=recipe(), nodes=2).warnings)
    assert choice(of=several()).warnings == ()


def test_where_no_partition_has_so_many_the_recipe_takes_one() -> None:
    one = cluster(partitions=(replace(GPU, nodes=GPU.nodes[:1]),))
    made = choice(one, of=several())
    assert made.resources.nodes == 1 and any("1 node instead" in line for line in made.why)
    # What the person said stays, and the limits refuse it.
    made = choice(one, of=several(), nodes=2)
    assert made.ask is not None and made.resources.nodes == 2
    refused = [limit for limit in check(made.ask, one) if limit.verdict is Verdict.REFUSED]
    assert [limit.id for limit in refused] == ["node"] and "on each of 2 nodes" in refused[0].says


def test_a_partition_that_gives_fewer_nodes() -> None:
    few = cluster(partitions=(replace(GPU, max_nodes=1),))
    assert choice(few, of=several()).resources.nodes == 1
    made = choice(few, of=several(), nodes=2)
    assert made.ask is not None
    (refused,) = [limit for limit in check(made.ask, few) if limit.verdict is Verdict.REFUSED]
    assert refused.id == "partition-nodes" and refused.remedies[0].options == "--nodes 1"


def test_one_computer_is_one_node() -> None:
    made = on_machine(several(), Wishes(), MACHINE)
    assert made.resources.nodes == 1 and any("all of its processes run here" in line for line in made.why)
    (refused,) = [one for one in check_machine(Resources(nodes=2, cpus=1), MACHINE) if one.verdict is Verdict.REFUSED]
    assert refused.id == "nodes"


def test_a_job_that_may_start_again_is_quoted_with_all_its_starts() -> None:
    made = choice(of=several(), starts=3, walltime_s=3600)
    quote = make_quote(made, cluster(), Place("c"))
    assert made.resources.longest_s == 3 * 3600
    assert quote.hours.high == 6  # 2 GPUs, 3 × 1 hour
    assert [balance.need for balance in quote.balances] == [6]
    assert "back into the queue" in quote.at_wall
    once = make_quote(choice(of=several(), walltime_s=3600), cluster(), Place("c"))
    assert once.hours.high == 2


@pytest.mark.parametrize(
    ("of", "site"),
    [(recipe(), Site("c", scheduler="slurm")), (several(), Site("c", scheduler="lsf"))],
    ids=["no checkpoint", "no Slurm"],
)
def test_what_cannot_be_put_back(of: Recipe, site: Site) -> None:
    with pytest.raises(UserError) as error:
        choice(of=of, site=site, starts=2)
    assert error.value.code == "no-requeue"
    with pytest.raises(UserError) as error:
        on_machine(of, Wishes(starts=2), MACHINE)
    assert error.value.code == "no-requeue"


@pytest.mark.parametrize(("word", "starts"), [(None, None), ("stop", 1), ("requeue", 4), ("requeue:1", 2)])
def test_what_is_typed_about_the_end_of_the_time(word: str | None, starts: int | None) -> None:
    assert make_request(Words("gpu-check", on_time_up=word)).wishes.starts == starts


@pytest.mark.parametrize("word", ["", "go-on", "requeue:0", "requeue:x", "requeue:9999", "stop:1"])
def test_what_cannot_be_meant(word: str) -> None:
    with pytest.raises(UsageError):
        make_request(Words("gpu-check", on_time_up=word))


def test_the_warning_comes_in_time() -> None:
    assert [Resources(walltime_s=s).warning_s for s in (60, 600, 3600, 86_400)] == [10, 60, 300, 300]
