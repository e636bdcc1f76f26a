"""Constraints are never outvoted; what is not known counts against the candidate."""

from __future__ import annotations

from dataclasses import replace

import pytest
from small_desk import DESK, out, place, screened, tool

SPEECH = {"task": "speech", "discipline": "humanities", "skill": "none"}
SENSITIVE = {"people": "sensitive", "kinds": ("health",), "registry": "none"}


def ids(picks) -> list[str]:
    return [pick.id for pick in picks]


def test_a_service_is_out_for_sensitive_data_however_good_it_is() -> None:
    best = tool("dream", ("transcription",), where="hosted", scores=(5, 5, 5))
    made = screened(replace(DESK, tools=(*DESK.tools, best)), **SPEECH, **SENSITIVE)
    assert out(made)["dream"] == "sends-data-away"
    assert "dream" not in ids(made.tools)


def test_the_same_service_is_in_for_public_data() -> None:
    made = screened(**SPEECH, people="none", own_level="public")
    assert "online" in ids(made.tools)


@pytest.mark.parametrize("people", ["unknown", None])
def test_not_known_counts_as_the_worst(people: str | None) -> None:
    answers = SPEECH if people is None else SPEECH | {"people": people}
    made = screened(**answers)
    (cause,) = (one.causes[0] for one in made.ruled_out if one.id == "online")
    assert not cause.certain
    assert "not settled" in cause.name.en


def test_a_tool_of_which_it_is_not_known_where_data_go_is_out_for_confidential_data() -> None:
    odd = tool("odd", ("transcription",), where="unknown")
    made = screened(replace(DESK, tools=(odd,)), **SPEECH, **SENSITIVE)
    assert out(made)["odd"] == "sends-data-away"
    assert not made.tools


def test_both_ways_warns() -> None:
    made = screened(**SPEECH, **SENSITIVE)
    pick = next(pick for pick in made.tools if pick.id == "both-ways")
    assert "both-ways" in [why.id for why in pick.caveats]


def test_training_on_input_is_out_for_internal_data_and_so_is_not_knowing() -> None:
    made = screened(task="writing", people="none", own_level="internal")
    assert out(made) == {"online": "learns-from-input", "assistant": "learns-from-input"}
    causes = {one.id: one.causes[0].certain for one in made.ruled_out}
    assert causes == {"online": True, "assistant": False}


def test_hold_is_out_for_everybody() -> None:
    assert out(screened(task="tables"))["old"] == "on-hold"


def test_paid_is_out_without_money() -> None:
    public = {"task": "tables", "people": "none", "own_level": "public"}
    assert out(screened(**public, money="none"))["table-service"] == "costs-money"
    assert "table-service" not in out(screened(**public, money="some"))


def test_a_licence_without_commercial_use_is_out_for_companies_only() -> None:
    scans = {"task": "images", "people": "none", "own_level": "public", "discipline": "health"}
    assert out(screened(**scans, institution="companies"))["scans"] == "no-commercial-use"
    assert "scans" not in out(screened(**scans, institution="hospitals", purpose="research"))


def test_a_window_comes_first_for_who_does_not_program() -> None:
    made = screened(**SPEECH, **SENSITIVE)
    assert ids(made.tools) == ["window", "both-ways", "terminal"]
    assert "needs-terminal" in [why.id for why in made.tools[-1].caveats]


def test_the_field_orders_tools_of_the_same_task() -> None:
    images = {"task": "images", "people": "none", "own_level": "public"}
    assert ids(screened(**images, discipline="life-science").tools)[0] == "cells"
    assert ids(screened(**images, discipline="health").tools)[0] == "scans"


def test_at_most_three_and_the_rest_says_what_it_lacks() -> None:
    many = tuple(tool(f"t{n}", ("transcription",), scores=(5 - n * 0.5, 3, 3)) for n in range(6))
    made = screened(replace(DESK, tools=many), task="speech")
    assert ids(made.tools) == ["t0", "t1", "t2"]
    assert [one.id for one in made.behind] == ["t3", "t4", "t5"]
    # 0.8 points for each half point of effectiveness.
    assert made.behind[0].points == pytest.approx(0.4)


