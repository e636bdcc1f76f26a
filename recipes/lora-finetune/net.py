"""A toy language model of characters in numpy, and LoRA on it: W + (alpha/rank)·B·A with W frozen (Hu et al. 2021).

The model looks at the last CONTEXT characters: an embedding of each, one hidden layer, a guess at the next. It knows
nothing; it is there so that every step of LoRA happens for real in seconds, on any machine.
"""

from dataclasses import dataclass

import numpy as np

CONTEXT, EMBED, HIDDEN = 12, 16, 96
ALPHABET = "\n" + "".join(map(chr, range(32, 127))) + "æøåÆØÅéäöü–»«…’“”§°"
UNKNOWN = len(ALPHABET)  # every other character
PAD = UNKNOWN + 1  # before the beginning
END = UNKNOWN + 2  # after the answer
SYMBOLS = UNKNOWN + 3
PLACE = {char: at for at, char in enumerate(ALPHABET)}

Weights = dict[str, np.ndarray]


def encoded(text: str) -> np.ndarray:
    """A text as symbols."""
    return np.array([PLACE.get(char, UNKNOWN) for char in text], np.int16)


def windows(prompt: str, response: str) -> tuple[np.ndarray, np.ndarray]:
    """For every character of the answer (and its end): the CONTEXT symbols before it, and itself."""
    before = encoded(prompt[-CONTEXT:] + "\n") if prompt else np.zeros(0, np.int16)
    said = np.concatenate([encoded(response), [END]]).astype(np.int16)
    line = np.concatenate([np.full(CONTEXT, PAD, np.int16), before, said])
    start = CONTEXT + len(before)
    at = np.arange(start, len(line))
    return line[at[:, None] - np.arange(CONTEXT, 0, -1)], line[at]


def fresh(rng: np.random.Generator) -> Weights:
    """New weights of the whole model."""
    wide = CONTEXT * EMBED
    return {
        "E": rng.normal(0, 0.3, (SYMBOLS, EMBED)).astype(np.float32),
        "W1": rng.normal(0, wide**-0.5, (HIDDEN, wide)).astype(np.float32),
        "b1": np.zeros(HIDDEN, np.float32),
        "W2": rng.normal(0, HIDDEN**-0.5, (SYMBOLS, HIDDEN)).astype(np.float32),
        "b2": np.zeros(SYMBOLS, np.float32),
    }


@dataclass(frozen=True)
class Lora:
    """The adapter: for each adapted matrix a pair (A: rank × in, B: out × rank). B begins at zero: no change at all."""

    pairs: Weights  # A1, B1, A2, B2
    scale: float

    @classmethod
    def fresh(cls, rank: int, alpha: float, rng: np.random.Generator) -> "Lora":
        """A new adapter, which changes nothing yet."""
        wide = CONTEXT * EMBED
        return cls(
            {
                "A1": rng.normal(0, wide**-0.5, (rank, wide)).astype(np.float32),
                "B1": np.zeros((HIDDEN, rank), np.float32),
                "A2": rng.normal(0, HIDDEN**-0.5, (rank, HIDDEN)).astype(np.float32),
                "B2": np.zeros((SYMBOLS, rank), np.float32),
            },
            alpha / rank,
        )

    def merged(self, base: Weights) -> Weights:
        """The base with the adapter worked into its matrices."""
        pairs = self.pairs
        return {
            **base,
            "W1": base["W1"] + self.scale * pairs["B1"] @ pairs["A1"],
            "W2": base["W2"] + self.scale * pairs["B2"] @ pairs["A2"],
        }


def logits(base: Weights, lora: Lora | None, context: np.ndarray) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """The guess at the next symbol, unnormalised, and what the backward pass needs."""
    x = base["E"][context].reshape(len(context), -1)
    before = x @ base["W1"].T + base["b1"]
    kept: dict[str, np.ndarray] = {"x": x}
    if lora:
        kept["xa"] = x @ lora.pairs["A1"].T
        before = before + lora.scale * kept["xa"] @ lora.pairs["B1"].T
    h = np.tanh(before)
    out = h @ base["W2"].T + base["b2"]
    if lora:
        kept["ha"] = h @ lora.pairs["A2"].T
        out = out + lora.scale * kept["ha"] @ lora.pairs["B2"].T
    kept["h"] = h
    return out, kept


def losses(out: np.ndarray, wanted: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The cross-entropy of every row in nats, and the probabilities."""
    shifted = out - out.max(axis=1, keepdims=True)
    e = np.exp(shifted)
    total = e.sum(axis=1, keepdims=True)
    at = np.arange(len(wanted))
    return np.log(total[:, 0]) - shifted[at, wanted], e / total


def gradients(base: Weights, lora: Lora | None, context: np.ndarray, wanted: np.ndarray) -> tuple[float, Weights]:
    """The mean loss and its gradient: by the adapter's matrices when there is one, else by all of the model's."""
    out, kept = logits(base, lora, context)
    each, chance = losses(out, wanted)
    n = len(wanted)
    dout = chance
    dout[np.arange(n), wanted] -= 1
    dout /= n
    if lora:
        p, s = lora.pairs, lora.scale
        back2 = s * dout @ p["B2"]
        dh = dout @ base["W2"] + back2 @ p["A2"]
        dz = dh * (1 - kept["h"] ** 2)
        return float(each.mean()), {
            "B2": s * dout.T @ kept["ha"],
            "A2": back2.T @ kept["h"],
            "B1": s * dz.T @ kept["xa"],
            "A1": s * (dz @ p["B1"]).T @ kept["x"],
        }
    dz = (dout @ base["W2"]) * (1 - kept["h"] ** 2)
    dx = (dz @ base["W1"]).reshape(n * CONTEXT, EMBED)
    dE = np.zeros_like(base["E"])  # noqa: N806 - the embedding's name
    np.add.at(dE, context.ravel(), dx)
    return float(each.mean()), {
        "E": dE, "W1": dz.T @ kept["x"], "b1": dz.sum(axis=0), "W2": dout.T @ kept["h"], "b2": dout.sum(axis=0),
    }  # fmt: skip


class Adam:
    """Adam (Kingma & Ba 2014), with a state that can be kept and taken up again."""

    def __init__(self, weights: Weights, rate: float) -> None:
        self.rate, self.step = rate, 0
        self.m = {name: np.zeros_like(w) for name, w in weights.items()}
        self.v = {name: np.zeros_like(w) for name, w in weights.items()}

    def update(self, weights: Weights, by: Weights) -> None:
        """One step, in place."""
        self.step += 1
        for name, gradient in by.items():
            self.m[name] += 0.1 * (gradient - self.m[name])
            self.v[name] += 0.001 * (gradient**2 - self.v[name])
            m, v = self.m[name] / (1 - 0.9**self.step), self.v[name] / (1 - 0.999**self.step)
            weights[name] -= (self.rate * m / (np.sqrt(v) + 1e-8)).astype(np.float32)


def count(weights: Weights) -> int:
    """How many numbers there are."""
    return sum(w.size for w in weights.values())
