"""Open the catalogue in milliseconds: the built-in index, or one made of all layers and kept in the cache.

Whether a kept index still fits is told by the layers' fingerprints: names, sizes and times of their files, which cost
microseconds a file. Only when a fingerprint is new are the files read and hashed; only when the hash is new is an
index made.
"""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from os import scandir
from pathlib import Path

from dkai.catalogue.added import layers_of_user
from dkai.catalogue.catalogue import Catalogue
from dkai.catalogue.kinds import FOLDERS
from dkai.core import paths
from dkai.core.errors import DkaiError
from dkai.core.i18n import t

FORMAT = 1  # as in index.py, which is too much to import for opening
_KEPT = 4  # indexes in the cache; more than one dkai may be in use

Layer = tuple[str, Path]


def open_catalogue() -> Catalogue:
    """The catalogue of all layers. Raises DkaiError only when not even the built-in one can be read or made."""
    layers = layers_of_user()
    shipped = paths.package_file("catalogue/index.sqlite")
    in_source = _is_source_tree()
    if not layers and not in_source:
        with suppress(sqlite3.Error):
            return Catalogue(_connect(shipped), mend=partial(_make_anew, [("dkai", paths.entries_dir())]))
    everything = [("dkai", paths.entries_dir()), *layers]
    key = _key(everything)
    if not layers:
        with suppress(sqlite3.Error):
            database = _connect(shipped)
            if _fact(database, "content") == key:
                return Catalogue(database, mend=partial(_make_anew, everything))
            database.close()
    return _kept_or_made(everything, key)


def _kept_or_made(layers: list[Layer], key: str) -> Catalogue:
    kept = _folder() / f"{_version()}-{key[:32]}.sqlite"
    try:
        database = _connect(kept)
    except sqlite3.Error:
        database = _make(layers, kept)
    problems = tuple(json.loads(_fact(database, "problems") or "[]"))
    return Catalogue(database, problems, mend=partial(_make, layers, kept))


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


def _make_anew(layers: list[Layer]) -> sqlite3.Connection:
    return _make(layers, _folder() / f"{_version()}-{_key(layers)[:32]}.sqlite")


def _make(layers: list[Layer], target: Path) -> sqlite3.Connection:
    """Compile the layers into `target`; where that cannot be written, into memory. Raises DkaiError."""
    from dkai.catalogue.compile import compile_layers
    from dkai.catalogue.index import fill, write_index

    rows, problems, content = compile_layers(layers)
    facts = {"content": content, "problems": json.dumps([str(problem) for problem in problems])}
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


def _key(layers: Sequence[Layer]) -> str:
    """The content's hash, remembered by the files' fingerprint."""
    fingerprint = ";".join(f"{name}={folder}:{fingerprint_of(folder)}" for name, folder in layers)
    memory = _folder() / "seen.json"
    seen: dict[str, str] = {}
    with suppress(OSError, ValueError):
        read = json.loads(memory.read_text(encoding="utf-8"))
        seen = read if isinstance(read, dict) else {}
    if isinstance(known := seen.get(fingerprint), str):
        return known
    from dkai.catalogue.compile import content_hash
    from dkai.core.files import write_private

    key = content_hash(layers)
    newest = dict([*seen.items(), (fingerprint, key)][-20:])
    with suppress(DkaiError):
        write_private(memory, json.dumps(newest))
    return key


def fingerprint_of(folder: Path) -> str:
    """Count, size, newest change and checksum of a layer's files, without opening one."""
    files: list[tuple[str, int, int]] = []
    for below in FOLDERS:
        with suppress(OSError), scandir(folder / below) as found:
            for file in found:
                if file.name.endswith(".yaml"):
                    stat = file.stat()
                    files.append((f"{below}/{file.name}", stat.st_size, stat.st_mtime_ns))
    files.sort()
    checksum = zlib.crc32(repr(files).encode("utf-8", "surrogateescape"))
    return f"{len(files)}-{sum(f[1] for f in files)}-{max((f[2] for f in files), default=0)}-{checksum:08x}"


def _folder() -> Path:
    return paths.cache_dir() / "catalogue"


def _version() -> str:
    from dkai import __version__

    return __version__


def _is_source_tree() -> bool:
    """Whether the YAML beside this code may be newer than the index beside it: a checkout, not an installation."""
    return (paths.package_file("../../pyproject.toml")).is_file()
