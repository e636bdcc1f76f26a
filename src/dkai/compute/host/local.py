"""This computer as a place where commands run."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import io
import os
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import IO

from dkai.compute.host import CommandResult, Progress, RemoteFile, Upload
from dkai.compute.host.names import at_home, checked
from dkai.compute.host.output import Bounded
from dkai.core.errors import DkaiError, RemoteError, UserError
from dkai.core.files import private_folder
from dkai.core.i18n import t
from dkai.core.oserrors import reason

BLOCK = 1 << 20


class LocalHost:
    """Runs programs without a shell, and copies files with the same checks as over a network."""

    is_local = True

    def __init__(self) -> None:
        self.name = t("this computer")

    def run(
        self, argv: Sequence[str], *, stdin: bytes = b"", timeout: float = 60, folder: str | None = None
    ) -> CommandResult:
        """Run one program. One that is not there answers 127, as a shell would say it."""
        try:
            # A group of its own: Ctrl-C reaches dkai alone, which then ends the group.
            process = subprocess.Popen(
                list(argv),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                cwd=folder,
                start_new_session=os.name == "posix",
            )
        except OSError as error:
            missing = isinstance(error, (FileNotFoundError, NotADirectoryError))
            return CommandResult(127 if missing else 126, "", f"{argv[0]}: {error.strerror or error}\n")
        streams = [Bounded(), Bounded()]
        pipes = [process.stdin, process.stdout, process.stderr]
        threads = [
            threading.Thread(target=_feed, args=(pipes[0], stdin), daemon=True),
            threading.Thread(target=_drain, args=(pipes[1], streams[0]), daemon=True),
            threading.Thread(target=_drain, args=(pipes[2], streams[1]), daemon=True),
        ]
        for thread in threads:
            thread.start()
        try:
            process.wait(timeout)
        except subprocess.TimeoutExpired as error:
            _kill(process)
            raise RemoteError(
                t("{program} did not answer within {seconds} seconds", program=argv[0], seconds=round(timeout)),
                code="command-timeout",
                hint=t("try again in a while"),
            ) from error
        except BaseException:
            _kill(process)
            raise
        for thread in threads:
            # A process that was left in the background may hold the pipes open for as long as it lives.
            thread.join(2)
        return CommandResult(process.returncode, streams[0].text(), streams[1].text())

    def send(self, folder: str, files: Iterable[Upload], progress: Progress | None = None) -> None:
        """Copy the files below `folder`; each is checked before it gets its name."""
        wanted = list(files)
        moved = _Moved(sum(upload.size for upload in wanted), progress)
        for upload in wanted:
            target = Path(folder) / checked(upload.to)
            private_folder(target.parent)
            with _open(upload.source, upload.to) as source:
                _copy(source, target, (upload.sha256, upload.to, upload.mode), moved)

    def listing(self, folder: str) -> list[RemoteFile]:
        """Regular files below `folder`; a link is not followed, not even as the folder itself."""
        found: list[RemoteFile] = []
        for where, folders, names in os.walk(folder):
            folders.sort()
            for name in sorted(names):
                path = Path(where, name)
                with contextlib.suppress(FileNotFoundError):
                    seen = path.lstat()
                    if stat.S_ISREG(seen.st_mode):
                        relative = path.relative_to(folder).as_posix()
                        found.append(RemoteFile(relative, seen.st_size, seen.st_mtime, _sha256(path, relative)))
        return found

    def fetch(
        self, folder: str, files: Sequence[RemoteFile], into: Path, progress: Progress | None = None
    ) -> list[Path]:
        """Copy the files below `into`; each is checked before it gets its name."""
        moved, home = _Moved(sum(file.size for file in files), progress), []
        for file in files:
            target = at_home(into, file.path)
            private_folder(target.parent)
            with _open(Path(folder, file.path), file.path) as source:
                _copy(source, target, (file.sha256, file.path, 0o600), moved)
            home.append(target)
        return home

    def read(self, path: str, offset: int = 0, limit: int = 1_000_000) -> bytes | None:
        """A piece of a file."""
        try:
            with Path(path).open("rb") as file:
                file.seek(offset)
                return file.read(limit)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise _cannot(path, error) from error

    def close(self) -> None:
        """Nothing is held."""


def _feed(pipe: IO[bytes] | None, data: bytes) -> None:
    # A program may end without reading what it was given.
    with contextlib.suppress(OSError):
        if pipe:
            with pipe:
                pipe.write(data)


def _drain(pipe: IO[bytes] | None, stream: Bounded) -> None:
    if pipe:
        with pipe:
            while data := pipe.read1(65536) if isinstance(pipe, io.BufferedReader) else pipe.read(65536):
                stream.add(data)


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End the program and whatever it started, in its group."""
    with contextlib.suppress(OSError):
        if sys.platform == "win32":
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGKILL)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(5)


def _sha256(path: Path, name: str) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise _cannot(name, error) from error


def _open(source: Path | bytes, name: str) -> IO[bytes]:
    try:
        return io.BytesIO(source) if isinstance(source, bytes) else source.open("rb")
    except OSError as error:
        raise _cannot(name, error) from error


class _Moved:
    """Bytes done, told to whoever wants to know."""

    def __init__(self, total: int, progress: Progress | None) -> None:
        self.done, self.total, self.progress = 0, total, progress

    def add(self, count: int) -> None:
        self.done = min(self.total, self.done + count)
        if self.progress:
            self.progress(self.done, self.total)


def _copy(source: IO[bytes], target: Path, what: tuple[str, str, int], moved: _Moved) -> None:
    """Copy to a neighbour, and rename it when its checksum is right. `what`: checksum, name for messages, mode."""
    sha256, name, mode = what
    part = target.with_name(f".{target.name}.part-{os.getpid()}")
    digest = hashlib.sha256()
    try:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        part.unlink(missing_ok=True)
        with os.fdopen(os.open(part, flags, mode), "wb") as file:
            while block := source.read(BLOCK):
                digest.update(block)
                file.write(block)
                moved.add(len(block))
        if digest.hexdigest() != sha256:
            raise UserError(
                t("{file} has changed since it was looked at", file=name),
                code="file-changed",
                hint=t("nothing else writes to it, does it? Then try again"),
            )
        part.chmod(mode)
        part.replace(target)
    except OSError as error:
        raise _cannot(name, error) from error
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)


def _cannot(name: str, error: OSError) -> DkaiError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return RemoteError(
            t("there is no room for {file} on {place}", file=name, place=t("this computer")),
            code="disk-full",
            hint=t("free some space (or ask for a larger quota), then try again"),
        )
    return UserError(
        t("cannot copy {file}: {why}", file=name, why=reason(error)),
        code="cannot-copy",
        hint=t("check that the file is there and that you may read and write there"),
    )
