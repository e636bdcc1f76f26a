"""The limits that a job would touch, each with what was asked, what is allowed, and what would make it pass. Pure.

Limits and their names: slurm.conf(5) for partitions, sacctmgr(1) for QOS and associations. Where a value was not told
the verdict is `unknown`, never `ok`.
"""

from __future__ import annotations

from collections.abc import Iterator

from dkai.compute.cluster import Cluster
from dkai.compute.job import Resources
from dkai.compute.quote.limit import Ask, Limit, Remedy, Verdict, compare
from dkai.compute.quote.limit_array import of_array
from dkai.compute.quote.limit_counts import of_qos_and_account
from dkai.compute.quote.limit_nodes import of_partition
from dkai.compute.quote.limit_when import of_reservations
from dkai.core.i18n import t
from dkai.core.units import show_memory, show_number


def check(ask: Ask, cluster: Cluster) -> tuple[Limit, ...]:
    """Every limit that the job touches on a Slurm cluster, in the order in which people think of them."""
    return (
        *of_eligibility(cluster), *of_partition(ask, cluster), *of_array(ask, cluster),
        *of_qos_and_account(ask, cluster), *of_reservations(ask, cluster),
    )  # fmt: skip


def of_eligibility(cluster: Cluster) -> Iterator[Limit]:
    """Whether the person may use the cluster at all: an account there, where jobs need one."""
    if cluster.associations == () and "associations" in cluster.enforced:
        says = t("you have no account on {name}, and it takes no jobs without one", name=cluster.name)
        ways = (Remedy(t("ask for access")), Remedy(t("use another site"), "--site NAME"))
        yield Limit("eligible", t("account"), cluster.user, "", Verdict.REFUSED, says, ways)


def check_machine(want: Resources, machine: Cluster) -> tuple[Limit, ...]:
    """What one computer without a scheduler can hold."""
    return tuple(_machine(want, machine))


def _machine(want: Resources, machine: Cluster) -> Iterator[Limit]:
    gpus = len(machine.gpus)
    if want.nodes > 1:
        name, ways = t("nodes"), (Remedy(t("run all of its processes here"), "--nodes 1"),)
        yield compare("nodes", name, asked=str(want.nodes), allowed="1", passes=False,
                      remedies=(*ways, Remedy(t("use another site"), "--site NAME")))  # fmt: skip
    for id_, name, asked, there, option in (
        ("cpus", t("cores"), want.cpus, machine.cpus, f"--cpus {machine.cpus}"),
        ("memory", t("memory"), want.memory_mb, machine.memory_mb, f"--memory {machine.memory_mb}M"),
        ("gpus", t("GPUs"), want.gpus, gpus, f"--gpus {gpus}"),
    ):
        if id_ == "gpus" and not want.gpus:
            continue
        show = show_memory if id_ == "memory" else show_number
        if there is None:
            says = t("{name}: the machine did not say", name=name)
            yield Limit(id_, name, show(asked), "", Verdict.UNKNOWN, says)
            continue
        less = t("ask for at most {allowed}", allowed=show(there)) if there else t("run it without")
        yield compare(
            id_, name, asked=show(asked), allowed=show(there), passes=asked <= there,
            remedies=(Remedy(less, option), Remedy(t("use another site"), "--site NAME")),
        )  # fmt: skip
