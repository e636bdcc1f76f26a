"""`dkai compute`: from a recipe to a job that ran."""

from __future__ import annotations

from dkai.cli import (
    compute_allocations,
    compute_compare,
    compute_connect,
    compute_handoff,
    compute_jobs,
    compute_prices,
    compute_recipes,
    compute_sites,
    compute_sweep,
)
from dkai.cli.compute_compare import CompareOpt, ExplainOpt, GpuMemoryOpt, InstitutionOpt, TookOpt
from dkai.cli.compute_options import (
    AcceptLevelOpt,
    AccountOpt,
    AllowOverOpt,
    AskNowOpt,
    CarryOpt,
    CpusOpt,
    CpusPerGpuOpt,
    DryRunOpt,
    EnvOpt,
    ExclusiveOpt,
    FollowOpt,
    GpusOpt,
    GpuTypeOpt,
    ImageOpt,
    InputOpt,
    LevelOpt,
    MemoryOpt,
    ModuleOpt,
    NodesOpt,
    OnTimeUpOpt,
    ParamOpt,
    PartitionOpt,
    QosOpt,
    RecipeArg,
    ResumeOpt,
    SampleOpt,
    ScreeningOpt,
    SiteOpt,
    TimeOpt,
    VerifyOpt,
    YesOpt,
)
from dkai.cli.help import Commands
from dkai.cli.output import FormatOpt, Output, TableFormatOpt, TableOutput, show
from dkai.cli.submitting import go_through_with, links_for, request_of
from dkai.core.i18n import t

app = Commands(help=t("Run a job; cost and quota are shown before anything is sent."))


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
    nodes: NodesOpt = None, memory: MemoryOpt = None, time: TimeOpt = None, partition: PartitionOpt = None,
    account: AccountOpt = None,
    qos: QosOpt = None, exclusive: ExclusiveOpt = False, cpus_per_gpu: CpusPerGpuOpt = None,
    on_time_up: OnTimeUpOpt = None,
    level: LevelOpt = None, accept_level: AcceptLevelOpt = False, allow_over: AllowOverOpt = False,
    ask_now: AskNowOpt = False, screening: ScreeningOpt = None,
    env: EnvOpt = None, module: ModuleOpt = None, image: ImageOpt = None, carry_wheels: CarryOpt = False,
    yes: YesOpt = False, dry_run: DryRunOpt = False, verify: VerifyOpt = False, follow: FollowOpt = False,
    resume: ResumeOpt = None, output: FormatOpt = Output.TEXT,
) -> None:  # fmt: skip
    """Prepare, show, ask, carry out."""
    with links_for(site) as ways:
        if resume is not None:
            from dkai.app import submit_walk as walk
            from dkai.cli.progress import Progress

            with Progress() as progress:
                job = walk.resume(resume, progress.tell, ways)
            compute_jobs.after_submit(job.job_id, output, ways, follow=follow)
            return
        request = request_of(
            recipe=recipe, site=site, inputs=inputs or (), sample=sample, params=param or (), gpus=gpus,
            gpu_type=gpu_type, cpus=cpus, memory=memory, time=time, partition=partition, account=account, qos=qos,
            exclusive=exclusive, cpus_per_gpu=cpus_per_gpu, nodes=nodes, on_time_up=on_time_up,
            level=level, accept_level=accept_level, allow_over=allow_over, ask_now=ask_now, screening=screening,
            env=env, modules=module or (), image=image, carry_wheels=carry_wheels,
        )  # fmt: skip
        go_through_with(request, ways, output, yes=yes, dry_run=dry_run, verify=verify, follow=follow)


@app.command(help=t("Show what a job would cost and whether it may run; send nothing. The site is asked what it has."))
def quote(
    *, recipe: RecipeArg = None, site: SiteOpt = None, inputs: InputOpt = None, sample: SampleOpt = False,
    param: ParamOpt = None, gpus: GpusOpt = None, gpu_type: GpuTypeOpt = None, cpus: CpusOpt = None,
    nodes: NodesOpt = None, memory: MemoryOpt = None, time: TimeOpt = None, partition: PartitionOpt = None,
    account: AccountOpt = None,
    qos: QosOpt = None, exclusive: ExclusiveOpt = False, cpus_per_gpu: CpusPerGpuOpt = None,
    on_time_up: OnTimeUpOpt = None,
    level: LevelOpt = None, accept_level: AcceptLevelOpt = False, allow_over: AllowOverOpt = False,
    ask_now: AskNowOpt = False, screening: ScreeningOpt = None,
    env: EnvOpt = None, module: ModuleOpt = None, image: ImageOpt = None, carry_wheels: CarryOpt = False,
    compare: CompareOpt = False, institution: InstitutionOpt = None, took: TookOpt = None,
    gpu_memory: GpuMemoryOpt = None, explain: ExplainOpt = False, output: TableFormatOpt = TableOutput.TEXT,
) -> None:  # fmt: skip
    """Show the quote; exit 3 when the job would be refused. Or the job on every place, side by side."""
    if not compare:
        only = {"--institution": institution, "--took": took, "--gpu-memory": gpu_memory, "--explain": explain}
        compute_compare.no_comparison(output, only)
    else:
        compute_compare.no_site(site)
    with links_for(site) as ways:
        request = request_of(
            recipe=recipe, site=site, inputs=inputs or (), sample=sample, params=param or (), gpus=gpus,
            gpu_type=gpu_type, cpus=cpus, memory=memory, time=time, partition=partition, account=account, qos=qos,
            exclusive=exclusive, cpus_per_gpu=cpus_per_gpu, nodes=nodes, on_time_up=on_time_up,
            level=level, accept_level=accept_level, allow_over=allow_over, ask_now=ask_now, screening=screening,
            env=env, modules=module or (), image=image, carry_wheels=carry_wheels,
        )  # fmt: skip
        if compare:
            compute_compare.show_comparison(
                request, ways, output, institution=institution, took=took, gpu_memory=gpu_memory,
                screening=screening, whole=explain,
            )  # fmt: skip
            return
        from dkai.app import submit_walk as walk
        from dkai.cli import render_plan
        from dkai.cli.progress import Progress

        with Progress() as progress:
            prepared = walk.prepare(request, progress.tell, ways)
        show(prepared.plan, "compute-plan", output, render_plan.summary)
        if prepared.refusal is not None:
            raise prepared.refusal


compute_recipes.add_to(app)
compute_sweep.add_to(app, submit)
compute_jobs.add_to(app)
compute_handoff.add_to(app)
compute_sites.add_to(app)
compute_connect.add_to(app)
compute_allocations.add_to(app)
compute_prices.add_to(app)
