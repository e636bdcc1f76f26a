"""A computer behind SSH: commands and files, over whatever shell carries them."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from dkai.compute.host import CommandResult, Listing, Progress, RemoteFile, Upload, handover, wire
from dkai.compute.host.names import leads_out
from dkai.compute.host.output import Bounded
from dkai.compute.host.shell import Ask, Shell
from dkai.compute.host.transfer_far import PATIENCE, Far
from dkai.compute.site import Site
from dkai.core.clean import one_line
from dkai.core.errors import RemoteError
from dkai.core.i18n import t

if TYPE_CHECKING:
    from dkai.compute.host.transfer_home import Home

_SUMS_AT_ONCE = 20_000  # files: their names are held in memory here and there


class SshHost:
    """A place where commands run, behind SSH."""

    is_local = False

    def __init__(self, shell: Shell) -> None:
        self._shell = shell
        self.name = shell.name
        self.transport, self.why, self.asked = shell.transport, shell.why, shell.asked

    @classmethod
    def connect(cls, site: Site, ask: Ask | None) -> SshHost:
        """Connect and log in. Raises RemoteError or UserError."""
        from dkai.compute.host.openssh_choice import connect_shell

        return cls(connect_shell(site, ask))

    def close(self) -> None:
        """Close the connection."""
        self._shell.close()

    # --- commands

    def run(
        self, argv: Sequence[str], *, stdin: bytes = b"", timeout: float = 60, folder: str | None = None
    ) -> CommandResult:
        """Run one program; output beyond 10 MB is dropped."""
        script = f"exec {shlex.join(argv)}\n"
        if folder is not None:
            script = f"cd -- {shlex.quote(folder)} || exit 72\n{script}"
        out = Bounded()
        code, errors = self._shell.run(script, lambda write: write(stdin), out.add, timeout)
        return CommandResult(code, out.text(), errors.decode("utf-8", "replace"))

    def read(self, path: str, offset: int = 0, limit: int = 1_000_000) -> bytes | None:
        """A part of a file; None when there is no such file."""
        name = shlex.quote(path)
        start = f"+{int(offset) + 1}" if offset >= 0 else str(-int(offset))
        script = f"{{\n[ -f {name} ] || exit 44\ntail -c {start} -- {name} | head -c {int(limit)}\nexit 0\n}}\n"
        out = Bounded(limit)
        code, errors = self._shell.run(script, None, out.add, 60)
        if code == 44:
            return None
        self._must(code, errors)
        return bytes(out.kept)

    # --- files

    def send(
        self, folder: str, files: Iterable[Upload], progress: Progress | None = None, *, again: bool = False
    ) -> None:
        """Put the files below `folder`; a new folder appears whole or not at all."""
        from dkai.compute.host.transfer_up import put

        put(self._far(folder), list(files), progress, again=again)

    def send_and_run(
        self, folder: str, files: Sequence[Upload], argv: Sequence[str], *, commit: Callable[[], object],
        timeout: float = 60, progress: Progress | None = None,
    ) -> CommandResult:  # fmt: skip
        """Put the files below `folder` and then run one program, as one channel."""
        out = Bounded()
        code, errors = self._shell.run(
            handover.script(folder, argv),
            lambda write: handover.write(files, write, commit, progress),
            out.add,
            max(timeout, PATIENCE),
        )
        if not out.kept.startswith(handover.THERE):
            try:
                self._must(code or 1, errors)
            except RemoteError as error:
                error.details["ran"] = False
                raise
        text = out.text().removeprefix(handover.THERE.decode())
        return CommandResult(code, text, errors.decode("utf-8", "replace"))

    def listing(self, folder: str) -> Listing:
        """What lies below `folder`; nothing when it is not there."""
        reader = wire.ListingReader()
        code, errors = self._shell.run(wire.listing_script(folder), None, reader.feed, PATIENCE)
        if code == wire.GONE:
            return Listing()
        if code == wire.NOT_A_FOLDER:
            raise leads_out(folder)
        self._must(code, errors)
        return reader.result()

    def sums(self, folder: str, paths: Sequence[str]) -> dict[str, str]:
        """Checksums of these files, made there."""
        found: dict[str, str] = {}
        for start in range(0, len(paths), _SUMS_AT_ONCE):
            names = wire.names(paths[start : start + _SUMS_AT_ONCE])
            code, line = self._far(folder).line(wire.sums_script(folder), names)
            if code == wire.GONE:
                break
            found |= wire.parse_sums(line)
        return found

    def fetch(
        self, folder: str, files: Sequence[RemoteFile], home: Home, progress: Progress | None = None
    ) -> list[Path]:
        """Bring the files home; each is checked before it gets its name."""
        from dkai.compute.host.transfer_down import bring

        with home:
            return bring(self._far(folder), files, home, progress)

    def _far(self, folder: str) -> Far:
        return Far(self._shell, self._must, folder)

    def _must(self, code: int, errors: bytes) -> None:
        """Raises RemoteError unless `code` is 0; a full disk has a code of its own."""
        if code == 0:
            return
        words = one_line(errors.decode("utf-8", "replace"), 400)
        if code == wire.DAMAGED:
            raise RemoteError(
                t("a file arrived at {host} damaged: {why}", host=self.name, why=words),
                code="damaged-transfer",
                hint=t("send it again"),
            )
        if code == wire.FULL or "No space left" in words or "quota" in words.lower():
            raise RemoteError(
                t("there is no room left on {host}: {why}", host=self.name, why=words),
                code="remote-disk-full",
                hint=t("remove what you no longer need there, or give the site another base folder with --base"),
            )
        raise RemoteError(
            t("{host} could not do it (exit {code}): {why}", host=self.name, code=code, why=words or "–"),
            code="remote-command-failed",
            hint=t("try the same by hand at the site, or ask its support with this message"),
        )
