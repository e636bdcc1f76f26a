"""Jobs that Slurm itself ends or puts back: at its time limit, on request, for others. Receipts say why and what to do.

A time limit is at least a minute, so the staff moves a job's end; Slurm then looks as it does at any other's. That job
is submitted before the tests that share the lab, which come last, and asked for after them.
"""

from __future__ import annotations

import csv
import json
import os
import re
import secrets
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.lab

GOES_ON = """\
import json, os, time
p, path = json.load(open("params.json")), "checkpoint/at.json"
at = json.load(open(path)) if os.path.exists(path) else 0
print("from", at, flush=True)
for at in range(at, p["ticks"]):
    json.dump(at + 1, open(path + ".new", "w"))
    os.replace(path + ".new", path)
    time.sleep(0.1)
json.dump({"ticks": p["ticks"], "word": p["word"]}, open("output/figures.json", "w"))
"""


def goes_on(folder: Path) -> Path:
    """A recipe with a checkpoint: it counts, and writes down how far it is."""
    return recipe(folder / "goes-on", GOES_ON, "checkpoint: true", (
        "params:\n  - {id: ticks, type: integer, min: 1, max: 1000, default: 30}\n"
        "  - {id: word, type: string, default: x}\nmetrics: {ticks: \"figures.json#/ticks\"}\n"
    ))  # fmt: skip


def recipe(folder: Path, script: str, run: str = "", more: str = "") -> Path:
    folder.mkdir(parents=True)
    (folder / "recipe.yaml").write_text(
        f"schema: dkai/recipe/1\nid: {folder.name}\nname: x\nsummary: {{da: a, en: b}}\n"
        f"run: {{script: main.py{', ' * bool(run)}{run}}}\n{more}resources: {{cpus: 1, memory_gb: 0.2, minutes: 5}}\n",
        encoding="utf-8",
    )
    (folder / "main.py").write_text(script, encoding="utf-8")
    return folder


