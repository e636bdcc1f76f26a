"""How sure a score from cross-validation is.

Folds share most of their training rows, so the variance of their mean is multiplied by 1/J + test/train instead of 1/J
(Nadeau & Bengio 2003, Machine Learning 52, 239-281).
"""

import math

import numpy as np
from scipy import stats


def corrected_interval(values: np.ndarray, folds: int) -> tuple[float, float]:
    """A 95 % interval for the mean over the folds of repeated cross-validation (Nadeau & Bengio's correction)."""
    known = values[~np.isnan(values)]
    if len(known) < 2:
        return -math.inf, math.inf
    share = 1 / (folds - 1)  # test rows over training rows
    half = stats.t.ppf(0.975, len(known) - 1) * math.sqrt((1 / len(known) + share) * float(np.var(known, ddof=1)))
    return float(np.mean(known) - half), float(np.mean(known) + half)
