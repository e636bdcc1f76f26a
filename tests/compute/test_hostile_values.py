"""Parameter values are data: they arrive byte for byte, and nothing in them is ever run, by bash or anybody else."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from clusters import cluster
from hostile import PIECES, Hostile
from test_hostile import harmless, planned, rendered

from dkai.app.submit_walk import Request, prepare
from dkai.cli import render_plan
from dkai.compute.gate import judge
from dkai.compute.ledger import open_ledger
from dkai.compute.plan import Plan, make_plan, plan_text, read_plan
from dkai.compute.quote.choose import Wishes
from dkai.compute.recipes.params import bind
from dkai.compute.recipes.recipes import get_recipe
from dkai.compute.site import Site
from dkai.core.errors import DkaiError, UserError
from dkai.core.findings import NOTHING

COUNT, BATCH = 1200, 100
MAIN = """
import hashlib, json
given = json.load(open("params.json", encoding="utf-8"))
digests = {key: hashlib.sha256(value.encode("utf-8")).hexdigest() for key, value in given.items()}
json.dump(digests, open("output/seen.json", "w"))
"""
SITE = Site("c", host="ssh", scheduler="slurm", address="c", python=sys.executable)


@pytest.fixture(scope="module")
def recipe_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A recipe that takes a hundred texts and says what it got."""
    folder = tmp_path_factory.mktemp("recipe") / "echo"
    folder.mkdir()
    params = "".join(f"  - {{id: p{n}, type: string, help: {{da: x, en: x}}}}\n" for n in range(BATCH))
    (folder / "recipe.yaml").write_text(
        "schema: dkai/recipe/1\nid: echo\nname: echo\nsummary: {da: siger, en: says}\nrun: {script: main.py}\n"
        f"resources: {{cpus: 1, memory_gb: 0.2, minutes: 5}}\nparams:\n{params}",
        encoding="utf-8",
    )
    (folder / "main.py").write_text(MAIN, encoding="utf-8")
    return folder


def plan_of(folder: Path, values: dict[str, Any]) -> Plan:
    """A plan for Slurm with these values, as `dkai compute submit` makes it."""
    found = get_recipe(str(folder))
    drawn = planned(cluster(), Wishes(), Hostile(1))
    spec = replace(drawn.spec, recipe="echo", parameters=bind(found, values))
    gate = judge(NOTHING, SITE, declared=None, own_data=False)
    return make_plan(
        site=replace(SITE, base="/tmp"), spec=spec, recipe=found, cluster=cluster(), quote=drawn.quote, inputs=(),
        findings=NOTHING, gate=gate, overrides=(), sample=False,
    )  # fmt: skip


def written(plan: Plan, folder: Path) -> None:
    """The job's folder, as the files of the plan say."""
    for file in plan.files:
        target = folder / file.to
        target.parent.mkdir(parents=True, exist_ok=True)
        data = Path(file.source).read_bytes() if file.source else (file.text or "").encode("utf-8")
        assert hashlib.sha256(data).hexdigest() == file.sha256
        target.write_bytes(data)


def here(plan: Plan, folder: Path) -> str:
    """The script, for a job whose folder is this one."""
    return plan.script.replace(f"job={plan.folder}\n", f"job={folder}\n")


