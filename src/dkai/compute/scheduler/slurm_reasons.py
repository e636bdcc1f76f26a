"""Slurm's words in plain ones: job states, and why a submission is refused. Pure.

States: squeue(1) and sacct(1), JOB STATE CODES.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from dkai.compute.job import JobState, Outcome
from dkai.compute.scheduler.slurm_pending import reason
from dkai.core.clean import one_line
from dkai.core.errors import DkaiError, Refused, RemoteError, UserError
from dkai.core.i18n import t

_ENDED = JobState.ENDED
STATES: dict[str, tuple[JobState, Outcome | None]] = {
    "PENDING": (JobState.QUEUED, None),
    "CONFIGURING": (JobState.QUEUED, None),
    "REQUEUED": (JobState.QUEUED, None),
    "REQUEUE_HOLD": (JobState.QUEUED, None),
    "REQUEUE_FED": (JobState.QUEUED, None),
    "RESV_DEL_HOLD": (JobState.QUEUED, None),
    "SPECIAL_EXIT": (JobState.QUEUED, None),
    "POWER_UP_NODE": (JobState.QUEUED, None),
    "RUNNING": (JobState.RUNNING, None),
    "COMPLETING": (JobState.RUNNING, None),
    "RESIZING": (JobState.RUNNING, None),
    "SIGNALING": (JobState.RUNNING, None),
    "STAGE_OUT": (JobState.RUNNING, None),
    "SUSPENDED": (JobState.RUNNING, None),
    "STOPPED": (JobState.RUNNING, None),
    "COMPLETED": (_ENDED, Outcome.COMPLETED),
    "FAILED": (_ENDED, Outcome.FAILED),
    "LAUNCH_FAILED": (_ENDED, Outcome.FAILED),
    "RECONFIG_FAIL": (_ENDED, Outcome.FAILED),
    "TIMEOUT": (_ENDED, Outcome.TIMEOUT),
    "DEADLINE": (_ENDED, Outcome.TIMEOUT),
    "CANCELLED": (_ENDED, Outcome.CANCELLED),
    "REVOKED": (_ENDED, Outcome.CANCELLED),
    "PREEMPTED": (_ENDED, Outcome.CANCELLED),
    "OUT_OF_MEMORY": (_ENDED, Outcome.OUT_OF_MEMORY),
    "NODE_FAIL": (_ENDED, Outcome.NODE_FAIL),
    "BOOT_FAIL": (_ENDED, Outcome.NODE_FAIL),
}


def state(word: str) -> tuple[str, JobState, Outcome | None]:
    """Slurm's own word without what it adds (`CANCELLED by 1001`, `COMPLETED+`), and what it means."""
    first = (word.split() or [""])[0].rstrip("+")
    return (first, *STATES.get(first, (JobState.UNKNOWN, None)))


def refusal(code: int, errors: str) -> DkaiError:
    """What to raise when sbatch ended with `code` and said `errors`."""
    said = one_line(" ".join(re.sub(r"^sbatch: (error: )?", "", line) for line in errors.splitlines()))
    details = {"slurm": said}
    # 124 and 137: dkai's own time limit for sbatch ended it.
    if code in (124, 137) or re.search(
        r"Socket timed out|timed out|Zero Bytes were transmitted|Connection reset", errors
    ):
        return RemoteError(
            t("Slurm did not answer in time: it may or may not have taken the job"),
            code="submission-uncertain",
            hint=t("ask for its status in a minute; dkai recognises the job by its name"),
            details=details,
        )
    if re.search(r"Unable to contact slurm controller|Connection refused|slurm_receive_msg|Communication", errors):
        return RemoteError(
            t("Slurm's controller does not answer; the job was not submitted"),
            code="slurm-down",
            hint=t("try again later; the site's status page may know more"),
            details=details,
        )
    for pattern, make in _REFUSALS:
        if re.search(pattern, errors):
            message, name, hint = make()
            kind = UserError if name == "slurm-bad-option" else Refused
            return kind(message, code=name, hint=hint, details=details)
    if code == 127 or "not found" in errors:
        return RemoteError(
            t("sbatch is not found there"),
            code="no-slurm",
            hint=t("if Slurm comes as a module, load it in ~/.bashrc; or give the site the scheduler `process`"),
            details=details,
        )
    return Refused(
        t("Slurm refused the job: {why}", why=said or t("no reason was given")),
        code="slurm-refused",
        hint=t("the site's documentation or support can say what it means"),
        details=details,
    )


def _policy(errors: str) -> str:
    """The limit's own name, which sbatch prints before the general sentence."""
    match = re.search(r"\b((?:QOS|Assoc)\w+)", errors)
    return match[1] if match else ""


def policy_refusal(errors: str) -> Refused | None:
    """A refusal because of a limit of the account or QOS; None when it is another."""
    name = _policy(errors)
    if not name and "accounting/QOS policy" not in errors:
        return None
    return Refused(
        t("the job is over a limit: {why}", why=reason(name) or t("Slurm does not say which")),
        code="slurm-over-limit",
        hint=t("ask for less, or choose another QOS or account; `dkai compute quote` shows the limits"),
        details={"slurm": name},
    )


_REFUSALS: tuple[tuple[str, Callable[[], tuple[str, str, str]]], ...] = (
    (
        r"[Ii]nvalid partition",
        lambda: (
            t("there is no such partition there, or it is not open to you"),
            "slurm-no-partition",
            t("see those there are with: dkai compute connect SITE"),
        ),
    ),
    (
        r"Invalid account",
        lambda: (
            t("the account does not exist, is not yours, or may not use this partition"),
            "slurm-no-account",
            t("see your accounts with: dkai compute connect SITE"),
        ),
    ),
    (
        r"Invalid qos",
        lambda: (
            t("the QOS does not exist, or your account may not use it"),
            "slurm-no-qos",
            t("see those you may use with: dkai compute connect SITE"),
        ),
    ),
    (
        r"Invalid generic resource|Invalid GRES",
        lambda: (
            t("the cluster has no such GPUs"),
            "slurm-no-gres",
            t("see the GPUs of each partition with: dkai compute connect SITE"),
        ),
    ),
    (
        r"[Tt]ime limit (is invalid|specification)|Requested time limit",
        lambda: (
            t("the job asks for more time than the partition gives"),
            "slurm-time-limit",
            t("ask for less time, or choose another partition"),
        ),
    ),
    (
        r"node configuration is not available|Memory specification|More processors requested|Node count specification"
        r"|Requested node",
        lambda: (
            t("no node of the partition can give what the job asks for"),
            "slurm-no-such-node",
            t("ask for fewer GPUs or cores, for less memory, or choose another partition"),
        ),
    ),
    (
        r"Access/permission denied|User's group not permitted",
        lambda: (
            t("you may not submit there"),
            "slurm-denied",
            t("the partition may be for other groups; see those open to you with: dkai compute connect SITE"),
        ),
    ),
    (
        r"unrecognized option|is ambiguous|Invalid --|invalid option|does not look like a batch script|Unable to open",
        lambda: (
            t("this cluster's sbatch does not understand the job script"),
            "slurm-bad-option",
            t("please report it, with the version that `sbatch --version` prints there"),
        ),
    ),
)
