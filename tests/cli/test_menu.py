"""The menu, at a real terminal: a pseudo-terminal with a program in it."""

from __future__ import annotations

import os
import select
import signal
import sys
import time

import pytest

from dkai.cli.menu import DOWN, END, HOME, UP, _move
from dkai.core.errors import UserError

pytest.importorskip("pty", reason="pseudo-terminals are POSIX")

PROGRAM = """
import sys
from dkai.cli.menu import choose
from dkai.core.errors import Interrupted
try:
    print("ANSWER", choose([f"valg {n}" for n in range(1, 13)], letters={"b": "back", "q": "stop"}, option="--set"))
except Interrupted as stop:
    print("LEFT", stop.exit_code)
"""


def at_a_terminal(keys: list[bytes], **env: str) -> str:
    import pty

    pid, terminal = pty.fork()
    if pid == 0:
        os.execve(sys.executable, [sys.executable, "-c", PROGRAM], {**os.environ, "TERM": "xterm", **env})
    seen = b""
    deadline = time.monotonic() + 20
    waiting = list(keys)
    while time.monotonic() < deadline:
        if not select.select([terminal], [], [], 1)[0]:
            continue
        try:
            data = os.read(terminal, 4096)
        except OSError:
            break
        if not data:
            break
        seen += data
        # Each key is typed once the menu has drawn itself again.
        if waiting and seen.rstrip().endswith((b"]", b"stop]", b"1")):
            os.write(terminal, waiting.pop(0))
    else:
        os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    os.close(terminal)
    return seen.decode("utf-8", "replace")


@pytest.mark.parametrize(
    ("keys", "answer"),
    [
        ([b"\r"], "ANSWER 0"),
        ([b"\x1b[B", b"\x1b[B", b"\r"], "ANSWER 2"),
        ([b"\x1b[A", b"\r"], "ANSWER 11"),
        ([b"7"], "ANSWER 6"),
        ([b"1", b"2"], "ANSWER 11"),
        ([b"1", b"\r"], "ANSWER 0"),
        ([b"b"], "ANSWER b"),
        ([b"\x03"], "LEFT 130"),
        ([b"\x04"], "LEFT 130"),
    ],
)
def test_arrow_keys_numbers_letters_and_leaving(keys: list[bytes], answer: str) -> None:
    assert answer in at_a_terminal(keys)


@pytest.mark.parametrize(
    ("keys", "answer"), [([b"3\n"], "ANSWER 2"), ([b"99\n", b"q\n"], "ANSWER q"), ([b"\x04"], "LEFT 130")]
)
def test_plain_prompts_take_lines(keys: list[bytes], answer: str) -> None:
    seen = at_a_terminal(keys, TERM="dumb")
    assert answer in seen
    assert "\x1b" not in seen


def test_digits_settle_when_they_can_mean_one_line_only() -> None:
    assert _move("1", 0, "", 12) == (0, "1", False)
    assert _move("2", 0, "1", 12) == (11, "12", True)
    assert _move("5", 0, "", 12) == (4, "5", True)
    assert _move("0", 3, "", 12) == (3, "", False)
    assert _move(UP, 0, "1", 12) == (11, "", False)
    assert _move(DOWN, 11, "", 12) == (0, "", False)
    assert _move(HOME, 5, "", 12)[0] == 0
    assert _move(END, 5, "", 12)[0] == 11


def test_nobody_to_ask() -> None:
    from dkai.cli.menu import choose

    with pytest.raises(UserError) as caught:
        choose(["a"], letters={}, option="--set KEY=VALUE")
    assert caught.value.code == "needs-answer"
    assert "--set KEY=VALUE" in (caught.value.hint or "")
