"""What is left of an hour budget, before and after the job. Pure.

Slurm starts a job only while what is used of GrpTRESMins, what running jobs may still use, and what this one could use
are within it (sacctmgr(1); acct_policy.c); each TRES of the limit is looked at for itself. That there is no budget,
that it is free inside an allocation, and that nobody could say, are three different answers.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from dkai.compute.cluster import Allocation, Association, Cluster, Limits, Qos
from dkai.compute.quote.estimate import Estimate, show_amount
from dkai.compute.quote.limit import Ask, Remedy, less_time, tres_name
from dkai.compute.quote.limit_counts import asked_tres
from dkai.core.i18n import t


@dataclass(frozen=True, slots=True)
class Balance:
    """One budget, in hours of one TRES (memory: GB × hours). `left` and `used` are None where usage was not told."""

    id: str
    name: str
    owner: str  # `project_a`, or a QOS
    unit: str
    limit: float
    used: float | None
    left: float | None  # free to start jobs with: neither used nor set aside for jobs that run
    need: float  # at most, if the job runs for all the time it asks for
    after: float | None
    running: float | None = None  # what jobs that run now may still use, and Slurm sets aside; None: not told
    ends: str | None = None  # ISO date on which what is left is lost
    source: str = ""  # the place's own command; empty: Slurm

    @property
    def is_over(self) -> bool:
        """Whether the job could use more than is left."""
        return self.after is not None and self.after < 0


def balances(ask: Ask, cluster: Cluster) -> tuple[Balance, ...]:
    """Every hour budget of Slurm's that the job draws on; empty when there is none (see `budget_of`)."""
    found: list[Balance] = []
    if ask.association is not None:
        found += _of(ask, cluster, ask.association.limits, ask.association.account)
    for qos in _both(ask):
        found += _of(ask, cluster, qos.limits, f"QOS {qos.name}")
    return tuple(found)


def own_allocations(ask: Ask, cluster: Cluster, counted: Sequence[Estimate]) -> tuple[Balance, ...]:
    """The account's allocations as the place's own command told them, where Slurm keeps no budget of hours.

    `counted` are the amounts of the job that may be in an allocation's unit: the place's own first.
    """
    account = ask.association.account if ask.association else None
    kind = "gpu-hour" if ask.resources.gpus else "core-hour"
    amount = next((one for one in counted if one.unit == _word(kind)), None)
    mine = [one for one in cluster.allocations or () if one.account == account and one.unit == kind]
    return () if amount is None else tuple(_allocation(one, amount) for one in mine if one.limit is not None)


def _allocation(one: Allocation, amount: Estimate) -> Balance:
    limit = one.limit or 0
    left = None if one.used is None else limit - one.used
    return Balance(
        id=one.unit, name=_word(one.unit), owner=one.account, unit=_word(one.unit), limit=limit, used=one.used,
        left=left, need=amount.high, after=None if left is None else left - amount.high, ends=one.ends,
        source=one.source,
    )  # fmt: skip


def _word(unit: str) -> str:
    return {"gpu-hour": t("GPU-hours"), "core-hour": t("core-hours")}.get(unit, unit)


def _both(ask: Ask) -> Iterator[Qos]:
    if ask.qos is not None:
        yield ask.qos
    if ask.partition_qos is not None and (ask.qos is None or ask.partition_qos.name != ask.qos.name):
        yield ask.partition_qos


def _of(ask: Ask, cluster: Cluster, limits: Limits, owner: str) -> Iterator[Balance]:
    tres = most_tres(ask, cluster)
    hours = ask.resources.longest_s / 3600 * _factor(ask) * ask.tasks
    for key, limit_mins in limits.grp_tres_mins.items():
        amount = tres.get(key, 0)
        if amount <= 0 or not math.isfinite(limit_mins):
            continue
        scale = 60 * (1024 if key == "mem" else 1)
        used = None if limits.used_tres_mins is None else limits.used_tres_mins.get(key, 0) / scale
        running = None if limits.running_tres_mins is None else limits.running_tres_mins.get(key, 0) / scale
        limit, need = limit_mins / scale, amount * hours / (1024 if key == "mem" else 1)
        left = None if used is None else limit - used - (running or 0)
        yield Balance(
            id=key, name=tres_name(key), owner=owner, unit=unit_of(key), limit=limit, used=used, left=left, need=need,
            after=None if left is None else left - need, running=running,
        )  # fmt: skip


