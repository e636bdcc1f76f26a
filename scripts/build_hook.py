"""Compile the Danish texts and the catalogue's index before a wheel (or an editable install) is made."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CustomBuildHook(BuildHookInterface[Any]):
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        del version, build_data
        root = Path(self.root)
        sys.path[:0] = [str(root / "src"), str(root / "scripts")]
        try:
            from compile_all import compile_all

            compile_all(root)
        finally:
            del sys.path[:2]