@pytest.mark.parametrize("batch", range(COUNT // BATCH))
def test_values_arrive_and_nothing_runs(batch: int, recipe_folder: Path, tmp_path: Path) -> None:
    chance = Hostile(1000 + batch)
    values = {f"p{n}": chance.text(8)[:10_000] for n in range(BATCH)}
    if not batch:
        values |= {f"p{n}": piece for n, piece in enumerate(PIECES[:BATCH])}
    plan = plan_of(recipe_folder, values)
    usual = plan_of(recipe_folder, {"p0": "x"})
    job = tmp_path / "job"
    written(plan, job)
    assert plan.script == usual.script  # nothing of the values is in what a shell reads
    changed = {f.to for f, g in zip(plan.files, usual.files, strict=True) if f.sha256 != g.sha256}
    assert changed == {"params.json"}
    (job / "job.sh").write_text(here(plan, job), encoding="utf-8")
    done = subprocess.run(["bash", "job.sh"], cwd=job, capture_output=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    seen = json.loads((job / "output/seen.json").read_text(encoding="utf-8"))
    assert seen == {key: hashlib.sha256(value.encode("utf-8")).hexdigest() for key, value in values.items()}
    assert not list(tmp_path.rglob("*CANARY*"))
    assert read_plan(plan_text(plan)) == plan
    harmless(rendered(render_plan.whole(plan)))


def test_what_no_file_can_hold_is_refused(recipe_folder: Path) -> None:
    """NUL, ten megabytes, and half a character: said before anything is sent."""
    found = get_recipe(str(recipe_folder))
    for value in ("a\0b", "x" * 10_000_000, "caf\udce9", "\ud83d"):
        with pytest.raises(UserError) as error:
            bind(found, {"p0": value})
        harmless(error.value.message)
        assert len(error.value.message) < 1000


def test_numbers_and_choices_take_nothing_else(tmp_path: Path) -> None:
    folder = tmp_path / "typed"
    folder.mkdir()
    (folder / "recipe.yaml").write_text(
        "schema: dkai/recipe/1\nid: typed\nname: typed\nsummary: {da: x, en: x}\nrun: {script: main.py}\n"
        "resources: {cpus: 1, memory_gb: 0.2, minutes: 5}\nparams:\n"
        "  - {id: n, type: integer, help: {da: x, en: x}}\n  - {id: f, type: number, help: {da: x, en: x}}\n"
        "  - {id: b, type: boolean, help: {da: x, en: x}}\n"
        "  - {id: c, type: choice, choices: [a, b], help: {da: x, en: x}}\n",
        encoding="utf-8",
    )
    (folder / "main.py").write_text("", encoding="utf-8")
    found, chance, taken = get_recipe(str(folder)), Hostile(7), 0
    for number in range(400):
        key = "nfbc"[number % 4]
        try:
            value = bind(found, {key: chance.text(1, nul=True, surrogates=True)})[key]
        except DkaiError as error:
            harmless(error.message.replace("\n", " "))
            continue
        taken += 1
        assert type(value) is {"n": int, "f": float, "b": bool, "c": str}[key]
        json.dumps(value, allow_nan=False)
    assert taken < 60


def test_from_the_command_line_to_the_ledger(recipe_folder: Path, dkai: Any, tmp_path: Path) -> None:
    """The real program: values as words of a command line, a dry run, and the plan kept and read again."""
    chance = Hostile(99)
    values = {f"p{n}": chance.text(8)[:10_000] for n in range(BATCH)}
    words = [word for key, value in values.items() for word in ("--param", f"{key}={value}")]
    done = dkai("compute", "quote", str(recipe_folder), *words, "--level", "public", "--format", "json", cwd=tmp_path)
    assert json.loads(done.stdout)["spec"]["parameters"] == values
    harmless(done.stdout + done.stderr)
    text = dkai("compute", "submit", str(recipe_folder), *words, "--level", "public", "--dry-run", cwd=tmp_path)
    harmless(text.stdout + text.stderr)
    assert not list(tmp_path.rglob("*CANARY*"))
    bad = dkai("compute", "quote", str(recipe_folder), "--param", "p0=caf\udce9", check=1)
    assert "p0" in bad.stderr
    plan = prepare(Request(str(recipe_folder), params=values)).plan
    with open_ledger() as ledger:
        ledger.add(
            job_id=plan.job_id, recipe="echo", recipe_version="1", site="local", folder=plan.folder,
            plan=plan_text(plan), evidence=values,
        )  # fmt: skip
        assert read_plan(ledger.plan(plan.job_id)) == plan
