"""Which machine a job gets at a place that gives out whole machines of fixed sizes, as UCloud does. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from dkai.compute.cluster import Association, Cluster, Partition
from dkai.compute.job import Resources
from dkai.compute.quote.choose import Choice, Wishes
from dkai.compute.quote.limit import Ask
from dkai.compute.recipes.recipe import Recipe
from dkai.compute.scheduler.ucloud_machines import PROVIDER, UNTOLD_MB, category_of, is_slice, machine, smallest
from dkai.compute.site import Site
from dkai.core.errors import Refused, UserError
from dkai.core.i18n import nt, t
from dkai.core.units import show_number


def on_machines(recipe: Recipe, wishes: Wishes, cluster: Cluster, site: Site, slice_gb: float | None = None) -> Choice:
    """The smallest machine that holds the job; all of it is the job's, and is counted.

    `slice_gb` is the GPU memory that a slice has at least, where anybody says so; a job whose need is not known gets a
    slice first. Raises UserError for a machine that is not there, Refused where none is large enough.
    """
    if (wishes.starts or 1) > 1:
        why_not = t("dkai puts jobs back into Slurm's queues only")
        raise UserError(
            t("the job cannot go on after its time is up: {why}", why=why_not),
            code="no-requeue",
            hint=t("leave out --on-time-up, and ask for enough --time"),
        )
    named = wishes.partition or site.partition
    notes = list(_not_here(wishes))
    if named is not None:
        chosen = _named(named, cluster)
        why = [t("machine {name} ({size}): you named it", name=named, size=size_words(chosen))]
    else:
        gpus = _gpus(recipe, wishes, cluster)
        chosen, why = _smallest(recipe, wishes, cluster, gpus, slice_gb)
    node = chosen.nodes[0]
    memory = node.memory_mb
    if memory == UNTOLD_MB:
        memory = recipe.resources.memory_mb if wishes.memory_mb is None else wishes.memory_mb
        notes.append(
            t("how much memory {name} has is not published; what you ask for is taken for it", name=chosen.name)
        )
        chosen = replace(chosen, nodes=(replace(node, memory_mb=memory),))
    count = sum(gres.count for gres in node.gres)
    resources = Resources(
        gpus=count, cpus=node.cpus, memory_mb=memory, walltime_s=wishes.walltime_s or recipe.resources.walltime_s,
        gpu_type=node.gres[0].type if node.gres else None,
    )  # fmt: skip
    if is_slice(chosen):
        notes.append(_slice_words(recipe, slice_gb))
    category, provider = chosen.reference or (category_of(chosen.name), PROVIDER)
    wallet = next((one for one in cluster.allocations or () if one.account == category), None)
    return Choice(
        resources,
        Ask(resources, chosen, None if wallet is None else Association(account=category), None),
        tuple(why),
        tuple(notes),
        _place(cluster, category, provider),
    )


def _place(cluster: Cluster, category: str, provider: str) -> dict[str, str]:
    application, _, version = (cluster.version or "").partition(" ")
    told = {"application": application, "version": version} if application and version else {}
    return {"category": category, "provider": provider, **told}


def _gpus(recipe: Recipe, wishes: Wishes, cluster: Cluster) -> int:
    if wishes.gpus is not None:
        return wishes.gpus
    wanted = recipe.resources.gpus
    if wanted and recipe.gpu != "required" and not any(part.nodes[0].gres for part in cluster.partitions):
        return 0
    return wanted


def _named(name: str, cluster: Cluster) -> Partition:
    found = next((part for part in cluster.partitions if part.name == name), None)
    if found is None and "products" in cluster.missing:
        # Nobody told which machines there are: the person's word counts where the name says what it is.
        found = machine(name)
    if found is None:
        raise UserError(
            t("{cluster} has no machine called “{name}”", cluster=cluster.name, name=name),
            code="no-such-partition",
            hint=t("its machines are: {names}", names=", ".join(part.name for part in cluster.partitions)),
        )
    return found


def _smallest(
    recipe: Recipe, wishes: Wishes, cluster: Cluster, gpus: int, slice_gb: float | None
) -> tuple[Partition, list[str]]:
    with_gpus = [part for part in cluster.partitions if _count(part) == gpus]
    kinds = [part for part in with_gpus if wishes.gpu_type in (None, part.name) or _is_type(part, wishes.gpu_type)]
    need = recipe.gpu_memory_gb
    fitting = [part for part in kinds if _holds(part, recipe, wishes)]
    if need is not None:
        enough = slice_gb is not None and need <= slice_gb
        fitting = [part for part in fitting if enough or not is_slice(part)]
    chosen = smallest(fitting)
    if chosen is None:
        raise _none(cluster, gpus, kinds)
    what = {"name": chosen.name, "size": size_words(chosen)}
    if not gpus:
        return chosen, [t("machine {name} ({size}): the smallest that holds the job", **what)]
    if is_slice(chosen):
        return chosen, [t("machine {name} ({size}): a slice of a GPU, the smallest that may hold the job", **what)]
    if need is not None and any(is_slice(part) for part in kinds):
        says = t("machine {name} ({size}): the job needs {need} GB of GPU memory, more than a slice is known to have",
                 need=show_number(need), **what)  # fmt: skip
        return chosen, [says]
    return chosen, [t("machine {name} ({size}): the smallest with GPUs that holds the job", **what)]


def _count(part: Partition) -> int:
    return sum(gres.count for gres in part.nodes[0].gres)


def _is_type(part: Partition, wanted: str | None) -> bool:
    return any(gres.type == wanted for gres in part.nodes[0].gres)


def _holds(part: Partition, recipe: Recipe, wishes: Wishes) -> bool:
    """Cores that the person asked for, or a job without GPU needs; and its memory, where the machine's is known."""
    node = part.nodes[0]
    cpus = wishes.cpus or (recipe.resources.cpus if not node.gres else 1)
    memory = recipe.resources.memory_mb if wishes.memory_mb is None else wishes.memory_mb
    return node.cpus >= cpus and (node.memory_mb == UNTOLD_MB or node.memory_mb >= memory)


