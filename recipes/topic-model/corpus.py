"""The texts as counts of words: what one text is, when it is from, which words count, and how a word is shown."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse
from sklearn.feature_extraction.text import TfidfTransformer

from documents import Piece, Reading, by_file
from language import commonest_forms, guess_language, terms
from passages import passages
from words import CannotGoOn, Words

FEWEST, MOST = 20, 200_000  # texts
LONG, PASSAGE = 400, 200  # words: texts longer than LONG hold several topics, so they are cut into passages
TOO_COMMON = 0.5  # a word in more of the texts than this tells none of them apart
_YEAR = re.compile(r"(?<!\d)(1[5-9]\d\d|20\d\d)(?!\d)")
_SHORT_YEAR = re.compile(r"^\s*\d{1,2}[./-]\d{1,2}[./-](\d\d)(?!\d)")


@dataclass(frozen=True)
class Unit:
    """One text as the method sees it: a document, a row, or a passage of a long document."""

    piece: Piece
    part: int  # which passage; 0 for a whole text
    text: str
    year: int | None


@dataclass(frozen=True)
class Corpus:
    """The texts as counts: `bags` holds each text's words as places in `vocabulary`, in their order."""

    units: tuple[Unit, ...]
    kind: str  # document, passage
    vocabulary: tuple[str, ...]
    shown: tuple[str, ...]  # each word as it most often stands
    bags: tuple[np.ndarray, ...]
    no_words: int  # texts of which nothing was left
    no_year: int

    @property
    def counts(self) -> sparse.csr_matrix:
        """Texts by words."""
        return count(self.bags, len(self.vocabulary))


def count(bags: Sequence[np.ndarray], words: int) -> sparse.csr_matrix:
    """How often each word stands in each text."""
    rows = np.repeat(np.arange(len(bags)), [len(bag) for bag in bags])
    columns = np.concatenate(bags) if bags else np.array([], dtype=int)
    return sparse.csr_matrix((np.ones(len(rows)), (rows, columns)), shape=(len(bags), words))


def tfidf(counts: sparse.csr_matrix) -> sparse.csr_matrix:
    """Counts weighted so that words of few texts count more, and long texts not more than short ones."""
    return TfidfTransformer(sublinear_tf=True).fit_transform(counts)


def year_of(text: str) -> int | None:
    """The year that a date such as 03-05-2021, 2021-05-03, 3/5/21 or »maj 2021« is in."""
    found = _YEAR.search(text)
    if found:
        return int(found[1])
    short = _SHORT_YEAR.match(text)
    return None if short is None else 2000 + int(short[1]) if int(short[1]) < 50 else 1900 + int(short[1])


def build(reading: Reading, params: dict[str, object], date: str | None, words: Words) -> Corpus:
    """The texts as counts. Raises CannotGoOn when they are too few or have no words in common."""
    wholes = by_file(reading.pieces)
    kind = str(params["unit"])
    if kind == "auto":
        kind = "passage" if np.median([len(piece.text.split()) for piece in wholes]) > LONG else "document"
    if kind == "passage":
        cut = [(passage.piece, passage.part, passage.text) for passage in passages(wholes, PASSAGE)]
    else:
        cut = [(piece, 0, piece.text) for piece in wholes]
    units = [Unit(piece, part, text, _year(piece, date)) for piece, part, text in cut]
    if len(units) < FEWEST:
        raise CannotGoOn(words("stop-few", n=len(units), least=FEWEST))
    if len(units) > MOST:
        raise CannotGoOn(words("stop-many", n=words.whole(len(units)), most=words.whole(MOST)))
    left_out = {part.strip().lower() for part in str(params["leave_out"] or "").split(";") if part.strip()}
    merge = bool(params["merge_forms"])
    pairs = [terms(unit.text, guess_language(unit.text), merge=merge, leave_out=left_out) for unit in units]
    spread = Counter(term for found in pairs for term in {term for term, _ in found})
    least = 2 if len(units) < 500 else max(3, len(units) // 1000)
    kept = sorted(term for term, n in spread.items() if least <= n <= TOO_COMMON * len(units))
    if len(kept) < 20:
        raise CannotGoOn(words("stop-no-words"))
    place = {term: at for at, term in enumerate(kept)}
    bags = [np.array([place[term] for term, _ in found if term in place], dtype=int) for found in pairs]
    full = [at for at, bag in enumerate(bags) if len(bag)]
    forms = commonest_forms(pair for found in pairs for pair in found if pair[0] in place)
    return Corpus(
        units=tuple(units[at] for at in full),
        kind=kind,
        vocabulary=tuple(kept),
        shown=tuple(forms[term] for term in kept),
        bags=tuple(bags[at] for at in full),
        no_words=len(units) - len(full),
        no_year=sum(units[at].year is None for at in full),
    )


def _year(piece: Piece, date: str | None) -> int | None:
    if piece.kind == "row":
        return year_of(piece.fields.get(date, "")) if date else None
    return year_of(piece.file)
