"""The radar of a catalogue on a day, and its file."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from dkai.core.errors import UsageError, UserError
from dkai.core.i18n import t
from dkai.radar.filters import judge
from dkai.radar.picture import Picture, draw_up
from dkai.radar.vocabulary import in_catalogue_words
from dkai.radar.wishes import Filters

if TYPE_CHECKING:
    from dkai.catalogue.catalogue import Catalogue
    from dkai.radar.svg import Words

_LOOK_BACK = timedelta(days=92)
_OWN = 'data-made-by="dkai radar plot"'


def parse_since(text: str | None, today: date) -> date:
    """The day from which on something counts as new: as written, or three months before today. UsageError else."""
    if text is None:
        return today - _LOOK_BACK
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UsageError(
            t("“{text}” is no date", text=text), code="bad-date", hint=t("write it as 2026-11-23")
        ) from error


def plot(catalogue: Catalogue, wishes: Filters, since: date) -> Picture:
    """The tools that meet the wishes, each in its place. Raises UserError as the search does."""
    wishes = in_catalogue_words(catalogue, wishes)
    tools = list(catalogue.entries("tool"))
    began = min((tool.at("ring.since") for tool in tools), default=None)
    return draw_up([tool for tool in tools if not judge(tool, wishes).objections], since, catalogue.date, began)


def write_picture(picture: Picture, words: Words, target: Path) -> None:
    """Write the SVG, whole or not at all; a file that dkai did not draw is not written over. Raises UserError."""
    from dkai.core.files import write_private
    from dkai.radar.svg import draw

    try:
        if target.is_dir():
            raise UserError(
                t("{file} is a folder", file=target), code="not-a-file", hint=t("name a file, such as radar.svg")
            )
        if target.exists() and _OWN not in target.read_text(encoding="utf-8", errors="replace")[:2000]:
            raise UserError(
                t("{file} is there already, and not drawn by dkai", file=target),
                code="file-exists",
                hint=t("choose another name, or remove it"),
            )
    except OSError as error:
        raise UserError(
            t("{file} cannot be looked at: {why}", file=target, why=error.strerror or error), code="unreadable-file"
        ) from error
    write_private(target, draw(picture, words))
