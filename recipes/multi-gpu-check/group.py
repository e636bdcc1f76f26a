"""The processes as a group over TCP, with the standard library alone: meeting, gathering, a ring between neighbours.

Each connection begins with a proof from both sides that they know the job's token (HMAC over a number the other chose),
so that nobody else on the node or network gets in. The first process listens; it tells each where its neighbour is.
What is sent is not encrypted: it is made-up numbers.
"""

import hashlib
import hmac
import json
import os
import socket
import struct
import threading
import time
from array import array
from collections.abc import Callable
from typing import Any

from place import Place
from words import CannotGoOn, Words

PATIENCE_S = 60.0  # for all to meet: on a busy file system Python itself may take that long to start
SILENCE_S = 120.0  # a neighbour that says nothing for so long has died
HELLO_S = 5.0  # a stranger that says nothing does not keep the others waiting longer


def send(sock: socket.socket, data: bytes) -> None:
    """One message: its length, then it."""
    sock.sendall(struct.pack("!Q", len(data)) + data)


def receive(sock: socket.socket, most: int = 1 << 30) -> bytes:
    """One message. Raises ConnectionError when the other side is gone, or says it sends more than `most` bytes."""
    (size,) = struct.unpack("!Q", _exactly(sock, 8))
    if size > most:
        raise ConnectionError(f"{size} bytes")
    return _exactly(sock, size)


def _exactly(sock: socket.socket, size: int) -> bytes:
    parts = bytearray()
    while len(parts) < size:
        piece = sock.recv(min(1 << 20, size - len(parts)))
        if not piece:
            raise ConnectionError("closed")
        parts += piece
    return bytes(parts)


def prove(sock: socket.socket, token: str, *, opens: bool) -> None:
    """Both sides show that they know the token. Raises ConnectionError when the other does not."""
    mine = os.urandom(16)
    send(sock, mine)
    theirs = receive(sock, 64)
    sides = (b"opens", b"waits") if opens else (b"waits", b"opens")
    send(sock, hmac.new(token.encode(), sides[0] + theirs, hashlib.sha256).digest())
    expected = hmac.new(token.encode(), sides[1] + mine, hashlib.sha256).digest()
    if not hmac.compare_digest(receive(sock, 64), expected):
        raise ConnectionError("token")


