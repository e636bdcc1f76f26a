"""Files and the program that uses them, handed over as one stream: nothing runs unless all of it arrived and was meant.

The stream is a compressed tar. Its last member, `GO`, is written only after `commit` has returned: a stream that is cut
off before that, wherever, is files at most. What arrived is checked before the program is begun.
"""

from __future__ import annotations

import io
import shlex
import tarfile
from collections.abc import Callable, Sequence
from typing import IO, Any, cast

from dkai.compute.host import Progress, Upload, wire
from dkai.compute.host.names import checked
from dkai.core.errors import UserError
from dkai.core.i18n import t
from dkai.core.oserrors import reason

NAMES, SUMS, GO = ".dkai-names", ".dkai-sums", ".dkai-go"
THERE = b"dkai-there/1\n"  # said once everything is in its place, before the program begins
Write = Callable[[bytes], object]


def script(folder: str, argv: Sequence[str]) -> str:
    """Unpack the stream below `folder`, check it, and become `argv`. A folder that is new appears whole or not at all.

    Exit 66: checksums differ; 67: it could not be written, or broke off; 68: it was not meant to be run.
    """
    return f"""{{
umask 077
target={shlex.quote(folder)}
if [ -e "$target" ]; then work=$target; new=; else work=$target.incoming.$$; new=1; fi
[ -z "$new" ] || trap 'rm -rf -- "$work"' EXIT
mkdir -p -- "$work" && rm -f -- "$work/{GO}" || exit 67
tar -xzmf - -C "$work" || exit 67
( cd -- "$work" && xargs -0 -r sha256sum -z -- <{NAMES} | cmp - {SUMS} >&2 ) || exit 66
[ -f "$work/{GO}" ] || exit 68
rm -f -- "$work/{NAMES}" "$work/{SUMS}" "$work/{GO}"
[ -z "$new" ] || mv -T -- "$work" "$target" || exit 67
trap - EXIT
echo {THERE.decode().strip()}
exec {shlex.join(argv)} </dev/null
}}
"""


def write(files: Sequence[Upload], send: Write, commit: Callable[[], object], progress: Progress | None) -> None:
    """The whole stream. What `commit` raises goes through, and the stream then ends without its last member.

    Raises UserError when a file cannot be read or has become shorter.
    """
    total, done = sum(file.size for file in files), 0
    with tarfile.open(
        fileobj=cast(Any, _Out(send)), mode="w|gz", format=tarfile.GNU_FORMAT, errors="surrogateescape"
    ) as archive:
        # NUL-separated, for any name at all: `sha256sum -c` drops a carriage return at a line's end.
        _add(archive, NAMES, 0o600, wire.names(file.to for file in files))
        _add(archive, SUMS, 0o600, wire.sums_of(files))
        for file in files:
            if checked(file.to) in (NAMES, SUMS, GO):
                raise UserError(
                    t("the file name “{name}” is one that dkai uses itself", name=file.to),
                    code="bad-file-name",
                    hint=t("rename it"),
                )
            _add_file(archive, file)
            done += file.size
            if progress:
                progress(done, total)
        commit()
        _add(archive, GO, 0o600, b"")


class _Out:
    """What tarfile writes to."""

    def __init__(self, send: Write) -> None:
        self._send = send

    def write(self, data: bytes) -> int:
        self._send(data)
        return len(data)


def _add(archive: tarfile.TarFile, name: str, mode: int, data: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.mode = len(data), mode
    archive.addfile(member, io.BytesIO(data))


def _add_file(archive: tarfile.TarFile, file: Upload) -> None:
    if isinstance(file.source, bytes):
        _add(archive, file.to, file.mode, file.source)
        return
    member = tarfile.TarInfo(file.to)
    member.size, member.mode = file.size, file.mode
    try:
        source = file.source.open("rb")
    except OSError as error:
        raise _cannot_read(file, error) from error
    with source:
        archive.addfile(member, cast(Any, _In(source, file)))


class _In:
    """A file as tarfile reads it: what goes wrong here is told apart from what goes wrong on the way."""

    def __init__(self, source: IO[bytes], file: Upload) -> None:
        self._source, self._file = source, file

    def read(self, size: int) -> bytes:
        try:
            data = self._source.read(size)
        except OSError as error:
            raise _cannot_read(self._file, error) from error
        if len(data) < size:
            raise UserError(
                t("{path} became shorter while it was sent", path=self._file.to),
                code="input-changed",
                hint=t("let the program that writes it finish, and submit again"),
            )
        return data


def _cannot_read(file: Upload, error: OSError) -> UserError:
    return UserError(
        t("cannot read {path}: {why}", path=file.source, why=reason(error)),
        code="cannot-read",
        hint=t("check that the file is there and that you may read it"),
    )
