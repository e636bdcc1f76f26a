"""Tools for what a person wants to do: the best first, why each was found, and what every filter left out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from dkai.radar.filters import judge
from dkai.radar.intent import bonus, task_shares
from dkai.radar.line import Tool, line_of
from dkai.radar.order import FIT, ORDERS
from dkai.radar.vocabulary import in_catalogue_words
from dkai.radar.ways import Way
from dkai.radar.wishes import Filters, Objection

if TYPE_CHECKING:
    from datetime import date

    from dkai.catalogue.catalogue import Catalogue, Entry

# A better place on the radar tips the scales between tools that fit about equally well; it never beats a better fit.
_RING_WORTH = {"adopt": 1.06, "trial": 1.0, "assess": 0.96, "hold": 0.82}
_HEAD = 40  # tools whose order is worked out exactly
_AT_ONCE = 100  # briefs read together, after these
_MOST = 500  # tools that a query may find: what fits worse than so many is no answer


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
    sort: str
    items: tuple[Tool, ...]
    fitting: int  # how many meet query and filters; `items` may be fewer
    found: int  # how many the query found, before any filter
    filtered: tuple[FilterCount, ...]
    left_out: tuple[LeftOut, ...]  # best first
    elsewhere: tuple[Neighbour, ...] = ()  # when no tool fits: courses, places …
    catalogue_date: str = ""


def search(
    catalogue: Catalogue, query: str, wishes: Filters, today: date, limit: int = 10, *, sort: str = FIT
) -> Found:
    """Tools for `query` that meet the wishes. Raises UserError for a task, phase or discipline that no tool has."""
    from dkai.catalogue.search import explain, rank

    wishes = in_catalogue_words(catalogue, wishes)
    ranking = rank(catalogue, query, ("tool",))
    best = {one.number: one.score for one in ranking.items[:_MOST]}
    ranked: Iterable[Candidate] = _best_first(catalogue, best)
    if sort != FIT:
        ranked = sorted(ranked, key=lambda one: ORDERS[sort](one.tool))
    if limit and not wishes.asked():
        ranked = islice(ranked, min(limit, _MOST))  # nothing can leave one out: the others need not be looked at
    numbers: dict[str, int] = {}
    fitting, left_out = _sort_out(_noted(ranked, numbers), wishes)
    shown = {numbers[tool.id]: (tool, way) for tool, way in fitting[: limit or None]}
    why = explain(catalogue, ranking, catalogue.numbered(shown))
    items = tuple(
        line_of(tool, way, today, matches=why[number], score=best[number]) for number, (tool, way) in shown.items()
    )
    return Found(
        query, wishes, sort, items, len(best) - len(left_out), len(best), tuple(_counts(wishes, left_out)),
        tuple(left_out), () if best else _elsewhere(catalogue, query), catalogue.date,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Candidate:
    """A tool that fits the query, in brief."""

    number: int
    tool: Entry


def _best_first(catalogue: Catalogue, best: Mapping[int, float]) -> Iterator[Candidate]:
    """The tools by how well they fit: their words, their ring, and whether they are for what the others are for.

    Only the head is put into its exact order; what follows is read as far as somebody asks for it.
    """
    numbers = list(best)
    head = _read(catalogue, numbers[:_HEAD], best)
    shares = task_shares([(tool["tasks"], score) for score, _, tool in head])
    top = head[0][0] if head else 0.0
    order = [(-score - bonus(tool["tasks"], shares, top), number, tool) for score, number, tool in head]
    for _, number, tool in sorted(order, key=lambda one: one[:2]):
        yield Candidate(number, tool)
    for start in range(_HEAD, len(numbers), _AT_ONCE):
        for _, number, tool in _read(catalogue, numbers[start : start + _AT_ONCE], best):
            yield Candidate(number, tool)


def _read(catalogue: Catalogue, numbers: list[int], best: Mapping[int, float]) -> list[tuple[float, int, Entry]]:
    """Score, number and tool in brief, best first."""
    briefs = catalogue.briefs(numbers)
    read = [(best[n] * _RING_WORTH[tool.at("ring.now")], n, tool) for n, tool in briefs.items()]
    return sorted(read, key=lambda one: (-one[0], one[1]))


def _noted(ranked: Iterable[Candidate], numbers: dict[str, int]) -> Iterator[Entry]:
    for one in ranked:
        numbers[one.tool.id] = one.number
        yield one.tool


def list_tools(catalogue: Catalogue, wishes: Filters, today: date, limit: int = 0, *, sort: str = "ring") -> Found:
    """All tools that meet the wishes, by ring and name or another order. Raises UserError as `search` does."""
    wishes = in_catalogue_words(catalogue, wishes)
    tools = sorted(catalogue.briefs_of("tool"), key=ORDERS[sort])
    fitting, left_out = _sort_out(tools, wishes)
    items = tuple(line_of(tool, way, today) for tool, way in fitting[: limit or None])
    counts = tuple(_counts(wishes, left_out))
    return Found("", wishes, sort, items, len(fitting), len(tools), counts, tuple(left_out), (), catalogue.date)


def _sort_out(tools: Iterable[Entry], wishes: Filters) -> tuple[list[tuple[Entry, Way]], list[LeftOut]]:
    """Those that meet the wishes, in the way that does, and those that do not."""
    fitting: list[tuple[Entry, Way]] = []
    left_out: list[LeftOut] = []
    for tool in tools:
        way = judge(tool, wishes)
        if way.objections:
            left_out.append(LeftOut(tool.id, tool.name, way.objections))
        else:
            fitting.append((tool, way))
    return fitting, left_out


def _counts(wishes: Filters, left_out: list[LeftOut]) -> Iterator[FilterCount]:
    for name in wishes.asked():
        against = [o for tool in left_out for o in tool.objections if o.filter == name]
        if against:
            yield FilterCount(name, len(against), sum(not o.known for o in against))


def _elsewhere(catalogue: Catalogue, query: str) -> tuple[Neighbour, ...]:
    hits = catalogue.search(query, ("course", "provider", "portal", "contact"), 3)
    return tuple(Neighbour(h.entry.id, h.entry.kind, h.entry.name) for h in hits)
