"""Why something is in a screening, or not: every comparison with its answer, and what would change it. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

from dkai.advise.answers import view
from dkai.advise.conditions import UNKNOWN, Condition, Lookup, Truth, names_in
from dkai.advise.join import answer_text, both
from dkai.advise.model import Answers, Derived, Knowledge, Question, Source
from dkai.advise.rules import trace
from dkai.advise.screening import Screening, Why
from dkai.core.i18n import en_and_da
from dkai.core.text import Text


@dataclass(frozen=True, slots=True)
class Compared:
    """One comparison: what is asked for, what was answered, and how that came out."""

    id: str  # question or derived name
    name: Text
    wanted: tuple[Text, ...]
    answer: Text | None  # None: not answered
    holds: Literal["yes", "no", "maybe"]


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everything that can be said about one item."""

    id: str
    name: Text
    kind: Literal["rule", "tool", "place", "question", "contact"]
    verdict: Text  # how it stands in the screening
    text: Text | None = None
    why: tuple[Why, ...] = ()
    against: tuple[Why, ...] = ()
    compared: tuple[Compared, ...] = ()
    change: tuple[Text, ...] = ()  # questions another answer to which could change it
    sources: tuple[Source, ...] = ()
    checked_on: date | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    contact: Text | None = None
    url: str | None = None


def explain(item: str, screening: Screening | None, knowledge: Knowledge) -> Explanation | None:
    """The explanation of a rule, tool, place, question or contact; None when nothing is called so."""
    answers: Answers = screening.answers if screening else {}
    look = view(answers, knowledge)
    for made in (
        _rule(item, answers, look, screening, knowledge),
        _candidate(item, screening, knowledge),
        _question(item, answers, knowledge),
        _contact(item, knowledge),
    ):
        if made is not None:
            return made
    return None


def items(screening: Screening | None, knowledge: Knowledge) -> list[str]:
    """Everything that can be explained."""
    names = [rule.id for rule in knowledge.rules] + [question.id for question in knowledge.questions]
    names += [contact.id for contact in knowledge.contacts]
    if screening is not None:
        names += [pick.id for pick in (*screening.tools, *screening.places)]
        names += [out.id for out in screening.ruled_out] + [one.id for one in screening.behind]
    return names


def _rule(
    item: str, answers: Answers, look: Lookup, screening: Screening | None, knowledge: Knowledge
) -> Explanation | None:
    rule = next((rule for rule in knowledge.rules if rule.id == item), None)
    if rule is None:
        return None
    hit = next((r for r in screening.rules if r.id == item), None) if screening else None
    if screening is None:
        verdict = both(en_and_da("no answers yet: run dkai advise"))
    elif hit is None:
        verdict = both(en_and_da("your answers do not bring it up"))
    elif hit.standing == "expired":
        verdict = both(en_and_da("it has run out, and decides nothing"))
    elif hit.standing == "not-yet":
        verdict = both(en_and_da("not in force yet"))
    else:
        verdict = both(en_and_da("it applies")) if hit.certain else both(en_and_da("it may apply"))
    contact = next((role.name for role in knowledge.contacts if role.id == rule.contact), None)
    compared = tuple(_compared(rule.when, answers, look, knowledge))
    return Explanation(
        rule.id, rule.title, "rule", verdict, rule.text, compared=compared, change=_change(rule.when, knowledge),
        sources=rule.sources, checked_on=rule.checked_on, valid_from=rule.valid_from, valid_to=rule.valid_to,
        contact=contact,
    )  # fmt: skip


