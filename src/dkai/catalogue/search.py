"""Search in Danish and English at once: stems, beginnings, parts of compounds, synonyms and near spellings.

Each word of the query is looked up in these ways, each worth less than the one before. Only the word itself is ranked
by where and how often it stands (bm25, FTS5's own): a name counts more than a search word, that more than the summary.
A rare word counts for more than a common one, and an entry that matches all words comes before one that matches some.

The best are then looked into: how much of the query do single phrases of theirs hold (evidence.py)? No entry is read
for that; reasons are worked out for the few that are shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import log
from typing import TYPE_CHECKING

from dkai.catalogue.evidence import evidence_for
from dkai.catalogue.matcher import LONGEST_QUERY, Matcher, Meets, matchers_for, query_words
from dkai.catalogue.reasons import Match, reasons_for
from dkai.catalogue.stem import words_in

if TYPE_CHECKING:
    from dkai.catalogue.catalogue import Catalogue, Entry

# What the ways are worth in which a word may meet an entry; LIKE: parts of compounds and synonyms.
EXACT, BEGINNING, LIKE, SPELLING = 1.0, 0.45, 0.5, 0.5
IN_PASSING = 0.2  # of what a word is worth, where it stands in an entry's texts only
_WANTED, _IN_PASSING = "{name words asks}", "{summary body}"  # columns: words by which it wants to be found; its texts
_LIKE = "{name words asks akin}"  # only the last has groups of the thesaurus
_WEIGHTS = "10.0, 6.0, 5.0, 6.0, 3.0, 1.0"  # of the index's columns
_MOST_ROWS = 600  # entries in which one word is looked for; only a catalogue of thousands has more
_COMMON, _FEW = 0.2, 30  # of all entries, and at least: a word that more have
_LOOKED_INTO = 20  # entries whose phrases are compared with the query
_EVIDENCE = 3.0  # what that comparison is worth beside the words themselves
_MUCH_ALIKE = 0.75  # spelling, of 1
_BY_NAME = 100.0  # for the entry whose id or other name the query is
_WORTH_SHOWING = 0.15  # of the best hit's score; what is below shares one common word with the query …
_AT_LEAST = 10  # … and is left out after the first ten


@dataclass(frozen=True, slots=True)
class Ranked:
    """An entry by the index's own number, and how well it fits."""

    number: int
    score: float


@dataclass(frozen=True, slots=True)
class Ranking:
    """All entries that fit a query, best first; `meets` tells why."""

    items: tuple[Ranked, ...]
    words: tuple[str, ...]  # of the query
    meets: Meets


@dataclass(frozen=True, slots=True)
class Hit:
    """An entry, how well it fits, and why."""

    entry: Entry
    score: float
    matches: tuple[Match, ...]


def search(catalogue: Catalogue, query: str, kinds: Iterable[str] | None = None, limit: int = 20) -> list[Hit]:
    """The best `limit` entries; an empty query, or one without letters and digits, finds nothing."""
    ranking = rank(catalogue, query, kinds)
    best = ranking.items[: max(limit, 0)]
    numbers = [one.number for one in best]
    entries = catalogue.numbered(numbers)
    why = explain(catalogue, ranking, entries)
    return [Hit(entries[one.number], round(one.score, 4), why[one.number]) for one in best]


def rank(catalogue: Catalogue, query: str, kinds: Iterable[str] | None = None) -> Ranking:
    """Everything that fits the query, best first."""
    words = query_words(query)
    wanted = None if kinds is None else tuple(kinds)
    if not words or wanted == ():
        return Ranking((), (), Meets(()))
    matchers = matchers_for(catalogue, words)
    counts = catalogue.counts()
    all_entries = sum(n for kind, n in counts.items() if wanted is None or kind in wanted) or 1
    looked = [_look_up(catalogue, matcher, wanted, all_entries) for matcher in matchers]
    # How rare the word itself is; how common its synonyms are says nothing about it.
    rare = [log(1 + all_entries / max(one.occurs or len(one.fits), 1)) for one in looked]
    shares = [one / sum(rare) for one in rare]
    scores: dict[int, float] = {}
    covered: dict[int, float] = {}
    for share, one in zip(shares, looked, strict=True):
        for number, fit in one.fits.items():
            scores[number] = scores.get(number, 0.0) + share * fit
            covered[number] = covered.get(number, 0.0) + share
    final = {number: score * covered[number] for number, score in scores.items()}
    best = sorted(final, key=lambda number: (-final[number], number))[:_LOOKED_INTO]
    told = [m if one.misspelt else replace(m, spelt_alike=()) for m, one in zip(matchers, looked, strict=True)]
    meets = Meets(told)
    for number, evidence in evidence_for(catalogue, best, meets, shares).items():
        final[number] += _EVIDENCE * evidence
    enough = max(final.values(), default=0.0) * _WORTH_SHOWING
    for number in _called(catalogue, query, wanted):
        final[number] = final.get(number, 0.0) + _BY_NAME
    ranked = sorted((-score, number) for number, score in final.items())
    worth_it = [one for place, one in enumerate(ranked) if place < _AT_LEAST or -one[0] >= enough]
    return Ranking(tuple(Ranked(number, -score) for score, number in worth_it), tuple(words), meets)


