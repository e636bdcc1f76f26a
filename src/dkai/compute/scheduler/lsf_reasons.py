"""LSF's words in plain ones: job states, why a job ended or waits, and why a submission is refused. Pure.

States: command reference, bjobs, “Job statuses”. Ends: “Termination reasons displayed by bacct, bhist, and bjobs”
(https://www.ibm.com/docs/SSWRJV_10.1.0/lsf_admin/termination_reasons_lsf.html). Refusals: the error texts of LSF's
batch library, as its open relatives (OpenLava, LavaLite: `lsb.err.c`) print them.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from dkai.compute.job import JobState, Outcome
from dkai.compute.scheduler.slurm_pending import NOTHING, Why
from dkai.core.clean import one_line
from dkai.core.errors import DkaiError, Refused, RemoteError, UserError
from dkai.core.i18n import t

_QUEUED, _RUNNING, _ENDED = JobState.QUEUED, JobState.RUNNING, JobState.ENDED
STATES: dict[str, tuple[JobState, Outcome | None]] = {
    "PEND": (_QUEUED, None),
    "PSUSP": (_QUEUED, None),
    "WAIT": (_QUEUED, None),
    "PROV": (_QUEUED, None),
    "FWD_PEND": (_QUEUED, None),
    "RUN": (_RUNNING, None),
    "USUSP": (_RUNNING, None),
    "SSUSP": (_RUNNING, None),
    "DONE": (_ENDED, Outcome.COMPLETED),
    "EXIT": (_ENDED, Outcome.FAILED),
    # mbatchd has lost touch with the host, and the job may run on.
    "UNKWN": (JobState.UNKNOWN, None),
    "ZOMBI": (JobState.UNKNOWN, None),
}
LIVE = "PEND|PSUSP|WAIT|PROV|FWD_PEND|RUN|USUSP|SSUSP|UNKWN|ZOMBI"

_OUTCOMES = {
    "TERM_RUNLIMIT": Outcome.TIMEOUT,
    "TERM_DEADLINE": Outcome.TIMEOUT,
    "TERM_WINDOW": Outcome.TIMEOUT,
    "TERM_MEMLIMIT": Outcome.OUT_OF_MEMORY,
    "TERM_SWAP": Outcome.OUT_OF_MEMORY,
    "TERM_OWNER": Outcome.CANCELLED,
    "TERM_FORCE_OWNER": Outcome.CANCELLED,
    "TERM_ADMIN": Outcome.CANCELLED,
    "TERM_FORCE_ADMIN": Outcome.CANCELLED,
    "TERM_BUCKET_KILL": Outcome.CANCELLED,
    "TERM_PREEMPT": Outcome.CANCELLED,
    "TERM_REQUEUE_OWNER": Outcome.CANCELLED,
    "TERM_REQUEUE_ADMIN": Outcome.CANCELLED,
    "TERM_REMOVE_HUNG_JOB": Outcome.NODE_FAIL,
    "TERM_ZOMBI": Outcome.NODE_FAIL,
}
_TERM = re.compile(r"\b(TERM_[A-Z_]+)\b")


def termination(text: str) -> str | None:
    """LSF's own word for why it ended a job, `TERM_RUNLIMIT`; None where there is none."""
    match = _TERM.search(text)
    return match[1] if match else None


def outcome_of(stat: str, term: str | None, *, started: bool) -> Outcome | None:
    """How a job in this state ended; one that never started and exits was killed while it waited."""
    outcome = STATES.get(stat, (JobState.UNKNOWN, None))[1]
    if outcome is not Outcome.FAILED:
        return outcome
    if term is not None:
        return _OUTCOMES.get(term, Outcome.FAILED)
    return Outcome.FAILED if started else Outcome.CANCELLED


