"""What of an entry can be searched, in the words in which a hit's reason is told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from dkai.catalogue.labels import both_labels

# Columns of the index, the weightiest first.
COLUMNS = ("name", "words", "asks", "akin", "summary", "body")  # akin: groups of the thesaurus
SHORT = ("name", "words", "asks")  # phrases by which an entry wants to be found, and a hit's reason is told
# Whose texts are about something else than the entry itself: where it is from, what is not known, what others say.
_NOT_SEARCHED = frozenset(("sources", "unknown", "review", "levels", "positions", "evidence", "history", "schema"))
_LISTS_OF_WORDS = ("tasks", "phases", "disciplines", "holds", "trains", "names", "languages")
_NAMES = ("operator", "owner", "provider", "organisation", "vendor", "family", "country")

Phrase = tuple[str, str, str]  # column, language (da, en, or empty for both), text


def phrases_of(entry: Mapping[str, Any]) -> Iterator[Phrase]:
    """Every phrase of an entry, once."""
    seen: set[tuple[str, str]] = set()
    for column, language, text in _all(entry):
        if text and (language, text) not in seen:
            seen.add((language, text))
            yield column, language, text


def _all(entry: Mapping[str, Any]) -> Iterator[Phrase]:
    yield from _texts("name", entry["name"])
    yield "name", "", entry["id"]
    for alias in entry.get("aliases", ()):
        yield "name", "", alias
    for column, field in (("words", "search_words"), ("asks", "asks")):
        for language, words in entry.get(field, {}).items():
            for word in words:
                yield column, language, word
    for field in _LISTS_OF_WORDS:
        for word in entry.get(field, ()):
            danish, english = both_labels(word)
            if danish == english:
                yield "words", "", danish
            else:
                yield "words", "da", danish
                yield "words", "en", english
    for field in _NAMES:
        if field in entry:
            yield from _texts("words", entry[field])
    yield from _texts("summary", entry["summary"])
    for field, value in entry.items():
        if field not in ("name", "summary", "search_words", "asks", *_NAMES, *_NOT_SEARCHED):
            yield from _below(value)


def _below(value: Any) -> Iterator[Phrase]:
    if isinstance(value, Mapping):
        if isinstance(value.get("da"), str) and isinstance(value.get("en"), str):
            yield from _texts("body", value)
        for name, inner in value.items():
            if name not in _NOT_SEARCHED:
                yield from _below(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _below(inner)


def _texts(column: str, value: Any) -> Iterator[Phrase]:
    if isinstance(value, Mapping):
        yield column, "da", value["da"]
        yield column, "en", value["en"]
    else:
        yield column, "", str(value)
