"""What a place said, with what this person has submitted there since then counted in. Pure.

Slurm sets aside what a running job may still use; a job sent after the question is therefore counted with the most it
could use, which is what its own quote said. Others' jobs are not known here: an answer that is kept grows old.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from dkai.compute.cluster import Cluster, Limits
from dkai.compute.plan import Plan


def with_jobs(cluster: Cluster, plans: Sequence[Plan]) -> Cluster:
    """The same answer as if these jobs had been there when the place was asked."""
    if not plans:
        return cluster
    mine = cluster.my_jobs
    return replace(
        cluster,
        my_jobs=None if mine is None else mine + sum(plan.quote.tasks for plan in plans),
        associations=None
        if cluster.associations is None
        else tuple(replace(a, limits=_set_aside(a.limits, a.account, plans)) for a in cluster.associations),
        qos=tuple(replace(q, limits=_set_aside(q.limits, f"QOS {q.name}", plans)) for q in cluster.qos),
    )


def _set_aside(limits: Limits, owner: str, plans: Sequence[Plan]) -> Limits:
    """The minutes of each budget that these jobs may use, on top of those that run already."""
    if not limits.grp_tres_mins:
        return limits
    held = dict(limits.running_tres_mins or {})
    for plan in plans:
        for balance in plan.quote.balances:
            if balance.owner == owner and balance.id in limits.grp_tres_mins:
                hours = balance.need * (1024 if balance.id == "mem" else 1)
                held[balance.id] = held.get(balance.id, 0) + hours * 60
    return replace(limits, running_tres_mins=held)
