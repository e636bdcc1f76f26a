"""The run's language: texts by key, and numbers, shares and lists as Danish or English writes them."""

import os
from collections.abc import Iterable, Sequence
from typing import Any

from texts_page import PAGE
from texts_run import RUN

TEXTS: dict[str, tuple[str, str]] = {**RUN, **PAGE}
SMALL = 5  # counts of rows from 1 up to this are not shown: they could point at persons


class CannotGoOn(Exception):
    """The run cannot go on; the text is a sentence for the person who started it."""


class Words:
    """Texts and numbers in one language."""

    def __init__(self, language: str) -> None:
        self.language = "da" if language.lower().startswith("da") else "en"

    def __call__(self, key: str, **values: Any) -> str:
        danish, english = TEXTS[key]
        return (danish if self.language == "da" else english).format(**values)

    def _marks(self, text: str) -> str:
        if self.language == "da":
            text = text.replace(",", "\0").replace(".", ",").replace("\0", ".")
        return text.replace("-", "−")

    def whole(self, value: int) -> str:
        """A count: 1,240 (Danish 1.240)."""
        return self._marks(f"{value:,}")

    def number(self, value: float, digits: int = 3) -> str:
        """A number with about `digits` significant digits: 0.914, 283, 12.5."""
        if value == 0 or abs(value) < 1e-6:
            return "0"
        decimals = max(0, digits - 1 - power_of_ten(abs(value)))
        return self._marks(f"{value:,.{min(decimals, 6)}f}")

    def share(self, value: float) -> str:
        """A share as a whole per cent: 91%, Danish 91 %."""
        return self._marks(f"{100 * value:.0f}") + ("\u00a0%" if self.language == "da" else "%")

    def metric(self, name: str, value: float) -> str:
        """A metric's value as the report writes it: shares in per cent, amounts as numbers, AUC and R² as 0.91."""
        if name in ("balanced_accuracy", "accuracy"):
            return self.share(value)
        if name == "mae":
            return self.number(value)
        return self._marks(f"{value:.2f}")

    def span(self, name: str, low: float, high: float) -> str:
        """An interval of a metric: 64–80%, 0.72–0.88."""
        ends = [self.metric(name, low), self.metric(name, high)]
        if name in ("balanced_accuracy", "accuracy"):
            ends[0] = ends[0].rstrip("%\u00a0")
        return "–".join(ends)

    def few(self, count: int) -> str:
        """A count of rows, with 1 to 4 hidden."""
        return f"<\u00a0{SMALL}" if 0 < count < SMALL else self.whole(count)

    def quote(self, text: str) -> str:
        """A name in quotation marks."""
        return f"»{text}«" if self.language == "da" else f"“{text}”"

    def quoted(self, names: Sequence[str], most: int = 30) -> str:
        """Names in quotation marks in one line; from `most` on only how many more there are."""
        line = ", ".join(self.quote(name) for name in names[:most])
        return line if len(names) <= most else line + self("and-more", n=len(names) - most)

    def listed(self, values: Iterable[object]) -> str:
        """Values in one line: 3, 7, 12."""
        return ", ".join(str(value) for value in values)


def power_of_ten(value: float) -> int:
    """The power of ten of a positive number's first digit; needs no array library before the input is read."""
    return int(f"{value:e}".split("e")[1])


def from_environment() -> Words:
    """The words in the language dkai asked for (DKAI_LANG), English when it did not."""
    return Words(os.environ.get("DKAI_LANG", "en"))
