"""Join tools, places, rules and people to one screening. Pure: the day and the catalogue's facts are arguments."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from dkai.advise.answers import view
from dkai.advise.candidates import INSTITUTION, MOST_PICKS, TASK, Judged, Objection, judge, rank, relevant_tools
from dkai.advise.conditions import UNKNOWN, Lookup, Truth
from dkai.advise.model import Answers, Candidate, ContactRole, CourseNeed, Derived, Knowledge, Question
from dkai.advise.questions import irrelevant, worth_asking
from dkai.advise.rules import Hit, judge_rules
from dkai.advise.screening import (
    Applies,
    Behind,
    Data,
    Learn,
    NotAsked,
    Out,
    Person,
    Pick,
    Said,
    Screening,
    Settle,
    ToDo,
    TryNow,
    Why,
    is_clear,
)
from dkai.advise.stakes import all_stakes
from dkai.core.i18n import en_and_da
from dkai.core.levels import Level
from dkai.core.text import Text

LEVEL = "level"


@dataclass(frozen=True, slots=True)
class Desk:
    """All that advice is made from. `find` searches tools for a person's own words and gives their ids."""

    knowledge: Knowledge
    tools: tuple[Candidate, ...]
    places: tuple[Candidate, ...]
    find: Callable[[str], Sequence[str]] = lambda _: ()
    courses: Callable[[Sequence[CourseNeed]], Sequence[Learn]] = lambda _: ()
    people: Mapping[str, Person] = field(default_factory=dict)  # the catalogue's contacts by id


def screen(answers: Answers, desk: Desk, *, today: date, version: str) -> Screening:
    """The screening for these answers. What was not asked counts as not known wherever something hangs on it."""
    knowledge = desk.knowledge
    look = view(answers, knowledge)
    tools = _judged_tools(answers, desk, look)
    places = [judge(place, knowledge, answers, look, final=True) for place in desk.places]
    hits = judge_rules(knowledge.rules, look, today)
    data = _data(knowledge, look)
    made = Screening(
        made_on=today,
        dkai=version,
        answers=dict(answers),
        said=tuple(_said(answers, knowledge)),
        data=data,
        tools=tuple(_picks(rank(tools), data.level, answers, knowledge)),
        places=tuple(_picks(rank(places), data.level, answers, knowledge)),
        try_now=_try_now(knowledge, look),
        rules=tuple(_applies(hit) for hit in hits),
        ruled_out=tuple(_out(one, answers) for one in (*tools, *places) if one.out),
        behind=(*_behind(rank(tools)), *_behind(rank(places))),
        week=_steps(knowledge, look, "week"),
        before=_steps(knowledge, look, "before"),
        courses=tuple(desk.courses([n for n in knowledge.courses if n.when.judge(look).truth is Truth.YES])),
        not_asked=tuple(_not_asked(answers, desk, today)),
    )
    made = replace(made, to_settle=tuple(_settle(made, knowledge)))
    made = replace(made, contacts=tuple(_people(made, answers, desk)))
    return replace(made, clear=is_clear(made))


def level_of(answers: Answers, knowledge: Knowledge) -> tuple[Level, bool]:
    """How the data count, and whether that is settled; where it is not, the worst they may be."""
    data = _data(knowledge, view(answers, knowledge))
    return data.level, data.settled


def _judged_tools(answers: Answers, desk: Desk, look: Lookup) -> list[Judged]:
    words = answers.get("words")
    found = desk.find(words) if isinstance(words, str) and words != UNKNOWN else ()
    relevant = relevant_tools(answers, desk.knowledge, desk.tools, found)
    return [judge(tool, desk.knowledge, answers, look, final=True, matched=matched) for tool, matched in relevant]


def _data(knowledge: Knowledge, look: Lookup) -> Data:
    seen = look(LEVEL)
    possible = [Level(value) for value in seen.values or ()]
    level = max(possible, key=lambda one: one.rank)
    settled = len(possible) == 1
    derived = next(item for item in knowledge.derived if isinstance(item, Derived) and item.id == LEVEL)
    why = next((case.why for case in derived.cases if case.when.judge(look).truth is Truth.YES), derived.cases[-1].why)
    if not settled:
        why = both(en_and_da("not settled: until it is, the data count as the most confidential they may be"))
    because = tuple(sorted(seen.because | seen.unsure | seen.open))
    return Data(level, settled, why, because, _steps(knowledge, look, "data"))


