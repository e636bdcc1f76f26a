"""The report: better than a guess or not, what is confused, when to ask a human, and whether more labels help."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

import webpage
from charts import Bar, Line, bars, lines, matrix
from compare import Comparison
from doubt import Asking, trade
from drawing import Sheet
from labelled import Labelled
from learning import SHARES, Curve
from models import BASELINE, GUESS, METRICS
from personal import texts_with, warnings
from validation import Outcome
from words import SMALL, Words

MOST_IN_MATRIX = 10
MAIN = METRICS[0]


@dataclass(frozen=True)
class Report:
    """All that the page shows."""

    data: Labelled
    outcome: Outcome
    comparison: Comparison | None
    curve: Curve
    asking: Asking
    doubtful: Sequence[int]
    telling: Sequence[Sequence[str]]
    unknown: np.ndarray  # probabilities of the texts without a label
    remarks: Sequence[str]
    params: Mapping[str, Any]
    origin: Mapping[str, Any]

    @property
    def transformer(self) -> bool:
        """Whether the fine-tuned model is the one to take."""
        return self.comparison is not None and self.comparison.earned

    @property
    def probability(self) -> np.ndarray:
        """Out-of-fold probabilities of the model to take."""
        return self.comparison.probability if self.comparison and self.transformer else self.outcome.probability

    @property
    def ask(self) -> np.ndarray:
        """Which of the texts without a label a human should look at."""
        sure = self.unknown.max(axis=1) if len(self.unknown) else np.zeros(0)
        return sure < (2.0 if self.asking.limit is None else self.asking.limit)

    @property
    def verdict(self) -> str:
        """yes, little or no: the gain over the guess."""
        mean, low, _ = self.comparison_gain
        return "no" if low <= 0 else "little" if mean < 0.05 else "yes"

    @property
    def comparison_gain(self) -> tuple[float, float, float]:
        """The baseline's gain over the guess; what a fine-tuned model adds comes on top."""
        return self.outcome.gain()


def model_name(report: Report, words: Words) -> str:
    """The name of the model to take."""
    return report.comparison.name if report.comparison and report.transformer else words(BASELINE)


def page(report: Report, words: Words) -> str:
    """The whole report."""
    data, outcome, asking = report.data, report.outcome, report.asking
    if report.comparison and report.transformer:
        mean, (low, high) = report.comparison.scores[MAIN], report.comparison.interval
    else:
        mean, (low, high) = outcome.mean(BASELINE, MAIN), outcome.interval(BASELINE, MAIN)
    lead = words(
        "lead",
        model=model_name(report, words),
        score=words.share(mean),
        low=words.share(low),
        high=words.share(high),
        guess=words.share(outcome.mean(GUESS, MAIN)),
    )
    asked = 1.0 - asking.kept if asking.right is not None else 1.0
    notes = _notes(report, words)
    body = [
        webpage.answer(words(report.verdict), lead),
        webpage.answer("", _ask_lead(asking, words)) if report.verdict != "no" else "",
        webpage.tiles(
            [
                (words.share(mean), words("tile-score")),
                (words.share(outcome.mean(GUESS, MAIN)), words("tile-guess")),
                (words.whole(len(data.y)), words("tile-texts")),
                (words.share(asked), words("tile-ask")),
            ]
        ),
        *_scores(report, words),
        *_earned(report, words),
        *_confusion(report, words),
        *_ask(report, words),
        *_curve(report, words),
        webpage.heading(words("h-doubt")),
        webpage.paragraph(
            words("doubt", n=words.few(len(report.doubtful)), column=words.quote(words("head-doubt")))
            if report.doubtful
            else words("doubt-none")
        ),
        *_words(report, words),
        *_unknown(report, words),
        webpage.heading(words("h-warnings")) if notes else "",
        *(webpage.note(text) for text in notes),
        webpage.heading(words("h-not")),
        webpage.listed(words(key) for key in ("not-truth", "not-new", "not-person")),
        webpage.heading(words("h-method")),
        webpage.listed(_method(report, words)),
    ]
    title = words("title", n=len(data.classes))
    return webpage.page(words, title, body, words("footer", **report.origin), kicker=words("kicker"))


