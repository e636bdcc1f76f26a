"""What OpenSSH's connection sharing promises, and what both transports promise alike, against real servers."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from dkai.compute.host.answers import AskOnce
from dkai.compute.host.openssh_abilities import abilities
from dkai.compute.host.openssh_choice import choose, connect_shell
from dkai.compute.host.openssh_shell import OpenSshShell
from dkai.compute.host.ssh import SshHost
from dkai.compute.host.ssh_config import hops, resolve
from dkai.compute.host.ssh_connect import trust_host_key
from dkai.compute.site import Site
from dkai.core.errors import DkaiError
from lab.fixture import Lab

pytestmark = pytest.mark.lab
BOTH = pytest.mark.parametrize("transport", ["paramiko", "openssh"])


def site(lab: Lab, address: str = "lab", transport: str = "openssh", **more: object) -> Site:
    fields = {"ssh_config": str(lab.ssh_config), "transport": transport, **more}
    return Site(id="lab", host="ssh", scheduler="slurm", address=address, **fields)  # type: ignore[arg-type]


def failure(site: Site, ask: object = None) -> DkaiError:
    with pytest.raises(DkaiError) as caught:
        SshHost.connect(site, ask).close()  # type: ignore[arg-type]
    return caught.value


class Counter:
    """Stands between and counts the TCP connections that it lets through."""

    def __init__(self, lab: Lab, folder: Path) -> None:
        self.count = 0
        self._target = lab.port
        self._listener = socket.create_server(("127.0.0.1", 0))
        port = self._listener.getsockname()[1]
        self.config = folder / "counted"
        self.config.write_text(
            f"Host counted\n  HostName 127.0.0.1\n  Port {port}\n  User alice\n  HostKeyAlias [127.0.0.1]:{lab.port}\n"
            f"  IdentityFile {lab.user('alice').key}\n  IdentitiesOnly yes\n  UserKnownHostsFile {lab.known_hosts}\n"
        )
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            self.count += 1
            far = socket.create_connection(("127.0.0.1", self._target))
            for a, b in ((near, far), (far, near)):
                threading.Thread(target=_pump, args=(a, b), daemon=True).start()

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


def _pump(a: socket.socket, b: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := a.recv(65536):
            b.sendall(data)
    with contextlib.suppress(OSError):
        b.shutdown(socket.SHUT_WR)


@pytest.fixture
def counter(lab: Lab, tmp_path: Path) -> Iterator[Counter]:
    counting = Counter(lab, tmp_path)
    yield counting
    counting.close()


@BOTH
def test_one_tcp_connection_serves_all_commands(lab: Lab, counter: Counter, transport: str) -> None:
    host = SshHost.connect(site(lab, "counted", transport, ssh_config=str(counter.config)), None)
    threads = [threading.Thread(target=lambda: host.run(["sleep", "0.2"])) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [host.run(["echo", str(n)]).stdout for n in range(3)] == ["0\n", "1\n", "2\n"]
    host.close()
    assert counter.count == 1


def test_a_shared_connection_that_is_gone_is_not_opened_anew_behind_our_back(lab: Lab, counter: Counter) -> None:
    host = SshHost.connect(site(lab, "counted", ssh_config=str(counter.config)), None)
    folder = host._shell._path.parent  # type: ignore[attr-defined]
    subprocess.run(["ssh", "-S", str(folder / "s"), "-O", "exit", "x"], check=True, capture_output=True)
    with pytest.raises(DkaiError) as caught:
        host.run(["true"])
    assert caught.value.code == "connection-lost"
    host.close()
    assert counter.count == 1
    assert not folder.exists()


def test_the_persons_own_open_connection_is_used_and_stays_open(lab: Lab, counter: Counter, tmp_path: Path) -> None:
    with counter.config.open("a") as config:
        config.write(f"  ControlPath {tmp_path}/c-%n\n")
    own = [
        "ssh",
        "-F",
        str(counter.config),
        "-o",
        "ControlMaster=yes",
        "-o",
        "ControlPersist=60",
        "-N",
        "-f",
        "counted",
    ]
    subprocess.run(own, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    check = ["ssh", "-F", str(counter.config), "-O", "check", "counted"]
    try:
        host = SshHost.connect(site(lab, "counted", "auto", ssh_config=str(counter.config)), None)
        assert (host.transport, host.why) == (
            "openssh",
            "an open connection of yours to this host is used (ControlMaster)",
        )
        assert host.run(["whoami"]).stdout == "alice\n"
        host.close()
        assert subprocess.run(check, capture_output=True, check=False).returncode == 0
        assert counter.count == 1
    finally:
        subprocess.run([*check[:4], "exit", "counted"], capture_output=True, check=False)
    assert choose(site(lab, "counted", "auto", ssh_config=str(counter.config))).transport == "paramiko"


def test_without_connection_sharing_each_command_logs_in(lab: Lab, counter: Counter) -> None:
    able = replace(abilities(), shares=False)  # as on Windows
    way = hops(site(lab, "counted", ssh_config=str(counter.config)))
    shell = OpenSshShell.connect(site(lab, ssh_config=str(counter.config)), way, AskOnce(None), able=able)
    out: list[bytes] = []
    code, errors = shell.run("cat; echo oh >&2; exit 255", lambda write: write(b"hej"), out.append, 20)
    assert (code, errors, b"".join(out)) == (255, b"oh\n", b"hej")
    shell.close()
    assert counter.count == 2


def test_without_connection_sharing_over_a_jump_host(lab: Lab) -> None:
    able = replace(abilities(), shares=False)
    inner = site(lab, "lab-inner")
    shell = OpenSshShell.connect(inner, hops(inner), AskOnce(None), able=able)
    out: list[bytes] = []
    assert shell.run("whoami", None, out.append, 20)[0] == 0
    assert b"".join(out) == b"alice\n"
    shell.close()


CHILD = """
import sys, time
from dkai.compute.host import openssh_command
openssh_command.PERSIST_S = 1
from dkai.compute.host.ssh import SshHost
from dkai.compute.site import Site
host = SshHost.connect(Site("lab", host="ssh", address="lab", ssh_config=sys.argv[1], transport="openssh"), None)
print(host._shell._path, flush=True)
try:
    host.run(["sleep", "60"])
