"""Why LSF's jobs wait and end, and why submissions are refused, in plain words."""

from __future__ import annotations

import re

import pytest

from dkai.compute.job import JobState, JobStatus, Outcome
from dkai.compute.scheduler.lsf import Lsf
from dkai.compute.scheduler.lsf_reasons import ended, outcome_of, pending, refusal, termination
from dkai.core.errors import DkaiError


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("nope: No such queue. Job not submitted.", "lsf-no-queue"),
        ("hpc: User cannot use the queue. Job not submitted.", "lsf-denied"),
        ("hpc: Queue has been closed. Job not submitted.", "lsf-closed"),
        ("RUNLIMIT: Cannot exceed queue's hard limit(s). Job not submitted.", "lsf-limit"),
        ("MEMLIMIT: memory limit is too large. Job not submitted.", "lsf-memory-limit"),
        ("Too many processors requested. Job not submitted.", "lsf-slots"),
        ("User <x>: Pending job threshold reached. Retrying in 60 seconds...", "lsf-many-jobs"),
        ("hpc: The destination queue has reached its job limit. Job not submitted.", "lsf-many-jobs"),
        ('Error near "select" : duplicate section. Job not submitted.', "lsf-bad-option"),
        ("-zz: Illegal option.", "lsf-bad-option"),
        ("LSF is down. Please wait ...", "lsf-down"),
        ("ls_initdebug: LIM is down; try later. Job not submitted.", "lsf-down"),
        ("Contacting batch daemon: Communication timeout", "submission-uncertain"),
        ("batch system daemon not responding ... still trying", "submission-uncertain"),
        ("sh: 1: bsub: not found", "no-lsf"),
        ("The site says no. Request aborted by esub. Job not submitted.", "lsf-refused"),
        ("", "lsf-refused"),
    ],
)
def test_refusals(said: str, code: str) -> None:
    error = refusal(255, said)
    assert error.code == code
    assert error.hint
    if code == "lsf-refused" and said:
        assert "The site says no" in error.message
        assert "esub" not in error.message


@pytest.mark.parametrize("code", [124, 137])
def test_a_bsub_that_was_ended_may_have_been_heard(code: int) -> None:
    assert refusal(code, "batch system daemon not responding ... still trying").code == "submission-uncertain"


def test_what_is_refused_is_shown_harmlessly() -> None:
    error = refusal(255, "\x1b[31mno\x07 " + "x" * 9000)
    assert isinstance(error, DkaiError)
    assert not re.search("[\x00-\x1f\x7f]", error.message)
    assert len(error.message) < 500


@pytest.mark.parametrize(
    ("term", "outcome"),
    [
        ("TERM_RUNLIMIT", Outcome.TIMEOUT),
        ("TERM_MEMLIMIT", Outcome.OUT_OF_MEMORY),
        ("TERM_OWNER", Outcome.CANCELLED),
        ("TERM_ADMIN", Outcome.CANCELLED),
        ("TERM_ZOMBI", Outcome.NODE_FAIL),
        ("TERM_UNKNOWN", Outcome.FAILED),
        ("TERM_NEW_IN_LSF_11", Outcome.FAILED),
        (None, Outcome.FAILED),
    ],
)
def test_how_it_ended(term: str | None, outcome: Outcome) -> None:
    assert outcome_of("EXIT", term, started=True) is outcome
    assert outcome_of("DONE", term, started=True) is Outcome.COMPLETED
    assert outcome_of("RUN", term, started=True) is None


def test_a_job_that_never_started_was_cancelled() -> None:
    assert outcome_of("EXIT", None, started=False) is Outcome.CANCELLED


def test_words_are_taken_out_of_sentences() -> None:
    assert termination("TERM_RUNLIMIT: job killed after reaching LSF run time limit") == "TERM_RUNLIMIT"
    assert termination("-") is None
    assert ended("TERM_RUNLIMIT") == ""  # its outcome says it already
    assert "staff" in ended("TERM_ADMIN")
    assert ended("TERM_NEW") == ""


@pytest.mark.parametrize(
    ("said", "part"),
    [
        ("New job is waiting for scheduling;", "has not looked at it"),
        ("Job was suspended by the user while pending;", "held by you"),
        ("Job was suspended by LSF admin or root while pending;", "staff"),
        ("Job dependency condition not satisfied;", "another job"),
        ("The queue is inactivated by the administrator or by its time window;", "starts no jobs just now"),
        ("The user has reached his/her job slot limit;", "as many of your jobs"),
        ("User has reached the per-user job slot limit of the queue;", "as many of your jobs"),
        ("Resource limit defined on user(s) has been reached;", "limit of the cluster"),
        ("Job slot limit reached: 3 hosts;", "until enough is free"),
        ("Not enough job slot(s) while considering 4 hosts;", "until enough is free"),
        ("Job's resource requirements not satisfied: 2 hosts;", "no node gives"),
        ("Load information unavailable: 1 host;", "down or closed"),
        ("Something that LSF 11 says;", "LSF's reason: Something that LSF 11 says"),
    ],
)
def test_why_it_waits(said: str, part: str) -> None:
    assert part in pending(said).says
    status = JobStatus(JobState.QUEUED, reason=said)
    assert part in Lsf().explain(status)


def test_nothing_said_is_nothing() -> None:
    assert pending("-").says == ""
    assert pending("").says == ""
    assert Lsf().explain(JobStatus(JobState.RUNNING)) == ""
    assert Lsf().explain(JobStatus(JobState.ENDED, reason="runner-gone"))
    assert Lsf().remedy(JobStatus(JobState.ENDED, reason="TERM_OWNER")) == ""
