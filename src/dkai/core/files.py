"""Writing that is whole or not at all, and private."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path

from dkai.core.errors import UserError
from dkai.core.i18n import t
from dkai.core.oserrors import reason


def cannot_write(path: Path, error: OSError) -> UserError:
    """The error to raise when `path` cannot be written."""
    return UserError(
        t("cannot write {path}: {why}", path=path, why=reason(error)),
        code="cannot-write",
        hint=t("check the folder's permissions and free space, or move dkai's folders with DKAI_HOME"),
    )


def private_folder(path: Path) -> Path:
    """`path`, it and its parents made with mode 0700 where they do not exist yet. Raises UserError."""
    try:
        # Not mkdir's own `parents`: that gives the mode to the last one only.
        for folder in reversed([path, *path.parents]):
            if not folder.is_dir():
                folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise cannot_write(path, error) from error
    return path


def write_private(path: Path, content: str | bytes, *, mode: int = 0o600) -> None:
    """Write the whole file or leave the old one: a neighbour is written, synced and renamed. Raises UserError."""
    data = content.encode("utf-8") if isinstance(content, str) else content
    private_folder(path.parent)
    temporary: str | None = None
    try:
        handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(mode)
        Path(temporary).replace(path)
    except OSError as error:
        raise cannot_write(path, error) from error
    finally:
        # After a successful replace the neighbour is gone already.
        if temporary is not None:
            with contextlib.suppress(OSError):
                Path(temporary).unlink()


def read_text(path: Path, *, limit_bytes: int = 10_000_000) -> str:
    """The text of a small file (UTF-8, with or without BOM). Raises UserError for anything that prevents it."""
    try:
        with path.open("rb") as file:
            data = file.read(limit_bytes + 1)
    except OSError as error:
        raise UserError(
            t("cannot read {path}: {why}", path=path, why=reason(error)),
            code="cannot-read",
            hint=t("check that the file is there and that you may read it"),
        ) from error
    if len(data) > limit_bytes:
        raise UserError(
            t("{path} is larger than a file of this kind can be", path=path),
            code="file-too-large",
            hint=t("check that it is the file you meant"),
        )
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UserError(
            t("{path} is not UTF-8 text (byte {place})", path=path, place=error.start),
            code="not-utf8",
            hint=t("save it again as UTF-8"),
        ) from error
