"""`dkai radar`: find and compare AI tools for research."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from dkai.cli.complete import tool_ids
from dkai.cli.help import Commands
from dkai.cli.output import FormatOpt, Output, TableFormatOpt, TableOutput, show
from dkai.core.errors import UserError
from dkai.core.i18n import t

if TYPE_CHECKING:
    from dkai.radar.filters import Filters

app = Commands(help=t("Find and compare AI tools for research. Uses no network."))


class Runs(StrEnum):
    """Where a tool is to run."""

    LAPTOP = "laptop"
    SERVER = "server"
    EU = "eu"
    ANYWHERE = "anywhere"


class Cost(StrEnum):
    """The most that a tool may cost."""

    FREE = "free"
    FREEMIUM = "freemium"
    PAID = "paid"


class RingName(StrEnum):
    """The places on the radar."""

    ADOPT = "adopt"
    TRIAL = "trial"
    ASSESS = "assess"
    HOLD = "hold"


TaskOpt = Annotated[str | None, typer.Option("--task", metavar="TASK", help=t("such as transcription"))]
DisciplineOpt = Annotated[str | None, typer.Option("--discipline", metavar="NAME", help=t("such as history"))]
DataOpt = Annotated[
    str | None,
    typer.Option("--data", metavar="LEVEL", help=t("your data is public, internal, confidential or sensitive")),
]
RunsOpt = Annotated[Runs | None, typer.Option("--runs", help=t("it must run there"))]
GpuOpt = Annotated[float | None, typer.Option("--gpu-memory", metavar="GB", min=0, help=t("GPU memory that you have"))]
CommercialOpt = Annotated[bool, typer.Option("--commercial", help=t("commercial use must be allowed"))]
CostOpt = Annotated[Cost | None, typer.Option("--cost", help=t("the most that it may cost"))]
DanishOpt = Annotated[bool, typer.Option("--danish", help=t("it must cope with Danish, or have no need to"))]
RingOpt = Annotated[
    list[RingName] | None,
    typer.Option("--ring", metavar="RING", help=t("only adopt, trial, assess or hold; can be given again")),
]
WhyNotOpt = Annotated[bool, typer.Option("--why-not", help=t("show what the filters left out, and why"))]


def _wishes(  # one argument an option
    *, task: str | None, discipline: str | None, data: str | None, runs: Runs | None, gpu_memory: float | None,
    commercial: bool, cost: Cost | None, danish: bool, ring: list[RingName] | None,
) -> Filters:  # fmt: skip
    from dkai.core.levels import parse_level
    from dkai.radar.filters import Filters

    return Filters(
        task=task,
        discipline=discipline,
        data=None if data is None else parse_level(data),
        runs=None if runs in (None, Runs.ANYWHERE) else str(runs),
        gpu_memory_gb=gpu_memory,
        commercial=commercial,
        cost=None if cost is None else str(cost),
        danish=danish,
        rings=tuple(str(name) for name in ring or ()),
    )


@app.command(help=t("Find tools by what you want to do, in Danish or English; each with the reason why it was found."))
def search(
    query: Annotated[list[str], typer.Argument(metavar="QUERY", help=t("such as: transcribe interviews"))],
    *,
    task: TaskOpt = None,
    discipline: DisciplineOpt = None,
    data: DataOpt = None,
    runs: RunsOpt = None,
    gpu_memory: GpuOpt = None,
    commercial: CommercialOpt = False,
    cost: CostOpt = None,
    danish: DanishOpt = False,
    ring: RingOpt = None,
    limit: Annotated[int, typer.Option("--limit", metavar="N", min=0, help=t("how many to show; 0: all"))] = 10,
    why_not: WhyNotOpt = False,
    output: TableFormatOpt = TableOutput.TEXT,
) -> None:
    """Search, filter, show."""
    from datetime import UTC, datetime

    from dkai.catalogue.open import open_catalogue
    from dkai.cli.catalogue_news import warn_of
    from dkai.cli.render_radar import answer, cells
    from dkai.radar.search import search as find

    wishes = _wishes(
        task=task, discipline=discipline, data=data, runs=runs, gpu_memory=gpu_memory,
        commercial=commercial, cost=cost, danish=danish, ring=ring,
    )  # fmt: skip
    words = " ".join(query)
    if not words.strip():
        raise UserError(
            t("there is nothing to search for"),
            code="empty-query",
            hint=t("say what you want to do, or see all tools: dkai radar list"),
        )
    found = find(warn_of(open_catalogue()), words, wishes, datetime.now(UTC).date(), limit)
    show(found, "radar-search", output, lambda one: answer(one, why_not=why_not), table=cells)


@app.command("list", help=t("List all tools by their place on the radar, with the same filters as search."))
def list_(
    *,
    task: TaskOpt = None,
    discipline: DisciplineOpt = None,
    data: DataOpt = None,
    runs: RunsOpt = None,
    gpu_memory: GpuOpt = None,
    commercial: CommercialOpt = False,
    cost: CostOpt = None,
    danish: DanishOpt = False,
    ring: RingOpt = None,
    limit: Annotated[int, typer.Option("--limit", metavar="N", min=0, help=t("how many to show; 0: all"))] = 0,
    why_not: WhyNotOpt = False,
    output: TableFormatOpt = TableOutput.TEXT,
) -> None:
    """List, filter, show."""
    from datetime import UTC, datetime

    from dkai.catalogue.open import open_catalogue
    from dkai.cli.catalogue_news import warn_of
    from dkai.cli.render_radar import answer, cells
    from dkai.radar.search import list_tools

    wishes = _wishes(
        task=task, discipline=discipline, data=data, runs=runs, gpu_memory=gpu_memory,
        commercial=commercial, cost=cost, danish=danish, ring=ring,
    )  # fmt: skip
    found = list_tools(warn_of(open_catalogue()), wishes, datetime.now(UTC).date(), limit)
    show(found, "radar-list", output, lambda one: answer(one, why_not=why_not), table=cells)


@app.command("show", help=t("Show all that the radar knows of one tool: evidence, needs, data, limits, gaps, sources."))
def show_(
    id_: Annotated[str, typer.Argument(metavar="ID", help=t("the tool's id or name"), autocompletion=tool_ids)],
    output: FormatOpt = Output.TEXT,
) -> None:
    """Show one tool."""
    from datetime import UTC, datetime

    from dkai.catalogue.open import open_catalogue
    from dkai.cli.render_tool import page
    from dkai.radar.card import card_of

    card = card_of(open_catalogue().get(id_, "tool"), datetime.now(UTC).date())
    show(card, "radar-show", output, page)
