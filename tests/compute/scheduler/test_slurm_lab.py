"""Slurm as a scheduler against a real one: over SSH, and on the login node itself."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from dkai.compute.host import CommandResult, Upload
from dkai.compute.host.ssh import SshHost
from dkai.compute.job import JobSpec, JobState, JobStatus, Outcome, Resources, new_job_id
from dkai.compute.runner import source
from dkai.compute.scheduler import Command, scheduler_for
from dkai.compute.site import Site
from dkai.core.errors import DkaiError, RemoteError
from lab.fixture import Lab

pytestmark = pytest.mark.lab
SMALL = Resources(gpus=1, cpus=2, memory_mb=1000, walltime_s=60)
SLEEP = "import time; print('up', flush=True); time.sleep(120)"


@dataclass
class Desk:
    """One host with one scheduler, and the jobs that were begun there."""

    host: Any
    scheduler: Any
    base: str
    jobs: list[tuple[str, str, str | None]]

    def ask(self, command: Command) -> CommandResult:
        return self.host.run(command.argv, stdin=command.stdin, timeout=command.timeout)  # type: ignore[no-any-return]

    def prepare(self, script: str, spec: JobSpec | None = None, under: str = "") -> tuple[JobSpec, str]:
        spec = spec or JobSpec("", "r", "1", "lab", SMALL, partition="gpu", account="project_a")
        spec = replace(spec, job_id=new_job_id())
        folder = f"{self.base}{under}/{spec.job_id}"
        job = {"job_id": spec.job_id, "script": "script.py", "walltime_s": spec.resources.walltime_s}
        files = {
            "runner.py": source(), "job.json": json.dumps(job).encode(), "script.py": script.encode(),
            "job.sh": self.scheduler.script(spec, folder, "python3").encode(),
        }  # fmt: skip
        uploads = [Upload(n, d, len(d), hashlib.sha256(d).hexdigest()) for n, d in files.items() if d]
        self.host.send(folder, uploads)
        return spec, folder

    def submit(self, script: str, spec: JobSpec | None = None, under: str = "") -> tuple[str, str, str]:
        spec, folder = self.prepare(script, spec, under)
        self.jobs.append((spec.job_id, folder, None))
        number = self.scheduler.parse_submit(self.ask(self.scheduler.submit(spec, folder, "python3")))
        return spec.job_id, folder, number

    def status(self, job: tuple[str, str, str | None]) -> JobStatus | None:
        return self.scheduler.parse_status(self.ask(self.scheduler.status([job]))).get(job[0])  # type: ignore[no-any-return]

    def until(
        self, job: tuple[str, str, str | None], true: Callable[[JobStatus], bool], seconds: float = 30
    ) -> JobStatus:
        end = time.monotonic() + seconds
        while True:
            status = self.status(job)
            if status is not None and true(status):
                return status
            assert time.monotonic() < end, status
            time.sleep(0.3)

    def ended(self, job: tuple[str, str, str | None], seconds: float = 30) -> JobStatus:
        return self.until(job, lambda s: s.state is JobState.ENDED, seconds)

    def used(self, job: tuple[str, str, str]) -> Any:
        end = time.monotonic() + 20
        while (used := self.scheduler.parse_accounting(self.ask(self.scheduler.accounting(*job)))) is None:
            assert time.monotonic() < end
            time.sleep(0.5)
        return used

    def cancel(self, job: tuple[str, str, str | None]) -> None:
        self.scheduler.parse_cancel(self.ask(self.scheduler.cancel(*job)))


class OnLoginNode:
    """dkai on the login node: the same programs, run here as alice, who has no rights."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab

    def run(self, argv: tuple[str, ...], *, stdin: bytes = b"", timeout: float = 60) -> CommandResult:
        # What a person's own shell could bring along.
        env = {
            "SQUEUE_FORMAT": "%i",
            "SBATCH_ACCOUNT": "nosuch",
            "SACCT_FORMAT": "user",
            "SLURM_TIME_FORMAT": "relative",
        }
        done = self.lab.as_alice(argv, env, text=stdin.decode(), timeout=timeout)
        return CommandResult(done.returncode, done.stdout, done.stderr)

    def send(self, folder: str, files: list[Upload]) -> None:
        alice = self.lab.user("alice")
        self.run(("mkdir", "-p", folder))
        for file in files:
            assert isinstance(file.source, bytes)
            path = Path(folder, file.to)
            path.write_bytes(file.source)
            path.chmod(0o600)
            import os

            os.chown(path, alice.uid, alice.gid)

    def read(self, path: str) -> bytes:
        return Path(path).read_bytes()


