"""Numbers and moments that others tell: they may be anything, and too large for any use."""

from __future__ import annotations

import math
from datetime import UTC, datetime

# From the first job ever to the last year that a date can have.
_FIRST, _LAST = 0.0, 253_402_300_799.0


def finite(value: object) -> float | None:
    """The number, where it is one that can be reckoned with: no bool, no infinity, no NaN, no integer of 400 digits."""
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def utc(moment: object) -> datetime | None:
    """The moment, given in Unix seconds; None where it is no number, or none that a clock could show."""
    seconds = finite(moment)
    return datetime.fromtimestamp(seconds, UTC) if seconds is not None and _FIRST <= seconds <= _LAST else None
