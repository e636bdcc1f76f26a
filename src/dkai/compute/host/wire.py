"""The small shell programs that carry files, and the answers they give. Text and bytes only; nothing is run here.

The other side needs what every Linux cluster has: sh, and of GNU's tools tar 1.29, find and coreutils 8.25 (all 2016).

While a program works without a word to say (checksums of large files take minutes), it sends a `.` every few seconds,
so that silence always means that something is wrong; then one line, and then whatever it has to send.
"""

from __future__ import annotations

import base64
import binascii
import shlex
from collections.abc import Callable, Iterable, Sequence

from dkai.compute.host import Listing, RemoteFile, Upload
from dkai.core.errors import RemoteError
from dkai.core.i18n import t

GONE, NOT_A_FOLDER = 44, 46
SHORT, DAMAGED, CANNOT, FULL = 65, 66, 67, 28
MOST_FILES = 250_000
STALE_DAYS = 14  # an upload that nobody went on with for so long is removed when the next one begins
IN = ".dkai-in"  # in the folder of an upload under way: its list, its sums, and what has come of large files

# `beat` until `still`. The sleeping process holds none of the channel's ends, so nobody waits for it.
_BEAT = """beating=
beat() {
  { while sleep 10 </dev/null >/dev/null 2>&1; do printf . || exit; done; } 2>/dev/null &
  beating=$!
}
still() {
  [ -z "$beating" ] || { kill "$beating"; wait "$beating"; } 2>/dev/null
  beating=
}
"""

# SHA-256 of stdin. openssl uses what the processor has for it, which not every sha256sum does: four times as fast.
_SUM = """sum() { sha256sum | head -c 64; }
empty=$(sum </dev/null)
if [ "$(openssl dgst -sha256 -r </dev/null 2>/dev/null | head -c 64)" = "$empty" ]; then
  sum() { openssl dgst -sha256 -r | head -c 64; }
fi
"""


class Preface:
    """What comes before a program's bytes: dots, then one line. What follows goes to what `begin(line)` gives."""

    def __init__(self, begin: Callable[[bytes], Callable[[bytes], object]]) -> None:
        self._begin = begin
        self._held = bytearray()
        self._keep: Callable[[bytes], object] | None = None

    def __call__(self, data: bytes) -> None:
        """A piece that came."""
        if self._keep is None:
            self._held += data
            line, end, rest = self._held.partition(b"\n")
            if not end:
                return
            self._keep = self._begin(bytes(line.lstrip(b".")))
            data, self._held = bytes(rest), bytearray()
        if data:
            self._keep(data)

    @property
    def line_came(self) -> bool:
        """Whether the line has come."""
        return self._keep is not None


# --- what is there


def listing_script(folder: str) -> str:
    """Kinds, sizes and times of everything below `folder`, NUL-separated. Exit 44: no such folder; 46: it is a link."""
    name = shlex.quote(folder)
    return f"""{{
LC_ALL=C; export LC_ALL
[ ! -L {name} ] || exit {NOT_A_FOLDER}
cd -P -- {name} 2>/dev/null || exit {GONE}
find . -ignore_readdir_race -mindepth 1 \\( ! -type d -o -empty \\) -printf '%y %s %T@ %P\\0' && printf 'end\\0'
}}
"""


class ListingReader:
    """Takes `listing_script`'s answer as it comes. Raises RemoteError when there is no end of it."""

    def __init__(self) -> None:
        self._held = b""
        self._files: list[RemoteFile] = []
        self._folders: list[str] = []
        self._left_out: list[str] = []
        self._ended = False

    def feed(self, data: bytes) -> None:
        """The next piece."""
        *items, self._held = (self._held + data).split(b"\0")
        for item in items:
            if item == b"end":
                self._ended = True
                continue
            kind, size, mtime, name = _fields(item)
            if kind == "f":
                self._files.append(RemoteFile(name, size, mtime))
            elif kind == "d":
                self._folders.append(name)
            else:
                self._left_out.append(name)
            if len(self._files) + len(self._folders) + len(self._left_out) > MOST_FILES:
                raise too_many_files()

    def result(self) -> Listing:
        """Everything, by name. Raises RemoteError when it did not come whole."""
        if not self._ended or self._held:
            raise _bad_listing()
        files = sorted(self._files, key=lambda file: file.path)
        return Listing(tuple(files), tuple(sorted(self._folders)), tuple(sorted(self._left_out)))


def _fields(item: bytes) -> tuple[str, int, float, str]:
    try:
        kind, size, mtime, name = item.decode("utf-8", "surrogateescape").split(" ", 3)
        return kind, int(size), float(mtime), name
    except ValueError:
        raise _bad_listing() from None


