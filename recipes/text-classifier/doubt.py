"""Which labels may be wrong, and from which texts a human should be asked.

A label is in doubt where models that have not seen the text find another class likely by that class's own measure: at
least as likely as it is on average for texts labelled with it (confident learning, Northcutt, Jiang & Chuang 2021).
"""

from dataclasses import dataclass

import numpy as np

FEWEST_KEPT = 20  # texts that must be left to the model, before a limit is trusted


def suspects(probability: np.ndarray, y: np.ndarray) -> list[int]:
    """The texts whose label is in doubt, the most doubtful first."""
    classes = probability.shape[1]
    limits = np.array([probability[y == at, at].mean() for at in range(classes)])
    likely = np.where(probability >= limits, probability, -1.0)
    called = likely.argmax(axis=1)
    doubtful = (likely.max(axis=1) >= 0) & (called != y)
    margin = probability[np.arange(len(y)), y] - probability[np.arange(len(y)), called]
    return [int(at) for at in np.argsort(margin, kind="stable") if doubtful[at]]


@dataclass(frozen=True)
class Asking:
    """What happens when texts with a confidence below `limit` go to a human; None where no limit is good enough."""

    wanted: float
    limit: float | None
    kept: float  # share of texts left to the model
    right: float | None  # of those, the share it gets right
    right_of_all: float  # when it is asked about every text


def limit_for(sure: np.ndarray, right: np.ndarray, wanted: float) -> float | None:
    """The lowest confidence from which on the model is right as often as wanted, with at least 20 texts above it."""
    order = np.argsort(-sure, kind="stable")
    share = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    # A limit keeps all texts of the same confidence.
    last = np.append(sure[order][1:] != sure[order][:-1], True)
    good = [
        at for at in range(len(order)) if last[at] and at + 1 >= min(FEWEST_KEPT, len(order)) and share[at] >= wanted
    ]
    return float(sure[order][good[-1]]) if good else None


def asking(probability: np.ndarray, y: np.ndarray, fold: np.ndarray, wanted: float) -> Asking:
    """The limit to use, and what it does: measured on folds that had no part in choosing it."""
    sure, right = probability.max(axis=1), probability.argmax(axis=1) == y
    kept = np.zeros(len(y), dtype=bool)
    for number in np.unique(fold):
        limit = limit_for(sure[fold != number], right[fold != number], wanted)
        if limit is not None:
            kept |= (fold == number) & (sure >= limit)
    return Asking(
        wanted=wanted,
        limit=limit_for(sure, right, wanted),
        kept=float(kept.mean()),
        right=float(right[kept].mean()) if kept.any() else None,
        right_of_all=float(right.mean()),
    )


def trade(probability: np.ndarray, y: np.ndarray) -> list[tuple[float, float]]:
    """For a picture: the share of texts left to the model, and how many of them it gets right."""
    sure, right = probability.max(axis=1), probability.argmax(axis=1) == y
    order = np.argsort(-sure, kind="stable")
    share = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    points = [max(FEWEST_KEPT, round(part * len(order))) for part in np.linspace(0.1, 1, 10)]
    return [(n / len(order), float(share[n - 1])) for n in sorted(set(points)) if n <= len(order)]
