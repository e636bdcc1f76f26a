"""A job's folder that the person brought to this computer themselves: as a folder, or as the archive that job.sh packs.

It comes from outside: only plain files with names that stay in their folder are taken out of an archive, and nothing in
it is believed but what its job's record may say.
"""

from __future__ import annotations

import json
import lzma
import re
import shutil
import tarfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from dkai.compute.host.names import checked
from dkai.compute.host.wire import MOST_FILES, too_many_files
from dkai.core.errors import UserError
from dkai.core.files import cannot_write, private_folder, read_text
from dkai.core.i18n import t
from dkai.core.oserrors import reason
from dkai.core.paths import data_dir

_JOB_ID = re.compile(r"^dkai-[0-9a-z]{10}$")
_NAMED = re.compile(r"dkai-[0-9a-z]{10}")
_BLOCK = 1 << 20


def job_folder_of(path: Path) -> tuple[str, Path]:
    """The job's id, and its folder on this computer (an archive is unpacked among dkai's own files first).

    Raises UserError where the path holds no job's folder.
    """
    if not path.exists():
        raise UserError(
            t("there is no file or folder {path}", path=path),
            code="no-such-file",
            hint=t("give the file that you downloaded: results-dkai-….tar.gz"),
        )
    if not path.is_dir():
        return _unpacked(path)
    for folder in (path, *sorted(p for p in _inside(path) if p.is_dir() and _JOB_ID.match(p.name))):
        job_id = _job_id(folder)
        if job_id is not None:
            _must_have_run(job_id, folder, path)
            return job_id, folder.absolute()
    raise _no_job(path)


def _inside(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError as error:
        raise UserError(
            t("cannot read {path}: {why}", path=folder, why=reason(error)),
            code="cannot-read",
            hint=t("check that the file is there and that you may read it"),
        ) from error


def _must_have_run(job_id: str, folder: Path, given: Path) -> None:
    """Raises UserError for the folder as it was handed over: its job may well be running elsewhere."""
    if not any((folder / name).exists() for name in ("record.json", "log", "output")):
        raise UserError(
            t("nothing has run in {path}: it holds {job} as it was handed to you", path=given, job=job_id),
            code="not-started",
            hint=t("run it at its place, download results-{job}.tar.gz there, and give that file", job=job_id),
        )


def _job_id(folder: Path) -> str | None:
    """By its own description or record; by the folder's name where it has something of a job."""
    for name in ("job.json", "record.json"):
        if (folder / name).is_file():
            try:
                found = json.loads(read_text(folder / name))
            except (UserError, ValueError, RecursionError):
                continue
            job_id = found.get("job_id") if isinstance(found, dict) else None
            if isinstance(job_id, str) and _JOB_ID.match(job_id):
                return job_id
    has_some = (folder / "output").is_dir() or (folder / "log").is_file()
    return folder.name if has_some and _JOB_ID.match(folder.name) else None


def _unpacked(archive: Path) -> tuple[str, Path]:
    """Unpacked whole or not at all, in place of what was unpacked before."""
    named = _NAMED.search(archive.name)
    target = data_dir() / "brought" / (named[0] if named else "unnamed")
    work = target.with_name(f"{target.name}.incoming")
    shutil.rmtree(work, ignore_errors=True)
    private_folder(work)
    try:
        with tarfile.open(archive, "r:*") as tar:
            for member, source in _members(tar):
                _write(work / checked(member.name.removeprefix("./")), source)
            # To its very end: only there does the checksum of what was packed stand.
            while tar.fileobj is not None and tar.fileobj.read(_BLOCK):
                pass
        job_id = _job_id(work)
        if job_id is None:
            raise _no_job(archive)
        _must_have_run(job_id, work, archive)
        shutil.rmtree(target, ignore_errors=True)
        work.rename(target)
    except (tarfile.TarError, EOFError, OSError, zlib.error, lzma.LZMAError) as error:
        raise UserError(
            t("cannot read {path}: {why}", path=archive, why=_why_unreadable(error, archive)),
            code="bad-archive",
            hint=t("download it again; give dkai the file as it is, results-dkai-….tar.gz"),
        ) from error
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return job_id, target


def _why_unreadable(error: Exception, archive: Path) -> str:
    """In plain words: the modules that read archives speak of their own methods, and in English."""
    if isinstance(error, OSError) and error.errno:
        return reason(error)
    if archive.stat().st_size == 0:
        return t("it is empty")
    if isinstance(error, tarfile.ReadError) and not tarfile.is_tarfile(archive):
        return t("it is no tar archive")
    return t("it is damaged, or was cut off")


def _members(tar: tarfile.TarFile) -> Iterator[tuple[tarfile.TarInfo, IO[bytes]]]:
    """Its plain files; links, devices and folders are left out."""
    for count, member in enumerate(tar):
        if count > MOST_FILES:
            raise too_many_files()
        source = tar.extractfile(member) if member.isfile() else None
        if source is not None:
            yield member, source


def _write(target: Path, source: IO[bytes]) -> None:
    private_folder(target.parent)
    try:
        with target.open("wb") as file:
            while block := source.read(_BLOCK):
                file.write(block)
        target.chmod(0o600)
    except OSError as error:
        raise cannot_write(target, error) from error


def _no_job(path: Path) -> UserError:
    return UserError(
        t("{path} holds no job of dkai's", path=path),
        code="no-job-there",
        hint=t("give the file results-dkai-….tar.gz, or a folder with the job's record.json, log and output"),
    )
