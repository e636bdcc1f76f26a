"""The radar's picture as an SVG file: readable on paper, without colour, and by a screen reader.

What a mark means is its shape; colour only repeats which quarter a dot is in. Names stand in lists below the radar, so
that no label can lie upon another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from dkai.core.clean import one_line
from dkai.core.i18n import language, t
from dkai.radar.picture import QUADRANTS, RADIUS, Blip, Picture
from dkai.radar.wishes import RINGS

WIDTH = 1200.0
_MARGIN = 40.0
_COLUMN = (WIDTH - 2 * _MARGIN) / 4
_TOP = 96.0  # title and legend
_LINE = 16.0
_HEADING, _SUBHEADING = 1.9 * _LINE, 1.6 * _LINE
_FONT = 12.5
_INK, _PALE = "#1c1c1c", "#5f5f5f"
_BANDS = ("#e9e9e9", "#f1f1f1", "#f8f8f8", "#ffffff")
_COLOURS = dict(zip(QUADRANTS, ("#1b5e8c", "#8a4b08", "#2e6b34", "#7b2d5b"), strict=True))
_MARKS = {"new": "■", "in": "▲", "out": "▼", "": "●"}


@dataclass(frozen=True, slots=True)
class Words:
    """The words in the picture, in the language in use; `quadrant` and `ring` name those."""

    quadrant: Callable[[str], str]
    ring: Callable[[str], str]


def draw(picture: Picture, words: Words) -> str:
    """The whole file."""
    lists = list(_lists(picture, words))
    height = max(y for y, _ in lists) + _MARGIN
    title = t("Technology radar for research, {date}", date=picture.catalogue_date)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:g} {height:g}" role="img"'
        f' xml:lang="{language()}" font-family="Helvetica, Arial, sans-serif" data-made-by="dkai radar plot">',
        f"<title>{escape(title)}</title>",
        f"<desc>{escape(_described(picture, words))}</desc>",
        f'<rect width="{WIDTH:g}" height="{height:g}" fill="#ffffff"/>',
        _text(_MARGIN, 44, title, 24, weight="bold"),
        *_legend(picture),
        f'<g transform="translate({WIDTH / 2:g} {_TOP + RADIUS:g})">',
        *_rings(picture, words),
        *_corners(words),
        *(_dot(blip, picture.dot, words) for blip in picture.items),
        "</g>",
        *(part for _, part in lists),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _described(picture: Picture, words: Words) -> str:
    counts = (
        f"{words.ring(ring)} {sum(blip.ring == ring for blip in picture.items)}"
        for ring in RINGS
        if any(blip.ring == ring for blip in picture.items)
    )
    return t("{n} tools. Rings from the centre: {counts}.", n=len(picture.items), counts=", ".join(counts))


def _legend(picture: Picture) -> Iterator[str]:
    told = {
        "new": t("new since {day}", day=picture.since),
        "in": t("moved toward the centre"),
        "out": t("moved outward"),
        "": t("as before"),
    }
    x = _MARGIN
    for mark, text in told.items():
        yield _shape(mark, x + 7, 66, 7, _PALE)
        yield _text(x + 20, 70.5, text, _FONT, fill=_PALE)
        x += 34 + text_width(text, _FONT)


def _rings(picture: Picture, words: Words) -> Iterator[str]:
    for band, fill in reversed(list(zip(picture.bands, _BANDS, strict=True))):
        yield f'<circle r="{band.outer:g}" fill="{fill}" stroke="#9a9a9a" stroke-width="1"/>'
    for x, y in ((RADIUS, 0.0), (0.0, RADIUS)):
        yield f'<line x1="{-x:g}" y1="{-y:g}" x2="{x:g}" y2="{y:g}" stroke="#9a9a9a" stroke-width="1"/>'
    for band in picture.bands:
        name = words.ring(band.ring)
        middle = (band.inner + band.outer) / 2
        for x in (-middle, middle):
            half = text_width(name, 12, bold=True) / 2 + 4
            yield f'<rect x="{x - half:.1f}" y="-8" width="{2 * half:.1f}" height="16" fill="#ffffff" rx="3"/>'
            yield _text(x, 4, name, 12, weight="bold", anchor="middle")


def _corners(words: Words) -> Iterator[str]:
    side = WIDTH / 2 - _MARGIN
    for quadrant, (x, y, anchor) in zip(
        QUADRANTS,
        ((-side, -RADIUS + 16, "start"), (side, -RADIUS + 16, "end"), (side, RADIUS, "end"), (-side, RADIUS, "start")),
        strict=True,
    ):
        first, _, rest = words.quadrant(quadrant).partition(", ")
        lines = [f"{first},", rest] if rest else _halves(first)
        for place, line in enumerate(lines):
            offset = place * 20 if y < 0 else (place - len(lines) + 1) * 20
            yield _text(x, y + offset, line, 17, weight="bold", anchor=anchor, fill=_COLOURS[quadrant])


def _halves(text: str) -> list[str]:
    words = text.split()
    middle = (len(words) + 1) // 2
    return [" ".join(words[:middle]), " ".join(words[middle:])] if len(words) > 1 else [text]


def _dot(blip: Blip, radius: float, words: Words) -> str:
    size = min(radius * 1.05, 12.0) if blip.number < 100 else min(radius * 0.9, 10.0)
    told = f"{blip.number} {one_line(blip.name)}: {words.ring(blip.ring)}"
    low = blip.y + size * 0.36 + {"in": radius * 0.18, "out": -radius * 0.18}.get(blip.mark, 0.0)
    return (
        f"<g><title>{escape(told)}</title>"
        + _shape(blip.mark, blip.x, blip.y, radius, _COLOURS[blip.quadrant])
        + _text(blip.x, low, str(blip.number), size, weight="bold", anchor="middle", fill="#ffffff")
        + "</g>"
    )


def _shape(mark: str, x: float, y: float, radius: float, fill: str) -> str:
    """A circle, a square or a triangle; all stay within a little more than the dot's radius."""
    if mark == "new":
        side = radius * 1.84
        at = f'x="{x - side / 2:.2f}" y="{y - side / 2:.2f}"'
        return f'<rect {at} width="{side:.2f}" height="{side:.2f}" fill="{fill}"/>'
    if mark in ("in", "out"):
        tall, wide = (radius * 1.15, radius * 1.12)
        sign = -1 if mark == "in" else 1
        points = ((x, y + sign * tall), (x - wide, y - sign * radius * 0.85), (x + wide, y - sign * radius * 0.85))
        return f'<polygon points="{" ".join(f"{a:.2f},{b:.2f}" for a, b in points)}" fill="{fill}"/>'
    return f'<circle cx="{x:g}" cy="{y:g}" r="{radius:g}" fill="{fill}"/>'


