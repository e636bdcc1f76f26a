"""All that the radar knows of one tool."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import date

    from dkai.catalogue.catalogue import Entry


@dataclass(frozen=True, slots=True)
class Card:
    """One tool: its entry as it was validated, with texts in both languages, and what is past its review date."""

    id: str
    name: str
    overdue: tuple[str, ...]  # parts; empty text: the whole entry
    layers: tuple[str, ...]  # whose words the entry consists of
    entry: Mapping[str, Any]


def card_of(entry: Entry, today: date) -> Card:
    """The card of a tool on a given day."""
    return Card(entry.id, entry.name, tuple(entry.overdue(today.isoformat())), entry.layers, entry)
