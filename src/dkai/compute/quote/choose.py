"""What the person did not say, chosen for them, with the reason: partition, account, QOS, how much of each. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from dkai.compute.cluster import Association, Cluster, Partition, Qos
from dkai.compute.job import Resources
from dkai.compute.quote.billing import Counting, counting_of, fits, gpus_on, kinds, shapes
from dkai.compute.quote.limit import Ask
from dkai.compute.recipes.recipe import Recipe
from dkai.compute.scheduler.lsf_request import place_words
from dkai.compute.site import Site, title
from dkai.core.errors import Refused, RemoteError, UserError
from dkai.core.i18n import t
from dkai.core.units import show_memory


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the person said; None where they said nothing. Memory is a node's, 0 is all of it."""

    gpus: int | None = None
    gpu_type: str | None = None
    cpus: int | None = None
    memory_mb: int | None = None
    walltime_s: int | None = None
    partition: str | None = None
    account: str | None = None
    qos: str | None = None
    exclusive: bool = False
    cpus_per_gpu: int | None = None
    nodes: int | None = None
    starts: int | None = None  # how often it may start anew from its checkpoint, the first time counted
    tasks: int = 1  # as a job array: so many times
    at_once: int | None = None  # and so many of them together


@dataclass(frozen=True, slots=True)
class Choice:
    """What will be asked for, and why what was not said is as it is."""

    resources: Resources
    ask: Ask | None  # None: no scheduler
    why: tuple[str, ...] = ()
    warnings: tuple[str, ...] = field(default=())
    place: dict[str, str] = field(default_factory=dict)  # for JobSpec.place
    tasks: int = 1
    at_once: int | None = None


def on_machine(recipe: Recipe, wishes: Wishes, machine: Cluster) -> Choice:
    """For a computer without scheduler: the recipe's own numbers, no more cores and GPUs than there are.

    Raises Refused when the recipe cannot do without a GPU and there is none.
    """
    base = recipe.resources
    why: list[str] = []
    if (wishes.starts or 1) > 1:
        raise _no_requeue(t("there is no queue that it could go back into"))
    nodes = wishes.nodes or 1
    if wishes.nodes is None and base.nodes > 1:
        why.append(t("one computer: all of its processes run here, not on {n} nodes", n=base.nodes))
    gpus = wishes.gpus
    if gpus is None:
        gpus = min(base.gpus, len(machine.gpus))
        if recipe.gpu == "required" and base.gpus and not gpus:
            raise Refused(
                t(
                    "the recipe {recipe} needs a GPU, and this machine has none that a driver tells of",
                    recipe=recipe.id,
                ),
                code="needs-gpu",
                hint=t("use a site that has GPUs: --site NAME; see dkai compute sites"),
            )
        if gpus < base.gpus:
            why.append(t("no GPU here: the recipe runs without one"))
    cpus = wishes.cpus
    if cpus is None and wishes.cpus_per_gpu and gpus:
        cpus = wishes.cpus_per_gpu * gpus
    if cpus is None:
        cpus = min(base.cpus, machine.cpus or base.cpus)
        if cpus < base.cpus:
            why.append(t("{n} cores instead of the recipe's {wanted}: that is all there is", n=cpus, wanted=base.cpus))
    resources = Resources(
        gpus=gpus,
        cpus=cpus,
        memory_mb=base.memory_mb if wishes.memory_mb is None else wishes.memory_mb,
        walltime_s=wishes.walltime_s or base.walltime_s,
        nodes=nodes,
        gpu_type=wishes.gpu_type,
    )
    at_once = None
    if wishes.tasks > 1:
        at_once = wishes.at_once or _room_for(resources, machine)
        if wishes.at_once is None:
            why.append(t("{n} at once: as many as this computer has room for", n=at_once))
    return Choice(resources, None, tuple(why), tasks=wishes.tasks, at_once=at_once)


