"""UCloud as a host: requests in place of a shell, files over its own upload and download. Never run on the real one.

`run` takes questions (`host.questions`) and answers them in order. Files go up in one upload of a whole folder
(`WEBSOCKET_V2`, UCloud's `upload/message.go` and `upload/server.go`) and come down one by one. UCloud tells no
checksums: a file that came has the size that was told, and no more is known of it.
"""

from __future__ import annotations

import hashlib
import struct
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from dkai.compute.host import CommandResult, Listing, Progress, RemoteFile, Upload
from dkai.compute.host.names import checked, leads_out
from dkai.compute.host.questions import Answer, Question, job_in, read_questions, state_of, write_answers
from dkai.compute.host.shell import Ask
from dkai.compute.host.transfer_home import Home, Moved, cannot_copy, still_written
from dkai.compute.host.ucloud_api import UCloudApi
from dkai.compute.host.ucloud_token import kept_token, token
from dkai.compute.host.websocket import WebSocket
from dkai.compute.host.wire import MOST_FILES, too_many_files
from dkai.compute.site import Site
from dkai.core.errors import DkaiError, RemoteError, UserError
from dkai.core.i18n import t

BLOCK = 1 << 20
BATCH = 50  # links asked for at once
MOST_DEPTH = 64
ENDED = ("SUCCESS", "FAILURE", "EXPIRED")
_OK, _CHUNK, _SKIP, _LISTING, _COMPLETED, _CLOSE = 0, 2, 3, 4, 5, 6


