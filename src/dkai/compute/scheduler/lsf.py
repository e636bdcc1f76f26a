"""LSF as a scheduler: every question is one shell program, every answer comes in frames.

From IBM Spectrum LSF 10.1's public documentation and DTU's public guides; it has not been run on a real LSF.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence

from dkai.compute.cluster import Cluster
from dkai.compute.host import CommandResult
from dkai.compute.job import Accounting, JobSpec, JobState, JobStatus
from dkai.compute.scheduler import Command, Found, Search, slurm_claim, slurm_found
from dkai.compute.scheduler.frames import frames
from dkai.compute.scheduler.lsf_reasons import ended, pending, refusal
from dkai.compute.scheduler.lsf_shell import shell
from dkai.compute.scheduler.own_reasons import own_reason
from dkai.compute.scheduler.queue_words import not_cancelled, said, unheard
from dkai.core.errors import RemoteError, UserError
from dkai.core.i18n import t
from dkai.core.unknown import Unknown

# $1: the job's folder, $2: its name, $3: this attempt. As for Slurm: a job of this name that is there already is the
# one that was meant; where bjobs cannot be asked, nothing is submitted; and `claim-ATTEMPT` belongs to who makes it,
# this program or one that found out that it never came so far (slurm_claim). bsub answers
# `Job <123> is submitted to queue <hpc>.`, or `… to default queue …`; sites let it say more around that.
_SUBMIT = r"""
cd -- "$1" || exit 72
# Whoever asked may be gone: what was begun is brought to its end, and its answer is kept in the folder.
trap '' PIPE HUP TERM
claim=claim-$3
found=$(cat native_id 2>/dev/null)
if [ -z "$found" ]; then
  found=$(listed -a -u "$me" -J "$2") || { tell queue $? "$found"; exit 0; }
  found=$(printf '%s\n' "$found" | awk -F'|' -v name="$2" '$2 == name { print $1; exit }')
fi
submit() {
  $patience bsub <job.sh >"$claim/answer" 2>"$claim/said"
  code=$?
  number=$(cat "$claim/answer" "$claim/said" | sed -n 's/^Job <\([0-9][0-9]*\)> is submitted to .*/\1/p' | tail -n 1)
  [ -z "$number" ] || { printf '%s\n' "$number" >native_id.new && mv native_id.new native_id; }
  # With a number the job is there, whatever else was said.
  [ -z "$number" ] || code=0
  printf '%s\n' "$code" >"$claim/code"
  cat "$claim/said" >&2
  cat "$claim/answer"
  [ -z "$number" ] || printf 'dkai-number %s\n' "$number"
  return "$code"
}
if [ -n "$found" ]; then
  tell bsub 0 "dkai-number $found"
elif why=$(mkdir "$claim" 2>&1); then
  patience=${limit:+timeout -k 5 100}
  ask bsub submit
else
  tell claim 1 "$why"
fi
"""

# $1: folder, $2: name, $3: number or nothing. The lock keeps a job from running that was accepted unheard. A number
# alone is not enough, for LSF begins anew when they run out; but one that was given just now is the job's, even if the
# copy of mbatchd that answers bjobs does not know it yet.
_CANCEL = r"""
mkdir -p -- "$1/lock" 2>/dev/null && : >"$1/lock/cancelled"
found=$(listed -u "$me" -J "$2")
code=$?
tell queue "$code" "$found"
[ "$code" -eq 0 ] || exit 0
ids=$(printf '%s\n' "$found" | awk -F'|' -v name="$2" '$2 == name { print $1 }')
if [ -z "$ids" ] && [ -n "$3" ] && [ -n "$(find "$1/native_id" -mmin -2 2>/dev/null)" ]; then ids=$3; fi
for id in $ids; do
  if [ -z "$3" ] || [ "$id" = "$3" ]; then ask "bkill $id" $limit bkill "$id"; fi