def ssh(lab: Lab) -> SshHost:
    return SshHost.connect(
        Site(id="lab", host="ssh", scheduler="slurm", address="lab", ssh_config=str(lab.ssh_config)), None
    )


def opened(lab: Lab, host: Any, scheduler: str) -> Iterator[Desk]:
    desk = Desk(host, scheduler_for(scheduler), f"{lab.user('alice').home}/dkai", [])
    yield desk
    for job in desk.jobs:
        desk.ask(desk.scheduler.cancel(*job))
    if isinstance(host, SshHost):
        host.close()


@pytest.fixture
def far(lab: Lab) -> Iterator[Desk]:
    yield from opened(lab, ssh(lab), "slurm")


@pytest.fixture
def near(lab: Lab) -> Iterator[Desk]:
    yield from opened(lab, OnLoginNode(lab), "slurm")


@pytest.fixture(params=["far", "near"])
def desk(request: pytest.FixtureRequest) -> Desk:
    return request.getfixturevalue(request.param)  # type: ignore[no-any-return]


# --- discovery


def test_the_cluster_as_it_is(lab: Lab, desk: Desk) -> None:
    began = time.monotonic()
    cluster = desk.scheduler.parse_discovery(desk.ask(desk.scheduler.discover()), 1.0)
    assert time.monotonic() - began < 15
    assert cluster.missing == {}
    assert (cluster.name, cluster.user, cluster.home) == ("labcluster", "alice", str(lab.user("alice").home))
    assert [p.name for p in cluster.partitions] == ["cpu", "gpu", "gpu-test"]
    assert {g.type for p in cluster.partitions for n in p.nodes for g in n.gres} == {"h100", "a100"}
    assert {a.account: a.limits.grp_tres_mins for a in cluster.associations} == {
        "project_a": {"gres/gpu": 600}, "project_empty": {"gres/gpu": 1},
    }  # fmt: skip
    assert all(a.limits.used_tres_mins is not None for a in cluster.associations)
    assert cluster.python == "/usr/bin/python3"
    assert cluster.my_jobs is not None


# --- a job's way


def test_a_job_runs_and_its_accounting_is_sacct(lab: Lab, desk: Desk) -> None:
    job = desk.submit("import os, sys; print(os.environ['SLURM_JOB_NAME']); open('output.txt', 'w').write('æøå')")
    ended = desk.ended(job)
    assert (ended.outcome, ended.exit_code, ended.native_id) == (Outcome.COMPLETED, 0, job[2])
    assert desk.host.read(f"{job[1]}/log").decode() == f"{job[0]}\n"
    assert desk.host.read(f"{job[1]}/output.txt").decode() == "æøå"
    assert desk.host.read(f"{job[1]}/native_id").decode().strip() == job[2]
    used = desk.used(job)
    fields = "State,ExitCode,ElapsedRaw,AllocTRES,NodeList"
    second = lab.ssh(f"sacct -nPX -j {job[2]} -o {fields}").stdout.strip().split("|")
    assert second == [
        used.state, "0:0", str(used.elapsed_s), ",".join(f"{k}={v}" for k, v in used.alloc_tres.items()), used.node,
    ]  # fmt: skip
    # CPU=1, GRES/gpu=16, and a quarter for each of 1000/1024 GB.
    assert used.billing == 18
    assert used.max_rss_mb is None or used.max_rss_mb > 1


def test_submitted_twice_is_one_job(lab: Lab, desk: Desk) -> None:
    spec, folder = desk.prepare(SLEEP)
    desk.jobs.append((spec.job_id, folder, None))
    numbers = [desk.scheduler.parse_submit(desk.ask(desk.scheduler.submit(spec, folder, ""))) for _ in range(2)]
    # The answer was lost, and with it the number in the folder.
    desk.host.run(("rm", f"{folder}/native_id"))
    numbers.append(desk.scheduler.parse_submit(desk.ask(desk.scheduler.submit(spec, folder, ""))))
    assert len(set(numbers)) == 1
    assert len(lab.ssh(f"squeue -h -n {spec.job_id} -o %i").stdout.split()) == 1


def test_started_twice_runs_once(lab: Lab, far: Desk) -> None:
    job = far.submit("print('once')")
    far.ended(job)
    again = lab.ssh(f"cd {job[1]} && sbatch -W --parsable job.sh")
    assert again.returncode == 75
    record = json.loads(far.host.read(f"{job[1]}/record.json"))
    assert (record["second_starts"], record["exit_code"]) == (1, 0)
    assert far.host.read(f"{job[1]}/log").decode().count("once\n") == 1
    # By its number, and without it, it is still the first start that counts.
    for number in (job[2], None):
        status = far.status((job[0], job[1], number))
        assert status is not None
        assert (status.native_id, status.outcome) == (job[2], Outcome.COMPLETED)