class UCloudHost:
    """One person at UCloud. Nothing is contacted before the first question."""

    is_local = False

    def __init__(self, site: Site, ask: Ask | None) -> None:
        self._api = UCloudApi(site.address, site.account, lambda: token(ask))
        self._seen: tuple[tuple[object, ...], bytes] | None = None  # the last piece of a file that was read
        self.name = self._api.host

    @classmethod
    def connect(cls, site: Site, ask: Ask | None = None) -> UCloudHost:
        """The host of `site`."""
        return cls(site, ask)

    # --- questions

    def run(
        self, argv: Sequence[str], *, stdin: bytes = b"", timeout: float = 60, folder: str | None = None  # noqa: ARG002 - the protocol's
    ) -> CommandResult:  # fmt: skip
        """Answer the questions; no other program is there. An error says whether anything may have been begun."""
        answers: dict[str, Answer] = {}
        begun = False
        try:
            for question in read_questions(argv):
                if not _is_due(question, answers):
                    answers[question.key] = Answer(question.key, 0, why="not-asked")
                elif question.optional and kept_token() is None:
                    answers[question.key] = Answer(question.key, 0, why="no-token")
                else:
                    begun = begun or question.changes
                    answers[question.key] = self._api.ask(question)
        except DkaiError as error:
            if not begun:
                error.details["ran"] = False
            raise
        return CommandResult(0, write_answers(list(answers.values())), "")

    def send_and_run(
        self, folder: str, files: Sequence[Upload], argv: Sequence[str], *, commit: Callable[[], object],
        timeout: float = 60, progress: Progress | None = None,
    ) -> CommandResult:  # fmt: skip
        """Put the files there, then ask."""
        try:
            self.send(folder, files, progress)
        except DkaiError as error:
            error.details["ran"] = False
            raise
        commit()
        return self.run(argv, timeout=timeout)

    # --- files

    def send(
        self, folder: str, files: Iterable[Upload], progress: Progress | None = None, *, again: bool = False  # noqa: ARG002 - UCloud itself skips what it has
    ) -> None:  # fmt: skip
        """Put the files below `folder`, and compare their sizes there."""
        wanted = list(files)
        for upload in wanted:
            checked(upload.to)
        item = {"id": folder, "type": "FOLDER", "supportedProtocols": ["WEBSOCKET_V2"], "conflictPolicy": "REPLACE"}
        answer = self._api.ask(Question("upload", "POST", "/api/files/upload", body={"items": [item]}))
        responses = answer.body.get("responses") if isinstance(answer.body, dict) else None
        first = responses[0] if isinstance(responses, list) and responses else None
        if not answer.ok or not isinstance(first, dict) or first.get("protocol") != "WEBSOCKET_V2":
            raise RemoteError(
                t("{host} takes no files into {folder}: {why}", host=self.name, folder=folder,
                  why=answer.why or t("no reason was given")),
                code="upload-refused",
                hint=t("check the site's folder (--base /DRIVE), its project, and the room there in the browser"),
            )  # fmt: skip
        url = self._api.link(first.get("endpoint"))
        _Sender(url, wanted, Moved(sum(upload.size for upload in wanted), progress)).all()
        there = {file.path: file.size for file in self.listing(folder).files}
        missing = [upload.to for upload in wanted if there.get(upload.to) != upload.size]
        if missing:
            raise RemoteError(
                t("{n} files did not arrive whole at {host}, {file} among them", n=len(missing), host=self.name,
                  file=missing[0]),
                code="incomplete-transfer",
                hint=t("check the room that is left there, and try again"),
            )  # fmt: skip

    def listing(self, folder: str) -> Listing:
        """What lies below `folder`; nothing when there is no such folder."""
        files: list[RemoteFile] = []
        empty: list[str] = []
        left_out: list[str] = []
        todo = deque([("", 0)])
        while todo:
            below, depth = todo.popleft()
            there = list(self._children(folder, below))
            if not there and below:
                empty.append(below.rstrip("/"))
            for name, item in there:
                told = item.get("status")
                status: dict[str, Any] = told if isinstance(told, dict) else {}
                kind, size, changed = (status.get(key) for key in ("type", "sizeInBytes", "modifiedAt"))
                if kind == "DIRECTORY" and depth < MOST_DEPTH:
                    todo.append((f"{below}{name}/", depth + 1))
                elif kind == "FILE" and type(size) is int:
                    moment = changed / 1000 if isinstance(changed, (int, float)) else 0.0
                    files.append(RemoteFile(below + name, size, moment))
                else:
                    left_out.append(below + name)
            if len(files) + len(empty) + len(left_out) + len(todo) > MOST_FILES:
                raise too_many_files()
        files.sort(key=lambda file: file.path)
        return Listing(tuple(files), tuple(sorted(empty)), tuple(sorted(left_out)))

    def _children(self, folder: str, below: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """Name and item of what lies right in a folder. A name that would lead out of it is an error."""
        path = f"{folder.rstrip('/')}/{below}".rstrip("/")
        query = {"path": path, "itemsPerPage": "250", "includeSizes": "true", "includeTimestamps": "true"}
        answer = self._api.ask(Question("browse", path="/api/files/browse", query=query, pages=MOST_FILES // 250))
        if answer.status in (400, 404):
            return
        if not answer.ok:
            raise RemoteError(
                t("{host} did not show the folder {folder} (status {status}): {why}", host=self.name, folder=path,
                  status=answer.status, why=answer.why or t("no reason was given")),
                code="connection-lost",
                hint=t("try again in a while"),
            )  # fmt: skip
        for item in answer.items:
            whole = str(item.get("id"))
            name = whole.removeprefix(f"{path}/")
            if name == whole or "/" in name:
                raise leads_out(whole)
            yield checked(name), item

    def sums(self, folder: str, paths: Sequence[str]) -> dict[str, str]:
        """Checksums of these files; as UCloud tells none, each is read for it."""
        found = {}
        for path, url in self._links(folder, paths):
            digest = hashlib.sha256()
            with self._api.open(url) as (_, pieces):
                for piece in pieces:
                    digest.update(piece)
            found[path] = digest.hexdigest()
        return found

    def fetch(
        self, folder: str, files: Sequence[RemoteFile], home: Home, progress: Progress | None = None
    ) -> list[Path]:
        """Bring the files home, each from its beginning; it gets its name when it has the size that was told."""
        moved, came, changed = Moved(sum(file.size for file in files), progress), [], []
        sizes = {file.path: file.size for file in files}
        with home:
            for path, url in self._links(folder, list(sizes)):
                part = home.part(path)
                try:
                    part.restart()
                    with self._api.open(url) as (_, pieces):
                        for piece in pieces:
                            part.write(piece)
                            moved.add(len(piece))
                            if part.size > sizes[path]:
                                break
                    if part.size == sizes[path]:
                        came.append(part.settle())
                    else:
                        part.drop()
                        changed.append(path)
                finally:
                    part.close()
        if changed:
            raise still_written(changed)
        return came

    def _links(self, folder: str, paths: Sequence[str]) -> Iterator[tuple[str, str]]:
        for begin in range(0, len(paths), BATCH):
            some = list(paths[begin : begin + BATCH])
            yield from zip(some, self._api.downloads([f"{folder}/{checked(path)}" for path in some]), strict=True)

    def read(self, path: str, offset: int = 0, limit: int = 1_000_000) -> bytes | None:
        """A piece of a file. UCloud gives whole files only: what comes before the piece is read and dropped."""
        told = self._api.ask(Question("file", path="/api/files/retrieve", query={"id": path, "includeSizes": "true"}))
        if told.status in (400, 404):
            return None
        status = told.body.get("status") if isinstance(told.body, dict) else None
        size = status.get("sizeInBytes") if isinstance(status, dict) else None
        changed = status.get("modifiedAt") if isinstance(status, dict) else None
        if not told.ok or type(size) is not int:
            raise RemoteError(
                t("{host} did not tell of the file {path} (status {status})", host=self.name, path=path,
                  status=told.status),
                code="connection-lost",
                hint=t("try again in a while"),
            )  # fmt: skip
        begin = offset if offset >= 0 else max(0, size + offset)
        this = (path, begin, limit, size, changed)
        if self._seen is None or self._seen[0] != this:
            data = self._piece(path, begin, min(limit, max(0, size - begin))) if begin < size else b""
            self._seen = this, data
        return self._seen[1]

    def _piece(self, path: str, begin: int, count: int) -> bytes:
        data = bytearray()
        with self._api.open(self._api.downloads([path])[0]) as (_, pieces):
            for piece in pieces:
                skipped = min(begin, len(piece))
                begin -= skipped
                data += piece[skipped:]
                if len(data) >= count:
                    break
        return bytes(data[:count])

    def close(self) -> None:
        """Let go of the connection."""
        self._api.close()


def _is_due(question: Question, answers: dict[str, Answer]) -> bool:
    """Whether the earlier answers say that this one is to be asked."""
    if question.lacks is not None:
        key, job = question.lacks
        before = answers.get(key)
        if before is None or not before.ok or job_in(before, job) is not None:
            return False
    if question.ended is not None:
        key, job = question.ended
        return state_of(job_in(answers.get(key), job)) in ENDED
    return True


class _Sender:
    """One upload of many files over one WebSocket."""

    def __init__(self, url: str, files: Sequence[Upload], moved: Moved) -> None:
        self._url, self._files, self._moved = url, files, moved
        self._done = 0

    def all(self) -> None:
        """Send them; returns when the place has said that it has them all. Raises RemoteError or UserError."""
        if not self._files:
            return
        with WebSocket(self._url) as way:
            now = int(time.time() * 1000)
            for number, upload in enumerate(self._files, 1):
                name = upload.to.encode("utf-8", "surrogateescape")
                head = struct.pack(">BiqqI", _LISTING, number, upload.size, now, len(name))
                way.send(head + name)
            waiting = set(range(1, len(self._files) + 1))
            while waiting or self._done < len(self._files):
                for kind, number in _messages(way.receive()):
                    if kind == _COMPLETED:
                        self._done = max(self._done, number)
                    elif number in waiting:
                        waiting.discard(number)
                        upload = self._files[number - 1]
                        if kind == _OK:
                            self._file(way, number, upload)
                        else:
                            self._moved.add(upload.size)
            way.send(bytes([_CLOSE]))

    def _file(self, way: WebSocket, number: int, upload: Upload) -> None:
        digest = hashlib.sha256()
        left = upload.size
        for block in _blocks(upload):
            digest.update(block)
            left -= len(block)
            if left < 0:
                break
            way.send(struct.pack(">Bi", _CHUNK, number) + block)
            self._moved.add(len(block))
        if left or digest.hexdigest() != upload.sha256:
            raise UserError(
                t("{path} was changed while it was sent", path=upload.to),
                code="input-changed",
                hint=t("let the program that writes it finish, and submit again"),
            )


def _blocks(upload: Upload) -> Iterator[bytes]:
    if isinstance(upload.source, bytes):
        for begin in range(0, len(upload.source), BLOCK):
            yield upload.source[begin : begin + BLOCK]
        return
    try:
        with upload.source.open("rb") as file:
            while block := file.read(BLOCK):
                yield block
    except OSError as error:
        raise cannot_copy(upload.to, error) from error


def _messages(frame: bytes) -> Iterator[tuple[int, int]]:
    """The messages of one frame: a kind, and the number of a file or of files."""
    for begin in range(0, len(frame) - 4, 5):
        kind, number = struct.unpack_from(">Bi", frame, begin)
        if kind in (_OK, _SKIP, _COMPLETED):
            yield kind, number
