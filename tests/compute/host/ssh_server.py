"""An SSH server for what the lab's does not do: passwords, and questions one after the other. It runs nothing."""

from __future__ import annotations

import contextlib
import socket
import threading
from pathlib import Path
from typing import Any

import paramiko


class Door(paramiko.ServerInterface):
    """Lets alice in by the password `secret`, or by `rounds`: questions with their right answers, one at a time."""

    def __init__(self, server: SshServer) -> None:
        self._server = server
        self._left = list(server.rounds)

    def get_allowed_auths(self, username: str) -> str:
        return "keyboard-interactive" if self._server.rounds else "password"

    def check_auth_password(self, username: str, password: str) -> int:
        self._server.tries.append(password)
        return paramiko.AUTH_SUCCESSFUL if password == self._server.password else paramiko.AUTH_FAILED

    def check_auth_interactive(self, username: str, submethods: str) -> Any:
        self._left = list(self._server.rounds)
        return self._next()

    def check_auth_interactive_response(self, responses: list[str]) -> Any:
        self._server.tries.extend(responses)
        _, right = self._left.pop(0)
        if responses != [right]:
            return paramiko.AUTH_FAILED
        return self._next() if self._left else paramiko.AUTH_SUCCESSFUL

    def _next(self) -> paramiko.InteractiveQuery:
        return paramiko.InteractiveQuery("", "", (self._left[0][0], False))


class SshServer:
    """Listens on `port` until closed; `tries` are all answers that it was ever given."""

    def __init__(self, password: str = "secret", rounds: tuple[tuple[str, str], ...] = ()) -> None:
        self.password, self.rounds = password, rounds
        self.tries: list[str] = []
        self.key = paramiko.ECDSAKey.generate()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._open: list[paramiko.Transport] = []
        threading.Thread(target=self._serve, daemon=True).start()

    def known_hosts(self, path: Path) -> Path:
        path.write_text(f"[127.0.0.1]:{self.port} {self.key.get_name()} {self.key.get_base64()}\n")
        return path

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for transport in self._open:
            transport.close()

    def _serve(self) -> None:
        while True:
            try:
                link, _ = self._listener.accept()
            except OSError:
                return
            transport = paramiko.Transport(link)
            transport.add_server_key(self.key)
            self._open.append(transport)
            with contextlib.suppress(paramiko.SSHException, EOFError):
                transport.start_server(server=Door(self))
