"""What stands ahead: nodes that are set aside, often for maintenance, before the job would have ended. Pure.

Slurm starts no job that would still run, by the time it asks for, when a reservation of its nodes begins
(slurm.schedmd.com, “Advanced Resource Reservation Guide”): without less time it waits until that is over.
"""

from __future__ import annotations

from collections.abc import Iterator

from dkai.compute.cluster import Cluster, Reservation
from dkai.compute.quote.limit import Ask, Limit, Verdict, less_time
from dkai.core.i18n import t
from dkai.core.units import show_duration


def of_reservations(ask: Ask, cluster: Cluster) -> Iterator[Limit]:
    """The reservations of all nodes that the job could get; those of some of them leave room elsewhere."""
    now = cluster.asked_at + (cluster.clock_offset_s or 0)
    wall = ask.resources.walltime_s
    for one in sorted(cluster.reservations or (), key=lambda r: r.starts_at or 0):
        begins, ends = one.starts_at, one.ends_at
        if begins is None or begins >= now + wall or (ends is not None and ends <= now):
            continue
        if not _takes_all(one, ask, cluster) or _is_mine(one, ask, cluster):
            continue
        name = t("reservation {name}", name=one.name)
        over = (
            t("when it is over") if ends is None else t("until it is over, in {time}", time=show_duration(ends - now))
        )
        left = begins - now
        if left <= 0:
            says = t("{name} has all nodes of {part} now: the job waits {over}", name=name, part=ask.partition.name,
                     over=over)  # fmt: skip
        else:
            says = t("{name} takes all nodes of {part} in {time}: a longer job waits {over}", name=name,
                     part=ask.partition.name, time=show_duration(left), over=over)  # fmt: skip
        short = int(left) // 60 * 60 - 60  # a minute to spare: the queue is looked through now and then
        ways = (less_time(short),) if short >= 60 else ()
        allowed = show_duration(max(left, 0))
        yield Limit(f"reservation-{one.name}", name, show_duration(wall), allowed, Verdict.WAITS, says, ways)


def _takes_all(one: Reservation, ask: Ask, cluster: Cluster) -> bool:
    """Whether it leaves no node to the partition. Which nodes a partition has by name is not known here."""
    total = sum(node.count for node in ask.partition.nodes)
    if one.nodes.upper() == "ALL" or one.partition == ask.partition.name:
        return one.node_count is None or one.node_count >= total
    # As many nodes as all partitions together have are all of them, even where partitions share none.
    everything = sum(node.count for part in cluster.partitions for node in part.nodes)
    return one.node_count is not None and one.node_count >= everything > 0


def _is_mine(one: Reservation, ask: Ask, cluster: Cluster) -> bool:
    account = ask.association.account if ask.association else None
    return cluster.user in one.users or account in one.accounts
