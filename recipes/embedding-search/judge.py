"""How good the search is, on questions whose right documents a human has named in judged.csv.

Each method ranks the documents by their best passage. Recall at 5 is the share of the right documents among the first
five; the first hit is right or not; chance is what a random order of the documents gives on average.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

import numpy as np

import task
from rows import read_rows
from words import CannotGoOn, Words

FILE, TOP, FEWEST = "judged.csv", 5, 20


@dataclass(frozen=True)
class Judged:
    """A question and the files that answer it."""

    query: str
    files: frozenset[str]


@dataclass(frozen=True)
class Quality:
    """One method on all judged questions."""

    first: float  # the share whose first document is right
    recall: float  # at 5
    firsts: tuple[bool, ...]


def read_judged(files: Sequence[str], words: Words) -> list[Judged]:
    """The judged questions, if there are any. Raises CannotGoOn when a named file is not among the documents."""
    path = task.INPUT / FILE
    if not path.is_file():
        return []
    table = read_rows(path, FILE, words)
    if len(table.names) < 2:
        raise CannotGoOn(words("stop-judged", file=FILE))
    query, target = table.names[:2]
    known = {name.casefold(): name for file in files for name in (file,)}
    known.update({PurePosixPath(file).name.casefold(): file for file in files})
    right: dict[str, set[str]] = {}
    for line, cells in table.rows:
        file = known.get(cells[target].strip().casefold())
        if file is None:
            raise CannotGoOn(words("stop-judged-file", file=FILE, line=line, name=words.quote(cells[target].strip())))
        right.setdefault(" ".join(cells[query].split()), set()).add(file)
    return [Judged(text, frozenset(found)) for text, found in right.items()]


def documents_in_order(scores: np.ndarray, files: Sequence[str]) -> list[str]:
    """The documents by their best passage; those that nothing was found in are left out."""
    order = np.argsort(-scores, kind="stable")
    return list(dict.fromkeys(files[at] for at in order if scores[at] > 0))


def quality(judged: Sequence[Judged], rankings: Sequence[Sequence[str]]) -> Quality:
    """How good the rankings are, one for each question."""
    firsts = tuple(bool(ranked) and ranked[0] in one.files for one, ranked in zip(judged, rankings, strict=True))
    recalls = [
        len(one.files & set(ranked[:TOP])) / len(one.files) for one, ranked in zip(judged, rankings, strict=True)
    ]
    return Quality(float(np.mean(firsts)), float(np.mean(recalls)), firsts)


def by_chance(judged: Sequence[Judged], documents: int) -> tuple[float, float]:
    """The first hit and the recall at 5 of a random order, on average."""
    first = float(np.mean([len(one.files) / documents for one in judged]))
    return first, min(1.0, TOP / documents)


def surely_better(one: Quality, other: Quality) -> bool:
    """Whether one method's first hit is right on more questions than the other's, beyond chance (exact sign test)."""
    from scipy.stats import binomtest

    won = sum(a and not b for a, b in zip(one.firsts, other.firsts, strict=True))
    lost = sum(b and not a for a, b in zip(one.firsts, other.firsts, strict=True))
    return won > lost and binomtest(won, won + lost).pvalue < 0.05


def best(found: Mapping[str, Quality]) -> str:
    """The method with most right first hits, then the best recall, then the first named."""
    return max(found, key=lambda name: (found[name].first, found[name].recall))
