"""Start-up, against typer's own hello-world: the floor that any typer program stands on."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from paired import command, compare

HELLO = '''
import typer


def main(name: str = "world") -> None:
    """Say hello."""
    print("hello", name)


if __name__ == "__main__":
    typer.run(main)
'''


def main() -> bool:
    """Both claims of the foundation; True when both hold."""
    with tempfile.TemporaryDirectory() as folder:
        hello = Path(folder) / "hello.py"
        hello.write_text(HELLO, encoding="utf-8")
        env = {"DKAI_HOME": folder, "DKAI_LANG": "en"}
        python = sys.executable
        results = [
            compare(
                "dkai --help",
                command([python, "-m", "dkai", "--help"], env),
                "typer hello-world --help",
                command([python, str(hello), "--help"]),
                bound=1.25,
            ),
            compare(
                "dkai radar search transcribe",
                command([python, "-m", "dkai", "radar", "search", "transcribe"], env),
                "typer hello-world",
                command([python, str(hello)]),
                bound=1.6,
            ),
        ]
    return all(r.bound is None or r.ratio <= r.bound for r in results)


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
