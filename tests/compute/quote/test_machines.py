"""Which machine a job gets at UCloud."""

from __future__ import annotations

from dataclasses import replace

import pytest
from clusters import recipe

from dkai.compute.cluster import Cluster
from dkai.compute.quote.choose import Choice, Wishes
from dkai.compute.quote.machines import on_machines
from dkai.compute.scheduler.ucloud_machines import published
from dkai.compute.site import Site
from dkai.core.errors import Refused, UserError

SITE = Site("ucloud", host="ucloud", scheduler="ucloud")
UNTOLD = Cluster("UCloud", "ucloud", None, "", None, None, partitions=published(), missing={"products": "no token"})
TOLD = replace(UNTOLD, missing={}, version="pytorch-te 26.07")


def chosen(memory_gb: float | None = None, where: Cluster = UNTOLD, site: Site = SITE, gpus: int = 1, **wishes: object
           ) -> Choice:  # fmt: skip
    return on_machines(replace(recipe(gpus=gpus), gpu_memory_gb=memory_gb), Wishes(**wishes), where, site, 21)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("need", "machine"),
    [(None, "gpu-nvidia-b200-1-mig.1g"), (10, "gpu-nvidia-b200-1-mig.1g"), (21, "gpu-nvidia-b200-1-mig.1g"),
     (24, "gpu-nvidia-b200-1-gpu")],
)  # fmt: skip
def test_a_slice_where_it_may_be_enough(need: float | None, machine: str) -> None:
    found = chosen(need)
    assert found.ask is not None and found.ask.partition.name == machine


def test_the_whole_machine_is_asked_for_and_counted() -> None:
    want = chosen(100).resources
    assert (want.gpus, want.cpus, want.gpu_type) == (1, 48, "b200")


def test_what_is_not_known_is_said() -> None:
    notes = " ".join(chosen().warnings)
    assert "not stated" in notes and "--partition gpu-nvidia-b200-1-gpu" in notes
    assert "not published" in " ".join(chosen(gpus=0).warnings)


def test_memory_that_was_asked_for_needs_a_larger_one() -> None:
    found = chosen(memory_mb=100 * 1024)
    assert found.ask is not None and found.ask.partition.name == "gpu-nvidia-b200-1-gpu"


def test_a_machine_that_was_named_is_taken_at_its_word_only_where_nobody_told() -> None:
    found = chosen(partition="gpu-nvidia-b200-4-gpu")
    assert (found.resources.gpus, found.resources.cpus) == (4, 192)
    for where in (TOLD, UNTOLD):
        with pytest.raises(UserError):
            chosen(where=where, partition="gpu-nvidia-b200-4-gpu" if where is TOLD else "nonsense")


def test_more_gpus_than_any_has() -> None:
    with pytest.raises(Refused) as caught:
        chosen(gpus=2)
    assert caught.value.code == "no-machine" and "--partition" in (caught.value.hint or "")


def test_the_application_that_was_told_is_asked_for() -> None:
    assert chosen(where=TOLD).place == {
        "category": "gpu-nvidia-b200", "provider": "ucloud", "application": "pytorch-te", "version": "26.07",
    }  # fmt: skip
    assert "application" not in chosen().place
