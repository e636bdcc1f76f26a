"""Open the catalogue in milliseconds: the built-in index, or one made of all layers and kept in the cache.

Whether a kept index still fits is told by the layers' fingerprints: names, sizes and times of their files, which cost
microseconds a file. Only when a fingerprint is new are the files read and hashed; only when the hash is new is an
index made.
"""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from os import scandir
from pathlib import Path

from dkai.catalogue.added import added_layers, layers_of_user
from dkai.catalogue.catalogue import Catalogue
from dkai.catalogue.kinds import FOLDERS
from dkai.core import paths
from dkai.core.errors import DkaiError
from dkai.core.i18n import t

FORMAT = 6  # as in index.py, which is too much to import for opening
_KEPT = 4  # indexes in the cache; more than one dkai may be in use

Layer = tuple[str, Path]


def open_catalogue() -> Catalogue:
    """The catalogue of all layers. Raises DkaiError only when not even the built-in one can be read or made."""
    layers = layers_of_user()
    gone = tuple(
        t("{folder}: the layer “{name}” is not there", folder=folder, name=name)
        for name, folder in added_layers()
        if (name, folder) not in layers
    )
    shipped = _shipped()
    if shipped is not None and not layers and not _is_source_tree():
        return Catalogue(shipped, gone, mend=partial(_make, _all_layers([]), _BUILT_IN_AGAIN))
    memory = _Memory()
    if shipped is not None and not _is_source_tree():
        contents = [_fact(shipped, "content")]
    else:
        contents = [memory.content_of_built_in()]
    contents += [memory.content_of(folder) for _, folder in layers]
    memory.keep()
    name = "-".join(content[:16] for content in contents)
    if shipped is not None and not layers and _fact(shipped, "content") == contents[0]:
        return Catalogue(shipped, gone, mend=partial(_make, _all_layers([]), name))
    try:
        database = _connect(_place(name))
    except sqlite3.Error:
        database = _make(_all_layers(layers), name)
    problems = tuple(json.loads(_fact(database, "problems") or "[]"))
    return Catalogue(database, gone + problems, mend=partial(_make, _all_layers(layers), name))


_BUILT_IN_AGAIN = "built-in"


def _all_layers(added: list[Layer]) -> list[Layer]:
    return [("dkai", paths.entries_dir()), *added]


def shipped_index() -> Path:
    """Where the index that came with dkai lies, if one came."""
    return paths.package_file("catalogue/index.sqlite")


def _shipped() -> sqlite3.Connection | None:
    """The index that came with dkai; None where it is missing or damaged."""
    try:
        return _connect(shipped_index())
    except sqlite3.Error:
        return None


def _connect(path: Path) -> sqlite3.Connection:
    """The index at `path`, read-only; sqlite3.Error when it is not there, not an index, or of another format."""
    database = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False)
    try:
        (found,) = database.execute("PRAGMA user_version").fetchone()
        if found != FORMAT or not _fact(database, "version"):
            raise sqlite3.DatabaseError("another format")
    except sqlite3.Error:
        database.close()
        raise
    return database


def _fact(database: sqlite3.Connection, key: str) -> str:
    row = database.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
    return row[0] if row else ""


def _make(layers: list[Layer], name: str) -> sqlite3.Connection:
    """Compile the layers and keep the result; where the cache cannot be written, in memory. Raises DkaiError."""
    from dkai.catalogue.compile import compile_layers
    from dkai.catalogue.index import fill, write_index

    rows, problems = compile_layers(layers)
    facts = {"content": name, "problems": json.dumps([str(problem) for problem in problems])}
    target = _place(name)
    try:
        try:
            write_index(rows, target, facts)
            _forget_old(target)
            return _connect(target)
        except (OSError, sqlite3.OperationalError):
            database = sqlite3.connect(":memory:", check_same_thread=False)
            fill(database, rows, facts)
            return database
    except sqlite3.Error as error:
        raise DkaiError(
            t("the catalogue's index cannot be made: {why}", why=error),
            code="no-catalogue",
            hint=t("dkai needs a Python whose SQLite has FTS5; dkai doctor tells which Python this is"),
        ) from error


def _forget_old(newest: Path) -> None:
    """Keep the few indexes that were made last."""
    with suppress(OSError):
        others = sorted(newest.parent.glob("*.sqlite"), key=lambda p: p.stat().st_mtime, reverse=True)
        for path in others[_KEPT:]:
            path.unlink(missing_ok=True)


class _Memory:
    """Which content stood behind which fingerprint, kept in the cache."""

    def __init__(self) -> None:
        self._file = _folder() / "seen.json"
        self._seen: dict[str, str] = {}
        self._new = False
        with suppress(OSError, ValueError):
            read = json.loads(self._file.read_text(encoding="utf-8"))
            self._seen = {str(key): str(value) for key, value in read.items()} if isinstance(read, dict) else {}

    def content_of(self, folder: Path) -> str:
        """The hash of the layer's content; its files are read only when their fingerprint is new."""
        return self._hash(f"{folder}:{fingerprint_of(folder)}", partial(_content, folder))

    def content_of_built_in(self) -> str:
        """The same for the built-in entries together with the thesaurus."""
        folder, stat = paths.entries_dir(), paths.package_file("catalogue/thesaurus.yaml").stat()
        fingerprint = f"{folder}:{fingerprint_of(folder)}:{stat.st_size}-{stat.st_mtime_ns}"
        return self._hash(fingerprint, partial(_content, folder, built_in=True))

    def _hash(self, fingerprint: str, work_out: Callable[[], str]) -> str:
        if fingerprint not in self._seen:
            self._seen[fingerprint] = work_out()
            self._new = True
        return self._seen[fingerprint]

    def keep(self) -> None:
        """Write down what is new; a cache that cannot be written costs time, not the answer."""
        if self._new:
            from dkai.core.files import write_private

            with suppress(DkaiError):
                write_private(self._file, json.dumps(dict([*self._seen.items()][-20:])))


def _content(folder: Path, *, built_in: bool = False) -> str:
    from dkai.catalogue.compile import built_in_hash, content_hash

    return built_in_hash(folder) if built_in else content_hash(folder)


def fingerprint_of(folder: Path) -> str:
    """Count, size, newest change and checksum of a layer's files, without opening one."""
    count = size = newest = checksum = 0
    for below in FOLDERS:
        with suppress(OSError), scandir(folder / below) as found:
            for file in found:
                if file.name.endswith(".yaml"):
                    stat = file.stat()
                    count += 1
                    size += stat.st_size
                    newest = max(newest, stat.st_mtime_ns)
                    told = f"{below}/{file.name}/{stat.st_size}/{stat.st_mtime_ns}"
                    checksum += zlib.crc32(told.encode("utf-8", "surrogateescape"))  # a sum: in whatever order
    return f"{count}-{size}-{newest}-{checksum}"


def _folder() -> Path:
    return paths.cache_dir() / "catalogue"


def _place(name: str) -> Path:
    from dkai import __version__

    return _folder() / f"{__version__}-{name}.sqlite"


def _is_source_tree() -> bool:
    """Whether the YAML beside this code may be newer than the index beside it: a checkout, not an installation."""
    return (paths.entries_dir() / "../../../../pyproject.toml").is_file()
