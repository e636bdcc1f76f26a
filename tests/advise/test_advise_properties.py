"""What holds for whatever anybody answers."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
from small_desk import DESK, TODAY, asked, screened

from dkai.advise.answer_file import check_answers
from dkai.advise.answers import view
from dkai.advise.candidates import judge
from dkai.advise.conditions import Truth
from dkai.advise.model import Answer, Question
from dkai.advise.questions import MAX_QUESTIONS
from dkai.advise.rules import judge_rules
from dkai.core.errors import UserError
from dkai.core.levels import Level

KNOWN = DESK.knowledge


def answers_to(question: Question) -> st.SearchStrategy[Answer]:
    if question.kind == "text":
        return st.just("count birds")
    ids = [option.id for option in question.options]
    if question.kind == "several":
        return st.one_of(
            st.just("unknown"), st.sets(st.sampled_from(ids)).map(lambda s: tuple(i for i in ids if i in s))
        )
    return st.sampled_from([*ids, "unknown"])


@st.composite
def personas(draw: st.DrawFn) -> dict[str, Answer]:
    """Any mixture of answers that do not contradict each other."""
    made: dict[str, Answer] = {}
    for question in KNOWN.questions:
        if draw(st.booleans()) or draw(st.booleans()):
            answer = draw(answers_to(question))
            try:
                check_answers({**made, question.id: answer}, KNOWN)
            except UserError:
                continue
            made[question.id] = answer
    return made


@settings(max_examples=150, deadline=None)
@given(personas())
def test_a_forbidden_tool_is_never_recommended(answers: dict[str, Answer]) -> None:
    made = screened(**answers)
    hosted = {tool.id for tool in DESK.tools if "local" not in tool.facts.get("where", ())}
    picked = {pick.id for pick in made.tools}
    if made.data.level in (Level.CONFIDENTIAL, Level.SENSITIVE):
        assert not picked & hosted
    gone = {one.id for one in made.ruled_out}
    assert not gone & (picked | {pick.id for pick in made.places})


@settings(max_examples=150, deadline=None)
@given(personas())
def test_every_pick_has_a_reason_and_every_exclusion_a_cause(answers: dict[str, Answer]) -> None:
    made = screened(**answers)
    assert len(made.tools) <= 3 and len(made.places) <= 3
    for pick in (*made.tools, *made.places):
        assert pick.reasons and all(why.name.da and why.name.en for why in (*pick.reasons, *pick.caveats))
    for one in made.ruled_out:
        assert one.causes and all(why.name.da and why.name.en for why in one.causes)
        for why in one.causes:
            # A cause that is not certain says what is not known: an answer, or a fact of the entry.
            if not why.certain and one.of == "place":
                assert why.unsure or why.id.startswith("not-for")
    assert len({one.id for one in made.behind} & {pick.id for pick in (*made.tools, *made.places)}) == 0


@settings(max_examples=100, deadline=None)
@given(personas())
def test_every_dialogue_ends(answers: dict[str, Answer]) -> None:
    order, given_answers = asked(**answers)
    assert len(order) <= MAX_QUESTIONS
    # What was asked was sensible to ask at that moment.
    so_far: dict[str, Answer] = {}
    for name in order:
        question = KNOWN.question(name)
        assert question is not None
        assert question.when.judge(view(so_far, KNOWN)).truth is Truth.YES
        so_far[name] = given_answers[name]


@settings(max_examples=100, deadline=None)
@given(personas(), st.data())
def test_more_answers_never_free_what_is_certainly_out(answers: dict[str, Answer], data: st.DataObject) -> None:
    open_questions = [q for q in KNOWN.questions if q.id not in answers]
    before = screened(**answers)
    more = dict(answers)
    for question in open_questions:
        if data.draw(st.booleans()):
            more[question.id] = data.draw(answers_to(question))
    try:
        check_answers(more, KNOWN)
    except UserError:
        return
    after = screened(**more)
    if answers.get("task") == more.get("task") and answers.get("discipline") == more.get("discipline"):
        sure = {one.id for one in before.ruled_out if any(why.certain for why in one.causes)}
        assert not sure & {pick.id for pick in (*after.tools, *after.places)}
    # Nor does a rule that applies stop applying, and the data never count as less than they did for certain.
    look_before, look_after = view(answers, KNOWN), view(more, KNOWN)
    rules_before = {hit.rule.id for hit in judge_rules(KNOWN.rules, look_before, TODAY) if hit.certain}
    rules_after = {hit.rule.id for hit in judge_rules(KNOWN.rules, look_after, TODAY) if hit.certain}
    assert rules_before <= rules_after
    assert (look_after("level").values or set()) <= (look_before("level").values or set())


@settings(max_examples=60, deadline=None)
@given(personas(), st.sets(st.sampled_from([c.id for c in KNOWN.constraints])))
def test_adding_a_constraint_never_frees_anybody(answers: dict[str, Answer], left_out: set[str]) -> None:
    fewer = replace(KNOWN, constraints=tuple(c for c in KNOWN.constraints if c.id not in left_out))
    look = view(answers, KNOWN)
    for candidate in (*DESK.tools, *DESK.places):
        with_few = judge(candidate, fewer, answers, look, final=True)
        with_all = judge(candidate, KNOWN, answers, look, final=True)
        assert not with_few.out or with_all.out


@settings(max_examples=60, deadline=None)
@given(personas())
def test_what_is_out_before_the_end_is_out_at_the_end(answers: dict[str, Answer]) -> None:
    look = view(answers, KNOWN)
    for candidate in (*DESK.tools, *DESK.places):
        if judge(candidate, KNOWN, answers, look, final=False).out:
            assert judge(candidate, KNOWN, answers, look, final=True).out


@settings(max_examples=60, deadline=None)
@given(personas())
def test_clear_means_clear(answers: dict[str, Answer]) -> None:
    made = screened(**answers)
    if made.clear:
        assert made.tools and made.places and made.data.settled
        assert not made.to_settle
        assert not [rule for rule in made.rules if rule.severity in ("stop", "approval") and rule.standing == "current"]
