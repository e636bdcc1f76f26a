"""A stand-in for PyTorch, just enough for the recipes' GPU paths: NumPy underneath, one layer that really learns.

FAKE_NO_GPU=1: there is no GPU. FAKE_STOP_AFTER=n: the process dies right after the n-th checkpoint, as a job does that
is cut off. FAKE_FULL=1: the GPU has no memory left for a step of learning.
"""

import contextlib
import os
import pickle
from pathlib import Path
from types import SimpleNamespace

import numpy as np

bfloat16 = "bfloat16"
_saves = 0


class Tensor:
    def __init__(self, data, back=None):
        self.data, self.back = np.asarray(data), back

    @property
    def shape(self):
        return self.data.shape

    def __getitem__(self, at):
        return Tensor(self.data[at])

    def to(self, _device):
        return self

    cpu = float = lambda self, *_: self

    def numpy(self):
        return self.data

    def item(self):
        return float(self.data)

    def backward(self):
        self.back()


def tensor(data, device=None):
    assert device in ("cuda", "cpu")
    return Tensor(data)


def manual_seed(_seed):
    pass


no_grad = contextlib.nullcontext


def autocast(_device, dtype, enabled):
    assert dtype == bfloat16 and isinstance(enabled, bool)
    return contextlib.nullcontext()


def save(state, path):
    global _saves  # noqa: PLW0603 - a stand-in counts like this
    Path(path).write_bytes(pickle.dumps(state))
    _saves += 1
    if os.environ.get("FAKE_STOP_AFTER") == str(_saves):
        Path(path).replace(str(path).replace(".tmp", ".pt"))
        os._exit(137)


def load(path, map_location, weights_only):
    assert weights_only and map_location in ("cuda", "cpu")
    return pickle.loads(Path(path).read_bytes())


class OutOfMemoryError(RuntimeError):
    pass


cuda = SimpleNamespace(
    is_available=lambda: not os.environ.get("FAKE_NO_GPU"),
    is_bf16_supported=lambda: True,
    get_device_name=lambda _n: "Pretended GPU",
    OutOfMemoryError=OutOfMemoryError,
)


def _softmax(logits):
    high = np.exp(logits - logits.max(axis=1, keepdims=True))
    return high / high.sum(axis=1, keepdims=True)


def _cross_entropy(logits, labels, weight):
    if os.environ.get("FAKE_FULL"):
        raise OutOfMemoryError("CUDA out of memory")
    chance, y = _softmax(logits.data), labels.data
    weights = weight.data[y]

    def back():
        wrong = chance.copy()
        wrong[np.arange(len(y)), y] -= 1
        logits.back(wrong * weights[:, None] / len(y))

    return Tensor(-(weights * np.log(chance[np.arange(len(y)), y] + 1e-9)).mean(), back)


nn = SimpleNamespace(
    functional=SimpleNamespace(cross_entropy=_cross_entropy, softmax=lambda x, dim: Tensor(_softmax(x.data))),
    utils=SimpleNamespace(clip_grad_norm_=lambda _parameters, limit: limit),
)


class _AdamW:
    def __init__(self, parameters, lr, weight_decay):
        assert weight_decay == 0.01
        self.parameters, self.base, self.rate = list(parameters), lr, lr
        self.moments = [np.zeros_like(p.data) for p in self.parameters]

    def zero_grad(self):
        for p in self.parameters:
            p.grad = np.zeros_like(p.data)

    def step(self):
        for p, moment in zip(self.parameters, self.moments, strict=True):
            np.add(moment, p.grad**2, out=moment)
            p.data -= 100 * self.rate * p.grad / (np.sqrt(moment) + 1e-6)

    def state_dict(self):
        return {"moments": self.moments, "rate": self.rate}

    def load_state_dict(self, state):
        self.moments, self.rate = [m.copy() for m in state["moments"]], state["rate"]


class _LambdaLR:
    def __init__(self, optimizer, rate):
        self.optimizer, self.factor, self.at = optimizer, rate, 0
        optimizer.rate = optimizer.base * rate(0)

    def step(self):
        self.at += 1
        self.optimizer.rate = self.optimizer.base * self.factor(self.at)

    def state_dict(self):
        return {"at": self.at}

    def load_state_dict(self, state):
        self.at = state["at"]
        self.optimizer.rate = self.optimizer.base * self.factor(self.at)


optim = SimpleNamespace(AdamW=_AdamW, lr_scheduler=SimpleNamespace(LambdaLR=_LambdaLR))
