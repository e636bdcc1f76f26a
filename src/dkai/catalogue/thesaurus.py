"""Words that mean about the same to somebody who looks for a tool, in Danish and English together.

`thesaurus.yaml` holds groups of words and short phrases. They are compiled into the index: a query that has one of a
group also finds what has another, for less than the word itself would count.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from dkai.catalogue.stem import STOP_WORDS, fold, stem_in, words_in
from dkai.core.errors import UserError
from dkai.core.i18n import t
from dkai.core.paths import package_file

LONGEST_PHRASE = 3  # telling words
_MOST_WORDS = 40  # in a group


def thesaurus_file() -> Path:
    """Where the groups lie."""
    return package_file("catalogue/thesaurus.yaml")


def read_thesaurus(path: Path) -> list[dict[str, list[str]]]:
    """The groups: each language's words. Raises UserError for anything that is not such a file."""
    from dkai.catalogue.yaml_file import read_yaml

    read = read_yaml(path, path.name)
    groups = read.value.get("groups") if isinstance(read.value, Mapping) else None
    if read.problems or not isinstance(groups, list):
        raise UserError(
            t("{file} is no thesaurus", file=path.name),
            code="bad-thesaurus",
            hint=str(read.problems[0]) if read.problems else t("write: groups: [{{da: […], en: […]}}]"),
        )
    for number, group in enumerate(groups, start=1):
        if not _is_group(group):
            raise UserError(
                t("{file}: group {n} is not {{da: […], en: […]}}", file=path.name, n=number),
                code="bad-thesaurus",
                hint=t("a word that means the same in both languages stands in both"),
            )
    return groups


def _is_group(group: Any) -> bool:
    return (
        isinstance(group, Mapping)
        and set(group) <= {"da", "en"}
        and all(isinstance(words, list) and all(isinstance(w, str) for w in words) for words in group.values())
        and 2 <= sum(map(len, group.values())) <= _MOST_WORDS
    )


def phrases_in(group: Mapping[str, list[str]]) -> Iterator[str]:
    """Each word or phrase of a group in the forms by which it is known, once."""
    seen: set[str] = set()
    for language, texts in group.items():
        for text in texts:
            words = words_in(text)
            telling = [word for word in words if word not in STOP_WORDS]
            if len(telling) == 1 < len(words):
                continue  # “write up” without its small word is another word
            if 0 < len(telling) <= LONGEST_PHRASE:
                yield from (form for form in forms_of(telling, language) if form not in seen)
                seen |= set(forms_of(telling, language))


def forms_of(words: Sequence[str], language: str = "") -> list[str]:
    """The forms in which a run of words may stand in the thesaurus; of a language that is not known, in both."""
    languages = (language,) if language else ("da", "en")
    forms = [" ".join(stem_in(one, word) for word in words) for one in languages]
    return list(dict.fromkeys([*forms, " ".join(fold(word) for word in words)]))


def runs_of(words: Sequence[str], language: str = "") -> dict[str, list[range]]:
    """Every run of words that may be a phrase of the thesaurus → its places."""
    runs: dict[str, list[range]] = {}
    for length in range(1, LONGEST_PHRASE + 1):
        for start in range(len(words) - length + 1):
            for form in forms_of(words[start : start + length], language):
                runs.setdefault(form, []).append(range(start, start + length))
    return runs


def token(number: int) -> str:
    """How a group stands in the index: with a sign that no word has, so that none can be taken for it."""
    return f"\ue000{number}"


class Thesaurus:
    """The groups by phrase, for marking what is indexed."""

    def __init__(self, groups: Iterable[Mapping[str, list[str]]]) -> None:
        self.numbers: dict[str, set[int]] = {}
        for number, group in enumerate(groups):
            for phrase in phrases_in(group):
                self.numbers.setdefault(phrase, set()).add(number)

    def tokens_in(self, words: Sequence[str], language: str) -> list[str]:
        """The groups of which these words hold a phrase, as tokens."""
        telling = [word for word in words if word not in STOP_WORDS]
        found = {number for run in runs_of(telling, language) for number in self.numbers.get(run, ())}
        return [token(number) for number in sorted(found)]
