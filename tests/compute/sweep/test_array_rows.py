"""An array's rows of queue and database, as Slurm 22.05 prints them, put together to one job."""

from __future__ import annotations

import json

import pytest

from dkai.compute.host import CommandResult
from dkai.compute.job import JobState, JobStatus, Outcome, TaskCounts
from dkai.compute.scheduler.slurm import Slurm
from dkai.compute.scheduler.slurm_array import numbers_in

A = "dkai-s000000000"
NOW = "1795560000"


def frame(name: str, *lines: str) -> str:
    return f"dkai-frame/1 {name}\n" + "".join(f"|{line}\n" for line in lines) + "dkai-close/1 0\n"


def status(
    total: int, *, queue: tuple[str, ...] = (), ended: tuple[str, ...] = (), marks: str = "", native: str = "2",
    now: str = NOW,
) -> JobStatus | None:  # fmt: skip
    text = frame("queue", *queue) + frame("now", now) + frame("jobs", f"{A} {native}")
    text += frame("tasks", f"{A} {total} {marks}") + frame("ended", *ended)
    return Slurm().parse_status(CommandResult(0, text, "")).get(A)


def waits(numbers: str, state: str = "PENDING", why: str = "JobArrayTaskLimit", array: str = "2") -> str:
    return f"{array}_{numbers}|{A}|{state}|1795550000|N/A|N/A|n/a|{why}|/home/alice/x"


def runs(number: int, state: str = "RUNNING", why: str = "None", array: str = "2") -> str:
    return f"{array}_{number}|{A}|{state}|1795550000|1795550010|1795551000|cpu01|{why}|/home/alice/x"


def done(number: object, state: str, code: str = "0:0", array: str = "2", end: str = "1795550100") -> str:
    return f"{array}_{number}|{A}|{state}|{code}|1795550000|1795550010|{end}|cpu01"


@pytest.mark.parametrize(
    ("job", "numbers"),
    [
        ("2_4", (4,)), ("2_[7-9%3]", (7, 8, 9)), ("2_[1,3-4]", (1, 3, 4)), ("2_[0-8:4]", (0, 4, 8)),
        ("2_[1,3,...]", (1, 3)), ("2_[5-99]", (5, 6, 7, 8, 9)),
    ],
)  # fmt: skip
def test_how_slurm_names_tasks(job: str, numbers: tuple[int, ...]) -> None:
    assert numbers_in(job, 10) == ("2", numbers, "[" in job)


def test_other_jobs_are_none() -> None:
    assert [numbers_in(one, 10) for one in ("2", "2+1", "2_", "2_[x]", "2_[", "")] == [None] * 6


def test_all_wait() -> None:
    found = status(40, queue=(waits("[0-39%3]", why="Resources"),))
    assert found is not None
    assert (found.state, found.native_id, found.reason) == (JobState.QUEUED, "2", "Resources")
    assert found.tasks == TaskCounts(40, queued=40)


def test_some_of_each() -> None:
    """Tasks that ended long ago are no longer in the queue: their marks tell how; one left none."""
    found = status(
        10, queue=(waits("[7-9%3]"), runs(5), runs(6), runs(4, "COMPLETED"), runs(3, "FAILED", "NonZeroExitCode")),
        marks="0.completed.0 1.failed.3 4.completed.0 junk 99.completed.0",
    )  # fmt: skip
    assert found is not None and found.state is JobState.RUNNING and found.outcome is None
    assert found.tasks == TaskCounts(10, queued=3, running=2, completed=2, failed=2)
    assert found.tasks.unknown == 1


def test_all_completed() -> None:
    found = status(3, ended=tuple(done(n, "COMPLETED") for n in range(3)))
    assert found is not None
    assert (found.state, found.outcome, found.exit_code) == (JobState.ENDED, Outcome.COMPLETED, None)
    assert (found.started_at, found.ended_at, found.node) == (1795550010, 1795550100, "cpu01")


@pytest.mark.parametrize(
    ("states", "outcome"),
    [
        (("COMPLETED", "FAILED", "COMPLETED"), Outcome.FAILED),
        (("COMPLETED", "TIMEOUT", "TIMEOUT"), Outcome.TIMEOUT),
        (("COMPLETED", "OUT_OF_MEMORY", "COMPLETED"), Outcome.OUT_OF_MEMORY),
        (("FAILED", "TIMEOUT", "COMPLETED"), Outcome.FAILED),
        (("COMPLETED", "CANCELLED by 1001", "COMPLETED"), Outcome.CANCELLED),
    ],
)
def test_how_it_ended(states: tuple[str, ...], outcome: Outcome) -> None:
    found = status(3, ended=tuple(done(n, state, "1:0") for n, state in enumerate(states)))
    assert found is not None and (found.state, found.outcome) == (JobState.ENDED, outcome)


