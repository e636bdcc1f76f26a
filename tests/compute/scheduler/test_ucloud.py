"""UCloud as a scheduler: what is asked, and what odd answers mean."""

from __future__ import annotations

import json
from typing import Any

import pytest

from dkai.compute.host import CommandResult
from dkai.compute.host.questions import Answer, Question, read_answers, read_questions, write_answers, write_questions
from dkai.compute.job import JobSpec, JobState, Outcome, Resources
from dkai.compute.scheduler.ucloud import UCloud
from dkai.compute.scheduler.ucloud_machines import category_of, is_slice, machine, machines_in, published, smallest
from dkai.compute.scheduler.ucloud_request import hours, knows_drive
from dkai.core.errors import Refused, RemoteError, UserError

JOB = "dkai-s2eb5wrff5"
FOLDER = f"/12345/dkai/{JOB}"
SPEC = JobSpec(
    JOB, "r", "1", "ucloud", Resources(gpus=1, cpus=6, walltime_s=3600), partition="gpu-nvidia-b200-1-mig.1g",
    place={"category": "gpu-nvidia-b200", "provider": "ucloud"},
)  # fmt: skip


def said(*answers: Answer) -> CommandResult:
    return CommandResult(0, write_answers(answers), "")


def job(state: str = "RUNNING", number: str = "7", **more: Any) -> dict[str, Any]:
    return {"id": number, "createdAt": 1_800_000_000_000, "specification": {"name": JOB}, "updates": [],
            "status": {"state": state, "startedAt": None}, **more}  # fmt: skip


def status(found: dict[str, Any], record: object = None, why: str = "") -> Any:
    answers = [Answer(f"name:{JOB}", 200, {"items": [found]})]
    if record is not None:
        answers.append(Answer(f"record:{JOB}", 200, json.dumps(record)))
    return UCloud().parse_status(said(*answers)).get(JOB)


# --- questions


def test_questions_and_answers_travel_as_text() -> None:
    asked = [Question("a", "POST", "/x", body={"æ": [1]}, lacks=("b", "c")), Question("d", read="/e", ended=("a", "7"))]
    assert read_questions(write_questions(asked)) == asked
    assert read_questions(["true"]) == []
    given = [Answer("a", 200, {"items": [1, {"x": "\x1b"}]}), Answer("d", 0, why="not-asked")]
    text = write_answers(given)
    assert "\x1b" not in text and list(read_answers(f"Welcome!\n{{}}\n{text}").values()) == given


def test_a_job_is_created_only_after_a_look_for_its_name() -> None:
    before, create = read_questions(UCloud().submit(SPEC, FOLDER, "python3").argv)
    assert (before.path, before.body["query"], before.changes) == ("/api/jobs/search", JOB, False)
    assert (create.path, create.lacks, create.changes) == ("/api/jobs", (before.key, JOB), True)
    (item,) = create.body["items"]
    assert item["parameters"]["batchScript"] == {"type": "file", "path": f"{FOLDER}/job.sh", "readOnly": True}
    assert item["resources"] == [{"type": "file", "path": FOLDER, "readOnly": False}]


def test_without_drive_or_machine_nothing_is_asked() -> None:
    with pytest.raises(UserError) as caught:
        UCloud().submit(SPEC, f"/DRIVE/dkai/{JOB}", "python3")
    assert caught.value.code == "missing-base"
    assert not knows_drive("relative") and not knows_drive("/")
    with pytest.raises(UserError) as caught:
        UCloud().submit(JobSpec(JOB, "r", "1", "ucloud", Resources()), FOLDER, "python3")
    assert caught.value.code == "no-such-partition"


def test_time_is_asked_for_in_whole_hours_with_room_to_pack() -> None:
    asked = [hours(JobSpec(JOB, "r", "1", "u", Resources(walltime_s=seconds))) for seconds in (60, 3300, 3301, 7200)]
    assert asked == [1, 1, 2, 3]


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (Answer(f"create:{JOB}", 500), "submission-uncertain"),
        (Answer(f"create:{JOB}", 408), "submission-uncertain"),
        (Answer(f"create:{JOB}", 200, None), "submission-uncertain"),
        (Answer(f"create:{JOB}", 200, {"responses": []}), "submission-uncertain"),
        (Answer(f"create:{JOB}", 200, {"responses": [{"id": "a b\n"}]}), "submission-uncertain"),
        (Answer(f"create:{JOB}", 402, {}, "empty"), "out-of-funds"),
        (Answer(f"create:{JOB}", 429, {}, "slow down"), "ucloud-refused"),
    ],
)
def test_odd_answers_to_a_submission(answer: Answer, code: str) -> None:
    before = Answer(f"before:{JOB}", 200, {"items": []})
    with pytest.raises((RemoteError, Refused)) as caught:
        UCloud().parse_submit(said(before, answer))
    assert caught.value.code == code


