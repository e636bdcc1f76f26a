"""A TCP proxy that adds delay, and resets a connection after so many bytes."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import time
from collections.abc import Callable

from .gate import RESET


class Budget:
    """How many bytes a connection may carry, one way or both ways together; 0 is no limit."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.used = 0

    def spent(self, count: int) -> bool:
        self.used += count
        return bool(self.limit) and self.used > self.limit


async def _pipe(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    delay: float,
    budget: Budget,
    cut: Callable[[], None],
) -> None:
    """Pass bytes on after a delay, in order, without slowing the throughput."""
    queue: asyncio.Queue[tuple[float, bytes | None]] = asyncio.Queue()

    async def send() -> None:
        while True:
            due, data = await queue.get()
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            if data is None:
                if writer.can_write_eof():
                    writer.write_eof()
                return
            writer.write(data)
            await writer.drain()

    sender = asyncio.create_task(send())
    try:
        while data := await reader.read(65536):
            if budget.spent(len(data)):
                cut()
                return
            queue.put_nowait((time.monotonic() + delay, data))
        queue.put_nowait((time.monotonic() + delay, None))
        await sender
    except OSError:
        cut()
    finally:
        sender.cancel()


async def serve(listen: int, target: str, latency_ms: float, budgets: Callable[[], tuple[Budget, Budget]]) -> None:
    """Stand between `listen` and `target`; `budgets` gives what each new connection may carry there and back."""
    host, port = target.rsplit(":", 1)
    delay = latency_ms / 2000

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far_reader, far_writer = await asyncio.open_connection(host, int(port))
        except OSError:
            writer.transport.abort()
            return
        ends = (writer, far_writer)

        def cut() -> None:
            for end in ends:
                sock = end.get_extra_info("socket")
                if sock is not None and sock.fileno() >= 0:
                    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
                end.transport.abort()

        for end in ends:
            end.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        there, back = budgets()
        await asyncio.gather(
            _pipe(reader, far_writer, delay, there, cut),
            _pipe(far_reader, writer, delay, back, cut),
            return_exceptions=True,
        )
        for end in ends:
            end.close()

    server = await asyncio.start_server(connected, "127.0.0.1", listen)
    async with server:
        await server.serve_forever()


def serve_proxy(listen: int, target: str, latency_ms: float, cut_after: int) -> None:
    """Stand between `listen` and `target` until interrupted: MS more a round trip, a reset after N bytes."""

    def together() -> tuple[Budget, Budget]:
        both = Budget(cut_after)
        return both, both

    limit = cut_after or "no"
    print(f"127.0.0.1:{listen} -> {target}, +{latency_ms} ms round trip, cut after {limit} bytes", flush=True)
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve(listen, target, latency_ms, together))
