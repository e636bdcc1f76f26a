"""When OpenSSH itself is needed. What this machine cannot do (security keys, Kerberos) is judged by `ssh -G` texts."""

from __future__ import annotations

import base64
import shutil
import struct
from pathlib import Path

import pytest

from dkai.compute.host import openssh_choice
from dkai.compute.host.openssh_abilities import of_version
from dkai.compute.host.openssh_choice import choose
from dkai.compute.host.openssh_needs import Seen, identities, needs_openssh
from dkai.compute.host.ssh_config import parse_words
from dkai.compute.site import Site
from dkai.core.errors import UserError

# `ssh -G lumi.csc.fi` of OpenSSH 9.2 on Debian 12 with the system's own ssh_config, shortened.
DEBIAN = """\
host lumi.csc.fi
user alice
hostname lumi.csc.fi
port 22
addressfamily any
canonicalizehostname false
controlmaster false
gssapiauthentication yes
hostbasedauthentication no
identitiesonly no
proxyusefdpass no
pubkeyauthentication true
verifyhostkeydns false
securitykeyprovider internal
identityfile ~/.ssh/id_rsa
identityfile ~/.ssh/id_ecdsa
identityfile ~/.ssh/id_ecdsa_sk
identityfile ~/.ssh/id_ed25519
identityfile ~/.ssh/id_ed25519_sk
canonicaldomains none
"""
SK = "sk-ssh-ed25519@openssh.com"


@pytest.mark.parametrize(
    ("line", "seen", "reason"),
    [
        ("", Seen(key_types=("ssh-ed25519",)), None),
        ("", Seen(key_types=("ssh-ed25519", SK)), "security key"),
        ("", Seen(agent_types=(SK, "ssh-ed25519")), None),
        ("", Seen(agent_types=(SK,)), "agent are security keys"),
        ("", Seen(key_types=("ssh-rsa",), agent_types=(SK,)), None),
        ("", Seen(ticket=True), "Kerberos ticket"),
        ("preferredauthentications gssapi-with-mic,publickey", Seen(), "Kerberos (GSSAPI)"),
        ("preferredauthentications keyboard-interactive", Seen(), "PreferredAuthentications"),
        ("", Seen(live_master=True), "ControlMaster"),
        ("", Seen(certificate=True), "certificate"),
        ("", Seen(host_certificates=True), "@cert-authority"),
        ("certificatefile ~/.ssh/site-cert.pub", Seen(), "CertificateFile"),
        ("pkcs11provider none", Seen(), None),
        ("pkcs11provider /usr/lib/opensc-pkcs11.so", Seen(), "PKCS11Provider"),
        ("knownhostscommand /bin/x %H", Seen(), "KnownHostsCommand"),
        ("identityagent /tmp/a", Seen(agent="/tmp/a"), None),
        ("identityagent none", Seen(), None),
        ("identityagent /home/a/1p/agent.sock", Seen(agent="/tmp/a"), "IdentityAgent"),
        ("proxycommand nc %h %p", Seen(), None),
        ("proxycommand nc %h %p", Seen(windows=True), "ProxyCommand"),
    ],
)
def test_what_paramiko_cannot_do_is_a_reason(line: str, seen: Seen, reason: str | None) -> None:
    found = needs_openssh(parse_words(f"{DEBIAN}{line}\n"), seen)
    assert (found is None) if reason is None else (found is not None and reason in found)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("hostbasedauthentication no", "hostbasedauthentication yes"),
        ("proxyusefdpass no", "proxyusefdpass yes"),
        ("canonicalizehostname false", "canonicalizehostname true"),
        ("verifyhostkeydns false", "verifyhostkeydns ask"),
        ("addressfamily any", "addressfamily inet"),
        ("pubkeyauthentication true", "pubkeyauthentication false"),
    ],
)
def test_settings_that_paramiko_does_not_know(old: str, new: str) -> None:
    found = needs_openssh(parse_words(DEBIAN.replace(old, new)))
    assert found is not None
    assert new.partition(" ")[0] in found.lower()


def test_a_security_keys_handle_is_recognised(tmp_path: Path) -> None:
    def text(data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + data

    public = text(SK.encode()) + text(b"x" * 32) + text(b"ssh:")
    private = b"openssh-key-v1\0" + text(b"none") + text(b"none") + text(b"") + struct.pack(">I", 1) + text(public)
    coded = base64.encodebytes(private + text(b"\0" * 64)).decode()
    key = tmp_path / "id_ed25519_sk"
    key.write_text(f"-----BEGIN OPENSSH PRIVATE KEY-----\n{coded}-----END OPENSSH PRIVATE KEY-----\n")
    config = tmp_path / "config"
    config.write_text(f"Host h\n  IdentityFile {key}\n")
    site = Site("s", host="ssh", address="h", ssh_config=str(config))
    choice = choose(site)
    assert (choice.transport, choice.why) == ("openssh", "your key for it is on a security key")


def test_the_agents_answer() -> None:
    def text(data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + data

    keys = [text(text(kind) + b"more") + text(b"a comment") for kind in (SK.encode(), b"ssh-rsa")]
    assert list(identities(b"\x0c" + struct.pack(">I", 2) + b"".join(keys))) == [SK, "ssh-rsa"]
    assert list(identities(b"\x05")) == []
    assert list(identities(b"\x0c\xff\xff\xff\xff")) == []


def test_the_sites_own_setting_outranks_the_rule(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = tmp_path / "config"
    config.write_text("Host h\n  VerifyHostKeyDNS yes\n")
    made = {name: Site("s", host="ssh", address="h", ssh_config=str(config), transport=name) for name in
            ("auto", "paramiko", "openssh")}  # type: ignore[arg-type]  # fmt: skip
    assert {name: choose(site).transport for name, site in made.items()} == {
        "auto": "openssh", "paramiko": "paramiko", "openssh": "openssh",
    }  # fmt: skip
    assert choose(made["auto"]).why == "your SSH configuration sets VerifyHostKeyDNS"
    monkeypatch.setattr(shutil, "which", lambda _: None)
    assert choose(made["auto"]).transport == "paramiko"
    with pytest.raises(UserError) as caught:
        choose(made["openssh"])
    assert caught.value.code == "no-ssh"
    assert caught.value.hint


def test_what_ssh_says_of_itself() -> None:
    debian = of_version("ssh", "OpenSSH_9.2p1 Debian-2+deb12u10, OpenSSL 3.0.19", "posix")
    assert (debian.version, debian.shares, debian.names_asker) == ((9, 2), True, True)
    windows = of_version("ssh.exe", "OpenSSH_for_Windows_9.5p1, LibreSSL 3.8.2", "nt")
    assert (windows.version, windows.shares) == ((9, 5), False)
    old = of_version("ssh", "OpenSSH_7.4p1, OpenSSL 1.0.2k-fips", "posix")
    assert (old.shares, old.shows_keys, old.names_asker, old.has_remote_command) == (True, False, False, False)
    assert of_version("ssh", "Dropbear v2022.83", "posix").version == (0, 0)


def test_a_socket_that_is_none_is_no_open_connection(tmp_path: Path) -> None:
    config = tmp_path / "config"
    config.write_text(f"Host h\n  ControlPath {tmp_path}/cm-%C\n")
    choice = choose(Site("s", host="ssh", address="h", ssh_config=str(config)))
    assert choice.transport == "paramiko"
    assert not openssh_choice.has_live_master(choice.route[-1])
