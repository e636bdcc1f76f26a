"""Whether the arithmetic comes out right: on each GPU with PyTorch, else known answers on the CPU."""

import functools
import hashlib
import math
import warnings
from typing import Any, Callable, Dict, List, Optional, Tuple

from words import Words

MODULUS, FACTOR = 2147483647, 48271  # minstd_rand, ISO C++ [rand.predef]
MINSTD_10000 = 399268537  # its 10,000th value from the default seed 1, as the standard gives it
SHA256_ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"  # FIPS 180-4 example
FIBONACCI_100 = 354224848179261915075
SEED = 20240917


def load_torch(words: Words, python: str) -> Tuple[Optional[Any], str]:
    """PyTorch, or None and why not."""
    try:
        import torch
    except ImportError as error:
        if getattr(error, "name", "") == "torch":
            return None, words("why-no-torch", python=python)
        return None, words("why-torch-broken", why=first_line(error))
    except Exception as error:  # a broken installation can fail in any way at all; the check goes on without it
        return None, words("why-torch-broken", why=first_line(error))
    return torch, ""


def first_line(error: BaseException) -> str:
    """The first line of an error's text, which is all a sentence can carry."""
    text = str(error).strip()
    return text.splitlines()[0] if text else type(error).__name__


def torch_devices(torch: Any, words: Words) -> Tuple[List[Dict[str, Any]], str]:
    """The accelerators PyTorch finds, and, when it finds none, why."""
    build = "CUDA {}".format(torch.version.cuda) if torch.version.cuda else ""
    if getattr(torch.version, "hip", None):
        build = "ROCm {}".format(torch.version.hip)
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        available = torch.cuda.is_available()
    if available:
        found = []
        for at in range(torch.cuda.device_count()):
            facts = torch.cuda.get_device_properties(at)
            vendor = "amd" if build.startswith("ROCm") else "nvidia"
            name = facts.name
            if vendor == "nvidia" and not name.upper().startswith("NVIDIA"):
                name = "NVIDIA " + name
            found.append(
                {
                    "device": "cuda:{}".format(at),
                    "vendor": vendor,
                    "name": name,
                    "memory_gb": round(facts.total_memory / 2.0**30, 1),
                    "capability": (facts.major, facts.minor),
                }
            )
        return found, ""
    mps = getattr(torch.backends, "mps", None)
    if mps is not None and mps.is_available():
        return [{"device": "mps", "vendor": "apple", "name": "Apple GPU", "memory_gb": None, "capability": None}], ""
    if not build:
        return [], words("why-torch-cpu", version=torch.__version__)
    why = words("why-torch-no-device", version=torch.__version__, build=build)
    if said:
        why += " ({})".format(first_line(said[0].message if isinstance(said[0].message, Warning) else Warning()))
    return [], why


def kinds(device: Dict[str, Any]) -> List[str]:
    """The number formats worth trying on a device: what its hardware has."""
    if device["device"] == "cpu":
        return ["fp32", "bf16"]
    if device["vendor"] == "nvidia":
        return ["fp32", "tf32", "bf16"] if device["capability"] >= (8, 0) else ["fp32", "fp16"]
    return ["fp32", "bf16"] if device["vendor"] == "amd" else ["fp32", "fp16"]


def tolerance(kind: str, n: int) -> float:
    """The most that rounding puts between an n-term dot product and its true value, per sum of sizes.

    Formula: |computed - true| <= L sqrt(n) u * sum |a||b| with L = 8, which roundings that behave like independent
    errors keep with a probability above 1 - 2 n exp(-L^2 / 2), for a million sums of 1,024 terms above 0.9999
    (Higham & Mary 2019, SIAM J. Sci. Comput. 41, A2815, theorem 2.4). On top of that, tf32 cuts both factors to 10
    bits after the point, and bf16 and fp16 round the sum, with room for four such roundings when a library adds
    partial sums. Matrix units may cut instead of round: u is 2^-23 for them, else 2^-24.
    """
    u = 2.0**-24 if kind == "fp32" else 2.0**-23
    extra = {"fp32": 0.0, "tf32": (1 + 2.0**-10) ** 2 - 1, "bf16": 4 * 2.0**-8, "fp16": 4 * 2.0**-11}[kind]
    return 8 * math.sqrt(n) * u + extra