def _ask_lead(asking: Asking, words: Words) -> str:
    if asking.right is None or asking.limit is None:
        return words("lead-never", wanted=words.share(asking.wanted))
    return words("lead-ask", kept=words.share(asking.kept), right=words.share(asking.right))


def _scores(report: Report, words: Words) -> list[str]:
    outcome, comparison = report.outcome, report.comparison
    rows = [(words(GUESS), "guess", outcome.mean(GUESS, MAIN), outcome.interval(GUESS, MAIN))]
    rows.append((words("baseline-short"), "linear", outcome.mean(BASELINE, MAIN), outcome.interval(BASELINE, MAIN)))
    if comparison:
        rows.append((comparison.name, "boosting", comparison.scores[MAIN], comparison.interval))

    def draw(width: int) -> Sheet:
        items = [
            Bar(name, value, words.share(value), look, *((None, None) if look == "guess" else interval))
            for name, look, value, interval in rows
        ]
        alt = words("alt-scores", values=words.listed(f"{item.name} {item.text}" for item in items))
        return bars(items, width, alt, mark=outcome.mean(GUESS, MAIN))

    heads = [words("col-model"), *(words(metric) for metric in METRICS)]
    table = [
        [words(model), *(words.share(outcome.mean(model, metric)) for metric in METRICS)] for model in (GUESS, BASELINE)
    ]
    if comparison:
        table.append([comparison.name, *(words.share(comparison.scores[metric]) for metric in METRICS)])
    return [
        webpage.heading(words("h-scores")),
        webpage.figure(draw, words("caption-scores")),
        webpage.table(heads, table, numbers=(1, 2, 3)),
    ]


def _points(value: float, words: Words) -> str:
    return words.marks(f"{100 * value:.1f}")


def _earned(report: Report, words: Words) -> list[str]:
    found = report.comparison
    if found is None:
        return []
    mean, low, high = found.gain
    text = words(
        "earned" if found.earned else "not-earned",
        name=found.name,
        gain=_points(mean, words),
        low=_points(low, words),
        high=_points(high, words),
    )
    return [webpage.heading(words("h-earned")), webpage.paragraph(text)]


def confusion(report: Report) -> np.ndarray:
    """How many texts of each class (lines) are called what (columns)."""
    k = len(report.data.classes)
    counts = np.zeros((k, k), dtype=int)
    np.add.at(counts, (report.data.y, report.probability.argmax(axis=1)), 1)
    return counts


def _confusion(report: Report, words: Words) -> list[str]:
    classes = report.data.classes
    if len(classes) > MOST_IN_MATRIX:
        return []
    counts = confusion(report)
    shares = counts / counts.sum(axis=1, keepdims=True)
    hidden = (counts > 0) & (counts < SMALL)
    texts = []
    for line in range(len(classes)):
        # Where a cell of the line is hidden, the others are rounded so coarsely that it cannot be worked out.
        coarse = hidden[line].any()
        cells = []
        for at in range(len(classes)):
            share = shares[line, at]
            rounded = min(0.95, round(share * 10) / 10) if coarse and share else share
            cells.append(
                words("few-cell") if hidden[line, at] else ("≈" if coarse and share else "") + words.share(rounded)
            )
        texts.append(cells)

    def draw(width: int) -> Sheet:
        shown = np.where(hidden, 0.02, shares).tolist()
        alt = words("h-confusion")
        return matrix(classes, shown, texts, width, alt, words("axis-called"), words("axis-actual"))

    return [webpage.heading(words("h-confusion")), webpage.figure(draw, words("caption-confusion"))]