def _candidate(item: str, screening: Screening | None, knowledge: Knowledge) -> Explanation | None:
    if screening is None:
        return None
    for place, pick in enumerate(screening.tools + screening.places):
        if pick.id == item:
            rank = place - (len(screening.tools) if pick.of == "place" else 0) + 1
            verdict = both(en_and_da("recommended, number {n}"), n=Text.of(str(rank)))
            return Explanation(
                pick.id, pick.name, pick.of, verdict, pick.summary, pick.reasons, pick.caveats,
                change=_named([q for why in (*pick.reasons, *pick.caveats) for q in why.because], knowledge),
                url=pick.url,
            )  # fmt: skip
    for out in screening.ruled_out:
        if out.id == item:
            change = _named([q for why in out.causes for q in (*why.because, *why.unsure)], knowledge)
            return Explanation(
                out.id, out.name, out.of, both(en_and_da("ruled out")), against=out.causes, change=change
            )  # fmt: skip
    for one in screening.behind:
        if one.id == item:
            verdict = both(
                en_and_da("would do, but {n} points behind the last one shown"), n=Text.of(f"{one.points:g}")
            )
            return Explanation(
                one.id, one.name, one.of, verdict, against=tuple(Why("lacks", text) for text in one.lacks)
            )
    return None


def _question(item: str, answers: Answers, knowledge: Knowledge) -> Explanation | None:
    question = knowledge.question(item)
    if question is None:
        return None
    answer = answers.get(question.id)
    verdict = (
        both(en_and_da("not answered"))
        if answer is None
        else both(en_and_da("your answer: {answer}"), answer=answer_text(question, answer))
    )
    hangs = [rule.title for rule in knowledge.rules if item in names_in(rule.when)]
    why = tuple(Why(option.id, option.text) for option in question.options)
    contact = next((role.name for role in knowledge.contacts if role.id == question.contact), None)
    return Explanation(
        question.id, question.text, "question", verdict, question.help, why, change=tuple(hangs), contact=contact
    )  # fmt: skip


def _contact(item: str, knowledge: Knowledge) -> Explanation | None:
    role = next((role for role in knowledge.contacts if role.id == item), None)
    if role is None:
        return None
    verdict = both(en_and_da("whom to ask"))
    return Explanation(role.id, role.name, "contact", verdict, role.text, checked_on=role.checked_on, url=role.url)


def _compared(condition: Condition, answers: Answers, look: Lookup, knowledge: Knowledge) -> Iterator[Compared]:
    for part in trace(condition, look):
        item = _item(part.name, knowledge)
        if isinstance(item, Question):
            wanted = tuple(_option_text(item, word) for word in part.wanted)
            answer = answers.get(item.id)
            yield Compared(item.id, item.topic, wanted, None if answer is None else answer_text(item, answer),
                           _holds(part.truth))  # fmt: skip
        elif isinstance(item, Derived):
            said = {case.value: case.name for case in item.cases}
            seen = sorted(look(part.name).values or ())
            answer_ = Text(" / ".join(said[v].da for v in seen), " / ".join(said[v].en for v in seen))
            yield Compared(item.id, item.topic, tuple(said[word] for word in part.wanted), answer_, _holds(part.truth))


def _option_text(question: Question, word: str) -> Text:
    if word == UNKNOWN:
        return both(en_and_da("I don't know"))
    option = question.option(word)
    return option.text if option else Text.of(word)


def _holds(truth: Truth) -> Literal["yes", "no", "maybe"]:
    return {Truth.YES: "yes", Truth.NO: "no", Truth.MAYBE: "maybe"}[truth]  # type: ignore[return-value]


def _item(name: str, knowledge: Knowledge) -> Question | Derived | None:
    return knowledge.question(name) or next((d for d in knowledge.derived if d.id == name), None)


def _change(condition: Condition, knowledge: Knowledge) -> tuple[Text, ...]:
    return _named(sorted(names_in(condition)), knowledge)


def _named(ids: list[str], knowledge: Knowledge) -> tuple[Text, ...]:
    """The topics of questions, once each; a derived name stands for the questions it comes from."""
    wanted: dict[str, None] = {}
    for id_ in ids:
        item = _item(id_, knowledge)
        if isinstance(item, Derived):
            inner = {name for case in item.cases for name in names_in(case.when)}
            wanted |= dict.fromkeys(sorted(inner))
        elif item is not None:
            wanted[item.id] = None
    return tuple(q.topic for q in knowledge.questions if q.id in wanted)
