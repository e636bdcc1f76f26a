"""The radar as a picture: which quarter, which ring, which place. Geometry only; drawing is svg.py's.

The dots of a sector stand in rows on arcs, evenly spread. How many rows a ring needs follows from its fullest quarter,
and the dots shrink until all rows have room, so that no two dots can touch. Nothing is left to chance: the same
entries give the same picture.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from math import asin, cos, floor, pi, sin
from typing import TYPE_CHECKING

from dkai.core.errors import UserError
from dkai.core.i18n import t
from dkai.radar.wishes import RINGS

if TYPE_CHECKING:
    from dkai.catalogue.catalogue import Entry

QUADRANTS = ("read-write", "collect-prepare", "analyse-model", "build-run")  # clockwise from the upper left
RADIUS = 460.0
DOT, SMALLEST_DOT = 12.0, 4.0
GAP = 5.0  # between dots
_THINNEST_RING = 62.0  # so that its name fits


@dataclass(frozen=True, slots=True)
class Blip:
    """One tool in the picture; x to the right and y downward from the centre."""

    number: int  # counted by quarter, ring and name, from 1
    id: str
    name: str
    quadrant: str
    ring: str
    mark: str  # new, in (moved toward the centre), out, or empty
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Band:
    """One ring: from where to where, measured from the centre."""

    ring: str
    inner: float
    outer: float


@dataclass(frozen=True, slots=True)
class Picture:
    """The whole radar on a day."""

    items: tuple[Blip, ...]
    bands: tuple[Band, ...]
    dot: float  # radius of a dot
    since: str  # new and moved mean: since this day, ISO 8601
    catalogue_date: str


def draw_up(tools: Iterable[Entry], since: date, catalogue_date: str, first_edition: str | None = None) -> Picture:
    """Where each tool stands. `first_edition` is the day on which the radar began: what was there then is not new.

    Raises UserError when there is nothing to draw or too much to tell apart.
    """
    entries = sorted(tools, key=lambda e: (_quarter(e), RINGS.index(e.at("ring.now")), e.name.casefold(), e.id))
    if not entries:
        raise UserError(
            t("there is nothing to draw"), code="empty-plot", hint=t("ask for less: each filter leaves tools out")
        )
    sectors: dict[tuple[int, int], list[Entry]] = {}
    for entry in entries:
        sectors.setdefault((_quarter(entry), RINGS.index(entry.at("ring.now"))), []).append(entry)
    counts = [max(len(sectors.get((q, r), ())) for q in range(4)) for r in range(len(RINGS))]
    rows, bands, dot = _lay_out(counts)
    numbers = {entry.id: number for number, entry in enumerate(entries, start=1)}
    blips: list[Blip] = []
    for (quarter, ring), members in sectors.items():
        places = _places(quarter, rows[ring], len(members), dot)
        for entry, (x, y) in zip(members, places, strict=True):
            mark = mark_of(entry, since.isoformat(), first_edition)
            blips.append(
                Blip(numbers[entry.id], entry.id, entry.name, QUADRANTS[quarter], RINGS[ring], mark,
                     round(x, 2), round(y, 2))
            )  # fmt: skip
    blips.sort(key=lambda blip: blip.number)
    return Picture(tuple(blips), tuple(bands), round(dot, 2), since.isoformat(), catalogue_date)


def mark_of(entry: Entry, since: str, first_edition: str | None = None) -> str:
    """new, in, out, or empty: what happened to a tool since that day (ISO 8601)."""
    ring = entry["ring"]
    if ring["since"] < since:
        return ""
    if not ring.get("history"):
        return "" if first_edition is not None and ring["since"] <= first_edition else "new"
    before, now = RINGS.index(ring["history"][-1]["ring"]), RINGS.index(ring["now"])
    return "in" if now < before else "out" if now > before else ""


def _quarter(entry: Entry) -> int:
    return QUADRANTS.index(entry["quadrant"])


def _lay_out(counts: Sequence[int]) -> tuple[list[list[float]], list[Band], float]:
    """The rows of each ring (distances from the centre), the rings, and the radius of a dot."""
    dot = DOT
    while dot >= SMALLEST_DOT:
        rows, edges = _stack(counts, dot)
        if edges[-1] <= RADIUS:
            wider = RADIUS / edges[-1]  # room that is left goes to all alike
            bands = [
                Band(ring, round(edges[i] * wider, 2), round(edges[i + 1] * wider, 2)) for i, ring in enumerate(RINGS)
            ]
            return [[row * wider for row in ring] for ring in rows], bands, dot
        dot *= 0.97
    raise UserError(
        t("{n} tools are too many for one picture", n=sum(counts)),
        code="crowded-plot",
        hint=t("draw fewer: --discipline, --phase, --ring …"),
    )


def _stack(counts: Sequence[int], dot: float) -> tuple[list[list[float]], list[float]]:
    """Rows one beside the other from the centre outward, until each ring has room for its fullest quarter."""
    pitch = 2 * dot + GAP
    rows: list[list[float]] = []
    edges = [0.0]
    for count in counts:
        mine: list[float] = []
        start, room = edges[-1] + pitch / 2 + 2, 0
        while room < count or not mine:
            at = start + len(mine) * pitch
            mine.append(at)
            room += _capacity(at, dot)
        rows.append(mine)
        outer = max(mine[-1] + pitch / 2 + 2, edges[-1] + _THINNEST_RING)
        slack = (outer - mine[-1] - pitch / 2 - 2) / 2
        rows[-1] = [at + slack for at in mine]
        edges.append(outer)
    return rows, edges


def _usable(at: float, dot: float) -> float:
    """The angle of a quarter's arc that keeps clear of the axes."""
    near = (dot + GAP) / at
    return pi / 2 - 2 * asin(near) if near < 1 else 0.0


def _capacity(at: float, dot: float) -> int:
    """How many dots a quarter's arc holds."""
    usable, chord = _usable(at, dot), (2 * dot + GAP) / (2 * at)
    if usable <= 0 or chord >= 1:
        return 0
    return max(floor(usable / (2 * asin(chord)) + 1e-9), 1)


def _places(quarter: int, rows: Sequence[float], count: int, dot: float) -> list[tuple[float, float]]:
    """Where `count` dots of a sector stand, from the innermost row outward, clockwise in each."""
    room = [_capacity(at, dot) for at in rows]
    taken = _share(count, room)
    begin = pi + quarter * pi / 2  # the upper left quarter begins at nine o'clock
    places = []
    for row, (at, number) in enumerate(zip(rows, taken, strict=True)):
        usable = _usable(at, dot)
        shift = 0.3 if row % 2 == 0 else 0.7  # of a place: else few dots would stand in a straight line outward
        for i in range(number):
            angle = begin + (pi / 2 - usable) / 2 + (i + shift) * usable / number
            places.append((at * cos(angle), at * sin(angle)))
    return places


def _share(count: int, room: Sequence[int]) -> list[int]:
    """`count` dealt out in proportion to the room, never more than there is."""
    total = sum(room)
    exact = [count * one / total for one in room]
    taken = [min(floor(part), one) for part, one in zip(exact, room, strict=True)]
    order = sorted(range(len(room)), key=lambda i: (taken[i] - exact[i], -i))
    while sum(taken) < count:
        for i in order:
            if sum(taken) < count and taken[i] < room[i]:
                taken[i] += 1
    return taken
