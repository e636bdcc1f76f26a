"""Running small programs on a computer behind SSH, whatever carries them, and whatever login shell is there.

The login shell (bash, tcsh, fish …) reads nothing but letters, digits and one pair of single quotes; stdin is left to
the programs of the script. What start-up files print comes before a mark and is dropped.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from dkai.core.clean import one_line
from dkai.core.errors import RemoteError
from dkai.core.i18n import t

CHUNK = 65536

Ask = Callable[[str, bool], str | None]
Feed = Callable[[Callable[[bytes], object]], object]
Keep = Callable[[bytes], object]


class Shell(Protocol):
    """A connection that runs small programs for sh."""

    name: str  # for messages: `alice@lumi.csc.fi`
    transport: str  # `paramiko` or `openssh`
    why: str  # a sentence: why this transport; empty where it is the usual one
    asked: bool  # the person gave a one-time code: this connection cannot be opened again without them

    def run(self, script: str, feed: Feed | None, keep: Keep | None, patience: float) -> tuple[int, bytes]:
        """Run `script` in a plain sh; returns its exit code and the end of its stderr.

        `feed` is called with a function that writes to its stdin (None: stdin is empty), `keep` with each piece of its
        stdout. `patience` is seconds in which nothing comes and nothing goes. Raises RemoteError.
        """

    def close(self) -> None:
        """Let go of the connection."""


@dataclass(frozen=True, slots=True)
class Wrapped:
    """A script as the login shell is given it, and the mark that its own output begins with."""

    line: str
    mark: str

    def ending(self, errors: bytes) -> tuple[int | None, bytes]:
        """The exit code that a `framed` script wrote at the end of its stderr, and stderr without it.

        None: it did not come so far. Only then is the exit code of whatever carried the script its own.
        """
        said, found, rest = errors.rpartition(f"\n{self.mark} ".encode())
        code, end, after = rest.partition(b"\n")
        if not (found and end and code.isdigit()):
            return None, errors
        return int(code), said + after


def wrap(script: str, *, framed: bool = False) -> Wrapped:
    """The one line for the login shell; with `framed` the script's exit code comes last on its stderr."""
    mark = os.urandom(8).hex()
    if framed:
        # A shell of its own: the script may exit or exec.
        script = f"(\n{script}\n)\nprintf '\\n%s %s\\n' {mark} $? >&2"
    whole = f"printf '%s\\n' {mark}; printf '%s\\n' {mark} >&2\n{script}"
    coded = base64.b64encode(whole.encode("utf-8", "surrogateescape")).decode()
    return Wrapped(f"sh -c 'eval \"$(echo {coded} | base64 -d)\"'", mark)


def timed_out(name: str, patience: float) -> RemoteError:
    """The other side was silent for too long."""
    return RemoteError(
        t("{host} did not answer within {seconds} s", host=name, seconds=round(patience)),
        code="remote-timeout",
        hint=t("the site may be overloaded; try again in a few minutes"),
    )


def lost(name: str, error: BaseException | None) -> RemoteError:
    """The connection broke."""
    why = one_line(str(error)) if error else ""
    return RemoteError(
        t("the connection to {host} was lost", host=name) + (f": {why}" if why else ""),
        code="connection-lost",
        hint=t("run the command again; a job that was accepted goes on without this connection"),
    )


class After:
    """Passes on what comes after the line that is `mark`."""

    def __init__(self, mark: str, keep: Callable[[bytes], object]) -> None:
        self._mark = mark.encode() + b"\n"
        self._keep = keep
        self._before: bytearray | None = bytearray()

    @property
    def begun(self) -> bool:
        """Whether the mark came."""
        return self._before is None

    def __call__(self, data: bytes) -> None:
        """A piece that came."""
        if self._before is None:
            self._keep(data)
            return
        self._before += data
        place = self._before.find(self._mark)
        if place >= 0:
            rest = bytes(self._before[place + len(self._mark) :])
            self._before = None
            if rest:
                self._keep(rest)
        elif len(self._before) > 1_000_000:
            del self._before[: -len(self._mark)]


class Tail:
    """The last 20 kB of what is said."""

    def __init__(self) -> None:
        self._data = bytearray()

    def add(self, data: bytes) -> None:
        """A piece that came."""
        self._data += data
        del self._data[:-20_000]

    def bytes(self) -> bytes:
        """What is kept."""
        return bytes(self._data)