def _steps(knowledge: Knowledge, look: Lookup, at: str) -> tuple[ToDo, ...]:
    return tuple(
        ToDo(step.id, step.text, step.contact)
        for step in knowledge.steps
        if step.at == at and step.when.judge(look).truth is Truth.YES
    )


def _said(answers: Answers, knowledge: Knowledge) -> Iterable[Said]:
    for question in knowledge.questions:
        if question.id in answers:
            yield Said(question.id, question.topic, answer_text(question, answers[question.id]))


def answer_text(question: Question, answer: str | tuple[str, ...]) -> Text:
    """An answer in words."""
    if answer == UNKNOWN:
        return both(en_and_da("I don't know"))
    if question.kind == "text":
        return Text.of(str(answer))
    ids = answer if isinstance(answer, tuple) else (answer,)
    texts = [option.text for option in question.options if option.id in ids]
    if not texts:
        return both(en_and_da("none of them"))
    return Text(da="; ".join(text.da for text in texts), en="; ".join(text.en for text in texts))


def _picks(ranked: Sequence[Judged], level: Level, answers: Answers, knowledge: Knowledge) -> Iterable[Pick]:
    for one in ranked[:MOST_PICKS]:
        candidate = one.candidate
        reasons = [
            Why(m.preference.id, m.preference.text, m.because, points=round(m.points, 2))
            for m in one.merits
            if m.points > 0 and m.preference.text is not None
        ]
        against = [
            Why(m.preference.id, m.preference.text, m.because, points=round(m.points, 2))
            for m in one.merits
            if m.points < 0 and m.preference.text is not None
        ]
        yield Pick(
            candidate.id,
            candidate.name,
            candidate.of,
            candidate.summary or candidate.name,
            round(one.score, 2),
            (_chosen_for(one, answers, knowledge), *reasons),
            one.matched,
            (*(_why(objection, candidate, answers) for objection in one.caveats), *against),
            candidate.texts.get(level.value),
            candidate.steps,
            candidate.url,
        )


def _chosen_for(one: Judged, answers: Answers, knowledge: Knowledge) -> Why:
    """The first reason of all: what it was looked for."""
    if one.candidate.of == "place":
        return Why("still-in", both(en_and_da("nothing in your answers rules it out")))
    question = knowledge.question(TASK)
    option = question.option(str(answers.get(TASK))) if question else None
    if option is None:
        return Why("for-your-field", both(en_and_da("made for your field")), ("discipline",))
    if one.matched:
        return Why("does-it", both(en_and_da("is for this: {what}"), what=option.text), (TASK,))
    return Why("found", both(en_and_da("found for your words: {what}"), what=Text.of(str(answers.get("words", "")))))


def _why(objection: Objection, candidate: Candidate, answers: Answers) -> Why:
    rule = objection.constraint
    return Why(
        rule.id, objection.text, objection.because, objection.unsure, objection.certain,
        detail=_detail(rule.detail, candidate, answers),
    )  # fmt: skip


def _detail(key: str | None, candidate: Candidate, answers: Answers) -> Text | None:
    """The candidate's own text: for this institution where there is one, else the one for all."""
    if key is None:
        return None
    texts = candidate.texts
    return texts.get(f"{key}:{answers.get(INSTITUTION)}") or texts.get(key) or texts.get(f"{key}:*")


def _out(one: Judged, answers: Answers) -> Out:
    # What is certain comes first; the cause that needs the fewest answers is the plainest.
    causes = sorted(one.out, key=lambda o: (not o.certain, len(o.because)))
    return Out(
        one.candidate.id, one.candidate.name, one.candidate.of, tuple(_why(o, one.candidate, answers) for o in causes)
    )


