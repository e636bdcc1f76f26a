"""The catalogue's results as text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dkai.cli.output import Renderable, console
from dkai.core.clean import no_controls, one_line
from dkai.core.i18n import nt, t

if TYPE_CHECKING:
    from dkai.catalogue.shown import Shown
    from dkai.catalogue.status import Status
    from dkai.catalogue.validate import Validation

MOST_DUE = 10


def problems(found: Validation) -> Iterator[Renderable]:
    """File › field: what is wrong, and below it how to mend it."""
    from rich.text import Text

    from dkai.catalogue.problems import Severity

    for problem in found.items:
        serious = problem.severity is Severity.ERROR
        line = Text(t("error") if serious else t("look at this"), style="bad" if serious else "warn")
        line.append(f"  {no_controls(str(problem))}", style="")
        if problem.hint:
            line.append(f"\n       → {no_controls(problem.hint)}", style="muted")
        # Whoever reads from a pipe wants one problem a line, however long.
        yield line if console().is_terminal else line.plain
    if found.items:
        yield ""
    total = sum(found.counts.values())
    kinds = _kinds(found.counts)
    yield nt("{n} entry is well-formed", "{n} entries are well-formed", total) + (f": {kinds}" if kinds else "")
    warnings = len(found.items) - found.errors
    if found.errors:
        yield nt("{n} thing must be mended.", "{n} things must be mended.", found.errors)
    elif warnings:
        yield nt("Nothing must be mended; {n} thing to look at.", "Nothing must be mended; {n} to look at.", warnings)
    else:
        yield t("Nothing to mend.")


def state(found: Status) -> Iterator[Renderable]:
    """Age and counts, layers, what is due, what could not be used."""
    from rich.table import Table
    from rich.text import Text

    age = nt("{n} day old", "{n} days old", found.age_days)
    yield t("Catalogue of {date} ({age}): {kinds}", date=found.date, age=age, kinds=_kinds(found.counts))
    yield nt("{n} value is not known, and says why.", "{n} values are not known, and say why.", found.unknowns)
    yield ""
    grid = Table(box=None, header_style="muted", padding=(0, 2, 0, 0), pad_edge=False)
    grid.add_column(t("layer"))
    grid.add_column(t("entries"), justify="right")
    grid.add_column(t("folder"), overflow="fold")
    for layer in found.layers:
        folder = layer.folder if layer.there else t("{folder} – is not there", folder=layer.folder)
        style = "" if layer.there else "warn"
        grid.add_row(one_line(layer.name), str(layer.entries), Text(one_line(folder), style=style))
    yield grid
    yield ""
    if found.due:
        yield nt("{n} review is past due:", "{n} reviews are past due:", len(found.due))
        for one in found.due[:MOST_DUE]:
            part = f" · {one.part}" if one.part else ""
            yield f"  {one.due}  {one.kind}:{one.id}{part}"
        if len(found.due) > MOST_DUE:
            yield t("  and {n} more: --format json lists them", n=len(found.due) - MOST_DUE)
    else:
        yield t("No review is past due.")
    if found.problems:
        yield ""
        yield nt("{n} thing could not be used:", "{n} things could not be used:", len(found.problems))
        yield from (f"  {no_controls(problem)}" for problem in found.problems)


def entry(shown: Shown, *, origin: bool = False) -> Iterator[Renderable]:
    """An entry's fields as its file has them, in the language in use; with `origin`, whose words they are."""
    from rich.table import Table
    from rich.text import Text

    from dkai.catalogue.catalogue import kind_name
    from dkai.catalogue.shown import fields_of

    title = Text(one_line(shown.name), style="strong")
    title.append(f"  {kind_name(shown.kind)} · {shown.kind}:{shown.id}", style="muted")
    yield title
    if shown.overdue:
        parts = ", ".join(part or t("the whole entry") for part in shown.overdue)
        yield Text("! " + t("past its review date: {parts}", parts=parts), style="warn")
    yield ""
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True)
    if origin:
        grid.add_column(no_wrap=True, style="muted")
    grid.add_column(overflow="fold")
    for field in fields_of(shown):
        label = Text("  " * field.depth + field.label, style="strong" if field.value is None else "")
        value = Text(no_controls(field.value or ""))
        grid.add_row(label, *([field.layer if field.value is not None else ""] if origin else []), value)
    yield grid


def _kinds(counts: dict[str, int]) -> str:
    """`20 tools, 7 places`."""
    told = {
        "tool": lambda n: nt("{n} tool", "{n} tools", n),
        "provider": lambda n: nt("{n} place", "{n} places", n),
        "gpu": lambda n: nt("{n} GPU", "{n} GPUs", n),
        "course": lambda n: nt("{n} course", "{n} courses", n),
        "portal": lambda n: nt("{n} data portal", "{n} data portals", n),
        "contact": lambda n: nt("{n} contact", "{n} contacts", n),
        "grid": lambda n: nt("{n} electricity grid", "{n} electricity grids", n),
    }
    return ", ".join(told[kind](counts[kind]) for kind in told if counts.get(kind))
