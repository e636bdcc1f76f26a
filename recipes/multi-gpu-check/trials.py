"""What is tried over plain TCP: are sums right, how long does a message take, how fast is the exchange, who is slow."""

import hashlib
import statistics
import time
from array import array
from typing import Any

from group import Group

SLOW = 1.25  # so many times the median's time and a process is told of
WORK = b"\0" * (1 << 20)


def sums(group: Group, count: int) -> dict[str, Any]:
    """Whether `count` numbers of each process add up to what arithmetic says; whole numbers, so exactly."""
    rank, n = group.place.rank, group.place.world
    found = group.sum(array("d", [(rank + 1) * (1 + k % 7) for k in range(count)]))
    right = n * (n + 1) // 2
    wrong = sum(value != right * (1 + k % 7) for k, value in enumerate(found))
    return {"numbers": count, "wrong": wrong}


def speed(group: Group, size: int, repetitions: int) -> dict[str, Any]:
    """Microseconds from one process to its neighbour, and MB/s when all send `size` bytes to theirs at once."""
    if group.place.world == 1:
        return {"latency_us": [], "mb_per_s": []}
    short, block = [], bytes(size)
    for _ in range(repetitions):
        group.meet()
        began = time.perf_counter()
        for _ in range(20):
            group.pass_on(b"12345678")
        short.append((time.perf_counter() - began) / 20 * 1e6)
    rates = []
    for _ in range(repetitions):
        group.meet()
        began = time.perf_counter()
        group.pass_on(block)
        rates.append(size / (time.perf_counter() - began) / 1e6)
    return {"latency_us": short, "mb_per_s": rates}


def computing() -> float:
    """Seconds for the same piece of work on every process: the smallest of three, so that a hiccup does not count."""
    taken = []
    for _ in range(3):
        began = time.perf_counter()
        digest = hashlib.sha256()
        for _ in range(24):
            digest.update(WORK)
        taken.append(time.perf_counter() - began)
    return min(taken)


def slow_ones(seconds: list[float]) -> list[int]:
    """The ranks that need clearly longer than the middle of all."""
    middle = statistics.median(seconds)
    return [rank for rank, taken in enumerate(seconds) if len(seconds) > 1 and taken > SLOW * middle]


def summary(values: list[float]) -> dict[str, float] | None:
    """Median, lowest and highest; None without any."""
    if not values:
        return None
    return {"median": statistics.median(values), "low": min(values), "high": max(values)}
