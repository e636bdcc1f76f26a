"""The words ssh is started with, and what its own words mean. Logs are those of OpenSSH 9.2, recorded in the lab."""

from __future__ import annotations

import shlex
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dkai.compute.host import openssh_log
from dkai.compute.host.answers import AskOnce, Kind, Prompt
from dkai.compute.host.openssh_abilities import of_version
from dkai.compute.host.openssh_command import ALONE, Leg, log_in
from dkai.compute.host.openssh_prompts import Question, Want, in_our_words
from dkai.compute.host.shell import wrap
from dkai.compute.host.ssh_config import Asked, Endpoint, Hop, hops
from dkai.compute.site import Site
from dkai.core.errors import RemoteError, UserError

ABLE = of_version("ssh", "OpenSSH_9.2p1", "posix")
SERVER_KEY = "debug1: Server host key: ssh-ed25519 SHA256:5AacFG1+4A6K79IYe+JOdl2ib7p0yZggFBkCThishMg\n"
KEX = "debug1: Connection established.\ndebug1: SSH2_MSG_KEXINIT sent\n" + SERVER_KEY
AUTH = KEX + "debug1: SSH2_MSG_SERVICE_ACCEPT received\n"
IN = AUTH + 'Authenticated to 127.0.0.1 ([127.0.0.1]:2224) using "publickey".\n'


def end(name: str) -> Endpoint:
    return Endpoint(name, f"{name}.dk", 22, "alice", f"{name}.dk", (), (), False, (), None)


@pytest.mark.parametrize(
    ("log", "code"),
    [
        ("ssh: Could not resolve hostname a.dk: Name or service not known\n", "host-not-found"),
        ("ssh: connect to host a.dk port 22: Connection refused\n", "connection-refused"),
        ("ssh: connect to host a.dk port 22: Connection timed out\n", "connection-timeout"),
        ("Connection timed out during banner exchange\nConnection to a port 22 timed out\n", "connection-timeout"),
        ("ssh: connect to host a.dk port 22: No route to host\n", "connection-failed"),
        (
            "debug1: Connection established.\nkex_exchange_identification: read: Connection reset by peer\n"
            "Connection reset by 127.0.0.2 port 2225\n",
            "connection-closed",
        ),
        (KEX + "No ED25519 host key is known for a.dk\nHost key verification failed.\n", "unknown-host-key"),
        (
            KEX + "@@@\n@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @\nHost key verification failed.\n",
            "changed-host-key",
        ),
        (KEX + "@       WARNING: REVOKED HOST KEY DETECTED!               @\n", "revoked-host-key"),
        (AUTH + "alice@a.dk: Permission denied (publickey).\n", "ssh-key-refused"),
        (AUTH + "Received disconnect from 1.2.3.4 port 22:2: Too many authentication failures\n", "login-ended"),
        (AUTH + "Connection closed by 1.2.3.4 port 22\n", "login-ended"),
        ("/etc/ssh/ssh_config: line 3: Bad configuration option: nosuch\n", "bad-ssh-config"),
        (
            "debug1: Connection established.\nUnable to negotiate with 1.2.3.4 port 22: no matching key exchange "
            "method found. Their offer: x\n",
            "connection-closed",
        ),
    ],
)  # fmt: skip
def test_what_went_wrong_has_the_same_code_as_over_paramiko(log: str, code: str) -> None:
    error = openssh_log.failure([end("a")], [log])
    assert error.code == code
    assert error.hint
    # With a jump host on the way the error names the computer that it is about.
    far = "debug1: identity file x\nkex_exchange_identification: Connection closed by remote host\n"
    assert openssh_log.failure([end("a"), end("b")], [log, far]).message == error.message
    assert openssh_log.failure([end("b"), end("a")], [IN, log]).code == code


def test_a_jump_host_that_does_not_get_there() -> None:
    log = IN + "channel 0: open failed: connect failed: Connection refused\nstdio forwarding failed\n"
    far = "debug1: identity file x\nkex_exchange_identification: Connection closed by remote host\n"
    error = openssh_log.failure([end("jump"), end("b")], [log, far])
    assert (error.code, "b.dk" in error.message) == ("connection-failed", True)


@given(st.text(), st.text())
def test_no_log_breaks_the_reader(first: str, second: str) -> None:
    assert openssh_log.failure([end("a"), end("b")], [first, second]).code


SPEC = Hop(Asked("site", None, None, None, None), {}, end("site"))


@settings(max_examples=60)
@given(
    st.lists(
        st.text(st.characters(exclude_characters="\0\n", exclude_categories=("Cs",)), min_size=1),
        min_size=2, max_size=3,
    )
)  # fmt: skip
def test_a_way_over_jump_hosts_says_each_word_once(names: list[str]) -> None:
    """What ssh makes of our ProxyCommand, tokens first and then the shell's words, at every depth."""
    legs = [
        Leg(Hop(Asked(name, "u s'er", 7, None, "/k %h"), {}, end("x")), Path(f"/l{n}")) for n, name in enumerate(names)
    ]
    argv = log_in(ABLE, Site("s", host="ssh"), legs, ALONE)
    for name in reversed(names):
        assert argv[-2:] == ["--", name]
        assert argv[argv.index("-l") + 1] == "u s'er"
        proxies = [word.removeprefix("ProxyCommand=") for word in argv if word.startswith("ProxyCommand=")]
        if not proxies:
            break
        said = proxies[0].replace("%%", "\0").replace("%h", "HOST").replace("%p", "22").replace("\0", "%")
        assert "%h" not in proxies[0].replace("%%", "").replace("[%h]:%p", "")
        argv = shlex.split(said)
        assert argv[argv.index("-W") + 1] == "[HOST]:22"


