"""Processes as a scheduler: what it asks, and what it makes of answers."""

from __future__ import annotations

import hashlib
import json
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dkai.compute.host import CommandResult, Upload
from dkai.compute.host.local import LocalHost
from dkai.compute.job import JobSpec, JobState, JobStatus, Outcome, Resources
from dkai.compute.runner import source
from dkai.compute.scheduler import Command, scheduler_for
from dkai.compute.scheduler.process import Process
from dkai.core.errors import RemoteError

HERE, THERE = Process(local=True), Process()
SPEC = JobSpec("dkai-0000000001", "r", "1", "local", Resources())


def said(*answers: object, code: int = 0, stderr: str = "") -> CommandResult:
    lines = [f"dkai/runner/1 {json.dumps(a)}" if isinstance(a, dict) else str(a) for a in answers]
    return CommandResult(code, "\n".join(lines) + "\n", stderr)


def run(command: Command) -> CommandResult:
    return LocalHost().run(command.argv, stdin=command.stdin, timeout=command.timeout)


def test_the_registry() -> None:
    assert scheduler_for("process").name == "process"
    assert scheduler_for("process", local=True).discover().argv[0] == sys.executable
    assert scheduler_for("process").discover().argv[0] == "sh"


@pytest.mark.parametrize("scheduler", [HERE, THERE], ids=["here", "there"])
def test_a_job_from_start_to_accounting(scheduler: Process, tmp_path: Path) -> None:
    cluster = scheduler.parse_discovery(run(scheduler.discover()), 5.0)
    assert cluster.scheduler == "process"
    assert cluster.asked_at == 5.0
    assert (cluster.cpus or 0) >= 1
    assert cluster.partitions == ()
    assert cluster.python is not None
    folder = tmp_path / "it's a folder" / SPEC.job_id
    files = {
        "runner.py": source(),
        "job.json": json.dumps({"job_id": SPEC.job_id, "script": "main.py"}).encode(),
        "main.py": b"import time; time.sleep(4); print('done')",
    }
    uploads = [Upload(name, data, len(data), hashlib.sha256(data).hexdigest()) for name, data in files.items()]
    LocalHost().send(str(folder), uploads)
    jobs = [(SPEC.job_id, str(folder), None)]
    assert scheduler.parse_status(run(scheduler.status(jobs))) == {}
    assert scheduler.script(SPEC, str(folder), cluster.python) == ""
    native = scheduler.parse_submit(run(scheduler.submit(SPEC, str(folder), cluster.python)))
    assert native == scheduler.parse_submit(run(scheduler.submit(SPEC, str(folder), cluster.python)))
    status = scheduler.parse_status(run(scheduler.status(jobs)))[SPEC.job_id]
    assert (status.state, status.native_id) == (JobState.RUNNING, native)
    assert scheduler.parse_accounting(run(scheduler.accounting(SPEC.job_id, str(folder), native))) is None
    while status.state is not JobState.ENDED:
        time.sleep(0.1)
        status = scheduler.parse_status(run(scheduler.status(jobs)))[SPEC.job_id]
    assert (status.outcome, status.exit_code) == (Outcome.COMPLETED, 0)
    used = scheduler.parse_accounting(run(scheduler.accounting(SPEC.job_id, str(folder), native)))
    assert used is not None
    assert used.source == "record"
    assert used.billing is None
    assert used.elapsed_s in (4, 5)
    assert (used.max_rss_mb or 0) > 1
    scheduler.parse_cancel(run(scheduler.cancel(SPEC.job_id, str(folder), native)))


def test_the_sites_own_python_is_tried_first() -> None:
    assert HERE.discover("/opt/python").argv[0] == "/opt/python"
    command = THERE.discover(sys.executable)
    assert THERE.parse_discovery(run(command), 0.0).python == sys.executable
    assert THERE.parse_discovery(run(THERE.discover("/no/such/python")), 0.0).python != "/no/such/python"


def test_banners_around_answers_are_no_answers() -> None:
    noise = said("*** Welcome ***", '{"job_id": "x", "state": "ended"}', {"job_id": "a", "state": "running"}, "bye {}")
    assert set(THERE.parse_status(noise)) == {"a"}


@pytest.mark.parametrize(
    ("result", "code"),
    [
        (said(code=127, stderr="sh: python3: not found"), "no-python"),
        (said(code=126, stderr="denied"), "no-python"),
        (said({"error": "not-started", "job_id": "x"}, code=1), "start-failed"),
        (said(code=1, stderr="Traceback: No space left"), "start-failed"),
        (said("nothing to the purpose"), "submission-uncertain"),
        (said('dkai/runner/1 {"native_id": "n'), "submission-uncertain"),
    ],
)
def test_a_start_that_failed(result: CommandResult, code: str) -> None:
    with pytest.raises(RemoteError) as caught:
        THERE.parse_submit(result)
    assert caught.value.code == code
    assert caught.value.hint


def test_what_did_not_answer_is_said() -> None:
    for parse in (lambda r: THERE.parse_discovery(r, 0.0), THERE.parse_status, THERE.parse_cancel):
        with pytest.raises(RemoteError) as caught:
            parse(said(code=127))
        assert caught.value.code == "no-python"
        with pytest.raises(RemoteError) as caught:
            parse(said(code=1, stderr="\x1b[31mboom"))
        assert caught.value.code == "no-answer"
        assert "\x1b" not in caught.value.message


def test_a_job_on_another_computer_is_not_cancelled_from_here() -> None:
    with pytest.raises(RemoteError) as caught:
        THERE.parse_cancel(said({"error": "other-node", "node": "gpu7\x07", "job_id": "x"}))
    assert caught.value.code == "other-node"
    assert "gpu7�" in caught.value.message


def test_reasons_are_sentences() -> None:
    gone = THERE.parse_status(said({"job_id": "a", "state": "ended", "outcome": "failed", "reason": "runner-gone"}))[
        "a"
    ]
    assert "killed" in THERE.explain(gone)
    assert THERE.explain(JobStatus(JobState.RUNNING)) == ""


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
KEYS = st.sampled_from(
    [
        "job_id",
        "state",
        "outcome",
        "exit_code",
        "native_id",
        "started_at",
        "ended_at",
        "node",
        "python",
        "gpus",
        "cpu_s",
    ]
)


@given(st.lists(st.dictionaries(KEYS, ANYTHING), max_size=4), st.integers(0, 255))
def test_whatever_comes_back_is_a_value_or_a_remote_error(answers: list[dict[str, object]], code: int) -> None:
    result = said(*answers, code=code)
    for parse in (
        lambda r: THERE.parse_discovery(r, 0.0), THERE.parse_status, THERE.parse_submit, THERE.parse_accounting,
        THERE.parse_cancel,
    ):  # fmt: skip
        try:
            parse(result)
        except RemoteError:
            continue
