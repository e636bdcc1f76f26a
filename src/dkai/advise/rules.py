"""Rules over answers: what applies, what may apply, and which answers say so. Pure: the day is an argument.

A rule that is past its last day says so and decides nothing; one that is not in force yet says from when.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from dkai.advise.conditions import Condition, Lookup, Truth, comparisons
from dkai.advise.model import SEVERITIES, Rule
from dkai.advise.questions import Stake

STALE_DAYS = 365
Standing = Literal["current", "not-yet", "expired"]
WEIGHTS = {"stop": 6.0, "approval": 4.0, "document": 1.5, "inform": 1.0, "advise": 0.5}


@dataclass(frozen=True, slots=True)
class Hit:
    """A rule that applies, or may apply, with the questions whose answers say so."""

    rule: Rule
    certain: bool
    standing: Standing
    stale: bool  # nobody has checked it against its source for a year
    because: tuple[str, ...]  # answered, and decided it
    unsure: tuple[str, ...]  # answered “I don't know”, or not asked


@dataclass(frozen=True, slots=True)
class Part:
    """One comparison of a condition, and how it came out."""

    name: str
    wanted: tuple[str, ...]
    truth: Truth


def standing(rule: Rule, today: date) -> Standing:
    """Whether the rule is in force on that day."""
    if rule.valid_to is not None and rule.valid_to < today:
        return "expired"
    return "not-yet" if rule.valid_from is not None and rule.valid_from > today else "current"


def judge_rules(rules: tuple[Rule, ...], look: Lookup, today: date) -> tuple[Hit, ...]:
    """The rules that apply or may apply, the gravest first. What was not asked counts as not known."""
    hits = []
    for rule in rules:
        verdict = rule.when.judge(look)
        if verdict.truth is Truth.NO:
            continue
        hits.append(
            Hit(
                rule,
                certain=verdict.truth is Truth.YES,
                standing=standing(rule, today),
                stale=(today - rule.checked_on).days > STALE_DAYS,
                because=tuple(sorted(verdict.because)),
                unsure=tuple(sorted(verdict.unsure | verdict.open)),
            )
        )
    return tuple(
        sorted(hits, key=lambda h: (h.standing != "current", SEVERITIES.index(h.rule.severity), not h.certain))
    )


def rule_stakes(rules: tuple[Rule, ...], today: date) -> list[Stake]:
    """What the rules make worth asking: expired ones nothing."""
    return [
        Stake(rule.when, WEIGHTS[rule.severity], must=rule.severity in ("stop", "approval"))
        for rule in rules
        if standing(rule, today) != "expired"
    ]


def trace(condition: Condition, look: Lookup) -> tuple[Part, ...]:
    """Every comparison in a condition with how it came out, in the order in which it was written."""
    return tuple(
        Part(compare.name, tuple(sorted(compare.values)), compare.judge(look).truth)
        for compare in comparisons(condition)
    )
