"""This computer as a host, for real."""

from __future__ import annotations

import errno
import hashlib
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from dkai.compute.host import Listing, RemoteFile, Upload, output
from dkai.compute.host.local import LocalHost
from dkai.compute.host.names import tame
from dkai.compute.host.transfer_home import Home
from dkai.core.errors import DkaiError, RemoteError, UserError

posix = pytest.mark.skipif(os.name != "posix", reason="POSIX files and signals")
HOST = LocalHost()


def upload(name: str, data: bytes, **more: int) -> Upload:
    return Upload(name, data, len(data), hashlib.sha256(data).hexdigest(), **more)


def fetch(folder: Path, into: Path, listing: Listing | None = None) -> list[Path]:
    there = listing or HOST.listing(str(folder))
    return HOST.fetch(str(folder), there.files, Home(into, [file.path for file in there.files]))


def python(text: str) -> list[str]:
    return [sys.executable, "-c", text]


def test_words_arrive_as_they_were_written(tmp_path: Path) -> None:
    words = ["a b", "it's", "$HOME", "`id`", "æøå\nlinje", "*", ""]
    answer = HOST.run([*python("import sys; print(sys.argv[1:] , end='')"), *words], folder=str(tmp_path))
    assert answer.stdout == repr(words)


def test_stdin_exit_code_and_stderr() -> None:
    answer = HOST.run(
        python("import sys; d = sys.stdin.read(); sys.stderr.write('oh'); print(len(d)); sys.exit(7)"),
        stdin=b"x" * 300_000,
    )
    assert (answer.returncode, answer.stdout, answer.stderr) == (7, "300000\n", "oh")


def test_who_reads_nothing_does_not_hang_us() -> None:
    assert HOST.run(python("pass"), stdin=b"x" * 5_000_000, timeout=20).returncode == 0


@pytest.mark.parametrize(("argv", "code"), [(["no-such-program-anywhere"], 127), (["/etc/passwd"], 126)])
def test_a_program_that_cannot_be_started_answers_as_a_shell_would(argv: list[str], code: int) -> None:
    answer = HOST.run(argv)
    assert answer.returncode == code
    assert argv[0] in answer.stderr


def test_output_is_bounded_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(output, "LIMIT", 1000)
    stream = output.Bounded(1000)
    for _ in range(3):
        stream.add(b"x" * 600)
    assert stream.text() == "x" * 1000 + "\n[800 more bytes were left out]\n"
    answer = HOST.run(python("print('x' * 12_000_000)"))
    assert len(answer.stdout) < 10_001_000


@posix
def test_a_silent_program_is_ended_with_all_it_started(tmp_path: Path) -> None:
    script = "sleep 60 & echo $! >child; wait"
    with pytest.raises(RemoteError) as caught:
        HOST.run(["sh", "-c", script], timeout=1, folder=str(tmp_path))
    assert caught.value.code == "command-timeout"
    pid = int((tmp_path / "child").read_text())
    time.sleep(0.2)
    assert not Path(f"/proc/{pid}/cmdline").exists() or "sleep" not in Path(f"/proc/{pid}/cmdline").read_text()


