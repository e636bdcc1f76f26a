from __future__ import annotations

import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from dkai.compute.job import JobState, JobStatus, Outcome
from dkai.compute.ledger import Ledger, ledger_path, open_ledger
from dkai.core.errors import UserError


def put(ledger: Ledger, job_id: str, site: str = "local") -> None:
    ledger.add(job_id=job_id, recipe="r", recipe_version="1", site=site, folder="/x", plan='{"å": 1}')


def test_a_job_from_plan_to_end() -> None:
    with open_ledger() as ledger:
        put(ledger, "dkai-0000000001")
        assert ledger.recent() == []  # a plan that was not sent is no job
        assert ledger.count_open() == 0
        assert ledger.plan("dkai-0000000001") == '{"å": 1}'
        assert ledger.move(
            "dkai-0000000001", JobState.SENDING, expect=[JobState.PLANNED], what="sending", evidence={"pid": 1}
        )
        assert ledger.count_open() == 1
        assert not ledger.move(
            "dkai-0000000001", JobState.SENDING, expect=[JobState.PLANNED], what="sending", evidence={}
        )
        ledger.note("dkai-0000000001", "submitting", {})
        ledger.move(
            "dkai-0000000001", JobState.SENT, expect=[JobState.SENDING], what="sent", evidence={}, native_id="17"
        )
        status = JobStatus(JobState.ENDED, Outcome.COMPLETED, native_id="17", evidence="sacct")
        ledger.move("dkai-0000000001", JobState.ENDED, expect=[JobState.SENT], what="seen", evidence={"by": "sacct"},
                    outcome=Outcome.COMPLETED, status=status)  # fmt: skip
    with open_ledger() as ledger:
        job = ledger.find("last")
        assert (job.state, job.outcome, job.native_id) == (JobState.ENDED, Outcome.COMPLETED, "17")
        assert job.status["evidence"] == "sacct" and job.status["seen_at"] > 0
        assert [e.what for e in ledger.events(job.job_id)] == ["planned", "sending", "submitting", "sent", "seen"]
        assert ledger.count_open() == 0


def test_it_is_private() -> None:
    with open_ledger() as ledger:
        put(ledger, "dkai-0000000001")
        for path in ledger_path().parent.glob("ledger*"):
            assert stat.S_IMODE(path.stat().st_mode) == 0o600, path


def test_finding_a_job() -> None:
    with open_ledger() as ledger:
        with pytest.raises(UserError) as error:
            ledger.find("last")
        assert error.value.code == "no-jobs"
        for job_id in ("dkai-00000000a1", "dkai-00000000b1"):
            put(ledger, job_id)
        assert ledger.find("a1").job_id == "dkai-00000000a1"
        assert ledger.find("DKAI-00000000B1").job_id == "dkai-00000000b1"
        for word, code in (("1", "ambiguous-job"), ("zz", "no-such-job"), ("%", "no-such-job"), ("", "no-such-job")):
            with pytest.raises(UserError) as error:
                ledger.find(word)
            assert error.value.code == code


def test_a_newer_ledger_is_refused_and_left_alone() -> None:
    open_ledger().close()
    with sqlite3.connect(ledger_path()) as db:
        db.execute("PRAGMA user_version=99")
    db.close()
    with pytest.raises(UserError) as error:
        open_ledger()
    assert error.value.code == "ledger-too-new"


def test_a_damaged_ledger_is_said_and_kept() -> None:
    ledger_path().parent.mkdir(parents=True)
    ledger_path().write_bytes(b"this is no database, it is a poem " * 200)
    with pytest.raises(UserError) as error:
        open_ledger()
    assert error.value.code == "ledger-damaged"
    assert ledger_path().read_bytes().startswith(b"this is no database")


def test_a_ledger_that_is_damaged_inside() -> None:
    with open_ledger() as ledger:
        for number in range(300):
            put(ledger, f"dkai-{number:010d}")
    data = bytearray(ledger_path().read_bytes())
    data[8192:40960] = b"\xee" * 32768
    ledger_path().write_bytes(bytes(data))
    with pytest.raises(UserError) as error, open_ledger() as ledger:
        ledger.recent(1000, include_planned=True)
    assert error.value.code == "ledger-damaged"


