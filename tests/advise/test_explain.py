"""Why something is there or not, and what an answer changed."""

from __future__ import annotations

import pytest
from small_desk import DESK, TODAY, screened
from test_personas import BIOLOGIST, INTERVIEWER

from dkai.advise.effect import effect
from dkai.advise.explain import explain, items
from dkai.core.levels import Level

KNOWN = DESK.knowledge
MADE = screened(**INTERVIEWER)


def explained(item: str, made=MADE):
    found = explain(item, made, KNOWN)
    assert found is not None
    return found


def test_a_rule_that_applies() -> None:
    found = explained("university-ethics")
    assert (found.kind, found.verdict.en) == ("rule", "it applies")
    assert [(one.id, one.holds) for one in found.compared] == [("place_kind", "yes"), ("participants", "yes")]
    assert found.compared[0].answer is not None and found.compared[0].answer.en == "a university"
    assert found.compared[1].answer is not None
    assert found.compared[1].answer.en == "Yes, interviews, questionnaires or observation"
    assert found.contact is not None and "ethics board" in found.contact.en
    assert found.sources[0].url.startswith("https://")
    # A derived name stands for the question it comes from.
    assert [text.en for text in found.change] == ["where you work or study", "whether people take part in the project"]


def test_a_rule_that_does_not() -> None:
    found = explained("transfer")
    assert found.verdict.en == "your answers do not bring it up"
    assert [one.holds for one in found.compared] == ["yes", "no"]


def test_a_rule_without_answers() -> None:
    assert explained("transfer", None).verdict.en == "no answers yet: run dkai advise"
    assert all(one.answer is None for one in explained("cpr", None).compared)


def test_a_rule_that_is_not_in_force_yet() -> None:
    assert explained("ehds").verdict.en == "not in force yet"


def test_a_tool_that_was_picked_and_one_that_was_not() -> None:
    found = explained("window")
    assert found.verdict.en == "recommended, number 1"
    assert "has-window" in [why.id for why in found.why]
    assert "how much you program" in [text.en for text in found.change]
    found = explained("online")
    assert found.verdict.en == "ruled out"
    assert [why.id for why in found.against] == ["sends-data-away"]
    assert found.against[0].because == ("people",)


def test_a_place() -> None:
    assert explained("own").verdict.en == "recommended, number 1"
    assert explained("browser").verdict.en == "ruled out"


def test_a_question_and_a_contact() -> None:
    found = explained("people")
    assert found.kind == "question"
    assert found.verdict.en.startswith("your answer: Yes, sensitive")
    assert "CPR numbers" not in [text.en for text in found.change]  # that one hangs on the kinds
    assert explained("dpo").kind == "contact"


def test_nothing_of_that_name() -> None:
    assert explain("nonsense", MADE, KNOWN) is None
    assert explain("window", None, KNOWN) is None


@pytest.mark.parametrize("item", items(MADE, KNOWN))
def test_everything_that_is_listed_can_be_explained(item: str) -> None:
    found = explained(item)
    assert found.name.da and found.name.en and found.verdict.da


def test_what_an_answer_changed() -> None:
    made = effect({}, {"task": "speech"}, DESK, TODAY)
    assert (made.chose_tools, made.tools_left) == (True, 4)
    before = {"task": "speech"}
    made = effect(before, {**before, "people": "sensitive"}, DESK, TODAY)
    assert [(one.name.en[:17], one.count) for one in made.tools_out] == [("it sends the data", 1)]
    assert made.level is Level.SENSITIVE
    assert [rule.en for rule in made.rules] == [
        "A basis for processing personal data", "Data processing agreement before others get the data",
        "Record of processing", "Tell the people concerned",
    ]  # fmt: skip
    made = effect(before, {**before, "institution": "companies"}, DESK, TODAY)
    assert [(one.name.en, one.count) for one in made.places_out] == [("not for your institution", 3)]


def test_an_answer_that_changes_nothing_visible() -> None:
    before = dict(BIOLOGIST)
    del before["skill"]
    made = effect(before, BIOLOGIST, DESK, TODAY)
    assert not (made.tools_out or made.places_out or made.rules or made.level or made.chose_tools)
