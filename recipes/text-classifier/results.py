"""The figures for a program, and the tables for a spreadsheet."""

from typing import Any

import numpy as np

from models import BASELINE, GUESS, METRICS
from page import Report, confusion
from personal import masked
from spreadsheet import write_table
from words import SMALL, Words

BEGINS = 80  # characters of a text, to recognise it by


def summary(report: Report, words: Words) -> dict[str, Any]:
    """Aggregates only: no text, and counts of 1 to 4 texts are null."""
    data, outcome, found, asking = report.data, report.outcome, report.comparison, report.asking
    models = {
        model: {
            metric: {
                "mean": round(outcome.mean(model, metric), 4),
                "interval_95": [round(value, 4) for value in outcome.interval(model, metric)],
            }
            for metric in METRICS
        }
        for model in (GUESS, BASELINE)
    }
    mean, low, high = outcome.gain()
    return {
        "verdict": {"code": report.verdict, "text": words(report.verdict)},
        "texts": {"labelled": len(data.y), "without_label": _few(len(data.unknown)), "twins": _few(data.twins)},
        "classes": {name: int((data.y == at).sum()) for at, name in enumerate(data.classes)},
        "models": models,
        "gain_over_guess": {"mean": round(mean, 4), "interval_95": [round(low, 4), round(high, 4)]},
        "score": round(found.scores[METRICS[0]] if found and found.earned else outcome.mean(BASELINE, METRICS[0]), 4),
        "transformer": None
        if found is None
        else {
            "model": found.name,
            "device": found.device,
            **{metric: round(value, 4) for metric, value in found.scores.items()},
            "gain_over_baseline": {
                "mean": round(found.gain[0], 4),
                "interval_95": [round(found.gain[1], 4), round(found.gain[2], 4)],
            },
            "earned_its_gpu": found.earned,
        },
        "confusion": [[_few(int(n)) for n in line] for line in confusion(report)],
        "ask_a_human": {
            "wanted": asking.wanted,
            "confidence_limit": None if asking.limit is None else round(asking.limit, 4),
            "left_to_the_model": round(asking.kept, 4),
            "right_of_those": None if asking.right is None else round(asking.right, 4),
            "right_of_all": round(asking.right_of_all, 4),
            "of_the_unlabelled": _few(int(report.ask.sum())),
        },
        "learning_curve": {
            "verdict": report.curve.verdict,
            "labels": list(report.curve.labels),
            "balanced_accuracy": [round(float(value), 4) for value in report.curve.mean()],
        },
        "doubtful_labels": _few(len(report.doubtful)),
        "telling_words": {name: list(found) for name, found in zip(data.classes, report.telling, strict=True)},
        "folds": outcome.folds,
        "repeats": outcome.repeats,
        "params": dict(report.params),
        "made_with": dict(report.origin),
    }


def _few(count: int) -> int | None:
    return None if 0 < count < SMALL else count


def _begins(text: str, words: Words) -> str:
    flat = " ".join(masked(text, words).split())
    return flat if len(flat) <= BEGINS else flat[:BEGINS] + "…"


def write_tables(report: Report, words: Words) -> None:
    """labelled.csv, doubtful labels first, and predicted.csv, those to ask a human about first."""
    data = report.data
    probability = report.probability
    doubtful = list(report.doubtful)
    rest = [at for at in range(len(data.y)) if at not in set(doubtful)]
    write_table(
        "labelled.csv",
        [words(f"head-{key}") for key in ("file", "at", "label", "called", "sure", "doubt", "text")],
        (
            (
                data.pieces[at].file,
                data.pieces[at].at or None,
                data.classes[data.y[at]],
                data.classes[int(probability[at].argmax())],
                float(probability[at].max()),
                "x" if at in set(doubtful) else "",
                _begins(data.texts[at], words),
            )
            for at in doubtful + rest
        ),
        words,
    )
    sure = report.unknown.max(axis=1) if len(report.unknown) else np.zeros(0)
    write_table(
        "predicted.csv",
        [words(f"head-{key}") for key in ("file", "at", "called", "sure", "ask", "text")],
        (
            (
                data.unknown[at].file,
                data.unknown[at].at or None,
                data.classes[int(report.unknown[at].argmax())],
                float(sure[at]),
                "x" if report.ask[at] else "",
                _begins(data.unknown[at].text, words),
            )
            for at in np.argsort(sure, kind="stable")
        ),
        words,
    )
