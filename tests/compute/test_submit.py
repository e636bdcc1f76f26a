"""Exactly once: whatever is cut off where, there is one job or none, and the ledger finds out which."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from faulty import LOST, Faulty

from dkai.app.submit_walk import Request, prepare, resume
from dkai.compute.job import JobState, Outcome
from dkai.compute.ledger import Job, Ledger, open_ledger
from dkai.compute.link import Link
from dkai.compute.plan import Plan
from dkai.compute.refresh import refresh
from dkai.compute.sites_file import get_site
from dkai.compute.submit import carry_out, record
from dkai.core.errors import DkaiError, Interrupted, RemoteError, UserError

HERE = Path(__file__).resolve().parent


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    """Counts its starts in a file of its own, and ends soon."""
    folder = tmp_path / "count"
    folder.mkdir()
    (folder / "recipe.yaml").write_text(
        "schema: dkai/recipe/1\nid: count\nname: count\nsummary: {da: tæller, en: counts}\nrun: {script: main.py}\n"
        "input: {kind: file}\nresources: {minutes: 1, memory_gb: 0.1}\n",
        encoding="utf-8",
    )
    (folder / "main.py").write_text(
        f"open({str(tmp_path / 'starts')!r}, 'a').write('x')\nopen('output/done', 'w').write('æøå')\n", encoding="utf-8"
    )
    return folder


@pytest.fixture
def plan(recipe: Path, tmp_path: Path) -> Plan:
    (tmp_path / "data.txt").write_text("some data", encoding="utf-8")
    return prepare(Request(str(recipe), inputs=(tmp_path / "data.txt",))).plan


def go(plan: Plan, faults: Faulty | None = None, *, recorded: bool = False) -> Job:
    with open_ledger() as ledger, Link(plan.site, None, faults or Faulty()) as link:
        if not recorded:
            record(plan, ledger)
        return carry_out(plan, ledger, link, sleep=lambda _: None)


def wait_for_end(job_id: str) -> Job:
    with open_ledger() as ledger, Link(get_site("local")) as link:
        for _ in range(200):
            job = refresh([ledger.get(job_id)], ledger, link)[0]
            if not job.is_open:
                return job
            time.sleep(0.05)
    raise AssertionError(job)


def look(ledger: Ledger, plan: Plan, later: float = 0) -> Job:
    with Link(plan.site) as link:
        return refresh([ledger.get(plan.job_id)], ledger, link, now=time.time() + later)[0]


def starts(tmp_path: Path) -> int:
    file = tmp_path / "starts"
    return len(file.read_text()) if file.exists() else 0


def whats(plan: Plan) -> list[str]:
    with open_ledger() as ledger:
        return [event.what for event in ledger.events(plan.job_id)]


def test_sent_once_and_never_again(plan: Plan, tmp_path: Path) -> None:
    job = go(plan)
    assert job.state is JobState.SENT and job.native_id
    assert whats(plan) == ["planned", "sending", "submitting", "sent"]
    with pytest.raises(UserError) as error:
        go(plan, recorded=True)
    assert error.value.code == "already-sent"
    assert wait_for_end(plan.job_id).outcome is Outcome.COMPLETED
    with pytest.raises(UserError):
        go(plan, recorded=True)
    assert starts(tmp_path) == 1


def test_a_changed_input_is_refused_before_anything_is_sent(plan: Plan, tmp_path: Path) -> None:
    (tmp_path / "data.txt").write_text("other data", encoding="utf-8")
    faults = Faulty()
    with pytest.raises(UserError) as error:
        go(plan, faults)
    assert error.value.code == "file-changed"
    assert faults.opened == 0
    (tmp_path / "data.txt").unlink()
    with pytest.raises(UserError):
        go(plan, recorded=True)
    assert whats(plan) == ["planned"]


@pytest.mark.parametrize("cut", [LOST, RemoteError("full", code="disk-full"), KeyboardInterrupt(), OSError(5, "io")])
@pytest.mark.parametrize("when", ["before", "after"])
def test_cut_off_while_sending_means_not_submitted_and_can_be_resumed(
    plan: Plan, tmp_path: Path, cut: BaseException, when: str
) -> None:
    with pytest.raises((DkaiError, OSError)) as error:
        go(plan, Faulty(**{when: {"send": cut}}))
    if isinstance(cut, KeyboardInterrupt):
        assert isinstance(error.value, Interrupted)
    with open_ledger() as ledger:
        job = ledger.get(plan.job_id)
        assert (job.state, job.outcome) == (JobState.ENDED, Outcome.NOT_SUBMITTED)
    assert starts(tmp_path) == 0
    assert resume(plan.job_id[-6:]).state is JobState.SENT
    assert wait_for_end(plan.job_id).outcome is Outcome.COMPLETED
    assert starts(tmp_path) == 1


def test_an_answer_that_is_lost_after_submission_is_found_again(plan: Plan, tmp_path: Path) -> None:
    faults = Faulty(after={"submit": LOST})
    job = go(plan, faults)
    assert job.state is JobState.SENT and job.native_id
    assert whats(plan) == ["planned", "sending", "submitting", "doubt", "sent"]
    assert faults.steps.count("submit") == 1
    assert wait_for_end(plan.job_id).outcome is Outcome.COMPLETED
    assert starts(tmp_path) == 1


def test_a_lost_connection_while_asking_is_opened_again(plan: Plan, tmp_path: Path) -> None:
    faults = Faulty(after={"submit": LOST}, before={"status": LOST})
    assert go(plan, faults).state is JobState.SENT
    assert faults.opened == 2
    wait_for_end(plan.job_id)
    assert starts(tmp_path) == 1


def test_a_submission_that_never_arrived_is_never_repeated_by_itself(plan: Plan, tmp_path: Path) -> None:
    faults = Faulty(before={"submit": LOST})
    with pytest.raises(RemoteError) as error:
        go(plan, faults)
    assert error.value.code == "submission-uncertain"
    assert faults.steps.count("submit") == 1
    with open_ledger() as ledger:
        assert look(ledger, plan).state is JobState.UNKNOWN  # too early to say
        with pytest.raises(UserError):
            go(plan, recorded=True)
        job = look(ledger, plan, later=61)
        assert (job.state, job.outcome) == (JobState.ENDED, Outcome.NOT_SUBMITTED)
    assert resume(plan.job_id).state is JobState.SENT
    assert wait_for_end(plan.job_id).outcome is Outcome.COMPLETED
    assert starts(tmp_path) == 1


def test_ctrl_c_during_submission(plan: Plan, tmp_path: Path) -> None:
    with pytest.raises(Interrupted) as error:
        go(plan, Faulty(after={"submit": KeyboardInterrupt()}))
    assert "--refresh" in (error.value.hint or "")
    with open_ledger() as ledger:
        assert ledger.get(plan.job_id).state is JobState.UNKNOWN
    assert wait_for_end(plan.job_id).outcome is Outcome.COMPLETED
    assert starts(tmp_path) == 1


def test_a_python_that_is_not_there_is_no_submission(plan: Plan, tmp_path: Path) -> None:
    with pytest.raises(RemoteError) as error:
        go(replace(plan, python=str(tmp_path / "no-python")))
    assert error.value.code == "no-python"
    assert "--resume" in (error.value.hint or "")
    with open_ledger() as ledger:
        assert ledger.get(plan.job_id).outcome is Outcome.NOT_SUBMITTED


CHILD = """
import os, signal, sys
sys.path.insert(0, {tests!r})
from faulty import Faulty
from dkai.compute.ledger import open_ledger
from dkai.compute.link import Link
from dkai.compute.plan import read_plan
from dkai.compute.submit import carry_out

