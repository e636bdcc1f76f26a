"""`dkai compute connect` against real servers: each step named, no key trusted unasked."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "cli"))
from terminal import Terminal

pytestmark = pytest.mark.lab


@pytest.fixture
def stranger_site(lab: Any, dkai: Any, tmp_path: Path) -> Path:
    """The lab as one sees it the first time: no known_hosts."""
    known = tmp_path / "known_hosts"
    config = tmp_path / "ssh_config"
    user = lab.user("alice")
    config.write_text(
        f"Host lab\n  HostName 127.0.0.1\n  Port {lab.port}\n  User alice\n  IdentityFile {user.key}\n"
        f"  UserKnownHostsFile {known}\n  GlobalKnownHostsFile /dev/null\n",
    )
    dkai("compute", "sites", "add", "lab", "--host", "lab", "--ssh-config", str(config), "--scheduler", "slurm")
    return known


def fingerprint_of(text: str) -> str:
    return next(w for w in text.replace(",", " ").split() if w.startswith("SHA256:")).rstrip(".")


def test_an_unknown_host_key_is_not_trusted_without_being_asked(dkai: Any, stranger_site: Path) -> None:
    for words in (("connect", "lab"), ("submit", "gpu-check", "--site", "lab", "--yes")):
        done = dkai("compute", *words, check=1)
        assert "unknown-host-key" in done.stderr
    assert not stranger_site.exists() or stranger_site.read_text() == ""
    shown = fingerprint_of(dkai("compute", "connect", "lab", check=1).stderr)
    wrong = "SHA256:" + "A" * 43
    done = dkai("compute", "connect", "lab", "--trust-host-key", wrong, check=1)
    assert "host-key-mismatch" in done.stderr
    done = dkai("compute", "connect", "lab", "--trust-host-key", shown)
    assert "ready" in done.stdout
    dkai("compute", "connect", "lab")


@pytest.mark.parametrize(("keys", "code"), [("n\n", 1), ("\x03", 130)])
def test_no_at_the_prompt_remembers_nothing(stranger_site: Path, keys: str, code: int) -> None:
    with Terminal("compute", "connect", "lab") as screen:
        screen.see("Remember it?")
        assert "SHA256:" in screen.screen
        screen.type(keys)
        assert screen.wait() == code
    assert not stranger_site.exists() or stranger_site.read_text() == ""


def test_yes_at_the_prompt_goes_on(stranger_site: Path) -> None:
    with Terminal("compute", "connect", "lab") as screen:
        screen.see("Remember it?")
        screen.type("y\n")
        assert screen.wait(60) == 0
    assert "find your accounts: " in screen.screen
    assert stranger_site.read_text()


@pytest.mark.parametrize(
    ("change", "code", "step", "says"),
    [
        (("--host", "no-such-host.invalid"), 4, "find the host", "host-not-found"),
        (("--port", "1"), 4, "connect", "connection-refused"),
        (("--user", "nobody-here"), 4, "log in", "ssh-key-refused"),
        (("--account", "no-such"), 1, "find your accounts", "no-such-account"),
        (("--base", "/proc"), 1, "find a folder for jobs", "no-folder"),
    ],
)
def test_the_step_that_fails_is_named(
    lab: Any, lab_site: Any, dkai: Any, change: tuple[str, ...], code: int, step: str, says: str
) -> None:
    dkai("compute", "sites", "set", "lab", *change)
    done = dkai("compute", "connect", "lab", check=code)
    text = " ".join(done.stderr.split())
    assert f"step “{step}”" in text and says in text and "hint:" in text


def test_processes_on_a_machine_behind_ssh(workstation: Any, dkai: Any) -> None:
    assert "no scheduler" in " ".join(dkai("compute", "connect", "workstation").stderr.split())
