"""The three baselines: a guess, a linear model, gradient boosting; everything learned from data sits in the pipeline.

Imputing, encoding and scaling are steps of the pipeline, so that a fold's test rows have no part in them.
"""

from typing import Any

import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, RidgeCV
from sklearn.metrics import (
    accuracy_score,
    balanced_accuracy_score,
    mean_absolute_error,
    r2_score,
    roc_auc_score,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

from question import Question

GUESS, LINEAR, BOOSTING = "guess", "linear", "boosting"
NAMES = (GUESS, LINEAR, BOOSTING)


def metrics_of(task: str, classes: int) -> tuple[str, ...]:
    """The metrics of a task, the one that decides first."""
    if task == "regression":
        return ("mae", "r2")
    return ("balanced_accuracy", "accuracy", "roc_auc") if classes == 2 else ("balanced_accuracy", "accuracy")


def higher_is_better(metric: str) -> bool:
    """Whether more of a metric is better."""
    return metric != "mae"


def _linear_input(question: Question) -> ColumnTransformer:
    numbers = make_pipeline(
        SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True), StandardScaler()
    )
    categories = make_pipeline(
        SimpleImputer(strategy="constant", fill_value=-1.0),  # a missing category is a category of its own
        OneHotEncoder(min_frequency=3, max_categories=20, handle_unknown="infrequent_if_exist"),
    )
    return ColumnTransformer([("numbers", numbers, question.numbers), ("categories", categories, question.categories)])


def _tree_input(question: Question) -> ColumnTransformer:
    encoder = OrdinalEncoder(
        handle_unknown="use_encoded_value",
        unknown_value=np.nan,
        encoded_missing_value=np.nan,
        max_categories=60,
    )
    return ColumnTransformer(
        [("numbers", "passthrough", question.numbers), ("categories", encoder, question.categories)]
    )


def build(question: Question, seed: int) -> dict[str, Any]:
    """The three pipelines for a task, unfitted."""
    first = len(question.numbers)
    trees: dict[str, Any] = {
        "random_state": seed,
        "categorical_features": list(range(first, first + len(question.categories))) or None,
        "min_samples_leaf": max(2, min(20, question.rows // 25)),
        "early_stopping": False,
    }
    if question.task == "regression":
        return {
            GUESS: DummyRegressor(strategy="median"),
            LINEAR: make_pipeline(_linear_input(question), RidgeCV(alphas=np.logspace(-3, 4, 15))),
            BOOSTING: make_pipeline(_tree_input(question), HistGradientBoostingRegressor(**trees)),
        }
    return {
        GUESS: DummyClassifier(strategy="most_frequent"),
        LINEAR: make_pipeline(_linear_input(question), LogisticRegression(max_iter=2000, class_weight="balanced")),
        BOOSTING: make_pipeline(
            _tree_input(question), HistGradientBoostingClassifier(class_weight="balanced", **trees)
        ),
    }


def score(metric: str, actual: np.ndarray, predicted: np.ndarray, probability: np.ndarray | None) -> float:
    """One metric on one fold's test rows; NaN where it is not defined (a fold with one class has no ROC AUC)."""
    if metric == "mae":
        return float(mean_absolute_error(actual, predicted))
    if metric == "r2":
        return float(r2_score(actual, predicted)) if len(actual) > 1 else float("nan")
    if metric == "roc_auc":
        if probability is None or len(np.unique(actual)) < 2:
            return float("nan")
        return float(roc_auc_score(actual, probability))
    return float((balanced_accuracy_score if metric == "balanced_accuracy" else accuracy_score)(actual, predicted))
