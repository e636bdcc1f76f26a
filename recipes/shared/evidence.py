"""Whether the documents say anything about a question: how much of it stands together, against questions of chance.

The cover is the share of the question's content words that stand in some neighbouring sentences, each word weighted by
how rare it is; a word that no passage has weighs most. A word that only begins like one there (deltagerne,
deltagerantal) counts in part. How much is much is measured: questions of as many words drawn at random from the
documents are put to the same sentences, and a real question must be covered better than 19 of 20 of them.
"""

import random
from collections.abc import Sequence

import numpy as np

from language import guess_language, sentences
from retrieval import WordIndex, stems

ALIKE, SHORTEST = 0.6, 5  # what a word that begins alike counts, and how many letters it must share
TOGETHER = 2  # sentences that stand together
DRAWS = 200
# Whatever chance gives: with less than half the question a place is not about it, with three quarters it may be.
LEAST, MOST = 0.5, 0.75


class Evidence:
    """The cover of questions by passages, and the limit that chance sets."""

    def __init__(self, index: WordIndex, texts: Sequence[str], seed: int) -> None:
        self.index, self.seed = index, seed
        self.known = sorted(index.place)
        self.limits: dict[int, float] = {}
        windows = [windows_of(text) for text in texts]
        self.starts = np.cumsum([0, *(len(found) for found in windows)])[:-1]
        holding: dict[str, list[int]] = {}
        for at, window in enumerate(window for found in windows for window in found):
            for term in window:
                holding.setdefault(term, []).append(at)
        self.windows = sum(len(found) for found in windows)
        self.holding = {term: np.array(found) for term, found in holding.items()}

    def cover(self, question: str) -> np.ndarray:
        """For every passage, the largest share of the question (0 to 1) that stands together in it."""
        return np.maximum.reduceat(self._cover(self._asked(question)), self.starts)

    def cover_of(self, question: str, text: str) -> float:
        """The share of the question that one stretch of text covers, with the same weights."""
        has = set(stems(text, guess_language(text)))
        total = weights = 0.0
        for term in self._asked(question):
            weight = self._weight(term)
            weights += weight
            if term in has:
                total += weight
            elif any(_begins_alike(term, other) for other in has):
                total += ALIKE * weight
        return float(total / weights) if weights else 0.0

    def best_cover(self, asked: Sequence[str]) -> float:
        """How much of these stems the sentences that hold most of them cover."""
        return float(self._cover(asked).max())

    def limit(self, question: str) -> float:
        """The cover that a question of this length must have; above it chance comes once in 20."""
        return self.limit_of(len(self._asked(question)))

    def limit_of(self, n: int) -> float:
        """The same for any question of `n` content words."""
        if n not in self.limits:
            self.limits[n] = self._by_chance(n)
        return self.limits[n]

    def _asked(self, question: str) -> list[str]:
        return sorted(set(self.index.stems_of(question)))

    def _weight(self, term: str) -> float:
        at = self.index.place.get(term)
        return float(self.index.rarity[at]) if at is not None else self.index.rarest

    def _cover(self, asked: Sequence[str]) -> np.ndarray:
        total = np.zeros(self.windows)
        weights = 0.0
        for term in asked:
            weight = self._weight(term)
            weights += weight
            found = np.zeros(self.windows)
            for other in self.known if len(term) >= SHORTEST else ():
                if _begins_alike(term, other):
                    found[self.holding[other]] = ALIKE
            if term in self.holding:
                found[self.holding[term]] = 1.0
            total += weight * found
        return total / weights if weights else total

    def _by_chance(self, n: int) -> float:
        if n == 0 or len(self.known) <= n:
            return MOST
        draw = random.Random(self.seed * 1000 + n)
        best = [self.best_cover(draw.sample(self.known, n)) for _ in range(DRAWS)]
        return min(MOST, max(LEAST, float(np.quantile(best, 0.95))))


def windows_of(text: str) -> list[set[str]]:
    """The stems of each stretch of neighbouring sentences. A heading belongs to all that stands below it."""
    language = guess_language(text)
    parts = sentences(text)
    each = [set(stems(part, language)) for part in parts]
    heading = each[0] if len(parts) > 1 and parts[0][-1] not in ".!?" else set()
    return [heading.union(*each[at : at + TOGETHER]) for at in range(max(1, len(parts) - TOGETHER + 1))] or [set()]


def _begins_alike(one: str, other: str) -> bool:
    """Whether one word is the beginning of the other, and long enough for that to mean something."""
    return one != other and min(len(one), len(other)) >= SHORTEST and (one.startswith(other) or other.startswith(one))
