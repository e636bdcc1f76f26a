"""A real terminal for the real program: what a person sees, and what they type."""

from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from typing import Any


class Terminal:
    """dkai in a terminal of 80 columns. `see(text)` waits until it is on the screen; `type(keys)` answers."""

    def __init__(self, *words: str, env: Mapping[str, str] | None = None, cwd: Any = None) -> None:
        self.screen = ""
        self._main, side = pty.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "dkai", *words],
            stdin=side, stdout=side, stderr=side, cwd=cwd, start_new_session=True, close_fds=True,
            env={**os.environ, "COLUMNS": "80", "TERM": "xterm", **(env or {})},
            preexec_fn=_control_terminal,  # noqa: PLW1509 - one thread runs here
        )  # fmt: skip
        os.close(side)

    def see(self, text: str, timeout: float = 30) -> str:
        """Wait for `text`; returns all that was shown."""
        end = time.monotonic() + timeout
        while text not in self.screen:
            assert time.monotonic() < end, f"“{text}” never appeared in:\n{self.screen}"
            if not self._read(end - time.monotonic()):
                raise AssertionError(f"ended before “{text}” appeared:\n{self.screen}")
        return self.screen

    def type(self, keys: str) -> None:
        """Type as a person does: Ctrl-C is \\x03."""
        os.write(self._main, keys.encode())

    def wait(self, timeout: float = 30) -> int:
        """The exit code."""
        end = time.monotonic() + timeout
        while self._read(0.2) and time.monotonic() < end:
            pass
        return self.process.wait(max(0.1, end - time.monotonic()))

    def _read(self, timeout: float) -> bool:
        ready, _, _ = select.select([self._main], [], [], max(0.0, timeout))
        if not ready:
            return self.process.poll() is None
        try:
            data = os.read(self._main, 65536)
        except OSError:  # the other side is closed
            return False
        self.screen += data.decode("utf-8", "replace").replace("\r\n", "\n")
        return bool(data)

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
        os.close(self._main)


def _control_terminal() -> None:
    import fcntl
    import termios

    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