def test_cancelled_in_the_middle() -> None:
    """The row of those that waited still names one that has begun since."""
    found = status(
        40, queue=(waits("[7-39%3]", "CANCELLED"), runs(6, "CANCELLED")),
        ended=(*(done(n, "COMPLETED") for n in range(6)), done(6, "CANCELLED by 1001"), done("[6-39%3]", "CANCELLED")),
    )  # fmt: skip
    assert found is not None and (found.state, found.outcome) == (JobState.ENDED, Outcome.CANCELLED)
    assert found.tasks == TaskCounts(40, completed=6, cancelled=34)


def test_accounting_is_behind() -> None:
    """Nobody tells of two tasks yet: right after the end that is a delay, later an answer."""
    rows = (done(0, "COMPLETED"), done(1, "FAILED", "1:0"))
    soon, late = status(4, ended=rows, now="1795550110"), status(4, ended=rows)
    assert soon is not None and soon.state is JobState.RUNNING
    assert late is not None and (late.state, late.outcome) == (JobState.ENDED, Outcome.FAILED)
    assert late.tasks is not None and late.tasks.unknown == 2


def test_no_accounting_and_no_queue_any_more() -> None:
    found = status(2, marks="0.completed.0 1.completed.0")
    assert found is not None and (found.outcome, found.native_id) == (Outcome.COMPLETED, "2")


def test_a_second_array_does_nothing() -> None:
    """Handed in twice: who got a task's lock did it; the other's tasks ended with the code of a second start."""
    rows = (
        done(0, "COMPLETED"), done(1, "FAILED", "75:0"), done(0, "FAILED", "75:0", array="5"),
        done(1, "COMPLETED", array="5"),
    )  # fmt: skip
    found = status(2, ended=rows, marks="0.completed.0 1.completed.0")
    assert found is not None and (found.outcome, found.native_id) == (Outcome.COMPLETED, "2")
    assert status(2, ended=rows) == found


def test_nobody_knows_it() -> None:
    assert status(3) is None


def test_the_recorded_kind_of_accounting() -> None:
    used = "\n".join(
        [
            "|2_0|dkai-s000000000|COMPLETED|0:0|20|billing=2,cpu=2,mem=1G,node=1|00:10.5||1795550010|1795550030|cpu01",
            "|2_0.batch|batch|COMPLETED|0:0|20|cpu=2|00:10.5|4360K|1795550010|1795550030|cpu01",
            "|2_1|dkai-s000000000|FAILED|3:0|10|billing=2,cpu=2,mem=1G,node=1|00:01.5||1795550020|1795550030|cpu02",
            "|2_1.batch|batch|FAILED|3:0|10|cpu=2|00:01.5|8360K|1795550020|1795550030|cpu02",
            "|2_[2-5%2]|dkai-s000000000|CANCELLED by 1001|0:0|0||00:00:00||Unknown|1795550030|None assigned",
        ]
    )
    text = f"dkai-frame/1 used\n{used}\ndkai-close/1 0\n" + frame("job", A)
    found = Slurm().parse_accounting(CommandResult(0, text, ""))
    assert found is not None
    assert (found.native_id, found.elapsed_s, found.billing, found.cpu_time_used_s) == ("2", 30, 2, 12)
    assert (found.started_at, found.ended_at, found.node) == (1795550010, 1795550030, None)
    assert round(found.max_rss_mb or 0, 2) == round(8360 / 1024, 2)
    assert [(one.number, one.outcome, one.exit_code) for one in found.tasks] == [
        (0, Outcome.COMPLETED, 0), (1, Outcome.FAILED, 3),
    ]  # fmt: skip
    assert Slurm().parse_accounting(CommandResult(0, text.replace("FAILED|3:0", "RUNNING|0:0"), "")) is None


def test_counts_survive_the_ledger() -> None:
    from dkai.core.plain import to_plain
    from dkai.core.revive import revive

    found = status(3, queue=(waits("[0-2]"),))
    assert revive(JobStatus, json.loads(json.dumps(to_plain(found)))) == found
