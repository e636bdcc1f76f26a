"""Words that mean about the same to somebody who looks for a tool, in Danish and English together.

`thesaurus.yaml` holds groups of words and short phrases. They are compiled into the index: a query that has one of a
group also finds what has another, for less than the word itself would count.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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


def phrases_in(group: Mapping[str, list[str]]) -> Iterator[tuple[str, ...]]:
    """Each word or phrase of a group as the stems by which it is known, once."""
    seen: set[tuple[str, ...]] = set()
    for language, words in group.items():
        for text in words:
            words_of_it = words_in(text)
            telling = [word for word in words_of_it if word not in STOP_WORDS]
            if len(telling) == 1 < len(words_of_it):
                continue  # “write up” without its small word is another word
            for form in (tuple(stem_in(language, word) for word in telling), tuple(fold(word) for word in telling)):
                if 0 < len(form) <= LONGEST_PHRASE and form not in seen:
                    seen.add(form)
                    yield form


def keys_of(words: list[str]) -> set[str]:
    """The forms under which a run of a query's words may stand in the thesaurus."""
    return {
        " ".join(stem_in("da", word) for word in words),
        " ".join(stem_in("en", word) for word in words),
        " ".join(fold(word) for word in words),
    }
