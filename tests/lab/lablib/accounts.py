"""Who may use what: QOS, accounts, users and budgets, one of them spent."""

from __future__ import annotations

import pwd

from .places import LOG, LabError
from .processes import run, wait_for


def _manage(*words: str) -> None:
    run("sacctmgr", "-i", "-Q", *words)


def load_accounts() -> None:
    """Two QOS with limits, three accounts, two users, and a budget of 10 GPU hours."""
    _manage(
        *("modify", "qos", "normal", "set", "Priority=10", "MaxTRESPerUser=gres/gpu=8"),
        *("MaxWall=2-00:00:00", "MaxSubmitJobsPerUser=3000", "Description=everyday work"),
    )
    _manage(
        *("add", "qos", "debug", "set", "Priority=100", "MaxTRESPerUser=gres/gpu=2", "MaxWall=00:30:00"),
        *("MaxSubmitJobsPerUser=2", "MaxJobsPerUser=1", "Flags=DenyOnLimit", "Description=short tests"),
    )
    for name in ("project_a", "project_b", "project_empty"):
        _manage(
            *("add", "account", name, f"Description={name}", "Organization=lab", "Fairshare=10"),
            *("QOS=normal,debug", "DefaultQOS=normal"),
        )
    _manage(
        *("add", "user", "alice", "Account=project_a,project_empty", "DefaultAccount=project_a"),
        "Fairshare=1",
    )
    _manage("add", "user", "bob", "Account=project_b", "DefaultAccount=project_b", "Fairshare=1")
    _manage("modify", "account", "project_a", "set", "GrpTRESMins=gres/gpu=600")


def use_up_budget() -> None:
    """Give project_empty real usage (8 GPUs for 9 s = 1.2 GPU minutes), then a limit of 1."""
    ask = ("scontrol", "show", "assoc_mgr", "users=alice", "flags=users")
    wait_for(lambda: "alice" in run(*ask, check=False).stdout, 10)
    alice = pwd.getpwnam("alice")
    done = run(
        *("sbatch", "--parsable", "-W", "-D", alice.pw_dir, "-J", "used-up", "-p", "gpu"),
        *("-A", "project_empty", "-t", "1", "--gres=gpu:a100:8", "-o", "/dev/null", "--wrap", "sleep 9"),
        check=False,
        user=alice,
        env={"HOME": alice.pw_dir, "USER": "alice", "LOGNAME": "alice"},
    )
    if done.returncode:
        raise LabError(f"the first job failed: {done.stderr.strip()}; logs: {LOG}/slurmctld.log {LOG}/slurmd-gpu02.log")
    _manage("modify", "account", "project_empty", "set", "GrpTRESMins=gres/gpu=1")
