"""Answers from files and options, in today's words and yesterday's."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from small_desk import DESK

from dkai.advise.answer_file import find_question, parse_answer, parse_answers, read_answers
from dkai.advise.kept import answers_path, forget_answers, keep_answers, kept_answers
from dkai.advise.model import Knowledge, Option, Question
from dkai.core.errors import UserError
from dkai.core.text import Text

KNOWN = DESK.knowledge


def question(name: str) -> Question:
    return find_question(name, KNOWN)


def code(function, *values) -> str:
    with pytest.raises(UserError) as caught:
        function(*values)
    assert caught.value.hint
    return f"{caught.value.code}: {caught.value.message} / {caught.value.hint}"


@pytest.mark.parametrize(
    ("name", "value", "answer"),
    [
        ("task", "speech", "speech"),
        ("task", "unknown", "unknown"),
        ("kinds", "cpr", ("cpr",)),
        # In the order of the question, once each, however they were written.
        ("kinds", "health, cpr,cpr", ("cpr", "health")),
        ("kinds", ["health", "cpr"], ("cpr", "health")),
        ("kinds", [], ()),
        ("kinds", "none", ()),
        ("kinds", "unknown", "unknown"),
        ("words", "  count \n birds ", "count birds"),
        ("words", 42, "42"),
    ],
)
def test_answers_are_understood(name: str, value: object, answer: object) -> None:
    assert parse_answer(question(name), value) == answer


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("task", "speach", "did you mean speech?"),
        ("people", True, "“yes” is no answer to that"),  # YAML read the word yes
        ("people", ["none"], "is no answer to that"),
        ("kinds", {"cpr": True}, "is no answer to that"),
        ("kinds", "cpr,dna", "“dna” is no answer to that"),
        ("words", "", "a short text is expected"),
        ("words", "x" * 301, "of at most 300 characters"),
        ("words", "bell\x07", "a short text is expected"),
        ("words", None, "a short text is expected"),
    ],
)
def test_what_is_no_answer_says_what_would_be(name: str, value: object, says: str) -> None:
    assert says in code(parse_answer, question(name), value)


def test_no_such_question() -> None:
    assert "did you mean people" in code(find_question, "peple", KNOWN)
    assert "the questions are: task, words" in code(find_question, "zzz", KNOWN)


def test_a_file_written_by_hand(tmp_path: Path) -> None:
    path = tmp_path / "answers.yaml"
    path.write_text("task: speech\nkinds: [cpr]\npeople: sensitive\ngpu:\n", encoding="utf-8")
    assert read_answers(path, KNOWN) == {"task": "speech", "kinds": ("cpr",), "people": "sensitive"}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("people: none\nkinds: [cpr]\n", "contradictory-answers: answers.yaml: these answers contradict each other"),
        ("people: none\nregistry: dst\n", "contradictory-answers"),
        ("people: ordinary\nkinds: [health]\n", "contradictory-answers"),
        ("people: sensitive\nown_level: public\n", "contradictory-answers"),
        ("taks: speech\n", "no-such-question: answers.yaml: there is no question called “taks”"),
        ("schema: dkai/answers/9\nanswers: {}\n", "file-too-new"),
        ("schema: dkai/plan/1\n", "bad-file"),
        ("schema: dkai/answers/1\n", "bad-file: answers.yaml › answers"),
        ("- task\n", "bad-file"),
    ],
)
def test_a_file_that_cannot_be_right(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "answers.yaml"
    path.write_text(text, encoding="utf-8")
    assert says in code(read_answers, path, KNOWN)


def renamed() -> Knowledge:
    """The questions of a later dkai: one question and one answer have new names, and one answer is gone."""
    task = question("task")
    options = (*(o for o in task.options if o.id not in ("speech", "code")),
               Option("sound", Text.of("sound"), was=("speech",), tasks=("transcription",)))  # fmt: skip
    new = replace(task, id="goal", was=("task",), options=options)
    return replace(KNOWN, questions=(new, *KNOWN.questions[1:]))


def test_answers_survive_new_names() -> None:
    assert parse_answers({"task": "speech", "gpu": "none"}, renamed()) == {"goal": "sound", "gpu": "none"}


def test_kept_answers_come_back_and_go() -> None:
    assert kept_answers(KNOWN) is None
    keep_answers({"task": "speech", "kinds": ("cpr",)}, date(2026, 11, 24))
    assert answers_path().stat().st_mode & 0o777 == 0o600
    kept = kept_answers(KNOWN)
    assert kept is not None
    assert (kept.answers, kept.on, kept.lost) == ({"task": "speech", "kinds": ("cpr",)}, date(2026, 11, 24), ())
    forget_answers()
    forget_answers()
    assert kept_answers(KNOWN) is None


def test_kept_answers_that_are_no_longer_understood_are_asked_again() -> None:
    keep_answers({"task": "code", "gpu": "none"}, date(2026, 11, 24))
    kept = kept_answers(renamed())
    assert kept is not None
    assert (kept.answers, kept.lost) == ({"gpu": "none"}, ("task",))


def test_a_damaged_file_of_kept_answers_says_so() -> None:
    keep_answers({}, date(2026, 11, 24))
    answers_path().write_text("schema: dkai/answers/1\nanswers: 7\n", encoding="utf-8")
    assert "bad-file" in code(kept_answers, KNOWN)
