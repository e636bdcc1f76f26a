"""Bring a job's results home: checked, whole, and never over a different file."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dkai.compute.host import RemoteFile
from dkai.compute.host.names import at_home
from dkai.compute.ledger import Job, Ledger
from dkai.compute.link import Link
from dkai.compute.news import News, Tell, silent
from dkai.core.errors import UserError
from dkai.core.files import write_private
from dkai.core.i18n import nt, t
from dkai.core.units import show_bytes

EXTRA = ("log", "record.json")  # beside the results: what a reader of them may want to know


@dataclass(frozen=True, slots=True)
class Fetched:
    """What was brought home. `kept` were there already, the same byte for byte."""

    job_id: str
    into: str
    files: tuple[str, ...]
    kept: tuple[str, ...]
    size: int


def default_folder(job: Job, where: Path) -> Path:
    """`<recipe>-<job id>-out` below `where`."""
    return where / f"{job.recipe}-{job.job_id}-out"


def fetch(job: Job, ledger: Ledger, link: Link, into: Path, tell: Tell = silent, *, overwrite: bool = False) -> Fetched:
    """The job's `output/`, with its log and record below `.dkai/`. Raises UserError or RemoteError.

    A file of the same name with another content stops everything before anything is written, unless `overwrite`.
    """
    tell(News("fetching", t("looking at the results …")))
    folder = f"{job.folder}/output"
    there = link.host.listing(folder)
    wanted, kept, other = _compare(there, into)
    if other and not overwrite:
        raise UserError(
            nt("{n} file in {folder} differs from the job's", "{n} files in {folder} differ from the job's", len(other),
               folder=into) + f": {other[0].path}",
            code="would-overwrite",
            hint=t("nothing was written; choose another folder with --into, or replace them with --overwrite"),
        )  # fmt: skip
    wanted += other
    size = sum(file.size for file in wanted)
    says = t("fetching {n} files, {size}", n=len(wanted), size=show_bytes(size))
    if wanted:
        link.host.fetch(folder, wanted, into, lambda done, total: tell(News("fetching", says, done, total)))
    for name in EXTRA:
        data = link.host.read(f"{job.folder}/{name}", 0, 5_000_000)
        if data:
            write_private(into / ".dkai" / name, data)
    ledger.keep_fetched(job.job_id, str(into), {"files": len(there), "bytes": sum(f.size for f in there)})
    return Fetched(job.job_id, str(into), tuple(f.path for f in wanted), tuple(f.path for f in kept), size)


def _compare(there: Sequence[RemoteFile], into: Path) -> tuple[list[RemoteFile], list[RemoteFile], list[RemoteFile]]:
    """Files that are not here yet, that are here already, and that differ from what is here."""
    new, same, other = [], [], []
    for file in there:
        here = at_home(into, file.path)
        if not here.exists() and not here.is_symlink():
            new.append(file)
        elif here.is_file() and not here.is_symlink() and _sha256(here) == file.sha256:
            same.append(file)
        else:
            other.append(file)
    return new, same, other


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""
