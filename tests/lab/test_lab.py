"""The lab does what its README says: real jobs, real budgets, real refusals."""

import subprocess
import time

from lab.fixture import Lab


def eventually(lab: Lab, command: str, wanted: str, seconds: float = 15) -> str:
    """The command's output as soon as it has `wanted` in it."""
    end = time.monotonic() + seconds
    while True:
        out = lab.ssh(command).stdout
        if wanted in out or time.monotonic() > end:
            return out
        time.sleep(0.3)


def test_the_cluster_has_the_partitions_and_gpus_of_the_readme(lab: Lab) -> None:
    out = lab.ssh('sinfo -h -N -o "%P %N %G"').stdout.split("\n")
    assert {" ".join(line.split()) for line in out if line} == {
        "cpu* cpu01 (null)",
        "gpu gpu01 gpu:h100:4",
        "gpu gpu02 gpu:a100:8",
        "gpu-test gpu01 gpu:h100:4",
        "gpu-test gpu02 gpu:a100:8",
    }


def test_a_job_over_ssh_really_runs_and_sees_its_gpus(lab: Lab) -> None:
    body = '"#!/bin/bash" "echo gpus \\$CUDA_VISIBLE_DEVICES on \\$SLURMD_NODENAME"'
    job = lab.ssh(
        f"mkdir -p selftest && cd selftest && printf '%s\\n' {body} > job.sh &&"
        " sbatch --parsable -p gpu --gres=gpu:h100:2 -c 4 -t 2 -o out.txt job.sh"
    ).stdout.strip()
    ended = eventually(lab, f"sacct -n -P -X -j {job} -o state,alloctres", "COMPLETED")
    assert ended.startswith("COMPLETED|")
    assert "gres/gpu:h100=2" in ended
    assert lab.ssh("cat selftest/out.txt").stdout.endswith(" on gpu01\n")


def test_alice_runs_programs_here_as_on_the_login_node(lab: Lab) -> None:
    done = lab.as_alice(["sh", "-c", "id -un; pwd; sbatch --parsable -t 1 --wrap true; echo $X"], {"X": "æøå"})
    user, home, job, word = done.stdout.split()
    assert (user, home, word) == ("alice", str(lab.user("alice").home), "æøå")
    assert "COMPLETED" in eventually(lab, f"sacct -n -X -j {job} -o state", "COMPLETED")


def test_alice_can_run_the_labs_python(lab: Lab) -> None:
    done = lab.as_alice([lab.python, "-c", "import sys; print(sys.version_info >= (3, 11))"])
    assert done.stdout == "True\n"


def test_bob_is_kept_out_of_alices_account(lab: Lab) -> None:
    refused = lab.ssh("sbatch -A project_a -p gpu --gres=gpu:1 --wrap true", alias="lab-bob")
    assert refused.returncode == 1
    assert "Invalid account" in refused.stderr


def test_a_job_without_budget_is_accepted_and_waits(lab: Lab) -> None:
    job = lab.ssh("sbatch --parsable -A project_empty -p gpu --gres=gpu:1 -t 5 --wrap true").stdout.strip()
    assert "AssocGrpGRES" in eventually(lab, f"squeue -h -o %r -j {job}", "AssocGrpGRES")
    assert lab.ssh(f"scancel {job}").returncode == 0


def test_accounting_answers(lab: Lab) -> None:
    assert lab.ssh("sshare -P && sprio && sreport -P cluster utilization").returncode == 0
    planned = lab.ssh("sbatch --test-only -p gpu --gres=gpu:a100:8 -t 30 --wrap true")
    assert "to start at" in planned.stderr


def test_the_inner_host_is_reached_through_the_jump_host_only(lab: Lab) -> None:
    assert "cpu01" in lab.ssh("sinfo -N", alias="lab-inner").stdout
    direct = lab.ssh("true", alias="lab-inner-direct")
    assert direct.returncode == 255
    assert "reset" in direct.stderr


def test_the_second_factor_is_asked_for_and_taken_once(lab: Lab) -> None:
    argv = ["ssh", "-n", "-F", str(lab.ssh_config)]
    askpass = {"SSH_ASKPASS": str(lab.askpass), "SSH_ASKPASS_REQUIRE": "force", "PATH": "/usr/bin:/bin"}
    let_in = subprocess.run([*argv, "lab-mfa", "echo in"], check=False, capture_output=True, text=True, env=askpass)
    assert let_in.stdout == "in\n"
    key_alone = subprocess.run(
        [*argv, "-o", "BatchMode=yes", "lab-mfa", "true"], check=False, capture_output=True, text=True
    )
    assert key_alone.returncode == 255
    assert "denied" in key_alone.stderr
    assert lab.otp() != lab.otp()
