"""One job, whatever happens to the connection while it is submitted to a real Slurm."""

from __future__ import annotations

import subprocess
import sys
import time
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from faulty import LOST, Faulty

from dkai.app.submit_walk import Request, prepare, resume
from dkai.compute.host import open_host
from dkai.compute.job import JobState, Outcome
from dkai.compute.ledger import Job, open_ledger
from dkai.compute.link import Link
from dkai.compute.plan import Plan
from dkai.compute.quote.choose import Wishes
from dkai.compute.refresh import refresh
from dkai.compute.site import Site
from dkai.compute.submit import carry_out, record
from dkai.core.errors import RemoteError

pytestmark = pytest.mark.lab


def plan_for(site: Site, recipe: str = "gpu-check") -> Plan:
    prepared = prepare(Request(recipe, site.id, wishes=Wishes(gpus=0, partition="cpu", walltime_s=300)))
    assert prepared.refusal is None
    return prepared.plan


def go(plan: Plan, faults: Faulty) -> Job:
    with open_ledger() as ledger, Link(plan.site, None, faults) as link:
        record(plan, ledger)
        return carry_out(plan, ledger, link)


def in_slurm(lab: Any, job_id: str) -> set[str]:
    """Numbers of all jobs of that name that Slurm knows of, from both of its sources."""
    numbers: set[str] = set()
    for _ in range(3):
        for command in (
            f"squeue -h -t all -n {job_id} -o %i",
            f"sacct -X -n -P -S now-2hours --name {job_id} -o jobid",
        ):
            numbers |= set(lab.ssh(command).stdout.split())
        time.sleep(2)
    return numbers


def ended(job_id: str, site: Site) -> Job:
    with open_ledger() as ledger, Link(site) as link:
        for _ in range(60):
            job = refresh([ledger.get(job_id)], ledger, link)[0]
            if not job.is_open:
                return job
            time.sleep(1)
    raise AssertionError(job)


def test_the_answer_is_lost_after_sbatch(lab: Any, lab_site: Site) -> None:
    plan = plan_for(lab_site)
    job = go(plan, Faulty(after={"submit": LOST}, before={"status": LOST}))
    assert job.state is JobState.SENT
    assert in_slurm(lab, plan.job_id) == {job.native_id}
    assert ended(plan.job_id, lab_site).outcome is Outcome.COMPLETED


def test_it_never_arrived_and_the_place_knows(lab: Any, lab_site: Site) -> None:
    """The last piece of the stream is missing: the job's folder says that sbatch was not called, and never will be."""
    plan = plan_for(lab_site)
    with pytest.raises(RemoteError) as error:
        go(plan, Faulty(before={"submit": LOST}))
    assert error.value.code == "connection-lost" and "nothing was submitted" in (error.value.hint or "")
    with open_ledger() as ledger:
        assert ledger.get(plan.job_id).outcome is Outcome.NOT_SUBMITTED
        assert [e.what for e in ledger.events(plan.job_id)][-3:] == ["submitting", "doubt", "not-submitted"]
        attempt = ledger.events(plan.job_id)[1].evidence["attempt"]
    # The program itself, had it been on its way all the time, finds that it comes too late.
    link = Link(lab_site)
    with link, pytest.raises(RemoteError) as late:
        answer = link.run(link.scheduler.submit(plan.spec, plan.folder, plan.python, attempt))
        link.scheduler.parse_submit(answer)
    assert late.value.code in ("given-up", "no-job-folder")
    assert in_slurm(lab, plan.job_id) == set()
    job = resume(plan.job_id)
    assert in_slurm(lab, plan.job_id) == {job.native_id}
    assert ended(plan.job_id, lab_site).outcome is Outcome.COMPLETED


def test_a_submission_that_is_heard_twice_runs_once(lab: Any, lab_site: Site) -> None:
    """Somebody hands in the same job script by hand as well: the lock ends the second start."""
    plan = plan_for(lab_site)
    go(plan, Faulty())
    # Started in the same moment, either may take the lock: the order is settled first.
    assert ended(plan.job_id, lab_site).outcome is Outcome.COMPLETED
    assert lab.ssh(f"cd {plan.folder} && sbatch job.sh").returncode == 0
    ended(plan.job_id, lab_site)
    for _ in range(30):
        if lab.ssh(f"ls {plan.folder}/lock | grep -c second-").stdout.strip() == "1":
            break
        time.sleep(1)
    assert lab.ssh(f"ls {plan.folder}/lock | grep -c second-").stdout.strip() == "1"
    assert ended(plan.job_id, lab_site).outcome is Outcome.COMPLETED


