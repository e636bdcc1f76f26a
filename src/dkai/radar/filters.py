"""Why a tool does not meet a wish.

A value that is not known does not meet a wish, but it is told apart from one that is known not to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from dkai.core.i18n import t
from dkai.radar.ways import Way, best_way
from dkai.radar.wishes import ACCELERATORS, Filters, Objection

if TYPE_CHECKING:
    from dkai.catalogue.catalogue import Entry

_COST_RANK = {"free": 0, "freemium": 1, "institutional": 1, "paid": 2}
REVIEWED_PARTS = ("prerequisites", "effectiveness", "ease", "data_protection")


def judge(tool: Entry, wishes: Filters) -> Way:
    """Everything that speaks against a tool (nothing when it meets all wishes), in the edition that fits best."""
    way = best_way(tool, wishes)
    others = [found for name in wishes.asked() if name in _CHECKS for found in _CHECKS[name](tool, wishes)]
    order = {name: place for place, name in enumerate(wishes.asked())}
    return replace(way, objections=tuple(sorted([*way.objections, *others], key=lambda found: order[found.filter])))


def reviewed(tool: Entry) -> str:
    """The oldest day on which one of the tool's parts was compared with its sources, ISO 8601."""
    return str(min(tool[part]["checked"] for part in REVIEWED_PARTS))


Check = Callable[["Entry", Filters], Iterator[Objection]]


def _task(tool: Entry, wishes: Filters) -> Iterator[Objection]:
    if wishes.task not in tool["tasks"]:
        yield Objection("task", t("it is for something else"))


def _phase(tool: Entry, wishes: Filters) -> Iterator[Objection]:
    if wishes.phase not in tool["phases"]:
        yield Objection("phase", t("it is used in other phases"))


def _discipline(tool: Entry, wishes: Filters) -> Iterator[Objection]:
    if not {wishes.discipline, "all"} & set(tool["disciplines"]):
        yield Objection("discipline", t("it is used in other disciplines"))


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


def _accelerator(tool: Entry, wishes: Filters) -> Iterator[Objection]:
    """What runs elsewhere runs on nothing of the person's, so that any accelerator will do."""
    if tool.at("data_protection.where") in ("hosted", "institution"):
        return
    able = tool.at("prerequisites.accelerators") or ()
    if not able:
        if tool.at("prerequisites.gpu") not in ("none", "not-applicable"):
            yield Objection("accelerator", t("it is not known what it runs on"), known=False)
        elif wishes.accelerator != "cpu":
            yield Objection("accelerator", t("it uses no accelerator"))
    elif wishes.accelerator is not None and ACCELERATORS[wishes.accelerator] not in able:
        yield Objection("accelerator", t("its makers name other hardware"))


def _licence(tool: Entry, wishes: Filters) -> Iterator[Objection]:
    from dkai.radar.licences import is_called, is_open, parts_of

    parts = parts_of(tool["licence"])
    wanted = wishes.licence or ""
    if wanted.lower() == "open":
        verdicts = [is_open(term) for term in parts.values()]
        if False in verdicts:
            yield Objection("licence", t("code or weights are under a licence that is not open"))
        elif None in verdicts:
            yield Objection("licence", t("the licence of code or weights is not known, or has conditions"), known=False)
    elif not any(is_called(term, wanted) for term in parts.values()):
        yield Objection("licence", t("it is under another licence"), known="unknown" not in parts.values())


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


def _reviewed_since(tool: Entry, wishes: Filters) -> Iterator[Objection]:
    day = reviewed(tool)
    if wishes.reviewed_since is not None and day < wishes.reviewed_since.isoformat():
        yield Objection("reviewed-since", t("a part of it was last checked on {day}", day=day))


_CHECKS: dict[str, Check] = {  # --data and --runs are judged together, in ways.py
    "task": _task,
    "phase": _phase,
    "discipline": _discipline,
    "gpu-memory": _gpu_memory,
    "accelerator": _accelerator,
    "licence": _licence,
    "commercial": _commercial,
    "cost": _cost,
    "danish": _danish,
    "ring": _ring,
    "reviewed-since": _reviewed_since,
}
