"""The next question: the one whose answer would decide most of what is still undecided. Pure and deterministic.

Everything the answers may still decide is a `Stake`: a rule, a constraint on so many tools, a preference. A question
is worth, for each stake that waits for it, the stake's weight times the share of its answers that would settle the
stake; less the trouble of answering. Where nothing waits for a question it is never asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dkai.advise.answers import GIVEN, View, names
from dkai.advise.conditions import Condition, Truth
from dkai.advise.model import Answer, Answers, Knowledge, Question

MAX_QUESTIONS = 12
# An answer that settles nothing by itself still brings a stake nearer to being settled.
_NEARER = 0.05
_COST = 2.0  # one unit of trouble, in the weights' scale


@dataclass(frozen=True, slots=True)
class Stake:
    """Something the answers decide, and how much it changes the result. `must`: never left out for trouble's sake."""

    condition: Condition
    weight: float
    must: bool = False


@dataclass(frozen=True, slots=True)
class Progress:
    """Which question this is, and about how many there will be."""

    number: int
    about: int


def next_question(answers: Answers, knowledge: Knowledge, stakes: Sequence[Stake]) -> Question | None:
    """The question to ask now; None when no answer would change the result, or 12 were answered."""
    if _asked(answers, knowledge) >= MAX_QUESTIONS:
        return None
    ranked = worth_asking(answers, knowledge, stakes)
    return ranked[0][0] if ranked else None


def worth_asking(answers: Answers, knowledge: Knowledge, stakes: Sequence[Stake]) -> list[tuple[Question, float]]:
    """Every question that can be asked now and would change something, the most valuable first."""
    items = names(knowledge)
    look = View(answers, items)
    gains: dict[str, float] = {}
    musts: set[str] = set()
    for stake in _merged(stakes):
        verdict = stake.condition.judge(look)
        if verdict.truth is not Truth.MAYBE:
            continue
        for name in verdict.open:
            question = items[name]
            if not isinstance(question, Question):
                continue
            tries = _tries(question)
            settled = sum(
                stake.condition.judge(View({**answers, name: answer}, items)).truth is not Truth.MAYBE
                for answer in tries
            )
            gains[name] = gains.get(name, 0.0) + stake.weight * max(_NEARER, settled / len(tries))
            if stake.must:
                musts.add(name)
    found = []
    for question in knowledge.questions:
        if question.id in gains:
            worth = gains[question.id] - _COST * question.cost
            if question.id in musts:
                worth = max(worth, _NEARER)
            if worth > 0:
                found.append((question, worth))
    # What may not be left out comes before what only improves the order, so that the limit never cuts it off. The
    # sort is stable: equal worth keeps the order of the file.
    return sorted(found, key=lambda pair: (pair[0].id not in musts, -pair[1]))


def progress(answers: Answers, knowledge: Knowledge, stakes: Sequence[Stake]) -> Progress:
    """Where the dialogue stands before the next question is asked: an estimate, never more than the 12."""
    asked = _asked(answers, knowledge)
    now = {question.id for question, _ in worth_asking(answers, knowledge, stakes)}
    look = View(answers, names(knowledge))
    later = sum(
        question.id not in now and question.when.judge(look).truth is Truth.MAYBE for question in knowledge.questions
    )
    # About half of the questions that hang on another answer turn out to be needed.
    about = asked + len(now) + later // 2
    return Progress(asked + 1, max(asked + 1, min(MAX_QUESTIONS, about)))


def irrelevant(answers: Answers, knowledge: Knowledge) -> frozenset[str]:
    """The questions that the answers given rule out."""
    look = View(answers, names(knowledge))
    return frozenset(q.id for q in knowledge.questions if q.when.judge(look).truth is Truth.NO)


def _asked(answers: Answers, knowledge: Knowledge) -> int:
    return sum(question.id in answers for question in knowledge.questions)


def _tries(question: Question) -> list[Answer]:
    if question.kind == "text":
        return [GIVEN]
    if question.kind == "several":
        return [(), *((option.id,) for option in question.options)]
    return [option.id for option in question.options]


def _merged(stakes: Sequence[Stake]) -> list[Stake]:
    """One stake a condition: many candidates hang on the same one."""
    merged: dict[Condition, Stake] = {}
    for stake in stakes:
        known = merged.get(stake.condition)
        weight = stake.weight + (known.weight if known else 0.0)
        merged[stake.condition] = Stake(stake.condition, weight, stake.must or (known.must if known else False))
    return list(merged.values())
