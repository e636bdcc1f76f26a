"""Durations, days, memory, money and numbers: read as people and Slurm write them, shown in the language in use."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from dkai.core.errors import UsageError, UserError
from dkai.core.i18n import language, t

_SLURM_TIME = re.compile(r"^(?:(\d+)-)?(\d+)(?::(\d+))?(?::(\d+))?$")
_WORDS_TIME = re.compile(r"(\d+(?:[.,]\d+)?)\s*(d|h|t|min|m|s)", re.IGNORECASE)
_SECONDS = {"d": 86400, "h": 3600, "t": 3600, "min": 60, "m": 60, "s": 1}
_MEMORY = re.compile(r"^(\d+(?:[.,]\d+)?)\s*([KMGTP]?)i?B?$", re.IGNORECASE)


def parse_duration(text: str) -> int:
    """Seconds in `90`, `90m`, `2h`, `1h30m`, `1:30:00` or Slurm's `1-12:00:00`.

    A bare number is minutes, as sbatch has it.
    Slurm's forms (sbatch, option --time): minutes, minutes:seconds, hours:minutes:seconds, days-hours,
    days-hours:minutes, days-hours:minutes:seconds. Raises UserError.
    """
    word = text.strip()
    if match := _SLURM_TIME.match(word):
        days, *parts = match.groups()
        numbers = [int(p) for p in parts if p is not None]
        if days is not None:
            hours, minutes, seconds = [*numbers, 0, 0][:3]
            return int(days) * 86400 + hours * 3600 + minutes * 60 + seconds
        if len(numbers) == 1:
            return numbers[0] * 60
        if len(numbers) == 2:
            return numbers[0] * 60 + numbers[1]
        return numbers[0] * 3600 + numbers[1] * 60 + numbers[2]
    pieces = _WORDS_TIME.findall(word)
    if pieces and not _WORDS_TIME.sub("", word).strip():
        return round(sum(float(n.replace(",", ".")) * _SECONDS[u.lower()] for n, u in pieces))
    raise UserError(
        t("“{text}” is not a duration", text=text),
        code="bad-duration",
        hint=t("write for example 30m, 2h, 1h30m or Slurm's 1-12:00:00"),
    )


def show_duration(seconds: float) -> str:
    """`45 s`, `12 min`, `2 h 05 min`, `1 d 12 h`; hours are `t` in Danish."""
    hour = "t" if language() == "da" else "h"
    total = round(seconds)
    if total < 60:
        return f"{total} s"
    if total < 3600:
        minutes, rest = divmod(total, 60)
        return f"{minutes} min" + (f" {rest:02d} s" if rest and minutes < 10 else "")
    if total < 86400:
        hours, rest = divmod(total // 60, 60)
        return f"{hours} {hour}" + (f" {rest:02d} min" if rest else "")
    days, rest = divmod(total // 3600, 24)
    return f"{days} d" + (f" {rest} {hour}" if rest else "")


def slurm_duration(seconds: int) -> str:
    """`D-HH:MM:SS` as sbatch reads it."""
    days, rest = divmod(int(seconds), 86400)
    hours, rest = divmod(rest, 3600)
    minutes, secs = divmod(rest, 60)
    clock = f"{hours:02d}:{minutes:02d}:{secs:02d}"
    return f"{days}-{clock}" if days else clock


def parse_day(text: str) -> date:
    """The day written as 2026-11-23. Raises UsageError."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        hint = t("write it as 2026-11-23")
        raise UsageError(t("“{text}” is no date", text=text), code="bad-date", hint=hint) from error


def parse_memory(text: str) -> int:
    """MiB in `512M`, `16G`, `16 GB`, `1.5T`; a bare number is MiB, as sbatch has it. Raises UserError."""
    if match := _MEMORY.match(text.strip()):
        number = float(match[1].replace(",", "."))
        factor = {"K": 1 / 1024, "": 1, "M": 1, "G": 1024, "T": 1024**2, "P": 1024**3}[match[2].upper()]
        return round(number * factor)
    raise UserError(
        t("“{text}” is not an amount of memory", text=text),
        code="bad-memory",
        hint=t("write for example 512M or 16G"),
    )


def show_bytes(count: float) -> str:
    """`812 B`, `1.9 GB`: powers of 1000, as disks are sold."""
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if count < 1000 or unit == "TB":
            return f"{show_number(count, 0 if unit == 'B' else 1)} {unit}"
        count /= 1000
    raise AssertionError


def show_memory(mib: float) -> str:
    """`512 MB`, `16 GB`: as Slurm counts (1 GB = 1024 MB)."""
    if mib < 1024:
        return f"{show_number(mib, 0)} MB"
    return f"{show_number(mib / 1024, 1)} GB"


def show_number(number: float, decimals: int = 2) -> str:
    """A number without useless zeros; Danish has decimal comma and thousands point."""
    text = f"{number:,.{decimals}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    if language() == "da":
        text = text.replace(",", "\0").replace(".", ",").replace("\0", ".")
    return text


@dataclass(frozen=True, slots=True)
class Range:
    """An estimate from `low` to `high`, in `unit`."""

    low: float
    high: float
    unit: str = ""

    def __str__(self) -> str:
        low, high = self.low, self.high
        decimals = 0 if high >= 100 else 1 if high >= 10 else 2 if high >= 0.1 else 4
        first, last = show_number(low, decimals), show_number(high, decimals)
        text = first if first == last else f"{first}–{last}"
        return f"{text} {self.unit}".strip()

    def times(self, factor: float, unit: str | None = None) -> Range:
        """The range scaled by `factor`."""
        return Range(self.low * factor, self.high * factor, self.unit if unit is None else unit)


def show_dkk(range_or_amount: Range | float) -> str:
    """An amount in Danish kroner: `12.50 DKK`, in Danish `12,50 kr.`."""
    if isinstance(range_or_amount, Range):
        text = str(Range(range_or_amount.low, range_or_amount.high))
    else:
        text = f"{range_or_amount:,.2f}"
        if language() == "da":
            text = text.replace(",", "\0").replace(".", ",").replace("\0", ".")
    return f"{text} kr." if language() == "da" else f"{text} DKK"
