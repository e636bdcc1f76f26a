"""A screening: what follows from one person's answers, with reasons, as one value that can be kept and handed on.

Every text is kept in both languages, so that a saved screening can be read in either. Every pick has a reason, every
exclusion a cause, and both name the questions whose answers led there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from dkai.advise.model import Answer, CandidateKind, Severity, Source
from dkai.core.levels import Level
from dkai.core.text import Text

VERSION = 1
Params = Mapping[str, str | int | float | bool]


@dataclass(frozen=True, slots=True)
class Said:
    """One answer, in words."""

    id: str  # the question
    name: Text
    answer: Text


@dataclass(frozen=True, slots=True)
class Why:
    """One reason, cause or warning, and the questions whose answers led to it."""

    id: str
    name: Text
    because: tuple[str, ...] = ()
    unsure: tuple[str, ...] = ()  # questions answered “I don't know”, or not asked
    certain: bool = True
    points: float | None = None
    detail: Text | None = None


@dataclass(frozen=True, slots=True)
class Pick:
    """A tool or a place that is recommended."""

    id: str
    name: Text
    of: CandidateKind
    summary: Text
    score: float
    reasons: tuple[Why, ...]
    tasks: tuple[str, ...] = ()  # the catalogue tasks that were asked for and that it does
    caveats: tuple[Why, ...] = ()
    note: Text | None = None  # what to know at the data's level
    steps: tuple[Text, ...] = ()  # how to get access
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Out:
    """A tool or a place that was ruled out, and why."""

    id: str
    name: Text
    of: CandidateKind
    causes: tuple[Why, ...]


@dataclass(frozen=True, slots=True)
class Behind:
    """A tool or a place that would do, and what the last one picked has that it lacks."""

    id: str
    name: Text
    of: CandidateKind
    points: float  # how far behind
    lacks: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class ToDo:
    """Something to do, and whom to ask."""

    id: str
    name: Text
    contact: str | None = None


@dataclass(frozen=True, slots=True)
class Data:
    """How the data count, why, and what to do with them first. `settled` False: counted as the worst they may be."""

    level: Level
    settled: bool
    why: Text
    because: tuple[str, ...]
    first: tuple[ToDo, ...]


@dataclass(frozen=True, slots=True)
class Applies:
    """A rule that applies, or may apply."""

    id: str
    name: Text
    text: Text
    severity: Severity
    certain: bool
    standing: Literal["current", "not-yet", "expired"]
    because: tuple[str, ...]
    unsure: tuple[str, ...]
    contact: str
    sources: tuple[Source, ...]
    checked_on: date
    stale: bool
    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class TryNow:
    """The recipe to run today."""

    recipe: str
    why: Text
    site: str = "local"
    sample: bool = False
    params: Params = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Person:
    """Whom to ask, and about what."""

    id: str
    name: Text
    text: Text
    url: str | None = None
    email: str | None = None


@dataclass(frozen=True, slots=True)
class Learn:
    """A course or material, and why."""

    id: str
    name: Text
    why: Text
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Settle:
    """Something the person does not know and that something hangs on."""

    id: str  # the question
    name: Text
    text: Text
    contact: str | None = None


@dataclass(frozen=True, slots=True)
class NotAsked:
    """A question without an answer; `matters` when an answer could still change the result."""

    id: str
    name: Text
    matters: bool


@dataclass(frozen=True, slots=True)
class Screening:
    """Everything that follows from the answers."""

    made_on: date
    dkai: str
    answers: Mapping[str, Answer]
    said: tuple[Said, ...]
    data: Data
    tools: tuple[Pick, ...]
    places: tuple[Pick, ...]
    try_now: TryNow
    rules: tuple[Applies, ...] = ()
    ruled_out: tuple[Out, ...] = ()
    behind: tuple[Behind, ...] = ()
    to_settle: tuple[Settle, ...] = ()
    week: tuple[ToDo, ...] = ()
    before: tuple[ToDo, ...] = ()
    contacts: tuple[Person, ...] = ()
    courses: tuple[Learn, ...] = ()
    not_asked: tuple[NotAsked, ...] = ()
    clear: bool = False  # no obstacle was found in the answers


def is_clear(screening: Screening) -> bool:
    """Whether the answers show no obstacle: no rule that stops, nothing left open, something to use."""
    stops = any(r.standing == "current" and r.severity in ("stop", "approval") for r in screening.rules)
    open_ends = bool(screening.to_settle) or any(question.matters for question in screening.not_asked)
    return bool(screening.tools and screening.places and screening.data.settled) and not stops and not open_ends