def set_precision(torch: Any, kind: str) -> None:
    """Let fp32 products use tf32 units, or forbid it: the default differs between versions."""
    if hasattr(torch, "set_float32_matmul_precision"):
        torch.set_float32_matmul_precision("high" if kind == "tf32" else "highest")
    else:
        torch.backends.cuda.matmul.allow_tf32 = kind == "tf32"


def torch_type(torch: Any, kind: str) -> Any:
    """PyTorch's name for the format the factors are stored in."""
    return {"bf16": torch.bfloat16, "fp16": torch.float16}.get(kind, torch.float32)


def _matmul_error(torch: Any, device: str, kind: str, n: int) -> float:
    """The largest error of a seeded n × n product on `device`, each entry's divided by its sum of sizes."""
    generator = torch.Generator().manual_seed(SEED)
    factors = [torch.randn(n, n, generator=generator).to(torch_type(torch, kind)) for _ in range(2)]
    left, right = (factor.double() for factor in factors)
    reference, size = left @ right, left.abs() @ right.abs()
    set_precision(torch, kind)
    try:
        product = (factors[0].to(device) @ factors[1].to(device)).to("cpu").double()
    finally:
        set_precision(torch, "fp32")
    return float(((product - reference).abs() / size).max().item())


def _integer_errors(torch: Any, device: str) -> float:
    """How many of 10,000 sequences are wrong after 1,000 steps; the right answer is a power, worked out in Python."""
    x = torch.arange(1, 10001, dtype=torch.int64).to(device)
    for _ in range(1000):
        x = x * FACTOR % MODULUS
    step = pow(FACTOR, 1000, MODULUS)
    return float(sum(got != seed * step % MODULUS for seed, got in enumerate(x.to("cpu").tolist(), 1)))


def _result(key: str, what: str, device: str, bound: float, run: Callable[[], float]) -> Dict[str, Any]:
    entry: Dict[str, Any] = {"id": key, "device": device, "what": what, "tolerance": bound}
    try:
        error = run()
    except (RuntimeError, TypeError, NotImplementedError) as problem:  # what PyTorch raises when a device refuses
        entry.update(result="not-run", why=first_line(problem), error=None)
        return entry
    # Written so that NaN is wrong, too.
    entry.update(result="right" if error <= bound else "wrong", error=None if math.isnan(error) else error)
    return entry


def check_device(torch: Any, device: Dict[str, Any], words: Words) -> List[Dict[str, Any]]:
    """The correctness checks of one device: a product in each number format, and exact integers."""
    place = device["device"]
    n = 512 if place == "cpu" else 1024
    results = []
    for kind in kinds(device):
        what = words("check-matmul", kind=kind, n=n)
        run = functools.partial(_matmul_error, torch, place, kind, n)
        results.append(_result("matmul-" + kind, what, place, tolerance(kind, n), run))
    results.append(_result("integers", words("check-integers"), place, 0.0, lambda: _integer_errors(torch, place)))
    return results


def _minstd() -> int:
    x = 1
    for _ in range(10000):
        x = x * FACTOR % MODULUS
    return x


def _fibonacci(n: int) -> int:
    """Fibonacci number n from the n-th power of [[1, 1], [1, 0]]."""
    a, b, c, d = 1, 0, 0, 1
    p, q, r, s = 1, 1, 1, 0
    while n:
        if n & 1:
            a, b, c, d = a * p + b * r, a * q + b * s, c * p + d * r, c * q + d * s
        p, q, r, s = p * p + q * r, p * q + q * s, r * p + s * r, r * q + s * s
        n >>= 1
    return b


def check_cpu(words: Words) -> List[Dict[str, Any]]:
    """Known answers on the CPU with nothing but Python: they say nothing about a GPU."""
    return [
        _result("minstd", words("check-minstd"), "cpu", 0.0, lambda: float(_minstd() != MINSTD_10000)),
        _result(
            "sha256", words("check-sha"), "cpu", 0.0, lambda: float(hashlib.sha256(b"abc").hexdigest() != SHA256_ABC)
        ),
        _result("fibonacci", words("check-fibonacci"), "cpu", 0.0, lambda: float(_fibonacci(100) != FIBONACCI_100)),
    ]
