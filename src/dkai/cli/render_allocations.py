"""Allocations as text: a table, and below it what an adviser should know of each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dkai.cli.output import Renderable, Table
from dkai.cli.render_jobs import clock
from dkai.compute.quote.estimate import show_amount
from dkai.core.clean import one_line
from dkai.core.i18n import t
from dkai.core.units import show_number
from dkai.core.unknown import Unknown

if TYPE_CHECKING:
    from dkai.app.allocations import AllocationList
    from dkai.compute.allocations import Line


def table(found: AllocationList) -> Iterator[Renderable]:
    """One line an allocation, then its remarks."""
    from rich.table import Table as Grid
    from rich.text import Text

    for note in found.notes:
        yield Text("! " + one_line(note, 600), style="warn")
    if not found.items:
        if not found.problems and not found.notes:
            yield t("None of your sites counts hours. Add one: dkai compute sites add NAME --provider lumi --user …")
        return
    grid = Grid(box=None, padding=(0, 1, 0, 0), pad_edge=False, header_style="muted")
    grid.add_column(t("account"), overflow="fold")
    grid.add_column(t("counted in"), overflow="fold")
    for title in (t("limit"), t("used"), t("left"), t("used %"), t("time %")):
        grid.add_column(title, justify="right", no_wrap=True)
    grid.add_column(t("until"), no_wrap=True)
    for line in found.items:
        grid.add_row(
            Text(one_line(f"{line.site}/{line.account}")), Text(one_line(line.unit)), _limit(line), _amount(line.used),
            Text(_amount(line.left), style=_style(line)), _percent(line.share_used), _percent(line.share_of_time),
            "–" if line.ends is None else line.ends.isoformat(),
        )  # fmt: skip
    yield grid
    for line in found.items:
        yield from _remarks(line)


def _style(line: Line) -> str:
    return "bad" if isinstance(line.left, float) and line.left <= 0 else ""


def _limit(line: Line) -> str:
    return t("none") if line.limit is None else _amount(line.limit)


def _amount(value: float | Unknown | None) -> str:
    """A number, `?` where it is not known, `–` where there is none."""
    if value is None:
        return "–"
    return "?" if isinstance(value, Unknown) else show_amount(value)


def _percent(share: float | Unknown | None) -> str:
    if share is None:
        return "–"
    return "?" if isinstance(share, Unknown) else show_number(share * 100, 0)


def _remarks(line: Line) -> Iterator[Renderable]:
    """What the table has no room for, each with its reason where it is not known."""
    from rich.text import Text

    yield ""
    heading = Text(one_line(f"{line.site}/{line.account}"), style="strong")
    heading.append(f"  {one_line(line.unit)} · {clock(line.asked_at)} · {one_line(line.source)}", style="muted")
    yield heading
    for text in _facts(line):
        yield _indented(Text(one_line(text, 600)))
    for warning in line.warnings:
        yield _indented(Text(f"! {one_line(warning, 600)}", style="warn"))
    if isinstance(line.people, Unknown):
        yield _indented(Text(one_line(t("people: {why}", why=line.people)), style="muted"))
        return
    for person in line.people:
        yield Text(f"    {one_line(person.name):<20} {show_amount(person.used)} {one_line(line.unit)}")


def _indented(text: Renderable) -> Renderable:
    """The text with all its lines, however many it takes, below the heading."""
    from rich.padding import Padding

    return Padding(text, (0, 0, 0, 2))


def _facts(line: Line) -> Iterator[str]:
    if line.limit is None:
        yield t("no hour budget there")
    elif isinstance(line.limit, Unknown):
        yield t("limit: {why}", why=line.limit)
    if isinstance(line.used, Unknown):
        yield t("used: {why}", why=line.used)
    if isinstance(line.set_aside, Unknown):
        if line.limit is not None and line.counts != line.unit:
            yield t("held by running jobs: {why}", why=line.set_aside)
    elif line.limit is not None:
        yield t("held by running jobs: {amount} {unit}", amount=show_amount(line.set_aside), unit=line.unit)
    if isinstance(line.share_of_time, Unknown):
        yield t("period: {why}", why=line.share_of_time)
    elif line.ends is not None:
        yield t("counts anew on {day}", day=line.ends)
    if isinstance(line.a_day, Unknown):
        yield t("rate: {why}", why=line.a_day)
    else:
        yield t("rate: {rate} a day", rate=line.a_day)
    if not isinstance(line.projected, Unknown):
        yield t("used by then, if it goes on so: {amount} ({how})", amount=line.projected, how=line.how)


def rows(found: AllocationList) -> Table:
    """The same for csv and md; what is not known stays empty, no limit is `none`."""
    headers = (
        "site", "account", "counts", "unit", "limit", "used", "set_aside", "left", "share_used", "share_of_time",
        "starts", "ends", "a_day_low", "a_day_high", "projected_low", "projected_high", "warnings",
    )  # fmt: skip

    def plain(value: float | Unknown | None) -> str:
        return "" if value is None or isinstance(value, Unknown) else f"{value:.6g}"

    def ends_of(value: object) -> tuple[str, str]:
        low, high = getattr(value, "low", None), getattr(value, "high", None)
        return plain(low), plain(high)

    return headers, [
        (
            one_line(x.site), one_line(x.account), one_line(x.counts), one_line(x.unit),
            "none" if x.limit is None else plain(x.limit), plain(x.used), plain(x.set_aside), plain(x.left),
            plain(x.share_used), plain(x.share_of_time), x.starts or "", x.ends or "", *ends_of(x.a_day),
            *ends_of(x.projected), "; ".join(one_line(w, 600) for w in x.warnings),
        )
        for x in found.items
    ]  # fmt: skip
