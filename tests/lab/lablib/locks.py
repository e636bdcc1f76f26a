"""Locks that end with the process that holds them, however it ends."""

from __future__ import annotations

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from .places import LOCKS, LabError


class Lock:
    """One file that many may share or one may hold alone (flock)."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: IO[str] | None = None

    def acquire(self, alone: bool, patience: float) -> bool:
        """Get the lock, or change how it is held, within `patience` seconds; says whether that worked.

        A change lets go first, so two that share never wait for each other for ever.
        """
        if self._file is None:
            self.path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
            self._file = self.path.open("a")  # never inherited by what we start
        kind = fcntl.LOCK_EX if alone else fcntl.LOCK_SH
        end = time.monotonic() + patience
        while True:
            try:
                fcntl.flock(self._file, kind | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() >= end:
                    self.release()
                    return False
                time.sleep(0.1)
            else:
                return True

    def release(self) -> None:
        """Let go; fine when nothing is held."""
        if self._file is not None:
            self._file.close()
            self._file = None


@contextmanager
def hold(name: str, alone: bool = True, patience: float = 600) -> Iterator[None]:
    """Hold one of the machine's locks while the block runs."""
    lock = Lock(LOCKS / name)
    if not lock.acquire(alone, patience):
        raise LabError(f"another run has held {lock.path} for {patience:.0f} s; `lslocks` tells which process that is")
    try:
        yield
    finally:
        lock.release()