@dataclass(frozen=True, slots=True)
class _Line:
    """One line of the lists."""

    height: float
    quadrant: str
    ring: str = ""  # empty: the quarter's heading
    blip: Blip | None = None  # None: a heading


def _lines(picture: Picture) -> Iterator[_Line]:
    for quadrant in QUADRANTS:
        of_quadrant = [blip for blip in picture.items if blip.quadrant == quadrant]
        if of_quadrant:
            yield _Line(_HEADING, quadrant)
        for ring in RINGS:
            members = [blip for blip in of_quadrant if blip.ring == ring]
            if members:
                yield _Line(_SUBHEADING, quadrant, ring)
            yield from (_Line(_LINE, quadrant, ring, blip) for blip in members)


def _columns(lines: list[_Line]) -> list[list[_Line]]:
    """Four columns about equally tall; no heading stands last in one, and each begins with its headings."""
    repeated = 3 * (_HEADING + _SUBHEADING)  # at the top of the second column and after
    tall = (sum(line.height for line in lines) + repeated) / 4
    columns: list[list[_Line]] = [[]]
    for line in lines:
        column = columns[-1]
        # A heading needs two lines below it; room for those decides where it goes.
        room = tall - sum(one.height for one in column)
        needs = line.height / 2 if line.blip else 4 * _LINE
        if room < needs and len(columns) < 4:
            column = list(_headings_above(line))
            columns.append(column)
        column.append(line)
    return columns


def _headings_above(line: _Line) -> Iterator[_Line]:
    """What is repeated at the top of a column that goes on with a quarter or a ring."""
    if line.ring:
        yield _Line(_HEADING, line.quadrant)
    if line.blip:
        yield _Line(_SUBHEADING, line.quadrant, line.ring)


def _lists(picture: Picture, words: Words) -> Iterator[tuple[float, str]]:
    """The names below the radar, in four columns: how far down, and the text."""
    top = _TOP + 2 * RADIUS + 30
    for place, column in enumerate(_columns(list(_lines(picture)))):
        x, y = _MARGIN + place * _COLUMN, top
        for line in column:
            y += line.height
            if line.blip is not None:
                yield from ((y, text) for text in _name(line.blip, x, y))
            elif line.ring:
                yield y, _text(x, y, words.ring(line.ring), 13, weight="bold")
            else:
                heading = shortened(words.quadrant(line.quadrant), _COLUMN - 16, 15, bold=True)
                yield y, _text(x, y, heading, 15, weight="bold", fill=_COLOURS[line.quadrant])


def _name(blip: Blip, x: float, y: float) -> Iterator[str]:
    yield _text(x + 24, y, str(blip.number), _FONT, anchor="end", fill=_PALE)
    mark = f" {_MARKS[blip.mark]}" if blip.mark else ""
    room = _COLUMN - 46 - text_width(mark, _FONT)
    yield _text(x + 30, y, shortened(one_line(blip.name), room, _FONT) + mark, _FONT)


def _text(
    x: float, y: float, text: str, size: float, *, weight: str = "normal", anchor: str = "start", fill: str = _INK
) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size:.3g}" font-weight="{weight}" text-anchor="{anchor}"'
        f" fill={quoteattr(fill)}>{escape(text)}</text>"
    )


_NARROW = frozenset("iljtfrI.,:;'|!()[] -·")
_WIDE = frozenset("mwMWÆØ@%▲▼■●—")


def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """How wide a text is at most in Helvetica or Arial, in the picture's units; rather too much than too little."""
    ems = sum(0.36 if c in _NARROW else 0.98 if c in _WIDE or ord(c) > 0x2FF else 0.76 if c.isupper() else 0.6
              for c in text)  # fmt: skip
    return ems * size * (1.06 if bold else 1.0)


def shortened(text: str, room: float, size: float, *, bold: bool = False) -> str:
    """The text, cut with an ellipsis where it is wider than the room."""
    if text_width(text, size, bold=bold) <= room:
        return text
    while text and text_width(f"{text}…", size, bold=bold) > room:
        text = text[:-1]
    return f"{text.rstrip()}…"
