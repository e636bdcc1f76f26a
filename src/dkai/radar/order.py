"""The orders in which tools can be listed. What is not known comes last in each."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from dkai.radar.filters import reviewed
from dkai.radar.wishes import RINGS

if TYPE_CHECKING:
    from dkai.catalogue.catalogue import Entry

FIT = "fit"  # how well it fits the query, its ring tipping the scales
Key = Callable[["Entry"], Any]


def _name(tool: Entry) -> str:
    return tool.name.casefold()


def _ring(tool: Entry) -> tuple[int, str]:
    return RINGS.index(tool.at("ring.now")), _name(tool)


def _best_first(path: str) -> Key:
    def key(tool: Entry) -> tuple[int, str]:
        score = tool.at(path)
        return -score if isinstance(score, int) else 0, _name(tool)

    return key


def _newest_first(tool: Entry) -> tuple[int, str]:
    return -int(reviewed(tool).replace("-", "")), _name(tool)


def _least_memory(tool: Entry) -> tuple[float, str]:
    sizes = tool.at("prerequisites.gpu_memory_gb")
    if isinstance(sizes, list) and sizes:
        return min(float(size["gb"]) for size in sizes), _name(tool)
    needs_none = tool.at("prerequisites.gpu") in ("none", "optional", "not-applicable")
    return 0.0 if needs_none else float("inf"), _name(tool)


ORDERS: dict[str, Key] = {
    "ring": _ring,
    "name": _name,
    "effectiveness": _best_first("effectiveness.score"),
    "ease": _best_first("ease.score"),
    "data-protection": _best_first("data_protection.score"),
    "gpu-memory": _least_memory,
    "reviewed": _newest_first,
}
