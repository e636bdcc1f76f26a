"""Courses for a gap: what covers most comes first, and says what speaks for and against it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from catalogue.samples import both, course, write
from dkai.catalogue import open as opening
from dkai.catalogue.added import own_folder
from dkai.catalogue.catalogue import Catalogue
from dkai.catalogue.open import open_catalogue
from dkai.core import paths
from dkai.core.i18n import use_language
from dkai.skills.courses import CourseHit, find_courses

TODAY = date(2026, 11, 23)


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Catalogue:
    empty = tmp_path / "entries"
    empty.mkdir()
    monkeypatch.setattr(paths, "entries_dir", lambda: empty)
    monkeypatch.setattr(opening, "shipped_index", lambda: tmp_path / "index.sqlite")
    held = {"format": "scheduled"}
    write(
        own_folder(),
        course("both", trains=["prompting", "genai-basics"], level="intermediate", languages=["en"]),
        course("danish", trains=["prompting"], languages=["da", "en"]),
        course("english", trains=["prompting"], languages=["en"]),
        course("paid", trains=["prompting"], price={"dkk": 500}),
        course("some-pay", trains=["prompting"], price=[{"dkk": 0, "for": "PhD students"}, {"dkk": 900}]),
        course("over", trains=["prompting"], dates=[{"start": "2026-01-10", "end": "2026-01-12"}], **held),
        course("again", trains=["prompting"], dates=[{"start": "2026-01-10"}], recurs=both("Ja.", "Yes."), **held),
        course("coming", trains=["mlops"], dates=[{"start": "2026-02-01"}, {"start": "2027-02-01"}], **held),
        course("today", trains=["mlops"], dates=[{"start": "2026-11-20", "end": "2026-11-23"}], **held),
        course("deep", trains=["deep-learning"], requires=["programming"], price="unknown",
               unknown=[{"field": "price", "why": both("Ikke oplyst.", "Not stated.")}]),
    )  # fmt: skip
    return open_catalogue()


def ids(hits: list[CourseHit]) -> list[str]:
    return [hit.id for hit in hits]


def test_what_covers_most_comes_first(shelf: Catalogue) -> None:
    hits = find_courses(shelf, ["prompting", "genai-basics"], today=TODAY, limit=3)
    assert ids(hits) == ["both", "danish", "english"]
    assert hits[0].trains == ("prompting", "genai-basics")


def test_level_and_language_are_wishes(shelf: Catalogue) -> None:
    hits = find_courses(shelf, ["prompting"], level="basic", language="da", today=TODAY)
    assert hits[0].id == "danish"
    assert hits[0].caveats == ()
    assert "in Danish, English" in hits[0].reasons
    assert "level: basic" in hits[0].reasons
    english = next(hit for hit in hits if hit.id == "english")
    assert english.caveats == ("in English",)
    last = find_courses(shelf, ["prompting"], level="basic", today=TODAY, limit=99)[-1]
    assert (last.id, last.caveats) == ("both", ("level: intermediate",))


def test_price(shelf: Catalogue) -> None:
    free = {hit.id: hit.free for hit in find_courses(shelf, ["prompting", "deep-learning"], limit=99)}
    assert free["danish"] is True
    assert free["paid"] is False
    assert free["some-pay"] is None
    assert free["deep"] is None


def test_a_course_that_is_over_is_not_shown(shelf: Catalogue) -> None:
    shown = ids(find_courses(shelf, ["prompting"], today=TODAY, limit=99))
    assert "over" not in shown
    assert "again" in shown
    assert "over" in ids(find_courses(shelf, ["prompting"], limit=99))


def test_the_next_date(shelf: Catalogue) -> None:
    hits = {hit.id: hit for hit in find_courses(shelf, ["mlops", "prompting"], today=TODAY, limit=99)}
    assert hits["coming"].next_start == "2027-02-01"
    assert "starts 2027-02-01" in hits["coming"].reasons
    assert hits["today"].next_start is None  # it has begun
    assert hits["again"].caveats == ("no coming date known",)


def test_what_it_takes_for_granted_is_said(shelf: Catalogue) -> None:
    (hit,) = find_courses(shelf, ["deep-learning"], today=TODAY)
    assert hit.requires == ("programming",)
    assert hit.caveats == ("needs programming first",)
    use_language("da")
    (hit,) = find_courses(shelf, ["deep-learning"], today=TODAY)
    assert hit.caveats == ("kræver programmering først",)


def test_nothing_asked_nothing_found(shelf: Catalogue) -> None:
    assert find_courses(shelf, []) == []
    assert find_courses(shelf, ["juggling"]) == []
    assert find_courses(shelf, ["prompting"], limit=0) == []
