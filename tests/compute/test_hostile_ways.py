"""How a job gets its interpreter, what a sweep goes through, and the names of folders: nothing in them is ever run.

What may hold nothing strange (modules) is refused; what may (images, values, folders) arrives byte for byte.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import string
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hostile import PIECES, Hostile
from test_hostile import harmless
from test_runner import Folder, posix, tool

from dkai.compute.environments import check_image, check_kind, check_modules
from dkai.compute.job import JobSpec, Resources
from dkai.compute.recipes.recipes import get_recipe
from dkai.compute.scheduler import lsf_script, ucloud_script
from dkai.compute.sweep.grid import bind_all, expand
from dkai.core.errors import DkaiError

pytestmark = posix
RECIPE = """\
schema: dkai/recipe/1
id: echo
name: echo
summary: {da: siger, en: says}
run: {script: main.py}
resources: {cpus: 1, memory_gb: 0.2, minutes: 5}
params:
  - {id: word, type: string}
  - {id: kind, type: choice, choices: ["a'; touch CANARY; '", "$(touch CANARY)", "b`touch CANARY`"]}
"""
MAIN = """\
import hashlib, json
p = json.load(open("params.json", encoding="utf-8"))
json.dump({k: hashlib.sha256(p[k].encode()).hexdigest() for k in p}, open("output/seen.json", "w"))
"""
CHOICES = ["a'; touch CANARY; '", "$(touch CANARY)", "b`touch CANARY`"]
SPEC = JobSpec("dkai-0000000001", "echo", "1", "c", Resources(cpus=1, memory_mb=100, walltime_s=300))


@pytest.fixture
def echo(tmp_path: Path) -> Path:
    folder = tmp_path / "echo"
    folder.mkdir()
    (folder / "recipe.yaml").write_text(RECIPE, encoding="utf-8")
    (folder / "main.py").write_text(MAIN, encoding="utf-8")
    return folder


def no_canary(folder: Path) -> None:
    assert not list(folder.rglob("*CANARY*"))


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def test_what_is_typed_is_refused_or_holds_nothing_strange() -> None:
    """--env, --module and --image, a thousand of each."""
    chance, taken = Hostile(21), 0
    for number in range(3000):
        word = chance.text(nul=True, surrogates=True)
        check = (check_kind, lambda one: check_modules([one]), lambda one: check_image(f"/{one}"))[number % 3]
        try:
            found = check(word)
        except (DkaiError, ValueError) as error:  # the command line words the second
            harmless(str(error).replace("\n", " "))
            continue
        taken += 1
        if number % 3 < 2:
            assert set(word) <= set(string.ascii_letters + string.digits + "_.+:/-") and word[0] != "-"
        else:
            str(found).encode("utf-8")
            assert not {c for c in str(found) if c < " "}
    assert taken > 100


@pytest.mark.parametrize("option", ["--module", "--image", "--env"])
def test_a_plan_with_such_names(option: str, dkai: Any, tmp_path: Path) -> None:
    for word in ("/x\x9b31m\u202etxt", "/caf\udce9", "$(touch CANARY)", "/a b; touch CANARY", "--help"):
        done = dkai("compute", "submit", "gpu-check", option, word, "--dry-run", cwd=tmp_path, check=None)
        assert done.returncode in (0, 1, 2) and "Traceback" not in done.stderr, done.stderr
        harmless(done.stdout + done.stderr)
    no_canary(tmp_path)


def test_an_images_name_reaches_the_runtime_whole(tmp_path: Path) -> None:
    """The runner on its own, as a site's catalogue could name an image: one word, and nothing else runs."""
    log, chance = tmp_path / "words", Hostile(22)
    (tmp_path / "bin").mkdir()
    tool(tmp_path / "bin", "apptainer", 'for word; do printf "%s\\0" "$word"; done >>"$DKAI_LOG"; exit 1\n')
    for number in range(12):
        name = chance.name(120)
        image = tmp_path / "images" / name
        image.parent.mkdir(exist_ok=True)
        image.write_bytes(b"")
        one = Folder(tmp_path / f"job-{number}", "print(1)", ways=[{"kind": "container", "image": str(image)}])
        env = {"PATH": f"{tmp_path}/bin:/usr/bin:/bin", "HOME": str(tmp_path), "DKAI_LOG": str(log)}
        done = one.runner("run", env=env)
        if log.exists():
            assert os.fsencode(str(image)) in log.read_bytes().split(b"\0"), done.stdout
            log.unlink()
        assert not list(one.path.rglob("*CANARY*"))
    assert not list(tmp_path.glob("CANARY"))


