"""Files on their way home: kept as far as they came, checked whole, and only then given their names.

What has come of a file lies below `.dkai/parts` in the folder of results, named by the file's path, until the file is
whole. Nothing is ever written through a link: not through one in a file's place, not through a folder that is one, and
not into a file that has another name elsewhere.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import stat
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import IO, Any

from dkai.compute.host import Progress
from dkai.compute.host.names import OURS, Places, folds, leads_out
from dkai.core.clean import one_line
from dkai.core.errors import DkaiError, RemoteError, UserError
from dkai.core.files import cannot_write, private_folder
from dkai.core.i18n import nt, t
from dkai.core.oserrors import reason

_BLOCK = 1 << 20


class Home:
    """The folder at home, and where each of the other side's paths goes in it.

    To write, use it in a `with` statement: one dkai at a time.
    """

    def __init__(self, into: Path, paths: Iterable[str]) -> None:
        self.into = into
        self.places = Places(folding=folds(into.absolute())).all(paths)
        self.brought: set[str] = set()  # paths that have got their names
        self._real: set[Path] = set()  # folders that were looked at
        self._lock: IO[bytes] | None = None

    def place(self, path: str) -> Path:
        """Where the file `path` goes."""
        return self.into / self.places[path]

    def __enter__(self) -> Home:
        self._lock = _locked(self.folder(OURS) / "lock")
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            (self.into / OURS / "parts").rmdir()  # only when nothing is under way any more
        if self._lock is not None:
            with contextlib.suppress(OSError):
                (self.into / OURS / "lock").unlink()
            self._lock.close()

    def folder(self, relative: str) -> Path:
        """A folder below `into`, made when missing; each part of it is a real one. Raises RemoteError or UserError."""
        path = private_folder(self.into)
        for name in filter(None, relative.split("/")):
            path = path / name
            if path in self._real:
                continue
            if path.is_symlink():
                raise leads_out(str(path))
            with contextlib.suppress(FileExistsError):
                try:
                    path.mkdir(mode=0o700)
                except FileExistsError:
                    raise
                except OSError as error:
                    raise cannot_write(path, error) from error
            self._real.add(path)
        return path

    def part(self, path: str) -> Part:
        """What has come of `path` so far, open for more."""
        key = hashlib.sha256(path.encode("utf-8", "surrogateescape")).hexdigest()[:32]
        return Part(self, path, self.folder(f"{OURS}/parts") / key)

    def settle(self, part: Path, path: str) -> Path:
        """Give a whole file its name. What lies there is replaced, a link itself and not what it leads to."""
        relative = self.places[path]
        target = self.folder(relative.rpartition("/")[0]) / relative.rpartition("/")[2]
        try:
            part.replace(target)
        except OSError as error:
            raise cannot_write(target, error) from error
        self.brought.add(path)
        return target


class Part:
    """A file that has come so far. Its hash goes along with what is written. Raises UserError where it cannot be."""

    def __init__(self, home: Home, path: str, file: Path) -> None:
        self._home, self._path, self._file = home, path, file
        self._digest = hashlib.sha256()
        try:
            self._out = _own(file)
            self.size = os.fstat(self._out.fileno()).st_size
        except OSError as error:
            raise cannot_write(file, error) from error

    def prefix_sum(self) -> str:
        """SHA-256 of what is there already; what is written goes on behind it."""
        self._digest = hashlib.sha256()
        try:
            self._out.seek(0)
            while block := self._out.read(_BLOCK):
                self._digest.update(block)
        except OSError as error:
            raise cannot_write(self._file, error) from error
        return self._digest.hexdigest()

    def restart(self) -> None:
        """Forget what is there."""
        try:
            self._out.seek(0)
            self._out.truncate()
        except OSError as error:
            raise cannot_write(self._file, error) from error
        self.size, self._digest = 0, hashlib.sha256()

    def write(self, data: bytes | memoryview) -> None:
        """The next bytes."""
        try:
            view = memoryview(data)
            while view:
                view = view[self._out.write(view) :]
        except OSError as error:
            raise cannot_copy(self._path, error) from error
        self._digest.update(data)
        self.size += len(data)

    def sum(self) -> str:
        """SHA-256 of all of it."""
        return self._digest.hexdigest()

    def settle(self) -> Path:
        """It is whole and right: give it its name."""
        self.close()
        return self._home.settle(self._file, self._path)

    def drop(self) -> None:
        """It is of no use."""
        self.close()
        with contextlib.suppress(OSError):
            self._file.unlink()

    def close(self) -> None:
        """Keep what came."""
        with contextlib.suppress(OSError):
            self._out.close()


def _own(file: Path) -> IO[bytes]:
    """`file` open for reading and writing: a plain file that has no other name."""
    flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    with contextlib.suppress(OSError):
        handle = os.open(file, flags, 0o600)
        seen = os.fstat(handle)
        if stat.S_ISREG(seen.st_mode) and seen.st_nlink == 1:
            return os.fdopen(handle, "r+b", buffering=0)
        os.close(handle)
    with contextlib.suppress(FileNotFoundError):
        file.unlink()
    return os.fdopen(os.open(file, flags | os.O_EXCL, 0o600), "r+b", buffering=0)


def _locked(path: Path) -> IO[bytes]:
    """A lock that ends with this process, however it ends; on Windows an open file cannot be replaced anyway."""
    lock: Any = None
    try:
        lock = _own(path)
        if os.name == "posix":
            import fcntl

            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        raise UserError(
            t("another dkai is fetching into {folder}", folder=path.parent.parent),
            code="fetch-busy",
            hint=t("wait for it, or choose another folder with --into"),
        ) from None
    except OSError as error:
        raise cannot_write(path, error) from error
    return lock  # type: ignore[no-any-return]


def cannot_copy(name: str, error: OSError) -> DkaiError:
    """The error for a file that this computer could not read or write; a full disk has a code of its own."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return RemoteError(
            t("there is no room for {file} on {place}", file=one_line(name), place=t("this computer")),
            code="disk-full",
            hint=t("free some space (or ask for a larger quota), then try again"),
        )
    return UserError(
        t("cannot copy {file}: {why}", file=one_line(name), why=reason(error)),
        code="cannot-copy",
        hint=t("check that the file is there and that you may read and write there"),
    )


def still_written(paths: Sequence[str]) -> RemoteError:
    """The error for files that did not keep still."""
    return RemoteError(
        nt("{file} was changed or removed while it was read", "{n} files were changed or removed while they were read: "
           "{file} …", len(paths), file=one_line(paths[0])),
        code="file-changed",
        hint=t("all others are here; wait until the job has ended, and fetch again"),
        details={"files": list(paths)},
    )  # fmt: skip


class Moved:
    """Bytes done, told to whoever wants to know."""

    def __init__(self, total: int, progress: Progress | None) -> None:
        self.done, self._total, self._progress = 0, total, progress

    def add(self, count: int) -> None:
        """So many more; fewer when something has to be done again."""
        self.done += count
        if self._progress:
            self._progress(max(0, min(self.done, self._total)), self._total)
