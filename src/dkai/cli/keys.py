"""Single key presses. Typer's `getchar` changes the terminal's mode for each key and drops what was typed in between;
here the mode is held for as long as a menu is open."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

CTRL_C, CTRL_D = "\x03", "\x04"


@contextmanager
def key_presses() -> Iterator[Callable[[], str]]:
    """Inside the block, a function that waits for the next key and gives its characters, unseen.

    An arrow key is one escape sequence. Ctrl-C raises KeyboardInterrupt.
    """
    if sys.platform == "win32":
        import msvcrt

        def press() -> str:
            key = msvcrt.getwch()
            if key in ("\x00", "\xe0"):  # the first half of an arrow or function key
                key += msvcrt.getwch()
            if key == CTRL_C:
                raise KeyboardInterrupt
            return key

        yield press
        return
    import termios
    import tty

    terminal = sys.stdin.fileno()
    before = termios.tcgetattr(terminal)
    tty.setcbreak(terminal, termios.TCSADRAIN)
    try:
        yield lambda: _next_key(terminal)
    finally:
        termios.tcsetattr(terminal, termios.TCSADRAIN, before)


def _next_key(terminal: int) -> str:
    """One key: a byte and what belongs to it, so that keys typed fast are not run together."""
    import select

    first = os.read(terminal, 1)
    if first == b"\x1b":
        while len(first) < 8 and select.select([terminal], [], [], 0.02)[0]:
            first += os.read(terminal, 1)
            if (len(first) > 2 and first[-1:].isalpha()) or first[-1:] == b"~":
                break
    elif first and first[0] >= 0xC0:
        first += os.read(terminal, (first[0] >= 0xE0) + (first[0] >= 0xF0) + 1)
    return first.decode("utf-8", "replace") if first else CTRL_D
