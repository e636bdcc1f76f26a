"""LSF's ways to write amounts, times and tables, as values. Pure; what cannot be read is None, never a guess.

Shapes: IBM Spectrum LSF 10.1, command reference of bqueues, bhosts, lshosts, bjobs -o and bacct. Those of bhist -l,
busers, bparams -a, bmgroup and lsid are from recollection (tests/fixtures/lsf/README.md).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from dkai.compute.cluster import UNLIMITED

_SIZE = re.compile(r"^(\d{1,15}(?:\.\d{1,6})?)\s*([KMGTPE])?(?:i?B|bytes)?$", re.IGNORECASE)
_MINUTES = re.compile(r"^(\d{1,9}(?:\.\d{1,6})?) min\b")
_SECONDS = re.compile(r"^(\d{1,12}(?:\.\d{1,6})?)\s*(?:second|sec)")
_NUMBER = re.compile(r"^\d{1,15}(?:\.\d{1,6})?$")
# `Oct 22 13:51`, `Tue May  6 15:45:10`, either with a year; bjobs marks an end that is yet to come with ` L` or ` E`.
_TIME = re.compile(
    r"^(?:[A-Z][a-z]{2} )?([A-Z][a-z]{2})\s+(\d{1,2}) (\d{1,2}):(\d{2})(?::(\d{2}))?(?: (\d{4}))?(?: [A-Z])?$"
)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_ZONE = re.compile(r"^([+-])(\d{2})(\d{2})$")
_NOTHING = ("", "-")


def number(text: str) -> float | None:
    """`8`; None for `-`, which says nothing."""
    word = text.strip()
    return float(word) if _NUMBER.match(word) else None


def limit(text: str) -> float | None:
    """A limit in a table: `-` is none (UNLIMITED); None where it cannot be read."""
    return UNLIMITED if text.strip() == "-" else number(text)


def mebibytes(text: str, unit: str = "K") -> float | None:
    """`754.5G`, `5 Mbytes`, `2 G`; a bare number is in `unit` (LSF_UNIT_FOR_LIMITS; KB by default)."""
    match = _SIZE.match(text.strip())
    if match is None:
        return None
    return float(match[1]) * 1024.0 ** ("KMGTPE".index((match[2] or unit).upper()) - 1)


def minutes(text: str) -> float | None:
    """Seconds of a run limit as bqueues has it: `1440.0 min of hostA`, `1440.0 min`."""
    match = _MINUTES.match(text.strip())
    return float(match[1]) * 60 if match else None


def seconds(text: str) -> float | None:
    """`67 second(s)`, `0.1 seconds`."""
    match = _SECONDS.match(text.strip())
    return float(match[1]) if match else None


class Clock:
    """The place's clock, for times that name no year and no zone. `line` is what `date '+%s %z'` printed there."""

    def __init__(self, line: str = "") -> None:
        now, _, zone = line.strip().partition(" ")
        self.now = float(now) if now.isdecimal() and len(now) < 15 else None
        match = _ZONE.match(zone)
        sign = -1 if match and match[1] == "-" else 1
        self.offset_s = sign * (int(match[2]) * 3600 + int(match[3]) * 60) if match else None

    def moment(self, text: str) -> float | None:
        """Unix seconds of a time as LSF prints it; without a year it is the last such day, from tomorrow on back.

        The zone is that of now: across a change to or from summer time it is an hour wrong.
        """
        match = _TIME.match(text.strip())
        if match is None or self.now is None or self.offset_s is None or match[1] not in _MONTHS:
            return None
        here = datetime.fromtimestamp(self.now + self.offset_s, UTC)
        years = [int(match[6])] if match[6] else [here.year + 1, here.year, here.year - 1, here.year - 2]
        for year in years:
            try:
                found = datetime(year, _MONTHS.index(match[1]) + 1, int(match[2]), int(match[3]), int(match[4]),
                                 int(match[5] or 0), tzinfo=UTC)  # fmt: skip
            except ValueError:
                continue  # 29 February in another year
            if match[6] or found <= here + timedelta(days=1):
                return found.timestamp() - self.offset_s
        return None


def table(lines: Sequence[str], *needed: str) -> list[dict[str, str]]:
    """The rows of a table with a header, by column; the last column takes what is left. Wrappers may talk before it.

    Empty where no header has the columns needed. For tables whose cells hold no blank.
    """
    for at, line in enumerate(lines):
        names = line.split()
        if names and all(name in names for name in needed):
            rows = (row.split(None, len(names) - 1) for row in lines[at + 1 :])
            return [dict(zip(names, row, strict=False)) for row in rows if len(row) >= len(needed)]
    return []


def unwrapped(lines: Iterable[str]) -> list[str]:
    """Lines as they were before LSF broke them: what goes on is indented by far, and broken within words."""
    found: list[str] = []
    for line in lines:
        if line.startswith(" " * 10) and found:
            found[-1] += line.strip()
        else:
            found.append(line.rstrip())
    return found


def told(text: str) -> str | None:
    """The word, where it says something."""
    word = text.strip()
    return None if word in _NOTHING else word
