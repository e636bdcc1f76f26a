"""Where things are: what ships with dkai, and the person's own folders."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent.parent


def package_file(relative: str) -> Path:
    """A file inside the installed package, such as `locale/da.mo`."""
    return _PACKAGE / relative


def entries_dir() -> Path:
    """The built-in catalogue's YAML."""
    return _PACKAGE / "catalogue" / "entries"


def recipes_dir() -> Path:
    """The recipes that ship with dkai.

    A wheel carries them inside the package; a source tree has them at its top. Only this function knows both.
    """
    shipped = _PACKAGE / "_recipes"
    return shipped if shipped.is_dir() else _PACKAGE.parent.parent / "recipes"


@cache
def _dirs() -> tuple[Path, Path, Path]:
    home = os.environ.get("DKAI_HOME")
    if home:
        base = Path(home).expanduser()
        return base / "config", base / "data", base / "cache"
    from platformdirs import PlatformDirs

    dirs = PlatformDirs("dkai", appauthor=False)
    return Path(dirs.user_config_dir), Path(dirs.user_data_dir), Path(dirs.user_cache_dir)


def config_dir() -> Path:
    """Settings and sites; may not exist yet."""
    return _dirs()[0]


def data_dir() -> Path:
    """Ledger, answers, results; may not exist yet."""
    return _dirs()[1]


def cache_dir() -> Path:
    """What can be made again: layered index, what a cluster said; may not exist yet."""
    return _dirs()[2]


def forget_cached_places() -> None:
    """Read `DKAI_HOME` again at the next question; for programs that change it while running."""
    _dirs.cache_clear()
