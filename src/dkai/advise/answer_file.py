"""Answers from a file, an option or an earlier version of the questions: checked, renamed where ids have changed.

A file of answers is a screening that was saved, what a stopped dialogue kept, or a mapping somebody wrote by hand.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from dkai.advise.answers import names
from dkai.advise.conditions import UNKNOWN, Lookup, Seen, Truth
from dkai.advise.model import Answer, Answers, Knowledge, Question
from dkai.core.clean import one_line
from dkai.core.errors import UserError
from dkai.core.i18n import t

VERSION = 1
MAX_TEXT = 300
_KINDS = ("answers", "screening", "advise")  # what was kept, saved, or printed as JSON


def read_answers(path: Path, knowledge: Knowledge) -> dict[str, Answer]:
    """The answers in a file. Raises UserError for anything that is wrong with it."""
    content: Any = read_plain(path)
    schema = content.get("schema")
    if schema is not None:
        check_schema(schema, path, _KINDS)
        content = content.get("answers")
    if not isinstance(content, dict):
        raise bad_file(path, "answers", t("a mapping of questions to answers is expected"))
    try:
        answers = parse_answers(content, knowledge)
        check_answers(answers, knowledge)
    except UserError as error:
        raise UserError(f"{path.name}: {error.message}", code=error.code, hint=error.hint) from None
    return answers


def parse_answers(plain: Mapping[Any, Any], knowledge: Knowledge) -> dict[str, Answer]:
    """Plain values as answers; ids of earlier versions are understood. Raises UserError."""
    answers: dict[str, Answer] = {}
    for name, value in plain.items():
        question = find_question(str(name), knowledge)
        if value is not None:
            answers[question.id] = parse_answer(question, value)
    return answers


def still_valid(plain: Mapping[Any, Any], knowledge: Knowledge) -> tuple[dict[str, Answer], tuple[str, ...]]:
    """The kept answers that today's questions still understand, and the names of those they do not."""
    answers: dict[str, Answer] = {}
    lost = []
    for name, value in plain.items():
        try:
            answers |= parse_answers({name: value}, knowledge)
            check_answers(answers, knowledge)
        except UserError:
            answers.pop(str(name), None)
            lost.append(one_line(str(name), 40))
    return answers, tuple(lost)


def find_question(name: str, knowledge: Knowledge) -> Question:
    """The question called so, now or earlier. Raises UserError with the nearest names."""
    for question in knowledge.questions:
        if name == question.id or name in question.was:
            return question
    known = [question.id for question in knowledge.questions]
    near = get_close_matches(name, known, n=2, cutoff=0.5)
    raise UserError(
        t("there is no question called “{name}”", name=one_line(name, 60)),
        code="no-such-question",
        hint=t("did you mean {names}?", names=" / ".join(near))
        if near
        else t("the questions are: {names}", names=", ".join(known)),
    )


def parse_answer(question: Question, value: Any) -> Answer:
    """One answer: an id, several ids (a list, or divided by commas), `unknown`, or a free text. Raises UserError."""
    # YAML reads yes, no and numbers as something else than the words a person typed.
    value = {True: "yes", False: "no"}.get(value, value) if isinstance(value, bool) else value
    if question.kind == "text":
        text = " ".join(str(value).split()) if isinstance(value, (str, int, float)) else ""
        if not text or len(text) > MAX_TEXT or one_line(text, MAX_TEXT) != text:
            raise _wrong(question, value, t("a short text is expected, of at most {n} characters", n=MAX_TEXT))
        return text
    if value == UNKNOWN:
        return UNKNOWN
    if question.kind == "several":
        words = value.split(",") if isinstance(value, str) else value
        if not isinstance(words, (list, tuple)):
            raise _wrong(question, value)
        chosen = {_option(question, str(word).strip()) for word in words if str(word).strip() not in ("", "none")}
        return tuple(option.id for option in question.options if option.id in chosen)
    return _option(question, str(value).strip())


def check_answers(answers: Answers, knowledge: Knowledge) -> None:
    """Raise UserError when the answers cannot all be right."""
    look = _as_said(answers, knowledge)
    for contradiction in knowledge.contradictions:
        if contradiction.when.judge(look).truth is Truth.YES:
            raise UserError(
                t("these answers contradict each other: {what}", what=contradiction.text),
                code="contradictory-answers",
                hint=t("change one of them"),
            )


def pack_answers(answers: Answers) -> dict[str, Any]:
    """Answers as YAML keeps them."""
    return {name: list(value) if isinstance(value, tuple) else value for name, value in answers.items()}


def _as_said(answers: Answers, knowledge: Knowledge) -> Lookup:
    """A lookup over what was said, whether or not it is relevant."""
    items = names(knowledge)

    def look(name: str) -> Seen:
        value = answers.get(name)
        item = items[name]
        if value is None or value == UNKNOWN or not isinstance(item, Question) or item.kind == "text":
            return Seen(frozenset(), several=True)
        return Seen(frozenset(value if isinstance(value, tuple) else (value,)), several=True)

    return look


def _option(question: Question, word: str) -> str:
    for option in question.options:
        if word == option.id or word in option.was:
            return option.id
    raise _wrong(question, word)


def _wrong(question: Question, value: Any, why: str | None = None) -> UserError:
    ids = [option.id for option in question.options] + [UNKNOWN]
    shown = one_line(str(value), 60)
    near = get_close_matches(shown, ids, n=1, cutoff=0.6)
    one_of = t("one of: {names}", names=", ".join(ids))
    hint = why or (t("did you mean {names}?", names=near[0]) + "\n" + one_of if near else one_of)
    return UserError(
        t("{question}: “{answer}” is no answer to that", question=question.id, answer=shown),
        code="no-such-answer",
        hint=hint,
    )


def read_plain(path: Path) -> dict[str, Any]:
    """A YAML file's mapping. Raises UserError with the place and how to mend it."""
    from dkai.catalogue.yaml_file import parse_yaml
    from dkai.core.files import read_text

    read = parse_yaml(read_text(path), path.name)
    if read.problems:
        first = read.problems[0]
        raise UserError(str(first), code="bad-file", hint=first.hint or t("mend it, or make it again"))
    if not isinstance(read.value, dict):
        raise bad_file(path, "", t("a mapping is expected"))
    return read.value


def check_schema(schema: Any, path: Path, kinds: Iterable[str], version: int = VERSION) -> int:
    """The version in a schema line such as `dkai/screening/1`. Raises UserError when it is another kind, or newer."""
    match = re.fullmatch(r"dkai/([a-z]+)/(\d{1,6})", str(schema))
    if match is None or match[1] not in kinds:
        wanted = " / ".join(f"dkai/{kind}/{version}" for kind in kinds)
        raise bad_file(path, "schema", t("“{schema}” is expected", schema=wanted))
    if int(match[2]) > version:
        raise UserError(
            t("{path} was written by a newer dkai ({schema})", path=path.name, schema=one_line(str(schema), 40)),
            code="file-too-new",
            hint=t("use that dkai, or a newer one: pip install --upgrade dkai; the file was not touched"),
        )
    return int(match[2])


def bad_file(path: Path, field: str, why: str) -> UserError:
    """The error for a file that says something impossible."""
    place = f"{path.name} › {field}" if field else path.name
    return UserError(
        f"{place}: {why}", code="bad-file", hint=t("mend it, or make it again with: dkai advise --save FILE")
    )
