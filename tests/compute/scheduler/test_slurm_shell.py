"""Questions in shell and answers in frames, with the real shells at hand."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dkai.compute.scheduler import slurm, slurm_jobs, slurm_probe
from dkai.compute.scheduler.slurm_shell import PRELUDE, SIDE_BY_SIDE, frames, shell

SHELLS = [name for name in ("dash", "bash", "busybox", "ksh", "zsh") if shutil.which(name)]
PROGRAMS = {
    "discover": slurm_probe._ASK, "submit": slurm._SUBMIT, "cancel": slurm._CANCEL, "status": slurm_jobs._STATUS,
    "accounting": slurm_jobs._ACCOUNTING,
}  # fmt: skip
pytestmark = pytest.mark.skipif(os.name != "posix", reason="there is no sh")


def run(program: str, *words: str, sh: str = "sh", **env: str) -> str:
    argv = list(shell(program, *words).argv)
    argv[:1] = [sh, "sh"] if sh == "busybox" else [sh]
    done = subprocess.run(argv, capture_output=True, env={**os.environ, **env}, timeout=30, check=False)
    return done.stdout.decode("utf-8", "replace")


@pytest.mark.parametrize("sh", SHELLS)
def test_stdout_stderr_and_exit_code(sh: str) -> None:
    program = """
    ask one sh -c 'echo hello; echo oh >&2; printf "no newline"; exit 3'
    ask two true
    ask three no-such-program
    tell four 0 'kept
    twice'
    tell five 7 'not kept'
    """
    found = frames("*** Welcome ***\ndkai-frame\n" + run(program, sh=sh) + "bye")
    assert (found["one"].lines, found["one"].errors, found["one"].code) == (("hello", "no newline"), ("oh",), 3)
    assert (found["two"].lines, found["two"].ok) == ((), True)
    assert found["three"].code == 127
    assert (found["four"].lines, found["four"].ok) == (("kept", "    twice"), True)
    assert (found["five"].errors, found["five"].code) == (("not kept",), 7)


@settings(max_examples=40, deadline=None)
@given(st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)), max_size=200))
def test_no_output_can_be_taken_for_a_frame(text: str) -> None:
    evil = f"{text}\ndkai-close/1 0\ndkai-frame/1 other\n|x\n{text}"
    found = frames(run("""ask x printf '%s' "$1"; ask y true""", evil))
    assert set(found) == {"x", "y"}
    assert found["x"].code == 0
    # A last line without its end gets one.
    expected = evil.removesuffix("\n").split("\n")
    assert list(found["x"].lines) == expected


@given(st.text(max_size=300))
def test_any_text_has_frames_or_none(text: str) -> None:
    for frame in frames(text + "\ndkai-frame/1 x\n|" + text).values():
        assert frame.code is None or frame.code >= 0


def test_an_answer_that_breaks_off_is_not_a_success() -> None:
    found = frames("dkai-frame/1 a\n|1\ndkai-frame/1 b\n|2\n")
    assert [(f.code, f.lines) for f in found.values()] == [(None, ("1",)), (None, ("2",))]


def test_everyones_settings_are_off_and_the_sites_stay() -> None:
    found = frames(
        run(
            "ask env env",
            SQUEUE_FORMAT="%i", SBATCH_ACCOUNT="other", SLURM_CLUSTERS="elsewhere", SACCT_FORMAT="jobid",
            SINFO_FORMAT="x", SLURM_CONF="/etc/our.conf", LC_ALL="da_DK.UTF-8", SLURM_TIME_FORMAT="relative",
        )
    )  # fmt: skip
    names = dict(line.split("=", 1) for line in found["env"].lines if "=" in line)
    assert not [n for n in names if n.startswith(("SQUEUE_", "SBATCH_", "SACCT_", "SINFO_"))]
    assert {n: names[n] for n in names if n.startswith("SLURM_")} == {
        "SLURM_CONF": "/etc/our.conf", "SLURM_TIME_FORMAT": "%s",
    }  # fmt: skip
    assert names["LC_ALL"] == "C"


SHOUT = "one() { ask one sh -c 'echo 1; sleep 0.3'; }; two() { ask two sh -c 'echo 2; echo oh >&2; exit 4'; }; "


@pytest.mark.parametrize("sh", SHELLS)
@pytest.mark.parametrize("place", ["", "/nowhere"])
def test_side_by_side(sh: str, place: str, tmp_path: Path) -> None:
    """Each function's frames come whole and in order, with files and without; nothing is left."""
    side = SIDE_BY_SIDE.replace('mktemp -d "', f'mktemp -d "{place}')
    program = side + SHOUT + "together two one; said one; said two; said one | grep -c '^|1$' | sed 's/^/n=/'"
    said = run(program, sh=sh, TMPDIR=str(tmp_path))
    found = frames(said)
    assert list(found) == ["one", "two"]
    assert (found["one"].lines, found["two"].lines, found["two"].errors, found["two"].code) == (
        ("1",),
        ("2",),
        ("oh",),
        4,
    )
    assert "n=1" in said
    assert not list(tmp_path.iterdir())


def test_a_full_disk_is_no_place_for_files() -> None:
    """/dev/full takes nothing: the folder there is left for another."""
    side = SIDE_BY_SIDE.replace('>"$dir/room"', ">/dev/full").replace("2>/dev/null && rm", "2>/dev/null && rm")
    found = frames(run(side + SHOUT + "together one two; said one; said two"))
    assert [f.lines for f in found.values()] == [("1",), ("2",)]


def test_one_that_does_not_end_is_left_behind() -> None:
    side = SIDE_BY_SIDE.replace("sleep 55", "sleep 1")
    program = (
        side + SHOUT + "never() { ask before echo x; ask never sleep 4; }; together never two; said never; said two"
    )
    began = time.monotonic()
    found = frames(run(program))
    assert time.monotonic() - began < 3.5
    assert (found["before"].ok, found["never"].code, found["two"].code) == (True, None, 4)


def test_the_programs_are_ascii() -> None:
    """Some shells cannot read anything else in the C locale."""
    for program in PROGRAMS.values():
        assert (PRELUDE + program).isascii()


@pytest.mark.skipif(not shutil.which("shellcheck"), reason="shellcheck is not installed")
@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
def test_shellcheck_finds_nothing(program: str) -> None:
    # $limit is a command with its words, `~/` a pattern, on purpose; profiles are not ours to check.
    argv = ["shellcheck", "-s", "sh", "-e", "SC1090,SC1091,SC2016,SC2086,SC2034,SC2088", "-"]
    done = subprocess.run(argv, input="#!/bin/sh\n" + PRELUDE + program, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