def ended(term: str) -> str:
    """The sentence for a word `TERM_…`; empty for one that says nothing more than how it ended, or is not known."""
    return {
        "TERM_ADMIN": t("the cluster's staff ended it: ask them why"),
        "TERM_FORCE_ADMIN": t("the cluster's staff ended it: ask them why"),
        "TERM_BUCKET_KILL": t("the cluster's staff ended it: ask them why"),
        "TERM_CPULIMIT": t("it used more CPU time than its queue allows"),
        "TERM_CWD_NOTEXIST": t("its folder could not be reached from the node"),
        "TERM_DEADLINE": t("it could not end before its deadline"),
        "TERM_EXTERNAL_SIGNAL": t("something else than LSF killed it"),
        "TERM_LOAD": t("its node was overloaded, and LSF ended it"),
        "TERM_PREEMPT": t("a job with a higher priority took its place"),
        "TERM_PROCESSLIMIT": t("it started more processes than its queue allows"),
        "TERM_REMOVE_HUNG_JOB": t("its node failed: submit it again"),
        "TERM_REQUEUE_ADMIN": t("the cluster's staff put it back into the queue"),
        "TERM_REQUEUE_OWNER": t("it was put back into the queue"),
        "TERM_SWAP": t("it used more swap space than is allowed"),
        "TERM_THREADLIMIT": t("it started more threads than its queue allows"),
        "TERM_WINDOW": t("the hours in which its queue runs jobs were over"),
        "TERM_ZOMBI": t("its node failed: submit it again"),
    }.get(term, "")


# Parts of pending reasons, in the order in which they are looked for. Texts: bjobs -p, and `lsb.reason.c` of LSF's open
# relatives.
_PENDING: tuple[tuple[str, Callable[[], Why]], ...] = (
    (r"New job is waiting for scheduling", lambda: Why(t("LSF has not looked at it yet"))),
    (
        r"suspended by (the )?user",
        lambda: Why(t("it is held by you: bresume lets it go"), t("bresume and its number")),
    ),
    (
        r"suspended by (the )?LSF admin",
        lambda: Why(t("it is held by the cluster's staff: ask them why"), _support()),
    ),
    (r"[Dd]ependency condition", lambda: Why(t("it waits for another job to end"))),
    (
        r"[Qq]ueue (is|has been) (closed|inactiv)|(dispatch|run|time) window",
        lambda: Why(t("its queue starts no jobs just now"), _other()),
    ),
    (
        r"[Uu]ser('s groups)? (has|have) reached|per-user job slot limit",
        lambda: Why(t("as many of your jobs have slots as you may have at once")),
    ),
    (r"queue.*job slot limit", lambda: Why(t("as many jobs run in its queue as are allowed at once"))),
    (r"limit defined|resource limit", lambda: Why(t("a limit of the cluster is reached; it waits until others end"))),
    (
        r"[Nn]ot enough|[Ii]nsufficient|[Jj]ob slot limit reached|reserving resource",
        lambda: Why(t("it waits until enough is free"), _shorter()),
    ),
    (r"requirements? not satisfied", lambda: Why(t("no node gives what it asks for just now"), _shorter())),
    (
        r"unavailable|[Cc]losed by LSF|[Hh]ost is (closed|down)",
        lambda: Why(t("nodes it could use are down or closed"), _other()),
    ),
)


def _support() -> str:
    return t("ask the site's support, with the job's number")


def _other() -> str:
    return t("nothing; or cancel it and choose another partition")


def _shorter() -> str:
    return t("nothing; a shorter --time, fewer cores or fewer GPUs may start sooner in a gap")


def pending(text: str) -> Why:
    """The sentence for LSF's pending reason; its own words where there is no better one."""
    said = text.strip().rstrip(";").strip()
    if said in ("", "-"):
        return NOTHING
    for pattern, make in _PENDING:
        if re.search(pattern, said):
            return make()
    return Why(t("LSF's reason: {reason}", reason=one_line(said, 80)))


# --- refusals

_DOWN = (
    r"LSF is down|LIM is down|daemon not responding|Cannot connect to LSF|Connection refused by server"
    r"|Unable to contact LIM|Unable to reach slave (LIM|batch)|Failed in an LSF library call"
)
_SLOW = r"Communication time ?out|Timeout on connect|still trying|Connection reset"


