"""What both engines hand back: the loss before and after, how sure the difference is, and what was trained."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

DRAWS = 2000


@dataclass(frozen=True)
class Outcome:
    """Losses are in nats for each character (tiny) or token (peft) of the answers in the test part."""

    engine: str
    model: str
    unit: str  # characters, tokens
    before: float
    after: float
    gain: tuple[float, float, float]  # mean of before − after over examples, and its 95 % interval
    guesses: dict[str, float]  # unigram, bigram …: what needs no model
    curve: list[dict[str, float]]  # one an epoch: epoch, train, val
    best_epoch: int
    trained: int
    parameters: int
    resumed_from: int = 0  # the epoch that an earlier start had reached
    merged_difference: float | None = None  # the largest between adapter and merged weights
    memory: dict[str, float] = field(default_factory=dict)
    samples: list[dict[str, str]] = field(default_factory=list)  # prompt, wanted, before, after
    files: dict[str, bytes] = field(default_factory=dict)
    more: dict[str, Any] = field(default_factory=dict)


def gain_of(before: np.ndarray, after: np.ndarray, weights: np.ndarray, seed: int) -> tuple[float, float, float]:
    """The mean gain for each character or token, and a 95 % interval by drawing the examples anew."""
    total = (before - after) * weights
    rng = np.random.default_rng([seed, 7])
    drawn = rng.integers(0, len(total), (DRAWS, len(total)))
    means = total[drawn].sum(axis=1) / weights[drawn].sum(axis=1)
    low, high = np.percentile(means, [2.5, 97.5])
    return float(total.sum() / weights.sum()), float(low), float(high)


def conclude(outcome: Outcome) -> str:
    """yes, little, no: whether the adapter helps on examples it has not seen; worse: it does harm."""
    gain, low, high = outcome.gain
    if high < 0:
        return "worse"
    if low <= 0:
        return "no"
    return "yes" if gain > 0.05 * outcome.before else "little"