class Group:
    """All processes of the job, connected: the first with each, and each with its neighbours in a ring."""

    def __init__(self, place: Place, words: Words) -> None:
        self.place, self.words = place, words
        self.strangers = 0
        # Nobody beyond this computer is heard, or needs to be, where all processes are on it.
        self.near = not place.spans_nodes or place.address.startswith("127.")
        self.address = "127.0.0.1" if self.near else place.address
        self._members: dict[int, socket.socket] = {}  # of the first process: the others
        self._first: socket.socket | None = None
        self._next: socket.socket | None = None
        self._previous: socket.socket | None = None
        if place.world > 1:
            try:
                self._meet()
            except (OSError, ValueError) as error:
                raise CannotGoOn(words("stop-meet", rank=place.rank, address=self.address, port=place.port,
                                       why=error)) from error  # fmt: skip

    def _meet(self) -> None:
        place, until = self.place, time.monotonic() + PATIENCE_S
        mine = self._listen(0)
        if place.rank == 0:
            hub = self._listen(place.port)
            table = {0: (self.address, mine.getsockname()[1])}
            while len(self._members) < place.world - 1:
                sock, told = self._admit(hub, until, lambda told: 0 < told["rank"] < place.world)
                if told["rank"] in self._members:
                    raise ConnectionError(f"rank {told['rank']}")
                self._members[told["rank"]] = sock
                table[told["rank"]] = (sock.getpeername()[0], told["port"])
            hub.close()
            for sock in self._members.values():
                send(sock, json.dumps(table).encode())
        else:
            self._first = self._reach(self.address, place.port, until, {"port": mine.getsockname()[1]})
            table = {int(k): tuple(v) for k, v in json.loads(receive(self._first, 1 << 24)).items()}
        host, port = table[(place.rank + 1) % place.world]
        before = (place.rank - 1) % place.world
        # Everyone listens already, so all may reach out first and then let their neighbour in.
        reached: list[Any] = []
        reaching = threading.Thread(target=lambda: reached.append(self._reach(host, port, until, {})), daemon=True)
        reaching.start()
        self._previous, _ = self._admit(mine, until, lambda told: told["rank"] == before)
        reaching.join(max(0.1, until - time.monotonic()))
        if not reached:
            raise ConnectionError(f"{host}:{port}")
        self._next = reached[0]
        mine.close()

    def _listen(self, port: int) -> socket.socket:
        sock = socket.socket()
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(("127.0.0.1" if self.near else "", port))
        sock.listen(self.place.world + 8)
        return sock

    def _admit(
        self, listening: socket.socket, until: float, fits: Callable[[dict[str, Any]], bool]
    ) -> tuple[socket.socket, dict[str, Any]]:
        """The next process that knows the token; whoever does not is sent away, and counted."""
        while True:
            listening.settimeout(max(0.1, until - time.monotonic()))
            sock, _ = listening.accept()
            sock.settimeout(HELLO_S)
            try:
                prove(sock, self.place.token, opens=False)
                told = json.loads(receive(sock, 4096))
                if not fits(told):
                    raise ConnectionError("rank")
            except (OSError, ValueError, KeyError, TypeError):
                self.strangers += 1
                sock.close()
                continue
            return self._ready(sock), told

    def _reach(self, host: str, port: int, until: float, more: dict[str, Any]) -> socket.socket:
        while True:
            try:
                sock = socket.create_connection((host, port), timeout=HELLO_S)
                prove(sock, self.place.token, opens=True)
                send(sock, json.dumps({"rank": self.place.rank, **more}).encode())
                return self._ready(sock)
            except OSError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.1)

    def _ready(self, sock: socket.socket) -> socket.socket:
        sock.settimeout(SILENCE_S)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return sock

    # --- among all

    def gather(self, value: Any) -> list[Any]:
        """What each process has to tell, by rank, at the first one; an empty list at the others."""
        if self.place.rank:
            send(self._need(self._first), json.dumps(value).encode())
            return []
        others = {rank: json.loads(receive(sock)) for rank, sock in self._members.items()}
        return [value, *(others[rank] for rank in sorted(others))]

    def share(self, value: Any) -> Any:
        """What the first process has to tell, at all of them."""
        if self.place.rank:
            return json.loads(receive(self._need(self._first)))
        for sock in self._members.values():
            send(sock, json.dumps(value).encode())
        return value

    def meet(self) -> None:
        """Wait until all have come here."""
        self.gather(0)
        self.share(0)

    def close(self) -> None:
        """Let go of all connections."""
        for sock in [*self._members.values(), self._first, self._next, self._previous]:
            if sock is not None:
                sock.close()

    # --- round the ring

    def pass_on(self, data: bytes) -> bytes:
        """Send to the next while the previous sends to this one: what came."""
        if self.place.world == 1:
            return data
        following, failed = self._need(self._next), []

        def sending() -> None:
            try:
                send(following, data)
            except OSError as error:
                failed.append(error)

        # A short message fits into the kernel's buffers, and needs no second thread.
        if len(data) <= 16_384:
            sending()
            came = receive(self._need(self._previous))
        else:
            thread = threading.Thread(target=sending)
            thread.start()
            came = receive(self._need(self._previous))
            thread.join()
        if failed:
            raise failed[0]
        return came

    def sum(self, values: "array[float]") -> "array[float]":
        """Each place of the array summed over all processes: a ring all-reduce, as NCCL does it.

        In the first half every process adds one piece after another to what came; then one holds each piece's sum,
        and in the second half the sums go round. Each sends 2 (n - 1) / n times the array.
        """
        n, rank = self.place.world, self.place.rank
        bounds = [len(values) * k // n for k in range(n + 1)]
        parts = [values[bounds[k] : bounds[k + 1]] for k in range(n)]
        for step in range(n - 1):
            came = array("d", self.pass_on(parts[(rank - step) % n].tobytes()))
            k = (rank - step - 1) % n
            parts[k] = array("d", map(float.__add__, parts[k], came))
        for step in range(n - 1):
            parts[(rank - step) % n] = array("d", self.pass_on(parts[(rank - step + 1) % n].tobytes()))
        whole = array("d")
        for part in parts:
            whole.extend(part)
        return whole

    def _need(self, sock: socket.socket | None) -> socket.socket:
        if sock is None:
            raise ConnectionError("not connected")
        return sock
