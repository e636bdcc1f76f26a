"""Several processes on several nodes, and jobs that start again: on a real Slurm with its own srun and requeue."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dkai.app.receipts import receipt
from dkai.app.submit_walk import Request, carry_out, prepare
from dkai.compute.follow import describe
from dkai.compute.job import JobState, Outcome
from dkai.compute.ledger import Job, open_ledger
from dkai.compute.link import Link
from dkai.compute.quote.choose import Wishes
from dkai.compute.refresh import refresh
from dkai.compute.site import Site

pytestmark = pytest.mark.lab


def number_after(rounds: int, processes: int, numbers: int = 1000) -> int:
    """What multi-gpu-check must come to, worked out here without any exchange."""
    found = 1
    for turn in range(rounds):
        total = sum((turn * 31 + rank + k) % 1009 for rank in range(processes) for k in range(numbers))
        found = (found * 1_000_003 + total) % (2**61 - 1)
    return found


@pytest.fixture
def ranks_recipe(tmp_path: Path) -> Path:
    """A recipe whose processes tell their place, and stay until they are ended when asked to."""
    folder = tmp_path / "ranks"
    folder.mkdir()
    (folder / "recipe.yaml").write_text(
        "schema: dkai/recipe/1\nid: ranks\nname: ranks\nsummary: {da: pladser, en: places}\ngpu: optional\n"
        "run: {script: main.py, launcher: srun}\nresources: {nodes: 2, gpus: 4, cpus: 8, memory_gb: 0.5, minutes: 2}\n"
        "params:\n  - {id: stay, type: number, default: 0}\n",
        encoding="utf-8",
    )
    (folder / "main.py").write_text(
        "import json, os, time\n"
        "rank = os.environ['RANK']\n"
        "told = {n: os.environ.get(n) for n in ('WORLD_SIZE', 'LOCAL_RANK', 'LOCAL_WORLD_SIZE', 'NODE_RANK',\n"
        "        'MASTER_ADDR', 'MASTER_PORT', 'SLURMD_NODENAME', 'SLURM_STEP_ID', 'OMP_NUM_THREADS')}\n"
        "json.dump(dict(told, pid=os.getpid()), open('output/%s.json' % rank, 'w'))\n"
        "time.sleep(json.load(open('params.json'))['stay'])\n",
        encoding="utf-8",
    )
    return folder


def submit(recipe: str | Path, params: dict[str, Any] | None = None, **wishes: Any) -> Job:
    prepared = prepare(Request(str(recipe), "lab", params=params or {}, wishes=Wishes(**wishes), accept_level=True))
    assert prepared.refusal is None, prepared.refusal
    return carry_out(prepared.plan)


class Watch:
    """A job as it goes on; `says` is everything that it stood at."""

    def __init__(self, lab: Any, site: Site, job: Job) -> None:
        self.lab, self.site, self.job, self.says = lab, site, job, list[str]()

    def until(self, true: Callable[[], bool], patience_s: float = 40) -> None:
        """Look at it until it is so. A job that was put back waits two minutes, unless its owner says otherwise."""
        end = time.monotonic() + patience_s
        with open_ledger() as ledger, Link(self.site) as link:
            while not true():
                assert time.monotonic() < end, (self.says, self.log())
                self.job = refresh([self.job], ledger, link)[0]
                if (says := describe(self.job, link)) not in self.says:
                    self.says.append(says)
                if self.job.state is JobState.QUEUED and self.job.status.get("reason") == "BeginTime":
                    time.sleep(1.5)  # a node starts none in the very second in which it ended it
                    self.lab.ssh(f"scontrol update jobid={self.job.native_id} starttime=now")
                time.sleep(0.4)

    def until_it_says(self, text: str, times: int) -> None:
        """So often in its log."""
        self.until(lambda: self.log().count(text) == times)

    def ended(self) -> Job:
        self.until(lambda: not self.job.is_open)
        return self.job

    def has(self, name: str) -> bool:
        return bool(self.lab.ssh(f"test -s {self.job.folder}/{name}").returncode == 0)

    def read(self, name: str) -> Any:
        return json.loads(self.lab.ssh(f"cat {self.job.folder}/{name}").stdout)

    def log(self) -> str:
        return str(self.lab.ssh(f"cat {self.job.folder}/log").stdout)


def test_srun_starts_a_process_for_each_gpu_on_every_node(lab: Any, lab_site: Site, ranks_recipe: Path) -> None:
    watch = Watch(lab, lab_site, submit(ranks_recipe, {"stay": 2}))
    assert watch.ended().outcome is Outcome.COMPLETED, watch.log()
    told = [watch.read(f"output/{rank}.json") for rank in range(4)]
    assert [(t["NODE_RANK"], t["LOCAL_RANK"]) for t in told] == [("0", "0"), ("0", "1"), ("1", "0"), ("1", "1")]
    assert [t["SLURMD_NODENAME"] for t in told] == ["gpu01", "gpu01", "gpu02", "gpu02"]
    assert {(t["WORLD_SIZE"], t["LOCAL_WORLD_SIZE"], t["OMP_NUM_THREADS"]) for t in told} == {("4", "2", "2")}
    # Here Slurm's names of nodes are none of the network's: the address is Slurm's own.
    assert {t["MASTER_ADDR"] for t in told} == {"127.0.0.1"} and len({t["MASTER_PORT"] for t in told}) == 1
    assert {t["SLURM_STEP_ID"] for t in told} == {"0"}
    record = watch.read("record.json")
    assert [node["node"] for node in record["nodes"]] == ["gpu01", "gpu02"]
    assert all(node["max_rss_mb"] > 5 for node in record["nodes"])
    made = receipt(watch.job.job_id)
    assert {row.id: row.agrees for row in made.rows if row.id in ("time", "hours", "billing")} == {
        "time": True, "hours": True, "billing": True,
    }  # fmt: skip
    assert made.disagreements == ()


def test_a_process_that_is_killed_is_named_and_ends_the_others(lab: Any, lab_site: Site, ranks_recipe: Path) -> None:
    watch = Watch(lab, lab_site, submit(ranks_recipe, {"stay": 60}))
    watch.until(lambda: all(watch.has(f"output/{rank}.json") for rank in range(4)))
    pids = [watch.read(f"output/{rank}.json")["pid"] for rank in range(4)]
    assert lab.as_alice(["kill", "-9", str(pids[2])]).returncode == 0
    job = watch.ended()
    assert (job.outcome, job.status["exit_code"]) == (Outcome.FAILED, 137)
    failed = watch.read("record.json")["failed_rank"]
    assert (failed["rank"], failed["node"], failed["exit_code"]) == (2, "gpu02", 137)
    assert not [pid for pid in pids if Path(f"/proc/{pid}").exists()]
    cause = receipt(job.job_id).cause
    assert cause is not None and "process 2, on gpu02" in cause.says


def test_the_recipe_over_two_nodes(lab: Any, lab_site: Site, dkai: Any, tmp_path: Path) -> None:
    """From submission to the fetched report."""
    dkai("compute", "submit", "multi-gpu-check", "--site", "lab", "--gpus", "0", "--yes", "--follow", timeout=90)
    dkai("compute", "fetch", "--into", str(tmp_path / "home"))
    found = json.loads((tmp_path / "home/report.json").read_text())
    assert (found["processes"], found["nodes"], found["wrong_sums"]) == (4, {"gpu01": 2, "gpu02": 2}, 0)
    assert found["rounds"]["number"] == number_after(50, 4)
    assert all(one["latency_us"]["median"] > 0 and one["mb_per_s"]["median"] > 1 for one in found["ranks"])
    text = (tmp_path / "home/report.md").read_text(encoding="utf-8")
    assert "4 processes on 2 nodes found each other" in text and "That is what you asked for." in text
    assert "PyTorch was not used" in text
    assert "<html" in (tmp_path / "home/report.html").read_text(encoding="utf-8")


def test_put_back_by_the_staff_it_goes_on_from_its_checkpoint(lab: Any, lab_site: Site) -> None:
    watch = Watch(lab, lab_site, submit("multi-gpu-check", {"rounds": 60, "pause_ms": 60}, gpus=0))
    watch.until(lambda: watch.has("checkpoint/state.json"))
    assert lab.ssh(f"scontrol requeue {watch.job.native_id}").returncode == 0
    job = watch.ended()
    assert (job.outcome, job.status["restarts"]) == (Outcome.COMPLETED, 1), watch.log()
    assert any(says.startswith("was put back into the queue, for start 2") for says in watch.says), watch.says
    found = watch.read("output/report.json")["rounds"]
    assert found["number"] == number_after(60, 4)  # as if nothing had been
    first, second = found["starts"]
    assert first["from"] == 0 and first["to"] == second["from"] and second["to"] == 60
    made = receipt(job.job_id)
    assert len(made.used.starts) == 2 and made.used.elapsed_s == sum(one.elapsed_s or 0 for one in made.used.starts)
    assert any("put back into the queue, by Slurm or the cluster's staff" in line for line in made.disagreements)


def test_when_its_time_is_up_it_goes_back_so_often_and_no_more(lab: Any, lab_site: Site) -> None:
    """Slurm's warning is sent by hand: its own comes no earlier than some half a minute after the start."""
    wishes = {"gpus": 0, "starts": 2, "walltime_s": 120}
    watch = Watch(lab, lab_site, submit("multi-gpu-check", {"rounds": 100_000, "pause_ms": 50}, **wishes))
    for start in (1, 2):
        watch.until_it_says("rounds that can be interrupted", start)
        time.sleep(0.5)
        assert lab.ssh(f"scancel --batch --signal=USR1 {watch.job.native_id}").returncode == 0
        watch.until_it_says("stopped after", start)
    job = watch.ended()
    assert (job.outcome, job.status["exit_code"], job.status["restarts"]) == (Outcome.TIMEOUT, 85, 1), watch.log()
    record = watch.read("record.json")
    assert [one["stopped"] for one in record["starts"]] == ["requeue"]
    state = watch.read("checkpoint/state.json")
    assert state["number"] == number_after(state["done"], 4)
    made = receipt(job.job_id)
    assert made.cause is not None and made.cause.id == "walltime"
    assert any("went back into the queue as you chose" in line for line in made.disagreements)


