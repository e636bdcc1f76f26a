"""A value that is not known, and why: never zero, never a guess."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

from dkai.core.i18n import t

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Unknown:
    """Stands where a value should be; `why` says why there is none."""

    why: str = ""

    def __str__(self) -> str:
        return t("unknown ({why})", why=self.why) if self.why else t("unknown")

    def __bool__(self) -> bool:
        return False


def known(value: T | Unknown | None) -> T | None:
    """The value itself, or None where it is not known."""
    return None if value is None or isinstance(value, Unknown) else value
