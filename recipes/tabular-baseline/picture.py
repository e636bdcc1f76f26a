"""The report's figures: scores against a guess, mistakes or fit, and what the model leans on."""

import numpy as np

from drawing import Scale, Sheet, shortened
from models import GUESS, NAMES
from question import Question
from signals import Importance
from texts import TableWords as Words
from validation import Outcome
from words import SMALL

WIDE, NARROW = 760, 350
MOST_BARS = 12
MATRIX_CLASSES = 8


def model_name(model: str, task: str, words: Words) -> str:
    """A model's name for a reader."""
    return words(f"linear-{task}" if model == "linear" else model)


def scores(question: Question, outcome: Outcome, words: Words, width: int) -> Sheet:
    """Every fold's score of every model, mean and interval, with the guess as a dashed line."""
    metric = outcome.main
    shown = {model: words.metric(metric, outcome.mean(model, metric)) for model in NAMES}
    names = {model: model_name(model, question.task, words) for model in NAMES}
    alt = words("alt-scores", metric=words(metric), values=words.listed(f"{names[m]} {shown[m]}" for m in NAMES))
    sheet = Sheet(width, alt)
    wide = width >= 600
    left, right, step, top = (178.0, 76.0, 64.0, 34.0) if wide else (6.0, 58.0, 78.0, 44.0)
    everything = np.concatenate([outcome.scores[m][metric] for m in NAMES])
    if metric == "mae":
        low, high = 0.0, float(np.nanmax(everything)) * 1.04
    else:
        low, high = max(0.0, float(np.floor((np.nanmin(everything) - 0.03) * 20) / 20)), 1.0
    x = Scale(low, high, left, width - right)
    bottom = top + step * len(NAMES)
    for tick in x.ticks(6 if wide else 4):
        sheet.line(x(tick), top - 12, x(tick), bottom - 14, "grid")
        sheet.text(
            x(tick), bottom + 6, words.metric(metric, tick) if metric != "mae" else words.number(tick), "soft small mid"
        )
    guess = x(outcome.mean(GUESS, metric))
    sheet.line(guess, top - 12, guess, bottom - 14, "dash")
    sheet.text(guess, top - 20, words("axis-guess"), "soft small mid")
    for at, model in enumerate(NAMES):
        y = top + step * at + (step / 2 - 14 if wide else step / 2)
        if wide:
            sheet.text(0, y + 5, names[model])
        else:
            sheet.text(left, y - 20, names[model], "halo")
        if model != GUESS or metric == "mae":
            start, end = outcome.interval(model, metric)
            sheet.box(x(start), y - 12, x(end) - x(start), 24, f"{model} band")
            for spot, value in enumerate(outcome.scores[model][metric]):
                sheet.dot(x(float(value)), y + ((spot * 7) % 5 - 2) * 3.2, 4.2, f"{model} dot")
        middle = x(outcome.mean(model, metric))
        sheet.line(middle, y - 12, middle, y + 12, f"{model} mark")
        sheet.text(width, y + 5, shown[model], "strong end")
    sheet.height = bottom + 12
    return sheet


def confusion(question: Question, outcome: Outcome, model: str, words: Words, width: int) -> Sheet:
    """What each class was called, as shares of its rows; small cells are hidden. Bars where classes are many."""
    actual, called = question.y, outcome.predicted[model].astype(int)
    k = len(question.classes)
    counts = np.zeros((k, k), dtype=int)
    np.add.at(counts, (actual, called), 1)
    if k > MATRIX_CLASSES:
        rows = [
            (question.classes[at], counts[at, at] / counts[at].sum(), _cell(counts[at], at, words)) for at in range(k)
        ]
        return bars(rows, f"{model} bar", words("figure-confusion"), width)
    sheet = Sheet(width, words("figure-confusion"))
    wide = width >= 600
    left, top, height = (178.0, 48.0, 52.0) if wide else (92.0, 48.0, 46.0)
    cell = min((width - left) / k, 170)
    sheet.text(left + cell * k / 2, 16, words("axis-called"), "soft small mid")
    sheet.text(0, top - 10, words("axis-actual"), "soft small")
    for at, label in enumerate(question.classes):
        sheet.text(left + cell * (at + 0.5), top - 10, shortened(label, cell - 8), "mid", label)
        y = top + height * at
        sheet.text(0, y + height / 2 + 5, shortened(label, left - 12), "", label)
        for to in range(k):
            share = counts[at, to] / counts[at].sum()
            hidden = 0 < counts[at, to] < SMALL
            strength = 0.05 if hidden else 0.06 + 0.8 * share
            sheet.box(
                left + cell * to + 2, y + 2, cell - 4, height - 4, f"{model if at == to else 'guess'} cell", strength
            )
            text = _cell(counts[at], to, words)
            tone = "soft small" if hidden or not counts[at, to] else "strong inverse" if strength > 0.55 else "strong"
            sheet.text(left + cell * (to + 0.5), y + height / 2 + 5, text, f"{tone} mid")
    sheet.height = top + height * k + 4
    return sheet


