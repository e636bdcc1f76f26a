"""`job.sh` for LSF: what is asked for, and the same start of the runner as everywhere. Deterministic.

bsub reads `#BSUB` lines of a script that it is given on standard input, and takes the folder it is called in for the
job's (command reference, bsub, -cwd): so neither stands in the script, where a `%` in a path would begin a pattern.

The log is written by the job itself: LSF keeps the output of a job aside until it ends, unless the site set
LSB_STDOUT_DIRECT, and puts its own report around it. That report goes into the file `lsf`, and no mail is sent.
"""

from __future__ import annotations

import re
import shlex

from dkai.compute.job import JobSpec
from dkai.compute.scheduler.lsf_request import request_for
from dkai.compute.scheduler.slurm_script import body
from dkai.core.errors import UserError
from dkai.core.i18n import t

REPORT = "lsf"
_NAME = re.compile(r"^[A-Za-z0-9_][\w.+@/-]*$", re.ASCII)
_JOB_ID = re.compile(r"^dkai-[0-9a-z]{10}$")


def script(spec: JobSpec, folder: str, python: str) -> str:
    """The text; its resource options are those that the quote is about (`request_for`). Raises UserError."""
    ask = spec.resources
    if spec.tasks:
        raise UserError(
            t("dkai sweeps on Slurm only, not on LSF"),
            code="lsf-no-sweep",
            hint=t("use a site with Slurm, or submit the combinations one by one"),
        )
    if spec.qos:
        raise UserError(
            t("LSF has no QOS"),
            code="lsf-no-qos",
            hint=t("leave --qos out; where the site has one: dkai compute sites set {site} --qos ''", site=spec.site),
        )
    if not folder.startswith("/") or any(ord(c) < 32 for c in folder):
        raise UserError(
            t("jobs cannot be kept in the folder {path}", path=repr(folder)),
            code="bad-folder",
            hint=t("give the site another base folder, without control characters in its name"),
        )
    options = [
        ("J", _checked(spec.job_id, _JOB_ID)),
        ("W", run_limit(ask.walltime_s)),
        *((name, _checked(value)) for name, value in (("q", spec.partition), ("P", spec.account)) if value),
        *request_for(ask, spec.place).options(),
        # Started once, whatever the queue says of rerunning.
        ("rn", None),
        ("o", REPORT),
    ]
    lines = ["#!/bin/bash", *(f"#BSUB -{name}" + ("" if value is None else f" {value}") for name, value in options)]
    log = f"\nexec >>{shlex.quote(f'{folder}/log')} 2>&1\n"
    return "\n".join(lines) + "\n" + log + body(spec, folder, python)


def run_limit(walltime_s: int) -> str:
    """`hours:minutes`, as -W reads it; LSF counts whole minutes, so they are rounded up."""
    hours, minutes = divmod(max(1, -(-int(walltime_s) // 60)), 60)
    return f"{hours}:{minutes:02d}"


def _checked(name: str, pattern: re.Pattern[str] = _NAME) -> str:
    """A name as LSF has them: nothing that could end the line, begin another option, or be two words."""
    if not pattern.fullmatch(name):
        raise UserError(
            t("“{name}” cannot be the name of an LSF queue or project", name=name),
            code="bad-lsf-name",
            hint=t("see the names there are with: dkai compute connect SITE"),
        )
    return name
