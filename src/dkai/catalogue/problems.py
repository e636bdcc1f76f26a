"""What is wrong with an entry, where, and how to mend it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum

from dkai.core.i18n import t


class Severity(StrEnum):
    """Whether the entry can be used as it is."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Problem:
    """`tools/whisper.yaml › licence.code: is missing`, and how to mend it."""

    file: str
    field: str  # dotted path; empty for the whole file
    message: str
    hint: str | None = None
    line: int | None = None  # counted from 1
    severity: Severity = Severity.ERROR
    id: str = dataclasses.field(init=False)  # `file:field`, as every item of a list has an id and a name
    name: str = dataclasses.field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "id", f"{self.file}:{self.field}")
        object.__setattr__(self, "name", f"{self.file} › {self.field}" if self.field else self.file)

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place} › {self.field}: {self.message}" if self.field else f"{place}: {self.message}"


def did_you_mean(word: str, known: Iterable[str]) -> str | None:
    """A hint with the nearest known words, or None when none is near."""
    near = get_close_matches(word, list(known), n=3, cutoff=0.6)
    return t("did you mean {names}?", names=either(near)) if near else None


def either(names: Iterable[str]) -> str:
    """`“one” or “two”`."""
    return t(" or ").join(t("“{name}”", name=name) for name in names)
