"""The plain guess, and the baseline: words and pieces of words counted (TF-IDF), weighed by logistic regression."""

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, balanced_accuracy_score, f1_score
from sklearn.pipeline import FeatureUnion, make_pipeline
from threadpoolctl import threadpool_limits

GUESS, BASELINE = "guess", "baseline"
METRICS = ("balanced_accuracy", "macro_f1", "accuracy")
WORD = r"(?u)\b[^\W\d_][^\W_]+\b"


def baseline(seed: int) -> Any:
    """The baseline, unfitted. Everything learned from texts is a step of it, so that test texts have no part in it."""
    features = FeatureUnion([
        ("words", TfidfVectorizer(token_pattern=WORD, ngram_range=(1, 2), min_df=2, sublinear_tf=True)),
        ("pieces", TfidfVectorizer(
            analyzer="char_wb", ngram_range=(3, 5), min_df=2, sublinear_tf=True, max_features=100_000
        )),
    ])  # fmt: skip
    return make_pipeline(features, LogisticRegression(C=10, class_weight="balanced", max_iter=2000, random_state=seed))


def fitted(model: Any, features: Any, y: np.ndarray) -> Any:
    """The model, fitted on one core: with matrices this small, threads spend their time waiting for each other."""
    with warnings.catch_warnings(), threadpool_limits(limits=1):
        warnings.simplefilter("ignore", ConvergenceWarning)
        return model.fit(features, y)


def probabilities(texts: Sequence[str], y: np.ndarray, asked: Sequence[str], classes: int, seed: int) -> np.ndarray:
    """How likely each class is for each asked text, by a baseline fitted on `texts`."""
    model = fitted(baseline(seed), list(texts), y)
    found = np.zeros((len(asked), classes))
    if asked:
        found[:, model.classes_] = model.predict_proba(list(asked))
    return found


def guess(y: np.ndarray, asked: int, classes: int) -> np.ndarray:
    """The same for always guessing the commonest class."""
    found = np.zeros((asked, classes))
    found[:, np.bincount(y, minlength=classes).argmax()] = 1.0
    return found


def score(metric: str, actual: np.ndarray, called: np.ndarray) -> float:
    """One metric, higher is better, 0 to 1."""
    if metric == "macro_f1":
        return float(f1_score(actual, called, average="macro", labels=np.unique(actual), zero_division=0))
    return float((balanced_accuracy_score if metric == "balanced_accuracy" else accuracy_score)(actual, called))
