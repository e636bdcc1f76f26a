"""What needs no model: characters guessed by how common they are, alone and after the one before."""

import numpy as np

from net import CONTEXT, SYMBOLS


def unigram(train: np.ndarray, test: np.ndarray) -> float:
    """Mean loss (nats a character) of guessing by frequency alone; `train` and `test` are the wanted characters."""
    counts = np.bincount(train, minlength=SYMBOLS) + 1.0
    return float(-np.log(counts / counts.sum())[test].mean())


def bigram(train: tuple[np.ndarray, np.ndarray], test: tuple[np.ndarray, np.ndarray]) -> float:
    """Mean loss of guessing by the character before, smoothed towards the unigram (Jelinek & Mercer 1980)."""
    single = np.bincount(train[1], minlength=SYMBOLS) + 1.0
    single /= single.sum()
    pairs = np.zeros((SYMBOLS, SYMBOLS))
    np.add.at(pairs, (train[0][:, CONTEXT - 1], train[1]), 1)
    seen = pairs.sum(axis=1, keepdims=True)
    trust = seen / (seen + 5)
    chance = trust * pairs / np.maximum(seen, 1) + (1 - trust) * single
    return float(-np.log(chance[test[0][:, CONTEXT - 1], test[1]]).mean())
