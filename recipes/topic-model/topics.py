"""Topics as groups of words: fitted by non-negative matrix factorisation, counted by whether they come back.

How many topics there are is decided by two measures. Stability: fitted anew on four fifths of the texts, do the same
words come together again? (Greene, O'Callaghan & Cunningham 2014, with their average Jaccard of ranked words, topics
matched so that the sum is largest.) Coherence: do a topic's words stand in the same texts? (normalised pointwise mutual
information, Bouma 2009; over texts rather than windows.) The most stable number is taken, and among those as good
as equally stable the most coherent. What stability is without any topics is measured on the same texts with their words
dealt out anew at random.
"""

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse
from scipy.optimize import linear_sum_assignment
from sklearn.decomposition import NMF
from sklearn.exceptions import ConvergenceWarning

from corpus import Corpus, count, tfidf

TOP = 10  # words by which topics are compared and named
SHARE = 0.8  # of the texts, in each new fit
MOST_TOPICS = 12  # that are tried when the recipe finds the number
SHUFFLES, SHUFFLED_RUNS = 3, 4
AS_GOOD = 0.03  # a difference in stability that says nothing


@dataclass(frozen=True)
class Tried:
    """One number of topics and what it gave."""

    topics: int
    stability: float
    coherence: float


@dataclass(frozen=True)
class Found:
    """The topics, largest first."""

    weights: np.ndarray  # texts by topics; a row sums to 1, or to 0 where a text has no topic
    top: tuple[tuple[int, ...], ...]  # each topic's words, the weightiest first
    stability: float
    each: tuple[float, ...]  # of each topic
    coherence: tuple[float, ...]
    chance: tuple[float, ...]  # stability where there are no topics, each time it was tried
    tried: tuple[Tried, ...]

    @property
    def main(self) -> np.ndarray:
        """Each text's main topic; -1 for none."""
        return np.where(self.weights.sum(axis=1) > 0, self.weights.argmax(axis=1), -1)

    @property
    def clear(self) -> float:
        """The share of texts that have a topic with half of their weight or more."""
        return float((self.weights.max(axis=1) >= 0.5).mean())

    @property
    def verdict(self) -> str:
        """`yes` where topics come back more than chance has them do, `little` where barely so, else `no`."""
        most = max(self.chance)
        return "yes" if self.stability > most + 0.1 else "little" if self.stability > most else "no"


def find(corpus: Corpus, topics: int, runs: int, seed: int, say: Callable[[int], None]) -> Found:
    """The topics of the texts: `topics` of them, or as many as fit best where it is 0."""
    weighted = tfidf(corpus.counts)
    most = max(2, min(MOST_TOPICS, len(corpus.units) // 8, len(corpus.vocabulary) // TOP))
    numbers = [topics] if topics else list(range(2, most + 1))
    tried: list[Tried] = []
    kept: dict[int, Found] = {}
    present = (corpus.counts > 0).astype(float)
    for number in numbers:
        say(number)
        left, right = fit(weighted, number, seed)
        top = top_words(right)
        stability, each = steadiness(weighted, top, number, runs, seed)
        coherence = [npmi(present, words) for words in top]
        tried.append(Tried(number, stability, float(np.mean(coherence))))
        kept[number] = Found(
            _as_shares(left, right), tuple(top), stability, tuple(each), tuple(coherence), (), ()
        )  # fmt: skip
    best = choose(tried)
    return in_order(replace(kept[best], chance=by_chance(corpus, best, seed), tried=tuple(tried)))


def choose(tried: Sequence[Tried]) -> int:
    """The number of topics to take."""
    highest = max(one.stability for one in tried)
    near = [one for one in tried if one.stability > highest - AS_GOOD]
    return max(near, key=lambda one: (round(one.coherence, 6), -one.topics)).topics


def in_order(found: Found) -> Found:
    """The topics with those of most texts first."""
    sizes = np.bincount(found.main[found.main >= 0], minlength=len(found.top))
    order = np.argsort(-sizes, kind="stable")
    return replace(
        found,
        weights=found.weights[:, order],
        top=tuple(found.top[at] for at in order),
        each=tuple(found.each[at] for at in order),
        coherence=tuple(found.coherence[at] for at in order),
    )


def fit(weighted: sparse.csr_matrix, topics: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Texts by topics, and topics by words."""
    model = NMF(n_components=topics, init="nndsvda", random_state=seed, max_iter=400)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # the fits are compared with each other, settled or not
        left = model.fit_transform(weighted)
    return left, model.components_


def _as_shares(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Each text's weights as shares, with every topic measured by the words it lays out."""
    weights = left * right.sum(axis=1)
    total = weights.sum(axis=1, keepdims=True)
    return np.divide(weights, total, out=np.zeros_like(weights), where=total > 0)


def top_words(right: np.ndarray, n: int = TOP) -> list[tuple[int, ...]]:
    """Each topic's weightiest words."""
    return [tuple(int(at) for at in np.argsort(-row, kind="stable")[:n]) for row in right]


def likeness(one: Sequence[int], other: Sequence[int]) -> float:
    """How alike two ranked lists of words are, 0 to 1: the mean Jaccard index of their first 1, 2 … words."""
    total = 0.0
    for depth in range(1, min(len(one), len(other)) + 1):
        a, b = set(one[:depth]), set(other[:depth])
        total += len(a & b) / len(a | b)
    return total / max(1, min(len(one), len(other)))


def steadiness(
    weighted: sparse.csr_matrix, top: Sequence[tuple[int, ...]], topics: int, runs: int, seed: int
) -> tuple[float, list[float]]:
    """How well the topics come back on parts of the texts: the mean over all, and of each topic."""
    draw = np.random.default_rng(seed)
    n = weighted.shape[0]
    matched = np.zeros((runs, topics))
    for run in range(runs):
        rows = np.sort(draw.choice(n, size=max(topics + 1, round(SHARE * n)), replace=False))
        again = top_words(fit(weighted[rows], topics, seed + run + 1)[1])
        alike = np.array([[likeness(one, other) for other in again] for one in top])
        for ours, theirs in zip(*linear_sum_assignment(-alike), strict=True):
            matched[run, ours] = alike[ours, theirs]
    return float(matched.mean()), [float(value) for value in matched.mean(axis=0)]


def npmi(present: sparse.csr_matrix, top: Sequence[int]) -> float:
    """The mean normalised pointwise mutual information of a topic's words: 1 always together, 0 by chance, -1 never."""
    n = present.shape[0]
    part = present[:, list(top)]
    both = np.asarray((part.T @ part).todense()) / n
    alone = both.diagonal()
    values = []
    for i in range(len(top)):
        for j in range(i):
            if both[i, j] == 0:
                values.append(-1.0)
            elif both[i, j] >= 1:
                values.append(1.0)
            else:
                values.append(float(np.log(both[i, j] / (alone[i] * alone[j])) / -np.log(both[i, j])))
    return float(np.mean(values)) if values else 0.0


def by_chance(corpus: Corpus, topics: int, seed: int) -> tuple[float, ...]:
    """The stability of as many topics in the same texts with their words dealt out anew at random."""
    draw = np.random.default_rng(seed)
    everything = np.concatenate(corpus.bags)
    ends = np.cumsum([len(bag) for bag in corpus.bags])[:-1]
    found = []
    for turn in range(SHUFFLES):
        bags = np.split(draw.permutation(everything), ends)
        weighted = tfidf(count(bags, len(corpus.vocabulary)))
        top = top_words(fit(weighted, topics, seed + turn)[1])
        found.append(steadiness(weighted, top, topics, SHUFFLED_RUNS, seed + turn)[0])
    return tuple(found)
