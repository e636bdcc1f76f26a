"""People as they come, and what they should hear: written by hand, question by question."""

from __future__ import annotations

import pytest
from small_desk import asked, certain, maybe, out, screened

from dkai.advise.model import Answer
from dkai.core.levels import Level

# What holds for whoever does research on personal data anywhere.
PERSONAL = {"gdpr-basis", "processor", "record", "tell-people"}
RESEARCH = {"ai-act-research", "declare-ai", "ai-literacy"}

INTERVIEWER: dict[str, Answer] = {
    "task": "speech", "discipline": "humanities", "institution": "ku", "people": "sensitive",
    "kinds": ("health", "special"), "registry": "none", "purpose": "research", "participants": "asked",
    "abroad": "none", "gpu": "some", "skill": "none", "machine": "macos", "own_gpu": "apple",
}  # fmt: skip
IMAGING_PHD: dict[str, Answer] = {
    "task": "images", "discipline": "health", "institution": "hospitals", "people": "sensitive",
    "kinds": ("cpr", "health", "genome-imaging"), "registry": "records", "purpose": "research", "participants": "none",
    "abroad": "none", "gpu": "some", "skill": "some", "machine": "linux", "own_gpu": "none",
}  # fmt: skip
ECONOMIST: dict[str, Answer] = {
    "task": "tables", "discipline": "social-science", "institution": "ku", "people": "sensitive", "kinds": (),
    "registry": "dst", "purpose": "research", "participants": "none", "abroad": "none", "gpu": "none",
    "skill": "fluent", "machine": "windows",
}  # fmt: skip
COMPANY: dict[str, Answer] = {
    "task": "images", "discipline": "engineering", "institution": "companies", "people": "none",
    "own_level": "confidential", "purpose": "product", "technology": "none", "gpu": "much", "skill": "fluent",
    "machine": "linux", "money": "plenty",
}  # fmt: skip
TEACHER: dict[str, Answer] = {
    "task": "writing", "discipline": "social-science", "institution": "university-colleges", "people": "none",
    "own_level": "public", "purpose": "teaching", "gpu": "none", "skill": "none", "machine": "windows", "money": "none",
}  # fmt: skip
BIOLOGIST: dict[str, Answer] = {
    "task": "images", "discipline": "life-science", "institution": "au", "people": "none", "own_level": "public",
    "purpose": "research", "technology": "none", "gpu": "none", "skill": "none", "machine": "windows", "money": "none",
}  # fmt: skip
PHYSICIST: dict[str, Answer] = {
    "task": "tables", "discipline": "natural-science", "institution": "dtu", "people": "none", "own_level": "internal",
    "purpose": "research", "technology": "listed", "gpu": "much", "skill": "fluent", "machine": "linux",
    "money": "some",
}  # fmt: skip
SURVEY_ABROAD: dict[str, Answer] = {
    "task": "tables", "discipline": "social-science", "institution": "aau", "people": "ordinary", "registry": "none",
    "own_level": "internal", "purpose": "research", "participants": "asked", "abroad": "outside", "gpu": "none",
    "skill": "some", "machine": "windows",
}  # fmt: skip
HOSPITAL_OPERATION: dict[str, Answer] = {
    "task": "images", "discipline": "health", "institution": "hospitals", "people": "sensitive", "kinds": ("health",),
    "registry": "none", "purpose": "operation", "participants": "none", "abroad": "none", "gpu": "some",
    "skill": "some", "machine": "linux", "own_gpu": "large",
}  # fmt: skip
NOTHING_KNOWN: dict[str, Answer] = {}

EVERYBODY = {
    "interviewer": INTERVIEWER, "imaging": IMAGING_PHD, "economist": ECONOMIST, "company": COMPANY, "teacher": TEACHER,
    "biologist": BIOLOGIST, "physicist": PHYSICIST, "survey": SURVEY_ABROAD, "operation": HOSPITAL_OPERATION,
    "nothing": NOTHING_KNOWN,
}  # fmt: skip


@pytest.mark.parametrize("name", EVERYBODY)
def test_twelve_questions_at_most_and_each_once(name: str) -> None:
    order, _ = asked(**EVERYBODY[name])
    assert 5 <= len(order) <= 12
    assert len(set(order)) == len(order)


@pytest.mark.parametrize("name", EVERYBODY)
def test_everybody_gets_something_to_do_today(name: str) -> None:
    made = screened(**EVERYBODY[name])
    assert made.try_now.recipe in ("gpu-check", "tabular-baseline")
    assert made.try_now.site == "local"


@pytest.mark.parametrize("name", EVERYBODY)
def test_no_service_for_confidential_data(name: str) -> None:
    made = screened(**EVERYBODY[name])
    if made.data.level in (Level.CONFIDENTIAL, Level.SENSITIVE):
        assert not {"online", "assistant", "table-service"} & {pick.id for pick in made.tools}


