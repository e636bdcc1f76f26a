"""Slurm's own reading of a job that it holds (`scontrol show job`), and letting such a job go. Text in, values out."""

from __future__ import annotations

from dataclasses import dataclass, field

from dkai.compute.host import CommandResult
from dkai.compute.scheduler import Command
from dkai.compute.scheduler.slurm_parse import fields, seconds, tres, whole
from dkai.compute.scheduler.slurm_shell import Frame, frames, shell
from dkai.core.clean import one_line
from dkai.core.errors import RemoteError
from dkai.core.i18n import t

_SHOW = r"""
unset SLURM_TIME_FORMAT
ask reading $limit scontrol show job -o "$1"
"""

# $1: number, $2: name. A number alone is not enough: a cluster that is set up anew counts from the beginning.
_RELEASE = r"""
found=$($limit squeue -h -u "$me" -t all -j "$1" -o '%j|%r|%T' 2>&1)
code=$?
tell queue "$code" "$found"
case $found in
  "$2|JobHeld"*) ask release $limit scontrol release "$1" ;;
esac
"""


@dataclass(frozen=True, slots=True)
class Reading:
    """A job as Slurm has it; None where it does not say. `tres` is what the job asks for, memory in MiB."""

    native_id: str
    name: str
    is_held: bool
    partition: str | None
    account: str | None
    qos: str | None
    walltime_s: float | None
    nodes: int | None
    features: str | None
    shares_nodes: bool
    tres: dict[str, float] = field(default_factory=dict)


def show(native_id: str) -> Command:
    """Ask for Slurm's reading of one job."""
    return shell(_SHOW, native_id, timeout=60)


def release(job_id: str, native_id: str) -> Command:
    """Let a held job go, if it still is held and is this one."""
    return shell(_RELEASE, native_id, job_id, timeout=90)


def parse_release(result: CommandResult) -> None:
    """Raises RemoteError when the job is not known to have been let go."""
    found = frames(result.stdout)
    queue, released = found.get("queue"), found.get("release")
    if released is not None and released.ok:
        return
    if released is None and queue is not None and queue.ok and queue.lines:
        return  # it is there, and nobody holds it (any more)
    bad = released or queue
    raise RemoteError(
        t("Slurm did not release the job: {why}", why=one_line(" ".join(bad.errors) if bad else result.stderr) or "–"),
        code="not-released",
        hint=t("it is held, and costs nothing so; go on with it in a minute"),
    )


def parse(result: CommandResult, job_id: str) -> Reading | None:
    """The reading of the job called `job_id` in an answer; None where there is none."""
    return _read(frames(result.stdout).get("reading"), job_id)


def _read(frame: Frame | None, job_id: str) -> Reading | None:
    for line in frame.lines if frame is not None and frame.ok else ():
        found = fields(line)
        if found.get("JobName") != job_id:
            continue

        def word(key: str, found: dict[str, str] = found) -> str | None:
            value = found.get(key, "")
            return None if value in ("", "(null)", "N/A", "None") else value

        state, reason = found.get("JobState", ""), found.get("Reason", "")
        return Reading(
            native_id=found.get("JobId", ""),
            name=job_id,
            is_held=state == "PENDING" and (reason.startswith("JobHeld") or found.get("Priority") == "0"),
            partition=word("Partition"),
            account=word("Account"),
            qos=word("QOS"),
            walltime_s=seconds(found.get("TimeLimit", "")),
            nodes=whole(found.get("NumNodes", "").partition("-")[0]),
            features=word("Features"),
            shares_nodes=found.get("OverSubscribe", "OK") != "NO",
            # ReqTRES since 23.02; before, TRES is what a waiting job asks for.
            tres=tres(found.get("ReqTRES") or found.get("TRES") or ""),
        )
    return None
