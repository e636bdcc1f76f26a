"""Sweeps through a real Slurm over real SSH: one array, one quote, one table, whatever happens on the way."""

from __future__ import annotations

import csv
import json
import time
from pathlib import Path
from typing import Any

import pytest
from faulty import LOST, Faulty

from dkai.app.requests import Words, make_request
from dkai.app.submit_walk import prepare, resume
from dkai.app.sweep import sweep_request
from dkai.compute.job import JobState, Outcome
from dkai.compute.ledger import Job, open_ledger
from dkai.compute.link import Link
from dkai.compute.plan import Plan
from dkai.compute.refresh import refresh
from dkai.compute.site import Site
from dkai.compute.submit import carry_out, record
from dkai.core.errors import RemoteError

pytestmark = pytest.mark.lab


def plan_for(toy: Path, *grids: str, at_once: int | None = None) -> Plan:
    words = Words(recipe=str(toy), site="lab", level="internal", partition="cpu")
    prepared = prepare(sweep_request(make_request(words), grids, None, at_once))
    assert prepared.refusal is None
    return prepared.plan


def go(plan: Plan, faults: Any = None) -> Job:
    with open_ledger() as ledger, Link(plan.site, None, *([faults] if faults else [])) as link:
        record(plan, ledger)
        return carry_out(plan, ledger, link)


def seen(job_id: str, site: Site, until: Any, seconds: float = 60) -> Job:
    with open_ledger() as ledger, Link(site) as link:
        end = time.monotonic() + seconds
        while True:
            job = refresh([ledger.get(job_id)], ledger, link)[0]
            if until(job):
                return job
            assert time.monotonic() < end, job
            time.sleep(0.5)


def arrays(lab: Any, job_id: str) -> set[str]:
    """Numbers of all arrays of that name that Slurm knows of."""
    found: set[str] = set()
    for _ in range(2):
        found |= set(lab.ssh(f"squeue -h -t all -n {job_id} -o %F").stdout.split())
        told = lab.ssh(f"sacct -X -n -P -S now-2hours --name {job_id} -o jobid").stdout.split()
        found |= {one.partition("_")[0] for one in told}
        time.sleep(1)
    return found


def test_from_a_grid_to_one_table(lab: Any, lab_site: Site, dkai: Any, toy: Path, tmp_path: Path) -> None:
    """Six tasks, one of which fails: the table has each task's figures, and says what went wrong."""
    table = tmp_path / "input.csv"
    table.write_text("a;b\n1;2\n", encoding="utf-8")
    done = dkai(
        "compute", "sweep", str(toy), "--site", "lab", "--grid", "size=1:3", "--grid", "mode=plain,fails",
        "--grid-file", str(_file(tmp_path)), "--at-once", "3", "--input", str(table), "--level", "internal", "--yes",
        "--follow", check=5, timeout=120,
    )  # fmt: skip
    assert "6 of 12 tasks done, 6 failed" in " ".join(done.stderr.split())
    assert "finished" in done.stdout and "ValueError: no good: 2" in done.stdout
    job = json.loads(dkai("compute", "status", "last", "--format", "json").stdout)
    assert (job["outcome"], job["tasks"]["completed"], job["tasks"]["failed"]) == ("failed", 6, 6)
    into = tmp_path / "out"
    dkai("compute", "fetch", "last", "--into", str(into))
    rows = list(csv.DictReader((into / "results.csv").read_text(encoding="utf-8").splitlines()))
    assert [row["task"] for row in rows] == [str(n) for n in range(12)]
    for row in rows:
        if row["mode"] == "plain":
            assert float(row["product"]) == int(row["size"]) * float(row["rate"])
            assert (row["state"], row["gone"]) == ("completed", "")
            assert row["reason"] == "there is no number at figures.json#/nothing"
        else:
            assert (row["state"], row["exit_code"], row["product"]) == ("failed", "1", "")
            assert "ValueError: no good" in row["reason"]
        assert float(row["seconds"]) > 0 and float(row["peak_memory_mb"]) > 0
    assert "input.csv" in (into / "tasks/0.log").read_text()
    # What is there already is not brought again, and the table is made anew.
    again = json.loads(dkai("compute", "fetch", "last", "--into", str(into), "--format", "json").stdout)
    assert again["files"] == [] and len(again["table"]["rows"]) == 12
    # The receipt sums over the tasks as Slurm counted them.
    receipt = json.loads(dkai("compute", "receipt", "last", "--format", "json").stdout)
    told = lab.ssh(f"sacct -X -n -P -S now-2hours --name {job['id']} -o elapsedraw").stdout.split()
    assert receipt["used"]["elapsed_s"] == sum(map(int, told)) and len(told) == 12
    assert receipt["used"]["billing"] == 1 and receipt["sources"] == ["sacct", "record"]
    assert receipt["disagreements"] == []
    assert {row["id"]: row["agrees"] for row in receipt["rows"]}["billing"] is True
    # Only those that failed run again.
    plan = json.loads(dkai("compute", "sweep", "--again", "last", "--dry-run", "--format", "json").stdout)
    assert [task["size"] for task in plan["spec"]["tasks"]] == [1, 2, 3, 1, 2, 3]
    assert all(task["mode"] == "fails" for task in plan["spec"]["tasks"])


