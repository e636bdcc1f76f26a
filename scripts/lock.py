"""Pin every requirement file with hashes, for all platforms, naming no index. Needs `uv`."""

from __future__ import annotations

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
UV = ("uv", "pip", "compile", "--quiet", "--universal", "--python-version", "3.11", "--generate-hashes")
BARE = ("--no-header", "--no-emit-index-url", "--no-emit-find-links", "--no-annotate")

# What each file is made from, in the order in which they are made: later ones keep to the versions of test.txt.
FILES = {
    "test.txt": (
        "../pyproject.toml",
        "--all-extras",
        "build.in",
        "test.in",
        "../recipes/tabular-baseline/requirements.in",
    ),
    "base.txt": ("../pyproject.toml", "-c", "test.txt"),
    "build.txt": ("build.in", "-c", "test.txt"),
    # With the demo's recipe, whose packages would otherwise be fetched while one watches.
    "demo.txt": ("../pyproject.toml", "build.in", "../recipes/tabular-baseline/requirements.in", "-c", "test.txt"),
}


def main() -> None:
    for name, sources in FILES.items():
        subprocess.run([*UV, *BARE, *sources, "-o", name], cwd=ROOT / "requirements", check=True)


if __name__ == "__main__":
    main()
