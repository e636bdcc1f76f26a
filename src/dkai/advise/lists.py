"""What advice knows, as lists that programs read: every item has an `id` and a `name`; conditions stay inside."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from dkai.advise.model import Knowledge, QuestionKind, Severity, Source
from dkai.core.text import Text


@dataclass(frozen=True, slots=True)
class RuleItem:
    """One rule: what applies, how grave it is, since when, and where it is written."""

    id: str
    name: Text
    text: Text
    severity: Severity
    sources: tuple[Source, ...]
    valid_from: date | None
    valid_to: date | None
    checked_on: date
    contact: str


@dataclass(frozen=True, slots=True)
class RuleList:
    """Every rule."""

    items: tuple[RuleItem, ...]


@dataclass(frozen=True, slots=True)
class AnswerItem:
    """One answer that may be given."""

    id: str
    name: Text


@dataclass(frozen=True, slots=True)
class QuestionItem:
    """One question, why it is asked, and its answers."""

    id: str
    name: Text
    kind: QuestionKind
    why: Text
    help: Text
    answers: tuple[AnswerItem, ...]
    may_be_unknown: bool


@dataclass(frozen=True, slots=True)
class QuestionList:
    """Every question that may be asked."""

    items: tuple[QuestionItem, ...]


def list_rules(knowledge: Knowledge) -> RuleList:
    """The rules, in the order in which they are written."""
    return RuleList(
        tuple(
            RuleItem(r.id, r.title, r.text, r.severity, r.sources, r.valid_from, r.valid_to, r.checked_on, r.contact)
            for r in knowledge.rules
        )
    )


def list_questions(knowledge: Knowledge) -> QuestionList:
    """The questions, in the order in which they are written."""
    return QuestionList(
        tuple(
            QuestionItem(
                q.id, q.text, q.kind, q.why, q.help,
                tuple(AnswerItem(o.id, o.text) for o in q.options), q.unknown is not None,
            )
            for q in knowledge.questions
        )
    )  # fmt: skip
