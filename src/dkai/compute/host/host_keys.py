"""Is it the computer it says it is? Host keys are checked always; nothing turns that off.

known_hosts is read as sshd(8) describes it under SSH_KNOWN_HOSTS FILE FORMAT: patterns, hashed names, markers.
"""

from __future__ import annotations

import base64
import contextlib
import fnmatch
import hashlib
import hmac
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from dkai.compute.host.ssh_config import Endpoint
from dkai.core.errors import RemoteError, UserError
from dkai.core.files import cannot_write, private_folder
from dkai.core.i18n import t


class PublicKey(Protocol):
    """A host key, as paramiko has them."""

    fingerprint: str

    def get_name(self) -> str:
        """Its type: `ssh-ed25519`."""

    def get_base64(self) -> str:
        """The key itself."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A host key that a computer showed. `key` is empty where only its fingerprint is known."""

    type: str
    fingerprint: str
    key: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a known_hosts file."""

    marker: str  # `@revoked`, `@cert-authority` or nothing
    names: str
    type: str
    key: str

    def is_for(self, name: str) -> bool:
        """Whether it speaks of the host that known_hosts calls `name`."""
        if self.names.startswith("|1|"):
            return _hashed_equal(self.names, name)
        hit = False
        for pattern in self.names.split(","):
            if _matches(pattern.removeprefix("!"), name):
                if pattern.startswith("!"):
                    return False
                hit = True
        return hit


def parse(text: str) -> Iterator[Line]:
    """The lines that hold a key; comments and what cannot be understood are passed over, as by OpenSSH."""
    for raw in text.splitlines():
        words = raw.split()
        marker = words.pop(0) if words and words[0].startswith("@") else ""
        if len(words) >= 3 and not words[0].startswith("#"):
            yield Line(marker, words[0].lower() if not words[0].startswith("|") else words[0], words[1], words[2])


def _matches(pattern: str, name: str) -> bool:
    # Brackets stand for themselves here: `[host]:2222`.
    return fnmatch.fnmatchcase(name.lower(), pattern.replace("[", "[[]"))


def _hashed_equal(names: str, name: str) -> bool:
    with contextlib.suppress(ValueError):
        _, _, salt, digest = names.split("|")
        wanted = hmac.new(base64.b64decode(salt), name.lower().encode(), hashlib.sha1).digest()
        return hmac.compare_digest(wanted, base64.b64decode(digest))
    return False


def lines_for(endpoint: Endpoint) -> list[Line]:
    """What the known_hosts files say of this host."""
    lines = list(_all_lines(endpoint.known_hosts))
    found = [line for line in lines if line.is_for(endpoint.name)]
    port = re.fullmatch(r"\[(.*)\]:\d+", endpoint.name)
    if not found and port:
        # OpenSSH takes a key that is known for the host without its port, but does not miss it when it differs.
        return [line for line in lines if line.is_for(port[1]) and line.marker != "@cert-authority"]
    return found


def _all_lines(paths: Iterable[Path]) -> Iterator[Line]:
    for path in paths:
        # A file that is not there or may not be read knows no host, which is what OpenSSH makes of it too.
        with contextlib.suppress(OSError):
            yield from parse(path.read_text(encoding="utf-8", errors="replace"))


def known_types(endpoint: Endpoint) -> list[str]:
    """The key types that known_hosts has for this host, so that the server can be asked for one of them."""
    return [line.type for line in lines_for(endpoint) if not line.marker]


def check(endpoint: Endpoint, key: PublicKey) -> None:
    """Return when `key` is known for this host.

    Raises UserError `unknown-host-key`, RemoteError `changed-host-key` or `revoked-host-key`.
    """
    shown = Shown(key.get_name(), key.fingerprint, key.get_base64())
    lines = lines_for(endpoint)
    if any(line.marker == "@revoked" and line.key == shown.key for line in lines):
        raise revoked(endpoint, shown)
    plain = [line for line in lines if not line.marker]
    if any(line.key == shown.key and line.type == shown.type for line in plain):
        return
    raise changed(endpoint, shown) if any(line.is_for(endpoint.name) for line in plain) else unknown(endpoint, shown)


def _details(endpoint: Endpoint, shown: Shown) -> dict[str, Any]:
    details = {"host": endpoint.name, "type": shown.type, "fingerprint": shown.fingerprint}
    return {**details, "key": shown.key} if shown.key else details


def unknown(endpoint: Endpoint, shown: Shown) -> UserError:
    """The host has not been seen before."""
    return UserError(
        t(
            "{host} has not been seen before; its host key is {type} {fingerprint}",
            host=endpoint,
            type=shown.type,
            fingerprint=shown.fingerprint,
        ),
        code="unknown-host-key",
        hint=t(
            "compare it with the fingerprint that the site publishes. When they are equal: "
            "dkai compute connect SITE --trust-host-key {fingerprint}",
            fingerprint=shown.fingerprint,
        ),
        details=_details(endpoint, shown),
    )


def changed(endpoint: Endpoint, shown: Shown) -> RemoteError:
    """The host is known by another key."""
    return RemoteError(
        t(
            "{host} shows another host key than before ({type} {fingerprint}): it may be another computer",
            host=endpoint,
            type=shown.type,
            fingerprint=shown.fingerprint,
        ),
        code="changed-host-key",
        hint=t(
            "do not go on. Ask the site's support whether its key was changed; only when they confirm the "
            "fingerprint, remove the old one with: ssh-keygen -R {name}",
            name=f"'{endpoint.name}'",
        ),
        details=_details(endpoint, shown),
    )


def revoked(endpoint: Endpoint, shown: Shown) -> RemoteError:
    """known_hosts says that this key is not to be trusted any more."""
    return RemoteError(
        t(
            "{host} shows a host key that your known_hosts calls revoked ({type} {fingerprint})",
            host=endpoint,
            type=shown.type,
            fingerprint=shown.fingerprint,
        ),
        code="revoked-host-key",
        hint=t("do not go on: it may be another computer. Ask the site's support"),
        details=_details(endpoint, shown),
    )


def file_for_new(endpoint: Endpoint) -> Path:
    """The known_hosts file that a new key is written to. Raises UserError when the configuration names none."""
    path = next(iter(endpoint.known_hosts), Path(os.devnull))
    if path == Path(os.devnull):
        raise UserError(
            t("your SSH configuration keeps no host keys of {host}", host=endpoint),
            code="no-known-hosts",
            hint=t("set UserKnownHostsFile for it, or give the site its own file: known_hosts: PATH"),
        )
    return path


def remember(endpoint: Endpoint, key: PublicKey) -> Path:
    """Add the key to the person's known_hosts, in one write; returns the file. Raises UserError."""
    path = file_for_new(endpoint)
    private_folder(path.parent)
    line = f"{endpoint.name} {key.get_name()} {key.get_base64()}\n"
    try:
        with contextlib.suppress(FileNotFoundError):
            text = path.read_bytes()
            if text and not text.endswith(b"\n"):
                line = "\n" + line
        handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(handle, line.encode())
        finally:
            os.close(handle)
    except OSError as error:
        raise cannot_write(path, error) from error
    return path