done
"""
_OVER = re.compile(r"already finished|No matching job found|is not found")


class Lsf:
    """A cluster run by IBM Spectrum LSF 10.1."""

    name = "lsf"
    # bjobs may be answered by a copy of mbatchd that was made some seconds before the job came (MBD_REFRESH_TIME, 5 s
    # by default; lsb.params(5)).
    second_look_s = 12.0

    def discover(self, python: str | None = None) -> Command:
        """Ask everything at once."""
        from dkai.compute.scheduler import lsf_probe

        return lsf_probe.command(python)

    def parse_discovery(self, result: CommandResult, asked_at: float) -> Cluster:
        """What the cluster said."""
        from dkai.compute.scheduler import lsf_probe

        return lsf_probe.parse(result, asked_at)

    def script(self, spec: JobSpec, folder: str, python: str) -> str:
        """The text of `job.sh`."""
        from dkai.compute.scheduler import lsf_script

        return lsf_script.script(spec, folder, python)

    def submit(self, spec: JobSpec, folder: str, python: str, attempt: str = "0", *, hold: bool = False) -> Command:  # noqa: ARG002 - it is in the script
        """Hand `job.sh` over, unless a job of this name is there already. Raises UserError for `hold`."""
        if hold:
            raise UserError(
                t("a job cannot be held and compared on LSF"),
                code="verify-needs-slurm",
                hint=t("submit without --verify"),
            )
        return shell(_SUBMIT, folder, spec.job_id, attempt, timeout=150)

    def parse_submit(self, result: CommandResult) -> str:
        """The job's number."""
        found = frames(result.stdout)
        bsub, queue, claim = found.get("bsub"), found.get("queue"), found.get("claim")
        for line in reversed(bsub.lines if bsub else ()):
            word, _, number = line.partition(" ")
            if word == "dkai-number" and number.isascii() and number.isdecimal():
                return number
        if bsub is not None and bsub.code:
            raise refusal(bsub.code, "\n".join((*bsub.lines, *bsub.errors)))
        if claim is not None:
            raise slurm_claim.not_claimed(claim)
        if bsub is None and queue is not None and queue.code:
            raise RemoteError(
                t("LSF could not be asked, so the job was not submitted: {why}", why=said(queue.errors)),
                code="lsf-down",
                hint=t("try again later; the site's status page may know more"),
            )
        raise unheard(result, "LSF")

    def status(
        self, jobs: Sequence[tuple[str, str, str | None]], settle: Mapping[str, str] | None = None,
        search: Search | None = None,
    ) -> Command:  # fmt: skip
        """Ask for many jobs with one command."""
        from dkai.compute.scheduler import lsf_jobs

        return lsf_jobs.status(jobs, settle, search)

    def parse_status(self, result: CommandResult) -> dict[str, JobStatus]:
        """By job id."""
        from dkai.compute.scheduler import lsf_jobs

        return lsf_jobs.parse_status(result)

    def parse_found(self, result: CommandResult) -> list[Found]:
        """Jobs of this person that the search met."""
        return slurm_found.parse(result)

    def accounting(self, job_id: str, folder: str, native_id: str | None) -> Command:  # noqa: ARG002
        """Ask what an ended job used."""
        from dkai.compute.scheduler import lsf_jobs

        return lsf_jobs.accounting(job_id, native_id)

    def parse_accounting(self, result: CommandResult) -> Accounting | None:
        """What it used."""
        from dkai.compute.scheduler import lsf_jobs

        return lsf_jobs.parse_accounting(result)

    def cancel(self, job_id: str, folder: str, native_id: str | None) -> Command:
        """End the job of this name and number; one that LSF does not know yet will not run either."""
        return shell(_CANCEL, folder, job_id, native_id or "", timeout=90)

    def parse_cancel(self, result: CommandResult) -> None:
        """Raises RemoteError when LSF could not be asked or did not do it."""
        found = frames(result.stdout)
        failed = [frame for frame in found.values() if not frame.ok]
        # A job that ended in between is no failure.
        failed = [frame for frame in failed if not _OVER.search(" ".join((*frame.lines, *frame.errors)))]
        if failed or "queue" not in found:
            errors = (*failed[0].lines, *failed[0].errors) if failed else (result.stderr,)
            raise not_cancelled(errors, "LSF", "bkill")

    def by_hand(self, spec: JobSpec, folder: str, python: str, *, hold: bool = False) -> tuple[str, ...]:  # noqa: ARG002
        """As `submit` does it."""
        look = f"bjobs -a -J {spec.job_id}  # {t('one of this name that is there already is the one')}"
        return (f"cd {shlex.quote(folder)}", look, "bsub < job.sh")

    def guess(self, script: str) -> Command | None:  # noqa: ARG002
        """None: LSF estimates the start of jobs that wait, if at all, and of no other."""
        return None

    def parse_guess(self, result: CommandResult) -> float | Unknown:  # noqa: ARG002
        """Nothing was asked."""
        return Unknown(t("{name} guesses no start before a job is submitted", name="LSF"))

    def explain(self, status: JobStatus) -> str:
        """The reason as a plain sentence."""
        own = {
            "lsf-down": t("LSF does not answer just now"),
            "host-lost": t("LSF has lost touch with its node, where it may be running on"),
            "held": t("it is held by you: bresume lets it go"),
        }
        reason = status.reason or ""
        if said := own.get(reason) or own_reason(reason):
            return said
        if reason.startswith("TERM_"):
            return ended(reason)
        return pending(reason).says if status.state is JobState.QUEUED else ""

    def remedy(self, status: JobStatus) -> str:
        """What the person can do about it."""
        return pending(status.reason or "").do if status.state is JobState.QUEUED else ""
