"""Which computer is meant: read by OpenSSH itself, and by paramiko where there is no ssh."""

from __future__ import annotations

import os
import pwd
import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dkai.compute.host import ssh_config
from dkai.compute.host.ssh_config import resolve
from dkai.compute.site import Site
from dkai.core.errors import UserError

CONFIG = """
Host lumi
  HostName lumi.csc.fi
  User minbruger
  Port 2200
  IdentityFile ~/.ssh/id_lumi
  IdentitiesOnly yes
  UserKnownHostsFile /kh/known_a /kh/known_b
  ProxyJump ann@jump.example.org:2222,second
Host aliased
  HostName 10.0.0.1
  HostKeyAlias the-name
"""


@pytest.fixture(params=["openssh", "paramiko"])
def reader(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "paramiko":
        monkeypatch.setattr(shutil, "which", lambda _: None)
    return str(request.param)


def make(tmp_path: Path, text: str, address: str, **more: object) -> Site:
    path = tmp_path / "config"
    path.write_text(text)
    return Site(id="s", host="ssh", address=address, ssh_config=str(path), **more)  # type: ignore[arg-type]


def test_everything_that_is_configured_counts(reader: str, tmp_path: Path) -> None:
    endpoint = resolve(make(tmp_path, CONFIG, "lumi"))
    assert (endpoint.hostname, endpoint.user, endpoint.port) == ("lumi.csc.fi", "minbruger", 2200)
    assert endpoint.name == "[lumi.csc.fi]:2200"
    assert endpoint.identities == (Path("~/.ssh/id_lumi").expanduser(),)
    assert endpoint.identities_only
    assert endpoint.known_hosts[:2] == (Path("/kh/known_a"), Path("/kh/known_b"))
    assert endpoint.jumps == ("ann@jump.example.org:2222", "second")


def test_the_person_outranks_the_file(reader: str, tmp_path: Path) -> None:
    endpoint = resolve(make(tmp_path, CONFIG, "lumi", user="bo", port=22, identity="/k", known_hosts="/kh"))
    assert (endpoint.user, endpoint.port, endpoint.name) == ("bo", 22, "lumi.csc.fi")
    assert endpoint.identities == (Path("/k"),)
    assert endpoint.known_hosts == (Path("/kh"),)


def test_an_alias_names_the_key(reader: str, tmp_path: Path) -> None:
    assert resolve(make(tmp_path, CONFIG, "aliased")).name == "the-name"


def test_jump_hosts_are_resolved_too(reader: str, tmp_path: Path) -> None:
    site = make(tmp_path, CONFIG, "lumi")
    jump = resolve(site, "ann@jump.example.org:2222")
    assert (jump.user, jump.hostname, jump.port) == ("ann", "jump.example.org", 2222)


@pytest.mark.parametrize("address", ["-oProxyCommand=x", "a b", "a;b", "$(id)", "", "a\nb", "æ"])
def test_a_name_that_is_none_is_refused(reader: str, tmp_path: Path, address: str) -> None:
    with pytest.raises(UserError) as caught:
        resolve(make(tmp_path, "", address) if address else Site(id="a b", host="ssh"))
    assert caught.value.code == "bad-host-name"


def test_openssh_refuses_a_broken_file(tmp_path: Path) -> None:
    with pytest.raises(UserError) as caught:
        resolve(make(tmp_path, "NoSuchKeyword yes\n", "h"))
    assert caught.value.code == "bad-ssh-config"


@pytest.mark.parametrize(
    "line", ["Include other", "Match tagged x", "Match localnetwork 10.0.0.0/8", "match sessiontype shell"]
)
def test_without_ssh_what_paramiko_misreads_is_refused(
    line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(UserError) as caught:
        resolve(make(tmp_path, f"Host h\n  User x\n{line}\n  User wrong\n", "h"))
    assert caught.value.code == "ssh-config-needs-ssh"


def test_paths_with_blanks_and_none(reader: str, tmp_path: Path) -> None:
    text = 'Host h\n  UserKnownHostsFile "/a b/k h" ~/c /d\n  GlobalKnownHostsFile none\n  ProxyCommand none\n'
    endpoint = resolve(make(tmp_path, f"{text}  ProxyJump none\n", "h"))
    # ssh takes the home folder from the password file, whatever HOME says.
    home = Path(pwd.getpwuid(os.getuid()).pw_dir) if reader == "openssh" else Path.home()
    assert endpoint.known_hosts == (Path("/a b/k h"), home / "c", Path("/d"))
    assert (endpoint.proxy_command, endpoint.jumps) == (None, ())


def test_ipv6(reader: str, tmp_path: Path) -> None:
    endpoint = resolve(make(tmp_path, "Host h\n  HostName 2001:db8::1\n  Port 2222\n", "h"))
    assert (endpoint.hostname, endpoint.name) == ("2001:db8::1", "[2001:db8::1]:2222")
    jump = resolve(make(tmp_path, "", "h"), "ann@[2001:db8::2]:23")
    assert (jump.user, jump.hostname, jump.port) == ("ann", "2001:db8::2", 23)


def test_tokens_are_filled_in_once(tmp_path: Path) -> None:
    text = "Host h\n  HostName real\n  User bo\n  Port 7\n  IdentityFile ~/k_%r_%h_%n_%%h\n"
    endpoint = resolve(make(tmp_path, f"{text}  ProxyCommand p %h %p %r %n %%h\n", "h"))
    assert endpoint.identities == (Path("~/k_bo_real_h_%h").expanduser(),)
    assert ssh_config.proxy_line(endpoint) == "p real 7 bo h %h"


def test_include_and_match_are_openssh_s_own(tmp_path: Path) -> None:
    (tmp_path / "more").write_text("Host h\n  User of-include\n")
    endpoint = resolve(
        make(
            tmp_path, f"Include {tmp_path}/more\nMatch originalhost h exec true\n  Port 77\n  IdentityAgent none\n", "h"
        )
    )
    assert (endpoint.user, endpoint.port, endpoint.use_agent) == ("of-include", 77, False)


def test_a_fault_is_said_in_a_line(tmp_path: Path) -> None:
    with pytest.raises(UserError) as caught:
        resolve(make(tmp_path, "Host h\n  Port nonsense\n", "h"))
    assert "Pseudo-terminal" not in caught.value.message
    assert "line 2" in caught.value.message


@given(st.text(max_size=40))
def test_no_jump_text_breaks_the_reader(text: str) -> None:
    ssh_config._split(text)
