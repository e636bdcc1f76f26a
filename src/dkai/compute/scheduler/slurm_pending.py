"""Why a Slurm job waits or ended, and what one can do about it, in plain words. Pure.

Slurm's reasons are those of job_state_reason.c and of the manual's page "Job Reason Codes" (20.11 to 25.11). Limits,
two thirds of them, are read by their parts, so that a name that a newer version adds is understood too: whose (`Assoc`,
`QOS`), of all jobs together or of one (`Grp`, `Max`), and of what.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from dkai.core.clean import one_line
from dkai.core.i18n import t


@dataclass(frozen=True, slots=True)
class Why:
    """A sentence, and what one can do; `do` is empty where there is nothing to do but wait."""

    says: str
    do: str = ""


NOTHING = Why("")
_NODES = re.compile(r"UnavailableNodes:\s*(\S+?)\)?$")
# `AssocGrpGRESMinutes`, `QOSMaxJobsPerUserLimit`, `MaxGRESPerAccount`: the last are limits of a QOS for each account.
_LIMIT = re.compile(r"^(Assoc|QOS)(Grp|Max|Min)(.+?)(Limit|NotSatisfied)?$", re.IGNORECASE)
_FOR_AN_ACCOUNT = re.compile(r"^Max(\w+)PerAccount$", re.IGNORECASE)
# Names that older versions still give; they say no more than this.
_OLD_LIMIT = re.compile(r"^(Association|QOS)(Job|Resource|Time)Limit$", re.IGNORECASE)


def reason(word: str) -> str:
    """The sentence for Slurm's word; empty when it says nothing, the word itself where there is no better one."""
    return why(word).says


def why(word: str) -> Why:
    """The sentence for Slurm's word, which may carry a list of nodes or more after a comma, and what to do."""
    whole = word.strip().strip("()").strip()
    code, _, rest = whole.partition(",")
    # Burst buffers put an error's text after a colon, and a job that was held its reason's whole sentence.
    code = code.partition(":")[0].strip().replace(" ", "_")
    if code in ("", "None", "N/A"):
        return NOTHING
    known = _known(code) or _of_limit(code)
    if known is None:
        return Why(t("Slurm's reason: {reason}", reason=one_line(whole, 80)))
    if match := _NODES.search(rest):
        return Why(t("{why} ({nodes})", why=known.says, nodes=one_line(match[1], 60)), known.do)
    return known