@posix
def test_ctrl_c_ends_the_program_and_is_not_swallowed(tmp_path: Path) -> None:
    threading.Timer(0.7, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
    with pytest.raises(KeyboardInterrupt):
        HOST.run(["sh", "-c", "echo $$ >pid; exec sleep 60"], folder=str(tmp_path))
    pid = int((tmp_path / "pid").read_text())
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


@posix
def test_a_process_left_behind_does_not_hold_us() -> None:
    begun = time.monotonic()
    answer = HOST.run(["sh", "-c", "echo hej; sleep 8 &"])
    assert answer.stdout == "hej\n"
    assert time.monotonic() - begun < 6


def test_files_there_and_back(tmp_path: Path) -> None:
    large = tmp_path / "stor fil"
    large.write_bytes(os.urandom(3_000_001))
    digest = hashlib.sha256(large.read_bytes()).hexdigest()
    there, home = tmp_path / "der", tmp_path / "hjem"
    files = [
        Upload("input/æ ø.bin", large, 3_000_001, digest),
        upload("it's odd", b"hej", mode=0o700),
        upload("empty", b""),
    ]
    seen: list[tuple[int, int]] = []
    HOST.send(str(there), files, lambda done, total: seen.append((done, total)))
    assert seen == [(n, 3_000_004) for n in (1 << 20, 2 << 20, 3_000_001, 3_000_004)]
    listed = HOST.listing(str(there))
    assert {f.path: f.size for f in listed.files} == {f.to: f.size for f in files}
    assert HOST.sums(str(there), [f.to for f in files]) == {f.to: f.sha256 for f in files}
    assert sorted(fetch(there, home)) == sorted(home / f.to for f in files)
    assert (home / "input/æ ø.bin").read_bytes() == large.read_bytes()
    if os.name == "posix":
        assert [p.stat().st_mode & 0o777 for p in (there, there / "input", home, home / "input")] == [0o700] * 4
        assert (there / "it's odd").stat().st_mode & 0o777 == 0o700
        assert (home / "empty").stat().st_mode & 0o777 == 0o600
    assert not [p for p in tmp_path.rglob("*") if ".part" in p.name]


def test_a_file_that_changed_is_not_sent(tmp_path: Path) -> None:
    with pytest.raises(UserError) as caught:
        HOST.send(str(tmp_path), [Upload("x", b"hej", 3, "0" * 64)])
    assert caught.value.code == "input-changed"
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(UserError):
        HOST.send(str(tmp_path / "new"), [upload("y", b"fine"), Upload("x", b"hej", 3, "0" * 64)])
    assert list(tmp_path.iterdir()) == []


def test_an_upload_that_was_stopped_is_gone_on_with(tmp_path: Path) -> None:
    first, second = upload("a", b"1" * 3_000_000), upload("b", b"2" * 3_000_000)

    def stop(done: int, _: int) -> None:
        if done > 4_000_000:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        HOST.send(str(tmp_path / "job"), [first, second], stop)
    assert [p.name for p in tmp_path.iterdir()] == ["job.incoming"]
    seen: list[int] = []
    HOST.send(str(tmp_path / "job"), [first, second], lambda done, _: seen.append(done), again=True)
    assert seen[0] == 3_000_000
    assert (tmp_path / "job/b").read_bytes() == second.source
    assert sorted(p.name for p in tmp_path.rglob("*")) == ["a", "b", "job"]


def test_a_fetch_that_was_stopped_is_gone_on_with(tmp_path: Path) -> None:
    (tmp_path / "far").mkdir()
    (tmp_path / "far/f").write_bytes(os.urandom(5_000_000))
    listing = HOST.listing(str(tmp_path / "far"))

    def stop(done: int, _: int) -> None:
        if done > 3_000_000:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        HOST.fetch(str(tmp_path / "far"), listing.files, Home(tmp_path / "home", ["f"]), stop)
    seen: list[int] = []
    home = Home(tmp_path / "home", ["f"])
    HOST.fetch(str(tmp_path / "far"), listing.files, home, lambda done, _: seen.append(done))
    assert seen[0] > 3_000_000
    assert home.place("f").read_bytes() == (tmp_path / "far/f").read_bytes()
    assert list((tmp_path / "home/.dkai").iterdir()) == []


def test_a_file_that_grows_is_never_a_mix(tmp_path: Path) -> None:
    (tmp_path / "far").mkdir()
    (tmp_path / "far/f").write_bytes(b"1" * 3_000_000)

    def grow(*_: int) -> None:
        with (tmp_path / "far/f").open("ab") as out:
            out.write(b"2")

    with pytest.raises(RemoteError) as caught:
        HOST.fetch(str(tmp_path / "far"), HOST.listing(str(tmp_path / "far")).files, Home(tmp_path / "h", ["f"]), grow)
    assert caught.value.code == "file-changed"
    assert not (tmp_path / "h/f").exists()


@posix
def test_links_are_neither_listed_nor_followed(tmp_path: Path) -> None:
    (tmp_path / "real").write_text("1")
    (tmp_path / "link").symlink_to("/etc/passwd")
    (tmp_path / "folder").symlink_to("/etc")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "empty").mkdir()
    found = HOST.listing(str(tmp_path))
    assert [f.path for f in found.files] == ["real"]
    assert (found.folders, found.left_out) == (("empty",), ("folder", "link", "pipe"))
    assert HOST.listing(str(tmp_path / "none")) == Listing()
    with pytest.raises(RemoteError) as caught:
        HOST.listing(str(tmp_path / "folder"))
    assert caught.value.code == "unsafe-path"


@posix
def test_a_link_at_home_does_not_lead_a_file_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "der").mkdir()
    (tmp_path / "der/sub").mkdir()
    (tmp_path / "der/sub/f").write_text("1")
    home, elsewhere = tmp_path / "hjem", tmp_path / "elsewhere"
    home.mkdir()
    elsewhere.mkdir()
    (home / "sub").symlink_to(elsewhere)
    with pytest.raises(RemoteError) as caught:
        fetch(tmp_path / "der", home)
    assert caught.value.code == "unsafe-path"
    assert list(elsewhere.iterdir()) == []


@posix
def test_a_full_disk_is_said_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # A write that the system refuses, as on a full disk: no real disk is filled for it.
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", full)
        with pytest.raises(RemoteError) as caught:
            HOST.send(str(tmp_path), [upload("x", b"hej")])
    assert caught.value.code == "disk-full"
    assert list(tmp_path.iterdir()) == []


def test_reading_a_log_from_an_offset(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(b"0123456789")
    assert HOST.read(str(tmp_path / "log"), 4, 3) == b"456"
    assert HOST.read(str(tmp_path / "log"), 99) == b""
    assert HOST.read(str(tmp_path / "none")) is None
    with pytest.raises(UserError):
        HOST.read(str(tmp_path))


def test_what_is_gone_when_it_is_fetched(tmp_path: Path) -> None:
    with pytest.raises(DkaiError) as caught:
        fetch(tmp_path, tmp_path / "home", Listing((RemoteFile("gone", 1, 0.0),)))
    assert caught.value.code == "file-changed"


@pytest.mark.parametrize("name", ["../x", "/etc/passwd", "", "a/../../b", "a//b", "./a", "a/", ".."])
def test_paths_that_leave_their_folder(name: str, tmp_path: Path) -> None:
    with pytest.raises(RemoteError) as caught:
        tame(name)
    assert caught.value.code == "unsafe-path"
    with pytest.raises(RemoteError):
        HOST.send(str(tmp_path / "to"), [upload(name, b"")])


def test_nothing_is_imported_for_it_that_is_not_needed() -> None:
    code = "import sys; from dkai.compute.host.local import LocalHost; print('paramiko' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
