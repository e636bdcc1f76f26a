"""Records what the lab's Slurm answers to dkai's own questions, as fixtures for the parsers.

Run it with the lab to oneself: `tests/lab/lab run --alone .venv/bin/python tests/compute/scheduler/record_answers.py`;
with the word `discovery` behind it, only what the cluster says of itself is recorded.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dkai.compute.host import CommandResult, Upload
from dkai.compute.host.ssh import SshHost
from dkai.compute.job import JobSpec, Resources
from dkai.compute.runner import source
from dkai.compute.scheduler import Command
from dkai.compute.scheduler.slurm import Slurm
from dkai.compute.site import Site

INTO = Path(__file__).resolve().parents[2] / "fixtures/slurm/22.05/dkai"
SLURM = Slurm()
LAB = Path(__file__).resolve().parents[2] / "lab/lab"


@contextmanager
def fault(name: str) -> Iterator[None]:
    """Something broken inside the block."""
    subprocess.run([LAB, "fault", name], check=True)
    try:
        yield
    finally:
        subprocess.run([LAB, "fault", "clear"], check=True)


def scontrol(*words: str) -> None:
    """As root: reservations are not for users to make."""
    subprocess.run(["scontrol", *words], check=True, env={**os.environ, "SLURM_CONF": os.environ["LAB_SLURM_CONF"]})


def main() -> None:
    site = Site(id="lab", host="ssh", scheduler="slurm", address="lab", ssh_config=os.environ["LAB_SSH_CONFIG"])
    host = SshHost.connect(site, None)
    base = host.run(["sh", "-c", "echo $HOME"]).stdout.strip() + "/dkai"

    def ask(command: Command) -> CommandResult:
        return host.run(command.argv, stdin=command.stdin, timeout=command.timeout)

    def keep(name: str, result: CommandResult) -> None:
        neutral = result.stdout.replace(os.environ["LAB_DIR"], "/lab").replace("/lab/home", "/home")
        (INTO / f"{name}.out").write_text(neutral, encoding="utf-8")

    def submit(job_id: str, script: str, account: str = "project_a", **resources: int) -> tuple[str, str, str]:
        spec = JobSpec(
            job_id,
            "r",
            "1",
            "lab",
            Resources(cpus=2, memory_mb=2000, walltime_s=60, **resources),
            account=account,
            partition="gpu",
        )
        folder = f"{base}/{job_id}"
        files = {
            "runner.py": source(), "script.py": script.encode(),
            "job.sh": SLURM.script(spec, folder, "python3").encode(),
            "job.json": json.dumps({"job_id": job_id, "script": "script.py"}).encode(),
        }  # fmt: skip
        uploads = [Upload(n, data, len(data), hashlib.sha256(data).hexdigest()) for n, data in files.items()]
        host.send(folder, uploads)
        return job_id, folder, SLURM.parse_submit(ask(SLURM.submit(spec, folder, "python3")))

    INTO.mkdir(parents=True, exist_ok=True)
    keep("discovery", ask(SLURM.discover()))
    # A window of maintenance ahead, and a job that runs: what it may still use of the budget is set aside.
    scontrol("create", "reservation", "reservationname=maint", "starttime=2027-01-04T08:00:00", "duration=600",
             "nodes=ALL", "flags=maint,ignore_jobs", "users=root")  # fmt: skip
    wrap = "cd && sbatch --parsable -A project_a -p gpu --gpus=h100:2 -c 4 --mem=8G -t 30 --wrap 'sleep 300'"
    running = host.run(["sh", "-c", wrap]).stdout.strip()
    time.sleep(6)
    keep("discovery-busy", ask(SLURM.discover()))
    host.run(["scancel", running])
    time.sleep(6)  # a node whose controller goes away while it ends a job is drained
    scontrol("delete", "reservationname=maint")
    with fault("slurmdbd-down"):
        keep("discovery-no-database", ask(SLURM.discover()))
    with fault("slurmctld-down"):
        keep("discovery-no-controller", ask(SLURM.discover()))
    if sys.argv[1:] == ["discovery"]:
        return
    jobs = [
        submit("dkai-s000000000", "print('hej')", gpus=1),
        submit("dkai-s000000001", "import sys; sys.exit(3)"),
        submit("dkai-s000000002", "import time; time.sleep(300)", gpus=1),
        submit("dkai-s000000003", "pass", account="project_empty", gpus=1),
        submit("dkai-s000000004", "import time; time.sleep(300)", gpus=1),
    ]
    time.sleep(6)
    ask(SLURM.cancel(*jobs[4]))
    time.sleep(6)
    keep("status", ask(SLURM.status([*jobs, ("dkai-s000000005", f"{base}/dkai-s000000005", None)])))
    keep("used", ask(SLURM.accounting(*jobs[0])))
    keep("used-cancelled", ask(SLURM.accounting(*jobs[4])))
    for job in jobs[2:4]:
        ask(SLURM.cancel(*job))


if __name__ == "__main__":
    main()
