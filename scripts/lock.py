"""Pin every requirement file with hashes, for all platforms, naming no index. Needs `uv`."""

from __future__ import annotations

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
UV = ("uv", "pip", "compile", "--quiet", "--universal", "--python-version", "3.11", "--generate-hashes")
BARE = ("--no-header", "--no-emit-index-url", "--no-emit-find-links", "--no-annotate")
# What the recipes' light paths import; their GPU paths are pinned apart, and installed by no test.
RECIPES = tuple(f"../{path.relative_to(ROOT)}" for path in sorted(ROOT.glob("recipes/*/requirements.in")))
KEEP = ("-c", "test.txt")

# What each file is made from, in the order in which they are made: later ones keep to the versions of test.txt.
FILES = {
    "test.txt": ("../pyproject.toml", "--all-extras", "build.in", "test.in", *RECIPES),
    "base.txt": ("../pyproject.toml", *KEEP),
    "build.txt": ("build.in", *KEEP),
    # With the demo's recipe, whose packages would otherwise be fetched while one watches.
    "demo.txt": ("../pyproject.toml", "build.in", "../recipes/tabular-baseline/requirements.in", *KEEP),
    # For the interpreter with which the lab runs every recipe.
    "recipes.txt": (*RECIPES, *KEEP),
}


def main() -> None:
    folder = ROOT / "requirements"
    for name, sources in FILES.items():
        compile_to(name, *sources, folder=folder)
    for path in sorted(ROOT.glob("recipes/*/requirements*.in")):
        keep = (f"-c{folder / 'test.txt'}",) if path.name == "requirements.in" else ()
        compile_to(path.with_suffix(".txt").name, path.name, *keep, folder=path.parent)


def compile_to(name: str, *sources: str, folder: Path) -> None:
    subprocess.run([*UV, *BARE, *sources, "-o", name], cwd=folder, check=True)


if __name__ == "__main__":
    main()
