"""Small files that are whole or not there, answers, and other programs' output."""

import binascii
import contextlib
import errno
import json
import os
import subprocess
from typing import Any, Dict, List, Optional

from dkai.compute.runner.words import MARK

Record = Dict[str, Any]


ROOM, ROOM_BYTES = "lock/room", 65536


def keep_room() -> None:
    """Take a little of the disk, so that a job that fills it can still tell. Random: zeros may take no room."""
    with contextlib.suppress(OSError):
        with open(ROOM, "wb") as file:
            file.write(os.urandom(ROOM_BYTES))


def give_room() -> None:
    """Give it back."""
    with contextlib.suppress(OSError):
        os.unlink(ROOM)


def is_full(error: OSError) -> bool:
    """Whether the disk is full, or the person's share of it used up."""
    return error.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC))


def write_json(path: str, value: Record) -> None:
    """The whole file or the old one, private."""
    # A name of its own for each call: a signal's handler may write while the same file is being written.
    temporary = "%s.%s" % (path, binascii.hexlify(os.urandom(6)).decode())
    try:
        with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump(value, file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


def read_json(path: str) -> Record:
    """The object in a file; empty when it is not there or is none."""
    try:
        with open(path, "rb") as file:
            value = json.loads(file.read().decode("utf-8"))
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}


def answer(value: Record) -> None:
    """One line for dkai, pure ASCII."""
    print(MARK + json.dumps(value, sort_keys=True), flush=True)


def output_of(argv: List[str], timeout: float = 10, env: Optional[Dict[bytes, bytes]] = None) -> Optional[str]:
    """What a program prints, the same whoever asks (ps tells times in words); None when it is not there or fails."""
    own: Any = dict(os.environ, LC_ALL="C", TZ="UTC") if env is None else {**env, b"LC_ALL": b"C", b"TZ": b"UTC"}
    try:
        done = subprocess.run(
            argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=timeout,
            check=False, env=own,
        )  # fmt: skip
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
    return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else None


def first_number(*paths: str) -> Optional[float]:
    """The first number in the first of these files that has one."""
    for path in paths:
        with contextlib.suppress(OSError, ValueError, IndexError):
            with open(path) as file:
                return float(file.read().split()[0])
    return None
