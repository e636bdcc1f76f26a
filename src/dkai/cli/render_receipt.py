"""A receipt as text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dkai.cli.output import Renderable
from dkai.cli.render_jobs import clock
from dkai.core.i18n import t

if TYPE_CHECKING:
    from dkai.compute.receipt import Receipt


def receipt(found: Receipt) -> Iterator[Renderable]:
    """The estimate beside what it was."""
    from rich.table import Table
    from rich.text import Text

    from dkai.compute.follow import outcome_words
    from dkai.compute.job import Outcome

    how = outcome_words(Outcome(found.outcome))
    yield Text.assemble((found.id, "strong"), f" · {found.name} · {how}")
    yield f"  {clock(found.started_at)} – {clock(found.ended_at)}" + (
        f" · {found.used.node}" if found.used.node else ""
    )
    grid = Table(box=None, padding=(0, 3, 0, 0), pad_edge=False)
    grid.add_column("", no_wrap=True)
    grid.add_column(t("estimated or asked"), header_style="muted")
    grid.add_column(t("actual"), header_style="muted")
    grid.add_column("")
    for row in found.rows:
        mark = (
            Text("") if row.agrees is None else Text(t("agrees"), "good") if row.agrees else Text(t("differs"), "warn")
        )
        grid.add_row(f"  {row.name}", row.estimated, row.actual, mark)
    yield grid
    for line in found.disagreements:
        yield Text(f"  ! {line}", style="warn")
    for line in found.advice:
        yield f"  → {line}"
    if found.sources:
        yield Text(f"  {t('from: {names}', names=', '.join(found.sources))}", style="muted")
    yield Text(f"  {t('for your paper')}: dkai compute receipt --methods {found.id[-4:]}", style="muted")


def methods(found: Receipt) -> Iterator[Renderable]:
    """The paragraph alone."""
    yield found.methods
