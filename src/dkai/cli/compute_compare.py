"""`dkai compute quote --compare`: its options, and the comparison shown."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dkai.cli.output import TableOutput, show
from dkai.core.errors import UsageError
from dkai.core.i18n import t

if TYPE_CHECKING:
    from dkai.app.submit_walk import Request
    from dkai.compute.link import Links

CompareOpt = Annotated[
    bool,
    typer.Option("--compare", help=t("set the job side by side on every place; asks nobody, unless with --ask-now")),
]
InstitutionOpt = Annotated[
    str | None,
    typer.Option("--institution", metavar="ID", help=t("with --compare: where you work, such as ku, au or dtu")),
]
TookOpt = Annotated[
    str | None,
    typer.Option("--took", metavar="TIME@GPU", help=t("with --compare: what you measured, such as 2h@a100-80gb")),
]
GpuMemoryOpt = Annotated[
    str | None,
    typer.Option("--gpu-memory", metavar="SIZE", help=t("with --compare: memory that each GPU must have, such as 24G")),
]
ExplainOpt = Annotated[
    bool, typer.Option("--explain", help=t("with --compare: each place with every number's formula, source and date"))
]


def no_comparison(output: TableOutput, said: Mapping[str, object]) -> None:
    """Raises UsageError where something was said that only a comparison understands."""
    names = [name for name, value in said.items() if value]
    if output in (TableOutput.CSV, TableOutput.MD):
        names.append(f"--format {output}")
    if names:
        raise UsageError(
            t("{option} is for comparisons", option=names[0]),
            code="bad-option",
            hint=t("add --compare to set the job side by side on every place"),
        )


def no_site(site: str | None) -> None:
    """Raises UsageError where one place is named for a comparison of all."""
    if site is not None:
        raise UsageError(
            t("--site and --compare say two things: one place, and all of them"),
            code="bad-option",
            hint=t("leave out one of them"),
        )


def show_comparison(
    request: Request, ways: Links, output: TableOutput, *, institution: str | None, took: str | None,
    gpu_memory: str | None, screening: Path | None, whole: bool,
) -> None:  # fmt: skip
    """Compare and show."""
    from datetime import date

    from dkai.app.compare import Question, compare_places
    from dkai.cli import render_side_by_side as render
    from dkai.cli.progress import Progress

    question = Question(request, institution, took, gpu_memory, screening)
    with Progress() as progress:
        found = compare_places(question, date.today(), progress.tell, ways)
    show(found, "compute-compare", output, render.explain if whole else render.table, table=render.cells)
