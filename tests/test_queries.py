"""The judged queries are about the shipped radar, and as many and as mixed as they are said to be."""

from __future__ import annotations

from collections import Counter

import pytest
from judged import ndcg, read_queries, recall

from dkai.catalogue.open import open_catalogue


def test_every_judged_tool_exists() -> None:
    known = {id_ for _, id_, _ in open_catalogue().names(("tool",))}
    assert not {tool for query in read_queries() for tool in query.grades} - known


def test_they_are_many_half_danish_and_half_held_out() -> None:
    queries = read_queries()
    assert len(queries) >= 120
    assert len({query.text for query in queries}) == len(queries)
    languages = Counter(query.language for query in queries)
    assert languages["da"] == languages["en"]
    splits = Counter((query.language, query.split) for query in queries)
    assert len(set(splits.values())) == 1
    assert all(3 in query.grades.values() for query in queries)
    assert {grade for query in queries for grade in query.grades.values()} == {1, 2, 3}


def test_the_measures_are_what_they_are_called() -> None:
    grades = {"a": 3, "b": 1}
    assert ndcg(["a", "b"], grades) == 1.0
    assert ndcg([], grades) == 0.0
    assert ndcg(["b", "a"], grades) == pytest.approx((1 + 7 / 1.584962500721156) / (7 + 1 / 1.584962500721156))
    assert recall(["x", "a"], grades) == 1.0  # b is of some use only
    assert recall(["b"], grades) == 0.0
    assert recall(["b"], {"b": 1}) == 1.0  # where nothing is better, it counts
