"""What is asked of a place that has an interface of requests in place of a shell: values, and how they travel.

A scheduler of such a place writes questions into a `Command`, as the one argument of the word `ask`; its host answers
them in order, one line of JSON each, on standard output. So the two keep to what all schedulers and hosts keep to: text
in, text out.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

WORD = "ask"


@dataclass(frozen=True, slots=True)
class Question:
    """One request, or the reading of one small file.

    `lacks` and `ended` name an earlier question (by key) and a job (its name or number): this one is asked only where
    that answer has no such job, or has it as ended.
    """

    key: str
    method: str = "GET"
    path: str = ""
    query: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    pages: int = 1  # a list is followed over so many pages; its items are answered together
    read: str | None = None  # a file of the place, instead of a request
    limit: int = 1_000_000  # bytes of that file
    lacks: tuple[str, str] | None = None
    ended: tuple[str, str] | None = None
    changes: bool = False  # it starts or ends something: never asked a second time
    optional: bool = False  # without a token that is kept it is not asked, and nobody is asked for a token


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. `status` is HTTP's; 0 where nothing was asked, and `why` says so."""

    key: str
    status: int
    body: Any = None
    why: str = ""

    @property
    def ok(self) -> bool:
        """Whether it was done."""
        return 200 <= self.status < 300

    @property
    def items(self) -> list[dict[str, Any]]:
        """The items of a list; of what is none, nothing."""
        found = self.body.get("items") if isinstance(self.body, dict) else None
        return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def write_questions(questions: Sequence[Question]) -> tuple[str, ...]:
    """As a command's words; the same questions give the same ones."""
    return (WORD, json.dumps([asdict(one) for one in questions], ensure_ascii=False, sort_keys=True))


def read_questions(argv: Sequence[str]) -> list[Question]:
    """What `write_questions` wrote; nothing where the words are another command's."""
    if len(argv) != 2 or argv[0] != WORD:
        return []
    found = []
    for one in json.loads(argv[1]):
        pairs = {name: tuple(one[name]) if one[name] else None for name in ("lacks", "ended")}
        found.append(Question(**{**one, **pairs}))
    return found


def write_answers(answers: Sequence[Answer]) -> str:
    """As a command's standard output."""
    return "".join(json.dumps(asdict(one), ensure_ascii=True) + "\n" for one in answers)


def read_answers(text: str) -> dict[str, Answer]:
    """By key. What is no answer is left out."""
    found = {}
    for line in text.splitlines():
        try:
            one = Answer(**json.loads(line))
        except (ValueError, TypeError):
            continue
        found[one.key] = one
    return found


def job_in(answer: Answer | None, word: str) -> dict[str, Any] | None:
    """The job called `word` (by its name there, or its number); of several the oldest, which is the first to run."""
    if answer is None:
        return None
    candidates = [*answer.items, answer.body] if isinstance(answer.body, dict) else answer.items
    named = [job for job in candidates if _is(job, word)]
    return min(named, key=lambda job: (len(str(job.get("id"))), str(job.get("id"))), default=None)


def _is(job: dict[str, Any], word: str) -> bool:
    specification = job.get("specification")
    name = specification.get("name") if isinstance(specification, dict) else None
    return isinstance(job.get("id"), (str, int)) and word in (str(job["id"]), name)


def state_of(job: Mapping[str, Any] | None) -> str:
    """The job's state in the place's own word; empty where it has none."""
    status = (job or {}).get("status")
    state = status.get("state") if isinstance(status, dict) else None
    return state if isinstance(state, str) else ""
