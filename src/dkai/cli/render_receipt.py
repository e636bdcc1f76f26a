"""A receipt as text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dkai.cli.output import Renderable
from dkai.cli.render_jobs import clock, failure
from dkai.core.i18n import t

if TYPE_CHECKING:
    from dkai.compute.receipt import Receipt


def receipt(found: Receipt) -> Iterator[Renderable]:
    """The estimate beside what it was."""
    from rich.padding import Padding
    from rich.table import Table
    from rich.text import Text

    from dkai.compute.follow import outcome_words
    from dkai.compute.job import Outcome

    how = outcome_words(Outcome(found.outcome))
    yield Text.assemble((found.id, "strong"), f" · {found.name} · {how}")
    yield f"  {_when(found)}" + (f" · {found.used.node}" if found.used.node else "")
    grid = Table(box=None, padding=(0, 3, 0, 0), pad_edge=False)
    grid.add_column("", no_wrap=True)
    grid.add_column(t("estimated or asked"), header_style="muted")
    grid.add_column(t("actual"), header_style="muted")
    grid.add_column("", no_wrap=True)
    for row in found.rows:
        mark = (
            Text("") if row.agrees is None else Text(t("agrees"), "good") if row.agrees else Text(t("differs"), "warn")
        )
        grid.add_row(f"  {row.name}", row.estimated, row.actual, mark)
    yield grid
    if found.cause is not None:
        yield from failure(found.cause)
    for line in found.disagreements:
        yield Padding(Text(f"! {line}", style="warn"), (0, 0, 0, 2), expand=False)
    for advice in found.advice:
        yield Padding(Text(f"→ {advice.says}"), (0, 0, 0, 2), expand=False)
    if found.energy_how:
        yield Padding(Text(t("energy: {how}", how=found.energy_how), style="muted"), (0, 0, 0, 2), expand=False)
    if found.sources:
        yield Text(f"  {t('from: {names}', names=', '.join(found.sources))}", style="muted")
    if found.outcome == "completed":
        yield Text(f"  {t('for your paper')}: dkai compute receipt --methods {found.id[-4:]}", style="muted")


def _when(found: Receipt) -> str:
    from dkai.compute.methods import show_took

    if found.started_at is None:
        return (
            t("never started")
            if found.ended_at is None
            else t("never started; ended {time}", time=clock(found.ended_at))
        )
    # Of a sweep that is the time of all its tasks together, which no clock shows.
    took = found.used.elapsed_s if found.used.longest_s is None else None
    return f"{clock(found.started_at)} – {clock(found.ended_at)}" + (f" · {show_took(took)}" if took else "")


def methods(found: Receipt) -> Iterator[Renderable]:
    """The paragraph, and the declaration on AI with what is left to fill in."""
    from rich.text import Text

    yield found.methods
    yield ""
    yield Text(t("Declaration on AI"), style="strong")
    yield found.declaration.text
    yield ""
    yield Text(t("What stands in brackets only you know. Journals word it in their own ways: see {names}.",
                 names="; ".join(source.title for source in found.declaration.sources)), style="muted")  # fmt: skip
