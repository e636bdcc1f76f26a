"""What stays between two runs: the answers of a dialogue that was stopped, and the last screening. Private files."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from dkai.advise.answer_file import bad_file, check_schema, pack_answers, read_plain, still_valid
from dkai.advise.model import Answer, Answers, Knowledge
from dkai.advise.screening import Screening
from dkai.advise.screening_file import read_screening, write_screening
from dkai.core.files import write_private
from dkai.core.i18n import t
from dkai.core.paths import data_dir


@dataclass(frozen=True, slots=True)
class Kept:
    """A dialogue that was stopped. `lost`: answers that today's questions no longer understand."""

    answers: dict[str, Answer]
    on: date
    lost: tuple[str, ...] = ()


def answers_path() -> Path:
    """Where a stopped dialogue's answers are."""
    return data_dir() / "advise" / "answers.yaml"


def screening_path() -> Path:
    """Where the last screening is."""
    return data_dir() / "advise" / "screening.yaml"


def keep_answers(answers: Answers, today: date) -> None:
    """Keep the answers given so far. Raises UserError when the folder cannot be written."""
    import yaml

    plain = {"schema": "dkai/answers/1", "kept_on": today, "answers": pack_answers(answers)}
    write_private(answers_path(), yaml.safe_dump(plain, allow_unicode=True, sort_keys=False))


def kept_answers(knowledge: Knowledge) -> Kept | None:
    """The answers of the dialogue that was stopped last; None when there are none. Raises UserError."""
    path = answers_path()
    if not path.exists():
        return None
    content = read_plain(path)
    check_schema(content.get("schema"), path, ("answers",))
    day, plain = content.get("kept_on"), content.get("answers")
    if not isinstance(plain, dict) or not isinstance(day, date):
        raise bad_file(path, "answers", t("a mapping of questions to answers is expected"))
    answers, lost = still_valid(plain, knowledge)
    return Kept(answers, day, lost)


def forget_answers() -> None:
    """Remove what a stopped dialogue kept."""
    with contextlib.suppress(OSError):
        answers_path().unlink()


def keep_screening(screening: Screening) -> None:
    """Keep the screening as the last one. Raises UserError."""
    write_screening(screening, screening_path())


def last_screening(knowledge: Knowledge) -> Screening | None:
    """The last screening; None when there is none. Raises UserError when its file is damaged."""
    path = screening_path()
    return read_screening(path, knowledge) if path.exists() else None