def _bad_listing() -> RemoteError:
    return RemoteError(
        t("the list of files came back incomplete"),
        code="bad-listing",
        hint=t("try again; the site needs GNU find and sha256sum"),
    )


def too_many_files() -> RemoteError:
    """The error for a folder that holds more files than dkai lists."""
    return RemoteError(
        t("there are more than {n} files", n=MOST_FILES),
        code="too-many-files",
        hint=t("let the job pack them into one archive (tar), or bring them home with: rsync"),
    )


def names(paths: Iterable[str]) -> bytes:
    """Paths as the programs read them."""
    return b"".join(f"./{path}".encode("utf-8", "surrogateescape") + b"\0" for path in paths)


def sums_script(folder: str) -> str:
    """Checksums of the files named on stdin, as one line. Exit 44: no such folder."""
    return f"""{{
LC_ALL=C; export LC_ALL
cd -P -- {shlex.quote(folder)} 2>/dev/null || exit {GONE}
{_BEAT}beat
sums=$(xargs -0 -r sha256sum -z -- | base64 -w0)
still
printf '%s\\n' "$sums"
exit 0
}}
"""


def parse_sums(line: bytes) -> dict[str, str]:
    """Checksums by path. Raises RemoteError when it is no such line."""
    try:
        found = base64.b64decode(line, validate=True).decode("utf-8", "surrogateescape")
    except binascii.Error:
        raise _bad_listing() from None
    sums = {}
    for item in filter(None, found.split("\0")):
        digest, _, name = item.partition("  ")
        sums[name.removeprefix("./")] = digest
    return sums


# --- home


def small_script(folder: str) -> str:
    """The files named on stdin: their checksums as one line, then a tar of them. Exit 44: no such folder."""
    return f"""{{
LC_ALL=C; export LC_ALL
cd -P -- {shlex.quote(folder)} || exit {GONE}
names=$(base64 -w0)
list() {{ printf %s "$names" | base64 -d; }}
{_BEAT}beat
sums=$(list | xargs -0 -r sha256sum -z -- | base64 -w0)
still
printf '%s\\n' "$sums"
list | tar -cf - --format=gnu --no-recursion --null --verbatim-files-from -T -
exit 0
}}
"""


def large_script(folder: str, path: str, have: int, prefix: str) -> str:
    """One file from byte `have` on, if what comes before has the checksum `prefix`, else from its beginning.

    A line with the first byte's offset and the file's size, then bytes; at the end of stderr the checksum of the whole
    file as it was read, and `same` or `changed`. Exit 44: it is not there (any more), or is a link.
    """
    where, _, base = f"./{path}".rpartition("/")
    return f"""{{
LC_ALL=C; export LC_ALL
cd -P -- {shlex.quote(folder)} && root=$(pwd -P) && cd -P -- {shlex.quote(where)} || exit {GONE}
case "$(pwd -P)/" in "$root"/*) ;; *) exit {GONE} ;; esac
f={shlex.quote("./" + base)}
[ -f "$f" ] && [ ! -L "$f" ] || exit {GONE}
look() {{ stat -c '%s %.9Y %.9Z %i' -- "$f"; }}
{_BEAT}{_SUM}beat
before=$(look) || exit {GONE}
size=${{before%% *}}
start=0
if [ {have} -gt 0 ] && [ "$size" -ge {have} ]; then
  [ "$(head -c {have} -- "$f" | sum)" != "{prefix}" ] || start={have}
fi
still
printf '%s %s\\n' "$start" "$size"
exec 5>&1
sum=$({{
  [ "$start" -eq 0 ] || head -c "$start" -- "$f"
  dd if="$f" bs=1M iflag=skip_bytes,count_bytes skip="$start" count=$((size - start)) status=none |
    tee /dev/fd/6 6>&1 >&5
}} | sum)
[ "$(look)" = "$before" ] && same=same || same=changed
printf '\\n%s %s\\n' "$sum" "$same" >&2
exit 0
}}
"""


# --- there


def sums_of(files: Iterable[Upload]) -> bytes:
    """What `sha256sum -z` says of the files below their folder, when all are right."""
    return b"".join(f"{f.sha256}  ./{f.to}".encode("utf-8", "surrogateescape") + b"\0" for f in files)


def state_script(folder: str) -> str:
    """What is there of the files named on stdin: `there`, `begun` or `none`; then sizes and checksums, as one line."""
    return f"""{{
LC_ALL=C; export LC_ALL
target={shlex.quote(folder)}
if cd -P -- "$target" 2>/dev/null; then state=there
elif cd -P -- "$target.incoming" 2>/dev/null; then state=begun
else state=none; cd / || exit {CANNOT}; fi
names=$(base64 -w0)
list() {{ printf %s "$names" | base64 -d; }}
{_BEAT}beat
found=
if [ "$state" != none ]; then
  found=$({{ list | xargs -0 -r stat --printf '%s %n\\0' -- 2>/dev/null; printf '\\0'
    list | xargs -0 -r sha256sum -z -- 2>/dev/null; }} | base64 -w0)
fi
still
printf '%s %s\\n' "$state" "$found"
exit 0
}}
"""


