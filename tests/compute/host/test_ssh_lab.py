"""The SSH host against a real OpenSSH server, over each of the programs that may carry the connection."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from dkai.compute.host import Upload
from dkai.compute.host.ssh import SshHost
from dkai.compute.host.ssh_connect import trust_host_key
from dkai.compute.host.transfer_home import Home
from dkai.compute.site import Site
from dkai.core.errors import DkaiError, RemoteError, UserError
from lab.fixture import Lab

pytestmark = pytest.mark.lab


@pytest.fixture(autouse=True, params=["paramiko", "openssh"])
def transport(request: pytest.FixtureRequest) -> str:
    """Every test of this file runs over both."""
    return str(request.param)


class Sites:
    """Makes sites in the lab that are reached over one of the two."""

    def __init__(self, lab: Lab, transport: str) -> None:
        self.lab, self.transport = lab, transport

    def __call__(self, address: str = "lab", **more: object) -> Site:
        fields = {"ssh_config": str(self.lab.ssh_config), "transport": self.transport, **more}
        return Site(id="lab", host="ssh", scheduler="slurm", address=address, **fields)  # type: ignore[arg-type]


@pytest.fixture
def site(lab: Lab, transport: str) -> Sites:
    return Sites(lab, transport)


def upload(name: str, data: bytes) -> Upload:
    return Upload(name, data, len(data), hashlib.sha256(data).hexdigest())


@pytest.fixture
def host(site: Sites) -> Iterator[SshHost]:
    connected = SshHost.connect(site(), None)
    yield connected
    connected.close()


@pytest.fixture
def folder(host: SshHost, lab: Lab) -> Iterator[str]:
    name = f"{lab.user('alice').home}/prøve med blanke-{os.urandom(4).hex()}"
    yield name
    host.run(["rm", "-rf", "--", name])


def failure(site: Site, ask: object = None) -> DkaiError:
    with pytest.raises(DkaiError) as caught:
        SshHost.connect(site, ask).close()  # type: ignore[arg-type]
    return caught.value


def connections(lab: Lab) -> int:
    """How many log-ins the lab's key-only server has accepted."""
    return (lab.dir / "log" / "sshd.log").read_text(errors="replace").count("Accepted publickey for alice")


def test_it_says_what_carries_it(host: SshHost, transport: str) -> None:
    assert (host.transport, host.asked) == (transport, False)
    assert host.why


def test_words_arrive_as_they_were_written(host: SshHost) -> None:
    words = ["a b", "it's", "$HOME", "`id`", "$(id)", "æøå\nlinje", "\\", "!", '"', "*", "", "--"]
    answer = host.run(["printf", "%s|", *words])
    assert answer.stdout == "".join(f"{word}|" for word in words)
    assert answer.returncode == 0


def test_stdin_exit_code_and_stderr(host: SshHost) -> None:
    answer = host.run(["sh", "-c", "cat; echo oh >&2; exit 7"], stdin=b"x" * 300_000)
    assert (answer.returncode, len(answer.stdout), answer.stderr) == (7, 300_000, "oh\n")


def test_a_command_that_reads_nothing_does_not_hang(host: SshHost) -> None:
    assert host.run(["true"], stdin=b"x" * 5_000_000, timeout=20).returncode == 0


def test_a_silent_command_is_given_up(host: SshHost) -> None:
    with pytest.raises(RemoteError) as caught:
        host.run(["sleep", "30"], timeout=1)
    assert caught.value.code == "remote-timeout"


def test_endless_output_is_bounded(host: SshHost) -> None:
    answer = host.run(["head", "-c", "30000000", "/dev/zero"])
    assert len(answer.stdout) < 10_001_000


def test_files_there_and_back(host: SshHost, folder: str, tmp_path: Path) -> None:
    big = os.urandom(3_000_001)
    large = tmp_path / "stor fil"
    large.write_bytes(big)
    files = [
        Upload("input/æ ø.bin", large, len(big), hashlib.sha256(big).hexdigest()),
        upload("it's \\ odd.txt", b"hej"),
        upload("empty", b""),
        upload("d" * 120 + "/" + "n" * 100, b"deep"),
    ]
    seen: list[tuple[int, int]] = []
    host.send(folder, files, lambda done, total: seen.append((done, total)))
    assert seen[-1] == (len(big) + 7, len(big) + 7)
    listed = host.listing(folder).files
    assert {f.path: f.size for f in listed} == {f.to: f.size for f in files}
    assert host.sums(folder, [f.path for f in listed]) == {f.to: f.sha256 for f in files}
    home = host.fetch(folder, listed, Home(tmp_path / "home", [f.path for f in listed]))
    assert len(home) == 4
    assert (tmp_path / "home/input/æ ø.bin").read_bytes() == big
    assert not list((tmp_path / "home").rglob("*.part"))
    assert host.run(["stat", "-c", "%a", folder]).stdout == "700\n"


def test_a_second_send_adds_to_the_folder(host: SshHost, folder: str) -> None:
    host.send(folder, [upload("a", b"1")])
    host.send(folder, [upload("b", b"2"), upload("a", b"3")])
    assert host.read(f"{folder}/a") == b"3"
    assert [f.path for f in host.listing(folder).files] == ["a", "b"]


def test_what_is_not_what_was_planned_gets_no_name(host: SshHost, folder: str) -> None:
    with pytest.raises(UserError):
        host.send(folder, [Upload("x", b"hej", 3, "0" * 64)])
    assert host.run(["ls", folder]).returncode != 0


