"""The radar of a catalogue on a day, and its file."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from dkai.core.errors import UserError
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


def since_or_lately(since: date | None, today: date) -> date:
    """The day from which on something counts as new: as asked for, or three months before today."""
    return today - _LOOK_BACK if since is None else since


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

    if target.exists() and not target.is_file():
        hint = t("name a file, such as radar.svg")
        raise UserError(t("{file} is no file", file=target), code="not-a-file", hint=hint)
    if target.exists() and not _is_own(target):
        hint = t("choose another name, or remove it")
        raise UserError(t("{file} is there already, and not drawn by dkai", file=target), code="file-exists", hint=hint)
    write_private(target, draw(picture, words), mode=0o644)  # a picture to hand on


def _is_own(file: Path) -> bool:
    """Whether dkai drew the picture; what cannot be read is somebody else's."""
    try:
        with file.open("rb") as opened:
            return _OWN.encode() in opened.read(2000)
    except OSError:
        return False