def parse_state(line: bytes) -> tuple[str, dict[str, tuple[int, str]]]:
    """The state, and size and checksum of what is there, by path. Raises RemoteError when it is no such line."""
    state, _, coded = line.partition(b" ")
    try:
        found = base64.b64decode(coded, validate=True)
    except binascii.Error:
        raise _bad_listing() from None
    first, _, second = found.partition(b"\0\0") if not found.startswith(b"\0") else (b"", b"", b"")
    sums = parse_sums(base64.b64encode(second))
    there = {}
    for item in filter(None, first.split(b"\0")):
        size, _, name = item.decode("utf-8", "surrogateescape").partition(" ")
        name = name.removeprefix("./")
        if name in sums and size.isdigit():
            there[name] = (int(size), sums[name])
    return state.decode("ascii", "replace"), there


def receive_script(folder: str, archive_size: int) -> str:
    """Unpack `archive_size` bytes of tar from stdin, run the program in it that takes the large files, check all of it.

    A folder that is new is `<folder>.incoming` until it is whole; what is cut off stays there to be gone on with. Exit
    28: there is no room (and nothing is left); 65: the stream ended early; 66: checksums differ; 67: could not be
    written.
    """
    return f"""{{
LC_ALL=C; export LC_ALL
umask 077
target={shlex.quote(folder)}
{_BEAT}trap still EXIT
if [ -e "$target" ]; then work=$target; new=; else work=$target.incoming; new=1; fi
end() {{
  code=$1
  if [ -d "$work/{IN}" ] && ! head -c 65536 /dev/zero >"$work/{IN}/room"; then code={FULL}; fi 2>/dev/null
  rm -f -- "$work/{IN}/room"
  case $code in {FULL}|{DAMAGED}) if [ -n "$new" ]; then rm -rf -- "$work"; else rm -rf -- "$work/{IN}"; fi ;; esac
  exit "$code"
}}
for old in "${{target%/*}}"/*.incoming; do
  if [ -d "$old/{IN}" ] && [ -n "$(find "$old/{IN}" -prune -mtime +{STALE_DAYS})" ]; then rm -rf -- "$old"; fi
done
mkdir -p -- "$work/{IN}" && touch -- "$work/{IN}" && cd -P -- "$work" || end {CANNOT}
beat
head -c {archive_size} | tar -xmf - || end {CANNOT}
sh ./{IN}/large || end $?
xargs -0 -r sha256sum -z -- <{IN}/names | cmp - {IN}/sums >&2 || end {DAMAGED}
still
rm -rf -- {IN}
[ -z "$new" ] || mv -T -- "$work" "$target" || exit {CANNOT}
exit 0
}}
"""


def large_part(file: Upload) -> str:
    """Where the bytes of a large file gather, below the folder of the upload."""
    return f"{IN}/{file.sha256}"


def large_program(files: Sequence[tuple[Upload, int]]) -> str:
    """The program that takes large files from stdin, one behind the other, each from the offset given.

    Each byte is written to its own place: should a connection that was given up still deliver, it changes nothing. The
    checksum is made of what comes, on its way to the disk.
    """
    lines = [_SUM] if files else []
    for file, offset in files:
        part, name = shlex.quote(large_part(file)), shlex.quote("./" + file.to)
        folder = shlex.quote("./" + file.to.rpartition("/")[0])
        lines.append(
            f"""{"" if offset else f": >{part} || exit {CANNOT}"}
sum=$({{
  head -c {offset} {part}
  dd bs=1M iflag=fullblock,count_bytes count={file.size - offset} status=none | tee /dev/fd/8 |
    dd of={part} bs=1M iflag=fullblock oflag=seek_bytes conv=notrunc seek={offset} status=none 8>&- >&2
}} 8>&1 | sum)
[ "$(stat -c %s {part})" -ge {file.size} ] || exit {SHORT}
[ "$sum" = {file.sha256} ] || {{ printf '%s\\n' {name} >&2; exit {DAMAGED}; }}
mkdir -p -- {folder} && chmod {file.mode:o} {part} && mv -f -T -- {part} {name} || exit {CANNOT}
"""
        )
    return "".join(lines)


def discard_script(folder: str) -> str:
    """Take away what was sent of an upload that will not be gone on with."""
    return f"rm -rf -- {shlex.quote(folder + '.incoming')}\n"
