"""The questions that ssh asks through our askpass program, brought into the running dkai."""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
import socket
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

from dkai.compute.host.answers import Kind, Prompt, code_prompt, passphrase_prompt, password_prompt
from dkai.compute.host.ssh_config import Endpoint
from dkai.core.clean import one_line
from dkai.core.i18n import t

_PROGRAM = Path(__file__).with_name("openssh_askpass.py")


class Want(Enum):
    """What a question is about."""

    ANSWER = "answer"
    HOST_KEY = "host key"
    NOTICE = "notice"  # ssh waits for a touch of the security key; the program is ended when it came


@dataclass(frozen=True, slots=True)
class Question:
    """What ssh asks. `reply` answers; without it ssh waits."""

    words: str
    hint: str
    reply: Callable[[str], None]

    @property
    def want(self) -> Want:
        """What it is about."""
        if self.hint == "none":
            return Want.NOTICE
        # Only ssh's own words begin so; what the other side asks comes after `(user@host) `.
        return Want.HOST_KEY if self.words.startswith("The authenticity of host") else Want.ANSWER


def in_our_words(words: str, endpoint: Endpoint, *, names_asker: bool) -> Prompt:
    """A question as dkai puts it to the person.

    A server's own question must not pass for one of this computer's: where ssh marks them (`names_asker`), the rest is
    ssh's own and has a lasting answer. Where it does not, the words are shown as they came.
    """
    if not names_asker:
        return code_prompt(endpoint, words)
    if found := re.fullmatch(r"\(\S+@[^)]*\) (.*)", words, re.DOTALL):
        return code_prompt(endpoint, found[1])
    if found := re.match(r"Enter passphrase for key '(.*)'", words):
        return passphrase_prompt(one_line(found[1]))
    if re.fullmatch(r"\S+@\S+'s password: ", words):
        return password_prompt(endpoint)
    return Prompt(one_line(words), Kind.PASSWORD)  # a security key's PIN, a smart card's: right until it is wrong


def notice(words: str) -> None:
    """Tell the person that the security key waits to be touched.

    Straight to the terminal: it is no question, and without it the command would just seem to stand still.
    """
    if sys.stderr is not None and sys.stderr.isatty():
        sys.stderr.write(t("touch your security key now: {why}", why=one_line(words)) + "\n")


class Prompts:
    """Listens for our askpass program, in `folder`, which only the person may read."""

    def __init__(self, folder: Path, heard: Callable[[Question], None]) -> None:
        self._heard = heard
        self._token = secrets.token_hex(16)
        place: str | int
        if hasattr(socket, "AF_UNIX"):
            self._listener = socket.socket(socket.AF_UNIX)
            place = str(folder / "ask")
            self._listener.bind(place)
            self._listener.listen(8)
        else:
            self._listener = socket.create_server(("127.0.0.1", 0))
            place = self._listener.getsockname()[1]
        self._place = json.dumps([place, self._token])
        self._open: list[socket.socket] = []
        self.program = _write_program(folder)
        threading.Thread(target=self._listen, daemon=True).start()

    def environment(self) -> dict[str, str]:
        """What ssh must be given to find us. Before OpenSSH 8.4 a DISPLAY is what makes it ask this way."""
        return {
            "SSH_ASKPASS": str(self.program), "SSH_ASKPASS_REQUIRE": "force", "DKAI_ASKPASS": self._place,
            "DISPLAY": os.environ.get("DISPLAY") or ":0",
        }  # fmt: skip

    def close(self) -> None:
        """Hear nothing more; who still waits for an answer goes."""
        for one in (self._listener, *self._open):
            # close() alone does not wake who waits in accept() or recv().
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            with contextlib.suppress(OSError):
                one.close()

    def _listen(self) -> None:
        while True:
            try:
                link, _ = self._listener.accept()
            except OSError:
                return
            self._open.append(link)
            threading.Thread(target=self._serve, args=(link,), daemon=True).start()

    def _serve(self, link: socket.socket) -> None:
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            with link.makefile("r", encoding="utf-8") as stream:
                said: dict[str, Any] = json.loads(stream.readline(100_000))
            if not secrets.compare_digest(str(said["token"]), self._token):
                link.close()
                return

            def reply(answer: str) -> None:
                with contextlib.suppress(OSError):
                    link.sendall(json.dumps(answer).encode() + b"\n")

            self._heard(Question(str(said["words"]), str(said["hint"]), reply))


def _write_program(folder: Path) -> Path:
    """SSH_ASKPASS is one file without arguments: a script that starts ours with this Python."""
    if os.name == "nt":
        path = folder / "askpass.cmd"
        path.write_text(f'@"{sys.executable}" -I "{_PROGRAM}" %*\r\n', encoding="utf-8")
        return path
    import shlex

    path = folder / "askpass"
    path.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -I {shlex.quote(str(_PROGRAM))} "$@"\n', "utf-8")
    path.chmod(0o700)
    return path
