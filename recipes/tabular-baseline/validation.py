"""Cross-validation: every row is predicted by models that have not seen it, several times, with the same folds for all.

The interval around a mean over folds takes into account that folds share most of their training rows (resampling.py).
"""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import GroupKFold, KFold, StratifiedGroupKFold, StratifiedKFold

from models import BOOSTING, GUESS, LINEAR, NAMES, build, higher_is_better, metrics_of, score
from question import Question
from resampling import corrected_interval
from texts import TableWords as Words
from words import CannotGoOn


@dataclass
class Outcome:
    """What cross-validation found."""

    metrics: tuple[str, ...]
    scores: dict[str, dict[str, np.ndarray]]  # model -> metric -> one value a fold and repeat
    predicted: dict[str, np.ndarray]  # model -> out-of-fold prediction of the first repeat
    probability: dict[str, np.ndarray]  # two classes: of the second class, out of fold
    fold: np.ndarray  # which fold of the first repeat tested each row
    fitted: list[tuple[np.ndarray, dict[str, Any]]]  # first repeat: test rows and the models that had not seen them
    folds: int
    repeats: int
    unsettled: int  # linear fits that stopped before they settled

    @property
    def main(self) -> str:
        """The metric that decides."""
        return self.metrics[0]

    def mean(self, model: str, metric: str) -> float:
        """A metric's mean over folds and repeats."""
        return float(np.nanmean(self.scores[model][metric]))

    def interval(self, model: str, metric: str) -> tuple[float, float]:
        """A 95 % interval around that mean, kept inside what the metric can be."""
        low, high = corrected_interval(self.scores[model][metric], self.folds)
        if metric == "mae":
            return max(0.0, low), high
        return (low if metric == "r2" else max(0.0, low)), min(1.0, high)

    def gain(self, better: str, than: str) -> tuple[float, float, float]:
        """How much one model is better than another in the main metric: mean and 95 % interval, more is better."""
        sign = 1 if higher_is_better(self.main) else -1
        difference = sign * (self.scores[better][self.main] - self.scores[than][self.main])
        return (float(np.nanmean(difference)), *corrected_interval(difference, self.folds))

    def recommended(self) -> str:
        """The model to take: the linear one unless boosting is clearly better, as it is easier to explain."""
        return BOOSTING if self.gain(BOOSTING, LINEAR)[1] > 0 else LINEAR

    def beats_guessing(self, model: str) -> bool:
        """Whether the whole interval of a model's gain over the guess is above zero."""
        return self.gain(model, GUESS)[1] > 0


def fold_count(question: Question, wanted: int, words: Words) -> int:
    """How many folds the data allow: each needs a row of every class, and a group of its own."""
    most = wanted
    if question.task == "classification":
        most = min(most, int(np.bincount(question.y).min()))
    if question.groups is not None:
        n = len(np.unique(question.groups))
        if n < 2:
            raise CannotGoOn(words("stop-one-group", name=words.quote(question.group)))
        most = min(most, n)
    return max(2, most)


class Splittable(Protocol):
    """What of a question decides how its rows are split."""

    task: str
    y: np.ndarray
    groups: np.ndarray | None

    @property
    def rows(self) -> int:
        """How many rows there are."""


def splits(question: Splittable, folds: int, seed: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Training and test rows of each fold: classes spread evenly, a group never on both sides."""
    rows = np.zeros((question.rows, 1))
    if question.task == "classification":
        kind = StratifiedKFold if question.groups is None else StratifiedGroupKFold
    else:
        kind = KFold if question.groups is None else GroupKFold
    splitter = kind(n_splits=folds, shuffle=True, random_state=seed)
    return list(splitter.split(rows, question.y, question.groups))


def validate(
    question: Question, folds: int, repeats: int, seed: int, words: Words, say: Callable[[str], None]
) -> Outcome:
    """Fit and test all models on every fold of every repeat; `say` gets a line of progress a repeat."""
    metrics = metrics_of(question.task, len(question.classes))
    scores: dict[str, dict[str, list[float]]] = {model: {metric: [] for metric in metrics} for model in NAMES}
    predicted = {model: np.full(question.rows, np.nan) for model in NAMES}
    probability = {model: np.full(question.rows, np.nan) for model in NAMES}
    fold_of = np.zeros(question.rows, dtype=int)
    fitted = []
    unsettled = 0
    for repeat in range(repeats):
        say(words("doing-repeat", n=repeat + 1, all=repeats, folds=folds))
        for number, (train, test) in enumerate(splits(question, folds, seed + repeat), 1):
            if question.task == "classification" and len(np.unique(question.y[train])) < len(question.classes):
                raise CannotGoOn(words("stop-fold-class", name=words.quote(question.group or question.target)))
            models = {name: clone(model) for name, model in build(question, seed).items()}
            for name, model in models.items():
                with warnings.catch_warnings(record=True) as said:
                    warnings.simplefilter("always")
                    model.fit(question.x[train], question.y[train])
                    guess = model.predict(question.x[test])
                    chance = model.predict_proba(question.x[test])[:, 1] if len(question.classes) == 2 else None
                    for metric in metrics:
                        scores[name][metric].append(score(metric, question.y[test], guess, chance))
                unsettled += any(issubclass(w.category, ConvergenceWarning) for w in said)
                if repeat == 0:
                    predicted[name][test] = guess
                    if chance is not None:
                        probability[name][test] = chance
            if repeat == 0:
                fold_of[test] = number
                fitted.append((test, models))
    return Outcome(
        metrics=metrics,
        scores={m: {k: np.array(v) for k, v in kinds.items()} for m, kinds in scores.items()},
        predicted=predicted,
        probability=probability,
        fold=fold_of,
        fitted=fitted,
        folds=folds,
        repeats=repeats,
        unsettled=unsettled,
    )