class Here:
    """dkai with a home of its own, and Slurm as its staff uses it."""

    def __init__(self, lab: Any, dkai: Any, site: Any) -> None:
        self.lab, self.run, self.site = lab, dkai, site

    def submit(self, folder: Path, *words: str) -> dict[str, Any]:
        ask = ("compute", "submit", str(folder), "--site", "lab", "--level", "internal", "--yes", "--format", "json")
        return self.json(*ask, *words)

    def sweep(self, folder: Path, *words: str) -> dict[str, Any]:
        ask = ("compute", "sweep", str(folder), "--site", "lab", "--level", "internal", "--yes", "--format", "json")
        return self.json(*ask, *words)

    def json(self, *words: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.run(*words).stdout)
        return found

    def receipt(self, job: str) -> dict[str, Any]:
        return self.json("compute", "receipt", job, "--format", "json")

    def staff(self, *words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        env = {**os.environ, "SLURM_CONF": str(self.lab.slurm_conf)}
        return subprocess.run(["scontrol", *words], env=env, check=check, capture_output=True, text=True)

    def until(self, true: Callable[[], bool], seconds: float = 40) -> None:
        end = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < end
            time.sleep(0.3)

    def until_ended(self, job: dict[str, Any], seconds: float = 40) -> dict[str, Any]:
        """Who was put back waits two minutes, unless the staff says otherwise."""
        now = time.monotonic()
        end, soon = now + seconds, now + 2  # a node starts none in the very second in which it ended it
        while (found := self.json("compute", "status", job["id"], "--format", "json"))["state"] != "ended":
            assert time.monotonic() < end, found
            if time.monotonic() > soon and (found["state"] == "queued" or found.get("tasks")):
                self.staff("update", f"jobid={job['native_id']}", "starttime=now", check=False)
            time.sleep(0.5)
        return found

    def there(self, job: dict[str, Any], name: str) -> bool:
        return bool(self.lab.ssh(f"test -s {job['folder']}/{name}").returncode == 0)


@pytest.fixture
def here(lab: Any, dkai: Any, lab_site: Any) -> Here:
    return Here(lab, dkai, lab_site)


@pytest.mark.lab(alone=True)
def test_jobs_make_room_for_others(here: Here, tmp_path: Path) -> None:
    """Preempted: what has a checkpoint goes on when there is room again, and the other ends."""
    script = "import time\nprint('began', flush=True)\ntime.sleep(60)\n"
    with here.lab.weights("preempting"):
        where = ("--partition", "spare", "--cpus", "32")
        ends = here.submit(recipe(tmp_path / "ends", script), *where)
        back = here.submit(goes_on(tmp_path), *where, "--param", "ticks=30")
        here.until(lambda: here.there(ends, "log") and here.there(back, "checkpoint/at.json"))
        assert here.lab.ssh("srun -p cpu -c 64 -t 1 sleep 1").returncode == 0
        assert here.until_ended(ends)["state"] == "ended"
        assert here.until_ended(back)["outcome"] == "completed"
        told, again = here.receipt(ends["id"]), here.receipt(back["id"])
    assert told["cause"]["id"] == "preempted" and "QOS or partition" in told["cause"]["do"]
    assert [one["why"] for one in again["used"]["starts"]] == ["PREEMPTED", "COMPLETED"]
    assert any("a job with a higher priority took its place" in line for line in again["disagreements"])


@pytest.mark.lab(alone=True)
def test_the_disk_is_full_for_its_log_and_record_too(here: Here, tmp_path: Path) -> None:
    """Everything of the job is on that disk: there is no room to say why, but for what the runner had kept free."""
    script = (
        "import os, time\nprint('began', flush=True)\nwhile not os.path.exists('input/go'):\n    time.sleep(0.1)\n"
        "print('x' * 10**5, flush=True)\n"
    )
    job = here.submit(recipe(tmp_path / "fills", script))
    here.until(lambda: here.there(job, "log"))
    with here.lab.fault("disk-full"):
        assert here.lab.ssh(f"mkdir -p {job['folder']}/input && ln -s / {job['folder']}/input/go").returncode == 0
        found = here.until_ended(job)
        made = here.receipt(job["id"])
    assert (found["outcome"], found["exit_code"]) == ("failed", 1)
    assert made["cause"]["id"] == "disk-full" and "remove what you no longer need" in made["cause"]["do"]


@pytest.fixture(scope="module")
def late(lab: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], dict[str, Any]]]:
    """A job whose end is set to now, which Slurm finds at its next look, every 30 s. Gives its receipt."""
    folder = tmp_path_factory.mktemp("late")
    base = f"{lab.user('alice').home}/base-{secrets.token_hex(6)}"
    env = {**os.environ, "DKAI_HOME": str(folder / "home"), "DKAI_LANG": "en", "NO_COLOR": "1"}

    def dkai(*words: str, check: bool = True) -> dict[str, Any]:
        argv = [sys.executable, "-m", "dkai", "compute", *words]
        done = subprocess.run(argv, env=env, check=check, capture_output=True, text=True, timeout=150)
        return json.loads(done.stdout) if "json" in words else {"says": done.stdout + done.stderr}

    with lab.turn():
        assert lab.ssh(f"mkdir {base}").returncode == 0
        dkai("sites", "add", "lab", "--host", "lab", "--scheduler", "slurm", "--ssh-config", str(lab.ssh_config),
             "--python", str(lab.python), "--base", base, "--level", "internal")  # fmt: skip
        made = recipe(folder / "late", "import time\nprint('began', flush=True)\ntime.sleep(200)\n")
        sent = dkai("submit", str(made), "--site", "lab", "--level", "internal", "--yes", "--format", "json")
        staff = {**os.environ, "SLURM_CONF": str(lab.slurm_conf)}
        argv = ["scontrol", "update", f"jobid={sent['native_id']}", "EndTime=now"]
        give_up = time.monotonic() + 30
        while (done := subprocess.run(argv, env=staff, check=False, capture_output=True)).returncode:
            assert time.monotonic() < give_up, done.stderr  # it has not begun
            time.sleep(0.3)

        def ended() -> dict[str, Any]:
            told = dkai("logs", "--follow", "last", check=False)
            return {**told, **dkai("receipt", "last", "--format", "json")}

        yield ended


