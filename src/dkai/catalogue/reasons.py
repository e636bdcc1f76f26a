"""Why an entry was found, in the entry's own words."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from dkai.catalogue.matcher import HOW, Meets
from dkai.catalogue.phrases import phrases_of
from dkai.catalogue.stem import fold, words_in
from dkai.core.i18n import language

if TYPE_CHECKING:
    from dkai.catalogue.catalogue import Catalogue, Entry


@dataclass(frozen=True, slots=True)
class Match:
    """One word of the query, and what it met."""

    query: str
    words: str  # as the entry writes it
    field: str  # name, words, asks, summary or body
    how: str  # one of HOW: word (in any inflection), beginning, part (of a compound), synonym, spelling


def reasons_for(
    catalogue: Catalogue, entries: Mapping[int, Entry], words: Sequence[str], meets: Meets
) -> dict[int, tuple[Match, ...]]:
    """The reasons of each hit: for each word of the query the surest match, in the reader's language if possible."""
    marks = ", ".join("?" * len(entries))
    sql = f"SELECT number, phrases, tokens FROM entry WHERE number IN ({marks})"  # noqa: S608 - marks
    met = {number: list(_met(phrases, tokens, meets)) for number, phrases, tokens in catalogue.rows(sql, entries)}
    return {n: tuple(_reasons(entry, met.get(n, []), words, meets)) for n, entry in entries.items()}


@dataclass(frozen=True, slots=True)
class _Phrase:
    """A phrase that holds words of the query."""

    place: int
    field: str
    language: str
    text: str
    hows: Mapping[int, int]  # place of the word in the query → how surely


def _met(phrases: str, tokens: str, meets: Meets) -> Iterable[_Phrase]:
    lines = enumerate(zip(json.loads(phrases), tokens.split("\n"), strict=True))
    for place, ((field, spoken, text), line) in lines:
        if hows := meets.in_phrase(line):
            yield _Phrase(place, field, spoken, text, hows)


def _reasons(entry: Entry, phrases: Sequence[_Phrase], words: Sequence[str], meets: Meets) -> Iterable[Match]:
    told: set[str] = set()
    spoken = language()

    def rank(phrase: _Phrase, number: int) -> tuple[int, bool, int, bool, int]:
        # In the reader's language, then in words of both; a search word tells more than the name itself.
        foreign = 0 if phrase.language == spoken else 1 if not phrase.language else 2
        return phrase.hows[number], phrase.text not in told, foreign, phrase.field != "words", phrase.place

    for number, word in enumerate(words):
        holding = [phrase for phrase in phrases if number in phrase.hows]
        if holding:
            best = min(holding, key=partial(rank, number=number))
            told.add(best.text)
            yield Match(word, best.text, best.field, HOW[best.hows[number]])
        elif (match := _in_text(entry, number, word, meets)) is not None:
            yield match


def _in_text(entry: Entry, number: int, word: str, meets: Meets) -> Match | None:
    """The word in the entry's longer texts; found by its beginning, which costs no stemming."""
    found: Match | None = None
    for field, lang, text in phrases_of(entry):
        if field not in ("summary", "body") or (found is not None and lang != language()):
            continue
        for other in words_in(text):
            if (how := meets.in_phrase(fold(other)).get(number)) is not None:
                found = Match(word, other, field, HOW[how])
                if lang == language():
                    return found
                break
    return found
