"""Bring a job's results home: checked, whole, never over a different file, and gone on with wherever it stopped."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from dkai.compute.host import Listing, RemoteFile
from dkai.compute.host.names import OURS
from dkai.compute.host.transfer_home import Home
from dkai.compute.ledger import Job, Ledger
from dkai.compute.link import Link
from dkai.compute.news import News, Tell, silent
from dkai.compute.reconnect import Carrier
from dkai.compute.sweep.results import Results
from dkai.core.clean import one_line
from dkai.core.errors import DkaiError, Interrupted, RemoteError, UserError
from dkai.core.files import write_private
from dkai.core.i18n import nt, t
from dkai.core.units import show_bytes

EXTRA = ("log", "record.json")  # beside the results: what a reader of them may want to know
_EXTRA_BYTES = 5_000_000


@dataclass(frozen=True, slots=True)
class Fetched:
    """What was brought home. `kept` were there already, the same byte for byte."""

    job_id: str
    into: str
    files: tuple[str, ...]
    kept: tuple[str, ...]
    size: int
    table: Results | None = None  # of a sweep: the results of all tasks, also written beside them


def default_folder(job: Job, where: Path) -> Path:
    """`<recipe>-<job id>-out` below `where`."""
    return where / f"{job.recipe}-{job.job_id}-out"


def fetch(
    job: Job, ledger: Ledger, link: Link, into: Path, tell: Tell = silent, *, overwrite: bool = False,
    sleep: Callable[[float], None] = time.sleep,
) -> Fetched:  # fmt: skip
    """The job's `output/`, with its log and record below `.dkai/`. Raises UserError or RemoteError.

    A file of the same name with another content stops everything before anything is written, unless `overwrite`. What
    stopped half-way, in this command or an earlier one, is gone on with; a lost connection is opened again.
    """
    return _Fetch(job, link, into, tell, Carrier(link, tell, sleep)).all(ledger, overwrite=overwrite)


class _Fetch:
    """One fetch of one job."""

    def __init__(self, job: Job, link: Link, into: Path, tell: Tell, carrier: Carrier) -> None:
        self._job, self._link, self._into, self._tell, self._carrier = job, link, into, tell, carrier
        self._folder = f"{job.folder}/output"

    def all(self, ledger: Ledger, *, overwrite: bool) -> Fetched:
        """Look, compare, bring, remember."""
        self._tell(News("fetching", t("looking at the results …")))
        there = self._carrier.run(lambda: self._link.host.listing(self._folder))
        self._say_what_is_left_out(there)
        home = Home(self._into, [*(file.path for file in there.files), *there.folders])
        wanted, kept, other = self._compare(there.files, home)
        if other and not overwrite:
            raise _would_overwrite(other, self._into)
        wanted += other
        failure = self._bring(wanted, home)
        for path in there.folders:
            home.folder(home.places[path])
        self._bring_extra(home)
        if failure is not None:
            raise failure
        job_id = self._job.job_id
        ledger.keep_fetched(
            job_id, str(self._into), {"files": len(there.files), "bytes": sum(file.size for file in there.files)}
        )
        size = sum(file.size for file in wanted)
        return Fetched(job_id, str(self._into), tuple(f.path for f in wanted), tuple(f.path for f in kept), size)

    def _say_what_is_left_out(self, there: Listing) -> None:
        if not there.left_out:
            return
        says = nt(
            "{name} is a link or no plain file, and is not fetched",
            "{n} links or other things that are no plain files are not fetched, {name} among them",
            len(there.left_out), name=one_line(there.left_out[0]),
        )  # fmt: skip
        self._tell(News("warning", says))

    def _compare(
        self, there: Sequence[RemoteFile], home: Home
    ) -> tuple[list[RemoteFile], list[RemoteFile], list[RemoteFile]]:
        """Files that are not here yet, that are here already, and that differ from what is here."""
        new: list[RemoteFile] = []
        maybe: list[RemoteFile] = []
        other: list[RemoteFile] = []
        for file in there:
            here = home.place(file.path)
            if not here.exists() and not here.is_symlink():
                new.append(file)
            elif here.is_file() and not here.is_symlink() and here.stat().st_size == file.size:
                maybe.append(file)
            else:
                other.append(file)
        if not maybe:
            return new, [], other
        self._tell(News("fetching", t("comparing {n} files that are here already …", n=len(maybe))))
        sums = self._carrier.run(lambda: self._link.host.sums(self._folder, [file.path for file in maybe]))
        same: list[RemoteFile] = []
        for file in maybe:
            is_same = _sha256(home.place(file.path)) == sums.get(file.path)
            (same if is_same else other).append(file)
        return new, same, other

    def _bring(self, wanted: Sequence[RemoteFile], home: Home) -> DkaiError | None:
        """All of them; gives the error for files that did not keep still, once the others are home."""
        total = sum(file.size for file in wanted)
        says = t("fetching {n} files, {size}", n=len(wanted), size=show_bytes(total))
        furthest = 0

        def go_on() -> None:
            # What this very command brought home whole needs no second look.
            left = [file for file in wanted if file.path not in home.brought]
            whole = total - sum(file.size for file in left)

            def progress(done: int, _: int) -> None:
                nonlocal furthest
                self._carrier.moved(max(0, whole + done - furthest))
                furthest = max(furthest, whole + done)
                self._tell(News("fetching", says, whole + done, total))

            if left:
                self._link.host.fetch(self._folder, left, home, progress)

        try:
            self._carrier.run(go_on)
        except RemoteError as error:
            if error.code == "file-changed":
                return error
            raise _kept(error) from error
        except KeyboardInterrupt:
            raise Interrupted(t("stopped while the results were fetched"), code="interrupted", hint=_again()) from None
        return None

    def _bring_extra(self, home: Home) -> None:
        for name in EXTRA:
            path = f"{self._job.folder}/{name}"
            data = self._carrier.run(partial(self._read, path))
            if data:
                write_private(home.folder(OURS) / name, data)

    def _read(self, path: str) -> bytes | None:
        return self._link.host.read(path, 0, _EXTRA_BYTES)


def _would_overwrite(other: Sequence[RemoteFile], into: Path) -> UserError:
    return UserError(
        nt("{n} file in {folder} differs from the job's", "{n} files in {folder} differ from the job's", len(other),
           folder=into) + f": {one_line(other[0].path)}",
        code="would-overwrite",
        hint=t("nothing was written; choose another folder with --into, or replace them with --overwrite"),
    )  # fmt: skip


def _kept(error: RemoteError) -> RemoteError:
    """The same error, with what it means for what came so far."""
    hint = f"{error.hint}\n{_again()}" if error.hint else _again()
    return RemoteError(error.message, code=error.code, hint=hint, details=error.details)


def _again() -> str:
    return t("what came so far is kept: run the same command again, and it goes on from there")


def _sha256(path: Path) -> str | None:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None
