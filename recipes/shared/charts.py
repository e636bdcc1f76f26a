"""The pictures that several reports have: bars against a baseline, lines with their uncertainty, a table of shares."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from drawing import Scale, Sheet, shortened

_LETTER = 7.4


@dataclass(frozen=True)
class Bar:
    """One bar: `low` and `high` are its interval, `text` is written at its end."""

    name: str
    value: float
    text: str
    look: str = "linear"
    low: float | None = None
    high: float | None = None


def bars(
    items: Sequence[Bar], width: int, alt: str, *, top: float = 1.0, mark: float | None = None, said: str = ""
) -> Sheet:
    """Bars from 0 to `top`. `mark` is a dashed line, such as a guess, with `said` above it."""
    sheet = Sheet(width, alt)
    wide = width >= 600
    right = 16 + _LETTER * max((len(item.text) for item in items), default=4)
    left = min(310.0, 16 + _LETTER * max((len(item.name) for item in items), default=4)) if wide else 1.0
    step, above = (34.0, 24.0 if said else 4.0) if wide else (50.0, 24.0 if said else 4.0)
    x = Scale(0, top, left, width - right)
    for at, item in enumerate(items):
        y = above + step * at + (step / 2 if wide else step - 16)
        name = shortened(item.name, (left - 12) if wide else width - 8)
        sheet.text(0 if wide else left, y + 5 if wide else y - 15, name, "", item.name)
        sheet.box(x(0), y - 9, x(item.value) - x(0), 18, f"{item.look} bar")
        if item.low is not None and item.high is not None:
            sheet.line(x(item.low), y, x(item.high), y, "ink")
            for end in (item.low, item.high):
                sheet.line(x(end), y - 5, x(end), y + 5, "ink")
        sheet.text(width, y + 5, item.text, "strong end")
    sheet.height = above + step * len(items) + 4
    if mark is not None:
        sheet.line(x(mark), above - 2, x(mark), sheet.height - 4, "dash")
        if said:
            # Where the line stands far to the right its words would run out of the picture.
            end = (
                "end"
                if x(mark) > width - _LETTER * len(said) / 2
                else "mid"
                if x(mark) > _LETTER * len(said) / 2
                else ""
            )
            sheet.text(x(mark), 14, said, f"soft small {end}")
    return sheet


@dataclass(frozen=True)
class Line:
    """One line: points (x, y), gaps where y is None, and for each point its interval when there is one."""

    name: str
    points: Sequence[tuple[float, float | None]]
    look: str = "linear"
    spread: Sequence[tuple[float, float]] = ()


def lines(
    items: Sequence[Line],
    width: int,
    alt: str,
    ticks: Sequence[tuple[float, str]],
    *,
    low: float = 0.0,
    high: float = 1.0,
    label: str = "",
    show: Callable[[float], str] = "{:g}".format,
    mark: float | None = None,
    height: float = 240.0,
) -> Sheet:
    """Lines over x; `ticks` are the marked values of x with their words, `label` says what y is."""
    sheet = Sheet(width, alt)
    room = [44 + _LETTER * len(item.name) for item in items]
    stacked = sum(room) > width  # a phone has the names below each other
    left, right = 54.0, 14.0
    above = 30.0 + (0.0 if len(items) < 2 else 20.0 * len(items) if stacked else 22.0)
    x = Scale(ticks[0][0], ticks[-1][0], left + 6, width - right)
    y = Scale(low, high, above + height, above)
    sheet.text(0, 13, label, "soft small")
    if len(items) > 1:
        for at, item in enumerate(items):
            along, down = (0.0, 20.0 * at) if stacked else (sum(room[:at]), 0.0)
            sheet.box(along, 26 + down, 16, 10, f"{item.look} bar")
            sheet.text(along + 22, 36 + down, item.name, "small")
    for tick in y.ticks(4):
        sheet.line(left, y(tick), width - right, y(tick), "grid")
        sheet.text(left - 8, y(tick) + 5, show(tick), "soft small end")
    every = max(1, -(-len(ticks) // max(2, int((width - left) / 52))))
    for place, text in ticks[::every]:
        sheet.text(x(place), above + height + 22, text, "soft small mid")
    if mark is not None:
        sheet.line(x(mark), above, x(mark), above + height, "dash")
    for item in items:
        for before, after in zip(item.points, item.points[1:], strict=False):
            if before[1] is not None and after[1] is not None:
                sheet.line(x(before[0]), y(before[1]), x(after[0]), y(after[1]), f"{item.look} mark")
        for at, (place, value) in enumerate(item.points):
            if value is None:
                continue
            if item.spread:
                sheet.line(x(place), y(item.spread[at][0]), x(place), y(item.spread[at][1]), f"{item.look} thin")
            sheet.dot(x(place), y(value), 4.5, f"{item.look} point")
    sheet.height = above + height + 32
    return sheet


def matrix(
    names: Sequence[str], shares: Sequence[Sequence[float]], texts: Sequence[Sequence[str]], width: int, alt: str,
    across: str, down: str,
) -> Sheet:  # fmt: skip
    """A table of shares, darker where larger; the diagonal stands out. `across` and `down` say what its sides are."""
    sheet = Sheet(width, alt)
    wide = width >= 600
    longest = _LETTER * max(len(name) for name in names) + 14
    left, top, height = min(longest, 190.0 if wide else 96.0), 48.0, 50.0 if wide else 44.0
    cell = min((width - left) / len(names), 170)
    sheet.text(left + cell * len(names) / 2, 16, across, "soft small mid")
    sheet.text(0, top - 10, down, "soft small")
    for at, name in enumerate(names):
        sheet.text(left + cell * (at + 0.5), top - 10, shortened(name, cell - 8), "mid small", name)
        y = top + height * at
        sheet.text(0, y + height / 2 + 5, shortened(name, left - 10), "", name)
        for to in range(len(names)):
            strength = 0.06 + 0.8 * shares[at][to]
            look = "linear cell" if at == to else "guess cell"
            sheet.box(left + cell * to + 2, y + 2, cell - 4, height - 4, look, strength)
            tone = "strong inverse" if strength > 0.55 else "soft" if shares[at][to] == 0 else "strong"
            sheet.text(left + cell * (to + 0.5), y + height / 2 + 5, texts[at][to], f"{tone} small mid")
    sheet.height = top + height * len(names) + 4
    return sheet