def _ask(report: Report, words: Words) -> list[str]:
    asking = report.asking
    made = [webpage.heading(words("h-ask"))]
    if asking.limit is not None and asking.right is not None:
        text = words(
            "ask-limit",
            limit=words.share(asking.limit),
            kept=words.share(asking.kept),
            right=words.share(asking.right),
            all=words.share(asking.right_of_all),
        )
        made.append(webpage.paragraph(text))
    else:
        made.append(webpage.paragraph(words("lead-never", wanted=words.share(asking.wanted))))
    points = trade(report.probability, report.data.y)
    if len(points) < 2:
        return made
    low = min(0.9, *(value for _, value in points)) - 0.05

    def draw(width: int) -> Sheet:
        ticks = [(share, words.share(share)) for share, _ in points]
        wanted = Line(words("wanted-mark"), [(points[0][0], asking.wanted), (points[-1][0], asking.wanted)], "guess")
        found = Line(words("axis-right"), points)
        return lines(
            [found, wanted], width, words("caption-ask", wanted=""), ticks, low=max(0.0, low), show=words.share
        )

    return [*made, webpage.figure(draw, words("caption-ask", wanted=words.share(asking.wanted)))]


def _curve(report: Report, words: Words) -> list[str]:
    curve = report.curve
    mean = curve.mean()
    gain = float(mean[-1] - mean[SHARES.index(0.6)])
    points = [(float(n), float(value)) for n, value in zip(curve.labels, mean, strict=True)]
    spread = [curve.interval(at) for at in range(len(points))]
    low = max(0.0, min(low for low, _ in spread) - 0.05)

    def draw(width: int) -> Sheet:
        ticks = [(n, str(int(n))) for n, _ in points]
        line = Line(words("baseline-short"), points, "linear", spread)
        return lines(
            [line], width, words("caption-curve"), ticks, low=low, label=words("axis-labels"), show=words.share
        )

    return [
        webpage.heading(words("h-curve")),
        webpage.paragraph(words(f"curve-{curve.verdict}", gain=_points(gain, words))),
        webpage.figure(draw, words("caption-curve")),
    ]


def _words(report: Report, words: Words) -> list[str]:
    counts = confusion(report)
    rows = []
    for at, name in enumerate(report.data.classes):
        total, right = int(counts[at].sum()), int(counts[at, at])
        wrong = total - right
        shown = words.share(right / total) if wrong == 0 or (wrong >= SMALL and right >= SMALL) else (
            f"≈\u00a0{words.share(min(0.95, round(right / total * 10) / 10))}"
        )  # fmt: skip
        rows.append((name, words.few(total), shown, ", ".join(report.telling[at])))
    heads = [words(f"col-{key}") for key in ("class", "texts", "right", "words")]
    return [
        webpage.heading(words("h-words")),
        webpage.table(heads, rows, numbers=(1, 2)),
        webpage.paragraph(words("words-note"), soft=True),
    ]


def _unknown(report: Report, words: Words) -> list[str]:
    made = [webpage.heading(words("h-unknown"))]
    n = len(report.unknown)
    if not n:
        return [*made, webpage.paragraph(words("unknown-none"))]
    text = words("unknown", n=words.few(n), model=model_name(report, words), ask=words.few(int(report.ask.sum())))
    return [*made, webpage.paragraph(text), webpage.paragraph(words("unknown-shares"))]


def _notes(report: Report, words: Words) -> list[str]:
    data = report.data
    notes = [*report.remarks, *data.remarks]
    if data.twins:
        notes.append(words("twins", n=words.few(data.twins)))
    sizes = np.bincount(data.y)
    if sizes.max() > 5 * sizes.min():
        notes.append(words("uneven"))
    if report.params["group"] is None:
        notes.append(words("no-group"))
    counts = texts_with([*data.texts, *(piece.text for piece in data.unknown)])
    return notes + warnings(counts, words)[:-1]  # no passage is quoted on this page


def _method(report: Report, words: Words) -> list[str]:
    params = report.params
    said = [
        words("method-baseline"),
        words("method-cv", folds=report.outcome.folds, repeats=report.outcome.repeats),
    ]
    if params["group"]:
        said.append(words("method-groups", group=words.quote(params["group"])))
    said.append(words("method-doubt"))
    if report.comparison:
        values = {"epochs": params["epochs"], "rate": params["learning_rate"], "tokens": params["max_tokens"]}
        said.append(words("method-transformer", name=report.comparison.name, device=report.comparison.device, **values))
    return said
