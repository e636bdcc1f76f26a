"""This computer as a place where commands run."""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import shutil
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import IO

from dkai.compute.host import CommandResult, Listing, Progress, RemoteFile, Upload
from dkai.compute.host.names import checked, leads_out
from dkai.compute.host.output import Bounded
from dkai.compute.host.transfer_here import bring_one
from dkai.compute.host.transfer_home import Home, Moved, cannot_copy, still_written
from dkai.compute.host.wire import MOST_FILES, too_many_files
from dkai.core.errors import DkaiError, RemoteError, UserError
from dkai.core.files import private_folder
from dkai.core.i18n import t

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

    def send(
        self, folder: str, files: Iterable[Upload], progress: Progress | None = None, *, again: bool = False
    ) -> None:
        """Copy the files below `folder`; each is checked before it gets its name. A new folder appears whole."""
        wanted = list(files)
        moved = Moved(sum(upload.size for upload in wanted), progress)
        final = Path(folder)
        work = final if final.exists() else final.with_name(f"{final.name}.incoming")
        try:
            for upload in wanted:
                target = work / checked(upload.to)
                if again and _is_there(target, upload):
                    moved.add(upload.size)
                    continue
                private_folder(target.parent)
                with _open(upload.source, upload.to) as source:
                    _copy(source, target, upload, moved)
            if work != final:
                private_folder(work)
                _rename(work, final)
        except DkaiError:
            # No room, or files that are no more: nobody would go on with it.
            if work != final:
                shutil.rmtree(work, ignore_errors=True)
            raise

    def send_and_run(
        self, folder: str, files: Sequence[Upload], argv: Sequence[str], *, commit: Callable[[], object],
        timeout: float = 60, progress: Progress | None = None,
    ) -> CommandResult:  # fmt: skip
        """Copy the files, then run one program."""
        self.send(folder, files, progress)
        commit()
        return self.run(argv, timeout=timeout)

    def listing(self, folder: str) -> Listing:
        """What lies below `folder`; a link is not followed, not even as the folder itself."""
        files: list[RemoteFile] = []
        empty: list[str] = []
        left_out: list[str] = []
        if Path(folder).is_symlink():
            raise leads_out(folder)
        for where, folders, names in os.walk(folder):
            above = Path(where).relative_to(folder).as_posix()
            below = "" if above == "." else f"{above}/"
            if not folders and not names and below:
                empty.append(above)
            for name in [*names, *(name for name in folders if Path(where, name).is_symlink())]:
                with contextlib.suppress(FileNotFoundError):
                    seen = Path(where, name).lstat()
                    if stat.S_ISREG(seen.st_mode):
                        files.append(RemoteFile(below + name, seen.st_size, seen.st_mtime))
                    else:
                        left_out.append(below + name)
            if len(files) + len(empty) + len(left_out) > MOST_FILES:
                raise too_many_files()
        files.sort(key=lambda file: file.path)
        return Listing(tuple(files), tuple(sorted(empty)), tuple(sorted(left_out)))

    def sums(self, folder: str, paths: Sequence[str]) -> dict[str, str]:
        """Checksums of these files."""
        found = {}
        for path in paths:
            with contextlib.suppress(OSError), Path(folder, checked(path)).open("rb") as file:
                found[path] = hashlib.file_digest(file, "sha256").hexdigest()
        return found

    def fetch(
        self, folder: str, files: Sequence[RemoteFile], home: Home, progress: Progress | None = None
    ) -> list[Path]:
        """Copy the files home; what came before is gone on with."""
        moved, came = Moved(sum(file.size for file in files), progress), []
        changed = []
        with home:
            for file in files:
                place = bring_one(Path(folder, checked(file.path)), file.path, home, moved)
                came += [place] if place else []
                changed += [] if place else [file.path]
        if changed:
            raise still_written(changed)
        return came

    def read(self, path: str, offset: int = 0, limit: int = 1_000_000) -> bytes | None:
        """A piece of a file."""
        try:
            with Path(path).open("rb") as file:
                file.seek(offset if offset >= 0 else max(0, file.seek(0, os.SEEK_END) + offset))
                return file.read(limit)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise cannot_copy(path, error) from error

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


def _open(source: Path | bytes, name: str) -> IO[bytes]:
    try:
        return io.BytesIO(source) if isinstance(source, bytes) else source.open("rb")
    except OSError as error:
        raise cannot_copy(name, error) from error


def _is_there(target: Path, upload: Upload) -> bool:
    with contextlib.suppress(OSError), target.open("rb") as file:
        if stat.S_ISREG(target.lstat().st_mode) and os.fstat(file.fileno()).st_size == upload.size:
            return hashlib.file_digest(file, "sha256").hexdigest() == upload.sha256
    return False


def _rename(work: Path, final: Path) -> None:
    try:
        work.rename(final)
    except OSError as error:
        raise cannot_copy(str(final), error) from error


def _copy(source: IO[bytes], target: Path, upload: Upload, moved: Moved) -> None:
    """Copy to a neighbour, and rename it when its checksum is right."""
    part = target.with_name(f".dkai-{os.getpid()}.part")
    digest = hashlib.sha256()
    try:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        part.unlink(missing_ok=True)
        with os.fdopen(os.open(part, flags, upload.mode), "wb") as file:
            while block := source.read(BLOCK):
                digest.update(block)
                file.write(block)
                moved.add(len(block))
        if digest.hexdigest() != upload.sha256:
            raise UserError(
                t("{path} was changed while it was sent", path=upload.to),
                code="input-changed",
                hint=t("let the program that writes it finish, and submit again"),
            )
        part.chmod(upload.mode)
        part.replace(target)
    except OSError as error:
        raise cannot_copy(upload.to, error) from error
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
