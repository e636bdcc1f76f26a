"""UCloud's interface at its edges: addresses, sizes, and a WebSocket that breaks."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable

import pytest

from dkai.compute.host import ucloud_api
from dkai.compute.host.questions import Question
from dkai.compute.host.ucloud_api import UCloudApi, base_url
from dkai.compute.host.websocket import WebSocket, masked
from dkai.core.errors import RemoteError


def test_without_tls_only_to_this_computer() -> None:
    assert base_url(None) == "https://cloud.sdu.dk" == base_url("cloud.sdu.dk")
    assert base_url("127.0.0.1:80") == "http://127.0.0.1:80"
    assert base_url("127.0.0.1.example.org") == "https://127.0.0.1.example.org"
    api = UCloudApi("cloud.sdu.dk", None, lambda: "x")
    assert api.link("/ucloud/download?token=a") == "https://cloud.sdu.dk/ucloud/download?token=a"
    assert api.link("wss://storage.example.org/up") == "wss://storage.example.org/up"
    for bad in ("http://storage.example.org/a", "ws://example.org", "file:///etc/passwd", None, 3):
        with pytest.raises(RemoteError) as caught:
            api.link(bad)
        assert caught.value.code == "unsafe-address"


def answering(reply: bytes) -> tuple[int, Callable[[], None]]:
    """A server that gives this answer to whoever comes, and closes; its port, and how to wait for its end."""
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with server:
            while True:
                try:
                    client, _ = server.accept()
                except OSError:
                    return
                with client:
                    client.recv(65536)
                    client.sendall(reply)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    return server.getsockname()[1], server.close


@pytest.mark.parametrize(
    "reply",
    [b"", b"HTTP/1.1 200 OK\r\n\r\n", b"HTTP/1.1 101 X\r\nSec-WebSocket-Accept: wrong\r\n\r\n", b"x" * 100_000],
)
def test_what_is_no_websocket_is_said(reply: bytes) -> None:
    port, done = answering(reply)
    with pytest.raises(RemoteError) as caught:
        WebSocket(f"ws://127.0.0.1:{port}/up?token=a", timeout=5)
    assert caught.value.code == "connection-lost"
    done()


def test_an_answer_without_end_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ucloud_api, "MOST_BYTES", 1000)
    port, done = answering(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + b"x" * 5000)
    with pytest.raises(RemoteError) as caught:
        UCloudApi(f"127.0.0.1:{port}", None, lambda: "t").ask(Question("a", path="/api/jobs/browse"))
    assert caught.value.code == "connection-lost"
    done()


@pytest.mark.parametrize("body", [b"", b"<html>", b"[" * 100_000, b'{"accessToken": 3}', b'{"accessToken": "a\\nb"}'])
def test_an_odd_log_in_begins_nothing(body: bytes) -> None:
    port, done = answering(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n" % len(body) + body)
    with pytest.raises(RemoteError) as caught:
        UCloudApi(f"127.0.0.1:{port}", None, lambda: "t").ask(Question("a", path="/api/jobs/browse"))
    assert caught.value.code == "ucloud-login-failed" and caught.value.details == {"ran": False}
    done()


def test_masking_is_its_own_reverse() -> None:
    for size in (0, 1, 5, 1000):
        data = bytes(range(256)) * 4
        assert masked(masked(data[:size], b"abcd"), b"abcd") == data[:size]
    assert masked(b"\x00\x00\x00\x00\x00", b"abcd") == b"abcda"
