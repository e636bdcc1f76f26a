"""What a place does to a program over SSH: the real program in real shells here, and what its answers mean."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from dkai.app import connect_checks as checks
from dkai.compute.cluster import Association, Cluster, Partition, Qos, Storage
from dkai.compute.host import CommandResult
from dkai.compute.site import Site
from dkai.compute.tryout import StartUp, Tryout, command, parse, place_of, where_is

SITE = Site("s", host="ssh", scheduler="slurm", address="h")
CLUSTER = Cluster("c", "slurm", "23.02", "me", "/home/me", None, partitions=(Partition("cpu"), Partition("gpu")))
GOOD = Tryout("bash", (StartUp("plain", 0.01, 0, ""),), (), 100.0, 5000.0, "", True)


def run_here(home: Path, base: str, payload: bytes, shell: str = "/bin/bash", **env: str) -> Tryout:
    """Run the real program as sshd would: in sh, with that log-in shell's name in the environment."""
    asked = command(base, payload)
    done = subprocess.run(
        list(asked.argv), input=asked.stdin, capture_output=True, check=False, timeout=60, cwd=home,
        env={"PATH": os.environ["PATH"], "HOME": str(home), "SHELL": shell, "SSH_CLIENT": "::1 1 22", **env},
    )  # fmt: skip
    return parse(CommandResult(done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode()), payload)


@pytest.mark.parametrize("payload", [b"x", b"\x00\xff\n" * 1000, secrets.token_bytes(4096)])
def test_a_folder_that_holds(tmp_path: Path, payload: bytes) -> None:
    base = tmp_path / "a 'b\" $(touch x) æ"
    base.mkdir()
    found = run_here(tmp_path, str(base), payload)
    assert (found.folder, found.came_back, found.says) == ("", True, "")
    assert found.free_mb and found.clock_s and found.shell == "bash"
    assert list(base.iterdir()) == [] and not (tmp_path / "x").exists()


def test_a_folder_that_is_not_there_or_may_not_be_written(tmp_path: Path) -> None:
    assert run_here(tmp_path, str(tmp_path / "none"), b"x").folder == "not-there"
    assert run_here(tmp_path, "/proc", b"x").folder == "not-writable"


def test_a_full_disk(tmp_path: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full here")
    # The real message of a real full disk; the whole walk meets one in the lab.
    said = subprocess.run(["sh", "-c", "echo x | cat >/dev/full"], capture_output=True, text=True, check=False).stderr
    answer = "dkai-frame/1 file\n" + "".join(f"!{line}\n" for line in said.splitlines()) + "dkai-close/1 4\n"
    assert parse(CommandResult(0, answer, ""), b"x").folder == "full"


@pytest.mark.parametrize("shell", ["/bin/bash", "/bin/dash", "/bin/zsh", "/bin/tcsh", "/usr/bin/fish"])
def test_the_file_that_prints_is_found(tmp_path: Path, shell: str) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"no {shell} here")
    name = {"bash": ".bashrc", "dash": ".profile", "zsh": ".zshenv", "tcsh": ".tcshrc"}.get(shell.rpartition("/")[2])
    path = tmp_path / (name or ".config/fish/config.fish")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("echo Welcome to the cluster\necho dkai-close/1 0\n")
    (tmp_path / ".zprofile").write_text("true\n")
    found = run_here(tmp_path, str(tmp_path), b"x", shell)
    assert found.came_back
    (loud,) = [f for f in found.files if f.printed]
    assert (loud.name, loud.first_line) == (str(path.relative_to(tmp_path)), "Welcome to the cluster")
    (note, *_) = checks.shell(found)
    assert note.note and loud.name in note.says and note.hint and loud.name in note.hint


def test_a_slow_start_is_measured(tmp_path: Path) -> None:
    (tmp_path / ".bashrc").write_text("sleep 1.2\n")
    found = run_here(tmp_path, str(tmp_path), b"x")
    (note,) = checks.shell(found)
    assert note.note and "1.2 s" in note.says
    assert not [n for n in checks.shell(GOOD) if n.note]


def test_the_lines_that_we_advise_do_silence_it(tmp_path: Path) -> None:
    (tmp_path / ".bashrc").write_text("[[ $- != *i* ]] && return\necho Welcome\n")
    assert not any(s.printed for s in run_here(tmp_path, str(tmp_path), b"x").starts)


def test_where_slurm_hides(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/squeue").write_text("#!/bin/sh\n")
    (tmp_path / "bin/squeue").chmod(0o755)
    (tmp_path / ".profile").write_text(
        f"PATH={tmp_path}/bin:$PATH\necho hello\nmodule() {{ printf 'gcc/12\\nslurm/23.02.7\\n' >&2; }}\n"
    )
    asked = where_is("squeue", "slurm")
    done = subprocess.run(
        list(asked.argv), capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL, timeout=60,
        env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "SHELL": "/bin/dash"},
    )  # fmt: skip
    assert place_of(CommandResult(0, done.stdout, "")) == (f"{tmp_path}/bin/squeue", "slurm/23.02.7")
    error = checks.no_commands(checks.RemoteError("x", code="no-slurm"), None, "slurm/23.02.7")
    assert error.hint and "module load slurm/23.02.7" in error.hint


def test_nothing_came_back() -> None:
    found = parse(CommandResult(0, "Welcome\n", ""), b"x")
    assert found == Tryout(None, (), (), None, None, None, None)
    (fault,) = checks.folder(SITE, "/x", found, CLUSTER)
    assert fault.error is not None and fault.error.code == "no-answer"
    assert not list(checks.file(found, 1)) and not list(checks.shell(found))
    assert not list(checks.clock(found, CLUSTER, 0, 0))


@pytest.mark.parametrize(
    ("there", "note"), [(1000.0, False), (1030.0, False), (955.0, False), (1300.0, True), (100.0, True)]
)
def test_clocks(there: float, note: bool) -> None:
    (found,) = checks.clock(Tryout("sh", (), (), there, None, "", True), CLUSTER, 1000.0, 1001.0)
    assert found.note is note
    assert not note or ("ahead" if there > 1000 else "behind") in found.says


def test_room_and_quota() -> None:
    places = (Storage("home", "/home", 990.0, 1000.0), Storage("x", "/other", 1.0, 2.0))
    ok, quota = checks.folder(SITE, "/home/me", GOOD, replace(CLUSTER, storage=places))
    assert not ok.note and quota.note and "of 1" in quota.says


def test_accounts_and_choices() -> None:
    def having(site: Site = SITE, **fields: object) -> list[checks.Finding]:
        cluster = replace(CLUSTER, **fields)  # type: ignore[arg-type]
        return [*checks.accounts(site, cluster, None), *checks.choices(site, cluster)]

    (unknown,) = having(associations=None, missing={"mine": "denied"})
    assert unknown.note and "denied" in unknown.says
    (none,) = having(associations=(), enforced=("associations",))
    assert none.error is not None and none.error.code == "no-association"
    (none,) = having(associations=(), enforced=("none",))
    assert none.error is None
    two = (Association("a"), Association("b"))
    assert [f.note for f in having(associations=two)] == [False, True]
    named = Site("s", account="a", partition="gpu", qos="slow")
    found = having(named, associations=(Association("a", qos=("normal",)),), qos=(Qos("normal"), Qos("slow")))
    assert [f.error and f.error.code for f in found] == [None, "qos-not-yours", None]
