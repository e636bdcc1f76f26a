"""Would more labels help? The baseline learned from a fifth of the labels, two fifths … and all of them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from labelled import Labelled
from models import METRICS, probabilities, score
from resampling import corrected_interval
from validation import Split

SHARES = (0.2, 0.4, 0.6, 0.8, 1.0)
WORTH = 0.01  # a gain in balanced accuracy below this is not worth the work


@dataclass(frozen=True)
class Curve:
    """Balanced accuracy by how many labels were learned from."""

    labels: tuple[int, ...]
    scores: np.ndarray  # shares by folds
    folds: int

    def mean(self) -> np.ndarray:
        """The mean over folds at each number of labels."""
        return np.asarray(self.scores.mean(axis=1))

    def interval(self, at: int) -> tuple[float, float]:
        """The 95 % interval at one number of labels."""
        low, high = corrected_interval(self.scores[at], self.folds)
        return max(0.0, low), min(1.0, high)

    @property
    def verdict(self) -> str:
        """`rising` where the last two fifths of the labels surely helped, `maybe` where they seem to, else `flat`."""
        gained = self.scores[-1] - self.scores[SHARES.index(0.6)]
        if gained.mean() < WORTH:
            return "flat"
        return "rising" if corrected_interval(gained, self.folds)[0] > 0 else "maybe"


def curve(data: Labelled, splits: Sequence[Split], seed: int) -> Curve:
    """The learning curve on the folds of the first repeat; each larger part holds the smaller ones."""
    classes = len(data.classes)
    scores = np.zeros((len(SHARES), len(splits)))
    sizes = np.zeros(len(SHARES))
    for fold, (train, test) in enumerate(splits):
        order = _spread(data.y[train], np.random.default_rng(seed + fold))
        for at, share in enumerate(SHARES):
            chosen = train[order[: max(2 * classes, round(share * len(train)))]]
            sizes[at] += len(chosen) / len(splits)
            chance = probabilities(
                [data.texts[i] for i in chosen], data.y[chosen], [data.texts[i] for i in test], classes, seed
            )
            scores[at, fold] = score(METRICS[0], data.y[test], chance.argmax(axis=1))
    return Curve(tuple(round(float(size)) for size in sizes), scores, len(splits))


def _spread(y: np.ndarray, draw: np.random.Generator) -> np.ndarray:
    """The texts in a random order in which every beginning holds the classes about as all do, each at least once."""
    place = np.zeros(len(y))
    for label in np.unique(y):
        mine = draw.permutation(np.flatnonzero(y == label))
        place[mine] = (np.arange(len(mine)) + 0.5 * draw.random()) / len(mine)
    return np.argsort(place, kind="stable")
