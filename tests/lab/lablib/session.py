"""Use the machine's one lab together with other runs: the first starts it, the last stops it.

Three locks in /run/dkai-lab, which the kernel lets go of when a process ends, however it ends:

- `session`: shared by every run that uses the lab. Who can have it alone is the only one: such a run starts with
  `lab reset` (a run that was killed may have left the lab up and in any state) and ends with `lab down`.
- `turn`: shared while something counts on a working lab; alone while it breaks or resets the lab.
- `gate`: held for the moment of waiting for a turn, so that who wants to be alone is not overtaken for ever.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

from .daemons import all_run
from .locks import Lock, hold
from .places import FAULTS, LOCKS, UNFINISHED, LabError

SCRIPT = Path(__file__).resolve().parent.parent / "lab"
TURN = "DKAI_LAB_TURN"  # "shared" or "alone": what this process has, or inherited from the one that started it
PATIENCE = float(os.environ.get("DKAI_LAB_WAIT") or 600)


def lab_command(*words: str) -> str:
    """Run the `lab` script; gives what it says on stdout."""
    # a process of its own, or the daemons would be this one's children
    done = subprocess.run(
        [sys.executable, str(SCRIPT), *words],
        check=False,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
    )
    if done.returncode:
        raise LabError(f"`lab {' '.join(words)}` failed: {done.stderr.strip()}")
    return done.stdout.strip()


class Session:
    """A run that uses the lab, from its start (or the joining of one that is up) to its end."""

    def __init__(self, patience: float = PATIENCE) -> None:
        self.patience = patience
        self._session = Lock(LOCKS / "session")
        self._turn = Lock(LOCKS / "turn")

    def __enter__(self) -> Session:
        try:
            if self._session.acquire(alone=True, patience=0):
                lab_command("reset")
            self._wait_for(self._session, alone=False)
            with self.turn():
                lab_command("up")
        except BaseException:
            self._session.release()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if self._session.acquire(alone=True, patience=0):
                lab_command("down")
        finally:
            self._session.release()

    @contextmanager
    def turn(self, alone: bool = False) -> Iterator[None]:
        """Count on a whole lab inside the block, or have it for oneself; may be nested, in programs started too."""
        held = os.environ.get(TURN)
        if held:
            if alone and held != "alone":
                raise LabError("a shared turn at the lab cannot become one alone: ask for it from the start")
            yield
            return
        with hold("gate", patience=self.patience):
            self._wait_for(self._turn, alone)
        os.environ[TURN] = "alone" if alone else "shared"
        try:
            if not _whole():
                lab_command("up")
            yield
        finally:
            del os.environ[TURN]
            self._turn.release()

    def need_alone(self, what: str) -> None:
        """Refuse what other runs would notice, unless this one has the lab for itself."""
        if os.environ.get(TURN) != "alone":
            raise LabError(f"only who has the lab alone may {what}: mark the test with @pytest.mark.lab(alone=True)")

    def _wait_for(self, lock: Lock, alone: bool) -> None:
        if not lock.acquire(alone, self.patience):
            raise LabError(
                f"another run has kept the lab for {self.patience:.0f} s (DKAI_LAB_WAIT); "
                f"`lslocks` tells which process holds {lock.path}"
            )


def _whole() -> bool:
    """Nobody holds the lab alone now, so a fault that is still on was left by a run that was killed."""
    return all_run() and not FAULTS.exists() and not UNFINISHED.exists()
