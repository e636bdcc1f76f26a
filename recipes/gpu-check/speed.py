"""How fast: products and copies on a device with PyTorch, or plain Python on the CPU, labelled as that."""

import functools
import hashlib
import statistics
import time
from typing import Any, Callable, Dict, List

from checks import FACTOR, MODULUS, first_line, kinds, set_precision, torch_type
from words import Words

WARM_UPS = 3
SECONDS_EACH = 20.0  # one measurement stops repeating after this, but not before three


def repeated(run: Callable[[], Any], wait: Callable[[], Any], repetitions: int) -> List[float]:
    """Seconds of each of `repetitions` runs after warm-ups; `wait` returns when the device is done."""
    for _ in range(WARM_UPS):
        run()
    wait()
    taken: List[float] = []
    while len(taken) < repetitions and (len(taken) < 3 or sum(taken) < SECONDS_EACH):
        start = time.perf_counter()
        run()
        wait()
        taken.append(time.perf_counter() - start)
    return taken


def figure(key: str, what: str, device: str, unit: str, amount: float, taken: List[float]) -> Dict[str, Any]:
    """Rates from times: `amount` of work over the median, the slowest and the fastest run."""
    return {
        "id": key,
        "device": device,
        "what": what,
        "unit": unit,
        "median": amount / statistics.median(taken),
        "low": amount / max(taken),
        "high": amount / min(taken),
        "repetitions": len(taken),
    }


def _synchronise(torch: Any, device: str) -> Callable[[], Any]:
    if device.startswith("cuda"):
        return lambda: torch.cuda.synchronize(device)
    if device == "mps":
        return lambda: torch.mps.synchronize()  # noqa: PLW0108 - looked up late: old versions have no torch.mps
    return lambda: None


def measure_device(torch: Any, device: Dict[str, Any], repetitions: int, words: Words) -> List[Dict[str, Any]]:
    """TFLOP/s of products in each format, memory bandwidth, and copies to and from the device.

    A product of two n × n matrices counts as 2 n^3 operations; a copy on the device as its size read and written.
    """
    place = device["device"]
    wait = _synchronise(torch, place)
    large = place != "cpu" and (device["memory_gb"] or 0) >= 8
    n = 8192 if large else 1024 if place == "cpu" else 4096
    results: List[Dict[str, Any]] = []

    def attempt(key: str, what: str, unit: str, amount: float, prepare: Callable[[], Callable[[], Any]]) -> None:
        try:
            results.append(figure(key, what, place, unit, amount, repeated(prepare(), wait, repetitions)))
        except (RuntimeError, TypeError, NotImplementedError) as problem:
            results.append({"id": key, "device": place, "what": what, "why": first_line(problem)})

    def product(kind: str) -> Callable[[], Any]:
        factors = [torch.randn(n, n).to(torch_type(torch, kind)).to(place) for _ in range(2)]
        set_precision(torch, kind)
        return lambda: factors[0] @ factors[1]

    for kind in kinds(device):
        what = words("what-matmul", kind=kind, n=n)
        attempt("matmul-" + kind, what, "TFLOP/s", 2.0 * n**3 / 1e12, functools.partial(product, kind))
        set_precision(torch, "fp32")
    size = 2**30 if large else 2**28

    def copy() -> Callable[[], Any]:
        source = torch.zeros(size, dtype=torch.uint8, device=place)
        target = torch.empty_like(source)
        return lambda: target.copy_(source)

    attempt("copy", words("what-copy"), "GB/s", 2.0 * size / 1e9, copy)
    if place == "cpu":
        return results
    moved = 2**28

    def to_device(back: bool) -> Callable[[], Any]:
        host = torch.zeros(moved, dtype=torch.uint8)
        if place.startswith("cuda"):
            host = host.pin_memory()
        there = torch.zeros(moved, dtype=torch.uint8, device=place)
        return (lambda: host.copy_(there)) if back else (lambda: there.copy_(host))

    attempt("to-device", words("what-to-device"), "GB/s", moved / 1e9, lambda: to_device(False))
    attempt("from-device", words("what-from-device"), "GB/s", moved / 1e9, lambda: to_device(True))
    return results


def measure_python(repetitions: int, words: Words) -> List[Dict[str, Any]]:
    """Two figures for one CPU core with nothing but Python: they compare machines, not accelerators."""
    steps, block = 200000, bytes(2**22)
    slowly, quickly = words("what-python"), words("what-sha")

    def walk() -> int:
        x = 1
        for _ in range(steps):
            x = x * FACTOR % MODULUS
        return x

    def done() -> None:
        return None

    walked = repeated(walk, done, repetitions)
    hashed = repeated(lambda: hashlib.sha256(block).digest(), done, repetitions)
    return [
        figure("python", slowly, "cpu", words("unit-mops"), steps / 1e6, walked),
        figure("sha256", quickly, "cpu", "MB/s", len(block) / 1e6, hashed),
    ]
