"""Two commands in turn, A B A B …, and the ratio pair by pair: it holds when the machine's speed drifts."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Comparison:
    """Wall seconds of both, and their ratio pair by pair."""

    name: str
    baseline: str
    a: list[float]
    b: list[float]
    bound: float | None

    @property
    def ratio(self) -> float:
        """The median of A/B."""
        return statistics.median(x / y for x, y in zip(self.a, self.b, strict=True))

    def line(self) -> str:
        """One line for people: ratio, bound, both medians, spread."""
        ratios = sorted(x / y for x, y in zip(self.a, self.b, strict=True))
        verdict = (
            "" if self.bound is None else f"  bound {self.bound:.2f}  {'ok' if self.ratio <= self.bound else 'MISSED'}"
        )
        return (
            f"{self.name:<34} {self.ratio:5.2f} × {self.baseline:<32}{verdict}\n"
            f"    medians {statistics.median(self.a) * 1000:.0f} ms / {statistics.median(self.b) * 1000:.0f} ms,"
            f" ratios {ratios[0]:.2f}–{ratios[-1]:.2f}, {len(ratios)} pairs"
        )


def wall(run: Callable[[], None]) -> float:
    """Seconds that one call takes."""
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def command(argv: Sequence[str], env: dict[str, str] | None = None) -> Callable[[], None]:
    """A call that runs `argv` as a process, its output read and thrown away; a failure stops the benchmark."""
    full = {**os.environ, "NO_COLOR": "1", **(env or {})}

    def run() -> None:
        done = subprocess.run(argv, env=full, stdin=subprocess.DEVNULL, capture_output=True, check=False)
        if done.returncode:
            sys.exit(f"{argv} failed ({done.returncode}): {done.stderr.decode(errors='replace')}")

    return run


def compare(
    name: str,
    a: Callable[[], None],
    baseline: str,
    b: Callable[[], None],
    *,
    pairs: int = 15,
    warm_up: int = 2,
    bound: float | None = None,
) -> Comparison:
    """Run both in turn and print the line."""
    for _ in range(warm_up):
        a()
        b()
    first, second = [], []
    for _ in range(pairs):
        first.append(wall(a))
        second.append(wall(b))
    result = Comparison(name, baseline, first, second, bound)
    print(result.line(), flush=True)
    return result
