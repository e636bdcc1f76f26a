"""The run's numbers for programs: results.json (aggregates only) and predictions.csv (one line a row)."""

import csv
import io
from typing import Any

import numpy as np

from models import GUESS, NAMES
from page import Provenance
from picture import calibration_groups
from question import Question
from signals import Importance
from table import Table
from texts import TableWords as Words
from validation import Outcome
from verdict import chosen, conclude
from words import SMALL


def _count(n: int) -> int | dict[str, int]:
    """A count of rows, or that it is under five without saying which."""
    return n if n == 0 or n >= SMALL else {"fewer_than": SMALL}


def _number(value: float) -> float | None:
    return None if value is None or not np.isfinite(value) else round(float(value), 6)


def summary(
    table: Table,
    question: Question,
    outcome: Outcome,
    warned: list[str],
    given: dict[str, float],
    leaned: list[Importance],
    params: dict[str, Any],
    origin: Provenance,
    words: Words,
) -> dict[str, Any]:
    """Everything the report says, as plain values; counts of 1 to 4 rows are hidden here, too."""
    code, answer, sentence, remark = conclude(question, outcome, given, words)
    models = {}
    for model in NAMES:
        models[model] = {
            metric: {
                "mean": _number(outcome.mean(model, metric)),
                "interval_95": [_number(end) for end in outcome.interval(model, metric)],
                "folds": [_number(value) for value in outcome.scores[model][metric]],
            }
            for metric in outcome.metrics
        }
        if model != GUESS:
            mean, low, high = outcome.gain(model, GUESS)
            models[model]["gain_over_guess"] = {"mean": _number(mean), "interval_95": [_number(low), _number(high)]}
    found: dict[str, Any] = {
        "schema": "dkai-recipe/tabular-baseline/1",
        "made": origin.made,
        "language": words.language,
        "verdict": {
            "code": code,
            "model": chosen(outcome),
            "text": " ".join(t for t in (answer, sentence, remark) if t),
        },
        "target": question.target,
        "task": question.task,
        "why_task": question.why_task,
        "main_metric": outcome.main,
        "rows": {
            "in_file": len(table.lines),
            "used": question.rows,
            "without_target": _count(question.no_target),
            "without_group": _count(question.no_group),
            "in_rare_classes": _count(question.rare),
            "lines_skipped": len(table.left_out),
        },
        "classes": None,
        "file": {
            "name": origin.file,
            "sha256": table.sha256,
            "encoding": table.encoding,
            "delimiter": table.delimiter,
            "decimal": question.mark,
            "missing_codes": {code: _count(n) for code, n in table.missing.items()},
        },
        "columns": [
            {
                "name": column.name,
                "kind": column.kind,
                "missing": _count(column.missing),
                "distinct": column.distinct,
                "used": not column.why_out,
                "why_not": words(column.why_out, **column.facts) if column.why_out else None,
                "why_not_code": column.why_out.removeprefix("out-") or None,
            }
            for column in question.columns
        ],
        "validation": {
            "folds": outcome.folds,
            "repeats": outcome.repeats,
            "seed": origin.seed,
            "group": question.group or None,
            "groups": len(np.unique(question.groups)) if question.groups is not None else None,
        },
        "models": models,
        "importance": [
            {"name": i.name, "mean": _number(i.mean), "low": _number(i.low), "high": _number(i.high)} for i in leaned
        ],
        "giveaways": {name: _number(value) for name, value in given.items()},
        "warnings": warned,
        "params": params,
        "versions": {
            "recipe": origin.version,
            "python": origin.python,
            "scikit-learn": origin.sklearn,
            "numpy": origin.numpy,
        },
    }
    if question.task == "classification":
        found["classes"] = {label: int(n) for label, n in zip(question.classes, np.bincount(question.y), strict=True)}
    else:
        found["calibration"] = [
            {key: _number(value) for key, value in group.items()}
            for group in calibration_groups(question, outcome, chosen(outcome))
        ]
    return found


def predictions(table: Table, question: Question, outcome: Outcome) -> str:
    """One line a row used: its line in the file, the truth, and what each model said without having seen it.

    Written with the file's own separator and decimal mark, so that it opens where the file opens.
    """
    text = io.StringIO()
    delimiter = table.delimiter if table.delimiter in ";,\t|" else ","
    comma = question.mark == "," and delimiter != ","
    writer = csv.writer(text, delimiter=delimiter, lineterminator="\n")
    binary = len(question.classes) == 2
    heads = ["line", "fold", "actual", *(f"predicted_{model}" for model in NAMES)]
    writer.writerow(
        heads + ([f"probability_{question.classes[1]}_{model}" for model in NAMES if model != GUESS] if binary else [])
    )

    def shown(value: float) -> str:
        if question.classes:
            return question.classes[int(value)]
        return _plain(value, comma)

    for at in range(question.rows):
        row: list[object] = [int(question.lines[at]), int(outcome.fold[at]), shown(question.y[at])]
        row += [shown(outcome.predicted[model][at]) for model in NAMES]
        if binary:
            row += [_plain(round(outcome.probability[model][at], 4), comma) for model in NAMES if model != GUESS]
        writer.writerow(row)
    return text.getvalue()


def _plain(value: float, comma: bool) -> str:
    text = f"{value:.10g}"
    return text.replace(".", ",") if comma else text
