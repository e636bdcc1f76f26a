"""Every recipe on its own sample, alone: the right answer, the outputs it names, and nobody contacted.

The same runs go through a real Slurm in tests/compute/test_lab_recipes.py.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from recipe_runs import HIDDEN, RECIPES, lay_out
from sample_runs import CHECKS

from dkai.compute.recipes.inputs import gather
from dkai.compute.recipes.params import bind
from dkai.compute.recipes.recipe import Recipe, bound
from dkai.compute.recipes.recipe_file import read_recipe

NAMES = sorted(path.parent.name for path in RECIPES.glob("*/recipe.yaml"))
# Python tells of every connection and every look-up of a name that a program tries, whether or not it succeeds.
WATCH = """
import os, sys
def _watch(event, args):
    if event in ("socket.connect", "socket.sendto", "socket.getaddrinfo", "socket.gethostbyname"):
        where = args[1] if event in ("socket.connect", "socket.sendto") else args[0]
        host = where[0] if isinstance(where, tuple) else where
        if isinstance(where, tuple) or "get" in event:
            if str(host) not in ("127.0.0.1", "::1", "localhost", os.uname().nodename):
                with open(os.environ["CONTACTS"], "a") as file:
                    file.write("%s %s\\n" % (event, where))
sys.addaudithook(_watch)
"""


def test_every_recipe_has_a_check() -> None:
    assert set(CHECKS) == set(NAMES)
    assert len(NAMES) >= 10


def light(name: str) -> tuple[Recipe, dict[str, Any]]:
    """The recipe with its sample's parameters, as the light path has it."""
    recipe = read_recipe(RECIPES / name)
    values = bind(recipe, CHECKS[name][0], sample=True)
    return bound(recipe, values), values


@pytest.mark.parametrize("name", NAMES)
def test_its_sample_gives_what_it_must_and_contacts_nobody(name: str, tmp_path: Path) -> None:
    import json

    recipe, values = light(name)
    assert "models" not in recipe.network and recipe.gpu != "required", "the light path needs neither"
    program = _program(recipe)
    folder = tmp_path / "job"
    folder.mkdir()
    lay_out(name, folder)
    for file in gather(recipe, [], sample=True):
        target = folder / "input" / file.name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file.path, target)
    (folder / "params.json").write_text(json.dumps(values), encoding="utf-8")
    (tmp_path / "watch").mkdir()
    (tmp_path / "watch" / "sitecustomize.py").write_text(WATCH)
    environment = {key: value for key, value in os.environ.items() if not key.startswith(HIDDEN)}
    environment |= {
        "DKAI_LANG": "da",
        "CONTACTS": str(tmp_path / "contacts"),
        "PYTHONPATH": str(tmp_path / "watch"),
    }
    alone = ["unshare", "--net", "--map-root-user"] if _can_be_cut_off() else []
    done = subprocess.run(
        [*alone, *program, f"script/{recipe.run.script}"], cwd=folder, env=environment, stdin=subprocess.DEVNULL,
        capture_output=True, encoding="utf-8", timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    assert not (tmp_path / "contacts").exists(), (tmp_path / "contacts").read_text()
    CHECKS[name][1](folder / "output")
    for output in recipe.outputs:
        assert list((folder / "output").glob(output.path)), f"{output.path} was promised"


@pytest.mark.parametrize("name", NAMES)
def test_its_variants_say_what_they_fetch(name: str) -> None:
    """Whatever imports a library that fetches weights by itself says `models`, and from where."""
    recipe = read_recipe(RECIPES / name)
    for variant in recipe.variants:
        whole = bound(recipe, {key: values[0] for key, values in variant.when.items()})
        if {"transformers", "sentence_transformers", "faster_whisper", "cellpose"} & set(whole.run.imports):
            assert "models" in whole.network, f"{name}: {variant.when}"
            assert all(model.host and model.licence for model in whole.models) and whole.models


def _program(recipe: Recipe) -> list[str]:
    if recipe.run.language == "r":
        if not shutil.which("Rscript"):
            pytest.skip("R is not installed here")
        return ["Rscript", "--vanilla"]
    return [sys.executable]


def _can_be_cut_off() -> bool:
    """Whether a program can be run here without any network at all."""
    done = subprocess.run(["unshare", "--net", "--map-root-user", "true"], capture_output=True, check=False) if (
        shutil.which("unshare")
    ) else None  # fmt: skip
    return done is not None and done.returncode == 0
