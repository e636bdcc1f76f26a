"""One ssh program: what goes in, what comes out, what it asks, and how long it may be silent.

Memory is bounded: pipes are read in pieces, and a piece that nobody has taken yet holds up the pipe.
"""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from dkai.compute.host.openssh_prompts import Question
from dkai.compute.host.shell import CHUNK, Feed

_WAITING = 16  # pieces
_LOOK_S = 0.5


class Silence(Exception):
    """Nothing came and nothing went for too long."""


class Process:
    """One run of ssh. `answer` is called, in the caller's own thread, with what it asks."""

    def __init__(self, argv: Sequence[str], env: Mapping[str, str], answer: Callable[[Question], None]) -> None:
        self._argv, self._env, self._answer = argv, env, answer
        self._events: queue.Queue[tuple[Callable[[Any], object], Any]] = queue.Queue(_WAITING)
        self._over = threading.Event()
        self._open = 1  # what is still to end: the program, and the streams that are read
        self._ours: list[BaseException] = []
        self._moved = time.monotonic()

    def heard(self, question: Question) -> None:
        """A question came, in whatever thread."""
        self._put(self._answer, question)

    def run(
        self,
        feed: Feed | None,
        out: Callable[[bytes], object] | None,
        err: Callable[[bytes], object] | Path,
        patience: float,
    ) -> int:
        """Run it to its end; returns its exit code. Raises Silence, and whatever `feed`, `out` and the answers raise.

        Where `err` is a file, the program's end is the end: one that goes on in the background is not waited for.
        However it ends, the program in the foreground is gone afterwards.
        """
        with contextlib.ExitStack() as files:
            to_file = files.enter_context(err.open("ab")) if isinstance(err, Path) else None
            program = subprocess.Popen(
                self._argv, env=dict(self._env), bufsize=0,
                stdin=subprocess.DEVNULL if feed is None else subprocess.PIPE,
                stdout=subprocess.DEVNULL if out is None else subprocess.PIPE,
                stderr=subprocess.PIPE if to_file is None else to_file,
                # Ctrl-C is dkai's alone, which then ends ssh; and without a terminal ssh asks through our program only.
                start_new_session=os.name != "nt",
                creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
                umask=0o077 if os.name != "nt" else -1,
            )  # fmt: skip
        try:
            for stream, take in ((program.stdout, out), (program.stderr, err)):
                if stream is not None:
                    self._open += 1
                    self._start(self._read, stream, take)
            self._start(self._wait, program)
            if program.stdin is not None and feed is not None:
                self._start(self._write, program.stdin, feed)
            self._take_all(patience)
        finally:
            self._over.set()
            _end(program)
        if self._ours:
            raise self._ours[0]
        return program.returncode

    def _take_all(self, patience: float) -> None:
        self._moved = time.monotonic()
        while self._open and not self._ours:
            try:
                take, what = self._events.get(timeout=_LOOK_S)
            except queue.Empty:
                if time.monotonic() - self._moved > patience:
                    raise Silence from None
                continue
            take(what)
            self._moved = time.monotonic()

    def _read(self, stream: IO[bytes], take: Callable[[bytes], object]) -> None:
        with stream, contextlib.suppress(OSError):
            while (data := os.read(stream.fileno(), CHUNK)) and self._put(take, data):
                pass
        self._put(self._ended, None)

    def _wait(self, program: subprocess.Popen[bytes]) -> None:
        program.wait()
        self._put(self._ended, None)

    def _ended(self, _: object) -> None:
        self._open -= 1

    def _write(self, stream: IO[bytes], feed: Feed) -> None:
        def write(data: bytes) -> None:
            view = memoryview(data)
            while view:
                view = view[os.write(stream.fileno(), view[:CHUNK]) :]
                self._moved = time.monotonic()

        try:
            with stream:
                feed(write)
        except OSError:
            pass  # the other side stopped reading: its exit code says why
        except BaseException as error:  # carried to the caller's thread
            self._ours.append(error)

    def _put(self, take: Callable[[Any], object], what: Any) -> bool:
        """Hand over to the caller's thread; False when it does not listen any more."""
        while not self._over.is_set():
            with contextlib.suppress(queue.Full):
                self._events.put((take, what), timeout=_LOOK_S)
                return True
        return False

    @staticmethod
    def _start(work: Callable[..., None], *args: Any) -> None:
        threading.Thread(target=work, args=args, daemon=True).start()


def _end(program: subprocess.Popen[bytes]) -> None:
    """End it, gently first: it then tells the other side.

    With all that it started: an ssh to a jump host whose question merely broke off would send an empty password.
    """
    for sign in (signal.SIGTERM, getattr(signal, "SIGKILL", signal.SIGTERM)):
        if program.poll() is not None:
            return
        with contextlib.suppress(OSError):
            if os.name == "nt":
                program.terminate()
            else:
                os.killpg(program.pid, sign)
        with contextlib.suppress(subprocess.TimeoutExpired):
            program.wait(2)
