"""Paths that come from elsewhere: never out of their folder, never a name that steers a terminal."""

from __future__ import annotations

import re
import sys
from pathlib import Path, PurePosixPath

from dkai.core.errors import RemoteError
from dkai.core.i18n import t

# Controls, what makes a name read as another, bytes that were no UTF-8; and what Windows has other uses for.
_UNSHOWABLE = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_NOT_ON_WINDOWS = re.compile(r'[<>:"|?*\\]|[ .]$|^(?:con|prn|aux|nul|com\d|lpt\d)(?=\.|$)', re.IGNORECASE)


def checked(path: str) -> str:
    """A relative POSIX path that stays in its folder, as it is. Raises RemoteError."""
    parts = path.split("/")
    if not path or path.startswith("/") or "\0" in path or any(part in ("", ".", "..") for part in parts):
        raise RemoteError(
            t("the path {path} leads out of its folder", path=repr(path)),
            code="unsafe-path",
            hint=t("nothing was written; look at the folder by hand before you trust what is in it"),
        )
    return path


def at_home(into: Path, path: str, windows: bool = sys.platform == "win32") -> Path:
    """Where the file `path` of a place goes below `into`; characters that cannot be shown become `_`."""
    parts = [_UNSHOWABLE.sub("_", part) for part in PurePosixPath(checked(path)).parts]
    if windows:
        parts = [_NOT_ON_WINDOWS.sub("_", part) for part in parts]
    return into.joinpath(*parts)
