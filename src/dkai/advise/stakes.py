"""What the answers still decide: everything that makes a question worth asking. Pure.

Weights are in one scale: 10 for what concerns every candidate still in, and the rules' own weights beside it. They say
which question comes first, never what the result is.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from dkai.advise.answers import GIVEN, view
from dkai.advise.candidates import INSTITUTION, MOST_PICKS, TASK, facts_of, judge, relevant_tools
from dkai.advise.conditions import All, Compare, Condition, Lookup, Truth
from dkai.advise.model import Answers, Candidate, Knowledge
from dkai.advise.questions import Stake
from dkai.advise.rules import rule_stakes

_ALL = 10.0
_AT_ONCE = 1000.0
_SOFT = 4.0  # a constraint that only warns as long as it is not certain
_CAVEAT = 0.5
_ORDER_ONLY = 0.6
_WORDS = "words"
_LEVEL = "level"


def all_stakes(
    answers: Answers, knowledge: Knowledge, tools: Sequence[Candidate], places: Sequence[Candidate], today: date
) -> list[Stake]:
    """The stakes of tools, places, rules, the data's level, recipes, steps and courses."""
    look = view(answers, knowledge)
    stakes = rule_stakes(knowledge.rules, today)
    stakes += _tool_stakes(answers, knowledge, look, tools)
    stakes += _group_stakes(answers, knowledge, look, places)
    for derived in knowledge.derived:
        if derived.id == _LEVEL:
            stakes += [Stake(Compare(_LEVEL, frozenset({case.value})), 1.0, must=True) for case in derived.cases]
    stakes += [Stake(choice.when, 1.0) for choice in knowledge.recipes]
    stakes += [Stake(step.when, 0.3) for step in knowledge.steps]
    stakes += [Stake(need.when, 0.2) for need in knowledge.courses]
    return stakes


def _tool_stakes(answers: Answers, knowledge: Knowledge, look: Lookup, tools: Sequence[Candidate]) -> list[Stake]:
    stakes: list[Stake] = []
    question = knowledge.question(TASK)
    if question is not None and TASK not in answers:
        for option in question.options:
            concerned = sum(bool(set(option.tasks) & set(tool.tasks)) for tool in tools)
            share = concerned / len(tools) if tools else 0.0
            stakes.append(Stake(Compare(TASK, frozenset({option.id})), _ALL * (0.5 + share), must=True))
    elif TASK in answers:
        tools = [tool for tool, _ in relevant_tools(answers, knowledge, tools)] or tools
    if knowledge.question(_WORDS):
        # Whoever chose to say it in their own words is asked for them at once.
        stakes.append(Stake(Compare(_WORDS, frozenset({GIVEN})), _AT_ONCE if TASK in answers else 1.0, must=True))
    return stakes + _group_stakes(answers, knowledge, look, tools)


def _group_stakes(answers: Answers, knowledge: Knowledge, look: Lookup, candidates: Sequence[Candidate]) -> list[Stake]:
    """Constraints on the candidates still in, and preferences where there is more than one of them."""
    living = [c for c in candidates if not judge(c, knowledge, answers, look, final=False).out]
    if not living:
        return []
    looks = [facts_of(candidate, answers) for candidate in living]
    kind = living[0].of
    stakes: list[Stake] = []
    for constraint in knowledge.constraints:
        if constraint.of == kind:
            must = constraint.effect == "out" and constraint.if_unsure == "out"
            weight = _ALL if must else _SOFT if constraint.effect == "out" else _CAVEAT
            stakes += _hangs(constraint.when, constraint.entry, look, looks, weight, must=must)
    if len(living) > 1:
        # Where all of them will be shown, a preference changes their order only.
        scale = 1.0 if len(living) > MOST_PICKS else _ORDER_ONLY
        for preference in knowledge.preferences:
            if preference.of == kind:
                weight = abs(preference.points) * scale
                found = _hangs(preference.when, preference.entry, look, looks, weight, must=False)
                # What every candidate gains alike changes no order.
                alike = preference.per is None and len(found) == 1 and found[0].weight == weight
                stakes += [] if alike else found
    return stakes


def _hangs(
    when: Condition, entry: Condition, look: Lookup, looks: Sequence[Lookup], weight: float, *, must: bool
) -> list[Stake]:
    """The stakes of one constraint or preference: on its own answers, and on the institution where facts hang on it."""
    asked = when.judge(look)
    if asked.truth is Truth.NO:
        return []
    verdicts = [entry.judge(facts) for facts in looks]
    concerned = sum(verdict.truth is not Truth.NO for verdict in verdicts) / len(looks)
    waiting = sum(bool(verdict.open) for verdict in verdicts) / len(looks)
    stakes = []
    if concerned and asked.open:
        stakes.append(Stake(when, weight * concerned, must))
    if waiting:
        hangs = All((when, Compare(INSTITUTION, _SOME_INSTITUTION)))
        stakes.append(Stake(hangs, weight * waiting, must))
    return stakes


# A value that no answer has: the comparison is open until the institution is known, and settled by any answer.
_SOME_INSTITUTION = frozenset({"*"})
