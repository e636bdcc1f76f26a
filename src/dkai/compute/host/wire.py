"""The small shell programs that carry files, and the archive they read. Text and bytes only; nothing is run here.

The other side needs what every Linux cluster has: sh, GNU tar, find and sha256sum.
"""

from __future__ import annotations

import io
import shlex
import tarfile
from collections.abc import Callable, Iterable, Sequence

from dkai.compute.host import Progress, RemoteFile, Upload
from dkai.compute.host.names import checked
from dkai.core.errors import RemoteError, UserError
from dkai.core.i18n import t
from dkai.core.oserrors import reason

_CHUNK = 256 * 1024
_SUMS = ".dkai-sums"


def receive_script(folder: str) -> str:
    """Unpack a tar from stdin below `folder`, check every file, and only then give the folder its name.

    A folder that is new appears whole or not at all. Exit 66: checksums differ.
    """
    target = shlex.quote(folder)
    return f"""{{
umask 077
target={target}
if [ -e "$target" ]; then work=$target; new=; else work=$target.incoming.$$; new=1; fi
[ -z "$new" ] || trap 'rm -rf -- "$work"' EXIT
mkdir -p -- "$work" || exit 67
tar -xmf - -C "$work" || exit 67
( cd -- "$work" && {{ [ ! -s {_SUMS} ] || sha256sum -c --quiet --strict {_SUMS} >&2; }} ) || exit 66
rm -f -- "$work/{_SUMS}"
[ -z "$new" ] || mv -T -- "$work" "$target" || exit 67
exit 0
}}
"""


def write_archive(files: Sequence[Upload], write: Callable[[bytes], object], progress: Progress | None) -> None:
    """The files and their checksums as a tar stream. Raises UserError when a file cannot be read or has changed."""
    total, done = sum(file.size for file in files), 0

    def counted(data: bytes) -> None:
        nonlocal done
        write(data)
        done += len(data)
        if progress:
            progress(min(done, total), total)

    sums = "".join(_sum_line(file) for file in files).encode()
    _write_member(_SUMS, 0o600, len(sums), io.BytesIO(sums), write)
    for file in files:
        if checked(file.to) == _SUMS:
            raise UserError(
                t("the file name “{name}” is one that dkai uses itself", name=file.to),
                code="bad-file-name",
                hint=t("rename it"),
            )
        if isinstance(file.source, bytes):
            _write_member(file.to, file.mode, file.size, io.BytesIO(file.source), counted)
            continue
        try:
            with file.source.open("rb") as source:
                _write_member(file.to, file.mode, file.size, source, counted)
        except OSError as error:
            raise UserError(
                t("cannot read {path}: {why}", path=file.source, why=reason(error)),
                code="cannot-read",
                hint=t("check that the file is there and that you may read it"),
            ) from error
    write(b"\0" * 1024)


def _write_member(name: str, mode: int, size: int, source: io.BufferedIOBase, write: Callable[[bytes], object]) -> None:
    info = tarfile.TarInfo(name)
    info.size, info.mode = size, mode
    write(info.tobuf(tarfile.PAX_FORMAT, "utf-8", "surrogateescape"))
    left = size
    while left:
        data = source.read(min(_CHUNK, left))
        if not data:
            raise UserError(
                t("{path} became shorter while it was sent", path=name),
                code="input-changed",
                hint=t("let the program that writes it finish, and submit again"),
            )
        write(data)
        left -= len(data)
    write(b"\0" * (-size % 512))


def _sum_line(file: Upload) -> str:
    # sha256sum marks a name that holds a backslash with one in front and doubles it.
    escaped = file.to.replace("\\", "\\\\")
    mark = "\\" if escaped != file.to else ""
    return f"{mark}{file.sha256}  {escaped}\n"


def listing_script(folder: str) -> str:
    """Sizes, times and checksums of the regular files below `folder`, NUL-separated. Exit 44: no such folder."""
    return f"""{{
cd -- {shlex.quote(folder)} 2>/dev/null || exit 44
find . -type f -printf '%s %T@ %P\\0' && printf '\\0' && find . -type f -print0 | xargs -0 -r sha256sum -z --
exit $?
}}
"""


def parse_listing(data: bytes) -> list[RemoteFile]:
    """The files of `listing_script`'s answer, by name. Raises RemoteError when it is not such an answer."""
    first, separator, second = data.partition(b"\0\0") if not data.startswith(b"\0") else (b"", b"\0", b"")
    if not separator:
        raise RemoteError(
            t("the list of files came back incomplete"),
            code="bad-listing",
            hint=t("try again; the site needs GNU find and sha256sum"),
        )
    sums: dict[str, str] = {}
    for item in filter(None, second.split(b"\0")):
        digest, _, name = item.decode("utf-8", "surrogateescape").partition("  ")
        sums[name.removeprefix("./")] = digest
    files = []
    for item in filter(None, first.split(b"\0")):
        size, mtime, name = item.decode("utf-8", "surrogateescape").split(" ", 2)
        if name not in sums:
            continue  # it was removed between the two looks
        files.append(RemoteFile(name, int(size), float(mtime), sums[name]))
    return sorted(files, key=lambda file: file.path)


def send_back_script(folder: str, names: Iterable[str]) -> tuple[str, bytes]:
    """A program that writes the named files as a tar, and the list that it reads."""
    script = f"""{{
cd -- {shlex.quote(folder)} || exit 44
exec tar -cf - --no-recursion --null --verbatim-files-from -T -
}}
"""
    return script, b"".join(f"./{name}".encode("utf-8", "surrogateescape") + b"\0" for name in names)
