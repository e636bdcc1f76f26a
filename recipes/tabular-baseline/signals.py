"""What to know before believing the score: columns that give the answer away, twins, too few rows, and what counts."""

from dataclasses import dataclass

import numpy as np
from sklearn.inspection import permutation_importance
from sklearn.metrics import make_scorer, mean_absolute_error
from sklearn.model_selection import cross_val_score
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from columns import groups_hidden, suspicious_code
from question import Question
from table import Table
from texts import TableWords as Words
from validation import Outcome, splits

GIVES_AWAY = 0.98  # balanced accuracy or R² of one column alone
ROWS_AT_MOST = 5000  # rows used where a full pass would cost minutes and tell the same
SHUFFLES = 5
MOST_PASSES = 5000  # columns times folds times shuffles, so that a wide table does not cost an hour


@dataclass(frozen=True)
class Importance:
    """How much worse the main metric gets, out of fold, when one column's values are shuffled."""

    name: str
    mean: float
    low: float
    high: float


def giveaways(question: Question, seed: int) -> dict[str, float]:
    """Columns that alone predict the target almost perfectly, and how well (balanced accuracy or R², 3 folds).

    A small tree on each column by itself. Often such a column is the answer in another form, or is only known
    after the outcome is.
    """
    rng = np.random.default_rng(seed)
    rows = np.arange(question.rows)
    if len(rows) > ROWS_AT_MOST:
        rows = np.sort(rng.choice(rows, ROWS_AT_MOST, replace=False))
    y = question.y[rows]
    if question.task == "classification" and np.bincount(y, minlength=len(question.classes)).min() < 3:
        return {}
    leaf = 5 if len(rows) >= 100 else 2
    classify = question.task == "classification"
    tree = (DecisionTreeClassifier if classify else DecisionTreeRegressor)(
        max_leaf_nodes=64,
        min_samples_leaf=leaf,
        random_state=seed,
        **({"class_weight": "balanced"} if classify else {}),
    )
    part = Part(question.task, y, question.groups[rows] if question.groups is not None else None)
    folds = splits(part, 3 if part.groups is None else min(3, len(np.unique(part.groups))), seed)
    found = {}
    for at, name in enumerate(question.features):
        x = question.x[rows, at : at + 1]
        values = cross_val_score(tree, x, y, cv=folds, scoring="balanced_accuracy" if classify else "r2")
        if float(np.nanmean(values)) >= GIVES_AWAY:
            found[name] = float(np.nanmean(values))
    return found


class Part:
    """A part of a question's rows, as far as splitting them goes."""

    def __init__(self, task: str, y: np.ndarray, groups: np.ndarray | None) -> None:
        self.task, self.y, self.groups = task, y, groups

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return len(self.y)


def importances(question: Question, outcome: Outcome, model: str, seed: int) -> list[Importance]:
    """The columns by how much the model leans on them: mean, lowest and highest over the folds' test rows.

    Many columns get fewer shuffles, and very many also fewer folds.
    """
    if question.task == "regression":
        scoring = make_scorer(mean_absolute_error, greater_is_better=False)
    else:
        scoring = "balanced_accuracy"
    rng = np.random.default_rng(seed)
    drops = []
    folds = max(1, min(len(outcome.fitted), MOST_PASSES // len(question.features)))
    shuffles = max(1, min(SHUFFLES, MOST_PASSES // (folds * len(question.features))))
    for test, models in outcome.fitted[:folds]:
        rows = test if len(test) <= ROWS_AT_MOST else rng.choice(test, ROWS_AT_MOST, replace=False)
        result = permutation_importance(
            models[model], question.x[rows], question.y[rows], scoring=scoring, n_repeats=shuffles, random_state=seed
        )
        drops.append(result.importances_mean)
    over_folds = np.array(drops)
    found = [
        Importance(
            name, float(over_folds[:, at].mean()), float(over_folds[:, at].min()), float(over_folds[:, at].max())
        )
        for at, name in enumerate(question.features)
    ]
    return sorted(found, key=lambda importance: -importance.mean)


def repeated_rows(question: Question) -> int:
    """How many rows are exact copies of an earlier one (all used columns and the target)."""
    whole = np.column_stack([question.x, question.y])
    whole = np.where(np.isnan(whole), np.inf, whole)
    return len(whole) - len(np.unique(whole, axis=0))


def warnings_for(
    table: Table, question: Question, outcome: Outcome, given: dict[str, float], words: Words
) -> list[str]:
    """Sentences a reader should see before the score, the gravest first."""
    said = []
    person_numbers = [column.name for column in question.columns if column.why_out == "out-person-number"]
    if person_numbers:
        said.append(words("warn-person-number", columns=words.quoted(person_numbers)))
    for name, value in sorted(given.items(), key=lambda pair: -pair[1]):
        said.append(
            words(
                "warn-giveaway",
                name=words.quote(name),
                raw=name,
                score=words.share(value),
                target=words.quote(question.target),
            )
        )
    copies = repeated_rows(question)
    if copies >= max(5, question.rows // 100):
        said.append(words("warn-copies", n=words.few(copies)))
    if not question.group:
        for column in question.columns:
            if column.name != question.target and groups_hidden(column, len(table.lines)):
                said += [words("warn-groups", name=words.quote(column.name), raw=column.name)]
    said += _too_few(question, outcome, words)
    for column in question.columns:
        code = suspicious_code(column)
        if code and (column.name in question.features or column.name == question.target):
            said.append(words("warn-code", name=words.quote(column.name), code=code[0], n=words.few(code[1])))
    if question.either:
        mark = words("mark-comma" if question.mark == "," else "mark-point")
        said.append(words("warn-decimal", columns=words.quoted(question.either), mark=mark))
    if question.no_target > 0.2 * len(table.lines):
        said.append(words("warn-no-target", share=words.share(question.no_target / len(table.lines))))
    if outcome.unsettled:
        said.append(words("warn-unsettled", n=outcome.unsettled))
    return said


def _too_few(question: Question, outcome: Outcome, words: Words) -> list[str]:
    said = []
    if question.rows < 100:
        said.append(words("warn-few-rows", n=question.rows))
    if question.task == "classification":
        least = int(np.bincount(question.y).min())
        if least < 30:
            said.append(words("warn-few-in-class", n=least))
    if question.rows < 10 * len(question.features):
        said.append(words("warn-many-columns", n=question.rows, columns=len(question.features)))
    if question.groups is not None and len(np.unique(question.groups)) < 10:
        said.append(words("warn-few-groups", n=len(np.unique(question.groups))))
    if outcome.repeats * outcome.folds < 10:
        said.append(words("warn-few-folds", n=outcome.repeats * outcome.folds))
    return said
