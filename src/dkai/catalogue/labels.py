"""The catalogue's fixed words as a reader of the language in use says them."""

from __future__ import annotations

from dkai.catalogue.words import COMPETENCES, DISCIPLINES, HOLDINGS, OTHER, PHASES, QUADRANTS, SAME, TASKS
from dkai.core.i18n import language

_ALL = {**OTHER, **HOLDINGS, **COMPETENCES, **QUADRANTS, **PHASES, **DISCIPLINES, **TASKS}


def label(word: str) -> str:
    """The word's name in the language in use; a word that has no name here is shown as it is."""
    danish, english = both_labels(word)
    return danish if language() == "da" else english


def both_labels(word: str) -> tuple[str, str]:
    """The word's name in Danish and in English."""
    same = SAME.get(word) or word.replace("-", " ")
    return _ALL.get(word) or (same, same)


def has_label(word: str) -> bool:
    """Whether there is a name for the word."""
    return word in _ALL or word in SAME


def word_for(text: str) -> str:
    """The catalogue's word for what a person wrote: the word itself, or its name in either language."""
    wanted = " ".join(text.split()).lower()
    for word, names in _ALL.items():
        if wanted in (names[0].lower(), names[1].lower()):
            return word
    return wanted.replace(" ", "-")