class Die(Exception): pass

def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)

class Faults(Faulty):
    def enter(self, step):
        if step == {step!r} and {when!r} == "before": die()
    def leave(self, step):
        if step == {step!r} and {when!r} == "after": die()

with open_ledger() as ledger:
    plan = read_plan(ledger.plan({job!r}))
    with Link(plan.site, None, Faults()) as link:
        carry_out(plan, ledger, link)
"""


@pytest.mark.parametrize(
    ("step", "when", "submitted"),
    [("send", "before", False), ("send", "after", False), ("submit", "before", False), ("submit", "after", True)],
)
def test_killed_outright(plan: Plan, tmp_path: Path, step: str, when: str, submitted: bool) -> None:
    with open_ledger() as ledger:
        record(plan, ledger)
    program = CHILD.format(tests=str(HERE), step=step, when=when, job=plan.job_id)
    child = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert child.returncode == -signal.SIGKILL, child.stderr
    with open_ledger() as ledger:
        assert ledger.get(plan.job_id).state is JobState.SENDING
        if submitted:
            assert look(ledger, plan).state in (JobState.RUNNING, JobState.ENDED)
        else:
            job = look(ledger, plan, later=61)
            assert (job.state, job.outcome) == (JobState.ENDED, Outcome.NOT_SUBMITTED)
    if not submitted:
        resume(plan.job_id)
    assert wait_for_end(plan.job_id).outcome is Outcome.COMPLETED
    assert starts(tmp_path) == 1


def test_while_another_dkai_is_sending_nobody_takes_it_for_dead(plan: Plan) -> None:
    with open_ledger() as ledger:
        record(plan, ledger)
    program = CHILD.format(tests=str(HERE), step="send", when="before", job=plan.job_id).replace(
        "die()", "__import__('time').sleep(30)"
    )
    child = subprocess.Popen([sys.executable, "-c", program])
    try:
        with open_ledger() as ledger:
            for _ in range(200):
                if ledger.get(plan.job_id).state is JobState.SENDING:
                    break
                time.sleep(0.05)
            assert look(ledger, plan, later=1000).state is JobState.SENDING
    finally:
        child.kill()
        child.wait()
    with open_ledger() as ledger:
        assert look(ledger, plan).outcome is Outcome.NOT_SUBMITTED


def test_of_two_that_submit_the_same_plan_one_does(plan: Plan, tmp_path: Path) -> None:
    with open_ledger() as ledger:
        record(plan, ledger)
    program = CHILD.format(tests=str(HERE), step="", when="", job=plan.job_id)
    children = [subprocess.Popen([sys.executable, "-c", program], stderr=subprocess.PIPE, text=True) for _ in range(3)]
    errors = [child.communicate(timeout=60)[1] for child in children]
    assert sorted(child.returncode for child in children) == [0, 1, 1], errors
    wait_for_end(plan.job_id)
    assert starts(tmp_path) == 1


def test_the_jobs_folder_is_private_and_whole(plan: Plan) -> None:
    go(plan)
    wait_for_end(plan.job_id)
    folder = Path(plan.folder)
    assert (folder / "input/data.txt").read_text() == "some data"
    assert json.loads((folder / "params.json").read_text()) == {}
    assert (folder / "output/done").read_bytes().decode() == "æøå"
    assert folder.stat().st_mode & 0o077 == 0
    assert (folder / "lock").is_dir()
