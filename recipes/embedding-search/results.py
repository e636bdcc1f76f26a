"""The figures for a program, the tables for a spreadsheet, and the index for whoever wants to search on."""

import io
from typing import Any

import numpy as np

import judge
import task
from page import Report
from personal import masked
from spreadsheet import write_table
from words import Words


def summary(report: Report) -> dict[str, Any]:
    """What was found, by place; no passages."""
    chance = judge.by_chance(report.judged, report.files) if report.judged else (None, None)
    return {
        "documents": report.files,
        "passages": len(report.passages),
        "searches": [
            {
                "search": one.query,
                "weak": one.weak if report.light else None,
                "limit": round(one.limit, 4),
                "hits": [
                    {
                        "file": report.passages[hit.passage].piece.file,
                        "row_or_page": report.passages[hit.passage].piece.at or None,
                        "passage": report.passages[hit.passage].part,
                        "word_score": round(hit.words, 4),
                        "likeness": round(hit.meaning, 4),
                        "cover": round(hit.cover, 4),
                    }
                    for hit in one.hits
                ],
            }
            for one in report.found
        ],
        "judged": len(report.judged),
        "quality": {
            method: {"first_right": round(one.first, 4), "recall_at_5": round(one.recall, 4)}
            for method, one in report.quality.items()
        }
        | ({"chance": {"first_right": round(chance[0], 4), "recall_at_5": round(chance[1], 4)}} if chance[0] else {}),  # type: ignore[arg-type]
        "near_duplicates": len(report.pairs),
        "params": dict(report.params),
        "made_with": dict(report.origin),
    }


def write_tables(report: Report, vectors: np.ndarray, words: Words) -> None:
    """hits.csv, passages.csv, duplicates.csv and index.npz."""
    passages = report.passages
    write_table(
        "hits.csv",
        [
            words(f"head-{key}")
            for key in ("query", "rank", "file", "at", "part", "words", "meaning", "cover", "weak", "text")
        ],
        (
            (
                masked(one.query, words),
                hit.rank,
                passages[hit.passage].piece.file,
                passages[hit.passage].piece.at or None,
                passages[hit.passage].part,
                hit.words,
                hit.meaning,
                hit.cover,
                "x" if report.light and one.weak else "",
                masked(passages[hit.passage].text, words),
            )
            for one in report.found
            for hit in one.hits
        ),
        words,
    )
    write_table(
        "passages.csv",
        [words(f"head-{key}") for key in ("file", "at", "part", "text")],
        ((p.piece.file, p.piece.at or None, p.part, masked(p.text, words)) for p in passages),
        words,
    )
    write_table(
        "duplicates.csv",
        [words(f"head-{key}") for key in ("file", "at", "file2", "at2", "alike")],
        (
            (
                passages[pair.first].piece.file,
                passages[pair.first].piece.at or None,
                passages[pair.second].piece.file,
                passages[pair.second].piece.at or None,
                pair.alike,
            )
            for pair in report.pairs
        ),
        words,
    )
    packed = io.BytesIO()
    np.savez_compressed(packed, vectors=np.asarray(vectors, dtype=np.float32))
    task.write("index.npz", packed.getvalue(), words)
