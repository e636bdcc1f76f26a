"""An entry in brief: what lists, filters and rankings ask of it, without its long texts.

A search looks at hundreds of entries and shows ten. Reading the facts alone costs a tenth of reading all that was
written about each.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_TEXTS = frozenset(("name", "summary", "code", "weights", "training_data"))  # in both languages, and short
_LONG = frozenset(
    (
        "sources",
        "unknown",
        "search_words",
        "evidence",
        "positions",
        "levels",
        "limitations",
        "history",
        "schema",
        "price",
    )
)


def brief_of(entry: Mapping[str, Any]) -> dict[str, Any]:
    """The same fields at the same paths, without texts, sources and lists of findings."""
    return {name: _short(value) for name, value in entry.items() if _wanted(name, value)}


def _wanted(name: str, value: Any) -> bool:
    return name not in _LONG and (name in _TEXTS or not _is_text(value))


def _short(value: Any) -> Any:
    if isinstance(value, Mapping):
        return value if _is_text(value) else brief_of(value)
    if isinstance(value, list):
        return [_short(one) for one in value if not _is_text(one)]
    return value


def _is_text(value: Any) -> bool:
    return isinstance(value, Mapping) and "da" in value and "en" in value