def _behind(ranked: Sequence[Judged]) -> Iterable[Behind]:
    if len(ranked) <= MOST_PICKS:
        return
    last = ranked[MOST_PICKS - 1]
    for one in ranked[MOST_PICKS:]:
        mine = {m.preference.id: m.points for m in one.merits}
        lacks = [
            m.preference.text
            for m in last.merits
            if m.preference.text is not None and m.points > mine.get(m.preference.id, 0.0)
        ]
        against = [m.preference.text for m in one.merits if m.preference.text is not None and m.points < 0]
        yield Behind(
            one.candidate.id, one.candidate.name, one.candidate.of, round(last.score - one.score, 2),
            tuple(both(en_and_da("not: {what}"), what=text) for text in lacks) + tuple(against),
        )  # fmt: skip


def _applies(hit: Hit) -> Applies:
    rule = hit.rule
    text = rule.text
    if hit.standing == "expired":
        text = both(
            en_and_da("This rule ran out on {day} and decides nothing here. See its source for what holds now."),
            day=Text.of(str(rule.valid_to)),
        )
    return Applies(
        rule.id, rule.title, text, rule.severity, hit.certain, hit.standing, hit.because, hit.unsure, rule.contact,
        rule.sources, rule.checked_on, hit.stale, rule.valid_from, rule.valid_to,
    )  # fmt: skip


def _try_now(knowledge: Knowledge, look: Lookup) -> TryNow:
    choice = next(c for c in knowledge.recipes if c.when.judge(look).truth is Truth.YES)
    return TryNow(choice.recipe, choice.text, sample=choice.sample)


def _not_asked(answers: Answers, desk: Desk, today: date) -> Iterable[NotAsked]:
    stakes = all_stakes(answers, desk.knowledge, desk.tools, desk.places, today)
    matter = {question.id for question, _ in worth_asking(answers, desk.knowledge, stakes)}
    ruled_out = irrelevant(answers, desk.knowledge)
    for question in desk.knowledge.questions:
        if question.id not in answers and question.id not in ruled_out:
            yield NotAsked(question.id, question.topic, question.id in matter)


def _settle(made: Screening, knowledge: Knowledge) -> Iterable[Settle]:
    """The questions answered “I don't know” that something hangs on."""
    hanging = {q for rule in made.rules for q in rule.unsure if rule.standing == "current"}
    hanging |= {q for pick in (*made.tools, *made.places) for why in pick.caveats for q in why.unsure}
    hanging |= {q for out in made.ruled_out for why in out.causes for q in why.unsure}
    hanging |= set() if made.data.settled else set(made.data.because)
    for question in knowledge.questions:
        if made.answers.get(question.id) == UNKNOWN and question.id in hanging:
            text = question.unknown or both(en_and_da("find out, and run dkai advise again"))
            yield Settle(question.id, question.topic, text, question.contact)


def _people(made: Screening, answers: Answers, desk: Desk) -> Iterable[Person]:
    """Everybody named anywhere in the screening, once, the most pressing first."""
    asked = [rule.contact for rule in made.rules if rule.standing == "current"]
    asked += [settle.contact for settle in made.to_settle if settle.contact]
    asked += [todo.contact for todo in (*made.data.first, *made.week, *made.before) if todo.contact]
    roles = {role.id: role for role in desk.knowledge.contacts}
    for id_ in dict.fromkeys(asked):
        yield _person(roles[id_], str(answers.get(INSTITUTION)), desk.people)


def _person(role: ContactRole, institution: str, people: Mapping[str, Person]) -> Person:
    """The institution's own contact for the role where the catalogue has one."""
    entry = people.get(role.entries.get(institution, role.entries.get("*", "")))
    if entry is not None:
        return replace(entry, id=role.id, text=role.text)
    return Person(role.id, role.name, role.text, role.pages.get(institution, role.url), role.email)


def both(words: dict[str, str], **values: Text) -> Text:
    """A program string in both languages, its placeholders filled in each."""
    return Text(
        da=words["da"].format(**{name: value.da for name, value in values.items()}),
        en=words["en"].format(**{name: value.en for name, value in values.items()}),
    )
