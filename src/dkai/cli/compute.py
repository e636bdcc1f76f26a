"""`dkai compute`: from a recipe to a job that ran."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dkai.cli import compute_allocations, compute_connect, compute_jobs, compute_sites
from dkai.cli.complete import recipe_ids, site_names
from dkai.cli.help import Commands
from dkai.cli.output import FormatOpt, Output, is_quiet, say, show
from dkai.core.i18n import t

if TYPE_CHECKING:
    from dkai.app.submit_walk import Prepared, Request
    from dkai.compute.link import Links

app = Commands(help=t("Run a job; cost and quota are shown before anything is sent."))

RecipeArg = Annotated[
    str | None,
    typer.Argument(metavar="RECIPE", help=t("a recipe's name, or the folder of your own"), autocompletion=recipe_ids),
]
SiteOpt = Annotated[
    str | None,
    typer.Option("--site", metavar="NAME", help=t("where to run; default: local"), autocompletion=site_names),
]
InputOpt = Annotated[
    list[Path] | None, typer.Option("--input", "-i", metavar="PATH", help=t("an input file or folder; may be repeated"))
]
SampleOpt = Annotated[bool, typer.Option("--sample", help=t("use the recipe's own sample data"))]
ParamOpt = Annotated[
    list[str] | None, typer.Option("--param", "-p", metavar="KEY=VALUE", help=t("a parameter; may be repeated"))
]
GpusOpt = Annotated[int | None, typer.Option("--gpus", metavar="N", min=0, max=1000, help=t("how many GPUs"))]
GpuTypeOpt = Annotated[
    str | None, typer.Option("--gpu-type", metavar="TYPE", help=t("which GPU, as the cluster calls it, such as h100"))
]
CpusOpt = Annotated[int | None, typer.Option("--cpus", metavar="N", min=1, max=100000, help=t("how many cores"))]
MemoryOpt = Annotated[str | None, typer.Option("--memory", metavar="SIZE", help=t("memory, such as 16G"))]
TimeOpt = Annotated[str | None, typer.Option("--time", metavar="TIME", help=t("at most so long, such as 90m or 2h"))]
PartitionOpt = Annotated[str | None, typer.Option("--partition", metavar="NAME", help=t("Slurm partition"))]
AccountOpt = Annotated[str | None, typer.Option("--account", metavar="NAME", help=t("Slurm account, your allocation"))]
QosOpt = Annotated[str | None, typer.Option("--qos", metavar="NAME", help=t("Slurm QOS"))]
ExclusiveOpt = Annotated[
    bool, typer.Option("--exclusive", help=t("whole nodes for this job alone; all that they have is counted"))
]
CpusPerGpuOpt = Annotated[
    int | None, typer.Option("--cpus-per-gpu", metavar="N", min=1, max=1000, help=t("cores bound to each GPU"))
]
LevelOpt = Annotated[
    str | None,
    typer.Option("--level", metavar="LEVEL", help=t("the data are public, internal, confidential or sensitive")),
]
AcceptLevelOpt = Annotated[
    bool, typer.Option("--accept-level", help=t("send data whose level is not permitted there; it is recorded"))
]
AllowOverOpt = Annotated[
    bool, typer.Option("--allow-over", help=t("submit although it is over a budget or limit; it is recorded"))
]
AskNowOpt = Annotated[
    bool, typer.Option("--ask-now", help=t("ask the site anew, although it answered within the last 15 minutes"))
]
ScreeningOpt = Annotated[
    Path | None, typer.Option("--screening", metavar="FILE", help=t("go on from a saved dkai advise result"))
]
YesOpt = Annotated[bool, typer.Option("--yes", "-y", help=t("submit without asking"))]
DryRunOpt = Annotated[bool, typer.Option("--dry-run", help=t("show the whole plan with its script; send nothing"))]
VerifyOpt = Annotated[
    bool, typer.Option("--verify", help=t("submit held, and let it start only if Slurm reads it as it was quoted"))
]
FollowOpt = Annotated[bool, typer.Option("--follow", "-f", help=t("stay, and show its log until it ends"))]
ResumeOpt = Annotated[
    str | None, typer.Option("--resume", metavar="JOB", help=t("go on with a submission that was cut off"))
]


@app.command(
    help=t(
        "Submit a recipe as a job: look into the files, show cost, quota and limits, ask, send. "
        "Uses the network when the site is not this computer."
    ),
    epilog=t("dkai compute submit gpu-check    the smallest first job, on this computer"),
)
def submit(
    *, recipe: RecipeArg = None, site: SiteOpt = None, inputs: InputOpt = None, sample: SampleOpt = False,
    param: ParamOpt = None, gpus: GpusOpt = None, gpu_type: GpuTypeOpt = None, cpus: CpusOpt = None,
    memory: MemoryOpt = None, time: TimeOpt = None, partition: PartitionOpt = None, account: AccountOpt = None,
    qos: QosOpt = None, exclusive: ExclusiveOpt = False, cpus_per_gpu: CpusPerGpuOpt = None,
    level: LevelOpt = None, accept_level: AcceptLevelOpt = False, allow_over: AllowOverOpt = False,
    ask_now: AskNowOpt = False, screening: ScreeningOpt = None,
    yes: YesOpt = False, dry_run: DryRunOpt = False, verify: VerifyOpt = False, follow: FollowOpt = False,
    resume: ResumeOpt = None, output: FormatOpt = Output.TEXT,
) -> None:  # fmt: skip
    """Prepare, show, ask, carry out."""
    with _ways(site) as ways:
        from dkai.app import submit_walk as walk
        from dkai.cli import render_plan
        from dkai.cli.progress import Progress

        if resume is not None:
            with Progress() as progress:
                job = walk.resume(resume, progress.tell, ways)
            compute_jobs.after_submit(job.job_id, output, ways, follow=follow)
            return
        request = _request(
            recipe=recipe, site=site, inputs=inputs or (), sample=sample, params=param or (), gpus=gpus,
            gpu_type=gpu_type, cpus=cpus, memory=memory, time=time, partition=partition, account=account, qos=qos,
            exclusive=exclusive, cpus_per_gpu=cpus_per_gpu,
            level=level, accept_level=accept_level, allow_over=allow_over, ask_now=ask_now, screening=screening,
        )  # fmt: skip
        if verify:
            walk.must_be_verifiable(request)
        request = replace(_with_level(request), ask_start=dry_run or not yes)
        with Progress() as progress:
            prepared = walk.prepare(request, progress.tell, ways)
        if dry_run:
            show(replace(prepared.plan, verify=verify), "compute-plan", output, render_plan.whole)
        if prepared.refusal is not None:
            raise prepared.refusal
        if dry_run:
            return
        if not is_quiet():
            for part in render_plan.summary(prepared.plan):
                say(part)
        if not yes and not _confirmed(prepared):
            say(t("Nothing was sent."))
            return
        with Progress() as progress:
            job = walk.carry_out(prepared.plan, progress.tell, ways, verify=verify)
        compute_jobs.after_submit(job.job_id, output, ways, follow=follow)


@app.command(help=t("Show what a job would cost and whether it may run; send nothing. The site is asked what it has."))
def quote(
    *, recipe: RecipeArg = None, site: SiteOpt = None, inputs: InputOpt = None, sample: SampleOpt = False,
    param: ParamOpt = None, gpus: GpusOpt = None, gpu_type: GpuTypeOpt = None, cpus: CpusOpt = None,
    memory: MemoryOpt = None, time: TimeOpt = None, partition: PartitionOpt = None, account: AccountOpt = None,
    qos: QosOpt = None, exclusive: ExclusiveOpt = False, cpus_per_gpu: CpusPerGpuOpt = None,
    level: LevelOpt = None, accept_level: AcceptLevelOpt = False, allow_over: AllowOverOpt = False,
    ask_now: AskNowOpt = False, screening: ScreeningOpt = None, output: FormatOpt = Output.TEXT,
) -> None:  # fmt: skip
    """Show the quote; exit 3 when the job would be refused."""
    with _ways(site) as ways:
        from dkai.app import submit_walk as walk
        from dkai.cli import render_plan
        from dkai.cli.progress import Progress

        request = _request(
            recipe=recipe, site=site, inputs=inputs or (), sample=sample, params=param or (), gpus=gpus,
            gpu_type=gpu_type, cpus=cpus, memory=memory, time=time, partition=partition, account=account, qos=qos,
            exclusive=exclusive, cpus_per_gpu=cpus_per_gpu,
            level=level, accept_level=accept_level, allow_over=allow_over, ask_now=ask_now, screening=screening,
        )  # fmt: skip
        with Progress() as progress:
            prepared = walk.prepare(request, progress.tell, ways)
        show(prepared.plan, "compute-plan", output, render_plan.summary)
        if prepared.refusal is not None:
            raise prepared.refusal


@app.command(help=t("List the recipes, or show one with its parameters."))
def recipes(recipe: RecipeArg = None, output: FormatOpt = Output.TEXT) -> None:
    """Show one or all."""
    from dkai.app.recipes import all_recipes, one_recipe
    from dkai.cli import render_recipes

    if recipe is None:
        show(all_recipes(), "compute-recipes", output, render_recipes.table)
    else:
        show(one_recipe(recipe), "compute-recipe", output, render_recipes.one)


def _ways(site: str | None) -> Links:
    """Connections for one command; the one to `site` begins to open while the rest of dkai is loaded."""
    from dkai.cli.asking import links

    ways = links()
    if site is not None:
        ways.expect(site)
    return ways


def _request(**words: Any) -> Request:
    from dkai.app.requests import Words, make_request

    return make_request(Words(**words))


def _with_level(request: Request) -> Request:
    """Ask how confidential the person's own files are, when they are to leave this computer and nobody said it."""
    from dkai.app.submit_walk import leaves_this_computer
    from dkai.cli.menu import choose
    from dkai.cli.prompts import interactive
    from dkai.core.levels import Level

    if request.level is not None or request.accept_level or not leaves_this_computer(request) or not interactive():
        return request
    say(t("How confidential are the data? It decides where they may be."))
    says = (
        t("public: anybody may see them"),
        t("internal: for colleagues, no harm if seen"),
        t("confidential: personal data such as names, answers, voices; contracts"),
        t("sensitive: health, ethnicity, politics, religion, union, genes; trade secrets"),
    )
    chosen = choose(says, letters={}, option="--level")
    return replace(request, level=list(Level)[int(chosen)])


def _confirmed(prepared: Prepared) -> bool:
    """Ask; on the way the script and an explanation can be seen."""
    from dkai.cli import render_plan
    from dkai.cli.prompts import confirm

    while True:
        extra = {"s": t("show the script"), "e": t("explain")}
        answer = confirm(t("Nothing has been sent. Submit?"), option="--yes", extra=extra)
        if isinstance(answer, bool):
            return answer
        for part in render_plan.script(prepared.plan) if answer == "s" else render_plan.explain(prepared.plan):
            say(part)


compute_jobs.add_to(app)
compute_sites.add_to(app)
compute_connect.add_to(app)
compute_allocations.add_to(app)
