"""Orders, and answers that read no more than they show."""

from __future__ import annotations

from datetime import date

import pytest

from catalogue.samples import tool
from dkai.catalogue.catalogue import Entry
from dkai.radar import search as searching
from dkai.radar.order import ORDERS
from dkai.radar.search import list_tools, search
from dkai.radar.wishes import Filters

TODAY = date(2026, 11, 24)


def sorted_by(order: str, **each: dict) -> list[str]:
    tools = [Entry("tool", id_, tool(id_, **changes)) for id_, changes in each.items()]
    return [one.id for one in sorted(tools, key=ORDERS[order])]


@pytest.mark.parametrize(
    ("order", "path", "values", "expected"),
    [
        ("effectiveness", "effectiveness__score", (3, "unknown", 5), "cab"),
        ("ease", "ease__score", (1, 2, "unknown"), "bac"),
        ("data-protection", "data_protection__score", ("unknown", 4, 4), "bca"),
        ("ring", "ring__now", ("hold", "adopt", "trial"), "bca"),
        ("name", "name", ("Øre", "abe", "Zebra"), "bca"),
        ("reviewed", "ease__checked", ("2026-10-01", "2026-10-30", "2026-09-01"), "bac"),
    ],
)
def test_the_best_comes_first_and_the_unknown_last(order: str, path: str, values: tuple, expected: str) -> None:
    assert "".join(sorted_by(order, **{n: {path: v} for n, v in zip("abc", values, strict=True)})) == expected


def test_the_least_gpu_memory_comes_first() -> None:
    big = {"prerequisites__gpu": "required", "prerequisites__gpu_memory_gb": [{"size": "x", "gb": 24}]}
    assert sorted_by("gpu-memory", a=big, b={"prerequisites__gpu": "required"}, c={"prerequisites__gpu": "none"}) == [
        "c", "a", "b",
    ]  # fmt: skip


@pytest.fixture
def shelf(made):
    interview = {"da": ["interview"], "en": ["interview"]}
    rings = ("hold", "assess", "trial", "adopt")
    return made(*(tool(f"t{i:03d}", search_words=interview, ring__now=rings[i % 4]) for i in range(120)))


def test_reading_late_changes_nothing(shelf, monkeypatch) -> None:
    """The first ten of a lazy answer are the first ten of a whole one, and the counts are the same."""
    few = search(shelf, "interview", Filters(), TODAY, limit=10)
    whole = search(shelf, "interview", Filters(), TODAY, limit=0)
    assert [one.id for one in few.items] == [one.id for one in whole.items[:10]]
    assert (few.found, few.fitting) == (whole.found, whole.fitting) == (120, 120)
    monkeypatch.setattr(searching, "_AT_ONCE", 1)
    assert search(shelf, "interview", Filters(), TODAY, limit=10) == few


def test_an_answer_can_be_sorted_by_a_criterion(shelf) -> None:
    by_name = search(shelf, "interview", Filters(), TODAY, limit=3, sort="name")
    assert [one.id for one in by_name.items] == ["t000", "t001", "t002"]
    assert by_name.sort == "name"
    assert [one.ring for one in list_tools(shelf, Filters(), TODAY, limit=1, sort="name").items] == ["hold"]
