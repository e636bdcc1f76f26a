"""How a recipe's run ended, and where the recipes are: what several test files of this folder need."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dkai.compute.recipes.recipe_file import read_recipe
from dkai.compute.recipes.recipes import travelling_files

RECIPES = Path(__file__).resolve().parents[2] / "recipes"
# What a machine's own scheduler or GPU may have set must not leak into a test.
HIDDEN = ("SLURM_", "CUDA_", "NVIDIA_", "ROCR_", "HIP_", "GPU_", "DKAI_")


def lay_out(recipe: str, folder: Path) -> None:
    """The recipe's files, and what it shares with others, as they lie in a job's folder."""
    for name, source in travelling_files(read_recipe(RECIPES / recipe)):
        target = folder / "script" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target)
    for name in ("input", "output"):
        (folder / name).mkdir()


@dataclass(frozen=True)
class Ended:
    """How a recipe's run ended."""

    folder: Path
    code: int
    said: str
    error: str

    def text(self, name: str) -> str:
        return (self.folder / "output" / name).read_text(encoding="utf-8-sig")

    def json(self, name: str) -> dict[str, Any]:
        return json.loads(self.text(name))  # type: ignore[no-any-return]
