"""Whether a submission that was cut off ever reached sbatch: told by the job's own folder, and settled there for good.

The submitting program makes the folder `claim-ATTEMPT` (mkdir: one gets it) right before it calls sbatch, and leaves
sbatch's answer in it. Who wants to know what became of the attempt makes the same folder. Getting it means that sbatch
was not called, and that this attempt never will; not getting it, that sbatch was.
"""

from __future__ import annotations

from collections.abc import Callable

from dkai.compute.job import JobState, JobStatus, Outcome
from dkai.compute.scheduler.slurm_reasons import policy_refusal, refusal
from dkai.compute.scheduler.slurm_shell import Frame, exit_status
from dkai.core.clean import one_line
from dkai.core.errors import DkaiError, RemoteError
from dkai.core.i18n import t

# Longer than the submitting program lets sbatch run: after that, its answer is in the folder or it was killed.
IN_FLIGHT_S = 180.0
NEVER_ARRIVED, IN_FLIGHT = "never-arrived", "in-flight"

# Reads lines `name number attempt folder` from stdin, `-` for what is not known.
SETTLE = r"""
settle() {
  while read -r name number attempt folder; do
    [ "$number" = - ] || continue
    claim=$folder/claim-$attempt
    if [ -s "$folder/native_id" ]; then
      tell "claim $name" 0 "number $(head -c 40 "$folder/native_id")"
    elif [ "$attempt" = - ]; then
      continue
    elif [ -d "$claim" ]; then
      if [ -e "$claim/given-up" ]; then tell "claim $name" 0 given-up
      elif [ -s "$claim/code" ]; then
        tell "claim $name" 0 "code $(head -c 40 "$claim/code")
$(head -c 4000 "$claim/said")"
      else tell "claim $name" 0 taken
      fi
    elif why=$({ mkdir -p "$folder" && mkdir "$claim" && : >"$claim/given-up"; } 2>&1); then
      tell "claim $name" 0 given-up
    else
      tell "claim $name" 1 "$why"
    fi
  done
}
"""


def _refused(code: int, errors: str) -> DkaiError:
    return policy_refusal(errors) or refusal(code, errors)


def read(frame: Frame | None, refused: Callable[[int, str], DkaiError] = _refused) -> JobStatus | None:
    """What the folder says of an attempt; None when it says nothing, or nothing certain.

    `refused` reads a submission that failed, by exit code and errors: Slurm's words unless another's are given.
    """
    if frame is None or not frame.ok or not frame.lines:
        return None
    word, _, value = frame.lines[0].partition(" ")
    if word == "number" and value.isascii() and value.isdecimal():
        return JobStatus(JobState.SENT, native_id=value, evidence="folder")
    if word == "given-up":
        return JobStatus(JobState.ENDED, Outcome.NOT_SUBMITTED, reason=NEVER_ARRIVED, evidence="folder")
    if word == "taken":
        return JobStatus(JobState.UNKNOWN, reason=IN_FLIGHT, evidence="folder")
    if word == "code" and (code := exit_status(value)):
        errors = "\n".join(frame.lines[1:])
        error = refused(code, errors)
        if error.code != "submission-uncertain":
            return JobStatus(JobState.ENDED, Outcome.NOT_SUBMITTED, reason=error.message, evidence="folder")
    return None


def not_claimed(claim: Frame) -> RemoteError:
    """The error of a submitting program that did not get its claim: sbatch was not called."""
    why = one_line(" ".join(claim.errors))
    if "exists" in why:
        return RemoteError(
            t("another dkai has given this attempt up meanwhile, so the job was not submitted"),
            code="given-up",
            hint=t("see where it stands: dkai compute jobs"),
        )
    return RemoteError(
        t("the job's folder cannot be written, so the job was not submitted: {why}", why=why or "–"),
        code="remote-disk-full" if "space" in why or "quota" in why.lower() else "cannot-write-there",
        hint=t("free some room at the site, or give it another base folder with --base"),
    )
