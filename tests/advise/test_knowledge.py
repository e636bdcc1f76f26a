"""What ships is whole, and a mistake in it is found when it is read."""

from __future__ import annotations

import copy
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from dkai.advise.conditions import names_in
from dkai.advise.knowledge import FILES, facts_compared, make_knowledge, read_knowledge, shipped_knowledge
from dkai.core.errors import UserError
from dkai.core.paths import package_file

FOLDER = package_file("advise/knowledge")
KNOWN = shipped_knowledge()


@pytest.fixture
def files() -> dict[str, Any]:
    return {name: yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8")) for name in FILES}


def refused(files: dict[str, Any]) -> str:
    with pytest.raises(UserError) as caught:
        make_knowledge(files)
    assert caught.value.code == "bad-knowledge"
    return caught.value.message


def test_what_ships_can_be_read() -> None:
    assert len(KNOWN.questions) >= 14
    assert len(KNOWN.rules) >= 15


def test_every_rule_has_https_sources_dates_and_somebody_to_ask() -> None:
    roles = {contact.id for contact in KNOWN.contacts}
    for rule in KNOWN.rules:
        assert rule.sources and all(source.url.startswith("https://") for source in rule.sources), rule.id
        assert rule.contact in roles
        assert date(2026, 1, 1) <= rule.checked_on
        assert 60 < len(rule.text.en) < 700 and 60 < len(rule.text.da) < 700, rule.id


def test_every_question_decides_something() -> None:
    things = [*KNOWN.rules, *KNOWN.constraints, *KNOWN.preferences, *KNOWN.steps, *KNOWN.courses, *KNOWN.recipes]
    used = {name for thing in things for name in names_in(thing.when)}
    used |= {name for derived in KNOWN.derived for case in derived.cases for name in names_in(case.when)}
    used |= {name for question in KNOWN.questions for name in names_in(question.when)}
    # The words are searched for; they decide through the search.
    assert {question.id for question in KNOWN.questions} - used == {"words"}


def test_every_answer_that_may_be_unknown_says_what_happens_then() -> None:
    for question in KNOWN.questions:
        severe = [r for r in KNOWN.rules if question.id in names_in(r.when) and r.severity in ("stop", "approval")]
        if severe and question.kind != "text" and question.id not in ("discipline", "task", "institution"):
            assert question.unknown is not None, question.id
            assert question.contact is not None, question.id


def test_every_question_and_every_contact_can_be_understood() -> None:
    for question in KNOWN.questions:
        assert question.text.da.endswith(("?", ".")) and question.text.en.endswith(("?", ".")), question.id
        # The reason completes a sentence.
        assert question.why.da[0].islower() and question.why.en[0] in "abcdefghijklmnopqrstuvwxyzI", question.id
    for contact in KNOWN.contacts:
        assert contact.url is None or contact.url.startswith("https://")
        assert contact.checked_on is not None


def test_facts_that_are_compared_are_facts_that_are_made() -> None:
    made = {"id", "ring", "where", "trains", "commercial", "cost", "os", "gpu", "interfaces", "danish", "field"}
    made |= {"kind", "scheduler", "country", "open_to_me", "may_hold", "offers"}
    assert facts_compared(KNOWN) <= made


def test_every_reason_is_certain_or_has_words_for_when_it_is_not() -> None:
    for constraint in KNOWN.constraints:
        if constraint.effect == "out" and constraint.if_unsure == "out" and constraint.id != "on-hold":
            assert constraint.unsure is not None, constraint.id


def spoil(files: dict[str, Any], file: str, group: str, place: int, field: str, value: Any) -> dict[str, Any]:
    spoilt = copy.deepcopy(files)
    if value is None:
        del spoilt[file][group][place][field]
    else:
        spoilt[file][group][place][field] = value
    return spoilt


@pytest.mark.parametrize(
    ("file", "group", "field", "value", "says"),
    [
        ("rules", "rules", "when", {"peple": ["none"]}, "compares “peple”, which is no question above it"),
        ("rules", "rules", "when", {"people": ["nobody"]}, "people: no answer is called “nobody”"),
        ("rules", "rules", "when", {"people": "none"}, "people: a list of answers is expected"),
        ("rules", "rules", "when", {"people": ["none"], "gpu": ["none"]}, "one comparison a mapping"),
        ("rules", "rules", "when", {"all": []}, "all: a list of conditions is expected"),
        ("rules", "rules", "when", "people == none", "a condition is a mapping, such as {people: [none]}"),
        ("rules", "rules", "when", {"people": ["none", "ordinary", "sensitive"]}, "every answer is named"),
        ("rules", "rules", "severity", "grave", "one of: stop, approval, document, inform, advise"),
        ("rules", "rules", "sources", [], "a rule needs at least one"),
        ("rules", "rules", "sources", [{"url": "law.pdf"}], "each source needs an https address"),
        ("rules", "rules", "valid_from", "25 May 2018", "a date is expected, such as 2026-11-23"),
        ("rules", "rules", "valid_to", date(2010, 1, 1), "is before valid_from"),
        ("rules", "rules", "checked_on", None, "a date is expected"),
        ("rules", "rules", "contact", "somebody", "no contact is called “somebody”"),
        ("rules", "rules", "title", {"en": "Only English"}, "{da: …, en: …} is expected"),
        ("rules", "rules", "title", {"da": " ", "en": "x"}, "both languages need a text"),
        ("rules", "rules", "text", {"da": "one two three four five six", "en": "one two three four five six"},
         "the Danish and the English are the same sentence"),
        ("rules", "rules", "colour", "red", "there is no such field"),
        ("rules", "rules", "id", "gdpr-special", "is used twice"),
        ("questions", "questions", "kind", "slider", "one of: choice, several, text"),
        ("questions", "questions", "options", [], "a choice needs answers, and a free text has none"),
        ("questions", "questions", "options", [{"id": False}], "each answer needs an id that is a text"),
        ("questions", "questions", "options", [{"id": "unknown", "text": {"da": "a", "en": "b"}}],
         "give the field unknown"),
        # The first question cannot hang on a later one.
        ("questions", "questions", "when", {"people": ["none"]}, "compares “people”, which is no question above it"),
        ("questions", "questions", "cost", "much", "a number is expected"),
        ("recommendations", "constraints", "of", "course", "one of: tool, place"),
        ("recommendations", "constraints", "if_unsure", "in", "one of: out, caveat, ignore"),
        ("recommendations", "preferences", "points", "three", "a number is expected"),
        ("recommendations", "recipes", "recipe", None, "a mapping with recipe is expected"),
        ("recommendations", "steps", "at", "tomorrow", "one of: data, week, before"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_place(
    files: dict[str, Any], file: str, group: str, field: str, value: Any, says: str
) -> None:
    message = refused(spoil(files, file, group, 0, field, value))
    assert says in message
    assert message.startswith(f"{file}.yaml › ")


def test_the_last_case_and_the_last_recipe_must_hold_always(files: dict[str, Any]) -> None:
    spoilt = copy.deepcopy(files)
    spoilt["recommendations"]["recipes"].pop()
    assert "the last one must hold always (when: {})" in refused(spoilt)
    spoilt = copy.deepcopy(files)
    spoilt["questions"]["derived"][0]["cases"].pop()
    assert "the last one must hold always (when: {})" in refused(spoilt)


def test_wrong_schema_and_broken_yaml(tmp_path: Path, files: dict[str, Any]) -> None:
    assert "“dkai/rules/1” is expected" in refused({**files, "rules": {"schema": "dkai/rules/9"}})
    for name in FILES:
        (tmp_path / f"{name}.yaml").write_text("a: 1\nb: ]\n", encoding="utf-8")
    with pytest.raises(UserError) as caught:
        read_knowledge(tmp_path)
    assert caught.value.message == "questions.yaml › line 2: it is not valid YAML"
