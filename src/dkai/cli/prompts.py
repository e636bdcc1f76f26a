"""The only reader of what a person types."""

from __future__ import annotations

import os
import sys

from dkai.cli.output import is_quiet
from dkai.core.errors import Interrupted, UserError
from dkai.core.i18n import t


def interactive() -> bool:
    """Whether there is somebody at a terminal to ask; never when the output is for a program."""
    return sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty() and not is_quiet()


def plain_prompts() -> bool:
    """Whether prompts keep to lines and numbers: a dumb terminal, a screen reader (`DKAI_PLAIN=1`)."""
    return os.environ.get("TERM", "") in ("", "dumb") or os.environ.get("DKAI_PLAIN", "") not in ("", "0")


def needs_answer(question: str, option: str) -> UserError:
    """The error when there is nobody to ask; it names the option that answers."""
    return UserError(
        t("there is no terminal to ask on: {question}", question=question),
        code="needs-answer",
        hint=t("answer on the command line with {option}", option=option),
    )


def ask_line(question: str, *, option: str, secret: bool = False) -> str:
    """What the person types, without the line end. Raises UserError without a terminal, Interrupted on Ctrl-C/D."""
    if not interactive():
        raise needs_answer(question, option)
    try:
        if secret:
            import getpass

            return getpass.getpass(f"{question} ", stream=sys.stderr)
        sys.stderr.write(f"{question} ")
        sys.stderr.flush()
        line = sys.stdin.readline()
    except (KeyboardInterrupt, EOFError):
        sys.stderr.write("\n")
        raise left_prompt() from None
    if not line:
        sys.stderr.write("\n")
        raise left_prompt()
    return line.rstrip("\r\n")


def left_prompt() -> Interrupted:
    """What Ctrl-C and Ctrl-D mean at a prompt."""
    return Interrupted(t("stopped at the question; nothing was done"), code="interrupted")


def confirm(question: str, *, option: str = "--yes", extra: dict[str, str] | None = None) -> str | bool:
    """True for yes, False for no (also the empty answer); one of `extra`'s keys when that letter is typed.

    `extra` maps a letter to what it does, as in `{"s": "show the script"}`.
    """
    letters = "/".join([t("y/N"), *(f"{key} = {does}" for key, does in (extra or {}).items())])
    while True:
        answer = ask_line(f"{question} [{letters}]", option=option).strip().lower()
        if answer in ("", "n", "no", "nej"):
            return False
        if answer in ("y", "yes", "j", "ja"):
            return True
        if extra and answer in extra:
            return answer
        sys.stderr.write(t("please answer with one of the letters in the brackets") + "\n")
