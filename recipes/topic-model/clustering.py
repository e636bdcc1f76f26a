"""The engine `embeddings`: texts that mean alike are grouped, and each group is described by its own words.

Points from a multilingual model, made shorter by principal components, grouped by HDBSCAN (or by k-means where the
person says how many), and named by class-based TF-IDF (Grootendorst 2022): a word's count in the group times
log(1 + words a group / the word's count in all). Texts that lie alone get no topic.
"""

from collections.abc import Sequence

import numpy as np
from scipy.optimize import linear_sum_assignment
from sklearn.cluster import HDBSCAN, KMeans
from sklearn.decomposition import PCA

from corpus import Corpus
from topics import SHARE, SHUFFLES, Found, Tried, in_order, npmi, top_words

DIMENSIONS = 20
FEWEST_IN_GROUP = 5


def find(corpus: Corpus, points: np.ndarray, topics: int, runs: int, seed: int) -> Found | None:
    """The groups as topics; None where all texts lie alone."""
    near = PCA(n_components=min(DIMENSIONS, *points.shape), random_state=seed).fit_transform(points)
    labels = group(near, topics, seed)
    number = int(labels.max()) + 1
    if number < 2:
        return None
    counts = corpus.counts
    top = top_words(class_tfidf(counts, labels, number))
    stability, each = _steadiness(near, labels, topics, runs, seed)
    present = (counts > 0).astype(float)
    coherence = [npmi(present, words) for words in top]
    weights = np.zeros((len(labels), number))
    weights[np.flatnonzero(labels >= 0), labels[labels >= 0]] = 1.0
    tried = (Tried(number, stability, float(np.mean(coherence))),)
    chance = _by_chance(near, topics, runs, seed)
    return in_order(Found(weights, tuple(top), stability, tuple(each), tuple(coherence), chance, tried))


def group(near: np.ndarray, topics: int, seed: int) -> np.ndarray:
    """Each text's group from 0; -1 for a text that lies alone."""
    if topics:
        return np.asarray(KMeans(n_clusters=topics, n_init=10, random_state=seed).fit_predict(near))
    return np.asarray(HDBSCAN(min_cluster_size=max(FEWEST_IN_GROUP, len(near) // 50), copy=True).fit_predict(near))


def class_tfidf(counts: object, labels: np.ndarray, number: int) -> np.ndarray:
    """How much each word is each group's own."""
    per_group = np.vstack([np.asarray(counts[labels == at].sum(axis=0)).ravel() for at in range(number)])  # type: ignore[index]
    words_each = per_group.sum() / number
    everywhere = np.maximum(per_group.sum(axis=0), 1.0)
    return per_group / np.maximum(per_group.sum(axis=1, keepdims=True), 1.0) * np.log(1 + words_each / everywhere)


def overlap(one: np.ndarray, other: np.ndarray) -> list[float]:
    """For each group of `one`, the Jaccard index of its members with those of its match in `other`."""
    n, m = int(one.max()) + 1, int(other.max()) + 1
    if m < 1:
        return [0.0] * n
    alike = np.array([
        [((one == i) & (other == j)).sum() / max(1, ((one == i) | (other == j)).sum()) for j in range(m)]
        for i in range(n)
    ])  # fmt: skip
    matched = [0.0] * n
    for ours, theirs in zip(*linear_sum_assignment(-alike), strict=True):
        matched[ours] = float(alike[ours, theirs])
    return matched


def _steadiness(near: np.ndarray, labels: np.ndarray, topics: int, runs: int, seed: int) -> tuple[float, list[float]]:
    """How well the groups come back on parts of the texts."""
    draw = np.random.default_rng(seed)
    found: list[Sequence[float]] = []
    for run in range(runs):
        rows = np.sort(draw.choice(len(near), size=round(SHARE * len(near)), replace=False))
        again = group(near[rows], topics, seed + run + 1)
        found.append(overlap(np.where(labels[rows] >= 0, labels[rows], -1), again))
    number = int(labels.max()) + 1
    padded = [list(values) + [0.0] * (number - len(values)) for values in found]
    each = np.mean(padded, axis=0)
    return float(each.mean()), [float(value) for value in each]


def _by_chance(near: np.ndarray, topics: int, runs: int, seed: int) -> tuple[float, ...]:
    """The same for points whose coordinates are dealt out anew at random, each by itself."""
    draw = np.random.default_rng(seed)
    found = []
    for turn in range(SHUFFLES):
        mixed = np.column_stack([draw.permutation(column) for column in near.T])
        labels = group(mixed, topics, seed + turn)
        found.append(_steadiness(mixed, labels, topics, min(runs, 4), seed + turn)[0] if labels.max() > 0 else 0.0)
    return tuple(found)
