"""Does the fine-tuned model earn its GPU? Both on the same folds, and the difference with its interval."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from labelled import Labelled
from models import BASELINE, METRICS, score
from resampling import corrected_interval
from transformer import Tuner
from validation import Outcome
from words import Words


@dataclass(frozen=True)
class Comparison:
    """The fine-tuned model beside the baseline, on the folds of the first repeat."""

    name: str
    device: str
    scores: dict[str, float]
    interval: tuple[float, float]  # of the first metric
    baseline: float  # its first metric on the same folds
    gain: tuple[float, float, float]  # mean and 95 % interval
    probability: np.ndarray

    @property
    def earned(self) -> bool:
        """Whether the whole interval of the gain is above zero."""
        return self.gain[1] > 0


def compare(data: Labelled, outcome: Outcome, tuner: Tuner, words: Words) -> Comparison:
    """Fine-tune on every fold of the first repeat and test as the baseline was tested."""
    found = np.zeros_like(outcome.probability)
    values: dict[str, list[float]] = {metric: [] for metric in METRICS}
    for number, (train, test) in enumerate(outcome.splits, 1):
        part = words("tune-part", n=number, all=len(outcome.splits))
        chance = tuner.probabilities(
            [data.texts[at] for at in train], data.y[train], [data.texts[at] for at in test], part
        )
        found[test] = chance
        for metric in METRICS:
            values[metric].append(score(metric, data.y[test], chance.argmax(axis=1)))
    main = np.array(values[METRICS[0]])
    plain = outcome.scores[BASELINE][METRICS[0]][: len(main)]  # the first repeat's folds come first
    low, high = corrected_interval(main, outcome.folds)
    difference: Any = main - plain
    return Comparison(
        name=tuner.name,
        device=tuner.device,
        scores={metric: float(np.mean(v)) for metric, v in values.items()},
        interval=(max(0.0, low), min(1.0, high)),
        baseline=float(plain.mean()),
        gain=(float(difference.mean()), *corrected_interval(difference, outcome.folds)),
        probability=found,
    )
