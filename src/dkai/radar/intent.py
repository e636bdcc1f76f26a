"""What a query is for, told by the tools that answer it best.

Words alone find the tools whose texts happen to have them. When most of the best ones are for transcription, the query
is about transcription, and another tool for that is a better answer than one that shares a word by chance. (Known as
pseudo-relevance feedback, here on the catalogue's tasks instead of on words.)
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

TELLING = 12  # tools that tell what the query is for
_SHARPNESS = 4  # the better one answers, the more it tells
WORTH = 0.7  # of the best tool's own score
_MOST = 4.0  # a tool that was called by its name scores far above all words; that says nothing of others


def task_shares(best: Sequence[tuple[Iterable[str], float]]) -> dict[str, float]:
    """Task → how much of the query it seems to be, 0 to 1. `best` are the best tools' tasks and scores, best first."""
    few = best[:TELLING]
    total = sum(score**_SHARPNESS for _, score in few) or 1.0
    shares: dict[str, float] = {}
    for tasks, score in few:
        for task in tasks:
            shares[task] = shares.get(task, 0.0) + score**_SHARPNESS / total
    return shares


def bonus(tasks: Iterable[str], shares: dict[str, float], best_score: float) -> float:
    """What a tool for these tasks gains."""
    return WORTH * min(best_score, _MOST) * max((shares.get(task, 0.0) for task in tasks), default=0.0)
