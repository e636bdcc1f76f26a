"""Files to a computer behind SSH, as one stream: a tar of the small ones, then the large ones' bytes.

In the usual case that is all, in one channel. Where an upload was cut off before, the other side is asked first what it
has: whole files are not sent again, and a large one is gone on with if what is there is its beginning.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dkai.compute.host import Progress, Upload, wire
from dkai.compute.host.names import checked
from dkai.compute.host.transfer_far import Far
from dkai.compute.host.transfer_home import Moved
from dkai.compute.host.transfer_tar import END, header, padding
from dkai.core.errors import RemoteError, UserError
from dkai.core.i18n import t
from dkai.core.oserrors import reason

LARGE = 4 << 20
_PIECE = 256 * 1024
Write = Callable[[bytes], object]


@dataclass(slots=True)
class Sending:
    """What still has to be sent. `large` has the offset from which on, and the hash of what comes before it."""

    small: list[Upload] = field(default_factory=list)
    large: list[tuple[Upload, int, Any]] = field(default_factory=list)
    there: int = 0  # bytes that need not be sent
    whole: bool = False  # everything is in its place


def put(far: Far, files: Sequence[Upload], progress: Progress | None, *, again: bool) -> None:
    """Put the files below the folder; with `again` the other side is asked first what it has.

    Raises RemoteError or UserError (`input-changed`).
    """
    for file in files:
        if checked(file.to).partition("/")[0] in (wire.IN, ".dkai-sums"):
            raise _ours(file)
    sending = _left(far, files) if again else _split(files)
    moved = Moved(sum(file.size for file in files), progress)
    moved.add(sending.there)
    if sending.whole:
        return
    small = [file for file in files if file.size < LARGE]
    own = [
        _made(
            "large",
            wire.large_program([(file, offset) for file, offset, _ in sending.large]).encode(
                "utf-8", "surrogateescape"
            ),
        ),
        _made("names", wire.names(file.to for file in small)),
        _made("sums", wire.sums_of(small)),
    ]
    members = [*own, *sending.small]
    size = sum(len(_header(m)) + m.size + padding(m.size) for m in members) + len(END)

    def feed(write: Write) -> None:
        gathered = _Gathered(write)
        for number, member in enumerate(members):
            gathered(_header(member))
            _send(member, 0, hashlib.sha256(), gathered, moved if number >= len(own) else None)
            gathered(bytes(padding(member.size)))
        gathered(END)
        for file, offset, digest in sending.large:
            _send(file, offset, digest, gathered, moved)
        gathered.flush()

    try:
        code, errors = far.run(wire.receive_script(far.folder, size), feed=feed)
    except UserError:
        # What was sent belongs to files that are no more: nobody will go on with it.
        with contextlib.suppress(RemoteError):
            far.run(wire.discard_script(far.folder))
        raise
    far.must(code, errors)


class _Gathered:
    """Small pieces go together: each that is sent alone costs a packet."""

    def __init__(self, write: Write) -> None:
        self._write = write
        self._held = bytearray()

    def __call__(self, data: bytes) -> None:
        """The next piece."""
        self._held += data
        if len(self._held) >= _PIECE:
            self.flush()

    def flush(self) -> None:
        """Send what is held."""
        data, self._held = bytes(self._held), bytearray()
        if data:
            self._write(data)


def _split(files: Sequence[Upload]) -> Sending:
    sending = Sending()
    for file in files:
        if file.size < LARGE:
            sending.small.append(file)
        else:
            sending.large.append((file, 0, hashlib.sha256()))
    return sending


def _left(far: Far, files: Sequence[Upload]) -> Sending:
    """What is left to send, as the other side tells it."""
    asked = [file.to for file in files] + [wire.large_part(file) for file in files if file.size >= LARGE]
    _, line = far.line(wire.state_script(far.folder), wire.names(asked))
    state, there = wire.parse_state(line)
    sending, begun = Sending(), set[str]()
    for file in files:
        if there.get(file.to) == (file.size, file.sha256):
            sending.there += file.size
        elif file.size < LARGE:
            sending.small.append(file)
        else:
            size, digest = there.get(wire.large_part(file), (0, "")) if file.sha256 not in begun else (0, "")
            offset, known = _prefix(file, size, digest)
            begun.add(file.sha256)  # a second file of the same content comes whole
            sending.large.append((file, offset, known))
            sending.there += offset
    sending.whole = state == "there" and not sending.small and not sending.large
    return sending


def _prefix(file: Upload, size: int, digest: str) -> tuple[int, Any]:
    """From which byte on the file has to be sent, and the hash of what comes before it."""
    known = hashlib.sha256()
    if not 0 < size <= file.size:
        return 0, known
    for piece in _pieces(file, 0, size):
        known.update(piece)
    return (size, known) if known.hexdigest() == digest else (0, hashlib.sha256())


def _send(file: Upload, offset: int, digest: Any, write: Write, moved: Moved | None) -> None:
    """The bytes from `offset` on. Raises UserError when the whole is not what it was when the job was planned."""
    for piece in _pieces(file, offset, file.size):
        digest.update(piece)
        write(piece)
        if moved is not None:
            moved.add(len(piece))
    if digest.hexdigest() != file.sha256:
        raise _changed(file)


def _pieces(file: Upload, start: int, end: int) -> Iterator[bytes]:
    if isinstance(file.source, bytes):
        yield from (file.source[place : min(place + _PIECE, end)] for place in range(start, end, _PIECE))
        return
    try:
        with file.source.open("rb", buffering=0) as source:
            source.seek(start)
            left = end - start
            while left:
                piece = source.read(min(_PIECE, left))
                if not piece:
                    raise _changed(file)
                left -= len(piece)
                yield piece
            if end == file.size and source.read(1):
                raise _changed(file)
    except OSError as error:
        raise UserError(
            t("cannot read {path}: {why}", path=file.source, why=reason(error)),
            code="cannot-read",
            hint=t("check that the file is there and that you may read it"),
        ) from error


def _made(name: str, data: bytes) -> Upload:
    return Upload(f"{wire.IN}/{name}", data, len(data), hashlib.sha256(data).hexdigest())


def _header(file: Upload) -> bytes:
    return header(file.to, file.size, file.mode)


def _changed(file: Upload) -> UserError:
    return UserError(
        t("{path} was changed while it was sent", path=file.source if isinstance(file.source, Path) else file.to),
        code="input-changed",
        hint=t("let the program that writes it finish, and submit again"),
    )


def _ours(file: Upload) -> UserError:
    return UserError(
        t("the file name “{name}” is one that dkai uses itself", name=file.to),
        code="bad-file-name",
        hint=t("rename it"),
    )
