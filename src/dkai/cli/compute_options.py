"""The options of the commands that ask for a job: `submit`, `quote`, `sweep`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dkai.cli.complete import recipe_ids, site_names
from dkai.core.i18n import t

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
NodesOpt = Annotated[
    int | None,
    typer.Option("--nodes", metavar="N", min=1, max=10000, help=t("nodes that GPUs and cores are shared out over")),
]
CpusOpt = Annotated[int | None, typer.Option("--cpus", metavar="N", min=1, max=100000, help=t("how many cores"))]
MemoryOpt = Annotated[
    str | None, typer.Option("--memory", metavar="SIZE", help=t("memory, such as 16G; with --nodes on each of them"))
]
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
OnTimeUpOpt = Annotated[
    str | None,
    typer.Option(
        "--on-time-up", metavar="HOW", help=t("stop, or requeue[:N]: back into the queue and on from its checkpoint")
    ),
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
EnvOpt = Annotated[
    str | None,
    typer.Option(
        "--env", metavar="auto|present|module|container|venv|wheels", help=t("how the job gets its interpreter")
    ),
]
ModuleOpt = Annotated[
    list[str] | None, typer.Option("--module", metavar="NAME", help=t("a module to load there; may be repeated"))
]
ImageOpt = Annotated[
    str | None,
    typer.Option("--image", metavar="PATH", help=t("a container image there to run in, or docker://… to fetch")),
]
CarryOpt = Annotated[
    bool,
    typer.Option("--carry-wheels", help=t("fetch the packages here and send them along, for places without internet")),
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
