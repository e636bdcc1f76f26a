"""tar as it travels: members written one after another, and a stream taken apart as its pieces come.

GNU's format, in which every name is bytes: pax would have the other side's tar convert names to its own locale.
"""

from __future__ import annotations

import tarfile
from collections.abc import Callable
from typing import Protocol

BLOCK = 512
END = bytes(2 * BLOCK)
Bytes = bytes | memoryview
_LONG_NAME = 1 << 20  # no name is longer


def header(name: str, size: int, mode: int) -> bytes:
    """What comes before a regular file's bytes."""
    info = tarfile.TarInfo(name)
    info.size, info.mode = size, mode
    return info.tobuf(tarfile.GNU_FORMAT, "utf-8", "surrogateescape")


def padding(size: int) -> int:
    """Bytes after a file of `size`, up to the next block."""
    return -size % BLOCK


class Sink(Protocol):
    """Where one file of a stream goes."""

    def write(self, data: Bytes) -> object:
        """The next bytes."""

    def end(self) -> object:
        """It was whole."""


class BadTar(Exception):
    """The stream is no tar."""


class TarReader:
    """Takes a tar stream apart. `begin(name)` gives the sink of each regular file; other members are
    passed over. Nothing is kept but a header.
    """

    def __init__(self, begin: Callable[[str], Sink]) -> None:
        self._begin = begin
        self._held = bytearray()  # a header, or a long name
        self._sink: Sink | None = None
        self._long: str | None = None
        self._in_name = False
        self._left = self._pad = 0
        self.ended = False

    def feed(self, data: bytes) -> None:
        """The next piece. Raises BadTar, and what a sink raises."""
        view = memoryview(data)
        while view and not self.ended:
            if self._left:
                view = self._body(view)
            elif self._pad:
                step = min(self._pad, len(view))
                self._pad -= step
                view = view[step:]
            else:
                step = BLOCK - len(self._held)
                self._held += view[:step]
                view = view[step:]
                if len(self._held) == BLOCK:
                    block, self._held = bytes(self._held), bytearray()
                    self._header(block)

    def _body(self, view: memoryview) -> memoryview:
        step = min(self._left, len(view))
        if self._in_name:
            self._held += view[:step]
        elif self._sink is not None:
            self._sink.write(view[:step])
        self._left -= step
        if not self._left:
            self._finish()
        return view[step:]

    def _finish(self) -> None:
        if self._in_name:
            self._long = bytes(self._held).rstrip(b"\0").decode("utf-8", "surrogateescape")
            self._held, self._in_name = bytearray(), False
        elif self._sink is not None:
            sink, self._sink = self._sink, None
            sink.end()

    def _header(self, block: bytes) -> None:
        if not any(block):
            self.ended = True
            return
        try:
            info = tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
        except tarfile.HeaderError as error:
            raise BadTar(str(error)) from error
        self._left, self._pad = info.size, padding(info.size)
        if info.type in (tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK):
            if info.size > _LONG_NAME:
                raise BadTar("a name without end")
            # A link's long target is read and forgotten.
            self._in_name = info.type == tarfile.GNUTYPE_LONGNAME
            return
        name, self._long = (info.name if self._long is None else self._long), None
        if info.type in (tarfile.REGTYPE, tarfile.AREGTYPE):
            self._sink = self._begin(name)
        if not self._left:
            self._finish()
