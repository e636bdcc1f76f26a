"""Finds passages by words and by what goes with them: BM25, latent semantic analysis, and the two put together.

BM25 as Robertson & Zaragoza (2009) give it, with k1 = 1.2 and b = 0.75, over stems. Latent semantic analysis is a
truncated singular value decomposition of TF-IDF over words and over pieces of words, which Danish compounds share
(cykelsti, stisystem). The two rankings are put together by reciprocal rank fusion with k = 60 (Cormack, Clarke &
Büttcher 2009), as their scores cannot be compared.
"""

import math
from collections import Counter
from collections.abc import Sequence

import numpy as np
from scipy import sparse
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import FeatureUnion
from sklearn.preprocessing import normalize
from threadpoolctl import threadpool_limits

from language import QUESTION, guess_language, terms

K1, B, FUSION = 1.2, 0.75, 60
LANGUAGES = ("da", "en")
MOST_DIMENSIONS = 200


THREADS_PAY = 5000  # passages from which on several threads are faster than one


def stems(text: str, language: str = "") -> list[str]:
    """The content words of a text as stems."""
    return [term for term, _ in terms(text, language)]


class WordIndex:
    """Passages by their words: BM25 scores, and how rare each word is."""

    def __init__(self, texts: Sequence[str]) -> None:
        bags = [Counter(stems(text)) for text in texts]
        self.place = {term: at for at, term in enumerate(sorted(set().union(*bags)))}
        lengths = np.array([sum(bag.values()) for bag in bags], dtype=float)
        rows = [at for at, bag in enumerate(bags) for _ in bag]
        columns = [self.place[term] for bag in bags for term in bag]
        counts = np.array([n for bag in bags for n in bag.values()], dtype=float)
        shape = (len(bags), len(self.place))
        documents = np.bincount(columns, minlength=len(self.place)) if columns else np.zeros(len(self.place))
        n = len(bags)
        self.rarity = np.log(1 + (n - documents + 0.5) / (documents + 0.5))
        self.rarest = math.log(1 + (n + 0.5) / 0.5)  # of a word that no passage has
        average = max(lengths.mean(), 1.0) if n else 1.0
        weight = counts * (K1 + 1) / (counts + K1 * (1 - B + B * lengths[rows] / average)) if rows else counts
        self.matrix = sparse.csr_matrix((weight * self.rarity[columns], (rows, columns)), shape=shape)
        self._passages = sparse.csc_matrix((np.ones(len(rows)), (rows, columns)), shape=shape)

    @property
    def passages(self) -> int:
        """How many there are."""
        return int(self.matrix.shape[0])

    def holding(self, term: str) -> np.ndarray:
        """The passages that hold a word of the index."""
        at = self.place[term]
        return self._passages.indices[self._passages.indptr[at] : self._passages.indptr[at + 1]]

    def stems_of(self, query: str) -> list[str]:
        """What a query asks about, as stems; too short to tell its language, in that of which the index knows more."""
        language = guess_language(query)
        tried = [
            [term for term, _ in terms(query, one, leave_out=QUESTION)]
            for one in ([language] if language else LANGUAGES)
        ]
        return max(tried, key=lambda found: sum(term in self.place for term in found))

    def scores(self, query: str) -> np.ndarray:
        """The BM25 score of every passage."""
        known = Counter(self.place[term] for term in self.stems_of(query) if term in self.place)
        if not known:
            return np.zeros(self.matrix.shape[0])
        vector = np.zeros(self.matrix.shape[1])
        vector[list(known)] = list(known.values())
        return np.asarray(self.matrix @ vector)


class MeaningIndex:
    """Passages as points, near each other when they use words that go together (latent semantic analysis)."""

    def __init__(self, texts: Sequence[str], seed: int) -> None:
        self.vectorizer = FeatureUnion([
            ("words", TfidfVectorizer(analyzer=stems, sublinear_tf=True)),
            ("pieces", TfidfVectorizer(analyzer="char_wb", ngram_range=(4, 5), sublinear_tf=True, max_features=60_000)),
        ])  # fmt: skip
        features = self.vectorizer.fit_transform(texts)
        most = min(MOST_DIMENSIONS, features.shape[0] - 1, features.shape[1] - 1)
        self.svd = TruncatedSVD(n_components=max(1, most), random_state=seed) if most >= 2 else None
        self.vectors = self._points(features, fit=True)

    def _points(self, features: sparse.csr_matrix, *, fit: bool = False) -> np.ndarray:
        if self.svd is None:
            return normalize(np.asarray(features.todense()))
        with threadpool_limits(limits=1 if features.shape[0] < THREADS_PAY else None):
            return normalize(self.svd.fit_transform(features) if fit else self.svd.transform(features))

    def scores(self, query: str) -> np.ndarray:
        """The cosine of every passage to the query."""
        return np.asarray(self.vectors @ self._points(self.vectorizer.transform([query]))[0])


def ranks(scores: np.ndarray) -> np.ndarray:
    """Each passage's rank, 1 for the best; equal scores in the passages' own order."""
    order = np.argsort(-scores, kind="stable")
    place = np.empty(len(scores), dtype=int)
    place[order] = np.arange(1, len(scores) + 1)
    return place


def fused(scores: Sequence[np.ndarray]) -> np.ndarray:
    """Rankings put together by reciprocal rank fusion; passages that a method gives nothing get nothing from it."""
    total = np.zeros(len(scores[0]))
    for values in scores:
        total += np.where(values > 0, 1.0 / (FUSION + ranks(values)), 0.0)
    return total
