"""A limit, how a job stands to it, and what would make it pass. Values only."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from dkai.compute.cluster import Association, Cluster, Partition, Qos
from dkai.compute.job import Resources
from dkai.compute.quote.billing import Shape, counting_of, shapes
from dkai.core.i18n import t
from dkai.core.units import show_duration, show_memory, show_number, slurm_duration


class Verdict(StrEnum):
    """What the scheduler would do."""

    OK = "ok"
    WAITS = "waits"  # accepted, and waits until something else ends
    REFUSED = "refused"  # not accepted, or would wait for ever
    UNKNOWN = "unknown"  # the place did not tell the limit


@dataclass(frozen=True, slots=True)
class Remedy:
    """One way to make it pass: a sentence, and the options that do it."""

    says: str
    options: str = ""

    def __str__(self) -> str:
        return f"{self.says} ({self.options})" if self.options else self.says


@dataclass(frozen=True, slots=True)
class Limit:
    """One limit and how the job stands to it."""

    id: str
    name: str
    asked: str
    allowed: str
    verdict: Verdict
    says: str
    remedies: tuple[Remedy, ...] = ()


@dataclass(frozen=True, slots=True)
class Ask:
    """What the job asks of one cluster: resources and where."""

    resources: Resources
    partition: Partition
    association: Association | None
    qos: Qos | None
    partition_qos: Qos | None = None
    tasks: int = 1  # as an array: so many times
    at_once: int | None = None  # and so many of them together

    def shapes(self, cluster: Cluster) -> tuple[Shape, ...]:
        """What it would be given, in every way to lay it over the nodes."""
        return shapes(self.resources, self.partition, counting_of(cluster))


def compare(
    id_: str, name: str, *, asked: str, allowed: str, passes: bool, too_much: Verdict = Verdict.REFUSED,
    remedies: tuple[Remedy, ...] = (),
) -> Limit:  # fmt: skip
    """The limit with its sentence; remedies only where it does not pass."""
    if passes:
        says = t("{name}: {asked} of {allowed}", name=name, asked=asked, allowed=allowed)
        return Limit(id_, name, asked, allowed, Verdict.OK, says)
    says = t("{name}: {asked} asked for, {allowed} allowed", name=name, asked=asked, allowed=allowed)
    return Limit(id_, name, asked, allowed, too_much, says, remedies)


def worst(limits: tuple[Limit, ...]) -> Verdict:
    """The gravest verdict of all; `ok` when there is none."""
    order = [Verdict.OK, Verdict.UNKNOWN, Verdict.WAITS, Verdict.REFUSED]
    return max((limit.verdict for limit in limits), key=order.index, default=Verdict.OK)


def less_time(most_s: float) -> Remedy:
    """Ask for at most this long."""
    return Remedy(t("ask for at most {time}", time=show_duration(most_s)), f"--time {slurm_duration(int(most_s))}")


def tres_name(key: str) -> str:
    """A TRES as people say it."""
    if key.startswith("gres/gpu:"):
        return t("GPUs ({kind})", kind=key.partition(":")[2])
    names = {
        "cpu": t("cores"), "mem": t("memory"), "node": t("nodes"), "billing": t("billing units"), "gres/gpu": t("GPUs"),
    }  # fmt: skip
    return names.get(key, key)


def show_tres(key: str, amount: float) -> str:
    """An amount of a TRES; memory in its own unit."""
    return show_memory(amount) if key == "mem" else show_number(amount, 0)
