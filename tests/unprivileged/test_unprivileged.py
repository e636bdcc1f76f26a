"""dkai in the hands of someone without rights: installed by another, a home of their own, or none to write to."""

import json
import os
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from installed import Stranger

pytestmark = pytest.mark.slow

READS = [
    (),
    ("--help",),
    ("--lang", "da", "--help"),
    ("catalogue", "status"),
    ("radar", "search", "whisper"),
    ("compute", "submit", "--help"),
]
SUBMIT = ("compute", "submit", "gpu-check", "--sample", "--site", "local", "--yes", "--follow")


def must_be_clean(done: CompletedProcess[str], code: int) -> str:
    """The whole output of a command that ended as expected, with no word of our own bugs in it."""
    said = f"{done.stdout}\n{done.stderr}"
    assert done.returncode == code, said
    assert "Traceback" not in said
    return said


def written(home: Path) -> list[Path]:
    """Every file and folder that was made in the home folder."""
    return sorted(home.rglob("*"))


def test_the_stranger_has_no_rights(stranger: Stranger) -> None:
    done = stranger.call(["python3", "-c", "import os; print(os.getuid())"])
    assert int(done.stdout) != 0
    assert not os.access(stranger.installed.folder, os.W_OK) or os.geteuid() in (0, int(done.stdout))


@pytest.mark.parametrize("words", READS, ids=" ".join)
def test_reading_needs_no_rights(stranger: Stranger, words: tuple[str, ...]) -> None:
    must_be_clean(stranger.run(*words), 0)


def test_doctor_finds_an_installation_by_another_user_healthy(stranger: Stranger) -> None:
    report = json.loads(must_be_clean(stranger.run("doctor", "--format", "json"), 0).strip())
    assert report["schema"].startswith("dkai/doctor/")
    assert report["items"]


def test_a_job_runs_on_this_computer_and_what_it_leaves_is_private(stranger: Stranger) -> None:
    must_be_clean(stranger.run(*SUBMIT, timeout=120), 0)
    receipt = stranger.run("compute", "receipt", "last", "--format", "json")
    assert "gpu-check" in must_be_clean(receipt, 0)
    must_be_clean(stranger.run("compute", "fetch", "last"), 0)
    files = [path for path in written(stranger.home) if path.is_file()]
    assert {"ledger.sqlite", "record.json", "report.json"} <= {path.name for path in files}
    mine = os.geteuid() if stranger.uid is None else stranger.uid
    assert {path.stat().st_uid for path in files} == {mine}
    assert [path for path in files if path.stat().st_mode & 0o077] == []


@pytest.mark.parametrize("words", READS, ids=" ".join)
def test_reading_works_in_a_read_only_home(stranger: Stranger, words: tuple[str, ...]) -> None:
    stranger.home.chmod(0o555)
    must_be_clean(stranger.run(*words), 0)
    assert written(stranger.home) == []


def test_a_job_that_could_not_be_kept_is_not_started(stranger: Stranger) -> None:
    stranger.home.chmod(0o555)
    said = must_be_clean(stranger.run(*SUBMIT), 1)
    assert "hint:" in said
    assert "DKAI_HOME" in said
    assert written(stranger.home) == []


@pytest.mark.parametrize("place", ["/proc/dkai", "/dev/null", "/dev/null/below"])
def test_a_folder_that_cannot_be_written_is_named(stranger: Stranger, place: str) -> None:
    said = must_be_clean(stranger.run(*SUBMIT, env={"DKAI_HOME": place}), 1)
    assert place in said
    assert "hint:" in said
    must_be_clean(stranger.run("catalogue", "status", env={"DKAI_HOME": place}), 0)


def test_doctor_says_what_is_wrong_with_an_unwritable_home(stranger: Stranger) -> None:
    stranger.home.chmod(0o555)
    done = stranger.run("doctor")
    assert done.returncode in {0, 1}
    assert str(stranger.home) in must_be_clean(done, done.returncode).replace("\n", "")


def test_without_a_home_folder_reading_still_works(stranger: Stranger) -> None:
    must_be_clean(stranger.run("radar", "search", "whisper", env={"HOME": "/nonexistent"}), 0)
