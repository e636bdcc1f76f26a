"""What dkai knows for giving advice: questions, rules and recommendations, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from dkai.advise.conditions import ALWAYS, Condition
from dkai.core.text import Text

Answer = str | tuple[str, ...]
Answers = Mapping[str, Answer]
QuestionKind = Literal["choice", "several", "text"]
Severity = Literal["stop", "approval", "document", "inform", "advise"]
CandidateKind = Literal["tool", "place"]
SEVERITIES: tuple[Severity, ...] = ("stop", "approval", "document", "inform", "advise")


@dataclass(frozen=True, slots=True)
class Option:
    """One possible answer."""

    id: str
    text: Text
    was: tuple[str, ...] = ()  # ids it had in earlier versions
    tasks: tuple[str, ...] = ()  # catalogue tasks it stands for
    fields: tuple[str, ...] = ()  # catalogue disciplines it stands for


@dataclass(frozen=True, slots=True)
class Question:
    """What may be asked, and when it makes sense to ask it."""

    id: str
    kind: QuestionKind
    topic: Text  # completes “not asked: …”
    text: Text
    why: Text  # completes “why I ask: …”
    help: Text
    options: tuple[Option, ...] = ()
    when: Condition = ALWAYS
    cost: float = 1.0  # how much trouble it is to answer, against what it decides
    unknown: Text | None = None  # what happens on “I don't know”; None: that answer is not offered
    contact: str | None = None  # who can find out
    was: tuple[str, ...] = ()

    def option(self, id_: str) -> Option | None:
        """The answer with that id."""
        return next((option for option in self.options if option.id == id_), None)


@dataclass(frozen=True, slots=True)
class Case:
    """The value of a derived name when the condition is the first that holds."""

    value: str
    name: Text
    when: Condition
    why: Text


@dataclass(frozen=True, slots=True)
class Derived:
    """A name computed from answers; conditions compare it like an answer."""

    id: str
    topic: Text
    cases: tuple[Case, ...]


@dataclass(frozen=True, slots=True)
class Source:
    """Where a rule can be read."""

    url: str
    what: Text


@dataclass(frozen=True, slots=True)
class Rule:
    """What applies when the condition holds: orientation with a source, never a decision on what one may do."""

    id: str
    title: Text
    text: Text
    when: Condition
    severity: Severity
    sources: tuple[Source, ...]
    valid_from: date | None  # None: in force, since when was not found
    checked_on: date
    contact: str
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class Constraint:
    """What rules a tool or place out, or warns of it. No score can bring back what is out."""

    id: str
    of: CandidateKind
    text: Text
    when: Condition = ALWAYS  # over answers
    entry: Condition = ALWAYS  # over the candidate's facts
    effect: Literal["out", "caveat"] = "out"
    if_unsure: Literal["out", "caveat", "ignore"] = "out"
    unsure: Text | None = None  # said instead of `text` when it is not certain
    detail: str | None = None  # which of the candidate's own texts tells more


@dataclass(frozen=True, slots=True)
class Preference:
    """What speaks for or against a candidate that is still in."""

    id: str
    of: CandidateKind
    points: float
    when: Condition = ALWAYS
    entry: Condition = ALWAYS
    per: str | None = None  # a numeric fact to multiply the points by
    text: Text | None = None  # the reason shown; None: it only orders


@dataclass(frozen=True, slots=True)
class RecipeChoice:
    """The recipe to try when the condition is the first that holds."""

    recipe: str
    when: Condition
    text: Text
    sample: bool = False  # it comes with sample data to try it on


@dataclass(frozen=True, slots=True)
class Step:
    """Something to do, and when."""

    id: str
    at: Literal["data", "week", "before"]
    when: Condition
    text: Text
    contact: str | None = None


@dataclass(frozen=True, slots=True)
class ContactRole:
    """Whom to ask, by role.

    `entries` names the catalogue's contact for an institution (`*`: for all), `pages` an institution's own page.
    """

    id: str
    name: Text
    text: Text
    url: str | None = None
    email: str | None = None
    pages: Mapping[str, str] = field(default_factory=dict)
    checked_on: date | None = None
    entries: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CourseNeed:
    """What a person with these answers may want to learn."""

    id: str
    when: Condition
    trains: tuple[str, ...]  # competence ids
    text: Text


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Answers that cannot both be right."""

    id: str
    when: Condition
    text: Text


@dataclass(frozen=True, slots=True)
class Knowledge:
    """All of it, checked: every name in a condition exists and every text is there in both languages."""

    questions: tuple[Question, ...]
    derived: tuple[Derived, ...] = ()
    contradictions: tuple[Contradiction, ...] = ()
    rules: tuple[Rule, ...] = ()
    constraints: tuple[Constraint, ...] = ()
    preferences: tuple[Preference, ...] = ()
    recipes: tuple[RecipeChoice, ...] = ()
    steps: tuple[Step, ...] = ()
    contacts: tuple[ContactRole, ...] = ()
    courses: tuple[CourseNeed, ...] = ()

    def question(self, id_: str) -> Question | None:
        """The question with that id."""
        return next((question for question in self.questions if question.id == id_), None)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A tool or a place as the rules see it: facts by name. A fact that is not there is not known.

    `by_institution` holds the facts and texts that hang on where the person works; the key `*` stands for those who
    are not named.
    """

    id: str
    of: CandidateKind
    name: Text
    facts: Mapping[str, tuple[str, ...]]
    by_institution: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    numbers: Mapping[str, float] = field(default_factory=dict)
    tasks: tuple[str, ...] = ()
    summary: Text | None = None
    texts: Mapping[str, Text] = field(default_factory=dict)  # `who`, `says:aau`, a data level: what to know at it
    steps: tuple[Text, ...] = ()  # how to get access
    url: str | None = None