def test_equals_are_ordered_by_name() -> None:
    twins = (tool("b", ("transcription",)), tool("a", ("transcription",)))
    assert ids(screened(replace(DESK, tools=twins), task="speech").tools) == ["a", "b"]


def test_places_for_others_are_out() -> None:
    made = screened(institution="ku", people="none", own_level="public", gpu="some")
    assert out(made)["aau-cluster"] == "not-for-you"
    made = screened(institution="companies", people="none", own_level="public", gpu="some")
    assert {one.id for one in made.ruled_out if one.of == "place"} == {"browser", "aau-cluster", "big"}


def test_an_unknown_institution_warns_where_it_matters() -> None:
    made = screened(institution="unknown", people="none", own_level="public", gpu="some", own_gpu="none")
    warned = {pick.id: [why.id for why in pick.caveats] for pick in made.places}
    assert "not-for-you" in warned["browser"]


@pytest.mark.parametrize(
    ("institution", "level", "stays"),
    [
        ("aau", "public", {"own", "browser", "aau-cluster", "big", "genomedk", "rented"}),
        ("aau", "internal", {"own", "browser", "aau-cluster", "big", "genomedk", "rented"}),
        # The cluster's institution names it up to internal; of the others nothing is in writing.
        ("aau", "confidential", {"own", "browser", "genomedk"}),
        ("ku", "confidential", {"own", "genomedk"}),
    ],
)
def test_levels_at_places(institution: str, level: str, stays: set[str]) -> None:
    made = screened(institution=institution, people="none", own_level=level, gpu="some", own_gpu="large")
    gone = {one.id for one in made.ruled_out if one.of == "place" and one.causes[0].id != "not-for-you"}
    everywhere = {"own", "browser", "aau-cluster", "big", "genomedk", "rented"} - (
        {"aau-cluster"} if institution != "aau" else set()
    )
    assert everywhere - gone == stays


def test_a_place_that_offers_a_level_itself_stays_with_a_warning() -> None:
    made = screened(institution="hospitals", **SENSITIVE, gpu="some", own_gpu="none")
    (pick,) = made.places
    assert pick.id == "genomedk"
    assert "own-institution-too" in [why.id for why in pick.caveats]


def test_microdata_stay_where_they_are() -> None:
    made = screened(institution="ku", people="sensitive", kinds=(), registry="dst", gpu="none")
    assert {one.id for one in made.ruled_out if one.of == "place"} == {"own", "browser", "aau-cluster", "big", "rented"}
    assert made.places[0].caveats[0].id == "register-approved-site"


def test_health_registers_leave_no_place() -> None:
    made = screened(institution="ku", people="sensitive", kinds=("health",), registry="health", gpu="none")
    assert made.places == ()


def test_a_computer_without_gpu_is_out_when_one_is_needed() -> None:
    public = {"institution": "ku", "people": "none", "own_level": "public"}
    assert out(screened(**public, gpu="some", own_gpu="none"))["own"] == "own-machine-no-gpu"
    assert out(screened(**public, gpu="much", own_gpu="large"))["own"] == "own-machine-too-small"
    assert "own" not in out(screened(**public, gpu="some", own_gpu="large"))
    assert screened(**public, gpu="none").places[0].id == "own"


def test_a_place_without_gpu_is_out_when_one_is_needed() -> None:
    bare = place("bare", gpu="no")
    made = screened(replace(DESK, places=(bare,)), people="none", own_level="public", gpu="some")
    assert out(made)["bare"] == "no-gpu"


def test_ones_own_words_bring_what_the_search_found_in_its_order_of_merit() -> None:
    desk = replace(DESK, find=lambda words: ["cells", "nowhere"] if words == "count cells" else [])
    assert ids(screened(desk, task="other", words="count cells").tools) == ["cells"]
    assert screened(desk, task="other", words="something else").tools == ()


def test_who_does_not_know_the_task_gets_tools_of_the_field_or_none() -> None:
    public = {"people": "none", "own_level": "public"}
    assert ids(screened(task="unknown", discipline="life-science", **public).tools) == ["cells"]
    assert screened(task="unknown", discipline="unknown", **public).tools == ()
