"""The index, and what it finds: by words (BM25), by meaning, and by both together."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

import embedding
from evidence import Evidence
from language import sentences
from passages import Passage
from retrieval import MeaningIndex, WordIndex, fused
from words import Words

METHODS = ("words", "meaning", "both")


@dataclass(frozen=True)
class Hit:
    """One passage that was found."""

    passage: int
    rank: int
    words: float  # the BM25 score
    meaning: float  # the cosine
    cover: float  # the share of the query's words that it holds
    sentence: str  # the one that holds most of the query


@dataclass(frozen=True)
class Found:
    """One query's hits, the best first; `limit` is the cover that chance reaches once in 20."""

    query: str
    hits: tuple[Hit, ...]
    limit: float

    @property
    def weak(self) -> bool:
        """Whether the best hit holds no more of the query than a query of chance words would find."""
        return not self.hits or max(hit.cover for hit in self.hits) < self.limit


class Index:
    """The passages, ready to be searched."""

    def __init__(self, passages: Sequence[Passage], engine: str, model: str, seed: int, words: Words) -> None:
        self.passages = passages
        texts = [passage.text for passage in passages]
        self.by_words = WordIndex(texts)
        self.evidence = Evidence(self.by_words, texts, seed)
        self.embedder = embedding.Embedder(model, words) if engine == "embeddings" else None
        self.by_meaning = MeaningIndex(texts, seed) if self.embedder is None else None
        self.vectors = self.embedder.embed(texts) if self.embedder else self.by_meaning.vectors  # type: ignore[union-attr]

    def scores(self, query: str) -> dict[str, np.ndarray]:
        """Every passage's score by each method."""
        plain = self.by_words.scores(query)
        if self.embedder is not None:
            near = np.asarray(self.vectors @ self.embedder.embed([query], query=True)[0])
        else:
            near = self.by_meaning.scores(query)  # type: ignore[union-attr]
        return {"words": plain, "meaning": near, "both": fused([plain, near])}

    def find(self, query: str, top: int) -> Found:
        """The best passages for a query."""
        scores, cover = self.scores(query), self.evidence.cover(query)
        order = [at for at in np.argsort(-scores["both"], kind="stable") if scores["both"][at] > 0][:top]
        hits = tuple(
            Hit(
                passage=int(at),
                rank=rank,
                words=float(scores["words"][at]),
                meaning=float(scores["meaning"][at]),
                cover=float(cover[at]),
                sentence=best_sentence(self.passages[at].text, query, self.evidence),
            )
            for rank, at in enumerate(order, 1)
        )
        return Found(query, hits, self.evidence.limit(query))


def best_sentence(text: str, query: str, evidence: Evidence) -> str:
    """The sentence of a passage that holds most of the query; empty where none holds anything."""
    parts = sentences(text)
    values = [evidence.cover_of(query, part) for part in parts]
    return parts[int(np.argmax(values))] if parts and max(values) > 0 else ""
