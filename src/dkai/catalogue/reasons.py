"""Why an entry was found, in the entry's own words."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dkai.catalogue.matcher import HOW, Matcher
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
    field: str  # name, words, summary or body
    how: str  # one of HOW: word (in any inflection), beginning, part (of a compound), synonym, spelling


def reasons_for(
    catalogue: Catalogue, entries: Mapping[int, Entry], matchers: Sequence[Matcher]
) -> dict[int, tuple[Match, ...]]:
    """The reasons of each hit: for each word of the query the surest match, in the reader's language if possible."""
    marks = ", ".join("?" * len(entries))
    sql = f"SELECT number, phrases, tokens FROM entry WHERE number IN ({marks})"  # noqa: S608 - marks
    phrases = {
        number: [(*phrase, tokens) for phrase, tokens in zip(json.loads(texts), lines.split("\n"), strict=True)]
        for number, texts, lines in catalogue.rows(sql, entries)
    }
    return {n: tuple(_reasons(entry, phrases.get(n, []), matchers)) for n, entry in entries.items()}


def _reasons(entry: Entry, phrases: list[tuple[str, str, str, str]], matchers: Sequence[Matcher]) -> Iterable[Match]:
    told: set[str] = set()
    for matcher in matchers:
        best: tuple[int, int, int, int, int, Match] | None = None
        for place, (field, lang, text, tokens) in enumerate(phrases):
            how = matcher.how(tokens.split())
            if how is None:
                continue
            # In the reader's language, then in words of both; a search word tells more than the name itself.
            foreign = 0 if lang == language() else 1 if not lang else 2
            rank = (HOW.index(how), text not in told, foreign, field != "words", place)
            if best is None or rank < best[:5]:
                best = (*rank, Match(matcher.query, text, field, how))
        if best is not None:
            told.add(best[5].words)
            yield best[5]
        elif (match := _in_text(entry, matcher)) is not None:
            yield match


def _in_text(entry: Entry, matcher: Matcher) -> Match | None:
    """The word in the entry's longer texts; found by its beginning, which costs no stemming."""
    found: Match | None = None
    for field, lang, text in phrases_of(entry):
        if field not in ("summary", "body") or (found is not None and lang != language()):
            continue
        for word in words_in(text):
            if how := matcher.how((fold(word),)):
                found = Match(matcher.query, word, field, how)
                if lang == language():
                    return found
                break
    return found