def _known(code: str) -> Why | None:
    """What has a name of its own."""
    cancel = t("cancel it, and submit again with what is allowed")
    support = t("ask the site's support, with the job's number")
    shorter = t("nothing; a shorter --time, fewer cores or fewer GPUs may start sooner in a gap")
    other = t("nothing; or cancel it and choose another partition")
    closed = Why(t("the partition is closed just now"), other)
    down = Why(t("nodes it could use are down or reserved, often for maintenance"),
               t("a --time that ends before a planned maintenance may start at once"))  # fmt: skip
    held = Why(t("the node could not start it, and Slurm holds it: ask the cluster's support"), support)
    full = Why(t("the burst buffer, fast storage for jobs, has no room just now"))
    found = {
        "Priority": Why(t("jobs with a higher priority come first"), shorter),
        "Resources": Why(t("it is among the next, and waits until enough is free"), shorter),
        "BeginTime": Why(t("it is not to start before a given time")),
        "Dependency": Why(t("it waits for another job to end")),
        "DependencyNeverSatisfied": Why(
            t("the job it waits for ended in a way that never lets it start: cancel it"), cancel
        ),
        "JobHeldUser": Why(t("it is held by you: scontrol release lets it go"), t("scontrol release and its number")),
        "JobHeldAdmin": Why(t("it is held by the cluster's staff: ask them why"), support),
        "JobHoldMaxRequeue": Why(t("it was started too often without success, and Slurm holds it"), support),
        "JobArrayTaskLimit": Why(t("as many of its tasks run as are allowed at once")),
        "JobLaunchFailure": Why(t("the node could not start it: ask the cluster's support"), support),
        "launch_failed_requeued_held": held,
        "job_requeued_in_held_state": held,
        "Licenses": Why(t("it waits for a licence")),
        "Reservation": Why(t("it waits for its reservation")),
        "ReservationDeleted": Why(t("the reservation it asks for is gone: it will never start"), cancel),
        "ReservationInvalid": Why(t("the reservation it asks for cannot be used: it will never start"), cancel),
        "ReqNodeNotAvail": down,
        "NodeDown": Why(t("a node it needs is down"), other),
        "Nodes_required_for_job_are_DOWN": down,
        "PartitionDown": closed,
        "PartitionInactive": closed,
        "PartitionNodeLimit": Why(t("it asks for more nodes than the partition gives: it will never start"), cancel),
        "PartitionTimeLimit": Why(t("it asks for more time than the partition gives: it will never start"), cancel),
        "PartitionConfig": Why(t("it asks for more than the partition gives: it will never start"), cancel),
        "MaxMemPerLimit": Why(t("it asks for more memory a core or node than is allowed: it will never start"), cancel),
        "BadConstraints": Why(t("no node can ever give what it asks for: cancel it"), cancel),
        "Constraints": Why(t("no node gives what it asks for just now"), other),
        "AccountNotAllowed": Why(t("the partition is not open to the account: it will never start"), cancel),
        "AccountingPolicy": Why(t("a limit of the account or QOS holds it; Slurm does not say which"), support),
        "InvalidAccount": Why(t("the account is not valid (any more): it will never start"), cancel),
        "InvalidQOS": Why(t("the QOS is not valid (any more): it will never start"), cancel),
        "QOSNotAllowed": Why(t("the account or partition does not take the QOS: it will never start"), cancel),
        "QOSUsageThreshold": Why(t("your use is above what the QOS allows")),
        "Cleaning": Why(t("it is being put back into the queue")),
        "Prolog": Why(t("the node is being made ready")),
        "BurstBufferResources": full,
        "BurstBufferStageIn": Why(t("its files are being brought to the burst buffer, fast storage for jobs")),
        "BurstBufferOperation": Why(t("the burst buffer, fast storage for jobs, could not do its part"), support),
        "PowerNotAvail": Why(t("the cluster has no electric power left for it just now")),
        "PowerReserved": Why(t("the cluster keeps electric power free for something else")),
        "FedJobLock": Why(t("several clusters share the queue, and are agreeing on who takes it")),
        "SchedDefer": Why(t("it asked to start at once, which this cluster never does"), cancel),
        "FrontEndDown": Why(t("a part of the cluster is down")),
        "BlockMaxError": Why(t("a part of the cluster is down")),
        "BlockFreeAction": Why(t("a part of the cluster is being made ready")),
        "SystemFailure": Why(t("the cluster itself failed"), t("submit it again; if it fails again, ask the support")),
        "TimeLimit": Why(t("it reached its time limit"), t("ask for more time")),
        "InactiveLimit": Why(t("it reached the limit for doing nothing")),
        "NonZeroExitCode": Why(t("its program ended with an error")),
        "RaisedSignal": Why(t("its program was ended by a signal")),
        "OutOfMemory": Why(t("it used more memory than it had asked for"), t("ask for more memory")),
        "DeadLine": Why(t("it could not end before its deadline")),
    }
    return found.get(code) or {name.lower(): known for name, known in found.items()}.get(code.lower())


def _of_limit(code: str) -> Why | None:
    """A sentence for `AssocGrpGRESMinutes`, `QOSMaxJobsPerUserLimit` and their like; None where it is none."""
    if match := _LIMIT.match(code):
        return _limit_on(match[1].lower() == "assoc", match[2].lower(), match[3])
    if match := _FOR_AN_ACCOUNT.match(code):
        return _limit_on(False, "max", f"{match[1]}PerAccount")
    if match := _OLD_LIMIT.match(code):
        scope, what = ("grp", "CPUMinutes") if match[2].lower() == "time" else ("max", match[2])
        return _limit_on(match[1].lower() == "association", scope, what)
    return None


def _limit_on(account: bool, scope: str, what: str) -> Why:  # noqa: PLR0911 - one sentence a kind of limit
    less = t("cancel it, and submit again with less; dkai compute quote shows the limits")
    if what.startswith("WallDuration"):
        return Why(t("it asks for more time than is allowed: it will never start"), less)
    if scope == "min":
        return Why(t("it asks for less than the QOS takes: it will never start"), t("choose another QOS"))
    if "PerJob" in what or "PerNode" in what:
        return Why(t("it asks for more than one job may have: it will never start"), less)
    if "RunMinutes" in what:
        says = (
            t("the running jobs of the account have taken all it may have running at once")
            if account
            else t("the running jobs of the QOS have taken all it may have running at once")
        )
        return Why(says, t("nothing; a shorter --time takes less of it"))
    if scope == "grp" and ("Minutes" in what or what.startswith("Wall")):
        says = (
            t("the account's budget does not suffice: the job waits until there is more, or for ever")
            if account
            else t("the budget of the QOS does not suffice: the job waits until there is more, or for ever")
        )
        return Why(says, t("use another account, ask for less, or have the budget raised"))
    if what.startswith(("Job", "Submit")):
        return Why(
            t("as many jobs of the account run or wait as are allowed at once")
            if account
            else t("as many jobs of the QOS run or wait as are allowed at once")
        )
    return Why(
        t("the account's jobs have as much at once as they may; it waits until some end")
        if account
        else t("the jobs of the QOS have as much at once as they may; it waits until some end")
    )
