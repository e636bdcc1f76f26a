"""Files from a computer behind SSH: small ones many at a time, large ones one by one, from where they stopped.

Each is taken only when the other side's checksum of it is ours. Small files are read there twice, for the checksum and
for the bytes; of a large one the checksum is made of the very bytes that are sent, and size, times and inode are the
same before and after. So what a job writes meanwhile is never taken half old and half new.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from dkai.compute.host import Progress, RemoteFile, wire
from dkai.compute.host.transfer_far import Far
from dkai.compute.host.transfer_home import Home, Moved, Part, still_written
from dkai.compute.host.transfer_tar import BadTar, TarReader
from dkai.core.clean import one_line
from dkai.core.errors import RemoteError
from dkai.core.i18n import t

LARGE = 4 << 20
_BATCH_FILES, _BATCH_BYTES = 2_000, 64 << 20
_TRIES = 3  # of a file that changes while it is read


def bring(far: Far, files: Sequence[RemoteFile], home: Home, progress: Progress | None) -> list[Path]:
    """Where the files are now. Raises RemoteError; `file-changed` only after all others are home."""
    moved = Moved(sum(file.size for file in files), progress)
    came: list[Path] = []
    changed: list[str] = []
    for batch in _batches([file for file in files if file.size < LARGE]):
        left = list(batch)
        for _ in range(_TRIES):
            left = _Batch(far, left, home, moved).bring(came) if left else []
        changed += [file.path for file in left]
    for file in files:
        if file.size >= LARGE:
            path = _Large(far, file, home, moved).bring()
            came += [path] if path else []
            changed += [] if path else [file.path]
    if changed:
        raise still_written(changed)
    return came


def _batches(files: Sequence[RemoteFile]) -> Iterator[list[RemoteFile]]:
    batch: list[RemoteFile] = []
    size = 0
    for file in files:
        batch.append(file)
        size += file.size
        if len(batch) == _BATCH_FILES or size > _BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


class _Batch:
    """Small files, in one channel."""

    def __init__(self, far: Far, files: Sequence[RemoteFile], home: Home, moved: Moved) -> None:
        self._far, self._home, self._moved = far, home, moved
        self._expected = {file.path: file for file in files}
        self._sums: dict[str, str] = {}
        self._came: dict[str, Path] = {}
        self._tar = TarReader(self._begin)

    def bring(self, came: list[Path]) -> list[RemoteFile]:
        """Those that did not come as they were; the others' places are added to `came`."""
        words = wire.names(self._expected)
        keep = wire.Preface(self._sums_came)
        try:
            code, errors = self._far.run(wire.small_script(self._far.folder), keep, lambda write: write(words))
        except BadTar as error:
            raise self._far.incomplete() from error
        self._far.must(code, errors)
        if not self._tar.ended:
            self._far.must(wire.CANNOT if errors.strip() else 0, errors)
            raise self._far.incomplete()
        came += self._came.values()
        return [file for path, file in self._expected.items() if path not in self._came]

    def _sums_came(self, line: bytes) -> Callable[[bytes], object]:
        self._sums = wire.parse_sums(line)
        return self._tar.feed

    def _begin(self, name: str) -> _Small:
        path = name.removeprefix("./")
        if path not in self._expected or path in self._came:
            raise _not_asked_for(name)
        return _Small(self._home.part(path), self._moved, lambda part: self._whole(path, part))

    def _whole(self, path: str, part: Part) -> None:
        if part.sum() == self._sums.get(path):
            self._came[path] = part.settle()
        else:
            self._moved.add(-part.size)
            part.drop()


class _Small:
    """One small file on its way; it always comes from its beginning."""

    def __init__(self, part: Part, moved: Moved, whole: Callable[[Part], object]) -> None:
        self._part, self._moved, self._whole = part, moved, whole
        part.restart()

    def write(self, data: bytes | memoryview) -> None:
        self._part.write(data)
        self._moved.add(len(data))

    def end(self) -> None:
        self._whole(self._part)


class _Large:
    """One large file, from where it stopped."""

    def __init__(self, far: Far, file: RemoteFile, home: Home, moved: Moved) -> None:
        self._far, self._file, self._moved = far, file, moved
        self._part = home.part(file.path)
        self._size = 0

    def bring(self) -> Path | None:
        """Its place; None when it would not keep still."""
        damaged = False
        try:
            for _ in range(_TRIES):
                verdict = self._try()
                if verdict == "same":
                    return self._part.settle()
                if verdict == "gone":
                    break
                damaged = verdict == "damaged"
                self._moved.add(-self._part.size)
                if damaged:
                    self._part.restart()
        finally:
            self._part.close()
        if damaged:
            raise RemoteError(
                t("{file} arrived damaged", file=one_line(self._file.path)),
                code="damaged-transfer",
                hint=t("try again; should it happen again, tell the site's support"),
            )
        return None

    def _try(self) -> str:
        prefix = self._part.prefix_sum()
        script = wire.large_script(self._far.folder, self._file.path, self._part.size, prefix)
        keep = wire.Preface(self._begin)
        code, errors = self._far.run(script, keep)
        if code == wire.GONE:
            self._part.drop()
            return "gone"
        self._far.must(code, errors)
        said = errors.decode("utf-8", "replace").rstrip("\n").rpartition("\n")[2].split(" ")
        if not keep.line_came or len(said) != 2:
            raise self._far.incomplete()
        if said[1] != "same" or self._part.size != self._size:
            return "changed"
        return "same" if said[0] == self._part.sum() else "damaged"

    def _begin(self, line: bytes) -> Callable[[bytes], object]:
        start, _, size = line.partition(b" ")
        if not (start.isdigit() and size.isdigit()) or int(start) not in (0, self._part.size):
            raise self._far.incomplete()
        if int(start) != self._part.size:
            self._part.restart()
        self._size = int(size)
        self._moved.add(int(start))
        return self._take

    def _take(self, data: bytes) -> None:
        if self._part.size + len(data) > self._size:
            raise self._far.incomplete()
        self._part.write(data)
        self._moved.add(len(data))


def _not_asked_for(name: str) -> RemoteError:
    """The other side sent something that was not asked for."""
    return RemoteError(
        t("the other side sent “{name}”, which was not asked for", name=one_line(name)),
        code="unexpected-file",
        hint=t("nothing of it was written; look at the job's folder on the site itself"),
    )
