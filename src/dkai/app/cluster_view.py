"""What a place offers, as one sees it: partitions with their GPUs, accounts with what is left, what runs there."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from dkai.compute.cluster import Allocation, Association, Cluster, NodeKind, Partition, Storage
from dkai.core.errors import DkaiError


@dataclass(frozen=True, slots=True)
class GpuView:
    """GPUs of one name in a partition (or, without a scheduler, in the machine)."""

    raw: str  # as the cluster or the driver writes it
    name: str | None  # the catalogue's; None: it knows no such GPU
    per_node: int | None
    in_all: int


@dataclass(frozen=True, slots=True)
class PartitionView:
    """One partition."""

    id: str
    name: str
    is_default: bool
    up: bool
    nodes: int
    max_time_s: float | None
    gpus: tuple[GpuView, ...]


@dataclass(frozen=True, slots=True)
class BudgetView:
    """One budget of an account. None: not told."""

    unit: str
    limit: float | None
    left: float | None
    ends: str | None = None
    source: str = "slurm"


@dataclass(frozen=True, slots=True)
class AccountView:
    """One account of the person there; no budgets means that the cluster told of none."""

    id: str
    name: str
    is_default: bool
    budgets: tuple[BudgetView, ...]


@dataclass(frozen=True, slots=True)
class ClusterView:
    """A place as it described itself at `asked_at`. `missing` names what it did not tell, and why."""

    name: str
    scheduler: str
    version: str | None
    user: str
    partitions: tuple[PartitionView, ...]
    accounts: tuple[AccountView, ...] | None  # None: it did not tell
    qos: tuple[str, ...]
    gpus: tuple[GpuView, ...]  # of a machine without a scheduler
    cpus: int | None
    python: str | None
    containers: tuple[str, ...]
    modules: str | None
    storage: tuple[Storage, ...]
    missing: dict[str, str]
    asked_at: datetime


def cluster_view(cluster: Cluster) -> ClusterView:
    """The view of what a place said."""
    named = _namer()
    return ClusterView(
        name=cluster.name, scheduler=cluster.scheduler, version=cluster.version, user=cluster.user,
        partitions=tuple(_partition(one, named) for one in cluster.partitions),
        accounts=None if cluster.associations is None else tuple(_accounts(cluster, cluster.associations)),
        qos=tuple(one.name for one in cluster.qos),
        gpus=tuple(GpuView(raw, named(raw), None, cluster.gpus.count(raw)) for raw in dict.fromkeys(cluster.gpus)),
        cpus=cluster.cpus,
        python=f"{cluster.python} {cluster.python_version or ''}".strip() if cluster.python else None,
        containers=cluster.containers, modules=cluster.modules, storage=cluster.storage, missing=cluster.missing,
        asked_at=datetime.fromtimestamp(cluster.asked_at, UTC),
    )  # fmt: skip


def _namer() -> Callable[[str], str | None]:
    """The catalogue's name for a GPU; each is looked up once."""
    from dkai.catalogue.open import open_catalogue
    from dkai.compute.quote.place import find_gpus

    known: dict[str, str | None] = {}

    def name(raw: str) -> str | None:
        if raw not in known:
            try:
                names = [entry.name for entry in find_gpus(open_catalogue(), raw)]
            except DkaiError:
                names = []
            # Where several may be meant, what their names have in common: `NVIDIA A100`.
            known[raw] = " ".join(_shared([name.split() for name in names])) or None
        return known[raw]

    return name


def _shared(names: list[list[str]]) -> Iterator[str]:
    """The words with which all of the names begin."""
    for words in zip(*names, strict=False):
        if len(set(words)) > 1:
            return
        yield words[0]


def _partition(one: Partition, named: Callable[[str], str | None]) -> PartitionView:
    return PartitionView(
        id=one.name, name=one.name, is_default=one.is_default, up=one.up, nodes=sum(kind.count for kind in one.nodes),
        max_time_s=one.max_time_s, gpus=tuple(_gpus(one.nodes, named)),
    )  # fmt: skip


def _gpus(kinds: tuple[NodeKind, ...], named: Callable[[str], str | None]) -> Iterator[GpuView]:
    """GPUs by type and number in a node, however many states the nodes are in."""
    counts: dict[tuple[str | None, int], int] = {}
    for kind in kinds:
        for gres in kind.gres:
            if gres.name == "gpu" and gres.count:
                key = gres.type, gres.count
                counts[key] = counts.get(key, 0) + kind.count
    for (type_, per_node), nodes in counts.items():
        yield GpuView(type_ or "gpu", named(type_) if type_ else None, per_node, per_node * nodes)


def _accounts(cluster: Cluster, associations: tuple[Association, ...]) -> Iterator[AccountView]:
    """An account once, although it may stand there for each of several partitions."""
    from dkai.compute.quote.balance import unit_of

    for account in dict.fromkeys(one.account for one in associations):
        mine = [one for one in associations if one.account == account]
        budgets: dict[str, BudgetView] = {}
        for one in mine:
            for key, minutes in one.limits.grp_tres_mins.items():
                if math.isfinite(minutes):
                    scale = 60 * (1024 if key == "mem" else 1)
                    used = one.limits.used_tres_mins
                    left = None if used is None else (minutes - used.get(key, 0)) / scale
                    budgets.setdefault(key, BudgetView(unit_of(key), minutes / scale, left))
        own = tuple(
            BudgetView(
                a.unit, a.limit, None if a.limit is None or a.used is None else a.limit - a.used, a.ends, a.source
            )
            for a in cluster.allocations or ()
            if a.account == account
        )
        yield AccountView(account, account, any(one.is_default for one in mine), (*budgets.values(), *own))


def _own(one: Allocation) -> BudgetView:
    """A budget as the place's own command tells it."""
    left = None if one.limit is None or one.used is None else one.limit - one.used
    return BudgetView(one.unit, one.limit, left, one.ends, one.source)
