"""A run's language: texts by key, and numbers, shares and lists as Danish or English writes them."""

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Texts = Mapping[str, tuple[str, str]]  # key: (Danish, English)
SMALL = 5  # counts of rows from 1 up to this are not shown: they could point at persons


class CannotGoOn(Exception):
    """The run cannot go on; the text is a sentence for the person who started it."""


class Words:
    """Texts and numbers in one language."""

    def __init__(self, texts: Texts, language: str | None = None) -> None:
        """`language` is `da` or `en`; what dkai asked for (DKAI_LANG) when it is not given."""
        chosen = os.environ.get("DKAI_LANG", "en") if language is None else language
        self.texts = texts
        self.language = "da" if chosen.lower().startswith("da") else "en"

    def __call__(self, key: str, **values: Any) -> str:
        danish, english = self.texts[key]
        return (danish if self.language == "da" else english).format(**values)

    def marks(self, text: str) -> str:
        """A number in Python's writing as the language has it: 1.240,5 in Danish, with a real minus."""
        if self.language == "da":
            text = text.replace(",", "\0").replace(".", ",").replace("\0", ".")
        return text.replace("-", "−")

    def whole(self, value: int) -> str:
        """A count: 1,240 (Danish 1.240)."""
        return self.marks(f"{value:,}")

    def number(self, value: float, digits: int = 3) -> str:
        """A number with about `digits` significant digits: 0.914, 283, 12.5."""
        if value == 0 or abs(value) < 1e-6:
            return "0"
        decimals = max(0, digits - 1 - power_of_ten(abs(value)))
        return self.marks(f"{value:,.{min(decimals, 6)}f}")

    def share(self, value: float) -> str:
        """A share as a whole per cent: 91%, Danish 91 %."""
        return self.marks(f"{100 * value:.0f}") + ("\u00a0%" if self.language == "da" else "%")

    def seconds(self, value: float) -> str:
        """A place in a recording or a time that was taken: 1:02:03, 4:05."""
        minutes, rest = divmod(int(value), 60)
        hours, minutes = divmod(minutes, 60)
        return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"

    def span(self, seconds: float) -> str:
        """How long something lasts, in two units at most: 40 s, 12 min, 1 h 5 min (Danish: t)."""
        if seconds < 90:
            return f"{seconds:.0f}\u00a0s"
        minutes = round(seconds / 60)
        hour = "t" if self.language == "da" else "h"
        return f"{minutes}\u00a0min" if minutes < 60 else f"{minutes // 60}\u00a0{hour} {minutes % 60}\u00a0min"

    def counted(self, key: str, count: int) -> str:
        """A count with its noun, from the texts KEY-one and KEY-many: 1 recording, 12 recordings."""
        return f"{self.whole(count)} {self(f'{key}-one' if count == 1 else f'{key}-many')}"

    def few(self, count: int) -> str:
        """A count of rows, with 1 to 4 hidden."""
        return f"<\u00a0{SMALL}" if 0 < count < SMALL else self.whole(count)

    def quote(self, text: str) -> str:
        """A name in quotation marks."""
        return f"»{text}«" if self.language == "da" else f"“{text}”"

    def quoted(self, names: Sequence[str], most: int = 30) -> str:
        """Names in quotation marks in one line; from `most` on only how many more there are."""
        line = ", ".join(self.quote(name) for name in names[:most])
        if len(names) <= most:
            return line
        return line + (f" og {len(names) - most} mere" if self.language == "da" else f" and {len(names) - most} more")

    def listed(self, values: Iterable[object]) -> str:
        """Values in one line: 3, 7, 12."""
        return ", ".join(str(value) for value in values)


def power_of_ten(value: float) -> int:
    """The power of ten of a positive number's first digit; needs no array library before the input is read."""
    return int(f"{value:e}".split("e")[1])
