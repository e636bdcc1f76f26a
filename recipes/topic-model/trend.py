"""Whether topics grow or shrink over the years: shares with their uncertainty, and a test for a trend.

The test is Cochran and Armitage's for a trend in proportions; with several topics the p values are made larger by
Holm's method, as one of many is easily small by chance. Shares have Wilson's 95 % interval.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

FEWEST_YEARS = 3
SURE = 0.05


@dataclass(frozen=True)
class Year:
    """One year: how many texts, and how many of each topic."""

    year: int
    texts: int
    of_topic: tuple[int, ...]


@dataclass(frozen=True)
class Trend:
    """What happens to a topic: the slope is its share's change a year, `p` after Holm's correction."""

    slope: float
    p: float

    @property
    def direction(self) -> str:
        """up, down or flat; flat also means not sure."""
        return "flat" if self.p >= SURE else "up" if self.slope > 0 else "down"


def by_year(years: Sequence[int | None], main: np.ndarray, topics: int) -> list[Year]:
    """Counts by year, for the texts that have one."""
    found = []
    for year in sorted({y for y in years if y is not None}):
        chosen = main[[y == year for y in years]]
        counts = np.bincount(chosen[chosen >= 0], minlength=topics)
        found.append(Year(year, len(chosen), tuple(int(n) for n in counts)))
    return found


def trends(years: Sequence[Year], topics: int) -> list[Trend]:
    """A trend for each topic; none where there are fewer than three years."""
    if len(years) < FEWEST_YEARS:
        return []
    raw = [_armitage(years, topic) for topic in range(topics)]
    corrected = holm([p for _, p in raw])
    return [Trend(slope, p) for (slope, _), p in zip(raw, corrected, strict=True)]


def _armitage(years: Sequence[Year], topic: int) -> tuple[float, float]:
    score = np.array([y.year for y in years], dtype=float)
    n = np.array([y.texts for y in years], dtype=float)
    r = np.array([y.of_topic[topic] for y in years], dtype=float)
    total, share = n.sum(), r.sum() / n.sum()
    middle = (n * score).sum() / total
    spread = (n * (score - middle) ** 2).sum()
    if spread == 0 or share in (0.0, 1.0):
        return 0.0, 1.0
    slope = (r * (score - middle)).sum() / spread
    z = slope * math.sqrt(spread / (share * (1 - share)))
    return float(slope), float(2 * stats.norm.sf(abs(z)))


def holm(values: Sequence[float]) -> list[float]:
    """P values corrected for their number."""
    order = np.argsort(values, kind="stable")
    corrected, highest = [1.0] * len(values), 0.0
    for rank, at in enumerate(order):
        highest = max(highest, min(1.0, (len(values) - rank) * values[at]))
        corrected[at] = highest
    return corrected


def wilson(found: int, of: int) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson 1927)."""
    if of == 0:
        return 0.0, 1.0
    z, share = 1.959964, found / of
    middle = (share + z * z / (2 * of)) / (1 + z * z / of)
    half = z * math.sqrt(share * (1 - share) / of + z * z / (4 * of * of)) / (1 + z * z / of)
    return max(0.0, middle - half), min(1.0, middle + half)