def _factor(ask: Ask) -> float:
    """What an hour counts under the job's QOS (UsageFactor, sacctmgr(1)); 1 where it was not told."""
    qos = ask.qos or ask.partition_qos
    return 1.0 if qos is None or qos.usage_factor is None else qos.usage_factor


def unit_of(key: str) -> str:
    """The unit of a TRES times hours."""
    if key.startswith("gres/gpu"):
        return t("GPU-hours")
    if key == "mem":
        return t("GB-hours")
    return {"cpu": t("core-hours"), "node": t("node-hours"), "billing": t("billing hours")}.get(key, f"{key} × h")


def most_tres(ask: Ask, cluster: Cluster) -> dict[str, float]:
    """The most that the job could be given of each TRES, over the kinds of node that can hold it."""
    found = ask.shapes(cluster)
    if not found:
        return asked_tres(ask, cluster)
    most: dict[str, float] = {}
    for shape in found:
        billing = {} if shape.billing is None else {"billing": float(shape.billing)}
        for key, value in (shape.tres | billing).items():
            most[key] = max(most.get(key, 0), value)
    return most


def remedies(ask: Ask, cluster: Cluster, over: Balance) -> tuple[Remedy, ...]:
    """What would bring the job under this budget: less time, fewer GPUs, another account with enough."""
    found: list[Remedy] = []
    left = over.left or 0
    want = ask.resources
    # What a job uses grows with its time: so much less time is so much less of the budget.
    seconds = int(left / over.need * want.walltime_s / 60) * 60 if left > 0 else 0
    if seconds >= 60:
        found.append(less_time(seconds))
    if over.id.startswith("gres/gpu") and not (ask.partition.exclusive or want.exclusive):
        fewer = int(left / (over.need / want.gpus)) if left > 0 else 0
        if 0 < fewer < want.gpus:
            found.append(Remedy(t("ask for {n} GPU instead of {asked}", n=fewer, asked=want.gpus), f"--gpus {fewer}"))
    fewer_tasks = int(left / (over.need / ask.tasks)) if left > 0 else 0
    if 0 < fewer_tasks < ask.tasks:
        found.append(Remedy(t("sweep at most {n} combinations", n=fewer_tasks)))
    if over.source:
        return (*found, *_other_allocations(ask, cluster, over))
    for other in _others(ask, cluster):
        theirs = replace(ask, association=other)
        if all(not b.is_over and b.left is not None for b in balances(theirs, cluster) if b.owner == other.account):
            mine = [b for b in balances(theirs, cluster) if b.owner == other.account and b.id == over.id]
            says = t("use the account {name}, which has no such limit", name=other.account)
            if mine:
                left_there = f"{show_amount(mine[0].left or 0)} {over.unit}"
                says = t("use the account {name}, which has {left} left", name=other.account, left=left_there)
            found.append(Remedy(says, f"--account {other.account}"))
    return tuple(found)


def _other_allocations(ask: Ask, cluster: Cluster, over: Balance) -> Iterator[Remedy]:
    """Accounts of this person's whose allocation, as the place's own command told it, is large enough."""
    usable = {other.account for other in _others(ask, cluster)}
    for one in cluster.allocations or ():
        left = None if one.limit is None or one.used is None else one.limit - one.used
        if one.account in usable and one.unit == over.id and left is not None and left >= over.need:
            says = t("use the account {name}, which has {left} left", name=one.account,
                     left=f"{show_amount(left)} {over.unit}")  # fmt: skip
            yield Remedy(says, f"--account {one.account}")


def _others(ask: Ask, cluster: Cluster) -> Iterator[Association]:
    mine = ask.association.account if ask.association else None
    for other in cluster.associations or ():
        part = ask.partition
        closed = (part.allow_accounts is not None and other.account not in part.allow_accounts) or (
            other.account in part.deny_accounts
        )
        if other.account != mine and other.partition in (None, part.name) and not closed:
            yield other
