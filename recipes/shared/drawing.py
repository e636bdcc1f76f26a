"""A few SVG marks and the scale under them; colours and fonts come from the page's style sheet."""

import math
from html import escape
from pathlib import Path

STYLES = Path(__file__).resolve().parent / "style"


def style(*names: str) -> str:
    """The named style sheets (style/NAME.css) one after the other."""
    return "".join((STYLES / f"{name}.css").read_text(encoding="utf-8") for name in names)


class Sheet:
    """An SVG picture being drawn: `width` units wide, shown at most that many pixels wide."""

    def __init__(self, width: int, alt: str) -> None:
        self.width, self.alt, self.height = width, alt, 0.0
        self._marks: list[str] = []

    def text(self, x: float, y: float, text: str, look: str = "", full: str = "") -> None:
        """A line of text, its left end (or its end or middle, by look) at x; `full` shows when pointed at."""
        title = f"<title>{escape(full)}</title>" if full and full != text else ""
        self._marks.append(f'<text x="{x:.1f}" y="{y:.1f}" class="{look}">{escape(text)}{title}</text>')

    def line(self, x1: float, y1: float, x2: float, y2: float, look: str) -> None:
        """A straight line."""
        self._marks.append(f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" class="{look}"/>')

    def box(self, x: float, y: float, width: float, height: float, look: str, opacity: float = 1) -> None:
        """A rectangle with slightly round corners."""
        see = "" if opacity == 1 else f' style="fill-opacity:{opacity:.3f}"'
        place = f'x="{x:.1f}" y="{y:.1f}" width="{max(width, 0):.1f}" height="{height:.1f}"'
        self._marks.append(f'<rect {place} rx="3" class="{look}"{see}/>')

    def dot(self, x: float, y: float, radius: float, look: str) -> None:
        """A filled circle."""
        self._marks.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius}" class="{look}"/>')

    def svg(self) -> str:
        """The picture as an SVG element that takes the page's style."""
        return self._element(f'viewBox="0 0 {self.width} {self.height:.0f}"', "")

    def standalone(self, title: str, subtitle: str) -> str:
        """The picture as a file of its own: light, with its style, a margin, and two lines of title above."""
        self.text(0, -44, title, "strong title")
        self.text(0, -20, subtitle, "soft")
        width, height = self.width + 40, round(self.height) + 96
        back = f'<rect x="-20" y="-76" width="{width}" height="{height}" style="fill:var(--paper)"/>'
        size = f'viewBox="-20 -76 {width} {height}" width="{width}" height="{height}"'
        return self._element(size, f"<style>{style('light', 'figure')}</style>{back}") + "\n"

    def _element(self, size: str, first: str) -> str:
        alt = escape(self.alt, quote=True)
        start = f'<svg xmlns="http://www.w3.org/2000/svg" class="fig" role="img" {size} aria-label="{alt}">'
        return f"{start}{first}{''.join(self._marks)}</svg>"


class Scale:
    """Values from `low` to `high` laid out from `start` to `end`."""

    def __init__(self, low: float, high: float, start: float, end: float) -> None:
        if high <= low:
            high = low + 1
        self.low, self.high, self.start, self.end = low, high, start, end

    def __call__(self, value: float) -> float:
        share = (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)
        return self.start + share * (self.end - self.start)

    def ticks(self, about: int = 5) -> list[float]:
        """Round values between low and high, about that many."""
        rough = (self.high - self.low) / about
        power = 10.0 ** math.floor(math.log10(rough))
        step = next(power * m for m in (1, 2, 2.5, 5, 10) if power * m >= rough)
        first = math.ceil(self.low / step - 1e-9)
        last = math.floor(self.high / step + 1e-9)
        return [n * step for n in range(first, last + 1)]


def shortened(text: str, width: float, size: float = 7.4) -> str:
    """The text, or as much of it as fits `width` units, with an ellipsis."""
    most = max(3, int(width / size))
    return text if len(text) <= most else text[: most - 1] + "…"
