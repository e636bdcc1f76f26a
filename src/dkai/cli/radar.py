"""`dkai radar`: find and compare AI tools for research."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dkai.cli.complete import tool_ids
from dkai.cli.help import Commands
from dkai.cli.output import FormatOpt, Output, TableFormatOpt, TableOutput, say, show
from dkai.cli.radar_filters import filtered
from dkai.core.errors import UserError
from dkai.core.i18n import t

if TYPE_CHECKING:
    from datetime import date

    from dkai.catalogue.catalogue import Catalogue
    from dkai.radar.wishes import Filters

app = Commands(help=t("Find and compare AI tools for research. Uses no network."))


class Sort(StrEnum):
    """The order of an answer."""

    FIT = "fit"
    RING = "ring"
    NAME = "name"
    EFFECTIVENESS = "effectiveness"
    EASE = "ease"
    DATA_PROTECTION = "data-protection"
    GPU_MEMORY = "gpu-memory"
    REVIEWED = "reviewed"


class LevelName(StrEnum):
    """Data levels."""

    PUBLIC = "public"
    INTERNAL = "internal"
    CONFIDENTIAL = "confidential"
    SENSITIVE = "sensitive"


LimitOpt = Annotated[int, typer.Option("--limit", metavar="N", min=0, help=t("how many to show; 0: all"))]
WhyNotOpt = Annotated[bool, typer.Option("--why-not", help=t("show what the filters left out, and why"))]


def _opened() -> tuple[Catalogue, date]:
    """The catalogue, with a word about what of it cannot be used, and today."""
    from datetime import UTC, datetime

    from dkai.catalogue.open import open_catalogue
    from dkai.cli.catalogue_news import warn_of

    return warn_of(open_catalogue()), datetime.now(UTC).date()


@app.command(help=t("Find tools by what you want to do, in Danish or English; each with the reason why it was found."))
@filtered
def search(
    query: Annotated[list[str], typer.Argument(metavar="QUERY", help=t("such as: transcribe interviews"))],
    *,
    wishes: Filters,
    sort: Annotated[Sort, typer.Option("--sort", help=t("by fit to the query, or by one criterion"))] = Sort.FIT,
    limit: LimitOpt = 10,
    why_not: WhyNotOpt = False,
    output: TableFormatOpt = TableOutput.TEXT,
) -> None:
    """Search, filter, show."""
    from dkai.cli.render_radar import answer, cells
    from dkai.radar.search import search as find

    words = " ".join(query)
    if not words.strip():
        raise UserError(
            t("there is nothing to search for"),
            code="empty-query",
            hint=t("say what you want to do, or see all tools: dkai radar list"),
        )
    catalogue, today = _opened()
    found = find(catalogue, words, wishes, today, limit, sort=str(sort))
    show(found, "radar-search", output, lambda one: answer(one, why_not=why_not), table=cells)


@app.command("list", help=t("List all tools by their place on the radar, with the same filters as search."))
@filtered
def list_(
    *,
    wishes: Filters,
    sort: Annotated[Sort, typer.Option("--sort", help=t("by ring and name, or by one criterion"))] = Sort.RING,
    limit: LimitOpt = 0,
    why_not: WhyNotOpt = False,
    output: TableFormatOpt = TableOutput.TEXT,
) -> None:
    """List, filter, show."""
    from dkai.cli.render_radar import answer, cells
    from dkai.radar.search import list_tools

    catalogue, today = _opened()
    order = Sort.RING if sort is Sort.FIT else sort  # there is no query that a tool could fit
    found = list_tools(catalogue, wishes, today, limit, sort=str(order))
    show(found, "radar-list", output, lambda one: answer(one, why_not=why_not), table=cells)


@app.command("show", help=t("Show all that the radar knows of one tool: evidence, needs, data, limits, gaps, sources."))
def show_(
    id_: Annotated[str, typer.Argument(metavar="ID", help=t("the tool's id or name"), autocompletion=tool_ids)],
    data: Annotated[LevelName | None, typer.Option("--data", help=t("what to know at this data level only"))] = None,
    output: FormatOpt = Output.TEXT,
) -> None:
    """Show one tool."""
    from dkai.cli.render_tool import page
    from dkai.radar.card import card_of

    catalogue, today = _opened()
    card = card_of(catalogue.get(id_, "tool"), today)
    show(card, "radar-show", output, lambda one: page(one, level=None if data is None else str(data)))


@app.command("compare", help=t("Set two to six tools side by side: first the criteria in which they differ."))
def compare_(
    ids: Annotated[list[str], typer.Argument(metavar="ID...", help=t("ids or names"), autocompletion=tool_ids)],
    output: TableFormatOpt = TableOutput.TEXT,
) -> None:
    """Compare tools."""
    from dkai.cli.render_compare import cells, table
    from dkai.radar.compare import compare

    catalogue, today = _opened()
    show(compare(catalogue, ids, today), "radar-compare", output, table, table=cells)


@app.command("plot", help=t("Draw the radar: rings adopt, trial, assess, hold; what is new and what has moved."))
@filtered
def plot_(
    *,
    wishes: Filters,
    since: Annotated[
        str | None, typer.Option("--since", metavar="DATE", help=t("mark what is new or moved since then"))
    ] = None,
    to: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help=t("write a picture (SVG), for screen and print")),
    ] = None,
    output: FormatOpt = Output.TEXT,
) -> None:
    """Draw in the terminal or into a file."""
    from dkai.cli.render_plot import WORDS, in_terminal
    from dkai.core.units import parse_day
    from dkai.radar.plot import plot, since_or_lately, write_picture

    catalogue, today = _opened()
    picture = plot(catalogue, wishes, since_or_lately(None if since is None else parse_day(since), today))
    if to is None:
        show(picture, "radar-plot", output, in_terminal)
        return
    write_picture(picture, WORDS, to)
    if output == "json":
        show(picture, "radar-plot", output, in_terminal)
    else:
        say(t("{n} tools drawn: {file}", n=len(picture.items), file=to))