def _none(cluster: Cluster, gpus: int, kinds: Sequence[Partition]) -> Refused:
    names = ", ".join(part.name for part in kinds or cluster.partitions)
    if gpus:
        message = nt("{cluster} has no machine for {n} GPU and what the job asks for beside",
                     "{cluster} has no machine for {n} GPUs and what the job asks for beside", gpus,
                     cluster=cluster.name)  # fmt: skip
    else:
        message = t("{cluster} has no machine that is large enough for the job", cluster=cluster.name)
    hint = t("the machines that dkai knows there: {names}", names=names)
    if "products" in cluster.missing:
        hint += "\n" + t("there may be larger ones: name one with --partition, or let dkai ask with a token of yours")
    return Refused(message, code="no-machine", hint=hint)


def _slice_words(recipe: Recipe, slice_gb: float | None) -> str:
    larger = t("a whole GPU: --partition gpu-nvidia-b200-1-gpu")
    if recipe.gpu_memory_gb is not None and slice_gb is not None:
        return t("a slice has {gb} GB of GPU memory by what users report (not stated by UCloud); else {larger}",
                 gb=show_number(slice_gb), larger=larger)  # fmt: skip
    return t("how much GPU memory a slice has is not stated, nor what this recipe needs; if it is too little: {larger}",
             larger=larger)  # fmt: skip


def _not_here(wishes: Wishes) -> Iterator[str]:
    """What was asked for and means nothing here."""
    if (wishes.nodes or 1) > 1:
        yield t("dkai starts one machine at UCloud: --nodes changes nothing")
    if wishes.qos or wishes.exclusive or wishes.cpus_per_gpu:
        yield t("a machine of UCloud is the job's alone: --qos, --exclusive and --cpus-per-gpu change nothing")


def size_words(part: Partition) -> str:
    """`48 vCPU, 288 GB`, as UCloud writes it: its gigabytes are of 1000 MB. Without memory where that is not known."""
    node = part.nodes[0]
    memory = round(node.memory_mb * 1_048_576 / 10**9)
    return f"{node.cpus} vCPU" if node.memory_mb == UNTOLD_MB else f"{node.cpus} vCPU, {show_number(memory)} GB"
