"""Whether a configuration needs OpenSSH itself, because paramiko cannot do what it asks for.

The rule is a pure function over what `ssh -G` answers and over what there is on this computer. GSSAPI has a rule of its
own: Debian, Ubuntu, Fedora and their relatives write `GSSAPIAuthentication yes` into the system's ssh_config, so that
being on says nothing. It counts together with a valid ticket, or where PreferredAuthentications names it.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import socket
import struct
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from dkai.compute.host import host_keys
from dkai.compute.host.keys import read_key
from dkai.compute.host.ssh_config import Hop, Words, one
from dkai.core.i18n import t


@dataclass(frozen=True, slots=True)
class Seen:
    """What this computer has that the configuration does not tell."""

    key_types: tuple[str, ...] = ()  # of the identity files that are there
    agent_types: tuple[str, ...] = ()
    certificate: bool = False  # one lies beside an identity file
    ticket: bool = False  # Kerberos
    live_master: bool = False
    host_certificates: bool = False  # known_hosts has an @cert-authority for this host
    agent: str = ""  # SSH_AUTH_SOCK
    windows: bool = False


def needs_openssh(words: Words, seen: Seen = Seen()) -> str | None:
    """The reason in a sentence, or None. `words`: the configuration as `ssh -G` resolves it."""

    def on(key: str) -> bool:
        return one(words, key).lower() in ("yes", "true", "always", "ask")

    provider, agent = one(words, "securitykeyprovider"), one(words, "identityagent")
    kerberos = on("gssapiauthentication")
    sets = [keyword for key, keyword in _SET.items() if one(words, key)]
    sets += [keyword for key, keyword in _ON.items() if on(key)]
    sets += ["AddressFamily"] if one(words, "addressfamily") in ("inet", "inet6") else []
    sets += ["PubkeyAuthentication"] if one(words, "pubkeyauthentication") in ("no", "false") else []
    sets += ["ProxyCommand"] if seen.windows and one(words, "proxycommand") else []
    reasons = (
        (seen.live_master, t("an open connection of yours to this host is used (ControlMaster)")),
        (any(map(_is_security_key, seen.key_types)), t("your key for it is on a security key")),
        (
            bool(seen.agent_types) and not seen.key_types and all(map(_is_security_key, seen.agent_types)),
            t("all keys in your agent are security keys"),
        ),
        (
            provider not in ("", "internal") and not provider.startswith("$"),
            t("your SSH configuration names a security key's library (SecurityKeyProvider)"),
        ),
        (
            kerberos and "gssapi" in one(words, "preferredauthentications"),
            t("your SSH configuration logs in with Kerberos (GSSAPI)"),
        ),
        (
            kerberos and seen.ticket,
            t("you hold a Kerberos ticket and your SSH configuration may use it (GSSAPIAuthentication)"),
        ),
        (seen.certificate, t("your key has a certificate")),
        (seen.host_certificates, t("the host is known by a certificate (@cert-authority in known_hosts)")),
        (
            agent not in ("", seen.agent, "SSH_AUTH_SOCK", "$SSH_AUTH_SOCK"),
            t("your SSH configuration names an agent of its own (IdentityAgent)"),
        ),
        (bool(sets), t("your SSH configuration sets {keyword}", keyword=", ".join(sets))),
    )
    return next((why for holds, why in reasons if holds), None)


_SET = {
    "certificatefile": "CertificateFile", "pkcs11provider": "PKCS11Provider", "knownhostscommand": "KnownHostsCommand",
    "revokedhostkeys": "RevokedHostKeys", "bindaddress": "BindAddress", "bindinterface": "BindInterface",
    "preferredauthentications": "PreferredAuthentications",
}  # fmt: skip
_ON = {
    "hostbasedauthentication": "HostbasedAuthentication", "proxyusefdpass": "ProxyUseFdpass",
    "canonicalizehostname": "CanonicalizeHostname", "verifyhostkeydns": "VerifyHostKeyDNS",
}  # fmt: skip


def _is_security_key(key_type: str) -> bool:
    return key_type.startswith(("sk-", "webauthn-sk-"))


def look(hop: Hop, *, live_master: bool = False) -> Seen:
    """What there is for this hop. Starts `klist` at most, and only where GSSAPI is on."""
    endpoint = hop.endpoint
    there = [path for path in endpoint.identities if path.is_file()]
    kinds = [key.type for path in there if (key := read_key(path)) is not None]
    return Seen(
        key_types=tuple(kinds),
        agent_types=_agent_types() if endpoint.use_agent and not kinds else (),
        certificate=any(path.with_name(f"{path.name}-cert.pub").is_file() for path in there),
        ticket=one(hop.words, "gssapiauthentication") == "yes" and _has_ticket(),
        live_master=live_master,
        host_certificates=any(line.marker == "@cert-authority" for line in host_keys.lines_for(endpoint)),
        agent=os.environ.get("SSH_AUTH_SOCK", ""),
        windows=os.name == "nt",
    )


def _has_ticket() -> bool:
    """Whether there is a Kerberos ticket that is still good, as `klist -s` says without a word."""
    klist = shutil.which("klist")
    if klist is None:
        return False
    try:
        return subprocess.run([klist, "-s"], timeout=10, check=False, capture_output=True).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def _agent_types() -> tuple[str, ...]:
    """The types of the agent's keys; none where there is no agent, or on Windows.

    One question of the agent protocol (draft-ietf-sshm-ssh-agent, SSH_AGENTC_REQUEST_IDENTITIES): that is quicker than
    starting ssh-add, and paramiko need not be loaded for it.
    """
    place = os.environ.get("SSH_AUTH_SOCK", "")
    if not place or not hasattr(socket, "AF_UNIX"):
        return ()
    try:
        with socket.socket(socket.AF_UNIX) as agent, agent.makefile("rb") as answer:
            agent.settimeout(3)
            agent.connect(place)
            agent.sendall(struct.pack(">IB", 1, 11))
            (size,) = struct.unpack(">I", answer.read(4))
            return tuple(identities(answer.read(min(size, 1_000_000))))
    except (OSError, struct.error):
        return ()


def identities(message: bytes) -> Sequence[str]:
    """The key types in the agent's answer."""
    found: list[str] = []
    with contextlib.suppress(struct.error, IndexError):
        kind, count = struct.unpack_from(">BI", message)
        place = 5
        for _ in range(count if kind == 12 else 0):
            (blob,) = struct.unpack_from(">I", message, place)
            (name,) = struct.unpack_from(">I", message, place + 4)
            found.append(message[place + 8 : place + 8 + min(name, blob)].decode("ascii", "replace"))
            place += 4 + blob
            (comment,) = struct.unpack_from(">I", message, place)
            place += 4 + comment
    return found


def control_path(words: Words) -> Path | None:
    """Where a shared connection of the person's own would be; tokens are filled in by `ssh -G`."""
    path = one(words, "controlpath")
    return Path(path) if path and not re.search(r"%\w", path) else None


def first_reason(hops: Iterable[tuple[Hop, bool]]) -> str | None:
    """The first reason on the way; each hop comes with whether the person has an open connection to it."""
    for hop, live in hops:
        if reason := needs_openssh(hop.words, look(hop, live_master=live)):
            return reason
    return None
