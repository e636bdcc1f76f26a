"""Jobs found at a site: from a second computer, or after the ledger was lost. What they tell is not trusted."""

from __future__ import annotations

import json
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dkai.app import jobs
from dkai.app.receipts import receipt
from dkai.app.submit_walk import Request, carry_out, prepare, resume
from dkai.compute.adopt import adopt, checked_plan
from dkai.compute.job import JobState, JobStatus, Outcome, made_at
from dkai.compute.ledger import open_ledger
from dkai.compute.plan import Plan, travelling
from dkai.compute.quote.choose import Wishes
from dkai.compute.scheduler import Found
from dkai.compute.scheduler.slurm_found import SEARCH
from dkai.compute.site import Site
from dkai.compute.sites_file import save_site
from dkai.core import paths
from dkai.core.errors import UserError

SITE = Site("there", host="ssh", scheduler="slurm", address="a")


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    (tmp_path / "secret-name.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    made = prepare(Request("tabular-baseline", sample=True)).plan
    site = replace(SITE, id="elsewhere", user="alice", identity="/home/me/.ssh/key", ssh_config="/home/me/.ssh/config")
    return replace(made, site=site, folder=f"/scratch/dkai/{made.job_id}")


def found(plan: Plan, **changes: Any) -> Found:
    content = json.loads(travelling(plan).text or "")
    return Found(plan.job_id, f"/scratch/dkai/{plan.job_id}", json.dumps({**content, **changes}))


def test_what_travels_names_nothing_of_this_computer(plan: Plan, tmp_path: Path) -> None:
    file = travelling(plan)
    assert (file.to, file.mode) == ("plan.json", 0o600)
    assert file.size < 20_000
    for word in (str(tmp_path), str(Path.home()), "/home/me", "alice", "recipes/"):
        assert word not in (file.text or ""), word


def test_it_is_the_same_plan_at_the_site_and_folder_where_it_was_found(plan: Plan) -> None:
    read = checked_plan(found(plan), SITE)
    assert (read.site, read.folder, read.spec.site) == (SITE, f"/scratch/dkai/{plan.job_id}", "there")
    assert (read.quote, read.findings, read.spec.parameters) == (plan.quote, plan.findings, plan.spec.parameters)
    assert [(f.to, f.sha256, f.source, f.text) for f in read.files] == [
        (f.to, f.sha256, None, None) for f in plan.files
    ]


def hostile(plan: Plan) -> dict[str, str]:
    good = json.loads(travelling(plan).text or "")
    spec = good["spec"]
    return {
        "nothing": "",
        "no json": "{",
        "a list": "[1]",
        "deep": "[" * 100_000,
        "another version": json.dumps({**good, "schema": "dkai/plan/9"}),
        "another job": json.dumps({**good, "spec": {**spec, "job_id": "dkai-0000000000"}}),
        "a recipe that leads out": json.dumps({**good, "spec": {**spec, "recipe": "../../.ssh/authorized_keys"}}),
        "a number": json.dumps({**good, "spec": 5}),
        "no quote": json.dumps({key: value for key, value in good.items() if key != "quote"}),
    }


@pytest.mark.parametrize(
    "kind", ["nothing", "no json", "a list", "deep", "another version", "another job", "a recipe that leads out",
             "a number", "no quote"],
)  # fmt: skip
def test_a_plan_that_is_not_believed_is_shown_as_found(plan: Plan, kind: str) -> None:
    one = Found(plan.job_id, f"/scratch/dkai/{plan.job_id}", hostile(plan)[kind])
    with pytest.raises(UserError) as error:
        checked_plan(one, SITE)
    assert error.value.code == "plan-unreadable"
    save_site(SITE)
    with open_ledger() as ledger:
        assert adopt(one, JobStatus(JobState.RUNNING, native_id="4"), SITE, ledger)
        (job,) = ledger.recent()
        assert (job.recipe, job.state, job.native_id, job.folder) == ("?", JobState.RUNNING, "4", one.folder)
        assert ledger.events(job.job_id)[0].evidence["plan"] == "unreadable"
        assert jobs.view(job, ledger).says == "running"


def test_control_characters_do_not_come_in(plan: Plan) -> None:
    read = checked_plan(found(plan, recipe_name="\x1b]0;pwned\x07 evil\u202e", overrides=["\x1b[2J"]), SITE)
    assert "\x1b" not in repr(read).encode().decode("unicode_escape", "replace").replace("\\x1b", "")
    assert "\x1b" not in read.recipe_name and "\u202e" not in read.recipe_name and "\x1b" not in read.overrides[0]


def test_a_job_that_is_known_is_left_alone(plan: Plan) -> None:
    with open_ledger() as ledger:
        ledger.add(job_id=plan.job_id, recipe="mine", recipe_version="1", site="here", folder="/f", plan="{}")
        before = ledger.get(plan.job_id)
        assert not adopt(found(plan), JobStatus(JobState.RUNNING), SITE, ledger)
        assert ledger.get(plan.job_id) == before
        assert [event.what for event in ledger.events(plan.job_id)] == ["planned"]


def test_it_is_as_old_as_its_name_says(plan: Plan) -> None:
    with open_ledger() as ledger:
        adopt(found(plan), JobStatus(JobState.ENDED, Outcome.COMPLETED), SITE, ledger)
        job = ledger.get(plan.job_id)
        assert job.created_at == made_at(plan.job_id)
        assert (job.recipe, job.site, job.outcome) == ("tabular-baseline", "there", Outcome.COMPLETED)


def test_files_that_are_elsewhere_are_not_sent_empty(plan: Plan) -> None:
    status = JobStatus(JobState.ENDED, Outcome.NOT_SUBMITTED)
    with open_ledger() as ledger:
        adopt(found(plan), status, replace(SITE, host="local", scheduler="process"), ledger)
    with pytest.raises(UserError) as error:
        resume(plan.job_id)
    assert error.value.code == "files-elsewhere"


# --- the search itself, in a real shell


def search(tmp_path: Path, table: str, queue: str = "") -> list[str]:
    program = f'limit=\nlogin() {{ :; }}\ntable=$(cat)\nqueue=$QUEUE\n{SEARCH}\nsearch "$1"\n'
    done = subprocess.run(
        ["sh", "-c", program, "dkai", str(tmp_path)], input=table, capture_output=True, text=True, check=True,
        env={"PATH": "/usr/bin:/bin", "QUEUE": queue, "HOME": str(tmp_path / "home"), "LC_ALL": "C"},
    )  # fmt: skip
    assert not done.stderr
    return done.stdout.splitlines()


def test_only_own_folders_from_which_a_job_was_handed_in(tmp_path: Path) -> None:
    base = tmp_path / "dkai"
    for name in ("dkai-0000000001", "dkai-0000000002", "dkai-0000000003", "dkai-000000000$", "other"):
        (base / name).mkdir(parents=True)
        (base / name / "record.json").write_text("{}")
    (base / "dkai-0000000004").mkdir()  # sent, and never handed in
    (base / "dkai-0000000005").symlink_to("/etc")
    row = f"9|dkai-0000000006|RUNNING|1|2|3|n|None|{tmp_path}/my | place/dkai-0000000006"
    assert search(tmp_path, "known dkai-0000000002\n", row) == [
        f"dkai-0000000006 - - {tmp_path}/my | place/dkai-0000000006",
        f"dkai-0000000003 - - {base}/dkai-0000000003",
        f"dkai-0000000001 - - {base}/dkai-0000000001",
    ]


def test_the_newest_two_hundred(tmp_path: Path) -> None:
    for number in range(230):
        (tmp_path / f"dkai/dkai-{number:010d}/lock").mkdir(parents=True)
    names = [line.split()[0] for line in search(tmp_path, "")]
    assert (len(names), names[0], names[-1]) == (200, "dkai-0000000229", "dkai-0000000030")


# --- in the lab


@pytest.mark.lab
def test_a_second_computer_knows_what_the_first_sent(
    lab: Any, lab_site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wishes = Wishes(gpus=0, partition="cpu", walltime_s=300)
    sent = [carry_out(prepare(Request("gpu-check", "lab", wishes=wishes)).plan) for _ in range(2)]
    first = sent[0].job_id
    damaged = f"{sent[1].folder}/plan.json"
    assert lab.ssh(f"stat -c %a {damaged}; echo '{{' >{damaged}").stdout.split() == ["600"]

    monkeypatch.setenv("DKAI_HOME", str(tmp_path / "second"))
    paths.forget_cached_places()
    save_site(replace(lab_site, id="here"))
    listed = jobs.list_jobs(ask_sites=True)
    assert not listed.problems and "were not in this computer's list" in listed.notes[0]
    recipes = {job.id: job.recipe for job in listed.items}  # others share the lab, as the same person
    assert (recipes[first], recipes[sent[1].job_id]) == ("gpu-check", "?")

    with open_ledger() as ledger:
        job = ledger.get(first)
        assert (job.native_id, job.folder, job.site) == (sent[0].native_id, sent[0].folder, "here")
    for _ in range(60):
        if jobs.look(first).outcome is Outcome.COMPLETED:
            break
    assert "GPU" in "".join(jobs.log_text(first, 0))
    assert jobs.fetch(first, tmp_path / "out").files
    assert receipt(first).id == first
