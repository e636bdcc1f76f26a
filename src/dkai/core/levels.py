"""Data levels: how much harm it would do if the data were seen by the wrong people."""

from __future__ import annotations

from enum import StrEnum

from dkai.core.errors import UserError
from dkai.core.i18n import t


class Level(StrEnum):
    """From public to sensitive; institutions use four steps of this kind under their own names."""

    PUBLIC = "public"
    INTERNAL = "internal"
    CONFIDENTIAL = "confidential"
    SENSITIVE = "sensitive"

    @property
    def rank(self) -> int:
        """0 for public to 3 for sensitive, to compare levels."""
        return list(Level).index(self)

    def allows(self, other: Level) -> bool:
        """Whether a place permitted up to this level is permitted for data of level `other`."""
        return other.rank <= self.rank

    @property
    def label(self) -> str:
        """The level's name in the language in use."""
        return {
            Level.PUBLIC: t("public"),
            Level.INTERNAL: t("internal"),
            Level.CONFIDENTIAL: t("confidential"),
            Level.SENSITIVE: t("sensitive"),
        }[self]


def parse_level(text: str) -> Level:
    """The level that a person wrote, in Danish or English; UserError when there is no such level."""
    danish = {"offentlig": "public", "intern": "internal", "fortrolig": "confidential", "følsom": "sensitive"}
    word = text.strip().lower()
    word = danish.get(word, word)
    try:
        return Level(word)
    except ValueError:
        raise UserError(
            t("no data level is called “{name}”", name=text),
            code="unknown-data-level",
            hint=t("the levels are: {names}", names=", ".join(Level)),
        ) from None