def _file(folder: Path) -> Path:
    path = folder / "rates.csv"
    path.write_text("rate;word\n0,5;æøå\n0,25;a b\n", encoding="utf-8")
    return path


def test_the_answer_is_lost_after_sbatch(lab: Any, lab_site: Site, toy: Path) -> None:
    plan = plan_for(toy, "size=1:6")
    job = go(plan, Faulty(after={"submit": LOST}, before={"status": LOST}))
    assert job.state is JobState.SENT
    assert arrays(lab, plan.job_id) == {job.native_id}
    assert seen(plan.job_id, lab_site, lambda j: not j.is_open).outcome is Outcome.COMPLETED


def test_it_never_arrived(lab: Any, lab_site: Site, toy: Path) -> None:
    plan = plan_for(toy, "size=1:6")
    with pytest.raises(RemoteError):
        go(plan, Faulty(before={"submit": LOST}))
    with open_ledger() as ledger:
        assert ledger.get(plan.job_id).outcome is Outcome.NOT_SUBMITTED
    assert arrays(lab, plan.job_id) == set()
    job = resume(plan.job_id)
    assert arrays(lab, plan.job_id) == {job.native_id}
    ended = seen(plan.job_id, lab_site, lambda j: not j.is_open)
    assert ended.outcome is Outcome.COMPLETED and ended.status["tasks"]["completed"] == 6


def test_cancelled_in_the_middle(lab: Any, lab_site: Site, dkai: Any, toy: Path) -> None:
    """What ran has its results; what ran just then, and what had not begun, is cancelled and does not run later."""
    plan = plan_for(toy, "mode=plain,sleeps", "size=1:4", at_once=2)
    go(plan)
    running = seen(plan.job_id, lab_site, lambda j: (j.status.get("tasks") or {}).get("running") == 2 and
                   j.status["tasks"]["completed"] == 4)  # fmt: skip
    assert running.state is JobState.RUNNING
    job = json.loads(dkai("compute", "cancel", "last", "--format", "json").stdout)
    assert job["state"] == "ended" and job["outcome"] == "cancelled"
    assert (job["tasks"]["completed"], job["tasks"]["cancelled"]) == (4, 4)
    assert lab.ssh(f"squeue -h -n {plan.job_id} -o %i").stdout == ""


