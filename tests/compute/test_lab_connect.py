"""`dkai compute connect` against real servers: each step named, no key trusted unasked."""

from __future__ import annotations

import contextlib
import json
import secrets
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dkai.compute.host.keys import make_key

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


class OwnServer:
    """An sshd of this test's own: its log tells what happened, and it takes passwords."""

    def __init__(self, lab: Any, folder: Path, base: str) -> None:
        self.log, self.known, self._lab, self._base = folder / "sshd.log", folder / "known", lab, base
        host_key = make_key(folder / "host_key")
        self.fingerprint = host_key.fingerprint
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        (folder / "sshd.conf").write_text(
            f"ListenAddress 127.0.0.1:{self.port}\nHostKey {host_key.path}\nPidFile none\nStrictModes no\n"
            f"AuthorizedKeysFile {lab.dir}/ssh/authorized_keys/%u\nUsePAM no\nPasswordAuthentication yes\n"
            f"KbdInteractiveAuthentication no\nLogLevel VERBOSE\nSetEnv SLURM_CONF={lab.slurm_conf}\n"
        )
        self._config = folder / "sshd.conf"

    def add(self, name: str, *, keys: bool = True) -> tuple[str, ...]:
        """The command line that makes a site of it and tries it."""
        config = self._config.with_name("ssh_config")
        config.write_text(
            f"Host own\n  HostName 127.0.0.1\n  Port {self.port}\n  User alice\n  IdentitiesOnly yes\n"
            f"  IdentityFile {self._lab.user('alice').key if keys else '/nowhere'}\n"
            f"  UserKnownHostsFile {self.known}\n  GlobalKnownHostsFile /dev/null\n"
        )
        return ("compute", "connect", name, "--host", "own", "--ssh-config", str(config), "--scheduler", "slurm",
                "--base", self._base)  # fmt: skip

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """The server, until the end of the block."""
        with self.log.open("wb") as log:
            process = subprocess.Popen(["/usr/sbin/sshd", "-D", "-e", "-f", str(self._config)], stderr=log)
            try:
                end = time.monotonic() + 10
                while "Server listening" not in self.log.read_text():
                    assert time.monotonic() < end and process.poll() is None, self.log.read_text()
                    time.sleep(0.02)
                yield
            finally:
                process.terminate()
                process.wait(10)

    @contextlib.contextmanager
    def password(self) -> Iterator[str]:
        """A password for alice, inside the block."""
        word = secrets.token_hex(12)  # it never begins with a hyphen, which openssl would take for an option
        before = next(
            line.split(":")[1] for line in Path("/etc/shadow").read_text().splitlines() if line.startswith("alice:")
        )
        hashed = subprocess.run(["openssl", "passwd", "-6", word], check=True, capture_output=True, text=True).stdout
        subprocess.run(["usermod", "-p", hashed.strip(), "alice"], check=True)
        try:
            yield word
        finally:
            subprocess.run(["usermod", "-p", before, "alice"], check=True)


@pytest.fixture
def own_server(lab: Any, tmp_path: Path, lab_base: str) -> Iterator[OwnServer]:
    """An sshd of this test's own, running."""
    server = OwnServer(lab, tmp_path, lab_base)
    with server.running():
        yield server


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


# --- every step, on real servers


def connect(dkai: Any, *words: str, code: int = 0) -> dict[str, Any]:
    """`connect … --format json`: the connection, or the error."""
    done = dkai("compute", "connect", *words, "--format", "json", check=code)
    found: dict[str, Any] = json.loads(done.stdout if code == 0 else done.stderr)
    return found if code == 0 else found["error"]


def step(found: dict[str, Any], name: str) -> dict[str, Any]:
    steps: list[dict[str, Any]] = found.get("steps") or found["details"]["steps"]
    return next(s for s in steps if s["id"] == name)


