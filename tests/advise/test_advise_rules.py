"""Rules over answers: certain, possible, run out, not yet."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from small_desk import TODAY

from dkai.advise.answers import view
from dkai.advise.conditions import Compare, Truth
from dkai.advise.knowledge import shipped_knowledge
from dkai.advise.model import Rule, Source
from dkai.advise.rules import judge_rules, rule_stakes, standing, trace
from dkai.core.text import Text

KNOWN = shipped_knowledge()
RULE = Rule(
    "r", Text.of("title"), Text.of("text"), Compare("people", frozenset({"sensitive"})), "stop",
    (Source("https://eur-lex.europa.eu/", Text.of("law")),), date(2018, 5, 25), date(2026, 11, 1), "dpo",
)  # fmt: skip


def hits(rule: Rule, today: date = TODAY, **answers):
    return judge_rules((rule,), view(answers, KNOWN), today)


def test_it_applies_with_the_answers_that_say_so() -> None:
    (hit,) = hits(RULE, people="sensitive")
    assert (hit.certain, hit.standing, hit.because, hit.unsure, hit.stale) == (True, "current", ("people",), (), False)


def test_it_does_not_apply() -> None:
    assert hits(RULE, people="none") == ()


def test_i_dont_know_and_not_asked_are_both_possible() -> None:
    (unknown,), (unasked,) = hits(RULE, people="unknown"), hits(RULE)
    assert not unknown.certain and unknown.unsure == ("people",)
    assert not unasked.certain and unasked.unsure == ("people",)


def test_the_last_day_counts_and_the_day_after_does_not() -> None:
    ends = replace(RULE, valid_to=date(2026, 11, 24))
    assert standing(ends, date(2026, 11, 24)) == "current"
    assert standing(ends, date(2026, 11, 25)) == "expired"


def test_a_rule_that_ran_out_says_so_and_decides_nothing() -> None:
    ends = replace(RULE, valid_to=date(2026, 1, 1))
    (hit,) = hits(ends, people="sensitive")
    assert hit.standing == "expired"
    assert rule_stakes((ends,), TODAY) == []


def test_not_yet_in_force() -> None:
    assert standing(replace(RULE, valid_from=date(2027, 12, 2)), TODAY) == "not-yet"
    assert standing(replace(RULE, valid_from=None), TODAY) == "current"


def test_a_year_without_a_check_is_stale() -> None:
    (fresh,) = hits(replace(RULE, checked_on=date(2025, 11, 24)), people="sensitive")
    (stale,) = hits(replace(RULE, checked_on=date(2025, 11, 23)), people="sensitive")
    assert (fresh.stale, stale.stale) == (False, True)


def test_the_gravest_comes_first_and_what_is_not_in_force_last() -> None:
    rules = (
        replace(RULE, id="advice", severity="advise"),
        replace(RULE, id="later", valid_from=date(2029, 1, 1)),
        RULE,
    )
    found = judge_rules(rules, view({"people": "sensitive"}, KNOWN), TODAY)
    assert [hit.rule.id for hit in found] == ["r", "advice", "later"]


def test_the_trace_has_every_comparison() -> None:
    dpia = next(rule for rule in KNOWN.rules if rule.id == "transfer")
    parts = trace(dpia.when, view({"people": "ordinary", "abroad": "none"}, KNOWN))
    assert [(part.name, part.truth) for part in parts] == [("people", Truth.YES), ("abroad", Truth.NO)]


# The dates that older texts get wrong (Regulation (EU) 2026/1744 moved them).
def test_dates_of_the_ai_act() -> None:
    rules = {rule.id: rule for rule in KNOWN.rules}
    assert rules["ai-literacy"].valid_from == date(2025, 2, 2)
    assert rules["ai-act-transparency"].valid_from == date(2026, 8, 2)
    assert "2027-12-02" in rules["ai-act-use"].text.en and "2027-12-02" in rules["ai-act-use"].text.da
    assert rules["ehds"].valid_from == date(2029, 3, 26)
