"""How a recipe's run ended, and where the recipes are: what several test files of this folder need."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

RECIPES = Path(__file__).resolve().parents[2] / "recipes"
# What a machine's own scheduler or GPU may have set must not leak into a test.
HIDDEN = ("SLURM_", "CUDA_", "NVIDIA_", "ROCR_", "HIP_", "GPU_", "DKAI_")


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