def test_folders_with_odd_names(far: Desk) -> None:
    job = far.submit("print('hej')", under="/søren k 100%j $HOME `id`")
    assert far.ended(job).outcome is Outcome.COMPLETED
    assert far.host.read(f"{job[1]}/log") == b"hej\n"


def test_a_failing_job(far: Desk) -> None:
    job = far.submit("import sys; sys.exit(3)")
    status = far.ended(job)
    assert (status.outcome, status.exit_code) == (Outcome.FAILED, 3)
    assert far.used(job).exit_code == 3


def test_many_jobs_in_one_question(far: Desk) -> None:
    jobs = [far.submit("print('a')"), far.submit(SLEEP), (new_job_id(), f"{far.base}/none", None)]
    far.ended(jobs[0])
    far.until(jobs[1], lambda s: s.state is JobState.RUNNING)
    found = far.scheduler.parse_status(far.ask(far.scheduler.status(jobs)))
    assert {job: status.state for job, status in found.items()} == {
        jobs[0][0]: JobState.ENDED, jobs[1][0]: JobState.RUNNING,
    }  # fmt: skip


# --- ended from outside


def test_a_running_job_is_cancelled(far: Desk) -> None:
    job = far.submit(SLEEP)
    far.until(job, lambda s: s.state is JobState.RUNNING)
    end = time.monotonic() + 30
    while far.host.read(f"{job[1]}/record.json") is None:  # Slurm calls it running before its shell has begun
        assert time.monotonic() < end
        time.sleep(0.1)
    far.cancel(job)
    status = far.ended(job)
    assert status.outcome is Outcome.CANCELLED
    end = time.monotonic() + 10
    while json.loads(far.host.read(f"{job[1]}/record.json"))["outcome"] != "cancelled":
        assert time.monotonic() < end
        time.sleep(0.3)
    far.cancel(job)  # once more changes nothing


def test_a_job_cancelled_before_slurm_knew_it_never_runs(far: Desk) -> None:
    spec, folder = far.prepare("open('ran', 'w')")
    far.cancel((spec.job_id, folder, None))
    number = far.scheduler.parse_submit(far.ask(far.scheduler.submit(spec, folder, "")))
    # Its start ended with 75; what counts is that nobody did the work.
    status = far.until((spec.job_id, folder, number), lambda s: s.evidence == "record")
    assert (status.state, status.outcome, status.native_id) == (JobState.ENDED, Outcome.CANCELLED, number)
    assert far.host.read(f"{folder}/ran") is None


@pytest.mark.slow
def test_time_is_up(far: Desk) -> None:
    job = far.submit(SLEEP)
    status = far.ended(job, 150)
    assert (status.outcome, status.exit_code) == (Outcome.TIMEOUT, status.exit_code)
    record = json.loads(far.host.read(f"{job[1]}/record.json"))
    assert record["outcome"] in ("timeout", None)  # KillWait is short here: the last word may not get written


# --- refused, or waiting for ever


GPU = JobSpec("", "r", "1", "lab", SMALL, partition="gpu", account="project_a")


@pytest.mark.parametrize(
    ("spec", "code"),
    [
        (replace(GPU, partition="nosuch"), "slurm-no-partition"),
        (replace(GPU, account="project_b"), "slurm-no-account"),
        (replace(GPU, qos="nosuch"), "slurm-no-qos"),
        (replace(GPU, partition="gpu-test", resources=replace(SMALL, walltime_s=7200)), "slurm-time-limit"),
        (replace(GPU, resources=replace(SMALL, gpu_type="b200")), "slurm-no-such-node"),
        (replace(GPU, resources=replace(SMALL, gpus=99)), "slurm-no-such-node"),
        (replace(GPU, qos="debug", resources=replace(SMALL, gpus=4)), "slurm-over-limit"),
    ],
    ids=lambda v: v if isinstance(v, str) else "",
)
def test_refusals(far: Desk, spec: JobSpec, code: str) -> None:
    with pytest.raises(DkaiError) as caught:
        far.submit("pass", spec)
    assert (caught.value.code, caught.value.exit_code) == (code, 3)
    job = far.jobs[-1]
    assert far.host.read(f"{job[1]}/native_id") is None
    far.jobs.clear()


def test_without_budget_it_waits_and_says_so(far: Desk) -> None:
    job = far.submit("pass", replace(GPU, account="project_empty"))
    status = far.until(job, lambda s: bool(s.reason) and s.reason != "Priority")
    assert (status.state, status.reason) == (JobState.QUEUED, "AssocGrpGRESMinutes")
    assert "budget" in far.scheduler.explain(status)
    far.cancel(job)
    assert far.ended(job).outcome is Outcome.CANCELLED


