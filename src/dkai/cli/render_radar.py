"""The radar's answers as text, and as cells of a table."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dkai.cli import radar_words as words
from dkai.cli.output import Renderable, Table, console
from dkai.core.clean import no_controls, one_line
from dkai.core.i18n import nt, t

if TYPE_CHECKING:
    from dkai.radar.line import Tool
    from dkai.radar.search import Found, LeftOut

WIDE = 96  # columns from which the age of the review gets its own
NEAREST = 5


def answer(found: Found, *, why_not: bool = False) -> Iterator[Renderable]:
    """The tools, then what was left out, then what to do next."""
    if found.items:
        yield _table(found)
        yield ""
        yield _below(found)
    elif found.left_out:
        yield from _nothing_meets(found)
    elif found.query:
        yield from _nothing_found(found)
    else:
        yield t("The radar has no tools.")
    if why_not and found.items and found.left_out:
        yield ""
        yield from _left_out(found.left_out)


def cells(found: Found) -> Table:
    """The same as rows for csv and md; the headers are the same in both languages."""
    headers = (
        "id", "name", "ring", "why", "gpu", "gpu_memory_gb_from", "gpu_memory_gb_to", "where", "edition", "danish",
        "cost", "commercial_use", "effectiveness", "ease", "data_protection", "reviewed", "summary",
    )  # fmt: skip
    rows = (
        (
            tool.id, one_line(tool.name), tool.ring, _why(tool), tool.gpu, *(tool.gpu_memory_gb or ("", "")),
            tool.where, tool.edition or "", str(tool.danish).lower(), tool.cost, tool.commercial_use,
            tool.effectiveness, tool.ease, tool.data_protection, tool.reviewed, one_line(tool.summary, 500),
        )
        for tool in found.items
    )  # fmt: skip
    return headers, rows


def _table(found: Found) -> Renderable:
    from rich.table import Table as Grid
    from rich.text import Text

    wide = console().width >= WIDE
    grid = Grid(box=None, header_style="muted", padding=(0, 2, 0, 0), pad_edge=False)
    grid.add_column(t("ring"), no_wrap=True)
    grid.add_column(t("tool"), max_width=24, overflow="fold")
    grid.add_column(t("why it matched") if found.query else t("what it does"), ratio=1)
    grid.add_column("GPU", max_width=12)
    grid.add_column(t("data is"), max_width=15)
    if wide:
        grid.add_column(t("reviewed"), no_wrap=True)
    for tool in found.items:
        row: list[Renderable] = [
            Text(words.ring(tool.ring), style=words.RING_STYLES.get(tool.ring, "")),
            Text(one_line(tool.name, 60), style="strong"),
            Text(_why(tool) if found.query else no_controls(tool.summary)),
            words.gpu(tool.gpu, tool.gpu_memory_gb),
            f"{words.where(tool.where)} ({one_line(tool.edition, 30)})" if tool.edition else words.where(tool.where),
        ]
        if wide:
            age = words.ago(tool.reviewed)
            row.append(Text(f"{age} !" if tool.overdue else age, style="warn" if tool.overdue else "muted"))
        grid.add_row(*row)
    return grid


def _why(tool: Tool) -> str:
    """The words that matched, each phrase once; a near spelling (≈) and another word for the same (~) are marked."""
    signs = {"spelling": "≈ ", "synonym": "~ "}
    told = {m.words: signs.get(m.how, "") + m.words for m in tool.matches}
    return one_line(" · ".join(told.values()), 160)


def _below(found: Found) -> str:
    """How many of how many, what each filter left out, and how old it all is."""
    shown, fitting = len(found.items), found.fitting
    if found.query:
        parts = [t("{shown} of {all} that match", shown=shown, all=found.found)]
    else:
        parts = [t("{shown} of {all} tools", shown=shown, all=found.found)]
    if shown < fitting:
        parts.append(t("--limit 0 shows all {n}", n=fitting))
    if found.left_out:
        parts.append(_filters(found))
    overdue = sum(bool(tool.overdue) for tool in found.items)
    if overdue:
        parts.append(nt("! {n} is past its review date", "! {n} are past their review date", overdue))
    parts.append(t("more of one: dkai radar show {id}", id=found.items[0].id))
    return "\n".join(parts)


def _filters(found: Found) -> str:
    asked = []
    for one in found.filtered:
        unknown = t(" ({n} of them not known)", n=one.unknown) if one.unknown else ""
        asked.append(t("{n} by --{filter}", n=one.count, filter=one.filter) + unknown)
    left_out = nt("{n} left out", "{n} left out", len(found.left_out))
    return f"{left_out}: {', '.join(asked)}\n" + t("--why-not shows them")


def _left_out(tools: tuple[LeftOut, ...]) -> Iterator[Renderable]:
    from rich.table import Table as Grid

    grid = Grid(box=None, header_style="muted", padding=(0, 2, 0, 0), pad_edge=False)
    grid.add_column(t("left out"), max_width=24)
    grid.add_column(t("because"))
    for tool in tools:
        reasons = "; ".join(f"{one.why} (--{one.filter})" for one in tool.objections)
        grid.add_row(one_line(tool.name, 60), reasons)
    yield grid


def _nothing_meets(found: Found) -> Iterator[Renderable]:
    names = " ".join(f"--{name}" for name in found.filters.asked())
    yield nt(
        "{n} tool matches, but not with {filters}. The nearest:",
        "{n} tools match, but none with {filters}. The nearest:",
        found.found,
        filters=names,
    )
    yield ""
    # Those that fail the fewest wishes come first; among them the better match.
    nearest = sorted(found.left_out, key=lambda tool: len(tool.objections))[:NEAREST]
    yield from _left_out(tuple(nearest))


def _nothing_found(found: Found) -> Iterator[Renderable]:
    yield t("No tool matches “{query}”.", query=one_line(found.query, 60))
    yield ""
    if found.elsewhere:
        from dkai.catalogue.catalogue import kind_name

        yield t("The catalogue has something else for it:")
        for one in found.elsewhere:
            yield f"  {one_line(one.name, 60)} ({kind_name(one.kind)}) · dkai catalogue show {one.kind}:{one.id}"
        yield ""
    yield t("Try other words, in Danish or English, or see all: dkai radar list")
