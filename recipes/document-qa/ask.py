"""What the documents have on each question: the best passages, how much of it they hold, and which sentences."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from evidence import Evidence
from language import guess_language, sentences
from passages import Passage
from retrieval import MeaningIndex, WordIndex, fused

SENSELESS = 3  # words that, drawn at random, make no question
CONTROLS = 100  # questions of chance that the limit is checked on; it was set by others


@dataclass(frozen=True)
class Source:
    """One passage that may answer, and its sentences that hold most of the question."""

    number: int  # as it is cited, from 1
    passage: Passage
    cover: float
    quoted: tuple[str, ...]


@dataclass(frozen=True)
class Looked:
    """What was found for a question; `limit` is the cover that chance reaches once in 20."""

    question: str
    language: str  # da or en
    sources: tuple[Source, ...]
    limit: float

    @property
    def cover(self) -> float:
        """How much of the question the best passage holds."""
        return max((source.cover for source in self.sources), default=0.0)

    @property
    def found(self) -> bool:
        """Whether that is more than chance gives."""
        return bool(self.sources) and self.cover >= self.limit


class Library:
    """The passages, ready to be asked."""

    def __init__(self, passages: Sequence[Passage], seed: int, language: str) -> None:
        self.passages, self.seed, self.language = passages, seed, language
        texts = [passage.text for passage in passages]
        self.words = WordIndex(texts)
        self.meaning = MeaningIndex(texts, seed)
        self.evidence = Evidence(self.words, texts, seed)

    def look(self, question: str, most: int) -> Looked:
        """The best passages for a question, those that hold most of it first."""
        cover = self.evidence.cover(question)
        both = fused([self.words.scores(question), self.meaning.scores(question)])
        near = [at for at in np.argsort(-both, kind="stable") if both[at] > 0][: 4 * most]
        best = sorted(near, key=lambda at: (-round(float(cover[at]), 2), -float(both[at])))[:most]
        sources = tuple(
            Source(number, self.passages[at], float(cover[at]), self._quoted(question, self.passages[at].text))
            for number, at in enumerate(best, 1)
        )
        return Looked(question, guess_language(question) or self.language, sources, self.evidence.limit(question))

    def _quoted(self, question: str, text: str) -> tuple[str, ...]:
        """The sentence that holds most of the question, and a second one nearly as good; in their order."""
        parts = sentences(text)
        values = [self.evidence.cover_of(question, part) for part in parts]
        best = max(values, default=0.0)
        if best == 0:
            return ()
        chosen = sorted(range(len(parts)), key=lambda at: (-values[at], at))[:2]
        return tuple(parts[at] for at in sorted(chosen) if values[at] >= 0.7 * best)

    def false_alarms(self, looked: Sequence[Looked]) -> float | None:
        """The share of questions of chance, about as long as the asked ones, that pass the limit. None without words.

        They have three words or more: a question of one word from the documents is rightly found there.
        """
        known = self.evidence.known
        lengths = [max(SENSELESS, len(set(self.words.stems_of(one.question)))) for one in looked]
        lengths = [n for n in lengths if n < len(known)]
        if not lengths:
            return None
        draw = random.Random(self.seed + 777_777)
        passed = 0
        for turn in range(CONTROLS):
            n = lengths[turn % len(lengths)]
            passed += self.evidence.best_cover(draw.sample(known, n)) >= self.evidence.limit_of(n)
        return passed / CONTROLS
