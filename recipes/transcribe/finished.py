"""Recordings that are finished, kept in checkpoint/ so that a run that is started again does not do them twice."""

import hashlib
import json
import os
from pathlib import Path
from typing import Any

from listening import Recording, as_json, from_json

FOLDER = Path("checkpoint")


def mark(path: Path, params: dict[str, Any], version: str) -> str:
    """A name for one recording done in one way: other contents, parameters or recipe give another."""
    with path.open("rb") as file:
        contents = hashlib.file_digest(file, "sha256").hexdigest()
    how = json.dumps([version, path.as_posix(), sorted(params.items(), key=str)], default=str)
    return hashlib.sha256(f"{contents} {how}".encode()).hexdigest()[:32]


def read(name: str) -> Recording | None:
    """What was kept under this name; None when nothing whole was."""
    try:
        return from_json(json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError, KeyError):
        return None


def keep(name: str, recording: Recording) -> None:
    """Keep it, whole or not at all. A folder that cannot be written costs only the going on."""
    try:
        FOLDER.mkdir(exist_ok=True)
        half = FOLDER / f"{name}.part"
        half.write_text(json.dumps(as_json(recording), ensure_ascii=False), encoding="utf-8")
        os.replace(half, FOLDER / f"{name}.json")
    except OSError:
        return
