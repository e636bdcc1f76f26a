"""Why a job waits, in plain words, for every reason that Slurm has."""

from __future__ import annotations

from pathlib import Path

import pytest

from dkai.compute.job import JobState, JobStatus
from dkai.compute.scheduler.slurm import Slurm
from dkai.compute.scheduler.slurm_pending import reason, why

REASONS = Path(__file__).resolve().parents[2] / "fixtures/slurm/reasons.txt"


def all_reasons() -> list[str]:
    return [line for line in REASONS.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]


def test_every_reason_that_slurm_has_is_a_sentence_of_our_own() -> None:
    known = all_reasons()
    assert len(known) > 170
    assert [word for word in known if not reason(word) or "Slurm's reason" in reason(word)] == []


def test_what_never_starts_says_what_to_do_and_what_waits_does_not_say_cancel() -> None:
    for word in all_reasons():
        found = why(word)
        if "never start" in found.says or "cancel it" in found.says:
            assert found.do, word
        elif word in ("Priority", "Resources"):
            assert "cancel" not in found.do


@pytest.mark.parametrize(
    ("word", "part"),
    [
        ("Priority", "higher priority"),
        ("Resources", "among the next"),
        ("(Resources)", "among the next"),
        ("ReqNodeNotAvail, UnavailableNodes:gpu[01-02]", "maintenance"),
        ("Nodes_required_for_job_are_DOWN,_DRAINED", "maintenance"),
        ("AssocGrpGRESMinutes", "account's budget"),
        ("AssocGrpBillingMinutes", "account's budget"),
        ("AssocGrpCPUMinutesLimit", "account's budget"),
        ("AssocGrpWallLimit", "account's budget"),
        ("QOSGrpGRESMinutes", "budget of the QOS"),
        ("AssocGrpCPURunMinutesLimit", "running jobs of the account"),
        ("AssocMaxJobsLimit", "as many jobs of the account"),
        ("AssocGrpSubmitJobsLimit", "as many jobs of the account"),
        ("QOSMaxJobsPerUserLimit", "as many jobs of the QOS"),
        ("QOSMaxSubmitJobPerUserLimit", "as many jobs of the QOS"),
        ("QOSMaxGRESPerUser", "jobs of the QOS have as much"),
        ("QOSGrpCpuLimit", "jobs of the QOS have as much"),
        ("AssocGrpGRES", "account's jobs have as much"),
        ("QOSMaxWallDurationPerJobLimit", "more time than is allowed"),
        ("AssocMaxWallDurationPerJobLimit", "more time than is allowed"),
        ("QOSMaxGRESPerJob", "more than one job may have"),
        ("AssocMaxCpuPerJobLimit", "more than one job may have"),
        ("AssocMaxCPUMinutesPerJobLimit", "more than one job may have"),
        ("QOSMaxGRESMinutesPerJob", "more than one job may have"),
        ("QOSMinGRES", "less than the QOS takes"),
        ("MaxGRESPerAccount", "jobs of the QOS have as much"),
        ("MaxJobsPerAccount", "as many jobs of the QOS"),
        ("AssociationTimeLimit", "account's budget"),
        ("QOSMinCpuNotSatisfied", "less than the QOS takes"),
        ("(ReqNodeNotAvail, UnavailableNodes:gpu[01-02,07])", "(gpu[01-02,07])"),
        ("(Nodes required for job are DOWN, DRAINED or reserved for jobs in higher priority partitions)", "reserved"),
        ("BurstBufferOperation: Stage-in: no such file", "burst buffer"),
        ("launch failed requeued held", "holds it"),
        ("ReqNodeNotAvail,_May_be_reserved_for_other_job", "reserved"),
        ("NewThing, UnavailableNodes:gpu\x1b[31m", "NewThing"),
        ("AssocGrpQuantumMinutes", "account's budget"),  # of a Slurm to come
        ("None", ""),
        ("", ""),
        ("SomethingNew", "Slurm's reason: SomethingNew"),
    ],
)
def test_reasons(word: str, part: str) -> None:
    sentence = reason(word)
    assert part in sentence
    assert bool(sentence) == bool(part)


def test_reasons_are_said_where_they_help() -> None:
    explain = Slurm().explain
    assert "priority" in explain(JobStatus(JobState.QUEUED, reason="Priority"))
    assert explain(JobStatus(JobState.RUNNING, reason="Priority")) == ""
    assert "node failed" in explain(JobStatus(JobState.ENDED, native_state="NODE_FAIL"))
    assert "took its place" in explain(JobStatus(JobState.ENDED, native_state="PREEMPTED"))
    assert "made ready" in explain(JobStatus(JobState.QUEUED, native_state="CONFIGURING"))


def test_what_can_be_done_is_said_while_it_waits() -> None:
    remedy = Slurm().remedy
    assert "--time" in remedy(JobStatus(JobState.QUEUED, reason="Priority"))
    assert "budget raised" in remedy(JobStatus(JobState.QUEUED, reason="AssocGrpGRESMinutes"))
    assert remedy(JobStatus(JobState.QUEUED, reason="Dependency")) == ""
    assert remedy(JobStatus(JobState.RUNNING, reason="Priority")) == ""
    assert remedy(JobStatus(JobState.ENDED, reason="no-python")) == ""
