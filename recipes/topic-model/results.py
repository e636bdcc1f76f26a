"""The figures for a program, and the tables for a spreadsheet."""

from typing import Any

import numpy as np

from page import Report, names, sizes
from spreadsheet import write_table
from trend import wilson
from words import SMALL, Words


def summary(report: Report, words: Words) -> dict[str, Any]:
    """Aggregates only: no text, and counts of 1 to 4 texts are null."""
    corpus, found = report.corpus, report.found
    return {
        "verdict": {"code": found.verdict, "text": words(found.verdict, n=len(found.top))},
        "texts": len(corpus.units),
        "unit": corpus.kind,
        "words": len(corpus.vocabulary),
        "number_of_topics": len(found.top),
        "stability": round(found.stability, 4),
        "stability_by_chance": [round(value, 4) for value in found.chance],
        "coherence": round(float(np.mean(found.coherence)), 4),
        "coherence_of_light_method": report.light_coherence,
        "share_with_a_clear_topic": round(found.clear, 4),
        "topics": [
            {
                "topic": at + 1,
                "words": [corpus.shown[word] for word in top],
                "texts": _few(n),
                "stability": round(found.each[at], 4),
                "coherence": round(found.coherence[at], 4),
                "trend": _trend(report, at),
            }
            for at, (top, n) in enumerate(zip(found.top, sizes(found), strict=True))
        ],
        "tried": [
            {"topics": t.topics, "stability": round(t.stability, 4), "coherence": round(t.coherence, 4)}
            for t in found.tried
        ],
        "years": [
            {"year": y.year, "texts": _few(y.texts), "of_topic": [_few(n) for n in y.of_topic]} for y in report.years
        ],
        "params": dict(report.params),
        "made_with": dict(report.origin),
    }


def _few(count: int) -> int | None:
    return None if 0 < count < SMALL else count


def _trend(report: Report, at: int) -> dict[str, Any] | None:
    if not report.trends:
        return None
    trend = report.trends[at]
    return {"direction": trend.direction, "slope_a_year": round(trend.slope, 4), "p": round(trend.p, 5)}


def write_tables(report: Report, words: Words) -> None:
    """topics.csv, documents.csv and years.csv."""
    corpus, found = report.corpus, report.found
    named = names(corpus, found)
    write_table(
        "topics.csv",
        [words(f"head-{key}") for key in ("topic", "words", "texts", "share", "stability", "coherence")],
        (
            (
                at + 1,
                ", ".join(corpus.shown[word] for word in found.top[at]),
                words.few(n),
                None if 0 < n < SMALL else n / len(corpus.units),
                found.each[at],
                found.coherence[at],
            )
            for at, n in enumerate(sizes(found))
        ),
        words,
    )
    weights = [words("head-weight", n=at) for at in range(1, len(named) + 1)]
    write_table(
        "documents.csv",
        [*(words(f"head-{key}") for key in ("file", "at", "part", "year", "topic", "words")), *weights],
        (
            (
                unit.piece.file,
                unit.piece.at or None,
                unit.part or None,
                unit.year,
                main + 1 if main >= 0 else None,
                named[main].split(". ", 1)[1] if main >= 0 else None,
                *(float(weight) for weight in found.weights[at]),
            )
            for at, (unit, main) in enumerate(zip(corpus.units, found.main.tolist(), strict=True))
        ),
        words,
    )
    write_table(
        "years.csv",
        [words(f"head-{key}") for key in ("year", "topic", "words", "texts", "share")] + ["95%_low", "95%_high"],
        (
            (
                year.year,
                at + 1,
                named[at].split(". ", 1)[1],
                words.few(n),
                *((None,) * 3 if 0 < n < SMALL else (n / year.texts, *wilson(n, year.texts))),
            )
            for year in report.years
            for at, n in enumerate(year.of_topic)
        ),
        words,
    )
