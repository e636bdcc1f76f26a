"""The next question is the one that decides most; what decides nothing is never asked."""

from __future__ import annotations

from dataclasses import replace

from small_desk import DESK, TODAY, UNIVERSITIES, asked

from dkai.advise.conditions import Compare
from dkai.advise.knowledge import shipped_knowledge
from dkai.advise.questions import MAX_QUESTIONS, Stake, irrelevant, next_question, progress, worth_asking
from dkai.advise.rules import rule_stakes

KNOWN = shipped_knowledge()


def stake(name: str, *values: str, weight: float = 1.0, must: bool = False) -> Stake:
    return Stake(Compare(name, frozenset(values)), weight, must)


def test_nothing_at_stake_asks_nothing() -> None:
    assert next_question({}, KNOWN, []) is None


def test_the_heavier_stake_comes_first() -> None:
    question = next_question({}, KNOWN, [stake("skill", "none", weight=5), stake("money", "none", weight=9)])
    assert question is not None and question.id == "money"


def test_many_small_stakes_outweigh_a_large_one() -> None:
    stakes = [stake("skill", "none", weight=3), stake("skill", "fluent", weight=3), stake("money", "none", weight=5)]
    question = next_question({}, KNOWN, stakes)
    assert question is not None and question.id == "skill"


def test_a_draw_follows_the_file() -> None:
    question = next_question({}, KNOWN, [stake("money", "none", weight=5), stake("skill", "none", weight=5)])
    assert question is not None and question.id == "skill"


def test_not_worth_the_trouble_is_not_asked_unless_it_must_be() -> None:
    assert next_question({}, KNOWN, [stake("institution", "au", weight=0.5)]) is None
    question = next_question({}, KNOWN, [stake("institution", "au", weight=0.5, must=True)])
    assert question is not None and question.id == "institution"


def test_what_must_be_asked_comes_before_what_only_refines() -> None:
    question = next_question({}, KNOWN, [stake("money", "none", weight=99), stake("abroad", "outside", must=True)])
    assert question is not None and question.id == "abroad"


def test_a_stake_behind_another_question_asks_that_one_first() -> None:
    question = next_question({}, KNOWN, [stake("kinds", "cpr", weight=6, must=True)])
    assert question is not None and question.id == "people"
    question = next_question({"people": "sensitive"}, KNOWN, [stake("kinds", "cpr", weight=6, must=True)])
    assert question is not None and question.id == "kinds"
    assert next_question({"people": "none"}, KNOWN, [stake("kinds", "cpr", weight=6, must=True)]) is None
    # Whoever does not know whether there are any is not asked which.
    assert next_question({"people": "unknown"}, KNOWN, [stake("kinds", "cpr", weight=6, must=True)]) is None


def test_i_dont_know_is_not_asked_again() -> None:
    assert next_question({"people": "unknown"}, KNOWN, [stake("people", "sensitive", must=True)]) is None


def test_it_is_deterministic() -> None:
    stakes = rule_stakes(KNOWN.rules, TODAY)
    first = [question.id for question, _ in worth_asking({}, KNOWN, stakes)]
    assert first == [question.id for question, _ in worth_asking({}, KNOWN, list(reversed(stakes)))]


def test_never_more_than_twelve() -> None:
    answers = {question.id: "unknown" for question in KNOWN.questions[:MAX_QUESTIONS]}
    assert next_question(answers, KNOWN, [stake("money", "none", weight=99, must=True)]) is None


def test_what_to_do_is_asked_first_and_people_second() -> None:
    order, _ = asked(task="speech", people="none", own_level="public")
    assert order[:2] == ["task", "people"]


def test_public_data_ask_nothing_about_people_registers_or_transfers() -> None:
    order, _ = asked(task="images", people="none", own_level="public", purpose="research", discipline="humanities")
    assert not {"kinds", "registry", "participants", "abroad", "technology"} & set(order)


def test_one_tool_left_asks_nothing_that_only_orders_tools() -> None:
    one = replace(DESK, tools=DESK.tools[:1], places=DESK.places[:1])
    order, _ = asked(one, task="speech", people="none", own_level="public", purpose="teaching", institution="ku")
    assert not {"skill", "money", "size", "urgency"} & set(order)


def test_no_places_and_no_tools_leave_the_rules() -> None:
    empty = replace(DESK, tools=(), places=())
    order, _ = asked(empty, task="speech", people="ordinary", own_level="internal")
    assert "gpu" not in order
    assert {"people", "purpose"} <= set(order)


def test_the_estimate_ends_where_the_dialogue_ends() -> None:
    answers: dict[str, str] = {}
    stakes = [stake("money", "none", weight=9), stake("skill", "none", weight=9)]
    seen = []
    while (question := next_question(answers, KNOWN, stakes)) is not None:
        at = progress(answers, KNOWN, stakes)
        seen.append(at.number)
        assert at.number <= at.about <= MAX_QUESTIONS
        answers[question.id] = question.options[0].id
    assert seen == [1, 2]


def test_irrelevant() -> None:
    assert {"kinds", "registry", "participants"} <= irrelevant({"people": "none"}, KNOWN)
    assert "kinds" not in irrelevant({}, KNOWN)


def test_every_university_is_asked_about() -> None:
    question = KNOWN.question("institution")
    assert question is not None
    assert set(UNIVERSITIES) <= {option.id for option in question.options}
