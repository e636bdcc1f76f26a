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

# Words that say nothing about what is looked for.
_STOP_WORDS = """
af at brug bruge de den der det du en er et finde for fra får han har hjælp hun hvad hvem hvis hvor hvordan hvilke
hvilken i ikke ind jeg kan man med men mig min mine mit mod må nogle noget når og om op os på sig skal som så til ud
ved vi vil være
a about all an and are as be by can could do does find for from get has have help how i in into is it me my need of on
or our out so some tell that the their them there these this to up us use using want we what when where which who will
with you your
"""
STOP_WORDS = frozenset(_STOP_WORDS.split())


def words_in(text: str) -> list[str]:
    """The words of a text, in lower case."""
    return [word[:LONGEST_WORD] for word in _WORD.findall(unicodedata.normalize("NFKC", text).lower())]


def fold(word: str) -> str:
    """The word in letters that every keyboard has: `kørsel` and `koersel` become one, and so do `é` and `e`."""
    if word.isascii():
        return word
    plain = unicodedata.normalize("NFD", word.translate(_SPECIAL))
    return "".join(c for c in plain if c.isalnum())


@lru_cache(maxsize=100_000)
def stems(word: str) -> tuple[str, ...]:
    """The forms under which a word is found: itself, and its Danish and English stem."""
    danish, english = _stemmers()
    forms = (fold(word), fold(danish.stemWord(word)), fold(english.stemWord(word)))
    return tuple(dict.fromkeys(form for form in forms if form))


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
