"""Queries with judged answers, and how good a ranking is by them.

`queries.yaml` was written for this: lay wording, half Danish, each with the tools that answer it and how well (3: what
one would hope for, 2: good, 1: of some use). Half of the queries (`split: test`) were not looked at while the search
was being made better.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log2
from pathlib import Path
from typing import Any

import yaml

FILE = Path(__file__).with_name("queries.yaml")


@dataclass(frozen=True)
class Judged:
    """One query."""

    text: str
    language: str  # da or en
    split: str  # dev or test
    grades: Mapping[str, int]  # tool id → 1 to 3


def read_queries(path: Path = FILE) -> list[Judged]:
    """All of them, in the file's order."""
    read: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return [Judged(one["q"], one["lang"], one["split"], one["relevant"]) for one in read["queries"]]


def ndcg(found: Sequence[str], grades: Mapping[str, int], depth: int = 10) -> float:
    """Normalised discounted cumulative gain: 1 where the best answers come first, in the best order (Järvelin and
    Kekäläinen 2002, doi:10.1145/582415.582418, with gain 2^grade − 1)."""

    def gain(grade: int, place: int) -> float:
        return float(2**grade - 1) / log2(place + 2)

    got = sum(gain(grades.get(id_, 0), place) for place, id_ in enumerate(found[:depth]))
    best = sum(gain(grade, place) for place, grade in enumerate(sorted(grades.values(), reverse=True)[:depth]))
    return got / best


def recall(found: Sequence[str], grades: Mapping[str, int], depth: int = 5) -> float:
    """The share of the good answers (grade 2 and 3) among the first `depth`, of as many as could be there."""
    good = {id_ for id_, grade in grades.items() if grade >= 2} or set(grades)
    return len(good & set(found[:depth])) / min(len(good), depth)