def test_put_back_without_a_checkpoint(late: Any, here: Here, slow_recipe: Path) -> None:
    """Slurm does that to no job of ours by itself; its staff can. Nothing runs twice, and the receipt says why."""
    job = here.submit(slow_recipe)
    here.until(lambda: here.there(job, "log"))
    assert "disabled" in here.staff("requeue", job["native_id"], check=False).stderr
    here.staff("update", f"jobid={job['native_id']}", "requeue=1")
    here.staff("requeue", job["native_id"])
    assert here.until_ended(job)["outcome"] == "failed"
    made = here.receipt(job["id"])
    assert made["cause"]["id"] == "put-back" and "submit it again" in made["cause"]["do"]
    assert [one["why"] for one in made["used"]["starts"]] == ["REQUEUED", "FAILED"]
    assert made["used"]["elapsed_s"] == sum(one["elapsed_s"] for one in made["used"]["starts"])
    assert any("put back into the queue, by Slurm or the cluster's staff" in line for line in made["disagreements"])
    log = here.lab.ssh(f"cat {job['folder']}/log").stdout
    assert log.count("began") == 1 and "it keeps no checkpoint" in log


def test_tasks_of_a_sweep_are_put_back(here: Here, tmp_path: Path) -> None:
    """One goes on from its checkpoint; the other two are not touched, and the receipt counts all starts."""
    job = here.sweep(goes_on(tmp_path), "--grid", "ticks=40,41,42")
    here.until(lambda: here.there(job, "tasks/1/checkpoint/at.json"))
    here.staff("requeue", f"{job['native_id']}_1")
    assert here.until_ended(job)["tasks"]["completed"] == 3
    into = tmp_path / "out"
    here.run("compute", "fetch", job["id"], "--into", str(into))
    rows = list(csv.DictReader((into / "results.csv").read_text(encoding="utf-8").splitlines()))
    assert [(row["state"], float(row["metric_ticks"])) for row in rows] == [("completed", n) for n in (40, 41, 42)]
    froms = [re.findall(r"from (\d+)", (into / f"tasks/{n}.log").read_text()) for n in range(3)]
    assert [len(one) for one in froms] == [1, 2, 1] and int(froms[1][1]) > 0
    made = here.receipt(job["id"])
    told = here.lab.ssh(f"sacct -D -X -n -P -S now-2hours -j {job['native_id']} -o elapsedraw").stdout.split()
    assert len(told) == 4 and made["used"]["elapsed_s"] == sum(map(int, told))
    assert any("1 task was put back into the queue" in line for line in made["disagreements"])


def test_a_task_that_cannot_go_on_is_put_back(here: Here, tmp_path: Path) -> None:
    script = "import json, time\nprint('began', flush=True)\ntime.sleep(json.load(open('params.json'))['s'])\n"
    made = recipe(tmp_path / "sleeps", script, more="params:\n  - {id: s, type: integer}\n")
    job = here.sweep(made, "--grid", "s=1,100")
    here.until(lambda: here.there(job, "output/tasks/1.log"))
    here.staff("update", f"jobid={job['native_id']}_1", "requeue=1")
    here.staff("requeue", f"{job['native_id']}_1")
    found = here.until_ended(job)
    assert (found["tasks"]["completed"], found["tasks"]["failed"], found["tasks"]["cancelled"]) == (1, 1, 0)
    here.run("compute", "fetch", job["id"], "--into", str(tmp_path / "out"))
    rows = list(csv.DictReader((tmp_path / "out/results.csv").read_text(encoding="utf-8").splitlines()))
    assert rows[1]["state"] == "failed" and "could not go on from where it was" in rows[1]["reason"]


def test_slurm_ends_it_when_its_time_is_up(late: Any) -> None:
    made = late()
    assert made["outcome"] == "timeout" and made["cause"]["id"] == "walltime"
    assert made["cause"]["says"] == "its time was up" and "--time" in made["cause"]["do"]
    assert "its time was up" in " ".join(made["says"].split()) and made["disagreements"] == []
