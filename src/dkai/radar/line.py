"""A tool as one line of an answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dkai.catalogue.reasons import Match
from dkai.radar.filters import reviewed

if TYPE_CHECKING:
    from datetime import date

    from dkai.catalogue.catalogue import Entry
    from dkai.radar.ways import Way


@dataclass(frozen=True, slots=True)
class Tool:
    """What tells one tool from another at a glance; the entry has the rest."""

    id: str
    name: str
    summary: str
    ring: str
    matches: tuple[Match, ...]  # what the query met; empty in a list
    gpu: str  # none, optional, recommended, required, not-applicable or unknown
    gpu_memory_gb: tuple[float, float] | None  # smallest and largest size; None: not stated
    where: str  # the data is: local, self-hosted, institution, hosted, both or unknown
    region: str | None
    edition: str | None  # the edition that meets the wishes, where the tool as it comes does not
    danish: bool | str
    cost: str
    commercial_use: str
    effectiveness: int | str  # 1–5 by the rubric, or unknown
    ease: int | str
    data_protection: int | str
    reviewed: str  # the oldest day on which one of its parts was checked, ISO 8601
    overdue: tuple[str, ...]  # parts whose review date has passed; empty text: all of it
    score: float  # how well it fits the query; 0 in a list


def line_of(entry: Entry, way: Way, today: date, *, matches: tuple[Match, ...] = (), score: float = 0.0) -> Tool:
    """A tool's entry (its brief will do), had in one way, as one line."""
    sizes = entry.at("prerequisites.gpu_memory_gb")
    memory = [float(size["gb"]) for size in sizes] if isinstance(sizes, list) else []
    return Tool(
        id=entry.id,
        name=entry.name,
        summary=str(entry.text("summary")),
        ring=entry.at("ring.now"),
        matches=matches,
        gpu=entry.at("prerequisites.gpu"),
        gpu_memory_gb=(min(memory), max(memory)) if memory else None,
        where=way.where,
        region=way.region,
        edition=None if way.edition is None else str(way.edition),
        danish=entry.at("danish.support"),
        cost=entry.at("cost.model"),
        commercial_use=entry["commercial_use"],
        effectiveness=entry.at("effectiveness.score"),
        ease=entry.at("ease.score"),
        data_protection=entry.at("data_protection.score"),
        reviewed=reviewed(entry),
        overdue=tuple(entry.overdue(today.isoformat())),
        score=round(score, 3),
    )
