"""`job.sh`: what Slurm is asked for, and a start of the runner. Deterministic, so what was shown is what is sent."""

from __future__ import annotations

import re
import shlex

from dkai.compute.job import JobSpec
from dkai.compute.scheduler.slurm_request import request_for
from dkai.core.errors import UserError
from dkai.core.i18n import t
from dkai.core.units import slurm_duration

_NAME = re.compile(r"^[\w.,+@-]+$")
_JOB_ID = re.compile(r"^dkai-[0-9a-z]{10}$")

# `exec`: the runner takes the shell's place, so that Slurm's signals reach it. The few words in English and the record
# are for a node without Python, where no runner can speak.
_BODY = r"""
set -euo pipefail
{deaf}unset LC_ALL PYTHONPATH PYTHONHOME PYTHONSTARTUP SLURM_EXPORT_ENV
export PYTHONUTF8=1
job={folder}
cd -- "$job"
for python in {pythons}; do
  if "$python" -I -c 'import sys; sys.exit(sys.version_info < (3, 6))' </dev/null >/dev/null 2>&1; then
    exec "$python" -I "$job/runner.py" run "$job"{task}
  fi
done
printf '%s\n' {sorry}
{record}
exit 78
"""
_RECORD = r"""if mkdir lock 2>/dev/null; then
  printf '{{"schema": "dkai/record/1", "job_id": "%s", "state": "ended", "outcome": "failed"' {job_id} >record.new
  printf ', "exit_code": 78, "reason": "no-python", "ended_at": %s}}\n' "$(date +%s)" >>record.new
  mv record.new record.json
fi"""
# The warning that its time is nearly up may come before the runner listens for it.
_DEAF = "trap '' USR1\n"
# One task of an array leaves its mark instead (runner/tasks.py).
_TASK = ' --task="$SLURM_ARRAY_TASK_ID"'
_TASK_RECORD = 'mkdir -p ended && : >"ended/$SLURM_ARRAY_TASK_ID.failed.78"'


def script(spec: JobSpec, folder: str, python: str) -> str:
    """The text; its resource options are those that the quote is about (`request_for`). Raises UserError."""
    ask = spec.resources
    if ask.gpus and ask.gpu_type:
        _checked(ask.gpu_type)
    at_once = f"%{spec.at_once}" if spec.at_once and spec.at_once < len(spec.tasks) else ""
    where = [
        ("job-name", _checked(spec.job_id, _JOB_ID)),
        ("array", spec.tasks and f"0-{len(spec.tasks) - 1}{at_once}"),
        ("time", slurm_duration(ask.walltime_s)),
        ("partition", spec.partition and _checked(spec.partition)),
        ("account", spec.account and _checked(spec.account)),
        ("qos", spec.qos and _checked(spec.qos)),
    ]
    how = [
        ("chdir", _path(folder)),
        # Slurm reads % in it as the start of a job's number and the like; doubled it is itself.
        ("output", _path(f"{folder}/log".replace("%", "%%"))),
        ("open-mode", "append"),
        # The environment of the submission comes along, cleaned of what is Slurm's. NONE would have each node run the
        # person's login files first, and holds the job where they are slow.
        ("export", "ALL"),
    ]
    options = [
        *((name, value) for name, value in where if value),
        *request_for(ask).options(),
        *how,
        *_again(spec),
    ]
    lines = ["#!/bin/bash", *(f"#SBATCH --{name}" + ("" if value is None else f"={value}") for name, value in options)]
    return "\n".join(lines) + "\n" + body(spec, folder, python)


def _again(spec: JobSpec) -> list[tuple[str, str | None]]:
    """Whether Slurm may start the job again, and when it tells that the time is nearly up.

    Only what goes on from its checkpoint may: anything else would do its work twice. `B:` signals the batch script
    alone, whose runner passes it on.
    """
    if not spec.checkpoint:
        return [("no-requeue", None)]
    return [("requeue", None), ("signal", f"B:USR1@{spec.resources.warning_s}")]


def body(spec: JobSpec, folder: str, python: str) -> str:
    """What the job does below its options: the same under every scheduler that runs a script."""
    pythons = dict.fromkeys([python, "python3", "/usr/bin/python3", "/usr/libexec/platform-python"])
    return _BODY.format(
        folder=shlex.quote(folder),
        pythons=" ".join(shlex.quote(one) for one in pythons if one),
        sorry=shlex.quote("dkai: " + t("there is no Python 3.6 or newer on this node; name one as the site's python")),
        deaf=_DEAF if spec.checkpoint else "",
        task=_TASK if spec.tasks else "",
        record=_TASK_RECORD if spec.tasks else _RECORD.format(job_id=spec.job_id),
    )


def _checked(name: str, pattern: re.Pattern[str] = _NAME) -> str:
    """A name as Slurm has them: nothing that could end the line or begin another option."""
    if not pattern.match(name) or "\n" in name:
        raise UserError(
            t("“{name}” cannot be the name of a partition, account, QOS or GPU type", name=name),
            code="bad-slurm-name",
            hint=t("see the names there are with: dkai compute connect SITE"),
        )
    return name


def _path(path: str) -> str:
    """A folder as sbatch reads it in a script: quoted where it must be. Raises UserError for one that cannot be."""
    if not path.startswith("/") or any(ord(c) < 32 or c in "\"'\\" for c in path):
        raise UserError(
            t("jobs cannot be kept in the folder {path}", path=repr(path)),
            code="bad-folder",
            hint=t("give the site another base folder, without quotation marks and backslashes in its name"),
        )
    return path if re.match(r"^[\w./@%+:,=~-]+$", path) else f"'{path}'"