def test_a_look_that_failed_is_no_doubt() -> None:
    with pytest.raises(RemoteError) as caught:
        UCloud().parse_submit(said(Answer(f"before:{JOB}", 503), Answer(f"create:{JOB}", 0, why="not-asked")))
    assert caught.value.code == "ucloud-failed"


# --- where a job stands


def test_numbers_are_asked_for_together_and_others_by_name() -> None:
    asked = read_questions(
        UCloud().status([("dkai-a", "/1/a", "7"), ("dkai-b", "/1/b", "8"), (JOB, FOLDER, None)]).argv
    )
    assert [one.path or one.read for one in asked] == [
        "/api/jobs/browse", "/api/jobs/search", "/1/a/record.json", "/1/b/record.json", f"{FOLDER}/record.json",
    ]  # fmt: skip
    assert asked[0].query["filterIds"] == "7,8"
    assert [one.ended for one in asked[2:]] == [(asked[0].key, "7"), (asked[0].key, "8"), (asked[1].key, JOB)]


def test_a_renamed_job_is_known_by_its_number() -> None:
    other = {**job(), "specification": {"name": "renamed in the browser"}}
    found = UCloud().parse_status(said(Answer(f"jobs:7={JOB}", 200, {"items": [other]})))
    assert found[JOB].state is JobState.RUNNING


ENDED = {"state": "ended", "outcome": "completed", "exit_code": 0, "started_at": 1.0, "ended_at": 2.0}


@pytest.mark.parametrize(
    ("found", "record", "outcome"),
    [
        (job("SUCCESS"), ENDED, Outcome.COMPLETED),
        (job("SUCCESS"), {**ENDED, "outcome": "failed", "exit_code": 2}, Outcome.FAILED),
        (job("SUCCESS"), {"state": "running"}, Outcome.CANCELLED),
        (job("SUCCESS"), None, Outcome.CANCELLED),  # never started
        (job("SUCCESS", status={"state": "SUCCESS", "startedAt": 1_800_000_000_000}), None, Outcome.UNKNOWN),
        (job("EXPIRED"), {"state": "running"}, Outcome.TIMEOUT),
        (job("FAILURE"), None, Outcome.FAILED),
        (job("FAILURE", updates=[{"status": "Job exceeded its memory limit."}]), None, Outcome.OUT_OF_MEMORY),
        (job("FAILURE", updates=[{"status": "Job failed because its node was no longer available."}]), None,
         Outcome.NODE_FAIL),
    ],
)  # fmt: skip
def test_how_a_job_ended(found: dict[str, Any], record: object, outcome: Outcome) -> None:
    assert status(found, record).outcome is outcome


@pytest.mark.parametrize(
    "odd",
    [
        {}, {"id": None, "status": "x"}, {"id": [], "specification": 3}, {"status": {"state": "MADE_UP"}},
        {"updates": "no list", "createdAt": 10**400, "status": {"state": 7}},
    ],
)  # fmt: skip
def test_what_is_no_job_is_none(odd: dict[str, Any]) -> None:
    assert status({**job(), **odd} if odd else {}) is None


def test_odd_values_in_a_job_do_no_harm() -> None:
    found = status(job("SUCCESS", createdAt=10**400, updates=[None, {"status": 3}, {"status": "a\x1b[31m"}]), [1, 2])
    assert (found.submitted_at, found.state) == (None, JobState.ENDED) and "\x1b" not in found.reason


# --- machines


def test_names_follow_the_rule_of_the_source() -> None:
    assert category_of("gpu-nvidia-b200-1-mig.1g") == "gpu-nvidia-b200" == category_of("gpu-nvidia-b200-8-gpu")
    assert category_of("cpu-amd-zen5-64-vcpu") == "cpu-amd-zen5" and category_of("u1-gpu") == ""
    two = machine("gpu-nvidia-b200-2-gpu")
    assert two is not None and (two.nodes[0].cpus, two.nodes[0].gres[0].count) == (96, 2)
    assert machine("gpu-nvidia-h100-1-gpu") is None  # nobody published its cores


def test_the_smallest_is_a_slice() -> None:
    found = [part for part in published() if part.nodes[0].gres]
    chosen = smallest(found)
    assert chosen is not None and is_slice(chosen) and chosen.name == "gpu-nvidia-b200-1-mig.1g"


@pytest.mark.parametrize(
    "body",
    [None, [], {"productsByProvider": []}, {"productsByProvider": {"x": [None, {"product": {"name": 1}}]}},
     {"productsByProvider": {"x": [{"product": {"name": "a", "category": {"name": "b"}, "cpu": True}}]}}],
)  # fmt: skip
def test_odd_products_are_left_out(body: object) -> None:
    assert machines_in(body) == ()
