"""How much of a query single phrases of an entry hold: words that stand together mean more than words scattered.

An entry wants to be found by many phrases, so that a query of common words meets some of them everywhere. What tells
the right one is that its phrases hold several of the words at once, and that several phrases do. So an entry is worth
the mean, over its best fourteen phrases, of the share of the query that each holds; rare words are a larger share.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dkai.catalogue.catalogue import Catalogue
    from dkai.catalogue.matcher import Meets

PHRASES = 14  # the best ones that count
_WORTH = (1.0, 0.6, 0.5, 0.7, 0.5)  # of the ways in HOW


def evidence_for(
    catalogue: Catalogue, numbers: Iterable[int], meets: Meets, shares: Sequence[float]
) -> dict[int, float]:
    """Entry → how well its phrases hold the query, 0 to 1. `shares` are the words' parts of it; they add up to 1."""
    wanted = list(numbers)
    marks = ", ".join("?" * len(wanted))
    rows = catalogue.rows(f"SELECT number, tokens FROM entry WHERE number IN ({marks})", wanted)  # noqa: S608 - marks
    return {number: _best(tokens.split("\n"), meets, shares) for number, tokens in rows}


def _best(phrases: Iterable[str], meets: Meets, shares: Sequence[float]) -> float:
    found = (meets.in_phrase(phrase) for phrase in phrases)
    held = [sum(shares[place] * _WORTH[how] for place, how in one.items()) for one in found if one]
    return sum(sorted(held, reverse=True)[:PHRASES]) / PHRASES
