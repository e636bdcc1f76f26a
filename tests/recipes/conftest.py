"""Runs a recipe as dkai's runner does: its files in script/, the job's folder as working directory."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from recipe_runs import HIDDEN, RECIPES, Ended, lay_out

RunRecipe = Callable[..., Ended]


@pytest.fixture
def run_recipe(tmp_path: Path) -> RunRecipe:
    """`run_recipe("gpu-check", {"speed": False}, files={"a.csv": b"…"}, DKAI_LANG="da")`."""

    def run(
        recipe: str, params: Any = None, *, files: dict[str, bytes] | None = None, path: str | None = None, **more: str
    ) -> Ended:
        number = len(list(tmp_path.glob("job-*")))
        folder = tmp_path / f"job-{number}"
        lay_out(recipe, folder)
        if params is not None:
            text = params if isinstance(params, str) else json.dumps(params)
            (folder / "params.json").write_text(text, encoding="utf-8")
        for name, content in (files or {}).items():
            (folder / "input" / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / "input" / name).write_bytes(content)
        environment = {name: value for name, value in os.environ.items() if not name.startswith(HIDDEN)}
        environment.update({"DKAI_LANG": "en", **more})
        if path is not None:
            environment["PATH"] = path
        done = subprocess.run(
            [sys.executable, "script/main.py"],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            timeout=300,
            check=False,
        )
        assert "Traceback" not in done.stderr, done.stderr
        return Ended(folder, done.returncode, done.stdout, done.stderr.strip())

    return run


def load(recipe: str, *names: str) -> list[ModuleType]:
    """Modules of one recipe. They are taken out of sys.modules again, as two recipes use the same names."""
    folders = [str(RECIPES / recipe), str(RECIPES / "shared")]
    # Modules of the same names may be there already: those that other tests share.
    own = {path.stem for folder in folders for path in Path(folder).glob("*.py")}
    others = {name: sys.modules.pop(name) for name in own & set(sys.modules)}
    sys.path[:0] = folders
    before = set(sys.modules)
    try:
        return [importlib.import_module(name) for name in names]
    finally:
        for folder in folders:
            sys.path.remove(folder)
        for name in set(sys.modules) - before:
            if str(getattr(sys.modules[name], "__file__", "")).startswith(tuple(folders)):
                del sys.modules[name]
        sys.modules.update(others)


@pytest.fixture
def modules() -> Callable[..., list[ModuleType]]:
    """Modules of a recipe, or of what recipes share: `main, words = modules("topic-model", "main", "words")`."""
    return load


@pytest.fixture
def gpu_check() -> Callable[..., list[ModuleType]]:
    """Modules of gpu-check: `nvidia, words = gpu_check("nvidia", "words")`."""
    return lambda *names: load("gpu-check", *names)


@pytest.fixture
def tabular() -> Callable[..., list[ModuleType]]:
    """Modules of tabular-baseline."""
    return lambda *names: load("tabular-baseline", *names)


@pytest.fixture
def sample() -> Callable[[str], bytes]:
    """The bytes of one of tabular-baseline's sample tables."""
    return lambda name: (RECIPES / "tabular-baseline" / "sample" / name).read_bytes()
