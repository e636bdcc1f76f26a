"""A file of this same computer, brought home like one from far away: gone on with, checked, never half old half new."""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path

from dkai.compute.host.transfer_home import Home, Moved, Part, cannot_copy

_BLOCK = 1 << 20
_TRIES = 3


def bring_one(source: Path, path: str, home: Home, moved: Moved) -> Path | None:
    """Its place; None when it is gone, or would not keep still."""
    part = home.part(path)
    try:
        for _ in range(_TRIES):
            if _copied(source, path, part, moved):
                return part.settle()
            moved.add(-part.size)
    except (FileNotFoundError, NotADirectoryError):
        part.drop()
    finally:
        part.close()
    return None


def _copied(source: Path, path: str, part: Part, moved: Moved) -> bool:
    try:
        handle = os.open(source, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0))
        with os.fdopen(handle, "rb", buffering=0) as file:
            before = os.fstat(handle)
            if not stat.S_ISREG(before.st_mode):
                return False
            digest, left = hashlib.sha256(), part.size
            while left and (block := file.read(min(_BLOCK, left))):
                digest.update(block)
                left -= len(block)
            if part.prefix_sum() != digest.hexdigest() or left or part.size > before.st_size:
                part.restart()
                file.seek(0)
            moved.add(part.size)
            # Not to its end, which may be growing faster than it is read.
            while block := file.read(min(_BLOCK, before.st_size - part.size)):
                part.write(block)
                moved.add(len(block))
            after = source.lstat()
    except (FileNotFoundError, NotADirectoryError):
        raise
    except OSError as error:
        raise cannot_copy(path, error) from error
    return _state(before) == _state(after) and part.size == after.st_size


def _state(seen: os.stat_result) -> tuple[int, int, int, int]:
    return seen.st_size, seen.st_mtime_ns, seen.st_ctime_ns, seen.st_ino