# --- things that fail


@pytest.mark.lab(alone=True)
@pytest.mark.parametrize("fault", ["slurmctld-down", "slurmctld-hang"])
def test_the_controller_is_away(lab: Lab, far: Desk, fault: str) -> None:
    job = far.submit("print('before')")
    far.ended(job)
    running = far.submit(SLEEP)
    far.until(running, lambda s: s.state is JobState.RUNNING)
    spec, folder = far.prepare("pass")
    with lab.fault(fault):
        began = time.monotonic()
        cluster = far.scheduler.parse_discovery(far.ask(far.scheduler.discover()), 1.0)
        assert time.monotonic() - began < 60
        assert {"config", "partitions", "nodes", "queue", "use"} <= set(cluster.missing)
        assert cluster.missing["nodes"] == cluster.missing["config"]
        assert [a.account for a in cluster.associations] == ["project_empty", "project_a"]
        assert cluster.associations[1].limits.grp_tres_mins == {"gres/gpu": 600}
        assert cluster.associations[1].limits.used_tres_mins is None
        assert cluster.associations[1].is_default
        with pytest.raises(RemoteError) as caught:
            far.scheduler.parse_submit(far.ask(far.scheduler.submit(spec, folder, "")))
        assert caught.value.code == "slurm-down"
        # The database and the job's own record still know what has ended.
        found = far.scheduler.parse_status(far.ask(far.scheduler.status([job, running])))
        assert found[job[0]].outcome is Outcome.COMPLETED
        assert found[running[0]].state in (JobState.RUNNING, JobState.UNKNOWN)
        with pytest.raises(RemoteError) as caught:
            far.cancel(running)
        assert caught.value.code == "not-cancelled"


@pytest.mark.lab(alone=True)
def test_the_database_is_away(lab: Lab, far: Desk) -> None:
    with lab.fault("slurmdbd-down"):
        cluster = far.scheduler.parse_discovery(far.ask(far.scheduler.discover()), 1.0)
        assert set(cluster.missing) == {"mine", "qos"}
        assert [(a.account, a.is_default) for a in cluster.associations] == [
            ("project_a", True),
            ("project_empty", False),
        ]
        assert cluster.associations[0].limits.grp_tres_mins == {"gres/gpu": 600}
        assert [p.name for p in cluster.partitions] == ["cpu", "gpu", "gpu-test"]
        job = far.submit("print('hej')")
        status = far.ended(job)
        assert (status.outcome, status.evidence) == (Outcome.COMPLETED, "squeue")
        assert far.scheduler.parse_accounting(far.ask(far.scheduler.accounting(*job))) is None
        gone = far.status((new_job_id(), f"{far.base}/none", "1"))
        assert gone is not None
        assert (gone.state, gone.reason) == (JobState.UNKNOWN, "accounting-down")


@pytest.mark.lab(alone=True)
def test_a_login_that_talks(lab: Lab, far: Desk) -> None:
    with lab.fault("noisy-login"):
        cluster = far.scheduler.parse_discovery(far.ask(far.scheduler.discover()), 1.0)
        assert cluster.missing == {}
        assert cluster.scratch is None
        assert far.ended(far.submit("print('hej')")).outcome is Outcome.COMPLETED


# --- no scheduler there: a group's own workstation


@pytest.fixture
def workstation(lab: Lab) -> Iterator[Desk]:
    yield from opened(lab, ssh(lab), "process")


def test_a_process_outlives_its_connection(lab: Lab, workstation: Desk) -> None:
    cluster = workstation.scheduler.parse_discovery(workstation.ask(workstation.scheduler.discover()), 1.0)
    assert (cluster.user, cluster.python) == ("alice", "/usr/bin/python3")
    job = workstation.submit("import time; print('up', flush=True); time.sleep(2); print('æøå')")
    workstation.host.close()
    workstation.host = ssh(lab)
    assert workstation.ended(job).outcome is Outcome.COMPLETED
    assert workstation.host.read(f"{job[1]}/log").decode() == "up\næøå\n"


@pytest.mark.lab(alone=True)
def test_a_process_outlives_a_cut_connection_and_can_be_cancelled(lab: Lab, workstation: Desk) -> None:
    job = workstation.submit(SLEEP)
    with lab.fault("ssh-drop"), pytest.raises(RemoteError):
        workstation.status(job)
    workstation.host = ssh(lab)
    status = workstation.status(job)
    assert status is not None
    assert status.state is JobState.RUNNING
    workstation.cancel(job)
    assert workstation.ended(job).outcome is Outcome.CANCELLED
