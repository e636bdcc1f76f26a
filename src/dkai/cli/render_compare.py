"""Tools side by side: the criteria in which they differ, then those in which they do not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from dkai.cli.output import Renderable, Table, console
from dkai.cli.radar_criteria import criterion, in_words
from dkai.core.clean import no_controls, one_line
from dkai.core.i18n import nt, t

if TYPE_CHECKING:
    from dkai.radar.compare import Comparison, Row

_LABEL = 21  # columns for the criterion's name
_NARROWEST = 18  # columns that a tool needs to be read beside others


def table(found: Comparison) -> Iterator[Renderable]:
    """Side by side where the terminal is wide enough, one below the other where it is not."""
    from rich.text import Text

    different = [row for row in found.items if not row.same]
    same = [row for row in found.items if row.same]
    beside = (console().width - _LABEL) // len(found.tools) >= _NARROWEST
    lay_out = _beside if beside else _below
    if different:
        yield Text(nt("They differ in {n} criterion", "They differ in {n} criteria", len(different)), style="strong")
        yield lay_out(found, different)
        yield ""
    if same:
        yield Text(nt("The same in {n}", "The same in {n}", len(same)), style="strong")
        yield _once(same)
        yield ""
    for tool in found.tools:
        if tool.overdue:
            yield Text("! " + t("{name} is past its review date", name=one_line(tool.name)), style="warn")
    yield t("sources and evidence: dkai radar show {id}", id=found.tools[0].id)


def cells(found: Comparison) -> Table:
    """A row a criterion; headers and ids are the same in both languages."""
    headers = ("criterion", "same", *(tool.id for tool in found.tools))
    rows = (
        (row.id, str(row.same).lower(), *(one_line(_cell(row, value), 500) for value in row.values))
        for row in found.items
    )
    return headers, rows


def _beside(found: Comparison, rows: list[Row]) -> Renderable:
    from rich.table import Table as Grid
    from rich.text import Text

    grid = Grid(box=None, header_style="strong", padding=(0, 2, 0, 0), pad_edge=False)
    grid.add_column("", width=_LABEL - 2, style="muted", overflow="fold")
    for tool in found.tools:
        grid.add_column(one_line(tool.name, 40), ratio=1, overflow="fold")
    for row in rows:
        grid.add_row(criterion(row.id), *(Text(_cell(row, value)) for value in row.values))
    return grid


def _below(found: Comparison, rows: list[Row]) -> Renderable:
    from rich.table import Table as Grid
    from rich.text import Text

    grid = Grid.grid(padding=(0, 2, 0, 0))
    grid.add_column(width=14, overflow="fold")
    grid.add_column(ratio=1, overflow="fold")
    for row in rows:
        grid.add_row(Text(""), Text(criterion(row.id), style="strong"))
        for tool, value in zip(found.tools, row.values, strict=True):
            grid.add_row(one_line(tool.name, 30), Text(_cell(row, value)))
    return grid


def _once(rows: list[Row]) -> Renderable:
    from rich.table import Table as Grid
    from rich.text import Text

    grid = Grid.grid(padding=(0, 2, 0, 0))
    grid.add_column(width=_LABEL - 2, style="muted", overflow="fold")
    grid.add_column(ratio=1, overflow="fold")
    for row in rows:
        grid.add_row(criterion(row.id), Text(_cell(row, row.values[0])))
    return grid


def _cell(row: Row, value: Any) -> str:
    return no_controls(in_words(row.id, value))
