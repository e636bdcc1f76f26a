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
    from dkai.compute.host.transfer_home import Home
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


@dataclass(frozen=True, slots=True)
class Listing:
    """What lies below a folder of the host, each sorted by name."""

    files: tuple[RemoteFile, ...] = ()  # regular ones
    folders: tuple[str, ...] = ()  # empty ones
    left_out: tuple[str, ...] = ()  # links, devices, pipes: never followed, never fetched


Progress = Callable[[int, int], None]  # bytes done, bytes in all


class Host(Protocol):
    """A place where commands run."""

    name: str  # for messages: `this computer`, `alice@lumi.csc.fi`
    is_local: bool

    def run(
        self, argv: Sequence[str], *, stdin: bytes = b"", timeout: float = 60, folder: str | None = None
    ) -> CommandResult:
        """Run one program, given as a list; nothing in it is read by a shell as anything but a word."""

    def send(
        self, folder: str, files: Iterable[Upload], progress: Progress | None = None, *, again: bool = False
    ) -> None:
        """Put the files below `folder` (made when missing, mode 0700) and check sizes and checksums there.

        A new folder appears whole or not at all. What is cut off is kept beside it as `<folder>.incoming`; with `again`
        it is gone on with.
        """

    def send_and_run(
        self, folder: str, files: Sequence[Upload], argv: Sequence[str], *, commit: Callable[[], object],
        timeout: float = 60, progress: Progress | None = None,
    ) -> CommandResult:  # fmt: skip
        """Put the files below `folder` and then run one program, in one go.

        `commit` is called, perhaps in another thread, when all files are under way and before anything can run; what it
        raises goes through, and nothing runs. A RemoteError says `{"ran": False}` in its details where it is certain
        that the program was not begun.
        """

    def listing(self, folder: str) -> Listing:
        """What lies below `folder`; nothing when there is no such folder. Raises RemoteError when the folder is a link,
        or holds more than 250,000 files."""

    def sums(self, folder: str, paths: Sequence[str]) -> dict[str, str]:
        """SHA-256 of these files below `folder`; without those that are not there (any more)."""

    def fetch(
        self, folder: str, files: Sequence[RemoteFile], home: Home, progress: Progress | None = None
    ) -> list[Path]:
        """Bring the files home; each is checked, and only then given its name. A file of which a part came before is
        gone on with. RemoteError `file-changed`, when all others are home, where one does not keep still."""

    def read(self, path: str, offset: int = 0, limit: int = 1_000_000) -> bytes | None:
        """At most `limit` bytes of a file from `offset` on (from its end if negative); None without such a file."""

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
    if site.host == "ucloud":
        from dkai.compute.host.ucloud import UCloudHost

        return UCloudHost.connect(site, ask)
    from dkai.compute.host.ssh import SshHost

    return SshHost.connect(site, ask)
