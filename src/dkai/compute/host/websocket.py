"""A WebSocket, as far as an upload needs one: the client's side of RFC 6455 for whole binary messages.

No extension, no subprotocol. What the other side sends is bounded; a text message (a keep-alive) is passed over.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import os
import socket
import ssl
import struct
from collections.abc import Iterator
from urllib.parse import urlsplit

from dkai.core.errors import RemoteError
from dkai.core.i18n import t

_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455, 1.3
_MOST_HEAD, _MOST_MESSAGE = 65_536, 1 << 20
_BINARY, _CLOSE, _PING, _PONG = 2, 8, 9, 10


class WebSocket:
    """One connection; use it in a `with` statement. Raises RemoteError."""

    def __init__(self, url: str, *, timeout: float = 30.0, context: ssl.SSLContext | None = None) -> None:
        """`timeout` in seconds: for each piece, not for the whole."""
        where = urlsplit(url)
        self._host, secure = where.hostname or "", where.scheme == "wss"
        path = (where.path or "/") + (f"?{where.query}" if where.query else "")
        self._buffer = b""
        with self._errors():
            plain = socket.create_connection((self._host, where.port or (443 if secure else 80)), timeout)
            self._socket: socket.socket = plain
            if secure:
                trust = context or ssl.create_default_context()
                self._socket = trust.wrap_socket(plain, server_hostname=self._host)
        try:
            self._upgrade(where.netloc.rpartition("@")[2], path, secure=secure)
        except BaseException:
            self._socket.close()
            raise

    def __enter__(self) -> WebSocket:
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError, RemoteError):
            self._frame(_CLOSE, struct.pack(">H", 1000))
        self._socket.close()

    def send(self, data: bytes) -> None:
        """One binary message."""
        self._frame(_BINARY, data)

    def receive(self) -> bytes:
        """The next binary message. Raises RemoteError when the other side closes."""
        message = b""
        while True:
            final, kind, data = self._read_frame()
            if kind == _PING:
                self._frame(_PONG, data)
            elif kind == _CLOSE:
                raise _lost(self._host, t("it closed the connection"))
            elif kind in (0, _BINARY):
                message += data
                if len(message) > _MOST_MESSAGE:
                    raise _lost(self._host, t("it answered with more than can be"))
                if final:
                    return message

    # --- the protocol

    def _upgrade(self, host: str, path: str, *, secure: bool) -> None:
        key = base64.b64encode(os.urandom(16)).decode()
        origin = f"{'https' if secure else 'http'}://{host}"
        head = (
            f"GET {path} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nOrigin: {origin}\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n"
        )
        with self._errors():
            self._socket.sendall(head.encode("ascii", "replace"))
        while b"\r\n\r\n" not in self._buffer:
            if len(self._buffer) > _MOST_HEAD:
                raise _lost(self._host, t("it answered with more than can be"))
            self._buffer += self._more()
        answer, self._buffer = self._buffer.split(b"\r\n\r\n", 1)
        lines = answer.decode("latin-1").split("\r\n")
        fields = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
        expected = base64.b64encode(hashlib.sha1((key + _GUID).encode(), usedforsecurity=False).digest()).decode()
        if " 101 " not in f"{lines[0]} " or fields.get("sec-websocket-accept") != expected:
            raise _lost(self._host, t("it does not take uploads in this way"))

    def _frame(self, kind: int, data: bytes) -> None:
        size = len(data)
        if size < 126:
            head = struct.pack(">BB", 0x80 | kind, 0x80 | size)
        elif size < 65_536:
            head = struct.pack(">BBH", 0x80 | kind, 0x80 | 126, size)
        else:
            head = struct.pack(">BBQ", 0x80 | kind, 0x80 | 127, size)
        mask = os.urandom(4)
        with self._errors():
            self._socket.sendall(head + mask + masked(data, mask))

    def _read_frame(self) -> tuple[bool, int, bytes]:
        first, second = self._take(2)
        size = second & 0x7F
        if size == 126:
            (size,) = struct.unpack(">H", self._take(2))
        elif size == 127:
            (size,) = struct.unpack(">Q", self._take(8))
        if size > _MOST_MESSAGE or second & 0x80:
            raise _lost(self._host, t("it answered with more than can be"))
        return bool(first & 0x80), first & 0x0F, self._take(size)

    def _take(self, count: int) -> bytes:
        while len(self._buffer) < count:
            self._buffer += self._more()
        found, self._buffer = self._buffer[:count], self._buffer[count:]
        return found

    def _more(self) -> bytes:
        with self._errors():
            data = self._socket.recv(65_536)
        if not data:
            raise _lost(self._host, t("it closed the connection"))
        return data

    def _errors(self) -> contextlib.AbstractContextManager[None]:
        return _converted(self._host)


def masked(data: bytes, mask: bytes) -> bytes:
    """`data` with the four bytes of `mask` over and over (RFC 6455, 5.3)."""
    size = len(data)
    key = (mask * (size // 4 + 1))[:size]
    return (int.from_bytes(data, "big") ^ int.from_bytes(key, "big")).to_bytes(size, "big")


@contextlib.contextmanager
def _converted(host: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:  # a timeout and a certificate's fault are some
        raise _lost(host, error.strerror or str(error) or type(error).__name__) from error


def _lost(host: str, why: str) -> RemoteError:
    return RemoteError(
        t("the connection to {host} was lost: {why}", host=host, why=why),
        code="connection-lost",
        hint=t("try again; what came through already is not sent again"),
    )
