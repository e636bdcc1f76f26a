"""Slurm's words in plain ones: job states, why a job waits, why a submission is refused. Pure.

States: squeue(1) and sacct(1), JOB STATE CODES. Reasons: the manual's page on resource limits and `JOB REASON CODES` of
squeue(1); newer versions add names of the same make, so limits are read by their parts: whose (`Assoc`, `QOS`), of all
together or of one (`Grp`, `Max`), and of what.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from dkai.compute.job import JobState, Outcome
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


_LIMIT = re.compile(r"^(Assoc|QOS)(Grp|Max|Min)?(.*?)(Limit)?$", re.IGNORECASE)


def reason(word: str) -> str:
    """Why a job waits or ended, as a plain sentence; Slurm's own word where there is no better one."""
    code = word.strip().strip("()").split(",")[0].strip()
    if code in ("", "None", "N/A"):
        return ""
    known = {
        "Priority": t("jobs with a higher priority come first"),
        "Resources": t("it is among the next, and waits until enough is free"),
        "BeginTime": t("it is not to start before a given time"),
        "Dependency": t("it waits for another job to end"),
        "DependencyNeverSatisfied": t("the job it waits for ended in a way that never lets it start: cancel it"),
        "JobHeldUser": t("it is held by you: scontrol release lets it go"),
        "JobHeldAdmin": t("it is held by the cluster's staff: ask them why"),
        "JobArrayTaskLimit": t("as many of its tasks run as are allowed at once"),
        "JobLaunchFailure": t("the node could not start it: ask the cluster's support"),
        "launch_failed_requeued_held": t("the node could not start it, and Slurm holds it: ask the cluster's support"),
        "Licenses": t("it waits for a licence"),
        "Reservation": t("it waits for its reservation"),
        "ReqNodeNotAvail": t("nodes it could use are down or reserved, often for maintenance"),
        "NodeDown": t("a node it needs is down"),
        "Nodes_required_for_job_are_DOWN": t("nodes it could use are down or reserved, often for maintenance"),
        "PartitionDown": t("the partition is closed just now"),
        "PartitionInactive": t("the partition is closed just now"),
        "PartitionNodeLimit": t("it asks for more nodes than the partition gives: it will never start"),
        "PartitionTimeLimit": t("it asks for more time than the partition gives: it will never start"),
        "PartitionConfig": t("it asks for more than the partition gives: it will never start"),
        "BadConstraints": t("no node can ever give what it asks for: cancel it"),
        "AccountNotAllowed": t("the partition is not open to the account: it will never start"),
        "InvalidAccount": t("the account is not valid (any more): it will never start"),
        "InvalidQOS": t("the QOS is not valid (any more): it will never start"),
        "QOSNotAllowed": t("the account or partition does not take the QOS: it will never start"),
        "QOSUsageThreshold": t("your use is above what the QOS allows"),
        "Cleaning": t("it is being put back into the queue"),
        "Prolog": t("the node is being made ready"),
        "FrontEndDown": t("a part of the cluster is down"),
        "SystemFailure": t("the cluster itself failed"),
        "TimeLimit": t("it reached its time limit"),
        "InactiveLimit": t("it reached the limit for doing nothing"),
        "NonZeroExitCode": t("its program ended with an error"),
        "RaisedSignal": t("its program was ended by a signal"),
        "OutOfMemory": t("it used more memory than it had asked for"),
        "DeadLine": t("it could not end before its deadline"),
    }
    if code in known:
        return known[code]
    match = _LIMIT.match(code)
    if match and match[3]:
        return _of_limit(match[1].lower(), (match[2] or "").lower(), match[3])
    return t("Slurm's reason: {reason}", reason=one_line(code, 80))


def _of_limit(whose: str, scope: str, what: str) -> str:
    """A sentence for `AssocGrpGRESMinutes`, `QOSMaxJobsPerUserLimit` and their like."""
    both = {
        "running": (
            t("the running jobs of the account have taken all it may have running at once"),
            t("the running jobs of the QOS have taken all it may have running at once"),
        ),
        "budget": (
            t("the account's budget does not suffice: the job waits until there is more, or for ever"),
            t("the budget of the QOS does not suffice: the job waits until there is more, or for ever"),
        ),
        "jobs": (
            t("as many jobs of the account run or wait as are allowed at once"),
            t("as many jobs of the QOS run or wait as are allowed at once"),
        ),
        "at once": (
            t("the account's jobs have as much at once as they may; it waits until some end"),
            t("the jobs of the QOS have as much at once as they may; it waits until some end"),
        ),
    }
    if what.startswith("WallDuration"):
        return t("it asks for more time than is allowed: it will never start")
    if scope == "min":
        return t("it asks for less than the QOS takes: it will never start")
    if "PerJob" in what or "PerNode" in what:
        return t("it asks for more than one job may have: it will never start")
    kind = "at once"
    if "RunMinutes" in what:
        kind = "running"
    elif scope == "grp" and ("Minutes" in what or what.startswith("Wall")):
        kind = "budget"
    elif what.startswith(("Jobs", "Submit")):
        kind = "jobs"
    return both[kind][whose != "assoc"]


def refusal(code: int, errors: str) -> DkaiError:
    """What to raise when sbatch ended with `code` and said `errors`."""
    said = one_line(" ".join(re.sub(r"^sbatch: (error: )?", "", line) for line in errors.splitlines()))
    details = {"slurm": said}
    if re.search(r"Socket timed out|timed out|Zero Bytes were transmitted|Connection reset", errors):
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