def test_another_copy_takes_the_lock_first(lab: Any, lab_site: Site) -> None:
    """The script is handed in by hand while ours waits: the work is that copy's, and so is the status."""
    plan = replace(plan_for(lab_site), verify=True)
    with pytest.raises(RemoteError):
        go(plan, Faulty(before={"release": LOST}))
    other = lab.ssh(f"cd {plan.folder} && sbatch --wait --parsable -J other job.sh").stdout.strip()
    resume(plan.job_id)
    job = ended(plan.job_id, lab_site)
    assert (job.outcome, job.native_id, job.status["exit_code"]) == (Outcome.COMPLETED, other, 0)
    with open_ledger() as ledger:
        assert "another copy of this job does the work" in str(ledger.events(job.job_id)[-1].evidence["why"])


def test_one_connection_and_one_channel(lab: Any, lab_site: Site) -> None:
    plan, channels = plan_for(lab_site), []

    def opener(site: Site, ask: Any) -> Any:
        host = open_host(site, ask)
        run = host._shell.run  # type: ignore[attr-defined]
        host._shell.run = lambda *words: (channels.append(1), run(*words))[1]  # type: ignore[attr-defined]
        return host

    faults = Faulty(opener=opener)
    go(plan, faults)
    assert (faults.opened, len(channels)) == (1, 1)
    ended(plan.job_id, lab_site)


@pytest.mark.lab(alone=True)
def test_connections_are_dropped_while_a_job_is_followed(
    lab: Any, lab_site: Site, dkai: Any, slow_recipe: Path
) -> None:
    (slow_recipe / "main.py").write_text(
        "import time\nfor n in range(12):\n    print(n, flush=True)\n    time.sleep(1)\n"
    )
    words = ["compute", "submit", str(slow_recipe), "--site", "lab", "--level", "internal", "--yes", "--follow"]
    watching = subprocess.Popen(
        # Unbuffered: what readline had read beyond its line would be lost to communicate.
        [sys.executable, "-m", "dkai", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        bufsize=0,
    )
    assert watching.stdout is not None
    first = watching.stdout.readline()
    with lab.fault("ssh-drop"):
        pass
    out, said = watching.communicate(timeout=90)
    err = said.decode()
    assert watching.returncode == 0, err
    assert (first + out).decode().split() == [str(n) for n in range(12)]
    assert "trying again" in err and "connected again" in err


@pytest.mark.lab(alone=True)
def test_a_full_disk_there(lab: Any, lab_site: Site, dkai: Any) -> None:
    with lab.fault("disk-full"):
        done = dkai("compute", "submit", "gpu-check", "--site", "lab", "--yes", check=4)
    assert "disk-full" in done.stderr and "nothing was submitted" in " ".join(done.stderr.split())
    with open_ledger() as ledger:
        (job,) = ledger.recent()
        assert job.outcome is Outcome.NOT_SUBMITTED
    dkai("compute", "submit", "--resume", job.job_id, "--follow", timeout=90)


@pytest.mark.lab(alone=True)
@pytest.mark.parametrize(("fault", "code"), [("slurmctld-down", 4), ("sshd-down", 4), ("slurmdbd-down", 0)])
def test_what_is_down(lab: Any, lab_site: Site, dkai: Any, fault: str, code: int) -> None:
    with lab.fault(fault):
        done = dkai("compute", "quote", "gpu-check", "--site", "lab", check=code, timeout=120)
    if code == 0:  # the controller knows accounts and budgets too
        assert "GPU-hours (project_a)" in done.stdout and "unknown: the limits of its QOS" in " ".join(
            done.stdout.split()
        )
    else:
        assert "hint:" in done.stderr


@pytest.mark.lab(alone=True)
def test_a_frozen_controller_while_submitting(lab: Any, lab_site: Site) -> None:
    """sbatch times out, and the controller may take the job once it wakes up."""
    plan = plan_for(lab_site)

    with ExitStack() as frozen:

        class Freeze(Faulty):
            def enter(self, step: str) -> None:
                if step == "submit":
                    frozen.enter_context(lab.fault("slurmctld-hang"))
                super().enter(step)

            def leave(self, step: str) -> None:
                if step == "submit":
                    frozen.close()
                super().leave(step)

        try:
            job = go(plan, Freeze())
            assert job.state is JobState.SENT
        except RemoteError:
            frozen.close()
            with open_ledger() as ledger, Link(lab_site) as link:
                job = refresh([ledger.get(plan.job_id)], ledger, link, now=time.time() + 100)[0]
    numbers = in_slurm(lab, plan.job_id)
    if job.outcome is Outcome.NOT_SUBMITTED:
        assert numbers == set()
    else:
        assert len(numbers) == 1
