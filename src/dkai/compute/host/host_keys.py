"""Is it the computer it says it is? Host keys are checked always; nothing turns that off."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

import paramiko

from dkai.compute.host.ssh_config import Endpoint
from dkai.core.errors import RemoteError, UserError
from dkai.core.files import cannot_write, private_folder
from dkai.core.i18n import t


def known_types(endpoint: Endpoint) -> list[str]:
    """The key types that known_hosts has for this host, so that the server can be asked for one of them."""
    return [key_type for file in _files(endpoint) for key_type in (file.lookup(endpoint.name) or {})]


def check(endpoint: Endpoint, key: paramiko.PKey) -> None:
    """Return when `key` is known for this host. Raises UserError `unknown-host-key`, RemoteError `changed-host-key`."""
    seen = False
    for file in _files(endpoint):
        entries = file.lookup(endpoint.name)
        if not entries:
            continue
        seen = True
        if entries.get(key.get_name()) == key and not _revoked(endpoint, key):
            return
    details = {"host": endpoint.name, "type": key.get_name(), "fingerprint": key.fingerprint}
    if seen or _revoked(endpoint, key):
        raise RemoteError(
            t(
                "{host} shows another host key than before ({type} {fingerprint}): it may be another computer",
                host=endpoint,
                type=key.get_name(),
                fingerprint=key.fingerprint,
            ),
            code="changed-host-key",
            hint=t(
                "do not go on. Ask the site's support whether its key was changed; only when they confirm the "
                "fingerprint, remove the old one with: ssh-keygen -R {name}",
                name=f"'{endpoint.name}'",
            ),
            details=details,
        )
    raise UserError(
        t(
            "{host} has not been seen before; its host key is {type} {fingerprint}",
            host=endpoint,
            type=key.get_name(),
            fingerprint=key.fingerprint,
        ),
        code="unknown-host-key",
        hint=t(
            "compare it with the fingerprint that the site publishes. When they are equal: "
            "dkai compute connect SITE --trust-host-key {fingerprint}",
            fingerprint=key.fingerprint,
        ),
        details=details,
    )


def remember(endpoint: Endpoint, key: paramiko.PKey) -> Path:
    """Add the key to the person's known_hosts, in one write; returns the file. Raises UserError."""
    path = endpoint.known_hosts[0]
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


def _files(endpoint: Endpoint) -> list[paramiko.HostKeys]:
    found = []
    for path in endpoint.known_hosts:
        keys = paramiko.HostKeys()
        # A file that is not there or may not be read knows no host, which is what OpenSSH makes of it too.
        with contextlib.suppress(OSError, UnicodeDecodeError):
            keys.load(str(path))
        found.append(keys)
    return found


def _revoked(endpoint: Endpoint, key: paramiko.PKey) -> bool:
    for path in endpoint.known_hosts:
        with contextlib.suppress(OSError):
            for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
                if line.startswith("@revoked") and key.get_base64() in line.split():
                    return True
    return False
