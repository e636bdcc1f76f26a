"""Each fault breaks what it says it breaks, and nothing stays broken."""

import contextlib
import subprocess
import sys
import time

import pytest

from lab.fixture import Lab
from lab.lablib import daemons, places, users
from lab.lablib.processes import all_pids
from lab.lablib.session import TURN, Session, lab_command

pytestmark = pytest.mark.lab(alone=True)


@pytest.mark.parametrize(
    ("fault", "command", "message"),
    [
        ("slurmdbd-down", "sacct", "onnection refused"),
        ("slurmctld-down", "scontrol ping", "is DOWN"),  # sinfo fails too, but only after 9 s
        ("slurmctld-hang", "sinfo", "timed out"),
        ("sshd-down", "true", "onnection refused"),
        ("disk-full", "head -c 100000 /dev/zero > big", "No space left"),
    ],
)
def test_a_fault_breaks_its_command_and_is_mended(lab: Lab, fault: str, command: str, message: str) -> None:
    with lab.fault(fault):
        broken = lab.ssh(command)
    assert broken.returncode != 0
    assert message in broken.stderr + broken.stdout
    assert lab.ssh(command).returncode == 0


def test_noisy_login_prints_before_every_answer(lab: Lab) -> None:
    with lab.fault("noisy-login"):
        assert "Maintenance" in lab.ssh("true").stdout
    assert lab.ssh("true").stdout == ""


def test_ssh_drop_ends_open_connections(lab: Lab) -> None:
    argv = ["ssh", "-n", "-F", str(lab.ssh_config), "lab", "echo in; sleep 30"]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as sleeper:
        assert sleeper.stdout is not None
        assert sleeper.stdout.readline() == b"in\n"
        with lab.fault("ssh-drop"):
            assert sleeper.wait(10) == 255


def test_slow_net_delays_and_cuts(lab: Lab) -> None:
    with lab.fault("slow-net", 200):
        began = time.monotonic()
        assert lab.ssh("true", alias="lab-slow").returncode == 0
        assert time.monotonic() - began > 0.8  # a login takes at least four round trips
    with lab.fault("slow-net", 0, "--cut-after", 20000):
        cut = lab.ssh("head -c 1000000 /dev/zero | base64", alias="lab-slow")
    assert cut.returncode == 255


@pytest.mark.parametrize("name", ["max-tres", "fractional"])
def test_another_way_to_bill_is_put_on_and_taken_off(lab: Lab, name: str) -> None:
    told = {"max-tres": "MAX_TRES", "fractional": "PartitionName=whole"}[name]
    with lab.weights(name):
        assert told in lab.ssh("scontrol show config; scontrol show partition").stdout
        assert lab.ssh("srun -p gpu --gres=gpu:1 -t 1 true").returncode == 0
    assert told not in lab.ssh("scontrol show config; scontrol show partition").stdout


def test_what_a_killed_run_left_broken_is_mended_at_the_next_turn(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    lab_command("fault", "noisy-login")  # and nobody clears it
    lab_command("fault", "slurmdbd-down")
    monkeypatch.delenv(TURN)  # as another run sees it, but that this one has its turn
    monkeypatch.setattr(Session, "_wait_for", lambda *_args, **_more: None)
    # Nor does it wait at the gate, where others may already wait for this one's turn to end.
    monkeypatch.setattr(sys.modules[Session.__module__], "hold", lambda *_args, **_more: contextlib.nullcontext())
    with Session().turn():
        assert lab.ssh("sacct").stdout.startswith("JobID")


def test_backdated_jobs_are_in_sreport(lab: Lab) -> None:
    lab.ssh("srun -J to-be-moved -p gpu --gres=gpu:h100:4 -t 1 sleep 2")
    for _ in range(40):  # only ended jobs are moved, and the database hears of their end some seconds later
        if "COMPLETED" in lab.ssh("sacct -n -X --name=to-be-moved -o state").stdout:
            break
        time.sleep(0.5)
    lab.backdate(26)
    report = lab.ssh(
        "sreport -n -P cluster AccountUtilizationByUser start=now-2days end=now -t seconds -T gres/gpu"
    ).stdout
    alice = [line.split("|") for line in report.splitlines() if "|alice|" in line]
    assert any(int(fields[-1]) >= 8 for fields in alice), report


def test_reset_takes_jobs_files_and_usage_away(lab: Lab) -> None:
    lab.ssh("touch left; srun -t 1 true; sbatch -H --wrap true")
    lab.reset()
    assert lab.ssh("ls; squeue -h -a").stdout == ""
    # one job is part of the first state: the one that spent the budget of project_empty
    assert lab.ssh("sacct -n -X -a -P -S now-7days -o account").stdout == "project_empty\n"


def test_down_leaves_nothing_running_and_up_starts_again(lab: Lab) -> None:
    lab.ssh('sbatch -p gpu --gres=gpu:8 -t 5 -o /dev/null --wrap "setsid sleep 300 & sleep 300"')
    end = time.monotonic() + 5
    while not users.leftovers() and time.monotonic() < end:
        time.sleep(0.1)
    lab_command("down")
    try:
        assert not daemons.any_runs()
        assert users.leftovers() == []
        assert not users.is_mounted(places.HOME)
        commands = [_command_line(pid) for pid in all_pids()]
        assert [line for line in commands if str(places.LAB) in line] == []
    finally:
        lab_command("up")
    assert lab.ssh("squeue -h").stdout == ""


def _command_line(pid: int) -> str:
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:  # noqa: PTH123 - a race with its end is likely
            return file.read().decode("utf-8", "replace").replace("\0", " ")
    except OSError:
        return ""
