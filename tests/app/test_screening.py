"""The join with the real catalogue, and the hand-over to a job."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from dkai.advise.join import Desk
from dkai.advise.knowledge import facts_compared, shipped_knowledge
from dkai.advise.screening import Screening
from dkai.advise.screening_file import write_screening
from dkai.app.screening import explain_item, hand_over, load_screening, make_screening, open_desk
from dkai.core.errors import UserError
from dkai.core.levels import Level

TODAY = date(2026, 11, 24)


@pytest.fixture(scope="module")
def desk() -> Desk:
    return open_desk()


def screened(desk: Desk, **answers: str | tuple[str, ...]) -> Screening:
    return make_screening(answers, today=TODAY, desk=desk)


def test_every_tool_and_place_is_there_with_its_facts(desk: Desk) -> None:
    assert len(desk.tools) >= 12 and len(desk.places) >= 6
    compared = facts_compared(shipped_knowledge())
    some = {name for tool in desk.tools for name in tool.facts}
    some |= {name for place in desk.places for name in place.facts}
    some |= {name for place in desk.places for part in place.by_institution.values() for name in part}
    assert compared <= some


def test_every_tool_can_be_reached_by_some_answer(desk: Desk) -> None:
    question = desk.knowledge.question("task")
    assert question is not None
    reached = {task for option in question.options for task in option.tasks}
    assert not [tool.id for tool in desk.tools if not reached & set(tool.tasks)]


def test_institutions_that_places_name_can_be_answered(desk: Desk) -> None:
    from dkai.catalogue.open import open_catalogue

    question = desk.knowledge.question("institution")
    assert question is not None
    known = {option.id for option in question.options} | {"anyone"}
    for entry in open_catalogue().entries("provider"):
        assert set(entry["access"]["eligible"]) <= known, entry.id


def test_hosted_tools_are_out_for_an_interviewer_with_health_data(desk: Desk) -> None:
    made = screened(desk, task="speech", people="sensitive", kinds=("health",), registry="none", institution="ku")
    by_id = {tool.id: tool for tool in desk.tools}
    assert made.tools
    assert all("local" in by_id[pick.id].facts["where"] for pick in made.tools)


def test_courses_answer_what_is_missing(desk: Desk) -> None:
    made = screened(desk, task="tables", skill="none", people="ordinary", own_level="internal", registry="none")
    assert made.courses
    assert all(course.name.da and course.why.da and course.url for course in made.courses)
    assert len({course.id for course in made.courses}) == len(made.courses)


def test_ones_own_words_are_searched_for(desk: Desk) -> None:
    made = screened(desk, task="other", words="transskribere interviews", people="none", own_level="public")
    assert {"whisper", "noscribe"} & {pick.id for pick in (*made.tools, *made.behind)}
    assert "transskribere interviews" in made.tools[0].reasons[0].name.da


def test_the_hand_over(desk: Desk, tmp_path: Path) -> None:
    made = screened(desk, task="tables", people="none", own_level="internal")
    path = tmp_path / "s.yaml"
    write_screening(made, path)
    given = hand_over(load_screening(path))
    assert (given.recipe, given.site, given.level, given.sample) == ("tabular-baseline", "local", Level.INTERNAL, True)
    assert given.params == {}


def test_a_file_that_lowers_the_level_is_refused(desk: Desk) -> None:
    made = screened(desk, task="tables", people="sensitive", kinds=("cpr",), registry="none")
    lowered = replace(made, data=replace(made.data, level=Level.PUBLIC))
    with pytest.raises(UserError) as caught:
        hand_over(lowered)
    assert caught.value.code == "contradictory-screening"
    assert "public" in caught.value.message and "sensitive" in caught.value.message


def test_a_file_may_raise_the_level(desk: Desk) -> None:
    made = screened(desk, task="tables", people="none", own_level="public")
    assert hand_over(replace(made, data=replace(made.data, level=Level.SENSITIVE))).level is Level.SENSITIVE


@pytest.mark.parametrize("recipe", ["/tmp/evil", "../evil", "transcribe-nothing", ""])
def test_a_file_cannot_name_somebody_elses_program(desk: Desk, recipe: str) -> None:
    made = screened(desk, task="tables", people="none", own_level="public")
    with pytest.raises(UserError) as caught:
        hand_over(replace(made, try_now=replace(made.try_now, recipe=recipe)))
    assert caught.value.code == "contradictory-screening"


def test_contradicting_answers_make_no_screening(desk: Desk) -> None:
    with pytest.raises(UserError) as caught:
        screened(desk, people="none", registry="dst")
    assert caught.value.code == "contradictory-answers"


def test_what_was_not_even_considered_is_explained_too(desk: Desk) -> None:
    made = screened(desk, task="tables", people="none", own_level="public")
    found = explain_item("whisper", made)
    assert found is not None
    assert found.kind == "tool" and found.verdict.en.startswith("not considered")
    assert explain_item("no-such-thing", made) is None


def test_contacts_that_advice_names_are_in_the_catalogue(desk: Desk) -> None:
    named = {entry for role in desk.knowledge.contacts for entry in role.entries.values()}
    assert named and named <= set(desk.people)


def test_the_institutions_own_contact_is_named(desk: Desk) -> None:
    personal: dict[str, str | tuple[str, ...]] = {"people": "ordinary", "own_level": "internal", "registry": "none"}
    at_au = {person.id: person for person in screened(desk, **personal, institution="au").contacts}
    elsewhere = {person.id: person for person in screened(desk, **personal, institution="cbs").contacts}
    assert at_au["dpo"].url is not None and "au.dk" in at_au["dpo"].url
    assert elsewhere["dpo"].url is None
    assert elsewhere["dpo"].name.en == "Your institution's data protection officer (DPO)"
