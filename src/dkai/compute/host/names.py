"""Paths that come from elsewhere: never out of their folder, never a name that steers a terminal."""

from __future__ import annotations

import hashlib
import re
import sys
from pathlib import Path

from dkai.core.clean import one_line
from dkai.core.errors import RemoteError
from dkai.core.i18n import t

# Controls, what makes a name read as another, bytes that were no UTF-8; and what Windows has other uses for.
_UNSHOWABLE = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_NOT_ON_WINDOWS = re.compile(r'[<>:"|?*\\]|[ .]$|^(?:con|prn|aux|nul|com\d|lpt\d)(?=\.|$)', re.IGNORECASE)


def checked(path: str) -> str:
    """A relative POSIX path that stays in its folder, as it is. Raises RemoteError."""
    parts = path.split("/")
    if not path or path.startswith("/") or "\0" in path or any(part in ("", ".", "..") for part in parts):
        raise _leads_out(path)
    return path


def at_home(into: Path, path: str, windows: bool = sys.platform == "win32") -> Path:
    """Where the file `path` of a place goes below `into`.

    Characters that cannot be shown become `_`, with a few digits of the name's checksum so that no two names become
    one. Raises RemoteError when it would leave `into`, also by way of a link that lies there.
    """
    target = into.joinpath(*(_tame(part, windows) for part in checked(path).split("/")))
    if not target.parent.resolve().is_relative_to(into.resolve()):
        raise _leads_out(path)
    return target


def _tame(part: str, windows: bool) -> str:
    tame = _UNSHOWABLE.sub("_", part)
    if windows:
        tame = _NOT_ON_WINDOWS.sub("_", tame)
    if tame == part:
        return part
    return f"{tame}-{hashlib.sha256(part.encode('utf-8', 'backslashreplace')).hexdigest()[:6]}"


def _leads_out(path: str) -> RemoteError:
    return RemoteError(
        t("the path {path} leads out of its folder", path=one_line(repr(path))),
        code="unsafe-path",
        hint=t("nothing was written there; look at the folder by hand before you trust what is in it"),
    )