def test_the_humanities_interviewer() -> None:
    _, answers = asked(**INTERVIEWER)
    made = screened(**answers)
    assert (made.data.level, made.data.settled) == (Level.SENSITIVE, True)
    assert certain(made) == PERSONAL | RESEARCH | {"gdpr-special", "dpia", "university-ethics"}
    assert maybe(made) == set()
    assert [rule.id for rule in made.rules if rule.standing == "not-yet"] == ["ehds"]
    assert [pick.id for pick in made.tools] == ["window", "both-ways", "terminal"]
    assert out(made)["online"] == "sends-data-away"
    # KU has said nothing in writing of the places that others may use for sensitive data.
    assert out(made)["browser"] == out(made)["big"] == "not-for-sensitive"
    assert made.places[0].id == "own"
    assert [person.id for person in made.contacts][:2] == ["dpo", "ethics"]
    assert not made.clear


def test_the_imaging_phd_with_cpr_numbers() -> None:
    made = screened(**IMAGING_PHD)
    assert made.data.level is Level.SENSITIVE
    expected = PERSONAL | RESEARCH | {"gdpr-special", "cpr", "dpia", "patient-records", "genome-imaging-ethics"}
    assert certain(made) == expected
    # Not the university's board: this is a hospital.
    assert "university-ethics" not in certain(made) | maybe(made)
    assert {"nvk", "guidance"} <= {person.id for person in made.contacts}
    assert out(made)["own"] == "own-machine-no-gpu"
    assert [pick.id for pick in made.places] == ["genomedk"]
    assert "pseudonymise" in [step.id for step in made.data.first]


def test_the_economist_with_microdata() -> None:
    made = screened(**ECONOMIST)
    assert made.data.level is Level.SENSITIVE
    assert {"register-dst", "gdpr-basis"} <= certain(made)
    assert "gdpr-special" not in certain(made) | maybe(made)
    # The data go nowhere by themselves: only to sites that the register's owner moves them to.
    assert [pick.id for pick in made.places] == ["genomedk"]
    assert made.places[0].caveats[0].id == "register-approved-site"
    assert [pick.id for pick in made.tools] == ["tables"]
    assert "researcher-machine" in [why.id for why in made.tools[0].caveats]
    # What is tried today uses none of the data.
    assert (made.try_now.recipe, made.try_now.sample) == ("tabular-baseline", True)
    assert made.data.first[0].id == "leave-register-data"
    dst = next(person for person in made.contacts if person.id == "dst")
    assert dst.email == "forskningsservice@dst.dk"


def test_the_company_with_a_product() -> None:
    made = screened(**COMPANY)
    assert made.data.level is Level.CONFIDENTIAL
    assert certain(made) == {"ai-act-use", "ai-literacy", "ai-act-transparency"}
    assert out(made)["scans"] == "no-commercial-use"
    assert {"browser", "aau-cluster", "big"} <= set(out(made))
    assert "company-way" in [step.id for step in made.week]


def test_the_university_college_teacher() -> None:
    made = screened(**TEACHER)
    assert made.data.level is Level.PUBLIC
    assert certain(made) == {"ai-literacy"}
    assert out(made)["browser"] == "not-for-you"
    assert made.places[0].id == "own"
    # No Danish from the model on one's own machine, so the online service comes first for public texts.
    assert made.tools[0].id in ("online", "assistant")


def test_the_biologist_with_public_images_meets_no_obstacle() -> None:
    order, answers = asked(**BIOLOGIST)
    made = screened(**answers)
    assert made.data.level is Level.PUBLIC
    assert certain(made) == RESEARCH
    assert made.tools[0].id == "cells"
    assert made.places[0].id == "own"
    assert made.to_settle == ()
    assert not [question for question in made.not_asked if question.matters]
    assert made.clear
    assert len(order) <= 11


def test_the_physicist_near_controlled_technology() -> None:
    made = screened(**PHYSICIST)
    assert "export-control" in certain(made)
    assert "export" in [person.id for person in made.contacts]
    assert out(made)["own"] == "own-machine-too-small"
    assert not made.clear


def test_the_survey_with_a_partner_outside_the_eu() -> None:
    made = screened(**SURVEY_ABROAD)
    # Aalborg calls such data internal, so they are.
    assert made.data.level is Level.INTERNAL
    assert certain(made) == PERSONAL | RESEARCH | {"transfer", "university-ethics", "uris"}


def test_the_hospital_that_puts_it_to_use() -> None:
    made = screened(**HOSPITAL_OPERATION)
    expected = {"ai-act-use", "medical-device", "automated-decisions", "dpia", "gdpr-special", "ai-act-transparency"}
    assert expected <= certain(made)
    assert not {"ai-act-research", "declare-ai", "record-of-research"} & certain(made)


def test_who_knows_nothing_gets_next_steps_and_no_promise() -> None:
    order, answers = asked(**NOTHING_KNOWN)
    assert set(answers.values()) == {"unknown"}
    made = screened(**answers)
    assert (made.data.level, made.data.settled) == (Level.SENSITIVE, False)
    assert made.tools == () and made.places == ()
    assert certain(made) == set()
    assert {"gdpr-basis", "cpr", "transfer", "ai-act-use"} <= maybe(made)
    # Each thing that is not known says what to do, and most say whom to ask.
    assert {settle.id for settle in made.to_settle} >= {"people", "registry", "purpose", "participants", "abroad"}
    assert all(settle.text.da and settle.text.en for settle in made.to_settle)
    assert {"dpo", "guidance"} <= {person.id for person in made.contacts}
    assert made.try_now.recipe == "gpu-check"
    assert not made.clear
    assert len(order) <= 12
