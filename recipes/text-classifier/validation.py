"""Cross-validation: every text is classified by models that have not seen it, several times; the same for a guess."""

import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

from labelled import Labelled
from models import BASELINE, GUESS, METRICS, guess, probabilities, score
from resampling import corrected_interval
from words import CannotGoOn, Words

Split = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True)
class Outcome:
    """What cross-validation found."""

    scores: dict[str, dict[str, np.ndarray]]  # model -> metric -> one value a fold and repeat
    probability: np.ndarray  # texts by classes, out of fold, the mean over repeats
    splits: list[Split]  # the folds of the first repeat
    folds: int
    repeats: int

    def mean(self, model: str, metric: str) -> float:
        """A metric's mean over folds and repeats."""
        return float(self.scores[model][metric].mean())

    def interval(self, model: str, metric: str) -> tuple[float, float]:
        """A 95 % interval around that mean."""
        low, high = corrected_interval(self.scores[model][metric], self.folds)
        return max(0.0, low), min(1.0, high)

    def gain(self) -> tuple[float, float, float]:
        """How much better the baseline is than the guess: mean and 95 % interval."""
        difference = self.scores[BASELINE][METRICS[0]] - self.scores[GUESS][METRICS[0]]
        return (float(difference.mean()), *corrected_interval(difference, self.folds))

    @property
    def called(self) -> np.ndarray:
        """The class that each text gets from models that have not seen it."""
        return self.probability.argmax(axis=1)


def split(data: Labelled, folds: int, seed: int) -> list[Split]:
    """Training and test texts of each fold: classes spread evenly, texts that belong together never on both sides."""
    kind = StratifiedKFold if data.groups is None else StratifiedGroupKFold
    splitter = kind(n_splits=folds, shuffle=True, random_state=seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # a class with fewer groups than folds; looked at below
        return list(splitter.split(np.zeros((len(data.y), 1)), data.y, data.groups))


def fold_count(data: Labelled, wanted: int, words: Words) -> int:
    """How many folds the texts allow: each needs one of every class, from a group of its own."""
    most = min(wanted, *(int(n) for n in np.bincount(data.y)))
    if data.groups is not None:
        each = [len(np.unique(data.groups[data.y == at])) for at in range(len(data.classes))]
        if min(each) < 2:
            raise CannotGoOn(words("stop-group-class", name=words.quote(data.classes[int(np.argmin(each))])))
        most = min(most, *each)
    return max(2, most)


def validate(data: Labelled, wanted: int, repeats: int, seed: int, words: Words, say: Callable[[int], None]) -> Outcome:
    """Fit and test on every fold of every repeat; `say` gets the number of each repeat."""
    folds, classes = fold_count(data, wanted, words), len(data.classes)
    scores: dict[str, dict[str, list[float]]] = {m: {k: [] for k in METRICS} for m in (GUESS, BASELINE)}
    total = np.zeros((len(data.y), classes))
    first: list[Split] = []
    for repeat in range(repeats):
        say(repeat + 1)
        splits = split(data, folds, seed + repeat)
        first = first or splits
        for train, test in splits:
            if len(np.unique(data.y[train])) < classes:
                raise CannotGoOn(words("stop-fold-class"))
            texts, asked = [data.texts[at] for at in train], [data.texts[at] for at in test]
            chances = {
                GUESS: guess(data.y[train], len(test), classes),
                BASELINE: probabilities(texts, data.y[train], asked, classes, seed),
            }
            for model, chance in chances.items():
                for metric in METRICS:
                    scores[model][metric].append(score(metric, data.y[test], chance.argmax(axis=1)))
            total[test] += chances[BASELINE] / repeats
    arrays = {model: {metric: np.array(v) for metric, v in kinds.items()} for model, kinds in scores.items()}
    return Outcome(arrays, total, first, folds, repeats)
