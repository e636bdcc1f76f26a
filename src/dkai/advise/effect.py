"""What an answer changed: the difference between two moments of a dialogue. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from dkai.advise.answers import view
from dkai.advise.candidates import TASK, Judged, judge, relevant_tools
from dkai.advise.join import LEVEL, Desk
from dkai.advise.model import Answers
from dkai.advise.rules import judge_rules
from dkai.core.levels import Level
from dkai.core.text import Text


@dataclass(frozen=True, slots=True)
class Fallen:
    """So many candidates are out for one cause."""

    name: Text
    count: int


@dataclass(frozen=True, slots=True)
class Effect:
    """What the last answer brought. All empty: it only refines the order, or nothing yet."""

    tools_left: int
    tools_out: tuple[Fallen, ...] = ()
    places_left: int = 0
    places_out: tuple[Fallen, ...] = ()
    rules: tuple[Text, ...] = ()  # that apply now and did not before
    level: Level | None = None  # settled by it
    chose_tools: bool = False  # it said what the tools are for


def effect(before: Answers, after: Answers, desk: Desk, today: date) -> Effect:
    """The difference that `after` makes."""
    known = desk.knowledge
    old, new = view(before, known), view(after, known)
    rules_before = {hit.rule.id for hit in judge_rules(known.rules, old, today) if hit.certain}
    fresh = [h.rule.title for h in judge_rules(known.rules, new, today) if h.certain and h.standing == "current"
             and h.rule.id not in rules_before]  # fmt: skip
    tools_before, tools_after = _tools(before, desk), _tools(after, desk)
    places_before, places_after = _places(before, desk), _places(after, desk)
    level = new(LEVEL).values or frozenset()
    settled = len(level) == 1 and old(LEVEL).values != level
    return Effect(
        tools_left=sum(not one.out for one in tools_after),
        tools_out=_fallen(tools_before, tools_after),
        places_left=sum(not one.out for one in places_after),
        places_out=_fallen(places_before, places_after),
        rules=tuple(fresh),
        level=Level(next(iter(level))) if settled else None,
        chose_tools=_chose_tools(before, after, desk),
    )


def _chose_tools(before: Answers, after: Answers, desk: Desk) -> bool:
    """Whether the answer says what to look for: a task with tools of its own, or one's own words."""
    question = desk.knowledge.question(TASK)
    option = question.option(str(after.get(TASK))) if question else None
    if option is None:
        return False
    return before.get(TASK) != after[TASK] if option.tasks else before.get("words") != after.get("words")


def _tools(answers: Answers, desk: Desk) -> list[Judged]:
    look = view(answers, desk.knowledge)
    if TASK not in answers:
        return [judge(tool, desk.knowledge, answers, look, final=False) for tool in desk.tools]
    words = answers.get("words")
    found = desk.find(words) if isinstance(words, str) else ()
    relevant = relevant_tools(answers, desk.knowledge, desk.tools, found)
    return [judge(tool, desk.knowledge, answers, look, final=False) for tool, _ in relevant]


def _places(answers: Answers, desk: Desk) -> list[Judged]:
    look = view(answers, desk.knowledge)
    return [judge(place, desk.knowledge, answers, look, final=False) for place in desk.places]


def _fallen(before: Sequence[Judged], after: Sequence[Judged]) -> tuple[Fallen, ...]:
    """The causes that newly rule somebody out, each with how many."""
    in_before = {one.candidate.id for one in before if not one.out}
    counts: dict[Text, int] = {}
    for one in after:
        if one.out and one.candidate.id in in_before:
            first = one.out[0]
            text = (
                first.constraint.text if first.certain or first.constraint.unsure is None else first.constraint.unsure
            )
            counts[text] = counts.get(text, 0) + 1
    return tuple(Fallen(text, count) for text, count in sorted(counts.items(), key=lambda pair: -pair[1]))
