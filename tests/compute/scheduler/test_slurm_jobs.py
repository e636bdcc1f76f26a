"""Where jobs stand, from three sources that do not always agree."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dkai.compute.host import CommandResult
from dkai.compute.job import JobState, JobStatus, Outcome, new_job_id
from dkai.compute.scheduler import Search, slurm_jobs
from dkai.compute.scheduler.slurm import Slurm
from dkai.core.errors import Refused, RemoteError

RECORDED = Path(__file__).resolve().parents[2] / "fixtures/slurm/22.05/dkai"
SLURM = Slurm()
A = "dkai-s000000000"


def read(text: str) -> dict[str, JobStatus]:
    return SLURM.parse_status(CommandResult(0, text, ""))


def frame(name: str, *lines: str, code: int = 0, errors: tuple[str, ...] = ()) -> str:
    body = "".join(f"|{line}\n" for line in lines) + "".join(f"!{line}\n" for line in errors)
    return f"dkai-frame/1 {name}\n{body}dkai-close/1 {code}\n"


def jobs(number: str) -> str:
    return frame("jobs", f"{A} {number}")


def record(**more: object) -> str:
    return json.dumps({"schema": "dkai/record/1", "job_id": A, "state": "ended", **more})


def test_the_recorded_jobs() -> None:
    found = read((RECORDED / "status.out").read_text())
    assert {
        job[-1]: (s.state.value, s.outcome and s.outcome.value, s.exit_code, s.native_id) for job, s in found.items()
    } == {
        "0": ("ended", "completed", 0, "2"),
        "1": ("ended", "failed", 3, "3"),
        "2": ("running", None, None, "4"),
        "3": ("queued", None, None, "5"),
        # Slurm writes 0:0 for a job that it ended; what the runner saw is truer.
        "4": ("ended", "cancelled", 143, "6"),
    }
    waiting, running = found["dkai-s000000003"], found["dkai-s000000002"]
    assert waiting.started_at is None
    assert running.started_at is not None
    assert (running.node, running.evidence) == ("gpu01", "squeue")
    assert "budget" in SLURM.explain(waiting)


def test_the_recorded_accounting() -> None:
    used = SLURM.parse_accounting(CommandResult(0, (RECORDED / "used.out").read_text(), ""))
    assert used is not None
    assert (used.native_id, used.state, used.exit_code, used.node) == ("2", "COMPLETED", 0, "gpu01")
    assert used.billing == 18
    assert used.alloc_tres == {
        "billing": "18", "cpu": "2", "gres/gpu:h100": "1", "gres/gpu": "1", "mem": "2000M", "node": "1",
    }  # fmt: skip
    assert used.cpu_time_used_s == pytest.approx(0.088)
    assert used.max_rss_mb == pytest.approx(1076 / 1024)
    assert used.elapsed_s == 0
    cancelled = SLURM.parse_accounting(CommandResult(0, (RECORDED / "used-cancelled.out").read_text(), ""))
    assert cancelled is not None
    assert (cancelled.state, cancelled.exit_code, cancelled.elapsed_s) == ("CANCELLED", None, 6)


QUEUE_ROW = f"7|{A}|{{}}|1795472478|1795472479|1795472490|gpu01|{{}}|/home/alice/dkai/{A}"
DATABASE_ROW = f"7|{A}|{{}}|{{}}|1795472478|1795472479|1795472490|gpu01"


@pytest.mark.parametrize(
    ("queue", "database", "own", "expected"),
    [
        # (squeue's state, sacct's state and code, record) → (state, outcome, evidence)
        ("RUNNING", None, None, (JobState.RUNNING, None, "squeue")),
        ("PENDING", "FAILED 1:0", None, (JobState.QUEUED, None, "squeue")),
        ("COMPLETING", None, record(outcome="completed"), (JobState.RUNNING, None, "squeue")),
        ("COMPLETED", "RUNNING 0:0", None, (JobState.ENDED, Outcome.COMPLETED, "squeue")),
        ("COMPLETED", "COMPLETED 0:0", None, (JobState.ENDED, Outcome.COMPLETED, "sacct")),
        (None, "TIMEOUT 0:0", record(outcome="cancelled"), (JobState.ENDED, Outcome.TIMEOUT, "sacct")),
        (None, "OUT_OF_MEMORY 0:125", None, (JobState.ENDED, Outcome.OUT_OF_MEMORY, "sacct")),
        (None, "NODE_FAIL 0:0", None, (JobState.ENDED, Outcome.NODE_FAIL, "sacct")),
        (None, "CANCELLED by 12 0:15", None, (JobState.ENDED, Outcome.CANCELLED, "sacct")),
        (None, "RUNNING 0:0", record(outcome="failed"), (JobState.ENDED, Outcome.FAILED, "record")),
        (None, "RUNNING 0:0", None, (JobState.RUNNING, None, "sacct")),
        (None, None, record(outcome="completed", exit_code=0), (JobState.ENDED, Outcome.COMPLETED, "record")),
        (None, None, record(outcome="new-word"), (JobState.ENDED, Outcome.UNKNOWN, "record")),
        (None, None, '{"state": "running"}', None),
        (None, None, record(state="running"), None),
        (None, None, None, None),
        ("SOMETHING_NEW", None, None, (JobState.UNKNOWN, None, "squeue")),
    ],
)
def test_who_is_believed(queue: str | None, database: str | None, own: str | None, expected: object) -> None:
    text = frame("queue", *([QUEUE_ROW.format(queue, "None")] if queue else []))
    text += frame("ended", *([DATABASE_ROW.format(*database.rsplit(" ", 1))] if database else []))
    text += jobs("7") + (frame("records", f"{A}|{own}") if own else "")
    found = read(text).get(A)
    assert (found and (found.state, found.outcome, found.evidence)) == expected


def test_why_a_job_failed_is_the_runners_word() -> None:
    text = frame("queue") + frame("ended", DATABASE_ROW.format("FAILED", "78:0")) + jobs("7")
    text += frame("records", f"{A}|" + record(outcome="failed", reason="no-packages", exit_code=78))
    found = read(text)[A]
    assert (found.reason, found.exit_code) == ("no-packages", 78)
    assert "packages" in SLURM.explain(found)


def test_a_signals_number_is_whole_again() -> None:
    """sacct takes 128 from the exit code of a script that passes a signal on."""
    text = frame("queue") + frame("ended", DATABASE_ROW.format("FAILED", "11:0")) + jobs("7")
    assert read(text)[A].exit_code == 11
    assert read(text + frame("records", f"{A}|" + record(outcome="failed", exit_code=139)))[A].exit_code == 139
    assert read(text + frame("records", f"{A}|" + record(outcome="failed", exit_code=3)))[A].exit_code == 11


def test_a_guess_at_the_start_is_kept_apart_from_the_start() -> None:
    found = read(frame("queue", QUEUE_ROW.format("PENDING", "Priority")) + jobs("7"))[A]
    assert (found.started_at, found.start_guess) == (None, 1795472479)
    found = read(frame("queue", QUEUE_ROW.format("RUNNING", "None")) + jobs("7"))[A]
    assert (found.started_at, found.start_guess) == (1795472479, None)


@pytest.mark.parametrize(
    ("queue", "ended", "reason"),
    [
        (frame("queue", code=1, errors=("Unable to contact slurm controller",)), frame("ended"), "slurm-down"),
        (frame("queue"), frame("ended", code=1, errors=("Connection refused",)), "accounting-down"),
        (frame("queue"), "dkai-frame/1 ended\n", "accounting-down"),
        ("", "", "slurm-down"),
        (frame("queue"), frame("ended", code=1, errors=("Slurm accounting storage is disabled",)), None),
        (frame("queue"), frame("ended"), None),
    ],
)
def test_not_known_is_not_the_same_as_not_there(queue: str, ended: str, reason: str | None) -> None:
    found = read(queue + jobs("7") + ended).get(A)
    if reason is None:
        assert found is None
    else:
        assert found is not None
        assert (found.state, found.reason, found.native_id) == (JobState.UNKNOWN, reason, "7")
        assert SLURM.explain(found)


def test_of_two_rows_of_one_name_the_given_number_counts_else_the_first_start() -> None:
    rows = [DATABASE_ROW.format("FAILED", "75:0"), DATABASE_ROW.format("COMPLETED", "0:0").replace("7|", "8|", 1)]
    text = frame("queue") + frame("ended", *rows)
    assert read(text + jobs("-"))[A].native_id == "8"
    assert read(text + jobs("7"))[A].native_id == "7"


def test_a_number_that_is_anothers_now_is_not_this_job() -> None:
    # The cluster was set up anew, and its numbers begin again: sacct -j 7 shows another job of ours.
    row = "7|another-name|COMPLETED|0:0|10|billing=1|00:01|1|1795472478|1795472490|gpu01"
    text = frame("used", row) + frame("job", A)
    assert SLURM.parse_accounting(CommandResult(0, text, "")) is None


@pytest.mark.parametrize("state", ["RUNNING", "PENDING", "COMPLETING"])
def test_no_accounting_before_the_end(state: str) -> None:
    row = f"7|{A}|{state}|0:0|10|billing=1|00:01||1795472478|Unknown|gpu01"
    assert SLURM.parse_accounting(CommandResult(0, frame("used", row) + frame("job", A), "")) is None


@pytest.mark.parametrize(
    "text", ["", frame("used") + frame("job", A), frame("used", code=1, errors=("x",)) + frame("job", A)]
)
def test_no_accounting_where_there_is_none(text: str) -> None:
    assert SLURM.parse_accounting(CommandResult(0, text, "")) is None


def test_the_biggest_step_and_odd_fields() -> None:
    rows = [
        f"7|{A}|FAILED|0:9|x||1-00:00:01||None|Unknown|None assigned",
        "7.batch|batch|FAILED|0:9|1||00:01|1G|||",
        "7.0|x|FAILED|0:9|1||00:01|2048K|||",
    ]
    used = SLURM.parse_accounting(CommandResult(0, frame("used", *rows) + frame("job", A), ""))
    assert used is not None
    assert (used.max_rss_mb, used.exit_code, used.elapsed_s, used.billing, used.node) == (1024, 137, None, None, None)
    assert used.cpu_time_used_s == 86_401
    assert (used.started_at, used.ended_at) == (None, None)


def test_names_and_folders_come_on_stdin_and_sacct_is_asked_from_the_day_before_the_first() -> None:
    noon = 1_795_435_200.0  # 2026-11-23 12:00 UTC
    first, second = new_job_id(noon), new_job_id(noon + 86_400)
    command = SLURM.status([(first, "/f x", None), (second, "/g", "12")], {first: "abc"})
    assert command.argv[-2:] == ("2026-11-22", "")
    assert command.stdin.decode() == f"ask {first} - abc /f x\nask {second} 12 - /g\n"
    assert slurm_jobs._day_before(["not-ours"]) == "2025-12-31"


def test_what_a_search_is_told() -> None:
    command = SLURM.status([], search=Search(None, ("/p",), (A,), since=1_795_435_200.0))
    assert command.argv[-2:] == ("2026-11-22", "-")
    assert command.stdin.decode() == f"place /p\nknown {A}\n"


# --- another start of the same script

OWN = {"slurm_job_id": "8", "updated_at": 1_000_000, "started_at": 5, "node": "gpu02"}


def started_twice(queue: list[str], database: list[str], own: str, number: str = "7") -> JobStatus | None:
    rows = {"7": "7|", "8": "8|"}
    text = frame("queue", *[QUEUE_ROW.format(w[2:], "None").replace("7|", rows[w[0]], 1) for w in queue])
    text += frame("ended", *[DATABASE_ROW.format(*w[2:].rsplit(" ", 1)).replace("7|", rows[w[0]], 1) for w in database])
    text += frame("now", "1000100") + jobs(number) + (frame("records", f"{A}|{own}") if own else "")
    return read(text).get(A)


@pytest.mark.parametrize(
    ("queue", "database", "own", "expected"),
    [
        # Ours is 7; 8 took the lock first.
        ([], ["7 FAILED 75:0", "8 COMPLETED 0:0"], record(outcome="completed", **OWN), ("8", "ended", "completed")),
        ([], ["7 FAILED 75:0", "8 FAILED 3:0"], record(outcome="failed", **OWN), ("8", "ended", "failed")),
        (["7 FAILED", "8 RUNNING"], ["7 FAILED 75:0"], record(state="running", **OWN), ("8", "running", None)),
        (["7 FAILED", "8 COMPLETED"], [], record(outcome="completed", **OWN), ("8", "ended", "completed")),
        (["7 PENDING", "8 COMPLETED"], [], record(outcome="completed", **OWN), ("8", "ended", "completed")),
        # 8 was handed in under another name, so Slurm shows no row of it: the record tells.
        ([], ["7 FAILED 75:0"], record(outcome="completed", exit_code=0, **OWN), ("8", "ended", "completed")),
        (["7 FAILED"], [], record(state="running", **OWN), ("8", "running", None)),
        ([], ["7 FAILED 75:0"], record(state="running", **{**OWN, "updated_at": 5}), ("8", "unknown", None)),
        # A record of before the number was written down.
        ([], ["7 FAILED 75:0"], record(outcome="completed", exit_code=0), (None, "ended", "completed")),
        # Cancelled before it began: nobody has the lock.
        ([], ["7 FAILED 75:0"], record(outcome="cancelled", slurm_job_id="7"), ("7", "ended", "cancelled")),
        ([], ["7 FAILED 75:0"], "", ("7", "ended", "failed")),
        # Ours has the lock: its node failed, whatever the record says, and a second start changes nothing.
        ([], ["7 NODE_FAIL 1:0", "8 FAILED 75:0"], record(state="running", slurm_job_id="7"),
         ("7", "ended", "node-fail")),
    ],
)  # fmt: skip
def test_the_status_follows_the_work(queue: list[str], database: list[str], own: str, expected: object) -> None:
    found = started_twice(queue, database, own)
    assert found is not None
    assert (found.native_id, found.state.value, found.outcome and found.outcome.value) == expected


# --- submissions that were cut off


@pytest.mark.parametrize(
    ("claim", "expected"),
    [
        (("number 42",), (JobState.SENT, None, "42", None)),
        (("given-up",), (JobState.ENDED, Outcome.NOT_SUBMITTED, None, "never-arrived")),
        (("taken",), (JobState.UNKNOWN, None, None, "in-flight")),
        (("code 1", "sbatch: error: Batch job submission failed: Invalid account or account/partition combination"),
         (JobState.ENDED, Outcome.NOT_SUBMITTED, None,
          "the account does not exist, is not yours, or may not use this partition")),
        (("code 1", "sbatch: error: Batch job submission failed: Socket timed out on send/recv operation"), None),
        (("code 124",), None),
        (("code 0",), None),
        (("number x",), None),
        ((), None),
    ],
)  # fmt: skip
def test_what_the_folder_says_of_an_attempt(claim: tuple[str, ...], expected: object) -> None:
    found = read(frame("queue") + frame(f"claim {A}", *claim) + jobs("-") + frame("ended")).get(A)
    assert (found and (found.state, found.outcome, found.native_id, found.reason)) == expected
    # The queue knows better.
    text = frame("queue", QUEUE_ROW.format("RUNNING", "None")) + frame(f"claim {A}", *claim) + jobs("-")
    assert read(text)[A].state is JobState.RUNNING


@pytest.mark.parametrize(
    ("why", "code"),
    [("mkdir: cannot create directory 'claim-1': File exists", "given-up"),
     ("mkdir: cannot create directory 'claim-1': No space left on device", "remote-disk-full"),
     ("mkdir: cannot create directory 'claim-1': Permission denied", "cannot-write-there")],
)  # fmt: skip
def test_without_its_claim_nothing_is_submitted(why: str, code: str) -> None:
    with pytest.raises(RemoteError) as caught:
        SLURM.parse_submit(CommandResult(0, frame("claim", code=1, errors=(why,)), ""))
    assert caught.value.code == code


# --- jobs that were found


@pytest.mark.parametrize(
    ("name", "folder", "taken"),
    [
        (A, f"/scratch/alice/dkai/{A}", True),
        (A, f"/scratch/æ ø/dkai/{A}", True),
        (A, f"dkai/{A}", False),
        (A, "/etc", False),
        (A, f"/scratch/../etc/{A}", False),
        (A, f"/scratch/\x1b[2J/{A}", False),
        ("dkai-../../etc", "/etc", False),
        ("dkai-UUUUUUUUUU", "/x/dkai-UUUUUUUUUU", False),
    ],
)
def test_only_what_looks_like_a_job_of_ours_is_found(name: str, folder: str, taken: bool) -> None:
    found = SLURM.parse_found(CommandResult(0, frame(f"found {name}", folder, '{"a":', "1}"), ""))
    assert [(one.job_id, one.folder, one.plan) for one in found] == ([(name, folder, '{"a":\n1}')] if taken else [])


# --- submission and cancelling


@pytest.mark.parametrize(
    ("text", "number"),
    [
        (frame("sbatch", "1234"), "1234"),
        (frame("sbatch", "1234;cluster"), "1234"),
        (frame("sbatch", "sbatch: INFO: billed to x", "99;c", "thank you"), "99"),
        ("*** Welcome ***\n55\n" + frame("sbatch", "1234"), "1234"),
    ],
)
def test_numbers(text: str, number: str) -> None:
    assert SLURM.parse_submit(CommandResult(0, text, "")) == number


@pytest.mark.parametrize(
    ("text", "rc", "code"),
    [
        (frame("queue", code=1, errors=("squeue: error: Unable to contact slurm controller",)), 0, "slurm-down"),
        ("", 72, "no-job-folder"),
        ("", 0, "submission-uncertain"),
        ("dkai-frame/1 sbatch\n", 255, "submission-uncertain"),
        (frame("sbatch", "nothing with a number"), 0, "slurm-refused"),
    ],
)
def test_no_number(text: str, rc: int, code: str) -> None:
    with pytest.raises((RemoteError, Refused)) as caught:
        SLURM.parse_submit(CommandResult(rc, text, "\x1bx"))
    assert caught.value.code == code
    assert caught.value.hint


@pytest.mark.parametrize(
    "text",
    [
        frame("queue"),
        frame("queue", "12") + frame("scancel 12"),
        frame("queue", "12") + frame("scancel 12", code=1, errors=("scancel: error: Invalid job id 12",)),
    ],
)
def test_cancelled_or_gone(text: str) -> None:
    SLURM.parse_cancel(CommandResult(0, text, ""))


@pytest.mark.parametrize(
    "text",
    ["", frame("queue", code=1, errors=("timed out",)),
     frame("queue", "12") + frame("scancel 12", code=1, errors=("Access/permission denied",))],
)  # fmt: skip
def test_not_cancelled(text: str) -> None:
    with pytest.raises(RemoteError) as caught:
        SLURM.parse_cancel(CommandResult(0, text, ""))
    assert caught.value.code == "not-cancelled"


@settings(max_examples=100)
@given(st.lists(st.tuples(st.sampled_from(["queue", "ended", "now", "jobs", "records", f"claim {A}", f"found {A}",
                                           "used", "job", "sbatch", "claim", "reading"]),
                          st.lists(st.text(max_size=60), max_size=3), st.integers(0, 200)), max_size=6))  # fmt: skip
def test_whatever_comes_back_is_a_value_or_an_error_of_ours(parts: list[tuple[str, list[str], int]]) -> None:
    text = "".join(frame(name, *lines, code=code) for name, lines, code in parts)
    result = CommandResult(0, text, "")
    SLURM.parse_status(result)
    SLURM.parse_found(result)
    SLURM.parse_accounting(result)
    for parse in (SLURM.parse_submit, SLURM.parse_cancel):
        with contextlib.suppress(RemoteError, Refused):
            parse(result)


# --- jobs that were put back into the queue


def test_a_job_that_waits_again_says_so() -> None:
    for own in (record(state="interrupted", stopped="cancelled"), record(state="running", updated_at=1.0)):
        text = frame("queue", QUEUE_ROW.format("PENDING", "BeginTime")) + jobs("7") + frame("records", f"{A}|{own}")
        found = read(text)[A]
        assert (found.state, found.restarts, found.evidence) == (JobState.QUEUED, 1, "squeue")
    again = record(state="interrupted", restart=2)
    text = frame("queue", QUEUE_ROW.format("REQUEUE_HOLD", "job_requeued_in_held_state")) + jobs("7")
    assert read(text + frame("records", f"{A}|{again}"))[A].restarts == 3
    assert read(frame("queue", QUEUE_ROW.format("PENDING", "None")) + jobs("7"))[A].restarts == 0


@pytest.mark.parametrize(
    ("queue", "database", "expected"),
    [
        ("COMPLETING", None, (JobState.RUNNING, None)),
        ("CANCELLED", None, (JobState.ENDED, Outcome.CANCELLED)),
        (None, "PENDING 0:0", (JobState.QUEUED, None)),  # squeue knows it no more, and the database does
        (None, "CANCELLED by 1 0:0", (JobState.ENDED, Outcome.CANCELLED)),
        (None, "PREEMPTED 0:0", (JobState.ENDED, Outcome.CANCELLED)),
        (None, None, (JobState.ENDED, Outcome.CANCELLED)),  # both answered, and neither knows of another start
    ],
)
def test_a_start_that_was_told_to_end_does_not_decide(
    queue: str | None, database: str | None, expected: object
) -> None:
    text = frame("queue", *([QUEUE_ROW.format(queue, "None")] if queue else []))
    text += frame("ended", *([DATABASE_ROW.format(*database.rsplit(" ", 1))] if database else []))
    text += jobs("7") + frame("records", f"{A}|" + record(state="interrupted", ended_at=12.0))
    found = read(text)[A]
    assert (found.state, found.outcome) == expected


def test_while_a_source_is_silent_it_is_not_known_whether_another_start_follows() -> None:
    text = frame("queue", code=1, errors=("Unable to contact slurm controller",)) + jobs("7")
    found = read(text + frame("records", f"{A}|" + record(state="interrupted")))[A]
    assert (found.state, found.reason) == (JobState.UNKNOWN, "slurm-down")


def test_a_program_that_says_that_its_time_was_up() -> None:
    text = frame("queue") + frame("ended", DATABASE_ROW.format("FAILED", "85:0")) + jobs("7")
    text += frame("records", f"{A}|" + record(outcome="timeout", exit_code=85, restart=1))
    found = read(text)[A]
    assert (found.outcome, found.exit_code, found.restarts) == (Outcome.TIMEOUT, 85, 1)


# What sacct -D said of a job that was put back once (Slurm 22.05); columns as asked for.
PUT_BACK = (
    f"2|{A}|REQUEUED|0:0|8|billing=80,cpu=16,gres/gpu=4,mem=4000M,node=2|00:02.000||1795560629|1795560637|gpu[01-02]",
    "2.batch|batch|CANCELLED|0:9|13|cpu=8,gres/gpu=2,mem=2000M,node=1|00:01.000|9000K|1795560629|1795560642|gpu01",
    "2.0|python3|FAILED|9:0|7|cpu=16,gres/gpu=4,mem=4000M,node=2|00:01.000|70000K|1795560630|1795560637|gpu[01-02]",
    f"2|{A}|COMPLETED|0:0|13|billing=40,cpu=16,gres/gpu=4,mem=4000M,node=2|00:03.000||1795560661|1795560674|gpu01",
    "2.batch|batch|COMPLETED|0:0|13|cpu=8,gres/gpu=2,mem=2000M,node=1|00:01.000|9000K|1795560661|1795560674|gpu01",
    "2.0|python3|COMPLETED|0:0|10|cpu=16,gres/gpu=4,mem=4000M,node=2|00:02.000|60000K|1795560661|1795560671|gpu01",
)


def used(*rows: str) -> Any:
    text = frame("used", *rows) + frame("job", A)
    return SLURM.parse_accounting(CommandResult(0, text, ""))


def test_all_starts_are_counted_together() -> None:
    found = used(*PUT_BACK)
    assert (found.state, found.elapsed_s, found.cpu_time_used_s) == ("COMPLETED", 21, 5)
    assert found.billing == pytest.approx((80 * 8 + 40 * 13) / 21)
    assert found.max_rss_mb == pytest.approx(70_000 / 1024)
    assert (found.started_at, found.ended_at) == (1795560629, 1795560674)
    assert [(one.state, one.elapsed_s, one.node) for one in found.starts] == [
        ("REQUEUED", 8, "gpu[01-02]"), ("COMPLETED", 13, "gpu01"),
    ]  # fmt: skip


def test_one_that_waits_again_has_not_ended() -> None:
    assert used(*PUT_BACK[:3], f"2|{A}|PENDING|0:0|0||||Unknown|Unknown|None assigned") is None
    only = used(*PUT_BACK[3:])
    assert (only.elapsed_s, only.starts) == (13, ())
