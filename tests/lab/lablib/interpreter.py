"""A Python that every user of the machine can run, with a recipe's packages in it."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import time
from pathlib import Path

from .locks import hold
from .places import LAB, SYSTEM_PYTHON, LabError, say


def interpreter(requirements: Path) -> Path:
    """The interpreter for this requirements file, made once and kept for as long as the file stays the same."""
    if not requirements.is_file():
        raise LabError(f"no requirements file {requirements}")
    wanted = requirements.read_bytes() + Path(SYSTEM_PYTHON).resolve().name.encode()
    folder = LAB / "python" / hashlib.sha256(wanted).hexdigest()[:16]
    python, complete = folder / "bin" / "python", folder / "complete"
    with hold("python"):
        if not complete.exists():
            began = time.monotonic()
            say(f"making an interpreter with {requirements.name} in {folder}")
            shutil.rmtree(folder, ignore_errors=True)
            folder.parent.mkdir(parents=True, exist_ok=True)
            _run([SYSTEM_PYTHON, "-m", "venv", str(folder)])
            _run([str(python), "-m", "pip", "install", "--quiet", "-r", str(requirements)])
            complete.touch()
            say(f"interpreter ready in {time.monotonic() - began:.0f} s")
    return python


def _run(argv: list[str]) -> None:
    env = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "VIRTUAL_ENV"))}
    done = subprocess.run(argv, check=False, capture_output=True, encoding="utf-8", env=env, errors="replace")
    if done.returncode:
        raise LabError(f"{' '.join(argv)} failed: {(done.stderr or done.stdout).strip()}")
