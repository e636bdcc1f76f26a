"""`dkai compute handoff`: a job for UCloud's browser page, as a folder with steps."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from dkai.cli.complete import site_names
from dkai.cli.compute_options import (
    AcceptLevelOpt,
    AllowOverOpt,
    AskNowOpt,
    CpusOpt,
    GpusOpt,
    GpuTypeOpt,
    InputOpt,
    LevelOpt,
    MemoryOpt,
    ParamOpt,
    RecipeArg,
    SampleOpt,
    ScreeningOpt,
    TimeOpt,
)
from dkai.cli.help import Commands
from dkai.cli.output import FormatOpt, Output, is_quiet, say, show
from dkai.core.i18n import t

SiteOpt = Annotated[
    str | None,
    typer.Option("--site", metavar="NAME", help=t("your site at UCloud; default: ucloud"), autocompletion=site_names),
]
OutOpt = Annotated[
    Path | None, typer.Option("--out", metavar="DIR", help=t("where to; default: a new folder here, RECIPE-for-ucloud"))
]
DriveOpt = Annotated[
    str | None,
    typer.Option("--base", "--drive", metavar="/NUMBER", help=t("your drive at UCloud: the number in its web address")),
]
ProjectOpt = Annotated[
    str | None,
    typer.Option("--account", "--project", metavar="ID", help=t("your project at UCloud: the long id in its address")),
]
MachineOpt = Annotated[
    str | None,
    typer.Option("--partition", "--machine", metavar="NAME", help=t("the machine type, such as gpu-nvidia-b200-1-gpu")),
]


def add_to(app: Commands) -> None:
    """Put the command into the group."""
    app.command(
        help=t(
            "Write a job for UCloud as a folder: its files, the parameters as UCloud imports them, and the steps in "
            "the browser, in Danish and English. Needs no token; with one, UCloud is asked what it has."
        ),
        epilog=t("dkai compute handoff gpu-check --sample    then: dkai compute fetch JOB --from results-….tar.gz"),
    )(handoff)


def handoff(
    *, recipe: RecipeArg = None, site: SiteOpt = None, out: OutOpt = None, inputs: InputOpt = None,
    sample: SampleOpt = False, param: ParamOpt = None, machine: MachineOpt = None, drive: DriveOpt = None,
    project: ProjectOpt = None, gpus: GpusOpt = None, gpu_type: GpuTypeOpt = None, cpus: CpusOpt = None,
    memory: MemoryOpt = None, time: TimeOpt = None, level: LevelOpt = None, accept_level: AcceptLevelOpt = False,
    allow_over: AllowOverOpt = False, ask_now: AskNowOpt = False, screening: ScreeningOpt = None,
    output: FormatOpt = Output.TEXT,
) -> None:  # fmt: skip
    """Prepare, show what it costs and how the data stand, write the folder."""
    from dkai.app import handoff as hand
    from dkai.app import submit_walk as walk
    from dkai.cli import render_handoff, render_plan
    from dkai.cli.asking import links
    from dkai.cli.progress import Progress
    from dkai.cli.submitting import request_of, with_level

    if out is not None:
        hand.must_be_free(out)
    with links() as ways:
        request = request_of(
            recipe=recipe, site=site, inputs=inputs or (), sample=sample, params=param or (), gpus=gpus,
            gpu_type=gpu_type, cpus=cpus, memory=memory, time=time, partition=machine, account=None, qos=None,
            exclusive=False, cpus_per_gpu=None, level=level, accept_level=accept_level, allow_over=allow_over,
            ask_now=ask_now, screening=screening,
        )  # fmt: skip
        place = hand.site_for(site, project, drive)
        request = with_level(replace(request, site=place.id))
        with Progress() as progress:
            prepared = walk.prepare(request, progress.tell, ways)
    if not is_quiet():
        for part in (*render_plan.summary(prepared.plan), *render_handoff.rules(hand.rules_of(place), prepared.plan)):
            say(part)
    written = hand.hand_over(prepared, out or Path(f"{prepared.recipe.id}-for-ucloud"))
    show(written, "compute-handoff", output, render_handoff.written)
