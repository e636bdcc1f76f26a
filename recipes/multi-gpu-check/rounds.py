"""Rounds that can be interrupted and gone on with: what a long training does, in small.

Each round sums an array over all processes and folds the result into one number, so that the last number is the same
only if no round was left out and none was done twice. The state lies in `checkpoint/state.json`, which the first
process writes whole or not at all. When dkai's runner (or Slurm) tells that the time is nearly up, all processes stop
after the same round: the wish to stop is one of the numbers that are summed.
"""

import json
import os
import signal
import time
from array import array
from pathlib import Path
from typing import Any

from group import Group

FILE = Path("checkpoint/state.json")
MODULUS = (1 << 61) - 1
GO_ON = 85  # tells dkai's runner: stopped on purpose, and can go on from the checkpoint


class Rounds:
    """The rounds of one start."""

    def __init__(self, group: Group, total: int, numbers: int, pause_s: float, every: int) -> None:
        self.group, self.total, self.numbers, self.pause_s, self.every = group, total, numbers, pause_s, every
        self.told = False
        for name in ("SIGUSR1", "SIGTERM"):
            if hasattr(signal, name):
                signal.signal(getattr(signal, name), self._on_signal)
        self.state = group.share(self._read() if group.place.rank == 0 else None)

    def _on_signal(self, _number: int, _frame: Any) -> None:
        self.told = True

    def _read(self) -> dict[str, Any]:
        """Where an earlier start stopped; the beginning where there is none, or it was of another group."""
        fresh = {"done": 0, "number": 1, "world": self.group.place.world, "total": self.total, "starts": []}
        try:
            found = json.loads(FILE.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return fresh
        same = all(found.get(key) == fresh[key] for key in ("world", "total"))
        return found if same else fresh

    def go(self) -> bool:
        """Do what is left of them; False when told to stop before all are done. The state is up to date afterwards."""
        began = self.state["done"]
        while self.state["done"] < self.total:
            stop = self._one()
            done = self.state["done"] == self.total
            if stop or done or self.state["done"] % self.every == 0:
                self._write(began)
            if stop and not done:
                return False
        return True

    def _one(self) -> bool:
        """One round; whether somebody wants to stop."""
        seed = self.state["done"] * 31 + self.group.place.rank
        values = array("d", [float((seed + k) % 1009) for k in range(self.numbers)])
        values.append(1.0 if self.told else 0.0)
        found = self.group.sum(values)
        wish = found.pop()
        self.state["number"] = (self.state["number"] * 1_000_003 + int(sum(found))) % MODULUS
        self.state["done"] += 1
        time.sleep(self.pause_s)
        return wish > 0

    def _write(self, began: int) -> None:
        if self.group.place.rank:
            return
        this = {"from": began, "to": self.state["done"], "node": self.group.place.node}
        starts = [one for one in self.state["starts"] if one["from"] != began]
        kept = {**self.state, "starts": [*starts, this]}
        FILE.parent.mkdir(exist_ok=True)
        new = FILE.with_suffix(".new")
        with new.open("w", encoding="utf-8") as file:
            json.dump(kept, file)
            file.flush()
            os.fsync(file.fileno())
        new.replace(FILE)
        self.state = kept
