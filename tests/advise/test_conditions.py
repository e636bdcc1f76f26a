"""Yes, no and maybe; “I don't know” is not “not asked yet”."""

from __future__ import annotations

import pytest

from dkai.advise.answers import view
from dkai.advise.conditions import ALWAYS, UNKNOWN, All, AnyOf, Compare, Condition, Not, Truth, comparisons, names_in
from dkai.advise.knowledge import shipped_knowledge

KNOWN = shipped_knowledge()
PEOPLE = Compare("people", frozenset({"sensitive"}))
CPR = Compare("kinds", frozenset({"cpr"}))
AU = Compare("institution", frozenset({"au"}))


def judge(condition: Condition, **answers):
    return condition.judge(view(answers, KNOWN))


def test_answered_is_yes_or_no_and_says_by_what() -> None:
    assert judge(PEOPLE, people="sensitive").truth is Truth.YES
    assert judge(PEOPLE, people="none").truth is Truth.NO
    assert judge(PEOPLE, people="none").because == {"people"}


def test_not_asked_is_open() -> None:
    verdict = judge(PEOPLE)
    assert (verdict.truth, verdict.open, verdict.unsure) == (Truth.MAYBE, {"people"}, frozenset())


def test_i_dont_know_stays_maybe_and_is_not_open() -> None:
    verdict = judge(PEOPLE, people=UNKNOWN)
    assert (verdict.truth, verdict.open, verdict.unsure) == (Truth.MAYBE, frozenset(), {"people"})


def test_i_dont_know_can_be_asked_for() -> None:
    assert judge(Compare("people", frozenset({"ordinary", UNKNOWN})), people=UNKNOWN).truth is Truth.YES


def test_said_counts_i_dont_know_as_no() -> None:
    assert judge(Compare("people", frozenset({"sensitive"}), said=True), people=UNKNOWN).truth is Truth.NO
    assert judge(Compare("people", frozenset({"sensitive"}), said=True)).truth is Truth.MAYBE


def test_a_question_that_makes_no_sense_is_no_and_one_that_waits_is_open_for_what_it_waits_for() -> None:
    # Which sensitive kinds is asked only when there are any.
    assert judge(CPR, people="none").truth is Truth.NO
    assert judge(CPR).open == {"people"}
    assert judge(CPR, people=UNKNOWN).unsure == {"people"}
    assert judge(CPR, people="sensitive").open == {"kinds"}
    # What was said counts all the same: that it contradicts something is said elsewhere.
    assert judge(CPR, people="none", kinds=("cpr",)).truth is Truth.YES
    assert judge(CPR, kinds=("cpr",)).truth is Truth.YES


def test_several_answers_hold_at_once() -> None:
    both = {"people": "sensitive", "kinds": ("cpr", "health")}
    assert judge(CPR, **both).truth is Truth.YES
    assert judge(Compare("kinds", frozenset({"criminal"})), **both).truth is Truth.NO
    assert judge(CPR, people="sensitive", kinds=()).truth is Truth.NO


@pytest.mark.parametrize(
    ("parts", "every", "some"),
    [
        (("au", "sensitive"), Truth.YES, Truth.YES),
        (("au", "none"), Truth.NO, Truth.YES),
        (("ku", "none"), Truth.NO, Truth.NO),
        (("au", UNKNOWN), Truth.MAYBE, Truth.YES),
        (("ku", UNKNOWN), Truth.NO, Truth.MAYBE),
        ((UNKNOWN, UNKNOWN), Truth.MAYBE, Truth.MAYBE),
    ],
)
def test_all_any_and_not(parts: tuple[str, str], every: Truth, some: Truth) -> None:
    answers = {"institution": parts[0], "people": parts[1]}
    assert judge(All((AU, PEOPLE)), **answers).truth is every
    assert judge(AnyOf((AU, PEOPLE)), **answers).truth is some
    opposite = {Truth.YES: Truth.NO, Truth.NO: Truth.YES, Truth.MAYBE: Truth.MAYBE}
    assert judge(Not(AnyOf((AU, PEOPLE))), **answers).truth is opposite[some]


def test_what_is_settled_waits_for_nothing() -> None:
    assert judge(All((AU, PEOPLE)), institution="ku").open == frozenset()
    assert judge(All((AU, PEOPLE)), institution="au").open == {"people"}


def test_empty_conditions() -> None:
    assert judge(ALWAYS).truth is Truth.YES
    assert judge(AnyOf(())).truth is Truth.NO


def test_names_and_comparisons() -> None:
    condition = All((AU, Not(AnyOf((PEOPLE, CPR)))))
    assert names_in(condition) == {"institution", "people", "kinds"}
    assert [c.name for c in comparisons(condition)] == ["institution", "people", "kinds"]


# The data's level is derived: what it may be shrinks with every answer.
@pytest.mark.parametrize(
    ("answers", "possible"),
    [
        ({}, {"public", "internal", "confidential", "sensitive"}),
        ({"people": "sensitive"}, {"sensitive"}),
        ({"people": "none"}, {"public", "internal", "confidential", "sensitive"}),
        ({"people": "none", "own_level": "public"}, {"public"}),
        ({"people": "none", "own_level": "unknown"}, {"public", "internal", "confidential"}),
        ({"people": "ordinary", "registry": "none", "own_level": "internal"}, {"internal"}),
        ({"people": "ordinary", "registry": "none", "own_level": "public"}, {"internal"}),
        ({"people": "ordinary", "registry": "none", "own_level": "unknown"}, {"confidential"}),
        ({"people": "ordinary", "registry": "dst"}, {"sensitive"}),
        ({"people": "ordinary", "registry": "none", "own_level": "sensitive"}, {"sensitive"}),
        ({"people": "unknown", "registry": "none"}, {"public", "internal", "confidential", "sensitive"}),
    ],
)
def test_level(answers: dict[str, str], possible: set[str]) -> None:
    assert view(answers, KNOWN)("level").values == possible


def test_a_derived_name_is_judged_by_what_it_may_be() -> None:
    high = Compare("level", frozenset({"confidential", "sensitive"}))
    assert judge(high, people="ordinary", registry="none", own_level="unknown").truth is Truth.YES
    assert judge(high, people="none", own_level="public").truth is Truth.NO
    verdict = judge(high, people="none", own_level="unknown")
    assert (verdict.truth, verdict.unsure) == (Truth.MAYBE, {"own_level"})
