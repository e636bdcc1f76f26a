"""The limits of a job array, and how many of its tasks can run at once. Pure.

An array's indices end below MaxArraySize (slurm.conf(5)); each task counts as a job of its own (acct_policy.c).
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from dkai.compute.cluster import Cluster
from dkai.compute.quote.limit import Ask, Limit, Verdict, compare
from dkai.compute.quote.limit_counts import asked_tres, split
from dkai.core.i18n import t
from dkai.core.units import show_number


def of_array(ask: Ask, cluster: Cluster) -> Iterator[Limit]:
    """Whether the cluster takes an array of so many tasks."""
    if ask.tasks < 2:
        return
    name = t("tasks of one array")
    if cluster.max_array is None:
        says = t("{name}: how many the cluster takes was not told", name=name)
        yield Limit("array", name, show_number(ask.tasks), "", Verdict.UNKNOWN, says)
        return
    yield compare(
        "array", name, asked=show_number(ask.tasks), allowed=show_number(cluster.max_array),
        passes=ask.tasks <= cluster.max_array, remedies=(split(cluster.max_array),),
    )  # fmt: skip


def most_at_once(ask: Ask, cluster: Cluster) -> int:
    """At most so many of the tasks run together, by what was asked for and by the limits that are known."""
    bounds: list[float] = [ask.tasks, ask.at_once or math.inf]
    limits = [one.limits for one in (ask.qos, ask.partition_qos, ask.association) if one is not None]
    tres = asked_tres(ask, cluster)
    for one in limits:
        bounds += [most for most in (one.max_jobs_per_user, one.grp_jobs) if most is not None]
        for table in (one.max_tres_per_user, one.max_tres_per_account, one.grp_tres):
            bounds += [most // tres[key] for key, most in table.items() if tres.get(key) and math.isfinite(most)]
    return max(1, int(min(bounds)))