def refusal(code: int, errors: str) -> DkaiError:
    """What to raise when bsub ended with `code` and said `errors`."""
    said = one_line(re.sub(r"\.? *(Request aborted by esub\. )?Job not submitted\.?\s*$", "", errors.strip()))
    details = {"lsf": said}
    # 124 and 137: dkai's own time limit for bsub ended it, which tries again and again on its own.
    if code in (124, 137) or ("not submitted" not in errors and re.search(_SLOW, errors)):
        return RemoteError(
            t("LSF did not answer in time: it may or may not have taken the job"),
            code="submission-uncertain",
            hint=t("ask for its status in a minute; dkai recognises the job by its name"),
            details=details,
        )
    if re.search(_DOWN, errors):
        return RemoteError(
            t("LSF does not answer; the job was not submitted"),
            code="lsf-down",
            hint=t("try again later; the site's status page may know more"),
            details=details,
        )
    for pattern, make in _REFUSALS:
        if re.search(pattern, errors):
            message, name, hint = make()
            kind = UserError if name == "lsf-bad-option" else Refused
            return kind(message, code=name, hint=hint, details=details)
    if code == 127 or re.search(r"bsub: .*not found", errors):
        return RemoteError(
            t("bsub is not found there"),
            code="no-lsf",
            hint=t("read LSF's profile (profile.lsf) in ~/.bashrc, or give the site another scheduler"),
            details=details,
        )
    return Refused(
        t("LSF refused the job: {why}", why=said or t("no reason was given")),
        code="lsf-refused",
        hint=t("the site's documentation or support can say what it means"),
        details=details,
    )


_REFUSALS: tuple[tuple[str, Callable[[], tuple[str, str, str]]], ...] = (
    (
        r"No such queue",
        lambda: (
            t("there is no such queue there"),
            "lsf-no-queue",
            t("see those there are with: dkai compute connect SITE"),
        ),
    ),
    (
        r"User cannot use the queue|User permission denied|User not in the specified",
        lambda: (
            t("you may not submit to this queue"),
            "lsf-denied",
            t("the queue may be for other groups; see those open to you with: dkai compute connect SITE"),
        ),
    ),
    (
        r"Queue has been closed|Not activated because queue windows are closed",
        lambda: (
            t("the queue takes no jobs just now"),
            "lsf-closed",
            t("choose another partition, or try again later"),
        ),
    ),
    (
        r"RUNLIMIT|[Rr]un ?(time )?limit|Cannot exceed queue's hard limit|Bad CPU limit",
        lambda: (
            t("the job asks for more time, memory or slots than the queue gives"),
            "lsf-limit",
            t("ask for less, or choose another partition; `dkai compute quote` shows the limits"),
        ),
    ),
    (
        r"MEMLIMIT|[Mm]emory limit",
        lambda: (
            t("the job asks for more memory than the queue gives"),
            "lsf-memory-limit",
            t("ask for less memory, or choose another partition"),
        ),
    ),
    (
        r"Too (many|few) (processors|tasks|slots) requested|Cannot exceed queue's resource reservation",
        lambda: (
            t("the queue does not give so many slots to one job"),
            "lsf-slots",
            t("ask for fewer cores, or choose another partition"),
        ),
    ),
    (
        r"reached its job limit|Pending job threshold reached|pending job (slot )?limit|MAX_PEND",
        lambda: (
            t("as many of your jobs wait there as are allowed"),
            "lsf-many-jobs",
            t("wait until one ends, or cancel one: dkai compute jobs"),
        ),
    ),
    (
        r"gmodel|GPU (resource )?requirement|No such GPU|gpu option",
        lambda: (
            t("the cluster has no such GPUs"),
            "lsf-no-gpu",
            t("see the GPUs of each partition with: dkai compute connect SITE"),
        ),
    ),
    (
        r"project.*(does not exist|[Ii]nvalid|not (valid|allowed))|Invoker is not in specified project group",
        lambda: (
            t("the project does not exist, or is not yours"),
            "lsf-no-project",
            t("leave --account out, or ask the site which project your jobs belong to"),
        ),
    ),
    (
        r"Illegal option|Bad resource requirement|Error (near|in|with) |Bad argument|Bad job name|Empty job",
        lambda: (
            t("this cluster's bsub does not understand the job script"),
            "lsf-bad-option",
            t("please report it, with what `lsid` prints there"),
        ),
    ),
)
