"""One price file over the network: asked for only if it changed, never more or longer than it should take."""

from __future__ import annotations

import time
from dataclasses import dataclass
from urllib.parse import urlsplit

from dkai.compute.host.web_errors import reason
from dkai.compute.prices.clouds import BASE_URL, Cloud
from dkai.core.clean import one_line
from dkai.core.errors import RemoteError, UserError
from dkai.core.i18n import t
from dkai.core.units import show_bytes, show_duration

MOST_BYTES = 64_000_000  # the largest file known, Amazon's, is below 10 MB
LONGEST_S = 120.0


@dataclass(frozen=True, slots=True)
class Fetched:
    """A file's text and its ETag. `text` is None where the server says that it has not changed."""

    url: str
    text: str | None
    etag: str | None


def check_address(base: str) -> None:
    """Raises UserError where files cannot lie below `base`."""
    try:
        where = urlsplit(base)
        good = where.scheme in ("http", "https") and bool(where.hostname)
    except ValueError:
        good = False
    if not good:
        raise UserError(
            t("“{url}” is no address of a web server", url=one_line(base, 200)),
            code="bad-address",
            hint=t("such as {url}", url=BASE_URL),
        )


def fetch(
    cloud: Cloud, base: str, etag: str | None, *, most_bytes: int = MOST_BYTES, longest_s: float = LONGEST_S,
    silent_s: float = 20.0,
) -> Fetched:  # fmt: skip
    """The cloud's file below `base`. Raises RemoteError."""
    import httpx

    url = f"{base.rstrip('/')}/{cloud.id}/vms.csv"
    headers = {"User-Agent": "dkai", "Accept": "text/csv, text/plain"} | ({"If-None-Match": etag} if etag else {})
    ends = time.monotonic() + longest_s
    try:
        with (
            httpx.Client(timeout=httpx.Timeout(silent_s, connect=10.0)) as client,
            client.stream("GET", url, headers=headers) as answer,
        ):
            if answer.status_code == 304 and etag:
                return Fetched(url, None, etag)
            _must_be_a_file(answer.status_code, answer.headers.get("content-type", ""), url)
            data = bytearray()
            for piece in answer.iter_bytes():
                data += piece
                if len(data) > most_bytes:
                    raise _failed(url, t("it is larger than {size}", size=show_bytes(most_bytes)))
                if time.monotonic() > ends:
                    raise _failed(url, t("it took longer than {time}", time=show_duration(longest_s)))
            return Fetched(url, _text(bytes(data), url), answer.headers.get("etag"))
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise _failed(url, reason(error)) from error


def _must_be_a_file(status: int, kind: str, url: str) -> None:
    if status == 404:
        raise _failed(url, t("there is no such file (404)"))
    if status != 200:
        raise _failed(url, t("the server answered with status {n}", n=status))
    if "html" in kind:
        raise _failed(url, t("a web page came instead of a price file"))


def _text(data: bytes, url: str) -> str:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _failed(url, t("it is not text in UTF-8")) from error
    if not text:
        raise _failed(url, t("it is empty"))
    if text.lstrip().startswith("<"):
        raise _failed(url, t("a web page came instead of a price file"))
    if not text.endswith("\n"):
        raise _failed(url, t("it is cut off in the middle of a line"))
    return text


def _failed(url: str, why: str) -> RemoteError:
    return RemoteError(
        t("{url}: {why}", url=one_line(url, 200), why=why),
        code="prices-not-fetched",
        hint=t("the prices that you have are kept; try again later"),
    )
