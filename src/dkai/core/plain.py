"""Results as plain JSON-ready values."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from enum import Enum
from fractions import Fraction
from pathlib import PurePath
from typing import Any

from dkai.core.text import Text
from dkai.core.unknown import Unknown


def to_plain(value: Any) -> Any:  # noqa: PLR0911 - one line a type
    """`value` as dicts, lists, strings, numbers, booleans and None.

    Dataclasses become mappings of their fields; a `Text` is given in the language in use; an `Unknown` becomes
    `{"unknown": why}`; durations become seconds; times are ISO 8601; infinity, which JSON has not, is `"unlimited"`.
    """
    if isinstance(value, float) and not math.isfinite(value):
        return "unlimited" if value > 0 else None
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, (str, Text, PurePath)):
        return str(value)
    if isinstance(value, Unknown):
        return {"unknown": value.why}
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, Fraction):
        return float(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: to_plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): to_plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        items = [to_plain(item) for item in value]
        return sorted(items, key=str) if isinstance(value, (set, frozenset)) else items
    raise TypeError(f"{type(value).__name__} has no plain form")