def test_all_steps_with_their_times_and_what_is_there(lab_site: Any, dkai: Any) -> None:
    found = connect(dkai, "lab")
    assert [s["id"] for s in found["steps"] if not s["note"]] == [
        "config", "name", "host-key", "login", "scheduler", "accounts", "folder", "file", "shell", "clock", "python",
    ]  # fmt: skip
    assert all(s["ok"] for s in found["steps"])
    assert all(step(found, name)["seconds"] > 0 for name in ("config", "login", "scheduler", "file"))
    cluster = found["cluster"]
    gpu = next(p for p in cluster["partitions"] if p["name"] == "gpu")
    assert {(g["raw"], g["per_node"], g["in_all"]) for g in gpu["gpus"]} == {("h100", 4, 4), ("a100", 8, 8)}
    assert all(g["name"] and "NVIDIA" in g["name"] for g in gpu["gpus"])
    budgets = {a["name"]: a["budgets"] for a in cluster["accounts"]}
    assert budgets["project_a"][0]["limit"] == 10.0 and budgets["project_a"][0]["left"] <= 10.0
    shown = dkai("compute", "sites", "show", "lab")
    assert "NVIDIA H100" in shown.stdout and " ago" in shown.stdout


def test_the_place_is_left_as_it_was(lab: Any, lab_site: Any, lab_base: str, dkai: Any) -> None:
    connect(dkai, "lab")
    assert lab.ssh(f"ls -A {lab_base}").stdout == ""


def test_one_connection_and_two_channels(own_server: OwnServer, dkai: Any) -> None:
    dkai(*own_server.add("own"), "--trust-host-key", own_server.fingerprint, check=None)
    log = own_server.log.read_text(errors="replace")
    # The first one showed its host key; the second, after it was remembered, did everything.
    assert log.count("Connection from ") == 2
    assert log.count("Starting session: command for alice") == 2


def test_all_that_is_wrong_is_told_at_once(lab_site: Any, dkai: Any) -> None:
    error = connect(dkai, "lab", "--partition", "gpus", "--qos", "debg", "--base", "/proc", code=1)
    assert error["code"] == "no-such-partition" and "3 steps failed" in error["message"]
    wrong = [s for s in error["details"]["steps"] if not s["ok"]]
    assert [s["id"] for s in wrong] == ["choices", "choices", "folder"]
    assert "did you mean gpu" in wrong[0]["hint"] and "did you mean debug" in wrong[1]["hint"]
    assert step(error, "python")["ok"]


def test_the_wrong_key_and_none(lab: Any, lab_site: Any, dkai: Any, tmp_path: Path) -> None:
    make_key(tmp_path / "mine")
    error = connect(dkai, "lab", "--identity", str(tmp_path / "mine"), code=4)
    assert (error["code"], error["details"]["step"]) == ("ssh-key-refused", "login")
    assert error["details"]["offered"] == [str(tmp_path / "mine")] and str(tmp_path / "mine") in error["hint"]
    assert step(error, "config")["ok"] and not step(error, "login")["ok"]


def test_a_changed_host_key_is_refused(lab: Any, dkai: Any, stranger_site: Path, tmp_path: Path) -> None:
    public = make_key(tmp_path / "other").public.split()
    stranger_site.write_text(f"[127.0.0.1]:{lab.port} {public[0]} {public[1]}\n")
    error = connect(dkai, "lab", code=4)
    assert (error["code"], error["details"]["step"]) == ("changed-host-key", "host-key")
    # Naming the new key's fingerprint does not help: the old one must go first, by hand.
    error = connect(dkai, "lab", "--trust-host-key", fingerprint_of(error["message"]), code=4)
    assert error["code"] == "changed-host-key"
    assert stranger_site.read_text().count("\n") == 1