def _cell(counts: np.ndarray, at: int, words: Words) -> str:
    """A cell's share as text; where a cell of the line is hidden, the others are too coarse to work it out."""
    if 0 < counts[at] < SMALL:
        return words("confusion-few")
    share = counts[at] / counts.sum()
    if np.any((counts > 0) & (counts < SMALL)):
        rounded = round(share * 20) / 20
        return f">\u00a0{words.share(0.95)}" if rounded >= 1 else words.share(rounded)
    return words.share(share)


def calibration(question: Question, outcome: Outcome, model: str, words: Words, width: int) -> Sheet:
    """Measured against predicted in groups of rows of equal size: mean and middle 80 %."""
    groups = calibration_groups(question, outcome, model)
    sheet = Sheet(width, words("figure-calibration"))
    left, bottom_room = 64.0, 46.0
    plot = min(width - left - 10, 440)
    low = min(min(g["p10"], g["predicted"]) for g in groups)
    high = max(max(g["p90"], g["predicted"]) for g in groups)
    pad = (high - low) * 0.05
    x = Scale(low - pad, high + pad, left, left + plot)
    y = Scale(low - pad, high + pad, 20 + plot * 0.8, 20)
    for tick in x.ticks(4):
        sheet.line(x(tick), 20, x(tick), y.start, "grid")
        sheet.line(left, y(tick), left + plot, y(tick), "grid")
        sheet.text(x(tick), y.start + 18, words.number(tick), "soft small mid")
        sheet.text(left - 8, y(tick) + 4, words.number(tick), "soft small end")
    sheet.line(x(x.low), y(x.low), x(x.high), y(x.high), "dash")
    for group in groups:
        sheet.line(x(group["predicted"]), y(group["p10"]), x(group["predicted"]), y(group["p90"]), f"{model} thin")
        sheet.dot(x(group["predicted"]), y(group["measured"]), 5, f"{model} point")
    sheet.text(left + plot / 2, y.start + 38, words("axis-predicted"), "soft mid")
    sheet.text(0, 12, words("axis-measured"), "soft")
    sheet.height = y.start + bottom_room
    return sheet


def calibration_groups(question: Question, outcome: Outcome, model: str) -> list[dict[str, float]]:
    """Up to ten groups of at least ten rows by predicted value: means, and 10th to 90th per cent of the measured."""
    predicted = outcome.predicted[model]
    parts = np.array_split(np.argsort(predicted, kind="stable"), max(2, min(10, question.rows // 10)))
    return [
        {
            "rows": len(rows),
            "predicted": float(predicted[rows].mean()),
            "measured": float(question.y[rows].mean()),
            "p10": float(np.percentile(question.y[rows], 10)),
            "p90": float(np.percentile(question.y[rows], 90)),
        }
        for rows in parts
    ]


def importance(found: list[Importance], metric: str, model: str, words: Words, width: int) -> Sheet:
    """Bars of how much worse the model gets without each column, with the range over folds."""
    sheet = Sheet(width, words("figure-importance"))
    wide = width >= 600
    shown = found[:MOST_BARS]
    left, right, step = (214.0, 84.0, 32.0) if wide else (1.0, 70.0, 46.0)
    x = Scale(min(0.0, *(i.low for i in shown)), max(1e-9, *(i.high for i in shown)), left, width - right)
    for at, column in enumerate(shown):
        y = step * at + (16 if wide else 32)
        room = left - 14 if wide else width - right
        sheet.text(0 if wide else left, y + 5 if wide else y - 13, shortened(column.name, room), "", column.name)
        sheet.box(x(0), y - 8, x(column.mean) - x(0), 16, f"{model} bar")
        sheet.line(x(column.low), y, x(column.high), y, f"{model} thin")
        sheet.text(width, y + 5, importance_text(column.mean, shown[0].mean, metric, words), "end strong")
    sheet.height = step * len(shown) + (8 if wide else 4)
    sheet.line(x(0), 0 if wide else 18, x(0), sheet.height - 6, "grid")
    return sheet


def importance_text(value: float, largest: float, metric: str, words: Words) -> str:
    """A drop as text, in percentage points for shares and the column's unit for errors; next to nothing is 0."""
    if abs(value) < max(0.005 * abs(largest), 5e-4 if metric != "mae" else 0.0):
        return "0"
    shown = value if metric == "mae" else 100 * value
    return words.number(shown, 2 if abs(shown) < 10 else 3)


def bars(rows: list[tuple[str, float, str]], style: str, alt: str, width: int) -> Sheet:
    """Named shares from 0 to 1 as bars."""
    sheet = Sheet(width, alt)
    left, step = (214.0, 28.0) if width >= 600 else (120.0, 28.0)
    x = Scale(0, 1, left, width - 70)
    for at, (name, value, text) in enumerate(rows):
        y = step * at + 14
        sheet.text(0, y + 5, shortened(name, left - 12), "", name)
        sheet.box(x(0), y - 8, x(value) - x(0), 16, style)
        sheet.text(width, y + 5, text, "end strong")
    sheet.height = step * len(rows) + 4
    return sheet
