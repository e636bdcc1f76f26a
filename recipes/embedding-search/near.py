"""Passages that say nearly the same: the share of three-word runs that two passages have in common (Jaccard index)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.feature_extraction.text import CountVectorizer

RUN = 3
SHORTEST = 12  # words: two headings alike are no repetition
BLOCK = 1000


@dataclass(frozen=True)
class Pair:
    """Two passages and how alike they are, 0 to 1."""

    first: int
    second: int
    alike: float


def near_duplicates(texts: Sequence[str], least: float) -> list[Pair]:
    """Pairs of passages at least so alike, the most alike first."""
    long = [at for at, text in enumerate(texts) if len(text.split()) >= SHORTEST]
    if len(long) < 2:
        return []
    vectorizer = CountVectorizer(ngram_range=(RUN, RUN), token_pattern=r"(?u)\b\w+\b", binary=True, dtype=np.int32)
    runs = vectorizer.fit_transform([texts[at] for at in long])
    sizes = np.asarray(runs.sum(axis=1)).ravel()
    found: list[Pair] = []
    for start in range(0, len(long), BLOCK):
        common = (runs[start : start + BLOCK] @ runs.T).tocoo()
        for row, column, n in zip(common.row, common.col, common.data, strict=True):
            i, j = start + int(row), int(column)
            if j <= i:
                continue
            alike = float(n) / float(sizes[i] + sizes[j] - n)
            if alike >= least:
                found.append(Pair(long[i], long[j], alike))
    return sorted(found, key=lambda pair: (-pair.alike, pair.first, pair.second))
