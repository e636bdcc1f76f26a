"""How much of a query single phrases of an entry hold: words that stand together mean more than words scattered.

An entry wants to be found by many phrases, so that a query of common words meets some of them everywhere. What tells
the right one is that its phrases hold several of the words at once, and that several phrases do. So an entry is worth
the mean, over its best eight phrases, of the share of the query that each holds; rare words are a larger share.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dkai.catalogue.catalogue import Catalogue
    from dkai.catalogue.matcher import Matcher

PHRASES = 8  # the best ones that count
_WORTH = {"word": 1.0, "synonym": 0.7, "beginning": 0.6, "part": 0.5, "spelling": 0.5}


def evidence_for(
    catalogue: Catalogue, numbers: Iterable[int], matchers: Sequence[Matcher], shares: Sequence[float]
) -> dict[int, float]:
    """Entry → how well its phrases hold the query, 0 to 1. `shares` are the words' parts of it; they add up to 1."""
    wanted = list(numbers)
    marks = ", ".join("?" * len(wanted))
    rows = catalogue.rows(f"SELECT number, tokens FROM entry WHERE number IN ({marks})", wanted)  # noqa: S608 - marks
    meets = _Meets(matchers)
    return {number: _best(tokens.split("\n"), meets, shares) for number, tokens in rows}


class _Meets(dict[str, list[tuple[int, float]]]):
    """Token → the words of the query that it meets, and how well; each token is looked at once."""

    def __init__(self, matchers: Sequence[Matcher]) -> None:
        self._beginnings = [(place, m.beginnings) for place, m in enumerate(matchers) if m.beginnings]
        self._all_beginnings = tuple(form for _, forms in self._beginnings for form in forms)
        for place, matcher in enumerate(matchers):
            # The surest way comes last: it is the one that stays.
            ways = {"spelling": matcher.near, "synonym": matcher.akin, "part": matcher.parts, "word": matcher.exact}
            worth = {token: _WORTH[how] for how, tokens in ways.items() for token in tokens}
            for token, value in worth.items():
                self.setdefault(token, []).append((place, value))

    def __missing__(self, token: str) -> list[tuple[int, float]]:
        found: list[tuple[int, float]] = []
        if token.startswith(self._all_beginnings):
            found = [(place, _WORTH["beginning"]) for place, forms in self._beginnings if token.startswith(forms)]
        self[token] = found
        return found


def _best(phrases: Iterable[str], meets: _Meets, shares: Sequence[float]) -> float:
    held = []
    for phrase in phrases:
        best: dict[int, float] = {}
        for token in phrase.split():
            for place, worth in meets[token]:
                if worth > best.get(place, 0.0):
                    best[place] = worth
        if best:
            held.append(sum(shares[place] * worth for place, worth in best.items()))
    return sum(sorted(held, reverse=True)[:PHRASES]) / PHRASES
