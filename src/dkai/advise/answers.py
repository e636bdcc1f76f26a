"""What a person's answers say under each name: asked, derived, not relevant, not known."""

from __future__ import annotations

from collections.abc import Mapping

from dkai.advise.conditions import UNKNOWN, Lookup, Seen, Truth
from dkai.advise.model import Answer, Answers, Derived, Knowledge, Question

GIVEN = "given"  # what a condition sees of a free text: that there is one

_NOTHING = frozenset[str]()


def view(answers: Answers, knowledge: Knowledge) -> Lookup:
    """A function that tells conditions what is known under a name. Raises KeyError for a name that nothing has.

    A question's `when` says whether it is sensible to ask: ruled out and not answered, or answered with “I don't know”,
    it counts as “no such thing”.
    What the person did say always counts; answers that cannot both be right are the contradictions' matter.
    """
    return View(answers, names(knowledge))


def names(knowledge: Knowledge) -> dict[str, Question | Derived]:
    """Questions and derived names by id."""
    items: list[Question | Derived] = [*knowledge.questions, *knowledge.derived]
    return {item.id: item for item in items}


class View:
    """The lookup behind `view`; remembers what it worked out."""

    __slots__ = ("answers", "items", "known")

    def __init__(self, answers: Answers, items: Mapping[str, Question | Derived]) -> None:
        self.answers = answers
        self.items = items
        self.known: dict[str, Seen] = {}

    def __call__(self, name: str) -> Seen:
        """What is known under `name`."""
        seen = self.known.get(name)
        if seen is None:
            item = self.items[name]
            seen = self._derive(item) if isinstance(item, Derived) else self._answer(item)
            self.known[name] = seen
        return seen

    def _answer(self, question: Question) -> Seen:
        answer = self.answers.get(question.id)
        if answer is not None and answer != "unknown":
            return _given(question, answer)
        asked = question.when.judge(self)
        if asked.truth is Truth.NO:
            return Seen(_NOTHING, several=True, because=asked.because)
        if answer is not None:
            return _given(question, answer)
        if asked.truth is Truth.MAYBE:
            # Not sensible to ask before its own condition is settled; if that cannot be, neither can this.
            return Seen(None, open=asked.open, unsure=asked.unsure)
        return Seen(None, open=frozenset({question.id}))

    def _derive(self, derived: Derived) -> Seen:
        possible: set[str] = set()
        still_open, unsure = _NOTHING, _NOTHING
        for case in derived.cases:
            verdict = case.when.judge(self)
            if verdict.truth is Truth.NO:
                continue
            possible.add(case.value)
            if verdict.truth is Truth.YES:
                if len(possible) == 1:
                    return Seen(frozenset(possible), because=verdict.because)
                break
            still_open |= verdict.open
            unsure |= verdict.unsure
        return Seen(frozenset(possible), open=still_open, unsure=unsure)


def _given(question: Question, answer: Answer) -> Seen:
    because = frozenset({question.id})
    if answer == UNKNOWN:
        return Seen(None, unsure=because)
    if question.kind == "text":
        return Seen(frozenset({GIVEN}), because=because)
    if isinstance(answer, tuple):
        return Seen(frozenset(answer), several=True, because=because)
    return Seen(frozenset({answer}), because=because)
