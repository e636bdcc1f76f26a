"""The forms in which a word of a query may occur: its stems, its beginning, compounds, near spellings, synonyms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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


class Meets(dict[str, list[tuple[int, int]]]):
    """Token of an entry → the words of the query that it meets, by place, and how surely (place in HOW).

    The tokens of a few thousand phrases are looked at for each query, the same ones over and over: each is judged once.
    """

    def __init__(self, matchers: Sequence[Matcher]) -> None:
        self._phrases: dict[str, dict[int, int]] = {}
        self._beginnings = [(place, m.beginnings) for place, m in enumerate(matchers) if m.beginnings]
        self._all_beginnings = tuple(form for _, forms in self._beginnings for form in forms)
        for place, matcher in enumerate(matchers):
            # The surest way comes last: it is the one that stays.
            ways = {"spelling": matcher.near, "synonym": matcher.akin, "part": matcher.parts, "word": matcher.exact}
            for token, how in {token: HOW.index(how) for how, tokens in ways.items() for token in tokens}.items():
                self.setdefault(token, []).append((place, how))

    def __missing__(self, token: str) -> list[tuple[int, int]]:
        found: list[tuple[int, int]] = []
        if token.startswith(self._all_beginnings):
            found = [(place, HOW.index("beginning")) for place, forms in self._beginnings if token.startswith(forms)]
        self[token] = found
        return found

    def in_phrase(self, tokens: str) -> dict[int, int]:
        """Which words of the query a phrase holds, and how surely at best."""
        known = self._phrases.get(tokens)
        if known is not None:
            return known
        best: dict[int, int] = {}
        for token in tokens.split():
            for place, how in self[token]:
                if how < best.get(place, len(HOW)):
                    best[place] = how
        self._phrases[tokens] = best
        return best


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
