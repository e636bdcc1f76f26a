"""The small words of a tool's page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from dkai.core.clean import no_controls
from dkai.core.i18n import t
from dkai.core.text import Text

Rows = Iterator[tuple[str, str]]  # a heading (empty: same as above) and a paragraph


def text(value: Any) -> str:
    """A text of an entry in the language in use."""
    return no_controls(str(Text.of(value)))


def cited(claims: Mapping[str, Any]) -> str:
    """The sources of a group of claims, as the page lists them."""
    sources = claims.get("sources")
    return f" [{', '.join(sources)}]" if sources else ""


def score(value: Any) -> str:
    """A score by the rubric; without evidence there is none."""
    return t("not scored") if value == "unknown" else t("{score} of 5", score=value)
