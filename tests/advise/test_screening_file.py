"""A screening in a file: round trip, privacy, versions, and what a stranger may have put into it."""

from __future__ import annotations

import copy
import stat
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from small_desk import DESK, screened
from test_personas import EVERYBODY, INTERVIEWER

from dkai.advise.answer_file import read_answers
from dkai.advise.screening import Screening
from dkai.advise.screening_file import read_screening, screening_text, write_screening
from dkai.core.errors import UserError

KNOWN = DESK.knowledge


def refused(path: Path) -> UserError:
    with pytest.raises(UserError) as caught:
        read_screening(path, KNOWN)
    assert caught.value.hint
    return caught.value


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    path = tmp_path / "screening.yaml"
    write_screening(screened(**INTERVIEWER), path)
    return path


def change(path: Path, *where: Any, value: Any = None) -> None:
    """Set the value at a place of the file; None removes it."""
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    spot = content
    for step in where[:-1]:
        spot = spot[step]
    if value is None:
        del spot[where[-1]]
    else:
        spot[where[-1]] = value
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")


@pytest.mark.parametrize("name", EVERYBODY)
def test_round_trip(name: str, tmp_path: Path) -> None:
    made = screened(**EVERYBODY[name])
    path = tmp_path / "s.yaml"
    write_screening(made, path)
    assert read_screening(path, KNOWN) == made


def test_it_is_readable_and_private(saved: Path) -> None:
    text = saved.read_text(encoding="utf-8")
    lines = text.splitlines()
    assert lines[0].startswith("# ")
    assert lines[1] == "schema: dkai/screening/1"
    assert "  task: speech" in lines
    assert "Københavns Universitet" in text  # not \xf8
    assert stat.S_IMODE(saved.stat().st_mode) == 0o600


def test_its_answers_can_be_used_again(saved: Path) -> None:
    assert read_answers(saved, KNOWN) == INTERVIEWER


def test_a_newer_file_is_refused_and_left_alone(saved: Path) -> None:
    before = saved.read_text(encoding="utf-8").replace("dkai/screening/1", "dkai/screening/2")
    saved.write_text(before, encoding="utf-8")
    error = refused(saved)
    assert error.code == "file-too-new"
    assert "newer dkai" in error.message
    assert saved.read_text(encoding="utf-8") == before


def test_an_older_file_is_brought_up_to_date(saved: Path) -> None:
    # As if version 0 had called the data's first steps `todo`.
    content = yaml.safe_load(saved.read_text(encoding="utf-8"))
    content["schema"] = "dkai/screening/0"
    content["data"]["todo"] = content["data"].pop("first")
    saved.write_text(yaml.safe_dump(content), encoding="utf-8")

    def from_0(old: dict[str, Any]) -> dict[str, Any]:
        data = dict(old["data"])
        data["first"] = data.pop("todo")
        return {**old, "data": data}

    assert read_screening(saved, KNOWN, {0: from_0}) == screened(**INTERVIEWER)
    assert refused(saved).code == "bad-file"


@pytest.mark.parametrize(
    ("where", "value", "says"),
    [
        (("schema",), None, "schema: “dkai/screening/1” is expected"),
        (("schema",), "dkai/plan/1", "schema: “dkai/screening/1” is expected"),
        (("answers",), None, "answers: is missing"),
        (("answers",), ["speech"], "answers: a mapping is expected"),
        (("answers", "peple"), "none", "there is no question called “peple”"),
        (("answers", "people"), "nobody", "people: “nobody” is no answer to that"),
        (("answers", "people"), "none", "these answers contradict each other"),
        (("data", "level"), "secret", "data.level: one of: public, internal, confidential, sensitive"),
        (("data", "settled"), "yes please", "data.settled: true or false is expected"),
        (("tools", 0, "score"), "high", "tools[1].score: a number is expected"),
        (("tools", 0, "score"), True, "tools[1].score: a number is expected"),
        (
            ("tools", 0, "reasons", 0, "name"),
            {"da": "kun dansk"},
            "tools[1].reasons[1].name: {da: …, en: …} is expected",
        ),
        (("tools", 0, "name"), "bell \x07 and \x1b[31m red", "tools[1].name: a text is expected"),
        (("rules", 0, "severity"), "fine", "rules[1].severity: one of: stop"),
        (("rules", 0, "checked_on"), "lately", "rules[1].checked_on: a date is expected"),
        (("try_now", "recipe"), 7, "try_now.recipe: a text is expected"),
        (("try_now", "run"), "rm -rf ~", "try_now.run: there is no such field"),
        (("made_on",), "yesterday", "made_on: a date is expected"),
    ],
)
def test_a_file_that_says_something_impossible(saved: Path, where: tuple[Any, ...], value: Any, says: str) -> None:
    change(saved, *where, value=value)
    error = refused(saved)
    assert says in error.message
    assert error.message.startswith("screening.yaml")
    assert error.exit_code == 1


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "empty"),
        ("just a sentence", "a mapping is expected"),
        ("schema: [", "is not YAML"),
        ("a: &x [1]\nb: *x\n", "anchor"),
        ("a: !!python/object/apply:os.system ['true']\n", "tag"),
        ("[" * 2000, "nested too deeply"),
        ("schema: dkai/screening/1\nschema: dkai/screening/1\n", "twice"),
    ],
)
def test_hostile_yaml(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "screening.yaml"
    path.write_text(text, encoding="utf-8")
    assert says in refused(path).message


def test_not_there_not_text_not_small(tmp_path: Path) -> None:
    assert refused(tmp_path / "nowhere.yaml").code == "cannot-read"
    binary = tmp_path / "b.yaml"
    binary.write_bytes(b"\xff\xfe\x00")
    assert refused(binary).code == "not-utf8"
    assert refused(tmp_path).code == "cannot-read"


_PLAIN = yaml.safe_load(screening_text(screened(**INTERVIEWER)))
_ODD = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.lists(st.integers()), st.just({}))


def _places(value: Any, where: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [where] * bool(where) + [place for key, one in inner for place in _places(one, (*where, key))]


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(_places(_PLAIN)), _ODD)
def test_whatever_is_changed_it_reads_or_says_what_is_wrong(
    tmp_path_factory: pytest.TempPathFactory, where: tuple[Any, ...], odd: Any
) -> None:
    content = copy.deepcopy(_PLAIN)
    spot = content
    for step in where[:-1]:
        spot = spot[step]
    spot[where[-1]] = odd
    path = tmp_path_factory.mktemp("odd") / "screening.yaml"
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    try:
        assert isinstance(read_screening(path, KNOWN), Screening)
    except UserError as error:
        assert error.message and error.hint
