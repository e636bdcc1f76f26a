"""Runs share the lab without hurting each other, and say so where they cannot have it."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from lab.fixture import ROOT, Lab
from lab.lablib.locks import Lock
from lab.lablib.places import LabError
from lab.lablib.session import SCRIPT

NO_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root gets as far as the state folder")


@pytest.fixture
def two(tmp_path: Path) -> tuple[Lock, Lock]:
    """The same lock as two runs see it."""
    return Lock(tmp_path / "turn"), Lock(tmp_path / "turn")


def test_many_share_a_turn(two: tuple[Lock, Lock]) -> None:
    assert two[0].acquire(alone=False, patience=0)
    assert two[1].acquire(alone=False, patience=0)


def test_who_is_alone_keeps_others_out_until_it_lets_go(two: tuple[Lock, Lock]) -> None:
    assert two[0].acquire(alone=True, patience=0)
    assert not two[1].acquire(alone=False, patience=0.2)
    two[0].release()
    assert two[1].acquire(alone=False, patience=0)


def test_who_shares_keeps_away_who_wants_to_be_alone(two: tuple[Lock, Lock]) -> None:
    assert two[0].acquire(alone=False, patience=0)
    assert not two[1].acquire(alone=True, patience=0)
    assert two[0].acquire(alone=True, patience=0)  # the other has given up and holds nothing


def test_a_lock_ends_with_the_process_that_held_it(tmp_path: Path, two: tuple[Lock, Lock]) -> None:
    program = textwrap.dedent("""
        import sys, time
        from pathlib import Path
        from lablib.locks import Lock
        lock = Lock(Path(sys.argv[1]))
        print(lock.acquire(alone=True, patience=0), flush=True)
        time.sleep(60)
    """)
    argv = [sys.executable, "-c", program, str(tmp_path / "turn")]
    with subprocess.Popen(argv, cwd=SCRIPT.parent, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"True\n"
        assert not two[0].acquire(alone=False, patience=0)
        holder.kill()
    assert two[0].acquire(alone=False, patience=0)


def inner_run(folder: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """A run of pytest of its own with one lab test, where the lab cannot be started."""
    (folder / "test_inner.py").write_text("def test_it(lab):\n    assert False\n", encoding="utf-8")
    clean = {key: value for key, value in os.environ.items() if key != "DKAI_REQUIRE_LAB"}
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-c", os.devnull, "-p", "lab.fixture", "-p", "no:cacheprovider", str(folder)],
        check=False,
        capture_output=True,
        encoding="utf-8",
        env={**clean, "PYTHONPATH": str(ROOT / "tests"), "LAB_DIR": "/tmp/a lab", **env},
        cwd=folder,
    )


def test_without_the_lab_its_tests_are_skipped_and_the_summary_says_so(tmp_path: Path) -> None:
    done = inner_run(tmp_path)
    assert done.returncode == 0, done.stdout
    assert "THE SLURM LAB DID NOT RUN" in done.stdout
    assert "1 of the tests against a real Slurm and OpenSSH did not run: " in done.stdout


@NO_ROOT
def test_the_summary_names_the_reason(tmp_path: Path) -> None:
    assert "LAB_DIR must have no blanks" in inner_run(tmp_path).stdout


def test_without_the_lab_its_tests_fail_where_it_is_required(tmp_path: Path) -> None:
    done = inner_run(tmp_path, DKAI_REQUIRE_LAB="1")
    assert done.returncode == 1, done.stdout
    assert "the lab cannot run, and DKAI_REQUIRE_LAB=1" in done.stdout
    assert "1 error" in done.stdout


def test_only_who_is_alone_may_break_the_lab(lab: Lab) -> None:
    with pytest.raises(LabError, match="alone=True"), lab.fault("slurmdbd-down"):
        pass
    with pytest.raises(LabError, match="alone=True"):
        lab.reset()


def test_a_shared_turn_cannot_become_one_alone(lab: Lab) -> None:
    with pytest.raises(LabError, match="from the start"), lab.turn(alone=True):
        pass
    with lab.turn(), lab.turn():
        assert lab.ssh("true").returncode == 0


def test_lab_run_gives_a_program_the_lab_and_its_settings(lab: Lab) -> None:
    program = 'ssh -n -F "$LAB_SSH_CONFIG" lab sinfo -h -o %P; exit 7'
    done = subprocess.run([SCRIPT, "run", "sh", "-c", program], check=False, capture_output=True, encoding="utf-8")
    assert done.returncode == 7
    assert set(done.stdout.split()) == {"cpu*", "gpu", "gpu-test"}
    assert lab.ssh("true").returncode == 0  # it was not the last one here, so the lab stays up
