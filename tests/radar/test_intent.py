"""What the best answers are for tells what the query is for."""

from __future__ import annotations

from datetime import date

import pytest

from catalogue.samples import tool
from dkai.radar.intent import TELLING, WORTH, bonus, task_shares
from dkai.radar.search import search
from dkai.radar.wishes import Filters


def test_the_better_one_answers_the_more_it_tells() -> None:
    shares = task_shares([(["transcription"], 2.0), (["writing"], 1.0)])
    assert shares == pytest.approx({"transcription": 16 / 17, "writing": 1 / 17})
    assert task_shares([]) == {}
    assert task_shares([(["a"], 0.0)]) == {"a": 0.0}


def test_only_the_best_are_asked() -> None:
    many = [(["first"], 1.0)] * TELLING + [(["last"], 1.0)]
    assert "last" not in task_shares(many)


def test_the_likeliest_task_counts_and_none_costs_nothing() -> None:
    shares = {"transcription": 0.9, "writing": 0.1}
    assert bonus(["writing", "transcription"], shares, 2.0) == pytest.approx(WORTH * 2.0 * 0.9)
    assert bonus(["ocr"], shares, 2.0) == 0.0
    assert bonus([], shares, 2.0) == 0.0
    # A tool that was called by its name scores far above all words, and does not pull its kind along.
    assert bonus(["transcription"], shares, 1000.0) < 5.0


def test_another_tool_for_the_same_comes_before_one_that_shares_a_word(made) -> None:
    talk = {"da": ["optagelse af samtale"], "en": ["recorded talk"]}
    shelf = made(
        tool("one", tasks=["transcription"], search_words=talk),
        tool("two", tasks=["transcription"], search_words=talk),
        tool("three", tasks=["transcription"], search_words=talk),
        tool("same", tasks=["transcription"], search_words={"da": ["samtale"], "en": ["talk"]}),
        tool("chance", tasks=["geodata"], search_words={"da": ["samtale"], "en": ["talk"]}),
    )
    ids = [one.id for one in search(shelf, "recorded talk", Filters(), date(2026, 11, 24)).items]
    assert ids.index("same") < ids.index("chance")
    assert set(ids[:3]) == {"one", "two", "three"}
