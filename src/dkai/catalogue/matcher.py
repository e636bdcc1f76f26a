"""The forms in which a word of a query may occur: its stems, its beginning, compounds, near spellings, synonyms."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from dkai.catalogue.stem import STOP_WORDS, fold, stems, trigrams, words_in

if TYPE_CHECKING:
    from dkai.catalogue.catalogue import Catalogue

LONGEST_QUERY = 500  # characters; what comes after is not looked at
MOST_WORDS = 12
_ALIKE = 0.55  # from which on two words may be one, misspelt
# The ways in which a word meets an entry, the surest first.
HOW = ("word", "beginning", "part", "synonym", "spelling")


@dataclass(frozen=True)
class Matcher:
    """The forms in which one word of the query may occur."""

    query: str
    exact: tuple[str, ...]
    beginnings: tuple[str, ...]
    parts: tuple[str, ...]
    akin: tuple[str, ...]  # groups of the thesaurus that it, or a phrase it is part of, belongs to
    spelt_alike: tuple[tuple[str, str], ...]  # words that share letters with it, each with its stems

    @cached_property
    def near(self) -> Mapping[str, float]:
        """Stems of words spelt nearly like it, and how nearly (0.5 to 1); needed for few words, so worked out late."""
        grams = trigrams(fold(self.query))
        near: dict[str, float] = {}
        for other, forms in self.spelt_alike:
            if (alike := _alike(grams, trigrams(other))) >= _ALIKE:
                near |= {form: max(alike, near.get(form, 0.0)) for form in forms.split()}
        return {form: alike for form, alike in near.items() if form not in self.exact}

    def how(self, tokens: Iterable[str]) -> str | None:
        """How the word meets one of these stems; None when it does not."""
        forms = set(tokens)
        if not forms.isdisjoint(self.exact):
            return "word"
        if self.beginnings and any(form.startswith(self.beginnings) for form in forms):
            return "beginning"
        if not forms.isdisjoint(self.parts):
            return "part"
        if not forms.isdisjoint(self.akin):
            return "synonym"
        return None if forms.isdisjoint(self.near) else "spelling"


def query_words(query: str) -> list[str]:
    """The words that are looked for: each once, without those that say nothing (unless there are no others)."""
    words = list(dict.fromkeys(words_in(query[:LONGEST_QUERY])))
    telling = [word for word in words if word not in STOP_WORDS]
    return (telling or words)[:MOST_WORDS]


def matchers_for(catalogue: Catalogue, words: list[str]) -> list[Matcher]:
    """One matcher a word."""
    akin = _akin(catalogue, words)
    return [_matcher(catalogue, word, akin.get(place, ())) for place, word in enumerate(words)]


def _akin(catalogue: Catalogue, words: list[str]) -> dict[int, tuple[str, ...]]:
    """Place in the query → groups of words for the same; a phrase of the query shares its groups among its words."""
    from dkai.catalogue.thesaurus import runs_of, token

    runs = runs_of(words)
    marks = ", ".join("?" * len(runs))
    rows = catalogue.rows(f"SELECT phrase, class FROM akin WHERE phrase IN ({marks})", runs)  # noqa: S608 - marks
    found: dict[int, dict[str, None]] = {}
    for phrase, number in rows:
        for place in (place for run in runs[phrase] for place in run):
            found.setdefault(place, {})[token(number)] = None
    return {place: tuple(tokens) for place, tokens in found.items()}


def _matcher(catalogue: Catalogue, word: str, akin: tuple[str, ...]) -> Matcher:
    exact = stems(word)
    # A short stem (`ret` for rette, `stud` for studerende) begins too many others.
    beginnings = tuple(f for f in exact if len(f) >= max(4, 0.6 * len(word)) or (f == exact[0] and len(f) == 3))
    parts: dict[str, None] = {}
    spelt_alike: list[tuple[str, str]] = []
    folded = fold(word)
    if len(folded) >= 4:
        shortest = min(exact, key=len)
        question = " OR ".join(f'"{gram}"' for gram in trigrams(folded) if gram.isalnum())
        rows = catalogue.rows(
            "SELECT word, stems FROM word WHERE number IN (SELECT rowid FROM spelling WHERE spelling MATCH ?"
            " ORDER BY rank LIMIT 120)",
            (question,),
        )
        for other, forms in rows:
            if (len(shortest) >= 5 and shortest in other) or any(_is_part(form, folded) for form in forms.split()):
                parts[other] = None
            elif other[0] == folded[0]:  # few misspell the first letter
                spelt_alike.append((other, forms))
    for form in exact:
        parts.pop(form, None)
    return Matcher(word, exact, beginnings, tuple(parts), akin, tuple(spelt_alike))


def _is_part(word: str, compound: str) -> bool:
    """Whether the compound begins or ends with the word, and something that can be a word is left."""
    return 5 <= len(word) <= len(compound) - 3 and (compound.startswith(word) or compound.endswith(word))


def _alike(ours: list[str], theirs: list[str]) -> float:
    """Dice's coefficient of two words' trigrams, between 0 and 1."""
    return 2 * len(set(ours) & set(theirs)) / (len(ours) + len(theirs))
