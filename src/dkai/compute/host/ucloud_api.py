"""UCloud's interface of requests, one at a time: log in, ask, download. Never run against the real UCloud.

Written from its public source (https://github.com/SDU-eScience/UCloud, commit 63551f4 of 2026-08-21): refresh token →
access token (`AuthRefresh`), calls below `/api` with a JSON body or a query, errors as `{"why": …}` (`HttpError`),
lists in pages with `next` (`PageV2`), a download as a link of its own (`FilesCreateDownload`).

What is answered is bounded in size and time. The token leaves this module only in the header of a request to the place
itself, over TLS; plain HTTP is spoken with this very computer only.
"""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from dkai.compute.host.questions import Answer, Question
from dkai.compute.host.web_errors import reason
from dkai.core.clean import one_line
from dkai.core.errors import RemoteError, UserError
from dkai.core.i18n import t

if TYPE_CHECKING:
    import httpx

ADDRESS = "cloud.sdu.dk"
CONNECT_S, ANSWER_S, WHOLE_S = 15.0, 60.0, 180.0
MOST_BYTES = 64 << 20  # of one answer
MOST_PAGES = 1000
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


def base_url(address: str | None) -> str:
    """`https://cloud.sdu.dk`; without TLS only on this computer itself."""
    host = address or ADDRESS
    name = urlsplit(f"//{host}").hostname or ""
    return f"{'http' if name in _LOOPBACK else 'https'}://{host}"