def test_something_that_does_not_speak_ssh(lab_site: Any, dkai: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def talk() -> None:
            with contextlib.suppress(OSError):
                while True:
                    client, _ = server.accept()
                    client.sendall(b"HTTP/1.0 400 Bad Request\r\n\r\n")
                    client.close()

        threading.Thread(target=talk, daemon=True).start()
        error = connect(dkai, "lab", "--port", str(server.getsockname()[1]), code=4)
    assert (error["code"], error["details"]["step"]) == ("connection-closed", "handshake")


def test_the_catalogues_word_on_logging_in_comes_with_the_error(dkai: Any) -> None:
    dkai("compute", "sites", "add", "h", "--provider", "ku-hendrix", "--host", "no-such-host.invalid", "--user", "me")
    error = connect(dkai, "h", code=4)
    assert error["details"]["step"] == "name" and "VPN" in error["hint"]


def test_a_second_factor_asked_once(lab: Any, dkai: Any, lab_base: str) -> None:
    add = ("compute", "sites", "add", "mfa", "--host", "lab-mfa", "--ssh-config", str(lab.ssh_config))
    dkai(*add, "--scheduler", "slurm", "--base", lab_base)
    error = connect(dkai, "mfa", code=4)
    assert (error["code"], error["details"]["step"]) == ("second-factor-needed", "login")
    with Terminal("compute", "connect", "mfa") as screen:
        screen.see("Verification code:")
        screen.type(lab.otp() + "\n")
        assert screen.wait(60) == 0
    assert screen.screen.count("Verification code:") == 1
    with Terminal("compute", "connect", "mfa") as screen:
        screen.see("Verification code:")
        screen.type("000000\n")
        assert screen.wait(60) == 4
    assert "login-not-accepted" in screen.screen


def test_an_unknown_host_key_and_a_second_factor_ask_for_one_code(lab: Any, dkai: Any, tmp_path: Path) -> None:
    known, config = tmp_path / "known", tmp_path / "config"
    config.write_text(
        f"Host mfa\n  HostName 127.0.0.1\n  Port {lab.ports['mfa']}\n  User alice\n  IdentitiesOnly yes\n"
        f"  IdentityFile {lab.user('alice').key}\n  UserKnownHostsFile {known}\n  GlobalKnownHostsFile /dev/null\n"
    )
    dkai("compute", "sites", "add", "mfa", "--host", "mfa", "--ssh-config", str(config), "--scheduler", "slurm")
    with Terminal("compute", "connect", "mfa") as screen:
        screen.see("Remember it?")
        screen.type("y\n")
        screen.see("Verification code:")
        screen.type(lab.otp() + "\n")
        assert screen.wait(60) == 0
    assert screen.screen.count("Verification code:") == 1


def test_through_a_jump_host_both_host_keys_are_asked_about(lab: Any, dkai: Any, tmp_path: Path, lab_base: str) -> None:
    known, config = tmp_path / "known", tmp_path / "config"
    text = lab.ssh_config.read_text().replace(str(lab.known_hosts), str(known))
    config.write_text(text)
    dkai("compute", "sites", "add", "inner", "--host", "lab-inner", "--ssh-config", str(config),
         "--scheduler", "slurm", "--base", lab_base)  # fmt: skip
    with Terminal("compute", "connect", "inner") as screen:
        screen.see("Remember it?")
        screen.type("y\n")
        screen.see(f"[127.0.0.2]:{lab.ports['inner']} is not known yet")
        screen.type("y\n")
        assert screen.wait(60) == 0
    assert len(known.read_text().splitlines()) == 2
    assert "lab-jump" in step(connect(dkai, "inner"), "name")["says"]


def test_a_password_where_that_is_what_the_site_has(own_server: OwnServer, dkai: Any) -> None:
    words = ("compute", "connect", "pw")
    dkai(*own_server.add("pw", keys=False), check=1)
    with own_server.password() as password:
        with Terminal(*words) as screen:
            screen.see("Remember it?")
            screen.type("y\n")
            screen.see("password of alice")
            screen.type(password + "\n")
            assert screen.wait(60) == 0
        assert password not in screen.screen
        with Terminal(*words) as screen:
            screen.see("password of alice")
            screen.type("wrong\n")
            assert screen.wait(60) == 4
    assert "login-not-accepted" in screen.screen


# --- what a start-up file does, and Slurm that cannot be had


@pytest.mark.lab(alone=True)
def test_a_file_that_prints_is_named_and_does_no_harm(lab: Any, lab_site: Any, dkai: Any) -> None:
    with lab.fault("noisy-login"):
        found = connect(dkai, "lab")
    said = step(found, "shell")
    assert said["ok"] and said["note"] and "~/.bashrc" in said["says"] and ".bashrc" in said["hint"]


@pytest.mark.lab(alone=True)
def test_slurm_does_not_answer(lab: Any, lab_site: Any, dkai: Any) -> None:
    with lab.fault("slurmctld-down"):
        error = connect(dkai, "lab", code=4)
    assert (error["code"], error["details"]["step"]) == ("slurm-down", "scheduler")
    assert step(error, "folder")["ok"] and step(error, "file")["ok"]


@pytest.mark.lab(alone=True)
def test_no_room(lab: Any, lab_site: Any, dkai: Any) -> None:
    with lab.fault("disk-full"):
        error = connect(dkai, "lab", code=1)
    assert (error["code"], error["details"]["step"]) == ("no-room", "folder")
