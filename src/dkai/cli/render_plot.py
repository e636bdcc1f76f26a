"""The radar in the terminal: a quarter at a time, ring by ring; what a mark means is said below."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dkai.catalogue.labels import label
from dkai.cli import radar_words as words
from dkai.cli.output import Renderable
from dkai.core.clean import one_line
from dkai.core.i18n import t
from dkai.radar.picture import QUADRANTS
from dkai.radar.svg import Words
from dkai.radar.wishes import RINGS

if TYPE_CHECKING:
    from dkai.radar.picture import Blip, Picture

WORDS = Words(quadrant=label, ring=words.ring)
_MARKS = {"new": "*", "in": "▲", "out": "▼"}


def in_terminal(picture: Picture) -> Iterator[Renderable]:
    """Four quarters with their rings, then the meaning of the marks that occur."""
    from rich.table import Table
    from rich.text import Text

    for quadrant in QUADRANTS:
        members = [blip for blip in picture.items if blip.quadrant == quadrant]
        if not members:
            continue
        title = Text(label(quadrant), style="strong")
        title.append(f"  {len(members)}", style="muted")
        yield title
        grid = Table.grid(padding=(0, 2, 0, 0))
        grid.add_column(no_wrap=True, min_width=2 + max(len(words.ring(ring)) for ring in RINGS))
        grid.add_column(justify="right", no_wrap=True, style="muted")
        grid.add_column(ratio=1)
        for ring in RINGS:
            names = [_named(blip) for blip in members if blip.ring == ring]
            if names:
                heading = Text(f"  {words.ring(ring)}", style=words.RING_STYLES.get(ring, ""))
                grid.add_row(heading, str(len(names)), Text(" · ".join(names)))
        yield grid
        yield ""
    yield from _below(picture)


def _named(blip: Blip) -> str:
    """The name, kept on one line where there is room (its spaces do not break)."""
    name = one_line(blip.name, 40).replace(" ", "\u00a0")
    return f"{name}\u00a0{_MARKS[blip.mark]}" if blip.mark else name


def _below(picture: Picture) -> Iterator[str]:
    told = {
        "new": t("* new since {day}", day=picture.since),
        "in": t("▲ moved toward the centre since {day}", day=picture.since),
        "out": t("▼ moved outward since {day}", day=picture.since),
    }
    marks = [text for mark, text in told.items() if any(blip.mark == mark for blip in picture.items)]
    if marks:
        yield " · ".join(marks)
    yield t("{n} tools · as a picture: dkai radar plot --output radar.svg", n=len(picture.items))