def test_what_a_sweep_goes_through(echo: Path, tmp_path: Path) -> None:
    """Values of a grid and of a grid's file: what is taken is text and a choice, what is not is refused harmlessly."""
    recipe, chance = get_recipe(str(echo)), Hostile(23)
    words = list(dict.fromkeys([*PIECES, *(chance.text() for _ in range(200))]))
    stream = io.StringIO()
    table = csv.writer(stream)
    table.writerow(["word", "kind"])
    table.writerows((word, CHOICES[n % 3]) for n, word in enumerate(words))
    path = tmp_path / "grid.csv"
    path.write_text(stream.getvalue(), encoding="utf-8", newline="")
    asked = [task for task in expand(recipe, (), path) if task.get("word") and "\0" not in task["word"]]
    told = bind_all(recipe, {}, tuple(asked), sample=False)[2]
    assert {task["kind"] for task in told} <= set(CHOICES) and {type(task["word"]) for task in told} == {str}
    for text in words:
        (tmp_path / "bad.csv").write_text(chance.text(8) + text, encoding="utf-8", newline="")
        for grids, file in (((f"word={text}", f"kind={chance.text()}"), None), ((), tmp_path / "bad.csv")):
            try:
                bind_all(recipe, {}, expand(recipe, grids, file), sample=False)
            except DkaiError as error:
                harmless(f"{error.message} {error.hint or ''}".replace("\n", " "))
    no_canary(tmp_path)


def test_a_sweep_by_the_real_program(echo: Path, tmp_path: Path, dkai: Any) -> None:
    """From the command line through shells and runners to the table, on this computer."""
    words = ["$(touch CANARY)", "'; touch CANARY; '", "\x1b]0;owned\x07", "=cmd|' /C calc'!A0", "\n#SBATCH --wrap=x"]
    path = tmp_path / "grid.json"
    path.write_text(json.dumps([{"word": w, "kind": CHOICES[n % 3]} for n, w in enumerate(words)]), encoding="utf-8")
    done = dkai("compute", "sweep", str(echo), "--grid-file", str(path), "--at-once", "3", "--level", "public", "--yes",
                "--follow", cwd=tmp_path, timeout=90)  # fmt: skip
    into = tmp_path / "out"
    brought = dkai("compute", "fetch", "last", "--into", str(into), cwd=tmp_path)
    harmless(done.stdout + done.stderr + brought.stdout + brought.stderr)
    for number, word in enumerate(words):
        seen = json.loads((into / f"tasks/{number}/seen.json").read_text(encoding="utf-8"))
        assert seen == {"word": digest(word), "kind": digest(CHOICES[number % 3])}
    no_canary(tmp_path)
    rows = list(csv.DictReader((into / "results.csv").open(encoding="utf-8", newline="")))
    assert len(rows) == 5 and not any(row["word"].startswith("=") for row in rows)


@pytest.mark.parametrize("which", ["lsf", "ucloud"])
def test_a_folders_name_in_a_script(which: str, tmp_path: Path) -> None:
    """Whatever it is called, the script enters it, and runs what is in it and nothing else."""
    chance = Hostile(24)
    names = [name for name in chance.names(14, 100) if not any(ord(c) < 32 for c in name)]
    for name in names:
        base = tmp_path / name
        job = base / SPEC.job_id
        job.mkdir(parents=True)
        (job / "runner.py").write_text("import os, sys\nopen('was-here', 'w').write(repr(sys.argv[1:]))\n")
        try:
            text = (
                lsf_script.script(SPEC, str(job), sys.executable)
                if which == "lsf"
                else ucloud_script.script(SPEC, sys.executable).replace("job=/work/", f"job={tmp_path}/w/")
            )
        except DkaiError as error:
            harmless(error.message.replace("\n", " "))
            continue
        if which == "ucloud":  # its folder is always the job's id; the name is that of the drive's folder
            (tmp_path / "w").mkdir(exist_ok=True)
            (tmp_path / "w" / SPEC.job_id).unlink(missing_ok=True)
            (tmp_path / "w" / SPEC.job_id).symlink_to(job)
        done = subprocess.run(["bash", "-c", os.fsencode(text)], cwd=job, capture_output=True, check=False, timeout=30)
        assert (job / "was-here").exists(), done.stderr
        assert not list(job.glob("*CANARY*"))
    assert len(names) > 3
