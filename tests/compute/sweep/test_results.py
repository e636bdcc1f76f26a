"""What became of the tasks, and the table that is made of it."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dkai.compute.host import CommandResult
from dkai.compute.job import Accounting, Outcome, TaskAccounting
from dkai.compute.runner.words import MARK
from dkai.compute.sweep.results import as_csv, as_json, columns, follow, make_results
from dkai.compute.sweep.tally import TaskResult, answer, make_tally
from dkai.compute.used import what_was_used

OWN = ({"lr": 0.1, "state": "x"}, {"lr": 0.01, "state": "=1+1"})


def row(number: int, **more: Any) -> dict[str, Any]:
    return {
        "task": number, "state": "ended", "outcome": "completed", "exit_code": 0, "started_at": 100.0,
        "ended_at": 110.0, "cpu_s": 5.0, "max_rss_mb": 100.0, "node": "n1", **more,
    }  # fmt: skip


def test_records_together() -> None:
    told = {
        "tasks": [
            row(0, peaks={"gpu_load": 50.0, "gpu_memory_mb": 10.0}),
            row(1, started_at=105.0, ended_at=135.0, cpu_s=15.0, max_rss_mb=300.0, node="n2",
                peaks={"gpu_load": 90.0, "gpu_memory_mb": 30.0}),
        ],
        "ran_on": {"python": {"version": "3.11"}},
    }  # fmt: skip
    found = make_tally(2, told, None)
    used = what_was_used(None, found.record)
    assert (used.elapsed_s, used.longest_s, used.cores, used.memory_mb) == (40, 30, 0.5, 300)
    assert (used.gpu_load, used.gpu_memory_mb) == (80, 30)  # each task counts for as long as it ran
    assert (used.started_at, used.ended_at, used.node, used.python) == (100, 135, None, "3.11")
    # Where one of them did not tell, their sum is not known.
    assert what_was_used(None, make_tally(2, {"tasks": [row(0), row(1, cpu_s=None)]}, None).record).cores is None


def test_slurm_tells_what_a_killed_task_could_not() -> None:
    told = {"tasks": [row(0), row(1, state="running", outcome=None, exit_code=None, ended_at=None)]}
    counted = (TaskAccounting(0, Outcome.COMPLETED, 0, 11), TaskAccounting(1, Outcome.TIMEOUT, None, 60, 7.0))
    found = make_tally(3, told, Accounting("2", "FAILED", None, 71, tasks=counted))
    assert [(task.state, task.outcome, task.seconds) for task in found.tasks] == [
        ("ended", Outcome.COMPLETED, 10), ("ended", Outcome.TIMEOUT, 60), ("unknown", None, None),
    ]  # fmt: skip
    assert found.tasks[1].reason == "its time was up"


@pytest.mark.parametrize("told", [{}, {"tasks": ["x", {"task": True}, {"task": 9}, {"task": 0, "node": 5}]}])
def test_whatever_the_place_says(told: dict[str, Any]) -> None:
    assert [task.state for task in make_tally(1, told, None).tasks] == ["unknown"]


@given(st.text())
def test_an_answer_is_a_tally_or_nothing(text: str) -> None:
    assert answer(CommandResult(0, text, "")) == {}
    assert answer(CommandResult(0, f"{MARK}{text}", "")) == {}


def results(tmp_path: Path, *outputs: Any) -> Any:
    for number, content in enumerate(outputs):
        (tmp_path / str(number)).mkdir()
        if content is not None:
            (tmp_path / str(number) / "r.json").write_text(content, encoding="utf-8")
    tasks = (
        TaskResult(0, "ended", Outcome.COMPLETED, 0, 1.5, 10.0), TaskResult(1, "ended", Outcome.FAILED, 1, 2.0, None),
    )  # fmt: skip
    return make_results(OWN, tasks, {"score": "r.json#/a/b~1c/0", "seconds": "r.json#/s"}, tmp_path)


def test_the_table(tmp_path: Path) -> None:
    (tmp_path / "1.log").write_text("Traceback\nValueError: no good\n")
    found = results(tmp_path, '{"a": {"b/c": [0.25]}, "s": -3}', None)
    # Ids are the same in every language; a name that is taken gets a mark.
    assert columns(found) == [
        "task", "lr", "param_state", "state", "exit_code", "seconds", "peak_memory_mb", "score", "metric_seconds",
        "reason",
    ]  # fmt: skip
    rows = list(csv.reader(as_csv(found).splitlines()))
    assert rows[1] == ["0", "0.1", "x", "completed", "0", "1.5", "10.0", "0.25", "-3.0", ""]
    assert rows[2][:8] == ["1", "0.01", "'=1+1", "failed", "1", "2.0", "", ""]
    assert "ValueError: no good" in rows[2][-1]
    plain = json.loads(as_json(found, "dkai-x"))
    assert plain["job_id"] == "dkai-x" and plain["rows"][0]["metrics"] == {"score": 0.25, "seconds": -3}


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (None, "there is no file r.json"), ("{", "there is no file r.json"), ("[]", "no number at r.json#/a/b~1c/0"),
        ('{"a": {"b/c": ["x"]}}', "no number"), ('{"a": {"b/c": [NaN]}}', "no number"),
        ('{"a": {"b/c": [true]}}', "no number"),
    ],
)  # fmt: skip
def test_a_figure_that_is_not_there(tmp_path: Path, content: str | None, why: str) -> None:
    found = results(tmp_path, content, None)
    assert found.rows[0].metrics["score"] is None and why in found.rows[0].reason


def test_pointers() -> None:
    content = {"a": [{"b": 1}], "": 2, "m~n": 3}
    assert [follow(content, p) for p in ("/a/0/b", "/", "/m~0n", "/a/1", "/a/x", "/b")] == [1, 2, 3, None, None, None]