def test_nothing_of_the_persons_settings_weakens_what_must_hold() -> None:
    argv = log_in(ABLE, Site("s", host="ssh"), [Leg(SPEC, Path("/l"))], ALONE)
    set_to = dict(word.split("=", 1) for flag, word in pairwise(argv) if flag == "-o")
    assert set_to["StrictHostKeyChecking"] == "ask"
    assert set_to["PermitLocalCommand"] == set_to["ForwardAgent"] == set_to["NoHostAuthenticationForLocalhost"] == "no"
    assert (set_to["ControlMaster"], set_to["ControlPath"], set_to["RemoteCommand"]) == ("no", "none", "none")


def test_the_exit_code_in_the_frame() -> None:
    wrapped = wrap("exit 255", framed=True)
    assert wrapped.ending(f"oh\n\n{wrapped.mark} 255\n".encode()) == (255, b"oh\n")
    assert wrapped.ending(f"\n{wrapped.mark} 0\nlate".encode()) == (0, b"late")
    assert wrapped.ending(b"oh\n") == (None, b"oh\n")
    assert wrapped.ending(f"\n{wrapped.mark} 1".encode()) == (None, f"\n{wrapped.mark} 1".encode())


def test_questions_in_our_words() -> None:
    def put(words: str, asker: bool = True) -> tuple[str, Kind]:
        prompt = in_our_words(words, end("a"), names_asker=asker)
        return str(prompt), prompt.kind

    assert put("(alice@a.dk) Verification code: ") == ("alice@a.dk: Verification code:", Kind.CODE)
    assert put("alice@a.dk's password: ") == ("password of alice@a.dk:", Kind.PASSWORD)
    assert put("Enter passphrase for key '/k/id it's': ") == ("passphrase of /k/id it's:", Kind.PASSPHRASE)
    assert put("Enter PIN for ED25519-SK key /k: ") == ("Enter PIN for ED25519-SK key /k:", Kind.PASSWORD)
    # A server cannot pass its question off as one of this computer's.
    spoof = "(alice@a.dk) Enter passphrase for key '/k': "
    assert put(spoof) == ("alice@a.dk: Enter passphrase for key '/k':", Kind.CODE)
    assert put("Enter passphrase for key '/k': ", asker=False)[1] is Kind.CODE
    assert "\x1b" not in put("(a@b) \x1b[2Jcode: ")[0]
    assert Question("The authenticity of host 'x' can't", "", print).want is Want.HOST_KEY
    assert Question("(a@b) The authenticity of host", "", print).want is Want.ANSWER
    assert Question("Confirm user presence for key", "none", print).want is Want.NOTICE


def test_nothing_is_asked_twice() -> None:
    asked: list[str] = []

    def ask(prompt: str, secret: bool) -> str:
        asked.append(prompt)
        return "x"

    once = AskOnce(ask)
    code, password, phrase = Prompt("c"), Prompt("p", Kind.PASSWORD), Prompt("k", Kind.PASSPHRASE)
    for prompt in (phrase, phrase, password):
        assert once(prompt, True) == "x"
    assert not once.asked
    with pytest.raises(RemoteError):
        once(password, True)  # nobody said that it was right
    once.were_right()
    assert once(password, True) == "x"
    assert once(code, True) == "x"
    assert once.asked
    with pytest.raises(RemoteError) as caught:
        once(code, True)
    assert caught.value.code == "second-factor-needed"
    assert asked == ["k", "p", "c"]


def test_a_chain_of_jump_hosts_as_openssh_reads_it(tmp_path: Path) -> None:
    config = tmp_path / "config"
    config.write_text(
        "Host site\n  ProxyJump ann@[::1]:2222,ssh://second:23\nHost second\n  ProxyJump ignored\n  User bo\n"
        "Host ::1\n  ProxyJump first\n"
    )
    way = hops(Site("s", host="ssh", address="site", ssh_config=str(config), user="me", identity="/k"))
    names = [(h.endpoint.user, h.endpoint.hostname, h.endpoint.port) for h in way]
    assert names[1:] == [("ann", "::1", 2222), ("bo", "second", 23), ("me", "site", 22)]
    assert names[0][1] == "first"
    assert Path("/k") not in way[1].endpoint.identities
    config.write_text("Host a\n  ProxyJump b\nHost b\n  ProxyJump a\n")
    with pytest.raises(UserError) as caught:
        hops(Site("s", host="ssh", address="a", ssh_config=str(config)))
    assert caught.value.code == "bad-ssh-config"
