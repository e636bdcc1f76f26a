from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from clusters import cluster

from dkai.app.submit_walk import Request, prepare
from dkai.compute.plan import base_folder, job_folder, plan_text, read_plan
from dkai.compute.site import Site, this_computer
from dkai.core.errors import UserError
from dkai.core.paths import data_dir


def test_a_plan_is_read_back_as_it_was() -> None:
    plan = prepare(Request("tabular-baseline", sample=True)).plan
    assert read_plan(plan_text(plan)) == plan


def test_it_holds_everything_that_will_be_sent() -> None:
    plan = prepare(Request("tabular-baseline", sample=True)).plan
    names = {file.to for file in plan.files}
    assert {
        "job.json",
        "params.json",
        "runner.py",
        "script/main.py",
        "script/requirements.txt",
        "input/penguins.csv",
    } <= names
    assert all(file.size and len(file.sha256) == 64 for file in plan.files)
    job = json.loads(next(f.text or "" for f in plan.files if f.to == "job.json"))
    assert job["python"] == {
        "min_version": "3.11", "imports": ["sklearn", "numpy", "scipy"], "requirements": "script/requirements.txt",
    }  # fmt: skip
    params = json.loads(next(f.text or "" for f in plan.files if f.to == "params.json"))
    assert params["target"] == "sex"


def test_what_a_person_writes_is_data_and_nothing_else() -> None:
    evil = "$(touch /tmp/x); `id` '\"\n æ"
    plan = prepare(Request("tabular-baseline", sample=True, params={"group": evil})).plan
    params = next(f.text or "" for f in plan.files if f.to == "params.json")
    assert json.loads(params)["group"] == evil
    assert all(evil not in (f.text or "") for f in plan.files if f.to != "params.json")


@pytest.mark.parametrize(
    "text", ["", "{}", '{"schema": "dkai/plan/2"}', '{"schema": "dkai/plan/1"}', "[1]", "nonsense"]
)
def test_what_is_no_plan(text: str) -> None:
    with pytest.raises(UserError) as error:
        read_plan(text)
    assert error.value.code == "plan-unreadable"


def test_folders() -> None:
    there = cluster()
    slurm = Site("c", host="ssh", scheduler="slurm", address="c")
    assert job_folder(slurm, there, "dkai-1") == "/home/alice/dkai/dkai-1"
    assert job_folder(slurm, replace(there, scratch="/scratch/a/"), "dkai-1") == "/scratch/a/dkai/dkai-1"
    assert base_folder(replace(slurm, base="~/work"), there) == "/home/alice/work"
    assert base_folder(replace(slurm, base="/p/x/"), there) == "/p/x"
    assert job_folder(this_computer(), there, "dkai-1") == str(data_dir() / "jobs" / "dkai-1")
    assert job_folder(replace(this_computer(), base="/data"), there, "dkai-1") == "/data/dkai/dkai-1"


def test_a_recipe_of_ones_own(tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text("print('æ')")
    (tmp_path / "recipe.yaml").write_text(
        "schema: dkai/recipe/1\nid: own\nname: x\nsummary: {da: a, en: b}\nresources: {minutes: 1}\n"
        "run: {script: main.py, imports: [numpy], requirements: needs.txt}\nnetwork: packages\n"
    )
    (tmp_path / "needs.txt").write_text("numpy==2.0.0 --hash=sha256:0")
    plan = prepare(Request(str(tmp_path))).plan
    assert "script/needs.txt" in {file.to for file in plan.files}
    assert plan.packages == ("numpy",)
