"""Where commands run and files go: this computer, or one behind SSH.

A host knows nothing of schedulers and jobs. Everything it raises is a `RemoteError` (or a `UserError` when the person
must act, as for an unknown host key); library exceptions are converted inside.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from dkai.compute.site import Site


@dataclass(frozen=True, slots=True)
class CommandResult:
    """What a command answered."""

    returncode: int
    stdout: str
    stderr: str


@dataclass(frozen=True, slots=True)
class Upload:
    """One file to be sent: from a local path or from bytes, to a path relative to the target folder."""

    to: str  # POSIX, relative, never `..`
    source: Path | bytes
    size: int
    sha256: str
    mode: int = 0o600


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """One file in a folder of the host."""

    path: str  # POSIX, relative to the folder
    size: int
    mtime: float
    sha256: str


Progress = Callable[[int, int], None]  # bytes done, bytes in all


class Host(Protocol):
    """A place where commands run."""

    name: str  # for messages: `this computer`, `alice@lumi.csc.fi`
    is_local: bool

    def run(
        self, argv: Sequence[str], *, stdin: bytes = b"", timeout: float = 60, folder: str | None = None
    ) -> CommandResult:
        """Run one program, given as a list; nothing in it is read by a shell as anything but a word."""

    def send(self, folder: str, files: Iterable[Upload], progress: Progress | None = None) -> None:
        """Put the files below `folder` (made when missing, mode 0700) and check sizes and checksums there."""

    def listing(self, folder: str) -> list[RemoteFile]:
        """Regular files below `folder` (links are neither followed nor listed), with checksums."""

    def fetch(
        self, folder: str, files: Sequence[RemoteFile], into: Path, progress: Progress | None = None
    ) -> list[Path]:
        """Bring the files home below `into`; each is checked, and only then given its name."""

    def read(self, path: str, offset: int = 0, limit: int = 1_000_000) -> bytes | None:
        """At most `limit` bytes of a file from `offset` on; None when there is no such file."""

    def close(self) -> None:
        """Let go of the connection."""


def open_host(site: Site, ask: Callable[[str, bool], str | None] | None = None) -> Host:
    """The host of `site`, connected.

    `ask(prompt, secret)` is called for what only the person can give (a one-time code, a key's passphrase) and returns
    None when there is nobody to ask. Raises RemoteError or UserError.
    """
    if site.host == "local":
        from dkai.compute.host.local import LocalHost

        return LocalHost()
    from dkai.compute.host.ssh import SshHost

    return SshHost.connect(site, ask)
