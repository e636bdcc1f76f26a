"""The person's SSH keys on this computer: which there are, and making a new one.

A new key is written by the `cryptography` library that carries the connections too, not by ssh-keygen: that program
takes a passphrase as a word on its command line, where everybody on the machine can read it, or from a terminal.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import os
import struct
from dataclasses import dataclass, replace
from pathlib import Path

from dkai.core.clean import one_line
from dkai.core.errors import UserError
from dkai.core.files import cannot_write, private_folder
from dkai.core.i18n import t

_OPENSSH = "-----BEGIN OPENSSH PRIVATE KEY-----"
_MAGIC = b"openssh-key-v1\0"
_SMALL = 100_000  # no key file is larger


@dataclass(frozen=True, slots=True)
class Key:
    """One key. `path` is the private key's file; None for one that only an agent holds."""

    path: Path | None
    type: str  # `ssh-ed25519`
    public: str  # the line that is registered at a site: type, key, comment
    fingerprint: str  # SHA256:…
    comment: str
    in_agent: bool = False
    encrypted: bool | None = None  # None: the file does not say it in the clear


def default_folder() -> Path:
    """Where OpenSSH keeps keys."""
    return Path.home() / ".ssh"


def shown(path: Path | str) -> str:
    """A path as people write it: from the home folder on where it lies there."""
    home = str(Path.home())
    return "~" + str(path)[len(home) :] if str(path).startswith(home + os.sep) else str(path)


def find_keys(folder: Path | None = None) -> tuple[Key, ...]:
    """The keys in `folder` (default ~/.ssh) and in the agent, those that ssh tries by itself first.

    Nothing is unlocked: an encrypted key's public half stands beside it, or in the clear at its file's beginning.
    """
    held = {key.fingerprint: key for key in agent_keys()}
    found: list[Key] = []
    with contextlib.suppress(OSError):
        for path in sorted((folder or default_folder()).iterdir(), key=_order):
            key = read_key(path) if path.suffix != ".pub" else None
            if key is not None and key.fingerprint not in {k.fingerprint for k in found}:
                agent = held.pop(key.fingerprint, None)
                found.append(key if agent is None else replace(key, in_agent=True))
    return (*found, *held.values())


def _order(path: Path) -> tuple[int, str]:
    usual = ("id_ed25519", "id_ecdsa", "id_rsa")
    return (usual.index(path.name) if path.name in usual else len(usual), path.name)


def agent_keys() -> tuple[Key, ...]:
    """What the SSH agent holds; nothing when there is none."""
    from dkai.compute.host.lean import paramiko

    try:
        keys = paramiko.Agent().get_keys()
    except (paramiko.SSHException, OSError):
        return ()
    found = []
    for key in keys:
        comment = one_line(str(getattr(key, "comment", "") or ""), 80)
        line = f"{key.get_name()} {base64.b64encode(key.asbytes()).decode()} {comment}".rstrip()
        found.append(Key(None, key.get_name(), line, fingerprint_of(key.asbytes()), comment, in_agent=True))
    return tuple(found)


def fingerprint_of(blob: bytes) -> str:
    """`SHA256:…` of a public key, as ssh-keygen -l shows it."""
    return "SHA256:" + base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")


def read_key(path: Path) -> Key | None:
    """The key whose private half is in `path`; None when the file is no private key or its public half is not told."""
    try:
        if not path.is_file() or path.stat().st_size > _SMALL:
            return None
        text = path.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError):
        return None
    lines = text.strip().splitlines()
    if not lines or not lines[0].startswith("-----BEGIN ") or "PRIVATE KEY-----" not in lines[0]:
        return None
    blob, encrypted = _of_openssh(lines) if lines[0] == _OPENSSH else (None, "ENCRYPTED" in text)
    kind, beside, comment = _beside(path)
    blob = blob or beside
    if blob is None:
        return None
    kind = kind or _name_in(blob)
    line = f"{kind} {base64.b64encode(blob).decode()} {comment}".rstrip()
    return Key(path, kind, line, fingerprint_of(blob), comment, encrypted=encrypted)


def _of_openssh(lines: list[str]) -> tuple[bytes | None, bool | None]:
    """Public half, and whether the private one is encrypted: both stand in the clear (OpenSSH's PROTOCOL.key)."""
    try:
        data = base64.b64decode("".join(lines[1:-1]))
        if not data.startswith(_MAGIC):
            return None, None
        cipher, rest = _string(data[len(_MAGIC) :])
        _, rest = _string(rest)  # kdf name
        _, rest = _string(rest)  # kdf options
        (count,) = struct.unpack(">I", rest[:4])
        return (_string(rest[4:])[0] if count else None), cipher != b"none"
    except (ValueError, struct.error):
        return None, None


def _string(data: bytes) -> tuple[bytes, bytes]:
    (size,) = struct.unpack(">I", data[:4])
    if size > len(data) - 4:
        raise ValueError
    return data[4 : 4 + size], data[4 + size :]


def _name_in(blob: bytes) -> str:
    with contextlib.suppress(ValueError, struct.error):
        return one_line(_string(blob)[0].decode("ascii", "replace"), 60)
    return "?"


def _beside(path: Path) -> tuple[str | None, bytes | None, str]:
    """Type, public half and comment in `path`.pub."""
    with contextlib.suppress(OSError, ValueError, IndexError, UnicodeDecodeError):
        words = path.with_name(path.name + ".pub").read_text(encoding="utf-8").split(maxsplit=2)
        return words[0], base64.b64decode(words[1], validate=True), one_line(words[2] if len(words) > 2 else "", 80)
    return None, None, ""


def free_name(site: str, folder: Path | None = None) -> Path:
    """Where a new key for `site` would go: OpenSSH's own default name while that is free, else one of the site's."""
    folder = folder or default_folder()
    names = ["id_ed25519", f"id_ed25519_{site}", *(f"id_ed25519_{site}_{n}" for n in range(2, 100))]
    for name in names:
        path = folder / name
        if not any(os.path.lexists(p) for p in (path, path.with_name(name + ".pub"))):
            return path
    raise _taken(folder / names[0])


def make_key(path: Path, passphrase: str = "", comment: str = "") -> Key:
    """A new ed25519 key in `path` (mode 0600) and `path`.pub. Raises UserError; no file is written over."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    key = Ed25519PrivateKey.generate()
    lock: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if passphrase:
        lock = serialization.BestAvailableEncryption(passphrase.encode())
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, lock)
    public = key.public_key().public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
    line = f"{public.decode()} {one_line(comment, 80)}".rstrip()
    beside = path.with_name(path.name + ".pub")
    private_folder(path.parent)
    if os.path.lexists(beside):
        raise _taken(beside)
    _write_new(path, private, 0o600)
    _write_new(beside, f"{line}\n".encode(), 0o644)
    made = read_key(path)
    if made is None:
        raise _taken(path)
    return made


def _write_new(path: Path, data: bytes, mode: int) -> None:
    """Write a file that is not there yet; a link in its place counts as there."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), mode)
    except FileExistsError:
        raise _taken(path) from None
    except OSError as error:
        raise cannot_write(path, error) from error
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        path.unlink(missing_ok=True)
        raise cannot_write(path, error) from error


def _taken(path: Path) -> UserError:
    return UserError(
        t("{path} is there already; it was not touched", path=path),
        code="key-exists",
        hint=t("choose another file for the new key, or use the one that is there with --identity {path}", path=path),
    )