class UCloudApi:
    """One person at one UCloud, in one project or their own workspace (`project` None)."""

    def __init__(self, address: str | None, project: str | None, token: Callable[[], str]) -> None:
        """`token` is called when the first request needs it."""
        self.base = base_url(address)
        self._project, self._ask_token = project, token
        self._token: str | None = None
        self._access: str | None = None
        self._client: httpx.Client | None = None

    @property
    def host(self) -> str:
        """The place's name."""
        return urlsplit(self.base).netloc

    def close(self) -> None:
        """Let go of the connection."""
        client, self._client = self._client, None
        if client is not None:
            client.close()

    # --- asking

    def ask(self, question: Question) -> Answer:
        """The answer, of a list all pages together. Raises RemoteError or UserError (no token, or it is refused)."""
        if question.read is not None:
            return self._read(question)
        items: list[Any] = []
        query = dict(question.query)
        for page in range(1, min(question.pages, MOST_PAGES) + 1):
            body = question.body
            if page > 1 and isinstance(body, dict):
                body = {**body, "next": query["next"]}
            one = self._call(question, query, body)
            if question.pages == 1 or not one.ok or not isinstance(one.body, dict):
                return one
            items += one.items
            following = one.body.get("next")
            if not isinstance(following, str) or not following or query.get("next") == following:
                break
            query["next"] = following
        return Answer(question.key, 200, {"items": items})

    def _call(self, question: Question, query: Mapping[str, str], body: Any) -> Answer:
        status, data = self._request(question.method, question.path, query, body)
        if status == 401:
            # It was not looked at: the access token had run out, as it does after some minutes.
            self._access = None
            status, data = self._request(question.method, question.path, query, body)
        if status == 401:
            raise self._refused()
        found = _parsed(data)
        why = found.get("why") if isinstance(found, dict) else None
        return Answer(question.key, status, found, one_line(why) if isinstance(why, str) else "")

    def _request(self, method: str, path: str, query: Mapping[str, str], body: Any) -> tuple[int, bytes]:
        headers = {"Authorization": f"Bearer {self._access_token()}"}
        if self._project:
            headers["Project"] = self._project
        return self._send(method, f"{self.base}{path}", headers=headers, params=query or None, json=body)

    def _access_token(self) -> str:
        if self._access is None:
            self._token = self._token or self._ask_token()
            headers = {"Authorization": f"Bearer {self._token}"}
            status, data = self._send("POST", f"{self.base}/auth/refresh", headers=headers)
            found = _parsed(data)
            access = found.get("accessToken") if isinstance(found, dict) else None
            if status in (401, 403):
                raise self._refused()
            if status >= 400 or not isinstance(access, str) or not access.isascii() or not access.isprintable():
                raise RemoteError(
                    t("{host} did not let you in (status {status})", host=self.host, status=status),
                    code="ucloud-login-failed",
                    hint=t("nothing was started; try again in a while"),
                    details={"ran": False},
                )
            self._access = access
        return self._access

    def _refused(self) -> UserError:
        return UserError(
            t("{host} does not accept the token any more", host=self.host),
            code="ucloud-token-refused",
            hint=t("log in there in the browser, and copy the new value of the cookie refreshToken"),
        )

    def _send(self, method: str, url: str, **more: Any) -> tuple[int, bytes]:
        with self._stream(method, url, **more) as response:
            size, pieces, until = 0, [], time.monotonic() + WHOLE_S
            for piece in response.iter_bytes():
                size += len(piece)
                pieces.append(piece)
                if size > MOST_BYTES or time.monotonic() > until:
                    raise RemoteError(
                        t("{host} answered with more than can be", host=self.host),
                        code="connection-lost",
                        hint=t("try again in a while"),
                    )
            return response.status_code, b"".join(pieces)

    @contextlib.contextmanager
    def _stream(self, method: str, url: str, **more: Any) -> Iterator[httpx.Response]:
        import httpx

        if self._client is None:
            # A proxy of the environment is not asked the way to this computer itself.
            outside = urlsplit(self.base).scheme == "https"
            limits = httpx.Timeout(ANSWER_S, connect=CONNECT_S)
            self._client = httpx.Client(timeout=limits, trust_env=outside, follow_redirects=False)
        try:
            with self._client.stream(method, url, **more) as response:
                yield response
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError) as error:
            raise RemoteError(
                t("cannot reach {host}: {why}", host=urlsplit(url).netloc, why=reason(error)),
                code="connection-failed",
                hint=t("check your own connection to the internet, and whether the place is up"),
                details={"ran": False},
            ) from error
        except httpx.HTTPError as error:
            raise RemoteError(
                t("the connection to {host} was lost: {why}", host=urlsplit(url).netloc, why=reason(error)),
                code="connection-lost",
                hint=t("try again in a while"),
            ) from error  # fmt: skip

    # --- files

    def link(self, endpoint: Any) -> str:
        """An address that the place gave, checked: no plain connection to elsewhere. Raises RemoteError."""
        url = urljoin(self.base, endpoint) if isinstance(endpoint, str) else ""
        where = urlsplit(url)
        if where.scheme in ("https", "wss") or (where.scheme in ("http", "ws") and where.hostname in _LOOPBACK):
            return url
        raise RemoteError(
            t("{host} gave an address that is not safe: {url}", host=self.host, url=one_line(url, 100)),
            code="unsafe-address",
            hint=t("nothing was sent there"),
        )

    def downloads(self, paths: list[str]) -> list[str]:
        """The link to each of these files. Raises RemoteError."""
        items = [{"id": path} for path in paths]
        question = Question("download", "POST", "/api/files/download", body={"items": items})
        answer = self.ask(question)
        responses = answer.body.get("responses") if isinstance(answer.body, dict) else None
        if not answer.ok or not isinstance(responses, list) or len(responses) != len(paths):
            raise refused_files(answer, self.host)
        return [self.link(one.get("endpoint") if isinstance(one, dict) else None) for one in responses]

    @contextlib.contextmanager
    def open(self, url: str) -> Iterator[tuple[int | None, Iterator[bytes]]]:
        """A download: its size, where it is told, and its pieces. The link itself permits it: no token goes along."""
        with self._stream("GET", url) as response:
            if response.status_code != 200:
                raise RemoteError(
                    t("{host} did not give the file (status {status})", host=self.host, status=response.status_code),
                    code="connection-lost",
                    hint=t("try again in a while"),
                )
            size = response.headers.get("content-length", "")
            yield (int(size) if size.isdecimal() and len(size) < 19 else None), response.iter_bytes()

    def _read(self, question: Question) -> Answer:
        path = question.read or ""
        try:
            with self.open(self.downloads([path])[0]) as (_, pieces):
                data = b""
                for piece in pieces:
                    data += piece
                    if len(data) > question.limit:
                        break
        except RemoteError as error:
            # That a job has written no record (yet) is no fault of the connection.
            return Answer(question.key, 0, None, error.message)
        return Answer(question.key, 200, data[: question.limit].decode("utf-8", "replace"))


def refused_files(answer: Answer, host: str) -> RemoteError:
    """The error for files that the place does not give."""
    if "disabled" in answer.why.lower():
        return RemoteError(
            t("{host} gives out no files of this project: {why}", host=host, why=answer.why),
            code="downloads-disabled",
            hint=t(
                "so it is in projects for sensitive data: results leave it by the way that your institution laid down"
            ),
        )
    return RemoteError(
        t("{host} did not give the files (status {status}): {why}", host=host, status=answer.status,
          why=answer.why or t("no reason was given")),
        code="no-such-remote-file" if answer.status in (400, 404) else "connection-lost",
        hint=t("look at the folder in the browser"),
    )  # fmt: skip


def _parsed(data: bytes) -> Any:
    try:
        return json.loads(data or b"null")
    except (ValueError, RecursionError):
        return None
