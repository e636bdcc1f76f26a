"""A computer behind SSH: commands and files, over whatever shell carries them."""

from __future__ import annotations

import hashlib
import os
import shlex
import tarfile
import threading
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from dkai.compute.host import CommandResult, Progress, RemoteFile, Upload, wire
from dkai.compute.host.names import at_home
from dkai.compute.host.output import Bounded
from dkai.compute.host.shell import Ask, Shell
from dkai.compute.site import Site
from dkai.core.clean import one_line
from dkai.core.errors import DkaiError, RemoteError
from dkai.core.files import cannot_write, private_folder
from dkai.core.i18n import t

_CHUNK = 65536
_TRANSFER_PATIENCE = 120.0  # seconds without a byte in either direction


class SshHost:
    """A place where commands run, behind SSH."""

    is_local = False

    def __init__(self, shell: Shell) -> None:
        self._shell = shell
        self.name = shell.name

    @classmethod
    def connect(cls, site: Site, ask: Ask | None) -> SshHost:
        """Connect and log in. Raises RemoteError or UserError."""
        from dkai.compute.host.paramiko_shell import ParamikoShell

        return cls(ParamikoShell.connect(site, ask))

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
        script = (
            f"{{\n[ -f {name} ] || exit 44\ntail -c +{int(offset) + 1} -- {name} | head -c {int(limit)}\nexit 0\n}}\n"
        )
        out = Bounded(limit)
        code, errors = self._shell.run(script, None, out.add, 60)
        if code == 44:
            return None
        self._must(code, errors)
        return bytes(out.kept)

    # --- files

    def send(self, folder: str, files: Iterable[Upload], progress: Progress | None = None) -> None:
        """Put the files below `folder`; a new folder appears whole or not at all."""
        uploads = list(files)
        script = wire.receive_script(folder)
        code, errors = self._shell.run(
            script, lambda write: wire.write_archive(uploads, write, progress), None, _TRANSFER_PATIENCE
        )
        self._must(code, errors)

    def listing(self, folder: str) -> list[RemoteFile]:
        """Regular files below `folder`, with checksums; none when the folder is not there."""
        out = Bounded(100_000_000)
        code, errors = self._shell.run(wire.listing_script(folder), None, out.add, 600)
        if code == 44:
            return []
        self._must(code, errors)
        return wire.parse_listing(bytes(out.kept))

    def fetch(
        self, folder: str, files: Sequence[RemoteFile], into: Path, progress: Progress | None = None
    ) -> list[Path]:
        """Bring the files home; each is checked before it gets its name."""
        places = {file.path: at_home(into, file.path) for file in files}
        script, names = wire.send_back_script(folder, places)
        read_end, write_end = os.pipe()
        written: list[Path] = []
        failure: list[BaseException] = []

        def unpack() -> None:
            try:
                with os.fdopen(read_end, "rb") as stream:
                    written.extend(_unpack(stream, files, places, progress))
            except BaseException as error:  # carried to the caller's thread
                failure.append(error)

        worker = threading.Thread(target=unpack, daemon=True)
        worker.start()
        try:
            with os.fdopen(write_end, "wb") as pipe:
                code, errors = self._shell.run(script, lambda write: write(names), pipe.write, _TRANSFER_PATIENCE)
        except BrokenPipeError:
            code, errors = 0, b""  # the unpacker stopped; it says why
        finally:
            worker.join()
        if failure and isinstance(failure[0], DkaiError):
            raise failure[0]
        self._must(code, errors)
        if failure:
            raise _incomplete(self.name) from failure[0]
        if len(written) != len(files):
            raise _incomplete(self.name)
        return written

    def _must(self, code: int, errors: bytes) -> None:
        """Raises RemoteError unless `code` is 0; a full disk has a code of its own."""
        if code == 0:
            return
        words = one_line(errors.decode("utf-8", "replace"), 400)
        if "No space left" in words or "quota" in words.lower():
            raise RemoteError(
                t("there is no room left on {host}: {why}", host=self.name, why=words),
                code="remote-disk-full",
                hint=t("remove what you no longer need there, or give the site another base folder with --base"),
            )
        if code == 66:
            raise RemoteError(
                t("a file arrived at {host} damaged: {why}", host=self.name, why=words),
                code="damaged-transfer",
                hint=t("send it again"),
            )
        raise RemoteError(
            t("{host} could not do it (exit {code}): {why}", host=self.name, code=code, why=words or "–"),
            code="remote-command-failed",
            hint=t("try the same by hand at the site, or ask its support with this message"),
        )


def _incomplete(host: str) -> RemoteError:
    return RemoteError(
        t("the files from {host} came back incomplete", host=host),
        code="incomplete-transfer",
        hint=t("run the command again; what was brought home whole is kept"),
    )


def _unpack(
    stream: BinaryIO, files: Sequence[RemoteFile], places: dict[str, Path], progress: Progress | None
) -> list[Path]:
    """Write each expected file beside its place, check it, and give it its name."""
    expected = {file.path: file for file in files}
    total, done, written = sum(file.size for file in files), 0, []
    with tarfile.open(fileobj=stream, mode="r|", errors="surrogateescape") as archive:
        for member in archive:
            name = member.name.removeprefix("./")
            source = archive.extractfile(member) if member.isreg() else None
            if name not in expected or source is None:
                raise _not_asked_for(name)
            done = _write_one(source, expected[name], places[name], (done, total, progress))
            written.append(places[name])
    return written


def _write_one(source: Any, file: RemoteFile, target: Path, counter: tuple[int, int, Progress | None]) -> int:
    done, total, progress = counter
    private_folder(target.parent)
    part = target.with_name(f".{target.name}.part")
    digest = hashlib.sha256()
    try:
        with part.open("wb") as out:
            while data := source.read(_CHUNK):
                out.write(data)
                digest.update(data)
                done += len(data)
                if progress:
                    progress(done, total)
        if digest.hexdigest() != file.sha256:
            raise RemoteError(
                t("{file} arrived damaged, or changed while it was read", file=one_line(file.path)),
                code="damaged-transfer",
                hint=t("wait until the job has ended, and fetch again"),
            )
        part.replace(target)
    except OSError as error:
        raise cannot_write(target, error) from error
    finally:
        part.unlink(missing_ok=True)
    return done


def _not_asked_for(name: str) -> RemoteError:
    """The other side sent something that was not asked for."""
    return RemoteError(
        t("the other side sent “{name}”, which was not asked for", name=one_line(name)),
        code="unexpected-file",
        hint=t("nothing of it was written; look at the job's folder on the site itself"),
    )
