"""Tools and places against the answers: who is out and why, and who is better. Pure.

Constraints come first and are never outvoted: what one of them rules out gets no score. “I don't know” counts against
the candidate unless the constraint says that a warning is enough.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dkai.advise.conditions import UNKNOWN, Lookup, Seen, Truth, Verdict
from dkai.advise.model import Answers, Candidate, Constraint, Knowledge, Preference
from dkai.core.text import Text

TASK = "task"
INSTITUTION = "institution"
DISCIPLINE = "discipline"
MOST_PICKS = 3  # as many are recommended
FIT = "fit"  # the number for how much of what a tool does is what was asked for, 0 to 1


@dataclass(frozen=True, slots=True)
class Objection:
    """A constraint that rules a candidate out, or warns of it."""

    constraint: Constraint
    certain: bool
    because: tuple[str, ...]  # questions whose answers decided it
    unsure: tuple[str, ...]  # questions answered “I don't know”, or not asked
    unknown_facts: tuple[str, ...]  # what is not known about the candidate

    @property
    def text(self) -> Text:
        """What is held against it, in words that fit how certain it is."""
        rule = self.constraint
        return rule.text if self.certain or rule.unsure is None else rule.unsure


@dataclass(frozen=True, slots=True)
class Merit:
    """A preference that counts for or against a candidate."""

    preference: Preference
    points: float
    because: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Judged:
    """One candidate with everything that was held against it and for it."""

    candidate: Candidate
    out: tuple[Objection, ...] = ()
    caveats: tuple[Objection, ...] = ()
    merits: tuple[Merit, ...] = ()
    matched: tuple[str, ...] = ()  # the tasks it was chosen for

    @property
    def score(self) -> float:
        """The points of all merits."""
        return sum(merit.points for merit in self.merits)


def facts_of(candidate: Candidate, answers: Answers) -> Lookup:
    """A lookup over the candidate's facts, those included that hang on the institution; one it lacks is not known."""
    mine = own_part(candidate, answers)
    waits = INSTITUTION not in answers
    hanging = frozenset[str]().union(*candidate.by_institution.values()) if waits else frozenset()

    def look(name: str) -> Seen:
        values = mine.get(name, candidate.facts.get(name))
        if values is not None:
            return Seen(frozenset(values), several=True)
        if name in hanging:
            return Seen(None, open=frozenset({INSTITUTION}))
        return Seen(None, unsure=frozenset({name}))

    return look


def own_part(candidate: Candidate, answers: Answers) -> Mapping[str, tuple[str, ...]]:
    """The facts that hold for the person's institution, where that is known."""
    institution = answers.get(INSTITUTION)
    if institution is None or institution == UNKNOWN:
        return {}
    parts = candidate.by_institution
    return parts.get(str(institution), parts.get("*", {}))


def relevant_tools(
    answers: Answers, knowledge: Knowledge, tools: Sequence[Candidate], found: Sequence[str] = ()
) -> list[tuple[Candidate, tuple[str, ...]]]:
    """The tools that do what the person wants, each with the tasks that match.

    `found` are the ids that a search for the person's own words gave. Nobody who does not know the task yet is shown
    a tool by chance: then the tools made for the discipline are shown, or none.
    """
    question = knowledge.question(TASK)
    option = question.option(str(answers.get(TASK))) if question else None
    if option is not None and option.tasks:
        wanted = set(option.tasks)
        return [(tool, hit) for tool in tools if (hit := tuple(t for t in tool.tasks if t in wanted))]
    if option is not None:
        by_id = {tool.id: tool for tool in tools}
        return [(by_id[id_], ()) for id_ in found if id_ in by_id]
    discipline = str(answers.get(DISCIPLINE))
    return [(tool, ()) for tool in tools if discipline in tool.facts.get("field", ())]


def judge(
    candidate: Candidate,
    knowledge: Knowledge,
    answers: Answers,
    look: Lookup,
    *,
    final: bool,
    matched: tuple[str, ...] = (),
) -> Judged:
    """The candidate against every constraint and preference of its kind.

    With `final` what was not asked counts as not known; before, it is still open and rules nothing out.
    """
    facts = facts_of(candidate, answers)
    out: list[Objection] = []
    caveats: list[Objection] = []
    for constraint in knowledge.constraints:
        if constraint.of != candidate.of:
            continue
        objection = _object(constraint, constraint.when.judge(look), constraint.entry.judge(facts), final=final)
        if objection is None:
            continue
        effect = constraint.effect if objection.certain else constraint.if_unsure
        # A warning that is not certain stays a warning.
        if effect == "out" and constraint.effect == "out":
            out.append(objection)
        elif effect != "ignore":
            caveats.append(objection)
    numbers = {**candidate.numbers, FIT: len(matched) / len(candidate.tasks) if candidate.tasks else 0.0}
    merits = () if out else _merits(candidate, knowledge, look, facts, numbers)
    return Judged(candidate, tuple(out), tuple(caveats), merits, matched)


def _object(constraint: Constraint, asked: Verdict, fact: Verdict, *, final: bool) -> Objection | None:
    if Truth.NO in (asked.truth, fact.truth):
        return None
    if (asked.open or fact.open) and not final:
        return None
    return Objection(
        constraint,
        certain=asked.truth is Truth.YES and fact.truth is Truth.YES,
        because=tuple(sorted(asked.because)),
        unsure=tuple(sorted(asked.unsure | asked.open | fact.open)),
        unknown_facts=tuple(sorted(fact.unsure)) if fact.truth is Truth.MAYBE else (),
    )


def _merits(
    candidate: Candidate, knowledge: Knowledge, look: Lookup, facts: Lookup, numbers: Mapping[str, float]
) -> tuple[Merit, ...]:
    found = []
    for preference in knowledge.preferences:
        if preference.of != candidate.of:
            continue
        asked = preference.when.judge(look)
        if asked.truth is not Truth.YES or preference.entry.judge(facts).truth is not Truth.YES:
            continue
        times = 1.0 if preference.per is None else numbers.get(preference.per, 0.0)
        if points := preference.points * times:
            found.append(Merit(preference, points, tuple(sorted(asked.because))))
    return tuple(found)


def rank(judged: Sequence[Judged]) -> list[Judged]:
    """Those still in, the best first; equals by name, so that the order never hangs on chance."""
    return sorted(
        (j for j in judged if not j.out), key=lambda j: (-j.score, j.candidate.name.en.lower(), j.candidate.id)
    )
