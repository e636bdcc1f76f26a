"""Tools for what a person wants to do: the best first, why each was found, and what every filter left out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from dkai.catalogue.reasons import Match
from dkai.core.errors import UserError
from dkai.core.i18n import t
from dkai.radar.filters import RINGS, Filters, Objection, objections

if TYPE_CHECKING:
    from datetime import date

    from dkai.catalogue.catalogue import Catalogue, Entry

# A better place on the radar tips the scales between tools that fit about equally well; it never beats a better fit.
_RING_WORTH = {"adopt": 1.15, "trial": 1.0, "assess": 0.9, "hold": 0.6}
_MOST = 500


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool as one line of an answer; the entry has the rest."""

    id: str
    name: str
    summary: str
    ring: str
    matches: tuple[Match, ...]  # what the query met; empty in a list
    gpu: str  # none, optional, recommended, required, not-applicable or unknown
    gpu_memory_gb: tuple[float, float] | None  # smallest and largest size; None: not stated
    where: str  # local, hosted, both, self-hosted or unknown
    region: str | None
    danish: bool | str
    cost: str
    commercial_use: str
    reviewed: str  # the oldest day on which one of its parts was checked, ISO 8601
    overdue: tuple[str, ...]  # parts whose review date has passed; empty text: all of it
    score: float


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A tool that fits the query and not the filters."""

    id: str
    name: str
    objections: tuple[Objection, ...]


@dataclass(frozen=True, slots=True)
class FilterCount:
    """How many tools one filter left out; `unknown` of them because the value is not known."""

    filter: str
    count: int
    unknown: int


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Something else in the catalogue that fits the query."""

    id: str
    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class Found:
    """The answer to a search or a list."""

    query: str
    filters: Filters
    items: tuple[Tool, ...]
    fitting: int  # how many meet query and filters; `items` may be fewer
    found: int  # how many the query found, before any filter
    filtered: tuple[FilterCount, ...]
    left_out: tuple[LeftOut, ...]  # best first
    elsewhere: tuple[Neighbour, ...] = ()  # when no tool fits: courses, places …
    catalogue_date: str = ""


def search(catalogue: Catalogue, query: str, wishes: Filters, today: date, limit: int = 10) -> Found:
    """Tools for `query` that meet the wishes. Raises UserError for a task or discipline that no tool has."""
    hits = catalogue.search(query, ("tool",), _MOST)
    ranked = sorted(hits, key=lambda hit: -hit.score * _RING_WORTH[hit.entry.at("ring.now")])
    found = _sort_out(catalogue, [(h.entry, h.matches, h.score) for h in ranked], wishes, today)
    if ranked:
        return replace(found, query=query, items=found.items[: limit or None])
    others = catalogue.search(query, ("course", "provider", "contact"), 3)
    near = tuple(Neighbour(h.entry.id, h.entry.kind, h.entry.name) for h in others)
    return Found(query, wishes, (), 0, 0, (), (), near, catalogue.date)


def list_tools(catalogue: Catalogue, wishes: Filters, today: date, limit: int = 0) -> Found:
    """All tools that meet the wishes, by ring and name. Raises UserError as `search` does."""
    tools = sorted(catalogue.entries("tool"), key=lambda e: (RINGS.index(e.at("ring.now")), e.name.casefold()))
    found = _sort_out(catalogue, [(tool, (), 0.0) for tool in tools], wishes, today)
    return replace(found, items=found.items[: limit or None])


Candidate = tuple["Entry", tuple["Match", ...], float]


def _sort_out(catalogue: Catalogue, candidates: list[Candidate], wishes: Filters, today: date) -> Found:
    wishes = _in_catalogue_words(catalogue, wishes)
    fitting: list[Tool] = []
    left_out: list[LeftOut] = []
    for entry, matches, score in candidates:
        against = objections(entry, wishes)
        if against:
            left_out.append(LeftOut(entry.id, entry.name, tuple(against)))
        else:
            fitting.append(line_of(entry, matches, score, today))
    counts = tuple(_counts(wishes, left_out))
    tools = tuple(fitting)
    return Found("", wishes, tools, len(tools), len(candidates), counts, tuple(left_out), catalogue_date=catalogue.date)


def line_of(entry: Entry, matches: tuple[Match, ...], score: float, today: date) -> Tool:
    """A tool's entry as one line."""
    sizes = entry.at("prerequisites.gpu_memory_gb")
    memory = [float(size["gb"]) for size in sizes] if isinstance(sizes, list) else []
    parts = ("prerequisites", "effectiveness", "ease", "data_protection")
    return Tool(
        id=entry.id,
        name=entry.name,
        summary=str(entry.text("summary")),
        ring=entry.at("ring.now"),
        matches=matches,
        gpu=entry.at("prerequisites.gpu"),
        gpu_memory_gb=(min(memory), max(memory)) if memory else None,
        where=entry.at("data_protection.where"),
        region=entry.at("data_protection.region"),
        danish=entry.at("danish.support"),
        cost=entry.at("cost.model"),
        commercial_use=entry["commercial_use"],
        reviewed=min(entry[part]["checked"] for part in parts),
        overdue=tuple(entry.overdue(today.isoformat())),
        score=round(score, 3),
    )


def _counts(wishes: Filters, left_out: Iterable[LeftOut]) -> Iterable[FilterCount]:
    tools = list(left_out)
    for name in wishes.asked():
        against = [o for tool in tools for o in tool.objections if o.filter == name]
        if against:
            yield FilterCount(name, len(against), sum(not o.known for o in against))


def _in_catalogue_words(catalogue: Catalogue, wishes: Filters) -> Filters:
    """The wishes with task and discipline as the catalogue calls them; a word that no tool has is a slip of the pen."""
    from dkai.catalogue.labels import label, word_for

    found: dict[str, str | None] = {"task": wishes.task, "discipline": wishes.discipline}
    for option, field in (("task", "tasks"), ("discipline", "disciplines")):
        text = found[option]
        if text is None:
            continue
        found[option] = word = word_for(text)
        known = {name for tool in catalogue.entries("tool") for name in tool[field]} - {"all"}
        if word not in known:
            from difflib import get_close_matches

            spelled = {label(name).lower(): name for name in known} | {name: name for name in known}
            near = sorted({spelled[name] for name in get_close_matches(text.lower(), spelled, n=3, cutoff=0.5)})
            names = ", ".join(near or sorted(known))
            hint = t("did you mean {names}?", names=names) if near else t("there are: {names}", names=names)
            raise UserError(
                t("no tool has “{word}” under --{option}", word=text, option=option),
                code=f"unknown-{option}",
                hint=hint,
            )
    return replace(wishes, task=found["task"], discipline=found["discipline"])