def _room_for(each: Resources, machine: Cluster) -> int:
    """So many such tasks a computer without scheduler can hold together; one where it does not tell."""
    there = (
        (each.cpus, machine.cpus), (each.memory_mb, machine.memory_mb),
        (each.gpus, len(machine.gpus) if each.gpus else None),
    )  # fmt: skip
    return max(1, min((has // asked for asked, has in there if asked and has is not None), default=1))


def on_cluster(recipe: Recipe, wishes: Wishes, cluster: Cluster, site: Site) -> Choice:
    """For a cluster with a scheduler. Raises UserError for a partition, account or QOS that is not there."""
    why: list[str] = []
    warnings: list[str] = []
    if not cluster.partitions:
        raise _no_partitions(cluster, site)
    if (wishes.starts or 1) > 1 and not recipe.run.checkpoint:
        raise _no_requeue(t("the recipe {recipe} writes no checkpoint that it could go on from", recipe=recipe.id))
    if (wishes.starts or 1) > 1 and site.scheduler != "slurm":
        raise _no_requeue(t("dkai puts jobs back into Slurm's queues only"))
    named = wishes.partition or site.partition
    base = _for_nodes(recipe, wishes, [p for p in cluster.partitions if named in (None, p.name)], why)
    wanted_gpus = base.gpus if wishes.gpus is None else wishes.gpus
    if wishes.gpus is None and wanted_gpus and recipe.gpu != "required" and not _has_gpus(cluster.partitions):
        wanted_gpus = 0
        why.append(t("no partition has GPUs: the recipe runs without one"))
    draft = Resources(
        gpus=wanted_gpus,
        cpus=base.cpus if wishes.cpus is None else wishes.cpus,
        memory_mb=base.memory_mb if wishes.memory_mb is None else wishes.memory_mb,
        walltime_s=wishes.walltime_s or base.walltime_s,
        nodes=base.nodes,
        gpu_type=wishes.gpu_type,
        exclusive=wishes.exclusive,
        starts=wishes.starts or 1,
    )
    draft = _by_gpu(_evenly(draft, recipe, why), wishes, why)
    if draft.nodes > 1 and recipe.run.launcher == "none":
        warnings.append(t("{recipe} starts nothing on other nodes: only the first would work", recipe=recipe.id))
    account = _account(wishes.account or site.account, cluster, why)
    partition = _partition(wishes.partition or site.partition, draft, cluster, account, why)
    qos, partition_qos = _qos(wishes.qos or site.qos, cluster, account, partition, warnings)
    resources = _cores_for_memory(_share(draft, wishes, partition, why), wishes, partition, why)
    asked = Ask(resources, partition, account, qos, partition_qos, wishes.tasks, wishes.at_once)
    place = place_words(cluster) if cluster.scheduler == "lsf" else {}
    return Choice(resources, asked, tuple(why), tuple(warnings), place, tasks=wishes.tasks, at_once=wishes.at_once)


def _no_requeue(why: str) -> UserError:
    return UserError(
        t("the job cannot go on after its time is up: {why}", why=why),
        code="no-requeue",
        hint=t("leave out --on-time-up, and ask for enough --time"),
    )


def _for_nodes(recipe: Recipe, wishes: Wishes, places: Sequence[Partition], why: list[str]) -> Resources:
    """The recipe's own numbers for so many nodes: on each as much as on each of those it was written for.

    A recipe that may run on fewer nodes than it asks for does so where no partition has as many that fit.
    """
    base = recipe.resources
    nodes = base.nodes if wishes.nodes is None else wishes.nodes
    enough = any(min(sum(n.count for n in part.nodes), part.max_nodes or math.inf) >= nodes for part in places)
    if wishes.nodes is None and nodes > 1 and not enough:
        why.append(t("1 node instead of the recipe's {n}: no partition has so many", n=nodes))
        nodes = 1
    if nodes == base.nodes:
        return base
    gpus, cpus = -(-base.gpus // base.nodes) * nodes, -(-base.cpus // base.nodes) * nodes
    if nodes > base.nodes and (wishes.gpus is None or wishes.cpus is None):
        why.append(t("{n} nodes: as much on each as the recipe asks for on one", n=nodes))
    return replace(base, nodes=nodes, gpus=gpus, cpus=cpus)


def _evenly(draft: Resources, recipe: Recipe, why: list[str]) -> Resources:
    """GPUs and cores in whole shares a node, as Slurm gives them; a core at least for each process of a launcher."""
    each = draft.nodes
    gpus = -(-draft.gpus // each) * each
    if gpus > draft.gpus:
        why.append(t("{n} GPUs: as many on each of {nodes} nodes", n=gpus, nodes=each))
    cpus = -(-draft.cpus // each) * each
    if recipe.run.launcher != "none" and cpus < gpus:
        cpus = gpus
        why.append(t("{n} cores: one for each GPU's process", n=cpus))
    elif cpus > draft.cpus:
        why.append(t("{n} cores: as many on each of {nodes} nodes", n=cpus, nodes=each))
    return replace(draft, gpus=gpus, cpus=cpus)


def _by_gpu(draft: Resources, wishes: Wishes, why: list[str]) -> Resources:
    """Cores bound to each GPU; without GPUs there is nothing to bind them to."""
    each = wishes.cpus_per_gpu
    if each is None:
        return draft
    if not draft.gpus:
        why.append(t("no GPU is asked for, so --cpus-per-gpu changes nothing"))
        return draft
    return replace(draft, cpus_per_gpu=each, cpus=each * draft.gpus)


def _cores_for_memory(want: Resources, wishes: Wishes, part: Partition, why: list[str]) -> Resources:
    """As many cores as the memory brings where a partition has a most for each core: then Slurm adds none by itself."""
    most = part.max_mem_per_cpu_mb
    if not most or wishes.cpus is not None or want.gpus or want.exclusive or part.exclusive:
        return want
    nodes = kinds(part.nodes)
    memory = want.memory_mb or min((n.memory_mb for n in nodes), default=0)
    cpus = -(-memory // int(most)) * want.nodes
    if cpus <= want.cpus:
        return want
    why.append(t("{n} cores: {name} gives at most {memory} a core", n=cpus, name=part.name, memory=show_memory(most)))
    return replace(want, cpus=cpus)


def _no_partitions(cluster: Cluster, site: Site) -> RemoteError | UserError:
    if cluster.missing:
        probe, why = next(iter(sorted(cluster.missing.items())))
        return RemoteError(
            t("{site} could not say what it has: {probe}: {why}", site=site.id, probe=probe, why=why),
            code=f"{site.scheduler}-down",
            hint=t(
                "{scheduler} may be down there: see the place's status page, and try again later",
                scheduler=title(site.scheduler),
            ),
        )
    return UserError(
        t("{site} shows you no partition", site=site.id),
        code="no-partition",
        hint=t("your account there may not be open yet; ask the place's support"),
    )


def _has_gpus(partitions: Iterable[Partition]) -> bool:
    return any(gpus_on(node) for part in partitions for node in part.nodes)


def _account(name: str | None, cluster: Cluster, why: list[str]) -> Association | None:
    mine = cluster.associations
    if mine is None:
        if name is None:
            return None
        # The cluster would not tell: the name is taken at its word, and its budget stays unknown.
        return Association(account=name)
    if name is not None:
        found = [a for a in mine if a.account == name]
        if not found:
            names = ", ".join(sorted({a.account for a in mine})) or t("none")
            raise UserError(
                t("you have no account called “{name}” on {cluster}", name=name, cluster=cluster.name),
                code="no-such-account",
                hint=t("your accounts there are: {names}", names=names),
            )
        return found[0]
    if not mine:
        return None
    default = next((a for a in mine if a.is_default), mine[0])
    if len({a.account for a in mine}) > 1:
        why.append(t("account {name}: your default there", name=default.account))
    return default


def _partition(
    name: str | None, want: Resources, cluster: Cluster, account: Association | None, why: list[str]
) -> Partition:
    if name is not None:
        for part in cluster.partitions:
            if part.name == name:
                return part
        raise UserError(
            t("{cluster} has no partition called “{name}”", cluster=cluster.name, name=name),
            code="no-such-partition",
            hint=t("its partitions are: {names}", names=", ".join(p.name for p in cluster.partitions) or t("none")),
        )
    open_ = [p for p in cluster.partitions if p.up and _is_open(p, account)]
    how = counting_of(cluster)
    fitting = [p for p in open_ if shapes(want, p, how)]
    enough_time = [p for p in fitting if p.max_time_s is None or want.walltime_s <= p.max_time_s]
    usable = enough_time or fitting
    if not usable:
        # Nothing fits: the limits will say what is too much, best against the partition one would have meant.
        usable = [p for p in open_ if not want.gpus or _has_gpus([p])] or open_ or list(cluster.partitions)
    default = next((p for p in usable if p.is_default), None)
    if want.gpus:
        best = min(usable, key=lambda p: (_smallest_gpu_node(p, want, how), p.max_time_s or float("inf"), p.name))
        why.append(t("partition {name}: the smallest with GPUs that holds the job", name=best.name))
        return best
    without = [p for p in usable if not _has_gpus([p])]
    if default is not None and default in (without or usable):
        return default
    best = min(without or usable, key=lambda p: (max((n.cpus for n in p.nodes), default=0), p.name))
    why.append(t("partition {name}: the smallest that holds the job", name=best.name))
    return best


def _is_open(part: Partition, account: Association | None) -> bool:
    if account is None:
        return True
    if account.partition not in (None, part.name) or account.account in part.deny_accounts:
        return False
    return part.allow_accounts is None or account.account in part.allow_accounts


def _smallest_gpu_node(part: Partition, want: Resources, how: Counting) -> tuple[int, int]:
    """GPUs on the smallest node that holds the job, then how many GPUs the partition has."""
    counts = [gpus_on(n, want.gpu_type) for shape in shapes(want, part, how) for n, _ in shape.nodes]
    total = sum(gpus_on(n) * n.count for n in part.nodes)
    return (min(counts, default=10**6), total)


def _qos(
    name: str | None, cluster: Cluster, account: Association | None, part: Partition, warnings: list[str]
) -> tuple[Qos | None, Qos | None]:
    known = {qos.name: qos for qos in cluster.qos}
    if name is not None and known and name not in known:
        raise UserError(
            t("{cluster} has no QOS called “{name}”", cluster=cluster.name, name=name),
            code="no-such-qos",
            hint=t("yours are: {names}", names=", ".join((account.qos if account else ()) or sorted(known))),
        )
    if name is None and account is not None:
        name = account.default_qos or (account.qos[0] if len(account.qos) == 1 else None)
    if name is not None and name not in known:
        warnings.append(t("the limits of the QOS {name} are not known", name=name))
        return Qos(name), known.get(part.qos or "")
    return known.get(name or ""), known.get(part.qos or "")


def _share(draft: Resources, wishes: Wishes, part: Partition, why: list[str]) -> Resources:
    """Cores and memory for a GPU job: at most the GPUs' share of their node, so that the others stay usable.

    Asking for more blocks GPUs for everybody, and at many places is billed as if these GPUs were used.
    """
    if not draft.gpus or part.exclusive or draft.exclusive:
        return draft
    least = replace(draft, cpus=draft.nodes, cpus_per_gpu=None, memory_mb=1)
    nodes = [n for n in part.nodes if gpus_on(n, draft.gpu_type) and fits(least, n, part)]
    if not nodes:
        return draft
    each = -(-draft.gpus // draft.nodes)
    cpus = min(n.cpus * each // gpus_on(n, draft.gpu_type) for n in nodes) * draft.nodes
    memory = min(n.memory_mb * each // gpus_on(n, draft.gpu_type) for n in nodes)
    resources = draft
    if wishes.cpus is None and draft.cpus_per_gpu is None and draft.cpus > cpus >= 1:
        resources = replace(resources, cpus=cpus)
        why.append(t("{n} cores: the share of {gpus} GPU of a node", n=cpus, gpus=draft.gpus))
    if wishes.memory_mb is None and draft.memory_mb > memory >= 1:
        resources = replace(resources, memory_mb=memory)
    return resources
