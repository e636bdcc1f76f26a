"""Search in Danish and English at once: stems, beginnings of words, parts of compounds, and near spellings.

Each word of the query is looked up in four ways, each worth less than the one before. How much a hit counts depends
on how rare the word is (bm25, FTS5's own) and on where it stands: a name more than a search word, that more than the
summary, and that more than the rest. An entry that matches all words comes before one that matches some.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import log
from typing import TYPE_CHECKING

from dkai.catalogue.reasons import Match, Matcher, reasons_for
from dkai.catalogue.stem import STOP_WORDS, fold, stems, trigrams, words_in

if TYPE_CHECKING:
    from dkai.catalogue.catalogue import Catalogue, Entry

LONGEST_QUERY = 500  # characters; what comes after is not looked at
MOST_WORDS = 12
EXACT, BEGINNING, PART, SPELLING = 1.0, 0.6, 0.5, 0.65
_IN_PASSING = 0.5
_WEIGHTS = "10.0, 6.0, 3.0, 1.0"  # of the columns name, words, summary, body
_MOST_ROWS = 2000
_WORTH_SHOWING = 0.08  # of the best hit's score; what is below shares one common word with the query


@dataclass(frozen=True, slots=True)
class Hit:
    """An entry, how well it fits, and why."""

    entry: Entry
    score: float
    matches: tuple[Match, ...]


def search(catalogue: Catalogue, query: str, kinds: Iterable[str] | None = None, limit: int = 20) -> list[Hit]:
    """The best `limit` entries; an empty query, or one without letters and digits, finds nothing."""
    words = query_words(query)
    wanted = None if kinds is None else tuple(kinds)
    if not words or wanted == () or limit < 1:
        return []
    scores: dict[int, float] = {}
    covered: dict[int, float] = {}
    total = 0.0
    all_entries = sum(catalogue.counts().values()) or 1
    matchers = [_matcher(catalogue, word) for word in words]
    for matcher in matchers:
        found = _look_up(catalogue, matcher, wanted)
        rare = log(1 + all_entries / max(len(found), 1))
        total += rare
        for number, fit in found.items():
            scores[number] = scores.get(number, 0.0) + rare * fit
            covered[number] = covered.get(number, 0.0) + rare
    for number in _called(catalogue, query, wanted):
        scores[number] = scores.get(number, 0.0) + 100.0
        covered[number] = total
    final = {number: score * (covered[number] / total) ** 1.5 for number, score in scores.items()}
    enough = max(final.values(), default=0.0) * _WORTH_SHOWING
    ranked = sorted((n for n in final if final[n] >= enough), key=lambda n: (-final[n], n))[:limit]
    entries = catalogue.numbered(ranked)
    why = reasons_for(catalogue, ranked, entries, matchers)
    return [Hit(entries[n], round(final[n], 4), why[n]) for n in ranked]


def query_words(query: str) -> list[str]:
    """The words that are looked for: each once, without those that say nothing (unless there are no others)."""
    words = list(dict.fromkeys(words_in(query[:LONGEST_QUERY])))
    telling = [word for word in words if word not in STOP_WORDS]
    return (telling or words)[:MOST_WORDS]


def _matcher(catalogue: Catalogue, word: str) -> Matcher:
    """The forms in which one word of the query may occur."""
    exact = stems(word)
    # A stem that is much shorter than its word (`stud` for studerende) begins too many others.
    shortest_beginning = max(3, 0.6 * len(word))
    beginnings = tuple(form for form in exact if len(form) >= shortest_beginning)
    parts: dict[str, None] = {}
    near: dict[str, float] = {}
    folded = fold(word)
    if len(folded) >= 4:
        shortest = min(exact, key=len)
        grams = trigrams(folded)
        question = " OR ".join(f'"{gram}"' for gram in grams if gram.isalnum())
        rows = catalogue.rows(
            "SELECT word, stems FROM word WHERE number IN (SELECT rowid FROM spelling WHERE spelling MATCH ?"
            " ORDER BY rank LIMIT 120)",
            (question,),
        )
        for other, forms in rows:
            if (len(shortest) >= 5 and shortest in other) or any(_is_part(form, folded) for form in forms.split()):
                parts |= dict.fromkeys(forms.split())
            elif (alike := _alike(grams, trigrams(other))) >= 0.5:
                near |= {form: max(alike, near.get(form, 0.0)) for form in forms.split()}
    for form in exact:
        parts.pop(form, None)
        near.pop(form, None)
    return Matcher(word, exact, beginnings, tuple(parts), near)


def _is_part(word: str, compound: str) -> bool:
    """Whether the compound begins or ends with the word, and something that can be a word is left."""
    return 5 <= len(word) <= len(compound) - 3 and (compound.startswith(word) or compound.endswith(word))


def _alike(ours: list[str], theirs: list[str]) -> float:
    """Dice's coefficient of two words' trigrams, between 0 and 1."""
    return 2 * len(set(ours) & set(theirs)) / (len(ours) + len(theirs))


def _look_up(catalogue: Catalogue, matcher: Matcher, kinds: tuple[str, ...] | None) -> dict[int, float]:
    """Entry → how well it fits one word of the query, between 0 and 1."""
    fits: dict[int, float] = {}

    def add(question: str, worth: float) -> None:
        if question:
            # Words by which an entry wants to be found count fully; those that only occur in its texts count less.
            for columns, share in (("{name words} : ", worth), ("", worth * _IN_PASSING)):
                rows = _ask(catalogue, f"{columns}({question})", kinds)
                best = max((rank for _, rank in rows), default=0.0) or 1.0
                for number, rank in rows:
                    fits[number] = max(fits.get(number, 0.0), share * (0.4 + 0.6 * rank / best))

    add(_or(matcher.exact), EXACT)
    known = bool(fits)
    add(" OR ".join(f'"{form}"*' for form in matcher.beginnings), BEGINNING)
    before = len(fits)
    add(_or(matcher.parts), PART)
    if not known and len(fits) == before:
        # A word that occurs, or is put together of words that do, is not misspelt.
        by_alikeness: dict[float, list[str]] = {}
        for form, alike in matcher.near.items():
            by_alikeness.setdefault(round(alike, 1), []).append(form)
        for alike, forms in by_alikeness.items():
            add(_or(tuple(forms)), SPELLING * alike**2)
    return fits


def _or(forms: tuple[str, ...]) -> str:
    return " OR ".join(f'"{form}"' for form in forms)


def _ask(catalogue: Catalogue, question: str, kinds: tuple[str, ...] | None) -> list[tuple[int, float]]:
    """Entries and their rank (greater is better). Only our own quoted forms ever reach FTS5's query language."""
    sql = f"SELECT search.rowid, -bm25(search, {_WEIGHTS}) FROM search"  # noqa: S608 - constants
    values: list[object] = [question]
    if kinds is not None:
        marks = ", ".join("?" * len(kinds))
        sql += f" JOIN entry ON entry.number = search.rowid WHERE search MATCH ? AND entry.kind IN ({marks})"
        values += kinds
    else:
        sql += " WHERE search MATCH ?"
    return [(n, max(rank, 0.0)) for n, rank in catalogue.rows(f"{sql} ORDER BY 2 DESC LIMIT {_MOST_ROWS}", values)]


def _called(catalogue: Catalogue, query: str, kinds: tuple[str, ...] | None) -> list[int]:
    """Entries whose id or other name the query is."""
    name = "-".join(words_in(query[:LONGEST_QUERY]))
    rows = catalogue.rows(
        "SELECT number, kind FROM entry WHERE id = ? UNION"
        " SELECT number, kind FROM entry WHERE number IN (SELECT number FROM alias WHERE alias = ?)",
        (name, name),
    )
    return [number for number, kind in rows if kinds is None or kind in kinds]
