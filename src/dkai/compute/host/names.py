"""Paths that come from elsewhere: never out of their folder, never a name that steers a terminal."""

from __future__ import annotations

import hashlib
import re
import sys
import unicodedata
from collections.abc import Iterable
from pathlib import Path

from dkai.core.clean import one_line
from dkai.core.errors import RemoteError
from dkai.core.i18n import t

OURS = ".dkai"  # at home: what dkai itself keeps in a folder of results
LONGEST = 255  # bytes of one name, on every file system that is in use
# Controls, what makes a name read as another, bytes that were no UTF-8; and what Windows has other uses for:
# https://learn.microsoft.com/windows/win32/fileio/naming-a-file
_UNSHOWABLE = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_NOT_ON_WINDOWS = re.compile(
    r'[<>:"|?*\\]|[ .]$|^(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[\d¹²³])(?=[ .]|$)', re.IGNORECASE
)


def checked(path: str) -> str:
    """A relative POSIX path that stays in its folder, as it is. Raises RemoteError."""
    parts = path.split("/")
    if not path or path.startswith("/") or "\0" in path or any(part in ("", ".", "..") for part in parts):
        raise leads_out(path)
    return path


def tame(path: str, windows: bool = sys.platform == "win32") -> str:
    """`path` with names that this computer can have and a terminal can show. Raises RemoteError when it leads out.

    What cannot stay becomes `_`, with a few digits of the name's checksum so that no two names become one.
    """
    first, *more = checked(path).split("/")
    tamed = [_tame(part, windows) for part in (first, *more)]
    if _folded(tamed[0]) == OURS:
        tamed[0] = _marked(f"_{first}", first)
    return "/".join(tamed)


class Places:
    """Where each path of a folder goes at home, relative to the folder there.

    Where the file system takes `A` and `a` (or two spellings of `å`) for one name, the later one of them in the order
    of the paths gets a few digits of its checksum.
    """

    def __init__(self, *, folding: bool, windows: bool = sys.platform == "win32") -> None:
        self._folding, self._windows = folding, windows
        self._taken: dict[str, dict[str, str]] = {}  # folder at the source → folded name → name there

    def all(self, paths: Iterable[str]) -> dict[str, str]:
        """The places of `paths`. Raises RemoteError for a path that leads out."""
        return {path: self._of(path) for path in sorted(paths)}

    def _of(self, path: str) -> str:
        tamed = tame(path, self._windows)
        if not self._folding:
            return tamed
        found, folder = [], ""
        for raw, name in zip(path.split("/"), tamed.split("/"), strict=True):
            owner = self._taken.setdefault(folder, {}).setdefault(_folded(name), raw)
            found.append(name if owner == raw else _marked(name, raw))
            folder = f"{folder}/{raw}"
        return "/".join(found)


def folds(folder: Path) -> bool:
    """Whether the file system of `folder` takes `A` and `a` for one name; nothing is written to find out."""
    for path in (folder, *folder.parents):
        swapped = path.with_name(path.name.swapcase()) if path.name else path
        if swapped.name != path.name and path.exists():
            try:
                return swapped.exists() and swapped.samefile(path)
            except OSError:
                return False
    return False


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def _tame(part: str, windows: bool) -> str:
    tamed = _UNSHOWABLE.sub("_", part)
    if windows:
        tamed = _NOT_ON_WINDOWS.sub("_", tamed)
    return part if tamed == part and len(part.encode("utf-8", "replace")) <= LONGEST else _marked(tamed, part)


def _marked(name: str, part: str) -> str:
    mark = f"-{hashlib.sha256(part.encode('utf-8', 'backslashreplace')).hexdigest()[:6]}"
    return name.encode()[: LONGEST - len(mark)].decode("utf-8", "ignore") + mark


def leads_out(path: str) -> RemoteError:
    """The error for a path that is not one of a file in its folder."""
    return RemoteError(
        t("the path {path} leads out of its folder", path=one_line(repr(path))),
        code="unsafe-path",
        hint=t("nothing was written there; look at the folder by hand before you trust what is in it"),
    )