def test_an_empty_file_is_a_new_ledger() -> None:
    ledger_path().parent.mkdir(parents=True)
    ledger_path().touch()
    with open_ledger() as ledger:
        assert ledger.recent() == []


def test_a_folder_that_cannot_be_written() -> None:
    ledger_path().mkdir(parents=True)
    with pytest.raises(UserError) as error:
        open_ledger()
    assert error.value.code == "cannot-write"


def test_two_processes_want_the_same_step_and_one_gets_it(tmp_path: Path) -> None:
    with open_ledger() as ledger:
        put(ledger, "dkai-0000000001")
    program = (
        "import sys\n"
        "from dkai.compute.ledger import open_ledger\n"
        "from dkai.compute.job import JobState\n"
        "with open_ledger() as l:\n"
        "    for n in range(40): l.note('dkai-0000000001', 'n', {})\n"
        "    print(l.move('dkai-0000000001', JobState.SENDING, expect=[JobState.PLANNED], what='s', evidence={}))\n"
    )
    many = [subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) for _ in range(3)]
    answers = sorted(p.communicate(timeout=60)[0].strip() for p in many)
    assert answers == ["False", "False", "True"]
    with open_ledger() as ledger:
        assert len(ledger.events("dkai-0000000001")) == 1 + 3 * 40 + 1


def test_a_second_ledger_of_this_process_takes_no_lock_away_from_the_first() -> None:
    """Otherwise another process, ending, takes itself for the last and removes the side file that is written to."""
    program = "from dkai.compute.ledger import open_ledger\nwith open_ledger() as l: l.recent()\n"
    with open_ledger() as first:
        put(first, "dkai-0000000001")
        with open_ledger() as second:
            second.recent()
        side = ledger_path().with_name("ledger.sqlite-wal")
        if not side.exists():
            pytest.skip("this file system has no WAL")
        subprocess.run([sys.executable, "-c", program], check=True)
        assert side.exists()
        first.note("dkai-0000000001", "seen", {})
    with open_ledger() as ledger:
        assert [event.what for event in ledger.events("dkai-0000000001")] == ["planned", "seen"]


def test_seen_by_an_older_look_changes_nothing_once_it_ended() -> None:
    with open_ledger() as ledger:
        put(ledger, "dkai-0000000001")
        ended = JobStatus(JobState.ENDED, Outcome.COMPLETED, evidence="sacct")
        ledger.move("dkai-0000000001", JobState.ENDED, expect=[JobState.PLANNED], what="seen", evidence={},
                    outcome=Outcome.COMPLETED, status=ended)  # fmt: skip
        ledger.see("dkai-0000000001", JobStatus(JobState.RUNNING, evidence="squeue"))
        assert ledger.get("dkai-0000000001").status["evidence"] == "sacct"


def test_only_the_newest_attempt_moves_the_job() -> None:
    with open_ledger() as ledger:
        put(ledger, "dkai-0000000001")
        for attempt, states in (("a", [JobState.PLANNED]), ("b", [JobState.SENDING])):
            evidence = {"attempt": attempt}
            assert ledger.move("dkai-0000000001", JobState.SENDING, expect=states, what="sending", evidence=evidence)
        move = {"expect": [JobState.SENDING], "what": "x", "evidence": {}}
        assert not ledger.move("dkai-0000000001", JobState.ENDED, attempt="a", **move)  # type: ignore[arg-type]
        assert ledger.move("dkai-0000000001", JobState.ENDED, attempt="b", **move)  # type: ignore[arg-type]


def test_what_is_written_together_is_there_whole_or_not_at_all() -> None:
    with open_ledger() as ledger:
        put(ledger, "dkai-0000000001")
        with pytest.raises(ValueError, match="x"), ledger.together():
            ledger.note("dkai-0000000001", "one", {})
            raise ValueError("x")
        with ledger.together():
            ledger.note("dkai-0000000001", "two", {})
            ledger.note("dkai-0000000001", "three", {})
        assert [event.what for event in ledger.events("dkai-0000000001")] == ["planned", "two", "three"]


def test_a_full_disk_is_told_in_our_words(monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = open_ledger()
    with ledger, pytest.raises(UserError, match="the disk is full"), ledger._errors():
        raise sqlite3.OperationalError("database or disk is full")
