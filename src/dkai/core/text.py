"""A text that exists in Danish and English, as catalogue and recipes write it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dkai.core.i18n import language


@dataclass(frozen=True, slots=True)
class Text:
    """A sentence in both languages; `str()` gives the one in use."""

    da: str
    en: str

    def __str__(self) -> str:
        return self.da if language() == "da" else self.en

    @classmethod
    def of(cls, value: Mapping[str, str] | str) -> Text:
        """The text in a YAML mapping `{da: …, en: …}`; a bare string stands for both (names, numbers)."""
        if isinstance(value, str):
            return cls(da=value, en=value)
        return cls(da=value["da"], en=value["en"])
