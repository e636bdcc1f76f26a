"""Words as the index knows them: cut into words, stemmed as Danish and as English, without special letters.

Both stemmers are used on every word: Danish texts are full of English words, and a query does not say its language.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from functools import cache, lru_cache
from typing import Any

_WORD = re.compile(r"[^\W_]+")
_SPECIAL = str.maketrans({"æ": "ae", "ø": "oe", "å": "aa", "ß": "ss"})
LONGEST_WORD = 40

# Words that say nothing about what is looked for; that something is a tool or has to do with AI goes without saying.
_STOP_WORDS = """
af at bedst bedste brug bruge bruger bruges de dem den der deres det du en er et finde for fra får gerne gør gøre han
har hjælp hjælpe hun hvad hvem hvis hvor hvordan hvilke hvilken hvilket i ikke ind jeg kan kunne lave laver man mange
med meget mellem men mest mig min mine mit mod må nogen noget nogle når og også om op os på sig skal som så til ud uden
var ved vi vil være værktøj værktøjer
a about all an and any are as be best between but by can could do does find for from get good has have help her his how
i if in into is it its make making many me most my need no not of on or our out should so some tell than that the their
them there these they this to tool tools up us use used using want was way ways we what when where which who will with
without would you your
"""
STOP_WORDS = frozenset(_STOP_WORDS.split())


def words_in(text: str) -> list[str]:
    """The words of a text, in lower case."""
    return [word[:LONGEST_WORD] for word in _WORD.findall(unicodedata.normalize("NFKC", text).lower())]


_BARE = str.maketrans({"æ": "ae", "ø": "o", "å": "a"})


def bare(word: str) -> str:
    """The word as somebody writes it who leaves the dots and rings away: `kørsel` becomes `korsel`."""
    return word if word.isascii() else fold(word.translate(_BARE))


def fold(word: str) -> str:
    """The word in letters that every keyboard has: `kørsel` and `koersel` become one, and so do `é` and `e`."""
    if word.isascii():
        return word
    plain = unicodedata.normalize("NFD", word.translate(_SPECIAL))
    return "".join(c for c in plain if c.isalnum())


@lru_cache(maxsize=100_000)
def stems(word: str) -> tuple[str, ...]:
    """The forms under which a word is found: itself, and its Danish and English stem."""
    forms = [fold(word), stem_in("da", word), stem_in("en", word)]
    if not word.isascii():
        forms += [bare(word), bare(_stemmers()[0].stemWord(word))]
    return tuple(dict.fromkeys(form for form in forms if form))


@lru_cache(maxsize=100_000)
def stem_in(language: str, word: str) -> str:
    """The word's stem in one language (da or en), in plain letters."""
    danish, english = _stemmers()
    return fold(danish.stemWord(word) if language == "da" else english.stemWord(_american(word)))


# British and American spelling become one: organise, analyse, behaviour, labelling.
_BRITISH = (
    (re.compile(r"(?<=[a-z]{4})is(?=(?:e|es|ed|ing|er|ers|ation|ations)$)"), "iz"),
    (re.compile(r"(?<=aly)s(?=(?:e|es|ed|ing|er|ers)$)"), "z"),
    (re.compile(r"(?<=[a-z]{3})our(?=(?:s|al|ed|ing)?$)"), "or"),
    (re.compile(r"(?<=[aou][bdv]el)l(?=(?:ed|ing|er|ers)$)"), ""),
)


def _american(word: str) -> str:
    for british, american in _BRITISH:
        word = british.sub(american, word)
    return word


def trigrams(word: str) -> list[str]:
    """The word's runs of three letters, its ends marked, each once."""
    marked = f"9{word}9"
    return list(dict.fromkeys(marked[i : i + 3] for i in range(len(marked) - 2)))


@cache
def _stemmers() -> tuple[Any, Any]:
    """The two stemmers that are needed.

    `import snowballstemmer` loads its forty languages, nine milliseconds of every search. So the two modules are
    loaded without running the package's `__init__`: the package stands in `sys.modules` by its specification alone
    while they are imported, and is taken away again for whoever wants all of it.
    """
    if "snowballstemmer" in sys.modules:
        from snowballstemmer.danish_stemmer import DanishStemmer
        from snowballstemmer.english_stemmer import EnglishStemmer

        return DanishStemmer(), EnglishStemmer()
    from importlib.util import find_spec, module_from_spec

    spec = find_spec("snowballstemmer")
    if spec is None:  # pragma: no cover - it is a dependency
        raise ModuleNotFoundError("snowballstemmer")
    sys.modules["snowballstemmer"] = module_from_spec(spec)
    try:
        from snowballstemmer.danish_stemmer import DanishStemmer
        from snowballstemmer.english_stemmer import EnglishStemmer
    finally:
        del sys.modules["snowballstemmer"]
    return DanishStemmer(), EnglishStemmer()
