"""Passwords and questions one after the other, over both transports: each is asked once, and nothing wrong twice."""

from __future__ import annotations

import base64
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from host.ssh_server import SshServer
from hypothesis import given
from hypothesis import strategies as st

from dkai.compute.host.answers import AskOnce
from dkai.compute.host.ssh import SshHost
from dkai.compute.host.ssh_login import _load
from dkai.compute.site import Site
from dkai.core.errors import DkaiError

PASSWORD_AND_CODE = (("Password: ", "secret"), ("Verification code: ", "123456"))


@pytest.fixture(params=["paramiko", "openssh"])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[..., tuple[SshServer, Site]]]:
    servers = []

    def start(**more: object) -> tuple[SshServer, Site]:
        server = SshServer(**more)  # type: ignore[arg-type]
        servers.append(server)
        config = tmp_path / "config"
        config.write_text("Host *\n  IdentityFile none\n  IdentityAgent none\n")
        site = Site(
            "s", host="ssh", address="127.0.0.1", port=server.port, user="alice", transport=request.param,
            ssh_config=str(config), known_hosts=str(server.known_hosts(tmp_path / "known")),
        )  # fmt: skip
        return server, site

    yield start
    for server in servers:
        server.close()


def answering(*answers: str) -> tuple[list[str], Callable[[str, bool], str | None]]:
    asked: list[str] = []
    left = list(answers)

    def ask(prompt: str, secret: bool) -> str | None:
        assert secret
        asked.append(prompt)
        return left.pop(0) if left else None

    return asked, ask


def failure(site: Site, ask: Callable[[str, bool], str | None] | None) -> DkaiError:
    with pytest.raises(DkaiError) as caught:
        SshHost.connect(site, ask).close()
    return caught.value


def test_a_password_is_asked_once_and_lasts_for_the_command(make: Callable[..., tuple[SshServer, Site]]) -> None:
    server, site = make()
    asked, ask = answering("secret")
    once = AskOnce(ask)
    for _ in range(2):
        host = SshHost.connect(site, once)
        assert not host.asked
        host.close()
    assert asked == [f"password of alice@127.0.0.1:{server.port}:"]
    assert server.tries == ["secret", "secret"]


def test_a_wrong_password_is_tried_once(make: Callable[..., tuple[SshServer, Site]]) -> None:
    server, site = make()
    asked, ask = answering("wrong", "secret")
    assert failure(site, ask).code == "login-not-accepted"
    assert (len(asked), server.tries) == (1, ["wrong"])


def test_nobody_to_ask_sends_nothing(make: Callable[..., tuple[SshServer, Site]]) -> None:
    server, site = make()
    assert failure(site, None).code == "second-factor-needed"
    assert server.tries == []


def test_a_password_and_then_a_code(make: Callable[..., tuple[SshServer, Site]]) -> None:
    server, site = make(rounds=PASSWORD_AND_CODE)
    asked, ask = answering("secret", "123456")
    host = SshHost.connect(site, ask)
    assert host.asked
    host.close()
    assert asked == [f"alice@127.0.0.1:{server.port}: {words}" for words in ("Password:", "Verification code:")]


def test_a_wrong_code_is_sent_once_and_a_new_connection_asks_for_none(
    make: Callable[..., tuple[SshServer, Site]],
) -> None:
    server, site = make(rounds=PASSWORD_AND_CODE)
    asked, ask = answering("secret", "999999", "secret", "123456")
    once = AskOnce(ask)
    assert failure(site, once).code == "login-not-accepted"
    again = failure(site, once)
    assert again.code == "second-factor-needed"
    assert "lost" in again.message
    assert len(asked) == 2
    assert server.tries == ["secret", "999999"]


@pytest.mark.parametrize("kind", [("ed25519",), ("ecdsa",), ("rsa",), ("rsa", "-m", "PEM")])
def test_locked_keys_of_every_kind_are_opened_by_paramiko_too(tmp_path: Path, kind: tuple[str, ...]) -> None:
    path = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", *kind, "-N", "blåbær", "-f", path], check=True)
    asked, ask = answering("blåbær")
    assert _load(path, AskOnce(ask), []) is not None
    assert asked == [f"passphrase of {path}:"]
    with pytest.raises(DkaiError) as caught:
        _load(path, AskOnce(lambda *_: "forkert"), [])
    assert caught.value.code == "wrong-passphrase"
    locked: list[str] = []
    assert _load(path, AskOnce(None), locked) is None
    assert locked == asked


@given(data=st.binary(max_size=300), whole=st.booleans())
def test_no_file_breaks_the_reader_of_keys(data: bytes, whole: bool, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.getbasetemp() / "odd-key"
    coded = base64.encodebytes(b"openssh-key-v1\0" + data)
    text = b"-----BEGIN OPENSSH PRIVATE KEY-----\n" + coded + b"-----END OPENSSH PRIVATE KEY-----\n"
    path.write_bytes(data if whole else text)
    assert _load(path, AskOnce(None), []) is None
