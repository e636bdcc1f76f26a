"""A job between its submission and its receipt, on a real Slurm over real SSH: why it waits, why it failed, its log."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from dkai.compute.site import Site

pytestmark = pytest.mark.lab


def job_of(done: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.fixture
def recipe(tmp_path: Path) -> Any:
    """Makes a recipe of one's own from its script."""

    def make(script: str, name: str = "mine") -> Path:
        folder = tmp_path / name
        folder.mkdir()
        (folder / "recipe.yaml").write_text(
            f"schema: dkai/recipe/1\nid: {name}\nname: {name}\nsummary: {{da: a, en: b}}\n"
            "run: {script: main.py}\nresources: {cpus: 1, memory_gb: 0.2, minutes: 5}\n",
            encoding="utf-8",
        )
        (folder / "main.py").write_text(script, encoding="utf-8")
        return folder

    return make


def send(dkai: Any, recipe: Path, *words: str) -> dict[str, Any]:
    ask = ("compute", "submit", str(recipe), "--site", "lab", "--level", "internal", "--yes", "--format", "json")
    return job_of(dkai(*ask, *words))


def until(dkai: Any, job: str, state: str, seconds: float = 40) -> dict[str, Any]:
    end = time.monotonic() + seconds
    while (found := job_of(dkai("compute", "status", job, "--format", "json")))["state"] != state:
        assert time.monotonic() < end, found
        time.sleep(1)
    return found


def test_why_it_waits_and_what_to_do_and_a_receipt_of_what_never_started(
    lab: Any, lab_site: Site, dkai: Any, recipe: Any
) -> None:
    job = send(dkai, recipe("pass"), "--account", "project_empty", "--gpus", "1", "--allow-over")
    for _ in range(30):  # Slurm looks at it every 2 s, at those of others before it first
        found = job_of(dkai("compute", "status", job["id"], "--format", "json"))
        if found["reason"] not in (None, "None", "Priority"):
            break
        time.sleep(1)
    assert found["reason"] == "AssocGrpGRESMinutes"
    assert "account's budget does not suffice" in found["says"]
    assert "another account" in found["can_do"]
    assert found["start_guess"] is None and found["cause"] is None
    text = dkai("compute", "status", job["id"]).stdout
    assert "→ use another account" in text
    ended = job_of(dkai("compute", "cancel", job["id"], "--format", "json"))
    assert ended["outcome"] == "cancelled" or until(dkai, job["id"], "ended")["outcome"] == "cancelled"
    done = dkai("compute", "cancel", job["id"], check=1)
    assert "cannot be cancelled" in done.stderr
    receipt = job_of(dkai("compute", "receipt", job["id"], "--format", "json"))
    assert receipt["started_at"] is None and receipt["outcome"] == "cancelled"
    assert "never started" in dkai("compute", "receipt", job["id"]).stdout


def test_why_it_failed_is_said_by_status_receipt_and_the_one_who_watched(
    lab_site: Site, dkai: Any, recipe: Any
) -> None:
    folder = recipe("print('epoch 1')\nimport module_that_is_not_there\n")
    done = dkai("compute", "submit", str(folder), "--site", "lab", "--level", "internal", "--yes", "--follow", check=5)
    assert "module_that_is_not_there" in done.stderr and "requirements" in done.stderr
    found = job_of(dkai("compute", "status", "--format", "json"))
    assert found["cause"]["id"] == "module"
    assert found["log_end"][0] == "epoch 1" and "ModuleNotFoundError" in found["log_end"][-1]
    assert "why: a Python or R package is missing: module_that_is_not_there" in dkai("compute", "receipt").stdout


def test_killed_by_a_signal(lab_site: Site, dkai: Any, recipe: Any) -> None:
    folder = recipe("import os\nprint('began', flush=True)\nos.kill(os.getpid(), 11)\n")
    dkai("compute", "submit", str(folder), "--site", "lab", "--level", "internal", "--yes", "--follow", check=5)
    found = job_of(dkai("compute", "status", "--format", "json"))
    assert found["cause"]["id"] == "segfault", (found["exit_code"], found["cause"], found["reason"])


def test_ctrl_c_leaves_the_job_to_itself(lab_site: Site, dkai: Any, slow_recipe: Path) -> None:
    job = send(dkai, slow_recipe)
    watcher = subprocess.Popen(
        [sys.executable, "-m", "dkai", "compute", "logs", "-f", job["id"]],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    assert watcher.stdout is not None
    assert watcher.stdout.readline() == "began\n"
    os.kill(watcher.pid, signal.SIGINT)
    _, errors = watcher.communicate(timeout=30)
    assert watcher.returncode == 130 and "the job goes on" in " ".join(errors.split())
    assert job_of(dkai("compute", "status", job["id"], "--format", "json"))["state"] == "running"
    dkai("compute", "cancel", job["id"])


def test_a_job_that_the_queue_has_forgotten_is_cancelled_by_its_lock(
    lab: Any, lab_site: Site, dkai: Any, slow_recipe: Path
) -> None:
    """Ended behind dkai's back: cancelling says how it ended, and ends nothing else."""
    job = send(dkai, slow_recipe)
    until(dkai, job["id"], "running")
    assert lab.ssh(f"scancel {job['native_id']}").returncode == 0
    time.sleep(4)
    ended = job_of(dkai("compute", "cancel", job["id"], "--format", "json"))
    assert ended["state"] == "ended" and ended["outcome"] == "cancelled"


@pytest.mark.lab(alone=True)
def test_a_cut_connection_loses_no_line_of_the_log(
    lab: Any, lab_site: Site, dkai: Any, recipe: Any, tmp_path: Path
) -> None:
    folder = recipe("import time\nfor n in range(12):\n    print('line', n, flush=True)\n    time.sleep(0.8)\n")
    job = send(dkai, folder)
    until(dkai, job["id"], "running")
    with (tmp_path / "seen").open("wb") as seen:
        watcher = subprocess.Popen(
            [sys.executable, "-m", "dkai", "compute", "logs", "-f", job["id"]],
            stdout=seen, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        end = time.monotonic() + 30
        while not (tmp_path / "seen").read_bytes():
            assert time.monotonic() < end
            time.sleep(0.1)
        with lab.fault("ssh-drop"):
            time.sleep(0.1)
        _, errors = watcher.communicate(timeout=60)
    assert watcher.returncode == 0, errors
    assert (tmp_path / "seen").read_text().splitlines() == [f"line {n}" for n in range(12)]
    assert "trying again" in errors and "connected again" in errors


@pytest.mark.lab(alone=True)
def test_a_receipt_without_accounting(lab: Any, lab_site: Site, dkai: Any) -> None:
    lab.reset()
    job = job_of(dkai("compute", "submit", "gpu-check", "--site", "lab", "--yes", "--follow", "--format", "json"))
    with lab.fault("slurmdbd-down"):
        began = time.monotonic()
        done = dkai("compute", "receipt", job["id"], "--format", "json")
        assert time.monotonic() - began < 20
    receipt = job_of(done)
    assert receipt["sources"] == ["record"]
    rows = {row["id"]: row for row in receipt["rows"]}
    assert rows["time"]["agrees"] and "quoted rate" in rows["billing"]["actual"]
    assert receipt["used"]["machine"]["cpu"] and receipt["used"]["cores"] is not None
