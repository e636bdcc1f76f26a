"""Files and the program that uses them as one stream: cut off anywhere, nothing runs."""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from dkai.compute.host import Upload, handover
from dkai.compute.host.local import LocalHost
from dkai.core.errors import DkaiError, UserError


def upload(to: str, data: bytes, source: Path | None = None) -> Upload:
    return Upload(to, source or data, len(data), hashlib.sha256(data).hexdigest())


FILES = [
    upload("job.sh", b"#!/bin/sh\n"),
    upload("script/ma in'\\æ.py", b"print(1)\n" * 100),
    upload("input/empty", b""),
]


def stream(files: list[Upload], commit: Callable[[], object] = lambda: None) -> bytes:
    out = bytearray()
    handover.write(files, out.extend, commit, None)
    return bytes(out)


def hand_over(folder: Path, data: bytes) -> tuple[int, bytes]:
    script = handover.script(str(folder), ["sh", "-c", 'echo ran; cat; echo ran >>"$1"', "x", f"{folder}.ran"])
    done = subprocess.run(["sh", "-c", script], input=data, capture_output=True, check=False)
    return done.returncode, done.stdout


def test_all_of_it_arrives_and_the_program_runs_with_nothing_on_stdin(tmp_path: Path) -> None:
    folder = tmp_path / "a b'$c"
    code, said = hand_over(folder, stream(FILES))
    assert (code, said) == (0, handover.THERE + b"ran\n")
    assert sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()) == sorted(
        file.to for file in FILES
    )
    assert (folder / FILES[1].to).read_bytes() == FILES[1].source
    assert folder.stat().st_mode & 0o077 == 0
    assert [p.name for p in tmp_path.iterdir() if "incoming" in p.name] == []
    # Once more over what is there.
    assert hand_over(folder, stream([upload("job.sh", b"other\n")]))[0] == 0
    assert (folder / "job.sh").read_bytes() == b"other\n" and (folder / FILES[1].to).exists()


def test_cut_off_anywhere_nothing_runs_and_no_folder_is_there(tmp_path: Path) -> None:
    whole = stream(FILES)
    # From the last member's end on, what is missing is filler and gzip's own checksum.
    for at in [*range(0, len(whole) - 8, 41), len(whole) - 8, len(whole) - 1]:
        folder = tmp_path / f"cut{at}"
        code, said = hand_over(folder, whole[:at])
        assert (code != 0, said, folder.exists()) == (True, b"", False), at
        assert not Path(f"{folder}.ran").exists()
    assert list(tmp_path.iterdir()) == []


def test_what_commit_raises_goes_through_and_nothing_runs(tmp_path: Path) -> None:
    out = bytearray()

    def refuse() -> None:
        raise UserError("no", code="no")

    with pytest.raises(UserError, match="no"):
        handover.write(FILES, out.extend, refuse, None)
    code, said = hand_over(tmp_path / "x", bytes(out))
    assert code in (67, 68) and said == b""
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_was_taken_meanwhile_stays_as_it_is(tmp_path: Path) -> None:
    """Who finds out that a submission never arrived makes the folder himself: the files then come too late."""
    folder = tmp_path / "x"
    script = handover.script(str(folder), ["touch", f"{folder}.ran"])
    running = subprocess.Popen(
        ["sh", "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert running.stdin is not None
    data = stream(FILES)
    running.stdin.write(data[:100])
    running.stdin.flush()
    while not list(tmp_path.glob("*.incoming.*")):
        pass
    (folder / "claim-1").mkdir(parents=True)
    out, _ = running.communicate(data[100:], timeout=20)
    assert (running.returncode, out) == (67, b"")
    assert [p.name for p in tmp_path.rglob("*")] == ["x", "claim-1"]


def test_a_damaged_file_and_names_of_ours(tmp_path: Path) -> None:
    bad = Upload("a", b"other", 5, hashlib.sha256(b"right").hexdigest())
    assert hand_over(tmp_path / "x", stream([bad]))[0] == 66
    for name in (handover.GO, handover.SUMS, "../x", "/etc/x"):
        with pytest.raises(DkaiError):
            stream([upload(name, b"")])


def test_a_file_that_became_shorter_or_is_gone(tmp_path: Path) -> None:
    source = tmp_path / "f"
    source.write_bytes(b"12")
    with pytest.raises(UserError) as error:
        stream([upload("f", b"123", source)])
    assert error.value.code == "input-changed"
    with pytest.raises(UserError) as error:
        stream([upload("f", b"123", tmp_path / "gone")])
    assert error.value.code == "cannot-read"


def test_on_this_computer(tmp_path: Path) -> None:
    steps: list[str] = []
    folder = str(tmp_path / "job")
    answer = LocalHost().send_and_run(
        folder, FILES, ["sh", "-c", f"ls '{folder}'"], commit=lambda: steps.append("commit")
    )
    assert (answer.stdout.split(), steps) == (["input", "job.sh", "script"], ["commit"])