def test_another_job_with_the_same_script_still_ends_at_once(lab: Any, lab_site: Site) -> None:
    """The number of its restart is claimed, but it is not the job that has the lock."""
    watch = Watch(lab, lab_site, submit("multi-gpu-check", {"rounds": 40, "pause_ms": 50}, gpus=0))
    watch.until(lambda: watch.has("lock/owner.json"))
    foreign = f"cd {watch.job.folder} && SLURM_RESTART_COUNT=3 sbatch --wait -J other --parsable job.sh"
    assert lab.ssh(foreign).returncode == 75
    assert watch.ended().outcome is Outcome.COMPLETED
    assert watch.read("output/report.json")["rounds"]["number"] == number_after(40, 4)
    assert len(watch.read("output/report.json")["rounds"]["starts"]) == 1


@pytest.mark.lab(alone=True)
def test_its_node_fails(lab: Any, lab_site: Site) -> None:
    """Slurm itself starts it again; the start on the node that failed is told of with its reason."""

    def node(state: str, *reason: str, check: bool = True) -> None:
        argv = ["scontrol", "update", "nodename=gpu02", f"state={state}", *reason]
        subprocess.run(argv, check=check, capture_output=True, env=os.environ | {"SLURM_CONF": str(lab.slurm_conf)})

    watch = Watch(lab, lab_site, submit("multi-gpu-check", {"rounds": 60, "pause_ms": 60}, gpus=0))
    watch.until(lambda: watch.has("checkpoint/state.json"))
    node("down", "reason=test")
    try:
        watch.until(lambda: watch.job.state is JobState.QUEUED)
    finally:
        node("resume", check=False)  # its slurmd may have registered again by itself
    assert watch.ended().outcome is Outcome.COMPLETED, watch.log()
    assert watch.read("output/report.json")["rounds"]["number"] == number_after(60, 4)
    made = receipt(watch.job.job_id)
    assert any(line.startswith("start 1 ended") and "its node failed" in line for line in made.disagreements)