def test_links_are_neither_listed_nor_fetched(host: SshHost, folder: str, tmp_path: Path) -> None:
    host.send(folder, [upload("real", b"1")])
    host.run(["ln", "-s", "/etc/passwd", f"{folder}/link"])
    host.run(["ln", "-s", "/etc", f"{folder}/etc"])
    assert [f.path for f in host.listing(folder).files] == ["real"]


def test_reading_a_log_from_an_offset(host: SshHost, folder: str) -> None:
    host.send(folder, [upload("log", b"0123456789")])
    assert host.read(f"{folder}/log", 4, 3) == b"456"
    assert host.read(f"{folder}/log", 99) == b""
    assert host.read(f"{folder}/none") is None
    assert not host.listing(f"{folder}/none").files


def test_a_second_factor_is_asked_for_once(site: Sites, lab: Lab) -> None:
    asked: list[tuple[str, bool]] = []

    def ask(prompt: str, secret: bool) -> str:
        asked.append((prompt, secret))
        return lab.otp()

    host = SshHost.connect(site("lab-mfa"), ask)
    assert host.run(["whoami"]).stdout == "alice\n"
    host.close()
    assert asked == [(f"{host.name}: Verification code:", True)]
    assert host.asked
    assert failure(site("lab-mfa"), lambda *_: "000000").code == "login-not-accepted"
    assert failure(site("lab-mfa")).code == "second-factor-needed"


def test_over_a_jump_host(site: Sites) -> None:
    host = SshHost.connect(site("lab-inner"), None)
    assert host.run(["whoami"]).stdout == "alice\n"
    host.close()


@pytest.mark.parametrize(
    ("address", "more", "code"),
    [
        ("lab", {"user": "nobody-of-that-name"}, "ssh-key-refused"),
        ("no-such-host.invalid", {}, "host-not-found"),
        ("lab", {"port": 1}, "connection-refused"),
        ("lab-inner-direct", {}, "connection-closed"),
    ],
)
def test_each_failing_step_has_its_own_name(
    site: Sites, lab: Lab, address: str, more: dict[str, object], code: str
) -> None:
    error = failure(site(address, **more))
    assert isinstance(error, RemoteError)
    assert error.code == code
    assert error.hint


def test_host_keys_are_strict_and_can_be_trusted_by_fingerprint(site: Sites, lab: Lab, tmp_path: Path) -> None:
    known = tmp_path / "ssh" / "known_hosts"
    new = site(known_hosts=str(known))
    error = failure(new)
    assert isinstance(error, UserError)
    assert error.code == "unknown-host-key"
    fingerprint = error.details["fingerprint"]
    assert fingerprint.startswith("SHA256:")
    assert fingerprint in error.message
    with pytest.raises(UserError):
        trust_host_key(new, "SHA256:" + "A" * 43)
    assert not known.exists()
    assert trust_host_key(new, fingerprint) == [error.details["host"]]
    assert known.stat().st_mode & 0o777 == 0o600
    SshHost.connect(new, None).close()

    # The host now shows another key than the one that is known: never a question, never an override.
    text = known.read_text()
    other = text.replace(text.split()[2][-20:-8], "A" * 12)
    known.write_text(other)
    changed = failure(new)
    assert isinstance(changed, RemoteError)
    assert changed.code == "changed-host-key"
    with pytest.raises(RemoteError):
        trust_host_key(new, fingerprint)
    assert known.read_text() == other


@pytest.mark.lab(alone=True)
def test_a_start_up_file_that_prints_changes_nothing(site: Sites, lab: Lab, folder: str, tmp_path: Path) -> None:
    with lab.fault("noisy-login"):
        host = SshHost.connect(site(), None)
        assert host.run(["echo", "hej"]).stdout == "hej\n"
        host.send(folder, [upload("a", b"123")])
        assert host.read(f"{folder}/a") == b"123"
        host.fetch(folder, host.listing(folder).files, Home(tmp_path, ["a"]))
        assert (tmp_path / "a").read_bytes() == b"123"
        host.close()


@pytest.mark.lab(alone=True)
def test_a_full_disk_is_said_and_nothing_is_half_written(lab: Lab, host: SshHost, folder: str) -> None:
    with lab.fault("disk-full"):
        with pytest.raises(RemoteError) as caught:
            host.send(folder, [upload("a", os.urandom(2_000_000))])
        assert caught.value.code == "remote-disk-full"
    assert host.run(["sh", "-c", f"ls -d '{folder}'*"]).stdout == ""


@pytest.mark.lab(alone=True)
def test_a_connection_that_is_cut_is_said(site: Sites, lab: Lab) -> None:
    host = SshHost.connect(site(), None)
    folder = f"{lab.user('alice').home}/never"
    with lab.fault("ssh-drop"):
        for act in (lambda: host.run(["true"]), lambda: host.send(folder, [upload("a", b"1")])):
            with pytest.raises(RemoteError) as caught:
                act()
            assert caught.value.code == "connection-lost"
    host.close()


@pytest.mark.lab(alone=True)
@pytest.mark.parametrize("cut", [2_000, 20_000, 400_000])
def test_a_transfer_that_is_cut_leaves_no_half_file(
    site: Sites, lab: Lab, folder: str, host: SshHost, cut: int
) -> None:
    data = os.urandom(1_000_000)
    with lab.fault("slow-net", 5, "--cut-after", cut):
        with pytest.raises(RemoteError) as caught:
            slow = SshHost.connect(site("lab-slow"), None)
            slow.send(folder, [upload("a", data)])
        assert caught.value.code in {"connection-lost", "connection-closed", "login-ended"}
    assert not host.listing(folder).files
