"""A stand-in for PyTorch with pretended GPUs: the outermost edge of gpu-check, as no test machine has a GPU.

Arithmetic is NumPy's, rounded as the named format rounds, so that the tolerances meet real rounding. FAKE_TORCH (JSON)
says which GPUs there are: {"cuda": "12.8", "hip": null, "devices": [{"name", "gib", "major", "fault"}]}; `fault`
makes that device's products (matmul), integers, or bf16 units wrong, or refuse.
"""

import json
import os
from types import SimpleNamespace

import numpy as np

_SET = json.loads(os.environ.get("FAKE_TORCH", "{}"))
_DEVICES = _SET.get("devices", [])

__version__ = "9.9.9"
version = SimpleNamespace(cuda=_SET.get("cuda"), hip=_SET.get("hip"))
float32, bfloat16, float16, int64, uint8 = "float32", "bfloat16", "float16", "int64", "uint8"
_NUMPY = {"float32": np.float32, "float64": np.float64, "bfloat16": np.float32, "float16": np.float16}
_NUMPY.update({"int64": np.int64, "uint8": np.uint8})
_precision = "highest"
LARGE = 2000  # products of larger matrices are only timed, so nothing is computed for them


def _cut(values, bits):
    """Single precision with only `bits` bits after the point (round to nearest)."""
    whole = np.ascontiguousarray(values, np.float32).view(np.uint32).astype(np.uint64)
    drop = 23 - bits
    return ((whole + (1 << (drop - 1))) >> drop << drop).astype(np.uint32).view(np.float32)


def _fault(device):
    return _DEVICES[int(device[5:])].get("fault") if device.startswith("cuda:") else None


class Tensor:
    def __init__(self, data, dtype, device="cpu"):
        self.data, self.dtype, self.device = data, dtype, device

    def to(self, where):
        if where in _NUMPY and self.data.ndim == 2 and self.data.shape[0] > LARGE:
            return Tensor(self.data, where, self.device)
        if where in _NUMPY:
            data = _cut(self.data, 7) if where == "bfloat16" else self.data.astype(_NUMPY[where])
            return Tensor(data, where, self.device)
        return Tensor(self.data, self.dtype, where)

    def double(self):
        return Tensor(self.data.astype(np.float64), "float64", self.device)

    def abs(self):
        return Tensor(np.abs(self.data), self.dtype, self.device)

    def max(self):
        return Tensor(self.data.max(), self.dtype, self.device)

    def item(self):
        return self.data.item()

    def tolist(self):
        return self.data.tolist()

    def pin_memory(self):
        return self

    def copy_(self, other):
        assert self.data.nbytes == other.data.nbytes
        return self

    def __sub__(self, other):
        return Tensor(self.data - other.data, self.dtype, self.device)

    def __truediv__(self, other):
        return Tensor(self.data / other.data, self.dtype, self.device)

    def __mul__(self, factor):
        return Tensor(self.data * factor, self.dtype, self.device)

    def __mod__(self, factor):
        wrong = 1 if _fault(self.device) == "integers" else 0
        return Tensor(self.data % factor + wrong, self.dtype, self.device)

    def __matmul__(self, other):
        assert self.device == other.device
        if _fault(self.device) == "refuse" and self.dtype == "bfloat16":
            raise RuntimeError("CUDA error: no kernel image is available for execution on the device\nmore")
        if self.data.shape[0] > LARGE:
            return self
        left, right = self.data, other.data
        if self.dtype == "float32" and self.device.startswith("cuda:") and _precision == "high":
            left, right = _cut(left, 10), _cut(right, 10)
        if self.dtype == "float16":  # NumPy is slow at halves; matrix units add in single precision anyway
            left, right = left.astype(np.float32), right.astype(np.float32)
        product = (left @ right).astype(self.data.dtype)
        if _fault(self.device) == "matmul":
            product[3, 5] += 0.05  # one entry of a million, off by about a six-hundredth of its usual size
        if self.dtype == "bfloat16":
            product = _cut(product, 7)
        return Tensor(product, self.dtype, self.device)


class Generator:
    def manual_seed(self, seed):
        self.random = np.random.default_rng(seed)
        return self


def randn(rows, columns, generator=None):
    if rows > LARGE:
        return Tensor(np.broadcast_to(np.float32(1), (rows, columns)), "float32")
    random = generator.random if generator else np.random.default_rng(0)
    return Tensor(random.standard_normal((rows, columns)).astype(np.float32), "float32")


def arange(low, high, dtype):
    return Tensor(np.arange(low, high, dtype=_NUMPY[dtype]), dtype)


def zeros(size, dtype, device="cpu"):
    return Tensor(np.broadcast_to(np.uint8(0), (size,)), dtype, device)


def empty_like(other):
    return other


def set_num_threads(n):
    assert n >= 1


def set_float32_matmul_precision(name):
    global _precision  # noqa: PLW0603 - it is one in PyTorch, too
    _precision = name


cuda = SimpleNamespace(
    is_available=lambda: bool(_DEVICES),
    device_count=lambda: len(_DEVICES),
    synchronize=lambda device: None,
    get_device_properties=lambda at: SimpleNamespace(
        name=_DEVICES[at]["name"],
        total_memory=int(_DEVICES[at]["gib"] * 2**30),
        major=_DEVICES[at].get("major", 9),
        minor=0,
    ),
)
backends = SimpleNamespace(mps=SimpleNamespace(is_available=lambda: False))
