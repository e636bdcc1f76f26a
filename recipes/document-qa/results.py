"""The figures for a program, and the answers for a spreadsheet."""

from typing import Any

from page import Report
from personal import masked
from spreadsheet import write_table
from words import Words


def summary(report: Report, words: Words) -> dict[str, Any]:
    """Every question with its places and, where a model wrote, its checked answer."""
    answers = report.answers or [None] * len(report.looked)
    return {
        "documents": report.files,
        "passages": report.passages,
        "found": sum(one.found for one in report.looked),
        "false_alarms": report.alarms,
        "answers_with_all_quotations_found": sum(a.checked for a in report.answers) if report.answers else None,
        "questions": [
            {
                "question": masked(one.question, words),
                "language": one.language,
                "found": one.found,
                "cover": round(one.cover, 4),
                "limit": round(one.limit, 4),
                "places": [
                    {
                        "number": source.number,
                        "file": source.passage.piece.file,
                        "row_or_page": source.passage.piece.at or None,
                        "cover": round(source.cover, 4),
                        "quotation": [masked(sentence, words) for sentence in source.quoted],
                    }
                    for source in one.sources
                ],
                "model": None
                if answer is None
                else {
                    "answer": masked(answer.text, words),
                    "not_in_the_documents": answer.refused,
                    "all_quotations_found": answer.checked,
                    "sentences": [
                        {"text": masked(c.text, words), "cites": list(c.numbers), "check": c.status}
                        for c in answer.claims
                    ],
                },
            }
            for one, answer in zip(report.looked, answers, strict=True)
        ],
        "params": dict(report.params),
        "made_with": dict(report.origin),
    }


def write_answers(report: Report, words: Words) -> None:
    """answers.csv: one line a place, the best first."""
    answers = report.answers or [None] * len(report.looked)
    heads = ("question", "status", "answer", "checked", "rank", "file", "at", "cover", "quote")
    write_table(
        "answers.csv",
        [words(f"head-{key}") for key in heads],
        (
            (
                masked(one.question, words),
                words("yes" if one.found else "no"),
                "" if answer is None else masked(answer.text, words),
                "" if answer is None else words("yes" if answer.checked else "no"),
                source.number,
                source.passage.piece.file,
                source.passage.piece.at or None,
                source.cover,
                masked(" ".join(source.quoted), words),
            )
            for one, answer in zip(report.looked, answers, strict=True)
            for source in one.sources
        ),
        words,
    )