def explain(catalogue: Catalogue, ranking: Ranking, entries: dict[int, Entry]) -> dict[int, tuple[Match, ...]]:
    """Why each of these entries was found, by the index's number."""
    return reasons_for(catalogue, entries, ranking.words, ranking.meets)


@dataclass(frozen=True, slots=True)
class _Looked:
    """What was found for one word of the query."""

    fits: dict[int, float]  # entry → how well it fits, between 0 and 1
    occurs: int  # in how many entries the word itself occurs
    misspelt: bool  # nothing has the word, so that near spellings count


def _look_up(catalogue: Catalogue, matcher: Matcher, kinds: tuple[str, ...] | None, all_entries: int) -> _Looked:
    exact = _or(matcher.exact)
    # Words by which an entry wants to be found count by where they stand and how often; for what is only like them, and
    # for words in passing, it is enough that they are there.
    ranked = _ask(catalogue, f"{_WANTED} : ({exact})", kinds)
    best = max((rank for _, rank in ranked), default=0.0) or 1.0
    fits = {number: EXACT * (0.4 + 0.6 * rank / best) for number, rank in ranked}

    def add(columns: str, question: str, worth: float) -> None:
        for number in _which(catalogue, f"{columns} : ({question})", kinds) if question else ():
            if worth > fits.get(number, 0.0):
                fits[number] = worth

    if len(fits) <= _FEW:
        add(_IN_PASSING, exact, EXACT * IN_PASSING)
    occurs = len(fits)
    if occurs > max(_COMMON * all_entries, _FEW):
        return _Looked(fits, occurs, misspelt=False)  # so common that what is only like it tells nothing
    beginnings = " OR ".join(f'"{form}"*' for form in matcher.beginnings)
    if beginnings:
        add(_WANTED, f"({beginnings}) NOT ({exact})", BEGINNING)  # those have more by now
    before = len(fits)
    add(_LIKE, _or((*matcher.parts, *matcher.akin)), LIKE)
    # A word that occurs is not misspelt; one that is put together of words that do is not misspelt by much.
    misspelt = not occurs
    if misspelt:
        least = 0.0 if len(fits) == before else _MUCH_ALIKE
        by_alikeness: dict[float, list[str]] = {}
        for form, alike in matcher.near.items():
            if alike >= least:
                by_alikeness.setdefault(round(alike, 1), []).append(form)
        for alike, forms in by_alikeness.items():
            add(_WANTED, _or(forms), SPELLING * alike**2)
            add(_IN_PASSING, _or(forms), SPELLING * alike**2 * IN_PASSING)
    return _Looked(fits, occurs, misspelt)


def _or(forms: Sequence[str]) -> str:
    return " OR ".join(f'"{form}"' for form in forms)


def _ask(catalogue: Catalogue, question: str, kinds: tuple[str, ...] | None) -> list[tuple[int, float]]:
    """Entries and their rank (greater is better). Only our own quoted forms ever reach FTS5's query language."""
    of_kinds, ends = _of_kinds(catalogue, kinds)
    sql = f"SELECT rowid, -bm25(search, {_WEIGHTS}) FROM search WHERE search MATCH ? {of_kinds}"  # noqa: S608 - constants
    return catalogue.rows(f"{sql} ORDER BY 2 DESC LIMIT {_MOST_ROWS}", [question, *ends])


def _which(catalogue: Catalogue, question: str, kinds: tuple[str, ...] | None) -> list[int]:
    """Entries alone, which costs a third of ranking them."""
    of_kinds, ends = _of_kinds(catalogue, kinds)
    sql = f"SELECT rowid FROM search WHERE search MATCH ? {of_kinds} LIMIT {_MOST_ROWS}"  # noqa: S608 - constants
    return [number for (number,) in catalogue.rows(sql, [question, *ends])]


def _of_kinds(catalogue: Catalogue, kinds: tuple[str, ...] | None) -> tuple[str, list[int]]:
    """The condition that keeps to these kinds, and its values."""
    if kinds is None:
        return "", []
    runs = [run for kind, run in catalogue.runs.items() if kind in kinds]
    condition = " OR ".join(["rowid BETWEEN ? AND ?"] * len(runs)) or "0"
    return f"AND ({condition})", [end for run in runs for end in run]


def _called(catalogue: Catalogue, query: str, kinds: tuple[str, ...] | None) -> list[int]:
    """Entries whose id or other name the query is."""
    name = "-".join(words_in(query[:LONGEST_QUERY]))
    rows = catalogue.rows(
        "SELECT number, kind FROM entry WHERE id = ? UNION"
        " SELECT number, kind FROM entry WHERE number IN (SELECT number FROM alias WHERE alias = ?)",
        (name, name),
    )
    return [number for number, kind in rows if kinds is None or kind in kinds]
