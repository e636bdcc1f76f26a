"""A recipe to sweep: figures that can be reckoned by hand, and values at which a task fails, dies or sleeps."""

from __future__ import annotations

from pathlib import Path

import pytest

RECIPE = """\
schema: dkai/recipe/1
id: toy
name: toy
summary: {da: regner, en: reckons}
run: {script: main.py}
input: {required: false, kind: file}
params:
  - {id: size, type: integer, min: 1, max: 100, default: 1}
  - {id: rate, type: number, min: 0, max: 10, default: 0.5}
  - {id: mode, type: choice, choices: [plain, fails, dies, sleeps], default: plain}
  - {id: word, type: string, default: hej}
resources: {cpus: 1, memory_gb: 0.2, minutes: 5}
metrics: {product: "figures.json#/deep/product", gone: "figures.json#/nothing"}
"""
SCRIPT = """\
import json, os, signal, sys, time
p = json.load(open("params.json", encoding="utf-8"))
print("task", os.environ["DKAI_TASK"], p["word"], os.listdir("input"), flush=True)
if p["mode"] == "fails":
    raise ValueError("no good: %d" % p["size"])
if p["mode"] == "dies":
    os.kill(os.getpid(), signal.SIGKILL)
if p["mode"] == "sleeps":
    time.sleep(120)
json.dump({"deep": {"product": p["size"] * p["rate"]}}, open("output/figures.json", "w"))
"""


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    """The recipe's folder."""
    folder = tmp_path / "toy"
    folder.mkdir()
    (folder / "recipe.yaml").write_text(RECIPE, encoding="utf-8")
    (folder / "main.py").write_text(SCRIPT, encoding="utf-8")
    return folder
