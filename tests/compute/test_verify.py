"""Slurm's reading of a held job beside the plan: every difference is named, and what cannot be compared too."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

import pytest
from faulty import LOST, Faulty

from dkai.app.jobs import list_jobs
from dkai.app.submit_walk import Request, prepare, resume
from dkai.compute.host import CommandResult
from dkai.compute.job import JobState, Outcome, Resources
from dkai.compute.ledger import Job, open_ledger
from dkai.compute.link import Link
from dkai.compute.plan import Plan, PlannedFile
from dkai.compute.quote.balance import unit_of
from dkai.compute.quote.choose import Wishes
from dkai.compute.quote.cost import Cost
from dkai.compute.quote.estimate import Estimate
from dkai.compute.scheduler import slurm_verify
from dkai.compute.site import Site
from dkai.compute.submit import carry_out, record
from dkai.compute.verify import compare
from dkai.core.errors import Refused, RemoteError

LINE = (
    "JobId=7 JobName={job} UserId=alice(1001) Priority=0 Account=project_a QOS=normal JobState=PENDING"
    " Reason=JobHeldUser Dependency=(null) TimeLimit=01:00:00 TimeMin=N/A Partition=gpu NodeList=(null)"
    " NumNodes=1-1 NumCPUs=8 NumTasks=1 {tres} Features=(null) OverSubscribe=OK"
)
TRES = "cpu=8,mem=16000M,node=1,billing=27,gres/gpu=1,gres/gpu:h100=1"


@pytest.fixture
def plan() -> Plan:
    """An hour of 8 cores, 16,000 MiB and one H100, quoted at 27 an hour."""
    made = prepare(Request("gpu-check")).plan
    asked = Resources(gpus=1, cpus=8, memory_mb=16000, walltime_s=3600, gpu_type="h100")
    spec = replace(made.spec, partition="gpu", account="project_a", resources=asked)
    cost = Cost(Estimate(None, 27.0, unit_of("billing")), "", "cluster")
    return replace(made, spec=spec, quote=replace(made.quote, qos="normal", cost=cost))


def reading(plan: Plan, line: str = LINE, tres: str = "TRES=" + TRES) -> slurm_verify.Reading:
    text = f"dkai-frame/1 reading\n|{line.format(job=plan.job_id, tres=tres)}\ndkai-close/1 0\n"
    found = slurm_verify.parse(CommandResult(0, text, ""), plan.job_id)
    assert found is not None
    return found


@pytest.mark.parametrize("tres", ["TRES=" + TRES, f"ReqTRES={TRES} AllocTRES=(null)"])  # before and since 23.02
def test_as_quoted(plan: Plan, tres: str) -> None:
    found = reading(plan, tres=tres)
    assert found.is_held
    assert compare(plan, found).differences == ()
    assert compare(plan, found).not_compared == ()


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("Partition=gpu", "Partition=gpu-test", "partition: quoted gpu, Slurm reads gpu-test"),
        ("Account=project_a", "Account=other", "account: quoted project_a, Slurm reads other"),
        ("QOS=normal", "QOS=debug", "QOS: quoted normal, Slurm reads debug"),
        ("TimeLimit=01:00:00", "TimeLimit=00:30:00", "time: quoted 1 h, Slurm reads 30 min"),
        ("TimeLimit=01:00:00", "TimeLimit=UNLIMITED", "time: quoted 1 h, Slurm reads no limit"),
        ("NumNodes=1-1", "NumNodes=2-2", "nodes: quoted 1, Slurm reads 2"),
    ],
)
def test_each_difference_is_named(plan: Plan, old: str, new: str, says: str) -> None:
    assert compare(plan, reading(plan, LINE.replace(old, new))).differences == (says,)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("cpu=8", "cpu=16", "cores: quoted 8, Slurm reads 16"),
        ("mem=16000M", "mem=500G", "memory"),
        ("gres/gpu=1,gres/gpu:h100=1", "gres/gpu=2,gres/gpu:h100=2", "GPUs: quoted 1, Slurm reads 2"),
        (",gres/gpu=1,gres/gpu:h100=1", "", "GPUs: quoted 1, Slurm reads 0"),
        ("gres/gpu:h100=1", "gres/gpu:a100=1", "h100 GPUs: quoted 1, Slurm reads 0"),
        ("billing=27", "billing=130", "billing an hour: quoted 27, Slurm reads 130"),
    ],
)
def test_amounts(plan: Plan, old: str, new: str, says: str) -> None:
    found = compare(plan, reading(plan, tres="TRES=" + TRES.replace(old, new))).differences
    assert says in "; ".join(found)


def test_what_a_waiting_job_does_not_show_is_said_and_is_no_difference(plan: Plan) -> None:
    whole = replace(plan, spec=replace(plan.spec, resources=replace(plan.spec.resources, exclusive=True)))
    found = compare(whole, reading(plan, tres="TRES=" + TRES.replace("cpu=8", "cpu=2").replace("=27", "=20")))
    assert found.differences == ()
    assert "whole nodes" in found.not_compared[0]
    other = compare(plan, reading(plan, tres="TRES=" + TRES.replace("billing=27,", "")))
    assert (other.differences, other.not_compared) == (
        (),
        ("billing: this Slurm does not show it for a job that waits",),
    )


def test_a_reading_of_another_job_is_none(plan: Plan) -> None:
    text = f"dkai-frame/1 reading\n|{LINE.format(job='dkai-0000000000', tres=TRES)}\ndkai-close/1 0\n"
    assert slurm_verify.parse(CommandResult(0, text, ""), plan.job_id) is None
    assert slurm_verify.parse(CommandResult(0, "", ""), plan.job_id) is None


def test_where_no_scheduler_holds_jobs_it_is_refused_before_anything(dkai: Any) -> None:
    done = dkai("compute", "submit", "gpu-check", "--verify", "--yes", check=1)
    assert "verify-needs-slurm" in done.stderr
    with open_ledger() as ledger:
        assert ledger.recent(include_planned=True) == []


# --- in the lab


def lab_plan(site: Site) -> Plan:
    wishes = Wishes(gpus=1, cpus=2, memory_mb=1000, partition="gpu", walltime_s=300)
    prepared = prepare(Request("gpu-check", site.id, wishes=wishes))
    assert prepared.refusal is None
    return replace(prepared.plan, verify=True)


def go(plan: Plan, faults: Faulty) -> Job:
    with open_ledger() as ledger, Link(plan.site, None, faults) as link:
        record(plan, ledger)
        return carry_out(plan, ledger, link)


def known(job_id: str) -> Job:
    with open_ledger() as ledger:
        return ledger.get(job_id)


def whats(job_id: str) -> list[str]:
    with open_ledger() as ledger:
        return [event.what for event in ledger.events(job_id)]


@pytest.mark.lab
def test_held_compared_and_released_in_two_commands(lab: Any, lab_site: Site) -> None:
    plan, faults = lab_plan(lab_site), Faulty()
    job = go(plan, faults)
    assert whats(job.job_id) == ["planned", "sending", "submitting", "held", "compared", "releasing", "released"]
    assert (faults.opened, faults.steps) == (1, ["send", "submit", "release"])
    with open_ledger() as ledger:
        evidence = ledger.events(job.job_id)[4].evidence
    assert (
        evidence == {"differences": [], "not_compared": ["QOS: the cluster gave its default, normal"]}
        or not (evidence["differences"])
    )
    assert "JobHeld" not in lab.ssh(f"squeue -h -t all -j {job.native_id} -o %r").stdout


@pytest.mark.lab
def test_a_site_that_changes_jobs_gets_none(lab: Any, lab_site: Site) -> None:
    """Here the script asks for more than the quote says, as a site's submission plugin would."""
    plan = lab_plan(lab_site)

    def changed(file: PlannedFile) -> PlannedFile:
        if file.to != "job.sh":
            return file
        text = (file.text or "").replace("--cpus-per-task=2", "--cpus-per-task=4")
        return replace(file, text=text, size=len(text.encode()), sha256=hashlib.sha256(text.encode()).hexdigest())

    with pytest.raises(Refused) as refused:
        go(replace(plan, files=tuple(changed(file) for file in plan.files)), Faulty())
    assert (refused.value.code, refused.value.exit_code) == ("verify-mismatch", 3)
    assert "cores: quoted 2, Slurm reads 4" in refused.value.message
    with open_ledger() as ledger:
        job = ledger.get(plan.job_id)
    assert (job.state, job.outcome) == (JobState.ENDED, Outcome.CANCELLED)
    assert lab.ssh(f"squeue -h -t all -n {plan.job_id} -o %T").stdout.split() in ([], ["CANCELLED"])
    assert not lab.ssh(f"ls {plan.folder}/lock/owner.json").stdout


@pytest.mark.lab
@pytest.mark.parametrize(
    "faults", [{"before": {"release": LOST}}, {"after": {"submit": LOST}}, {"after": {"release": LOST}}]
)
def test_cut_off_while_it_is_held(lab: Any, lab_site: Site, faults: Any) -> None:
    plan = lab_plan(lab_site)
    if "submit" in faults.get("after", {}):
        job = go(plan, Faulty(**faults))  # the lost answer is asked for again, and the rest goes on
    else:
        with pytest.raises(RemoteError) as error:
            go(plan, Faulty(**faults))
        assert "--resume" in (error.value.hint or "")
        found = list_jobs(ask_sites=True, site="lab").items[0]
        if "before" in faults:
            assert found.state is JobState.QUEUED and "--resume" in found.says
        # Where only the answer was lost it may have run to its end by now.
        job = resume(plan.job_id) if found.state is not JobState.ENDED else known(plan.job_id)
    assert lab.ssh(f"squeue -h -t all -n {plan.job_id} -o %r").stdout.strip() != "JobHeldUser"
    assert job.native_id
