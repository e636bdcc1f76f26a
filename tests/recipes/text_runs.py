"""Runs of the recipes that read texts: started in a given folder, so that one can be started again after a stop."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from recipe_runs import HIDDEN, RECIPES, Ended, lay_out

FAKES = Path(__file__).parent / "fake_models"
Files = dict[str, bytes]


def sample(recipe: str, name: str) -> Files:
    """A sample file, or all files of a sample folder, as input."""
    path = RECIPES / recipe / "sample" / name
    return {p.name: p.read_bytes() for p in ([path] if path.is_file() else sorted(path.iterdir()))}


def prepare(recipe: str, folder: Path, params: Any, files: Files) -> Path:
    """A job's folder, ready to be started."""
    lay_out(recipe, folder)
    (folder / "params.json").write_text(json.dumps(params), encoding="utf-8")
    for name, content in files.items():
        (folder / "input" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "input" / name).write_bytes(content)
    return folder


def start(folder: Path, language: str = "en", *, fakes: bool = False, **more: str) -> Ended:
    """Start the job in `folder`; with `fakes` the stand-ins for torch and the model libraries are there."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith((*HIDDEN, "FAKE_"))}
    if fakes:
        paths = [str(FAKES), environment.get("PYTHONPATH", "")]
        environment["PYTHONPATH"] = os.pathsep.join(part for part in paths if part)
    done = subprocess.run(
        [sys.executable, "script/main.py"],
        cwd=folder,
        env={**environment, "DKAI_LANG": language, **more},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return Ended(folder, done.returncode, done.stdout, done.stderr.strip())