except KeyboardInterrupt:
    host.close()
    print("interrupted", flush=True)
"""


@pytest.fixture
def child(lab: Lab) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """Another dkai, which waits for a command at the lab."""
    program = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(lab.ssh_config)],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, start_new_session=True,
    )  # fmt: skip
    assert program.stdout is not None
    path = Path(program.stdout.readline().strip())
    time.sleep(0.3)
    yield program, path
    if program.poll() is None:
        program.kill()
    program.wait()
    program.stdout.close()
    shutil.rmtree(path.parent, ignore_errors=True)


def alive(path: Path) -> bool:
    argv = ["ssh", "-S", str(path), "-O", "check", "x"]
    return subprocess.run(argv, capture_output=True, check=False).returncode == 0


def gone(path: Path) -> bool:
    end = time.monotonic() + 8
    while alive(path) and time.monotonic() < end:
        time.sleep(0.2)
    return not alive(path)


def test_a_killed_dkai_leaves_no_connection_behind(child: tuple[subprocess.Popen[str], Path]) -> None:
    program, path = child
    assert alive(path)
    program.kill()
    program.wait()
    # The ssh that carried the command was not killed with it; it ends with the connection.
    for pid in _ssh_of(path):
        os.kill(pid, signal.SIGTERM)
    assert gone(path)


def _ssh_of(path: Path) -> list[int]:
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            words = entry.read_bytes().split(b"\0")
            if words[0].endswith(b"ssh") and any(str(path).encode() in word for word in words):
                found.append(int(entry.parent.name))
    return found


def test_ctrl_c_reaches_dkai_alone_and_ends_ssh(child: tuple[subprocess.Popen[str], Path]) -> None:
    program, path = child
    os.killpg(program.pid, signal.SIGINT)
    assert program.stdout is not None
    assert program.stdout.readline() == "interrupted\n"
    assert program.wait(10) == 0
    assert not alive(path)
    assert not path.parent.exists()
    assert _ssh_of(path) == []


@pytest.fixture
def locked_key(lab: Lab, tmp_path: Path) -> Path:
    path = tmp_path / "locked key"
    path.write_bytes(lab.user("alice").key.read_bytes())
    path.chmod(0o600)
    subprocess.run(["ssh-keygen", "-q", "-p", "-P", "", "-N", "åben", "-f", path], check=True, capture_output=True)
    return path


@BOTH
def test_a_locked_key_asks_for_its_passphrase_once(lab: Lab, locked_key: Path, transport: str) -> None:
    config = locked_key.with_name("config")
    text = lab.ssh_config.read_text().replace(str(lab.user("alice").key), f'"{locked_key}"')
    config.write_text(text)
    asked: list[tuple[str, bool]] = []

    def ask(prompt: str, secret: bool) -> str:
        asked.append((prompt, secret))
        return "åben"

    # The jump host and the computer behind it take the same key.
    for address in ("lab", "lab-inner"):
        asked.clear()
        host = SshHost.connect(site(lab, address, transport, ssh_config=str(config)), ask)
        assert host.run(["whoami"]).stdout == "alice\n"
        assert not host.asked
        host.close()
        assert asked == [(f"passphrase of {locked_key}:", True)]
    wrong = failure(site(lab, "lab", transport, ssh_config=str(config)), lambda *_: "forkert")
    assert (wrong.code, str(locked_key) in wrong.message) == ("wrong-passphrase", True)
    nobody = failure(site(lab, "lab", transport, ssh_config=str(config)))
    assert (nobody.code, "passphrase" in nobody.message) == ("second-factor-needed", True)


@BOTH
def test_unknown_host_keys_on_the_way_are_named_one_by_one(lab: Lab, tmp_path: Path, transport: str) -> None:
    known = tmp_path / "known hosts" / "file"
    inner = site(lab, "lab-inner", transport, known_hosts=str(known))
    names = []
    for _ in range(2):
        error = failure(inner)
        assert error.code == "unknown-host-key"
        assert error.details["type"] == "ssh-ed25519"
        blob = base64.b64decode(error.details["key"])
        digest = base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")
        assert error.details["fingerprint"] == f"SHA256:{digest}"
        names.append(error.details["host"])
        with contextlib.suppress(DkaiError):  # the next computer's key is unknown still
            assert trust_host_key(inner, error.details["fingerprint"]) == [error.details["host"]]
    assert names == [f"[127.0.0.1]:{lab.ports['jump']}", f"[127.0.0.2]:{lab.ports['inner']}"]
    assert known.stat().st_mode & 0o777 == 0o600
    SshHost.connect(inner, None).close()


def hashed(name: str) -> str:
    salt = os.urandom(20)
    digest = hmac.new(salt, name.encode(), hashlib.sha1).digest()
    return f"|1|{base64.b64encode(salt).decode()}|{base64.b64encode(digest).decode()}"


@BOTH
def test_known_hosts_as_openssh_reads_it(lab: Lab, tmp_path: Path, transport: str) -> None:
    name = resolve(site(lab)).name
    key = next(line for line in lab.known_hosts.read_text().splitlines() if line.startswith(f"{name} ")).split()[1:]
    other = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI" + "A" * 43
    known = tmp_path / "known"
    place = site(lab, "lab", transport, known_hosts=str(known))

    def code(*lines: str) -> str:
        known.write_bytes(b"# \xff no text at all\nnonsense\n" + "\n".join(lines).encode() + b"\n")
        try:
            SshHost.connect(place, None).close()
        except DkaiError as error:
            return error.code
        return "in"

    good = " ".join(key)
    assert code(f"{name} {good}") == "in"
    assert code(f"{hashed(name)} {good}") == "in"
    assert code(f"[127.0.0.*]:22?? {good}") == "in"
    assert code(f"127.0.0.1 {good}") == "in"  # known without its port
    assert code(f"127.0.0.1 {other}") == "unknown-host-key"
    assert code(f"!{name},[127.0.0.*]:* {good}") == "unknown-host-key"
    assert code(f"{name} {other}") == "changed-host-key"
    assert code(f"{name} {other}", f"{name} {good}") == "in"
    assert code(f"{name} {good}", f"@revoked {name} {good}") == "revoked-host-key"
    subprocess.run(["ssh-keygen", "-q", "-t", "rsa", "-N", "", "-f", tmp_path / "rsa"], check=True)
    # Known by a key of another type only: as little to be trusted as another key of this type.
    assert code(f"{name} {(tmp_path / 'rsa.pub').read_text()}") == "changed-host-key"


@BOTH
def test_a_code_for_each_hop_that_asks(lab: Lab, tmp_path: Path, transport: str) -> None:
    config = tmp_path / "config"
    config.write_text(
        f"Host behind\n  HostName 127.0.0.1\n  Port {lab.ports['mfa']}\n  User alice\n  ProxyJump lab-mfa\n"
        + lab.ssh_config.read_text()
    )
    asked: list[str] = []

    def ask(prompt: str, secret: bool) -> str:
        asked.append(prompt)
        return lab.otp()

    once = AskOnce(ask)
    behind = site(lab, "behind", transport, ssh_config=str(config))
    # Both hops are the same computer here and ask the same: the second question is not put again.
    assert failure(behind, once).code in ("second-factor-needed", "login-not-accepted")
    assert len(asked) == 1


@BOTH
def test_a_slow_upload_that_says_nothing_is_not_silent(lab: Lab, transport: str) -> None:
    shell = connect_shell(site(lab, "lab", transport), None)

    def slowly(write: Callable[[bytes], object]) -> None:
        for _ in range(8):
            write(b"x" * 1000)
            time.sleep(0.25)

    out: list[bytes] = []
    assert shell.run("wc -c", slowly, out.append, 1.2)[0] == 0
    assert b"".join(out).strip() == b"8000"
    shell.close()
