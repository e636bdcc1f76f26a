"""Slurm as a scheduler: every question is one shell program, every answer comes in frames."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence

from dkai.compute.cluster import Cluster
from dkai.compute.host import CommandResult
from dkai.compute.job import Accounting, JobSpec, JobState, JobStatus
from dkai.compute.scheduler import Command, Found, Search, slurm_claim
from dkai.compute.scheduler.own_reasons import own_reason
from dkai.compute.scheduler.queue_words import not_cancelled, said, unheard
from dkai.compute.scheduler.slurm_pending import NOTHING, Why, why
from dkai.compute.scheduler.slurm_reasons import policy_refusal, refusal
from dkai.compute.scheduler.slurm_shell import frames, shell
from dkai.core.errors import RemoteError
from dkai.core.i18n import t
from dkai.core.unknown import Unknown

# $1: the job's folder, $2: its name, $3: this attempt, $4: `hold` or nothing. A job of this name that is there already
# is the one that was meant: after a broken connection nobody knows whether sbatch was heard. Where the queue cannot be
# asked, nothing is submitted. `claim-ATTEMPT` belongs to who makes it: this program, which then calls sbatch and leaves
# the answer in it, or one that found out that this program never came so far (slurm_claim), and then it never will.
# %F is the number of the whole job, also where the tasks of an array have lines of their own.
_SUBMIT = r"""
cd -- "$1" || exit 72
# Whoever asked may be gone: what was begun is brought to its end, and its answer is kept in the folder.
trap '' PIPE HUP TERM
claim=claim-$3
found=$(cat native_id 2>/dev/null)
if [ -z "$found" ]; then
  found=$($limit squeue -h -u "$me" -t all -n "$2" -o %F 2>&1) || { tell queue $? "$found"; exit 0; }
  found=$(printf '%s\n' "$found" | sed -n 's/^\([0-9][0-9]*\)$/\1/p' | head -n 1)
fi
unset SLURM_TIME_FORMAT
# Sites wrap sbatch and let it talk: only a line that is a number, or a number and a cluster, is the answer.
submit() {
  said=$($patience sbatch --parsable ${hold:+--hold} job.sh 2>"$claim/said")
  code=$?
  number=$(printf '%s\n' "$said" | sed -n 's/^\([0-9][0-9]*\)\(;.*\)\{0,1\}$/\1/p' | tail -n 1)
  [ "$code" -ne 0 ] || [ -z "$number" ] || { printf '%s\n' "$number" >native_id.new && mv native_id.new native_id; }
  printf '%s\n' "$code" >"$claim/code"
  cat "$claim/said" >&2
  printf '%s\n' "$said"
  return "$code"
}
hold=$4
if [ -n "$found" ]; then
  tell sbatch 0 "$found"
elif why=$(mkdir "$claim" 2>&1); then
  patience=${limit:+timeout -k 5 100}
  ask sbatch submit
  found=$(cat native_id 2>/dev/null)
else
  tell claim 1 "$why"
