"""What a person asks of a tool, and why a tool does not meet it.

A value that is not known does not meet a wish, but it is told apart from one that is known not to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dkai.core.i18n import t
from dkai.core.levels import Level

if TYPE_CHECKING:
    from dkai.catalogue.catalogue import Entry

RINGS = ("adopt", "trial", "assess", "hold")
RUNS = ("laptop", "server", "eu", "anywhere")
COSTS = ("free", "freemium", "paid")
_COST_RANK = {"free": 0, "freemium": 1, "institutional": 1, "paid": 2}


@dataclass(frozen=True, slots=True)
class Filters:
    """Wishes; None, empty and False wish nothing."""

    task: str | None = None
    discipline: str | None = None
    data: Level | None = None  # the level of the data that it is to work on
    runs: str | None = None  # one of RUNS: where it is to run
    gpu_memory_gb: float | None = None  # the most that there is
    commercial: bool = False
    cost: str | None = None  # one of COSTS: the most that it may cost
    danish: bool = False
    rings: tuple[str, ...] = ()

    def asked(self) -> list[str]:
        """The wishes that were made, by the name of their option."""
        names = {
            "task": self.task, "discipline": self.discipline, "data": self.data, "runs": self.runs,
            "gpu-memory": self.gpu_memory_gb is not None, "commercial": self.commercial, "cost": self.cost,
            "danish": self.danish, "ring": self.rings,
        }  # fmt: skip
        return [name for name, value in names.items() if value]


@dataclass(frozen=True, slots=True)
class Objection:
    """One wish that a tool does not meet."""

    filter: str  # the option's name, without dashes
    why: str
    known: bool = True  # False: it is not known whether the tool meets it


def objections(tool: Entry, wishes: Filters) -> list[Objection]:
    """Everything that speaks against a tool; empty when it meets all wishes."""
    return [found for name in wishes.asked() for found in _CHECKS[name](tool, wishes)]


Check = Callable[["Entry", Filters], Iterator[Objection]]


def _task(tool: Entry, wishes: Filters) -> Iterator[Objection]:
    if wishes.task not in tool["tasks"]:
        yield Objection("task", t("it is for something else"))


def _discipline(tool: Entry, wishes: Filters) -> Iterator[Objection]:
    if not {wishes.discipline, "all"} & set(tool["disciplines"]):
        yield Objection("discipline", t("it is used in other disciplines"))


def _data(tool: Entry, wishes: Filters) -> Iterator[Objection]:
    """Confidential and sensitive data stays on machines that the institution answers for."""
    if wishes.data is None or Level.INTERNAL.allows(wishes.data):
        return
    where = tool.at("data_protection.where")
    if where == "hosted":
        yield Objection("data", t("it sends the data to its provider"))
    elif where == "unknown":
        yield Objection("data", t("it is not known where the data goes"), known=False)


def _runs(tool: Entry, wishes: Filters) -> Iterator[Objection]:
    where = tool.at("data_protection.where")
    if where == "unknown":
        yield Objection("runs", t("it is not known where it runs"), known=False)
    elif wishes.runs == "eu":
        yield from _in_europe(tool, where)
    elif wishes.runs in ("laptop", "server") and where == "hosted":
        yield Objection("runs", t("it runs at its provider only"))
    elif wishes.runs == "laptop":
        gpu = tool.at("prerequisites.gpu")
        if where == "self-hosted":
            yield Objection("runs", t("it needs a server"))
        elif gpu == "required":
            yield Objection("runs", t("it needs a GPU"))
        elif gpu == "unknown":
            yield Objection("runs", t("it is not known whether it needs a GPU"), known=False)


def _in_europe(tool: Entry, where: object) -> Iterator[Objection]:
    region = tool.at("data_protection.region")
    if where != "hosted" or region in ("dk", "eu"):
        return
    if region in (None, "unknown"):
        yield Objection("runs", t("it is not known where its provider keeps the data"), known=False)
    else:
        yield Objection("runs", t("its provider keeps the data outside the EU, or may"))


def _gpu_memory(tool: Entry, wishes: Filters) -> Iterator[Objection]:
    needs = tool.at("prerequisites.gpu")
    sizes = tool.at("prerequisites.gpu_memory_gb")
    smallest = min((size["gb"] for size in sizes), default=None) if isinstance(sizes, list) else None
    if needs in ("none", "optional", "not-applicable") or wishes.gpu_memory_gb is None:
        return
    if smallest is None:
        if needs != "recommended":
            yield Objection("gpu-memory", t("it is not known how much GPU memory it needs"), known=False)
    elif smallest > wishes.gpu_memory_gb:
        yield Objection("gpu-memory", t("its smallest size needs {gb} GB of GPU memory", gb=f"{smallest:g}"))


def _commercial(tool: Entry, wishes: Filters) -> Iterator[Objection]:
    del wishes
    use = tool["commercial_use"]
    if use == "unknown":
        yield Objection("commercial", t("it is not known whether it may be used commercially"), known=False)
    elif use != "allowed":
        yield Objection("commercial", t("its licence limits commercial use"))


def _cost(tool: Entry, wishes: Filters) -> Iterator[Objection]:
    model = tool.at("cost.model")
    if model == "unknown":
        yield Objection("cost", t("it is not known what it costs"), known=False)
    elif wishes.cost is not None and _COST_RANK[model] > _COST_RANK[wishes.cost]:
        why = {
            "paid": t("it costs money"),
            "freemium": t("it is free up to a limit only"),
            "institutional": t("it is free only where the institution pays for it"),
        }
        yield Objection("cost", why[model])


def _danish(tool: Entry, wishes: Filters) -> Iterator[Objection]:
    del wishes
    support = tool.at("danish.support")
    if support == "unknown":
        yield Objection("danish", t("it is not known how it copes with Danish"), known=False)
    elif support is False:
        yield Objection("danish", t("it does not know Danish"))


def _ring(tool: Entry, wishes: Filters) -> Iterator[Objection]:
    if tool.at("ring.now") not in wishes.rings:
        yield Objection("ring", t("it is in another ring"))


_CHECKS: dict[str, Check] = {
    "task": _task,
    "discipline": _discipline,
    "data": _data,
    "runs": _runs,
    "gpu-memory": _gpu_memory,
    "commercial": _commercial,
    "cost": _cost,
    "danish": _danish,
    "ring": _ring,
}