def test_one_task_is_killed(lab: Any, lab_site: Site, dkai: Any, toy: Path, tmp_path: Path) -> None:
    """Its program by a signal, and another task with its runner, which can then tell nothing: Slurm tells it."""
    plan = plan_for(toy, "mode=plain,dies,sleeps")
    go(plan)
    seen(plan.job_id, lab_site, lambda j: (j.status.get("tasks") or {}).get("running") == 1 and
         j.status["tasks"]["completed"] == 1 and j.status["tasks"]["failed"] == 1)  # fmt: skip
    owner = json.loads(lab.ssh(f"cat {plan.folder}/tasks/2/lock/owner.json").stdout)
    assert lab.ssh(f"kill -9 {owner['pid']}").returncode == 0
    job = seen(plan.job_id, lab_site, lambda j: not j.is_open)
    assert (job.status["tasks"]["completed"], job.status["tasks"]["failed"]) == (1, 2)
    into = tmp_path / "out"
    dkai("compute", "fetch", "last", "--into", str(into))
    rows = list(csv.DictReader((into / "results.csv").read_text(encoding="utf-8").splitlines()))
    assert [row["state"] for row in rows] == ["completed", "failed", "failed"]
    assert [row["exit_code"] for row in rows] == ["0", "137", "137"]
    assert all(row["reason"] for row in rows[1:])


def test_held_and_compared(lab: Any, lab_site: Site, dkai: Any, toy: Path) -> None:
    done = dkai("compute", "sweep", str(toy), "--site", "lab", "--grid", "size=1,2", "--verify", "--level", "internal",
                "--yes", "--follow", "--format", "json")  # fmt: skip
    assert json.loads(done.stdout)["outcome"] == "completed"


def test_a_thousand_tasks_are_asked_for_with_one_command(lab: Any, lab_site: Site, toy: Path) -> None:
    """One small program there, whatever the number of tasks."""
    plan = plan_for(toy, "size=1:100", "rate=0:0.9:0.1", at_once=2)
    assert len(plan.spec.tasks) == 1000
    asked = []
    with open_ledger() as ledger, Link(lab_site) as link:
        record(plan, ledger)
        job = carry_out(plan, ledger, link)
        try:
            run = link.host.run
            link.host.run = lambda *words, **more: (asked.append(1), run(*words, **more))[1]  # type: ignore[method-assign]
            job = refresh([job], ledger, link)[0]
            assert len(asked) == 1
            counts = job.status["tasks"]
            assert counts["total"] == 1000 and counts["queued"] + counts["running"] + counts["completed"] == 1000
        finally:
            link.run(link.scheduler.cancel(job.job_id, job.folder, job.native_id))


def test_a_computer_without_scheduler_over_ssh(
    lab: Any, workstation: Site, dkai: Any, toy: Path, tmp_path: Path
) -> None:
    dkai("compute", "sweep", str(toy), "--site", workstation.id, "--grid", "size=1:4", "--at-once", "4", "--level",
         "internal", "--yes", "--follow")  # fmt: skip
    dkai("compute", "fetch", "last", "--into", str(tmp_path / "out"))
    rows = csv.DictReader((tmp_path / "out/results.csv").read_text(encoding="utf-8").splitlines())
    assert [row["product"] for row in rows] == ["0.5", "1.0", "1.5", "2.0"]


def test_names_in_the_folder_of_marks_cannot_forge_an_answer(lab: Any, lab_site: Site, toy: Path) -> None:
    """The job's own program may write there what it likes."""
    plan = plan_for(toy, "size=1:2")
    job = go(plan)
    seen(plan.job_id, lab_site, lambda j: not j.is_open)
    forged = f"x\n|{plan.job_id} 1 0.failed.1"
    made = lab.ssh(f"cd {plan.folder}/ended && touch -- $'{forged}' '-n' '7.failed.9999'".replace("\n", "\\n"))
    assert made.returncode == 0
    with Link(lab_site) as link:
        asked = link.scheduler.status([(job.job_id, job.folder, job.native_id)])
        (status,) = link.scheduler.parse_status(link.run(asked)).values()
    assert status.outcome is Outcome.COMPLETED and status.tasks is not None and status.tasks.completed == 2