fi
[ -z "$hold" ] || [ -z "$found" ] || ask reading $limit scontrol show job -o "$found"
"""

# $1: folder, $2: name, $3: number or nothing. The lock keeps a job from running that was accepted unheard; the tasks of
# an array that run have locks of their own.
_CANCEL = r"""
mkdir -p -- "$1/lock" 2>/dev/null && : >"$1/lock/cancelled"
for lock in "$1"/tasks/*/lock; do
  [ ! -d "$lock" ] || : >"$lock/cancelled"
done
found=$($limit squeue -h -u "$me" -n "$2" -o %F 2>&1)
code=$?
tell queue "$code" "$found"
[ "$code" -eq 0 ] || exit 0
for id in $(printf '%s\n' "$found" | sed -n 's/^\([0-9][0-9]*\)$/\1/p' | sort -u); do
  if [ -z "$3" ] || [ "$id" = "$3" ]; then ask "scancel $id" $limit scancel "$id"; fi
done
"""


class Slurm:
    """A cluster run by Slurm 20.11 or newer."""

    name = "slurm"
    second_look_s = 5.0  # a controller that has just woken up may answer squeue before the sbatch that waited longer

    def discover(self, python: str | None = None) -> Command:
        """Ask everything at once."""
        from dkai.compute.scheduler import slurm_probe

        return slurm_probe.command(python)

    def parse_discovery(self, result: CommandResult, asked_at: float) -> Cluster:
        """What the cluster said."""
        from dkai.compute.scheduler import slurm_probe

        return slurm_probe.parse(result, asked_at)

    def script(self, spec: JobSpec, folder: str, python: str) -> str:
        """The text of `job.sh`."""
        from dkai.compute.scheduler import slurm_script

        return slurm_script.script(spec, folder, python)

    def submit(self, spec: JobSpec, folder: str, python: str, attempt: str = "0", *, hold: bool = False) -> Command:  # noqa: ARG002 - it is in the script
        """Hand `job.sh` over, unless a job of this name is there already."""
        return shell(_SUBMIT, folder, spec.job_id, attempt, "hold" if hold else "", timeout=150)

    def parse_submit(self, result: CommandResult) -> str:
        """The job's number."""
        found = frames(result.stdout)
        sbatch, queue = found.get("sbatch"), found.get("queue")
        for line in reversed(sbatch.lines if sbatch else ()):
            number = line.partition(";")[0]
            if number.isascii() and number.isdecimal():
                return number
        if sbatch is not None and sbatch.code is not None:
            errors = "\n".join(sbatch.errors)
            raise (policy_refusal(errors) if sbatch.code else None) or refusal(sbatch.code, errors)
        claim = found.get("claim")
        if claim is not None:
            raise slurm_claim.not_claimed(claim)
        if sbatch is None and queue is not None and queue.code:
            raise RemoteError(
                t("Slurm's queue could not be asked, so the job was not submitted: {why}", why=said(queue.errors)),
                code="slurm-down",
                hint=t("try again later; the site's status page may know more"),
            )
        raise unheard(result, "Slurm")

    def status(
        self, jobs: Sequence[tuple[str, str, str | None]], settle: Mapping[str, str] | None = None,
        search: Search | None = None,
    ) -> Command:  # fmt: skip
        """Ask for many jobs with one command."""
        from dkai.compute.scheduler import slurm_jobs

        return slurm_jobs.status(jobs, settle, search)

    def parse_status(self, result: CommandResult) -> dict[str, JobStatus]:
        """By job id."""
        from dkai.compute.scheduler import slurm_jobs

        return slurm_jobs.parse_status(result)

    def parse_found(self, result: CommandResult) -> list[Found]:
        """Jobs of this person that the search met."""
        from dkai.compute.scheduler import slurm_found

        return slurm_found.parse(result)

    def accounting(self, job_id: str, folder: str, native_id: str | None) -> Command:  # noqa: ARG002
        """Ask what an ended job used."""
        from dkai.compute.scheduler import slurm_jobs

        return slurm_jobs.accounting(job_id, native_id)

    def parse_accounting(self, result: CommandResult) -> Accounting | None:
        """What it used."""
        from dkai.compute.scheduler import slurm_jobs

        return slurm_jobs.parse_accounting(result)

    def cancel(self, job_id: str, folder: str, native_id: str | None) -> Command:
        """End the job of this name and number; one that Slurm does not know yet will not run either."""
        return shell(_CANCEL, folder, job_id, native_id or "", timeout=90)

    def parse_cancel(self, result: CommandResult) -> None:
        """Raises RemoteError when Slurm could not be asked or did not do it."""
        found = frames(result.stdout)
        failed = [frame for frame in found.values() if not frame.ok]
        # A job that ended in between is no failure.
        failed = [frame for frame in failed if "Invalid job id" not in " ".join(frame.errors)]
        if failed or "queue" not in found:
            errors = failed[0].errors if failed else (result.stderr,)
            raise not_cancelled(errors, "Slurm", "scancel")

    def by_hand(self, spec: JobSpec, folder: str, python: str, *, hold: bool = False) -> tuple[str, ...]:  # noqa: ARG002
        """As `submit` does it."""
        look = f"squeue -h -t all -n {spec.job_id} -o %F  # {t('one of this name that is there already is the one')}"
        held = (t("scontrol show job NUMBER, compared with the quote; then scontrol release, or scancel"),)
        submit = "sbatch --parsable --hold job.sh" if hold else "sbatch --parsable job.sh"
        return (f"cd {shlex.quote(folder)}", look, submit, *(held if hold else ()))

    def guess(self, script: str) -> Command | None:
        """Ask `sbatch --test-only`."""
        from dkai.compute.scheduler import slurm_guess

        return slurm_guess.command(script)

    def parse_guess(self, result: CommandResult) -> float | Unknown:
        """What it said."""
        from dkai.compute.scheduler import slurm_guess

        return slurm_guess.parse(result)

    def explain(self, status: JobStatus) -> str:
        """The reason as a plain sentence."""
        down = {
            "slurm-down": t("Slurm's controller does not answer just now"),
            "accounting-down": t("Slurm's database does not answer just now, and the queue knows the job no more"),
        }
        if own := down.get(status.reason or "") or own_reason(status.reason):
            return own
        if status.native_state == "PREEMPTED":
            return t("a job with a higher priority took its place")
        if status.native_state in ("NODE_FAIL", "BOOT_FAIL"):
            return t("its node failed: submit it again")
        if status.state is JobState.QUEUED and status.native_state == "CONFIGURING":
            return t("its nodes are being made ready")
        if status.restarts and status.reason == "BeginTime":
            return t("Slurm lets some two minutes pass before it starts a job again")
        return _why(status).says

    def remedy(self, status: JobStatus) -> str:
        """What the person can do about it."""
        return _why(status).do if own_reason(status.reason) == "" else ""


def _why(status: JobStatus) -> Why:
    return why(status.reason or "") if status.state in (JobState.QUEUED, JobState.ENDED) else NOTHING
